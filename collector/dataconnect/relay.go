package dataconnect

import (
	"bytes"
	"encoding/json"
	"errors"
)

// relay stores records beside the reading of them, in the order in which they come:
// decoding is what takes time.
type relay struct {
	in      intake
	records chan relayed
	failed  chan struct{}
	err     error // why storing has failed; to be read when it has ended
	ended   chan struct{}
}

type relayed struct {
	record   json.RawMessage
	position string
}

// errStoring ends the reading when storing has failed.
var errStoring = errors.New("records could not be stored")

func newRelay(in intake) *relay {
	r := &relay{in: in, records: make(chan relayed, 256), failed: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		for next := range r.records {
			if r.err = in.store(next.record, next.position); r.err != nil {
				close(r.failed)
				return
			}
		}
	}()
	return r
}

// record takes a record, which it does not keep.
func (r *relay) record(record json.RawMessage, position string) error {
	if !r.in.passes(record, position) {
		return nil
	}
	select {
	case r.records <- relayed{bytes.Clone(record), position}:
		return nil
	case <-r.failed:
		return errStoring
	}
}

// end waits until everything is stored.
func (r *relay) end() error {
	close(r.records)
	<-r.ended
	return r.err
}
