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
	}
}

// Target is a format and where to put it.
type Target struct {
	Format Format
	Path   string // "" is standard output
}

// ParseTarget reads FORMAT or FORMAT=PATH. A path of "-" is standard output, as is
// none.
func ParseTarget(text string) (Target, error) {
	name, path, given := strings.Cut(text, "=")
	formats := Formats()
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
