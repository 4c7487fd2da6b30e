package policies

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// report assembles the header.
func (r *run) report() *finding.Report {
	report := newReport(r.engine, r.scope, r.snap)
	report.Permissions = permissionsTable(r.published)
	report.Framework = r.engine.framework
	report.Totals = finding.Totals{Subjects: r.subjects, Inactive: r.inactive, Failed: r.failed, Unknown: r.unknown}
	for _, control := range r.scope.controls {
		t := r.tally[control.ID]
		row := r.engine.controlRow(control.Control, control.severity)
		row.Counts, row.Passed, row.Inapplicable = t.counts, t.passed, t.inapplicable
		report.Controls = append(report.Controls, row)
		report.Totals.Outcomes = sum(report.Totals.Outcomes, t.counts)
	}
	for _, control := range r.scope.outside {
		row := r.engine.controlRow(control.Control, control.severity)
		row.OutOfScope = control.reason
		report.Controls = append(report.Controls, row)
	}
	for _, control := range r.engine.disabled {
		row := r.engine.controlRow(control, control.Severity)
		row.Disabled = cmp.Or(r.engine.options.Disabled[control.ID], "no reason given")
		report.Controls = append(report.Controls, row)
	}
	slices.SortFunc(report.Controls, func(a, b finding.Control) int { return cmp.Compare(a.ID, b.ID) })
	return report
}

func sum(a, b finding.Counts) finding.Counts {
	return finding.Counts{
		Pass: a.Pass + b.Pass, Fail: a.Fail + b.Fail, NotApplicable: a.NotApplicable + b.NotApplicable,
		Manual: a.Manual + b.Manual, Unknown: a.Unknown + b.Unknown,
	}
}

// newReport fills in what a report says of the facts it rests on.
func newReport(e *Engine, within scope, snap *snapshot.Snapshot) *finding.Report {
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
		Choices: map[string]any{}, Declared: declaredRow(e.options.Declared),
		Coverage: coverage(within, snap), Controls: []finding.Control{},
	}
	e.options.Choices.into(report.Choices)
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
func coverage(within scope, snap *snapshot.Snapshot) []finding.Coverage {
	rows := []finding.Coverage{}
	for _, name := range snapshot.Names() {
		var needed []string
		for _, control := range within.controls {
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
			Dataset: name, Status: string(dataset.Status), Reason: dataset.Reason, Confined: dataset.Status == snapshot.Partial && dataset.Confined,
			Rows: dataset.Rows, SHA256: dataset.SHA256, Controls: needed,
		}
		if r := dataset.Reconciled; r != nil {
			row.Reconciled = &finding.Reconciled{Against: r.Against, Want: r.Want, Got: r.Got}
		}
		addPeriod(&row, dataset)
		rows = append(rows, row)
	}
	return rows
}

// minute is how holes are told: the day would not do, and seconds say no more.
const minute = "2006-01-02T15:04Z"

// addPeriod says of what time the events of a dataset are. Its ends are rounded inwards to
// the second: what is cut off is not claimed to be known.
func addPeriod(row *finding.Coverage, dataset snapshot.Dataset) {
	if dataset.From != nil {
		row.From = dataset.From.UTC().Add(time.Second - time.Nanosecond).Truncate(time.Second).Format(time.RFC3339)
	}
	if n := len(dataset.Windows); n > 0 {
		row.To = dataset.Windows[n-1].To.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	for _, hole := range dataset.Holes {
		row.Holes = append(row.Holes, finding.Hole{
			From: hole.From.UTC().Format(minute), To: hole.To.UTC().Format(minute), Reason: hole.Reason,
		})
	}
}

func declaredRow(declared Declared) *finding.Declared {
	row := &finding.Declared{MultiTenant: declared.MultiTenant, PreAuthorized: declared.PreAuthorized}
	for _, need := range declared.Needs {
		row.Needs = append(row.Needs, finding.DeclaredNeed(need))
	}
	for _, need := range declared.Critical {
		row.CriticalAllowed = append(row.CriticalAllowed, finding.DeclaredNeed(need))
	}
	for _, o := range declared.Operations {
		row.Operations = append(row.Operations, finding.DeclaredOperations(o))
	}
	for _, need := range declared.Containers {
		row.ContainerNeeds = append(row.ContainerNeeds, finding.DeclaredContainerNeed(need))
	}
	if len(row.List()) == 0 {
		return nil
	}
	return row
}

func (e *Engine) controlRow(c *Control, severity finding.Severity) finding.Control {
	return finding.Control{
		ID: c.ID, Title: c.Title, Description: c.Description, Severity: severity, Subject: string(c.Subject),
		Requires: append([]string{}, c.Requires...), Remediation: c.Remediation, References: c.References,
		Frameworks: e.requirements(c),
	}
}
