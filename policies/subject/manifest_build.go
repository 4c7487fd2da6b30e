package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
)

// manifestBuilder makes the document of one application that a file defines.
type manifestBuilder struct {
	join  *Join
	row   *wireManifest
	live  *live
	was   *Application // as the snapshot has it; never nil
	app   *Application
	lines map[string]int  // what stands in keys of findings → line
	fresh map[string]bool // keys of permissions that the merge brings
	told  []string        // fields that the file tells of, and
	blank []string        // those that it leaves as they are
}

// before builds the application as it is before the merge.
func (b *manifestBuilder) before() {
	b.was = &Application{Kind: KindApplication}
	var p *principal
	if b.live != nil && b.live.doubt == "" {
		row := b.live.row
		b.was.ID, b.was.ObjectID = strings.ToLower(row.AppID), strings.ToLower(row.ID)
		b.was.DisplayName, b.was.SignInAudience, b.was.Origin = row.DisplayName, row.SignInAudience, "own"
		b.join.setCreated(b.was, row.CreatedDateTime)
		b.join.addManifest(b.was, row)
		p = b.join.byApp(b.was.ID)
	} else if p = b.join.byApp(b.row.AppID); p == nil || b.row.AppID == "" {
		p = b.join.principal(b.row.PrincipalID)
	}
	if p != nil {
		b.was.ID = cmp.Or(b.was.ID, p.appID)
		b.was.DisplayName, b.was.Origin = cmp.Or(b.was.DisplayName, p.name), cmp.Or(b.was.Origin, b.join.origin(p))
		b.was.SignInAudience = cmp.Or(b.was.SignInAudience, p.audience)
	}
	if p != nil || b.live != nil {
		b.join.addPrincipalFacts(b.was, p)
	}
}

// document puts what the file tells over what is there.
func (b *manifestBuilder) document() Document {
	row, was := b.row, b.was
	app := *was
	b.app = &app
	app.ID = cmp.Or(row.AppID, was.ID, row.ID)
	app.DisplayName = cmp.Or(row.Name, was.DisplayName)
	app.Origin = cmp.Or(row.Origin, was.Origin, "own")
	if row.Format == "microsoft365" { // it tells of nothing but the permissions for single teams, chats and users
		app = Application{Kind: KindApplication, ID: app.ID, DisplayName: app.DisplayName, Origin: app.Origin, Grants: []Grant{}}
	}
	app.Incomplete = slices.Clone(app.Incomplete)
	app.SignInAudience = cmp.Or(row.Audience, app.SignInAudience)
	b.line(row.Audience, row.AudienceLine)
	b.mention("sign_in_audience", row.Audience != "")
	app.VerifiedPublisher, app.Enabled = cmp.Or(row.VerifiedPublisher, app.VerifiedPublisher), cmp.Or(row.Enabled, app.Enabled)
	if app.Enabled == nil {
		b.blank = append(b.blank, "enabled")
	}
	if app.Registered = cmp.Or(app.Registered, b.registers()); app.Registered == nil {
		b.blank = append(b.blank, "registered")
	}
	b.requests()
	b.grants()
	b.lists()
	b.federated()
	b.unresolved()
	credentials := b.credentials()
	document := b.join.finish(&app)
	app.Credentials = credentials // none that is defined is none, whatever was read of the tenant
	indexCredentials(&app)
	if !isTenantID(app.TenantID) {
		app.TenantID = ""
	}
	document.Incomplete = app.Incomplete
	document.File, document.Line, document.Lines = row.File, row.Line, b.lines
	document.Told, document.Blank = b.told, b.blank
	if row.Address != "" && row.Address != document.Name {
		document.Name = strings.TrimSpace(document.Name + " (" + row.Address + ")")
	}
	return document
}

// registers is true where the application has a registration, for the file or the tenant has it; nil where neither tells.
func (b *manifestBuilder) registers() *bool {
	known := b.live != nil && b.live.doubt == ""
	if b.row.Part && !known || b.app.Origin != "own" {
		return nil
	}
	return b.join.truth(true)
}

func isTenantID(id string) bool { return len(id) == 36 && strings.Count(id, "-") == 4 }

// open reports whether the file does not tell all of a field before it is deployed.
func (b *manifestBuilder) open(field string) bool {
	return slices.ContainsFunc(b.row.Unresolved, func(u wireUnresolved) bool { return u.Field == field })
}

// mention notes whether the file tells of a field, be it that it is not known before the file is deployed.
func (b *manifestBuilder) mention(field string, told bool) {
	told = told || b.open(field)
	fields := []string{field}
	if field == "credentials" {
		fields = append(fields, "expired_credentials", "undated_credentials", "valid_credentials")
	}
	switch {
	case !told:
		b.blank = append(b.blank, fields...)
	case field != "federated_credentials": // beside which secrets are judged, and not by themselves
		b.told = append(b.told, fields...)
	}
}

// mentionPermissions notes of a part of an application whether it is about permissions at all.
func (b *manifestBuilder) mentionPermissions(told bool) {
	if !told {
		b.blank = append(b.blank, "requests", "requested_keys", "requested_resources", "grants", "granted_keys", "granted_resources")
	}
}

// requests takes the file's over the tenant's, unless it only adds to them.
func (b *manifestBuilder) requests() {
	row, app := b.row, b.app
	if row.Part && row.Requests == nil && b.live == nil {
		// Another part asks for permissions, wherever that is. Whether they count depends on what this one grants.
		b.mentionPermissions(row.Grants != nil || b.open("grants"))
		return
	}
	requests := []Request{}
	if row.Requests == nil || row.Part {
		requests = append(requests, app.Requests...)
	}
	for _, wanted := range row.Requests {
		request := b.join.asked(wanted)
		requests = append(requests, request)
		b.line(request.Key, wanted.Line)
	}
	if b.open("requests") {
		requests = append(requests, Request{}) // one that is not known
	}
	slices.SortFunc(requests, func(x, y Request) int {
		return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(x.PermissionID, y.PermissionID))
	})
	requests = slices.CompactFunc(requests, func(x, y Request) bool {
		return x.Key == y.Key && x.PermissionID == y.PermissionID && x.TypeMismatch == y.TypeMismatch
	})
	app.Requests, app.RequestedKeys = requests, KeySet{}
	for _, request := range requests {
		if request.Key != "" {
			app.RequestedKeys[request.Key] = true
		}
	}
}

// line notes where a word of a finding's key stands; the first counts.
func (b *manifestBuilder) line(word string, line int) {
	if _, there := b.lines[word]; word != "" && line > 0 && !there {
		b.lines[word] = line
	}
}

// asked resolves a permission that a file asks for, by id or by name.
func (j *Join) asked(w wireManifestRequest) Request {
	api := cmp.Or(w.ResourceAppID, j.apiNamed(w.ResourceName))
	declared := map[string]string{kindApplication: "Role", kindDelegated: "Scope"}[w.Kind]
	if w.ID != "" {
		request := j.request(j.byApp(api), api, declared, w.ID)
		request.ResourceName = cmp.Or(request.ResourceName, j.resolver.catalogue.Resources()[api])
		return request
	}
	var res *resource
	name := j.resolver.catalogue.Resources()[api]
	if p := j.byApp(api); p != nil {
		res, name = p.resource, p.name
	}
	request := Request{ResourceAppID: api, ResourceName: cmp.Or(name, w.ResourceName), Permission: w.Name, Kind: w.Kind}
	if w.Name == "" || api == "" {
		return request
	}
	if w.Specific {
		return j.specific(request)
	}
	found := j.resolver.named(res, api, w.Kind, w.Name)
	request.Key, request.PermissionID, request.Permission = found.key, found.id, found.value
	request.ResolvedBy, request.Tier, request.Narrower = found.by, found.tier, found.narrower
	request.UserConsent, request.Deprecated = found.userConsent, found.deprecated
	return request
}

// specific rates a permission for a single team, chat, meeting or user.
func (j *Join) specific(request Request) Request {
	request.Key = request.ResourceAppID + "/" + string(catalog.ResourceSpecific) + "/" + request.Permission
	request.Tier = string(catalog.Unrated)
	if entry, ok := j.resolver.catalogue.Lookup(request.ResourceAppID, catalog.ResourceSpecific, request.Permission); ok {
		request.Permission, request.ResolvedBy, request.Tier = entry.Value, byCatalogue, string(entry.Tier)
		request.Narrower, request.Deprecated = append([]string{}, entry.Narrower...), entry.Deprecated
	}
	return request
}

// named resolves a permission by its name.
func (r *resolver) named(res *resource, resourceAppID, kind, name string) resolved {
	if kind != kindApplication {
		return r.byName(res, resourceAppID, name)
	}
	p := resolved{value: name, kind: kind}
	if res != nil {
		if i := slices.IndexFunc(res.roles, func(role wirePermission) bool { return strings.EqualFold(role.Value, name) }); i >= 0 {
			p.value, p.id, p.by = res.roles[i].Value, res.roles[i].ID, byTenant
		}
	}
	if entry, ok := r.catalogue.Lookup(resourceAppID, catalog.Kind(kind), name); ok && p.by == "" {
		p.value, p.id, p.by = entry.Value, entry.ID, byCatalogue
	}
	return r.rate(p, resourceAppID)
}

// apiNamed is the application id of an API that is known by its display name.
func (j *Join) apiNamed(name string) string {
	for id, known := range j.resolver.catalogue.Resources() {
		if name != "" && strings.EqualFold(known, name) {
			return id
		}
	}
	return ""
}

// unresolved turns what the file does not tell into gaps.
func (b *manifestBuilder) unresolved() {
	if b.live != nil && b.live.doubt != "" {
		for _, name := range standsIn {
			b.app.Incomplete = append(b.app.Incomplete, Gap{Dataset: name, Reason: b.live.doubt})
		}
	}
	for _, u := range b.row.Unresolved {
		reason := fmt.Sprintf("%s (%s:%d): %s", u.Field, u.File, u.Line, u.Reason)
		if u.Expression != "" {
			reason = fmt.Sprintf("%s: %s (%s:%d): %s", u.Field, u.Expression, u.File, u.Line, u.Reason)
		}
		datasets := []string{snapshot.Applications}
		switch u.Field {
		case "grants":
			datasets = []string{snapshot.AppRoleAssignments, snapshot.DelegatedGrants}
		case "federated_credentials":
			datasets = []string{snapshot.FederatedCredentials}
		}
		for _, name := range datasets {
			b.app.Incomplete = append(b.app.Incomplete, Gap{Dataset: name, Reason: reason, Field: u.Field})
		}
	}
}
