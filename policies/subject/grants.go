package subject

import (
	"cmp"
	"strings"

	"leastwise/collector/snapshot"
)

// grantGatherer builds the grants of one application: one row per permission and
// kind of consent.
type grantGatherer struct {
	rows map[string]*Grant
	by   map[string]map[string]bool // row → users
}

func (j *Join) addGrants(app *Application, p *principal, events []*consentEvent) {
	g := grantGatherer{rows: map[string]*Grant{}, by: map[string]map[string]bool{}}
	for held := range j.assignments.of(p.id) {
		if held.gap != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.AppRoleAssignments, Reason: held.gap})
		}
		if held.roleID == "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.AppRoleAssignments, Reason: "an assignment names no app role"})
			continue
		}
		res, resourceAppID, name := j.resource(held.resourceID)
		found := j.resolver.byID(res, resourceAppID, kindApplication, held.roleID)
		if found.kind != kindApplication {
			// Held as an app role, it is app-only, whatever a scope of the same id is called.
			found.kind, found.narrower, found.userConsent, found.deprecated = kindApplication, nil, nil, false
			found = j.resolver.rate(found, resourceAppID)
		}
		row := newGrant(found, resourceAppID, name, "admin")
		row.GrantedAt, row.ResourceDeleted = held.created, j.gone(held.resourceID)
		row.Published = j.published(j.principal(held.resourceID), held.roleID)
		g.add(row, held.resourceID, "")
	}
	for d := range j.delegated.of(p.id) {
		j.addDelegation(app, &g, d)
	}
	app.Grants = g.sorted(func(grant *Grant, users map[string]bool) { j.addGranted(grant, app.ServicePrincipalID, users, events) })
	app.GrantedKeys = make(KeySet, len(app.Grants))
	for i := range app.Grants {
		grant := &app.Grants[i]
		grant.GivenHere = grant.GrantedBy != nil && grant.GrantedBy.UPN != ""
		if grant.Key != "" {
			app.GrantedKeys[grant.Key] = true
		}
	}
}

func (j *Join) addDelegation(app *Application, g *grantGatherer, d delegation) {
	gap := func(reason string) {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DelegatedGrants, Reason: reason})
	}
	if d.gap != "" {
		gap(d.gap)
	}
	if d.noScope {
		gap("the scope of a delegated grant was not read")
	}
	if d.consent == "" {
		gap("a delegated grant does not say who consented")
	}
	res, resourceAppID, name := j.resource(d.resourceID)
	for word := range strings.FieldsSeq(d.scope) {
		found := j.resolver.byName(res, resourceAppID, word)
		row := newGrant(found, resourceAppID, name, d.consent)
		row.ResourceDeleted, row.Published = j.gone(d.resourceID), j.publishedScope(j.principal(d.resourceID), word)
		g.add(row, d.resourceID, d.userID)
	}
}

// resource finds the API that a grant is on; its service principal may be gone.
func (j *Join) resource(id string) (res *resource, appID, name string) {
	p := j.principal(id)
	if p == nil {
		return nil, "", ""
	}
	return p.resource, p.appID, p.name
}

// gone reports whether the service principal that a grant is on is not in the tenant.
func (j *Join) gone(resourceID string) bool {
	return resourceID != "" && j.principal(resourceID) == nil && j.allPrincipals
}

func newGrant(found resolved, resourceAppID, resourceName, consent string) Grant {
	return Grant{
		Key: found.key, ResourceAppID: resourceAppID, ResourceName: resourceName, PermissionID: found.id,
		Permission: found.value, Kind: found.kind, Consent: consent, ResolvedBy: found.by,
		Tier: found.tier, Narrower: found.narrower, UserConsent: found.userConsent, Deprecated: found.deprecated,
	}
}

// add merges a grant into its row. A grant on a resource that is gone has no key;
// the resource's object id keeps such rows apart.
func (g *grantGatherer) add(grant Grant, resourceID, userID string) {
	key := cmp.Or(grant.Key, resourceID+"/"+grant.Kind+"/"+cmp.Or(grant.Permission, grant.PermissionID)) + " " + grant.Consent
	row, ok := g.rows[key]
	if !ok {
		row = &grant
		g.rows[key] = row
	}
	if grant.GrantedAt != "" && (row.GrantedAt == "" || grant.GrantedAt < row.GrantedAt) {
		row.GrantedAt = grant.GrantedAt
	}
	if grant.Consent != "user" {
		return
	}
	if g.by[key] == nil {
		g.by[key] = map[string]bool{}
	}
	g.by[key][userID] = true
}

// sorted gives the rows in order, each completed by a function that is told which users it is of.
func (g *grantGatherer) sorted(complete func(grant *Grant, users map[string]bool)) []Grant {
	grants := make([]Grant, 0, len(g.rows))
	for _, key := range sortedKeys(g.rows) {
		row := *g.rows[key]
		if users := g.by[key]; users != nil {
			ids := sortedKeys(users)
			row.Users = len(ids)
			if ids[0] == "" { // a grant that does not name its user
				ids = ids[1:]
			}
			if len(ids) > 0 {
				row.UserIDs = ids[:min(len(ids), MaxUsers)]
			}
		}
		complete(&row, g.by[key])
		grants = append(grants, row)
	}
	return grants
}
