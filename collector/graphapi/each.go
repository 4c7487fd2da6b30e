package graphapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// ListEach reads many collections, twenty first pages to a $batch, and follows
// their links. row gets every row, some of them more than once when a listing had to
// begin again; done is called once per collection, with the number of rows that its
// first page announced (less than 0 when it did not) and with why it is not whole, or
// nil. Neither is called side by side with the other.
func (c *Client) ListEach(ctx context.Context, requests []Request, row func(i int, row json.RawMessage) error, done func(i, count int, err error) error) error {
	return c.GetEach(ctx, requests, func(i int, body json.RawMessage, err error) error {
		count, err := c.restOf(ctx, requests[i], body, err, func(r json.RawMessage) error { return row(i, r) })
		if stop, ok := errors.AsType[*stopped](err); ok {
			return stop.err
		}
		return done(i, count, err)
	})
}

// stopped is an error of the consumer, not of the listing.
type stopped struct{ err error }

// Error tells what stopped it.
func (s *stopped) Error() string { return s.err.Error() }

// restOf hands on the first page of a collection, unless that could not be read, and
// reads the others. It returns how many rows the first page announced.
func (c *Client) restOf(ctx context.Context, request Request, body json.RawMessage, err error, row func(json.RawMessage) error) (int, error) {
	first := call{method: http.MethodGet, url: c.url(request.Path, request.Query), eventual: request.Query.Eventual || request.Query.Advanced}
	if err != nil {
		if again, why := afresh(first, err); why != "" {
			return -1, c.relist(ctx, again, nil, row)
		}
		return -1, err
	}
	var failed error
	yield := func(r json.RawMessage, _ error) bool {
		failed = row(r)
		return failed == nil
	}
	page, err := decodePage(bytes.NewReader(body), noRecord{}, func(r json.RawMessage) bool { return yield(r, nil) })
	if failed != nil {
		return page.count, &stopped{failed}
	}
	if err != nil {
		return -1, &Error{Method: first.method, URL: bare(first.url), Status: http.StatusOK, Message: "the page cannot be read: " + clean(err.Error())}
	}
	w := &walk{client: c, first: first, seen: map[string]bool{}}
	next, err := w.follow(page.nextLink, 0)
	if err == nil {
		err = w.pages(ctx, next, yield)
	}
	if stop := cmp.Or(failed, ctx.Err()); stop != nil {
		return page.count, &stopped{stop}
	}
	if again, why := afresh(first, err); why != "" {
		return page.count, c.relist(ctx, again, append(w.keys, c.wholeKey(first)), row)
	}
	return page.count, err
}

// relist reads a collection from its start again.
func (c *Client) relist(ctx context.Context, first call, forget []string, row func(json.RawMessage) error) error {
	if err := c.journal.Forget(forget...); err != nil {
		return &stopped{err}
	}
	for r, err := range c.list(ctx, first) {
		if err != nil {
			if ctx.Err() != nil {
				return &stopped{err}
			}
			return err
		}
		if err := row(r); err != nil {
			return &stopped{err}
		}
	}
	return nil
}
