package policies

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"leastwise/policies/finding"
)

// The inventory lists the reads of a repository in the order that the bitmaps of their
// controls count in.
func TestPipelineRows(t *testing.T) {
	document := judgedReport(t, repositorySnapshot(t, pipelineRows()...), Options{})
	var got []string
	for row, err := range document.Pipelines() {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(text))
	}
	row := func(name, more string) string {
		return fmt.Sprintf(`{"id":"f.json#p/%s","file":"f.json","line":%d,"pipeline":"p","activity":%q,"product":"synapse","app_id":"a1b2c3d4-0000-4000-8000-0000000000d1",%s}`, name, len(name), name, more)
	}
	known, ok := loadBuiltIn(t).Catalogue.Dataset("BasicDataSet_v0.Message_v1")
	if !ok || !known.Complete {
		t.Fatal("the catalogue does not know the columns of the dataset")
	}
	columns := len(known.Selectable())
	want := []string{
		row("a", `"dataset":"BasicDataSet_v0.Message_v1","scope":"all","all_columns":false,"columns":1`),
		row("bb", fmt.Sprintf(`"dataset":"BasicDataSet_v0.Message_v1","scope":"all","all_columns":true,"columns":%d`, columns)),
		row("ccc", `"scope":"all","all_columns":false,"columns":1,"unresolved":["dataset"]`),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if n := document.Totals.Subjects["pipeline"]; n != len(want) {
		t.Errorf("%d pipelines are counted", n)
	}
	for row, err := range judgedReport(t, repositorySnapshot(t), Options{}).Pipelines() {
		t.Errorf("got %+v, %v where no repository was looked into", row, err)
	}
}

// The evidence of what is not known names the dataset only where that has no rows, so that
// all subjects of the control are concerned.
func TestUnknownNamesTheDatasetWithoutRows(t *testing.T) {
	got := map[string]string{}
	for f, err := range judgedReport(t, repositorySnapshot(t, pipelineRows()...), Options{}).Findings() {
		if err != nil {
			t.Fatal(err)
		}
		var evidence struct {
			Dataset string
			Reasons []string
		}
		if err := json.Unmarshal(f.Evidence, &evidence); err != nil {
			t.Fatal(err)
		}
		if f.Outcome != finding.Unknown {
			evidence.Dataset = "failed"
		}
		got[f.Control+" "+f.Subject.Kind] = evidence.Dataset
	}
	for key, want := range map[string]string{
		"DC-014 data_connect_app": "directory_role_assignments", "DC-001 data_connect_app": "application_owners", "DC-104 pipeline": "", "ENTRA-001 application": "", "DC-016 pipeline": "failed",
	} {
		if dataset, there := got[key]; !there || dataset != want {
			t.Errorf("%s: got dataset %q (%v), want %q", key, dataset, there, want)
		}
	}
}
