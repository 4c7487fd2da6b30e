package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// coverWidths are the columns A to D of the cover.
func coverWidths() []float64 { return []float64{28, 14, 76, 40} }

// cover fills the first sheet: what the report is about, what it rests on, and how to read it.
func (s *boxes) cover() error {
	return s.write(s.head, s.sheetList, s.howToRead, s.proof, s.inForce, s.declared, s.identities)
}

func tenantTitle(r *finding.Report) string { return cmp.Or(r.Tenant.Name, r.Tenant.ID) }

func (s *boxes) head() error {
	r := s.book.report
	if err := s.line(title, "What applications may do in this tenant"); err != nil {
		return err
	}
	if err := s.line(subtitle, tenantTitle(r)); err != nil {
		return err
	}
	if err := s.line(verdictLook(r), sentence(verdict(r))+"."); err != nil {
		return err
	}
	scope := "all controls"
	if r.Framework != nil {
		scope = "controls of " + frameworkName(r.Framework) + " only"
	}
	return s.pairs([][2]any{
		{"Tenant", fmt.Sprintf("%s (%s cloud)", r.Tenant.ID, r.Tenant.Cloud)},
		{"As of (UTC)", r.AsOf},
		{"Facts collected on (UTC)", collectedDays(r.Snapshot) + " by " + r.Snapshot.Tool.Name + " " + r.Snapshot.Tool.Version},
		{"Judged by", r.Tool.Name + " " + r.Tool.Version},
		{"Scope", scope + outOfScope(r)},
		{"What counts", fmt.Sprintf("findings of severity %s and worse that are neither waived nor in a baseline", r.FailOn)},
		{"Read in full", readInFull(r)},
		{"Waivers", waiverWords(r)},
		{"Baseline", baselineWords(r)},
		{"Previous report", previousWords(r)},
	})
}

// outOfScope says how many controls were not run.
func outOfScope(r *finding.Report) string {
	n := 0
	for _, c := range r.Controls {
		if notRun(c) != "" {
			n++
		}
	}
	text := fmt.Sprintf(": %s, ", counted(len(r.Controls), "control"))
	if n == 0 {
		return text + "all of them run"
	}
	return text + fmt.Sprintf("%d not run (the sheet Controls says why)", n)
}

func readInFull(r *finding.Report) string {
	if missing := len(gaps(r)); missing > 0 {
		return fmt.Sprintf("%d of %s; the sheet Summary names the others", len(r.Coverage)-missing, counted(len(r.Coverage), "dataset"))
	}
	return coverage(r)
}

func waiverWords(r *finding.Report) string {
	if r.Waivers == nil {
		return "no waiver file was given"
	}
	applied := 0
	for _, w := range r.Waivers {
		if w.Status == "applied" {
			applied++
		}
	}
	return fmt.Sprintf("%s, %d applied; %s", counted(len(r.Waivers), "waiver"), applied, counted(r.Totals.Waived, "finding")+" waived")
}

func baselineWords(r *finding.Report) string {
	b := r.Baseline
	if b == nil {
		return "none was given: every finding counts"
	}
	return fmt.Sprintf("report of %s, SHA-256 %s: %d known, %d new, %d gone", toMinute(b.AsOf), b.SHA256, b.Known, b.New, b.Gone)
}

func previousWords(r *finding.Report) string {
	p := r.Previous
	if p == nil {
		return "none was given: this workbook has no sheet Changes"
	}
	return fmt.Sprintf("%s, SHA-256 %s", toMinute(p.AsOf), p.SHA256)
}

// sheetList leads to the sheets.
func (s *boxes) sheetList() error {
	if err := s.box("The sheets of this workbook"); err != nil {
		return err
	}
	if err := s.wide([]any{"Sheet", "Rows", "What it shows", "How far"}, heading, numberHeading, heading, heading); err != nil {
		return err
	}
	summary := content{sheet: "Summary", about: "Charts, what was not looked at, and results by severity, area, owner and control."}
	contents := append([]content{summary}, s.book.contents...)
	if n := s.book.long.count; n > 0 {
		contents = append(contents, content{sheet: longSheet, about: "Texts that are too long for one cell, all of them in full.", rows: n})
	}
	for i, c := range contents {
		far := ""
		if c.incomplete {
			far = "incomplete: a note below its rows says why"
		}
		if c.continues > 0 {
			far = strings.TrimPrefix(far+"; goes on up to “"+fmt.Sprintf("%s (%d)”", c.sheet, c.continues+1), "; ")
		}
		var rows any = c.rows
		if i == 0 {
			rows = nil
		}
		if err := s.wide([]any{toSheet(c.sheet), rows, c.about, far}, linked, number, wrapped, wrapped); err != nil {
			return err
		}
	}
	return nil
}

func (s *boxes) howToRead() error {
	if err := s.box("How to read this workbook"); err != nil {
		return err
	}
	return s.pairs([][2]any{
		{"Fail", "The condition that a control forbids was found. Each finding has a row of its own on the sheet Findings, worst first, with its evidence."},
		{"Unknown", "It could not be judged, because facts were missing or could not be read. Unknown is never a pass."},
		{"Manual", "A person has to look. It counts neither as a pass nor as a violation."},
		{"Waived, known", "Somebody accepted the risk until a given day; or the baseline holds the same finding. Such a finding stays in the report and does not count."},
		{"Reconciled", "The rows of a dataset were held against a second count, which the collection, its listing or another relation gave: it agrees, or it differs and the dataset is partial. “none” means that there is no such count."},
		{"Not read", "A list that could not be read. “none” means that it was read and is empty."},
		{"Amber tab", "The sheet was made from facts that are not complete; a note below its last row says which. The tabs of this sheet and of the summary have the colour of the result."},
		{"Dates", "All in UTC. What is past or expired is judged as of the instant above, not as of today."},
		{"Links", "“Open” leads to the page of the portal on which a subject can be looked at and changed; its address is made of constants and ids only."},
		{"Print", "Pages hold the leading columns of each sheet; ids, digests and other details stand to the right of them, on the screen."},
		{"Texts", `Characters that cannot be seen, or that would act on a program, are shown as \x1b or \u202e. Texts that begin with = + - or @ are texts, not formulas. ` +
			"Nothing is cut: a text over 32,767 characters, the most that a cell holds, is marked and stands in full on the sheet " + longSheet + "; a sheet that is full goes on on the next."},
	})
}

func (s *boxes) proof() error {
	r := s.book.report
	if err := s.box("What this report rests on"); err != nil {
		return err
	}
	imported := "none"
	if r.Permissions != nil {
		imported = fmt.Sprintf("SHA-256 %s, of the table as published %s, %s", r.Permissions.SHA256, r.Permissions.SourceSHA256, counted(r.Permissions.Operations, "operation"))
	}
	return s.pairs([][2]any{
		{"SHA-256 of the snapshot", r.Snapshot.SHA256},
		{"Version of the report", r.SchemaVersion},
		{"Subjects judged", amounts(r.Totals.Subjects)},
		{"Imported permissions", imported},
	})
}

// inForce lists the thresholds and choices that the controls went by.
func (s *boxes) inForce() error {
	r := s.book.report
	if err := s.box("Thresholds and choices in force"); err != nil {
		return err
	}
	if len(r.Thresholds)+len(r.Choices) == 0 {
		return s.line(prose, "This report names none.")
	}
	if err := s.headings("Name", "Kind", "Value"); err != nil {
		return err
	}
	for _, part := range []struct {
		kind   string
		values map[string]any
	}{{"threshold", r.Thresholds}, {"choice", r.Choices}} {
		for _, name := range slices.Sorted(maps.Keys(part.values)) {
			if err := s.wide([]any{name, part.kind, amountOf(part.values[name])}, wrapped, plain, wrapped); err != nil {
				return err
			}
		}
	}
	return nil
}

// declared says what controls took the operator's word for, and why.
func (s *boxes) declared() error {
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
		parts = append(parts, name+": "+amountOf(values[name]))
	}
	return strings.Join(parts, ", ")
}

func amountOf(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return "?" // not from a JSON report
	}
	return fact(encoded)
}

func (s *boxes) identities() error {
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
