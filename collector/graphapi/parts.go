package graphapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// What the clients of Microsoft's other APIs have in common with the one for Graph.

// Authorize is the policy that adds the account's token for scope, and replaces one
// that is refused. What keeps a token from going elsewhere must stand before it.
func Authorize(account *identity.Account, scope string) policy.Policy {
	return authorize{account: account, scope: scope}
}

// Logging is the policy that tells of every request at debug level: never of headers or
// bodies, and of addresses without what follows the question mark.
func Logging(account *identity.Account, clock func() time.Time, logger *slog.Logger) policy.Policy {
	return logging{account: account, clock: clock, logger: logger}
}

// SameHost reports whether an address is at base: the scheme, the host whatever its
// case, and the port, and nobody's name before it.
func SameHost(base, address string) bool {
	b, err := url.Parse(base)
	if err != nil {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && ownHost{b}.check(u) == nil
}

// Width bounds how many requests are under way at once. It is safe for concurrent use.
type Width struct{ limit *concurrencyLimit }

// NewWidth lets up to most requests be under way, fewer at first.
func NewWidth(most int) *Width {
	limit := newConcurrencyLimit()
	limit.most, limit.width = most, min(limit.width, most)
	return &Width{limit}
}

// Enter waits for a place; Leave gives it back.
func (w *Width) Enter(ctx context.Context) error { return w.limit.enter(ctx) }

// Leave gives a place back. After a refusal there are half as many.
func (w *Width) Leave(refused bool) { w.limit.leave(refused, false) }

// Quit gives a place back that was not used.
func (w *Width) Quit() { w.limit.quit() }

// Sent counts requests, of which some are retries.
func (m *Meter) Sent(requests, retries int) { m.sent(requests, retries) }

// Wait notes that somebody begins to wait because the server asked for it; the function
// that it returns ends that.
func (m *Meter) Wait(clock func() time.Time) (done func()) { return m.wait(clock) }

// Line is one line of a Board.
type Line struct {
	board *Board
	post  *posted
}

// Begin adds a line to the board, for which meter counts.
func (b *Board) Begin(name snapshot.Name, meter *Meter, now time.Time) *Line {
	return &Line{b, b.post(name, meter, now)}
}

// Tell changes the line.
func (l *Line) Tell(change func(*Work)) { l.board.tell(l.post, change) }

// Refused is the error for an answer that is none of the successful ones; body is as
// much of it as was read.
func Refused(account *identity.Account, method, address string, resp *http.Response, body []byte) *Error {
	c := &Client{account: account}
	e := &Error{Method: method, URL: bare(account, address), Status: resp.StatusCode, RequestID: requestID(account, resp.Header)}
	return c.explain(e, body)
}

// Unanswered is the error for a request that brought no answer, or one that broke off.
// What ends the run, and a sign-in that failed, stay what they are.
func Unanswered(ctx context.Context, account *identity.Account, method, address string, err error) error {
	return (&Client{account: account}).transportError(ctx, call{method: method, url: address}, err)
}

// Fatal reports whether the run cannot go on after err: it was cancelled, or the account
// belongs to another tenant or has become somebody else's.
func Fatal(ctx context.Context, err error) bool { return fatal(ctx, err) }

// Clean makes foreign text fit for a report: one line, bounded, without the account's
// tokens or what looks like one.
func Clean(account *identity.Account, text string) string { return clean(account, text) }

// Pause is how long an answer asks to wait by its headers; 0 when it does not say.
func Pause(h http.Header, now time.Time) time.Duration {
	h = h.Clone()
	h.Del("Retry-After-Ms")
	if readablePause(h, now); h.Get("Retry-After-Ms") == "" {
		return 0
	}
	return pauseOf(h)
}

// Unkept returns a client that keeps no answers, nor takes any that were kept: for what
// is different next time, and for what must not lie on a disk.
func (c *Client) Unkept() *Client {
	clone := *c
	clone.journal = noJournal{}
	return &clone
}

// Post sends body to path and reads the answer into out.
func (c *Client) Post(ctx context.Context, path string, body, out any) error {
	call, err := c.post(path, Query{}, body)
	if err != nil {
		return err
	}
	return c.exchange(ctx, call, func(body []byte) error { return json.Unmarshal(body, out) })
}
