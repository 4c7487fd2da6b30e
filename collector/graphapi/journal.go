package graphapi

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"leastwise/collector/identity"
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
	Count    int    `json:"count,omitzero"` // rows of the whole listing, as its first page announced; less than 0 when it did not
	Requests int    `json:"requests"`       // what it took to get it
}

// bearer is whose answers a client gets, and with what permissions: two see different
// answers, and so does one before and after a role ends. Until that is known, or when
// the token does not tell, it is a name that no other run has: answers are kept then,
// but never replayed.
type bearer struct {
	mu          sync.Mutex
	name        string
	permissions identity.Permissions
	since       int // where in the account's history they begin
	known       bool
}

func newBearer() *bearer { return &bearer{name: "unknown " + rand.Text()} }

// learn takes the name from the claims of a token that can be read.
func (b *bearer) learn(account *identity.Account, claims identity.Claims, history []identity.Permissions) {
	name := cmp.Or(claims.ObjectID, claims.User)
	if claims.AppOnly {
		name = cmp.Or(claims.AppID, account.ClientID)
	}
	if name == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.permissions, b.since = claims.Permissions(), max(len(history)-1, 0)
	b.known, b.name = true, fmt.Sprintf("%q %q %q", name, claims.AppID, b.permissions)
}

// changed reports whether a token with other permissions was had since.
func (b *bearer) changed(history []identity.Permissions) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	other := func(p identity.Permissions) bool { return !p.Equal(b.permissions) }
	return b.known && b.since < len(history) && slices.ContainsFunc(history[b.since:], other)
}

func (b *bearer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.name
}

// key names the answer to a call.
func (c *Client) key(call call) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		c.account.Kind, c.account.ClientID, c.bearer.String(), call.method, call.url, string(call.body), call.consistency,
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
	record := c.record(key)
	if err := record.Row(body); err != nil {
		return err
	}
	return record.End(Kept{Requests: requests})
}

// record begins to keep an answer.
func (c *Client) record(key string) Record { return faithful{c.journal.Record(key), c} }

// faithful is a Record under a key that names the permissions with which it was asked
// for. Once these have changed, nobody can tell, and nothing more is kept.
type faithful struct {
	Record
	client *Client
}

// End is part of Record.
func (f faithful) End(kept Kept) error {
	if f.client.bearer.changed(f.client.history()) {
		return nil
	}
	return f.Record.End(kept)
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
