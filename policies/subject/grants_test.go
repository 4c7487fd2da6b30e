package subject

import (
	"fmt"
	"slices"
	"testing"

	"leastwise/collector/snapshot"
)

const client = `{"id":"SP","appId":"client","appOwnerOrganizationId":"` + other + `"}`

func assigned(id, principal, kind, resource, role string) string {
	return fmt.Sprintf(`{"id":%q,"principalId":%q,"principalType":%q,"resourceId":%q,"appRoleId":%q,"createdDateTime":"2026-01-01T00:00:00Z"}`, id, principal, kind, resource, role)
}

func delegated(id, consent, user, resource, scope string) string {
	return fmt.Sprintf(`{"id":%q,"clientId":"sp","consentType":%q,"principalId":%q,"resourceId":%q,"scope":%q}`, id, consent, user, resource, scope)
}

// granted returns the application that holds the given grants.
func granted(t *testing.T, assignments, delegations []string) *Application {
	t.Helper()
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals:  append(published(), client),
		snapshot.AppRoleAssignments: assignments,
		snapshot.DelegatedGrants:    delegations,
	}}
	app := f.applications(t)["client"]
	if app == nil || app.Grants == nil {
		t.Fatalf("got %+v, want its grants", app)
	}
	return app
}

// bare are grants without what TestPublished, TestUserConsent and the tests of ages look at.
func bare(grants []Grant) []Grant {
	list := slices.Clone(grants)
	for i := range list {
		g := &list[i]
		g.Published, g.UserConsent, g.GrantedDays, g.StandingDays, g.ResourceDeleted = nil, nil, nil, nil, false
	}
	return list
}

func TestAppRolesHeld(t *testing.T) {
	const at = "2026-01-01T00:00:00Z"
	app := func(g Grant) []Grant {
		g.Kind, g.Consent, g.GrantedAt = "application", "admin", at
		return []Grant{g}
	}
	cases := []struct {
		name, kind, resource, role string
		want                       []Grant
	}{
		{"of Graph", "ServicePrincipal", "SP-GRAPH", localRole, app(Grant{Key: graph + "/application/Mail.Read", ResourceAppID: graph, ResourceName: "Graph", PermissionID: localRole, Permission: "Mail.Read", ResolvedBy: "tenant", Tier: "high", Narrower: []string{"Mail.ReadBasic.All"}})},
		{"type in capitals", "SERVICEPRINCIPAL", "sp-ours", "R", app(Grant{Key: "ours/application/Role.Only", ResourceAppID: "ours", ResourceName: "Ours", PermissionID: "r", Permission: "Role.Only", ResolvedBy: "tenant", Tier: "unrated"})},
		{"an id that is a scope too", "ServicePrincipal", "sp-ours", "twin", app(Grant{Key: "ours/application/Do.All", ResourceAppID: "ours", ResourceName: "Ours", PermissionID: "twin", Permission: "Do.All", ResolvedBy: "tenant", Tier: "unrated"})},
		{"an id that is a scope only", "ServicePrincipal", "sp-ours", "s", app(Grant{Key: "ours/application/Scope.Only", ResourceAppID: "ours", ResourceName: "Ours", PermissionID: "s", Permission: "Scope.Only", ResolvedBy: "tenant", Tier: "unrated"})},
		{"from the catalogue", "ServicePrincipal", "sp-audit", feed, app(Grant{Key: audit + "/application/ActivityFeed.Read", ResourceAppID: audit, ResourceName: "Audit", PermissionID: feed, Permission: "ActivityFeed.Read", ResolvedBy: "catalogue", Tier: "medium", Narrower: []string{}})},
		{"not resolved", "ServicePrincipal", "sp-ours", strange, app(Grant{Key: "ours/application/" + strange, ResourceAppID: "ours", ResourceName: "Ours", PermissionID: strange})},
		{"of a resource that is gone", "ServicePrincipal", "gone", "x", app(Grant{PermissionID: "x"})},
		{"default access", "ServicePrincipal", "sp-ours", defaultAccess, []Grant{}},
		{"held by a user", "User", "sp-ours", "r", []Grant{}},
		{"held by a group", "Group", "sp-ours", "r", []Grant{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			holder := "sp"
			if c.kind == "User" || c.kind == "Group" {
				holder = "somebody"
			}
			app := granted(t, []string{assigned("1", holder, c.kind, c.resource, c.role)}, nil)
			same(t, "grants", c.want, bare(app.Grants))
			keys := KeySet{}
			for _, g := range c.want {
				if g.Key != "" {
					keys[g.Key] = true
				}
			}
			same(t, "keys", keys, app.GrantedKeys)
		})
	}
}

func TestUsersAreNoApplications(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals:  published(),
		snapshot.AppRoleAssignments: {assigned("1", "anna", "User", "sp-ours", "r"), assigned("2", "all", "Group", "sp-ours", "r"), assigned("3", "gone", "ServicePrincipal", "sp-ours", defaultAccess)},
	}}
	if got := len(f.applications(t)); got != len(published()) {
		t.Errorf("got %d applications, want the %d service principals", got, len(published()))
	}
}

// Two grants on resources that are gone are told apart by the resource.
func TestGrantsOnGoneResources(t *testing.T) {
	app := granted(t, []string{assigned("1", "sp", "ServicePrincipal", "gone1", "x"), assigned("2", "sp", "ServicePrincipal", "gone2", "x")},
		[]string{delegated("3", "AllPrincipals", "", "gone1", "User.Read")})
	if len(app.Grants) != 3 || len(app.GrantedKeys) != 0 {
		t.Errorf("got %+v, want three grants without key", app.Grants)
	}
}

func TestDelegatedScopes(t *testing.T) {
	ours := func(value, id string) Grant {
		return Grant{Key: "ours/delegated/" + value, ResourceAppID: "ours", ResourceName: "Ours", PermissionID: id, Permission: value, Kind: "delegated", Consent: "admin", ResolvedBy: "tenant", Tier: "unrated"}
	}
	unresolved := ours("Other", "")
	unresolved.ResolvedBy, unresolved.Tier = "", ""
	cases := []struct {
		name, scope string
		want        []Grant
	}{
		{"one", "Do", []Grant{ours("Do", "twin")}},
		{"leading blank", " Do Scope.Only", []Grant{ours("Do", "twin"), ours("Scope.Only", "s")}},
		{"runs of blanks", "Scope.Only \t  Do \n", []Grant{ours("Do", "twin"), ours("Scope.Only", "s")}},
		{"other case", "SCOPE.only do", []Grant{ours("Do", "twin"), ours("Scope.Only", "s")}},
		{"twice", "Do Do", []Grant{ours("Do", "twin")}},
		{"not resolved", "Other", []Grant{unresolved}},
		{"role of the same name", "Role.Only", []Grant{{Key: "ours/delegated/Role.Only", ResourceAppID: "ours", ResourceName: "Ours", Permission: "Role.Only", Kind: "delegated", Consent: "admin"}}},
		{"nothing", "", []Grant{}},
		{"blanks", "  ", []Grant{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := granted(t, nil, []string{delegated("1", "AllPrincipals", "", "sp-ours", c.scope)})
			same(t, "grants", c.want, bare(app.Grants))
			if slices.Contains(gapsOf(app.Incomplete), snapshot.DelegatedGrants) {
				t.Errorf("got gaps %v, want none", app.Incomplete)
			}
		})
	}
}

func TestCatalogueResolvesScopes(t *testing.T) {
	app := granted(t, nil, []string{delegated("1", "AllPrincipals", "", "sp-audit", "activityfeed.read")})
	same(t, "grants", []Grant{{
		Key: audit + "/delegated/ActivityFeed.Read", ResourceAppID: audit, ResourceName: "Audit", PermissionID: feed,
		Permission: "ActivityFeed.Read", Kind: "delegated", Consent: "admin", ResolvedBy: "catalogue", Tier: "low", Narrower: []string{},
	}}, bare(app.Grants))
}

// Microsoft Graph publishes hundreds of scopes; they are looked up in a map.
func TestLongTableOfScopes(t *testing.T) {
	scopes := ""
	for i := range 3 * longTable {
		scopes += fmt.Sprintf(`{"id":"id-%d","value":"Scope.%d"},`, i, i)
	}
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {client, `{"id":"api","appId":"api","oauth2PermissionScopes":[` + scopes[:len(scopes)-1] + `]}`},
		snapshot.DelegatedGrants:   {delegated("1", "AllPrincipals", "", "api", "scope.40 Scope.x")},
	}}
	grants := f.applications(t)["client"].Grants
	if len(grants) != 2 || grants[0].PermissionID != "id-40" || grants[0].Permission != "Scope.40" || grants[1].ResolvedBy != "" {
		t.Errorf("got %+v, want Scope.40 resolved and Scope.x not", grants)
	}
}

func TestConsentByAdministratorAndUsers(t *testing.T) {
	rows := []string{
		delegated("0", "AllPrincipals", "", "sp-ours", "Do"), delegated("1", "allprincipals", "anna", "sp-ours", "Do"),
		delegated("2", "Principal", "ANNA", "sp-ours", "Do Scope.Only"), delegated("3", "principal", "anna", "sp-ours", "Do"),
		delegated("4", "Principal", "ben", "sp-ours", "Do"),
	}
	app := granted(t, nil, rows)
	type brief struct {
		key, consent string
		users        int
		ids          string
	}
	var got []brief
	for _, g := range app.Grants {
		got = append(got, brief{g.Key, g.Consent, g.Users, fmt.Sprint(g.UserIDs)})
	}
	want := []brief{
		{"ours/delegated/Do", "admin", 0, "[]"},
		{"ours/delegated/Do", "user", 2, "[anna ben]"},
		{"ours/delegated/Scope.Only", "user", 1, "[anna]"},
	}
	if !slices.Equal(want, got) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUsersAreCapped(t *testing.T) {
	var rows []string
	for i := range MaxUsers + 5 {
		rows = append(rows, delegated(fmt.Sprint(i), "Principal", fmt.Sprintf("user-%03d", i), "sp-ours", "Do"))
	}
	grant := granted(t, nil, rows).Grants[0]
	if grant.Users != MaxUsers+5 || len(grant.UserIDs) != MaxUsers || grant.UserIDs[0] != "user-000" {
		t.Errorf("got %d users of which %v are named", grant.Users, grant.UserIDs)
	}
	grant = granted(t, nil, append(rows[:MaxUsers:MaxUsers], delegated("x", "Principal", "", "sp-ours", "Do"))).Grants[0]
	if grant.Users != MaxUsers+1 || len(grant.UserIDs) != MaxUsers {
		t.Errorf("got %d users of which %v are named, want also the one without a name counted", grant.Users, grant.UserIDs)
	}
	if grant := granted(t, nil, []string{delegated("x", "Principal", "", "sp-ours", "Do")}).Grants[0]; grant.Users != 1 || grant.UserIDs != nil {
		t.Errorf("got %d users %#v, want one whose id is absent", grant.Users, grant.UserIDs)
	}
}

func TestUnreadableGrants(t *testing.T) {
	cases := []struct {
		name, dataset, row string
		grants             int
	}{
		{"scope that is no text", snapshot.DelegatedGrants, `{"id":"1","clientId":"sp","consentType":"AllPrincipals","resourceId":"sp-ours","scope":["Do"]}`, 0},
		{"no scope", snapshot.DelegatedGrants, `{"id":"1","clientId":"sp","consentType":"AllPrincipals","resourceId":"sp-ours"}`, 0},
		{"null scope", snapshot.DelegatedGrants, `{"id":"1","clientId":"sp","consentType":"AllPrincipals","resourceId":"sp-ours","scope":null}`, 0},
		{"no consent", snapshot.DelegatedGrants, `{"id":"1","clientId":"sp","resourceId":"sp-ours","scope":"Do"}`, 1},
		{"unknown consent", snapshot.DelegatedGrants, `{"id":"1","clientId":"sp","consentType":"Partner","resourceId":"sp-ours","scope":"Do"}`, 1},
		{"no role", snapshot.AppRoleAssignments, `{"id":"1","principalId":"sp","principalType":"ServicePrincipal","resourceId":"sp-ours"}`, 0},
		{"role that is no text", snapshot.AppRoleAssignments, `{"id":"1","principalId":"sp","principalType":"ServicePrincipal","resourceId":"sp-ours","appRoleId":5}`, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: append(published(), client), c.dataset: {c.row}}}
			app := f.applications(t)["client"]
			if len(app.Grants) != c.grants || !slices.Contains(gapsOf(app.Incomplete), c.dataset) {
				t.Errorf("got %v, gaps %v, want %d grants and a gap in %s", app.Grants, app.Incomplete, c.grants, c.dataset)
			}
			for id, bystander := range f.applications(t) {
				if id != "client" && slices.Contains(gapsOf(bystander.Incomplete), c.dataset) {
					t.Errorf("%s has the gap of another: %v", id, bystander.Incomplete)
				}
			}
		})
	}
}

func TestLooseFaults(t *testing.T) {
	cases := []struct{ name, dataset, row string }{
		{"assignment of nobody", snapshot.AppRoleAssignments, `{"id":"1","principalType":"ServicePrincipal","resourceId":"r","appRoleId":"x"}`},
		{"grant to nobody", snapshot.DelegatedGrants, `{"id":"1","consentType":"AllPrincipals","resourceId":"r","scope":"x"}`},
		{"service principal without id", snapshot.ServicePrincipals, `{"appId":"x"}`},
		{"owner of nothing", snapshot.ApplicationOwners, `{"ownerId":"x"}`},
		{"owner of no service principal", snapshot.ServicePrincipalOwners, `{"ownerId":"x"}`},
		{"grant on no container type", snapshot.ContainerTypeGrants, `{"appId":"x"}`},
		{"container type of nobody", snapshot.ContainerTypes, `{"id":"x"}`},
		{"decision without app", snapshot.DataConnectEvents, `{"id":"1","kind":"consent","appTenantId":"x"}`},
		{"decision without tenant", snapshot.DataConnectEvents, `{"id":"1","kind":"consent","appId":"x"}`},
		{"run without app", snapshot.DataConnectEvents, `{"id":"1","kind":"operation"}`},
		{"event of another kind", snapshot.DataConnectEvents, `{"id":"1","kind":"x","appId":"x","appTenantId":"x"}`},
		{"entry without tenant", snapshot.DataConnectRegister, `{"appId":"x"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			j := facts{rows: map[snapshot.Name][]string{c.dataset: {c.row}}}.open(t)
			if j.Loose(c.dataset) == "" {
				t.Errorf("dataset %s is not in doubt", c.dataset)
			}
			for _, name := range joined() {
				if name != c.dataset && j.Loose(name) != "" {
					t.Errorf("dataset %s is in doubt: %s", name, j.Loose(name))
				}
			}
		})
	}
}

// What the operator says of an application stands on its document, and so do the resources of what it
// asks for and holds; that is not known where the lists are not.
func TestLookUps(t *testing.T) {
	said := &DeclaredFacts{Needs: []string{"mail.read"}}
	f := facts{
		rows: map[snapshot.Name][]string{
			snapshot.ServicePrincipals:  append(published(), client),
			snapshot.AppRoleAssignments: {assigned("1", "sp", "ServicePrincipal", "sp-graph", localRole), assigned("2", "sp", "ServicePrincipal", "gone", "x")},
			snapshot.DelegatedGrants:    {delegated("3", "AllPrincipals", "", "sp-graph", "Mail.Read User.Read")},
		},
		said: map[string]*DeclaredFacts{"client": said},
	}
	app := f.applications(t)["client"]
	if app.Declared != said || app.RequestedResources != nil {
		t.Errorf("got %+v and requests of %v", app.Declared, app.RequestedResources)
	}
	same(t, "resources", []string{"", graph}, app.GrantedResources)
	own := application(t, facts{status: map[snapshot.Name]snapshot.Status{snapshot.DelegatedGrants: snapshot.Denied}},
		`{"id":"o","appId":"a","requiredResourceAccess":[{"resourceAppId":"OURS","resourceAccess":[{"id":"r","type":"Role"}]}]}`)
	same(t, "requested", []string{"ours"}, own.RequestedResources)
	if own.Declared != nil || own.GrantedResources != nil {
		t.Errorf("got %+v and grants of %v", own.Declared, own.GrantedResources)
	}
}
