package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// The comment of a pull request has room for 65,536 characters, and a summary of a step for 1 MiB
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions, adding a job summary). What is left
// of it is for what others write around it.
const mdMost = 64_000 // bytes

// mdMark is how the comment of an earlier run is found, to be replaced.
const mdMark = "<!-- leastwise report -->\n"

// What one list shows at most.
const (
	mdWorst      = 25   // findings of all controls
	mdPerControl = 4    // of which of one control
	mdDetails    = 12   // findings of one control, among its details
	mdRows       = 15   // rows of every other table
	mdBytes      = 4000 // of every other table, about
	mdName       = 80   // columns of a name
	mdID         = 100  // columns of a kind and an id
	mdMessage    = 240
)

// writeMarkdown writes GitHub-flavoured Markdown for a comment or the summary of a step, of at most 64 KiB: what it comes
// to, what could not be looked at, totals, what is new, the worst findings, and some of each control. What has no room is
// counted, never dropped.
func writeMarkdown(w io.Writer, d *finding.Document) error {
	m, err := newMarkdown(d)
	if err != nil {
		return fmt.Errorf("write Markdown: %w", err)
	}
	if _, err := io.WriteString(w, m.document()); err != nil {
		return fmt.Errorf("write Markdown: %w", err)
	}
	return nil
}

// markdown is what has to be known of the rows of a report, in little memory.
type markdown struct {
	r        *finding.Report
	total    int // findings
	counting int // of them, those that decide the verdict
	worst    []finding.Finding
	controls map[string]*mdControl
	changes  map[string]*mdChanges // by area
	differ   []finding.Difference  // the first of them
	compared bool                  // the report has a table of differences
}

// mdControl is what is shown of one control.
type mdControl struct {
	id                                    string
	worst                                 finding.Severity
	fail, unknown, manual, waived, listed int
	known                                 int
	first                                 []finding.Finding // those that count come before those that do not
	covered                               []finding.Finding
}

type mdChanges struct{ added, removed, changed int }

func newMarkdown(d *finding.Document) (*markdown, error) {
	m := &markdown{r: &d.Report, controls: map[string]*mdControl{}, changes: map[string]*mdChanges{}}
	m.compared = d.Previous != nil && d.Has(finding.Differences)
	for f, err := range d.Findings() {
		if err != nil {
			return nil, err
		}
		m.add(f)
	}
	for c, err := range d.Differences() {
		if err != nil {
			return nil, err
		}
		m.change(c)
	}
	return m, nil
}

// add counts a finding and keeps it where it is one of the first. Texts that are kept are clipped, whatever their length.
func (m *markdown) add(f finding.Finding) {
	c := m.controls[f.Control]
	if c == nil {
		c = &mdControl{id: f.Control, worst: f.Severity}
		m.controls[f.Control] = c
	}
	m.total++
	if f.Severity.Rank() < c.worst.Rank() {
		c.worst = f.Severity
	}
	switch {
	case f.Waiver != nil:
		c.waived++
	case f.Known && f.Outcome != finding.Manual:
		c.known++
	case f.Outcome == finding.Manual:
		c.manual++
	case f.Outcome == finding.Fail:
		c.fail++
	default:
		c.unknown++
	}
	decides := f.Counts() && f.Outcome != finding.Manual
	if decides {
		m.counting++
	}
	f = short(f)
	if decides && len(m.worst) < mdWorst && c.listed < mdPerControl {
		c.listed++
		m.worst = append(m.worst, f)
	}
	switch {
	case decides && len(c.first) < mdDetails:
		c.first = append(c.first, f)
	case !decides && len(c.covered) < mdDetails:
		c.covered = append(c.covered, f)
	}
}

// short keeps of a finding what is shown of it.
func short(f finding.Finding) finding.Finding {
	limit := func(text string) string { return strings.Clone(firstBytes(text, 4*mdMessage)) }
	f.Key, f.Evidence, f.Owners = nil, nil, nil
	f.Control, f.Message, f.Fingerprint = limit(f.Control), limit(f.Message), ""
	f.Subject = finding.Subject{Kind: limit(f.Subject.Kind), ID: limit(f.Subject.ID), Name: limit(f.Subject.Name)}
	if f.Location != nil {
		f.Location = &finding.Location{File: limit(f.Location.File), Line: f.Location.Line}
	}
	return f
}

func (m *markdown) change(c finding.Difference) {
	area := strings.Clone(firstBytes(c.Area, mdName))
	if len(m.differ) < mdRows {
		m.differ = append(m.differ, c)
	}
	n := m.changes[area]
	if n == nil {
		n = &mdChanges{}
		m.changes[area] = n
	}
	switch c.Action {
	case "added":
		n.added++
	case "removed":
		n.removed++
	default:
		n.changed++
	}
}

// document puts the parts together, those first that a reader needs most. Parts that have no room are counted at the end.
func (m *markdown) document() string {
	var b strings.Builder
	b.WriteString(mdMark + m.head())
	for _, part := range []string{m.gaps(), m.totals(), m.news(), m.worstFindings(), m.merge(), m.waivers(), m.requirements(), m.notRun()} {
		b.WriteString(part)
	}
	controls := m.sorted()
	if len(controls) == 0 {
		return b.String()
	}
	b.WriteString("\n### Findings by control\n\n")
	const room = 400 // for the sentence about what has none
	b.WriteString(m.byControl(controls, mdMost-room-b.Len()))
	return b.String()
}

// byControl shows as many findings of each control as there is room for when all controls are to be shown; controls for
// which there is no room even so are counted.
func (m *markdown) byControl(controls []*mdControl, room int) string {
	shown := ""
	for _, rows := range []int{mdDetails, mdDetails / 2, mdDetails / 4, 2, 1, 0} {
		var b strings.Builder
		for i, c := range controls {
			part := m.details(c, rows)
			if b.Len()+len(part) > room {
				b.WriteString(m.rest(controls[i:]))
				break
			}
			b.WriteString(part)
			if i == len(controls)-1 {
				return b.String()
			}
		}
		shown = b.String()
	}
	return shown
}

// sorted are the controls with findings, worst first, and there those with findings that count.
func (m *markdown) sorted() []*mdControl {
	var list []*mdControl
	for _, c := range m.controls {
		list = append(list, c)
	}
	place := func(c *mdControl) int {
		switch {
		case c.fail > 0:
			return 0
		case c.unknown > 0:
			return 1
		}
		return 2
	}
	slices.SortFunc(list, func(a, b *mdControl) int {
		return cmp.Or(
			cmp.Compare(place(a)/2, place(b)/2), cmp.Compare(a.worst.Rank(), b.worst.Rank()), cmp.Compare(place(a), place(b)), cmp.Compare(a.id, b.id),
		)
	})
	return list
}

func (c *mdControl) total() int { return c.fail + c.unknown + c.manual + c.waived + c.known }

// numbers says what findings a control has, without those there are none of.
func (c *mdControl) numbers() string {
	var parts []string
	for _, n := range []struct {
		count int
		word  string
	}{{c.fail, "fail"}, {c.unknown, "unknown"}, {c.manual, "for a person to check"}, {c.waived, "waived"}, {c.known, "known"}} {
		if n.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.count, n.word))
		}
	}
	return strings.Join(parts, ", ")
}

// details are the findings of one control, folded away, of which so many at most are shown.
func (m *markdown) details(c *mdControl, rows int) string {
	title, remedy := "", ""
	if i := slices.IndexFunc(m.r.Controls, func(k finding.Control) bool { return k.ID == c.id }); i >= 0 {
		title, remedy = m.r.Controls[i].Title, m.r.Controls[i].Remediation
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<details>\n<summary>%s: %s (%s): %s</summary>\n\n",
		mdText(c.id, mdName), mdText(title, 2*mdName), mdText(string(c.worst), mdName), c.numbers())
	list := append(slices.Clone(c.first), c.covered...)
	b.WriteString(mdTable(mdHead("Result", "Subject", "What"), c.total(), min(len(list), rows), mdBytes, "finding", func(i int) string {
		return mdRow(m.result(&list[i]), subjectOf(&list[i])+mdPlace(&list[i]), mdText(list[i].Message, mdMessage))
	}))
	if remedy != "" && rows > 1 {
		fmt.Fprintf(&b, "\nWhat to do: %s\n", mdText(remedy, 2*mdMessage))
	}
	b.WriteString("\n</details>\n\n")
	return b.String()
}

// rest counts the controls that there is no room for.
func (m *markdown) rest(controls []*mdControl) string {
	sum := mdControl{}
	for _, c := range controls {
		sum.fail, sum.unknown, sum.manual = sum.fail+c.fail, sum.unknown+c.unknown, sum.manual+c.manual
		sum.waived, sum.known = sum.waived+c.waived, sum.known+c.known
	}
	return fmt.Sprintf("And %s with %s: %s. The other formats hold all of them.\n", counted(len(controls), "more control"), counted(sum.total(), "finding"), sum.numbers())
}

// result is the outcome of a finding and what became of it.
func (m *markdown) result(f *finding.Finding) string {
	text := string(f.Outcome)
	if s := standing(m.r, f); s != "" {
		text += ", " + s
	}
	if f.Waiver != nil {
		text += " until " + toMinute(f.Waiver.Expires)
	}
	return mdText(text, mdName)
}

func subjectOf(f *finding.Finding) string {
	kind := strings.ReplaceAll(f.Subject.Kind, "_", " ")
	if f.Subject.Name == "" {
		return mdText(kind+" "+f.Subject.ID, mdID)
	}
	return mdText(f.Subject.Name, mdName) + " (" + mdText(kind+" "+f.Subject.ID, mdID) + ")"
}

// mdPlace is where a finding stands in a repository, after its subject.
func mdPlace(f *finding.Finding) string {
	if f.Location == nil {
		return ""
	}
	return ", " + mdText(fileLine(f.Location.File, f.Location.Line), 2*mdName)
}

// fileLine is a place as editors and build servers write it; without the line where it is not known.
func fileLine(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
