package snapshot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// first commits a snapshot with two containers.
func first(t *testing.T) *Snapshot {
	t.Helper()
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	put(t, w, Containers, `{"id":"1"}`, `{"id":"2"}`)
	put(t, w, Organization, `{"id":"o"}`)
	w.AddIdentity(Identity{Kind: "secret", ClientID: "c", Datasets: []string{Containers, Organization}})
	return commit(t, w)
}

// content reads every file of a folder.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(data)
	}
	return files
}

func TestSecondRunAddsToTheFirst(t *testing.T) {
	old := first(t)
	w, err := Create(old.dir, Tenant{ID: testTenant().ID, Cloud: "global"}, Tool{}, noon().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	put(t, w, ContainerTypes, `{"id":"t"}`)
	put(t, w, Organization, `{"id":"o","v":2}`)
	for _, status := range []Status{Denied, Failed, Unlicensed, Skipped} {
		if err := w.Without(Containers, Dataset{Status: status}); err != nil {
			t.Fatal(err)
		}
	}
	w.AddIdentity(Identity{Kind: "device-code", ClientID: "c", User: "u", Datasets: []string{ContainerTypes}})
	snap := commit(t, w)
	if got := rowsOf(t, snap, Containers); len(got) != 2 {
		t.Errorf("got containers %v, want those of the first run", got)
	}
	if diff := cmp.Diff([]string{`{"id":"o","v":2}`}, rowsOf(t, snap, Organization)); diff != "" {
		t.Errorf("organization (-want +got):\n%s", diff)
	}
	if got := rowsOf(t, snap, ContainerTypes); len(got) != 1 {
		t.Errorf("got container types %v", got)
	}
	if len(snap.Manifest.Identities) != 2 || snap.Manifest.Tenant.Name != "Contoso" || !snap.Manifest.Started.Equal(noon()) {
		t.Errorf("got %+v, want both identities, the tenant's name and the start of the first run", snap.Manifest)
	}
	onlyEntries(t, filepath.Dir(old.dir), "snap")
}

func TestDeniedIsReplacedByRows(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	if err := w.Without(Containers, Dataset{Status: Denied, Reason: "403"}); err != nil {
		t.Fatal(err)
	}
	commit(t, w)
	again := create(t, w.dest)
	if got := put(t, again, Containers, `{"id":"1"}`); got.Status != Collected || got.Reason != "" {
		t.Errorf("got %+v, want collected", got)
	}
}

func TestAbortLeavesTheFormerSnapshotAlone(t *testing.T) {
	old := first(t)
	before := content(t, old.dir)
	w := create(t, old.dir)
	put(t, w, Containers, `{"id":"3"}`)
	d, err := w.Dataset(Organization)
	if err != nil {
		t.Fatal(err)
	}
	d.sorter.limit = 1
	add(t, d, `{"id":"x"}`)
	if err := d.Abort(); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, content(t, old.dir)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	onlyEntries(t, filepath.Dir(old.dir), "snap")
}

func TestAbortLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	w := create(t, filepath.Join(parent, "snap"))
	put(t, w, Containers, `{"id":"3"}`)
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	onlyEntries(t, parent)
}

// The written folder is taken away, so that the second rename fails.
func TestFormerSnapshotSurvivesAFailedCommit(t *testing.T) {
	old := first(t)
	before := content(t, old.dir)
	w := create(t, old.dir)
	if err := os.RemoveAll(w.temp); err != nil {
		t.Fatal(err)
	}
	if err := w.replace(); err == nil {
		t.Fatal("the commit succeeded without a folder")
	}
	if err := w.Commit(noon()); err == nil {
		t.Fatal("the commit succeeded without a folder")
	}
	if diff := cmp.Diff(before, content(t, old.dir)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	onlyEntries(t, filepath.Dir(old.dir), "snap")
}

func TestFailedDatasetLeavesWhatWasTakenOver(t *testing.T) {
	old := first(t)
	w := create(t, old.dir)
	d, err := w.Dataset(Containers)
	if err != nil {
		t.Fatal(err)
	}
	d.sorter.limit = 1
	add(t, d, `{"id":"3"}`)
	if err := os.Truncate(d.sorter.runs[0].Name(), 3); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(Dataset{}); err == nil {
		t.Fatal("a cut run went unnoticed")
	}
	if got := rowsOf(t, commit(t, w), Containers); len(got) != 2 {
		t.Errorf("got %v, want the rows of the first run", got)
	}
	onlyEntries(t, old.dir, "containers.ndjson.gz", manifestFile, "organization.ndjson.gz")
}

func TestRefusedDestinations(t *testing.T) {
	cases := []struct {
		name    string
		prepare func(t *testing.T, dest string)
		want    string
	}{
		{"another folder", func(t *testing.T, dest string) { write(t, filepath.Join(dest, "letter.txt"), "dear") }, "is not a snapshot"},
		{"a broken manifest", func(t *testing.T, dest string) { write(t, filepath.Join(dest, manifestFile), "{") }, "is not a snapshot"},
		{"a file", func(t *testing.T, dest string) { write(t, dest, "dear") }, "not a directory"},
		{"another tenant", func(t *testing.T, dest string) {
			w, err := Create(dest, Tenant{ID: "other"}, Tool{}, noon())
			if err != nil {
				t.Fatal(err)
			}
			commit(t, w)
		}, "holds a snapshot of tenant other"},
		{"a snapshot that lacks a file", func(t *testing.T, dest string) {
			w := create(t, dest)
			put(t, w, Containers)
			commit(t, w)
			if err := os.Remove(filepath.Join(dest, fileName(Containers))); err != nil {
				t.Fatal(err)
			}
		}, "take over dataset containers"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			parent := t.TempDir()
			dest := filepath.Join(parent, "snap")
			c.prepare(t, dest)
			_, err := Create(dest, testTenant(), Tool{}, noon())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
			onlyEntries(t, parent, "snap")
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAcceptedDestinations(t *testing.T) {
	empty := t.TempDir()
	put(t, create(t, empty), Containers)
	old := first(t)
	w, err := Create(old.dir+"/", Tenant{ID: strings.ToUpper(testTenant().ID)}, Tool{}, noon())
	if err != nil {
		t.Fatalf("the same tenant in capitals: %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
}

func TestUnknownNamesAndStatuses(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	if _, err := w.Dataset("users"); err == nil {
		t.Error("an unknown dataset was started")
	}
	if err := w.Without("users", Dataset{Status: Denied}); err == nil {
		t.Error("an unknown dataset was recorded")
	}
	for _, status := range []Status{"", "fine", Collected, Partial} {
		if err := w.Without(Containers, Dataset{Status: status}); err == nil {
			t.Errorf("status %q was recorded without rows", status)
		}
	}
	for _, status := range []Status{"fine", Denied, Failed, Unlicensed, Skipped} {
		d, err := w.Dataset(Containers)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(Dataset{Status: status}); err == nil {
			t.Errorf("status %q was recorded with rows", status)
		}
	}
}

// A row that is met again is damaged once, and one with several faults is one row.
func TestDamagedRowsAreCountedOnce(t *testing.T) {
	got := put(t, create(t, filepath.Join(t.TempDir(), "snap")), AppRoleAssignments, `{"id":"1","appRoleId":"a"}`, `{"id":"1","appRoleId":"a"}`)
	want := []Gap{
		{Row: "1", Reason: "principalId: expected an id, found nothing"}, {Row: "1", Reason: "resourceId: expected an id, found nothing"},
	}
	if diff := cmp.Diff(want, got.Gaps); diff != "" || got.Reason != "1 row(s) damaged, first 1: principalId: expected an id, found nothing" {
		t.Errorf("reason %q, gaps (-want +got):\n%s", got.Reason, diff)
	}
}
