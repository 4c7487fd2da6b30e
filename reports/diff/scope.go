package diff

import (
	"slices"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// What the inventory of a kind of subjects is of.
const (
	listedTenant = "of the tenant"
	listedFiles  = "of repository files"
	listedNone   = "not judged"
)

// lists says of what a side lists the subjects of a kind. A gate judges what repository files define: what it does not
// list is not gone from the tenant.
func (s *side) lists(kind string) string {
	judged, there := false, false
	for _, control := range s.doc.Controls {
		if control.Subject == kind {
			there, judged = true, judged || control.OutOfScope == ""
		}
	}
	switch {
	case there && !judged:
		return listedNone
	case kind == kindApplication && s.read&of(snapshot.Manifests) != 0:
		return listedFiles
	}
	return listedTenant
}

// comparable reports whether both sides list the subjects of a kind, and of the same.
func (c *comparison) comparable(kind string) bool {
	old := c.old.lists(kind)
	return old == c.new.lists(kind) && old != listedNone
}

// areaKind is the kind of subjects that an area is of; "" for findings, which are of all.
func areaKind(area string) string {
	switch area {
	case areaApplications, areaPermissions, areaCredentials, areaOwners:
		return kindApplication
	case areaTypes, areaTypePermission:
		return kindType
	case areaApprovals:
		return kindApproval
	}
	return ""
}

// notListed names the kinds of subjects that the two sides do not both list.
func (c *comparison) notListed() []finding.NotCompared {
	var rows []finding.NotCompared
	for _, kind := range []string{kindApplication, kindType, kindApproval} {
		if c.comparable(kind) {
			continue
		}
		areas := slices.DeleteFunc(finding.Areas(), func(area string) bool { return areaKind(area) != kind })
		rows = append(rows, finding.NotCompared{
			Dataset: "subjects of the kind " + kind, Areas: append(areas, areaFindings), Old: c.old.lists(kind), New: c.new.lists(kind),
			Reason: "the reports are not of the same subjects",
		})
	}
	return rows
}
