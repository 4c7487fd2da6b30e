package snapshot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
)

func TestSettle(t *testing.T) {
	for _, c := range []struct {
		name    string
		windows []snapshot.Window
		holes   []snapshot.Hole
		read    []snapshot.Covered
		want    []snapshot.Window
		open    []snapshot.Hole
	}{
		{"nothing new", []snapshot.Window{window(1, 2)}, []snapshot.Hole{hole(2, 3, "old")}, nil, []snapshot.Window{window(1, 2)}, []snapshot.Hole{hole(2, 3, "old")}},
		{
			"it goes on",
			[]snapshot.Window{window(1, 2)},
			nil,
			[]snapshot.Covered{{Windows: []snapshot.Window{window(1.9, 3)}}},
			[]snapshot.Window{window(1, 3)},
			nil,
		},
		{
			"an old hole is read",
			[]snapshot.Window{window(1, 2), window(3, 4)},
			[]snapshot.Hole{hole(2, 3, "old")},
			[]snapshot.Covered{{Windows: []snapshot.Window{window(2, 2.5)}}},
			[]snapshot.Window{window(1, 2.5), window(3, 4)},
			[]snapshot.Hole{hole(2.5, 3, "old")},
		},
		{
			"content comes late and cannot be read",
			[]snapshot.Window{window(1, 4)},
			nil,
			[]snapshot.Covered{{Windows: []snapshot.Window{window(4.5, 5)}, Holes: []snapshot.Hole{hole(3.5, 4.5, "expired")}}},
			[]snapshot.Window{window(1, 3.5), window(4.5, 5)},
			[]snapshot.Hole{hole(3.5, 4.5, "expired")},
		},
		{
			"another feed has it",
			[]snapshot.Window{window(1, 2)},
			nil,
			[]snapshot.Covered{{Windows: []snapshot.Window{window(4, 5)}, Holes: []snapshot.Hole{hole(2, 4, "too old")}}, {Windows: []snapshot.Window{window(1.5, 4)}}},
			[]snapshot.Window{window(1, 5)},
			nil,
		},
		{
			"two feeds miss the same", nil,
			[]snapshot.Hole{hole(1, 2, "a")},
			[]snapshot.Covered{{Holes: []snapshot.Hole{hole(1, 2, "b")}}, {Holes: []snapshot.Hole{hole(1, 2, "a")}}},
			nil,
			[]snapshot.Hole{hole(1, 2, "a"), hole(1, 2, "b")},
		},
		{
			"a feed that has only begun",
			[]snapshot.Window{window(1, 2)},
			nil,
			[]snapshot.Covered{{Windows: []snapshot.Window{window(3, 3)}, Holes: []snapshot.Hole{hole(2, 3, "missing")}}},
			[]snapshot.Window{window(1, 2), window(3, 3)},
			[]snapshot.Hole{hole(2, 3, "missing")},
		},
	} {
		want := snapshot.State{Windows: c.want, Holes: c.open}
		if diff := cmp.Diff(want, snapshot.Settle(snapshot.State{Windows: c.windows, Holes: c.holes}, c.read...)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// about is a hole about content.
func about(from, to float64, reason string, pieces ...string) snapshot.Hole {
	return snapshot.Hole{From: day(from), To: day(to), Reason: reason, Pieces: pieces}
}

// A hole about content is healed by that content, or by a feed that has the time.
func TestSettleHolesAboutContent(t *testing.T) {
	lasting := hole(2, 3, "no subscription")
	lasting.Lasting = true
	windows := []snapshot.Window{window(1, 2), window(3, 4)}
	for _, c := range []struct {
		name  string
		holes []snapshot.Hole
		read  snapshot.Covered
		want  []snapshot.Window
		open  []snapshot.Hole
	}{
		{"nothing came", []snapshot.Hole{about(2, 3, "gone", "a", "b")}, snapshot.Covered{Fetched: []string{"c"}}, windows, []snapshot.Hole{about(2, 3, "gone", "a", "b")}},
		{"one came", []snapshot.Hole{about(2, 3, "gone", "a", "b")}, snapshot.Covered{Fetched: []string{"a"}}, windows, []snapshot.Hole{about(2, 3, "gone", "b")}},
		{"both came", []snapshot.Hole{about(2, 3, "gone", "a", "b")}, snapshot.Covered{Fetched: []string{"b", "a"}}, []snapshot.Window{window(1, 4)}, nil},
		{
			"it came, and something else of that time is missing",
			[]snapshot.Hole{about(2, 3, "gone", "a")},
			snapshot.Covered{Fetched: []string{"a"}, Holes: []snapshot.Hole{hole(2.5, 2.6, "unreadable")}},
			[]snapshot.Window{window(1, 2.5), window(2.6, 4)},
			[]snapshot.Hole{hole(2.5, 2.6, "unreadable")},
		},
		{"it came, and there was no subscription", []snapshot.Hole{about(2, 3, "gone", "a"), lasting}, snapshot.Covered{Fetched: []string{"a"}}, windows, []snapshot.Hole{lasting}},
		{
			"it is missing again",
			[]snapshot.Hole{about(2, 3, "gone", "a", "b")},
			snapshot.Covered{Fetched: []string{"b"}, Holes: []snapshot.Hole{about(2.5, 3, "gone still", "a")}},
			windows,
			[]snapshot.Hole{about(2, 3, "gone", "a")},
		},
		{
			"more is missing",
			[]snapshot.Hole{about(2, 3, "gone", "a")},
			snapshot.Covered{Holes: []snapshot.Hole{about(2, 3, "gone", "a", "b")}},
			windows,
			[]snapshot.Hole{about(2, 3, "gone", "a", "b")},
		},
		{"a search has half of it", []snapshot.Hole{about(2, 3, "gone", "a")}, snapshot.Covered{Windows: []snapshot.Window{window(2, 2.5)}}, []snapshot.Window{window(1, 2.5), window(3, 4)}, []snapshot.Hole{about(2.5, 3, "gone", "a")}},
		{"a search has all of it", []snapshot.Hole{about(2, 3, "gone", "a"), lasting}, snapshot.Covered{Windows: []snapshot.Window{window(2, 3)}}, []snapshot.Window{window(1, 4)}, nil},
		{"the same hole, which now lasts", []snapshot.Hole{hole(2, 3, "no subscription")}, snapshot.Covered{Holes: []snapshot.Hole{lasting}}, windows, []snapshot.Hole{lasting}},
		{"the same hole, which has lasted", []snapshot.Hole{lasting}, snapshot.Covered{Holes: []snapshot.Hole{hole(2, 3, "no subscription")}}, windows, []snapshot.Hole{lasting}},
	} {
		want := snapshot.State{Windows: c.want, Holes: c.open}
		if diff := cmp.Diff(want, snapshot.Settle(snapshot.State{Windows: windows, Holes: c.holes}, c.read)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// What is provisional stays so until somebody reads it for certain.
func TestSettleWhatIsProvisional(t *testing.T) {
	for _, c := range []struct {
		name string
		read []snapshot.Covered
		want []snapshot.Window
	}{
		{"nothing new", nil, []snapshot.Window{window(2, 3)}},
		{"time goes on", []snapshot.Covered{{Windows: []snapshot.Window{window(3, 4)}}}, []snapshot.Window{window(2, 3)}},
		{"it is read", []snapshot.Covered{{Windows: []snapshot.Window{window(1.5, 4)}}}, nil},
		{"it is read too early", []snapshot.Covered{{Windows: []snapshot.Window{window(1.5, 3)}, Provisional: []snapshot.Window{window(2.5, 3)}}}, []snapshot.Window{window(2.5, 3)}},
		{"more of it", []snapshot.Covered{{Windows: []snapshot.Window{window(3, 4)}, Provisional: []snapshot.Window{window(3.5, 4)}}}, []snapshot.Window{window(2, 3), window(3.5, 4)}},
		{"another feed reads it", []snapshot.Covered{{Windows: []snapshot.Window{window(3, 4)}, Provisional: []snapshot.Window{window(3.5, 4)}}, {Windows: []snapshot.Window{window(1, 4)}}}, nil},
		{"it is missing after all", []snapshot.Covered{{Holes: []snapshot.Hole{hole(2.5, 3, "lost")}}}, []snapshot.Window{window(2, 2.5)}},
	} {
		state := snapshot.State{Windows: []snapshot.Window{window(1, 3)}, Provisional: []snapshot.Window{window(2, 3)}}
		if diff := cmp.Diff(c.want, snapshot.Settle(state, c.read...).Provisional); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
