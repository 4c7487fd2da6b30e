package policies

import (
	"cmp"
	"fmt"
	"slices"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
	"leastwise/policies/waiver"
)

// waiverFile is where the controls of waivers are written: they are no Rego, for what they judge is no fact of a
// tenant.
const waiverFile = builtInRoot + "/waiver/controls.go"

// Listed are all controls there are, sorted by id: those that are evaluated, and those that judge waivers.
func (l *Library) Listed() []*Control {
	all := slices.Clone(l.Controls)
	for _, c := range waiver.Controls() {
		all = append(all, &Control{
			ID: c.ID, Title: c.Title, Description: c.Description, Severity: c.Severity, Subject: subject.Kind(c.Subject),
			Message: waiver.Message, Remediation: c.Remediation, References: c.References, File: waiverFile,
			pkg: "data." + builtInRoot + "." + waiver.Kind,
		})
	}
	slices.SortStableFunc(all, func(a, b *Control) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Has reports whether a control of this id is evaluated.
func (l *Library) Has(id string) bool {
	return slices.ContainsFunc(l.Controls, func(c *Control) bool { return c.ID == id })
}

// ofWaivers refuses an id that only the controls of waivers may have.
func ofWaivers(c *Control) error {
	if !waiver.IsOwn(c.ID) {
		return nil
	}
	return &LoadError{c.File, 1, fmt.Sprintf("id %s is kept for the controls of waivers", c.ID), "choose another area"}
}

// onlyWaivers refuses to run a control of waivers alone: it looks at what the others found.
func onlyWaivers(id string) error {
	return &LoadError{"--only", 0, id + " judges waivers, against what other controls find", "it runs whenever --waivers names a file; choose controls of the tenant with --only"}
}

// JudgesWaivers reports whether a control is one of those that judge the waiver file.
func JudgesWaivers(id string) bool {
	return slices.ContainsFunc(waiver.Controls(), func(c finding.Control) bool { return c.ID == id })
}
