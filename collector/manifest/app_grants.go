package manifest

import (
	"slices"
	"strings"
)

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

// api is the API that an argument names in the values of a resource: its application id as far as the plan tells, and
// its object id. What the configuration refers to is only told of those that will be.
func (p *plan) api(c *change, n *node, argument string) (appID, objectID string) {
	if at := n.get(argument); present(at) && at.shape == aText {
		objectID = strings.ToLower(at.text)
		if appID = p.apis[objectID]; appID != "" {
			return appID, objectID
		}
	}
	if n != c.settled() {
		return "", objectID
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

// put puts grants to what is granted, and what a resource granted before and does not any more to what is revoked.
func (a *appReader) put(c *change, grants func(a *appReader, n *node) []appGrant) {
	var before, after []appGrant
	if c.before != nil { // what is not known of it does not matter
		before = grants(&appReader{row: &appRow{}, errs: a.errs}, c.before)
	}
	open := len(a.row.Unresolved)
	if c.after != nil {
		after = grants(a, c.after)
	}
	a.row.Grants = append(a.row.Grants, after...)
	if len(a.row.Unresolved) > open {
		return // what was granted may be granted still
	}
	for _, gone := range before {
		if !slices.ContainsFunc(after, gone.same) {
			a.row.Revoked = append(a.row.Revoked, gone)
		}
	}
}

// same reports whether two grants are the same permission of one API, for the same user.
func (g appGrant) same(other appGrant) bool {
	if other.Line = g.Line; g.ResourceID != "" && g.ResourceID == other.ResourceID {
		other.ResourceAppID = g.ResourceAppID
	}
	return g == other
}

// assignment reads azuread_app_role_assignment.
func (p *plan) assignment(c *change) {
	a, told := p.principal(c, "principal_object_id")
	if !told {
		return
	}
	a.put(c, func(a *appReader, n *node) []appGrant {
		grant := appGrant{Kind: kindOfApplication, Consent: "admin", Line: c.at.line}
		grant.ResourceAppID, grant.ResourceID = p.api(c, n, "resource_object_id")
		if id, known := a.text(fieldGrants, n.get("app_role_id")); known {
			grant.ID, grant.Name = idOrName(id)
		}
		a.unclear(grant, n.get("resource_object_id"))
		return []appGrant{grant}
	})
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
	a.put(c, func(a *appReader, n *node) []appGrant {
		grant := appGrant{Kind: kindOfUser, Consent: "admin", Line: c.at.line}
		grant.ResourceAppID, grant.ResourceID = p.api(c, n, "resource_service_principal_object_id")
		if user := n.get("user_object_id"); unfilled(user) || present(user) && user.text != "" {
			grant.Consent = "user"
			if user.shape == aText {
				grant.UserID = strings.ToLower(user.text)
			}
		}
		a.unclear(grant, n.get("resource_service_principal_object_id"))
		var grants []appGrant
		scopes, _ := a.texts(fieldGrants, n.get("claim_values"))
		for _, scope := range scopes {
			one := grant
			one.Name, one.Line = scope.text, scope.line
			grants = append(grants, one)
		}
		return grants
	})
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
	if strings.HasSuffix(c.kind, "_certificate") {
		kind = "certificate"
	}
	a.secret(c.after, kind, "service_principal")
}
