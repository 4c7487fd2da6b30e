package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

// A grant on a container type to an application that is not here makes a subject of it, where it is certain that it is not.
func TestGrantsToApplicationsThatAreGone(t *testing.T) {
	rows := func() map[snapshot.Name][]string {
		return map[snapshot.Name][]string{
			snapshot.Applications:      {`{"id":"o1","appId":"registered"}`},
			snapshot.ServicePrincipals: {`{"id":"s1","appId":"foreign","appOwnerOrganizationId":"` + other + `"}`},
			snapshot.ContainerTypeRegistrations: {
				`{"id":"t1","owningAppId":"owner"}`,
			},
			snapshot.ContainerTypeGrants: {
				`{"containerTypeId":"t1","appId":"registered","applicationPermissions":[],"delegatedPermissions":["read"]}`,
				`{"containerTypeId":"t1","appId":"foreign","applicationPermissions":[],"delegatedPermissions":["read"]}`,
				`{"containerTypeId":"t1","appId":"GONE","applicationPermissions":[],"delegatedPermissions":["read"]}`,
			},
		}
	}
	f := facts{rows: rows(), counts: map[snapshot.Name]int{snapshot.ServicePrincipals: 1}}
	gone := f.applications(t)["gone"]
	if gone == nil || gone.Origin != "deleted" || len(gone.TypeGrants) != 1 || gone.Grants == nil || len(gone.Grants) > 0 {
		t.Errorf("got %+v, want a subject that holds one grant on a container type and no other", gone)
	}
	if all := f.applications(t); len(all) != 3 {
		t.Errorf("got %d applications, want 3", len(all))
	}
	for name, f := range map[string]facts{
		"no second count":        {rows: rows()},
		"another count":          {rows: rows(), counts: map[snapshot.Name]int{snapshot.ServicePrincipals: 2}},
		"anonymous registration": {rows: withRows(rows(), snapshot.Applications, `{"id":"o2"}`), counts: map[snapshot.Name]int{snapshot.ServicePrincipals: 1}},
	} {
		if f.applications(t)["gone"] != nil {
			t.Errorf("%s: a subject of which nobody knows that it is gone", name)
		}
	}
}
