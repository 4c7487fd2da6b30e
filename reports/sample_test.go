package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/finding"
)

var update = flag.Bool("update", false, "rewrite golden files")

// sample is a report in the making: a header and its rows.
type sample struct {
	report         finding.Report
	applications   []finding.Application
	permissions    []finding.Permission
	containerTypes []finding.ContainerType
	containers     []finding.Container
	approvals      []finding.Approval
	pipelines      []finding.Pipeline
	credentials    []finding.Credential
	consents       []finding.ConsentEvent
	differences    []finding.Difference
	findings       []finding.Finding
}

// open writes the sample to disk and opens it, as every report comes to be.
func (s sample) open(t testing.TB) *finding.Document {
	t.Helper()
	writer, err := finding.NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	addAll(t, writer, finding.Applications, s.applications)
	addAll(t, writer, finding.Permissions, s.permissions)
	addAll(t, writer, finding.ContainerTypes, s.containerTypes)
	addAll(t, writer, finding.Containers, s.containers)
	addAll(t, writer, finding.Approvals, s.approvals)
	addAll(t, writer, finding.Pipelines, s.pipelines)
	addAll(t, writer, finding.Credentials, s.credentials)
	addAll(t, writer, finding.Consents, s.consents)
	addAll(t, writer, finding.Differences, s.differences)
	for _, f := range s.findings {
		if err := writer.AddFinding(f.Severity, f.Control, f.Outcome, encode(t, f)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "report.json")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.WriteReport(file, &s.report); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	document, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func addAll[T any](t testing.TB, writer *finding.Writer, section finding.Section, rows []T) {
	t.Helper()
	for _, row := range rows {
		if err := writer.Add(section, encode(t, row)); err != nil {
			t.Fatal(err)
		}
	}
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	line, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// emptySample is a report about a tenant in which there is nothing.
func emptySample() sample {
	return sample{report: finding.Report{
		SchemaVersion: finding.SchemaVersion,
		Tool:          finding.Tool{Name: "leastwise", Version: "0.1.0"},
		Tenant:        finding.Tenant{ID: "11111111-2222-3333-4444-555555555555", Cloud: "global"},
		AsOf:          time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
		Snapshot: finding.Snapshot{
			CollectedFrom: "2026-11-19", CollectedTo: "2026-11-19", Tool: finding.Tool{Name: "leastwise", Version: "0.1.0"},
		},
		Identities: []finding.Identity{},
		FailOn:     finding.Low,
		Thresholds: map[string]any{},
		Coverage:   []finding.Coverage{},
		Controls:   []finding.Control{},
		Totals: finding.Totals{
			Subjects: map[string]int{}, Failed: map[finding.Severity]int{}, Unknown: map[finding.Severity]int{},
		},
	}}
}

// checkGolden compares with a golden file, or rewrites it under -update.
func checkGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; hint: run with -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s is out of date (-want +got); hint: run with -update\n%s", path, diff)
	}
}

// render writes a document in the format of a name.
func render(t testing.TB, name string, d *finding.Document) []byte {
	t.Helper()
	target, err := ParseTarget(name)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := target.Format.Write(&out, d); err != nil {
		t.Fatalf("write %s: %v", name, err)
	}
	return out.Bytes()
}

// skipUnderRace leaves out what takes minutes under the race detector and has nothing to race.
func skipUnderRace(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("one goroutine, and slow under the race detector")
	}
}
