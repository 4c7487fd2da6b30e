package usage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// covering is what the exports of a run cover, and how that is known.
type covering struct {
	snapshot.Covered
	reasons []string
}

// cover says of which time the exports are whole. That there are calls of an instant does
// not prove that there are those of others: either somebody has declared it, or there are
// blobs, which the service writes hour by hour. Else the calls are all that is known.
func (s *Source) cover(read *Result) (c covering, err error) {
	from, to := s.opts.From, s.opts.To
	if from != nil {
		until := read.To
		if to != nil {
			until = *to
		}
		c, err = declared(read, from.UTC(), until.UTC())
	} else {
		c = observed(read)
	}
	if read.cutCalls { // what was cut off may be of any time
		c.Provisional = c.Windows
	}
	return c, err
}

func declared(read *Result, from, to time.Time) (c covering, err error) {
	switch {
	case read.calls == 0:
		c.reasons = []string{"the exports are declared to be whole from " + minute(from) + ", and hold no call of Microsoft Graph at all"}
		return c, nil
	case !from.Before(to):
		return c, fmt.Errorf("usage: the exports are declared to be whole from %s, and end at %s; hint: declare from when on they hold every call", minute(from), minute(to))
	}
	c.reasons = []string{fmt.Sprintf("declared to be whole from %s to %s", minute(from), minute(to))}
	if read.From.After(from) {
		c.reasons = append(c.reasons, "the first call is of "+minute(read.From))
	}
	from, to = borneOut(read, from, to, &c)
	c.Windows = []snapshot.Window{{From: from, To: to}}
	if read.single {
		c.Provisional = c.Windows
		c.reasons = append(c.reasons, "all calls are of one application, as of an export that was filtered, so that they prove nothing of what was not called")
	}
	if read.hours.alone() {
		for _, w := range snapshot.Uncovered(wholeHours(&read.hours), from, to) {
			c.Holes = append(c.Holes, snapshot.Hole{From: w.From, To: w.To, Reason: noBlob, Lasting: true})
		}
		c.Windows = snapshot.Except(c.Windows, c.Holes)
	}
	return c, nil
}

// quiet is for how long no application of a tenant may call Microsoft Graph before it is doubted that the exports
// reach so far.
const quiet = 7 * 24 * time.Hour

// borneOut cuts a declared interval down to what the calls bear out, where they begin or end long within it.
func borneOut(read *Result, from, to time.Time, c *covering) (first, last time.Time) {
	first, last = from, to
	if read.From.Sub(from) > quiet && read.From.Before(to) {
		first = read.From
		c.reasons = append(c.reasons, fmt.Sprintf("no application called anything for more than %d days before, so that nothing is known of that time", days(quiet)))
	}
	if to.Sub(read.To) > quiet && read.To.After(first) {
		last = read.To
		c.reasons = append(c.reasons, fmt.Sprintf("no application called anything for more than %d days after %s, so that nothing is known of that time", days(quiet), minute(read.To)))
	}
	return first, last
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

const noBlob = "there is no blob of these hours"

// wholeHours are the hours of blobs, the newest one to its end: somebody has declared
// until when they are whole.
func wholeHours(h *hours) []snapshot.Window {
	var windows []snapshot.Window
	for hour := range h.last {
		windows = append(windows, snapshot.Window{From: hour, To: hour.Add(time.Hour)})
	}
	return windows
}

func observed(read *Result) (c covering) {
	switch {
	case read.calls == 0:
	case read.hours.alone():
		c.Windows = read.hours.windows()
		first, last := c.Windows[0].From, c.Windows[len(c.Windows)-1].To
		for _, w := range snapshot.Uncovered(c.Windows, first, last) {
			c.Holes = append(c.Holes, snapshot.Hole{From: w.From, To: w.To, Reason: noBlob, Lasting: true})
		}
		c.reasons = []string{fmt.Sprintf("blobs cover %s to %s", minute(first), minute(last))}
	default:
		c.Windows = []snapshot.Window{{From: read.From, To: read.To}}
		c.Provisional = c.Windows
		c.reasons = []string{fmt.Sprintf("calls were observed from %s to %s, and nobody has declared that all of them are there (usage: from, to)",
			minute(read.From), minute(read.To))}
	}
	return c
}

// conclude says of the dataset how far it reaches. From is known only where somebody has
// declared it, or blobs tell; what is merely observed after it is a hole.
func conclude(meta *snapshot.Dataset, state snapshot.State, reasons []string) {
	meta.Windows, meta.Holes, meta.Provisional = state.Windows, state.Holes, state.Provisional
	certain := snapshot.Without(state.Windows, state.Provisional)
	certain = slices.DeleteFunc(certain, func(w snapshot.Window) bool { return !w.From.Before(w.To) })
	if len(certain) == 0 {
		meta.Reason = strings.Join(reasons, "; ")
		return
	}
	from, to := certain[0].From, state.Windows[len(state.Windows)-1].To
	meta.From = &from
	known := append(slices.Clone(certain), snapshot.Intervals(state.Holes)...)
	for _, w := range snapshot.Uncovered(known, from, to) {
		meta.Holes = append(meta.Holes, snapshot.Hole{From: w.From, To: w.To, Reason: "nobody has declared that all calls of then are there"})
	}
	meta.Holes = slices.DeleteFunc(meta.Holes, func(h snapshot.Hole) bool { return !h.To.After(from) })
	slices.SortFunc(meta.Holes, func(a, b snapshot.Hole) int { return a.From.Compare(b.From) })
	for i, hole := range meta.Holes {
		if i == mostHoles {
			reasons = append(reasons, fmt.Sprintf("and %d more intervals", len(meta.Holes)-i))
			break
		}
		reasons = append(reasons, fmt.Sprintf("nothing is known of %s to %s: %s", minute(hole.From), minute(hole.To), hole.Reason))
	}
	if len(meta.Holes) > 0 {
		meta.Status = snapshot.Partial
	}
	meta.Reason = strings.Join(reasons, "; ")
}

// mostHoles is how many holes a reason names; the manifest has all of them.
const mostHoles = 5

func minute(at time.Time) string {
	return at.UTC().Truncate(time.Minute).Format("2006-01-02T15:04Z07:00")
}

// ParseInterval reads from when to when exports are declared to be whole, either of which
// may be empty. now is what neither may lie after.
func ParseInterval(from, to string, parse func(string) (time.Time, bool), now time.Time) (first, last *time.Time, err error) {
	for _, end := range []struct {
		name, text string
		to         **time.Time
	}{{"from", from, &first}, {"to", to, &last}} {
		if end.text == "" {
			continue
		}
		instant, ok := parse(end.text)
		switch {
		case !ok:
			return nil, nil, fmt.Errorf("%s %q is not an instant; hint: write 2026-08-01 or 2026-08-01T00:00:00Z", end.name, end.text)
		case instant.After(now):
			return nil, nil, fmt.Errorf("%s %q is yet to come; hint: declare of which time in the past the exports are whole", end.name, end.text)
		}
		*end.to = &instant
	}
	switch {
	case first == nil && last != nil:
		return nil, nil, errors.New("to without from; hint: say from when on the exports hold every call")
	case first != nil && last != nil && !first.Before(*last):
		return nil, nil, fmt.Errorf("from %s is not before to %s; hint: turn them round", from, to)
	}
	return first, last, nil
}
