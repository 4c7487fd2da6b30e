package reports

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// ComparisonVersion is the schema version of the JSON form of a comparison. It follows semantic versioning:
// additions raise the minor number.
const ComparisonVersion = "1.0"

// Comparison is what two reports of one tenant differ in.
type Comparison struct {
	ComparisonHeader
	// Differences yields the rows, by area, worst first. It can be called again.
	Differences func() iter.Seq2[finding.Difference, error] `json:"-"`
}

// ComparisonHeader is a comparison without its rows.
type ComparisonHeader struct {
	SchemaVersion string         `json:"schema_version"`
	Tool          finding.Tool   `json:"tool"`
	Tenant        finding.Tenant `json:"tenant"`
	Old           ComparedSide   `json:"old"`
	New           ComparedSide   `json:"new"`
	// NotCompared is what hides differences: nothing is said there of what was added or removed.
	NotCompared []finding.NotCompared `json:"not_compared"`
	Notes       []string              `json:"notes"`  // sentences without final period
	Totals      []AreaTotal           `json:"totals"` // of the areas in which anything differs
}

// ComparedSide is one of the two reports of a comparison.
type ComparedSide struct {
	Source string `json:"source"` // report or snapshot
	AsOf   string `json:"as_of"`  // RFC 3339
	SHA256 string `json:"sha256"` // in hex; of a report, of its file; of a snapshot, over name, status and digest of every dataset
}

// AreaTotal counts the differences of one area.
type AreaTotal struct {
	Area    string `json:"area"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
	Changed int    `json:"changed"`
}

// Sum is the number of differences.
func (t AreaTotal) Sum() int { return t.Added + t.Removed + t.Changed }

// ComparisonFormats lists the formats of a comparison, which need not be complete before they write. They draw the
// comparison and not the document that they are given.
func ComparisonFormats(c *Comparison) []Format {
	format := func(name, extension, title string, write func(io.Writer, *Comparison) error) Format {
		return Format{Name: name, Extension: extension, Title: title, Write: func(w io.Writer, _ *finding.Document) error { return write(w, c) }}
	}
	return []Format{
		format("text", ".txt", "a line for each difference, by area, worst first", writeComparisonText),
		format("json", ".json", "everything, for programs", writeComparisonJSON),
		format("md", ".md", "for a comment on a pull request: Markdown of at most 64 KiB", writeComparisonMarkdown),
	}
}

func writeComparisonJSON(w io.Writer, c *Comparison) error {
	header, err := json.MarshalIndent(c.ComparisonHeader, "", "  ")
	if err != nil {
		return fmt.Errorf("write differences: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	out.Write(header[:len(header)-2]) // without the closing "\n}"
	out.WriteString(",\n  \"differences\": [")
	separator := "\n    "
	for d, err := range c.Differences() {
		if err != nil {
			return err
		}
		line, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("write differences: %w", err)
		}
		out.WriteString(separator)
		out.Write(line)
		separator = ",\n    "
	}
	if separator[0] == ',' {
		out.WriteString("\n  ")
	}
	out.WriteString("]\n}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write differences: %w", err)
	}
	return nil
}

// piece is a part of a line. Foreign ones come from the tenant, and each form of a comparison makes them harmless
// in its own way.
type piece struct {
	text    string
	foreign bool
}

func (c *Comparison) tenant() string {
	return fmt.Sprintf("%s (%s, %s)", cmp.Or(c.Tenant.Name, c.Tenant.ID), c.Tenant.ID, c.Tenant.Cloud)
}

// differenceWords tells one difference in words: permission Mail.Read (high, Microsoft Graph, application, admin) of Ledger.
func differenceWords(d *finding.Difference) []piece {
	words := head(d)
	separator := ": "
	for _, f := range d.Fields {
		if inHead(d, f) {
			continue
		}
		words = append(words, piece{text: separator})
		if f.Name != "message" {
			words = append(words, piece{f.Name, true}, piece{text: " "})
		}
		words = append(words, fieldWords(d, f)...)
		separator = ", "
	}
	if d.By != "" {
		words = append(words, piece{text: " by "}, piece{d.By, true})
	}
	if d.At != "" {
		words = append(words, piece{text: " at "}, piece{d.At, true})
	}
	return words
}

func fieldWords(d *finding.Difference, f finding.DifferentField) []piece {
	if d.Action != "changed" || f.Name == "because" {
		return []piece{{cmp.Or(f.New, f.Old), true}}
	}
	side := func(text string) piece {
		if text == "" {
			return piece{text: "none"}
		}
		return piece{text, true}
	}
	return []piece{side(f.Old), {text: " → "}, side(f.New)}
}

// head says what a difference is about.
func head(d *finding.Difference) []piece {
	subject := []piece{{cmp.Or(d.Subject.Name, d.Subject.ID), true}}
	if d.Subject.Name != "" {
		subject = append(subject, piece{text: " ("}, piece{d.Subject.ID, true}, piece{text: ")"})
	}
	with := func(words ...piece) []piece { return append(words, subject...) }
	item := piece{d.Item, true}
	switch d.Area {
	case "applications":
		return with(piece{text: "application "})
	case "permissions":
		return append(permissionWords(d), with(piece{text: " of "})...)
	case "credentials":
		return with(piece{cmp.Or(fieldOf(d, "type"), "credential"), true}, piece{text: " "}, item, piece{text: " of "})
	case "owners":
		return with(piece{text: "owner "}, item, piece{text: " of "})
	case "container_types":
		return with(piece{text: "container type "})
	case "container_type_permissions":
		if name := fieldOf(d, "application"); name != "" {
			item.text = name + " (" + d.Item + ")"
		}
		return with(piece{text: "grant to "}, item, piece{text: " on container type "})
	case "approvals":
		return with(piece{text: "approval of "})
	case "findings":
		control, _, _ := strings.Cut(d.Item, " ")
		words := []piece{{text: "finding "}, {control, true}}
		if judgement := nonEmpty(fieldOf(d, "severity"), fieldOf(d, "outcome")); d.Action != "changed" && len(judgement) > 0 {
			words = append(words, piece{text: " ("}, piece{strings.Join(judgement, ", "), true}, piece{text: ")"})
		}
		return append(words, with(piece{text: " on "})...)
	}
	return with(piece{d.Area, true}, piece{text: " "}, item, piece{text: " of "})
}

// permissionWords takes the key of a permission apart: resource, kind, value, and of a grant whose consent it is.
func permissionWords(d *finding.Difference) []piece {
	resource, rest, _ := strings.Cut(d.Item, "/")
	kind, value, _ := strings.Cut(rest, "/")
	consent, noun := "", "request of permission "
	if isGrant(d) {
		i := strings.LastIndex(value, "/")
		value, consent, noun = value[:max(0, i)], value[i+1:], "permission "
	}
	words := []piece{{text: noun}, {value, true}, {text: " ("}}
	for i, about := range nonEmpty(d.Tier, cmp.Or(fieldOf(d, "resource"), resource), kind, consent) {
		if i > 0 {
			words = append(words, piece{text: ", "})
		}
		words = append(words, piece{about, true})
	}
	return append(words, piece{text: ")"})
}

// isGrant tells grants from requests: they end with whose consent they are.
func isGrant(d *finding.Difference) bool {
	return slices.ContainsFunc([]string{"/admin", "/user", "/unknown"}, func(consent string) bool { return strings.HasSuffix(d.Item, consent) })
}

// inHead reports whether a field is told with what the difference is about.
func inHead(d *finding.Difference, f finding.DifferentField) bool {
	switch d.Area {
	case "permissions":
		return f.Name == "resource" || f.Name == "granted" && isGrant(d) || f.Name == "requested" && !isGrant(d)
	case "credentials":
		return f.Name == "type"
	case "findings":
		return d.Action != "changed" && (f.Name == "severity" || f.Name == "outcome")
	case "container_type_permissions":
		return f.Name == "application"
	}
	return false
}

func fieldOf(d *finding.Difference, name string) string {
	for _, f := range d.Fields {
		if f.Name == name {
			return cmp.Or(f.New, f.Old)
		}
	}
	return ""
}

// sign marks what happened.
func sign(d *finding.Difference) string {
	switch d.Action {
	case "added":
		return "+"
	case "removed":
		return "-"
	}
	return "~"
}

// comparisonVerdict says what it comes to.
func comparisonVerdict(c *Comparison) string {
	sum := 0
	for _, t := range c.Totals {
		sum += t.Sum()
	}
	switch {
	case sum > 0 && len(c.NotCompared) > 0:
		return counted(sum, "difference") + ", and some things could not be compared"
	case sum > 0:
		return counted(sum, "difference")
	case len(c.NotCompared) > 0:
		return "nothing is known to differ, and some things could not be compared"
	}
	areas := finding.Areas()
	for i := range areas {
		areas[i] = areaTitle(areas[i])
	}
	last := len(areas) - 1
	return "nothing differs of " + strings.Join(areas[:last], ", ") + " and " + areas[last]
}

// areaTitle is the name of an area in words.
func areaTitle(area string) string { return strings.ReplaceAll(area, "_", " ") }

func totalText(t AreaTotal) string {
	return fmt.Sprintf("%d added, %d removed, %d changed", t.Added, t.Removed, t.Changed)
}
