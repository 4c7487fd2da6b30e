package reports

import (
	"fmt"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// summaryWidths are the columns A to H of the summary.
func summaryWidths() []float64 { return []float64{24, 14, 58, 11, 11, 11, 11, 14} }

// summary fills the sheet of numbers: charts first, then the cells that they are drawn from.
func (s *boxes) summary(n *statistics) error {
	c := &charts{boxes: s}
	return s.write(
		s.summaryHead, c.space,
		func() error { return s.bySeverity(n, c) },
		func() error { return s.byArea(n, c) },
		func() error { return s.byOwner(n, c) },
		func() error { return s.byDaysLeft(n, c) },
		s.notLookedAt, s.byRequirement, s.byControl, c.add,
	)
}

func verdictLook(r *finding.Report) look {
	switch {
	case r.Verdict() == finding.Violations:
		return bad
	case r.Verdict() == finding.Unjudged:
		return warn
	}
	return good
}

func (s *boxes) summaryHead() error {
	r := s.book.report
	if err := s.line(title, "Summary"); err != nil {
		return err
	}
	if err := s.line(subtitle, tenantTitle(r)+", as of "+r.AsOf.UTC().Format("2006-01-02 15:04")+" UTC"); err != nil {
		return err
	}
	if err := s.line(verdictLook(r), sentence(verdict(r))+"."); err != nil {
		return err
	}
	if missing := gaps(r); len(missing) > 0 {
		return s.line(warn, counted(len(missing), "dataset")+" not read, or not in full: the numbers tell what could be seen.")
	}
	return nil
}

func (s *boxes) notLookedAt() error {
	r := s.book.report
	if err := s.box("Not looked at, or not in full"); err != nil {
		return err
	}
	missing := gaps(r)
	if len(missing) == 0 {
		return s.line(prose, sentence(coverage(r))+".")
	}
	if err := s.headings("Dataset", "Status", "Why", "Controls that need it"); err != nil {
		return err
	}
	for _, c := range missing {
		controls := strings.Join(c.Controls, ", ")
		if controls == "" {
			controls = "none"
		}
		if err := s.wide([]any{c.Dataset, c.Status, gapReason(c), controls}, wrapped, word, wrapped, wrapped); err != nil {
			return err
		}
	}
	return nil
}

func (s *boxes) bySeverity(n *statistics, charts *charts) error {
	r := s.book.report
	if err := s.box("Findings by severity"); err != nil {
		return err
	}
	if err := s.headings("Severity", "Counts", "", "Fail", "Unknown", "Manual", "Pass", "Not applicable"); err != nil {
		return err
	}
	sums := map[finding.Severity]finding.Counts{}
	for _, c := range r.Controls {
		sum := sums[c.Severity]
		sum.Manual += c.Counts.Manual
		sum.Pass += c.Counts.Pass
		sum.NotApplicable += c.Counts.NotApplicable
		sums[c.Severity] = sum
	}
	first := s.row + 1
	for _, severity := range finding.Severities() {
		sum := sums[severity]
		err := s.cells([]any{
			string(severity), severity.AtLeast(r.FailOn), "", r.Totals.Failed[severity], r.Totals.Unknown[severity],
			sum.Manual, sum.Pass, sum.NotApplicable,
		}, word, plain, plain, number, number, number, number, number)
		if err != nil {
			return err
		}
	}
	charts.series("Findings by severity", first, len(finding.Severities()))
	if err := s.total("All severities"); err != nil {
		return err
	}
	return s.leftOut(n)
}

// total writes the findings that count, each once.
func (s *boxes) total(text string) error {
	failed, unknown := 0, 0
	for _, severity := range finding.Severities() {
		failed += s.book.report.Totals.Failed[severity]
		unknown += s.book.report.Totals.Unknown[severity]
	}
	return s.labelled(label, text, failed, unknown)
}

// leftOut says what the numbers of findings leave out.
func (s *boxes) leftOut(n *statistics) error {
	t := s.book.report.Totals
	var parts []string
	if t.Waived > 0 {
		parts = append(parts, counted(t.Waived, "waived finding"))
	}
	if t.Known > 0 {
		parts = append(parts, counted(t.Known, "finding")+" that the baseline holds")
	}
	if len(parts) == 0 {
		return nil
	}
	return s.line(prose, fmt.Sprintf("Fail and Unknown leave out %s. The sheet Findings shows all %d.", strings.Join(parts, " and "), n.findings))
}

func (s *boxes) byArea(n *statistics, charts *charts) error {
	if len(n.areas) == 0 {
		return nil
	}
	if err := s.box("Findings by area"); err != nil {
		return err
	}
	if err := s.bars("Area", n.areas, "Findings by area", charts); err != nil {
		return err
	}
	return s.total("All areas")
}

func (s *boxes) byOwner(n *statistics, charts *charts) error {
	if len(n.owners) == 0 {
		return nil
	}
	if err := s.box("Findings by owner of the subject"); err != nil {
		return err
	}
	if err := s.bars("Owner", n.owners, fmt.Sprintf("Findings by owner (top %d)", topOwners), charts); err != nil {
		return err
	}
	if err := s.total("All findings, each once"); err != nil {
		return err
	}
	return s.line(prose, "A finding whose subject has several owners stands in the row of each of them. “Owner not known”: no owners are kept for such a subject, or they were not read.")
}

// maxLabel is how much of a label the cells of a chart show.
const maxLabel = 80

// maxBars is how many rows a chart has room for.
const maxBars = topOwners + 1

// bars writes a row for each bar, and has a chart drawn of the first of them.
func (s *boxes) bars(heading string, bars []bar, name string, charts *charts) error {
	if err := s.headings(heading, "", "", "Fail", "Unknown", "", "", ""); err != nil {
		return err
	}
	charts.series(name, s.row+1, min(len(bars), maxBars))
	for _, b := range bars {
		if err := s.labelled(plain, clip(oneLine(sentenceOr(b.label)), maxLabel), b.failed, b.unknown); err != nil {
			return err
		}
	}
	return nil
}

func (s *boxes) byDaysLeft(n *statistics, charts *charts) error {
	if err := s.box("Data Connect approvals by days left"); err != nil {
		return err
	}
	if !slices.ContainsFunc(n.approvals, func(b bar) bool { return b.count > 0 }) {
		text := "No approvals of Microsoft Graph Data Connect are known."
		if missing := s.book.gapsOf(approvalDatasets()); len(missing) > 0 {
			text = strings.Join(missing, " ")
		}
		return s.line(prose, text)
	}
	if err := s.headings("Days left", "", "", "Approvals", "", "", "", ""); err != nil {
		return err
	}
	charts.counts("Data Connect approvals by days left", s.row+1, len(n.approvals))
	for _, b := range n.approvals {
		if err := s.labelled(plain, clip(oneLine(sentenceOr(b.label)), maxLabel), b.count); err != nil {
			return err
		}
	}
	return nil
}

// sentenceOr begins a label with a capital letter, unless it is a name.
func sentenceOr(text string) string {
	if text == "" || strings.ContainsRune(text, '@') || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return sentence(text)
}

func (s *boxes) byControl() error {
	if err := s.box("Results by control, worst first"); err != nil {
		return err
	}
	if err := s.headings("Control", "Severity", "Title", "Fail", "Unknown", "Manual", "Pass", "Not applicable"); err != nil {
		return err
	}
	for _, c := range worstFirst(s.book.report.Controls) {
		text := c.Title
		if why := notRun(c); why != "" {
			text += " (" + why + ")"
		}
		err := s.cells([]any{
			c.ID, string(c.Severity), text, c.Counts.Fail, c.Counts.Unknown, c.Counts.Manual, c.Counts.Pass, c.Counts.NotApplicable,
		}, plain, word, wrapped, number, number, number, number, number)
		if err != nil {
			return err
		}
	}
	return s.line(prose, "These numbers include findings that are waived or in the baseline. Fail, Unknown and Manual count findings; Pass and Not applicable count subjects.")
}
