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
	// unread are those of groups of which not all people were read, and unseen those of groups of which it is not said
	// that all service principals were.
	unread, unseen []RoleHold
	gaps           map[string]string // object id → what of the roles was not read
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
		r.groups, r.unread, r.unseen = append(r.groups, r.typeless...), append(r.unread, r.typeless...), append(r.unseen, r.typeless...)
	}
	for id, holds := range r.held {
		r.held[id] = sortedHolds(holds)
	}
	r.groups, r.unread, r.unseen = sortedHolds(r.groups), sortedHolds(r.unread), sortedHolds(r.unseen)
	return err
}

func (j *Join) addRole(row *wireRoleAssignment, definition *wireRoleDefinition, gap string) {
	r, id := &j.roles, strings.ToLower(row.PrincipalID)
	if id == "" {
		j.setLoose(snapshot.DirectoryRoleAssignments, fmt.Sprintf("assignment %s names no principal", row.ID))
		return
	}
	eligible, stands := strings.EqualFold(row.Assignment, "eligible"), j.standsNow(row)
	if eligible && stands != nil && !*stands {
		return
	}
	if eligible && stands == nil {
		gap = cmp.Or(gap, "when an eligible assignment starts or ends was not read")
	}
	if gap != "" {
		r.gaps[id] = gap
	}
	hold := RoleHold{
		RoleID: strings.ToLower(row.RoleDefinitionID), Via: "assigned", Scope: cmp.Or(row.DirectoryScopeID, row.AppScopeID),
		GroupID: strings.ToLower(row.GroupID),
	}
	if definition != nil {
		hold.RoleID, hold.Role = cmp.Or(strings.ToLower(definition.TemplateID), hold.RoleID), definition.DisplayName
	}
	if eligible {
		hold.Via = "eligible"
	}
	r.held[id] = append(r.held[id], hold)
	r.addGroup(row, hold, gap, j.principal(id) != nil)
}

// standsNow reports whether an assignment has begun and not ended at the instant of the audit; nil where it is not known. No
// end is none (https://learn.microsoft.com/graph/api/resources/unifiedroleeligibilityscheduleinstance).
func (j *Join) standsNow(row *wireRoleAssignment) *bool {
	starts, begun := parseInstant(row.Starts)
	ends, ending := parseInstant(row.Ends)
	switch {
	case begun && starts.After(j.asOf), ending && !noExpiry(ends) && !ends.After(j.asOf):
		return j.truth(false)
	case !begun && row.Starts != "", !ending && row.Ends != "":
		return nil
	}
	return j.truth(true)
}

// addGroup notes a role that a group holds, or what may be one; a service principal is none.
func (r *directoryRoles) addGroup(row *wireRoleAssignment, hold RoleHold, gap string, principal bool) {
	kind := strings.ToLower(cmp.Or(row.PrincipalType, strings.TrimPrefix(row.Principal.Type, "#microsoft.graph.")))
	untold := kind == snapshot.PrincipalNotTold
	r.typed = r.typed || kind != "" && !untold
	hold.Via = "group"
	switch {
	case principal:
	case kind == "" && gap == "":
		r.typeless = append(r.typeless, hold)
	case kind == "group" || kind == "" || untold: // one that could not be looked up may be a group
		r.groups = append(r.groups, hold)
		if !row.UsersRead || gap != "" {
			r.unread = append(r.unread, hold)
		}
		if !row.PrincipalsRead {
			r.unseen = append(r.unseen, hold)
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

// rolesOf are the roles of a principal. It may be in any group of which those of its kind were not all read: the group's
// roles count as well.
func (j *Join) rolesOf(id string, groups []RoleHold) []RoleHold {
	holds := j.roles.held[id]
	if len(groups) > 0 {
		holds = sortedHolds(slices.Concat(holds, groups))
	}
	if holds == nil {
		return []RoleHold{}
	}
	return holds
}

// groupsOf are the roles of the groups that a principal of a type may be in, as far as was read.
func (r *directoryRoles) groupsOf(kind string) []RoleHold {
	switch kind {
	case "service_principal":
		return r.unseen
	case "user":
		return r.unread
	}
	return sortedHolds(slices.Concat(r.unread, r.unseen))
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
		app.DirectoryRoles = j.rolesOf(p.id, j.roles.unseen)
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
		owner.Roles = j.rolesOf(owner.ID, j.roles.groupsOf(owner.Type))
		if reason := j.roles.gaps[owner.ID]; reason != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DirectoryRoleAssignments, Reason: reason, Field: "owners"})
		}
	}
}
