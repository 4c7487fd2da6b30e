package activity_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// An event takes up to a day until a search finds it. What was searched before counts as
// read, and every search asks for it again until it was asked for late enough.
func TestTheLastDayIsSearchedAgain(t *testing.T) {
	a := startAPI(t) // without subscriptions
	g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Value(), fakegraph.Value(`{"id":"late"}`))
	var known snapshot.State
	search := func() []string {
		q := queries(t, g, auditor(), func(o *activity.QueryOptions) { o.Clock = func() time.Time { return a.now } })
		return follow(t, q.Records(activity.DataConnect(), 180*day), &known)
	}
	feed := func() []string { return follow(t, a.client(reader()).Content(activity.General), &known) }
	check := func(provisional ...snapshot.Window) {
		t.Helper()
		sameWindows(t, "covered", known.Windows, window(ago(180*day), a.now))
		sameWindows(t, "provisional", known.Provisional, provisional...)
		sameHoles(t, known.Holes)
	}
	feed()
	sameIDs(t, search())
	check(window(ago(day), noon()))

	// The feed reads from where the search is in doubt, once, which proves nothing.
	a.later(8 * time.Hour)
	a.windows = nil
	feed()
	check(window(ago(day), noon()))
	sameWindows(t, "listed", a.windows, window(ago(day), noon()), window(noon(), a.now))
	a.later(time.Hour)
	a.windows = nil
	feed()
	check(window(ago(day), noon()))
	sameWindows(t, "listed", a.windows, window(noon().Add(6*time.Hour), a.now))

	// Too early a search leaves a part of it.
	sameIDs(t, search(), "late")
	check(window(ago(15*time.Hour), noon()))
	a.later(day)
	feed()
	search()
	check()
	if got := asked(t, g, v1); len(got) != 3 {
		t.Errorf("asked for %v", got)
	} else {
		sameWindows(t, "asked again", got[1:], window(ago(2*day), noon()), window(ago(day+15*time.Hour), noon()))
	}
	search()
	if got := asked(t, g, v1); len(got) != 3 {
		t.Errorf("what is certain was asked for: %v", got)
	}
}

// What was searched stays covered when asking again fails.
func TestTheLastDayCannotBeSearchedAgain(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("failed"))
	last := window(ago(day), noon())
	known := snapshot.State{Windows: []snapshot.Window{window(ago(180*day), noon())}, Provisional: []snapshot.Window{last}}
	_, covered := readOn(t, queries(t, g, auditor()).Records(activity.DataConnect(), 180*day), known)
	if covered.Missing == nil || !strings.Contains(covered.Missing.Reason, "failed") {
		t.Errorf("%+v", covered)
	}
	known = snapshot.Settle(known, covered)
	sameWindows(t, "covered", known.Windows, window(ago(180*day), noon()))
	sameWindows(t, "provisional", known.Provisional, last)
	sameHoles(t, known.Holes)
}

// Provisional is only what nobody else has read, and the moments since the feed was read
// are left to the next run, unless they are missing.
func TestWhatASearchIsNotNeededFor(t *testing.T) {
	missing := snapshot.Hole{From: ago(10 * time.Minute), To: noon(), Reason: "denied"}
	for _, c := range []struct {
		name               string
		state              snapshot.State
		asked, provisional []snapshot.Window
	}{
		{"the feed was read just now", snapshot.State{Windows: []snapshot.Window{window(ago(180*day), ago(10*time.Minute))}}, nil, nil},
		{
			"the feed could not be read just now",
			snapshot.State{Windows: []snapshot.Window{window(ago(180*day), ago(10*time.Minute))}, Holes: []snapshot.Hole{missing}},
			[]snapshot.Window{window(ago(day+10*time.Minute), noon())},
			[]snapshot.Window{window(ago(10*time.Minute), noon())},
		},
		{
			"the feed was read some time ago",
			snapshot.State{Windows: []snapshot.Window{window(ago(180*day), ago(2*time.Hour))}},
			[]snapshot.Window{window(ago(26*time.Hour), noon())},
			[]snapshot.Window{window(ago(2*time.Hour), noon())},
		},
		{
			"a gap of today",
			snapshot.State{Windows: []snapshot.Window{window(ago(180*day), ago(10*time.Hour)), window(ago(2*time.Hour), noon())}},
			[]snapshot.Window{window(ago(34*time.Hour), ago(2*time.Hour))},
			[]snapshot.Window{window(ago(10*time.Hour), ago(2*time.Hour))},
		},
	} {
		g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Value())
		_, covered := readOn(t, queries(t, g, auditor()).Records(activity.DataConnect(), 180*day), c.state)
		sameWindows(t, c.name+": asked for", asked(t, g, v1), c.asked...)
		sameWindows(t, c.name+": covered", covered.Windows, c.asked...)
		sameWindows(t, c.name+": provisional", covered.Provisional, c.provisional...)
	}
}

// A query that gives far fewer records than it says it has is not read.
func TestQueryThatGivesTooFew(t *testing.T) {
	for _, c := range []struct {
		told   string
		listed int
		whole  bool
	}{
		{`40000`, 1, false},
		{`"40000"`, 1, false},
		{`1`, 0, false},
		{`3`, 1, false},
		{`3`, 2, true},
		{`1`, 1, true},
		{`0`, 0, true},
		{`0`, 2, true},
		{`null`, 1, true},
		{`"many"`, 1, true},
		{`-5`, 0, true},
	} {
		var records []string
		for n := range c.listed {
			records = append(records, fmt.Sprintf(`{"id":"%d"}`, n))
		}
		g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q/records", fakegraph.Value(records...))
		g.On(v1+"/q", fakegraph.Answer{Body: `{"status":"succeeded","isRecordCountLimitExceeded":false,"approximateReturnedRecordCount":` + c.told + `}`})
		ids, covered := read(t, queries(t, g, auditor()).Records(activity.DataConnect(), 30*day))
		if len(ids) != c.listed {
			t.Errorf("%s: read %v", c.told, ids)
		}
		if c.whole {
			sameWindows(t, c.told, covered.Windows, window(ago(30*day), noon()))
			sameHoles(t, covered.Holes)
			continue
		}
		sameWindows(t, c.told, covered.Windows)
		sameHoles(t, covered.Holes, snapshot.Hole{From: ago(30 * day), To: noon(), Reason: fmt.Sprintf("it gave %d records between 2026-10-21T12:00:00Z", c.listed)})
	}
}
