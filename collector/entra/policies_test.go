package entra_test

import (
	"net/http"
	"testing"

	"leastwise/collector/entra"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestPoliciesAreKeptAsTheyCome(t *testing.T) {
	s := collect(t, tenant(t), reader())
	sameRows(t, s, snapshot.AuthorizationPolicy, `{"allowInvitesFrom":"none","id":"authorizationPolicy"}`)
	sameRows(t, s, snapshot.AdminConsentPolicy, `{"isEnabled":true,"reviewers":[]}`) // Graph gives it no id
	sameRows(t, s, snapshot.PermissionGrantPolicies, `{"id":"microsoft-user-default-low","includes":[],"excludes":[]}`)
	sameRows(t, s, snapshot.AppManagementPolicies, `{"id":"am1","isEnabled":true}`, `{"id":"default","isDefaultPolicy":true,"isEnabled":false}`)
}

func TestPoliciesThatCannotBeRead(t *testing.T) {
	gone := failure(http.StatusNotFound, "ResourceNotFound", "not in this cloud")
	for _, c := range []struct {
		name    string
		path    string
		answer  fakegraph.Answer
		dataset snapshot.Name
		status  snapshot.Status
		rows    int
		reason  string
	}{
		{"authorization", "authorizationPolicy", fakegraph.Denied(), snapshot.AuthorizationPolicy, snapshot.Denied, 0, "Insufficient privileges"},
		{"admin consent", "adminConsentRequestPolicy", gone, snapshot.AdminConsentPolicy, snapshot.Failed, 0, "not in this cloud"},
		{"grants", "permissionGrantPolicies", fakegraph.Denied(), snapshot.PermissionGrantPolicies, snapshot.Denied, 0, "Insufficient privileges"},
		{"the tenant's own", "defaultAppManagementPolicy", gone, snapshot.AppManagementPolicies, snapshot.Partial, 1, "the tenant's default policy: "},
		{"those of applications", "appManagementPolicies", fakegraph.Denied(), snapshot.AppManagementPolicies, snapshot.Partial, 1, "policies of single applications: "},
		{"no object", "authorizationPolicy", fakegraph.Answer{Body: `[]`}, snapshot.AuthorizationPolicy, snapshot.Failed, 0, "the answer cannot be read"},
		{"null", "authorizationPolicy", fakegraph.Answer{Body: `null`}, snapshot.AuthorizationPolicy, snapshot.Failed, 0, "the answer is no policy: it is null"},
		{"nothing in it", "authorizationPolicy", fakegraph.Answer{Body: `{}`}, snapshot.AuthorizationPolicy, snapshot.Failed, 0, "GET /v1.0/policies/authorizationPolicy: the answer is no policy: it has no defaultUserRolePermissions and no allowInvitesFrom"},
		{"one of the members", "authorizationPolicy", fakegraph.Answer{Body: `{"defaultUserRolePermissions":{}}`}, snapshot.AuthorizationPolicy, snapshot.Collected, 1, ""},
		{"null members", "authorizationPolicy", fakegraph.Answer{Body: `{"id":"x","defaultUserRolePermissions":null}`}, snapshot.AuthorizationPolicy, snapshot.Failed, 0, "the answer is no policy"},
		{"a list", "adminConsentRequestPolicy", fakegraph.Value(`{"isEnabled":false}`), snapshot.AdminConsentPolicy, snapshot.Failed, 0, "the answer is no policy: it has no isEnabled"},
		{"the tenant's own, nothing in it", "defaultAppManagementPolicy", fakegraph.Answer{Body: `{}`}, snapshot.AppManagementPolicies, snapshot.Partial, 1, "the tenant's default policy: GET /v1.0/policies/defaultAppManagementPolicy: the answer is no policy: it has no isEnabled"},
		{"null with a mark", "defaultAppManagementPolicy", fakegraph.Answer{Body: `null`}, snapshot.AppManagementPolicies, snapshot.Partial, 1, "the tenant's default policy: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, tenant(t).On(policies+c.path, c.answer), reader())
			expect(t, s, c.dataset, c.status, c.rows, c.reason)
			if got, want := len(readable(s)), len(entra.Datasets())-1; got != want && c.status.Readable() || !c.status.Readable() && got != want-1 {
				t.Errorf("%d datasets were read", got)
			}
		})
	}
}

func TestReportsOfUnlicensedTenants(t *testing.T) {
	unlicensed := failure(http.StatusForbidden, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Neither tenant is B2C or tenant doesn't have premium license")
	s := collect(t, tenant(t).On(signIns, unlicensed), reader())
	d := expect(t, s, snapshot.SignInActivity, snapshot.Unlicensed, 0, "premium license")
	if d.Evidence == nil || d.Evidence.Status != 403 || d.Evidence.Code != "Authentication_RequestFromNonPremiumTenantOrB2CTenant" {
		t.Errorf("evidence %+v", d.Evidence)
	}
	expect(t, s, snapshot.CredentialActivity, snapshot.Collected, 1)
}

func TestReportsAreOfTheWorldwideCloudOnly(t *testing.T) {
	for cloud, offered := range map[string]bool{"": true, "global": true, "gcc": true, "custom": true, "usgov": false, "dod": false, "china": false} {
		t.Run(cloud, func(t *testing.T) {
			g := tenant(t)
			s := collect(t, g, reader(), collecting{source: func(o *entra.Options) { o.Cloud = cloud }})
			for name, path := range map[snapshot.Name]string{snapshot.SignInActivity: signIns, snapshot.CredentialActivity: credentials} {
				if offered {
					expect(t, s, name, snapshot.Collected, 1)
					continue
				}
				expect(t, s, name, snapshot.Skipped, 0, "cloud "+cloud+" does not offer this report")
				if len(g.Requests(path)) != 0 {
					t.Errorf("%s was asked for", path)
				}
			}
			expect(t, s, snapshot.Applications, snapshot.Collected, 1)
		})
	}
}

func TestTenantWithoutAnOrganization(t *testing.T) {
	d := expect(t, collect(t, tenant(t).On(organization, fakegraph.Value()), reader()), snapshot.Organization, snapshot.Partial, 0, "no organization was listed")
	if d.Confined {
		t.Errorf("got %+v", d)
	}
	expect(t, collect(t, tenant(t).On(organization, fakegraph.Denied()), reader()), snapshot.Organization, snapshot.Denied, 0, "Insufficient privileges")
}
