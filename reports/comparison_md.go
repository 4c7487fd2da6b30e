package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// writeComparisonMarkdown writes at most mdMost bytes: what it comes to, what was not compared, the totals, then of each
// area the worst differences, as many as there is room for, and how many more there are.
func writeComparisonMarkdown(w io.Writer, c *Comparison) error {
	var out strings.Builder
	fmt.Fprintf(&out, "## What changed in tenant %s\n\n", mdText(cmp.Or(c.Tenant.Name, c.Tenant.ID), mdName))
	fmt.Fprintf(&out, "From %s to %s: **%s**.\n", mdText(c.Old.AsOf, mdName), mdText(c.New.AsOf, mdName), comparisonVerdict(c))
	if len(c.NotCompared) > 0 {
		out.WriteString("\nNot compared: nothing is said there of what was added or removed.\n\n")
		out.WriteString(mdTable(mdHead("dataset", "old and new", "hides", "why"), len(c.NotCompared), mdRows, mdBytes, "thing", func(i int) string {
			n := c.NotCompared[i]
			return mdRow(mdText(n.Dataset, mdName), mdText(notComparedStatus(n), mdName), mdText(areaTitle(strings.Join(n.Areas, ", ")), mdMessage), mdText(n.Reason, mdMessage))
		}))
	}
	for _, n := range c.Notes {
		fmt.Fprintf(&out, "\nNote: %s.\n", mdText(n, 2*mdMessage))
	}
	if len(c.Totals) > 0 {
		out.WriteString("\n" + mdHead("area", " added", " removed", " changed"))
	}
	for _, t := range c.Totals {
		out.WriteString(mdRow(mdText(areaTitle(t.Area), mdName), fmt.Sprint(t.Added), fmt.Sprint(t.Removed), fmt.Sprint(t.Changed)))
	}
	if err := markdownAreas(&out, c); err != nil {
		return err
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("write differences: %w", err)
	}
	return nil
}

// markdownAreas gives each area an equal part of the room that those before it have left.
func markdownAreas(out *strings.Builder, c *Comparison) error {
	rows, area, left := limitedRows{out: out}, "", len(c.Totals)
	for d, err := range c.Differences() {
		if err != nil {
			return err
		}
		if d.Area != area {
			rows.close()
			area = d.Area
			fmt.Fprintf(out, "\n### Changes of %s\n\n", mdText(areaTitle(area), mdName))
			out.WriteString(mdHead("change", "what"))
			rows = limitedRows{out: out, limit: out.Len() + (mdMost-out.Len())/max(1, left)}
			left--
		}
		var line strings.Builder
		for _, w := range differenceWords(&d) {
			if w.foreign {
				line.WriteString(mdText(w.text, comparisonWord))
			} else {
				line.WriteString(w.text)
			}
		}
		rows.add(mdRow(mdText(d.Action, mdName), line.String()))
	}
	rows.close()
	return nil
}

// limitedRows writes rows while out stays below limit, and then how many more there are.
type limitedRows struct {
	out   *strings.Builder
	limit int
	more  int
}

// moreLength is kept for the line that says how many more there are, and for the heading after it.
const moreLength = 120

func (l *limitedRows) add(row string) {
	if l.more > 0 || l.out.Len()+len(row)+moreLength > l.limit {
		l.more++
		return
	}
	l.out.WriteString(row)
}

func (l *limitedRows) close() {
	if l.more > 0 {
		fmt.Fprintf(l.out, "\nAnd %s.\n", counted(l.more, "more difference"))
	}
	l.more = 0
}
