package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
		held := &holders{reading: reading, groups: map[string]*roleGroup{}}
		for _, step := range []func(context.Context) error{
			held.active, held.eligible, held.throughGroups, held.resolve, held.peopleInGroups,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return held.addGroups()
	})
	return err
}

// holders notes which groups hold roles.
type holders struct {
	reading *graphapi.Reading
	groups  map[string]*roleGroup // by principal, which may be a group as far as is known
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

func (h *holders) active(ctx context.Context) error { return h.list(ctx, "roleAssignments", active) }

func (h *holders) eligible(ctx context.Context) error {
	return h.list(ctx, "roleEligibilityScheduleInstances", eligible)
}

// list reads active assignments, or those that Privileged Identity Management lets
// a principal activate. A tenant without a licence for that, which is not said in
// the middle of a list, has none; active assignments take no licence.
func (h *holders) list(ctx context.Context, collection, kind string) error {
	listing := h.reading.Graph.List(ctx, roleManagement+collection, graphapi.Query{Expand: "principal"})
	met := false
	for row, err := range listing {
		if err != nil && graphapi.Missing(err).Status == snapshot.Unlicensed && kind == eligible && !met {
			h.reading.Remark("the tenant has no licence for Privileged Identity Management, so nobody is eligible for a role")
			return nil
		}
		if err != nil {
			return h.reading.Fail(ctx, kind+" assignments", err)
		}
		met = true
		if err := h.take(row, kind); err != nil {
			return err
		}
	}
	h.reading.PartRead()
	return nil
}

// take replaces the expanded principal by its type, and keeps the rows of groups back
// until it is known who is in them. A row that is no object goes on as it is; the
// snapshot finds it out.
func (h *holders) take(row json.RawMessage, kind string) error {
	var a assignment
	if json.Unmarshal(row, &a) != nil || a == nil {
		return h.reading.Add(row)
	}
	var principal struct {
		Type       string `json:"@odata.type"`
		Visibility string `json:"visibility"`
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
	if id == "" || principal.Type != "" && !strings.HasSuffix(principal.Type, ".group") {
		return h.reading.Add(encoded(a, row))
	}
	if h.groups[id] == nil {
		h.groups[id] = &roleGroup{}
	}
	h.groups[id].rows = append(h.groups[id].rows, a)
	h.groups[id].hidden = h.groups[id].hidden || principal.Visibility == hiddenMembership
	return nil
}

// resolve asks for the principals that came without a type and are no groups. Of one
// that is gone an assignment may be left, which is nobody's; what another is, nobody
// knows: it may be an application.
func (h *holders) resolve(ctx context.Context) error {
	slices.Sort(h.typeless)
	gone := map[string]bool{}
	for ids := range slices.Chunk(h.typeless, chunk) {
		for _, id := range ids {
			gone[id] = true
		}
		for row, err := range h.reading.Graph.PostList(ctx, getByIDs, graphapi.Query{Select: "id"}, map[string]any{"ids": ids}) {
			found, why := []string{idOf(row)}, errors.New("its type does not come with the assignment, and it is no group")
			if err != nil {
				found, why = ids, err
			}
			for _, id := range found {
				delete(gone, id)
				if err := h.failRows(ctx, id, fmt.Errorf("principal %s is not resolved: %w", id, why)); err != nil {
					return err
				}
			}
		}
	}
	if len(gone) > 0 {
		h.reading.Remark(fmt.Sprintf("principals of assignments that are not in the directory: %d", len(gone)))
	}
	return nil
}

// failRows records that what hangs on the assignments of one principal could not be read.
func (h *holders) failRows(ctx context.Context, principal string, why error) error {
	if h.groups[principal] == nil {
		return nil
	}
	for _, a := range h.groups[principal].rows {
		if err := h.reading.FailOne(ctx, a.text("id"), why); err != nil {
			return err
		}
	}
	return nil
}
