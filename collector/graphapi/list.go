package graphapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

const (
	// maxRereads is how often a page is asked for again after its body broke off.
	maxRereads = 3
	// maxEmptyPages in a row are taken for a server that never ends. Some empty pages
	// are normal (https://learn.microsoft.com/graph/paging).
	maxEmptyPages = 1000
)

// List yields every object of the collection at path, following @odata.nextLink to
// the end. An error ends it and is always yielded: a list that ends without one is
// whole. Rows may come more than once, as Graph's pages do and as a page that broke
// off is read again; they are valid beyond the loop.
func (c *Client) List(ctx context.Context, path string, query Query) iter.Seq2[json.RawMessage, error] {
	return c.list(ctx, call{method: http.MethodGet, url: c.url(path, query), eventual: query.Eventual})
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

// list walks from page to page. What breaks the walk but not the next one, is a
// reason to begin again: rows that come twice are met by whoever takes them.
func (c *Client) list(ctx context.Context, first call) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for restart := 0; ; restart++ {
			w := &walk{client: c, first: first, seen: map[string]bool{}}
			err := w.pages(ctx, first, yield)
			if err == nil {
				return
			}
			again, why := afresh(first, err)
			if why == "" || restart == maxRestarts || ctx.Err() != nil {
				yield(nil, err)
				return
			}
			c.logger.WarnContext(ctx, "listing again from the start", "url", bare(first.url), "because", why)
			if err := c.journal.Forget(w.keys...); err != nil {
				yield(nil, err)
				return
			}
			first = again
		}
	}
}

// maxRestarts is how often a listing begins again.
const maxRestarts = 3

// afresh tells whether a listing that broke off for this reason may be read from
// its start, how, and why. A page token expires
// (https://learn.microsoft.com/graph/errors), and large pages may be "temporarily
// unavailable" for good (AzureADAssessment's users, with more than 600 rows).
func afresh(first call, err error) (call, string) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return first, ""
	}
	if strings.Contains(strings.ToLower(e.Code), "pagetoken") {
		return first, "the page token has expired"
	}
	if smaller, ok := smallerPages(first); ok && e.Status >= http.StatusInternalServerError {
		return smaller, "large pages fail"
	}
	return first, ""
}

// minPage is the page size below which nothing is gained.
const minPage = 100

func smallerPages(first call) (call, bool) {
	u, err := url.Parse(first.url)
	if err != nil {
		return first, false
	}
	top, err := strconv.Atoi(u.Query().Get("$top"))
	if err != nil || top/3 < minPage {
		return first, false
	}
	old := "$top=" + strconv.Itoa(top)
	first.url = strings.Replace(first.url, url.QueryEscape("$top")+"="+strconv.Itoa(top), old, 1)
	first.url = strings.Replace(first.url, old, "$top="+strconv.Itoa(top/3), 1)
	return first, true
}

// walk is one way through the pages of a listing.
type walk struct {
	client *Client
	first  call
	seen   map[string]bool // links that were followed
	keys   []string        // of the pages, in the journal
	delta  string          // @odata.deltaLink of the last page
}

// pages yields the rows of next and of all that follows it. Without an error the
// listing is whole, or the consumer wants no more.
func (w *walk) pages(ctx context.Context, next call, yield func(json.RawMessage, error) bool) error {
	empty := 0
	for next.url != "" {
		result, err := w.page(ctx, next, func(row json.RawMessage) bool { return yield(row, nil) })
		if err != nil || result.stopped {
			return err
		}
		w.delta = result.deltaLink
		if empty++; result.rows > 0 {
			empty = 0
		}
		if next, err = w.follow(result.nextLink, empty); err != nil {
			return err
		}
	}
	return nil
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
		result.nextLink, result.deltaLink = kept.Next, kept.Delta
		c.meter.sent(kept.Requests, 0)
		c.meter.expect(kept.Count)
		return result, ctx.Err()
	}
	return c.page(ctx, next, key, yield)
}

// follow checks a nextLink and makes the call for it; without one the call is
// empty.
func (w *walk) follow(nextLink string, empty int) (call, error) {
	if nextLink == "" {
		return call{}, nil
	}
	broken := func(format string, args ...any) (call, error) {
		return call{}, &Error{Method: http.MethodGet, URL: bare(w.first.url), Message: fmt.Sprintf(format, args...)}
	}
	u, err := url.Parse(nextLink)
	if err != nil {
		return broken("the link to the next page cannot be read")
	}
	if err := (ownHost{w.client.base}).check(u); err != nil {
		return call{}, &Error{Method: http.MethodGet, URL: bare(w.first.url), Message: "next page: " + err.Error(), cause: err}
	}
	if w.seen[nextLink] {
		return broken("the pages go round in a circle")
	}
	if empty >= maxEmptyPages {
		return broken("%d empty pages in a row", empty)
	}
	w.seen[nextLink] = true
	if w.first.eventual && !strings.Contains(u.RawQuery, "count=") {
		nextLink += map[bool]string{true: "&", false: "?"}[u.RawQuery != ""] + "$count=true"
	}
	return call{method: http.MethodGet, url: nextLink, eventual: w.first.eventual}, nil
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

// page reads one page as it comes in, and keeps it under key once it is whole. A
// body that breaks off is read again from the start, since what is missing of it may
// be most of the list.
func (c *Client) page(ctx context.Context, call call, key string, yield func(json.RawMessage) bool) (pageResult, error) {
	for reread := 0; ; reread++ {
		resp, err := c.send(c.largePages(ctx, call), call, true)
		if err != nil {
			return pageResult{}, err
		}
		record := c.journal.Record(key)
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
			return result, record.End(Kept{Next: result.nextLink, Delta: result.deltaLink, Count: max(result.count, 0), Requests: reread + 1})
		}
		if reread == maxRereads {
			return result, unreadable(call, resp, "the page cannot be read: ", err)
		}
		c.logger.WarnContext(ctx, "page broke off, reading it again", "url", bare(call.url), "error", clean(err.Error()))
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
