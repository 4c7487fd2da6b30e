package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"leastwise/policies/finding"
)

// byteOrderMark tells Excel that a file is UTF-8; without it, Excel takes it for the code page of the machine.
const byteOrderMark = "\ufeff"

// csvColumn is one column of the list of findings.
type csvColumn struct {
	name string // as the JSON report calls it, where it has it
	text func(*finding.Finding) string
	json bool // the text is JSON
}

// writeCSV writes every finding as a row, in the order of the report: what counts and what does not, each marked as what
// it is. The file is that of RFC 4180 in UTF-8 with a byte order mark, every field in quotes. Texts come out without
// anything that a spreadsheet would calculate or that acts on a reader; instants are RFC 3339.
func writeCSV(w io.Writer, d *finding.Document) error {
	columns, err := csvColumns(d)
	if err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString(byteOrderMark)
	for i, c := range columns {
		csvField(out, i, c.name)
	}
	out.WriteString("\r\n")
	for f, err := range d.Findings() {
		if err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
		for i, c := range columns {
			if text := c.text(&f); c.json {
				csvField(out, i, text)
			} else {
				csvField(out, i, noFormula(visible(text)))
			}
		}
		out.WriteString("\r\n")
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// csvField writes one field. Quotes around all of them leave no doubt about spaces, line feeds and separators.
func csvField(out *bufio.Writer, column int, text string) {
	if column > 0 {
		out.WriteByte(',')
	}
	out.WriteByte('"')
	out.WriteString(strings.ReplaceAll(text, `"`, `""`))
	out.WriteByte('"')
}

func csvColumns(d *finding.Document) ([]csvColumn, error) {
	links, err := newPortalLinks(d)
	if err != nil {
		return nil, err
	}
	r := &d.Report
	controls := map[string]finding.Control{}
	for _, c := range r.Controls {
		controls[c.ID] = c
	}
	columns := []csvColumn{
		{name: "severity", text: func(f *finding.Finding) string { return string(f.Severity) }},
		{name: "control", text: func(f *finding.Finding) string { return f.Control }},
		{name: "outcome", text: func(f *finding.Finding) string { return string(f.Outcome) }},
		{name: "counts", text: func(f *finding.Finding) string { return counting(r, f) }},
		{name: "subject_kind", text: func(f *finding.Finding) string { return f.Subject.Kind }},
		{name: "subject_id", text: func(f *finding.Finding) string { return f.Subject.ID }},
		{name: "subject_name", text: func(f *finding.Finding) string { return f.Subject.Name }},
		{name: "owners", text: func(f *finding.Finding) string { return strings.Join(ownersOrNone(f), "; ") }},
		{name: "message", text: func(f *finding.Finding) string { return f.Message }},
		{name: "evidence", json: true, text: func(f *finding.Finding) string { return csvJSON(f.Evidence) }},
		{name: "remediation", text: func(f *finding.Finding) string { return controls[f.Control].Remediation }},
		{name: "first_reported", text: func(f *finding.Finding) string { return firstReported(r, f) }},
	}
	columns = append(columns, csvWaiverColumns()...)
	return append(columns, []csvColumn{
		{name: "known", text: func(f *finding.Finding) string { return strconv.FormatBool(f.Known) }},
		{name: "control_title", text: func(f *finding.Finding) string { return controls[f.Control].Title }},
		{name: "requirements", text: func(f *finding.Finding) string { return mapped(controls[f.Control]) }},
		{name: "portal", text: func(f *finding.Finding) string { return links.subject(f.Subject) }},
		{name: "file", text: func(f *finding.Finding) string { return placed(f).File }},
		{name: "line", text: func(f *finding.Finding) string { return csvLine(placed(f).Line) }},
		{name: "key", json: true, text: func(f *finding.Finding) string { return csvJSON(f.Key) }},
		{name: "fingerprint", text: func(f *finding.Finding) string { return f.Fingerprint }},
	}...), nil
}

func csvWaiverColumns() []csvColumn {
	return []csvColumn{
		{name: "waiver", text: func(f *finding.Finding) string { return waiverOf(*f).ID }},
		{name: "waived_until", text: func(f *finding.Finding) string { return waiverOf(*f).Expires }},
		{name: "waiver_reason", text: func(f *finding.Finding) string { return waiverOf(*f).Reason }},
		{name: "waiver_requester", text: func(f *finding.Finding) string { return waiverOf(*f).Requester }},
		{name: "waiver_approver", text: func(f *finding.Finding) string { return waiverOf(*f).Approver }},
	}
}

// placed is where a finding stands in a repository; nothing for one that stands in none.
func placed(f *finding.Finding) finding.Location {
	if f.Location == nil {
		return finding.Location{}
	}
	return *f.Location
}

func csvLine(line int) string {
	if line == 0 {
		return ""
	}
	return strconv.Itoa(line)
}

// noFormula keeps a spreadsheet from calculating a text: an apostrophe stands before what could begin a formula, at the
// beginning and after everything that a reader with other settings might take for the end of a field.
func noFormula(text string) string {
	if !strings.ContainsAny(text, "=+-@＝＋－＠") {
		return text
	}
	var b strings.Builder
	begins := true
	for _, r := range text {
		if begins && strings.ContainsRune("=+-@＝＋－＠", r) {
			b.WriteByte('\'')
		}
		// Spaces before a formula are skipped by some readers.
		if r != ' ' && r != '\u00a0' && r != '\u3000' {
			begins = strings.ContainsRune(",;|\"'\n", r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// csvJSON is JSON of the report in which no text could begin a formula: such a character is written as its escape, so that
// a reader of the JSON gets what was there.
func csvJSON(value json.RawMessage) string {
	inert := inertJSON(value, len(value))
	if inert == nil {
		return "{}"
	}
	return escapeFormulas(encodeInert(inert))
}

// encodeInert writes what inertJSON gave as JSON on one line.
func encodeInert(inert any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(inert); err != nil {
		return "{}" // what was decoded encodes
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// escapeFormulas escapes what could begin a formula within the strings of a JSON text. Numbers are none.
func escapeFormulas(text string) string {
	if !strings.ContainsAny(text, "=+-@＝＋－＠") {
		return text
	}
	var b strings.Builder
	quoted, escaped, begins := false, false, true
	for _, r := range text {
		switch {
		case begins && (quoted && strings.ContainsRune("=+-@", r) || strings.ContainsRune("＝＋－＠", r)):
			fmt.Fprintf(&b, `\u%04x`, r)
			begins = false
			continue
		case r == '"' && !escaped:
			quoted = !quoted
		}
		if r != ' ' && r != '\u00a0' && r != '\u3000' {
			begins = strings.ContainsRune(",;|\"'", r) || escaped && r == 'n'
		}
		escaped = r == '\\' && !escaped
		b.WriteRune(r)
	}
	return b.String()
}
