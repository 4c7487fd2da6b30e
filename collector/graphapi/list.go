package graphapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
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

func (c *Client) list(ctx context.Context, first call) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		seen, empty := map[string]bool{}, 0
		for next := first; ; {
			result, err := c.page(ctx, next, func(row json.RawMessage) bool { return yield(row, nil) })
			if err == nil && result.stopped {
				return
			}
			if err == nil {
				empty = result.emptyAfter(empty)
				next, err = c.follow(first, result.nextLink, seen, empty)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if next.url == "" {
				return
			}
		}
	}
}

// follow checks a nextLink and makes the call for it; without one the call is
// empty.
func (c *Client) follow(first call, nextLink string, seen map[string]bool, empty int) (call, error) {
	if nextLink == "" {
		return call{}, nil
	}
	broken := func(format string, args ...any) (call, error) {
		return call{}, &Error{Method: http.MethodGet, URL: bare(first.url), Message: fmt.Sprintf(format, args...)}
	}
	u, err := url.Parse(nextLink)
	if err != nil {
		return broken("the link to the next page cannot be read")
	}
	if err := (ownHost{c.base}).check(u); err != nil {
		return call{}, &Error{Method: http.MethodGet, URL: bare(first.url), Message: "next page: " + err.Error(), cause: err}
	}
	if seen[nextLink] {
		return broken("the pages go round in a circle")
	}
	if empty >= maxEmptyPages {
		return broken("%d empty pages in a row", empty)
	}
	seen[nextLink] = true
	if first.eventual && !strings.Contains(u.RawQuery, "count=") {
		nextLink += map[bool]string{true: "&", false: "?"}[u.RawQuery != ""] + "$count=true"
	}
	return call{method: http.MethodGet, url: nextLink, eventual: first.eventual}, nil
}

// pageResult is what a page says besides its rows.
type pageResult struct {
	nextLink string
	rows     int
	stopped  bool // the consumer wants no more
}

func (r pageResult) emptyAfter(before int) int {
	if r.rows > 0 {
		return 0
	}
	return before + 1
}

// page reads one page as it comes in. A body that breaks off is read again from
// the start, since what is missing of it may be most of the list.
func (c *Client) page(ctx context.Context, call call, yield func(json.RawMessage) bool) (pageResult, error) {
	for reread := 0; ; reread++ {
		resp, err := c.send(ctx, call, true)
		if err != nil {
			return pageResult{}, err
		}
		result, err := decodePage(resp.Body, yield)
		_ = resp.Body.Close() // the answer is read; what closing says changes nothing
		if ctx.Err() != nil && !result.stopped {
			return result, ctx.Err()
		}
		if err == nil {
			return result, nil
		}
		answer, ok := errors.AsType[*answered](err)
		if ok || reread == maxRereads {
			e := &Error{
				Method: call.method, URL: bare(call.url), Status: resp.StatusCode, RequestID: requestID(resp),
				Message: "the page cannot be read: " + clean(err.Error()), cause: err,
			}
			if ok {
				e.Code, e.Message = clean(answer.Code), clean(answer.Message)
			}
			return result, e
		}
		c.logger.WarnContext(ctx, "page broke off, reading it again", "url", bare(call.url), "error", err.Error())
	}
}

// answered is an error object in an answer that calls itself a success.
type answered struct{ answerError }

func (e *answered) Error() string { return e.Code + ": " + e.Message }

// decodePage reads {"value": […], "@odata.nextLink": …} row by row, its members in
// any order.
func decodePage(body io.Reader, yield func(json.RawMessage) bool) (pageResult, error) {
	var result pageResult
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
			if err := decodeRows(dec, &result, yield); err != nil || result.stopped {
				return result, err
			}
		case "@odata.nextLink":
			err = dec.Decode(&result.nextLink)
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

func decodeRows(dec *json.Decoder, result *pageResult, yield func(json.RawMessage) bool) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		var row json.RawMessage
		if err := dec.Decode(&row); err != nil {
			return cut(err)
		}
		result.rows++
		if !yield(row) {
			result.stopped = true
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
	start := bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf"))
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
