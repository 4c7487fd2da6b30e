package subject

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"

	"leastwise/collector/snapshot"
)

// approves reports whether a decision is an approval, whatever became of it. Its
// ApprovalUpdatedDateInUTC is then its own; that of any other decision may be the date of
// the approval that it ends
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema).
func (d *decision) approves() bool { return d.State == stateApproved || d.State == stateUpdated }

// when is the instant that decisions are ordered by: the event's own.
func (d *decision) when() time.Time {
	if d.placed {
		return d.reported
	}
	return d.decided
}

// since is the instant from which on a decision counts: an approval from when it was
// given, all else from when it was reported.
func (d *decision) since() time.Time {
	if d.State == stateApproved {
		return d.decided
	}
	return d.when()
}

// settled is the instant from which on it surely counts.
func (d *decision) settled() time.Time {
	if d.State == stateApproved {
		return d.latest()
	}
	return d.when()
}

// sort puts decisions into the order of their events, and counts those that were reported
// by an instant.
func (c *connectApp) sort(asOf time.Time) {
	slices.SortStableFunc(c.decisions, func(a, b decision) int {
		return cmp.Or(a.when().Compare(b.when()), a.decided.Compare(b.decided), cmp.Compare(a.ID, b.ID))
	})
	later := slices.IndexFunc(c.decisions, func(d decision) bool { return d.dated && d.when().After(asOf) })
	if c.told = later; later < 0 {
		c.told = len(c.decisions)
	}
}

// conflict reports whether it is not known which of two decisions that differ is the
// later one: their events are of one instant, or what they say of themselves tells another
// order. (An undated decision is a gap of its own.)
func conflict(earlier, later *decision) bool {
	switch {
	case !earlier.dated || !later.dated || alike(*earlier, *later):
		return false
	case earlier.when().Equal(later.when()):
		return true
	case !earlier.placed && !earlier.approves(), !later.placed && !later.approves():
		return true
	}
	return earlier.since().After(later.settled())
}

// alike reports whether two decisions say the same.
func alike(a, b decision) bool {
	for _, d := range []*decision{&a, &b} {
		if !d.approves() {
			d.ApprovedAt = ""
		}
		d.ID, d.At, d.AppName = "", "", ""
	}
	return a.expired == b.expired && reflect.DeepEqual(a.wireDataConnectEvent, b.wireDataConnectEvent)
}

// rival is a decision of which it is not known whether it is later than decision i, or
// than the one that i comes to; nil when there is none.
func (c *connectApp) rival(of []decision, i int) *decision {
	for _, at := range []int{i, c.standing(i)} {
		for k := range of {
			if at >= 0 && k != at && conflict(&of[min(k, at)], &of[max(k, at)]) {
				return &of[k]
			}
		}
	}
	return nil
}

// doubt says why it is not known which decision is the latest, or when it was taken; ""
// when both are.
func (c *connectApp) doubt(asOf time.Time) string {
	if c.told == 0 {
		return ""
	}
	last, d := c.told-1, c.latest()
	if other := c.rival(c.decisions[:c.told], last); other != nil {
		return fmt.Sprintf("which decision is the latest is not known: event %s may be later than event %s", other.ID, c.decisions[last].ID)
	}
	if d.placed && d.decided.After(d.reported.Add(day)) || d.decided.After(asOf) {
		return fmt.Sprintf("event %s says that it was decided on %s, which is after it was reported or judged for", d.ID, formatInstant(d.decided))
	}
	return ""
}

// instants are the first and the last instant that a bare day or an instant may stand for.
func instants(text string) (from, to time.Time, ok bool) {
	if from, err := time.Parse(time.DateOnly, text); err == nil {
		return from, from.Add(day), true
	}
	from, ok = parseInstant(text)
	return from, from, ok
}

// before says whether the decision was taken before an instant; nil when that is not
// known, because it is not dated, or by the day alone.
func (d *decision) before(at time.Time) *bool { return d.beforeAny(at, at) }

// beforeAny says whether the decision was taken before an instant of which it is known that
// it lies between two.
func (d *decision) beforeAny(from, to time.Time) *bool {
	before, after := from.After(d.latest()), !to.After(d.decided)
	if !d.dated || !before && !after {
		return nil
	}
	return &before
}

// addUnseen marks a decision that another one may have followed. A denial that the register
// declares holds in any case.
func (j *Join) addUnseen(app *DataConnectApp, latest *decision) {
	if latest == nil || app.SelfDeclared && app.State == stateDenied {
		return
	}
	reason := j.unseen(latest)
	if reason == "" {
		return
	}
	for _, field := range []string{"state", "days_left"} {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DataConnectEvents, Reason: reason, Field: field})
	}
}

// unseen says why another decision may have followed the latest one without being seen;
// "" when none can have. (What a dataset lacks that is not whole is said of the dataset.)
func (j *Join) unseen(latest *decision) string {
	const name = snapshot.DataConnectEvents
	dataset := j.snap.Dataset(name)
	if !dataset.Whole() || j.Loose(name) != "" {
		return ""
	}
	if dataset.From == nil {
		return "from when on events are complete is not known: a later decision may be missing"
	}
	end := j.asOf
	if n := len(dataset.Windows); n > 0 && dataset.Windows[n-1].To.Before(end) {
		end = dataset.Windows[n-1].To
	}
	if !latest.dated || !j.seen(name, latest.when(), end) {
		return fmt.Sprintf("events are known from %s on, which is after the decision: a later one may be missing", formatInstant(*dataset.From))
	}
	return ""
}
