package waiver

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// settleSubjects tells why waivers cover nothing of whose control nothing was found on their subject: it passes
// now, or is gone, or was not looked at.
func (m *Matching) settleSubjects(open []*candidate, run Run) error {
	rows := map[string]map[string]int{} // kind → subject → row of its table
	for _, c := range open {
		if rows[c.Subject.Kind] == nil {
			rows[c.Subject.Kind] = map[string]int{}
		}
		rows[c.Subject.Kind][c.Subject.ID] = -1
	}
	for kind, wanted := range rows {
		if err := find(run, kind, wanted); err != nil {
			return err
		}
	}
	for _, c := range open {
		i := slices.IndexFunc(run.Report.Controls, func(control finding.Control) bool { return control.ID == c.Control })
		control := run.Report.Controls[i]
		row, all := rows[c.Subject.Kind][c.Subject.ID], Entry{Control: c.Control, Subject: finding.Subject{Kind: c.Subject.Kind, ID: "*"}}
		switch {
		case run.Files:
			c.unjudged("the files that were judged do not tell what %s finds on %s", c.Control, c.subject())
		case row >= 0 && bit(control.Passed, row):
			c.stale("%s passes for %s: there is nothing left to accept", c.Control, c.subject())
		case row >= 0 && bit(control.Inapplicable, row):
			c.stale("%s no longer concerns %s", c.Control, c.subject())
		case row >= 0:
			c.unjudged("%s says nothing of %s", c.Control, c.subject())
		case m.unlisted[all.about()]:
			c.unjudged("%s was not found, and not all subjects of its kind could be listed", c.subject())
		default:
			c.stale("there is no %s any more", c.subject())
		}
	}
	return nil
}

func bit(bitmap []byte, i int) bool { return i/8 < len(bitmap) && bitmap[i/8]&(1<<(i%8)) != 0 }

// find looks up in which row of their table the wanted subjects of a kind stand, which is how the bitmaps of a
// control count them.
func find(run Run, kind string, wanted map[string]int) error {
	note := func(id string, row int) {
		if _, ok := wanted[id]; ok {
			wanted[id] = row
		}
	}
	switch kind {
	case "tenant":
		note(run.Report.Tenant.ID, 0)
		note(strings.ToLower(run.Report.Tenant.ID), 0)
		return nil
	case "auditor":
		for i, id := range run.Report.Identities {
			note(auditorID(id), i)
		}
		return nil
	}
	section, id := table(kind)
	if id == nil {
		return nil
	}
	row := 0
	for line, err := range run.Rows(section) {
		if err != nil {
			return err
		}
		var ids identifiers
		if err := json.Unmarshal(line, &ids); err != nil {
			return fmt.Errorf("look up subjects of the kind %s: %w", kind, err)
		}
		note(id(ids), row)
		row++
	}
	return nil
}

// identifiers are the members of inventory rows that ids of subjects are made of.
type identifiers struct {
	ID          string `json:"id"`
	AppID       string `json:"app_id"`
	AppTenantID string `json:"app_tenant_id"`
}

// table is the inventory table of a kind of subject, and the id of a row; nil for a kind that has none.
func table(kind string) (finding.Section, func(identifiers) string) {
	id := func(row identifiers) string { return row.ID }
	switch kind {
	case "application":
		return finding.Applications, func(row identifiers) string { return row.AppID }
	case "container_type":
		return finding.ContainerTypes, id
	case "container":
		return finding.Containers, id
	case "pipeline":
		return finding.Pipelines, id
	case "data_connect_app":
		return finding.Approvals, func(row identifiers) string {
			if row.AppTenantID == "" {
				return "unknown/" + row.AppID
			}
			return row.AppTenantID + "/" + row.AppID
		}
	}
	return "", nil
}

// auditorID is the subject id of an identity that collected.
func auditorID(id finding.Identity) string {
	text := id.Kind
	if id.ClientID != "" {
		text += "/" + id.ClientID
	}
	if id.User != "" {
		text += "/" + strings.ToLower(id.User)
	}
	return text
}
