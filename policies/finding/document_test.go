package finding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testReport() *Report {
	return &Report{
		SchemaVersion: SchemaVersion, Tool: Tool{"leastwise", "test"}, Tenant: Tenant{ID: "t", Cloud: "global"},
		AsOf: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), FailOn: High,
		Thresholds: map[string]any{"approval_warning_days": 30.0},
		Coverage:   []Coverage{{Dataset: "applications", Status: "collected", Rows: 2, Reconciled: &Reconciled{"$count", 2, 2}}},
		Controls:   []Control{{ID: "ENTRA-001", Title: "<&>", Severity: High, Requires: []string{"applications"}, Passed: []byte{5}}},
		Totals:     Totals{Subjects: map[string]int{"application": 2}, Failed: map[Severity]int{High: 1}},
	}
}

// written writes a report with the given rows and returns its path.
func written(t *testing.T, fill func(w *Writer)) string {
	t.Helper()
	dir := t.TempDir()
	w, err := NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	if fill != nil {
		fill(w)
	}
	var out bytes.Buffer
	if err := w.WriteReport(&out, testReport()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("Close leaves %v, %v", entries, err)
	}
	return file(t, out.String())
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func all[T any](t *testing.T, rows iter.Seq2[T, error]) []T {
	t.Helper()
	var list []T
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, row)
	}
	return list
}

func line(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	yes, days := true, 5
	long := strings.Repeat("長", 100_000) // longer than any buffer
	apps := []Application{{AppID: "a", Name: long, Enabled: &yes, Owners: []string{}}, {AppID: "b", Name: "\n\u2028<&>\""}}
	permissions := []Permission{{AppID: "a", Permission: "Mail.Read", Kind: "application", Tier: "high"}}
	types := []ContainerType{{ID: "c", Grants: []ContainerTypeGrant{{AppID: "a", ApplicationPermissions: []string{"full"}}}}, {ID: "d", Grants: []ContainerTypeGrant{}}, {ID: "e"}}
	approvals := []Approval{{AppID: "a", State: "approved", DaysLeft: &days, Datasets: []ApprovedDataset{{Name: "x", Columns: []string{"y"}}}}}
	columns := 3
	containers := []Container{{ID: "b!1", Members: &columns, Guests: &days, Owners: []string{}}, {ID: "b!2"}}
	pipelines := []Pipeline{{ID: "f#p/a", File: "f", Line: 7, AllColumns: true}, {ID: "g#p/a", Columns: &columns, Unresolved: []string{"scope"}}}
	found := []Finding{{Control: "X", Severity: Low, Outcome: Fail, Key: json.RawMessage(`{}`), Evidence: json.RawMessage(`{"n":1.50}`), Message: long, Waiver: &Waiver{ID: "W"}}}
	path := written(t, func(w *Writer) {
		must(t, w.AddFinding(Low, "X", Fail, line(t, found[0])))
		for _, row := range apps {
			must(t, w.Add(Applications, line(t, row)))
		}
		for _, row := range pipelines {
			must(t, w.Add(Pipelines, line(t, row)))
		}
		must(t, w.Add(Permissions, line(t, permissions[0])), w.Add(Approvals, line(t, approvals[0])))
		for _, row := range containers {
			must(t, w.Add(Containers, line(t, row)))
		}
		for _, row := range types {
			must(t, w.Add(ContainerTypes, line(t, row)))
		}
	})
	d, err := OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, diff := range map[string]string{
		"header":          cmp.Diff(testReport(), &d.Report),
		"applications":    cmp.Diff(apps, all(t, d.Applications())),
		"permissions":     cmp.Diff(permissions, all(t, d.Permissions())),
		"container types": cmp.Diff(types, all(t, d.ContainerTypes())),
		"containers":      cmp.Diff(containers, all(t, d.Containers())),
		"approvals":       cmp.Diff(approvals, all(t, d.Approvals())),
		"pipelines":       cmp.Diff(pipelines, all(t, d.Pipelines())),
		"findings":        cmp.Diff(found, all(t, d.Findings())),
		"path":            cmp.Diff(path, d.Path()),
	} {
		if diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEverySectionMayBeEmpty(t *testing.T) {
	empty := written(t, nil)
	if text := read(t, empty); !json.Valid([]byte(text)) || strings.Count(text, "[]") < 5 {
		t.Errorf("got %s", text)
	}
	row := []byte(`{"n":1}`)
	for _, filled := range append(InventorySections(), Findings) {
		path := written(t, func(w *Writer) { must(t, w.Add(filled, row)) })
		if text := read(t, path); !json.Valid([]byte(text)) {
			t.Errorf("with one row in %s: %s", filled, text)
		}
		d, err := OpenDocument(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range append(InventorySections(), Findings) {
			got, want := len(all(t, Rows[map[string]int](d, section))), 0
			if section == filled {
				want = 1
			}
			if got != want {
				t.Errorf("with one row in %s: %d rows in %s", filled, got, section)
			}
		}
	}
}

func TestFindingsAreOrdered(t *testing.T) {
	path := written(t, func(w *Writer) {
		for i, f := range []Finding{
			{Severity: Low, Control: "A"},
			{Severity: Critical, Control: "B"},
			{Severity: High, Control: "C"},
			{Severity: Critical, Control: "A"},
			{Severity: High, Control: "C"},
			{Severity: Info, Control: "A"},
			{Severity: Critical, Control: "B"},
		} {
			f.Message, f.Key, f.Evidence = fmt.Sprint(i), json.RawMessage("{}"), json.RawMessage("{}")
			must(t, w.AddFinding(f.Severity, f.Control, f.Outcome, line(t, f)))
		}
	})
	d, err := OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range all(t, d.Findings()) {
		got = append(got, f.Control+f.Message)
	}
	if diff := cmp.Diff([]string{"A3", "B1", "B6", "C2", "C4", "A0", "A5"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReportCanBeWrittenTwice(t *testing.T) {
	w, err := NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	must(t, w.Add(Applications, []byte(`{"app_id":"a"}`)))
	var first, second bytes.Buffer
	must(t, w.WriteReport(&first, testReport()), w.WriteReport(&second, testReport()), w.Close())
	if first.String() != second.String() {
		t.Error("the second report differs from the first")
	}
}

// fullDisk takes so many bytes and no more.
type fullDisk int

func (d *fullDisk) Write(p []byte) (int, error) {
	if *d -= fullDisk(len(p)); *d < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestFullDiskIsAnError(t *testing.T) {
	for _, room := range []fullDisk{0, 1 << 16, 1 << 17} {
		w, err := NewWriter(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		must(t, w.Add(Findings, bytes.Repeat([]byte("1"), 1<<18)))
		if err := w.WriteReport(&room, testReport()); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("got error %v", err)
		}
		must(t, w.Close())
	}
	if _, err := NewWriter(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("rows are gathered in a folder that does not exist")
	}
}

// A report from before version 1.2 has no table of pipelines; any other must be there.
func TestReportsWithoutPipelines(t *testing.T) {
	text := read(t, written(t, func(w *Writer) { must(t, w.Add(Applications, []byte(`{"app_id":"a"}`))) }))
	old := strings.Replace(text, ",\n    \"pipelines\": []", "", 1)
	if old == text {
		t.Fatalf("no pipelines in %s", text)
	}
	d, err := OpenDocument(file(t, old))
	if err != nil {
		t.Fatal(err)
	}
	if rows := all(t, d.Pipelines()); len(rows) > 0 {
		t.Errorf("got %v, want no pipelines", rows)
	}
	if rows := all(t, d.Applications()); len(rows) != 1 {
		t.Errorf("got %v, want one application", rows)
	}
	without := strings.Replace(text, ",\n    \"approvals\": []", "", 1)
	if _, err := OpenDocument(file(t, without)); err == nil || !strings.Contains(err.Error(), `table "approvals" is missing`) {
		t.Errorf("got error %v", err)
	}
}
