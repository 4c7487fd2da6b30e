package reports

import (
	"bytes"
	"fmt"
	"iter"
	"strings"

	"leastwise/policies/finding"
)

// The lists of an OSCAL document that grow with the tenant. Each is a pass over the findings.

// items yields what was judged and has a finding, once each.
func (o *oscal) items() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		seen := map[string]bool{}
		for f, err := range finding.Rows[oscalItemRow](o.d, finding.Findings) {
			if err != nil {
				yield(nil, err)
				return
			}
			subject := o.subject(f.Subject)
			if seen[subject.UUID] || subject.UUID == o.tenant {
				continue
			}
			seen[subject.UUID] = true
			item := oscalItem{
				UUID: subject.UUID, Description: oscalProse(subjectTitle(f.Subject)), Implemented: []oscalUses{{ComponentUUID: o.tenant}},
				Props: oscalProps("subject-kind", f.Subject.Kind, "subject-id", f.Subject.ID, "subject-name", f.Subject.Name),
			}
			if f.Owners != nil {
				item.Props = append(item.Props, oscalOwners(f.Owners)...)
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

type oscalItemRow struct {
	Subject finding.Subject `json:"subject"`
	Owners  []string        `json:"owners"`
}

func oscalOwners(owners []string) []oscalProp {
	if len(owners) == 0 {
		return oscalProps("owners", "none")
	}
	var list []oscalProp
	for _, owner := range owners {
		list = append(list, oscalProps("owner", owner)...)
	}
	return list
}

func subjectTitle(s finding.Subject) string {
	kind := strings.ReplaceAll(s.Kind, "_", " ")
	if s.Name == "" {
		return kind + " " + clip(oneLine(s.ID), oscalTitle)
	}
	return clip(oneLine(s.Name), oscalTitle) + " (" + kind + ")"
}

// subject refers to what was judged: the tenant itself, or one thing in it.
func (o *oscal) subject(s finding.Subject) oscalSubject {
	if s.Kind == "tenant" {
		return oscalSubject{UUID: o.tenant, Type: "component"}
	}
	return oscalSubject{UUID: o.id("subject", s.Kind, s.ID), Type: "inventory-item", Title: oscalProse(subjectTitle(s))}
}

// observations yields how far the datasets could be read, and then the findings.
func (o *oscal) observations() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for i, c := range o.d.Coverage {
			if !yield(o.coverage(i, c), nil) {
				return
			}
		}
		for f, err := range o.numbered() {
			if err != nil || !yield(o.observation(f), nil) {
				if err != nil {
					yield(nil, err)
				}
				return
			}
		}
	}
}

// coverage says how far one dataset could be read.
func (o *oscal) coverage(i int, c finding.Coverage) oscalObservation {
	text := fmt.Sprintf("Dataset %s is %s: %s", c.Dataset, c.Status, counted(c.Rows, "row"))
	if c.Status != "collected" || miscounted(c) {
		text += "; " + gapReason(c)
	}
	observation := oscalObservation{
		UUID: o.id("coverage", o.asOf, decimal(i), c.Dataset), Title: oscalProse("Coverage: " + clip(oneLine(c.Dataset), oscalTitle)), Description: oscalProse(text + "."),
		Methods: []string{"EXAMINE"}, Types: []string{"coverage"}, Origins: []oscalOrigin{o.tool}, Collected: o.asOf,
		Subjects: []oscalSubject{{UUID: o.tenant, Type: "component"}},
		Props: oscalProps("dataset", c.Dataset, "status", c.Status, "rows", decimal(c.Rows), "sha256", c.SHA256, "reason", c.Reason, "reconciled", reconciled(c),
			"from", c.From, "to", c.To),
	}
	for _, hole := range holes(c) {
		observation.Props = append(observation.Props, oscalProps("missing", hole)...)
	}
	for _, id := range c.Controls {
		observation.Props = append(observation.Props, oscalProps("needed-by", id)...)
	}
	return observation
}

func (o *oscal) observation(f oscalRow) oscalObservation {
	method := "TEST"
	if f.Location != nil {
		method = "EXAMINE" // a file of a repository, not a tenant
	}
	observation := oscalObservation{
		UUID: o.id("observation", f.id), Title: o.titleOf(&f.Finding), Description: oscalProse(f.Message), Props: o.propsOf(&f.Finding),
		Methods: []string{method}, Types: []string{"finding"}, Origins: []oscalOrigin{o.tool}, Subjects: []oscalSubject{o.subject(f.Subject)}, Collected: o.asOf,
	}
	if evidence := oscalJSON(f.Evidence); evidence != "{}" {
		observation.Evidence = []oscalEvidence{{
			Href: "#" + o.source, Description: "The facts that prove it, as JSON in the property evidence.", Props: oscalProps("evidence", evidence),
		}}
	}
	return observation
}

// oscalJSON is JSON on one line.
func oscalJSON(value []byte) string {
	inert := inertJSON(value, len(value))
	if inert == nil {
		return "{}"
	}
	return encodeInert(inert)
}

func (o *oscal) titleOf(f *finding.Finding) string {
	return oscalProse(clip(strings.Join(nonEmpty(f.Control, o.titles[f.Control]), ": "), oscalTitle))
}

func (o *oscal) propsOf(f *finding.Finding) []oscalProp {
	r := &o.d.Report
	props := oscalProps("control", f.Control, "severity", string(f.Severity), "outcome", string(f.Outcome), "fingerprint", f.Fingerprint,
		"status", standing(r, f), "first-reported", firstReported(r, f), "file", placed(f).File)
	if line := placed(f).Line; line > 0 {
		props = append(props, oscalProps("line", decimal(line))...)
	}
	if key := string(bytes.TrimSpace(f.Key)); key != "" && key != "{}" {
		props = append(props, oscalProps("key", oscalJSON(f.Key))...)
	}
	return props
}

// risks yields one for each control of which something failed that is not waived, and one for each waived finding.
func (o *oscal) risks() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for _, c := range o.d.Controls {
			if o.open[c.ID] > 0 && !yield(o.controlRisk(c), nil) {
				return
			}
		}
		if o.waived == 0 {
			return
		}
		for f, err := range o.numbered() {
			if err != nil {
				yield(nil, err)
				return
			}
			if f.Waiver != nil && !yield(o.waivedRisk(f), nil) {
				return
			}
		}
	}
}

func (o *oscal) controlRisk(c finding.Control) oscalRisk {
	severity := o.worst[c.ID]
	risk := oscalRisk{
		UUID: o.id("risk", c.ID), Title: oscalProse(clip(c.ID+": "+oneLine(c.Title), oscalTitle)), Status: "open",
		Description: oscalProse(fmt.Sprintf("%s of %s failed and are not waived.", counted(o.open[c.ID], "finding"), c.ID)),
		Statement:   oscalProse(strings.Join(nonEmpty(c.Title, c.Description), ". ")), Character: o.facets(severity),
		Props: oscalProps("control", c.ID, "findings", decimal(o.open[c.ID])),
	}
	if oscalString(c.Remediation) != "" {
		risk.Remediations = []oscalRemediation{{
			UUID: o.id("remediation", c.ID), Lifecycle: "recommendation", Title: "What to do", Description: oscalProse(c.Remediation),
		}}
	}
	return risk
}

func (o *oscal) facets(severity finding.Severity) []oscalCharacter {
	value := oscalString(string(severity))
	if value == "" {
		return nil
	}
	return []oscalCharacter{{Origin: o.tool, Facets: []oscalFacet{{Name: "severity", System: oscalNS, Value: value}}}}
}

// waivedRisk is a finding that somebody accepted until an instant.
func (o *oscal) waivedRisk(f oscalRow) oscalRisk {
	w := f.Waiver
	entry := oscalRiskEntry{
		UUID: o.id("waived", f.id, o.asOf), Title: "Waived", Start: o.asOf, StatusChange: "deviation-approved",
		Description: oscalProse(w.Reason), Props: oscalProps("waiver", w.ID, "expires", w.Expires, "requester", w.Requester, "approver", w.Approver),
	}
	for _, who := range []struct{ role, name string }{{"approver", w.Approver}, {"requester", w.Requester}} {
		if name := oscalString(who.name); name != "" {
			entry.LoggedBy = append(entry.LoggedBy, oscalLogger{PartyUUID: o.id("person", name), RoleID: who.role})
		}
	}
	return oscalRisk{
		UUID: o.id("risk", "waived", f.id), Title: o.titleOf(&f.Finding), Description: oscalProse(f.Message), Statement: oscalProse(w.Reason),
		Status: "deviation-approved", Character: o.facets(f.Severity), Deadline: oscalTime(w.Expires), Log: &oscalRiskLog{Entries: []oscalRiskEntry{entry}},
		Props:        oscalProps("control", f.Control, "fingerprint", f.Fingerprint, "waiver", w.ID, "expires", w.Expires),
		Observations: []oscalObservations{{UUID: o.id("observation", f.id)}},
	}
}

// findings yields those of the report, then what every subject passed, and then what that means for NIST SP 800-53.
func (o *oscal) findings() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for f, err := range o.numbered() {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(o.finding(f), nil) {
				return
			}
		}
		for _, c := range o.d.Controls {
			n := c.Counts
			if notRun(c) != "" || n.Pass == 0 || n.Fail+n.Unknown+n.Manual > 0 {
				continue
			}
			if !yield(o.satisfied(c), nil) {
				return
			}
		}
		for _, f := range o.nistFindings() {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (o *oscal) finding(f oscalRow) oscalFinding {
	status := oscalStatus{State: "not-satisfied", Reason: "other"}
	switch f.Outcome {
	case finding.Fail:
		status.Reason = "fail"
	case finding.Manual:
		status.Remarks = "A person has to check it."
	default:
		status.Remarks = "It could not be judged, which is no pass."
	}
	result := oscalFinding{
		UUID: o.id("finding", f.id), Title: o.titleOf(&f.Finding), Description: oscalProse(f.Message), Props: o.propsOf(&f.Finding),
		Target:       oscalTarget{Type: "objective-id", TargetID: objectiveID(f.Control), Status: status},
		Observations: []oscalObservations{{UUID: o.id("observation", f.id)}},
	}
	_, defined := o.titles[f.Control]
	switch {
	case f.Waiver != nil:
		result.Target.Status.Remarks = strings.TrimSpace(status.Remarks + " Waived, not mended: see the risk.")
		result.Risks = []oscalRisks{{UUID: o.id("risk", "waived", f.id)}}
	case f.Outcome == finding.Fail && defined:
		result.Risks = []oscalRisks{{UUID: o.id("risk", f.Control)}}
	}
	return result
}

// satisfied is a control that every subject passed that it concerns.
func (o *oscal) satisfied(c finding.Control) oscalFinding {
	return oscalFinding{
		UUID: o.id("satisfied", c.ID), Title: oscalProse(clip(c.ID+": "+oneLine(c.Title), oscalTitle)),
		Description: oscalProse(fmt.Sprintf("%s passed; %d are not concerned.", counted(c.Counts.Pass, "subject"), c.Counts.NotApplicable)),
		Props:       oscalProps("control", c.ID, "severity", string(c.Severity), "outcome", string(finding.Pass), "pass", decimal(c.Counts.Pass)),
		Target:      oscalTarget{Type: "objective-id", TargetID: objectiveID(c.ID), Status: oscalStatus{State: "satisfied", Reason: "pass"}},
	}
}

// nistFindings are the controls of NIST SP 800-53 of which something is not satisfied. None of them is said to be
// satisfied: leastwise looks at a part of each.
func (o *oscal) nistFindings() []oscalFinding {
	var list []oscalFinding
	for _, id := range o.catalog {
		var sum finding.Counts
		var risks []oscalRisks
		var controls []string
		for _, c := range o.d.Controls {
			if notRun(c) != "" || !looksAt(c, id) {
				continue
			}
			controls = append(controls, c.ID)
			sum.Fail, sum.Unknown, sum.Manual = sum.Fail+c.Counts.Fail, sum.Unknown+c.Counts.Unknown, sum.Manual+c.Counts.Manual
			if o.open[c.ID] > 0 {
				risks = append(risks, oscalRisks{UUID: o.id("risk", c.ID)})
			}
		}
		if sum.Fail+sum.Unknown+sum.Manual == 0 {
			continue
		}
		reason := "other"
		if sum.Fail > 0 {
			reason = "fail"
		}
		list = append(list, oscalFinding{
			UUID: o.id("nist", id), Title: oscalProse("NIST SP 800-53 " + id), Risks: risks,
			Description: oscalProse(fmt.Sprintf("Of %s: %d fail, %d unknown, %d for a person to check.", strings.Join(controls, ", "), sum.Fail, sum.Unknown, sum.Manual)),
			Props:       oscalProps("fail", decimal(sum.Fail), "unknown", decimal(sum.Unknown), "manual", decimal(sum.Manual)),
			Target: oscalTarget{Type: "objective-id", TargetID: id + "_obj", Status: oscalStatus{
				State: "not-satisfied", Reason: reason, Remarks: "The controls of leastwise look at a part of it.",
			}},
		})
	}
	return list
}

func looksAt(c finding.Control, id string) bool {
	for _, requirement := range c.Frameworks {
		if requirement.Framework == nistName && nistID(requirement.Requirement) == id {
			return true
		}
	}
	return false
}
