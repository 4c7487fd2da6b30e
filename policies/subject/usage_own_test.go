package subject

import (
	"slices"
	"testing"

	"leastwise/collector/snapshot"
)

// forUsers is an application with delegated permissions of Graph, and what it did.
func forUsers(t *testing.T, scopes string, f facts, rows ...string) *Application {
	t.Helper()
	f.rows = map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {
			`{"id":"sp-graph","appId":"` + graph + `","appRoles":[],"oauth2PermissionScopes":[{"id":"s1","value":"User.Read"},{"id":"s2","value":"User.Read.All"},{"id":"s3","value":"Mail.Read"},{"id":"s4","value":"Mail.Read.Shared"}]}`,
			client,
		},
		snapshot.AppRoleAssignments: {},
		snapshot.DelegatedGrants:    {delegated("4", "AllPrincipals", "", "sp-graph", scopes)},
		snapshot.GraphActivity:      rows,
	}
	return f.applications(t)["client"]
}

// Whose id was called, no log tells: what reaches the user's own only is known to be used where nothing else is held that
// allows the call, and else neither to be used nor not to be.
func TestUsedForOneself(t *testing.T) {
	const at = "2026-11-18T12:00:00Z"
	somebody, oneself := called(1, "delegated", "GET", "/users/{id}", at), called(2, "delegated", "GET", "/me", at)
	for _, c := range []struct {
		name, scopes string
		calls        []string
		want         map[string]string
	}{
		{"alone", "User.Read", []string{somebody}, map[string]string{"d User.Read": "used"}},
		{"beside another", "User.Read User.Read.All", []string{somebody}, map[string]string{"d User.Read": "", "d User.Read.All": "used"}},
		{"for oneself as well", "User.Read User.Read.All", []string{somebody, oneself}, map[string]string{"d User.Read": "used", "d User.Read.All": "used"}},
		{"no call of either", "User.Read User.Read.All", nil, map[string]string{"d User.Read": "not_used", "d User.Read.All": "not_used"}},
		{
			"what others share", "Mail.Read Mail.Read.Shared",
			[]string{called(1, "delegated", "GET", "/users/{id}/messages", at)},
			map[string]string{"d Mail.Read": "used", "d Mail.Read.Shared": ""},
		},
		{"nobody's mail", "Mail.Read.Shared User.Read", []string{oneself}, map[string]string{"d User.Read": "used", "d Mail.Read.Shared": "not_used"}},
	} {
		got := verdicts(forUsers(t, c.scopes, facts{meta: exported(90)}, c.calls...))
		for permission, want := range c.want {
			if got[permission] != want {
				t.Errorf("%s: %s: got %q, want %q", c.name, permission, got[permission], want)
			}
		}
	}
}

// That User.Read is held does not show that declared calls are for the user's own id.
func TestDeclaredCallsAreNotSeen(t *testing.T) {
	f := facts{declared: []DeclaredOperations{{AppID: "CLIENT", Kind: "delegated", Operations: []string{"GET /users/{id}"}}}}
	sets := forUsers(t, "User.Read", f).Least
	if len(sets) != 1 || !slices.Equal(sets[0].Permissions, []string{graph + "/delegated/User.ReadBasic.All"}) || len(sets[0].Removable) > 0 {
		t.Errorf("got %+v, want one set, and nothing that can go", sets)
	}
}
