package sharepoint_test

import (
	"slices"
	"testing"

	"leastwise/collector/sharepoint"
	"leastwise/collector/snapshot"
)

// A person's token needs each of these permissions, the first of what is noted for a dataset, and no others.
func TestPermissionsAreThoseOfTheNeeds(t *testing.T) {
	s := collect(t, tenant(t), user("User.Read", embedded), 0)
	var want []string
	for _, need := range s.Manifest.Identities[0].Needs {
		want = append(want, need.Least[0])
	}
	slices.Sort(want)
	if got := slices.Sorted(slices.Values(sharepoint.Permissions())); !slices.Equal(got, slices.Compact(want)) || len(s.Manifest.Identities[0].Needs) != len(s.Manifest.Datasets) {
		t.Errorf("got %v, want %v (%v)", got, want, s.Manifest.Identities[0].Needs)
	}
	if s.Dataset(snapshot.ContainerTypes).Status != snapshot.Denied {
		t.Error("the token was not turned away")
	}
}
