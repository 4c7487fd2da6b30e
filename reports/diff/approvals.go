package diff

import (
	"cmp"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

func (c *comparison) compareApprovals() error {
	return compareTable(c, table[finding.Approval]{
		section: finding.Approvals,
		group:   func(row *finding.Approval) string { return kindApproval + "\x00" + approvalID(row) },
		content: func(row *finding.Approval) string { return content(approvalValues(row)) },
		tell:    c.tellApproval,
	})
}

// approvalID is the id of the subject that an approval is of.
func approvalID(row *finding.Approval) string {
	return cmp.Or(row.AppTenantID, "unknown") + "/" + row.AppID
}

func approvalValues(row *finding.Approval) []value {
	events, register := approvalNeeds(row), of(snapshot.DataConnectRegister)
	state := row.State
	if state == "unknown" { // it is what stands for no state
		state = ""
	}
	selfDeclared := ""
	if row.SelfDeclared {
		selfDeclared = "yes"
	}
	values := []value{
		text("state", state, events), text("name", row.Name, events), text("version", row.Version, events), folded("approver", row.Approver, events),
		folded("developer", row.Developer, register), instant("approved", row.ApprovedAt, events), instant("expires", row.ExpiresAt, events),
		list("sinks", row.Sinks, events), folded("destination tenant", row.DestinationID, events), flag("multi-tenant", row.MultiTenant, events|of(snapshot.Applications)),
		text("purpose", row.Purpose, register), text("self-declared", selfDeclared, events),
	}
	return append(values, datasetValues(row.Datasets, events)...)
}

// datasetValues are the datasets of an approval, each with what of it was approved.
func datasetValues(datasets []finding.ApprovedDataset, events mask) []value {
	parts := map[string][]string{}
	for _, d := range datasets {
		columns := list("", d.Columns, 0).text
		if d.Columns == nil {
			columns = "not known"
		}
		words := []string{"columns: " + columns}
		if d.Scope != "" {
			words = append(words, "scope: "+d.Scope)
		}
		if len(d.Groups) > 0 {
			words = append(words, "groups: "+list("", d.Groups, 0).text)
		}
		if d.Filter != "" {
			words = append(words, "filter: "+d.Filter)
		}
		parts[d.Name] = append(parts[d.Name], strings.Join(words, "; "))
	}
	var values []value
	for _, name := range sortedKeys(parts) {
		slices.Sort(parts[name])
		values = append(values, text("dataset "+name, strings.Join(parts[name], " | "), events))
	}
	return values
}

// approvalNeeds is the dataset without which it is not known that an approval is not there.
func approvalNeeds(row *finding.Approval) mask {
	if row.SelfDeclared {
		return of(snapshot.DataConnectRegister)
	}
	return of(snapshot.DataConnectEvents)
}

func (c *comparison) tellApproval(subject key, old, new []finding.Approval) error {
	slices.SortFunc(old, compareRows(approvalValues))
	slices.SortFunc(new, compareRows(approvalValues))
	d := finding.Difference{Area: areaApprovals, Action: changed}
	row := slices.Concat(new, old)[0]
	d.Subject = finding.Subject{Kind: kindApproval, ID: approvalID(&row), Name: row.Name}
	switch {
	case len(new) == 0:
		if !c.certain(c.new, areaApprovals, subject, approvalNeeds(&row)) {
			return nil
		}
		c.gone[subject] = true
		d.Action, d.Fields = removed, told(approvalValues(&row), false)
	case len(old) == 0:
		if !c.certain(c.old, areaApprovals, subject, approvalNeeds(&row)) {
			return nil
		}
		d.Action, d.Fields = added, told(approvalValues(&row), true)
	case old[0].SelfDeclared && !new[0].SelfDeclared && !c.certain(c.old, areaApprovals, subject, of(snapshot.DataConnectEvents)),
		new[0].SelfDeclared && !old[0].SelfDeclared && !c.certain(c.new, areaApprovals, subject, of(snapshot.DataConnectEvents)):
		return nil // what the register declares is told only because the events could not be read
	default:
		if d.Fields = c.differing(areaApprovals, subject, approvalValues(&old[0]), approvalValues(&new[0])); len(d.Fields) == 0 {
			return nil
		}
	}
	// Who decided is known where this is about a decision.
	if len(new) > 0 && (len(old) == 0 || plainInstant(old[0].ApprovedAt) != plainInstant(row.ApprovedAt)) {
		d.By, d.At = row.Approver, row.ApprovedAt
	}
	return c.emit(d, 0)
}
