package policies

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

const testTenant = "11111111-2222-3333-4444-555555555555"

// pipelineRows are reads of Data Connect: one that is approved, one that asks for all
// columns, one of which something is left open.
func pipelineRows() []string {
	row := func(name, more string) string {
		return fmt.Sprintf(`{"id":"f.json#p/%s","name":"p/%s","file":"f.json","line":%d,"pipeline":"p","activity":%q,"product":"synapse","type":"Copy","inactive":false,
			"appId":"a1b2c3d4-0000-4000-8000-0000000000d1","appTenantId":"%s","dataTenantId":"%s","scope":"all","destinationTenantId":"%s",
			"destination":{"type":"AzureBlobFS","location":"https://acct.dfs.core.windows.net/mail/raw","partial":false}%s}`, name, name, len(name), name, testTenant, testTenant, testTenant, more)
	}
	return []string{
		row("a", `,"dataset":"BasicDataSet_v0.Message_v1","allColumns":false,"columns":["id"],"unresolved":[]`),
		row("bb", `,"dataset":"BasicDataSet_v0.Message_v1","allColumns":true,"unresolved":[]`),
		row("ccc", `,"allColumns":false,"columns":["id"],"unresolved":[{"field":"dataset","expression":"@x","file":"g.json","line":4,"reason":"it is computed at run time"}]`),
	}
}

// repositorySnapshot is of a tenant that approved an application, and of a repository
// when there are rows of it.
func repositorySnapshot(t *testing.T, rows ...string) *snapshot.Snapshot {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "snap")
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: testTenant, Cloud: "global"}, snapshot.Tool{}, testAsOf())
	if err != nil {
		t.Fatal(err)
	}
	start := testAsOf().AddDate(0, 0, -200)
	events := snapshot.Dataset{From: &start, Windows: []snapshot.Window{{From: start, To: testAsOf()}}}
	add := func(name snapshot.Name, meta snapshot.Dataset, rows ...string) {
		d, err := w.Dataset(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if err := d.Add([]byte(row)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(meta); err != nil {
			t.Fatal(err)
		}
	}
	add(snapshot.DataConnectEvents, events, `{"id":"e","kind":"consent","at":"2026-10-01T00:00:00Z","appId":"a1b2c3d4-0000-4000-8000-0000000000d1","appTenantId":"`+testTenant+`","state":"approved","approver":"a@x",
		"datasets":[{"name":"BasicDataSet_v0.Message_v1","columns":["id"],"scope":"all"}],"sinks":["https://acct.dfs.core.windows.net/mail"],"destinationTenantId":"`+testTenant+`"}`)
	add(snapshot.DataConnectRegister, snapshot.Dataset{})
	if rows != nil {
		add(snapshot.Pipelines, snapshot.Dataset{}, rows...)
	}
	if err := w.Commit(testAsOf()); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// judged evaluates a snapshot and returns the report with its rows.
func judgedReport(t *testing.T, snap *snapshot.Snapshot, options Options) *finding.Document {
	t.Helper()
	lib := loadBuiltIn(t)
	out, err := finding.NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	report, err := lib.Evaluate(t.Context(), newEngine(t, lib, options), snap, out)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := out.WriteReport(&text, report); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	document, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func isPipeline(c finding.Control) bool { return c.Subject == string(subject.KindPipeline) }

// Where no repository was looked into, its controls are out of scope: neither judged nor
// unknown.
func TestPipelinesOutOfScope(t *testing.T) {
	document := judgedReport(t, repositorySnapshot(t), Options{})
	pipelines := 0
	for _, control := range document.Controls {
		if !isPipeline(control) {
			if control.OutOfScope != "" {
				t.Errorf("%s is out of scope: %s", control.ID, control.OutOfScope)
			}
			continue
		}
		pipelines++
		if !strings.Contains(control.OutOfScope, snapshot.Pipelines) || control.Counts != (finding.Counts{}) || control.Passed != nil {
			t.Errorf("%s: got %q and %+v, want it out of scope", control.ID, control.OutOfScope, control.Counts)
		}
	}
	if pipelines == 0 {
		t.Error("no control of pipelines: the test shows nothing")
	}
	for f, err := range document.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if f.Subject.Kind == string(subject.KindPipeline) {
			t.Errorf("got %s on %s: %s", f.Control, f.Subject.ID, f.Message)
		}
	}
	if _, counted := document.Totals.Subjects[string(subject.KindPipeline)]; counted || slices.ContainsFunc(document.Coverage, func(c finding.Coverage) bool { return c.Dataset == snapshot.Pipelines }) {
		t.Errorf("got subjects %v and coverage %v, want no word of pipelines", document.Totals.Subjects, document.Coverage)
	}
}

// A dataset that was passed over, as a folder of saved responses does without a file, is
// like one that is not named.
func TestPipelinesPassedOver(t *testing.T) {
	snap := repositorySnapshot(t, []string{}...)
	snap.Manifest.Datasets[snapshot.Pipelines] = snapshot.Dataset{Status: snapshot.Skipped, Reason: "no file pipelines.json"}
	document := judgedReport(t, snap, Options{})
	for _, control := range document.Controls {
		if isPipeline(control) != (control.OutOfScope != "") {
			t.Errorf("%s: out of scope: %q", control.ID, control.OutOfScope)
		}
	}
}

// An empty repository, and one of which part could not be read.
func TestPipelinesInScope(t *testing.T) {
	empty := judgedReport(t, repositorySnapshot(t, []string{}...), Options{Kinds: []subject.Kind{subject.KindPipeline}})
	for _, control := range empty.Controls {
		if isPipeline(control) && (control.OutOfScope != "" || control.Counts != (finding.Counts{})) {
			t.Errorf("%s: got %q and %+v, want it judged, on nothing", control.ID, control.OutOfScope, control.Counts)
		}
	}
	damaged := repositorySnapshot(t, []string{}...)
	d := damaged.Manifest.Datasets[snapshot.Pipelines]
	d.Status, d.Reason = snapshot.Partial, "a file cannot be read"
	damaged.Manifest.Datasets[snapshot.Pipelines] = d
	document := judgedReport(t, damaged, Options{Kinds: []subject.Kind{subject.KindPipeline}})
	for _, control := range document.Controls {
		if isPipeline(control) && control.Counts != (finding.Counts{Unknown: 1}) {
			t.Errorf("%s: got %+v, want one unknown", control.ID, control.Counts)
		}
	}
	for f, err := range document.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if f.Subject.ID != "*" || f.Outcome != finding.Unknown || f.Location != nil {
			t.Errorf("got %s %s on %s at %v", f.Control, f.Outcome, f.Subject.ID, f.Location)
		}
	}
}

// Findings on pipelines say where they stand, and only those.
func TestFindingsOfPipelinesHaveAPlace(t *testing.T) {
	lines := map[string]int{}
	for f, err := range judgedReport(t, repositorySnapshot(t, pipelineRows()...), Options{}).Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if (f.Location != nil) != (f.Subject.Kind == string(subject.KindPipeline)) {
			t.Errorf("%s on %s: got the place %v", f.Control, f.Subject.ID, f.Location)
		}
		if f.Location != nil {
			lines[f.Subject.ID+" "+f.Location.File] = f.Location.Line
		}
	}
	want := map[string]int{"f.json#p/bb f.json": 2, "f.json#p/ccc f.json": 3}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("got findings at %v, want %v: the approved one has none", lines, want)
	}
}

// What is switched off is counted apart.
func TestInactiveActivitiesAreCounted(t *testing.T) {
	rows := pipelineRows()
	rows[0] = strings.Replace(rows[0], `"inactive":false`, `"inactive":true`, 1)
	document := judgedReport(t, repositorySnapshot(t, rows...), Options{})
	if got := document.Totals; got.Subjects["pipeline"] != 3 || got.Inactive != 1 {
		t.Errorf("got %d pipelines, %d inactive, want 3 and 1", got.Subjects["pipeline"], got.Inactive)
	}
}

func TestKindsAreChosen(t *testing.T) {
	snap := repositorySnapshot(t, pipelineRows()...)
	document := judgedReport(t, snap, Options{Kinds: []subject.Kind{subject.KindPipeline}})
	for _, control := range document.Controls {
		if isPipeline(control) == (control.OutOfScope != "") {
			t.Errorf("%s judges %s: out of scope %q", control.ID, control.Subject, control.OutOfScope)
		}
	}
	if want := map[string]int{"pipeline": 3}; !reflect.DeepEqual(document.Totals.Subjects, want) {
		t.Errorf("got subjects %v, want %v", document.Totals.Subjects, want)
	}
	lib := loadBuiltIn(t)
	if _, err := lib.Engine(t.Context(), Options{Kinds: []subject.Kind{subject.KindPipeline}, Only: []string{"ENTRA-001"}}); !refused(err, "no control that is left judges these kinds") {
		t.Errorf("got %v, want no control left refused", err)
	}
	e := newEngine(t, lib, Options{Only: []string{"DC-101"}})
	if _, err := e.scopeOf(repositorySnapshot(t)); !refused(err, "no control has anything to judge in this snapshot") {
		t.Errorf("got %v, want a snapshot without pipelines refused", err)
	}
	if _, err := e.scopeOf(snap); err != nil {
		t.Error(err)
	}
}

func refused(err error, text string) bool {
	fault, ok := errors.AsType[*LoadError](err)
	return ok && strings.Contains(fault.Error(), text) && fault.Hint() != ""
}

// A report in which every control is out of scope proves nothing.
func TestVerdictOutOfScope(t *testing.T) {
	r := finding.Report{Controls: []finding.Control{{ID: "A", OutOfScope: "because"}, {ID: "B", Disabled: "because"}}}
	if r.Verdict() != finding.Unjudged {
		t.Errorf("got %v, want it unjudged", r.Verdict())
	}
	r.Controls = append(r.Controls, finding.Control{ID: "C"})
	if r.Verdict() != finding.Clean {
		t.Errorf("got %v, want it clean", r.Verdict())
	}
}

func TestConfig(t *testing.T) {
	thresholds := map[string]any{"unused_days": 9}
	declared := Declared{
		Needs:         []DeclaredNeed{{AppID: "APP", Permissions: []string{"Mail.Read"}, Reason: "a"}, {AppID: "b"}, {AppID: "app", Permissions: []string{"Mail.Send"}}},
		Critical:      []DeclaredNeed{{AppID: "b", Permissions: []string{"X"}}},
		Containers:    []DeclaredContainerNeed{{AppID: "B", ApplicationPermissions: []string{"readContent"}}},
		MultiTenant:   []string{"C"},
		PreAuthorized: []string{"D"},
	}
	got := Config(thresholds, DefaultChoices(), declared)
	want := map[string]any{
		"unused_days": 9, "pre_authorized": []any{"d"},
		"container_needs": map[string]any{"b": map[string]any{"application": []any{"readContent"}, "delegated": []any{}}},
	}
	facts := map[string]*subject.DeclaredFacts{
		"app": {Needs: []string{"mail.read", "mail.send"}},
		"b":   {Critical: []string{"x"}, ContainerApplication: []string{"readcontent"}},
		"c":   {MultiTenant: true},
	}
	if diff := cmp.Diff(facts, declared.facts()); diff != "" {
		t.Error(diff)
	}
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s: got %v, want %v", name, got[name], value)
		}
	}
	if len(thresholds) != 1 {
		t.Errorf("the thresholds have changed: %v", thresholds)
	}
	if DefaultThresholds()["idle_approval_days"] != 90 {
		t.Error("no threshold for idle approvals")
	}
}

// What the operator declared stands in the report; the thresholds are numbers alone.
func TestDeclaredIsReported(t *testing.T) {
	declared := Declared{Needs: []DeclaredNeed{{AppID: "App", Permissions: []string{"Mail.Read"}, Reason: "the archive"}}, MultiTenant: []string{"b"}}
	document := judgedReport(t, repositorySnapshot(t), Options{Declared: declared})
	if got := document.Declared; got == nil || !reflect.DeepEqual(*got, finding.Declared{
		Needs: []finding.DeclaredNeed{{AppID: "App", Permissions: []string{"Mail.Read"}, Reason: "the archive"}}, MultiTenant: []string{"b"},
	}) {
		t.Errorf("got %+v, want %+v", got, declared)
	}
	for name, value := range document.Thresholds {
		if _, ok := value.(float64); !ok {
			t.Errorf("threshold %s is %v", name, value)
		}
	}
	if document := judgedReport(t, repositorySnapshot(t), Options{}); document.Declared != nil {
		t.Errorf("got %+v, want nothing", document.Declared)
	}
}

// Coverage tells from when to when events are known, to the second and never more than is
// known, and holes to the minute.
func TestCoveragePeriods(t *testing.T) {
	from := time.Date(2026, 5, 1, 15, 14, 15, 1, time.FixedZone("", 2*3600))
	row := finding.Coverage{}
	addPeriod(&row, snapshot.Dataset{
		From:    &from,
		Windows: []snapshot.Window{{From: from, To: from.AddDate(0, 0, 1)}, {From: from.AddDate(0, 0, 2), To: from.AddDate(0, 0, 3)}},
		Holes:   []snapshot.Hole{{From: from.AddDate(0, 0, 1), To: from.AddDate(0, 0, 2), Reason: "lost"}},
	})
	want := finding.Coverage{From: "2026-05-01T13:14:16Z", To: "2026-05-04T13:14:15Z", Holes: []finding.Hole{{From: "2026-05-02T13:14Z", To: "2026-05-03T13:14Z", Reason: "lost"}}}
	if !reflect.DeepEqual(row, want) {
		t.Errorf("got %+v, want %+v", row, want)
	}
	row = finding.Coverage{}
	addPeriod(&row, snapshot.Dataset{})
	if !reflect.DeepEqual(row, finding.Coverage{}) {
		t.Errorf("got %+v of a dataset without a period", row)
	}
}

func TestApprovalRow(t *testing.T) {
	several, days := true, 3
	row := approvalRow(&subject.DataConnectApp{
		AppID: "a", AppTenantID: "t", DisplayName: "n", State: "approved", SelfDeclared: true, Version: "2", Purpose: "why", MultiTenant: &several,
		History: make([]subject.Decision, 4), LastRunAt: "2026-11-01T00:00:00Z", DestinationID: "d", DaysLeft: &days,
		Datasets: []subject.ApprovedDataset{{Name: "m", Columns: []string{"c"}, Scope: "list", Groups: []string{"g"}, Catalogued: true, Sensitive: []string{"c"}}},
	})
	got, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"app_id":"a","app_tenant_id":"t","name":"n","state":"approved","self_declared":true,"version":"2","purpose":"why","multi_tenant":true,"decisions":4,"days_left":3,` +
		`"datasets":[{"name":"m","columns":["c"],"scope":"list","groups":["g"]}],"destination_tenant_id":"d","last_run_at":"2026-11-01T00:00:00Z"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// One list of approvals is written out once for a control, however many pipelines hold
// it; lists that differ are told apart.
func TestSharedApprovalsAreDigestedOnce(t *testing.T) {
	lib := loadBuiltIn(t)
	e := newEngine(t, lib, Options{})
	query := e.kinds[subject.KindPipeline]
	i := slices.IndexFunc(query.controls, func(c *boundControl) bool { return c.ID == "DC-104" })
	control := query.controls[i]
	m := recollection{memo: newMemo()}
	key := func(p subject.Pipeline) memoKey { return m.key(control, askAll, reflect.ValueOf(p)) }
	approvals := func(name string) []subject.Approval {
		return []subject.Approval{{ID: "t/a", AppID: "a", Datasets: []subject.ApprovedDataset{{Name: name}}}}
	}
	list := approvals("x")
	first := key(subject.Pipeline{Dataset: "d", Approvals: list})
	for range 3 {
		if key(subject.Pipeline{Dataset: "d", Approvals: list}) != first || len(m.shared) != 1 {
			t.Fatalf("the same list has another key, or %d digests", len(m.shared))
		}
	}
	for name, other := range map[string]subject.Pipeline{
		"another list": {Dataset: "d", Approvals: approvals("y")}, "an empty list": {Dataset: "d", Approvals: []subject.Approval{}}, "none": {Dataset: "d"}, "less of the list": {Dataset: "d", Approvals: append(list, list...)[:2]},
	} {
		if key(other) == first {
			t.Errorf("%s has the same key", name)
		}
	}
	if key(subject.Pipeline{Dataset: "d", Approvals: approvals("x")}) != first {
		t.Error("an equal list has another key")
	}
	if key(subject.Pipeline{Dataset: "d", Approvals: append(list, list...)[:1]}) != first {
		t.Error("an equal list at another place has another key")
	}
}
