package graphapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// walks are the ways through the pages of one listing: one, or more when it has to
// begin again.
type walks struct {
	client *Client
	rows   sightings
	former int // how many rows the meter expected before
}

func (c *Client) newWalks() *walks { return &walks{client: c, former: c.meter.Read().Expected} }

// begin makes a walk that begins at first.
func (s *walks) begin(first call) *walk {
	s.rows.begin()
	return &walk{client: s.client, first: first, links: map[string]bool{}, rows: &s.rows, count: -1}
}

// finish takes w on from next to its end, unless broken says why it has ended already.
// What breaks a walk but not the next one is a reason to begin again: rows that come
// twice are met by whoever takes them. finish returns the last walk, which without an
// error was whole or is stopped: it had every row that was handed out.
func (s *walks) finish(ctx context.Context, w *walk, next call, broken error, yield func(json.RawMessage) bool) (*walk, error) {
	c, err := s.client, broken
	for restart := 0; ; restart++ {
		if err == nil {
			err = w.pages(ctx, next, yield)
		}
		if w.stopped {
			return w, nil
		}
		if err == nil {
			return w, s.complete(w)
		}
		again, why := afresh(w.first, err)
		if why == "" || restart == maxRestarts || ctx.Err() != nil {
			return w, err
		}
		c.logger.WarnContext(ctx, "listing again from the start", "url", bare(c.account, w.first.url), "because", why)
		if err := c.journal.Forget(w.keys...); err != nil {
			return w, err
		}
		c.meter.retract(w.count, s.former)
		w, next, err = s.begin(again), again, nil
	}
}

// complete finds the rows that came before w, or in a page that broke off, and not
// again: nobody can tell then which of the two was right.
func (s *walks) complete(w *walk) error {
	lost := s.rows.lost()
	if lost == 0 {
		return nil
	}
	return &Error{
		Method: http.MethodGet, URL: bare(s.client.account, w.first.url),
		Message: fmt.Sprintf("the listing, or a page of it, began again, and %d rows listed before were not listed any more", lost),
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
	if first.fixedPages {
		return first, false
	}
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
