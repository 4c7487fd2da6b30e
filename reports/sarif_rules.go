package reports

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// sarifRules are the controls of a report as rules, each with its place in the list.
type sarifRules struct {
	controls []finding.Control
	index    map[string]int // by id of the control
	ids      []string       // of the rules: never empty, and no two the same
	worst    map[string]finding.Severity
}

func newSARIFRules(r *finding.Report) *sarifRules {
	rules := &sarifRules{index: map[string]int{}, worst: map[string]finding.Severity{}}
	for _, c := range r.Controls {
		rules.add(c)
	}
	return rules
}

func (r *sarifRules) add(c finding.Control) {
	if _, there := r.index[c.ID]; there {
		return
	}
	wanted := cmp.Or(sarifShort(oneLine(c.ID), sarifMaxName-10), "unnamed")
	id := wanted
	for n := 2; slices.Contains(r.ids, id); n++ {
		id = fmt.Sprintf("%s~%d", wanted, n)
	}
	r.ids = append(r.ids, id)
	r.index[c.ID] = len(r.controls)
	r.worst[c.ID] = c.Severity
	r.controls = append(r.controls, c)
}

// saw takes note of a finding: its control may be missing in the header, and it may be worse than its control says.
func (r *sarifRules) saw(control string, severity finding.Severity) {
	r.add(finding.Control{ID: control, Title: control, Severity: severity})
	if worst := r.worst[control]; worst.Rank() < 0 || severity.Rank() >= 0 && severity.Rank() < worst.Rank() {
		r.worst[control] = severity
	}
}

// id is the id of the rule of a control.
func (r *sarifRules) id(control string) string { return r.ids[r.index[control]] }

// list are the rules, in the order of the report.
func (r *sarifRules) list() []sarifRule {
	rules := []sarifRule{} // never null
	for _, c := range r.controls {
		rules = append(rules, r.rule(c))
	}
	return rules
}

func (r *sarifRules) rule(c finding.Control) sarifRule {
	id := r.id(c.ID)
	title := cmp.Or(oneLine(c.Title), id)
	rule := sarifRule{
		ID: id, Name: sarifShort(title, sarifMaxName), ShortDescription: sarifText{Text: sarifShort(title, sarifMaxDescription)},
		FullDescription: sarifText{Text: sarifShort(cmp.Or(oneLine(c.Description), title), sarifMaxDescription)},
		Help:            &sarifText{Text: ruleHelp(c), Markdown: ruleHelpMarkdown(c)}, HelpURI: helpPage(c.References),
		DefaultConfiguration: &sarifConfiguration{Level: sarifLevel(c.Severity)},
		Properties: &sarifRuleProperties{
			Tags: ruleTags(c), Precision: "very-high", SecuritySeverity: securitySeverity(r.worst[c.ID]), Severity: oneLine(string(c.Severity)),
			Subject: oneLine(c.Subject),
		},
	}
	for _, q := range c.Frameworks {
		rule.Properties.Frameworks = append(rule.Properties.Frameworks, oneLine(q.Framework+" "+q.Requirement))
	}
	return rule
}

// sarifLevel is the level of what fails.
func sarifLevel(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	}
	return "note"
}

// securitySeverity is the score by which GitHub ranks alerts: critical above 9.0, high from 7.0, medium from 4.0, low
// below. What is info has none, and is shown as a note. GitHub knows a score of rules alone, so that a rule has that
// of its worst finding.
func securitySeverity(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "9.5"
	case finding.High:
		return "8.0"
	case finding.Medium:
		return "5.5"
	case finding.Low:
		return "2.0"
	}
	return ""
}

// ruleTags are what GitHub filters by: first what shows, which are ten, then the requirements of frameworks as far as
// there is room. All of them stand in the rule's properties.
func ruleTags(c finding.Control) []string {
	tags := []string{"security"}
	add := func(tag string) {
		if tag = clip(oneLine(tag), sarifMaxName); tag != "" && len(tags) < sarifMaxTags && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	add(c.Subject)
	for _, q := range c.Frameworks {
		add(q.Framework)
	}
	for _, q := range c.Frameworks {
		add(q.Framework + "/" + q.Requirement)
	}
	return tags
}

// helpPage is the first reference that is a page on the web; "" for none.
func helpPage(references []string) string {
	for _, reference := range references {
		if page := webPage(reference); page != "" {
			return page
		}
	}
	return ""
}

// webPage gives an address as it may be followed; "" for what is none.
func webPage(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || len(text) > 2000 || strings.ContainsAny(text, "<>\"'` ") || visible(text) != text {
		return ""
	}
	return u.String()
}

func ruleHelp(c finding.Control) string {
	var parts []string
	for _, text := range []string{c.Description, c.Remediation} {
		if text != "" {
			parts = append(parts, clip(oneLine(text), sarifMaxHelp))
		}
	}
	for _, reference := range c.References {
		if page := webPage(reference); page != "" {
			parts = append(parts, page)
		}
	}
	if len(parts) == 0 {
		return sarifPlain(cmp.Or(clip(oneLine(c.Title), sarifMaxHelp), "No help is written for this control."))
	}
	return sarifPlain(strings.Join(parts, "\n\n"))
}

// ruleHelpMarkdown is the help as GitHub shows it. No text of a control begins a line, where it could be markup.
func ruleHelpMarkdown(c finding.Control) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Severity**: %s\n\n**Judges**: %s\n", mdText(string(c.Severity), sarifMaxName), mdText(cmp.Or(c.Subject, "not told"), sarifMaxName))
	for _, part := range [][2]string{{"Description", c.Description}, {"Remediation", c.Remediation}} {
		if part[1] != "" {
			fmt.Fprintf(&b, "\n**%s**: %s\n", part[0], mdText(part[1], sarifMaxHelp))
		}
	}
	heading := "\n**References**\n\n"
	for _, reference := range c.References {
		if page := webPage(reference); page != "" {
			fmt.Fprintf(&b, "%s- <%s>\n", heading, page)
			heading = ""
		}
	}
	for i, q := range c.Frameworks {
		fmt.Fprintf(&b, "%s%s", []string{"\n**Frameworks**: ", ", "}[min(i, 1)], mdText(q.Framework+" "+q.Requirement, sarifMaxName))
	}
	return b.String()
}

// sarifPlain keeps the plain text of SARIF plain: [text](address) in it would be a link (SARIF 2.1.0, 3.11.6).
func sarifPlain(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// sarifShort cuts a text to so many characters, with an ellipsis.
func sarifShort(text string, characters int) string {
	text = sarifPlain(text)
	if runes := []rune(text); len(runes) > characters {
		return string(runes[:characters-1]) + "…"
	}
	return text
}
