package snapshot_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leastwise/collector/snapshot"
)

// A run that adds to a snapshot leaves the instants of what stands there already.
func TestDatasetsKnowWhenTheyWereRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snapshot")
	first := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	add := func(at time.Time, name snapshot.Name) {
		w, err := snapshot.Create(dir, snapshot.Tenant{ID: "t"}, snapshot.Tool{}, at)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Renew(name); err != nil {
			t.Fatal(err)
		}
		rows, err := w.Dataset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(snapshot.Dataset{}); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(at); err != nil {
			t.Fatal(err)
		}
	}
	add(first, snapshot.Containers)
	add(first.Add(8*24*time.Hour+time.Second), snapshot.Organization)
	for _, c := range []struct {
		days   int
		doubts bool
	}{{7, true}, {8, true}, {9, false}} {
		s, err := snapshot.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Dataset(snapshot.Containers).Collected; !got.Equal(first) {
			t.Errorf("containers are of %v, want %v", got, first)
		}
		s.Doubt(time.Duration(c.days) * 24 * time.Hour)
		old, today := s.Dataset(snapshot.Containers), s.Dataset(snapshot.Organization)
		if doubted := old.Status == snapshot.Partial; doubted != c.doubts || c.doubts && !strings.Contains(old.Reason, "2026-11-01, 8 days before the rest") {
			t.Errorf("limit of %d days: containers are %s: %s", c.days, old.Status, old.Reason)
		}
		if today.Status != snapshot.Collected || today.Reason != "" {
			t.Errorf("limit of %d days: today's dataset is %s: %s", c.days, today.Status, today.Reason)
		}
	}
}

// What was read long before the instant that is judged for is in doubt; the rest of
// the snapshot is not, and neither is what was never read.
func TestDoubtBeforeAnInstant(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snapshot")
	read := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: "t"}, snapshot.Tool{}, read)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{snapshot.DataConnectEvents, snapshot.Pipelines} {
		rows, err := w.Dataset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(snapshot.Dataset{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Without(snapshot.DataConnectRegister, snapshot.Dataset{Status: snapshot.Denied}); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(read); err != nil {
		t.Fatal(err)
	}
	const limit = 7 * 24 * time.Hour
	for after, doubted := range map[time.Duration]bool{0: false, -limit: false, limit: false, limit + time.Second: true} {
		s, err := snapshot.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.DoubtBefore(read.Add(after), limit, snapshot.DataConnectEvents, snapshot.DataConnectRegister, snapshot.Organization)
		events := s.Dataset(snapshot.DataConnectEvents)
		if got := events.Status == snapshot.Partial; got != doubted || got && !strings.Contains(events.Reason, "read on 2026-11-01, 7 days before") {
			t.Errorf("%v later: events are %s: %s", after, events.Status, events.Reason)
		}
		for name, want := range map[string]snapshot.Status{
			snapshot.Pipelines: snapshot.Collected, snapshot.DataConnectRegister: snapshot.Denied, snapshot.Organization: snapshot.Skipped,
		} {
			if got := s.Dataset(name).Status; got != want {
				t.Errorf("%v later: %s is %s, want %s", after, name, got, want)
			}
		}
	}
}

// The day on which an old export was read makes it no younger.
func TestDoubtBeforeByTheLastEvent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snapshot")
	read := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: "t"}, snapshot.Tool{}, read)
	if err != nil {
		t.Fatal(err)
	}
	from, to := read.AddDate(0, -6, 0), read.AddDate(0, 0, -5)
	for name, windows := range map[string][]snapshot.Window{
		snapshot.DataConnectEvents: {{From: from, To: to}}, snapshot.RoleEvents: {{From: from, To: read.Add(time.Hour)}},
	} {
		rows, err := w.Dataset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(snapshot.Dataset{From: &from, Windows: windows}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(read); err != nil {
		t.Fatal(err)
	}
	const limit = 7 * 24 * time.Hour
	for after, doubted := range map[time.Duration]bool{0: false, 48 * time.Hour: false, 49 * time.Hour: true} {
		s, err := snapshot.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.DoubtBefore(read.Add(after), limit, snapshot.DataConnectEvents, snapshot.RoleEvents)
		events := s.Dataset(snapshot.DataConnectEvents)
		if got := events.Status == snapshot.Partial; got != doubted || got && !strings.Contains(events.Reason, "holds events up to 2026-11-15, 7 days before") {
			t.Errorf("%v later: events are %s: %s", after, events.Status, events.Reason)
		}
		if got := s.Dataset(snapshot.RoleEvents); got.Status != snapshot.Collected {
			t.Errorf("%v later: role events are %s: %s", after, got.Status, got.Reason)
		}
	}
}
