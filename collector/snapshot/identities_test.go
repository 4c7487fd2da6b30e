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

func TestNeedsOfAnIdentity(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	run := func(renew []Name, ids ...Identity) []Identity {
		t.Helper()
		w, err := Create(dest, Tenant{ID: "t"}, Tool{}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Renew(renew...); err != nil {
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
	need := func(name Name, least ...string) Need { return Need{Dataset: name, Least: append([]string{}, least...)} }

	// Within a run: merged, each once, by dataset; two needs of one dataset stay two.
	assigned := Need{Dataset: DirectoryRoleAssignments, Least: []string{"Z", "A"}, Accepted: []string{"W"}}
	got := run(nil,
		Identity{Kind: "secret", ClientID: "1", AppOnly: true, Needs: []Need{assigned, need(Organization)}, Datasets: []string{Organization}},
		Identity{Kind: "secret", ClientID: "1", AppOnly: true, Opaque: true, Needs: []Need{need(DirectoryRoleAssignments, "B"), assigned, {Dataset: Organization}}},
	)
	want := []Identity{{
		Kind: "secret", ClientID: "1", AppOnly: true, Opaque: true, Datasets: []string{Organization},
		Needs: []Need{need(DirectoryRoleAssignments, "B"), assigned, need(Organization)},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}

	// A later run tells anew whether the token could be read, and keeps what is not read again.
	got = run([]Name{DirectoryRoleAssignments}, Identity{Kind: "secret", ClientID: "1", AppOnly: true, Needs: []Need{need(DirectoryRoleAssignments, "C")}})
	want[0].Opaque, want[0].Needs = false, []Need{need(DirectoryRoleAssignments, "C"), need(Organization)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}

	// What another identity reads again is no longer this one's business; without any business it goes.
	other := Identity{Kind: "secret", ClientID: "2", Needs: []Need{need(Organization)}, Datasets: []string{Organization}}
	got = run([]Name{Organization}, other)
	want[0].Needs, want[0].Datasets = []Need{need(DirectoryRoleAssignments, "C")}, nil
	if want = append(want, other); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got = run([]Name{DirectoryRoleAssignments}); !reflect.DeepEqual(got, []Identity{other}) {
		t.Errorf("got %+v, want %+v", got, other)
	}
}

func TestSignedIn(t *testing.T) {
	for kind, want := range map[string]bool{"certificate": true, "device-code": true, "managed": true, IdentityFolder: false, IdentitySavedEvents: false} {
		if got := (Identity{Kind: kind}).SignedIn(); got != want {
			t.Errorf("%s: got %v", kind, got)
		}
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
