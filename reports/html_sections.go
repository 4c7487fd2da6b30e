package reports

import (
	"cmp"
	"strings"

	"leastwise/policies/finding"
)

// htmlCoverage is how far one dataset could be read.
type htmlCoverage struct {
	Dataset, Status, Class, Reason, Span, Reconciled, Controls string
	Rows                                                       int
	Holes                                                      []string
}

func htmlCoverages(r *finding.Report) []htmlCoverage {
	var list []htmlCoverage
	for _, c := range r.Coverage {
		row := htmlCoverage{
			Dataset: shortText(c.Dataset), Status: shortText(c.Status), Reason: shortText(c.Reason), Rows: c.Rows,
			Controls: shortText(strings.Join(c.Controls, ", ")), Reconciled: shortText(reconciledText(c)),
		}
		row.Class = "gap"
		if c.Status == "collected" && !miscounted(c) {
			row.Class = "whole"
		}
		if c.From != "" || c.To != "" {
			row.Span = shortText("events from " + toMinute(c.From) + " to " + toMinute(c.To))
		}
		for _, hole := range holes(c) {
			row.Holes = append(row.Holes, shortText(hole))
		}
		list = append(list, row)
	}
	return list
}

// reconciledText says what the rows of a dataset were held against.
func reconciledText(c finding.Coverage) string {
	switch reconciled(c) {
	case countsDiffer:
		return "differs: " + bothCounts(c)
	case countsAgree:
		return "agrees with " + c.Reconciled.Against
	case countedOnce:
		return "no second count exists"
	}
	return ""
}

// htmlControl is one control with its results and how to mend what it finds.
type htmlControl struct {
	ID, Title, Severity, Class, Subject, Description, Remediation, NotRun, Requires string
	Frameworks, References                                                          []string
	Counts                                                                          finding.Counts
}

// Found is how many findings the control has.
func (c htmlControl) Found() int { return c.Counts.Fail + c.Counts.Unknown + c.Counts.Manual }

func htmlControls(r *finding.Report) []htmlControl {
	var list []htmlControl
	for _, c := range worstFirst(r.Controls) {
		row := htmlControl{
			ID: shortText(c.ID), Title: shortText(c.Title), Severity: shortText(string(c.Severity)), Subject: shortText(words(c.Subject)), Description: controlText(c.Description),
			Remediation: controlText(c.Remediation), NotRun: shortText(notRun(c)), Requires: shortText(strings.Join(c.Requires, ", ")), Counts: c.Counts,
		}
		if c.Severity.Rank() >= 0 {
			row.Class = "severity " + string(c.Severity)
		}
		if m := mapped(c); m != "" {
			for line := range strings.SplitSeq(m, "\n") {
				row.Frameworks = append(row.Frameworks, shortText(line))
			}
		}
		for _, reference := range c.References {
			row.References = append(row.References, shortText(reference))
		}
		list = append(list, row)
	}
	return list
}

// controlText is a text of a control, which tells more than a row does.
func controlText(text string) string {
	const most = 4000
	if len(text) <= most {
		return visible(text)
	}
	return visible(strings.ToValidUTF8(text[:most], "")) + " … [shortened]"
}

// htmlChart is a chart: a table whose numbers are drawn as bars.
type htmlChart struct {
	ID, Title, Note, None string
	Findings              bool // counts of fail and unknown; else one count
	Bars                  []htmlBar
}

// htmlBar is one row of a chart. Widths are parts of 1000.
type htmlBar struct {
	Label                     string
	Failed, Unknown, Count    int
	FailedWidth, UnknownWidth int
	Class                     string
}

// UnknownAt is where the second bar begins.
func (b htmlBar) UnknownAt() int { return b.FailedWidth }

func htmlCharts(s *statistics) []htmlChart {
	const note = "Findings that count: neither waived nor known from the baseline."
	charts := []htmlChart{
		{ID: "by-severity", Title: "Findings by severity", Note: note, Findings: true, Bars: htmlBars(s.severities, "")},
		{ID: "by-area", Title: "Findings by area", Note: note, Findings: true, Bars: htmlBars(s.areas, "")},
		{ID: "by-owner", Title: "Findings by owner", Note: "A finding of several owners stands under each of them.", Findings: true, Bars: htmlBars(s.owners, "")},
		{ID: "by-days", Title: "Data Connect approvals by days left", None: "No approvals are known.", Bars: htmlBars(s.approvals, "count")},
	}
	for i := range charts {
		if charts[i].None == "" {
			charts[i].None = "No findings count."
		}
		total := 0
		for _, b := range charts[i].Bars {
			total += b.Failed + b.Unknown + b.Count
		}
		if total == 0 {
			charts[i].Bars = nil
		}
	}
	return charts
}

func htmlBars(bars []bar, class string) []htmlBar {
	most := 1
	for _, b := range bars {
		most = max(most, b.failed+b.unknown, b.count)
	}
	var drawn []htmlBar
	for _, b := range bars {
		row := htmlBar{Label: shortText(b.label), Failed: b.failed, Unknown: b.unknown, Count: b.count, Class: class}
		row.FailedWidth = (b.failed + b.count) * 1000 / most
		row.UnknownWidth = b.unknown * 1000 / most
		drawn = append(drawn, row)
	}
	return drawn
}

// htmlRequirement is a requirement of the framework that the report is restricted to.
type htmlRequirement struct {
	ID, Title, Names, Result, Class string
	Counts                          finding.Counts
}

func htmlRequirements(r *finding.Report) []htmlRequirement {
	var list []htmlRequirement
	for _, row := range requirements(r) {
		var ids []string
		for _, c := range row.controls {
			ids = append(ids, c.ID)
		}
		result := row.result()
		class := map[string]string{"fail": "fail", "unknown": "unknown", "pass": "whole"}[result]
		list = append(list, htmlRequirement{
			shortText(row.ID), shortText(row.Title), shortText(strings.Join(ids, ", ")), result, cmp.Or(class, "manual"), row.counts,
		})
	}
	return list
}
