package subject

import (
	"fmt"
	"testing"

	"leastwise/collector/snapshot"
)

const principalsRead = `,"principalsRead":true` // of the assignment of a group

// An application is in a group or not where all service principals in it were read, and may be in any other.
func TestRolesOfApplicationsThroughGroups(t *testing.T) {
	role := func(via, group, scope string) []RoleHold { return []RoleHold{{globalAdmin, "", via, scope, group}} }
	const expanded = `,"principal":{"@odata.type":"#microsoft.graph.group"}`
	for _, c := range []struct {
		name string
		rows []string
		want []RoleHold
	}{
		{"read, and in it", []string{holds("1", "active", "g", "group", globalAdmin, principalsRead), holds("1/sp", "active", "SP", "servicePrincipal", globalAdmin, through("g"))}, role("assigned", "g", "/")},
		{"read, and not in it", []string{holds("1", "active", "g", "group", globalAdmin, principalsRead)}, []RoleHold{}},
		{"only people read", []string{holds("1", "active", "g", "group", globalAdmin, peopleRead)}, role("group", "", "/")},
		{"said not to be read", []string{holds("1", "active", "g", "group", globalAdmin, `,"principalsRead":false`)}, role("group", "", "/")},
		{"an export that expands it", []string{holds("1", "eligible", "g", "", globalAdmin, expanded)}, role("group", "", "/")},
		{"no type told", []string{holds("1", "active", "g", "unknown", globalAdmin), holds("2", "active", "u", "user", reader)}, role("group", "", "/")},
		{"no type told of a service principal", []string{holds("1", "active", "other", "unknown", globalAdmin)}, []RoleHold{}},
		{"no type asked for", []string{holds("1", "active", "g", "", globalAdmin)}, role("group", "", "/")},
		{"gone", []string{holds("1", "active", "g", "", globalAdmin), holds("2", "active", "u", "user", reader)}, []RoleHold{}},
		{"of a person", []string{holds("1", "active", "u", "user", globalAdmin)}, []RoleHold{}},
		{"of a group, and ended", []string{holds("1", "eligible", "g", "group", globalAdmin, `,"endDateTime":"2026-11-01T00:00:00Z"`)}, []RoleHold{}},
		{"over an application's scope", []string{fmt.Sprintf(`{"id":"1","principalId":"sp","principalType":"servicePrincipal","roleDefinitionId":%q,"directoryScopeId":null,"appScopeId":"/"}`, globalAdmin)}, role("assigned", "", "/")},
		{"over an application's part", []string{fmt.Sprintf(`{"id":"1","principalId":"sp","principalType":"servicePrincipal","roleDefinitionId":%q,"appScopeId":"/AppScopes/1"}`, globalAdmin)}, role("assigned", "", "/AppScopes/1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: map[snapshot.Name][]string{
				snapshot.ServicePrincipals:        {`{"id":"sp","appId":"a"}`, `{"id":"other","appId":"b"}`},
				snapshot.DirectoryRoleAssignments: c.rows,
				snapshot.DirectoryRoleDefinitions: {},
			}}
			same(t, "roles", c.want, f.applications(t)["a"].DirectoryRoles)
		})
	}
}

// Whoever was eligible once, or will be, is not at the instant of the audit.
func TestEligibleAtTheInstantOfTheAudit(t *testing.T) {
	role := func(via string) []RoleHold { return []RoleHold{{globalAdmin, "", via, "/", ""}} }
	for _, c := range []struct {
		kind, span string
		want       []RoleHold
		gaps       int
	}{
		{"eligible", `"startDateTime":"2026-01-01T00:00:00Z","endDateTime":null`, role("eligible"), 0},
		{"eligible", `"startDateTime":"2026-11-20T12:00:00Z","endDateTime":"2026-11-20T12:00:01Z"`, role("eligible"), 0},
		{"eligible", `"startDateTime":"2026-01-01T00:00:00Z","endDateTime":"2026-11-20T12:00:00Z"`, []RoleHold{}, 0},
		{"eligible", `"startDateTime":"2026-11-20T12:00:01Z","endDateTime":null`, []RoleHold{}, 0},
		{"eligible", `"startDateTime":"2026-01-01T00:00:00Z","endDateTime":"0001-01-01T00:00:00Z"`, role("eligible"), 0},
		{"eligible", `"startDateTime":"soon"`, role("eligible"), 1},
		{"eligible", `"endDateTime":"soon"`, role("eligible"), 1},
		{"active", `"endDateTime":"2026-11-01T00:00:00Z"`, role("assigned"), 0}, // the list is of those that are active
	} {
		f := facts{rows: map[snapshot.Name][]string{
			snapshot.ServicePrincipals:        {`{"id":"sp","appId":"a"}`},
			snapshot.DirectoryRoleAssignments: {holds("1", c.kind, "sp", "servicePrincipal", globalAdmin, ","+c.span)},
			snapshot.DirectoryRoleDefinitions: {},
		}}
		app := f.applications(t)["a"]
		gaps := 0
		for _, gap := range app.Incomplete {
			if gap.Field == "directory_roles" {
				gaps++
			}
		}
		same(t, c.span, c.want, app.DirectoryRoles)
		if gaps != c.gaps {
			t.Errorf("%s: %d gaps, want %d", c.span, gaps, c.gaps)
		}
	}
}

// Another application that owns one may be in a group whose service principals were not read, and whoever is of no known
// type in any.
func TestRolesOfOtherOwnersThroughGroups(t *testing.T) {
	group := []RoleHold{{globalAdmin, "", "group", "/", ""}}
	for _, c := range []struct {
		kind, read string
		want       []RoleHold
	}{
		{"servicePrincipal", peopleRead, group},
		{"servicePrincipal", principalsRead, []RoleHold{}},
		{"user", principalsRead, group},
		{"", peopleRead, group},
		{"", principalsRead, group},
		{"", peopleRead + principalsRead, []RoleHold{}},
	} {
		f := ownedByAnna([]string{holds("1", "active", "g", "group", globalAdmin, c.read)})
		f.rows[snapshot.ApplicationOwners] = []string{`{"objectId":"app","ownerId":"Anna"}`}
		if c.kind != "" {
			f.rows[snapshot.ApplicationOwners] = []string{`{"objectId":"app","ownerId":"Anna","@odata.type":"#microsoft.graph.` + c.kind + `"}`}
		}
		same(t, c.kind+c.read, c.want, f.applications(t)["a"].Owners[0].Roles)
	}
}
