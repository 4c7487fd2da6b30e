package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// Content is the feed of one kind of content.
type Content struct {
	client      *Client
	contentType string
}

// Content makes the feed of a kind of content, such as General.
func (c *Client) Content(contentType string) *Content { return &Content{c, contentType} }

// Read hands out the records that became available since the last window of state,
// and those of gaps in it, as far back as the API reaches: in any order, with
// repetitions, each one as it is, and one after the other. Position says where a record stands.
// Which holes of state that heals, they say themselves.
//
// The windows that it returns are by when content was created, which is after the
// events that it tells of: one that begins at an instant holds all events since then
// that the next windows do not.
//
// The error ends the run: that of each, that of ctx, or a token of somebody else.
func (f *Content) Read(ctx context.Context, state snapshot.State, each func(record json.RawMessage, position string) error) (snapshot.Covered, error) {
	c := f.client
	meter := &graphapi.Meter{}
	r := &reading{
		client: c, contentType: f.contentType, meter: meter, each: each, known: state,
		line: c.opts.Board.Begin(f.contentType, meter, c.opts.Clock()), fetched: map[string]bool{},
	}
	r.known.Windows = snapshot.Union(state.Windows...)
	began := c.now()
	found, err := c.subscribe(ctx)
	if err != nil {
		return snapshot.Covered{}, err
	}
	r.now = earlier(began, c.now()) // the API's clock is known by now
	err = r.run(ctx, found)
	r.conclude(ctx, found)
	return r.covered, err
}

// reading is one reading of a feed.
type reading struct {
	client      *Client
	contentType string
	meter       *graphapi.Meter
	line        *graphapi.Line
	now         time.Time // when it began
	known       snapshot.State
	plan        plan
	covered     snapshot.Covered
	done        []snapshot.Window // that were listed to their end, whatever became of the content
	earliest    time.Time         // when the first content since plan.begin was created; zero without any

	mu      sync.Mutex // records are handed out one after the other
	each    func(record json.RawMessage, position string) error
	records int
	fetched map[string]bool // by key
}

// run reads what there is to read.
func (r *reading) run(ctx context.Context, found *subscriptions) error {
	if found.missing != nil {
		r.nothing(*found.missing, silent(found.missing.Evidence))
		return nil
	}
	sub := found.of[r.contentType]
	switch {
	case sub == nil:
		r.nothing(snapshot.Dataset{Status: snapshot.Failed, Reason: "no subscription to " + r.contentType + " was asked for"}, true)
	case sub.fault != nil:
		r.nothing(*sub.fault, true)
	case sub.started:
		r.begun(sub)
	default:
		return r.windows(ctx, found, sub)
	}
	return nil
}

// nothing records why nothing was read, and that what was known before ends there: for
// good, where there is nothing to be read.
func (r *reading) nothing(why snapshot.Dataset, lasting bool) {
	r.covered.Missing = &why
	r.covered.Evidence, r.covered.Unfinished = why.Evidence, why.Unfinished
	r.covered.Holes = slices.DeleteFunc(r.covered.Holes, plain) // what was listed and is lost stays
	r.holeSince(time.Time{}, r.now, why.Reason, lasting)
}

// holeSince records that what lies between the last window of former runs, or from if
// that is later, and an instant is missing; without any it is not covered anyway.
func (r *reading) holeSince(from, to time.Time, why string, lasting bool) {
	windows := r.known.Windows
	if len(windows) == 0 {
		return
	}
	if from = latest(from, windows[len(windows)-1].To); from.Before(to) {
		r.covered.Holes = append(r.covered.Holes, snapshot.Hole{From: from, To: to, Reason: why, Lasting: lasting})
	}
}

// begun is for a subscription that this run has started. Nothing is lost of what
// becomes available from now on, and nothing from before will come.
func (r *reading) begun(sub *subscription) {
	was := "did not exist"
	if sub.status == disabled {
		was = "was disabled"
	}
	r.covered.Holes = slices.DeleteFunc(r.covered.Holes, plain) // they lie in this one
	r.holeSince(time.Time{}, sub.since, "the subscription to "+r.contentType+" "+was, true)
	r.covered.Windows = []snapshot.Window{{From: sub.since, To: sub.since}}
	r.covered.Reason = "the subscription to " + r.contentType + " " + was + " and was started at " + instant(sub.since) +
		"; events since then come with the next runs, the first ones within 12 hours"
}

// windows reads what a subscription that was there offers.
func (r *reading) windows(ctx context.Context, found *subscriptions, sub *subscription) error {
	r.plan = planned(r.known, r.client.subscribedBefore(found.bearer.clientID(), r.contentType), r.now)
	p := r.plan
	r.covered.Holes = p.holes
	for i, w := range p.windows {
		err := r.window(ctx, w)
		if err == nil {
			r.done = append(r.done, w)
			continue
		}
		if graphapi.Fatal(ctx, err) {
			r.cover()
			return err
		}
		if ending, ok := errors.AsType[endingError](err); ok {
			return ending.error
		}
		if is(err, codeNoSubscription) {
			return r.restart(ctx, found, sub)
		}
		if is(err, codeAuditOff) {
			r.client.heard(err)
		}
		if is(err, codeBadInterval, codeBadStart) && i+1 < len(p.windows) { // later ones may be young enough
			r.hole(w, missing(err), false)
			continue
		}
		r.giveUp(ctx, err, i)
		break
	}
	r.cover()
	return nil
}

// restart starts a subscription that the list showed and that content is refused for.
func (r *reading) restart(ctx context.Context, found *subscriptions, sub *subscription) error {
	c := r.client
	c.mu.Lock()
	var err error
	if !sub.started && sub.fault == nil {
		sub.status = absent
		if err = c.start(ctx, r.meter, found, sub); err == nil && sub.status == enabled {
			sub.fault = &snapshot.Dataset{
				Status: snapshot.Failed, Reason: "the API calls the subscription to " + r.contentType + " enabled, and knows none when asked for content",
			}
		}
	}
	c.mu.Unlock()
	switch {
	case err != nil:
		return err
	case sub.fault != nil:
		r.nothing(*sub.fault, true)
	default:
		r.begun(sub)
	}
	return nil
}

// giveUp records that the windows of the plan from the one at index on could not be read
// because of err. Of those that overlap what former runs read, nothing else is lost.
func (r *reading) giveUp(ctx context.Context, err error, index int) {
	why, left := missing(err), r.plan.windows[index:]
	r.client.logger.WarnContext(ctx, "content given up", "content", r.contentType, "from", instant(left[0].From), "error", err.Error())
	if len(r.done) == 0 && r.records == 0 {
		r.nothing(why, silent(why.Evidence))
		return
	}
	if !r.plan.first {
		left = snapshot.Common(r.plan.proves, left)
	}
	for _, w := range snapshot.Union(left...) {
		r.hole(w, why, silent(why.Evidence))
	}
}

// silent reports whether an answer tells that there is nothing to be read, now and
// later, of the time that was asked for.
func silent(evidence *snapshot.HTTPEvidence) bool {
	return evidence != nil && slices.Contains([]string{codeNoSubscription, codeDisabled, codeMisconfigured, codeAuditOff}, evidence.Code)
}

// hole records that what became available in a window could not be read.
func (r *reading) hole(w snapshot.Window, why snapshot.Dataset, lasting bool, pieces ...string) {
	r.covered.Holes = append(r.covered.Holes, snapshot.Hole{From: w.From, To: w.To, Reason: why.Reason, Lasting: lasting, Pieces: pieces})
	r.covered.Unfinished = r.covered.Unfinished || why.Unfinished
	if r.covered.Evidence == nil {
		r.covered.Evidence = why.Evidence
	}
}

// cover says what the windows that were read amount to.
func (r *reading) cover() {
	windows := snapshot.Common(r.plan.proves, r.done)
	if len(r.done) == 0 {
		windows = nil
	}
	if r.plan.first {
		windows = snapshot.Except(r.begin(), lasting(r.known.Holes))
	}
	r.covered.Windows = snapshot.Except(windows, r.covered.Holes)
	for _, hole := range r.known.Holes {
		for _, piece := range hole.Pieces {
			if r.fetched[piece] {
				r.covered.Fetched = append(r.covered.Fetched, piece)
			}
		}
	}
}

// begin is what the windows that were read amount to when nothing is known of the time
// before.
func (r *reading) begin() []snapshot.Window {
	from := r.earliest
	if from.IsZero() && len(r.done) == len(r.plan.windows) {
		from = r.now
	}
	if from.IsZero() {
		return nil
	}
	r.remark("what is known of " + r.contentType + " begins at " + instant(from) + ": how long there has been a subscription the API does not tell")
	r.holeSince(r.plan.begin, from, "the subscription to "+r.contentType+" may not have existed", true)
	return snapshot.Union(append(since(r.done, from), snapshot.Window{From: from, To: from})...)
}

func (r *reading) remark(text string) {
	r.covered.Reason = strings.TrimPrefix(r.covered.Reason+"; "+text, "; ")
}

// since is what of windows lies after an instant.
func since(windows []snapshot.Window, from time.Time) []snapshot.Window {
	var left []snapshot.Window
	for _, w := range windows {
		if w.To.After(from) {
			left = append(left, snapshot.Window{From: latest(w.From, from), To: w.To})
		}
	}
	return left
}

// conclude adds up what it took.
func (r *reading) conclude(ctx context.Context, found *subscriptions) {
	c, usage := r.client, r.meter.Read()
	if off := c.skew.tell(); off != "" {
		r.remark(off)
	}
	r.covered.Requests, r.covered.Retries, r.covered.ThrottleSeconds = usage.Requests, usage.Retries, usage.ThrottleSeconds
	status := snapshot.Collected
	switch {
	case r.covered.Missing != nil:
		status = r.covered.Missing.Status
	case len(r.covered.Holes) > 0 || ctx.Err() != nil:
		status = snapshot.Partial
	}
	if status.Readable() {
		if names := datasetsOf(r.contentType); names != nil {
			c.readers.note(found.bearer.identity(nil, names...))
		}
	}
	r.line.Tell(func(work *graphapi.Work) { work.Status, work.Rows = status, r.records })
	c.logger.InfoContext(ctx, "content read", "content", r.contentType, "status", status, "records", r.records,
		"requests", usage.Requests, "retries", usage.Retries, "holes", len(r.covered.Holes))
}

// heard notes what an answer tells of the tenant's audit log.
func (c *Client) heard(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known != nil {
		c.known.heard(err)
	}
}

// hand gives a record to whoever reads the feed.
func (r *reading) hand(record json.RawMessage, id string, index int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records++
	r.line.Tell(func(work *graphapi.Work) { work.Rows = r.records })
	return r.each(record, fmt.Sprintf("%s %s[%d]", r.contentType, id, index))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
