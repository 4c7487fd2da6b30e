package reports

import (
	"cmp"
	"strings"

	"leastwise/policies/finding"
)

// The tables of waivers and of what changed.

func waiverTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	t := htmlTable{
		ID: "waivers", Title: "Waivers", None: "The waiver file holds no waivers.",
		Intro: "Risks that were accepted. Only a waiver that is applied covers findings; they are shown as waived, and do not count.",
	}
	if d.Waivers == nil {
		t.None = "No waiver file was given."
	}
	return rowTable(t, each(d.Waivers), links, []htmlColumn[finding.WaiverStatus]{
		{"Waiver", textColumn, func(w finding.WaiverStatus) any { return w.ID }, false},
		{"Status", wordColumn, func(w finding.WaiverStatus) any { return words(w.Status) }, false},
		{"Control", wordColumn, func(w finding.WaiverStatus) any { return w.Control }, false},
		{"Subject", textColumn, func(w finding.WaiverStatus) any { return w.Subject }, false},
		{"Reason", textColumn, func(w finding.WaiverStatus) any { return w.Reason }, false},
		{"Requested by", wordColumn, func(w finding.WaiverStatus) any { return w.Requester }, false},
		{"Approved by", wordColumn, func(w finding.WaiverStatus) any { return w.Approver }, false},
		{"Expires", instantColumn, func(w finding.WaiverStatus) any { return w.Expires }, false},
		{"Days left", numberColumn, func(w finding.WaiverStatus) any { return w.DaysLeft }, false},
		{"Findings covered", numberColumn, func(w finding.WaiverStatus) any { return w.Findings }, false},
		{"Why it is not applied", wordColumn, func(w finding.WaiverStatus) any { return w.Detail }, true},
		{"Approved", instantColumn, func(w finding.WaiverStatus) any { return w.Approved }, true},
		{"Fingerprint", textColumn, func(w finding.WaiverStatus) any { return w.Fingerprint }, true},
		{"Line of the file", numberColumn, func(w finding.WaiverStatus) any { return w.Line }, true},
	})
}

func differenceTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	t := htmlTable{ID: "changes", Title: "Changes", None: "Nothing changed in what both sides read in full."}
	if d.Previous == nil {
		t.None = "No earlier report was given to compare with."
		return rowTable(t, each[finding.Difference](nil), links, nil)
	}
	t.Intro = "What differs from the report of " + visible(toMinute(d.Previous.AsOf)) + "."
	for _, n := range d.Previous.NotCompared {
		t.Gaps = append(t.Gaps, shortText("Not compared: "+words(strings.Join(n.Areas, ", "))+", because "+n.Dataset+" was "+cmp.Or(n.Old, "absent")+
			" before and is "+cmp.Or(n.New, "absent")+" now"+prefixed(": ", n.Reason)))
	}
	return rowTable(t, d.Differences(), links, []htmlColumn[finding.Difference]{
		{"Area", wordColumn, func(c finding.Difference) any { return sentence(cmp.Or(words(c.Area), "other")) }, false},
		{"Change", wordColumn, func(c finding.Difference) any { return c.Action }, false},
		{"Subject", textColumn, func(c finding.Difference) any { return cmp.Or(c.Subject.Name, c.Subject.ID) }, false},
		{"What", textColumn, func(c finding.Difference) any { return c.Item }, false},
		{"Tier", tierColumn, func(c finding.Difference) any { return c.Tier }, false},
		{"Before and now", textColumn, func(c finding.Difference) any { return differentFields(c) }, false},
		{"By", wordColumn, func(c finding.Difference) any { return c.By }, false},
		{"When", instantColumn, func(c finding.Difference) any { return c.At }, false},
		{"Subject kind", wordColumn, func(c finding.Difference) any { return words(c.Subject.Kind) }, true},
		{"Subject ID", textColumn, func(c finding.Difference) any { return c.Subject.ID }, true},
	})
}

// differentFields tells the fields of a difference, a line each.
func differentFields(c finding.Difference) string {
	var lines []string
	for _, f := range c.Fields {
		line := words(f.Name) + ": "
		if c.Action == "changed" {
			line += cmp.Or(f.Old, "nothing") + " → " + cmp.Or(f.New, "nothing")
		} else {
			line += cmp.Or(f.New, f.Old)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// mergedPermission is one permission that merging files changes for one application.
type mergedPermission struct {
	finding.Change
	effect  string
	changed finding.ChangedPermission
}

func mergeTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	var rows []mergedPermission
	for _, c := range d.Changes {
		for _, part := range []struct {
			effect      string
			permissions []finding.ChangedPermission
		}{{"newly requested", c.Requested}, {"newly granted", c.Granted}, {"no longer requested or granted", c.Dropped}} {
			for _, p := range part.permissions {
				rows = append(rows, mergedPermission{c, part.effect, p})
			}
		}
		if len(c.Requested)+len(c.Granted)+len(c.Dropped) == 0 {
			rows = append(rows, mergedPermission{Change: c})
		}
	}
	return rowTable(htmlTable{
		ID: "merge", Title: "What merging changes", Intro: "What the files of the repository change of applications of the snapshot.",
	}, each(rows), links, []htmlColumn[mergedPermission]{
		{"Place", textColumn, func(m mergedPermission) any {
			return htmlPlace(m.Location.File, cmp.Or(m.changed.Line, m.Location.Line))
		}, false},
		{"Application", textColumn, func(m mergedPermission) any { return cmp.Or(m.Subject.Name, m.Subject.ID) }, false},
		{"It is", wordColumn, func(m mergedPermission) any { return m.Action }, false},
		{"Effect", wordColumn, func(m mergedPermission) any { return cmp.Or(m.effect, "no permission changes") }, false},
		{"Permission", wordColumn, func(m mergedPermission) any { return m.changed.Permission }, false},
		{"Kind", wordColumn, func(m mergedPermission) any { return m.changed.Kind }, false},
		{"Resource", wordColumn, func(m mergedPermission) any { return m.changed.ResourceName }, false},
		{"Tier", tierColumn, func(m mergedPermission) any { return m.changed.Tier }, false},
		{"Matched by", wordColumn, func(m mergedPermission) any { return words(m.MatchedBy) }, true},
		{"Subject ID", textColumn, func(m mergedPermission) any { return m.Subject.ID }, true},
	})
}

// prefixed puts a prefix before a text, unless it is empty.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
