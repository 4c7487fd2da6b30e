package snapshot

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAddIdentityMergesWithinARun(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	run := func(ids ...Identity) []Identity {
		t.Helper()
		w, err := Create(dest, Tenant{ID: "t"}, Tool{}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			w.AddIdentity(id)
		}
		if err := w.Commit(time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dest)
		if err != nil {
			t.Fatal(err)
		}
		return s.Manifest.Identities
	}
	got := run(
		Identity{Kind: "secret", ClientID: "1", Roles: []string{"b"}, Datasets: []string{"applications"}},
		Identity{Kind: "certificate", ClientID: "1", Datasets: []string{"containers"}},
		Identity{Kind: "secret", ClientID: "1", Roles: []string{"a", "b"}, Datasets: []string{"organization"}},
	)
	want := []Identity{
		{Kind: "certificate", ClientID: "1", Datasets: []string{"containers"}},
		{Kind: "secret", ClientID: "1", Roles: []string{"a", "b"}, Datasets: []string{"applications", "organization"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// A later run tells anew what the token carries; what was read stays read.
	got = run(Identity{Kind: "secret", ClientID: "1", Roles: []string{"c"}, Datasets: []string{"manifests"}})
	want[1] = Identity{Kind: "secret", ClientID: "1", Roles: []string{"c"}, Datasets: []string{"applications", "manifests", "organization"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCloseReconcilesRowsWithASecondCount(t *testing.T) {
	for _, want := range []int{1, 2} {
		w, err := Create(filepath.Join(t.TempDir(), "s"), Tenant{ID: "t"}, Tool{}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		d, err := w.Dataset(Containers)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // one row, met twice
			if err := d.Add([]byte(`{"id":"a"}`)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(Dataset{Reconciled: &Reconciled{Against: "/$count", Want: want}}); err != nil {
			t.Fatal(err)
		}
		got, _ := w.Has(Containers)
		if got.Reconciled.Got != 1 || (got.Status == Collected) != (want == 1) || want == 2 && !strings.Contains(got.Reason, "1 rows were read and /$count says 2") {
			t.Errorf("want %d: got %+v %+v", want, got, got.Reconciled)
		}
		if err := w.Abort(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(w.temp); !os.IsNotExist(err) {
			t.Errorf("the temporary folder is still there: %v", err)
		}
	}
}
