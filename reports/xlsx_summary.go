package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"leastwise/policies/finding"
)

// summaryWidths are the columns A to H of the summary.
var summaryWidths = []float64{24, 14, 58, 11, 11, 11, 11, 14}

// summary is the first sheet while it is written: boxes below each other.
type summary struct {
	book   *book
	stream *excelize.StreamWriter
	row    int // last written
}

func (b *book) addSummary() error {
	const name = "Summary"
	stream, err := b.newStream(name, 0, map[look]string{good: "FF00A651", warn: "FFFFC000", bad: "FFC00000"}[verdictLook(b.report)])
	if err != nil {
		return err
	}
	if err := b.file.SetConditionalFormat(name, "A1:B2000", b.rules(word, "A1")); err != nil {
		return err
	}
	if err := b.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: new(false)}); err != nil {
		return err
	}
	if err := setWidths(stream, summaryWidths); err != nil {
		return err
	}
	s := &summary{book: b, stream: stream}
	for _, box := range []func() error{s.head, s.notLookedAt, s.bySeverity, s.byRequirement, s.byControl, s.howToRead, s.proof, s.declared, s.identities} {
		if err := box(); err != nil {
			return err
		}
	}
	return stream.Flush()
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

func (s *summary) head() error {
	r := s.book.report
	name := r.Tenant.Name
	if name == "" {
		name = r.Tenant.ID
	}
	if err := s.line(title, "What applications may do in this tenant"); err != nil {
		return err
	}
	if err := s.line(subtitle, name); err != nil {
		return err
	}
	if err := s.line(verdictLook(r), sentence(verdict(r))+"."); err != nil {
		return err
	}
	return s.pairs([][2]any{
		{"Tenant", fmt.Sprintf("%s (%s cloud)", r.Tenant.ID, r.Tenant.Cloud)},
		{"As of (UTC)", r.AsOf},
		{"Facts collected on", collectedDays(r.Snapshot)},
		{"Judged by", r.Tool.Name + " " + r.Tool.Version},
		{"What counts", fmt.Sprintf("findings of severity %s and worse that are not waived", r.FailOn)},
	})
}

func (s *summary) notLookedAt() error {
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

func (s *summary) bySeverity() error {
	r := s.book.report
	if err := s.box("Results by severity"); err != nil {
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
	if r.Totals.Waived == 0 {
		return nil
	}
	return s.line(prose, fmt.Sprintf("Fail and Unknown leave out %s, which the sheet Findings shows.", counted(r.Totals.Waived, "waived finding")))
}

func (s *summary) byControl() error {
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
	return s.line(prose, "These numbers include waived findings. Fail, Unknown and Manual count findings; Pass and Not applicable count subjects.")
}

func (s *summary) howToRead() error {
	if err := s.box("How to read this workbook"); err != nil {
		return err
	}
	return s.pairs([][2]any{
		{"Fail", "The condition that a control forbids was found. Each finding has a row of its own on the sheet Findings, worst first, with its evidence."},
		{"Unknown", "It could not be judged, because facts were missing or could not be read. Unknown is never a pass."},
		{"Manual", "A person has to look. It counts neither as a pass nor as a violation."},
		{"Waived", "Somebody accepted the risk until a given day. The finding stays in the report and does not count."},
		{"Reconciled", "The rows of a dataset were held against a second count, which the collection, its listing or another relation gave: it agrees, or it differs and the dataset is partial. “none” means that there is no such count."},
		{"Not read", "A list that could not be read. “none” means that it was read and is empty."},
		{"Amber tab", "The sheet was made from facts that are not complete; a note below its last row says which. The tab of this sheet has the colour of the result."},
		{"Dates", "All in UTC. What is past or expired is judged as of the instant above, not as of today."},
		{"Print", "Pages hold the leading columns of each sheet; ids, digests and other details stand to the right of them, on the screen."},
		{"Texts", `Characters that cannot be seen, or that would act on a program, are shown as \x1b or \u202e. Texts that begin with = + - or @ are texts, not formulas. ` +
			"Texts over 32,767 characters are shortened and marked; the JSON report has all of them in full."},
	})
}

func (s *summary) proof() error {
	r := s.book.report
	if err := s.box("What this report rests on"); err != nil {
		return err
	}
	imported := "none"
	if r.Permissions != nil {
		imported = "SHA-256 " + r.Permissions.SHA256
	}
	return s.pairs([][2]any{
		{"Collected by", r.Snapshot.Tool.Name + " " + r.Snapshot.Tool.Version},
		{"SHA-256 of the snapshot", r.Snapshot.SHA256},
		{"Version of the report", r.SchemaVersion},
		{"Subjects judged", amounts(r.Totals.Subjects)},
		{"Thresholds in force", amounts(r.Thresholds)},
		{"Choices in force", amounts(r.Choices)},
		{"Imported permissions", imported},
	})
}

// declared says what controls took the operator's word for, and why.
func (s *summary) declared() error {
	d := s.book.report.Declared
	if d == nil {
		return nil
	}
	if err := s.box("Declared by the operator"); err != nil {
		return err
	}
	if err := s.headings("App ID", "What", "Which", "Reason"); err != nil {
		return err
	}
	for _, row := range d.List() {
		if err := s.wide([]any{row.AppID, row.What, row.Detail, row.Reason}, wrapped, wrapped, wrapped, wrapped); err != nil {
			return err
		}
	}
	return nil
}

// amounts writes names with their values, sorted by name.
func amounts[T any](values map[string]T) string {
	if len(values) == 0 {
		return "none"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value, err := json.Marshal(values[name])
		if err != nil {
			value = []byte("?") // not from a JSON report
		}
		parts = append(parts, fmt.Sprintf("%s: %s", name, value))
	}
	return strings.Join(parts, ", ")
}

func (s *summary) identities() error {
	r := s.book.report
	if err := s.box("Who read the facts, and with what permissions"); err != nil {
		return err
	}
	if len(r.Identities) == 0 {
		return s.line(prose, "The snapshot names no identity.")
	}
	if err := s.headings("Account", "Kind", "Permissions in its token, and the least it needs", "Datasets it read"); err != nil {
		return err
	}
	for _, identity := range r.Identities {
		account := identity.ClientID
		if identity.User != "" {
			account = identity.User + "\n" + identity.ClientID
		}
		err := s.wide([]any{account, identity.Kind, permissionsOf(identity), strings.Join(identity.Datasets, ", ")},
			wrapped, wrapped, wrapped, wrapped)
		if err != nil {
			return err
		}
	}
	return nil
}

// permissionsOf are the permissions that an identity held, and below them the least
// that its datasets take. Whether the two fit, the controls of kind auditor judge.
func permissionsOf(identity finding.Identity) string {
	text := strings.Join(slices.Concat(identity.Roles, identity.Scopes), ", ")
	if identity.Opaque {
		text = "not known: its token could not be read"
	}
	var least []string
	for _, need := range identity.Needs {
		if words := strings.Join(need.Least, " or "); words != "" && !slices.Contains(least, words) {
			least = append(least, words)
		}
	}
	if len(least) > 0 {
		text += "\nleast needed: " + strings.Join(least, "; ")
	}
	return text
}
