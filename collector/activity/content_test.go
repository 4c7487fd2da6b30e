package activity_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/activity"
	"leastwise/collector/snapshot"
)

func window(from, to time.Time) snapshot.Window { return snapshot.Window{From: from, To: to} }

// oldest is how far the client goes back.
func oldest() time.Time { return ago(7*day - 5*time.Minute) }

func sameWindows(t *testing.T, what string, got []snapshot.Window, want ...snapshot.Window) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

// sameHoles compares holes, of whose reasons a part is given.
func sameHoles(t *testing.T, got []snapshot.Hole, want ...snapshot.Hole) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d holes %+v, want %d", len(got), got, len(want))
	}
	for i, hole := range got {
		if !hole.From.Equal(want[i].From) || !hole.To.Equal(want[i].To) || !strings.Contains(hole.Reason, want[i].Reason) {
			t.Errorf("hole %+v, want %+v", hole, want[i])
		}
	}
}

func sameIDs(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("records %v, want %v", got, want)
	}
}

func TestFirstRunOfASubscriptionThatIsThere(t *testing.T) {
	pieces := []piece{
		general("a", ago(3*day+time.Hour), "1", "2"), general("b", ago(3*day), "3"), general("c", ago(3*day-time.Minute), "3", "4"),
		general("d", ago(3*day-2*time.Minute)), general("e", ago(3*day-3*time.Minute), "5"), general("f", ago(time.Minute), "6"),
		{id: "g", contentType: activity.Directory, created: ago(day), records: `[{"Id":"other"}]`},
	}
	a := subscribed(t, pieces...)
	ids, covered := read(t, a.client(reader()).Content(activity.General))
	sameIDs(t, ids, "1", "2", "3", "4", "5", "6")
	sameWindows(t, "covered", covered.Windows, window(ago(3*day+time.Hour), noon()))
	sameHoles(t, covered.Holes)
	if covered.Missing != nil || covered.Unfinished || covered.Retries != 0 || !strings.Contains(covered.Reason, "begins at 2026-11-17T11:00:00Z") {
		t.Errorf("covered %+v", covered)
	}
	if n := len(a.asked); covered.Requests != n-1 { // the list of subscriptions is the dataset's own
		t.Errorf("%d requests were told of, and %d came", covered.Requests, n)
	}
	a.asksProperly(7)
	if len(a.starts) > 0 {
		t.Errorf("%v were started", a.starts)
	}
}

// asksProperly checks that windows are none too long, none too old, and touch.
func (a *api) asksProperly(n int) {
	a.t.Helper()
	if len(a.windows) != n {
		a.t.Errorf("%d windows were asked for, want %d: %v", len(a.windows), n, a.windows)
	}
	for i, w := range a.windows {
		if w.To.Sub(w.From) > day || w.From.Before(a.now.Add(-7*day)) || !w.To.After(w.From) || i > 0 && !w.From.Equal(a.windows[i-1].To) {
			a.t.Errorf("window %v", w)
		}
	}
}

func TestFirstRunFindsNothing(t *testing.T) {
	a := subscribed(t)
	ids, covered := read(t, a.client(reader()).Content(activity.General))
	sameIDs(t, ids)
	sameWindows(t, "covered", covered.Windows, window(noon(), noon()))
	sameHoles(t, covered.Holes)
	if covered.Missing != nil {
		t.Errorf("%+v", covered.Missing)
	}
}

func TestNextRun(t *testing.T) {
	state := []snapshot.Window{window(ago(100*day), ago(day))}
	a := subscribed(t, general("old", ago(day+3*time.Hour), "old"), general("again", ago(day+time.Hour), "again"), general("new", ago(time.Hour), "new"))
	ids, covered := read(t, a.client(reader()).Content(activity.General), state...)
	sameIDs(t, ids, "again", "new")
	sameWindows(t, "covered", covered.Windows, window(ago(day), noon()))
	sameHoles(t, covered.Holes)
	a.asksProperly(2)
	if covered.Reason != "" {
		t.Errorf("remark %q", covered.Reason)
	}
	settled := snapshot.Settle(snapshot.State{Windows: state}, covered)
	sameWindows(t, "settled", settled.Windows, window(ago(100*day), noon()))
	sameHoles(t, settled.Holes)
}

// A run at once after the one before reads its overlap only.
func TestNextRunAtOnce(t *testing.T) {
	a := subscribed(t)
	_, covered := read(t, a.client(reader()).Content(activity.General), window(ago(day), noon()))
	sameWindows(t, "asked for", a.windows, window(ago(2*time.Hour), noon()))
	sameWindows(t, "covered", covered.Windows, window(noon(), noon()))
}

func TestRunAfterNineDays(t *testing.T) {
	a := subscribed(t, general("lost", ago(8*day), "lost"), general("kept", ago(6*day), "kept"))
	ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(20*day), ago(9*day)))
	sameIDs(t, ids, "kept")
	sameWindows(t, "covered", covered.Windows, window(oldest(), noon()))
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(9 * day), To: oldest(), Reason: "more than 7 days ago"})
	a.asksProperly(7)
	if covered.Unfinished || covered.Missing != nil {
		t.Errorf("%+v", covered)
	}
}

func TestSubscriptionThatWasNotThere(t *testing.T) {
	for _, c := range []struct {
		name, was string
		state     []snapshot.Window
		holes     []snapshot.Hole
		remark    string
	}{
		{"first run", "", nil, nil, "did not exist and was started at 2026-11-20T12:00:00Z"},
		{"stopped in between", "", []snapshot.Window{window(ago(9*day), ago(day))}, []snapshot.Hole{{From: ago(day), To: noon(), Reason: "did not exist"}}, "12 hours"},
		{"disabled in between", "disabled", []snapshot.Window{window(ago(9*day), ago(day))}, []snapshot.Hole{{From: ago(day), To: noon(), Reason: "was disabled"}}, "was disabled and was started"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t, general("a", ago(time.Hour), "a"))
			delete(a.subs, activity.General)
			if c.was != "" {
				a.subs[activity.General] = c.was
			}
			client := a.client(reader())
			for range 2 { // reading twice starts once
				ids, covered := read(t, client.Content(activity.General), c.state...)
				sameIDs(t, ids)
				sameWindows(t, "covered", covered.Windows, window(noon(), noon()))
				sameHoles(t, covered.Holes, c.holes...)
				if !strings.Contains(covered.Reason, c.remark) || covered.Missing != nil {
					t.Errorf("%+v", covered)
				}
			}
			if !slices.Equal(a.starts, []string{activity.General}) {
				t.Errorf("started %v", a.starts)
			}
			a.mu.Lock()
			a.now = noon().Add(day)
			a.pieces = append(a.pieces, general("b", noon().Add(20*time.Hour), "b"))
			a.mu.Unlock()
			ids, covered := read(t, a.client(reader()).Content(activity.General), append(c.state, window(noon(), noon()))...)
			sameIDs(t, ids, "a", "b")
			windows := snapshot.Settle(snapshot.State{Windows: []snapshot.Window{window(noon(), noon())}}, covered).Windows
			if end := windows[len(windows)-1]; !end.To.Equal(noon().Add(day)) || end.From.After(noon()) {
				t.Errorf("the second run covers %v", windows)
			}
			sameHoles(t, covered.Holes)
		})
	}
}

// The state may come from another feed, of a time when nobody was subscribed.
func TestStateWithoutASubscription(t *testing.T) {
	state := window(ago(100*day), ago(2*day))
	for _, c := range []struct {
		name, rows string
		from       time.Time
		holes      []snapshot.Hole
	}{
		{"enabled then", `{"id":"Audit.General","status":"enabled","clientId":"` + strings.ToUpper(clientID) + `"}`, ago(2 * day), nil},
		{"started then", `{"id":"Audit.General","status":"missing","started":true,"clientId":"` + clientID + `"}`, ago(2 * day), nil},
		{"missing then", `{"id":"Audit.General","status":"missing","started":false,"clientId":"` + clientID + `"}`, ago(day), []snapshot.Hole{{From: ago(2 * day), To: ago(day), Reason: "may not have existed"}}},
		{"another application's", `{"id":"Audit.General","status":"enabled","clientId":"` + publisher + `"}`, ago(day), []snapshot.Hole{{From: ago(2 * day), To: ago(day), Reason: "may not have existed"}}},
		{"of another kind", `{"id":"Audit.Exchange","status":"enabled","clientId":"` + clientID + `"}`, ago(day), []snapshot.Hole{{From: ago(2 * day), To: ago(day), Reason: "may not have existed"}}},
		{"not read then", ``, ago(day), []snapshot.Hole{{From: ago(2 * day), To: ago(day), Reason: "may not have existed"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir() + "/previous"
			w, err := snapshot.Create(dir, snapshot.Tenant{ID: tenantID}, snapshot.Tool{Name: "leastwise"}, ago(2*day))
			if err != nil {
				t.Fatal(err)
			}
			if c.rows == "" {
				err = w.Without(snapshot.ActivitySubscriptions, snapshot.Dataset{Status: snapshot.Failed, Reason: "storm"})
			} else {
				rows, _ := w.Dataset(snapshot.ActivitySubscriptions)
				err = errors.Join(rows.Add([]byte(c.rows)), rows.Close(snapshot.Dataset{}))
			}
			if err = errors.Join(err, w.Commit(ago(2*day))); err != nil {
				t.Fatal(err)
			}
			previous, err := snapshot.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			a := subscribed(t, general("a", ago(day), "a"))
			_, covered := read(t, a.client(reader(), func(o *activity.Options) { o.Previous = previous }).Content(activity.General), state)
			sameWindows(t, "covered", covered.Windows, window(c.from, noon()))
			sameHoles(t, covered.Holes, c.holes...)
		})
	}
}

func TestContentThatIsGone(t *testing.T) {
	for _, c := range []struct {
		code, message string
		status        int
	}{
		{"AF20050", "The specified content does not exist.", 404},
		{"AF20051", "Content requested with the key has already expired.", 400},
		{"AF20052", "Content ID in the URL is invalid.", 400},
	} {
		t.Run(c.code, func(t *testing.T) {
			gone := general("gone", ago(20*time.Hour), "gone")
			gone.expires = ago(time.Hour)
			a := subscribed(t, general("early", ago(22*time.Hour), "early"), gone, general("late", ago(2*time.Hour), "late"))
			a.always("audit/gone", af(c.status, c.code, c.message))
			ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(21*time.Hour)))
			sameIDs(t, ids, "early", "late")
			hole := snapshot.Hole{From: ago(23 * time.Hour), To: ago(20*time.Hour - time.Second), Reason: "1 piece(s) of content of Audit.General could not be read: GET " + a.URL + root + "audit/gone: HTTP"}
			sameHoles(t, covered.Holes, hole)
			sameWindows(t, "covered", covered.Windows, window(hole.To, noon()))
			if reason := covered.Holes[0].Reason; !strings.Contains(reason, c.code+": "+c.message) || !strings.Contains(reason, "it expired at 2026-11-20T11:00:00Z") {
				t.Errorf("reason %q", reason)
			}
			if covered.Evidence == nil || covered.Evidence.Code != c.code || covered.Unfinished || covered.Missing != nil {
				t.Errorf("%+v", covered)
			}
			if n := a.count("GET audit/gone"); n != 1 {
				t.Errorf("it was asked for %d times", n)
			}
			if want := []string{key("gone")}; covered.Holes[0].Lasting || !slices.Equal(covered.Holes[0].Pieces, want) {
				t.Errorf("the hole is about %v, want %v", covered.Holes[0].Pieces, want)
			}
		})
	}
}

// Content is created after its events, so a piece from just after the start of a window
// may hold some of before.
func TestContentThatIsGoneAtTheStartOfAWindow(t *testing.T) {
	a := subscribed(t, general("gone", ago(30*time.Hour-time.Minute), "gone"))
	a.always("audit/gone", af(404, "AF20050", "gone"))
	_, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(52*time.Hour)))
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(32*time.Hour - time.Minute), To: ago(30*time.Hour - time.Minute - time.Second), Reason: "gone"})
	sameWindows(t, "covered", covered.Windows, window(ago(52*time.Hour), covered.Holes[0].From), window(covered.Holes[0].To, noon()))
}

func TestErrorOfTheConsumerEndsTheRun(t *testing.T) {
	a := subscribed(t, general("a", ago(time.Hour), "1", "2"), general("b", ago(time.Hour), "3"), general("c", ago(time.Hour), "4"))
	full := errors.New("disk full")
	calls := 0
	_, err := a.client(reader()).Content(activity.General).Read(t.Context(), snapshot.State{}, func(json.RawMessage, string) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls == 0 || calls > 3 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestCancelled(t *testing.T) {
	a := subscribed(t, general("a", ago(3*day), "1"), general("b", ago(time.Hour), "2"))
	ctx, cancel := context.WithCancel(t.Context())
	covered, err := a.client(reader()).Content(activity.General).Read(ctx, snapshot.State{Windows: []snapshot.Window{window(ago(50*day), ago(4*day))}}, func(json.RawMessage, string) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	for _, w := range covered.Windows {
		if w.To.After(ago(3*day - 22*time.Hour)) {
			t.Errorf("%v is said to be covered", w)
		}
	}
}
