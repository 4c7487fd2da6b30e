package least_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/catalog"
	"leastwise/policies/least"
)

// made is a catalogue with a few operations of Microsoft Graph and one of another API.
func made(t *testing.T) *catalog.Catalogue {
	t.Helper()
	c, err := catalog.LoadFS(fstest.MapFS{
		"graph.yaml": {Data: []byte(`resource: {app_id: 00000003-0000-0000-c000-000000000000, name: Microsoft Graph}
permissions:
  - {value: User.Read.All, kind: application, id: 00000000-0000-4000-8000-000000000001, tier: medium, why: Reads people.}
  - {value: User.ReadWrite.All, kind: application, id: 00000000-0000-4000-8000-000000000002, tier: high, why: Changes people.}
  - {value: Policy.Read.All, kind: application, id: 00000000-0000-4000-8000-000000000003, tier: medium, why: Reads policies.}
  - {value: Policy.Write, kind: application, id: 00000000-0000-4000-8000-000000000004, tier: high, why: Changes policies.}
  - {value: User.Read, kind: delegated, id: 00000000-0000-4000-8000-000000000005, tier: low, why: Reads the user.}
  - {value: openid, kind: delegated, id: 00000000-0000-4000-8000-000000000006, tier: low, why: Signs in.}
`)},
		"operations.yaml": {Data: []byte(`resource: {app_id: 00000003-0000-0000-c000-000000000000, name: Microsoft Graph}
operations:
  - {methods: [GET], paths: ["/users/{id}"], kinds: [application], least: [User.Read.All], higher: [User.ReadWrite.All], source: "https://learn.microsoft.com/graph/api/user-get"}
  - {methods: [PATCH], paths: ["/policies/authorizationPolicy"], kinds: [application], least: [Policy.Write], requires: [Policy.Read.All], source: "https://learn.microsoft.com/graph/api/authorizationpolicy-update"}
  - {methods: [GET], paths: ["/me"], kinds: [delegated], least: [User.Read], source: "https://learn.microsoft.com/graph/api/user-get"}
  - {methods: [GET], paths: ["/me"], kinds: [application], unsupported: true, source: "https://learn.microsoft.com/graph/api/user-get"}
`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestForCalls(t *testing.T) {
	s := least.Solve(least.ForCalls(made(t), catalog.Application, []least.Call{
		{"GET", "/users/{id}"},
		{"PATCH", "/v1.0/policies/authorizationPolicy"},
		{"GET", "/me"},        // closed to applications
		{"GET", "/users/{…}"}, // cut short, so that it is not known which
		{"GET", "/sites/{id}"},
	}, []string{"user.readwrite.all", "Unheard.Of", "openid"}))
	want := least.Solution{
		Permissions: []string{"Policy.Read.All", "Policy.Write", "User.Read.All"},
		Weight:      120, GrantedWeight: 100 + 300 + 300, Proven: true,
		Cover: []least.Cover{
			{"GET /users/{id}", []string{"User.Read.All"}},
			{"PATCH /v1.0/policies/authorizationPolicy", []string{"Policy.Read.All", "Policy.Write"}},
		},
		Uncovered: []string{"GET /me", "GET /sites/{id}", "GET /users/{…}"}, Doubtful: true,
		Add:       []string{"Policy.Read.All", "Policy.Write", "User.Read.All"},
		Removable: []string{"Unheard.Of", "User.ReadWrite.All", "openid"}, Kept: []string{},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

// The scopes of a sign-in show in no call of Microsoft Graph.
func TestForCallsKeepsSignInScopes(t *testing.T) {
	s := least.Solve(least.ForCalls(made(t), catalog.Delegated, []least.Call{{"GET", "/me"}},
		[]string{"openid", "profile", "offline_access", "email", "User.Read", "Mail.Read"}))
	if diff := cmp.Diff([]string{"email", "offline_access", "openid", "profile"}, s.Kept); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Mail.Read"}, s.Removable); diff != "" {
		t.Error(diff)
	}
}

// What the built-in catalogue knows of the operations of this mission gives sets that its authors stand for.
func TestForCallsOfTheBuiltInCatalogue(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	const token = "/servicePrincipals/{id}/synchronization/acquireAccessToken"
	for _, test := range []struct {
		kind  catalog.Kind
		calls []least.Call
		want  []string
	}{
		{catalog.Application, []least.Call{{"POST", token}}, []string{"Application.ReadWrite.OwnedBy"}},
		{catalog.Delegated, []least.Call{{"POST", token}}, []string{"Synchronization.ReadWrite.All"}},
		{catalog.Application, []least.Call{{"GET", "/applications"}, {"GET", "/servicePrincipals/{id}/owners"}}, []string{"Application.Read.All"}},
		// Lighter permissions are published for this call, which reach some users, or some of their properties, only.
		{catalog.Application, []least.Call{{"PATCH", "/users/{id}"}}, []string{"User.ReadWrite.All"}},
		{catalog.Delegated, []least.Call{{"GET", "/storage/fileStorage/containerTypes"}}, []string{"FileStorageContainerType.Manage.All"}},
	} {
		s := least.Solve(least.ForCalls(c, test.kind, test.calls, nil))
		if diff := cmp.Diff(test.want, s.Permissions); diff != "" || !s.Whole() || !s.Proven {
			t.Errorf("%v: %+v: %s", test.calls, s, diff)
		}
	}
}

// Between permissions that weigh the same, what is granted does not decide: a broad one is not called the smallest
// because somebody holds it.
func TestForCallsOfTheSameWeight(t *testing.T) {
	c := builtIn(t)
	for _, test := range []struct {
		kind    catalog.Kind
		call    least.Call
		granted []string
		want    string
	}{
		{catalog.Application, least.Call{"GET", "/drives/{id}/items/{id}"}, []string{"Files.ReadWrite.All"}, "Files.Read.All"},
		{catalog.Application, least.Call{"GET", "/drives/{id}/items/{id}"}, []string{"Group.ReadWrite.All"}, "Files.Read.All"},
		{catalog.Application, least.Call{"GET", "/drives/{id}/items/{id}"}, nil, "Files.Read.All"},
		{catalog.Application, least.Call{"GET", "/sites"}, []string{"Sites.FullControl.All"}, "Sites.Read.All"},
		{catalog.Application, least.Call{"PUT", "/drives/{id}/items/{id}/content"}, []string{"Sites.ReadWrite.All", "Files.Read.All"}, "Files.ReadWrite.All"},
		{catalog.Delegated, least.Call{"GET", "/users/{id}"}, nil, "User.ReadBasic.All"},
		{catalog.Application, least.Call{"POST", "/applications"}, []string{"Application.ReadWrite.All"}, "Application.ReadWrite.OwnedBy"},
		{catalog.Application, least.Call{"HEAD", "/users/{id}"}, []string{"User.Read.All"}, "User.ReadBasic.All"},
	} {
		s := least.Solve(least.ForCalls(c, test.kind, []least.Call{test.call}, test.granted))
		if !slices.Equal(s.Permissions, []string{test.want}) || !s.Proven {
			t.Errorf("%v with %v: got %v, proven %v, want %s", test.call, test.granted, s.Permissions, s.Proven, test.want)
		}
	}
}

// Without a mark, the depth of the alternatives decides, then reading before writing, then what is granted.
func TestForCallsWithoutMarks(t *testing.T) {
	const source = `, kinds: [application], least: [Mark], higher: [Narrow, Other, Wide], source: "https://learn.microsoft.com/graph/api/x"}`
	c := catalogueOf(t, `
  - {value: Mark, kind: application, id: 00000000-0000-4000-8000-000000000001, tier: critical, why: Is heavier.}
  - {value: Wide, kind: application, id: 00000000-0000-4000-8000-000000000002, tier: high, why: Reads., narrower: [Narrow]}
  - {value: Narrow, kind: application, id: 00000000-0000-4000-8000-000000000003, tier: high, why: Reads less.}
  - {value: Other, kind: application, id: 00000000-0000-4000-8000-000000000004, tier: high, why: Reads something else.}
  - {value: Z.Read, kind: application, id: 00000000-0000-4000-8000-000000000005, tier: high, why: Reads.}
  - {value: A.Write, kind: application, id: 00000000-0000-4000-8000-000000000006, tier: high, why: Writes.}
`, `
  - {methods: [GET], paths: ["/users"]`+source+`
  - {methods: [GET], paths: ["/groups"], kinds: [application], least: [Mark], higher: [Z.Read, A.Write], source: "https://learn.microsoft.com/graph/api/x"}
`)
	for _, test := range []struct{ path, granted, want string }{
		{"/users", "Wide", "Narrow"},
		{"/users", "Other", "Other"},
		{"/users", "", "Narrow"},
		{"/groups", "A.Write", "Z.Read"},
	} {
		s := least.Solve(least.ForCalls(c, catalog.Application, []least.Call{{"GET", test.path}}, []string{test.granted}))
		if !slices.Equal(s.Permissions, []string{test.want}) {
			t.Errorf("%+v: got %v", test, s.Permissions)
		}
	}
}

// A permission that reaches a part of the objects does not stand in for one that reaches all.
func TestForCallsOfParts(t *testing.T) {
	c := catalogueOf(t, `
  - {value: Thing.ReadWrite.All, kind: application, id: 00000000-0000-4000-8000-000000000001, tier: high, why: Changes all.}
  - {value: Thing.ReadWrite.OwnedBy, kind: application, id: 00000000-0000-4000-8000-000000000002, tier: low, why: Changes its own.}
  - {value: Thing.Read.All, kind: application, id: 00000000-0000-4000-8000-000000000003, tier: medium, why: Reads all.}
  - {value: Thing.Read.Selected, kind: application, id: 00000000-0000-4000-8000-000000000004, tier: low, why: Reads some.}
`, `
  - {methods: [PATCH], paths: ["/users"], kinds: [application], least: [Thing.ReadWrite.All], higher: [Thing.ReadWrite.OwnedBy], source: "https://learn.microsoft.com/graph/api/x"}
  - {methods: [GET], paths: ["/users"], kinds: [application], least: [Thing.Read.Selected], higher: [Thing.Read.All], source: "https://learn.microsoft.com/graph/api/x"}
`)
	all, own := "Thing.ReadWrite.All", "Thing.ReadWrite.OwnedBy"
	for _, test := range []struct {
		method        string
		granted, want []string
	}{
		{"PATCH", nil, []string{all}},
		{"PATCH", []string{all}, []string{all}},
		{"PATCH", []string{own}, []string{own}}, // it was seen to do
		{"PATCH", []string{all, own}, []string{all}},
		{"GET", []string{"Thing.Read.All"}, []string{"Thing.Read.Selected"}}, // as the documentation marks it
	} {
		s := least.Solve(least.ForCalls(c, catalog.Application, []least.Call{{test.method, "/users"}}, test.granted))
		if !slices.Equal(s.Permissions, test.want) {
			t.Errorf("%+v: got %v", test, s.Permissions)
		}
	}
}

func TestPartial(t *testing.T) {
	for _, test := range []struct {
		kind        catalog.Kind
		path, value string
		want        bool
	}{
		{catalog.Application, "/applications/{id}", "Application.ReadWrite.OwnedBy", true},
		{catalog.Application, "/users/{id}", "AgentIdUser.ReadWrite.IdentityParentedBy", true},
		{catalog.Application, "/users/{id}", "AgentIdUser.ReadWrite.All", true},
		{catalog.Application, "/agentIdentities/{id}", "AgentIdentity.ReadWrite.All", false},
		{catalog.Application, "/drives/{id}/items/{id}", "Files.ReadWrite.AppFolder", true},
		{catalog.Application, "/sites/{id}", "Sites.Selected", true},
		{catalog.Application, "/teams/{id}/installedApps", "TeamsAppInstallation.ReadWriteSelfForTeam.All", true},
		{catalog.Application, "/teams/{id}/installedApps", "TeamsAppInstallation.ReadWriteForTeam.All", false},
		{catalog.Application, "/users/{id}", "User-Phone.ReadWrite.All", true},
		{catalog.Application, "/users/{id}/messages", "Mail-Advanced.ReadWrite.All", false},
		{catalog.Application, "/users", "DeviceManagementApps.Read.All", true},
		{catalog.Application, "/deviceManagement/managedDevices", "DeviceManagementManagedDevices.Read.All", false},
		{catalog.Delegated, "/users/{id}", "User.Read", true},
		{catalog.Delegated, "/me", "User.Read", false},
		{catalog.Delegated, "/users/{id}", "User.Read.All", false},
	} {
		if got := least.Partial(test.kind, test.path, test.value); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

// The query of a call is not in its address: what serves a property that may have been asked for is not called removable.
func TestForCallsKeepsWhatServesProperties(t *testing.T) {
	granted := []string{"auditlog.read.all", "User.Read.All", "User-PasswordProfile.ReadWrite.All", "Mail.Read"}
	for _, test := range []struct {
		call least.Call
		want []string
	}{
		{least.Call{"GET", "/users"}, []string{"AuditLog.Read.All"}},
		{least.Call{"GET", "/v1.0/users/8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b?$select=signInActivity"}, []string{"AuditLog.Read.All"}},
		{least.Call{"PATCH", "/users/{id}"}, []string{"User-PasswordProfile.ReadWrite.All"}},
		{least.Call{"GET", "/users/{id}/messages"}, []string{}},
		{least.Call{"GET", "/groups"}, []string{}},
	} {
		s := least.Solve(least.ForCalls(builtIn(t), catalog.Application, []least.Call{test.call}, granted))
		if diff := cmp.Diff(test.want, s.Kept); diff != "" {
			t.Errorf("%v: %s", test.call, diff)
		}
	}
}

// What a search takes is in its body.
func TestForCallsOfASearch(t *testing.T) {
	table := `{"permissions": {"Acronym.Read.All": {"authorizationType": "oAuth2", "schemes": {"DelegatedWork": {"requiresAdminConsent": true}},
		"pathSets": [{"schemeKeys": ["DelegatedWork"], "methods": ["POST"], "paths": {"/search/query": ""}}]}}}`
	published, err := catalog.ParsePublished("t.json", []byte(table))
	if err != nil {
		t.Fatal(err)
	}
	s := least.Solve(least.ForCalls(builtIn(t).With(published), catalog.Delegated, []least.Call{{"POST", "/search/query"}}, []string{"Mail.Read"}))
	if !s.Doubtful || len(s.Permissions) > 0 || !slices.Equal(s.Uncovered, []string{"POST /search/query"}) {
		t.Errorf("got %+v", s)
	}
}

func builtIn(t *testing.T) *catalog.Catalogue {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func catalogueOf(t *testing.T, permissions, operations string) *catalog.Catalogue {
	t.Helper()
	const resource = "resource: {app_id: 00000003-0000-0000-c000-000000000000, name: Microsoft Graph}\n"
	c, err := catalog.LoadFS(fstest.MapFS{
		"graph.yaml":      {Data: []byte(resource + "permissions:" + permissions)},
		"operations.yaml": {Data: []byte(resource + "operations:" + operations)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
