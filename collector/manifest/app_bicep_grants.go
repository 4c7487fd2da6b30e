package manifest

import (
	"slices"
	"strings"
)

// principal is the application whose service principal an argument names; nil when it is a group or a person. Only an
// expression that is nothing but a reference says so: one that chooses among several may come to an application.
func (b *bicep) principal(g *graphResource, name string) *appReader {
	names, bare := b.references(g, g.at.path("properties", name))
	var apps []*appReader
	var at *node
	for _, symbol := range names {
		target, found := b.find(g, symbol)
		at = found
		switch {
		case target == nil:
		case target.kind == "serviceprincipals" || target.kind == "applications":
			if a := b.ofPrincipal(target); !slices.Contains(apps, a) {
				apps = append(apps, a)
			}
		case bare:
			return nil
		}
	}
	if len(apps) == 1 {
		return apps[0]
	}
	a := b.world.newApp(g.at, formatBicep, g.address())
	a.row.Name, a.row.Part = g.address(), true
	if id := g.settled.get(name); present(id) && id.shape == aText {
		a.row.PrincipalID = strings.ToLower(id.text)
	}
	if at != nil && bare {
		if strings.HasPrefix(strings.ToLower(at.str("type")), "microsoft.managedidentity/") || present(at.get("identity")) {
			a.row.Origin = "managed_identity"
		}
	}
	return a
}

// ofPrincipal is the application of a service principal, or one itself.
func (b *bicep) ofPrincipal(g *graphResource) *appReader {
	if g.kind == "serviceprincipals" {
		if app := b.target(g, "appId"); app != nil {
			return b.of(app)
		}
	}
	return b.of(g)
}

// api is the API that an argument names.
func (b *bicep) api(g *graphResource, name string) (appID, objectID string) {
	if target := b.target(g, name); target != nil {
		return strings.ToLower(target.settled.str("appId")), ""
	}
	if id := g.settled.get(name); present(id) && id.shape == aText {
		return "", strings.ToLower(id.text)
	}
	return "", ""
}

// assignment reads appRoleAssignedTo
// (https://learn.microsoft.com/graph/templates/bicep/reference/approleassignedto).
func (b *bicep) assignment(g *graphResource) {
	a := b.principal(g, "principalId")
	if a == nil {
		return
	}
	grant := appGrant{Kind: kindOfApplication, Consent: "admin", Line: g.at.line}
	grant.ResourceAppID, grant.ResourceID = b.api(g, "resourceId")
	if id, known := a.text(fieldGrants, g.settled.get("appRoleId")); known {
		grant.ID, grant.Name = idOrName(id)
	}
	a.unclear(grant, g.settled.get("resourceId"))
	a.row.Grants = append(a.row.Grants, grant)
}

// delegation reads oauth2PermissionGrants
// (https://learn.microsoft.com/graph/templates/bicep/reference/oauth2permissiongrants).
func (b *bicep) delegation(g *graphResource) {
	a := b.principal(g, "clientId")
	if a == nil {
		return
	}
	grant := appGrant{Kind: kindOfUser, Consent: "admin", Line: g.at.line}
	grant.ResourceAppID, grant.ResourceID = b.api(g, "resourceId")
	if consent, known := a.text(fieldGrants, g.settled.get("consentType")); known && strings.EqualFold(consent, "Principal") {
		grant.Consent = "user"
	}
	a.unclear(grant, g.settled.get("resourceId"))
	if !present(g.settled.get("scope")) {
		a.open(fieldGrants, &node{shape: anUnknown, line: g.at.line, file: g.at.file, why: "the grant does not say which permissions it is of"})
	}
	scope, _ := a.text(fieldGrants, g.settled.get("scope"))
	for name := range strings.FieldsSeq(scope) {
		one := grant
		one.Name = name
		a.row.Grants = append(a.row.Grants, one)
	}
}
