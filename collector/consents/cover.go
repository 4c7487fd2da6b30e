package consents

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// cover says how much of what was read counts as covered.
func (r *reading) cover(ctx context.Context, read []snapshot.Window) error {
	from := r.now.Add(-keptFree)
	if read[0].From.Before(from) {
		kept, err := r.remembered(ctx)
		if err != nil {
			return err
		}
		if kept.Before(from) {
			from = kept
		} else {
			r.covered.Reason = "the directory keeps its audit log for 30 days with a licence and for 7 without, and no older event tells that there is one: no more than 7 days count as read"
		}
	}
	for _, w := range read {
		if w.From.Before(from) {
			w.From = from
		}
		if w.From.Before(w.To) {
			r.covered.Windows = append(r.covered.Windows, w)
		}
	}
	return nil
}

// remembered is an instant that the directory's audit log certainly reaches back to: that
// of an event from the end of its time, of any kind, or else of the oldest that was read.
func (r *reading) remembered(ctx context.Context) (time.Time, error) {
	var page struct{ Value []json.RawMessage }
	before := r.now.Add(-keptPremium + 24*time.Hour)
	err := r.graph.Get(ctx, path, graphapi.Query{Filter: "activityDateTime le " + instant(before), Top: 1}, &page)
	if err != nil && graphapi.Fatal(ctx, err) {
		return time.Time{}, err
	}
	kept := r.oldest
	if kept.IsZero() {
		kept = r.now
	}
	for _, record := range page.Value { // with an error there are none, and less is known
		if at, ok := dated(record); ok && at.Before(kept) {
			kept = at
		}
	}
	if limit := r.now.Add(-keptPremium); kept.Before(limit) {
		kept = limit
	}
	return kept, nil
}

// lose records stretches that could not be read, but for what is covered otherwise.
func (r *reading) lose(state snapshot.State, left []snapshot.Window, err error) {
	why := graphapi.Missing(err)
	why.Reason = "directory audits: " + why.Reason
	e, answered := errors.AsType[*graphapi.Error](err)
	why.Unfinished = answered && e.Status == 0
	r.covered.Evidence, r.covered.Unfinished = why.Evidence, why.Unfinished
	if len(r.covered.Windows) == 0 && r.records == 0 {
		r.covered.Missing = &why
	}
	free := r.now.Add(-keptFree)
	for _, w := range left {
		if w.From.Before(free) { // whether there is anything older is not known
			w.From = free
		}
		for _, open := range snapshot.Uncovered(state.Windows, w.From, w.To) {
			r.covered.Holes = append(r.covered.Holes, snapshot.Hole{From: open.From, To: open.To, Reason: why.Reason})
		}
	}
}
