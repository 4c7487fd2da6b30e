package reports

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// gateSample is what the gate makes of a few files: violations and unknown results at
// several places, out of order, and names that attack whoever reads lines.
func gateSample() sample {
	s := emptySample()
	s.report.Tenant.Name = "Contoso"
	s.report.Coverage = []finding.Coverage{
		{Dataset: "pipelines", Status: "collected", Rows: 9, SHA256: strings.Repeat("b", 64)},
		{Dataset: "data_connect_events", Status: "collected", Rows: 4, SHA256: strings.Repeat("a", 64), From: "2026-05-01T00:00:00Z"},
	}
	s.report.Controls = []finding.Control{
		{ID: "DC-016", Severity: finding.Medium, Subject: "pipeline"},
		{ID: "DC-101", Severity: finding.High, Subject: "pipeline"},
		{ID: "DC-105", Severity: finding.High, Subject: "pipeline"},
		{ID: "DC-108", Severity: finding.High, Subject: "pipeline", Disabled: "accepted\nin R-114"},
		{ID: "ENTRA-001", Severity: finding.High, Subject: "application", OutOfScope: "not judged here"},
		{ID: "SPE-001", Severity: finding.High, Subject: "container_type", OutOfScope: "not judged here"},
	}
	s.report.Totals.Subjects = map[string]int{"pipeline": 9}
	expression := "not known: columns: @pipeline().parameters.cols (factory/pipeline/B.json:20)"
	s.findings = []finding.Finding{
		at("factory/pipeline/B.json", 40, "DC-105", finding.Fail, "B/Copy asks for columns that are not approved: Body"),
		at("factory/pipeline/B.json", 7, "DC-105", finding.Fail, "B/First asks for columns that are not approved: Body"),
		at("factory/pipeline/B.json", 7, "DC-101", finding.Fail, "B/First signs in as another application"),
		at("factory/pipeline/A.json", 100, "DC-016", finding.Fail, "A/Copy names no columns"),
		at("factory/pipeline/B.json", 30, "DC-105", finding.Unknown, "", expression, "dataset data_connect_events is partial: it was read long ago"),
		at("factory/pipeline/B.json", 30, "DC-101", finding.Unknown, "", expression, "dataset data_connect_events is partial: it was read long ago"),
		blockedAt("factory/pipeline/C.json", 3, "DC-105", "data_connect_events", "dataset data_connect_events is skipped: none given"),
		blockedAt("factory/pipeline/A.json", 3, "DC-105", "data_connect_events", "dataset data_connect_events is skipped: none given"),
		blockedAt("factory/pipeline/A.json", 3, "DC-101", "data_connect_events", "dataset data_connect_events is skipped: none given"),
		at("::error::x\r\n::set-output name=a::b.json", 0, "DC-101", finding.Fail, "two\nlines \x1b[31m##vso[task.complete result=Succeeded;]\u202e"),
		at("##[error].json", 2, "DC-101", finding.Fail, "x"),
		at("a:b c/日本語.json", 5, "DC-101", finding.Manual, "for a person"),
		at("waived.json", 5, "DC-101", finding.Fail, "accepted"),
	}
	s.findings[len(s.findings)-1].Waiver = &finding.Waiver{ID: "W-1"}
	unread := at("", 0, "DC-016", finding.Unknown, "", "dataset pipelines is partial: D.json:3: not JSON")
	unread.Subject, unread.Location = finding.Subject{Kind: "pipeline", ID: "*"}, nil
	other := at("", 0, "ENTRA-001", finding.Fail, "an application")
	other.Subject, other.Location = finding.Subject{Kind: "application", ID: "4711"}, nil
	s.findings = append(s.findings, unread, other)
	for _, f := range s.findings {
		lineTally(&s.report.Totals, f)
	}
	return s
}

func at(file string, line int, control string, outcome finding.Outcome, message string, reasons ...string) finding.Finding {
	f := finding.Finding{
		Control: control, Severity: finding.High, Outcome: outcome, Subject: finding.Subject{Kind: "pipeline", ID: file + "#x"},
		Key: []byte("{}"), Evidence: []byte("{}"), Message: message, Location: &finding.Location{File: file, Line: line},
	}
	if control == "DC-016" {
		f.Severity = finding.Medium
	}
	if reasons != nil {
		f.Message = "Could not be judged: " + strings.Join(reasons, ", ")
		f.Evidence, _ = json.Marshal(map[string]any{"reasons": reasons}) // text always can be
	}
	return f
}

// blockedAt is unknown because a dataset has no rows, which concerns all subjects.
func blockedAt(file string, line int, control, dataset, reason string) finding.Finding {
	f := at(file, line, control, finding.Unknown, "", reason)
	f.Evidence, _ = json.Marshal(map[string]any{"reasons": []string{reason}, "dataset": dataset}) // text always can be
	return f
}

func lineTally(totals *finding.Totals, f finding.Finding) {
	switch {
	case f.Waiver != nil:
		totals.Waived++
		totals.Outcomes.Fail++
	case f.Outcome == finding.Fail:
		totals.Outcomes.Fail++
		totals.Failed[f.Severity]++
	case f.Outcome == finding.Unknown:
		totals.Outcomes.Unknown++
		totals.Unknown[f.Severity]++
	default:
		totals.Outcomes.Manual++
	}
}

func TestLinesGolden(t *testing.T) {
	for name, s := range map[string]sample{"gate": gateSample(), "contoso": contosoSample(), "empty": emptySample()} {
		t.Run(name, func(t *testing.T) {
			checkGolden(t, "testdata/"+name+".lines.txt", render(t, "lines", s.open(t)))
		})
	}
}

// What concerns every subject is one line, by the dataset that the evidence names, whatever
// the words of the reason; what concerns one stands at its place.
func TestLinesOfDatasetsWithoutRows(t *testing.T) {
	s := emptySample()
	s.findings = []finding.Finding{
		blockedAt("a.json", 1, "DC-101", "pipelines", "in other words"), blockedAt("b.json", 2, "DC-105", "pipelines", "in other words"),
		at("c.json", 3, "DC-101", finding.Unknown, "", "dataset pipelines is denied: 403"),
	}
	got := strings.Split(string(render(t, "lines", s.open(t))), "\n")[:2]
	want := []string{"pipeline *: unknown: in other words [DC-101, DC-105]", "c.json:3: unknown: dataset pipelines is denied: 403 [DC-101]"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesCountActivities(t *testing.T) {
	for n, want := range map[int]string{0: "0 pipeline activities judged: ", 1: "1 pipeline activity judged: ", 9: "9 pipeline activities judged: "} {
		s := gateSample()
		s.report.Totals.Subjects["pipeline"] = n
		if got := string(render(t, "lines", s.open(t))); !strings.Contains(got, "\n"+want) {
			t.Errorf("got\n%s\nwant %q", got, want)
		}
	}
}

// What is switched off is not judged.
func TestLinesCountInactiveActivities(t *testing.T) {
	s := gateSample()
	for _, c := range []struct {
		inactive int
		want     string
	}{
		{0, "9 pipeline activities judged: "},
		{2, "7 pipeline activities judged, 2 inactive, not judged: "},
		{8, "1 pipeline activity judged, 8 inactive, not judged: "},
		{9, "0 pipeline activities judged, 9 inactive, not judged: "},
	} {
		s.report.Totals.Inactive = c.inactive
		if got := string(render(t, "lines", s.open(t))); !strings.Contains(got, "\n"+c.want) {
			t.Errorf("got\n%s\nwant %q", got, c.want)
		}
	}
}

// Nothing in a name begins a line or a command of its own.
func TestLinesOfHostileNames(t *testing.T) {
	s := emptySample()
	for _, name := range shortHostileNames() {
		for _, start := range []string{"", "::error::", "##vso[task.logissue type=error]", "##[section]"} {
			text := start + name
			s.findings = append(s.findings, at(text, 1, "DC-101", finding.Fail, text), at("f.json", 1, "DC-105", finding.Unknown, "", text))
		}
	}
	lines := strings.Split(strings.TrimSuffix(string(render(t, "lines", s.open(t))), "\n"), "\n")
	located := 0
	for _, line := range lines {
		if strings.Contains(line, "##") || strings.HasPrefix(line, "::") || strings.ContainsFunc(line, hidden) {
			t.Errorf("the line %q may be a command", line)
		}
		if strings.HasSuffix(line, "[DC-101]") {
			located++
		}
	}
	// A message may begin with a line end, and then is on one line all the same.
	if want := len(s.findings) / 2; located != want {
		t.Errorf("got %d lines of DC-101, want %d", located, want)
	}
}

// What is not known of approvals is said, whatever the reason.
func TestLinesSayWhatIsKnownOfApprovals(t *testing.T) {
	for _, test := range []struct {
		coverage finding.Coverage
		want     string
	}{
		{finding.Coverage{Status: "collected", From: "2026-05-01T00:00:00Z", SHA256: "0123456789abcdef"}, "approvals known from 2026-05-01T00:00Z; snapshot of Contoso (11111111-2222-3333-4444-555555555555), events sha256 0123456789ab; "},
		{finding.Coverage{Status: "collected", From: "2026-05-01T00:00:00Z", To: "2026-11-20T01:02:03Z"}, "approvals known from 2026-05-01T00:00Z to 2026-11-20T01:02Z; "},
		{finding.Coverage{Status: "collected"}, "approvals known from an instant that is not known on; "},
		{finding.Coverage{Status: "partial", From: "2026-05-01T00:00:00Z", Reason: "it was read on 2026-11-01"}, "approvals known from 2026-05-01T00:00Z, in part: it was read on 2026-11-01; "},
		{finding.Coverage{Status: "skipped", Reason: "no --against SNAPSHOT was given"}, "approvals are not known: no --against SNAPSHOT was given (skipped); "},
		{finding.Coverage{Status: "denied", Reason: "403"}, "approvals are not known: 403 (denied); "},
	} {
		s := gateSample()
		test.coverage.Dataset = "data_connect_events"
		s.report.Coverage = []finding.Coverage{test.coverage}
		if got := string(render(t, "lines", s.open(t))); !strings.Contains(got, test.want) {
			t.Errorf("%+v: got\n%s\nwant %q", test.coverage, got, test.want)
		}
	}
	s := gateSample()
	s.report.Coverage = nil
	if got := string(render(t, "lines", s.open(t))); strings.Contains(got, "approvals known") || strings.Contains(got, "approvals are") {
		t.Errorf("without Data Connect events: got\n%s", got)
	}
}
