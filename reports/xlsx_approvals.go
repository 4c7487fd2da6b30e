package reports

import (
	"cmp"
	"strings"

	"leastwise/policies/finding"
)

// approvedDataset is one dataset of one approval; an approval without any has one too.
type approvedDataset struct {
	finding.Approval
	dataset finding.ApprovedDataset
}

func approvalSheet(b *book, d *finding.Document) sheet[approvedDataset] {
	return sheet[approvedDataset]{
		name: "Data Connect approvals", about: "Approvals of Microsoft Graph Data Connect, a row per dataset.",
		pinned: 1, printed: 13, none: "No approvals of Microsoft Graph Data Connect are known.",
		datasets: approvalDatasets(),
		rows: flatten(d.Approvals(), func(a finding.Approval) []approvedDataset {
			rows := make([]approvedDataset, 0, len(a.Datasets)+1)
			for _, dataset := range a.Datasets {
				rows = append(rows, approvedDataset{a, dataset})
			}
			if len(rows) == 0 {
				rows = append(rows, approvedDataset{a, finding.ApprovedDataset{Name: "none known"}})
			}
			return rows
		}),
		columns: []column[approvedDataset]{
			{"Application", 30, wrapped, func(a approvedDataset) any { return cmp.Or(a.Name, a.AppID) }},
			{"State", 11, word, func(a approvedDataset) any { return words(a.State) }},
			{"Self-declared", 10, plain, func(a approvedDataset) any { return a.SelfDeclared }},
			{"Days left", 8, days, func(a approvedDataset) any { return daysLeft(a) }},
			{"Expires (UTC)", 17, expiry, func(a approvedDataset) any { return a.ExpiresAt }},
			{"Dataset", 34, wrapped, func(a approvedDataset) any { return a.dataset.Name }},
			{"Columns", 44, wrapped, func(a approvedDataset) any { return strings.Join(a.dataset.Columns, ", ") }},
			{"Scope", 9, plain, func(a approvedDataset) any { return a.dataset.Scope }},
			{"Approver", 30, wrapped, func(a approvedDataset) any { return a.Approver }},
			{"Owners", 32, word, func(a approvedDataset) any { return list(a.Owners) }},
			{"Sinks", 34, wrapped, func(a approvedDataset) any { return strings.Join(a.Sinks, ", ") }},
			{"Portal", 8, linked, func(a approvedDataset) any {
				return portal(b.links.subject(finding.Subject{Kind: "data_connect_app", ID: a.AppID}))
			}},
			{"Approved (UTC)", 17, instant, func(a approvedDataset) any { return a.ApprovedAt }},
			{"Last run (UTC)", 17, instant, func(a approvedDataset) any { return a.LastRunAt }},
			{"Decisions known", 10, number, func(a approvedDataset) any { return a.Decisions }},
			{"Version", 9, plain, func(a approvedDataset) any { return a.Version }},
			{"Developer (self-declared)", 30, wrapped, func(a approvedDataset) any { return a.Developer }},
			{"Purpose (self-declared)", 36, wrapped, func(a approvedDataset) any { return a.Purpose }},
			{"Groups", 32, wrapped, func(a approvedDataset) any { return strings.Join(a.dataset.Groups, ", ") }},
			{"Filter", 24, wrapped, func(a approvedDataset) any { return a.dataset.Filter }},
			{"Multi-tenant", 10, plain, func(a approvedDataset) any { return pointed(a.MultiTenant) }},
			{"App ID", 37, plain, func(a approvedDataset) any { return a.AppID }},
			{"App tenant ID", 37, plain, func(a approvedDataset) any { return a.AppTenantID }},
			{"Destination tenant ID", 37, plain, func(a approvedDataset) any { return a.DestinationID }},
		},
	}
}

func approvalDatasets() []string { return []string{"data_connect_events", "data_connect_register"} }

// daysLeft is blank for what is not in force: a refusal does not run out.
func daysLeft(a approvedDataset) any {
	if !inForce(a.Approval) {
		return nil
	}
	return pointed(a.DaysLeft)
}
