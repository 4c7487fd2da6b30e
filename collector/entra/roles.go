package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

const roleManagement = "/v1.0/roleManagement/directory/"

// roles reads the directory roles and who holds them
// (https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments).
func (r *run) roles(ctx context.Context) error {
	if err := r.simple(ctx, snapshot.DirectoryRoleDefinitions, roleManagement+"roleDefinitions", graphapi.Query{}, asIs); err != nil {
		return err
	}
	if missing, err := r.without(snapshot.DirectoryRoleAssignments); missing != nil {
		return err
	}
	_, err := r.session.Collect(ctx, snapshot.DirectoryRoleAssignments, func(reading *graphapi.Reading) error {
		held := &holders{groups: map[string][]assignment{}}
		if err := held.list(ctx, reading, "roleAssignments", active); err != nil {
			return err
		}
		if err := held.list(ctx, reading, "roleEligibilityScheduleInstances", eligible); err != nil {
			return err
		}
		if err := held.throughGroups(ctx, reading); err != nil {
			return err
		}
		return held.resolve(ctx, reading)
	})
	return err
}

// holders notes which groups hold roles.
type holders struct {
	groups map[string][]assignment // by principal, which may be a group as far as is known
	// typeless are principals of which Graph told no type, and which are no groups.
	typeless []string
}

// assignment is a role assignment with its members as they came.
type assignment map[string]json.RawMessage

func (a assignment) text(name string) string {
	var text string
	_ = json.Unmarshal(a[name], &text) // absent or no text reads as empty; the snapshot complains
	return text
}

func (a assignment) set(name, value string) { a[name], _ = json.Marshal(value) } // text always has a JSON form

// What a row is of, in its member assignment.
const (
	active   = "active"
	eligible = "eligible"
)

// list reads active assignments, or those that Privileged Identity Management lets
// a principal activate. A tenant without a licence for that, which is not said in
// the middle of a list, has none; active assignments take no licence.
func (h *holders) list(ctx context.Context, reading *graphapi.Reading, collection, kind string) error {
	listing := reading.Graph.List(ctx, roleManagement+collection, graphapi.Query{Expand: "principal"})
	met := false
	for row, err := range listing {
		if err != nil && graphapi.Missing(err).Status == snapshot.Unlicensed && kind == eligible && !met {
			reading.Remark("the tenant has no licence for Privileged Identity Management, so nobody is eligible for a role")
			return nil
		}
		if err != nil {
			return reading.Fail(ctx, kind+" assignments", err)
		}
		met = true
		if err := reading.Add(h.take(row, kind)); err != nil {
			return err
		}
	}
	reading.PartRead()
	return nil
}

// take replaces the expanded principal by its type and notes groups. A row that is
// no object goes on as it is; the snapshot finds it out.
func (h *holders) take(row json.RawMessage, kind string) json.RawMessage {
	var a assignment
	if json.Unmarshal(row, &a) != nil || a == nil {
		return row
	}
	var principal struct {
		Type string `json:"@odata.type"`
	}
	_ = json.Unmarshal(a["principal"], &principal) // without a type it may be a group: see below
	for name := range a {
		if name == "principal" || strings.HasPrefix(name, "principal@") {
			delete(a, name)
		}
	}
	a.set("assignment", kind)
	if principal.Type != "" {
		a.set("principalType", strings.TrimPrefix(principal.Type, "#microsoft.graph."))
	}
	id := a.text("principalId")
	if id != "" && (principal.Type == "" || strings.HasSuffix(principal.Type, ".group")) {
		h.groups[id] = append(h.groups[id], a)
	}
	return encoded(a, row)
}

// throughGroups adds a row for each service principal that holds a role because it
// is a member, at whatever depth, of a group that does. Members are asked for with
// an advanced query, as the cast to a type demands
// (https://learn.microsoft.com/graph/api/group-list-transitivemembers).
func (h *holders) throughGroups(ctx context.Context, reading *graphapi.Reading) error {
	ids := slices.Sorted(maps.Keys(h.groups))
	requests := make([]graphapi.Request, len(ids))
	for i, id := range ids {
		requests[i] = graphapi.Request{
			Path:  "/v1.0/groups/" + id + "/transitiveMembers/microsoft.graph.servicePrincipal",
			Query: graphapi.Query{Select: "id", Top: pageSize, ConsistencyLevel: graphapi.Eventual, Count: true},
		}
	}
	members := tally{}
	return reading.Graph.ListEach(ctx, requests, func(i int, row json.RawMessage) error {
		members.add(i, row)
		var member struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(row, &member) != nil || member.ID == "" {
			reading.Fault("a member of group " + ids[i] + " has no id")
			return nil //nolint:nilerr // the dataset says so
		}
		for _, of := range h.groups[ids[i]] {
			if err := reading.Add(of.heldBy(member.ID, ids[i])); err != nil {
				return err
			}
		}
		return nil
	}, func(i, count int, err error) error {
		return h.close(ctx, reading, ids[i], members.end(i), count, err)
	})
}

// close ends the members of a group, of which Graph counted some (less than 0 when it
// did not) and this many came.
func (h *holders) close(ctx context.Context, reading *graphapi.Reading, group string, came, count int, err error) error {
	isTyped := func(a assignment) bool { return a["principalType"] != nil }
	switch {
	case graphapi.NotFound(err) && !slices.ContainsFunc(h.groups[group], isTyped):
		h.typeless = append(h.typeless, group)
	case err != nil:
		return reading.Fail(ctx, "members of group "+group, err)
	case count >= 0 && came != count:
		reading.Fault(fmt.Sprintf("group %s has %d members that are service principals by its own count, and %d were read", group, count, came))
	}
	reading.PartRead()
	return nil
}

// resolve asks for the principals that came without a type and are no groups. Of one
// that is gone an assignment may be left, which is nobody's; what another is, nobody
// knows: it may be an application.
func (h *holders) resolve(ctx context.Context, reading *graphapi.Reading) error {
	slices.Sort(h.typeless)
	gone := map[string]bool{}
	for ids := range slices.Chunk(h.typeless, chunk) {
		for _, id := range ids {
			gone[id] = true
		}
		for row, err := range reading.Graph.PostList(ctx, getByIDs, graphapi.Query{Select: "id"}, map[string]any{"ids": ids}) {
			found, why := []string{idOf(row)}, errors.New("its type does not come with the assignment, and it is no group")
			if err != nil {
				found, why = ids, err
			}
			for _, id := range found {
				delete(gone, id)
				for _, a := range h.groups[id] {
					if err := reading.FailOne(ctx, a.text("id"), fmt.Errorf("principal %s is not resolved: %w", id, why)); err != nil {
						return err
					}
				}
			}
		}
	}
	if len(gone) > 0 {
		reading.Remark(fmt.Sprintf("principals of assignments that are not in the directory: %d", len(gone)))
	}
	return nil
}

// heldBy is the assignment as a member of the group has it.
func (a assignment) heldBy(member, group string) json.RawMessage {
	through := maps.Clone(a)
	through.set("id", a.text("id")+"/"+member)
	through.set("principalId", member)
	through.set("principalType", "servicePrincipal")
	through.set("groupId", group)
	return encoded(through, nil)
}
