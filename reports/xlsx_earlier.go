package reports

import (
	"cmp"
	"iter"
	"strings"

	"leastwise/policies/finding"
)

func waiverSheet(r *finding.Report) sheet[finding.WaiverStatus] {
	none := "The waiver file holds no waivers."
	if r.Waivers == nil {
		none = "No waiver file was given."
	}
	return sheet[finding.WaiverStatus]{
		name: "Waivers", about: "Accepted risks: what they cover, and those that cover nothing, with the reason.",
		pinned: 2, printed: 11, none: none, rows: each(r.Waivers),
		columns: []column[finding.WaiverStatus]{
			{"Status", 14, word, func(w finding.WaiverStatus) any { return words(w.Status) }},
			{"Waiver", 14, wrapped, func(w finding.WaiverStatus) any { return w.ID }},
			{"Control", 12, plain, func(w finding.WaiverStatus) any { return w.Control }},
			{"Subject", 40, wrapped, func(w finding.WaiverStatus) any { return w.Subject }},
			{"Findings covered", 10, amount, func(w finding.WaiverStatus) any { return w.Findings }},
			{"Days left", 9, left, func(w finding.WaiverStatus) any { return w.DaysLeft }},
			{"Expires (UTC)", 17, expiry, func(w finding.WaiverStatus) any { return w.Expires }},
			{"Reason", 46, wrapped, func(w finding.WaiverStatus) any { return w.Reason }},
			{"Requested by", 28, wrapped, func(w finding.WaiverStatus) any { return w.Requester }},
			{"Approved by", 28, wrapped, func(w finding.WaiverStatus) any { return w.Approver }},
			{"Why it covers nothing", 40, wrapped, func(w finding.WaiverStatus) any { return w.Detail }},
			{"Approved (UTC)", 17, instant, func(w finding.WaiverStatus) any { return w.Approved }},
			{"Fingerprint", 36, plain, func(w finding.WaiverStatus) any { return w.Fingerprint }},
			{"Line of the file", 9, number, func(w finding.WaiverStatus) any { return w.Line }},
		},
		notes: []string{"Only a waiver whose status is “applied” covers findings; they stay on the sheet Findings as waived."},
	}
}

// change is one row of the sheet of changes: a difference, or an area that could not be compared.
type change struct {
	finding.Difference
	before, now string
}

func changeSheet(b *book, d *finding.Document) sheet[change] {
	return sheet[change]{
		name: "Changes", about: "What differs from the previous report, and what could not be compared.", pinned: 3, printed: 9,
		none: "Nothing changed.", rows: changes(d), absent: !d.Has(finding.Differences),
		columns: []column[change]{
			{"Area", 22, plain, func(c change) any { return sentenceOr(words(c.Area)) }},
			{"Change", 14, word, func(c change) any { return c.Action }},
			{"Subject", 30, wrapped, func(c change) any { return cmp.Or(c.Subject.Name, c.Subject.ID) }},
			{"What", 46, wrapped, func(c change) any { return c.Item }},
			{"Tier", 10, word, func(c change) any { return c.Tier }},
			{"Before", 36, wrapped, func(c change) any { return c.before }},
			{"Now", 36, wrapped, func(c change) any { return c.now }},
			{"By", 30, wrapped, func(c change) any { return c.By }},
			{"When (UTC)", 17, instant, func(c change) any { return c.At }},
			{"Portal", 8, linked, func(c change) any { return portal(b.links.subject(c.Subject)) }},
			{"Subject kind", 17, plain, func(c change) any { return c.Subject.Kind }},
			{"Subject ID", 38, plain, func(c change) any { return c.Subject.ID }},
		},
		notes: []string{
			"Compared with the report of " + toMinute(d.Previous.AsOf) + " (SHA-256 " + d.Previous.SHA256 + ").",
			"Not compared: a dataset that was not read in full on both sides. What it would tell is neither said to be added nor removed.",
		},
	}
}

// changes yields what could not be compared, and then what differs.
func changes(d *finding.Document) iter.Seq2[change, error] {
	return func(yield func(change, error) bool) {
		for _, n := range d.Previous.NotCompared {
			row := change{before: cmp.Or(n.Old, "absent"), now: cmp.Or(n.New, "absent") + prefixed(": ", n.Reason)}
			row.Area, row.Action, row.Item = words(strings.Join(n.Areas, ", ")), "not compared", n.Dataset
			if !yield(row, nil) {
				return
			}
		}
		for row, err := range d.Differences() {
			if !yield(change{row, sideOf(row, true), sideOf(row, false)}, err) {
				return
			}
		}
	}
}

// sideOf lists the fields of a difference as they were, or as they are; a line each.
func sideOf(c finding.Difference, old bool) string {
	var lines []string
	for _, f := range c.Fields {
		value := f.New
		if old {
			value = f.Old
		}
		if value == "" && c.Action == "changed" {
			value = "nothing"
		}
		if value != "" {
			lines = append(lines, words(f.Name)+": "+value)
		}
	}
	return strings.Join(lines, "\n")
}

// fileChange is one permission that merging files of a repository changes.
type fileChange struct {
	finding.Change
	effect     string
	permission finding.ChangedPermission
}

func mergeSheet(b *book, r *finding.Report) sheet[fileChange] {
	return sheet[fileChange]{
		name: "Changes by the files", about: "What merging the files of the repository changes of applications.", pinned: 2, printed: 9,
		none: "The files change no permission.", rows: flatten(each(r.Changes), mergedRows),
		columns: []column[fileChange]{
			{"Application", 30, wrapped, func(m fileChange) any { return cmp.Or(m.Subject.Name, m.Subject.ID) }},
			{"Effect", 22, plain, func(m fileChange) any { return m.effect }},
			{"Permission", 40, wrapped, func(m fileChange) any { return m.permission.Permission }},
			{"Kind", 12, plain, func(m fileChange) any { return m.permission.Kind }},
			{"Tier", 10, word, func(m fileChange) any { return m.permission.Tier }},
			{"Resource", 26, wrapped, func(m fileChange) any { return m.permission.ResourceName }},
			{"File", 40, wrapped, func(m fileChange) any { return m.Location.File }},
			{"Line", 8, number, func(m fileChange) any { return cmp.Or(m.permission.Line, m.Location.Line) }},
			{"Application is", 14, plain, func(m fileChange) any { return m.Action }},
			{"Portal", 8, linked, func(m fileChange) any { return portal(b.links.subject(m.Subject)) }},
			{"Matched by", 14, plain, func(m fileChange) any { return words(m.MatchedBy) }},
			{"Subject ID", 38, plain, func(m fileChange) any { return m.Subject.ID }},
		},
	}
}

func mergedRows(c finding.Change) []fileChange {
	var rows []fileChange
	add := func(effect string, permissions []finding.ChangedPermission) {
		for _, p := range permissions {
			rows = append(rows, fileChange{c, effect, p})
		}
	}
	add("newly requested", c.Requested)
	add("newly granted", c.Granted)
	add("dropped", c.Dropped)
	if rows == nil {
		rows = []fileChange{{Change: c, effect: "no permission changes"}}
	}
	return rows
}
