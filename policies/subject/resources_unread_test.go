package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

// Where a list of an API was not read, what has an id in it is not taken for what has the same id in the other one.
func TestPermissionsOfUnreadLists(t *testing.T) {
	for _, c := range []struct {
		name, lists, kind, want string // key, without the API; "" for unresolved
		mismatch                bool
	}{
		{"a scope of the same id", `"appRoles":[{"id":"x","value":"Role"}],"oauth2PermissionScopes":[{"id":"x","value":"Scope"}]`, "Scope", "Scope", false},
		{"scopes not read", `"appRoles":[{"id":"x","value":"Role"}],"oauth2PermissionScopes":null`, "Scope", "", false},
		{"the id of a scope not read", `"appRoles":[{"id":"x","value":"Role"}],"oauth2PermissionScopes":[{"value":"Scope"}]`, "Scope", "", false},
		{"the value of the scope not read", `"appRoles":[{"id":"x","value":"Role"}],"oauth2PermissionScopes":[{"id":"x"}]`, "Scope", "", false},
		{"the value of another scope not read", `"appRoles":[{"id":"x","value":"Role"}],"oauth2PermissionScopes":[{"id":"y"}]`, "Scope", "Role", true},
		{"scopes not read, asked for as a role", `"appRoles":[{"id":"x","value":"Role"}],"oauth2PermissionScopes":null`, "Role", "Role", false},
		{"roles not read", `"appRoles":null,"oauth2PermissionScopes":[{"id":"x","value":"Scope"}]`, "Role", "", false},
		{"the wrong kind", `"appRoles":[],"oauth2PermissionScopes":[{"id":"x","value":"Scope"}]`, "Role", "Scope", true},
	} {
		f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {`{"id":"s","appId":"ours",` + c.lists + `}`}}}
		app := application(t, f, `{"id":"1","appId":"a","requiredResourceAccess":[{"resourceAppId":"ours","resourceAccess":[{"id":"x","type":"`+c.kind+`"}]}]}`)
		got := app.Requests[0]
		if got.Permission != c.want || got.TypeMismatch != c.mismatch {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}
