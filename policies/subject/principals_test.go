package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

// An assignment is left out only where its principal is known to be a person or a group.
func TestAssignmentsByPrincipalType(t *testing.T) {
	for _, c := range []struct {
		kind, holder string
		held         bool
	}{
		{"ServicePrincipal", "sp", true},
		{"servicePrincipal", "SP", true},
		{"#microsoft.graph.servicePrincipal", "sp", true},
		{"Application", "sp", true},
		{"", "sp", true},
		{"User", "sp", true}, // it is a service principal of the tenant, whatever the row says
		{"User", "somebody", false},
		{"group", "everybody", false},
		{"#microsoft.graph.user", "somebody", false},
		{"AgentUser", "somebody", true}, // a word that nobody knows
	} {
		f := facts{rows: map[snapshot.Name][]string{
			snapshot.ServicePrincipals:  {`{"id":"sp-graph","appId":"` + graph + `","appRoles":[{"id":"r1","value":"Mail.Read"}],"oauth2PermissionScopes":[]}`, client},
			snapshot.AppRoleAssignments: {assigned("1", c.holder, c.kind, "sp-graph", "r1")},
		}}
		held := 0
		for _, app := range f.applications(t) {
			held += len(app.Grants)
		}
		if held > 0 != c.held {
			t.Errorf("%q of %s: %d grants", c.kind, c.holder, held)
		}
	}
}

func TestRegisteredApplications(t *testing.T) {
	own := `"appOwnerOrganizationId":"` + home + `"`
	for _, c := range []struct {
		name, principal, registration, want string
		status                              snapshot.Status
	}{
		{"both", `{"id":"s","appId":"a","servicePrincipalType":"Application",` + own + `}`, `{"id":"o","appId":"a"}`, "true", ""},
		{"no registration", `{"id":"s","appId":"a","servicePrincipalType":"application",` + own + `}`, "", "false", ""},
		{"registrations not read", `{"id":"s","appId":"a","servicePrincipalType":"Application",` + own + `}`, "", "absent", snapshot.Denied},
		{"legacy", `{"id":"s","appId":"a","servicePrincipalType":"Legacy",` + own + `}`, "", "absent", ""},
		{"an agent", `{"id":"s","appId":"a","servicePrincipalType":"Application","agentIdentityBlueprintId":"b",` + own + `}`, "", "absent", ""},
		{"of another tenant", `{"id":"s","appId":"a","servicePrincipalType":"Application","appOwnerOrganizationId":"` + other + `"}`, "", "absent", ""},
		{"a managed identity", `{"id":"s","appId":"a","servicePrincipalType":"ManagedIdentity",` + own + `}`, "", "absent", ""},
	} {
		f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {c.principal}}}
		if c.registration != "" {
			f.rows[snapshot.Applications] = []string{c.registration}
		}
		if c.status != "" {
			f.status = map[snapshot.Name]snapshot.Status{snapshot.Applications: c.status}
		}
		if got := tri(f.applications(t)["a"].Registered); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// isDisabled of either object disables as accountEnabled does.
func TestDisabledApplications(t *testing.T) {
	for _, c := range []struct{ principal, registration, want string }{
		{`"accountEnabled":true`, `"isDisabled":null`, "true"},
		{`"accountEnabled":true,"isDisabled":false`, `"isDisabled":false`, "true"},
		{`"accountEnabled":false,"isDisabled":false`, `"isDisabled":false`, "false"},
		{`"accountEnabled":true,"isDisabled":true`, `"isDisabled":null`, "false"},
		{`"accountEnabled":true`, `"isDisabled":true`, "false"},
		{`"isDisabled":null`, `"isDisabled":null`, "absent"},
	} {
		f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {`{"id":"s","appId":"a",` + c.principal + `}`}}}
		if got := tri(application(t, f, `{"id":"o","appId":"a",`+c.registration+`}`).Enabled); got != c.want {
			t.Errorf("%s and %s: got %s, want %s", c.principal, c.registration, got, c.want)
		}
	}
}

// A key that both sides hold is a secret, wherever it stands.
func TestSymmetricKeysAreSecrets(t *testing.T) {
	app := application(t, facts{}, `{"id":"o","appId":"a","passwordCredentials":[],"keyCredentials":[
		{"keyId":"k1","type":"AsymmetricX509Cert","usage":"Verify"},{"keyId":"k2","type":"symmetric","usage":"Verify"},{"keyId":"k3","usage":"Verify"}]}`)
	got := map[string]string{}
	for _, c := range app.Credentials {
		got[c.KeyID] = c.Type
	}
	same(t, "types", map[string]string{"k1": "certificate", "k2": "secret", "k3": "certificate"}, got)
}
