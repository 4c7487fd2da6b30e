package activity

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// item is one piece of content, a blob of records
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference#list-available-content).
type item struct {
	ID      string `json:"contentId"`
	URI     string `json:"contentUri"`
	Created string `json:"contentCreated"`
	Expires string `json:"contentExpiration"`
}

// created is when the content became available; false when that cannot be read. An
// instant without zone is UTC.
func (i item) created() (time.Time, bool) {
	if t, ok := snapshot.Instant(i.Created); ok {
		return t, true
	}
	return snapshot.Instant(i.Created + "Z")
}

// key stands for content in the Pieces of a hole. A content id is long, and whatever the
// API likes it to be.
func (i item) key() string {
	sum := sha256.Sum256([]byte(cmp.Or(i.ID, i.URI)))
	return hex.EncodeToString(sum[:6])
}

// lost is what could not be read of a window.
type lost struct {
	mu     sync.Mutex
	pieces int
	to     time.Time // when the last of them was created
	from   time.Time // and the first
	why    snapshot.Dataset
	keys   []string
}

// mostKeys of content that was lost are noted in one hole. When there are more, content
// does not heal it.
const mostKeys = 500

func (l *lost) add(key string, created, end time.Time, known bool, why snapshot.Dataset) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = append(l.keys, key)
	until := created.Truncate(time.Second).Add(time.Second) // so that asking for the hole brings it again
	if !known {
		created, until = end, end
	}
	if l.pieces == 0 {
		l.why, l.from = why, created
	}
	if l.pieces++; created.Before(l.from) {
		l.from = created
	}
	l.why.Unfinished = l.why.Unfinished || why.Unfinished
	l.to = latest(l.to, until)
}

const (
	// maxRestarts is how often a listing begins again.
	maxRestarts = 3
	// maxPages without an end are no listing.
	maxPages = 100000
)

// window reads all content that was created in w, whose pieces are fetched side by side.
// What can be listed and not fetched is a hole; the error is that it could not be
// listed, or what ends the run.
func (r *reading) window(ctx context.Context, w snapshot.Window) error {
	missed, met := &lost{}, map[string]bool{}
	for restart := 0; ; restart++ {
		err := r.listed(ctx, w, met, missed)
		switch {
		case err == nil:
			r.miss(w, missed)
			return nil
		case is(err, codeBadInterval, codeBadStart):
			later, ok := clamp(w, restart)
			if !ok {
				return err
			}
			if !r.plan.first { // else coverage begins later
				r.hole(snapshot.Window{From: w.From, To: later.From}, missing(err), false)
			}
			w = later
		case is(err, codeBadPage) && restart < maxRestarts:
			r.client.logger.WarnContext(ctx, "listing again from the start", "content", r.contentType, "error", err.Error())
		default: // all of the window is missing
			r.miss(w, missed) // which may not be listed when it is asked for again
			return err
		}
	}
}

// clamp leaves out the beginning of a window that the API calls too old: its clock may
// differ from ours.
func clamp(w snapshot.Window, times int) (snapshot.Window, bool) {
	steps := []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour}
	if times >= len(steps) || w.To.Sub(w.From) <= steps[times] {
		return w, false
	}
	return snapshot.Window{From: w.From.Add(steps[times]), To: w.To}, true
}

// miss records the content of w that could not be fetched as one hole. When its events
// took place is not known, only that it was before it was created: since the start of
// the window, or within the overlap.
func (r *reading) miss(w snapshot.Window, missed *lost) {
	if missed.pieces == 0 {
		return
	}
	from := w.From
	if before := missed.from.Add(-overlap); before.Before(from) {
		from = before
	}
	why := missed.why
	why.Reason = fmt.Sprintf("%d piece(s) of content of %s could not be read: %s", missed.pieces, r.contentType, why.Reason)
	slices.Sort(missed.keys)
	keys := slices.Compact(missed.keys)
	if len(keys) > mostKeys {
		r.hole(snapshot.Window{From: from, To: missed.to}, why, true)
		return
	}
	r.hole(snapshot.Window{From: from, To: missed.to}, why, false, keys...)
}

// listed goes through the pages of a window's listing. met holds the content that
// needs not be fetched any more.
func (r *reading) listed(ctx context.Context, w snapshot.Window, met map[string]bool, missed *lost) error {
	const layout = "2006-01-02T15:04:05"
	c := r.client
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mostRequests)
	err := func() error {
		next := c.address("subscriptions/content", "contentType", r.contentType, "startTime", w.From.Format(layout), "endTime", w.To.Format(layout))
		followed := map[string]bool{}
		for next != "" {
			if followed[next] || len(followed) == maxPages {
				return &graphapi.Error{Method: http.MethodGet, URL: withoutQuery(c.opts.Account, next), Message: "the pages go round in a circle"}
			}
			followed[next] = true
			var items []item
			header, err := c.get(inner, r.meter, next, &items)
			if err != nil {
				return err
			}
			for _, item := range items {
				if key := item.ID + "\x00" + item.URI; !met[key] {
					met[key] = true
					r.note(item)
					group.Go(func() error { return r.fetch(inner, item, w, missed) })
				}
			}
			if next, err = c.nextPage(header); err != nil {
				return err
			}
		}
		return nil
	}()
	if ending := group.Wait(); ending != nil {
		return ending // it has cancelled the listing, too
	}
	return err
}

// nextPage is the address of the next page; "" at the end. The reference and the
// troubleshooting page call the header by different names.
func (c *Client) nextPage(header http.Header) (string, error) {
	for _, name := range []string{"NextPageUri", "NextPageUrl"} {
		if address := header.Get(name); address != "" {
			return c.link(address, "next page")
		}
	}
	return "", nil
}

// note remembers when the earliest content was created that coverage may begin with.
func (r *reading) note(i item) {
	if created, ok := i.created(); ok && !created.Before(r.plan.begin) && (r.earliest.IsZero() || created.Before(r.earliest)) {
		r.earliest = created
	}
}

// fetch reads one piece of content as it comes in. The error ends the run.
func (r *reading) fetch(ctx context.Context, i item, w snapshot.Window, missed *lost) error {
	c := r.client
	address, err := c.link(i.URI, "content")
	if err == nil && strings.TrimSpace(i.URI) == "" {
		err = errors.New("content is listed without an address")
	}
	if err == nil {
		err = c.ask(ctx, r.meter, call{method: http.MethodGet, url: address}, func(resp *http.Response) error {
			index := -1
			return graphapi.Elements(resp.Body, func(record json.RawMessage) error {
				index++
				if err := r.hand(record, i.ID, index); err != nil {
					return endingError{err}
				}
				return ctx.Err()
			})
		})
	}
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.fetched[i.key()] = true
		return nil
	}
	if ending, ok := errors.AsType[endingError](err); ok {
		return ending
	}
	if graphapi.Fatal(ctx, err) {
		return err
	}
	why := missing(err)
	if expires, ok := (item{Created: i.Expires}).created(); ok && !expires.After(r.now) {
		why.Reason += " (it expired at " + instant(expires) + ")"
	}
	created, known := i.created()
	c.logger.WarnContext(ctx, "content not read", "content", r.contentType, "created", i.Created, "error", graphapi.Clean(c.opts.Account, err.Error()))
	missed.add(i.key(), created, w.To, known, why)
	return nil
}
