package graphapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Journal keeps answers, so that a run that was killed can be taken up again
// without asking for them once more. It is safe for concurrent use.
type Journal interface {
	// Recall hands the rows of an answer to row, in their order. It returns false when
	// the answer is not there.
	Recall(key string, row func(json.RawMessage) error) (Kept, bool, error)
	// Record begins to keep an answer.
	Record(key string) Record
	// Forget drops answers.
	Forget(keys ...string) error
}

// Record is an answer on its way into a Journal. What was not ended is not kept.
type Record interface {
	Row(json.RawMessage) error
	End(Kept) error
}

// Kept is what belongs to an answer besides its rows.
type Kept struct {
	Next     string `json:"next,omitzero"`  // address of the next page
	Delta    string `json:"delta,omitzero"` // address of the changes to come, on the last page of a delta query
	Count    int    `json:"count,omitzero"`
	Requests int    `json:"requests"` // what it took to get it
}

// key names the answer to a call. Two identities may see different answers.
func (c *Client) key(call call) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		c.account.Kind, c.account.ClientID, call.method, call.url, string(call.body), fmt.Sprint(call.eventual),
	}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// wholeKey names an answer that is kept as one row, though it may be a page of many:
// the same page can also be kept row by row.
func (c *Client) wholeKey(call call) string { return c.key(call) + "-whole" }

// recallOne returns an answer that was kept as one row, under a key of wholeKey.
func (c *Client) recallOne(key string) (body json.RawMessage, ok bool, err error) {
	kept, ok, err := c.journal.Recall(key, func(row json.RawMessage) error {
		body = row
		return nil
	})
	if ok {
		c.meter.sent(kept.Requests, 0)
	}
	return body, ok, err
}

// recordOne keeps such an answer. The parts of a batch share what it took to get
// them: one has the requests, and the others have none.
func (c *Client) recordOne(key string, body []byte, requests int) error {
	record := c.journal.Record(key)
	if err := record.Row(body); err != nil {
		return err
	}
	return record.End(Kept{Requests: requests})
}

// noJournal keeps nothing.
type noJournal struct{}

// Recall is part of Journal.
func (noJournal) Recall(string, func(json.RawMessage) error) (Kept, bool, error) {
	return Kept{}, false, nil
}

// Record is part of Journal.
func (noJournal) Record(string) Record { return noRecord{} }

// Forget is part of Journal.
func (noJournal) Forget(...string) error { return nil }

type noRecord struct{}

// Row is part of Record.
func (noRecord) Row(json.RawMessage) error { return nil }

// End is part of Record.
func (noRecord) End(Kept) error { return nil }
