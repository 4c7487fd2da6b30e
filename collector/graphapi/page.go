package graphapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// answered is an error object in an answer that calls itself a success.
type answered struct{ answerError }

func (e *answered) Error() string { return e.Code + ": " + e.Message }

// decodePage reads {"value": […], "@odata.nextLink": …} row by row, its members in
// any order.
func decodePage(body io.Reader, record Record, yield func(json.RawMessage) bool) (pageResult, error) {
	result := pageResult{count: -1}
	dec := json.NewDecoder(withoutBOM(body))
	if err := expect(dec, '{'); err != nil {
		return result, err
	}
	found := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return result, cut(err)
		}
		switch name {
		case "value":
			found = true
			if err := decodeRows(dec, record, &result, yield); err != nil || result.stopped {
				return result, err
			}
		case "@odata.nextLink":
			err = dec.Decode(&result.nextLink)
		case "@odata.deltaLink":
			err = dec.Decode(&result.deltaLink)
		case "@odata.count":
			_ = dec.Decode(&result.count) // for the display only
		case "error":
			failed := &answered{}
			if err = dec.Decode(&failed.answerError); err == nil {
				err = failed
			}
		default:
			var ignored json.RawMessage
			err = dec.Decode(&ignored)
		}
		if err != nil {
			return result, cut(err)
		}
	}
	if err := expect(dec, '}'); err != nil {
		return result, err
	}
	if !found {
		return result, errors.New("there is no value in it")
	}
	return result, nil
}

func decodeRows(dec *json.Decoder, record Record, result *pageResult, yield func(json.RawMessage) bool) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		var row json.RawMessage
		if err := dec.Decode(&row); err != nil {
			return cut(err)
		}
		if err := record.Row(row); err != nil {
			return err
		}
		if result.take(row, yield); result.stopped {
			return nil
		}
	}
	return expect(dec, ']')
}

func expect(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err != nil {
		return cut(err)
	}
	if token != want {
		return fmt.Errorf("%v stands where %v is expected", token, want)
	}
	return nil
}

// cut turns the end of the text, which is a success to a reader, into what it is
// inside of a value.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// withoutBOM skips a byte order mark.
func withoutBOM(r io.Reader) io.Reader {
	var head [3]byte
	n, err := io.ReadFull(r, head[:])
	start := bytes.TrimPrefix(head[:n], []byte(byteOrderMark))
	if err != nil { // shorter than a mark, or broken already: the decoder meets it again
		return io.MultiReader(bytes.NewReader(start), errorReader{err})
	}
	return io.MultiReader(bytes.NewReader(start), r)
}

type errorReader struct{ err error }

// Read returns the error that ended the text.
func (r errorReader) Read([]byte) (int, error) {
	if errors.Is(r.err, io.ErrUnexpectedEOF) {
		return 0, io.EOF
	}
	return 0, r.err
}

// Rows yields rows that are there already, as a listing.
func Rows(rows []json.RawMessage) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
