package collector_test

import (
	"slices"
	"testing"
	"time"

	"leastwise/collector/entra"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
	"leastwise/fixtures/simulator"
)

// Everybody in a group that holds a role has it: people and applications alike, one to a page. What is neither, such as
// a member that is gone, has no row.
func TestMembersOfRoleGroupsOfSimulatedTenants(t *testing.T) {
	for _, tenant := range []string{"contoso", "fabrikam"} {
		t.Run(tenant, func(t *testing.T) {
			t.Parallel()
			r := startTenant(t, tenant, simulator.Options{MaxPage: 1})
			skip := slices.DeleteFunc(entra.Datasets(), func(name snapshot.Name) bool {
				return slices.Contains([]snapshot.Name{snapshot.Organization, snapshot.DirectoryRoleAssignments, snapshot.DirectoryRoleDefinitions}, name)
			})
			s := r.collect(entra.New(entra.Options{Graph: r.graph(r.credential(identity.KindSecret)), Clock: time.Now, Skip: skip}))
			if d := s.Dataset(snapshot.DirectoryRoleAssignments); d.Status != snapshot.Collected {
				t.Fatalf("got %+v", d)
			}
			got, read := []string{}, map[any]bool{}
			for _, row := range rows(t, s, snapshot.DirectoryRoleAssignments) {
				if group, ok := row["groupId"].(string); ok {
					got = append(got, group+" "+row["principalType"].(string)+" "+row["principalId"].(string))
				}
				read[row["principalId"]] = row["usersRead"] == true
			}
			want, people := r.membersOfRoleGroups(read)
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("got members\n%v\nwant\n%v", got, want)
			}
			if people == 0 {
				t.Error("no person is in a group that holds a role")
			}
		})
	}
}

// membersOfRoleGroups lists who is in which group that holds a role once, by the tenant's files, and counts people. None
// of the groups is in another one. It complains of a group that is not marked as read.
func (r *tenantRun) membersOfRoleGroups(read map[any]bool) (members []string, people int) {
	r.t.Helper()
	kinds, groups := map[any]string{}, map[any][]any{}
	for file, kind := range map[string]string{"users.json": "user", "servicePrincipals.json": "servicePrincipal"} {
		for _, row := range r.fixtureRows(file) {
			kinds[row["id"]] = kind
		}
	}
	for _, row := range r.fixtureRows("groups.json") {
		groups[row["id"]], _ = row["_members"].([]any)
	}
	for _, file := range []string{"roleAssignments.json", "roleEligibilityScheduleInstances.json"} {
		for _, row := range r.fixtureRows(file) {
			group := row["principalId"]
			list, held := groups[group]
			if held && !read[group] {
				r.t.Errorf("the people in group %v were not read", group)
			}
			for _, member := range list {
				if kinds[member] == "user" {
					people++
				}
				if kinds[member] != "" {
					members = append(members, group.(string)+" "+kinds[member]+" "+member.(string))
				}
			}
		}
	}
	slices.Sort(members)
	return members, people
}
