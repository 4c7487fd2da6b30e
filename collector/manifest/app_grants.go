package manifest

import (
	"slices"
	"strings"
)

// principal is the application whose service principal an argument of a resource names; told is false when it is
// something else, such as a person or a group.
func (p *plan) principal(c *change, argument string) (a *appReader, told bool) {
	n := c.after
	if n == nil {
		n = c.before
	}
	at, id := n.get(argument), ""
	if present(at) && at.shape == aText {
		id = strings.ToLower(at.text)
		if app := p.byID[p.apis[id]]; app != nil {
			return app, true
		}
	}
	origin := ""
	for _, base := range p.refers(c, argument) {
		switch kind := kindIn(base); kind {
		case "azuread_user", "azuread_group", "azuread_users", "azuread_groups", "azuread_client_config":
			return nil, false
		case "azuread_service_principal":
			if app := p.ofPrincipal(c, base); app != nil {
				return app, true
			}
		case "azuread_application", "azuread_application_registration":
			if app := p.instance(c, base); app != nil {
				return app, true
			}
		default:
			if strings.HasPrefix(kind, "azurerm_") {
				origin = "managed_identity"
			}
		}
	}
	key := id
	if key == "" {
		key = c.address
	}
	if p.byID["principal "+key] == nil {
		app := p.world.newApp(c.at, formatTerraform, c.address)
		app.row.Name, app.row.PrincipalID, app.row.AppID, app.row.Action = c.address, id, p.apis[id], c.action
		app.row.Origin, app.row.Part = origin, true
		p.byID["principal "+key] = app
	}
	return p.byID["principal "+key], true
}

// kindIn is the type in an address.
func kindIn(address string) string {
	parts := strings.Split(address, ".")
	return parts[max(0, len(parts)-2)]
}

// ofPrincipal is the application of a service principal of the plan.
func (p *plan) ofPrincipal(c *change, base string) *appReader {
	for _, other := range p.changes {
		if other.base != base || other.kind != "azuread_service_principal" || other.data {
			continue
		}
		if pick(c, base, p.addresses(base)) != other.address {
			continue
		}
		if id := p.clientID(other.after); id != "" && p.byID[id] != nil {
			return p.byID[id]
		}
		for _, target := range slices.Concat(p.refers(other, "client_id"), p.refers(other, "application_id")) {
			if app := p.instance(other, target); app != nil {
				return app
			}
		}
	}
	return nil
}

// addresses are the resources that one block of the configuration makes, by address.
func (p *plan) addresses(base string) map[string]string {
	all := map[string]string{}
	for _, c := range p.changes {
		if c.base == base {
			all[c.address] = c.address
		}
	}
	for address := range p.known {
		if indexed.ReplaceAllString(address, "") == base {
			all[address] = address
		}
	}
	return all
}

func (p *plan) clientID(values *node) string {
	if values == nil {
		return ""
	}
	if id := either(values, "client_id", "application_id"); id != nil && id.shape == aText {
		return strings.ToLower(id.text)
	}
	return ""
}

// api is the API that an argument names: its application id as far as the plan tells, and its object id.
func (p *plan) api(c *change, argument string) (appID, objectID string) {
	n := c.after
	if n == nil {
		n = c.before
	}
	if at := n.get(argument); present(at) && at.shape == aText {
		objectID = strings.ToLower(at.text)
		if appID = p.apis[objectID]; appID != "" {
			return appID, objectID
		}
	}
	for _, base := range p.refers(c, argument) {
		if address := pick(c, base, p.addresses(base)); address != "" {
			if appID = p.clientID(p.known[address]); appID != "" {
				return appID, objectID
			}
		}
	}
	return "", objectID
}

// add puts a grant to what is granted, or, where the resource goes, to what is revoked.
func (a *appReader) add(c *change, grant appGrant) {
	if c.action == actionDelete {
		a.row.Revoked = append(a.row.Revoked, grant)
		return
	}
	a.row.Grants = append(a.row.Grants, grant)
}

// assignment reads azuread_app_role_assignment.
func (p *plan) assignment(c *change) {
	a, told := p.principal(c, "principal_object_id")
	if !told {
		return
	}
	n := c.after
	if n == nil {
		n = c.before
	}
	grant := appGrant{Kind: kindOfApplication, Consent: "admin", Line: c.at.line}
	grant.ResourceAppID, grant.ResourceID = p.api(c, "resource_object_id")
	if id, known := a.text(fieldGrants, n.get("app_role_id")); known {
		grant.ID, grant.Name = idOrName(id)
	}
	a.unclear(grant, n.get("resource_object_id"))
	a.add(c, grant)
}

// unclear notes a grant on an API that is not known.
func (a *appReader) unclear(grant appGrant, at *node) {
	if grant.ResourceAppID == "" && grant.ResourceID == "" && present(at) {
		a.open(fieldGrants, at)
	}
}

// delegation reads azuread_service_principal_delegated_permission_grant.
func (p *plan) delegation(c *change) {
	a, told := p.principal(c, "service_principal_object_id")
	if !told {
		return
	}
	n := c.after
	if n == nil {
		n = c.before
	}
	grant := appGrant{Kind: kindOfUser, Consent: "admin", Line: c.at.line}
	grant.ResourceAppID, grant.ResourceID = p.api(c, "resource_service_principal_object_id")
	if user := n.get("user_object_id"); unfilled(user) || present(user) && user.text != "" {
		grant.Consent = "user"
		if user.shape == aText {
			grant.UserID = user.text
		}
	}
	a.unclear(grant, n.get("resource_service_principal_object_id"))
	scopes, _ := a.texts(fieldGrants, n.get("claim_values"))
	for _, scope := range scopes {
		one := grant
		one.Name, one.Line = scope.text, scope.line
		a.add(c, one)
	}
}

// principalPart reads what a service principal says of its application.
func (p *plan) principalPart(c *change) {
	if c.after == nil {
		return
	}
	if c.kind == "azuread_service_principal" {
		if app := p.ofPrincipal(c, c.base); app != nil {
			app.row.Enabled = app.truth(fieldGrants, c.after.get("account_enabled"))
		}
		return
	}
	a, told := p.principal(c, "service_principal_id")
	if !told {
		return
	}
	kind := "secret"
	if c.kind == "azuread_service_principal_certificate" {
		kind = "certificate"
	}
	a.secret(c.after, kind, "service_principal")
}
