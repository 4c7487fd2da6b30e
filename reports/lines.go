package reports

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// writeLines writes what editors and CI read: a line for each finding, file:line:
// severity: message [ID], where the subject stands in a repository sorted by place, then
// everything else, which controls were not run, what the operator declared, and last what it comes to. What is unknown for one reason at one
// place is one line with all ids, and so is what is unknown of all subjects alike.
func writeLines(w io.Writer, d *finding.Document) error {
	out := lines{bufio.NewWriter(w)}
	if err := out.findings(d); err != nil {
		return fmt.Errorf("write lines: %w", err)
	}
	out.changes(&d.Report)
	out.notRun(&d.Report)
	out.requirements(&d.Report)
	if texts := declarations(&d.Report); len(texts) > 0 {
		fmt.Fprintf(out, "declared by the operator: %s\n", oneText(strings.Join(texts, "; ")))
	}
	out.summary(&d.Report)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write lines: %w", err)
	}
	return nil
}

type lines struct{ *bufio.Writer }

// remark is a line before it is written.
type remark struct {
	place finding.Location
	who   string // the subject, where there is no place
	label string // severity, or unknown
	text  string
	ids   []string
}

func (r remark) compare(other remark) int {
	return cmp.Or(
		cmp.Compare(r.place.File, other.place.File), cmp.Compare(r.place.Line, other.place.Line), cmp.Compare(r.who, other.who),
		cmp.Compare(r.ids[0], other.ids[0]), cmp.Compare(r.label, other.label), cmp.Compare(r.text, other.text),
	)
}

func (r remark) same(other remark) bool {
	return r.place == other.place && r.who == other.who && r.label == other.label && r.text == other.text
}

// findings writes those of repositories, which are few enough to be sorted, and then
// streams the rest in the order of the document.
func (l lines) findings(d *finding.Document) error {
	var sorted []remark
	for f, err := range d.Findings() {
		if err != nil {
			return err
		}
		if ofRepository(f) && f.Counts() {
			sorted = append(sorted, newRemark(f))
		}
	}
	for _, r := range merged(sorted) {
		l.remark(r)
	}
	for f, err := range d.Findings() {
		if err != nil {
			return err
		}
		if !ofRepository(f) && f.Counts() {
			l.remark(newRemark(f))
		}
	}
	return nil
}

func ofRepository(f finding.Finding) bool { return f.Location != nil || f.Subject.Kind == "pipeline" }

func newRemark(f finding.Finding) remark {
	r := remark{label: string(f.Severity), text: f.Message, ids: []string{f.Control}, who: f.Subject.Kind + " " + f.Subject.ID}
	if f.Location != nil {
		r.place, r.who = *f.Location, ""
	}
	if f.Outcome == finding.Fail {
		return r
	}
	r.label = string(f.Outcome)
	var evidence struct {
		Reasons []string `json:"reasons"`
		Dataset string   `json:"dataset"` // that has no rows: every subject of the control is concerned
	}
	if f.Outcome != finding.Unknown || json.Unmarshal(f.Evidence, &evidence) != nil || len(evidence.Reasons) == 0 {
		return r
	}
	if evidence.Dataset != "" {
		r.place, r.who = finding.Location{}, f.Subject.Kind+" *"
	}
	for i, reason := range evidence.Reasons {
		evidence.Reasons[i] = strings.TrimPrefix(reason, "not known: ")
	}
	r.text = strings.Join(evidence.Reasons, "; ")
	return r
}

// merged sorts remarks and makes one of those that say the same of one place.
func merged(remarks []remark) []remark {
	ids := map[string]map[string]bool{}
	key := func(r remark) string {
		if r.label != string(finding.Unknown) {
			return ""
		}
		return fmt.Sprintf("%q %d %q %q", r.place.File, r.place.Line, r.who, r.text)
	}
	for _, r := range remarks {
		if ids[key(r)] == nil {
			ids[key(r)] = map[string]bool{}
		}
		ids[key(r)][r.ids[0]] = true
	}
	for i, r := range remarks {
		if key(r) != "" {
			remarks[i].ids = slices.Sorted(maps.Keys(ids[key(r)]))
		}
	}
	slices.SortFunc(remarks, remark.compare)
	return slices.CompactFunc(remarks, func(a, b remark) bool { return a.label == string(finding.Unknown) && a.same(b) })
}

func (l lines) remark(r remark) {
	place := oneText(r.who)
	if r.place.File != "" {
		place = fmt.Sprintf("%s:%d", oneText(r.place.File), max(1, r.place.Line))
	}
	// What a line begins with may be a command to a build server.
	if strings.HasPrefix(place, ":") || strings.HasPrefix(place, "#") {
		place = "./" + place
	}
	fmt.Fprintf(l, "%s: %s: %s [%s]\n", place, oneText(r.label), oneText(r.text), oneText(strings.Join(r.ids, ", ")))
}

// oneText is text that stays on its line, and gives no command to a build server: Azure
// Pipelines looks for ##vso[ and ##[ anywhere in a line
// (https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands).
func oneText(text string) string {
	text = strings.ReplaceAll(visible(text), "\n", `\n`)
	return strings.ReplaceAll(text, "##", `#\x23`)
}

// notRun names the controls that judged nothing: a line for each that is switched off,
// and one for those that had nothing to judge.
func (l lines) notRun(r *finding.Report) {
	var ids []string
	for _, c := range r.Controls {
		switch {
		case c.Disabled != "":
			fmt.Fprintf(l, "switched off: %s: %s\n", oneText(c.ID), oneText(c.Disabled))
		case c.OutOfScope != "":
			ids = append(ids, c.ID)
		}
	}
	if len(ids) > 0 {
		fmt.Fprintf(l, "out of scope: %s: %s\n", counted(len(ids), "control"), oneText(strings.Join(ids, ", ")))
	}
}

// summary is the last line: how much was judged, what it comes to, and on what it
// rests.
func (l lines) summary(r *finding.Report) {
	parts := []string{judgedSubjects(r) + verdict(r)}
	if text := approvalsKnown(r); text != "" {
		parts = append(parts, text)
	}
	if r.Totals.Waived > 0 {
		parts = append(parts, are(r.Totals.Waived, "finding")+" waived")
	}
	if r.Totals.Known > 0 {
		parts = append(parts, are(r.Totals.Known, "finding")+" known from the baseline")
	}
	parts = append(parts, "as of "+r.AsOf.UTC().Format("2006-01-02 15:04 UTC"))
	fmt.Fprintln(l, oneText(strings.Join(parts, "; ")))
}

// judgedSubjects counts what was judged, by kind; "" for nothing. That there was no read
// to judge is said, and so is what is switched off.
func judgedSubjects(r *finding.Report) string {
	var parts []string
	reads := slices.ContainsFunc(r.Controls, func(c finding.Control) bool {
		return c.Subject == "pipeline" && c.Disabled == "" && c.OutOfScope == ""
	})
	if reads {
		parts = append(parts, subjectCount(r.Totals.Subjects["pipeline"]-r.Totals.Inactive, "pipeline"))
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Totals.Subjects)) {
		if n := r.Totals.Subjects[kind]; n > 0 && kind != "pipeline" {
			parts = append(parts, subjectCount(n, kind))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	inactive := ""
	if n := r.Totals.Inactive; reads && n > 0 {
		inactive = fmt.Sprintf(", %d inactive, not judged", n)
	}
	return strings.Join(parts, ", ") + " judged" + inactive + ": "
}

func subjectCount(n int, kind string) string {
	switch kind {
	case "pipeline":
		kind = "pipeline activity"
		if n != 1 {
			return fmt.Sprintf("%d pipeline activities", n)
		}
	case "data_connect_app":
		kind = "Data Connect application"
	case "auditor":
		kind = "identity"
		if n > 1 {
			return fmt.Sprintf("%d identities", n)
		}
	}
	return counted(n, strings.ReplaceAll(kind, "_", " "))
}

// approvalsKnown says from when on approvals are known, and of which snapshot.
func approvalsKnown(r *finding.Report) string {
	i := slices.IndexFunc(r.Coverage, func(c finding.Coverage) bool { return c.Dataset == "data_connect_events" })
	if i < 0 {
		return ""
	}
	c := r.Coverage[i]
	if c.Status != "collected" && c.Status != "partial" {
		return fmt.Sprintf("approvals are not known: %s (%s)", c.Reason, c.Status)
	}
	text := "approvals known from an instant that is not known on"
	if c.From != "" {
		text = "approvals known from " + toMinute(c.From)
	}
	if c.To != "" {
		text += " to " + toMinute(c.To)
	}
	if c.Status == "partial" {
		text += ", in part: " + c.Reason
	}
	name := r.Tenant.ID
	if r.Tenant.Name != "" {
		name = fmt.Sprintf("%s (%s)", r.Tenant.Name, r.Tenant.ID)
	}
	return fmt.Sprintf("%s; snapshot of %s, events sha256 %.12s", text, name, c.SHA256)
}
