package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

func tenantOf(t *testing.T, f facts) *Tenant {
	t.Helper()
	list := documents(t, f.open(t), KindTenant)
	if len(list) != 1 || list[0].ID != home || list[0].Kind != KindTenant {
		t.Fatalf("got %+v, want one document of the tenant", list)
	}
	return list[0].Value.(*Tenant)
}

func TestUserConsent(t *testing.T) {
	yes := true
	policies := []string{
		`{"id":"Staff-Apps","displayName":"Staff","includes":[{"permissionClassification":"low","permissionType":"delegated","resourceApplication":"ANY","permissions":["all"],` +
			`"clientApplicationIds":["all"],"clientApplicationTenantIds":["t"],"clientApplicationPublisherIds":["p"],"clientApplicationsFromVerifiedPublisherOnly":true}],"excludes":[]}`,
		`{"id":"microsoft-user-default-low","includes":[]}`,
	}
	staff := ConsentPolicy{
		ID: "staff-apps", Name: "Staff", Found: true, Excludes: []ConsentCondition{}, Includes: []ConsentCondition{{
			Classification: "low", PermissionType: "delegated", Resource: "any", Permissions: []string{"all"}, ClientApps: []string{"all"},
			ClientTenants: []string{"t"}, ClientPublishers: []string{"p"}, VerifiedPublisherOnly: &yes,
		}},
	}
	low := ConsentPolicy{ID: "microsoft-user-default-low", BuiltIn: true, Found: true, Includes: []ConsentCondition{}}
	for _, c := range []struct {
		name, row   string
		user, owner []ConsentPolicy
	}{
		{"off", `"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":[]}`, []ConsentPolicy{}, []ConsentPolicy{}},
		{
			"both, in odd spellings", `"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":["ManagePermissionGrantsForSelf.STAFF-apps","managePermissionGrantsForOwnedResource.microsoft-user-default-low"]}`,
			[]ConsentPolicy{staff},
			[]ConsentPolicy{low},
		},
		{"as beta has it, and bare", `"permissionGrantPolicyIdsAssignedToDefaultUserRole":["staff-apps","managePermissionGrantsForSelf.microsoft-user-default-low"]`, []ConsentPolicy{low, staff}, []ConsentPolicy{}},
		{"the same in both places", `"permissionGrantPolicyIdsAssignedToDefaultUserRole":["managePermissionGrantsForSelf.staff-apps"],"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":["managePermissionGrantsForSelf.Staff-apps"]}`, []ConsentPolicy{staff}, []ConsentPolicy{}},
		{"not listed", `"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":["managePermissionGrantsForSelf.microsoft-gone"]}`, []ConsentPolicy{{ID: "microsoft-gone", BuiltIn: true}}, []ConsentPolicy{}},
		{"not told", `"defaultUserRolePermissions":{}`, nil, nil},
		{"null", `"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":null}`, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: map[snapshot.Name][]string{snapshot.AuthorizationPolicy: {`{` + c.row + `}`}, snapshot.PermissionGrantPolicies: policies}}
			got := tenantOf(t, f)
			same(t, "users", c.user, got.UserConsent)
			same(t, "owners", c.owner, got.OwnerConsent)
			f.rows[snapshot.PermissionGrantPolicies], f.status = nil, map[snapshot.Name]snapshot.Status{snapshot.PermissionGrantPolicies: snapshot.Denied}
			if got := tenantOf(t, f); got.UserConsent != nil || got.OwnerConsent != nil {
				t.Errorf("got %+v, want nothing where the policies were not read", got)
			}
		})
	}
	damaged := facts{rows: map[snapshot.Name][]string{
		snapshot.AuthorizationPolicy:     {`{"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":["managePermissionGrantsForSelf.a"]}}`},
		snapshot.PermissionGrantPolicies: {`{"id":"a","includes":"none"}`, `{"id":"b","includes":"none"}`},
	}}
	if gaps := gapsIn(tenantOf(t, damaged).Incomplete, snapshot.PermissionGrantPolicies); len(gaps) != 1 || gaps[0].Field != "user_consent" {
		t.Errorf("got %v, want a gap of the policy that is in force", gaps)
	}
}

func TestUserRights(t *testing.T) {
	for _, c := range []struct {
		name, row, create, risky string
		read                     bool
	}{
		{"nothing told", `{}`, "absent", "absent", false},
		{"default", `{"allowUserConsentForRiskyApps":null,"defaultUserRolePermissions":{"allowedToCreateApps":true}}`, "true", "absent", true},
		{"set", `{"allowUserConsentForRiskyApps":true,"defaultUserRolePermissions":{"allowedToCreateApps":false}}`, "false", "true", true},
		{"of another type", `{"allowUserConsentForRiskyApps":"no","defaultUserRolePermissions":{"allowedToCreateApps":"no"}}`, "absent", "absent", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := tenantOf(t, facts{rows: map[snapshot.Name][]string{snapshot.AuthorizationPolicy: {c.row}}})
			if tri(got.CreateApps) != c.create || tri(got.RiskyConsent) != c.risky || got.RiskyConsentRead != c.read {
				t.Errorf("got %s, %s, %v", tri(got.CreateApps), tri(got.RiskyConsent), got.RiskyConsentRead)
			}
		})
	}
	got := tenantOf(t, facts{status: map[snapshot.Name]snapshot.Status{
		snapshot.AuthorizationPolicy: snapshot.Denied, snapshot.AdminConsentPolicy: snapshot.Denied, snapshot.AppManagementPolicies: snapshot.Denied,
	}})
	if got.RiskyConsentRead || got.CreateApps != nil || got.ConsentWorkflow != nil || got.AppManagement != nil || got.Incomplete != nil {
		t.Errorf("got %+v, want nothing of policies that were denied", got)
	}
	same(t, "gaps of answers without a row", []string{snapshot.AuthorizationPolicy, snapshot.AdminConsentPolicy}, gapsOf(tenantOf(t, facts{}).Incomplete))
	two := facts{rows: map[snapshot.Name][]string{snapshot.AuthorizationPolicy: {`{"id":"a"}`, `{"id":"b"}`}}}
	if gaps := gapsIn(tenantOf(t, two).Incomplete, snapshot.AuthorizationPolicy); len(gaps) != 1 {
		t.Errorf("got %v, want a gap of two policies", gaps)
	}
}

func TestConsentWorkflow(t *testing.T) {
	yes, no := true, false
	for row, want := range map[string]ConsentWorkflow{
		`{"isEnabled":true,"notifyReviewers":false,"requestDurationInDays":30,"reviewers":[{"query":"a"},{"query":"b"}]}`: {Enabled: &yes, Reviewers: new(2), RequestDays: new(30), NotifiesThem: &no},
		`{"isEnabled":false,"reviewers":[]}`:                                          {Enabled: &no, Reviewers: new(0)},
		`{"isEnabled":true,"reviewers":[{"query":"/users/x"},null,{},{"query":" "}]}`: {Enabled: &yes, Reviewers: new(1)},
		`{"isEnabled":"on","reviewers":null}`:                                         {},
	} {
		got := tenantOf(t, facts{rows: map[snapshot.Name][]string{snapshot.AdminConsentPolicy: {row}}})
		same(t, row, &want, got.ConsentWorkflow)
	}
}

func TestAppManagement(t *testing.T) {
	yes, no := true, false
	got := tenantOf(t, facts{rows: map[snapshot.Name][]string{snapshot.AppManagementPolicies: {
		`{"id":"aa","displayName":"Own","isEnabled":false,"restrictions":{"passwordCredentials":[{"restrictionType":"passwordAddition","state":"Disabled","maxLifetime":null,"restrictForAppsCreatedAfterDateTime":"2026-11-10T12:00:00Z"}],"keyCredentials":[]}}`,
		`{"id":"bb","isEnabled":true,"restrictions":{"passwordCredentials":[]}}`,
		`{"id":"00000000-0000-0000-0000-000000000000","isEnabled":true,"applicationRestrictions":{"passwordCredentials":[{"restrictionType":"passwordLifetime","maxLifetime":"P90D","restrictForAppsCreatedAfterDateTime":"0001-01-01T00:00:00Z"}],"keyCredentials":[]},` +
			`"servicePrincipalRestrictions":{"passwordCredentials":[],"keyCredentials":[{"restrictionType":"asymmetricKeyLifetime","state":"audit","maxLifetime":"soon","restrictForAppsCreatedAfterDateTime":"2026-11-30T12:00:00Z"}]}}`,
	}}})
	same(t, "policies", []AppManagementPolicy{
		{ID: tenantPolicy, Default: true, Enabled: &yes, Restrictions: []AppRestriction{
			{Of: "application", Type: "passwordLifetime", State: "enabled", MaxDays: new(90)},
			{Of: "service_principal", Type: "asymmetricKeyLifetime", State: "audit", After: "2026-11-30T12:00:00Z", AfterDays: new(-10)},
		}},
		{ID: "aa", Name: "Own", Enabled: &no, Restrictions: []AppRestriction{
			{Of: "application", Type: "passwordAddition", State: "disabled", After: "2026-11-10T12:00:00Z", AfterDays: new(10)},
		}},
		{ID: "bb", Enabled: &yes},
	}, got.AppManagement)
	partial := facts{
		rows: map[snapshot.Name][]string{snapshot.AppManagementPolicies: {`{"id":"p","isEnabled":true}`}},
		meta: map[snapshot.Name]snapshot.Dataset{snapshot.AppManagementPolicies: {Status: snapshot.Partial, Reason: "the tenant's default policy: it failed"}},
	}
	if list := tenantOf(t, partial).AppManagement; list != nil {
		t.Errorf("got %+v, where the tenant's own may not have been read", list)
	}
	if list := tenantOf(t, facts{}).AppManagement; list == nil || len(list) > 0 {
		t.Errorf("got %#v, want an empty list", list)
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]int{"P90D": 90, "P4DT12H30M5S": 5, "P1Y": 365, "P6M": 180, "P2W": 14, "PT1S": 1, "P0D": 0, "PT24H": 1, "p1d": 1} {
		if got := durationDays(text); got == nil || *got != want {
			t.Errorf("%s: got %v, want %d", text, got, want)
		}
	}
	for _, text := range []string{"", "P", "P1DT", "90", "-P1D", "P1", "P999999999Y", "P1.5D"} {
		if got := durationDays(text); got != nil {
			t.Errorf("%s: got %d, want nothing", text, *got)
		}
	}
}

func TestRestrictionsOfAppManagement(t *testing.T) {
	for written, want := range map[string]AppRestriction{
		`"state":"Enabled"`:                      {State: "enabled"},
		`"state":null`:                           {},
		`"state":""`:                             {},
		`"state":7`:                              {},
		`"maxLifetime":"P90D"`:                   {State: "enabled", MaxDays: new(90)}, // older answers have no state
		`"state":"enabled","excludeActors":null`: {State: "enabled"},
		`"state":"enabled","excludeActors":{"customSecurityAttributes":[]}`:                               {State: "enabled"},
		`"state":"enabled","excludeActors":{"@odata.type":"x","customSecurityAttributes":null}`:           {State: "enabled"},
		`"state":"enabled","excludeActors":{"customSecurityAttributes":[{"id":"a","operator":"equals"}]}`: {State: "enabled", Exempts: true},
		`"state":"enabled","excludeActors":{"newKind":"x"}`:                                               {State: "enabled", Exempts: true},
	} {
		var rows wireRestrictions
		if _, err := decode([]byte(`{"passwordCredentials":[{"restrictionType":"passwordLifetime",`+written+`}],"keyCredentials":[]}`), &rows); err != nil {
			t.Fatal(err)
		}
		want.Of, want.Type = "application", "passwordLifetime"
		got, _ := (&Join{}).restrictions("application", &rows)
		same(t, written, []AppRestriction{want}, got)
	}
}
