package entra_test

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leastwise/collector"
	"leastwise/collector/entra"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestCollectReadsEverything(t *testing.T) {
	g := tenant(t)
	s := collect(t, g, reader())
	against := func(what string, n int) *snapshot.Reconciled {
		return &snapshot.Reconciled{Against: what, Want: n, Got: n}
	}
	for name, want := range map[snapshot.Name]snapshot.Dataset{
		snapshot.Organization:             {Rows: 1, Requests: 1},
		snapshot.Applications:             {Rows: 1, Requests: 3, Reconciled: against(apps+"/$count", 1)}, // listing, cursor, count
		snapshot.ApplicationOwners:        {Rows: 1, Requests: 1},
		snapshot.ServicePrincipals:        {Rows: 3, Requests: 3, Reconciled: against(principals+"/$count", 3)},
		snapshot.ServicePrincipalOwners:   {},
		snapshot.AppRoleAssignments:       {Rows: 2, Requests: 1, Reconciled: against("@odata.count of each resource's assignments", 2)},
		snapshot.DelegatedGrants:          {Rows: 1, Requests: 2, Reconciled: against("@odata.count of "+grants, 1)},
		snapshot.FederatedCredentials:     {Rows: 1, Requests: 2},
		snapshot.DirectoryRoleAssignments: {Rows: 1, Requests: 2},
		snapshot.DirectoryRoleDefinitions: {Rows: 1, Requests: 1},
		snapshot.AuthorizationPolicy:      {Rows: 1, Requests: 1},
		snapshot.PermissionGrantPolicies:  {Rows: 1, Requests: 1},
		snapshot.AdminConsentPolicy:       {Rows: 1, Requests: 1},
		snapshot.AppManagementPolicies:    {Rows: 2, Requests: 2},
		snapshot.SignInActivity:           {Rows: 1, Requests: 1},
		snapshot.CredentialActivity:       {Rows: 1, Requests: 1},
	} {
		d := expect(t, s, name, snapshot.Collected, want.Rows)
		if d.Requests != want.Requests || d.Retries != 0 || d.Duplicates != 0 || d.Reason != "" || !reflect.DeepEqual(d.Reconciled, want.Reconciled) {
			t.Errorf("%s: %+v %+v", name, d, d.Reconciled)
		}
	}
	expect(t, s, snapshot.CertificateKeys, snapshot.Skipped, 0, "not asked for")
	if got, want := len(s.Manifest.Datasets), len(entra.Datasets()); got != want {
		t.Errorf("%d datasets, want %d", got, want)
	}
	if s.Manifest.Tenant.Name != "Testco" {
		t.Errorf("tenant is called %q", s.Manifest.Tenant.Name)
	}
	sameRows(t, s, snapshot.Applications, `{"appId":"x","createdDateTime":"2026-01-01T00:00:00Z","id":"app1","passwordCredentials":[{"keyId":"k"}]}`)
	sameRows(t, s, snapshot.ApplicationOwners, `{"objectId":"app1","ownerId":"u1","@odata.type":"#microsoft.graph.user","displayName":"Ada <1>","userPrincipalName":"ada@testco","userType":"Member","accountEnabled":true}`)
	sameRows(t, s, snapshot.FederatedCredentials, `{"audiences":["a"],"id":"f1","issuer":"https://i","name":"ci","objectId":"app1"}`)
	for _, path := range []string{principals + "/sp2/appRoleAssignedTo", principals + "/sp3/appRoleAssignedTo"} {
		if len(g.Requests(path)) != 0 {
			t.Errorf("%s was asked for and publishes no application permission", path)
		}
	}
	id := s.Manifest.Identities
	if len(id) != 1 || len(id[0].Datasets) != 16 || !slices.Contains(id[0].Roles, "Directory.Read.All") {
		t.Errorf("identities %+v", id)
	}
}

func TestCollectAsksAsTheFactsDemand(t *testing.T) {
	g := tenant(t)
	collect(t, g, reader())
	var listing url.Values
	for _, r := range g.Requests(apps) {
		if r.Query.Get("$expand") == "owners" {
			listing = r.Query
		}
	}
	if listing.Get("$top") != "999" || len(listing) != 2 {
		t.Errorf("applications were asked for with %v", listing)
	}
	for _, path := range []string{grants, principals + "/sp1/appRoleAssignedTo"} {
		if r := g.Requests(path)[0]; r.Query.Get("$count") != "true" || r.Header.Get("ConsistencyLevel") != "eventual" || r.Query.Get("$top") != "999" {
			t.Errorf("%s was not asked for as an advanced query: %v", path, r.Query)
		}
	}
	// The moment from which changes will be told lies before the listing.
	for _, path := range []string{apps, principals, grants} {
		all := g.Requests("")
		cursor := slices.IndexFunc(all, func(r fakegraph.Request) bool { return r.Path == path+"/delta" })
		first := slices.IndexFunc(all, func(r fakegraph.Request) bool {
			return r.Path == path && r.Query.Get("$top") == "999" && r.Query.Get("$select") == ""
		})
		if cursor < 0 || first < cursor || all[cursor].Query.Get("$deltatoken") != "latest" {
			t.Errorf("%s: cursor is request %d, listing %d", path, cursor, first)
		}
	}
}

func TestFailuresAreStatuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   func(g *fakegraph.Graph)
		check func(t *testing.T, s *snapshot.Snapshot)
	}{
		{"applications denied", func(g *fakegraph.Graph) { g.On(apps, fakegraph.Denied()) }, func(t *testing.T, s *snapshot.Snapshot) {
			d := expect(t, s, snapshot.Applications, snapshot.Denied, 0, "Insufficient privileges")
			if d.Evidence == nil || d.Evidence.Status != 403 || d.Evidence.Code != "Authorization_RequestDenied" || d.Evidence.RequestID != "request-1" ||
				!strings.HasSuffix(d.Evidence.URL, apps) {
				t.Errorf("evidence %+v", d.Evidence)
			}
			expect(t, s, snapshot.ApplicationOwners, snapshot.Denied, 0, "not known")
			expect(t, s, snapshot.ServicePrincipals, snapshot.Collected, 3)
		}},
		{"applications break off", func(g *fakegraph.Graph) {
			g.On(apps, fakegraph.Answer{Body: `{"value":[{"id":"app1","appId":"a","owners":[]}],"@odata.nextLink":"{{graph}}/v1.0/applications?$skiptoken=2"}`})
			g.On(apps+"?$skiptoken=2", fakegraph.Answer{Status: 404, Body: `{"error":{"code":"Directory_ExpiredPageToken","message":"too late"}}`})
		}, func(t *testing.T, s *snapshot.Snapshot) {
			d := expect(t, s, snapshot.Applications, snapshot.Partial, 1, "too late")
			if d.Evidence == nil || d.Evidence.Code != "Directory_ExpiredPageToken" || d.Confined || d.Reconciled != nil {
				t.Errorf("got %+v", d)
			}
			expect(t, s, snapshot.ApplicationOwners, snapshot.Partial, 0, "applications is partial")
		}},
		{"count differs", func(g *fakegraph.Graph) { g.On(principals+"/$count", fakegraph.Answer{Body: "5"}) }, func(t *testing.T, s *snapshot.Snapshot) {
			d := expect(t, s, snapshot.ServicePrincipals, snapshot.Partial, 3, "3 rows", "says 5")
			if d.Reconciled == nil || d.Reconciled.Want != 5 || d.Reconciled.Got != 3 {
				t.Errorf("reconciled %+v", d.Reconciled)
			}
			expect(t, s, snapshot.AppRoleAssignments, snapshot.Partial, 2, "service_principals is partial")
		}},
		{"assignments are counted otherwise", func(g *fakegraph.Graph) {
			g.On(principals+"/sp1/appRoleAssignedTo", fakegraph.Answer{Body: `{"@odata.count":3,"value":[` + assigned("as1", "User") + "," + assigned("as2", "User") + `]}`})
		}, func(t *testing.T, s *snapshot.Snapshot) {
			d := expect(t, s, snapshot.AppRoleAssignments, snapshot.Partial, 2, "2 rows were read and @odata.count of each resource's assignments says 3", "resource sp1 has 3 assignments by its own count, and 2 were read")
			if d.Reconciled == nil || d.Reconciled.Want != 3 || d.Reconciled.Got != 2 {
				t.Errorf("reconciled %+v", d.Reconciled)
			}
		}},
		{"assignments of one resource are not counted", func(g *fakegraph.Graph) {
			g.On(principals, fakegraph.Value(`{"id":"sp1","appId":"a","owners":[],"appRoles":[{"allowedMemberTypes":["Application"]}]}`, `{"id":"sp2","appId":"a","owners":[]}`))
			g.On(principals+"/$count", fakegraph.Answer{Body: "2"}).On(principals+"/sp2/appRoleAssignedTo", fakegraph.Value())
		}, func(t *testing.T, s *snapshot.Snapshot) {
			if d := expect(t, s, snapshot.AppRoleAssignments, snapshot.Collected, 2); d.Reconciled != nil {
				t.Errorf("reconciled %+v", d.Reconciled)
			}
		}},
		{"grants are counted otherwise", func(g *fakegraph.Graph) {
			g.On(grants, fakegraph.Answer{Body: `{"@odata.count":4,"value":[` + granted("g1", "a") + `],"@odata.nextLink":"{{graph}}` + grants + `?$skiptoken=2"}`})
			g.On(grants+"?$skiptoken=2", fakegraph.Value(granted("g2", "a"), granted("g1", "a")))
		}, func(t *testing.T, s *snapshot.Snapshot) {
			d := expect(t, s, snapshot.DelegatedGrants, snapshot.Partial, 2, "2 rows were read and @odata.count of "+grants+" says 4")
			if d.Reconciled == nil || *d.Reconciled != (snapshot.Reconciled{Against: "@odata.count of " + grants, Want: 4, Got: 2}) || d.Duplicates != 1 {
				t.Errorf("got %+v %+v", d, d.Reconciled)
			}
		}},
		{"one resource cannot be read", func(g *fakegraph.Graph) {
			g.On(principals, fakegraph.Value(`{"id":"sp1","appId":"a","owners":[],"appRoles":[{"allowedMemberTypes":["Application"]}]}`,
				`{"id":"sp2","appId":"a","owners":[],"appRoles":[{"allowedMemberTypes":["application"]}]}`, `{"id":"sp3","appId":"a","owners":[]}`))
			g.On(principals+"/sp2/appRoleAssignedTo", fakegraph.Answer{Status: http.StatusBadRequest, Body: `{"error":{"code":"BadRequest","message":"no"}}`})
			g.On(principals+"/sp3/appRoleAssignedTo", fakegraph.Value())
		}, func(t *testing.T, s *snapshot.Snapshot) {
			expect(t, s, snapshot.AppRoleAssignments, snapshot.Partial, 2, "assigned to resource sp2")
		}},
		{
			"no resource can be read", func(g *fakegraph.Graph) { g.On(principals+"/sp1/appRoleAssignedTo", fakegraph.Denied()) },
			func(t *testing.T, s *snapshot.Snapshot) {
				expect(t, s, snapshot.AppRoleAssignments, snapshot.Denied, 0, "Insufficient privileges")
			},
		},
		{"principals denied", func(g *fakegraph.Graph) { g.On(principals, fakegraph.Denied()) }, func(t *testing.T, s *snapshot.Snapshot) {
			expect(t, s, snapshot.ServicePrincipals, snapshot.Denied, 0)
			expect(t, s, snapshot.AppRoleAssignments, snapshot.Denied, 0, "which resources there are")
		}},
		{"organization denied", func(g *fakegraph.Graph) { g.On("/v1.0/organization", fakegraph.Denied()) }, func(t *testing.T, s *snapshot.Snapshot) {
			expect(t, s, snapshot.Organization, snapshot.Denied, 0)
			expect(t, s, snapshot.Applications, snapshot.Collected, 1)
		}},
		{"damaged rows", func(g *fakegraph.Graph) {
			g.On(apps, fakegraph.Value(`{"id":"app1","appId":"a","owners":[],"createdDateTime":"01/20/2025"}`, `null`, `{"appId":"a","displayName":"no id"}`, `{"id":"app2","appId":"a","owners":[]}`, `{"id":"app2","appId":"a","owners":[]}`))
			g.On(apps+"/$count", fakegraph.Answer{Body: "3"})
		}, func(t *testing.T, s *snapshot.Snapshot) {
			d := expect(t, s, snapshot.Applications, snapshot.Partial, 3, "found null", "no id")
			if len(d.Gaps) != 1 || d.Gaps[0] != (snapshot.Gap{Row: "app1", Field: "/createdDateTime", Reason: `"01/20/2025" is not an instant`}) || d.Duplicates != 1 {
				t.Errorf("got %+v", d)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t)
			c.set(g)
			c.check(t, collect(t, g, reader()))
		})
	}
}

func TestAnotherTenantEndsTheRun(t *testing.T) {
	other := "99999999-0000-4000-8000-000000000009"
	for name, run := range map[string]func(g *fakegraph.Graph) map[string]any{
		"by token": func(*fakegraph.Graph) map[string]any { return map[string]any{"tid": other} },
		"by organization": func(g *fakegraph.Graph) map[string]any {
			g.On("/v1.0/organization", fakegraph.Value(`{"id":"`+other+`"}`))
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := tenant(t)
			claims := run(g)
			w, err := snapshot.Create(t.TempDir()+"/s", snapshot.Tenant{ID: fakegraph.TenantID}, snapshot.Tool{}, fakegraph.Now())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = w.Abort() }()
			err = collector.Collect(t.Context(), w, source(g, claims))
			if _, ok := errors.AsType[*identity.WrongTenantError](err); !ok || len(g.Requests(apps)) != 0 {
				t.Fatalf("got %v after %d requests", err, len(g.Requests("")))
			}
		})
	}
}
