package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"
	"unicode/utf8"

	"leastwise/policies/finding"
)

// comparisonOf is a comparison that holds these rows.
func comparisonOf(rows []finding.Difference, notCompared ...finding.NotCompared) *Comparison {
	c := &Comparison{ComparisonHeader: ComparisonHeader{
		SchemaVersion: ComparisonVersion, Tool: finding.Tool{Name: "leastwise", Version: "0.1.0"},
		Tenant: finding.Tenant{ID: "11111111-2222-3333-4444-555555555555", Name: "Contoso", Cloud: "global"},
		Old:    ComparedSide{Source: "report", AsOf: "2026-11-19T00:00:00Z", SHA256: strings.Repeat("0a", 32)},
		New:    ComparedSide{Source: "snapshot", AsOf: "2026-11-20T00:00:00Z", SHA256: strings.Repeat("0b", 32)},
		Notes:  []string{}, NotCompared: append([]finding.NotCompared{}, notCompared...), Totals: []AreaTotal{},
	}}
	c.Differences = func() iter.Seq2[finding.Difference, error] {
		return func(yield func(finding.Difference, error) bool) {
			for _, d := range rows {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
	for _, d := range rows {
		if n := len(c.Totals); n == 0 || c.Totals[n-1].Area != d.Area {
			c.Totals = append(c.Totals, AreaTotal{Area: d.Area})
		}
		t := &c.Totals[len(c.Totals)-1]
		switch d.Action {
		case "added":
			t.Added++
		case "removed":
			t.Removed++
		default:
			t.Changed++
		}
	}
	return c
}

func drawComparison(t *testing.T, name string, c *Comparison) string {
	t.Helper()
	target, err := ParseTargetOf(ComparisonFormats(c), name)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := target.Format.Write(&out, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The forms of a comparison are those of the sample's table of differences.
func TestComparisonForms(t *testing.T) {
	s := contosoSample()
	c := comparisonOf(s.differences, s.report.Previous.NotCompared...)
	c.Notes = append(c.Notes, "who granted what is known only from 2026-11-19T12:00:00Z on")
	for name, file := range map[string]string{"text": "comparison.txt", "json": "comparison.json", "md": "comparison.md"} {
		checkGolden(t, "testdata/"+file, []byte(drawComparison(t, name, c)))
	}
}

func TestComparisonOfNothing(t *testing.T) {
	c := comparisonOf(nil)
	for _, name := range []string{"text", "md"} {
		if got := drawComparison(t, name, c); !strings.Contains(got, "nothing differs") {
			t.Errorf("%s: got %q", name, got)
		}
	}
	var got struct {
		NotCompared, Notes, Totals, Differences []any
	}
	text := drawComparison(t, "json", c)
	if err := json.Unmarshal([]byte(text), &got); err != nil || !strings.Contains(text, `"differences": []`) {
		t.Errorf("got %s (%v)", text, err)
	}
}

// hostileDifferences have a hostile name wherever a tenant can put text, in every area.
func hostileDifferences() ([]finding.Difference, []finding.NotCompared) {
	var rows []finding.Difference
	var hidden []finding.NotCompared
	names := append(hostileNames(), forgeText)
	for _, area := range append(finding.Areas(), "unheard of") {
		for _, action := range []string{"added", "removed", "changed"} {
			for _, name := range names {
				rows = append(rows, finding.Difference{
					Area: area, Action: action, Subject: finding.Subject{Kind: name, ID: name, Name: name}, Item: name, Tier: name, By: name, At: name,
					Fields: []finding.DifferentField{{Name: name, Old: name, New: name}, {Name: "message", New: name}, {Name: "type", Old: name}},
				})
			}
		}
	}
	for _, name := range names {
		hidden = append(hidden, finding.NotCompared{Dataset: name, Areas: []string{name}, Old: name, New: name, Reason: name})
	}
	return rows, hidden
}

// Names of the tenant's change nothing outside their place, and every form is valid.
func TestHostileComparison(t *testing.T) {
	skipUnderRace(t)
	rows, hidden := hostileDifferences()
	c := comparisonOf(rows, hidden...)
	c.Tenant.Name = hostileNames()[0]
	text := drawComparison(t, "text", c)
	for n, line := range strings.Split(text, "\n") {
		if line != oneLine(line) || !utf8.ValidString(line) || width(line) > comparisonLine+10 {
			t.Fatalf("text, line %d is not inert: %.200q", n+1, line)
		}
	}
	var parsed struct {
		Differences []finding.Difference `json:"differences"`
	}
	if err := json.Unmarshal([]byte(drawComparison(t, "json", c)), &parsed); err != nil || len(parsed.Differences) != len(rows) {
		t.Errorf("json: got %d rows (%v), want %d", len(parsed.Differences), err, len(rows))
	}
	checkMarkdown(t, []byte(drawComparison(t, "md", c)))
}

// Each area by itself, so that every hostile name finds room.
func TestHostileComparisonMarkdown(t *testing.T) {
	rows, hidden := hostileDifferences()
	for i := 0; i < len(rows); i += 10 {
		checkMarkdown(t, []byte(drawComparison(t, "md", comparisonOf(rows[i:min(i+10, len(rows))], hidden[min(i/10, len(hidden)-1)]))))
	}
}

// However many differences there are, the comment fits, each area is in it with its worst, and the numbers add up.
func TestMarkdownLimit(t *testing.T) {
	var rows []finding.Difference
	for _, area := range finding.Areas() {
		for n := range 5000 {
			rows = append(rows, finding.Difference{Area: area, Action: "added", Subject: finding.Subject{ID: fmt.Sprint(area, n)}, Item: fmt.Sprint("item", n)})
		}
	}
	got := drawComparison(t, "md", comparisonOf(rows))
	if len(got) > mdMost || len(got) < mdMost/2 {
		t.Errorf("got %d bytes, want about %d", len(got), mdMost)
	}
	lines, more := 0, 0
	for line := range strings.Lines(got) {
		var n int
		if _, err := fmt.Sscanf(line, "And %d more", &n); err == nil {
			more += n
		} else if strings.HasPrefix(line, "| added |") {
			lines++
		}
	}
	if lines+more != len(rows) {
		t.Errorf("got %d lines and %d more, want %d in all", lines, more, len(rows))
	}
	for _, area := range finding.Areas() {
		if !strings.Contains(got, mdText(area+"0", 80)) {
			t.Errorf("the first of %s is missing", area)
		}
	}
}
