package dataconnect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// remembered is how long standard audit records are kept, and how long an approval is
// valid: what happened before decides nothing today
// (https://learn.microsoft.com/purview/audit-log-retention-policies,
// https://learn.microsoft.com/graph/app-authorization).
const remembered = 180 * 24 * time.Hour

// near is the difference below which two instants of one run are the same: feeds look
// at the clock one after the other.
const near = time.Minute

// conclude says of a dataset how far it reaches, and what is missing.
func (l *ledger) conclude(meta *snapshot.Dataset) {
	state, fresh := l.settled(), l.found()
	windows, holes := state.Windows, state.Holes
	why := l.missing()
	holes = append(holes, between(windows, holes)...)
	holes = append(holes, l.tail(windows, holes, why)...)
	brokenOff := slices.ContainsFunc(l.read, func(c Coverage) bool { return c.Missing != nil && c.Unfinished })
	if len(windows) == 0 && len(why) > 0 || brokenOff { // what it would have told is not known
		meta.Status = snapshot.Partial
	}
	windows, holes = l.forget(windows, holes, fresh)
	if len(windows) > 0 {
		from := windows[0].From
		meta.From = &from
		holes = slices.DeleteFunc(holes, func(h snapshot.Hole) bool {
			return !h.To.After(from) && !overlaps(fresh, h)
		})
	}
	slices.SortFunc(holes, func(a, b snapshot.Hole) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), cmp.Compare(a.Reason, b.Reason))
	})
	meta.Windows, meta.Holes, meta.Provisional = windows, holes, l.provisional(state.Provisional, windows)
	reasons := holeReasons(holes)
	if len(holes) > 0 {
		meta.Status = snapshot.Partial
	}
	for _, reason := range why {
		if !slices.ContainsFunc(holes, func(h snapshot.Hole) bool { return strings.Contains(h.Reason, reason) }) {
			reasons = append(reasons, reason)
		}
	}
	for _, covered := range l.read {
		if covered.Reason != "" {
			reasons = append(reasons, covered.Reason)
		}
	}
	for _, w := range meta.Provisional {
		reasons = append(reasons, fmt.Sprintf("the audit log may not have had all events of %s to %s when it was searched; the next backfill asks for them again",
			minute(w.From.UTC()), minute(w.To.UTC())))
	}
	meta.Reason = strings.Join(reasons, "; ")
	l.effort(meta)
}

// nothing reports whether there is nothing to write of the dataset.
func (l *ledger) nothing() bool { return !l.former && l.idle() }

// without says why there is nothing.
func (l *ledger) without(files bool) snapshot.Dataset {
	meta := snapshot.Dataset{Status: snapshot.Skipped, Reason: "no saved audit events given"}
	switch {
	case files && l.name == snapshot.ConsentEvents:
		meta.Reason = "the saved audit events hold no consent and no grants"
	case files:
		meta.Reason = "the saved audit events hold no changes of directory roles"
	}
	for _, covered := range l.read {
		if meta.Status == snapshot.Skipped {
			meta.Status = covered.Missing.Status
		}
	}
	if why := l.missing(); len(why) > 0 {
		meta.Reason = strings.Join(why, "; ")
	}
	l.effort(&meta)
	return meta
}

// effort is what it took to read the dataset.
func (l *ledger) effort(meta *snapshot.Dataset) {
	for _, covered := range l.read {
		meta.Requests += covered.Requests
		meta.Retries += covered.Retries
		meta.ThrottleSeconds += covered.ThrottleSeconds
		meta.Unfinished = meta.Unfinished || covered.Unfinished
		evidence := covered.Evidence
		if covered.Missing != nil {
			meta.Unfinished = meta.Unfinished || covered.Missing.Unfinished
			evidence = cmp.Or(evidence, covered.Missing.Evidence)
		}
		meta.Evidence = cmp.Or(meta.Evidence, evidence)
	}
}

// found are the holes that this run met.
func (l *ledger) found() []snapshot.Hole {
	var holes []snapshot.Hole
	for _, covered := range l.read {
		holes = append(holes, covered.Holes...)
	}
	return holes
}

// missing says why feeds were not read.
func (l *ledger) missing() []string {
	var why []string
	for _, covered := range l.read {
		if covered.Missing != nil && !slices.Contains(why, covered.Missing.Reason) {
			why = append(why, covered.Missing.Reason)
		}
	}
	return why
}

// between are the holes that nobody has spoken of: what lies between windows.
func between(windows []snapshot.Window, known []snapshot.Hole) []snapshot.Hole {
	if len(windows) == 0 {
		return nil
	}
	holes := unknown(windows, known, windows[0].From, windows[len(windows)-1].To, "no feed covers it")
	for i := range holes {
		holes[i].Lasting = true // it may have had nothing to tell of that time
	}
	return holes
}

// tail is what lies between the last window and now: what former runs read must not
// look like what there is today. Saved events that are complete up to the newest of
// them are taken as they are, where there is no feed.
func (l *ledger) tail(windows []snapshot.Window, known []snapshot.Hole, why []string) []snapshot.Hole {
	onlySaved := l.feeds == 0 && slices.ContainsFunc(l.read, func(c Coverage) bool { return len(c.Windows) > 0 })
	if len(windows) == 0 || l.now.IsZero() || onlySaved {
		return nil
	}
	end := windows[len(windows)-1].To
	if l.now.Sub(end) < near {
		return nil
	}
	reason := cmp.Or(strings.Join(why, "; "), "it was not read in this run")
	return slices.DeleteFunc(unknown(windows, known, end, l.now, reason), func(h snapshot.Hole) bool { return h.To.Sub(h.From) < near })
}

// provisional is what of the windows is to be asked for again, where that matters still.
func (l *ledger) provisional(searched, windows []snapshot.Window) []snapshot.Window {
	return slices.DeleteFunc(snapshot.Common(searched, windows), func(w snapshot.Window) bool {
		return !w.From.Before(w.To) || !l.now.IsZero() && w.To.Before(l.now.Add(-remembered))
	})
}

// idle reports whether this run read nothing.
func (l *ledger) idle() bool {
	return !slices.ContainsFunc(l.read, func(c Coverage) bool { return c.Missing == nil })
}

func unknown(windows []snapshot.Window, known []snapshot.Hole, from, to time.Time, reason string) []snapshot.Hole {
	accounted := slices.Clone(windows)
	for _, hole := range known {
		accounted = append(accounted, snapshot.Window{From: hole.From, To: hole.To})
	}
	var holes []snapshot.Hole
	for _, w := range snapshot.Uncovered(accounted, from, to) {
		holes = append(holes, snapshot.Hole{From: w.From, To: w.To, Reason: reason})
	}
	return holes
}

// forget drops holes of former runs that ended so long ago that they decide nothing.
// What is before them is no longer said to be covered, since it would be with a hole.
func (l *ledger) forget(windows []snapshot.Window, holes, fresh []snapshot.Hole) ([]snapshot.Window, []snapshot.Hole) {
	if l.now.IsZero() {
		return windows, holes
	}
	limit, from := l.now.Add(-remembered), time.Time{}
	kept := slices.DeleteFunc(slices.Clone(holes), func(h snapshot.Hole) bool {
		old := h.To.Before(limit) && !overlaps(fresh, h)
		if old && h.To.After(from) {
			from = h.To
		}
		return old
	})
	if from.IsZero() {
		return windows, kept
	}
	return snapshot.Except(windows, []snapshot.Hole{{To: from}}), kept
}

func overlaps(holes []snapshot.Hole, with snapshot.Hole) bool {
	return slices.ContainsFunc(holes, func(h snapshot.Hole) bool { return h.From.Before(with.To) && with.From.Before(h.To) })
}

// mostHoles is how many holes a reason names; the manifest has all of them.
const mostHoles = 20

// holeReasons names holes for people.
func holeReasons(holes []snapshot.Hole) []string {
	var reasons []string
	for i, hole := range holes {
		if i == mostHoles {
			return append(reasons, fmt.Sprintf("and %d more intervals", len(holes)-i))
		}
		from := hole.From.UTC()
		if hole.To.Sub(hole.From) <= time.Second {
			reasons = append(reasons, fmt.Sprintf("a record of %s was not read: %s", from.Format(time.RFC3339), hole.Reason))
			continue
		}
		reasons = append(reasons, fmt.Sprintf("nothing was read of %s to %s: %s", minute(from), minute(hole.To.UTC()), hole.Reason))
	}
	return reasons
}

// minute writes an instant to the minute, where it is a whole one.
func minute(at time.Time) string {
	if at.Truncate(time.Minute).Equal(at) {
		return at.Format("2006-01-02T15:04Z07:00")
	}
	return at.Truncate(time.Second).Format(time.RFC3339)
}
