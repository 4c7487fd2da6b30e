package entra_test

import (
	"slices"
	"testing"

	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func assignedTo(resource string) string { return principals + "/" + resource + "/appRoleAssignedTo" }

func TestAssignmentsAreComparedResourceByResource(t *testing.T) {
	const role = `"appRoles":[{"id":"r","allowedMemberTypes":["Application"]}]`
	one, two, three := assigned("as1", "User"), assigned("as2", "User"), assigned("as3", "User")
	both := func(n int) *snapshot.Reconciled {
		return &snapshot.Reconciled{Against: "@odata.count of each resource's assignments", Want: n, Got: 2}
	}
	for _, c := range []struct {
		name       string
		of1, of2   fakegraph.Answer
		status     snapshot.Status
		reason     string
		reconciled *snapshot.Reconciled
	}{
		{"as announced", list(one), list(two), snapshot.Collected, "", both(2)},
		{"none announces any", fakegraph.Value(one), fakegraph.Value(two), snapshot.Collected, "", nil},
		{
			"one that announces nothing hides no shortage",
			fakegraph.Answer{Body: `{"@odata.count":9,"value":[` + one + `]}`},
			fakegraph.Value(two),
			snapshot.Partial, "resource sp1 has 9 assignments by its own count, and 1 were read", nil,
		},
		{
			"shortage and surplus",
			fakegraph.Answer{Body: `{"@odata.count":2,"value":[` + one + `]}`},
			fakegraph.Answer{Body: `{"@odata.count":0,"value":[` + two + `]}`},
			snapshot.Partial,
			"resource sp1 has 2 assignments by its own count, and 1 were read; resource sp2 has 0 assignments by its own count, and 1 were read", both(2),
		},
		{
			"rows that come twice",
			fakegraph.Answer{Body: `{"@odata.count":2,"value":[` + one + "," + one + `]}`},
			list(three), snapshot.Partial,
			"resource sp1 has 2 assignments by its own count, and 1 were read; 2 rows were read and @odata.count of each resource's assignments says 3", both(3),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t).On(principals, fakegraph.Value(`{"id":"sp1","appId":"a","owners":[],`+role+`}`, `{"id":"sp2","appId":"b","owners":[],`+role+`}`))
			g.On(principals+"/$count", fakegraph.Answer{Body: "2"}).On(assignedTo("sp1"), c.of1).On(assignedTo("sp2"), c.of2)
			d := expect(t, collect(t, g, reader()), snapshot.AppRoleAssignments, c.status, 2)
			if d.Reason != c.reason || d.Confined || len(d.Gaps) != 0 {
				t.Errorf("got %+v, want reason %q", d, c.reason)
			}
			if got, want := d.Reconciled, c.reconciled; (got == nil) != (want == nil) || got != nil && *got != *want {
				t.Errorf("reconciled %+v, want %+v", got, want)
			}
		})
	}
}

func TestResourcesWhoseAppRolesSayNothingAreAsked(t *testing.T) {
	for member, want := range map[string]struct {
		asked bool
		gaps  []string // fields
	}{
		``:                   {asked: true},
		`,"appRoles":[]`:     {},
		`,"appRoles":null`:   {true, []string{"/appRoles"}},
		`,"appRoles":"none"`: {true, []string{"/appRoles"}},
		`,"appRoles":[{"id":"r","allowedMemberTypes":["User"]}]`:                                               {},
		`,"appRoles":[{"id":"r","allowedMemberTypes":["user","application"]}]`:                                 {asked: true},
		`,"appRoles":[{"id":"r","allowedMemberTypes":["User"]},{"id":"s","value":"X"}]`:                        {true, []string{"/appRoles/1/allowedMemberTypes"}},
		`,"appRoles":[{"id":"r","allowedMemberTypes":null}]`:                                                   {true, []string{"/appRoles/0/allowedMemberTypes"}},
		`,"appRoles":[{"id":"r","allowedMemberTypes":[]}]`:                                                     {true, []string{"/appRoles/0/allowedMemberTypes"}},
		`,"appRoles":[{"id":"r","allowedMemberTypes":["User"]},{"id":"s","allowedMemberTypes":["User",null]}]`: {true, []string{"/appRoles/1/allowedMemberTypes/1"}},
	} {
		t.Run(member, func(t *testing.T) {
			g := tenant(t).On(principals, fakegraph.Value(`{"id":"sp1","appId":"a","owners":[]`+member+`}`)).On(principals+"/$count", fakegraph.Answer{Body: "1"})
			s := collect(t, g, reader())
			if got := len(g.Requests(assignedTo("sp1"))) > 0; got != want.asked {
				t.Errorf("asked: %v, want %v", got, want.asked)
			}
			var fields []string
			for _, gap := range s.Manifest.Datasets[snapshot.ServicePrincipals].Gaps {
				fields = append(fields, gap.Field)
			}
			if !slices.Equal(fields, want.gaps) {
				t.Errorf("gaps at %v, want %v", fields, want.gaps)
			}
			rows := 0
			if want.asked {
				rows = 2
			}
			expect(t, s, snapshot.AppRoleAssignments, snapshot.Collected, rows)
		})
	}
}

// Microsoft Graph publishes application permissions, whatever the list says.
func TestApisThatAreKnownToPublishAreAsked(t *testing.T) {
	for _, roles := range []string{`[]`, `[{"id":"r","allowedMemberTypes":["User"]}]`} {
		g := tenant(t).On(principals, fakegraph.Value(`{"id":"sp1","appId":"00000003-0000-0000-C000-000000000000","owners":[],"appRoles":`+roles+`}`)).On(principals+"/$count", fakegraph.Answer{Body: "1"})
		s := collect(t, g, reader())
		if len(g.Requests(assignedTo("sp1"))) == 0 {
			t.Errorf("not asked with app roles %s", roles)
		}
		expect(t, s, snapshot.AppRoleAssignments, snapshot.Collected, 2)
	}
}

// Smaller pages leave out managed identities, so a large one that fails is a failure.
func TestAssignmentsAreNeverAskedForInSmallerPages(t *testing.T) {
	g := tenant(t).On(assignedTo("sp1")+"?$top=999", failure(503, "ServiceUnavailable", "large pages fail")).On(assignedTo("sp1")+"?$top=333", list(assigned("as1", "User")))
	expect(t, collect(t, g, reader()), snapshot.AppRoleAssignments, snapshot.Failed, 0, "assigned to resource sp1: ", "large pages fail")
	for _, r := range g.Requests(assignedTo("sp1")) {
		if r.Query.Get("$top") != "999" {
			t.Errorf("asked with %v", r.Query)
		}
	}
}
