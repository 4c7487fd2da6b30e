package entra_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"leastwise/collector"
	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const (
	organization = "/v1.0/organization"
	apps         = "/v1.0/applications"
	principals   = "/v1.0/servicePrincipals"
	grants       = "/v1.0/oauth2PermissionGrants"
	byIDs        = "/v1.0/directoryObjects/getByIds"
	roles        = "/v1.0/roleManagement/directory/"
	policies     = "/v1.0/policies/"
	signIns      = "/beta/reports/servicePrincipalSignInActivities"
	credentials  = "/beta/reports/appCredentialSignInActivities"
)

// reader holds what everything takes, and no more.
func reader() map[string]any {
	return map[string]any{"idtyp": "app", "roles": []string{
		"Application.Read.All", "Directory.Read.All", "RoleManagement.Read.Directory", "Policy.Read.All", "Policy.Read.PermissionGrant", "AuditLog.Read.All",
	}}
}

// list is an answer of rows that counts them.
func list(rows ...string) fakegraph.Answer {
	return fakegraph.Answer{Body: fmt.Sprintf(`{"@odata.count":%d,"value":[%s]}`, len(rows), strings.Join(rows, ","))}
}

func failure(status int, code, message string) fakegraph.Answer {
	return fakegraph.Answer{Status: status, Body: fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, code, message)}
}

// assigned is an app role assignment, and granted a delegated grant, as Graph has them.
func assigned(id, kind string) string {
	return `{"id":"` + id + `","principalId":"sp2","principalType":"` + kind + `","resourceId":"sp1","appRoleId":"r"}`
}

func granted(id, scope string) string {
	return `{"id":"` + id + `","clientId":"sp1","consentType":"AllPrincipals","resourceId":"sp2","scope":"` + scope + `"}`
}

// delta is an answer of changes; the next ones are those after token.
func delta(path, token string, rows ...string) fakegraph.Answer {
	return fakegraph.Answer{Body: fmt.Sprintf(`{"value":[%s],"@odata.deltaLink":"{{graph}}%s/delta?$deltatoken=%s"}`, strings.Join(rows, ","), path, token)}
}

// federatedIndex is the question which applications have federated credentials, to
// which Graph's index answers.
const federatedIndex = apps + "?$filter=federatedIdentityCredentials/$count ne 0"

// tenant answers every call of the source, with one of each.
func tenant(t *testing.T) *fakegraph.Graph {
	g := fakegraph.Offline(t)
	g.On(organization, fakegraph.Value(`{"id":"`+fakegraph.TenantID+`","displayName":"Testco"}`))
	g.On(apps, fakegraph.Value(`{"id":"app1","appId":"x","createdDateTime":"2026-01-01T00:00:00Z","passwordCredentials":[{"keyId":"k","hint":"abc","secretText":null}],"owners":[{"@odata.type":"#microsoft.graph.user","id":"u1","displayName":"Ada <1>","mail":"a@b"}]}`))
	g.On(apps+"/$count", fakegraph.Answer{Body: "1"}).On(apps+"/delta", delta(apps, "apps1"))
	g.On(apps+"?$expand=federatedIdentityCredentials", fakegraph.Value(`{"id":"app1","federatedIdentityCredentials":[{"id":"f1","name":"ci","issuer":"https://i","audiences":["a"]}]}`))
	g.On(apps+"/app1", fakegraph.Answer{Body: `{"id":"app1","keyCredentials":[]}`})
	g.On(federatedIndex, list(`{"id":"app1"}`))
	g.On(principals, fakegraph.Value(
		`{"id":"sp1","appId":"a","owners":[],"owners@odata.context":"c","appRoles":[{"id":"r","allowedMemberTypes":["User","Application"]}]}`,
		`{"id":"sp2","appId":"a","owners":[],"appRoles":[{"id":"r","allowedMemberTypes":["User"]}]}`,
		`{"id":"sp3","appId":"a","owners":[],"appRoles":[]}`))
	g.On(principals+"/$count", fakegraph.Answer{Body: "3"}).On(principals+"/delta", delta(principals, "sps1"))
	g.On(principals+"/sp1/appRoleAssignedTo", list(assigned("as1", "User"), assigned("as2", "ServicePrincipal")))
	g.On(grants, list(granted("g1", " User.Read"))).On(grants+"/delta", delta(grants, "grants1"))
	g.On(byIDs, fakegraph.Value(`{"@odata.type":"#microsoft.graph.user","id":"u1","displayName":"Ada <1>","userPrincipalName":"ada@testco","userType":"Member","accountEnabled":true}`))
	g.On(roles+"roleDefinitions", fakegraph.Value(`{"id":"d1","displayName":"Reader","isBuiltIn":true}`))
	g.On(roles+"roleAssignments", fakegraph.Value(`{"id":"ra1","principalId":"sp1","roleDefinitionId":"d1","directoryScopeId":"/","principal":{"@odata.type":"#microsoft.graph.servicePrincipal","id":"sp1"},"principal@odata.context":"c"}`))
	g.On(roles+"roleEligibilityScheduleInstances", fakegraph.Value())
	g.On(policies+"authorizationPolicy", fakegraph.Answer{Body: `{"@odata.context":"c","id":"authorizationPolicy","allowInvitesFrom":"none"}`})
	g.On(policies+"adminConsentRequestPolicy", fakegraph.Answer{Body: `{"@odata.context":"c","isEnabled":true,"reviewers":[]}`})
	g.On(policies+"permissionGrantPolicies", fakegraph.Value(`{"id":"microsoft-user-default-low","includes":[],"excludes":[]}`))
	g.On(policies+"defaultAppManagementPolicy", fakegraph.Answer{Body: `{"@odata.context":"c","id":"default","isEnabled":false}`})
	g.On(policies+"appManagementPolicies", fakegraph.Value(`{"id":"am1","isEnabled":true}`))
	g.On(signIns, fakegraph.Value(`{"id":"s1","appId":"x"}`)).On(credentials, fakegraph.Value(`{"id":"c1","appId":"x","keyId":"k"}`))
	return g
}

// collecting sets what is peculiar to a collection.
type collecting struct {
	source func(*entra.Options)
	client func(*graphapi.Options)
}

// collect reads a tenant in no time: the clock of a bubble passes over all pauses.
func collect(t *testing.T, g *fakegraph.Graph, claims map[string]any, changes ...collecting) *snapshot.Snapshot {
	t.Helper()
	return collectTo(t, t.TempDir()+"/snapshot", g, claims, changes...)
}

// collectTo is collect in a folder that the test knows.
func collectTo(t *testing.T, dir string, g *fakegraph.Graph, claims map[string]any, changes ...collecting) *snapshot.Snapshot {
	t.Helper()
	var s *snapshot.Snapshot
	synctest.Test(t, func(t *testing.T) {
		s = fakegraph.SnapshotAt(t, dir, func(w *snapshot.Writer) error {
			return collector.Collect(t.Context(), w, source(g, claims, changes...))
		})
	})
	return s
}

func source(g *fakegraph.Graph, claims map[string]any, changes ...collecting) *entra.Source {
	var clientChanges []func(*graphapi.Options)
	opts := entra.Options{Clock: fakegraph.Now}
	for _, change := range changes {
		if change.source != nil {
			change.source(&opts)
		}
		if change.client != nil {
			clientChanges = append(clientChanges, change.client)
		}
	}
	opts.Graph = g.Client(claims, clientChanges...)
	return entra.New(opts)
}

func skipping(names ...snapshot.Name) collecting {
	return collecting{source: func(o *entra.Options) { o.Skip = names }}
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

// sameRows checks all rows of a dataset, which come in the order of their ids.
func sameRows(t *testing.T, s *snapshot.Snapshot, name snapshot.Name, want ...string) {
	t.Helper()
	if got := fakegraph.Rows(t, s, name); !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
