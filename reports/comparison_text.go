package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"leastwise/policies/finding"
)

const (
	comparisonWord = 120 // the most columns of a text of the tenant's
	comparisonLine = 600 // of a line
)

// writeComparisonText writes what was not compared, then a line for each difference by area, worst first, and the
// totals last.
func writeComparisonText(w io.Writer, c *Comparison) error {
	out := bufio.NewWriter(w)
	t := table{out}
	t.limited("tenant     ", c.tenant(), tableLines)
	t.line("old        as of %s, %s %s", c.Old.AsOf, c.Old.Source, c.Old.SHA256)
	t.line("new        as of %s, %s %s", c.New.AsOf, c.New.Source, c.New.SHA256)
	if len(c.NotCompared) > 0 {
		t.heading("NOT COMPARED: nothing is said there of what was added or removed")
	}
	for _, n := range c.NotCompared {
		label := fmt.Sprintf("  %s %s ", cell(n.Dataset, 28), cell(notComparedStatus(n), 24))
		t.limited(label, strings.Join(nonEmpty("hides "+areaTitle(strings.Join(n.Areas, ", ")), n.Reason), ": "), tableLines*2)
	}
	area := ""
	for d, err := range c.Differences() {
		if err != nil {
			return err
		}
		if d.Area != area {
			area = d.Area
			t.heading("%s: %s", strings.ToUpper(areaTitle(area)), totalText(c.total(area)))
		}
		out.WriteString("  " + sign(&d) + " " + clip(plainWords(differenceWords(&d)), comparisonLine) + "\n")
	}
	if len(c.Notes) > 0 {
		t.line("%s", "")
	}
	for _, n := range c.Notes {
		t.limited("note       ", n, tableLines)
	}
	t.heading("TOTALS")
	for _, total := range c.Totals {
		t.line("  %-28s %s", areaTitle(total.Area), totalText(total))
	}
	t.limited("  ", comparisonVerdict(c)+".", tableLines)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write differences: %w", err)
	}
	return nil
}

func (c *Comparison) total(area string) AreaTotal {
	for _, t := range c.Totals {
		if t.Area == area {
			return t
		}
	}
	return AreaTotal{}
}

func notComparedStatus(n finding.NotCompared) string {
	return cmp.Or(n.Old, "absent") + " → " + cmp.Or(n.New, "absent")
}

// plainWords joins words for a terminal.
func plainWords(words []piece) string {
	var line strings.Builder
	for _, w := range words {
		if w.foreign {
			line.WriteString(clip(oneLine(w.text), comparisonWord))
		} else {
			line.WriteString(w.text)
		}
	}
	return line.String()
}
