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
