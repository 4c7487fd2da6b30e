package subject

import (
	"strings"
	"testing"

	"leastwise/policies/catalog"
	"leastwise/policies/least"
)

// What would be exchanged for something as weighty is not called removable, unless the other is narrower.
func TestRemovableLeavesLess(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, call, granted string
		removable, add      string
	}{
		{"as weighty and narrower", "GET /drives/{id}/items/{id}", "Files.ReadWrite.All", "Files.ReadWrite.All", "Files.Read.All"},
		{"as weighty and not narrower", "GET /drives/{id}/items/{id}", "Sites.Read.All", "", "Files.Read.All"},
		{"as weighty, and one that the call cannot take", "GET /drives/{id}/items/{id}", "Mail.Send Sites.Read.All", "Mail.Send", "Files.Read.All"},
		{"weightier", "GET /sites/{id}/permissions", "Sites.Selected", "", "Sites.FullControl.All"},
		{"lighter", "GET /users/{id}/messages", "Mail.Read", "Mail.Read", "Mail.ReadBasic.All"},
		{"lighter than the two", "GET /drives/{id}/items/{id}", "Group.Read.All Sites.Read.All", "Group.Read.All Sites.Read.All", "Files.Read.All"},
		{"nothing to add", "GET /users/{id}", "Sites.Read.All User.ReadBasic.All", "Sites.Read.All", ""},
	} {
		method, path, _ := strings.Cut(test.call, " ")
		set := solve(c, observed, kindApplication, []least.Call{{Method: method, Path: path}}, strings.Fields(test.granted))
		for _, list := range []struct {
			name, want string
			got        []string
		}{{"removable", test.removable, set.Removable}, {"add", test.add, set.Add}} {
			got := strings.ReplaceAll(strings.Join(list.got, " "), microsoftGraph+"/application/", "")
			if got != list.want {
				t.Errorf("%s: %s: got %q, want %q", test.name, list.name, got, list.want)
			}
		}
	}
}

// A permission for a property that a call may have asked for is not known to be unused, nor removable.
func TestWhatServesPropertiesIsNotUnused(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	j := &Join{resolver: resolver{catalogue: c}}
	j.usage.reach = func() reaching { return reaching{} }
	reach := j.reachOfPermissions()
	reach.starts = map[string]bool{"users": true, "auditlogs": true, "sites": true}
	reach.of = map[permissionOfGraph]map[string]bool{{kindApplication, "auditlog.read.all"}: {"auditlogs": true}}
	j.usage.reach = func() reaching { return reach }
	g := &Grant{Kind: kindApplication, Permission: "AuditLog.Read.All"}
	for _, test := range []struct {
		use  Use
		want bool
	}{
		{Use{Kind: kindApplication, Method: "GET", Path: "/users", Known: true, Allowed: []string{"x"}}, true},
		{Use{Kind: kindDelegated, Method: "GET", Path: "/users", Known: true, Allowed: []string{"x"}}, false},
		{Use{Kind: kindApplication, Method: "GET", Path: "/sites", Known: true, Allowed: []string{"x"}}, false},
	} {
		if got := j.mayBeFor(g, test.use); got != test.want {
			t.Errorf("%+v: got %v", test.use, got)
		}
	}
	set := solve(c, observed, kindApplication, []least.Call{{Method: "GET", Path: "/users"}}, []string{"AuditLog.Read.All", "User.ReadBasic.All", "Mail.Read"})
	if got := strings.Join(set.Removable, " "); got != microsoftGraph+"/application/Mail.Read" {
		t.Errorf("removable: %s", got)
	}
}
