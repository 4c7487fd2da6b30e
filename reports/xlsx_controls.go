package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

func coverageSheet(r *finding.Report) sheet[finding.Coverage] {
	second := func(c finding.Coverage) finding.Reconciled {
		if c.Reconciled == nil {
			return finding.Reconciled{}
		}
		return *c.Reconciled
	}
	countOf := func(c finding.Coverage, n int) any {
		if c.Reconciled == nil {
			return nil
		}
		return n
	}
	return sheet[finding.Coverage]{
		name: "Coverage", about: "Every dataset: how far it was read, by whom, and what its rows were held against.",
		pinned: 1, printed: 9, none: "This report names no datasets.", rows: each(r.Coverage),
		columns: []column[finding.Coverage]{
			{"Dataset", 32, plain, func(c finding.Coverage) any { return c.Dataset }},
			{"Status", 12, word, func(c finding.Coverage) any { return c.Status }},
			{"Rows", 10, amount, func(c finding.Coverage) any { return c.Rows }},
			{"Reason", 50, wrapped, func(c finding.Coverage) any { return c.Reason }},
			{"Read by", 36, wrapped, func(c finding.Coverage) any { return readBy(r, c) }},
			{"Reconciled", 12, word, func(c finding.Coverage) any { return reconciled(c) }},
			{"Rows expected", 10, number, func(c finding.Coverage) any { return countOf(c, second(c).Want) }},
			{"Rows found", 10, number, func(c finding.Coverage) any { return countOf(c, second(c).Got) }},
			{"Second count by", 34, wrapped, func(c finding.Coverage) any { return second(c).Against }},
			{"Needed by controls", 36, wrapped, func(c finding.Coverage) any { return strings.Join(c.Controls, ", ") }},
			{"Events known from (UTC)", 17, instant, func(c finding.Coverage) any { return c.From }},
			{"Events known to (UTC)", 17, instant, func(c finding.Coverage) any { return c.To }},
			{"Events missing", 36, wrapped, func(c finding.Coverage) any { return strings.Join(holes(c), "\n") }},
			{"SHA-256", 66, plain, func(c finding.Coverage) any { return c.SHA256 }},
		},
	}
}

// readBy are the identities that read a dataset, each with its kind, a line each.
func readBy(r *finding.Report, c finding.Coverage) string {
	var names []string
	for _, identity := range r.Identities {
		if slices.Contains(identity.Datasets, c.Dataset) {
			names = append(names, identityName(identity))
		}
	}
	if len(names) == 0 && (c.Status == "collected" || c.Status == "partial") {
		return "not told"
	}
	return strings.Join(names, "\n")
}

// identityName is an account as people know it, and how it signed in.
func identityName(i finding.Identity) string {
	name := cmp.Or(i.User, i.ClientID)
	if name == "" {
		return i.Kind
	}
	return name + " (" + i.Kind + ")"
}

func controlSheet(r *finding.Report) sheet[finding.Control] {
	columns := []column[finding.Control]{
		{"Control", 13, plain, func(c finding.Control) any { return c.ID }},
		{"Severity", 10, word, func(c finding.Control) any { return string(c.Severity) }},
		{"Title", 40, wrapped, func(c finding.Control) any { return c.Title }},
		{"Fail", 9, amount, func(c finding.Control) any { return c.Counts.Fail }},
		{"Unknown", 9, amount, func(c finding.Control) any { return c.Counts.Unknown }},
		{"Manual", 9, number, func(c finding.Control) any { return c.Counts.Manual }},
		{"Pass", 9, number, func(c finding.Control) any { return c.Counts.Pass }},
		{"Not applicable", 10, number, func(c finding.Control) any { return c.Counts.NotApplicable }},
		{"Not run because", 30, wrapped, func(c finding.Control) any { return notRun(c) }},
		{"Description", 50, wrapped, func(c finding.Control) any { return c.Description }},
		{"What to do", 50, wrapped, func(c finding.Control) any { return c.Remediation }},
		{"Subject kind", 17, plain, func(c finding.Control) any { return c.Subject }},
		{"Datasets needed", 36, wrapped, func(c finding.Control) any { return strings.Join(c.Requires, ", ") }},
	}
	columns = append(columns, frameworkColumns(r)...)
	columns = append(columns, column[finding.Control]{"References", 60, wrapped, func(c finding.Control) any { return strings.Join(c.References, "\n") }})
	return sheet[finding.Control]{
		name: "Controls", about: "Every control: results, what to do, and requirements of security frameworks.",
		pinned: 1, printed: 11, none: "This report names no controls.", rows: each(r.Controls), columns: columns,
	}
}

// maxFrameworks is how many frameworks have a column of their own.
const maxFrameworks = 40

// frameworkColumns are a column for each framework that a control is mapped to, and one for those beyond
// maxFrameworks.
func frameworkColumns(r *finding.Report) []column[finding.Control] {
	var names []string
	for _, c := range r.Controls {
		for _, m := range c.Frameworks {
			if !slices.Contains(names, m.Framework) {
				names = append(names, m.Framework)
			}
		}
	}
	slices.Sort(names)
	own := names[:min(len(names), maxFrameworks)]
	headings := map[string]bool{}
	var columns []column[finding.Control]
	for _, name := range own {
		columns = append(columns, column[finding.Control]{frameworkHeading(name, headings), 26, wrapped, func(c finding.Control) any {
			return requirementsIn(c, name)
		}})
	}
	if len(own) < len(names) {
		columns = append(columns, column[finding.Control]{"Further frameworks", 44, wrapped, func(c finding.Control) any {
			return mapped(finding.Control{Frameworks: slices.DeleteFunc(slices.Clone(c.Frameworks), func(m finding.Requirement) bool {
				return slices.Contains(own, m.Framework)
			})})
		}})
	}
	return columns
}

// frameworkHeading makes a heading of a table of a name: short, of one line, unique whatever its case, and without
// what might be taken for the escape of a character, such as _x0041_.
func frameworkHeading(name string, taken map[string]bool) string {
	base := "Framework " + cmp.Or(clip(strings.ReplaceAll(oneLine(name), "_x", "-x"), 60), "without a name")
	heading := base
	for n := 2; taken[strings.ToLower(heading)]; n++ {
		heading = fmt.Sprintf("%s (%d)", base, n)
	}
	taken[strings.ToLower(heading)] = true
	return heading
}

func requirementsIn(c finding.Control, framework string) string {
	var ids []string
	for _, m := range c.Frameworks {
		if m.Framework == framework {
			ids = append(ids, m.Requirement)
		}
	}
	return strings.Join(ids, ", ")
}
