package subject

import (
	"fmt"
	"slices"
	"testing"

	"leastwise/collector/snapshot"
)

// published are the APIs of the tenant: Graph with its own ids, an API of ours that
// uses one id twice, and Audit, which publishes nothing here.
func published() []string {
	return []string{
		`{"id":"sp-graph","appId":"` + graph + `","displayName":"Graph","appRoles":[{"id":"` + localRole + `","value":"Mail.Read"},{"id":"` + strange + `","value":null}],"oauth2PermissionScopes":[{"id":"` + localScope + `","value":"Mail.Read"}]}`,
		`{"id":"sp-ours","appId":"ours","displayName":"Ours","appRoles":[{"id":"TWIN","value":"Do.All"},{"id":"r","value":"Role.Only"}],"oauth2PermissionScopes":[{"id":"twin","value":"Do"},{"id":"s","value":"Scope.Only"}]}`,
		`{"id":"sp-audit","appId":"` + audit + `","displayName":"Audit"}`,
	}
}

func TestRequests(t *testing.T) {
	high := []string{"Mail.ReadBasic.All"}
	cases := []struct {
		name, resource, id, kind, cloud string
		want                            Request
	}{
		{"role", graph, localRole, "Role", "", Request{Key: graph + "/application/Mail.Read", ResourceName: "Graph", Permission: "Mail.Read", Kind: "application", ResolvedBy: "tenant", Tier: "high", Narrower: high}},
		{"scope", graph, localScope, "Scope", "", Request{Key: graph + "/delegated/Mail.Read", ResourceName: "Graph", Permission: "Mail.Read", Kind: "delegated", ResolvedBy: "tenant", Tier: "medium", Narrower: []string{}}},
		{"role in capitals", "OURS", "R", "ROLE", "", Request{Key: "ours/application/Role.Only", ResourceName: "Ours", Permission: "Role.Only", Kind: "application", ResolvedBy: "tenant", Tier: "unrated"}},
		{"role that is a scope", "ours", "s", "Role", "", Request{Key: "ours/delegated/Scope.Only", ResourceName: "Ours", Permission: "Scope.Only", Kind: "delegated", TypeMismatch: true, ResolvedBy: "tenant", Tier: "unrated"}},
		{"scope that is a role", "ours", "r", "Scope", "", Request{Key: "ours/application/Role.Only", ResourceName: "Ours", Permission: "Role.Only", Kind: "application", TypeMismatch: true, ResolvedBy: "tenant", Tier: "unrated"}},
		{"one id, as role", "ours", "twin", "Role", "", Request{Key: "ours/application/Do.All", ResourceName: "Ours", Permission: "Do.All", Kind: "application", ResolvedBy: "tenant", Tier: "unrated"}},
		{"one id, as scope", "ours", "twin", "Scope", "", Request{Key: "ours/delegated/Do", ResourceName: "Ours", Permission: "Do", Kind: "delegated", ResolvedBy: "tenant", Tier: "unrated"}},
		{"catalogue", graph, mailRole, "Role", "", Request{Key: graph + "/application/Mail.Read", ResourceName: "Graph", Permission: "Mail.Read", Kind: "application", ResolvedBy: "catalogue", Tier: "high", Narrower: high}},
		{"catalogue, wrong type", graph, mailScope, "Role", "", Request{Key: graph + "/delegated/Mail.Read", ResourceName: "Graph", Permission: "Mail.Read", Kind: "delegated", TypeMismatch: true, ResolvedBy: "catalogue", Tier: "medium", Narrower: []string{}}},
		{"catalogue, one id, as role", audit, feed, "Role", "", Request{Key: audit + "/application/ActivityFeed.Read", ResourceName: "Audit", Permission: "ActivityFeed.Read", Kind: "application", ResolvedBy: "catalogue", Tier: "medium", Narrower: []string{}}},
		{"catalogue, one id, as scope", audit, feed, "Scope", "", Request{Key: audit + "/delegated/ActivityFeed.Read", ResourceName: "Audit", Permission: "ActivityFeed.Read", Kind: "delegated", ResolvedBy: "catalogue", Tier: "low", Narrower: []string{}}},
		{"catalogue of another cloud", graph, usgovRole, "Role", "usgov", Request{Key: graph + "/application/Mail.Read", ResourceName: "Graph", Permission: "Mail.Read", Kind: "application", ResolvedBy: "catalogue", Tier: "high", Narrower: high}},
		{"id of another cloud", graph, usgovRole, "Role", "", Request{Key: graph + "/application/" + usgovRole, ResourceName: "Graph", Kind: "application"}},
		{"global id in another cloud", graph, mailRole, "Role", "usgov", Request{Key: graph + "/application/" + mailRole, ResourceName: "Graph", Kind: "application"}},
		{"role without a name", graph, strange, "Role", "", Request{Key: graph + "/application/" + strange, ResourceName: "Graph", Kind: "application"}},
		{"unresolved scope", "nowhere", "X", "Scope", "", Request{Key: "nowhere/delegated/x", Kind: "delegated"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := facts{cloud: c.cloud, rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: published()}}
			app := application(t, f, fmt.Sprintf(`{"id":"1","appId":"a","requiredResourceAccess":[{"resourceAppId":%q,"resourceAccess":[{"id":%q,"type":%q}]}]}`, c.resource, c.id, c.kind))
			if len(app.Requests) != 1 {
				t.Fatalf("got %v, want one request", app.Requests)
			}
			got := app.Requests[0]
			c.want.ResourceAppID, c.want.PermissionID = got.ResourceAppID, got.PermissionID
			got.Published, got.UserConsent = nil, nil // TestPublished and TestUserConsent look at these
			same(t, "request", c.want, got)
			if want := (KeySet{c.want.Key: true}); c.want.Key != "" {
				same(t, "keys", want, app.RequestedKeys)
			} else if len(app.RequestedKeys) > 0 {
				t.Errorf("got keys %v, want none", app.RequestedKeys)
			}
		})
	}
}

// A manifest that asks for one permission as role and as scope has two requests.
func TestRequestsOfOneKeyAreKeptApart(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: published()}}
	for _, kind := range []string{`null`, `""`, `"Delegated"`} {
		odd := application(t, f, `{"id":"1","appId":"a","requiredResourceAccess":[{"resourceAppId":"ours","resourceAccess":[{"id":"s","type":`+kind+`}]}]}`)
		if odd.Requests != nil || len(odd.Incomplete) == 0 {
			t.Errorf("a request of type %s: got %+v, want none and a gap", kind, odd.Requests)
		}
	}
	app := application(t, f, `{"id":"1","appId":"a","requiredResourceAccess":[{"resourceAppId":"ours","resourceAccess":[{"id":"s","type":"Role"},{"id":"s","type":"Scope"},{"id":"s","type":"Scope"}]}]}`)
	if len(app.Requests) != 2 || app.Requests[0].TypeMismatch == app.Requests[1].TypeMismatch || len(app.RequestedKeys) != 1 {
		t.Errorf("got %+v, want the right and the wrong one", app.Requests)
	}
}

func TestAbsentRequests(t *testing.T) {
	cases := []struct {
		name, member string
		want         []Request
		incomplete   bool
	}{
		{"missing", ``, nil, false},
		{"null", `,"requiredResourceAccess":null`, nil, false},
		{"none", `,"requiredResourceAccess":[]`, []Request{}, false},
		{"nothing of a resource", `,"requiredResourceAccess":[{"resourceAppId":"x","resourceAccess":[]}]`, []Request{}, false},
		{"text", `,"requiredResourceAccess":"none"`, nil, true},
		{"null for a resource", `,"requiredResourceAccess":[null]`, nil, true},
		{"resource without a list", `,"requiredResourceAccess":[{"resourceAppId":"x"}]`, nil, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := application(t, facts{}, `{"id":"1","appId":"a","passwordCredentials":[],"keyCredentials":[]`+c.member+`}`)
			if len(app.Requests) != 0 || c.incomplete != slices.Contains(gapsOf(app.Incomplete), snapshot.Applications) {
				t.Errorf("got %v, incomplete %v, want incomplete: %v", app.Requests, app.Incomplete, c.incomplete)
			}
			if (app.Requests == nil) != (c.want == nil) || (app.RequestedKeys == nil) != (c.want == nil) {
				t.Errorf("got %#v and %#v, want %#v", app.Requests, app.RequestedKeys, c.want)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	cases := []struct {
		name, ends string
		left       int
		readable   bool
	}{
		{"ends this instant", "2026-11-20T12:00:00Z", 0, true},
		{"a second later", "2026-11-20T12:00:01Z", 1, true},
		{"a tick later", "2026-11-20T12:00:00.0000001Z", 1, true},
		{"a second before", "2026-11-20T11:59:59Z", 0, true},
		{"a day before", "2026-11-19T12:00:00Z", -1, true},
		{"a day and a second before", "2026-11-19T11:59:59Z", -1, true},
		{"exactly a day", "2026-11-21T12:00:00Z", 1, true},
		{"a day and a tick", "2026-11-21T12:00:00.0000001Z", 2, true},
		{"half a year and a nanosecond", "2027-05-19T12:00:00.000000001Z", 181, true},
		{"another zone", "2026-11-20T21:00:00+09:00", 0, true},
		{"lower case", "2026-11-21t12:00:00z", 1, true},
		{"the end of days", "9999-12-31T00:00:00Z", 2912119, true},
		{"the beginning", "0001-01-01T00:00:00Z", -739939, true},
		{"American", "01/20/2025", 0, false},
		{"offset of one digit", "2026-11-20T12:00:00-8:00", 1, true},
		{"day alone", "2026-11-20", 0, false},
		{"no such day", "2026-02-30T00:00:00Z", 0, false},
		{"nothing", "", 0, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := application(t, facts{}, fmt.Sprintf(`{"id":"1","appId":"a","keyCredentials":[],"passwordCredentials":[{"keyId":"K","displayName":"n","startDateTime":%q,"endDateTime":%q}]}`, c.ends, c.ends))
			if len(app.Credentials) != 1 {
				t.Fatalf("got %v, want one credential", app.Credentials)
			}
			want := Credential{KeyID: "k", Name: "n", Type: "secret", Of: "application", Starts: c.ends, Ends: c.ends}
			if c.readable {
				want.DaysLeft, want.AgeDays, want.LifetimeDays = &c.left, app.Credentials[0].AgeDays, new(0)
			}
			app.Credentials[0].Reported = false // TestCredentialActivity looks at it
			same(t, "credential", want, app.Credentials[0])
		})
	}
}

func TestAges(t *testing.T) {
	for created, want := range map[string]int{
		"2026-11-20T12:00:00Z": 0, "2026-11-19T12:00:01Z": 0, "2026-11-19T12:00:00Z": 1, "2024-02-29T12:00:00Z": 995, "2026-11-20T12:00:01Z": -1,
	} {
		app := application(t, facts{}, `{"id":"1","appId":"a","createdDateTime":"`+created+`"}`)
		if app.AgeDays == nil || *app.AgeDays != want || app.CreatedAt != created {
			t.Errorf("created %s: got %v days, want %d", created, app.AgeDays, want)
		}
	}
	if app := application(t, facts{}, `{"id":"1","appId":"a","createdDateTime":"01/20/2025"}`); app.AgeDays != nil {
		t.Errorf("got %d days since 01/20/2025", *app.AgeDays)
	}
}

func TestCredentialsOfBothSides(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {`{"id":"s","appId":"a","keyCredentials":[{"keyId":"2","usage":"Sign"}],"passwordCredentials":[{"keyId":"1"}]}`},
	}}
	f.status = map[snapshot.Name]snapshot.Status{snapshot.CredentialActivity: snapshot.Unlicensed}
	app := application(t, f, `{"id":"1","appId":"a","keyCredentials":[{"keyId":"3","usage":"VERIFY"}],"passwordCredentials":[]}`)
	same(t, "credentials", []Credential{
		{KeyID: "3", Type: "certificate", Usage: "verify", Of: "application"},
		{KeyID: "2", Type: "certificate", Usage: "sign", Of: "service_principal"},
		{KeyID: "1", Type: "secret", Of: "service_principal"},
	}, app.Credentials)
	if len(app.Incomplete) > 0 {
		t.Errorf("got gaps %v, want none", app.Incomplete)
	}
}

func TestAbsentCredentials(t *testing.T) {
	cases := []struct {
		name, members string
		absent        bool
		incomplete    bool
	}{
		{"none", `,"passwordCredentials":[],"keyCredentials":[]`, false, false},
		{"both missing", ``, true, true},
		{"both null", `,"passwordCredentials":null,"keyCredentials":null`, true, true},
		{"secrets missing", `,"keyCredentials":[]`, false, true},
		{"certificates no list", `,"passwordCredentials":[],"keyCredentials":{}`, false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := application(t, facts{}, `{"id":"1","appId":"a"`+c.members+`}`)
			if len(app.Credentials) > 0 || (app.Credentials == nil) != c.absent {
				t.Errorf("got %#v, want absent: %v", app.Credentials, c.absent)
			}
			if slices.Contains(gapsOf(app.Incomplete), snapshot.Applications) != c.incomplete {
				t.Errorf("got gaps %v, want some: %v", app.Incomplete, c.incomplete)
			}
		})
	}
	f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {`{"id":"s","appId":"a"}`}}}
	if app := f.applications(t)["a"]; app.Credentials != nil || !slices.Contains(gapsOf(app.Incomplete), snapshot.ServicePrincipals) {
		t.Errorf("got %+v, want the credentials of the service principal absent", app)
	}
}
