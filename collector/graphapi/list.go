package graphapi

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

const (
	// maxRereads is how often a page is asked for again after its body broke off.
	maxRereads = 3
	// maxEmptyPages in a row are taken for a server that never ends. Some empty pages
	// are normal (https://learn.microsoft.com/graph/paging).
	maxEmptyPages = 1000
	// maxStalePages is how many pages without a row that is new to the walk are taken
	// for the same.
	maxStalePages = 50
	// So are more rows than maxSurplus times the announced ones, and surplusAllowed: the
	// index that counts lags.
	maxSurplus     = 10
	surplusAllowed = 100_000
)

// List yields every object of the collection at path, following @odata.nextLink to
// the end. An error ends it and is always yielded: a list that ends without one is
// whole. Rows may come more than once, as Graph's pages do and as a page that broke
// off is read again; they are valid beyond the loop.
func (c *Client) List(ctx context.Context, path string, query Query) iter.Seq2[json.RawMessage, error] {
	return c.list(ctx, call{method: http.MethodGet, url: c.url(path, query), consistency: query.ConsistencyLevel, fixedPages: query.FixedPages})
}

// PostList is List for an action that answers with a collection, such as
// directoryObjects/getByIds.
func (c *Client) PostList(ctx context.Context, path string, query Query, body any) iter.Seq2[json.RawMessage, error] {
	call, err := c.post(path, query, body)
	if err != nil {
		return func(yield func(json.RawMessage, error) bool) { yield(nil, err) }
	}
	return c.list(ctx, call)
}

// list walks from page to page, more than once if need be.
func (c *Client) list(ctx context.Context, first call) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		s := c.newWalks()
		_, err := s.finish(ctx, s.begin(first), first, nil, func(row json.RawMessage) bool { return yield(row, nil) })
		if err != nil {
			yield(nil, err)
		}
	}
}

// walk is one way through the pages of a listing.
type walk struct {
	client  *Client
	first   call
	links   map[string]bool // that were followed
	keys    []string        // of the pages, in the journal
	delta   string          // @odata.deltaLink of the last page
	rows    *sightings
	count   int  // that the first page announced; less than 0 when it did not
	listed  int  // rows so far
	empty   int  // pages in a row that had no rows
	stale   int  // pages since the last one with a row that was new
	stopped bool // the consumer wants no more
}

// pages yields the rows of next and of all that follows it. Without an error the
// listing is whole, or the consumer wants no more.
func (w *walk) pages(ctx context.Context, next call, yield func(json.RawMessage) bool) error {
	for next.url != "" {
		w.rows.turn()
		result, err := w.page(ctx, next, func(row json.RawMessage) bool {
			w.rows.meet(row)
			return yield(row)
		})
		if w.stopped = result.stopped; err != nil || w.stopped {
			return err
		}
		w.delta = result.deltaLink
		w.tally(result)
		if next, err = w.follow(result.nextLink); err != nil {
			return err
		}
	}
	return nil
}

// tally counts a page that was read whole.
func (w *walk) tally(page pageResult) {
	if w.count < 0 {
		w.count = page.count
	}
	w.listed += page.rows
	if w.empty++; page.rows > 0 {
		w.empty = 0
		w.stale++
	}
	if len(w.rows.fresh) > 0 {
		w.stale = 0
	}
}

// endless says why there is no end to expect; "" when nothing speaks for that.
func (w *walk) endless() string {
	switch {
	case w.empty >= maxEmptyPages:
		return fmt.Sprintf("%d empty pages in a row", w.empty)
	case w.stale >= maxStalePages:
		return fmt.Sprintf("%d pages in a row without a row that was not listed before", w.stale)
	case w.count > 0 && w.listed > maxSurplus*w.count+surplusAllowed:
		return fmt.Sprintf("%d rows were listed, and there is no end, though %d were announced", w.listed, w.count)
	}
	return ""
}

// page yields a page that was kept by an earlier run, or reads it.
func (w *walk) page(ctx context.Context, next call, yield func(json.RawMessage) bool) (pageResult, error) {
	c := w.client
	key := c.key(next)
	w.keys = append(w.keys, key)
	var result pageResult
	kept, ok, err := c.journal.Recall(key, func(row json.RawMessage) error {
		result.take(row, yield)
		return nil
	})
	if err != nil {
		return result, err
	}
	if ok {
		result.nextLink, result.deltaLink, result.count = kept.Next, kept.Delta, kept.Count
		c.meter.sent(kept.Requests, 0)
		c.meter.expect(kept.Count)
		return result, ctx.Err()
	}
	return w.read(ctx, next, key, yield)
}

// follow checks a nextLink and makes the call for it; without one the call is
// empty.
func (w *walk) follow(nextLink string) (call, error) {
	if nextLink == "" {
		return call{}, nil
	}
	broken := func(message string) (call, error) {
		return call{}, &Error{Method: http.MethodGet, URL: bare(w.client.account, w.first.url), Message: message}
	}
	u, err := url.Parse(nextLink)
	if err != nil {
		return broken("the link to the next page cannot be read")
	}
	if err := (ownHost{w.client.base}).check(u); err != nil {
		return call{}, &Error{Method: http.MethodGet, URL: bare(w.client.account, w.first.url), Message: "next page: " + clean(w.client.account, err.Error()), cause: err}
	}
	if !sameCollection(w.first.url, u) {
		return broken("the link to the next page leads to another collection")
	}
	if w.links[nextLink] {
		return broken("the pages go round in a circle")
	}
	if why := w.endless(); why != "" {
		return broken(why)
	}
	w.links[nextLink] = true
	if w.first.consistency != "" && !strings.Contains(u.RawQuery, "count=") {
		nextLink += map[bool]string{true: "&", false: "?"}[u.RawQuery != ""] + "$count=true"
	}
	return call{method: http.MethodGet, url: nextLink, consistency: w.first.consistency, fixedPages: w.first.fixedPages}, nil
}

var (
	// An object is addressed by a segment of its own, or by a key behind its collection
	// (https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_AddressingEntities).
	keyForm = regexp.MustCompile(`\('?([^()'=]+)'?\)`)
	// Functions may be called with their namespace, and delta with its token.
	deltaForm = regexp.MustCompile(`/(microsoft\.graph\.)?delta(\([^()]*\))?$`)
)

// sameCollection reports whether two addresses are of one collection, in one of the
// forms that Graph writes them.
func sameCollection(first string, next *url.URL) bool {
	u, err := url.Parse(first)
	if err != nil {
		return false
	}
	plain := func(path string) string {
		path = strings.ToLower(strings.TrimSuffix(path, "/"))
		return keyForm.ReplaceAllString(deltaForm.ReplaceAllString(path, "/delta"), "/$1")
	}
	return plain(u.Path) == plain(next.Path)
}

// pageResult is what a page says besides its rows.
type pageResult struct {
	nextLink  string
	deltaLink string
	count     int // @odata.count, on first pages that were asked for it; less than 0 without
	rows      int
	stopped   bool // the consumer wants no more
}

// take hands a row on, unless the consumer wants no more.
func (r *pageResult) take(row json.RawMessage, yield func(json.RawMessage) bool) {
	r.rows++
	if !r.stopped && !yield(row) {
		r.stopped = true
	}
}

// read reads one page as it comes in, and keeps it under key once it is whole. A
// body that breaks off is read again from the start, since what is missing of it may
// be most of the list.
func (w *walk) read(ctx context.Context, call call, key string, yield func(json.RawMessage) bool) (pageResult, error) {
	c := w.client
	for reread := 0; ; reread++ {
		resp, err := c.send(c.largePages(ctx, call), call, true)
		if err != nil {
			return pageResult{}, err
		}
		record := c.record(key)
		result, err := decodePage(resp.Body, record, yield)
		_ = resp.Body.Close() // the answer is read; what closing says changes nothing
		if ctx.Err() != nil && !result.stopped {
			return result, ctx.Err()
		}
		if err == nil {
			c.meter.expect(result.count)
			if result.stopped {
				return result, nil
			}
			return result, record.End(Kept{Next: result.nextLink, Delta: result.deltaLink, Count: result.count, Requests: reread + 1})
		}
		if reread == maxRereads {
			return result, c.unreadable(call, resp, "the page cannot be read: ", err)
		}
		w.rows.takeBack()
		c.logger.WarnContext(ctx, "page broke off, reading it again", "url", bare(c.account, call.url), "error", clean(c.account, err.Error()))
	}
}

// largePages gives up sooner on a server that fails when a smaller page may do
// better.
func (c *Client) largePages(ctx context.Context, call call) context.Context {
	if _, ok := smallerPages(call); !ok {
		return ctx
	}
	failed, retry := 0, c.retry
	retry.ShouldRetry = func(resp *http.Response, err error) bool {
		if err == nil && resp.StatusCode >= http.StatusInternalServerError {
			failed++
		}
		return failed < 4 && shouldRetry(resp, err)
	}
	return policy.WithRetryOptions(ctx, retry)
}
