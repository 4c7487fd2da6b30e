package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// approvers are the people who decided on applications, and how their roles changed.
type approvers struct {
	upns, ids map[string]bool            // those named in decisions, in lower case
	idOf      map[string]map[string]bool // upn → object ids that the snapshot knows for it
	events    []roleEvent
	// lost are removals of roles from what is not known to be a person. Who was in a group
	// is not known.
	lost []roleEvent
}

// loadApprovers reads what is known of those who decided. It needs owners and decisions.
func (j *Join) loadApprovers() error {
	a := &j.approvers
	*a = approvers{upns: map[string]bool{}, ids: map[string]bool{}, idOf: map[string]map[string]bool{}}
	for _, app := range j.connect.apps {
		for _, d := range app.decisions {
			if p := person(d.Approver); p.ObjectID != "" {
				a.ids[p.ObjectID] = true
			} else if p.UPN != "" {
				a.upns[strings.ToLower(p.UPN)] = true
			}
		}
		// Whoever decided is compared with the developer, by id where that is known of both.
		if app.register != nil && app.register.Developer != "" {
			if p := person(app.register.Developer); p.UPN != "" {
				a.upns[strings.ToLower(p.UPN)] = true
			}
		}
	}
	if len(a.upns)+len(a.ids) == 0 {
		return nil
	}
	for _, owner := range j.owners.rows {
		a.meet(owner.value.UPN, owner.value.ID)
	}
	err := eachRow(j, snapshot.ContainerTypeOwners, func(row *wireOwnerOfType, _ string) {
		a.meet(row.GrantedTo.User.UPN, row.GrantedTo.User.ID)
	})
	if err != nil {
		return err
	}
	// Twice, because a name may be met with its id in a later event only.
	err = eachRow(j, snapshot.RoleEvents, func(row *wireRoleEvent, _ string) { a.meet(row.PrincipalUPN, row.PrincipalID) })
	if err != nil {
		return err
	}
	return eachRow(j, snapshot.RoleEvents, j.addRoleEvent)
}

// meet notes that somebody who decided goes by an object id.
func (a *approvers) meet(upn, id string) {
	upn, id = strings.ToLower(upn), strings.ToLower(id)
	if !a.upns[upn] || id == "" {
		return
	}
	if a.idOf[upn] == nil {
		a.idOf[upn] = map[string]bool{}
	}
	a.idOf[upn][id] = true
	a.ids[id] = true
}

// roleEvent is a change of a role of somebody who decided.
type roleEvent struct {
	wireRoleEvent
	gap string
}

func (j *Join) addRoleEvent(row *wireRoleEvent, fault string) {
	a := &j.approvers
	if row.PrincipalID == "" && row.PrincipalUPN == "" {
		j.setLoose(snapshot.RoleEvents, fmt.Sprintf("event %s does not say whose role changed", row.ID))
		return
	}
	if a.upns[strings.ToLower(row.PrincipalUPN)] || a.ids[strings.ToLower(row.PrincipalID)] {
		a.events = append(a.events, roleEvent{*row, j.gap(snapshot.RoleEvents, row.ID, fault)})
	} else if row.Change == "removed" && row.PrincipalUPN == "" {
		a.lost = append(a.lost, roleEvent{wireRoleEvent: *row})
	}
}

// lostHolds are the roles that were taken after a decision from what may have been a
// group: its members, who are not known, held them when the decision was taken.
func (j *Join) lostHolds(latest *decision) []RoleHold {
	var holds []RoleHold
	for _, event := range j.approvers.lost {
		if at, ok := parseInstant(event.At); ok && latest != nil {
			if after := latest.before(at); after != nil && !*after {
				continue
			}
		}
		holds = append(holds, RoleHold{RoleID: strings.ToLower(event.RoleID), Role: event.RoleName, Via: "group"})
	}
	return holds
}

// approver is who decided, by name and, where the snapshot knows one id for the name, by
// id; nil when the event does not say.
func (j *Join) approver(written string) *Person {
	if strings.TrimSpace(written) == "" {
		return nil
	}
	p := person(written)
	if ids := j.approvers.idOf[strings.ToLower(p.UPN)]; p.ObjectID == "" && len(ids) == 1 {
		p.ObjectID = sortedKeys(ids)[0]
	}
	return p
}

// addApproverRoles adds the directory roles of the approver, as they are now and as they
// changed. What a group holds counts as via "group", whether the approver is in it now or
// not: the decision was taken earlier.
func (j *Join) addApproverRoles(app *DataConnectApp, latest *decision) {
	app.RoleCoverage = j.roleCoverage(latest)
	p := app.Approver
	if p == nil {
		return
	}
	if j.readable(snapshot.RoleEvents) {
		j.addRoleEvents(app, latest)
	}
	// A list that broke off may lack what only Privileged Identity Management tells.
	if p.ObjectID == "" || !j.whole(snapshot.DirectoryRoleAssignments) || !j.readable(snapshot.DirectoryRoleDefinitions) {
		return
	}
	app.ApproverRoles = sortedHolds(append([]RoleHold{}, slices.Concat(j.rolesEver(p.ObjectID), j.lostHolds(latest))...))
	if reason := j.roles.gaps[p.ObjectID]; reason != "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DirectoryRoleAssignments, Reason: reason, Field: "approver_roles"})
	}
}

// addRoleEvents adds the changes of the approver's roles, oldest first. Where both sides
// have an id, it decides: a name may pass on to somebody else.
func (j *Join) addRoleEvents(app *DataConnectApp, latest *decision) {
	p := app.Approver
	type dated struct {
		RoleEvent
		at time.Time
		id string
	}
	var met []dated
	for _, row := range j.approvers.events {
		same := strings.EqualFold(row.PrincipalUPN, p.UPN) && p.UPN != ""
		if row.PrincipalID != "" && p.ObjectID != "" {
			same = strings.EqualFold(row.PrincipalID, p.ObjectID)
		}
		if !same {
			continue
		}
		if row.gap != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.RoleEvents, Reason: row.gap, Field: "approver_role_events"})
		}
		e := RoleEvent{Change: row.Change, RoleID: strings.ToLower(row.RoleID), Role: row.RoleName, By: row.By}
		at, ok := parseInstant(row.At)
		if ok {
			e.At, e.AfterApproval = formatInstant(at), latest.before(at)
		}
		met = append(met, dated{e, at, row.ID})
	}
	slices.SortFunc(met, func(a, b dated) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
	app.ApproverRoleEvents = make([]RoleEvent, len(met))
	for i := range met {
		app.ApproverRoleEvents[i] = met[i].RoleEvent
	}
}
