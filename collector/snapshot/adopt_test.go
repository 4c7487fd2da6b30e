package snapshot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// source commits a snapshot with a dataset in every state that adopting has to keep.
func source(t *testing.T) *Snapshot {
	t.Helper()
	w := create(t, filepath.Join(t.TempDir(), "source"))
	events, err := w.Dataset(DataConnectEvents)
	if err != nil {
		t.Fatal(err)
	}
	add(t, events, `{"id":"1"}`, `{"id":"2"}`)
	events.Fault("a page is missing")
	from := noon().AddDate(0, 0, -90)
	closed(t, w, events, Dataset{
		From: &from, Windows: []Window{{From: from, To: noon()}},
		Holes: []Hole{{From: from.Add(time.Hour), To: from.Add(2 * time.Hour), Reason: "expired"}},
	})
	put(t, w, Organization, `{"id":"o"}`)
	if err := w.Without(DataConnectRegister, Dataset{Status: Denied, Reason: "403"}); err != nil {
		t.Fatal(err)
	}
	w.AddIdentity(Identity{Kind: "secret", ClientID: "c", Datasets: []string{DataConnectEvents, Organization}})
	w.AddIdentity(Identity{Kind: "device-code", ClientID: "c", User: "u", Datasets: []string{Organization}})
	return commit(t, w)
}

// What is adopted is the same in every member, and nothing else comes along.
func TestAdopt(t *testing.T) {
	from := source(t)
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	if err := w.Adopt(from, DataConnectEvents, DataConnectRegister, RoleEvents); err != nil {
		t.Fatal(err)
	}
	put(t, w, Pipelines, `{"id":"p"}`)
	snap := commit(t, w)
	if diff := cmp.Diff(rowsOf(t, from, DataConnectEvents), rowsOf(t, snap, DataConnectEvents)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	for _, name := range []Name{DataConnectEvents, DataConnectRegister} {
		if diff := cmp.Diff(from.Manifest.Datasets[name], snap.Manifest.Datasets[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var names []string
	for name := range snap.Manifest.Datasets {
		names = append(names, name)
	}
	if len(names) != 3 {
		t.Errorf("got datasets %v, want the two adopted and the one written", names)
	}
	want := []Identity{{Kind: "secret", ClientID: "c", Datasets: []string{DataConnectEvents}}}
	if diff := cmp.Diff(want, snap.Manifest.Identities); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
}

// The instant of reading stays, however long ago it was.
func TestAdoptKeepsWhenItWasRead(t *testing.T) {
	from := source(t)
	dataset := from.Manifest.Datasets[DataConnectEvents]
	dataset.Collected = time.Time{} // as snapshots of former versions have it
	from.Manifest.Datasets[DataConnectEvents] = dataset
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	if err := w.Adopt(from, DataConnectEvents); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.Has(DataConnectEvents); !got.Collected.Equal(from.Manifest.Ended) {
		t.Errorf("got %v, want %v", got.Collected, from.Manifest.Ended)
	}
}

// Rows that were altered are found out when they are read, and rows that are gone at once.
func TestAdoptOfDamage(t *testing.T) {
	altered, other := source(t), source(t)
	path := filepath.Join(altered.dir, fileName(Organization))
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	data, err := os.ReadFile(filepath.Join(other.dir, fileName(DataConnectEvents)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Adopt(altered, Organization); err != nil {
		t.Fatal(err)
	}
	snap := commit(t, w)
	if err := snap.VerifyRest(); err == nil || !strings.Contains(err.Error(), "altered after collection") {
		t.Errorf("got %v, want that the file was altered", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	again := create(t, filepath.Join(t.TempDir(), "snap"))
	if err := again.Adopt(altered, Organization); err == nil || !strings.Contains(err.Error(), "adopt dataset organization") {
		t.Errorf("got %v, want which dataset is gone", err)
	}
}
