package reports

import (
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// restricted is a report of three controls under two requirements of a framework.
func restricted() sample {
	s := emptySample()
	control := func(id string, counts finding.Counts, outOfScope string) finding.Control {
		return finding.Control{
			ID: id, Title: "Title of " + id, Severity: finding.High, Subject: "application", Requires: []string{}, Counts: counts,
			OutOfScope: outOfScope, Frameworks: []finding.Requirement{{Framework: "ours", Requirement: "R-1"}, {Framework: "ours", Requirement: "R-2"}},
		}
	}
	s.report.Controls = []finding.Control{
		control("X-001", finding.Counts{Fail: 3, Pass: 4}, ""),
		control("X-002", finding.Counts{Pass: 7}, ""),
		control("X-003", finding.Counts{}, "no repository"),
		control("X-004", finding.Counts{NotApplicable: 7}, ""),
	}
	s.report.Framework = &finding.Framework{Name: "ours", Title: "Our rules", Version: "2026", Requirements: []finding.FrameworkRequirement{
		{ID: "R-1", Title: "First rule", Controls: []string{"X-001", "X-002"}},
		{ID: "R-2", Title: "Second rule", Controls: []string{"X-002"}},
		{ID: "R-3", Title: "Third rule", Controls: []string{"X-002", "X-003"}},
		{ID: "R-4", Title: "Fourth rule", Controls: []string{"X-003"}},
		{ID: "R-5", Title: "Fifth rule", Controls: []string{"X-999"}},
		{ID: "R-6", Title: "Sixth rule", Controls: []string{"X-004"}},
	}}
	return s
}

func TestRequirementsAreNeverGreenerThanTheirControls(t *testing.T) {
	s := restricted()
	want := map[string]string{"R-1": "fail", "R-2": "pass", "R-3": "run in part", "R-4": "not run", "R-6": "not applicable"}
	got := map[string]string{}
	for _, row := range requirements(&s.report) {
		got[row.ID] = row.result()
	}
	for id, result := range want {
		if got[id] != result {
			t.Errorf("%s: got %q, want %q", id, got[id], result)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.report.Controls[1].Counts.Unknown = 1
	for _, row := range requirements(&s.report) {
		if row.ID == "R-2" && row.result() != "unknown" {
			t.Errorf("R-2 has a control that could not be judged: got %q", row.result())
		}
	}
}

func TestFrameworkGroupsEveryFormat(t *testing.T) {
	for name, read := range map[string]func(*testing.T, []byte) string{
		"json": plainText, "table": plainText, "lines": plainText,
		"xlsx": func(t *testing.T, book []byte) string { return string(dump(t, book)) },
	} {
		got := read(t, render(t, name, restricted().open(t)))
		for _, want := range []string{"R-1", "R-2", "First rule", "X-001"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q:\n%s", name, want, got)
			}
		}
		if name == "xlsx" && (!strings.Contains(got, `"Framework ours"`) || !strings.Contains(got, `"R-1, R-2"`)) {
			t.Errorf("the sheet Controls does not say what a control is mapped to:\n%s", got)
		}
	}
	table := string(render(t, "table", restricted().open(t)))
	if !strings.Contains(table, "Controls of Our rules 2026 (ours) only.") || strings.Count(table, "  X-002 ") != 3 {
		t.Errorf("the table is not grouped:\n%s", table)
	}
}
