package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// The parts of the Markdown report before its findings by control. Every part ends with a line feed and begins with an
// empty line, or is empty.

func (m *markdown) head() string {
	r := m.r
	mark := "❌"
	switch r.Verdict() {
	case finding.Unjudged:
		mark = "⚠️"
	case finding.Clean:
		mark = "✅"
	}
	name := mdText(r.Tenant.ID, mdName)
	if r.Tenant.Name != "" {
		name = fmt.Sprintf("**Tenant:** %s (%s, %s)", mdText(r.Tenant.Name, mdName), name, mdText(r.Tenant.Cloud, mdName))
	} else {
		name = fmt.Sprintf("**Tenant:** %s (%s)", name, mdText(r.Tenant.Cloud, mdName))
	}
	text := fmt.Sprintf("## %s leastwise: %s\n\n%s  \n**As of:** %s, collected %s  \n**Tool:** %s; %s and worse counts\n", mark,
		mdText(verdict(r), 4*mdName), name, r.AsOf.UTC().Format("2006-01-02 15:04 UTC"), mdText(collectedDays(r.Snapshot), mdName),
		mdText(r.Tool.Name+" "+r.Tool.Version, mdName), mdText(string(r.FailOn), mdName))
	if r.Framework != nil {
		text += fmt.Sprintf("\nOnly the controls of %s were run.\n", mdText(frameworkName(r.Framework), mdName))
	}
	return text
}

// gaps are what could not be looked at, and the times of which events are known.
func (m *markdown) gaps() string {
	missing := gaps(m.r)
	var b strings.Builder
	if len(missing) == 0 {
		fmt.Fprintf(&b, "\n%s.\n", sentence(coverage(m.r)))
	} else {
		fmt.Fprintf(&b, "\n### Not looked at, or not in full: %d of %s\n\n", len(missing), counted(len(m.r.Coverage), "dataset"))
		b.WriteString(mdTable(mdHead("Dataset", "Status", "Why", "Needed by"), len(missing), 2*mdRows, 2*mdBytes, "dataset", func(i int) string {
			c := missing[i]
			needed := "no control"
			if len(c.Controls) > 0 {
				needed = mdText(strings.Join(c.Controls, ", "), mdMessage)
			}
			return mdRow(mdText(c.Dataset, mdName), mdText(c.Status, mdName), mdText(gapReason(c), mdMessage), needed)
		}))
	}
	b.WriteString(m.events())
	return b.String()
}

// events says of which times the datasets of events tell.
func (m *markdown) events() string {
	var events []string
	for _, c := range m.r.Coverage {
		if c.From == "" {
			continue
		}
		if len(events) == mdRows/2 {
			events = append(events, "and more, in the other formats")
			break
		}
		text := fmt.Sprintf("%s from %s to %s", c.Dataset, toMinute(c.From), cmp.Or(toMinute(c.To), "an unknown instant"))
		if len(c.Holes) > 0 {
			text += ", with " + counted(len(c.Holes), "gap")
		}
		events = append(events, mdText(text, mdMessage))
	}
	if len(events) == 0 {
		return ""
	}
	return fmt.Sprintf("\nEvents are known of these times only: %s.\n", strings.Join(events, "; "))
}

func (m *markdown) totals() string {
	r := m.r
	var b strings.Builder
	b.WriteString("\n### Totals\n\n" + mdHead("Severity", " Fail", " Unknown", "Counts"))
	fail, unknown := 0, 0
	for _, severity := range finding.Severities() {
		counts := "yes"
		if !severity.AtLeast(r.FailOn) {
			counts = "no, below " + mdText(string(r.FailOn), mdName)
		}
		b.WriteString(mdRow(string(severity), fmt.Sprint(r.Totals.Failed[severity]), fmt.Sprint(r.Totals.Unknown[severity]), counts))
		fail, unknown = fail+r.Totals.Failed[severity], unknown+r.Totals.Unknown[severity]
	}
	b.WriteString(mdRow("**all**", fmt.Sprint(fail), fmt.Sprint(unknown), ""))
	var parts []string
	if r.Totals.Waived > 0 {
		parts = append(parts, fmt.Sprintf("%d waived (accepted risks)", r.Totals.Waived))
	}
	if r.Totals.Known > 0 {
		parts = append(parts, fmt.Sprintf("%d known from the baseline of %s", r.Totals.Known, mdText(baselineInstant(r), mdName)))
	}
	manual := 0
	for _, c := range m.controls {
		manual += c.manual
	}
	if manual > 0 {
		parts = append(parts, fmt.Sprintf("%d for a person to check", manual))
	}
	if len(parts) > 0 {
		fmt.Fprintf(&b, "\nShown below, and not counted above: %s.\n", strings.Join(parts, ", "))
	}
	fmt.Fprintf(&b, "\nJudged as pass: %d; not applicable: %d.\n", r.Totals.Outcomes.Pass, r.Totals.Outcomes.NotApplicable)
	if n := len(r.Declared.List()); n > 0 {
		fmt.Fprintf(&b, "\nControls go by %s of the operator, which the other formats list.\n", counted(n, "declaration"))
	}
	return b.String()
}

// news says what is new against the baseline, and what differs from the previous report.
func (m *markdown) news() string {
	r := m.r
	var b strings.Builder
	if r.Baseline != nil {
		fmt.Fprintf(&b, "\n### Since the baseline of %s\n\n%d new, %d known, %d gone. Only new findings count.\n",
			mdText(baselineInstant(r), mdName), r.Baseline.New, r.Baseline.Known, r.Baseline.Gone)
	}
	if r.Previous == nil {
		return b.String()
	}
	fmt.Fprintf(&b, "\n### Since the report of %s\n\n", mdText(toMinute(r.Previous.AsOf), mdName))
	switch {
	case !m.compared:
		b.WriteString("What differs is not in this report.\n")
	case len(m.changes) == 0:
		b.WriteString("Nothing differs in what was compared.\n")
	default:
		areas := m.areas()
		b.WriteString(mdTable(mdHead("Area", " Added", " Removed", " Changed"), len(areas), mdRows, mdBytes, "area", func(i int) string {
			n := m.changes[areas[i]]
			return mdRow(mdText(strings.ReplaceAll(areas[i], "_", " "), mdName), fmt.Sprint(n.added), fmt.Sprint(n.removed), fmt.Sprint(n.changed))
		}))
		b.WriteString(m.differences())
	}
	for i, n := range r.Previous.NotCompared {
		if i == mdRows || b.Len() > 2*mdBytes {
			fmt.Fprintf(&b, "\nNot compared either: %s.\n", counted(len(r.Previous.NotCompared)-i, "more dataset"))
			break
		}
		text := fmt.Sprintf("Not compared: %s (%s), then %s, now %s", strings.Join(n.Areas, ", "), n.Dataset, cmp.Or(n.Old, "absent"), cmp.Or(n.New, "absent"))
		fmt.Fprintf(&b, "\n%s.\n", mdText(strings.Join(nonEmpty(text, n.Reason), ": "), mdMessage))
	}
	return b.String()
}

// differences shows the first of them, folded away.
func (m *markdown) differences() string {
	rows := 0
	for _, n := range m.changes {
		rows += n.added + n.removed + n.changed
	}
	return "\n<details>\n<summary>What differs</summary>\n\n" +
		mdTable(mdHead("Area", "Change", "Subject", "What", "By"), rows, len(m.differ), mdBytes, "difference", func(i int) string {
			c := m.differ[i]
			what := strings.Join(nonEmpty(c.Item, c.Tier, strings.ReplaceAll(sideOf(c, true), "\n", ", ")), ", ")
			if now := strings.ReplaceAll(sideOf(c, false), "\n", ", "); now != "" {
				what = strings.Join(nonEmpty(what, "now "+now), "; ")
			}
			return mdRow(mdText(strings.ReplaceAll(c.Area, "_", " "), mdName), mdText(c.Action, mdName), mdText(cmp.Or(c.Subject.Name, c.Subject.ID), mdName),
				mdText(what, mdMessage), mdText(strings.Join(nonEmpty(c.By, toMinute(c.At)), ", "), mdName))
		}) + "\n</details>\n"
}

// areas are those of the differences, in the order of reports.
func (m *markdown) areas() []string {
	known := finding.Areas()
	var list []string
	for _, area := range known {
		if m.changes[area] != nil {
			list = append(list, area)
		}
	}
	for _, area := range slices.Sorted(maps.Keys(m.changes)) {
		if !slices.Contains(known, area) {
			list = append(list, area)
		}
	}
	return list
}

func (m *markdown) worstFindings() string {
	if m.counting == 0 {
		return ""
	}
	title := "Worst findings"
	if m.r.Baseline != nil {
		title = "Worst new findings"
	}
	head := mdHead("Severity", "Control", "Result", "Subject", "What")
	return "\n### " + title + "\n\n" + mdTable(head, m.counting, len(m.worst), 3*mdBytes, "finding", func(i int) string {
		f := &m.worst[i]
		return mdRow(mdText(string(f.Severity), mdName), mdText(f.Control, mdName), m.result(f), subjectOf(f)+mdPlace(f), mdText(f.Message, mdMessage))
	})
}

// merge says what merging the files changes of applications.
func (m *markdown) merge() string {
	if len(m.r.Changes) == 0 {
		return ""
	}
	head := mdHead("Application", "Where", "New requests", "New grants", "Dropped")
	return "\n### What merging the files changes\n\n" + mdTable(head, len(m.r.Changes), 2*mdRows, 2*mdBytes, "application", func(i int) string {
		c := m.r.Changes[i]
		return mdRow(mdText(fmt.Sprintf("%s (%s)", cmp.Or(c.Subject.Name, c.Subject.ID), c.Action), mdName),
			mdText(fileLine(c.Location.File, c.Location.Line), 2*mdName), changedTexts(c.Requested), changedTexts(c.Granted), changedTexts(c.Dropped))
	})
}

func changedTexts(list []finding.ChangedPermission) string {
	var texts []string
	for i, p := range list {
		if i == mdRows/3 {
			texts = append(texts, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		about := strings.Join(nonEmpty(p.Kind, cmp.Or(p.Tier, "not resolved")), ", ")
		texts = append(texts, mdText(p.Permission, mdName)+" ("+mdText(about, mdName)+")")
	}
	return strings.Join(texts, ", ")
}

// waivers shows those that cover nothing, and the others by the days that they have left.
func (m *markdown) waivers() string {
	if len(m.r.Waivers) == 0 {
		return ""
	}
	list := slices.Clone(m.r.Waivers)
	applied := func(w finding.WaiverStatus) int {
		if w.Status == "applied" {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b finding.WaiverStatus) int {
		if applied(a) != applied(b) {
			return applied(a) - applied(b)
		}
		return a.DaysLeft - b.DaysLeft
	})
	head := "\n### Waivers: those that cover nothing, and then by days left\n\n" +
		mdHead("Waiver", "Status", " Days left", " Findings", "Control and subject", "Why")
	return mdTable(head, len(list), mdRows, mdBytes, "waiver", func(i int) string {
		w := list[i]
		return mdRow(mdText(w.ID, mdName), mdText(strings.ReplaceAll(w.Status, "_", " "), mdName), fmt.Sprint(w.DaysLeft), fmt.Sprint(w.Findings),
			mdText(w.Control+", "+w.Subject, 2*mdName), mdText(cmp.Or(w.Detail, w.Reason), mdMessage))
	})
}

func (m *markdown) requirements() string {
	rows := requirements(m.r)
	if len(rows) == 0 {
		return ""
	}
	head := fmt.Sprintf("\n### Requirements of %s\n\n", mdText(frameworkName(m.r.Framework), mdName)) +
		mdHead("Requirement", "Result", "Title", " Fail", " Unknown", " Manual", " Pass")
	return mdTable(head, len(rows), 4*mdRows, 2*mdBytes, "requirement", func(i int) string {
		row := rows[i]
		return mdRow(mdText(row.ID, mdName), row.result(), mdText(row.Title, mdName), fmt.Sprint(row.counts.Fail), fmt.Sprint(row.counts.Unknown),
			fmt.Sprint(row.counts.Manual), fmt.Sprint(row.counts.Pass))
	})
}

// notRun names the controls that judged nothing, with the reason.
func (m *markdown) notRun() string {
	ids := map[string][]string{}
	for _, c := range m.r.Controls {
		if why := notRun(c); why != "" {
			ids[why] = append(ids[why], c.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	reasons := slices.Sorted(maps.Keys(ids))
	head := "\n### Controls that were not run\n\n" + mdHead(" Controls", "Which", "Why")
	return mdTable(head, len(reasons), mdRows, mdBytes, "reason", func(i int) string {
		list := ids[reasons[i]]
		return mdRow(fmt.Sprint(len(list)), mdText(strings.Join(list, ", "), 2*mdMessage), mdText(reasons[i], mdMessage))
	})
}
