package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

const (
	tableWidth      = 120
	tableFindings   = 20 // of all controls
	tablePerControl = 5
	tableLines      = 3 // of one message
)

// writeTable writes what a person reads in a terminal when a scan ends: what could
// not be looked at first, what it comes to last. It is plain text, never wider than
// tableWidth, and the same on every terminal.
func writeTable(w io.Writer, d *finding.Document) error {
	out := bufio.NewWriter(w)
	t := table{out}
	t.header(&d.Report)
	t.gaps(&d.Report)
	t.events(&d.Report)
	t.reconciled(&d.Report)
	t.declared(&d.Report)
	t.severities(&d.Report)
	t.controls(&d.Report)
	if err := t.findings(d); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	t.line("%s", "")
	t.limited("", sentence(verdict(&d.Report))+".", tableLines)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// table writes lines of text. Everything passes through line, which lets no control
// character out.
type table struct{ out *bufio.Writer }

func (t table) line(format string, args ...any) {
	text := clip(oneLine(fmt.Sprintf(format, args...)), tableWidth)
	t.out.WriteString(strings.TrimRight(text, " ") + "\n")
}

// limited wraps text after a label, in at most so many lines; further lines are indented
// as wide as the label, and the last one ends with an ellipsis when text is left over.
func (t table) limited(label, text string, limit int) {
	// The rest of a hostile text would only be wrapped to be thrown away.
	if most := limit * tableWidth * 8; len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	indent := strings.Repeat(" ", width(label))
	lines := wrap(oneLine(text), tableWidth-width(label))
	for i, line := range lines {
		if i == limit-1 && len(lines) > limit {
			t.line("%s", label+clip(line+" …", tableWidth-width(label)))
			return
		}
		t.line("%s", label+line)
		label = indent
	}
}

func (t table) heading(format string, args ...any) {
	t.line("%s", "")
	t.line(format, args...)
}

func (t table) header(r *finding.Report) {
	name := r.Tenant.Name
	if name == "" {
		name = r.Tenant.ID
	}
	t.limited("tenant     ", fmt.Sprintf("%s (%s, %s)", name, r.Tenant.ID, r.Tenant.Cloud), tableLines)
	t.line("as of      %s, collected %s", r.AsOf.UTC().Format("2006-01-02 15:04 UTC"), collectedDays(r.Snapshot))
	t.line("tool       %s %s; %s and worse counts", r.Tool.Name, r.Tool.Version, r.FailOn)
	if p := r.Permissions; p != nil {
		t.line("calls      imported table of %s, SHA-256 %s", counted(p.Operations, "operation"), p.SHA256)
	}
}

func (t table) gaps(r *finding.Report) {
	missing := gaps(r)
	if len(missing) == 0 {
		t.heading("%s", sentence(coverage(r))+".")
		return
	}
	t.heading("NOT LOOKED AT, OR NOT IN FULL: %d of %s", len(missing), counted(len(r.Coverage), "dataset"))
	var unneeded []string
	for _, c := range missing {
		if c.Status == "skipped" && len(c.Controls) == 0 {
			unneeded = append(unneeded, c.Dataset)
			continue
		}
		text := gapReason(c)
		if len(c.Controls) > 0 {
			text += fmt.Sprintf("; needed by %s", strings.Join(c.Controls, ", "))
		}
		t.limited(fmt.Sprintf("  %s %s ", cell(c.Status, 10), cell(c.Dataset, 28)), text, tableLines)
	}
	if len(unneeded) > 0 {
		t.limited("  skipped    ", "not needed by any control: "+strings.Join(unneeded, ", "), tableLines)
	}
}

// events says from when on the datasets of events are known, and what is missing since.
func (t table) events(r *finding.Report) {
	headed := false
	for _, c := range r.Coverage {
		if c.From == "" {
			continue
		}
		if !headed {
			t.heading("EVENTS: outside these times, and in the gaps, nothing is known")
			headed = true
		}
		parts := []string{fmt.Sprintf("from %s to %s", toMinute(c.From), cmp.Or(toMinute(c.To), "an unknown instant"))}
		for _, hole := range holes(c) {
			parts = append(parts, "not "+hole)
		}
		t.limited("  "+cell(c.Dataset, 22)+" ", strings.Join(parts, "; "), tableLines*2)
	}
}

// reconciled says which of the datasets that were read were counted a second time: by
// the collection itself, by its listing, or by another relation; the JSON says which. Where counts differ, both numbers stand among the gaps.
func (t table) reconciled(r *finding.Report) {
	heading := "RECONCILED: rows held against a second count"
	for _, group := range secondCounts(r) {
		if len(group.datasets) == 0 {
			continue
		}
		if heading != "" {
			t.heading("%s", heading)
			heading = ""
		}
		t.limited("  "+cell(group.result, 10)+" ", strings.Join(group.datasets, ", "), tableLines)
	}
}

// declared says what controls took the operator's word for.
func (t table) declared(r *finding.Report) {
	texts := declarations(r)
	if len(texts) > 0 {
		t.heading("DECLARED BY THE OPERATOR: controls go by it")
	}
	for _, text := range texts {
		t.limited("  ", text, tableLines)
	}
}

func (t table) severities(r *finding.Report) {
	t.heading("%-10s %8s %8s", "SEVERITY", "fail", "unknown")
	for _, severity := range finding.Severities() {
		note := ""
		if !severity.AtLeast(r.FailOn) {
			note = "   not counted"
		}
		t.line("%-10s %8d %8d%s", severity, r.Totals.Failed[severity], r.Totals.Unknown[severity], note)
	}
	if r.Totals.Waived > 0 {
		t.line("%-10s %8d   accepted risks, shown in the other formats", "waived", r.Totals.Waived)
	}
	if r.Totals.Known > 0 {
		t.line("%-10s %8d   in the baseline of %s, shown in the other formats", "known", r.Totals.Known, baselineInstant(r))
	}
	if r.Totals.Outcomes.Manual > 0 {
		t.line("%-10s %8d   for a person to look at", "manual", r.Totals.Outcomes.Manual)
	}
}

func (t table) controls(r *finding.Report) {
	if r.Framework != nil {
		t.requirements(r)
		return
	}
	const titleWidth = tableWidth - 22 - 32
	t.heading("%-12s %-8s %-*s %7s %7s %7s %7s", "CONTROL", "severity", titleWidth, "title", "fail", "unknown", "pass", "n/a")
	outside := map[string][]string{} // by reason
	for _, c := range worstFirst(r.Controls) {
		if c.OutOfScope != "" {
			outside[c.OutOfScope] = append(outside[c.OutOfScope], c.ID)
			continue
		}
		title := cmp.Or(notRun(c), c.Title)
		t.line("%s %s %s %7d %7d %7d %7d", cell(c.ID, 12), cell(string(c.Severity), 8), cell(title, titleWidth),
			c.Counts.Fail, c.Counts.Unknown, c.Counts.Pass, c.Counts.NotApplicable)
	}
	for _, why := range slices.Sorted(maps.Keys(outside)) {
		t.limited("out of scope ", strings.Join(outside[why], ", ")+": "+why, tableLines)
	}
	if r.Totals.Waived > 0 {
		t.line("of these, %s waived", are(r.Totals.Waived, "finding"))
	}
	if r.Totals.Known > 0 {
		t.line("of these, %s known from the baseline", are(r.Totals.Known, "finding"))
	}
}

// findings shows the worst ones that count, a few of each control so that
// one control cannot hide the others.
func (t table) findings(d *finding.Document) error {
	outcomes := d.Totals.Outcomes
	total := outcomes.Fail + outcomes.Unknown + outcomes.Manual - d.Totals.Waived - d.Totals.Known
	if total <= 0 {
		return nil
	}
	t.heading("WORST FINDINGS")
	shown, ofControl := 0, map[string]int{}
	for f, err := range d.Findings() {
		if err != nil {
			return err
		}
		if shown == tableFindings {
			break
		}
		if !f.Counts() || ofControl[f.Control] == tablePerControl {
			continue
		}
		ofControl[f.Control]++
		shown++
		t.finding(f)
	}
	if more := total - shown; more > 0 {
		t.line("  … and %d more; -o json=FILE and -o xlsx=FILE hold all of them", more)
	}
	return nil
}

func (t table) finding(f finding.Finding) {
	label := fmt.Sprintf("  %s %s ", cell(string(f.Severity), 8), cell(f.Control, 12))
	message := f.Message
	if f.Outcome != finding.Fail {
		message = string(f.Outcome) + ": " + message
	}
	t.limited(label, message, tableLines)
	subject := f.Subject.Kind + " " + f.Subject.ID
	if f.Subject.Name != "" {
		subject = f.Subject.Name + ", " + subject
	}
	t.limited(strings.Repeat(" ", width(label)), subject, 2)
}

// cell is text on one line, exactly so many columns wide.
func cell(text string, columns int) string {
	return pad(clip(oneLine(text), columns), columns)
}
