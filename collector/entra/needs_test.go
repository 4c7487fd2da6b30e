package entra_test

import (
	"slices"
	"strings"
	"testing"

	"leastwise/collector/entra"
	"leastwise/collector/snapshot"
)

// readable lists the datasets that a token of these permissions opens.
func readable(s *snapshot.Snapshot) []snapshot.Name {
	var names []snapshot.Name
	for name, d := range s.Manifest.Datasets {
		if d.Status.Readable() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestPermissionsOpenTheirDatasetsAndNoOthers(t *testing.T) {
	objects := []snapshot.Name{
		snapshot.Applications, snapshot.ApplicationOwners, snapshot.ServicePrincipals, snapshot.ServicePrincipalOwners,
		snapshot.AppRoleAssignments, snapshot.FederatedCredentials, snapshot.CertificateKeys,
	}
	directoryRoles := []snapshot.Name{snapshot.DirectoryRoleAssignments, snapshot.DirectoryRoleDefinitions}
	reports := []snapshot.Name{snapshot.SignInActivity, snapshot.CredentialActivity}
	for permission, opens := range map[string][]snapshot.Name{
		"Mail.Read":                              nil,
		"User.Read.All":                          {snapshot.Organization},
		"Organization.Read.All":                  {snapshot.Organization},
		"Application.Read.All":                   objects,
		"Application.ReadWrite.OwnedBy":          objects,
		"DelegatedPermissionGrant.Read.All":      {snapshot.DelegatedGrants},
		"RoleManagement.Read.Directory":          directoryRoles,
		"Policy.Read.All":                        {snapshot.AuthorizationPolicy, snapshot.AdminConsentPolicy, snapshot.AppManagementPolicies},
		"Policy.Read.PermissionGrant":            {snapshot.PermissionGrantPolicies},
		"AuditLog.Read.All":                      reports,
		"Directory.Read.All":                     slices.Concat(objects, directoryRoles, reports, []snapshot.Name{snapshot.Organization, snapshot.DelegatedGrants, snapshot.AdminConsentPolicy}),
		"RoleEligibilitySchedule.Read.Directory": nil, // opens a part of a dataset
	} {
		t.Run(permission, func(t *testing.T) {
			g := tenant(t)
			s := collect(t, g, map[string]any{"idtyp": "app", "roles": []string{permission}}, collecting{source: func(o *entra.Options) { o.CertificateKeys = true }})
			want := slices.Sorted(slices.Values(opens))
			if got := readable(s); !slices.Equal(got, want) {
				t.Errorf("opens %v, want %v", got, want)
			}
			needed := map[string]bool{}
			for _, need := range s.Manifest.Identities[0].Needs {
				needed[need.Dataset] = true
			}
			for _, name := range entra.Datasets() {
				if d := s.Manifest.Datasets[name]; !slices.Contains(want, name) && (d.Status != snapshot.Denied || !strings.Contains(d.Reason, "carries no application permission for this; the least is ") || d.Evidence != nil) {
					t.Errorf("%s is %+v", name, d)
				}
				if !needed[name] {
					t.Errorf("%s: what it takes is not noted", name)
				}
			}
			if n := len(g.Requests("")); opens == nil && n != 0 {
				t.Errorf("%d requests, want none", n)
			}
		})
	}
}

func TestOpaqueTokensAreTriedOnEverything(t *testing.T) {
	if got := readable(collect(t, tenant(t), nil)); len(got) != len(entra.Datasets())-1 { // certificate keys were not asked for
		t.Errorf("read %v", got)
	}
}

func TestSkippedDatasetsAreNotRead(t *testing.T) {
	all := entra.Datasets()
	g := tenant(t)
	s := collect(t, g, reader(), skipping(all...))
	for _, name := range all {
		if d := s.Manifest.Datasets[name]; d.Status != snapshot.Skipped || d.Reason == "" {
			t.Errorf("%s is %+v", name, d)
		}
	}
	if n := len(g.Requests("")); n != 0 || len(s.Manifest.Identities[0].Needs) != 0 {
		t.Errorf("%d requests, needs %v", n, s.Manifest.Identities[0].Needs)
	}
	// What hangs on a skipped dataset cannot be read either, and says so.
	g = tenant(t)
	s = collect(t, g, reader(), skipping(snapshot.Applications, snapshot.ServicePrincipals))
	for name, reason := range map[snapshot.Name]string{
		snapshot.Applications: "left out on request", snapshot.ServicePrincipals: "left out on request",
		snapshot.ApplicationOwners: "not known: left out on request", snapshot.ServicePrincipalOwners: "not known: left out on request",
		snapshot.AppRoleAssignments: "could not be read: left out on request",
	} {
		expect(t, s, name, snapshot.Skipped, 0, reason)
	}
	expect(t, s, snapshot.DelegatedGrants, snapshot.Collected, 1)
	for _, path := range []string{apps + "/delta", principals, principals + "/delta", principals + "/sp1/appRoleAssignedTo"} {
		if len(g.Requests(path)) != 0 {
			t.Errorf("%s was asked for", path)
		}
	}
}
