package manifest

import "strings"

// principal is the application whose service principal an argument names.
func (b *bicep) principal(g *graphResource, name string) *appReader {
	target, at := b.target(g, name)
	switch {
	case target != nil && target.kind == "serviceprincipals":
		if app, _ := b.target(target, "appId"); app != nil {
			return b.of(app)
		}
		a := b.of(target)
		return a
	case target != nil && target.kind == "applications":
		return b.of(target)
	case target != nil:
		return nil // a group or a person
	}
	a := b.world.newApp(g.at, formatBicep, g.address())
	a.row.Name, a.row.Part = g.address(), true
	if id := g.settled.get(name); present(id) && id.shape == aText {
		a.row.PrincipalID = strings.ToLower(id.text)
	}
	if at != nil {
		if strings.HasPrefix(strings.ToLower(at.str("type")), "microsoft.managedidentity/") || present(at.get("identity")) {
			a.row.Origin = "managed_identity"
		}
	}
	return a
}

// api is the API that an argument names.
func (b *bicep) api(g *graphResource, name string) (appID, objectID string) {
	if target, _ := b.target(g, name); target != nil {
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
	scope, _ := a.text(fieldGrants, g.settled.get("scope"))
	for name := range strings.FieldsSeq(scope) {
		one := grant
		one.Name = name
		a.row.Grants = append(a.row.Grants, one)
	}
}
