package graphapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"leastwise/collector/identity"
)

// Request is one GET of many.
type Request struct {
	Path  string // begins with the API version
	Query Query
	// Keep, when set, turns the answer into what may be kept of it, before anything
	// else sees or stores it. An answer that it refuses is one that could not be read, and
	// is asked for again by a run that is taken up.
	Keep func(json.RawMessage) (json.RawMessage, error)
}

const (
	// batchSize is the most parts of a $batch
	// (https://learn.microsoft.com/graph/json-batching).
	batchSize = 20
	// maxBatchRounds is how often parts that failed in passing are sent again.
	maxBatchRounds = 7
	// batchesAtOnce keep Graph busy while an answer is read.
	batchesAtOnce = 4
)

// batched is one GET of many on its way.
type batched struct {
	index   int
	request Request
	call    call
	key     string
}

// GetEach makes many GETs, twenty to a $batch. each is called once per request, in
// any order and never side by side; its err says why that one could not be read. An
// error from each, or a cancelled context, ends it.
func (c *Client) GetEach(ctx context.Context, requests []Request, each func(i int, body json.RawMessage, err error) error) error {
	waiting := map[string][]batched{}
	for i, request := range requests {
		b := batched{index: i, request: request}
		b.call = c.callFor(request)
		b.key = c.wholeKey(b.call)
		body, ok, err := c.recallOne(b.key)
		if err != nil {
			return err
		}
		if ok {
			if err := each(i, body, nil); err != nil {
				return err
			}
			continue
		}
		version, _, _ := strings.Cut(strings.TrimPrefix(request.Path, "/"), "/")
		waiting[version] = append(waiting[version], b)
	}
	var mu sync.Mutex
	var ended error // of each: other batches are still on their way then
	oneByOne := func(i int, body json.RawMessage, err error) error {
		mu.Lock()
		defer mu.Unlock()
		if ended == nil {
			ended = each(i, body, err)
		}
		return ended
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(batchesAtOnce)
	// v1.0 and beta cannot be mixed in one batch.
	for _, version := range slices.Sorted(maps.Keys(waiting)) {
		for parts := range slices.Chunk(waiting[version], batchSize) {
			group.Go(func() error { return c.batch(ctx, version, parts, oneByOne) })
		}
	}
	return group.Wait()
}

// callFor is the request as it would be made by itself.
func (c *Client) callFor(r Request) call {
	return call{method: http.MethodGet, url: c.url(r.Path, r.Query), consistency: r.Query.ConsistencyLevel, fixedPages: r.Query.FixedPages}
}

// batch sends parts until each has an answer that lasts. A batch that succeeds says
// nothing of its parts: each has a status of its own, some may be throttled, and some
// missing.
func (c *Client) batch(ctx context.Context, version string, parts []batched, each func(int, json.RawMessage, error) error) error {
	requests := 0 // that no answer in the journal stands for yet
	for round := 1; ; round++ {
		replies, err := c.sendBatch(ctx, version, parts, round > 1)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		requests++
		var again []batched
		var settled []outcome
		pause := time.Duration(0)
		for _, part := range parts {
			reply, answered := replies[part.index]
			wait := c.partPause(part, reply)
			retry := err == nil && (!answered || reply.sendAgain())
			if retry && round < maxBatchRounds && wait <= c.retry.MaxRetryDelay {
				c.logPart(ctx, slog.LevelInfo, "part of a batch refused, sending it again", part, reply)
				again, pause = append(again, part), max(pause, wait)
				continue
			}
			if retry {
				c.logPart(ctx, slog.LevelWarn, "gave up on a part of a batch", part, reply)
			}
			body, partErr := c.settle(part, reply, answered, err, requests)
			if partErr == nil {
				requests = 0
			}
			settled = append(settled, outcome{part.index, body, partErr})
		}
		for _, o := range settled { // all are kept by now, whatever becomes of them
			if err := each(o.index, o.body, o.err); err != nil {
				return err
			}
		}
		if parts = again; len(parts) == 0 {
			return nil
		}
		if err := c.rest(ctx, cmp.Or(pause, c.backOff(round))); err != nil {
			return err
		}
	}
}

// outcome is what the caller gets for one of many.
type outcome struct {
	index int
	body  json.RawMessage
	err   error
}

func (c *Client) logPart(ctx context.Context, level slog.Level, message string, part batched, reply partReply) {
	c.logger.Log(ctx, level, message, "url", bare(c.account, part.call.url), "status", reply.Status, "retry_after", clean(c.account, reply.header().Get("Retry-After")))
}

// settle makes of a part's last answer what its caller gets, and keeps it as what
// requests have brought.
func (c *Client) settle(part batched, reply partReply, answered bool, err error, requests int) (json.RawMessage, error) {
	broken := func() *Error {
		return &Error{Method: part.call.method, URL: bare(c.account, part.call.url), Status: reply.Status, RequestID: requestID(c.account, reply.header())}
	}
	unusable := func(message string) error {
		e := broken()
		e.Message = message
		return e
	}
	switch {
	case err != nil:
		return nil, err
	case !answered:
		return nil, unusable("the batch was answered without this part")
	case reply.Status < 200 || reply.Status > 299:
		return nil, c.explain(broken(), reply.Body)
	}
	body := plainBody(reply)
	if errorWithin(body) != nil {
		return nil, c.explain(broken(), body)
	}
	if part.request.Keep != nil {
		if body, err = part.request.Keep(body); err != nil {
			return nil, unusable("the answer cannot be read: " + clean(c.account, err.Error()))
		}
	}
	return body, c.recordOne(part.key, body, requests)
}

// sendBatch sends one batch and returns the answers by the index of their request.
func (c *Client) sendBatch(ctx context.Context, version string, parts []batched, again bool) (map[int]partReply, error) {
	outer, err := c.batchCall(version, parts)
	if err != nil {
		return nil, err
	}
	if again {
		c.meter.sent(0, 1)
	}
	body, status, err := c.fetch(ctx, outer) //nolint:bodyclose // fetch has closed it
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusFailedDependency {
		return nil, nil // parts were throttled: all of them are sent again
	}
	var replies map[int]partReply
	if err == nil {
		replies, err = parseReplies(body)
	}
	if err != nil && (status == nil || ctx.Err() != nil) {
		return nil, err
	}
	if err != nil {
		c.logger.WarnContext(ctx, "batch broke off, sending it again", "error", clean(c.account, err.Error()))
		return nil, nil
	}
	return replies, nil
}

// partPause is how long a part's refusal asks to wait. Whoever draws on the same
// limit waits as well.
func (c *Client) partPause(part batched, reply partReply) time.Duration {
	if !identity.Passing(reply.Status) {
		return 0
	}
	h := reply.header()
	readablePause(h, c.clock())
	if reply.Status == http.StatusTooManyRequests {
		c.budget.refused(c.chargesOf(part.call), pauseOf(h))
	}
	if h.Get("Retry-After-Ms") == "" {
		return 0
	}
	return pauseOf(h)
}

// backOff is the pause before a further round where nobody says how long: longer
// each time, and not the same for all.
func (c *Client) backOff(round int) time.Duration {
	longest := min(c.retry.RetryDelay<<round, c.retry.MaxRetryDelay)
	return longest/2 + rand.N(longest/2+1)
}

// batchCall makes the request that carries the parts. It costs what they cost.
func (c *Client) batchCall(version string, parts []batched) (call, error) {
	type step struct {
		ID      string            `json:"id"`
		Method  string            `json:"method"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers,omitempty"`
	}
	var steps []step
	sums := map[bucket]int{}
	for _, part := range parts {
		s := step{ID: strconv.Itoa(part.index), Method: part.call.method, URL: strings.TrimPrefix(part.call.url, c.url(version, Query{}))}
		if part.call.consistency != "" {
			s.Headers = map[string]string{"ConsistencyLevel": part.call.consistency}
		}
		steps = append(steps, s)
		for _, cost := range c.chargesOf(part.call) {
			sums[cost.bucket] += cost.units
		}
	}
	outer, err := c.post("/"+version+"/$batch", Query{}, map[string]any{"requests": steps})
	for _, b := range slices.Sorted(maps.Keys(sums)) {
		outer.charges = append(outer.charges, charge{b, sums[b]})
	}
	return outer, err
}

// rest pauses.
func (c *Client) rest(ctx context.Context, pause time.Duration) error {
	done := c.meter.wait(c.clock)
	defer done()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
