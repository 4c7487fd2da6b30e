package subject

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// applications yields registrations in the order of their object ids, then the
// service principals without a registration here, then those that are only known
// from their grants.
func (j *Join) applications() iter.Seq2[Builder, error] {
	if j.Defined() {
		return j.manifests()
	}
	return func(yield func(Builder, error) bool) {
		registered, granted := map[uint32]bool{}, map[string]bool{}
		anonymous := false // a registration does not say which application it is
		for line, err := range j.snap.Rows(snapshot.Applications) {
			if err != nil {
				yield(nil, err)
				return
			}
			row := bytes.Clone(line)
			appID := quickAppID(row)
			anonymous = anonymous || appID == ""
			j.remember(appID, row)
			if p := j.byApp(appID); p != nil {
				registered[p.number] = true
			} else if j.grantedTypes[appID] != nil {
				granted[appID] = true
			}
			if !yield(func() (Document, error) { return j.registeredApplication(row) }, nil) {
				return
			}
		}
		j.mu.Lock()
		j.listed = !anonymous
		j.mu.Unlock()
		unread := anonymous || !j.whole(snapshot.Applications)
		for p := range j.unregistered(registered) {
			if !yield(func() (Document, error) { return j.unregisteredApplication(p, unread), nil }, nil) {
				return
			}
		}
		for _, appID := range j.grantedOnly(granted, unread) {
			if !yield(func() (Document, error) { return j.goneApplication(appID), nil }, nil) {
				return
			}
		}
	}
}

// grantedOnly are the applications that were granted something on container types and have neither service principal nor
// registration here. Where not all of those were read, nobody knows of any.
func (j *Join) grantedOnly(registered map[string]bool, unread bool) []string {
	if unread || !j.confirmed(snapshot.ServicePrincipals) {
		return nil
	}
	var list []string
	for _, appID := range sortedKeys(j.grantedTypes) {
		if !registered[appID] && j.byApp(appID) == nil {
			list = append(list, appID)
		}
	}
	return list
}

// goneApplication makes a subject of an application of which nothing but grants on container types is here.
func (j *Join) goneApplication(appID string) Document {
	app := &Application{Kind: KindApplication, ID: appID, Origin: kindDeleted}
	j.addPrincipalFacts(app, nil)
	return j.finish(app)
}

// unlisted are the orphans, unless service principals could not be read at all:
// then every holder of a grant is one, and the dataset's status says so already.
func (j *Join) unlisted() map[string]*principal {
	if !j.readable(snapshot.ServicePrincipals) {
		return nil
	}
	return j.orphans
}

// quickAppID finds the appId of a row without decoding the row where it can: Graph
// writes it before any nested member, which may have an appId of its own.
func quickAppID(row []byte) string {
	const member = `"appId":"`
	if at := bytes.Index(row, []byte(member)); at > 0 && !bytes.ContainsAny(row[1:at], `{[\`) {
		rest := row[at+len(member):]
		if end := bytes.IndexByte(rest, '"'); end > 0 && bytes.IndexByte(rest[:end], '\\') < 0 {
			return strings.ToLower(string(rest[:end]))
		}
	}
	var only struct {
		AppID string `json:"appId"`
	}
	if _, err := decode(row, &only); err != nil {
		return ""
	}
	return strings.ToLower(only.AppID)
}

func (j *Join) registeredApplication(line []byte) (Document, error) {
	row, fault, err := decodeRow[wireApplication](line)
	if err != nil {
		return Document{}, fmt.Errorf("read dataset %s: %w", snapshot.Applications, err)
	}
	app := &Application{
		Kind: KindApplication, ID: strings.ToLower(row.AppID), ObjectID: strings.ToLower(row.ID),
		DisplayName: row.DisplayName, Origin: "own", SignInAudience: row.SignInAudience,
	}
	if reason := j.gap(snapshot.Applications, row.ID, fault); reason != "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.Applications, Reason: reason})
	}
	if app.ID == "" {
		app.ID = "application/" + app.ObjectID
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.Applications, Reason: "appId was not read"})
	}
	if app.ObjectID == "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.ApplicationOwners, Reason: "the id of the registration was not read"})
	}
	app.Registered = j.truth(true)
	j.setCreated(app, row.CreatedDateTime)
	j.addManifest(app, row)
	j.addPrincipalFacts(app, j.byApp(app.ID))
	if row.IsDisabled != nil && *row.IsDisabled && app.ServicePrincipalID != "" {
		app.Enabled = j.truth(false)
	}
	return j.finish(app), nil
}

// unregisteredApplication makes a subject of a service principal. unread is true
// when it may have a registration here that was not read.
func (j *Join) unregisteredApplication(p *principal, unread bool) Document {
	app := &Application{Kind: KindApplication, ID: p.appID, DisplayName: p.name, Origin: j.origin(p), SignInAudience: p.audience}
	if unread && (app.Origin == "own" || app.Origin == "") {
		const reason = "the registration was not read"
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.Applications, Reason: reason}, Gap{Dataset: snapshot.ApplicationOwners, Reason: reason})
	}
	if !unread && app.Origin == "own" && !p.isAgent && strings.EqualFold(p.kind, "Application") {
		app.Registered = j.truth(false)
	}
	j.setCreated(app, p.created)
	j.addPrincipalFacts(app, p)
	return j.finish(app)
}

func (j *Join) setCreated(app *Application, created string) {
	app.CreatedAt = created
	if t, ok := parseInstant(created); ok {
		app.AgeDays = ageDays(j.asOf, t)
	}
}

// addPrincipalFacts adds what stands on the service principal's side. p is nil when
// the tenant has none.
func (j *Join) addPrincipalFacts(app *Application, p *principal) {
	grantsRead := j.readable(snapshot.AppRoleAssignments, snapshot.DelegatedGrants)
	j.addSignIn(app, p)
	j.addDirectoryRoles(app, p)
	if p != nil {
		app.ServicePrincipalID, app.Enabled = p.id, p.enabled
	}
	events := j.eventsOf(app)
	j.addConsents(app, events)
	if p == nil {
		if grantsRead && j.whole(snapshot.ServicePrincipals) {
			app.Grants, app.GrantedKeys = []Grant{}, KeySet{}
		}
		return
	}
	if p.kind != kindDeleted {
		app.ServicePrincipalType = p.kind
	}
	app.DisabledByMicrosoft = cmp.Or(app.DisabledByMicrosoft, p.disabledByMicrosoft)
	app.PublisherName = cmp.Or(app.PublisherName, p.publisher)
	// The service principal has a copy of the time at which it was made.
	app.VerifiedPublisher = cmp.Or(app.VerifiedPublisher, p.verified)
	if app.Credentials == nil {
		app.Credentials = slices.Clone(p.credentials)
	} else {
		app.Credentials = append(app.Credentials, p.credentials...)
	}
	app.Incomplete = append(app.Incomplete, p.gaps...)
	if grantsRead {
		j.addGrants(app, p, events)
	}
}

// finish adds what needs both sides, sorts the lists and wraps the document up.
func (j *Join) finish(app *Application) Document {
	app.Auditor, app.TenantID = j.auditors[app.ID], j.tenantID
	app.Declared = j.facts[app.ID]
	addResources(app)
	j.addFeeds(app)
	app.Owners = mergeOwners(j.owners.of(newRowKey(app.ObjectID)), j.owners.of(newRowKey(app.ServicePrincipalID)))
	j.addOwnerRoles(app)
	// None met is not none there when part of them was not read.
	if len(app.Owners) == 0 && !j.readable(snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners) {
		app.Owners = nil
	}
	if len(app.Credentials) == 0 && !j.readable(snapshot.Applications, snapshot.ServicePrincipals) {
		app.Credentials = nil
	}
	for _, objectID := range []string{app.ObjectID, app.ServicePrincipalID} {
		if objectID != "" {
			app.Incomplete = append(app.Incomplete, j.ownerGaps[objectID]...)
		}
	}
	app.ContainerTypes = j.ownedContainerTypes(app)
	j.addTypeGrants(app)
	j.addUsage(app)
	addStood(app)
	j.addLeast(app)
	slices.SortFunc(app.Credentials, func(a, b Credential) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Type, b.Type), cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.Ends, b.Ends))
	})
	indexCredentials(app)
	j.keepAuditor(app)
	return Document{Kind: KindApplication, ID: app.ID, Name: app.DisplayName, Value: app, Incomplete: app.Incomplete}
}

// addResources fills in the look-ups into requests and grants.
func addResources(app *Application) {
	if app.Requests != nil {
		app.RequestedResources = []string{}
		for _, request := range app.Requests {
			app.RequestedResources = append(app.RequestedResources, request.ResourceAppID)
		}
	}
	if app.Grants != nil {
		app.GrantedResources = []string{}
		for _, grant := range app.Grants {
			app.GrantedResources = append(app.GrantedResources, grant.ResourceAppID)
		}
	}
	for _, list := range []*[]string{&app.RequestedResources, &app.GrantedResources} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// indexCredentials fills in the look-ups into the credentials.
func indexCredentials(app *Application) {
	if app.Credentials == nil {
		return
	}
	undated := 0
	app.ExpiredCredentials, app.ValidCredentials = []Credential{}, KeySet{}
	for _, c := range app.Credentials {
		switch {
		case c.DaysLeft == nil:
			undated++
		case *c.DaysLeft <= 0:
			app.ExpiredCredentials = append(app.ExpiredCredentials, c)
		case c.AgeDays == nil || *c.AgeDays >= 0:
			app.ValidCredentials[c.Of] = true
		}
	}
	app.UndatedCredentials = &undated
}

// addRequests turns the manifest into requests. They stay absent when any of it
// could not be read: what a broken part asked for must not look unasked for.
func (j *Join) addRequests(app *Application, row *wireApplication) {
	if row.RequiredResourceAccess == nil {
		return
	}
	requests := []Request{}
	for _, access := range row.RequiredResourceAccess {
		p := j.byApp(strings.ToLower(access.ResourceAppID))
		broken := access.ResourceAppID == "" || access.ResourceAccess == nil
		for _, wanted := range access.ResourceAccess {
			broken = broken || wanted.ID == "" || !strings.EqualFold(wanted.Type, "Role") && !strings.EqualFold(wanted.Type, "Scope")
			requests = append(requests, j.request(p, access.ResourceAppID, wanted.Type, wanted.ID))
		}
		if broken {
			const reason = "a requested permission was not read"
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.Applications, Reason: reason, Field: "requests"})
			return
		}
	}
	app.Requests, app.RequestedKeys = requests, KeySet{}
	slices.SortFunc(app.Requests, func(a, b Request) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.PermissionID, b.PermissionID))
	})
	app.Requests = slices.CompactFunc(app.Requests, func(a, b Request) bool {
		return a.Key == b.Key && a.PermissionID == b.PermissionID && a.TypeMismatch == b.TypeMismatch
	})
	for _, request := range app.Requests {
		if request.Key != "" {
			app.RequestedKeys[request.Key] = true
		}
	}
}

// published reports whether an API has a permission of an id, in either kind; nil when it is not in the
// tenant, or its lists were not read whole.
func (j *Join) published(p *principal, id string) *bool {
	if id == "" || !p.listsRead() {
		return nil
	}
	return j.truth(p.resource != nil && p.resource.publishes(id))
}

// publishedScope is published for a scope by name.
func (j *Join) publishedScope(p *principal, name string) *bool {
	if !p.listsRead() {
		return nil
	}
	known := false
	if p.resource != nil {
		_, known = p.resource.scope(name)
	}
	return j.truth(known)
}

// listsRead reports whether all that a service principal publishes was read.
func (p *principal) listsRead() bool {
	return p != nil && p.listed && !slices.ContainsFunc(p.gaps, func(g Gap) bool { return g.Field == "" })
}

func (j *Join) request(p *principal, resourceAppID, declaredType, id string) Request {
	declared := ""
	switch {
	case strings.EqualFold(declaredType, "Role"):
		declared = kindApplication
	case strings.EqualFold(declaredType, "Scope"):
		declared = kindDelegated
	}
	var res *resource
	name := ""
	if p != nil {
		res, name = p.resource, p.name
	}
	found := j.resolver.byID(res, resourceAppID, declared, id)
	return Request{
		Published: j.published(p, found.id), UserConsent: found.userConsent, Deprecated: found.deprecated,
		Key: found.key, ResourceAppID: strings.ToLower(resourceAppID), ResourceName: name,
		PermissionID: found.id, Permission: found.value, Kind: found.kind,
		TypeMismatch: found.by != "" && found.kind != declared,
		ResolvedBy:   found.by, Tier: found.tier, Narrower: found.narrower,
	}
}
