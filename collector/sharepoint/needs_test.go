package sharepoint_test

import (
	"slices"
	"testing"

	"leastwise/collector/snapshot"
)

func TestNeedsAreNoted(t *testing.T) {
	const (
		manageTypes         = "FileStorageContainerType.Manage.All"
		manageRegistrations = "FileStorageContainerTypeReg.Manage.All"
		ownRegistrations    = "FileStorageContainerTypeReg.Selected"
		manageContainers    = "FileStorageContainer.Manage.All"
		someContainers      = "FileStorageContainer.Selected"
	)
	for name, c := range map[string]struct {
		claims map[string]any
		want   map[snapshot.Name][]string
	}{
		"a person": {user("User.Read", embedded), map[snapshot.Name][]string{
			snapshot.ContainerTypes: {manageTypes}, snapshot.ContainerTypeOwners: {manageTypes},
			snapshot.ContainerTypeRegistrations: {manageRegistrations, ownRegistrations}, snapshot.ContainerTypeGrants: {manageRegistrations, ownRegistrations},
			snapshot.Containers: {manageContainers, someContainers}, snapshot.ContainerPermissions: {manageContainers, someContainers},
		}},
		"an application": {map[string]any{"idtyp": "app"}, map[snapshot.Name][]string{
			snapshot.ContainerTypeRegistrations: {ownRegistrations}, snapshot.ContainerTypeGrants: {ownRegistrations},
			snapshot.Containers: {someContainers}, snapshot.ContainerPermissions: {someContainers},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := tenant(t)
			s := collect(t, g, c.claims, 0)
			needs := s.Manifest.Identities[0].Needs
			if len(needs) != len(c.want) {
				t.Errorf("%d needs, want %d", len(needs), len(c.want))
			}
			for _, need := range needs {
				if !slices.Equal(need.Least, c.want[need.Dataset]) || len(need.Accepted) != 0 {
					t.Errorf("%+v, want %v", need, c.want[need.Dataset])
				}
			}
			for name, d := range s.Manifest.Datasets {
				if d.Status != snapshot.Denied || d.Evidence != nil {
					t.Errorf("%s is %+v", name, d)
				}
			}
			if n := len(g.Requests("")); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}
