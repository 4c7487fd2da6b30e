package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// newReport fills in what a report says of the facts it rests on.
func newReport(e *Engine, snap *snapshot.Snapshot) *finding.Report {
	m := snap.Manifest
	report := &finding.Report{
		SchemaVersion: finding.SchemaVersion,
		Tenant:        finding.Tenant(m.Tenant),
		AsOf:          e.options.AsOf.UTC(),
		Snapshot: finding.Snapshot{
			CollectedFrom: m.Started.UTC().Format(time.DateOnly), CollectedTo: m.Ended.UTC().Format(time.DateOnly),
			Tool: finding.Tool(m.Tool), SHA256: digest(snap),
		},
		Identities: []finding.Identity{}, Thresholds: e.options.Thresholds,
		Coverage: coverage(e, snap), Controls: []finding.Control{},
	}
	for _, id := range m.Identities {
		report.Identities = append(report.Identities, identityRow(id))
	}
	return report
}

// identityRow says what an identity was allowed and what its datasets take. Whether
// that is too much or too little, the findings of kind auditor say.
func identityRow(id snapshot.Identity) finding.Identity {
	row := finding.Identity{
		Kind: id.Kind, ClientID: id.ClientID, User: id.User, Opaque: id.Opaque, AppOnly: id.AppOnly,
		Roles: id.Roles, Scopes: id.Scopes, Datasets: id.Datasets,
	}
	for _, need := range id.Needs {
		row.Needs = append(row.Needs, finding.Need(need))
	}
	return row
}

// digest sums up which facts were judged: name, status and digest of every dataset.
func digest(snap *snapshot.Snapshot) string {
	h := sha256.New()
	for _, name := range sortedKeys(snap.Manifest.Datasets) {
		dataset := snap.Manifest.Datasets[name]
		fmt.Fprintf(h, "%s %s %s\n", name, dataset.Status, dataset.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// coverage lists the datasets of the snapshot and those that a control needs.
func coverage(e *Engine, snap *snapshot.Snapshot) []finding.Coverage {
	rows := []finding.Coverage{}
	for _, name := range snapshot.Names() {
		var needed []string
		for _, control := range e.controls {
			if slices.Contains(control.Requires, name) {
				needed = append(needed, control.ID)
			}
		}
		_, present := snap.Manifest.Datasets[name]
		if !present && needed == nil {
			continue
		}
		dataset := snap.Dataset(name)
		row := finding.Coverage{
			Dataset: name, Status: string(dataset.Status), Reason: dataset.Reason,
			Rows: dataset.Rows, SHA256: dataset.SHA256, Controls: needed,
		}
		if r := dataset.Reconciled; r != nil {
			row.Reconciled = &finding.Reconciled{Against: r.Against, Want: r.Want, Got: r.Got}
		}
		if dataset.From != nil {
			row.From = dataset.From.UTC().Format(time.RFC3339)
		}
		rows = append(rows, row)
	}
	return rows
}

func controlRow(c *Control, severity finding.Severity) finding.Control {
	return finding.Control{
		ID: c.ID, Title: c.Title, Description: c.Description, Severity: severity, Subject: string(c.Subject),
		Requires: append([]string{}, c.Requires...), Remediation: c.Remediation, References: c.References,
	}
}
