package entra_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const (
	active   = roles + "roleAssignments"
	eligible = roles + "roleEligibilityScheduleInstances"
)

func members(group string) string {
	return "/v1.0/groups/" + group + "/transitiveMembers/microsoft.graph.servicePrincipal"
}

func peopleOf(group string) string {
	return "/v1.0/groups/" + group + "/transitiveMembers/microsoft.graph.user"
}

// held is a role assignment as Graph has it.
func held(id, principal, kind string) string {
	row := `{"id":"` + id + `","principalId":"` + principal + `","roleDefinitionId":"d1","directoryScopeId":"/"`
	if kind != "" {
		row += `,"principal@odata.type":"x","principal":{"@odata.type":"#microsoft.graph.` + kind + `","id":"` + principal + `","displayName":"private"}`
	}
	return row + "}"
}

func TestRolesAreFoundThroughGroups(t *testing.T) {
	g := tenant(t)
	g.On(active, fakegraph.Value(held("a1", "sp1", "servicePrincipal"), held("a2", "g1", "group"), held("a3", "u1", "user"), held("a4", "x1", ""), held("a5", "x2", ""), held("a6", "g1", "group")))
	g.On(eligible, fakegraph.Value(held("e1", "g2", "group"), held("e2", "g1", "group")))
	g.On(members("g1"), fakegraph.Answer{Body: `{"@odata.count":2,"value":[{"id":"sp2"}],"@odata.nextLink":"{{graph}}` + members("g1") + `?$skiptoken=2"}`})
	g.On(members("g1")+"?$skiptoken=2", fakegraph.Value(`{"id":"sp3"}`))
	g.On(members("g2"), fakegraph.Value())
	g.On(members("x1"), fakegraph.Value(`{"id":"sp4"}`)) // it was a group; x2 was none, which is answered with 404
	g.On(peopleOf("g1"), fakegraph.Answer{Body: `{"@odata.count":2,"value":[{"id":"u2"}],"@odata.nextLink":"{{graph}}` + peopleOf("g1") + `?$skiptoken=2"}`})
	g.On(peopleOf("g1")+"?$skiptoken=2", fakegraph.Value(`{"id":"u1"}`, `{"id":"u2"}`)) // u1 holds the role directly as well
	g.On(peopleOf("g2"), fakegraph.Value()).On(peopleOf("x1"), fakegraph.Value(`{"id":"u3","displayName":"private"}`))
	s := collect(t, g, reader())
	expect(t, s, snapshot.DirectoryRoleAssignments, snapshot.Collected, 22, "principals of assignments that are not in the directory: 1")
	row := func(assignment, rest, id, principal, kind string) string {
		text := `{"assignment":"` + assignment + `","directoryScopeId":"/",` + rest + `"id":"` + id + `","principalId":"` + principal + `",`
		if kind != "" {
			text += `"principalType":"` + kind + `",`
		}
		if kind == "group" {
			text += `"principalsRead":true,`
		}
		text += `"roleDefinitionId":"d1"`
		if kind == "group" {
			text += `,"usersRead":true`
		}
		return text + "}"
	}
	through := func(assignment, group, id, principal string) string {
		kind := "servicePrincipal"
		if strings.HasPrefix(principal, "u") {
			kind = "user"
		}
		return row(assignment, `"groupId":"`+group+`",`, id+"/"+principal, principal, kind)
	}
	sameRows(t, s, snapshot.DirectoryRoleAssignments,
		row("active", "", "a1", "sp1", "servicePrincipal"), row("active", "", "a2", "g1", "group"),
		through("active", "g1", "a2", "sp2"), through("active", "g1", "a2", "sp3"), through("active", "g1", "a2", "u1"), through("active", "g1", "a2", "u2"),
		row("active", "", "a3", "u1", "user"), row("active", "", "a4", "x1", "group"), through("active", "x1", "a4", "sp4"), through("active", "x1", "a4", "u3"),
		row("active", "", "a5", "x2", ""), row("active", "", "a6", "g1", "group"),
		through("active", "g1", "a6", "sp2"), through("active", "g1", "a6", "sp3"), through("active", "g1", "a6", "u1"), through("active", "g1", "a6", "u2"),
		row("eligible", "", "e1", "g2", "group"), row("eligible", "", "e2", "g1", "group"),
		through("eligible", "g1", "e2", "sp2"), through("eligible", "g1", "e2", "sp3"), through("eligible", "g1", "e2", "u1"), through("eligible", "g1", "e2", "u2"))
	for _, path := range []string{members("g1"), peopleOf("g1")} {
		if r := g.Requests(path); len(r) != 2 || r[0].Header.Get("ConsistencyLevel") != "eventual" || r[0].Query.Get("$select") != "id" || r[0].Query.Get("$count") != "true" {
			t.Errorf("members were asked for with %+v", r)
		}
	}
	if r := g.Requests(peopleOf("x2")); len(r) != 0 {
		t.Errorf("people were asked for with %+v in what is no group", r)
	}
	for _, nobody := range []string{"u1", "sp1"} {
		if len(g.Requests(members(nobody))) != 0 {
			t.Errorf("the members of %s were asked for", nobody)
		}
	}
	if r := g.Requests(active)[0]; r.Query.Get("$expand") != "principal" {
		t.Errorf("assignments were asked for with %v", r.Query)
	}
}

func TestRolesThatCannotBeRead(t *testing.T) {
	unlicensed := failure(http.StatusForbidden, "AadPremiumLicenseRequired", "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.")
	for _, c := range []struct {
		name    string
		set     func(g *fakegraph.Graph)
		status  snapshot.Status
		rows    int
		reasons []string
	}{
		{"no licence for eligibility", func(g *fakegraph.Graph) { g.On(eligible, unlicensed) }, snapshot.Collected, 1, []string{"no licence for Privileged Identity Management, so nobody is eligible"}},
		{"eligibility denied", func(g *fakegraph.Graph) { g.On(eligible, fakegraph.Denied()) }, snapshot.Partial, 1, []string{"eligible assignments: ", "Insufficient privileges"}},
		{"active denied", func(g *fakegraph.Graph) { g.On(active, fakegraph.Denied()) }, snapshot.Partial, 0, []string{"active assignments: ", "Insufficient privileges"}},
		{"both denied", func(g *fakegraph.Graph) {
			g.On(active, fakegraph.Denied()).On(eligible, fakegraph.Denied())
		}, snapshot.Denied, 0, []string{"Insufficient privileges"}},
		{"a group denied", func(g *fakegraph.Graph) {
			g.On(active, fakegraph.Value(held("a1", "g1", "group"))).On(members("g1"), fakegraph.Denied())
		}, snapshot.Partial, 1, []string{"members of group g1: ", "Insufficient privileges"}},
		{"a group that is gone", func(g *fakegraph.Graph) { g.On(active, fakegraph.Value(held("a1", "g1", "group"))) }, snapshot.Partial, 1, []string{"members of group g1: ", "HTTP 404"}},
		{"a principal of unknown type denied", func(g *fakegraph.Graph) {
			g.On(active, fakegraph.Value(held("a1", "x1", ""))).On(members("x1"), fakegraph.Denied())
		}, snapshot.Partial, 1, []string{"members of group x1: "}},
		{"a member without id", func(g *fakegraph.Graph) {
			g.On(active, fakegraph.Value(held("a1", "g1", "group"))).On(members("g1"), fakegraph.Value(`{"id":"sp2"}`, `{"displayName":"who"}`))
		}, snapshot.Partial, 2, []string{"a member of group g1 has no id"}},
		{"fewer members than counted", func(g *fakegraph.Graph) {
			g.On(active, fakegraph.Value(held("a1", "g1", "group"))).On(members("g1"), fakegraph.Answer{Body: `{"@odata.count":7,"value":[{"id":"sp2"},{"id":"sp2"}]}`})
		}, snapshot.Partial, 2, []string{"group g1 has 7 members that are service principals by its own count, and 1 were read"}},
		{"members that are not counted", func(g *fakegraph.Graph) {
			g.On(active, fakegraph.Value(held("a1", "g1", "group"))).On(members("g1"), fakegraph.Value(`{"id":"sp2"}`)).On(peopleOf("g1"), fakegraph.Value())
		}, snapshot.Collected, 2, nil},
		{"active ones take no licence", func(g *fakegraph.Graph) { g.On(active, unlicensed) }, snapshot.Partial, 0, []string{"active assignments: AadPremiumLicenseRequired"}},
		{"no licence in the middle of a list", func(g *fakegraph.Graph) {
			g.On(eligible, fakegraph.Answer{Body: `{"value":[` + held("e1", "sp1", "servicePrincipal") + `],"@odata.nextLink":"{{graph}}` + eligible + `?$skiptoken=2"}`})
			g.On(eligible+"?$skiptoken=2", unlicensed)
		}, snapshot.Partial, 2, []string{"eligible assignments: AadPremiumLicenseRequired"}},
		{"nobody holds a role", func(g *fakegraph.Graph) { g.On(active, fakegraph.Value()) }, snapshot.Collected, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t)
			c.set(g)
			d := expect(t, collect(t, g, reader()), snapshot.DirectoryRoleAssignments, c.status, c.rows, c.reasons...)
			if d.Confined || c.status == snapshot.Collected && len(c.reasons) == 0 && d.Reason != "" {
				t.Errorf("got %+v", d)
			}
		})
	}
}

// What is not known of the people in a group is in doubt of its assignments alone: everything
// else was read.
func TestPeopleInGroupsThatCannotBeRead(t *testing.T) {
	many := make([]string, 10_001)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"u%05d"}`, i)
	}
	assigned := func(g *fakegraph.Graph, people fakegraph.Answer) {
		g.On(active, fakegraph.Value(held("a1", "g1", "group"), held("a2", "g2", "group"))).On(eligible, fakegraph.Value(held("e1", "g1", "group")))
		g.On(members("g1"), fakegraph.Value()).On(members("g2"), fakegraph.Value()).On(peopleOf("g2"), fakegraph.Value(`{"id":"u1"}`)).On(peopleOf("g1"), people)
	}
	for _, c := range []struct {
		name   string
		people fakegraph.Answer
		rows   int // beside those of the assignments and of the other group's person
		reason string
	}{
		{"denied", fakegraph.Denied(), 0, "Authorization_RequestDenied: Insufficient privileges"},
		{"gone", failure(http.StatusNotFound, "Request_ResourceNotFound", "it is gone"), 0, "people in group g1: "},
		{"one without an id", fakegraph.Value(`{"id":"u2"}`, `{"displayName":"who"}`), 2, "a person in group g1 has no id"},
		{"fewer than counted", fakegraph.Answer{Body: `{"@odata.count":7,"value":[{"id":"u2"},{"id":"u2"}]}`}, 2, "group g1 has 7 people by its own count, and 1 were read"},
		{"more than fit", fakegraph.Value(many...), 0, "group g1 has more than 10000 people, who are not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t)
			assigned(g, c.people)
			s := collect(t, g, reader())
			d := expect(t, s, snapshot.DirectoryRoleAssignments, snapshot.Partial, 4+c.rows, "2 row(s) damaged, first a1: "+c.reason)
			if !d.Confined || len(d.Gaps) != 2 || d.Gaps[0].Row != "a1" || d.Gaps[1].Row != "e1" {
				t.Errorf("got %+v, want gaps of the assignments of the group", d)
			}
			var read []string
			for _, row := range fakegraph.Rows(t, s, snapshot.DirectoryRoleAssignments) {
				if strings.Contains(row, "usersRead") {
					read = append(read, row)
				}
			}
			if whole := strings.Count(strings.Join(fakegraph.Rows(t, s, snapshot.DirectoryRoleAssignments), ""), "principalsRead"); whole != 3 {
				t.Errorf("of %d assignments of groups it is said that all service principals were read, want 3", whole)
			}
			if len(read) != 1 || !strings.Contains(read[0], `"id":"a2"`) {
				t.Errorf("groups of which all people were read: got %v, want the other one", read)
			}
		})
	}
	g := tenant(t)
	assigned(g, fakegraph.Value(many[1:]...))
	expect(t, collect(t, g, reader()), snapshot.DirectoryRoleAssignments, snapshot.Collected, 4+2*10_000)
}

// A group that hides its members and shows none may have some, unless it showed some.
func TestHiddenMembership(t *testing.T) {
	hidden := strings.Replace(held("a1", "g1", "group"), `"displayName":"private"`, `"visibility":"HiddenMembership"`, 1)
	for _, c := range []struct {
		name               string
		principals, people fakegraph.Answer
		status             snapshot.Status
		rows               int
	}{
		{"nobody", fakegraph.Value(), fakegraph.Value(), snapshot.Partial, 1},
		{"a person", fakegraph.Value(), fakegraph.Value(`{"id":"u1"}`), snapshot.Collected, 2},
		{"a service principal", fakegraph.Value(`{"id":"sp2"}`), fakegraph.Value(), snapshot.Collected, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t).On(active, fakegraph.Value(hidden)).On(members("g1"), c.principals).On(peopleOf("g1"), c.people)
			s := collect(t, g, reader())
			d := expect(t, s, snapshot.DirectoryRoleAssignments, c.status, c.rows)
			partial := c.status == snapshot.Partial
			if d.Confined || partial != strings.Contains(d.Reason, "membership of group g1 is hidden") {
				t.Errorf("got %+v", d)
			}
			if row := fakegraph.Rows(t, s, snapshot.DirectoryRoleAssignments)[0]; strings.Contains(row, "usersRead") == partial || strings.Contains(row, "principalsRead") == partial || strings.Contains(row, "visibility") {
				t.Errorf("got %s", row)
			}
		})
	}
}

// The principal of a row is asked for to learn its type; nothing else of it stays.
func TestPrincipalsStayOutOfTheSnapshot(t *testing.T) {
	s := collect(t, tenant(t), reader())
	want := `{"assignment":"active","directoryScopeId":"/","id":"ra1","principalId":"sp1","principalType":"servicePrincipal","roleDefinitionId":"d1"}`
	if got := fakegraph.Rows(t, s, snapshot.DirectoryRoleAssignments); !slices.Equal(got, []string{want}) {
		t.Errorf("got %v", got)
	}
}

// A principal without a type that is no group may be anything, unless it is gone; one
// that some assignment calls a group is a group.
func TestPrincipalsThatAreNotResolved(t *testing.T) {
	null := strings.Replace(held("a1", "x1", ""), "}", `,"principal":null}`, 1)
	assigned := func(t *testing.T) *fakegraph.Graph {
		return tenant(t).On(active, fakegraph.Value(null, held("a2", "sp1", "servicePrincipal"), held("a3", "x2", ""))).On(eligible, fakegraph.Value(held("e1", "x1", "")))
	}
	collected := func(g *fakegraph.Graph, status snapshot.Status, reasons []string, gaps ...string) {
		t.Helper()
		d := expect(t, collect(t, g, reader(), skipping(snapshot.ApplicationOwners)), snapshot.DirectoryRoleAssignments, status, 4, reasons...)
		var rows []string
		for _, gap := range d.Gaps {
			rows = append(rows, gap.Row)
		}
		if !slices.Equal(rows, gaps) || d.Confined != (len(gaps) > 0) {
			t.Errorf("got %+v", d)
		}
	}
	collected(assigned(t).On(byIDs, fakegraph.Value()), snapshot.Collected, []string{"principals of assignments that are not in the directory: 2"})
	collected(assigned(t).On(byIDs, fakegraph.Value(`{"id":"x1"}`)), snapshot.Partial,
		[]string{"principals of assignments that are not in the directory: 1", "principal x1 is not resolved: its type does not come with the assignment, and it is no group"}, "a1", "e1")
	g := assigned(t).On(byIDs, fakegraph.Denied())
	collected(g, snapshot.Partial, []string{"3 row(s) damaged, first a1: ", "Insufficient privileges"}, "a1", "a3", "e1")
	if r := g.Requests(byIDs); len(r) != 1 || !strings.Contains(r[0].Body, `["x1","x2"]`) {
		t.Errorf("asked with %+v", r)
	}
	g = assigned(t).On(eligible, fakegraph.Value(held("e1", "x1", "group"))).On(byIDs, fakegraph.Value())
	collected(g, snapshot.Partial, []string{"members of group x1: ", "principals of assignments that are not in the directory: 1"})
}
