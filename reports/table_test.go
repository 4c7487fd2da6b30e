package reports

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"leastwise/policies/finding"
)

func TestTableGolden(t *testing.T) {
	checkGolden(t, "testdata/contoso.txt", render(t, "table", contosoSample().open(t)))
}

func TestTableOfNothingGolden(t *testing.T) {
	checkGolden(t, "testdata/empty.txt", render(t, "table", emptySample().open(t)))
}

func TestTableLetsNothingHostileOut(t *testing.T) {
	text := string(render(t, "table", hostileSample().open(t)))
	for i, r := range text {
		if unicode.IsControl(r) && r != '\n' || hidden(r) {
			t.Fatalf("%U in %q", r, text[max(0, i-40):i+1])
		}
	}
	for line := range strings.Lines(text) {
		if columns := width(strings.TrimSuffix(line, "\n")); columns > tableWidth {
			t.Errorf("%d columns: %q", columns, line)
		}
	}
	if want := `\x1b[31mred\x1b[0m\x1b]0;owned\x07`; !strings.Contains(text, want) {
		t.Errorf("%s is not shown", want)
	}
}

func TestTableIsShortHoweverManyFindings(t *testing.T) {
	s := emptySample()
	for i := range 300 {
		f := finding.Finding{
			Control: fmt.Sprintf("ENTRA-%03d", i/100), Severity: finding.High, Outcome: finding.Fail, Subject: finding.Subject{Kind: "application", ID: appID(i)},
			Key: raw(`{}`), Evidence: raw(`{}`), Message: fmt.Sprintf("finding %d", i),
		}
		if i < 2 {
			f.Waiver = &finding.Waiver{ID: "W"}
		}
		s.findings = append(s.findings, f)
	}
	s.report.Controls = []finding.Control{{ID: "ENTRA-000", Severity: finding.High}}
	s.report.Totals.Outcomes.Fail, s.report.Totals.Waived = 300, 2
	s.report.Totals.Failed[finding.High] = 298
	text := string(render(t, "table", s.open(t)))
	for _, want := range []string{"ENTRA-000    finding 2\n", "ENTRA-000    finding 6\n", "ENTRA-001    finding 104\n", "ENTRA-002    finding 204\n", "… and 283 more;"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, hidden := range []string{"finding 1\n", "finding 7\n", "finding 205\n"} {
		if strings.Contains(text, "    "+hidden) {
			t.Errorf("%q is shown", hidden)
		}
	}
	if !strings.HasSuffix(text, "\n\n298 violations.\n") {
		t.Errorf("does not end with the verdict: %q", text[len(text)-60:])
	}
}

func TestVerdict(t *testing.T) {
	type counts map[finding.Severity]int
	for _, tt := range []struct {
		name            string
		failOn          finding.Severity
		failed, unknown counts
		want            string
	}{
		{"clean", finding.Low, nil, nil, "no violations, nothing unknown"},
		{"one", finding.Low, counts{finding.High: 1}, nil, "1 violation"},
		{"many", finding.Low, counts{finding.High: 1, finding.Low: 11}, nil, "12 violations"},
		{"both", finding.Low, counts{finding.High: 2}, counts{finding.Low: 1}, "2 violations, and 1 more result is unknown"},
		{"unknown", finding.Low, nil, counts{finding.High: 3}, "no violations, but 3 results are unknown: not everything could be looked at"},
		{"below", finding.High, counts{finding.Medium: 2}, counts{finding.Low: 1}, "no violations, nothing unknown; not counted: 3 findings below high"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := finding.Report{Controls: []finding.Control{{ID: "A"}}, FailOn: tt.failOn, Totals: finding.Totals{Failed: tt.failed, Unknown: tt.unknown}}
			if got := verdict(&r); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestVerdictOfNoControlsIsNotClean(t *testing.T) {
	r := finding.Report{FailOn: finding.Low, Controls: []finding.Control{{ID: "A", Disabled: "because"}}}
	if got, want := verdict(&r), "nothing was judged: no control was run"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if verdictLook(&r) == good {
		t.Error("it is green")
	}
}
