package graphapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ErrResync means that changes cannot be told from the given token on: it is older
// than seven days, or Graph has forgotten it. The collection has to be read in full
// (https://learn.microsoft.com/graph/delta-query-overview).
var ErrResync = errors.New("the delta token is not accepted any more")

// DeltaToken asks for a token that stands for this moment: Delta will tell what
// changes from now on. path ends with /delta.
func (c *Client) DeltaToken(ctx context.Context, path string) (string, error) {
	next := ""
	for _, err := range c.Delta(ctx, path, "latest", &next) {
		if err != nil {
			return "", err
		}
	}
	return next, nil
}

// Delta yields what changed in a collection after the token since: objects with at
// least their changed properties, in any order and some more than once, removed ones
// with "@removed". After the last one it stores the token for the next time in next.
// A token that is refused gives an error that is ErrResync.
func (c *Client) Delta(ctx context.Context, path, since string, next *string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		first := call{method: http.MethodGet, url: c.url(path, Query{}) + "?$deltatoken=" + url.QueryEscape(since)}
		w := c.newWalks().begin(first)
		err := w.pages(ctx, first, func(row json.RawMessage) bool { return yield(row, nil) })
		if w.stopped {
			return
		}
		token := ""
		if err == nil {
			token, err = deltaToken(w.delta)
		}
		if err != nil {
			yield(nil, resync(err))
			return
		}
		*next = token
	}
}

// resync tells a token that is refused from other failures.
func resync(err error) error {
	e, ok := errors.AsType[*Error](err)
	if ok && slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusGone}, e.Status) {
		return fmt.Errorf("%w: %w", ErrResync, err)
	}
	return err
}

func deltaToken(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || link == "" {
		return "", errors.New("the answer to the delta query has no link for the next time")
	}
	for name, values := range u.Query() {
		if strings.EqualFold(name, "$deltatoken") && values[0] != "" {
			return values[0], nil
		}
	}
	return "", errors.New("the link for the next delta query has no token")
}
