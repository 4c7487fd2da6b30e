// Package reports draws findings: every format is one function from a
// finding.Document to bytes, so that each of them can be made again from the JSON
// report, years later and without policies or a snapshot.
//
// Names, messages and reasons come from the tenant and are hostile until proven
// otherwise: writers keep them from becoming formulas, escape sequences or markup.
// The same document gives the same bytes.
package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// Format is one way to draw a report.
type Format struct {
	Name      string // as written in a target
	Extension string // of a file, with its dot
	Title     string // what it is good for, in a few words
	Write     func(w io.Writer, d *finding.Document) error
}

// Formats lists the formats in the order in which help shows them.
func Formats() []Format {
	return []Format{
		{Name: "table", Extension: ".txt", Title: "text for a terminal: what was not read, totals, the worst findings", Write: writeTable},
		{Name: "json", Extension: ".json", Title: "everything; any other format can be made from it", Write: writeJSON},
		{Name: "lines", Extension: ".txt", Title: "file:line: severity: message, for editors and build servers", Write: writeLines},
		{Name: "xlsx", Extension: ".xlsx", Title: "Excel workbook for auditors", Write: writeXLSX},
		{Name: "html", Extension: ".html", Title: "one page for a browser: search, filters, charts; asks nothing of anybody", Write: writeHTML},
		{Name: "sarif", Extension: ".sarif", Title: "SARIF 2.1.0, for GitHub code scanning and other viewers of findings", Write: writeSARIF},
		{Name: "junit", Extension: ".xml", Title: "JUnit XML, for the test pages of build servers", Write: writeJUnit},
		{Name: "csv", Extension: ".csv", Title: "every finding as a row, for spreadsheets and scripts", Write: writeCSV},
		{Name: "md", Extension: ".md", Title: "Markdown of at most 64 KiB, for the comment of a pull request or the summary of a step", Write: writeMarkdown},
		{Name: "oscal", Extension: ".oscal.json", Title: "OSCAL 1.1.3 assessment results, for tools of compliance", Write: writeOSCAL},
	}
}

// Target is a format and where to put it.
type Target struct {
	Format Format
	Path   string // "" is standard output
}

// ParseTarget reads FORMAT or FORMAT=PATH. A path of "-" is standard output, as is
// none.
func ParseTarget(text string) (Target, error) { return ParseTargetOf(Formats(), text) }

// ParseTargetOf is ParseTarget for other formats.
func ParseTargetOf(formats []Format, text string) (Target, error) {
	name, path, given := strings.Cut(text, "=")
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Target{}, fmt.Errorf("unknown report format %q; hint: %s", name, targetHint(formats, text, given))
	}
	if given && path == "" {
		return Target{}, fmt.Errorf("report target %q names no file; hint: write %s=FILE%s, or %s alone for standard output",
			text, name, formats[i].Extension, name)
	}
	if path == "-" {
		path = ""
	}
	return Target{Format: formats[i], Path: path}, nil
}

// targetHint guesses that a text without "=" may be a file whose format was left out.
func targetHint(formats []Format, text string, given bool) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name
		if !given && strings.HasSuffix(strings.ToLower(text), f.Extension) {
			return fmt.Sprintf("write %s=%s", f.Name, text)
		}
	}
	return "use FORMAT or FORMAT=FILE with one of " + strings.Join(names, ", ")
}
