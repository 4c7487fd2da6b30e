package activity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/activity"
	"leastwise/collector/snapshot"
)

// key is how a hole notes content.
func key(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])[:12]
}

// follow reads a feed that goes on from a state, which it brings up to date.
func follow(t *testing.T, f feed, state *snapshot.State) []string {
	t.Helper()
	ids, covered := readOn(t, f, *state)
	*state = snapshot.Settle(*state, covered)
	return ids
}

// later lets time pass for the API and whoever asks it.
func (a *api) later(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = a.now.Add(d)
}

// What nobody has looked at is looked at again, as far back as the API reaches. That
// nothing is listed proves something of those holes only.
func TestHolesThatAreReadAgain(t *testing.T) {
	plain := snapshot.Hole{From: ago(5 * day), To: ago(3 * day), Reason: "storm"}
	lasting, about := plain, plain
	lasting.Lasting = true
	about.Pieces = []string{key("a"), key("b")}
	for _, c := range []struct {
		name   string
		pieces []piece
		holes  []snapshot.Hole
		read   []string
		left   []snapshot.Hole
	}{
		{"nobody has looked, and there was nothing", nil, []snapshot.Hole{plain}, nil, nil},
		{"nobody has looked", []piece{general("a", ago(4*day), "1")}, []snapshot.Hole{plain}, []string{"1"}, nil},
		{"there was no subscription", nil, []snapshot.Hole{lasting}, nil, []snapshot.Hole{lasting}},
		{"there was no subscription, and content all the same", []piece{general("a", ago(4*day), "1")}, []snapshot.Hole{lasting}, []string{"1"}, []snapshot.Hole{lasting}},
		{"content is not listed any more", nil, []snapshot.Hole{about}, nil, []snapshot.Hole{about}},
		{"half of the content comes", []piece{general("b", ago(4*day), "2")}, []snapshot.Hole{about}, []string{"2"}, []snapshot.Hole{{From: about.From, To: about.To, Reason: "storm", Pieces: []string{key("a")}}}},
		{"all content comes", []piece{general("a", ago(4*day), "1"), general("b", ago(3*day+time.Second), "2")}, []snapshot.Hole{about}, []string{"1", "2"}, nil},
		{"all content comes, and something else is missing", []piece{general("a", ago(4*day), "1"), general("b", ago(4*day), "2")}, []snapshot.Hole{about, lasting}, []string{"1", "2"}, []snapshot.Hole{lasting}},
		{"nobody has spoken of it", []piece{general("a", ago(4*day), "1")}, nil, []string{"1"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t, append(c.pieces, general("known", ago(2*day), "known"))...)
			state := snapshot.State{Windows: []snapshot.Window{window(ago(10*day), ago(5*day)), window(ago(3*day), ago(day))}, Holes: c.holes}
			sameIDs(t, follow(t, a.client(reader()).Content(activity.General), &state), c.read...)
			if diff := cmp.Diff(c.left, state.Holes); diff != "" {
				t.Error(diff)
			}
			want := []snapshot.Window{window(ago(10*day), ago(5*day)), window(ago(3*day), noon())}
			if len(c.left) == 0 && c.holes != nil {
				want = []snapshot.Window{window(ago(10*day), noon())}
			}
			sameWindows(t, "settled", state.Windows, want...)
			follow(t, a.client(reader()).Content(activity.General), &state)
			sameWindows(t, "settled again", state.Windows, want...)
		})
	}
}

// Of a time without a subscription no content comes, however often one looks.
func TestTimeWithoutASubscriptionStaysAHole(t *testing.T) {
	for _, was := range []string{"disabled", ""} {
		a := subscribed(t)
		if delete(a.subs, activity.General); was != "" {
			a.subs[activity.General] = was
		}
		state := snapshot.State{Windows: []snapshot.Window{window(ago(100*day), ago(2*day))}}
		hole := snapshot.Hole{From: ago(2 * day), To: noon(), Reason: "the subscription to Audit.General"}
		for range 3 {
			follow(t, a.client(reader()).Content(activity.General), &state)
			sameHoles(t, state.Holes, hole)
			sameWindows(t, "covered", state.Windows, window(ago(100*day), ago(2*day)), window(noon(), a.now))
			a.later(time.Hour)
		}
		// A search heals it.
		state = snapshot.Settle(state, snapshot.Covered{Windows: []snapshot.Window{window(ago(3*day), noon())}})
		sameHoles(t, state.Holes)
	}
}

// Another application's subscription says nothing of ours, in no later run either.
func TestHoleOfAnotherApplicationStays(t *testing.T) {
	a := subscribed(t, general("x", ago(3*time.Hour), "first"))
	other := map[string]any{"roles": []string{"ActivityFeed.Read"}, "appid": publisher}
	previous := snapshotOf(t, a.client(other))
	state := snapshot.State{Windows: []snapshot.Window{window(ago(100*day), ago(2*day))}}
	for range 3 {
		with := func(o *activity.Options) { o.Previous = previous }
		follow(t, a.client(reader(), with).Content(activity.General), &state)
		sameHoles(t, state.Holes, snapshot.Hole{From: ago(2 * day), To: ago(3 * time.Hour), Reason: "may not have existed"})
		sameWindows(t, "covered", state.Windows, window(ago(100*day), ago(2*day)), window(ago(3*time.Hour), a.now))
		previous = snapshotOf(t, a.client(reader()))
		a.later(time.Hour)
	}
}

// Where there was nothing to be had, only content tells since when there is something
// again: not what was created before.
func TestCoverageBeginsAnewAfterATimeWithNothing(t *testing.T) {
	for name, c := range map[string]struct {
		pieces []piece
		begin  time.Time
	}{
		"content since": {[]piece{general("old", ago(3*day), "old"), general("new", noon().Add(2*time.Hour), "new")}, noon().Add(2 * time.Hour)},
		"none since":    {[]piece{general("old", ago(3*day), "old")}, noon().Add(day)},
	} {
		t.Run(name, func(t *testing.T) {
			a := subscribed(t, c.pieces...)
			a.on("subscriptions/content", af(400, "AF20012", "The tenant is not configured properly."))
			state := snapshot.State{Windows: []snapshot.Window{window(ago(100*day), ago(2*day))}}
			follow(t, a.client(reader()).Content(activity.General), &state)
			sameHoles(t, state.Holes, snapshot.Hole{From: ago(2 * day), To: noon(), Reason: "AF20012"})
			a.later(day)
			follow(t, a.client(reader()).Content(activity.General), &state)
			sameHoles(t, state.Holes, snapshot.Hole{From: ago(2 * day), To: noon(), Reason: "AF20012"}, snapshot.Hole{From: noon(), To: c.begin, Reason: "may not have existed"})
			sameWindows(t, "covered", state.Windows, window(ago(100*day), ago(2*day)), window(c.begin, a.now))
		})
	}
}

// Content that is lost and not listed any more stays lost; content that comes after all
// heals the hole.
func TestContentThatIsGoneStaysGone(t *testing.T) {
	hole := snapshot.Hole{From: ago(23 * time.Hour), To: ago(20*time.Hour - time.Second), Reason: "1 piece(s)"}
	for name, back := range map[string]bool{"it comes after all": true, "it is not listed any more": false} {
		t.Run(name, func(t *testing.T) {
			a := subscribed(t, general("early", ago(22*time.Hour), "early"), general("gone", ago(20*time.Hour), "gone"), general("late", ago(2*time.Hour), "late"))
			a.always("audit/gone", af(400, "AF20051", "expired"))
			state := snapshot.State{Windows: []snapshot.Window{window(ago(50*day), ago(21*time.Hour))}}
			for range 2 {
				follow(t, a.client(reader()).Content(activity.General), &state)
				sameHoles(t, state.Holes, hole)
			}
			a.later(time.Hour)
			if a.lasting = map[string]answer{}; !back {
				a.pieces = slices.DeleteFunc(a.pieces, func(p piece) bool { return p.id == "gone" })
			}
			ids := follow(t, a.client(reader()).Content(activity.General), &state)
			if back {
				sameIDs(t, ids, "early", "gone", "late") // and nothing else of that time
				sameHoles(t, state.Holes)
				sameWindows(t, "healed", state.Windows, window(ago(50*day), a.now))
				return
			}
			for range 8 {
				sameHoles(t, state.Holes, hole)
				sameWindows(t, "not healed", state.Windows, window(ago(50*day), hole.From), window(hole.To, a.now))
				a.later(day)
				follow(t, a.client(reader()).Content(activity.General), &state)
			}
		})
	}
}

// A listing that breaks off hides nothing of what was listed before and lost.
func TestContentThatIsGoneInAListingThatBreaksOff(t *testing.T) {
	for name, first := range map[string]piece{
		"beside content": general("kept", ago(4*time.Hour), "kept"),
		"alone":          general("gone too", ago(4*time.Hour), "gone"),
	} {
		t.Run(name, func(t *testing.T) {
			gone := general("gone", ago(3*time.Hour), "gone")
			more := general("more", ago(2*time.Hour), "more")
			a := subscribed(t, first, gone, more)
			a.always("audit/gone", af(404, "AF20050", "gone"))
			a.onList = func() { a.lasting["subscriptions/content"] = af(400, "AF20002", "no more pages") }
			state := snapshot.State{Windows: []snapshot.Window{window(ago(50*day), ago(5*time.Hour))}}
			follow(t, a.client(reader()).Content(activity.General), &state)
			if len(state.Holes) != 2 {
				t.Errorf("%+v", state.Holes)
			}
			a.lasting, a.onList, a.pieces = map[string]answer{}, nil, []piece{more}
			a.later(time.Hour)
			follow(t, a.client(reader()).Content(activity.General), &state)
			sameWindows(t, "covered", state.Windows, window(ago(50*day), ago(7*time.Hour)), window(gone.created.Add(time.Second), a.now))
			if !slices.Contains(state.Holes[0].Pieces, key("gone")) {
				t.Errorf("%+v", state.Holes)
			}
		})
	}
}

// What stays unreadable is a hole of the same length in every run, until it is too old.
func TestHoleDoesNotGrow(t *testing.T) {
	for _, when := range []time.Time{ago(20 * time.Hour), ago(time.Hour), ago(day), ago(day - time.Minute)} {
		a := subscribed(t, general("gone", when, "gone"))
		a.always("audit/gone", af(400, "AF20051", "expired"))
		state := snapshot.State{Windows: []snapshot.Window{window(ago(50*day), ago(23*time.Hour))}}
		var first []snapshot.Hole
		for range 9 {
			follow(t, a.client(reader()).Content(activity.General), &state)
			if first == nil {
				first = state.Holes
			}
			if diff := cmp.Diff(first, state.Holes); diff != "" || len(first) != 1 {
				t.Errorf("%s: %s", when, diff)
			}
			a.later(day)
		}
	}
}

// Too much lost content is not noted piece by piece: then a search must tell.
func TestVeryMuchContentThatIsGone(t *testing.T) {
	a := subscribed(t)
	for n := range 501 {
		a.pieces = append(a.pieces, general(fmt.Sprintf("gone-%d", n), ago(time.Hour), "x"))
	}
	a.always("audit/gone", af(404, "AF20050", "gone"))
	state := snapshot.State{Windows: []snapshot.Window{window(ago(50*day), ago(3*time.Hour))}}
	follow(t, a.client(reader()).Content(activity.General), &state)
	if len(state.Holes) != 1 || !state.Holes[0].Lasting || state.Holes[0].Pieces != nil {
		t.Fatalf("%d holes", len(state.Holes))
	}
	a.lasting, a.pieces = map[string]answer{}, nil
	a.later(time.Hour)
	hole := state.Holes
	follow(t, a.client(reader()).Content(activity.General), &state)
	if diff := cmp.Diff(hole, state.Holes); diff != "" {
		t.Error(diff)
	}
}

// A clock that is ahead does not call read what is still to come.
func TestClockThatIsAhead(t *testing.T) {
	for _, c := range []struct {
		by   time.Duration
		end  time.Duration
		told string
	}{
		{5 * time.Hour, 0, "5h0m0s ahead of the Management API's"},
		{4 * time.Minute, 4 * time.Minute, ""},
		{-3 * time.Hour, -3 * time.Hour, "3h0m0s behind the Management API's"},
	} {
		a := subscribed(t, general("a", ago(5*time.Hour), "a"))
		wrong := func(o *activity.Options) { o.Clock = func() time.Time { return noon().Add(c.by) } }
		state := snapshot.State{Windows: []snapshot.Window{window(ago(100*day), ago(day))}}
		ids, covered := readOn(t, a.client(reader(), wrong).Content(activity.General), state)
		sameIDs(t, ids, "a")
		sameWindows(t, "covered", covered.Windows, window(ago(day), noon().Add(c.end)))
		if (c.told == "") != (covered.Reason == "") || !strings.Contains(covered.Reason, c.told) {
			t.Errorf("remark %q", covered.Reason)
		}
		state = snapshot.Settle(state, covered)
		a.pieces = append(a.pieces, general("b", noon().Add(time.Hour), "b"), general("c", noon().Add(6*time.Hour), "c"))
		a.later(day)
		sameIDs(t, follow(t, a.client(reader()).Content(activity.General), &state), slices.DeleteFunc([]string{"a", "b", "c"}, func(id string) bool { return id == "a" && c.by > -3*time.Hour })...)
		sameHoles(t, state.Holes)
	}
	// A subscription that is started then begins by the API's clock.
	a := startAPI(t)
	ahead := func(o *activity.Options) { o.Clock = func() time.Time { return noon().Add(5 * time.Hour) } }
	_, covered := read(t, a.client(reader(), ahead).Content(activity.General))
	sameWindows(t, "covered", covered.Windows, window(noon(), noon()))
}
