package subject

import (
	"fmt"
	"time"

	"leastwise/collector/snapshot"
)

// coverage says from when on the events of a dataset are complete, and until when; nil
// when that is not known. How long before the as-of instant they may end is one limit
// everywhere, stale_days: snapshot.DoubtBefore makes a dataset partial that ends earlier,
// and its coverage is then not whole.
func (j *Join) coverage(name snapshot.Name) *Coverage {
	dataset := j.snap.Dataset(name)
	if !dataset.Status.Readable() || dataset.From == nil {
		return nil
	}
	days, _ := wholeDays(*dataset.From, j.asOf)
	c := &Coverage{
		From: formatInstant(*dataset.From), Days: days,
		Whole: dataset.Whole() && len(dataset.Holes) == 0 && j.Loose(name) == "",
	}
	if n := len(dataset.Windows); n > 0 {
		c.To = formatInstant(dataset.Windows[n-1].To)
	}
	return c
}

// Unseen says why applications may be approved of which no event is known; it is empty
// when the events reach back over the life of an approval, or could not be read at all.
func (j *Join) Unseen() string {
	if !j.readable(snapshot.DataConnectEvents) {
		return ""
	}
	switch c := j.coverage(snapshot.DataConnectEvents); {
	case c == nil:
		return "it is not known from when on the events of Data Connect are complete, and what was approved before is not seen"
	case c.Days < standardValidity:
		return fmt.Sprintf("the events of Data Connect are known from %s on, and an application that was approved before is not seen; approvals last %d days",
			c.From, standardValidity)
	}
	return ""
}

// roleCoverage is the coverage of the role events. It is whole only when they lead up, but
// for a day, to the instant at which it was read who holds a role, and that was after the
// decision: what changed in between would else be taken for what was there before.
func (j *Join) roleCoverage(latest *decision) *Coverage {
	c := j.coverage(snapshot.RoleEvents)
	if c == nil {
		return nil
	}
	read := j.snap.Dataset(snapshot.DirectoryRoleAssignments).Collected
	if read.IsZero() {
		read = j.snap.Manifest.Ended
	}
	if read.After(j.asOf) { // whoever judges as of an earlier instant takes the snapshot for the state of then
		read = j.asOf
	}
	to, known := parseInstant(c.To)
	if !known || to.Before(read.Add(-day)) || latest != nil && latest.dated && latest.decided.After(read) {
		c.Whole = false
	}
	return c
}

// seen reports whether every event of an interval is known: absence then proves something.
func (j *Join) seen(name snapshot.Name, from, to time.Time) bool {
	dataset := j.snap.Dataset(name)
	// A dataset that is partial for another reason than its holes may lack anything.
	sound := dataset.Whole() || dataset.Status.Readable() && len(dataset.Holes) > 0
	if !sound || dataset.From == nil || from.Before(*dataset.From) || j.Loose(name) != "" {
		return false
	}
	if n := len(dataset.Windows); n > 0 && dataset.Windows[n-1].To.Before(to) {
		return false
	}
	for _, hole := range dataset.Holes {
		if hole.From.Before(to) && hole.To.After(from) {
			return false
		}
	}
	return true
}
