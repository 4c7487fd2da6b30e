package graphapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// ListEach reads many collections, twenty first pages to a $batch, and then follows
// their links. row gets every row, some of them more than once when a listing had to
// begin again; done is called once per collection, with the number of rows that its
// first page announced (less than 0 when it did not; of several first pages the last
// one counts) and with why it is not whole, or
// nil. Neither is called side by side with the other. An error from either, or a
// cancelled context, ends it.
func (c *Client) ListEach(ctx context.Context, requests []Request, row func(i int, row json.RawMessage) error, done func(i, count int, err error) error) error {
	e := &listing{client: c, row: row, done: done}
	checked := slices.Clone(requests) // an answer that is no page is not to be kept
	for i := range checked {
		checked[i].Keep = checked[i].keepPage
	}
	err := c.GetEach(ctx, checked, func(i int, body json.RawMessage, err error) error {
		return e.begin(i, c.callFor(requests[i]), body, err)
	})
	if err != nil {
		return err
	}
	// Only now: a long listing would keep the batches waiting for its rows to be taken.
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(batchesAtOnce)
	for _, of := range e.left {
		group.Go(func() error { return e.goOn(ctx, of) })
	}
	return group.Wait()
}

// listing is many collections being read.
type listing struct {
	client *Client
	row    func(i int, row json.RawMessage) error
	done   func(i, count int, err error) error

	mu    sync.Mutex // held while row or done run
	ended error      // what one of them returned
	left  []rest
}

// rest is what is left of a collection after its first page.
type rest struct {
	index  int
	walks  *walks
	walk   *walk
	link   string // to the second page
	broken error  // why there is no first page, though the collection may be listed again
}

// keepPage is Keep, and refuses what is no page.
func (r Request) keepPage(body json.RawMessage) (json.RawMessage, error) {
	if r.Keep != nil {
		var err error
		if body, err = r.Keep(body); err != nil {
			return nil, err
		}
	}
	_, err := decodePage(bytes.NewReader(body), noRecord{}, func(json.RawMessage) bool { return true })
	return body, err
}

// begin hands on the first page of a collection, and notes whether there is more.
func (e *listing) begin(i int, first call, body json.RawMessage, err error) error {
	of := rest{index: i, walks: e.client.newWalks(), broken: err}
	of.walk = of.walks.begin(first)
	of.walk.keys = []string{e.client.wholeKey(first)}
	if err != nil {
		if _, why := afresh(first, err); why != "" {
			e.left = append(e.left, of)
			return nil
		}
		return e.done(i, -1, err)
	}
	var failed error
	page, err := decodePage(bytes.NewReader(body), noRecord{}, func(r json.RawMessage) bool {
		of.walk.rows.meet(r)
		failed = e.row(i, r)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		message := "the page cannot be read: " + clean(e.client.account, err.Error())
		return e.done(i, -1, &Error{Method: first.method, URL: bare(e.client.account, first.url), Status: http.StatusOK, Message: message})
	}
	of.walk.tally(page)
	if of.link = page.nextLink; of.link != "" {
		e.left = append(e.left, of)
		return nil
	}
	return e.done(i, page.count, nil)
}

// goOn reads what is left of a collection. Others are read at the same time.
func (e *listing) goOn(ctx context.Context, of rest) error {
	next, err := call{}, of.broken
	if err == nil {
		next, err = of.walk.follow(of.link)
	}
	w, err := of.walks.finish(ctx, of.walk, next, err, func(r json.RawMessage) bool { return e.take(of.index, r) })
	e.mu.Lock()
	defer e.mu.Unlock()
	if stop := cmp.Or(e.ended, ctx.Err()); stop != nil {
		return stop
	}
	e.ended = e.done(of.index, w.count, err)
	return e.ended
}

// take hands a row on, unless no more are wanted.
func (e *listing) take(i int, row json.RawMessage) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended == nil {
		e.ended = e.row(i, row)
	}
	return e.ended == nil
}
