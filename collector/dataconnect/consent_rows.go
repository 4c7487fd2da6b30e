package dataconnect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// addedChange and removedChange are what a row says.
const (
	addedChange   = "added"
	removedChange = "removed"
)

// rows are what a record comes to: one row, or two where it adds some permissions and
// removes others. What is wrong with it is wrong with each.
func (r consentRecord) rows(op consentOperation) ([]consentRow, []string) {
	row := consentRow{ID: text(r.id), Operation: plainOperation(text(r.operation)), By: r.by, Change: addedChange}
	row.At, row.AtRaw = date(r.created)
	if op.removed {
		row.Change = removedChange
	}
	problems := slices.Clone(r.problems)
	switch op.kind {
	case kindConsenting:
		return r.consented(row, problems)
	case grantUser:
		r.letIn(&row, op.removed)
		return []consentRow{row}, problems
	}
	problems = append(problems, r.parties(&row, op.removed)...)
	if op.kind == grantDelegated {
		return r.scopes(row, op.removed, problems)
	}
	grant := consentGrant{
		Kind: grantApplication, Permission: r.properties["approle.value"].value(op.removed),
		PermissionID: strings.ToLower(r.properties["approle.id"].value(op.removed)), ResourceID: row.ResourceID, ResourceAppID: row.ResourceAppID,
	}
	if grant.Permission == "" && grant.PermissionID == "" {
		return []consentRow{row}, append(problems, "neither AppRole.Id nor AppRole.Value says which permission it is")
	}
	row.Grants = []consentGrant{grant}
	return []consentRow{row}, problems
}

// namesOf is the application of the service principal that a record is about first.
func (r consentRecord) namesOf(removed bool) string {
	return appIDOf(r.properties["targetid.serviceprincipalnames"].value(removed))
}

// letIn fills in the application into which somebody is let, or is no more.
func (r consentRecord) letIn(row *consentRow, removed bool) {
	row.AppID = r.namesOf(removed)
	if len(r.targets) > 0 {
		t := r.targets[0]
		row.ServicePrincipalID, row.AppName, row.AppID = t.id, t.name, cmp.Or(row.AppID, t.appID)
	}
	row.Grants = []consentGrant{{
		Kind: grantUser, Permission: r.properties["approle.value"].value(removed),
		PermissionID: strings.ToLower(r.properties["approle.id"].value(removed)),
	}}
}

// parties fills in who is granted something, and of which API: ServicePrincipal.* is the
// one that is granted, and the target that is not it is the API.
func (r consentRecord) parties(row *consentRow, removed bool) (problems []string) {
	row.AppName = r.properties["serviceprincipal.displayname"].value(removed)
	if id := r.properties["serviceprincipal.appid"].value(removed); isGUID(id) {
		row.AppID = strings.ToLower(id)
	}
	if id := r.properties["serviceprincipal.objectid"].value(removed); isGUID(id) {
		row.ServicePrincipalID = strings.ToLower(id)
	} else if len(r.targets) == 2 { // the API comes first
		row.ServicePrincipalID = r.targets[1].id
	}
	for i, t := range r.targets {
		switch {
		case t.id != row.ServicePrincipalID && row.ResourceID == "":
			row.ResourceID = t.id
			if i == 0 {
				row.ResourceAppID = r.namesOf(removed)
			}
			row.ResourceAppID = cmp.Or(row.ResourceAppID, t.appID)
		case t.id == row.ServicePrincipalID && len(r.targets) > 1:
			row.AppName, row.AppID = cmp.Or(row.AppName, t.name), cmp.Or(row.AppID, t.appID)
		}
	}
	row.ResourceAppID = cmp.Or(row.ResourceAppID, r.namesOf(removed))
	if row.ResourceID == "" && row.ResourceAppID == "" {
		problems = append(problems, "it does not say of which API the permission is")
	}
	return problems
}

// scopes tells delegated permissions that were there before from those after.
func (r consentRecord) scopes(row consentRow, removed bool, problems []string) ([]consentRow, []string) {
	written, told := r.properties["delegatedpermissiongrant.scope"]
	before, after := strings.Fields(written.from), strings.Fields(written.to)
	if removed && len(before) == 0 { // some feeds have what was removed among the new values
		before, after = after, nil
	}
	kind := r.properties["delegatedpermissiongrant.consenttype"].value(removed)
	consentType, known := consentTypeOf(kind)
	user := strings.ToLower(cmp.Or(r.properties["delegatedpermissiongrant.principalid"].value(removed), r.properties["user.objectid"].value(removed), r.user))
	switch {
	case !told || len(before)+len(after) == 0:
		problems = append(problems, "DelegatedPermissionGrant.Scope does not say which permissions they are")
	case !known:
		problems = append(problems, "DelegatedPermissionGrant.ConsentType does not say for whom the permissions are")
	case consentType == forOne && !isGUID(user):
		problems = append(problems, "it does not say for which user the permissions are")
	}
	if consentType != forOne || !isGUID(user) {
		user = ""
	}
	entry := consentEntry{resource: row.ResourceID, consentType: consentType, user: user}
	from, to := entry, entry
	from.scopes, to.scopes = before, after
	return r.split(row, []consentEntry{from}, []consentEntry{to}, problems)
}

// Whom a delegated permission is for
// (https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant).
const (
	forAll = "AllPrincipals"
	forOne = "Principal"
)

func consentTypeOf(written string) (consentType string, known bool) {
	for _, one := range []string{forAll, forOne} {
		if strings.EqualFold(written, one) {
			return one, true
		}
	}
	return "", false
}

// consented reads an act of consenting.
func (r consentRecord) consented(row consentRow, problems []string) ([]consentRow, []string) {
	row.AppID = r.namesOf(false)
	if len(r.targets) > 0 {
		t := r.targets[0]
		row.ServicePrincipalID, row.AppName, row.AppID = t.id, t.name, cmp.Or(row.AppID, t.appID)
	}
	if row.AppID == "" && isGUID(r.objectID) {
		row.AppID = strings.ToLower(r.objectID)
	}
	for name, to := range map[string]**bool{"isadminconsent": &row.Admin, "onbehalfofall": &row.OnBehalfOfAll} {
		if is, err := strconv.ParseBool(r.properties["consentcontext."+name].to); err == nil {
			*to = &is
		}
	}
	written, told := r.properties["consentaction.permissions"]
	if !told || written.to == "" {
		return []consentRow{row}, append(problems, "ConsentAction.Permissions is not told")
	}
	before, after, problem := parsePermissions(written.to)
	if problem != "" {
		return []consentRow{row}, append(problems, "ConsentAction.Permissions cannot be read: "+problem)
	}
	for _, entry := range slices.Concat(before, after) {
		if row.ServicePrincipalID == "" {
			row.ServicePrincipalID = entry.client
		}
		if entry.client != "" && entry.client != row.ServicePrincipalID {
			problems = append(problems, "ConsentAction.Permissions are of another application than the record")
			break
		}
	}
	return r.split(row, before, after, problems)
}

// split makes a row of what was added and one of what was removed. Without either there is
// a row that says so, unless something is wrong with the record.
func (r consentRecord) split(row consentRow, before, after []consentEntry, problems []string) ([]consentRow, []string) {
	added, removed := lacking(after, before), lacking(before, after)
	var rows []consentRow
	for _, part := range []struct {
		change  string
		entries []consentEntry
	}{{addedChange, added}, {removedChange, removed}} {
		if len(part.entries) == 0 {
			continue
		}
		one := row
		one.Change = part.change
		for _, e := range part.entries {
			one.add(e)
		}
		if rows = append(rows, one); len(rows) > 1 && one.ID != "" {
			rows[1].ID += "/" + removedChange
		}
	}
	if len(rows) == 0 {
		row.Unchanged = len(problems) == 0
		rows = append(rows, row)
	}
	return rows, problems
}

func (row *consentRow) add(e consentEntry) {
	resourceAppID := ""
	if e.resource == row.ResourceID {
		resourceAppID = row.ResourceAppID
	}
	if e.resource == "" && resourceAppID == "" {
		row.Scopes = append(row.Scopes, e.scopes...)
		return
	}
	for _, scope := range e.scopes {
		row.Grants = append(row.Grants, consentGrant{
			Kind: grantDelegated, Permission: scope, ResourceID: e.resource, ResourceAppID: resourceAppID, ConsentType: e.consentType, PrincipalID: e.user,
		})
	}
}
