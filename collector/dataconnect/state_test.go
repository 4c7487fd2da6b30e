package dataconnect_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// What the former run came to is what feeds go on from, with whatever it says of holes.
func TestTheStateOfAFormerRunIsHandedOn(t *testing.T) {
	lasting, about := hole(20, 19, "no subscription"), hole(18, 17, "expired")
	lasting.Lasting, about.Pieces = true, []string{"0123456789ab"}
	state := snapshot.State{
		Windows:     []snapshot.Window{window(30, 20), window(19, 18), window(17, 1)},
		Holes:       []snapshot.Hole{lasting, about},
		Provisional: []snapshot.Window{window(2, 1)},
	}
	meta := snapshot.Dataset{Windows: state.Windows, Holes: state.Holes, Provisional: state.Provisional}
	first := &feed{covered: covers(window(1, 0))}
	second := &feed{covered: dataconnect.Coverage{Fetched: about.Pieces}}
	d := collect(t, dataconnect.Options{
		Clock: fakegraph.Now, Previous: former(t, snapshot.DataConnectEvents, meta), Feeds: []dataconnect.Feed{first, second},
	}).Dataset(snapshot.DataConnectEvents)
	if diff := cmp.Diff(state, first.state); diff != "" {
		t.Errorf("the first feed was told %s", diff)
	}
	state.Windows[2] = window(17, 0)
	if diff := cmp.Diff(state, second.state); diff != "" {
		t.Errorf("the second feed was told %s", diff)
	}
	want := snapshot.State{Windows: []snapshot.Window{window(30, 20), window(19, 0)}, Holes: []snapshot.Hole{lasting}, Provisional: state.Provisional}
	if diff := cmp.Diff(want, snapshot.State{Windows: d.Windows, Holes: d.Holes, Provisional: d.Provisional}); diff != "" {
		t.Error(diff)
	}
}

// Which holes looking again may heal: not that of a record that cannot be read, nor that
// of a time that no feed speaks of.
func TestHolesThatLast(t *testing.T) {
	unknown := consent(map[string]any{"Id": "u", "RecordType": 500, "State": nil, "CreationTime": "2026-11-18T10:00:00"})
	at := time.Date(2026, 11, 18, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		records []any
		covered []snapshot.Window
		holes   []snapshot.Window
		lasting []bool
	}{
		{"a record", []any{unknown}, []snapshot.Window{window(5, 0)}, []snapshot.Window{{From: at, To: at.Add(time.Second)}}, []bool{true}},
		{"a record without a time", []any{"null"}, []snapshot.Window{window(5, 0)}, []snapshot.Window{window(5, 0)}, []bool{true}},
		{"between feeds, and the rest", nil, []snapshot.Window{window(9, 8), window(5, 1)}, []snapshot.Window{window(8, 5), window(1, 0)}, []bool{true, false}},
	} {
		f := &feed{records: c.records, covered: covers(c.covered...)}
		d := collect(t, dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{f}}).Dataset(snapshot.DataConnectEvents)
		if diff := cmp.Diff(c.holes, snapshot.Intervals(d.Holes)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
			continue
		}
		for i, h := range d.Holes {
			if h.Lasting != c.lasting[i] || h.Pieces != nil {
				t.Errorf("%s: %+v", c.name, h)
			}
		}
	}
}

// A record that could not be read may have been in content that came after all.
func TestContentThatCannotBeReadHealsNothing(t *testing.T) {
	about := hole(18, 17, "expired")
	about.Pieces = []string{"0123456789ab"}
	meta := snapshot.Dataset{Windows: []snapshot.Window{window(30, 18), window(17, 1)}, Holes: []snapshot.Hole{about}}
	f := &feed{records: []any{"null"}, covered: dataconnect.Coverage{Windows: []snapshot.Window{window(1, 0)}, Fetched: about.Pieces}}
	d := collect(t, dataconnect.Options{Clock: fakegraph.Now, Previous: former(t, snapshot.DataConnectEvents, meta), Feeds: []dataconnect.Feed{f}}).Dataset(snapshot.DataConnectEvents)
	if want := "partial from 30 [30,18) [17,1) hole [18,17) expired hole [1,0) blob:0: not an audit record"; told(d) != want {
		t.Errorf("got %s, want %s", told(d), want)
	}
}

// What was searched too early counts as read, and is told until it is asked for again or
// matters no more.
func TestWhatIsProvisionalIsTold(t *testing.T) {
	early := dataconnect.Coverage{Windows: []snapshot.Window{window(100, 0)}, Provisional: []snapshot.Window{window(1, 0)}}
	first := collect(t, dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{&feed{covered: early}}})
	const remark = "the audit log may not have had all events of 2026-11-19T00:00Z to 2026-11-20T00:00Z when it was searched; the next backfill asks for them again"
	if d := first.Dataset(snapshot.DataConnectEvents); told(d) != "collected from 100 [100,0)" || d.Reason != remark {
		t.Errorf("got %s: %s", told(d), d.Reason)
	}
	for _, c := range []struct {
		name  string
		after int // days
		feed  dataconnect.Coverage
		told  bool
	}{
		{"the feed goes on", 1, covers(window(0, -1)), true},
		{"it is searched again", 1, covers(window(2, -1)), false},
		{"it was long ago", 181, covers(window(0, -181)), false},
	} {
		now := func() time.Time { return fakegraph.Now().AddDate(0, 0, c.after) }
		d := collect(t, dataconnect.Options{Clock: now, Previous: first, Feeds: []dataconnect.Feed{&feed{covered: c.feed}}}).Dataset(snapshot.DataConnectEvents)
		if d.Status != snapshot.Collected || len(d.Holes) > 0 || (len(d.Provisional) > 0) != c.told || strings.Contains(d.Reason, remark) != c.told {
			t.Errorf("%s: %s: %s, %v", c.name, told(d), d.Reason, d.Provisional)
		}
	}
}

// Feeds look at the clock before the ledger does: that is no hole of its own.
func TestTheMomentsBetweenAFeedAndItsLedgerAreNoHole(t *testing.T) {
	now := func() time.Time { return fakegraph.Now().Add(3 * time.Second) }
	meta := snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}}
	f := &feed{covered: dataconnect.Coverage{Holes: []snapshot.Hole{hole(1, 0, "AF10001")}, Missing: &snapshot.Dataset{Status: snapshot.Denied, Reason: "AF10001"}}}
	d := collect(t, dataconnect.Options{Clock: now, Previous: former(t, snapshot.DataConnectEvents, meta), Feeds: []dataconnect.Feed{f}}).Dataset(snapshot.DataConnectEvents)
	if want := "partial from 30 [30,1) hole [1,0) AF10001"; told(d) != want {
		t.Errorf("got %s, want %s", told(d), want)
	}
}
