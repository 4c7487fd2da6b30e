package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// directoryRoles are who holds which directory role.
type directoryRoles struct {
	held   map[string][]RoleHold // by object id of the principal, in order
	groups []RoleHold            // those that groups hold
	// unread are those of groups of which not all people were read.
	unread []RoleHold
	gaps   map[string]string // object id → what of the roles was not read
	// typeless are those of principals of which no type is told. Beside others that have one they are gone; where
	// none has, types were not asked for.
	typeless []RoleHold
	typed    bool
}

func (j *Join) loadRoles() error {
	r := &j.roles
	*r = directoryRoles{held: map[string][]RoleHold{}, gaps: map[string]string{}}
	definitions := map[string]*wireRoleDefinition{}
	err := eachRow(j, snapshot.DirectoryRoleDefinitions, func(row *wireRoleDefinition, _ string) {
		definitions[strings.ToLower(row.ID)] = row
	})
	if err != nil {
		return err
	}
	err = eachRow(j, snapshot.DirectoryRoleAssignments, func(row *wireRoleAssignment, fault string) {
		j.addRole(row, definitions[strings.ToLower(row.RoleDefinitionID)], j.gap(snapshot.DirectoryRoleAssignments, row.ID, fault))
	})
	if !r.typed {
		r.groups, r.unread = append(r.groups, r.typeless...), append(r.unread, r.typeless...)
	}
	for id, holds := range r.held {
		r.held[id] = sortedHolds(holds)
	}
	r.groups, r.unread = sortedHolds(r.groups), sortedHolds(r.unread)
	return err
}

func (j *Join) addRole(row *wireRoleAssignment, definition *wireRoleDefinition, gap string) {
	r, id := &j.roles, strings.ToLower(row.PrincipalID)
	if id == "" {
		j.setLoose(snapshot.DirectoryRoleAssignments, fmt.Sprintf("assignment %s names no principal", row.ID))
		return
	}
	if gap != "" {
		r.gaps[id] = gap
	}
	hold := RoleHold{
		RoleID: strings.ToLower(row.RoleDefinitionID), Via: "assigned", Scope: row.DirectoryScopeID, GroupID: strings.ToLower(row.GroupID),
	}
	if definition != nil {
		hold.RoleID, hold.Role = cmp.Or(strings.ToLower(definition.TemplateID), hold.RoleID), definition.DisplayName
	}
	if strings.EqualFold(row.Assignment, "eligible") {
		hold.Via = "eligible"
	}
	r.held[id] = append(r.held[id], hold)
	kind := strings.ToLower(cmp.Or(row.PrincipalType, strings.TrimPrefix(row.Principal.Type, "#microsoft.graph.")))
	r.typed = r.typed || kind != ""
	hold.Via = "group"
	switch {
	case kind == "" && gap == "":
		r.typeless = append(r.typeless, hold)
	case kind == "group" || kind == "": // one that could not be looked up may be a group
		r.groups = append(r.groups, hold)
		if !row.UsersRead || gap != "" {
			r.unread = append(r.unread, hold)
		}
	}
}

// sortedHolds puts roles into order, each once.
func sortedHolds(holds []RoleHold) []RoleHold {
	slices.SortFunc(holds, func(a, b RoleHold) int {
		return cmp.Or(cmp.Compare(a.RoleID, b.RoleID), cmp.Compare(a.Via, b.Via), cmp.Compare(a.Scope, b.Scope),
			cmp.Compare(a.Role, b.Role), cmp.Compare(a.GroupID, b.GroupID))
	})
	return slices.Compact(holds)
}

// rolesOf are the roles of a principal. A person may be in any group of which the people were not read: its roles
// count as well.
func (j *Join) rolesOf(id string, person bool) []RoleHold {
	holds := j.roles.held[id]
	if person && len(j.roles.unread) > 0 {
		holds = sortedHolds(slices.Concat(holds, j.roles.unread))
	}
	if holds == nil {
		return []RoleHold{}
	}
	return holds
}

// rolesEver are the roles of a person, as they are to be compared with an earlier instant. No event says who came into
// a group or left it: whoever is in a group now may not have been then, and the other way round.
func (j *Join) rolesEver(id string) []RoleHold {
	own := slices.DeleteFunc(slices.Clone(j.roles.held[id]), func(hold RoleHold) bool { return hold.GroupID != "" })
	return sortedHolds(slices.Concat([]RoleHold{}, own, j.roles.groups))
}

func (j *Join) rolesRead() bool {
	return j.readable(snapshot.DirectoryRoleAssignments, snapshot.DirectoryRoleDefinitions)
}

// addDirectoryRoles adds the roles of the service principal; p is nil when there is none.
func (j *Join) addDirectoryRoles(app *Application, p *principal) {
	switch {
	case !j.rolesRead():
	case p != nil:
		app.DirectoryRoles = j.rolesOf(p.id, false)
		if reason := j.roles.gaps[p.id]; reason != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DirectoryRoleAssignments, Reason: reason, Field: "directory_roles"})
		}
	case j.allPrincipals:
		app.DirectoryRoles = []RoleHold{}
	}
}

// addOwnerRoles adds the roles of the owners, unless some may be missing: an owner without roles is one to be reported.
func (j *Join) addOwnerRoles(app *Application) {
	if !j.rolesRead() || !j.whole(snapshot.DirectoryRoleAssignments) || j.Loose(snapshot.DirectoryRoleAssignments) != "" {
		return
	}
	for i := range app.Owners {
		owner := &app.Owners[i]
		if owner.ID == "" {
			continue
		}
		owner.Roles = j.rolesOf(owner.ID, owner.Type != "service_principal")
		if reason := j.roles.gaps[owner.ID]; reason != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DirectoryRoleAssignments, Reason: reason, Field: "owners"})
		}
	}
}
