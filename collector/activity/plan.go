package activity

import (
	"slices"
	"time"

	"leastwise/collector/snapshot"
)

// The limits of the API
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference#list-available-content),
// and what is left to be sure of them.
const (
	retention = 7 * 24 * time.Hour
	longest   = 24 * time.Hour // of one window; with more, the answer may silently be partial
	// margin is for clocks that differ, and for the time until the request arrives.
	margin = 5 * time.Minute
	// overlap is read again: content may be listed later than it was created.
	overlap = 2 * time.Hour
)

// plan is what is to be asked for.
type plan struct {
	windows []snapshot.Window // by when content was created, in order
	// proves are the intervals of which something will be known that is not known yet. Of
	// what is read again nothing is claimed: nobody may have been subscribed then.
	proves []snapshot.Window
	// first is true when it is not known since when there is something to be had: coverage
	// begins with the earliest content there is that was created at begin or later.
	first bool
	begin time.Time
	holes []snapshot.Hole
}

// planned works out the windows for a subscription that is there. state is what former
// runs came to; proven says that there was a subscription since.
func planned(state snapshot.State, proven bool, now time.Time) plan {
	earliest := now.Add(margin - retention)
	windows := snapshot.Union(state.Windows...)
	if len(windows) == 0 {
		return plan{windows: split(earliest, now), first: true}
	}
	last := windows[len(windows)-1].To
	if last.After(now) {
		last = now
	}
	if begin := brokenUntil(state.Holes, last, now); begin.After(last) {
		return plan{windows: split(earliest, now), first: true, begin: begin}
	}
	if !proven {
		return plan{windows: split(earliest, now), first: true}
	}
	p := plan{}
	if last.Before(earliest) {
		p.holes = []snapshot.Hole{{
			From: last, To: earliest,
			Reason: "the last run ended more than 7 days ago, which is how far the Management Activity API reaches back",
		}}
	}
	// What is missing between the windows of former runs may be had by now.
	gaps := snapshot.Uncovered(windows, latest(windows[0].From, earliest), last)
	since := latest(last, earliest)
	p.proves = append(snapshot.Common(gaps, snapshot.Intervals(unread(state.Holes))), snapshot.Window{From: since, To: now})
	p.proves = snapshot.Except(p.proves, lasting(state.Holes))
	again := latest(last.Add(-overlap), earliest)
	for _, w := range state.Provisional {
		if !w.To.Before(last) && w.From.Before(again) { // nothing was read since
			again = latest(w.From, earliest)
		}
	}
	for _, w := range snapshot.Union(append(gaps, snapshot.Window{From: again, To: now})...) {
		p.windows = append(p.windows, split(w.From, w.To)...)
	}
	return p
}

// lasting are the holes that are not healed by looking and finding nothing: there was no
// subscription, or content that was listed then is not known.
func lasting(holes []snapshot.Hole) []snapshot.Hole {
	return slices.DeleteFunc(slices.Clone(holes), plain)
}

// unread are the others.
func unread(holes []snapshot.Hole) []snapshot.Hole {
	return slices.DeleteFunc(slices.Clone(holes), func(h snapshot.Hole) bool { return !plain(h) })
}

func plain(h snapshot.Hole) bool { return !h.Lasting && len(h.Pieces) == 0 }

// brokenUntil is until when there was nothing to be had since the last window; last when
// there is no such hole. Since when there is something again only content can tell.
func brokenUntil(holes []snapshot.Hole, last, now time.Time) time.Time {
	until := last
	for _, h := range holes {
		if h.Lasting && !h.To.After(now) {
			until = latest(until, h.To)
		}
	}
	return until
}

// split cuts a stretch of time into windows that may be asked for.
func split(from, to time.Time) []snapshot.Window {
	var windows []snapshot.Window
	for from.Before(to) {
		end := from.Add(longest)
		if end.After(to) {
			end = to
		}
		windows = append(windows, snapshot.Window{From: from, To: end})
		from = end
	}
	return windows
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
