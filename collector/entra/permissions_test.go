package entra_test

import (
	"slices"
	"testing"

	"leastwise/collector/entra"
	"leastwise/collector/snapshot"
)

// A token of these permissions, and of no others, opens every dataset, and each of them is the least for one.
func TestPermissionsAreTheLeastThatOpensAll(t *testing.T) {
	asked := entra.Permissions(nil)
	s := collect(t, tenant(t), map[string]any{"idtyp": "app", "roles": asked}, collecting{source: func(o *entra.Options) { o.CertificateKeys = true }})
	for name, dataset := range s.Manifest.Datasets {
		if dataset.Status == snapshot.Denied {
			t.Errorf("%s is denied: %s", name, dataset.Reason)
		}
	}
	needs := s.Manifest.Identities[0].Needs
	for _, need := range needs {
		if !slices.ContainsFunc(asked, func(p string) bool { return slices.Contains(need.Least, p) || slices.Contains(need.Accepted, p) }) {
			t.Errorf("%+v is not met", need)
		}
	}
	for _, permission := range asked {
		if !slices.ContainsFunc(needs, func(n snapshot.Need) bool { return slices.Contains(n.Least, permission) }) {
			t.Errorf("%s is the least for nothing", permission)
		}
	}
}

func TestPermissionsOfAPart(t *testing.T) {
	wanted := []snapshot.Name{snapshot.Organization, snapshot.PermissionGrantPolicies}
	skip := slices.DeleteFunc(entra.Datasets(), func(name snapshot.Name) bool { return slices.Contains(wanted, name) })
	if got := entra.Permissions(skip); !slices.Equal(got, []string{"Organization.Read.All", "Policy.Read.PermissionGrant"}) {
		t.Errorf("got %v", got)
	}
}
