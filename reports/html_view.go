package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// htmlView is what the template draws. Its texts are visible.
type htmlView struct {
	Policy                 string
	Tenant, TenantID, AsOf string
	Verdict, VerdictClass  string
	Gaps                   []htmlGap
	Datasets               int
	Covered                string
	FailOn                 string
	Severities             []htmlSeverity
	Totals                 []htmlFact
	Charts                 []htmlChart
	Findings               htmlTable
	Inventory              []htmlTable
	Coverage               []htmlCoverage
	Controls               []htmlControl
	Requirements           []htmlRequirement
	Framework              string
	About                  []htmlFact
	Identities             []htmlIdentity
	Declared               []string
	links                  *portalLinks
}

// htmlGap is a dataset that is not known to be complete.
type htmlGap struct{ Dataset, Status, Reason, Controls string }

// htmlSeverity is how many findings of one severity count.
type htmlSeverity struct {
	Name            string
	Failed, Unknown int
	Below           bool // FailOn
}

// htmlFact is a name and what it is.
type htmlFact struct{ Name, Text, Note string }

// htmlIdentity is an account that read facts.
type htmlIdentity struct{ Who, How, Held, Read string }

func newHTMLView(d *finding.Document) (*htmlView, error) {
	r := &d.Report
	v := &htmlView{
		Tenant: shortText(cmp.Or(oneLine(r.Tenant.Name), r.Tenant.ID)), TenantID: shortText(r.Tenant.ID), AsOf: r.AsOf.UTC().Format("2 January 2006, 15:04 UTC"),
		Verdict: sentence(verdict(r)), Covered: sentence(coverage(r)), Datasets: len(r.Coverage), FailOn: shortText(string(r.FailOn)),
	}
	v.VerdictClass = map[finding.Verdict]string{finding.Violations: "bad", finding.Unjudged: "unsure", finding.Clean: "good"}[r.Verdict()]
	for _, gap := range gaps(r) {
		v.Gaps = append(v.Gaps, htmlGap{shortText(gap.Dataset), shortText(gap.Status), shortText(gapReason(gap)), shortText(cmp.Or(strings.Join(gap.Controls, ", "), "none"))})
	}
	for _, s := range finding.Severities() {
		v.Severities = append(v.Severities, htmlSeverity{string(s), r.Totals.Failed[s], r.Totals.Unknown[s], !s.AtLeast(r.FailOn)})
	}
	v.Totals, v.About = totalFacts(r), aboutFacts(d)
	v.Coverage, v.Controls = htmlCoverages(r), htmlControls(r)
	v.Identities = htmlIdentities(r)
	for _, text := range declarations(r) {
		v.Declared = append(v.Declared, shortText(text))
	}
	if r.Framework != nil {
		v.Framework, v.Requirements = shortText(frameworkName(r.Framework)), htmlRequirements(r)
	}
	return v, v.read(d)
}

// read makes what has to be read from the rows.
func (v *htmlView) read(d *finding.Document) (err error) {
	if v.links, err = newPortalLinks(d); err != nil {
		return err
	}
	numbers, err := newStatistics(d)
	if err != nil {
		return err
	}
	v.Charts = htmlCharts(numbers)
	if v.Findings, err = findingTable(d, v.links, numbers.findings); err != nil {
		return err
	}
	tables := []func(*finding.Document, *portalLinks) (htmlTable, error){
		applicationTable, permissionTable, credentialTable, consentTable, typeTable, matrixTable, containerTable, approvalTable, pipelineTable, waiverTable, differenceTable,
	}
	if d.Changes != nil {
		tables = append(tables, mergeTable)
	}
	for _, table := range tables {
		t, err := table(d, v.links)
		if err != nil {
			return err
		}
		v.Inventory = append(v.Inventory, t)
	}
	return nil
}

// tables are all tables whose rows are packed, in the order of the page.
func (v *htmlView) tables() []htmlTable { return append([]htmlTable{v.Findings}, v.Inventory...) }

func totalFacts(r *finding.Report) []htmlFact {
	o := r.Totals.Outcomes
	facts := []htmlFact{
		{"Fail", fmt.Sprint(o.Fail), "findings"},
		{"Unknown", fmt.Sprint(o.Unknown), "findings: facts were missing"},
		{"Manual", fmt.Sprint(o.Manual), "findings to look at by hand"},
		{"Waived", fmt.Sprint(r.Totals.Waived), "of these, accepted until a day"},
	}
	if r.Baseline != nil || r.Totals.Known > 0 {
		facts = append(facts, htmlFact{"Known", fmt.Sprint(r.Totals.Known), "of these, in the baseline of " + visible(baselineInstant(r))})
	}
	return append(facts, htmlFact{"Pass", fmt.Sprint(o.Pass), "results"}, htmlFact{"Not applicable", fmt.Sprint(o.NotApplicable), "results"})
}

func aboutFacts(d *finding.Document) []htmlFact {
	r := &d.Report
	facts := []htmlFact{
		{"Tenant", r.Tenant.Name, ""},
		{"Tenant ID", r.Tenant.ID, ""},
		{"Cloud", r.Tenant.Cloud, ""},
		{"As of", r.AsOf.UTC().Format("2006-01-02T15:04:05Z"), "the instant that “expired” and “days left” refer to"},
		{"Facts collected", collectedDays(r.Snapshot), ""},
		{"Digest of the facts (SHA-256)", r.Snapshot.SHA256, ""},
		{"Collected by", strings.TrimSpace(r.Snapshot.Tool.Name + " " + r.Snapshot.Tool.Version), ""},
		{"Report made by", strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version), "schema " + r.SchemaVersion},
		{"Fails on", string(r.FailOn), "and anything more severe"},
	}
	if r.Framework != nil {
		facts = append(facts, htmlFact{"Controls", "only those of " + frameworkName(r.Framework), ""})
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Totals.Subjects)) {
		facts = append(facts, htmlFact{"Subjects: " + words(kind), fmt.Sprint(r.Totals.Subjects[kind]), ""})
	}
	if r.Totals.Inactive > 0 {
		facts = append(facts, htmlFact{"Switched off and not judged", fmt.Sprintf("%d of the pipeline activities", r.Totals.Inactive), ""})
	}
	if b := r.Baseline; b != nil {
		facts = append(facts, htmlFact{"Baseline", toMinute(b.AsOf), fmt.Sprintf("%d known, %d new, %d gone; SHA-256 %s", b.Known, b.New, b.Gone, b.SHA256)})
	}
	if p := r.Previous; p != nil {
		facts = append(facts, htmlFact{"Compared with", toMinute(p.AsOf), "SHA-256 " + p.SHA256})
	}
	if p := r.Permissions; p != nil {
		facts = append(facts, htmlFact{"Imported permissions", counted(p.Operations, "operation"), "SHA-256 " + p.SHA256})
	}
	for _, values := range []map[string]any{r.Thresholds, r.Choices} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			facts = append(facts, htmlFact{sentence(cmp.Or(words(name), "-")), settingText(values[name]), ""})
		}
	}
	for i, f := range facts {
		facts[i] = htmlFact{shortText(f.Name), shortText(f.Text), shortText(f.Note)}
	}
	return slices.DeleteFunc(facts, func(f htmlFact) bool { return f.Text == "" })
}

// settingText is a threshold or a choice as people write it.
func settingText(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return fact(encoded)
}

func htmlIdentities(r *finding.Report) []htmlIdentity {
	var list []htmlIdentity
	for _, i := range r.Identities {
		held := append(slices.Clone(i.Roles), i.Scopes...)
		who := htmlIdentity{
			Who: shortText(cmp.Or(strings.Join(nonEmpty(i.User, i.ClientID), ", "), i.Kind)), How: shortText(i.Kind),
			Held: shortText(cmp.Or(strings.Join(held, ", "), "nothing")), Read: shortText(cmp.Or(strings.Join(i.Datasets, ", "), "nothing")),
		}
		if i.Opaque {
			who.Held = "not known: its token could not be read"
		}
		list = append(list, who)
	}
	return list
}
