package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// What stands in an OSCAL document beside its findings.

func (o *oscal) metadata() oscalMetadata {
	r := &o.d.Report
	m := oscalMetadata{
		Title:        oscalProse("What applications may do in " + oscalTenant(r)),
		LastModified: o.asOf, Version: o.asOf, OSCALVersion: oscalVersion,
		Roles: []oscalRole{{ID: "asset-owner", Title: "The organisation whose tenant was assessed"}},
		Parties: []oscalParty{{
			UUID: o.id("party"), Type: "organization", Name: oscalString(oscalTenant(r)), Props: oscalProps("tenant-id", r.Tenant.ID, "cloud", r.Tenant.Cloud),
		}},
		Responsible: []oscalResponsible{{RoleID: "asset-owner", PartyUUIDs: []string{o.id("party")}}},
	}
	if len(o.people) > 0 {
		m.Roles = append(m.Roles, oscalRole{ID: "requester", Title: "Asked for a waiver"}, oscalRole{ID: "approver", Title: "Approved a waiver"})
	}
	for _, name := range o.people {
		m.Parties = append(m.Parties, oscalParty{UUID: o.id("person", name), Type: "person", Name: name})
	}
	return m
}

func oscalTenant(r *finding.Report) string {
	if strings.TrimSpace(r.Tenant.Name) == "" {
		return "tenant " + r.Tenant.ID
	}
	return clip(oneLine(r.Tenant.Name), oscalTitle)
}

// objectives are the controls, so that the findings have something to refer to.
func (o *oscal) objectives() []oscalObjective {
	var list []oscalObjective
	seen := map[string]bool{}
	for _, c := range o.d.Controls {
		id := oscalToken(c.ID)
		if seen[id] {
			continue
		}
		seen[id] = true
		objective := oscalObjective{
			ControlID: id, Description: oscalProse(c.Title),
			Props: oscalProps("severity", string(c.Severity), "subject-kind", c.Subject, "not-run", notRun(c), "pass", decimal(c.Counts.Pass),
				"fail", decimal(c.Counts.Fail), "not-applicable", decimal(c.Counts.NotApplicable), "manual", decimal(c.Counts.Manual),
				"unknown", decimal(c.Counts.Unknown), "requires", strings.Join(c.Requires, ", ")),
			Parts: []oscalPart{{ID: objectiveID(c.ID), Name: "assessment-objective", Prose: oscalProse(strings.Join(nonEmpty(c.Title, c.Description), ". "))}},
		}
		for _, requirement := range c.Frameworks {
			objective.Props = append(objective.Props, oscalProps("requirement", requirement.Framework+" "+requirement.Requirement)...)
		}
		for _, reference := range c.References {
			if address := oscalAddress(reference); address != "" {
				objective.Links = append(objective.Links, oscalLink{Href: address, Rel: "reference"})
			}
		}
		list = append(list, objective)
	}
	return list
}

func objectiveID(control string) string { return oscalToken(control) + "_obj" }

func (o *oscal) resultHead() oscalResultHead {
	r := &o.d.Report
	start := o.asOf
	if day := oscalTime(r.Snapshot.CollectedFrom + "T00:00:00Z"); day != "" && day < start {
		start = day
	}
	n := r.Totals
	head := oscalResultHead{
		UUID: o.id("result", o.asOf, r.Snapshot.SHA256), Title: oscalProse("leastwise: " + oscalTenant(r) + " as of " + o.asOf),
		Description: oscalProse(sentence(verdict(r)) + "."), Start: start, End: o.asOf,
		Props: oscalProps("tenant-id", r.Tenant.ID, "cloud", r.Tenant.Cloud, "snapshot-sha256", r.Snapshot.SHA256, "collected", collectedDays(r.Snapshot),
			"fail-on", string(r.FailOn), "pass", decimal(n.Outcomes.Pass), "fail", decimal(n.Outcomes.Fail), "not-applicable", decimal(n.Outcomes.NotApplicable),
			"manual", decimal(n.Outcomes.Manual), "unknown", decimal(n.Outcomes.Unknown), "waived", decimal(n.Waived), "known", decimal(n.Known)),
	}
	for _, severity := range finding.Severities() {
		head.Props = append(head.Props, oscalProps("counted-fail-"+string(severity), decimal(n.Failed[severity]),
			"counted-unknown-"+string(severity), decimal(n.Unknown[severity]))...)
	}
	if b := r.Baseline; b != nil {
		head.Props = append(head.Props, oscalProps("baseline-as-of", b.AsOf, "baseline-sha256", b.SHA256, "baseline-new", decimal(b.New),
			"baseline-gone", decimal(b.Gone))...)
	}
	if f := r.Framework; f != nil {
		head.Props = append(head.Props, oscalProps("framework", frameworkName(f))...)
	}
	return head
}

func (o *oscal) tenantComponent() oscalComponent {
	r := &o.d.Report
	c := oscalComponent{
		UUID: o.tenant, Type: "service", Title: oscalProse(oscalTenant(r)), Description: "The Microsoft 365 tenant that was assessed.",
		Props: oscalProps("tenant-id", r.Tenant.ID, "cloud", r.Tenant.Cloud),
	}
	c.Status.State = "operational"
	return c
}

// assets are the tool, and the identities that it read with.
func (o *oscal) assets() oscalAssets {
	r := &o.d.Report
	tool := oscalComponent{
		UUID: o.tool.Actors[0].ActorUUID, Type: "software", Title: oscalProse(r.Tool.Name + " " + r.Tool.Version),
		Description: "Audits what applications may do in a Microsoft 365 tenant.", Props: oscalProps("version", r.Tool.Version),
	}
	tool.Status.State = "operational"
	platform := oscalPlatform{UUID: o.id("platform"), Title: "Where the tool ran", Uses: []oscalUses{{ComponentUUID: tool.UUID}}}
	for _, i := range r.Identities {
		platform.Props = append(platform.Props, oscalProps("identity", strings.Join(nonEmpty(i.Kind, i.ClientID, i.User), " "))...)
	}
	return oscalAssets{Components: []oscalComponent{tool}, Platforms: []oscalPlatform{platform}}
}

// selections are the controls that ran, those of NIST SP 800-53 that they look at, and those that did not run.
func (o *oscal) selections() []oscalSelection {
	own := oscalSelection{Description: "The controls of leastwise, as they are defined in this document.", Links: []oscalLink{{Href: "#" + o.plan, Rel: "reference"}}}
	var reasons []string
	seen := map[string]bool{}
	for _, c := range o.d.Controls {
		control := oscalControl{ControlID: oscalToken(c.ID)}
		if seen[control.ControlID] {
			continue
		}
		seen[control.ControlID] = true
		if why := notRun(c); why != "" {
			own.Exclude = append(own.Exclude, control)
			reasons = append(reasons, c.ID+": "+why)
		} else {
			own.Include = append(own.Include, control)
		}
	}
	if len(own.Include) == 0 {
		own.Description = "No control was run."
	}
	if len(reasons) > 0 {
		own.Remarks = oscalProse("Not run: " + strings.Join(reasons, "; ") + ".")
	}
	list := []oscalSelection{own}
	if len(o.catalog) > 0 {
		nist := oscalSelection{
			Description: "The controls of NIST SP 800-53 Revision 5 that the controls of leastwise look at, each in part.",
			Links:       []oscalLink{{Href: "#" + o.id("catalog"), Rel: "reference"}},
		}
		for _, id := range o.catalog {
			nist.Include = append(nist.Include, oscalControl{ControlID: id})
		}
		list = append(list, nist)
	}
	return list
}

// resources are what the document refers to.
func (o *oscal) resources() []oscalResource {
	r := &o.d.Report
	plan := oscalResource{
		UUID: o.plan, Title: "The plan of the assessment", Description: "The controls of leastwise with the thresholds and choices in force.",
		Citation: &oscalCitation{Text: oscalProse(r.Tool.Name + " " + r.Tool.Version + ", its controls and thresholds")},
	}
	for _, values := range []struct {
		name string
		list map[string]any
	}{{"threshold", r.Thresholds}, {"choice", r.Choices}} {
		for _, name := range slices.Sorted(maps.Keys(values.list)) {
			value, err := json.Marshal(values.list[name])
			if err != nil {
				value = fmt.Append(nil, values.list[name])
			}
			plan.Props = append(plan.Props, oscalProps(values.name, name+" = "+string(value))...)
		}
	}
	for _, text := range declarations(r) {
		plan.Props = append(plan.Props, oscalProps("declared", text)...)
	}
	source := oscalResource{
		UUID: o.source, Title: "The snapshot that was judged", Description: oscalProse("Facts of the tenant, collected " + collectedDays(r.Snapshot)),
		Props:    oscalProps("snapshot-sha256", r.Snapshot.SHA256, "schema-version", r.SchemaVersion),
		Citation: &oscalCitation{Text: oscalProse("Snapshot with the SHA-256 digest " + r.Snapshot.SHA256)},
	}
	list := []oscalResource{plan, source}
	if len(o.catalog) > 0 {
		list = append(list, oscalResource{UUID: o.id("catalog"), Title: "NIST SP 800-53 Revision 5", RLinks: []oscalResLink{{Href: nistCatalog}}})
	}
	return list
}
