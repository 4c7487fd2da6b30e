package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func testTenant() Tenant {
	return Tenant{ID: "11111111-1111-1111-1111-111111111111", Name: "Contoso", Cloud: "global"}
}

func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

func create(t *testing.T, dest string) *Writer {
	t.Helper()
	w, err := Create(dest, testTenant(), Tool{Name: "leastwise", Version: "test"}, noon())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Abort() }) // after Commit there is nothing to abort
	return w
}

// put writes a dataset and returns what the manifest says of it.
func put(t *testing.T, w *Writer, name Name, rows ...string) Dataset {
	t.Helper()
	d, err := w.Dataset(name)
	if err != nil {
		t.Fatal(err)
	}
	add(t, d, rows...)
	return closed(t, w, d, Dataset{})
}

func add(t *testing.T, d *DatasetWriter, rows ...string) {
	t.Helper()
	for _, row := range rows {
		if err := d.Add([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
}

func closed(t *testing.T, w *Writer, d *DatasetWriter, meta Dataset) Dataset {
	t.Helper()
	if err := d.Close(meta); err != nil {
		t.Fatal(err)
	}
	dataset, ok := w.Has(d.name)
	if !ok {
		t.Fatalf("dataset %s is not recorded", d.name)
	}
	return dataset
}

func commit(t *testing.T, w *Writer) *Snapshot {
	t.Helper()
	if err := w.Commit(noon().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	snap, err := Open(w.dest)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func rowsOf(t *testing.T, snap *Snapshot, name Name) []string {
	t.Helper()
	rows := []string{}
	for line, err := range snap.Rows(name) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, string(line))
	}
	return rows
}

// onlyEntries fails when dir holds anything but names.
func onlyEntries(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if diff := cmp.Diff(names, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", dir, diff)
	}
}

func TestRoundTrip(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "deep", "er", "snap")
	w := create(t, dest)
	d, err := w.Dataset(Containers)
	if err != nil {
		t.Fatal(err)
	}
	add(t, d, `{"id":"b", "n": 1.50}`, "{\n\"id\":\"a\",\"x\":\"日本 🙂 <&>\"}")
	from := noon().Add(-time.Hour)
	closed(t, w, d, Dataset{Requests: 3, Retries: 1, ThrottleSeconds: 0.5, From: &from, Reconciled: &Reconciled{Against: "$count", Want: 2}})
	put(t, w, ServicePrincipals)
	if err := w.Without(ContainerTypes, Dataset{Status: Denied, Reason: "403", Evidence: &HTTPEvidence{Method: "GET", Status: 403}}); err != nil {
		t.Fatal(err)
	}
	w.AddIdentity(Identity{Kind: "secret", ClientID: "c", Roles: []string{"B", "A"}, Datasets: []string{Containers}})
	snap := commit(t, w)

	if diff := cmp.Diff([]string{`{"id":"a","x":"日本 🙂 <&>"}`, `{"id":"b","n":1.50}`}, rowsOf(t, snap, Containers)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	want := w.manifest
	if diff := cmp.Diff(want, snap.Manifest); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	apps := snap.Dataset(Containers)
	if apps.Status != Collected || apps.Rows != 2 || apps.Reconciled.Got != 2 || apps.Reason != "" {
		t.Errorf("got %+v, want two rows, collected and reconciled", apps)
	}
	if empty := snap.Dataset(ServicePrincipals); empty.Status != Collected || empty.Rows != 0 || len(rowsOf(t, snap, ServicePrincipals)) != 0 {
		t.Errorf("got %+v, want a collected dataset without rows", empty)
	}
	if got := rowsOf(t, snap, ContainerTypes); len(got) != 0 {
		t.Errorf("a denied dataset has rows: %v", got)
	}
	if got := snap.Dataset(Pipelines); got.Status != Skipped || got.Reason == "" {
		t.Errorf("got %+v for a dataset that was never asked for, want skipped with a reason", got)
	}
	onlyEntries(t, dest, "containers.ndjson.gz", manifestFile, "service_principals.ndjson.gz")
	onlyEntries(t, filepath.Dir(dest), "snap")
}

func TestSameRowsMakeTheSameFiles(t *testing.T) {
	var files [2]string
	for i, rows := range [][]string{{`{"id":"b"}`, `{"id":"a"}`}, {`{"id":"a"}`, `{"id":"b"}`}} {
		w := create(t, filepath.Join(t.TempDir(), "snap"))
		put(t, w, Containers, rows...)
		commit(t, w)
		data, err := os.ReadFile(filepath.Join(w.dest, fileName(Containers)))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = string(data)
	}
	if files[0] != files[1] {
		t.Error("the order of arrival changes the file")
	}
}

func TestRowFaults(t *testing.T) {
	long := strings.Repeat("ü", 1<<19) // 1 MB
	cases := []struct {
		name       string
		dataset    Name
		rows       []string
		want       []string // nil: not compared
		status     Status
		confined   bool
		gapRow     string // of the only gap
		reason     string // part of the reason
		duplicates int
	}{
		{name: "sound", dataset: Containers, rows: []string{`{"id":"1"}`}, want: []string{`{"id":"1"}`}, status: Collected},
		{name: "identical rows", dataset: Containers, rows: []string{`{"id":"1"}`, `{"id":"2"}`, `{"id" : "1"}`}, want: []string{`{"id":"1"}`, `{"id":"2"}`}, status: Collected, duplicates: 1},
		{
			name: "different rows of one id", dataset: Containers,
			rows: []string{`{"id":"1","v":2}`, `{"id":"1","v":1}`}, want: []string{`{"id":"1","v":1}`, `{"id":"1","v":2}`},
			status: Partial, confined: true, gapRow: "1", reason: "two different rows have this id",
		},
		{name: "row without id", dataset: Containers, rows: []string{`{"id":"1"}`, `{"v":1}`}, status: Partial, reason: "row has no id"},
		{name: "id that is no text", dataset: Containers, rows: []string{`{"id":7}`}, want: []string{`{"id":7}`}, status: Partial, reason: "row has no id"},
		{name: "blank id", dataset: Containers, rows: []string{`{"id":" "}`}, want: []string{`{"id":" "}`}, status: Partial, reason: "row has no id"},
		{name: "half a key", dataset: ContainerTypeGrants, rows: []string{`{"appId":"1"}`}, want: []string{`{"appId":"1"}`}, status: Partial, reason: `member "containerTypeId" is missing`},
		{name: "key of two parts", dataset: ContainerTypeGrants, rows: []string{`{"appId":"1","containerTypeId":"b"}`, `{"appId":"2","containerTypeId":"a"}`}, want: []string{`{"appId":"2","containerTypeId":"a"}`, `{"appId":"1","containerTypeId":"b"}`}, status: Collected},
		{
			name: "invalid UTF-8", dataset: Containers, rows: []string{"{\"id\":\"1\",\"displayName\":\"a\xffb\"}"},
			want: []string{`{"id":"1","displayName":"a` + "\uFFFD" + `b"}`}, status: Partial, confined: true, gapRow: "1", reason: "not valid UTF-8",
		},
		{name: "null", dataset: Containers, rows: []string{`{"id":"1"}`, `null`}, want: []string{`{"id":"1"}`}, status: Partial, reason: "row 2: expected an object, found null"},
		{name: "array", dataset: Containers, rows: []string{` [{"id":"1"}]`}, want: []string{}, status: Partial, reason: "found an array"},
		{name: "text", dataset: Containers, rows: []string{`"id"`}, want: []string{}, status: Partial, reason: "found text"},
		{name: "number", dataset: Containers, rows: []string{`12`}, want: []string{}, status: Partial, reason: "found a bare value"},
		{name: "nothing", dataset: Containers, rows: []string{` `}, want: []string{}, status: Partial, reason: "found nothing"},
		{name: "cut row", dataset: Containers, rows: []string{`{"id":"1"`}, want: []string{}, status: Partial, reason: "row 1: unexpected end of JSON input"},
		{name: "display name of 1 MB", dataset: Containers, rows: []string{`{"id":"1","displayName":"` + long + `"}`}, want: []string{`{"id":"1","displayName":"` + long + `"}`}, status: Collected},
		{name: "date that is none", dataset: Containers, rows: []string{`{"id":"1","createdDateTime":"01/20/2025"}`}, want: []string{`{"id":"1","createdDateTime":"01/20/2025"}`}, status: Partial, confined: true, gapRow: "1", reason: "not an instant"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := create(t, filepath.Join(t.TempDir(), "snap"))
			got := put(t, w, c.dataset, c.rows...)
			if got.Status != c.status || got.Confined != c.confined || got.Duplicates != c.duplicates || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("got %+v, want %s, confined %v, %d duplicates, reason %q", got, c.status, c.confined, c.duplicates, c.reason)
			}
			if c.gapRow == "" && len(got.Gaps) > 0 || c.gapRow != "" && (len(got.Gaps) != 1 || got.Gaps[0].Row != c.gapRow) {
				t.Errorf("got gaps %v, want one of row %q", got.Gaps, c.gapRow)
			}
			rows := rowsOf(t, commit(t, w), c.dataset)
			if diff := cmp.Diff(c.want, rows); c.want != nil && diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowTooLongForTheReader(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	got := put(t, w, Containers, `{"id":"1"}`, `{"id":"2","v":"`+strings.Repeat("x", maxLine)+`"}`)
	if got.Status != Partial || got.Confined || !strings.Contains(got.Reason, "row 2: the row is longer than") {
		t.Errorf("got %+v, want partial because of row 2", got)
	}
	if got := rowsOf(t, commit(t, w), Containers); len(got) != 1 {
		t.Errorf("got %d rows, want the other one", len(got))
	}
}

func TestSecretsAreDropped(t *testing.T) {
	cases := []struct{ name, row, want string }{
		{"at the top", `{"id":"1","secretText":"s","hint":"abc"}`, `{"id":"1"}`},
		{"in lists", `{"id":"1","passwordCredentials":[{"keyId":"k","hint":"abc","secretText":"s"}],"keyCredentials":[[{"key":"QUJD","keyId":"k"}]]}`, `{"id":"1","keyCredentials":[[{"keyId":"k"}]],"passwordCredentials":[{"keyId":"k"}]}`},
		{"of any type", `{"id":"1","key":{"keyId":"k"},"hint":null}`, `{"id":"1"}`},
		{"with blanks", "{\"id\":\"1\", \"hint\" \t:\n \"abc\"}", `{"id":"1"}`},
		{"with escapes in the name", `{"id":"1","h\u0069nt":"abc","\u006bey":"x"}`, `{"id":"1"}`},
		{"as other tools spell them", `{"id":"1","SecretText":"s","Hint":"abc","KEY":"x"}`, `{"id":"1"}`},
		{"numbers stay as written", `{"id":"1","key":"x","n":12345678901234567890.10,"s":"<&>"}`, `{"id":"1","n":12345678901234567890.10,"s":"<&>"}`},
		{"look-alikes stay", `{"keyId":"1","id":"1","hints":"x","secretTextual":"x","value":"key","v":"\"key\":1","customKeyIdentifier":"x"}`, `{"keyId":"1","id":"1","hints":"x","secretTextual":"x","value":"key","v":"\"key\":1","customKeyIdentifier":"x"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := create(t, filepath.Join(t.TempDir(), "snap"))
			put(t, w, Organization, c.row)
			if diff := cmp.Diff([]string{c.want}, rowsOf(t, commit(t, w), Organization)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMoreGapsThanAreNamed(t *testing.T) {
	for _, n := range []int{maxGaps, maxGaps + 1, 2 * maxGaps} {
		w := create(t, filepath.Join(t.TempDir(), "snap"))
		d, err := w.Dataset(Containers)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			add(t, d, fmt.Sprintf(`{"id":"%06d","createdDateTime":"yesterday"}`, i))
		}
		got := closed(t, w, d, Dataset{})
		if got.Rows != n || len(got.Gaps) != maxGaps || got.Status != Partial || got.Confined != (n == maxGaps) {
			t.Errorf("%d gaps: got %d rows, %d gaps, confined %v", n, got.Rows, len(got.Gaps), got.Confined)
		}
		if strings.Contains(got.Reason, "more than") != (n > maxGaps) {
			t.Errorf("%d gaps: got reason %q", n, got.Reason)
		}
	}
}

func TestFaultsAreCounted(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	got := put(t, w, Containers, "null", "null", "null", "null", "null", "null", "null")
	if !strings.Contains(got.Reason, "row 5:") || strings.Contains(got.Reason, "row 6:") || !strings.HasSuffix(got.Reason, "; and 2 more") {
		t.Errorf("got reason %q, want five faults and the number of the others", got.Reason)
	}
}

func TestConclusions(t *testing.T) {
	cases := []struct {
		name     string
		meta     Dataset
		fault    string
		status   Status
		confined bool
		reason   string
	}{
		{name: "nothing said", status: Collected},
		{name: "partial", meta: Dataset{Status: Partial, Reason: "a page is missing"}, status: Partial, reason: "a page is missing"},
		{name: "fault", meta: Dataset{Status: Collected}, fault: "page 2: 500", status: Partial, reason: "page 2: 500"},
		{name: "reasons are joined", meta: Dataset{Status: Partial, Reason: "first"}, fault: "second", status: Partial, reason: "first; second"},
		{name: "gap of the caller", meta: Dataset{Gaps: []Gap{{Row: "1", Reason: "owners: 403"}}}, status: Partial, confined: true, reason: "1 row(s) damaged, first 1: owners: 403"},
		{name: "partial with a gap", meta: Dataset{Status: Partial, Reason: "x", Gaps: []Gap{{Row: "1", Reason: "y"}}}, status: Partial, reason: "x; 1 row(s) damaged, first 1: y"},
		{name: "counts agree", meta: Dataset{Reconciled: &Reconciled{Against: "$count", Want: 1}}, status: Collected},
		{name: "counts differ", meta: Dataset{Reconciled: &Reconciled{Against: "$count", Want: 2}}, status: Partial, reason: "1 rows were read and $count says 2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := create(t, filepath.Join(t.TempDir(), "snap"))
			d, err := w.Dataset(Containers)
			if err != nil {
				t.Fatal(err)
			}
			add(t, d, `{"id":"1"}`)
			if c.fault != "" {
				d.Fault(c.fault)
			}
			got := closed(t, w, d, c.meta)
			if got.Status != c.status || got.Confined != c.confined || got.Reason != c.reason {
				t.Errorf("got %s, confined %v, %q, want %s, %v, %q", got.Status, got.Confined, got.Reason, c.status, c.confined, c.reason)
			}
		})
	}
}

func TestDatasetsCloseSideBySide(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "snap"))
	var group sync.WaitGroup
	for _, name := range Names() {
		d, err := w.Dataset(name)
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			if err := errors.Join(d.Add([]byte(`{"id":"1"}`)), d.Close(Dataset{})); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := len(commit(t, w).Manifest.Datasets); got != len(Names()) {
		t.Errorf("got %d datasets, want %d", got, len(Names()))
	}
}
