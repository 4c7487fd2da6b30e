package subject

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"leastwise/collector/snapshot"
)

const (
	globalAdmin  = "62e90394-69f5-4237-9190-012177145e10"
	connectAdmin = "ee67aa9c-e510-4759-b906-227085a7fd4d"
	reader       = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
	anna         = "cccccccc-0000-0000-0000-00000000000a"
	ben          = "cccccccc-0000-0000-0000-00000000000b"
)

func holds(id, assignment, principal, kind, role string, more ...string) string {
	return fmt.Sprintf(`{"id":%q,"assignment":%q,"principalId":%q,"principalType":%q,"roleDefinitionId":%q,"directoryScopeId":"/"%s}`,
		id, assignment, principal, kind, role, strings.Join(more, ""))
}

const peopleRead = `,"usersRead":true` // of the assignment of a group

func through(group string) string { return fmt.Sprintf(`,"groupId":%q`, group) }

// approvedBy is a snapshot of an application that was approved at noon.
func approvedBy(approver string, rows map[snapshot.Name][]string) facts {
	all := maps.Clone(rows)
	if all == nil {
		all = map[snapshot.Name][]string{}
	}
	all[snapshot.DataConnectEvents] = []string{consent("1", "2026-10-01T12:00:00Z", fmt.Sprintf(`,"state":"approved","approver":%q`, approver))}
	if all[snapshot.DirectoryRoleDefinitions] == nil {
		all[snapshot.DirectoryRoleDefinitions] = []string{
			`{"id":"` + globalAdmin + `","templateId":"` + globalAdmin + `","displayName":"Global Administrator"}`,
			`{"id":"custom-id","templateId":"CUSTOM-TEMPLATE","displayName":"Custom"}`,
		}
	}
	return facts{rows: all}
}

// The approver is told by name. What the snapshot knows of that name gives the id.
func TestApproverIsResolved(t *testing.T) {
	owner := func(id, upn string) string {
		return fmt.Sprintf(`{"objectId":"o","ownerId":%q,"@odata.type":"#microsoft.graph.user","userPrincipalName":%q}`, id, upn)
	}
	ofType := fmt.Sprintf(`{"containerTypeId":"t","id":"x","grantedToV2":{"user":{"id":%q,"userPrincipalName":"ANNA@x"}}}`, anna)
	event := fmt.Sprintf(`{"id":"e","at":"2026-09-01T00:00:00Z","change":"added","principalId":%q,"principalUpn":"Anna@X","roleId":"r"}`, anna)
	for _, c := range []struct {
		name, approver string
		rows           map[snapshot.Name][]string
		want           *Person
	}{
		{"by id", anna, nil, &Person{ObjectID: anna}},
		{"known to nobody", "Anna@x", nil, &Person{UPN: "Anna@x"}},
		{"an owner", "Anna@x", map[snapshot.Name][]string{snapshot.ServicePrincipalOwners: {owner(anna, "anna@X")}}, &Person{UPN: "Anna@x", ObjectID: anna}},
		{"another owner", "Anna@x", map[snapshot.Name][]string{snapshot.ApplicationOwners: {owner(ben, "ben@x")}}, &Person{UPN: "Anna@x"}},
		{"an owner of a container type", "Anna@x", map[snapshot.Name][]string{snapshot.ContainerTypeOwners: {ofType}}, &Person{UPN: "Anna@x", ObjectID: anna}},
		{"of a role event", "Anna@x", map[snapshot.Name][]string{snapshot.RoleEvents: {event}}, &Person{UPN: "Anna@x", ObjectID: anna}},
		{"known by two ids", "Anna@x", map[snapshot.Name][]string{snapshot.ApplicationOwners: {owner(ben, "anna@x")}, snapshot.RoleEvents: {event}}, &Person{UPN: "Anna@x"}},
		{"an owner without id", "Anna@x", map[snapshot.Name][]string{snapshot.ApplicationOwners: {owner("", "anna@x")}}, &Person{UPN: "Anna@x"}},
		{"not told", " ", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := connectApps(t, approvedBy(c.approver, c.rows))[home+"/app"]
			same(t, "approver", c.want, app.Approver)
			same(t, "approver in the history", c.want, app.History[0].Approver)
			if known := c.want != nil && c.want.ObjectID != ""; known != (app.ApproverRoles != nil) {
				t.Errorf("got roles %v, want them only where the id is known", app.ApproverRoles)
			}
		})
	}
}

func TestApproverRoles(t *testing.T) {
	partial := map[snapshot.Name]snapshot.Dataset{snapshot.DirectoryRoleAssignments: {Status: snapshot.Partial, Reason: "eligible assignments: HTTP 403"}}
	for _, c := range []struct {
		name   string
		rows   []string
		meta   map[snapshot.Name]snapshot.Dataset
		status map[snapshot.Name]snapshot.Status
		want   []RoleHold
	}{
		{"none", nil, nil, nil, []RoleHold{}},
		{"of somebody else", []string{holds("1", "active", ben, "user", globalAdmin)}, nil, nil, []RoleHold{}},
		{"assigned", []string{holds("1", "active", anna, "user", globalAdmin)}, nil, nil, []RoleHold{{globalAdmin, "Global Administrator", "assigned", "/", ""}}},
		{"eligible", []string{holds("1", "eligible", anna, "user", globalAdmin)}, nil, nil, []RoleHold{{globalAdmin, "Global Administrator", "eligible", "/", ""}}},
		{"a role that no definition names", []string{holds("1", "active", anna, "user", connectAdmin)}, nil, nil, []RoleHold{{connectAdmin, "", "assigned", "/", ""}}},
		{"any other role, by its template", []string{holds("1", "active", anna, "user", "Custom-ID")}, nil, nil, []RoleHold{{"custom-template", "Custom", "assigned", "/", ""}}},
		{"through a group, of everybody", []string{holds("1", "active", "g", "group", globalAdmin), holds("2", "eligible", "h", "group", connectAdmin)}, nil, nil, []RoleHold{{globalAdmin, "Global Administrator", "group", "/", ""}, {connectAdmin, "", "group", "/", ""}}},
		// Nobody tells who was in the group when the decision was taken.
		{"in a group now", []string{holds("1", "active", "g", "group", globalAdmin, peopleRead), holds("1/a", "active", anna, "user", globalAdmin, through("g"))}, nil, nil, []RoleHold{{globalAdmin, "Global Administrator", "group", "/", ""}}},
		{"not in the group now", []string{holds("1", "eligible", "g", "group", globalAdmin, peopleRead), holds("1/b", "eligible", ben, "user", globalAdmin, through("g"))}, nil, nil, []RoleHold{{globalAdmin, "Global Administrator", "group", "/", ""}}},
		{"in a group and directly", []string{holds("1", "active", "g", "group", globalAdmin, peopleRead), holds("1/a", "active", anna, "user", globalAdmin, through("g")), holds("2", "active", anna, "user", globalAdmin)}, nil, nil, []RoleHold{{globalAdmin, "Global Administrator", "assigned", "/", ""}, {globalAdmin, "Global Administrator", "group", "/", ""}}},
		{"another role through a group", []string{holds("1", "active", "g", "group", reader)}, nil, nil, []RoleHold{{reader, "", "group", "/", ""}}},
		{"twice the same", []string{holds("1", "active", anna, "user", reader), holds("2", "active", anna, "user", reader)}, nil, nil, []RoleHold{{reader, "", "assigned", "/", ""}}},
		{"a principal that is gone", []string{holds("1", "active", "gone", "", globalAdmin), holds("2", "active", ben, "user", reader)}, nil, nil, []RoleHold{}},
		{"sorted", []string{holds("1", "eligible", anna, "user", reader), holds("2", "active", anna, "user", reader), holds("3", "active", anna, "user", globalAdmin)}, nil, nil, []RoleHold{{globalAdmin, "Global Administrator", "assigned", "/", ""}, {reader, "", "assigned", "/", ""}, {reader, "", "eligible", "/", ""}}},
		{"eligibility not read", []string{holds("1", "active", anna, "user", globalAdmin)}, partial, nil, nil},
		{"assignments denied", nil, nil, map[snapshot.Name]snapshot.Status{snapshot.DirectoryRoleAssignments: snapshot.Denied}, nil},
		{"definitions denied", []string{holds("1", "active", anna, "user", globalAdmin)}, nil, map[snapshot.Name]snapshot.Status{snapshot.DirectoryRoleDefinitions: snapshot.Denied}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := approvedBy(anna, map[snapshot.Name][]string{snapshot.DirectoryRoleAssignments: c.rows})
			f.meta, f.status = c.meta, c.status
			same(t, "roles", c.want, connectApps(t, f)[home+"/app"].ApproverRoles)
		})
	}
	unclear := approvedBy(anna, map[snapshot.Name][]string{snapshot.DirectoryRoleAssignments: {holds("1", "active", "odd", "", globalAdmin), holds("2", "active", anna, "user", reader)}})
	unclear.gaps = map[snapshot.Name][]snapshot.Gap{snapshot.DirectoryRoleAssignments: {{Row: "1", Reason: "principal odd is not resolved"}, {Row: "2", Reason: "its role was not read"}}}
	app := connectApps(t, unclear)[home+"/app"]
	same(t, "roles of a principal that may be a group", []RoleHold{{globalAdmin, "Global Administrator", "group", "/", ""}, {reader, "", "assigned", "/", ""}}, app.ApproverRoles)
	same(t, "gaps", []Gap{{Dataset: snapshot.DirectoryRoleAssignments, Reason: "its role was not read", Field: "approver_roles"}}, gapsIn(app.Incomplete, snapshot.DirectoryRoleAssignments))
}

func TestApproverRoleEvents(t *testing.T) {
	event := func(id, at, change, principal, upn string) string {
		row := fmt.Sprintf(`{"id":%q,"change":%q,"roleId":"R","roleName":"Role","by":"root@x"`, id, change)
		for name, value := range map[string]string{"at": at, "principalId": principal, "principalUpn": upn} {
			if value != "" {
				row += fmt.Sprintf(`,%q:%q`, name, value)
			}
		}
		return row + "}"
	}
	rows := []string{
		event("3", "2026-10-02T00:00:00Z", "removed", anna, "was@x"), event("2", "2026-09-01T00:00:00Z", "added", anna, "anna@x"),
		event("1", "", "added", anna, ""), event("4", "2026-09-02T00:00:00Z", "added", ben, "ben@x"), event("5", "2026-09-03T00:00:00Z", "added", ben, "ANNA@x"),
	}
	brief := func(app *DataConnectApp) []string {
		list := []string{}
		for _, e := range app.ApproverRoleEvents {
			list = append(list, fmt.Sprintf("%s %s %s %s %s %s", e.At, e.Change, e.RoleID, e.Role, e.By, tri(e.AfterApproval)))
		}
		return list
	}
	byID := connectApps(t, approvedBy(anna, map[snapshot.Name][]string{snapshot.RoleEvents: rows}))[home+"/app"]
	same(t, "events by id", []string{" added r Role root@x absent", "2026-09-01T00:00:00Z added r Role root@x false", "2026-10-02T00:00:00Z removed r Role root@x true"}, brief(byID))
	// Two people went by the name: who approved is not known, and either may have.
	byName := connectApps(t, approvedBy("Anna@x", map[snapshot.Name][]string{snapshot.RoleEvents: rows}))[home+"/app"]
	same(t, "events by name", []string{"2026-09-01T00:00:00Z added r Role root@x false", "2026-09-03T00:00:00Z added r Role root@x false"}, brief(byName))
	if byName.RoleCoverage != nil {
		t.Errorf("got %+v, want no coverage that nobody told", byName.RoleCoverage)
	}

	f := approvedBy(anna, nil)
	f.meta = covered(snapshot.RoleEvents, "2026-09-01T00:00:00Z")
	app := connectApps(t, f)[home+"/app"]
	same(t, "coverage", &Coverage{From: "2026-09-01T00:00:00Z", Days: 80, To: "2026-11-20T12:00:00Z", Whole: true}, app.RoleCoverage)
	if app.ApproverRoleEvents == nil || len(app.ApproverRoleEvents) > 0 {
		t.Errorf("got %#v, want none", app.ApproverRoleEvents)
	}
	f.meta, f.status = nil, map[snapshot.Name]snapshot.Status{snapshot.RoleEvents: snapshot.Denied}
	if app := connectApps(t, f)[home+"/app"]; app.ApproverRoleEvents != nil || app.RoleCoverage != nil {
		t.Errorf("got %+v, want nothing where the events were denied", app)
	}

	damaged := approvedBy(anna, map[snapshot.Name][]string{snapshot.RoleEvents: {event("1", "", "added", anna, ""), event("2", "", "added", ben, "")}})
	damaged.gaps = map[snapshot.Name][]snapshot.Gap{snapshot.RoleEvents: {{Row: "1", Reason: "its role was not read"}, {Row: "2", Reason: "of somebody else"}}}
	same(t, "gaps", []Gap{{Dataset: snapshot.RoleEvents, Reason: "its role was not read", Field: "approver_role_events"}}, gapsIn(connectApps(t, damaged)[home+"/app"].Incomplete, snapshot.RoleEvents))
	j := approvedBy(anna, map[snapshot.Name][]string{snapshot.RoleEvents: {event("1", "", "added", "", "")}}).open(t)
	if j.Loose(snapshot.RoleEvents) == "" {
		t.Error("an event of nobody may be the approver's, and nothing says so")
	}
}

// A role given on the day of a decision that is dated by the day alone may be either
// side of it.
func TestRoleEventsOfTheDay(t *testing.T) {
	for at, want := range map[string]string{
		"2026-09-30T23:59:59Z": "false", "2026-10-01T00:00:00Z": "false", "2026-10-01T10:00:00Z": "absent", "2026-10-01T12:00:00Z": "absent", "2026-10-01T12:00:01Z": "true",
	} {
		f := approvedBy(anna, map[snapshot.Name][]string{snapshot.RoleEvents: {fmt.Sprintf(`{"id":"1","at":%q,"change":"added","principalId":%q}`, at, anna)}})
		f.rows[snapshot.DataConnectEvents] = []string{consent("1", "2026-10-01T12:00:00Z", fmt.Sprintf(`,"approvedAt":"2026-10-01T00:00:00Z","state":"approved","approver":%q`, anna))}
		if got := tri(connectApps(t, f)[home+"/app"].ApproverRoleEvents[0].AfterApproval); got != want {
			t.Errorf("%s: got %s, want %s", at, got, want)
		}
	}
}
