package reports

import (
	"fmt"
	"strings"

	"leastwise/policies/finding"
)

// requirement is one demand of the framework that a report is restricted to, with what came of its controls.
type requirement struct {
	finding.FrameworkRequirement
	controls []finding.Control // those in the report, worst first
	counts   finding.Counts    // of all of them
}

// requirements are those of the report's framework of which a control is in the report; none without a framework.
func requirements(r *finding.Report) []requirement {
	if r.Framework == nil {
		return nil
	}
	byID := map[string]finding.Control{}
	for _, c := range r.Controls {
		byID[c.ID] = c
	}
	var list []requirement
	for _, wanted := range r.Framework.Requirements {
		row := requirement{FrameworkRequirement: wanted}
		for _, id := range wanted.Controls {
			c, ok := byID[id]
			if !ok {
				continue
			}
			row.controls = append(row.controls, c)
			row.counts.Fail += c.Counts.Fail
			row.counts.Unknown += c.Counts.Unknown
			row.counts.Manual += c.Counts.Manual
			row.counts.Pass += c.Counts.Pass
			row.counts.NotApplicable += c.Counts.NotApplicable
		}
		if len(row.controls) > 0 {
			row.controls = worstFirst(row.controls)
			list = append(list, row)
		}
	}
	return list
}

// result is what a requirement comes to, as far as its controls tell. A control that was not run is never taken
// for one that found nothing.
func (r requirement) result() string {
	ran := 0
	for _, c := range r.controls {
		if notRun(c) == "" {
			ran++
		}
	}
	switch {
	case r.counts.Fail > 0:
		return "fail"
	case r.counts.Unknown > 0:
		return "unknown"
	case ran == 0:
		return "not run"
	case r.counts.Manual > 0:
		return "manual"
	case ran < len(r.controls):
		return "run in part"
	case r.counts.Pass == 0:
		return "not applicable"
	}
	return "pass"
}

// frameworkName is what a report says of the framework that it is restricted to.
func frameworkName(f *finding.Framework) string { return f.Title + " " + f.Version }

// requirements groups the controls by the requirements that they look at; one that looks at several stands under each.
func (t table) requirements(r *finding.Report) {
	const titleWidth = tableWidth - 15 - 17 - 32
	t.line("%s", "")
	t.limited("", fmt.Sprintf("Controls of %s (%s) only.", frameworkName(r.Framework), r.Framework.Name), tableLines)
	t.heading("%-14s %-16s %-*s %7s %7s %7s %7s", "REQUIREMENT", "result", titleWidth, "title", "fail", "unknown", "pass", "n/a")
	for _, row := range requirements(r) {
		t.line("%s %s %s %7d %7d %7d %7d", cell(row.ID, 14), cell(row.result(), 16), cell(row.Title, titleWidth),
			row.counts.Fail, row.counts.Unknown, row.counts.Pass, row.counts.NotApplicable)
		for _, c := range row.controls {
			title := c.Title
			if why := notRun(c); why != "" {
				title = why
			}
			t.line("  %s %s %s %7d %7d %7d %7d", cell(c.ID, 12), cell(string(c.Severity), 16), cell(title, titleWidth),
				c.Counts.Fail, c.Counts.Unknown, c.Counts.Pass, c.Counts.NotApplicable)
		}
	}
}

// requirements writes a line for each requirement, with the controls that make it what it is.
func (l lines) requirements(r *finding.Report) {
	for _, row := range requirements(r) {
		ids := make([]string, len(row.controls))
		for i, c := range row.controls {
			ids[i] = c.ID
		}
		fmt.Fprintf(l, "%s %s: %s: %s [%s]\n", r.Framework.Name, oneText(row.ID), row.result(), oneText(row.Title), strings.Join(ids, ", "))
	}
}

// byRequirement is the box of the summary for the framework that the report is restricted to.
func (s *boxes) byRequirement() error {
	r := s.book.report
	if r.Framework == nil {
		return nil
	}
	if err := s.box("Results by requirement: " + frameworkName(r.Framework)); err != nil {
		return err
	}
	if err := s.headings("Requirement", "Result", "What it asks for, and the controls that look at it", "Fail", "Unknown", "Manual", "Pass", "Not applicable"); err != nil {
		return err
	}
	for _, row := range requirements(r) {
		ids := make([]string, len(row.controls))
		for i, c := range row.controls {
			ids[i] = c.ID
		}
		n := row.counts
		err := s.cells([]any{
			row.ID, row.result(), row.Title + " (" + strings.Join(ids, ", ") + ")", n.Fail, n.Unknown, n.Manual, n.Pass, n.NotApplicable,
		}, plain, word, wrapped, number, number, number, number, number)
		if err != nil {
			return err
		}
	}
	return nil
}

// mapped lists the requirements that a control looks at, a framework on each line.
func mapped(c finding.Control) string {
	var frameworks []string
	ids := map[string][]string{}
	for _, r := range c.Frameworks {
		if ids[r.Framework] == nil {
			frameworks = append(frameworks, r.Framework)
		}
		ids[r.Framework] = append(ids[r.Framework], r.Requirement)
	}
	for i, name := range frameworks {
		frameworks[i] = name + ": " + strings.Join(ids[name], ", ")
	}
	return strings.Join(frameworks, "\n")
}
