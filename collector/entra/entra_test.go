package entra_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"leastwise/collector"
	"leastwise/collector/entra"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const (
	apps       = "/v1.0/applications"
	principals = "/v1.0/servicePrincipals"
	grants     = "/v1.0/oauth2PermissionGrants"
	byIDs      = "/v1.0/directoryObjects/getByIds"
)

func reader() map[string]any {
	return map[string]any{"idtyp": "app", "roles": []string{"Application.Read.All", "Directory.Read.All"}}
}

// tenant answers every call of the source, with one of each.
func tenant(t *testing.T) *fakegraph.Graph {
	g := fakegraph.Start(t)
	g.On("/v1.0/organization", fakegraph.Value(`{"id":"`+fakegraph.TenantID+`","displayName":"Testco"}`))
	g.On(apps, fakegraph.Value(`{"id":"app1","appId":"x","createdDateTime":"2026-01-01T00:00:00Z","passwordCredentials":[{"keyId":"k","hint":"abc","secretText":null}],"owners":[{"@odata.type":"#microsoft.graph.user","id":"u1","displayName":"Ada <1>","mail":"a@b"}]}`))
	g.On(apps+"/$count", fakegraph.Answer{Body: "1"})
	g.On(principals, fakegraph.Value(
		`{"id":"sp1","appId":"a","owners":[],"owners@odata.context":"c","appRoles":[{"id":"r","allowedMemberTypes":["User","Application"]}]}`,
		`{"id":"sp2","appId":"a","owners":[],"appRoles":[{"id":"r","allowedMemberTypes":["User"]}]}`,
		`{"id":"sp3","appId":"a","owners":[],"appRoles":[]}`))
	g.On(principals+"/$count", fakegraph.Answer{Body: "3"})
	g.On(principals+"/sp1/appRoleAssignedTo", fakegraph.Value(`{"id":"as1","principalType":"User"}`, `{"id":"as2","principalType":"ServicePrincipal"}`))
	g.On(grants, fakegraph.Value(`{"id":"g1","scope":" User.Read"}`))
	g.On(byIDs, fakegraph.Value(`{"@odata.type":"#microsoft.graph.user","id":"u1","displayName":"Ada <1>","userPrincipalName":"ada@testco","userType":"Member","accountEnabled":true}`))
	return g
}

func collect(t *testing.T, g *fakegraph.Graph, claims map[string]any) *snapshot.Snapshot {
	t.Helper()
	return fakegraph.Snapshot(t, func(w *snapshot.Writer) error {
		return collector.Collect(t.Context(), w, entra.New(entra.Options{Graph: g.Client(claims)}))
	})
}

// expect checks status and count of one dataset and returns it.
func expect(t *testing.T, s *snapshot.Snapshot, name snapshot.Name, status snapshot.Status, rows int, reasons ...string) snapshot.Dataset {
	t.Helper()
	d := s.Manifest.Datasets[name]
	if d.Status != status || d.Rows != rows {
		t.Errorf("%s is %s with %d rows, want %s with %d; reason: %s", name, d.Status, d.Rows, status, rows, d.Reason)
	}
	for _, reason := range reasons {
		if !strings.Contains(d.Reason, reason) {
			t.Errorf("%s: reason %q does not say %q", name, d.Reason, reason)
		}
	}
	return d
}

func TestCollectReadsEverything(t *testing.T) {
	g := tenant(t)
	s := collect(t, g, reader())
	for name, n := range map[snapshot.Name]int{
		snapshot.Organization: 1, snapshot.Applications: 1, snapshot.ApplicationOwners: 1, snapshot.ServicePrincipals: 3,
		snapshot.ServicePrincipalOwners: 0, snapshot.AppRoleAssignments: 2, snapshot.DelegatedGrants: 1,
	} {
		expect(t, s, name, snapshot.Collected, n)
	}
	if s.Manifest.Tenant.Name != "Testco" {
		t.Errorf("tenant is called %q", s.Manifest.Tenant.Name)
	}
	want := `{"objectId":"app1","ownerId":"u1","@odata.type":"#microsoft.graph.user","displayName":"Ada <1>","userPrincipalName":"ada@testco","userType":"Member","accountEnabled":true}`
	if got := fakegraph.Rows(t, s, snapshot.ApplicationOwners); !slices.Equal(got, []string{want}) {
		t.Errorf("owners %v, want %s", got, want)
	}
	app := fakegraph.Rows(t, s, snapshot.Applications)[0]
	for _, absent := range []string{"owners", "hint", "secretText", "abc"} {
		if strings.Contains(app, absent) {
			t.Errorf("application holds %q: %s", absent, app)
		}
	}
	for _, path := range []string{principals + "/sp2/appRoleAssignedTo", principals + "/sp3/appRoleAssignedTo"} {
		if len(g.Requests(path)) != 0 {
			t.Errorf("%s was asked for and publishes no application permission", path)
		}
	}
	if q := g.Requests(apps)[0].Query; q.Get("$top") != "999" || q.Get("$expand") != "owners" {
		t.Errorf("applications were asked for with %v", q)
	}
	if r := g.Requests(grants)[0]; r.Query.Get("$count") != "true" || r.Header.Get("ConsistencyLevel") != "eventual" {
		t.Errorf("grants were not asked for as an advanced query: %v", r.Query)
	}
	d := s.Manifest.Datasets[snapshot.Applications]
	if d.Reconciled == nil || *d.Reconciled != (snapshot.Reconciled{Against: apps + "/$count", Want: 1, Got: 1}) || d.Requests != 2 {
		t.Errorf("applications: %+v %+v", d, d.Reconciled)
	}
	if s.Manifest.Datasets[snapshot.DelegatedGrants].Reconciled != nil {
		t.Error("grants are reconciled against a count that Graph refused")
	}
	id := s.Manifest.Identities
	if len(id) != 1 || len(id[0].Datasets) != 7 || !slices.Contains(id[0].Roles, "Directory.Read.All") {
		t.Errorf("identities %+v", id)
	}
}

func TestOwnersAreNeverCutShort(t *testing.T) {
	stub := func(id string) string {
		return `{"@odata.type":"#microsoft.graph.user","id":"` + id + `","displayName":null}`
	}
	list := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, stub(fmt.Sprintf("u%02d", i)))
		}
		return strings.Join(all, ",")
	}
	for _, c := range []struct {
		name, member string
		reread       bool
		rows         int
	}{
		{"nineteen", `,"owners":[` + list(19) + `]`, false, 19},
		{"twenty may be more", `,"owners":[` + list(20) + `]`, true, 25},
		{"not expanded", ``, true, 25},
		{"null", `,"owners":null`, true, 25},
		{"another page", `,"owners":[` + list(3) + `],"owners@odata.nextLink":"x"`, true, 25},
		{"one without id", `,"owners":[{"displayName":"who"}]`, true, 25},
		{"none", `,"owners":[]`, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t)
			g.On(apps, fakegraph.Value(`{"id":"app1","appId":"a"`+c.member+`}`))
			g.On(apps+"/app1/owners", fakegraph.Value(strings.Split(strings.ReplaceAll(list(25), "},{", "}\n{"), "\n")...))
			g.On(byIDs, fakegraph.Value())
			s := collect(t, g, reader())
			expect(t, s, snapshot.ApplicationOwners, snapshot.Collected, c.rows)
			if got := len(g.Requests(apps+"/app1/owners")) > 0; got != c.reread {
				t.Errorf("owners read again: %v, want %v", got, c.reread)
			}
			for _, row := range fakegraph.Rows(t, s, snapshot.ApplicationOwners) {
				var members map[string]any
				if err := json.Unmarshal([]byte(row), &members); err != nil {
					t.Fatal(err)
				}
				if got := slices.Sorted(maps.Keys(members)); !slices.Equal(got, []string{"@odata.type", "objectId", "ownerId"}) {
					t.Fatalf("a stub became %s", row)
				}
			}
		})
	}
}

func TestOwnersOfOneObjectThatCannotBeRead(t *testing.T) {
	g := tenant(t).On(apps, fakegraph.Value(`{"id":"app1","appId":"a","owners":null}`, `{"id":"app2","appId":"a","owners":[]}`)).On(apps+"/$count", fakegraph.Answer{Body: "2"})
	g.On(apps+"/app1/owners", fakegraph.Denied())
	d := expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Partial, 0)
	if len(d.Gaps) != 1 || d.Gaps[0].Row != "app1" || !strings.Contains(d.Gaps[0].Reason, "Insufficient privileges") || !d.Confined || d.Evidence == nil {
		t.Errorf("got %+v", d)
	}
	g.On(apps, fakegraph.Value(`{"id":"app1","appId":"a"}`, `{"id":"app2","appId":"a"}`)).On(apps+"/app2/owners", fakegraph.Denied())
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Denied, 0, "Insufficient privileges")
	// What $expand showed of a list that may be cut stays.
	g = tenant(t)
	var twenty []string
	for i := range 20 {
		twenty = append(twenty, fmt.Sprintf(`{"id":"u%02d"}`, i))
	}
	g.On(apps, fakegraph.Value(`{"id":"app1","appId":"a","owners":[`+strings.Join(twenty, ",")+`]}`)).On(apps+"/app1/owners", fakegraph.Denied())
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Partial, 20)
}

func TestOwnerDetailsAreAskedForInChunks(t *testing.T) {
	g := tenant(t)
	var rows []string
	for i := range 150 {
		var owners []string
		for j := range 15 {
			owners = append(owners, fmt.Sprintf(`{"id":"u%d"}`, i*15+j))
		}
		rows = append(rows, fmt.Sprintf(`{"id":"app%03d","appId":"a","owners":[%s]}`, i, strings.Join(owners, ",")))
	}
	g.On(apps, fakegraph.Value(rows...))
	g.On(apps+"/$count", fakegraph.Answer{Body: "150"})
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Collected, 2250)
	var sizes []int
	for _, r := range g.Requests(byIDs) {
		var body struct{ IDs []string }
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(body.IDs))
		if r.Query.Get("$select") == "" {
			t.Error("details are asked for without $select")
		}
	}
	if !slices.Equal(sizes, []int{1000, 1000, 250}) {
		t.Errorf("chunks of %v", sizes)
	}
}

func TestUnknownOwnerDetailsMakeOwnersPartial(t *testing.T) {
	g := tenant(t).On(byIDs, fakegraph.Denied())
	expect(t, collect(t, g, reader()), snapshot.ApplicationOwners, snapshot.Partial, 1, "details of owners", "Insufficient privileges")
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

func TestLackingPermissionsAreToldWithoutACall(t *testing.T) {
	g := tenant(t)
	s := collect(t, g, map[string]any{"idtyp": "app", "roles": []string{"Application.Read.All"}})
	expect(t, s, snapshot.DelegatedGrants, snapshot.Denied, 0, "application permission", "Directory.Read.All")
	expect(t, s, snapshot.Applications, snapshot.Collected, 1)
	if len(g.Requests(grants)) != 0 {
		t.Error("grants were asked for")
	}
	s = collect(t, tenant(t), map[string]any{"idtyp": "app"})
	for _, name := range []snapshot.Name{snapshot.Applications, snapshot.ApplicationOwners, snapshot.ServicePrincipals, snapshot.AppRoleAssignments} {
		expect(t, s, name, snapshot.Denied, 0, "Application.Read.All")
	}
	// An opaque token tells nothing, so everything is tried.
	s = collect(t, tenant(t), nil)
	expect(t, s, snapshot.DelegatedGrants, snapshot.Collected, 1)
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
			client := g.Client(run(g))
			w, err := snapshot.Create(t.TempDir()+"/s", snapshot.Tenant{ID: fakegraph.TenantID}, snapshot.Tool{}, fakegraph.Now())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = w.Abort() }()
			err = collector.Collect(t.Context(), w, entra.New(entra.Options{Graph: client}))
			if _, ok := errors.AsType[*identity.WrongTenantError](err); !ok || len(g.Requests(apps)) != 0 {
				t.Fatalf("got %v after %d requests", err, len(g.Requests("")))
			}
		})
	}
}
