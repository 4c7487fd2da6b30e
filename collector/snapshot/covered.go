package snapshot

import (
	"cmp"
	"slices"
	"time"
)

// Covered is what reading a feed of events came to.
type Covered struct {
	// Windows are the intervals of which all events were handed out, holes left out, in
	// order and apart from each other. An empty one says where a feed began of which
	// nothing can have been read yet.
	Windows []Window
	// Holes are the intervals of which events are missing, or may be, because this run could
	// not read them.
	Holes []Hole
	// Provisional are the parts of Windows whose events may not all have been there to be
	// found.
	Provisional []Window
	// Fetched are those Pieces of the holes of former runs that were fetched now.
	Fetched []string
	// Missing says why nothing was read at all; nil when something was.
	Missing *Dataset
	// Reason is a remark on what was read, for people; it may be empty.
	Reason string
	// Evidence is the answer that stands behind the first hole, where there was one.
	Evidence        *HTTPEvidence
	Requests        int
	Retries         int
	ThrottleSeconds float64
	// Unfinished is true when reading broke off, so that another run may do better.
	Unfinished bool
}

// State is how far events are known: what runs have come to, and the next one goes on
// from. The members are those of Dataset.
type State struct {
	Windows     []Window
	Holes       []Hole
	Provisional []Window
}

// Union puts windows in order and joins those that overlap or touch. One that ends
// before it begins is dropped; an empty one is kept where no other one touches it.
func Union(windows ...Window) []Window {
	windows = slices.DeleteFunc(slices.Clone(windows), func(w Window) bool { return w.To.Before(w.From) })
	slices.SortFunc(windows, func(a, b Window) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	var joined []Window
	for _, w := range windows {
		last := len(joined) - 1
		if last < 0 || w.From.After(joined[last].To) {
			joined = append(joined, w)
		} else if w.To.After(joined[last].To) {
			joined[last].To = w.To
		}
	}
	return joined
}

// Uncovered lists the intervals between from and to that no window covers, in order.
func Uncovered(windows []Window, from, to time.Time) []Window {
	var open []Window
	for _, w := range Union(windows...) {
		if !w.To.After(w.From) || !w.To.After(from) {
			continue
		}
		if !w.From.Before(to) {
			break
		}
		if w.From.After(from) {
			open = append(open, Window{From: from, To: w.From})
		}
		from = w.To
	}
	if from.Before(to) {
		open = append(open, Window{From: from, To: to})
	}
	return open
}

// Except lists what of the windows lies outside of all holes.
func Except(windows []Window, holes []Hole) []Window {
	lost := Intervals(holes)
	var left []Window
	for _, w := range Union(windows...) {
		if w.From.Equal(w.To) {
			if !slices.ContainsFunc(lost, func(l Window) bool { return !w.From.Before(l.From) && w.From.Before(l.To) }) {
				left = append(left, w)
			}
			continue
		}
		left = append(left, Uncovered(lost, w.From, w.To)...)
	}
	return left
}

// Intervals are those of holes.
func Intervals(holes []Hole) []Window {
	windows := make([]Window, len(holes))
	for i, hole := range holes {
		windows[i] = Window{From: hole.From, To: hole.To}
	}
	return windows
}

// Without lists what of the windows lies outside of others.
func Without(windows, others []Window) []Window {
	holes := make([]Hole, len(others))
	for i, w := range others {
		holes[i] = Hole{From: w.From, To: w.To}
	}
	return Except(windows, holes)
}

// Common lists what of the windows lies within others, too. An empty window stays unless
// it lies in a part that does not.
func Common(windows, others []Window) []Window {
	var outside []Window
	for _, w := range windows {
		outside = append(outside, Uncovered(others, w.From, w.To)...)
	}
	return Without(windows, outside)
}
