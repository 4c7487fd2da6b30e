package snapshot

import (
	"cmp"
	"slices"
)

// Settle brings what former runs covered together with what was read now. What could
// not be read now is not covered, though a former run thought so: content comes late;
// and what was read now heals the hole that a former run, or another feed of this
// one, left.
func Settle(state State, read ...Covered) State {
	var fresh []Window
	var found []Hole
	var fetched []string
	provisional := state.Provisional
	for _, covered := range read {
		fresh, found = append(fresh, covered.Windows...), append(found, covered.Holes...)
		fetched = append(fetched, covered.Fetched...)
		provisional = append(Without(provisional, covered.Windows), covered.Provisional...)
	}
	left, healed := fetchedOf(state.Holes, fetched)
	left = append(left, found...)
	settled := Except(state.Windows, found)
	settled = append(settled, Except(healed, left)...)
	settled = Union(append(settled, fresh...)...)
	var open []Hole
	for _, hole := range left {
		for _, w := range Uncovered(settled, hole.From, hole.To) {
			hole.From, hole.To = w.From, w.To
			open = append(open, hole)
		}
	}
	provisional = slices.DeleteFunc(Common(provisional, settled), func(w Window) bool { return !w.From.Before(w.To) })
	return State{settled, distinctHoles(open), provisional}
}

// fetchedOf leaves out what was fetched of the content that holes are about. Those of
// which nothing is left are healed.
func fetchedOf(holes []Hole, fetched []string) (left []Hole, healed []Window) {
	for _, hole := range holes {
		about := len(hole.Pieces) > 0
		hole.Pieces = slices.DeleteFunc(slices.Clone(hole.Pieces), func(piece string) bool { return slices.Contains(fetched, piece) })
		if about && len(hole.Pieces) == 0 && !hole.Lasting {
			healed = append(healed, Window{From: hole.From, To: hole.To})
			continue
		}
		left = append(left, hole)
	}
	return left, healed
}

// distinctHoles puts holes in order and leaves out those about content that others are about.
func distinctHoles(holes []Hole) []Hole {
	slices.SortStableFunc(holes, func(a, b Hole) int {
		return cmp.Or(a.From.Compare(b.From), b.To.Compare(a.To), cmp.Compare(a.Reason, b.Reason), lastingFirst(a, b), len(b.Pieces)-len(a.Pieces))
	})
	var kept []Hole
	for _, hole := range holes {
		if !slices.ContainsFunc(kept, func(other Hole) bool { return other.says(hole) }) {
			kept = append(kept, hole)
		}
	}
	slices.SortStableFunc(kept, func(a, b Hole) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), cmp.Compare(a.Reason, b.Reason))
	})
	return kept
}

func lastingFirst(a, b Hole) int {
	switch {
	case a.Lasting == b.Lasting:
		return 0
	case a.Lasting:
		return -1
	}
	return 1
}

// says reports whether h lasts as long as another hole does, and is either the same or
// about the same content.
func (h Hole) says(other Hole) bool {
	if other.Lasting && !h.Lasting {
		return false
	}
	for _, piece := range other.Pieces {
		if !slices.Contains(h.Pieces, piece) {
			return false
		}
	}
	same := h.From.Equal(other.From) && h.To.Equal(other.To) && h.Reason == other.Reason
	within := !other.From.Before(h.From) && !h.To.Before(other.To)
	return same || within && len(other.Pieces) > 0
}
