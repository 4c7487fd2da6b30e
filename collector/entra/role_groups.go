package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// maxPeople is how many people of one group are taken into the snapshot. Groups that
// may hold roles are small: who is in them is managed by those who manage roles
// (https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept).
const maxPeople = 10_000

// hiddenMembership is the visibility of a group whose members only those see who hold
// Member.Read.Hidden (https://learn.microsoft.com/graph/api/resources/group).
const hiddenMembership = "HiddenMembership"

// roleGroup is a principal that holds roles and is a group, as far as is known.
type roleGroup struct {
	rows       []assignment
	hidden     bool
	read       bool // the service principals in it were read,
	whole      bool // and all of them came
	principals int  // how many of these there are
	usersRead  bool // all people in it were read
}

// mayHide reports whether a group without members that were seen may have some all the same.
func (g *roleGroup) mayHide(people int) bool { return g.hidden && g.principals == 0 && people == 0 }

// membersOf asks for the members of one type that groups have at whatever depth, with
// an advanced query, as the cast to a type demands
// (https://learn.microsoft.com/graph/api/group-list-transitivemembers). Who may activate
// a membership (Privileged Identity Management for Groups) is no member until then.
func membersOf(groups []string, kind string) []graphapi.Request {
	requests := make([]graphapi.Request, len(groups))
	for i, id := range groups {
		requests[i] = graphapi.Request{
			Path:  "/v1.0/groups/" + id + "/transitiveMembers/microsoft.graph." + kind,
			Query: graphapi.Query{Select: "id", Top: pageSize, ConsistencyLevel: graphapi.Eventual, Count: true},
		}
	}
	return requests
}

// throughGroups adds a row for each service principal that holds a role because it
// is a member of a group that does.
func (h *holders) throughGroups(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(h.groups))
	members := tally{}
	return h.reading.Graph.ListEach(ctx, membersOf(ids, "servicePrincipal"), func(i int, row json.RawMessage) error {
		members.add(i, row)
		member := idOf(row)
		if member == "" {
			h.reading.Fault("a member of group " + ids[i] + " has no id")
			return nil
		}
		return h.addMember(ids[i], member, "servicePrincipal")
	}, func(i, count int, err error) error {
		return h.close(ctx, ids[i], members.end(i), count, err)
	})
}

// close ends the service principals of a group, of which Graph counted some (less than
// 0 when it did not) and this many came.
func (h *holders) close(ctx context.Context, id string, came, count int, err error) error {
	group := h.groups[id]
	isTyped := func(a assignment) bool { return a["principalType"] != nil }
	switch {
	case graphapi.NotFound(err) && !slices.ContainsFunc(group.rows, isTyped):
		h.typeless = append(h.typeless, id)
	case err != nil:
		return h.reading.Fail(ctx, "members of group "+id, err)
	default:
		group.read, group.whole, group.principals = true, count < 0 || came == count, came
		if !group.whole {
			h.reading.Fault(fmt.Sprintf("group %s has %d members that are service principals by its own count, and %d were read", id, count, came))
		}
	}
	h.reading.PartRead()
	return nil
}

// people are those who are in a group, as far as they came.
type people struct {
	ids   map[string]bool
	fault string
}

// peopleInGroups adds a row for each person who holds a role because of being a member
// of a group that does. A group whose members could not be read at all is not asked
// for twice.
func (h *holders) peopleInGroups(ctx context.Context) error {
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(h.groups)), func(id string) bool { return !h.groups[id].read })
	found := make([]people, len(ids))
	return h.reading.Graph.ListEach(ctx, membersOf(ids, "user"), func(i int, row json.RawMessage) error {
		who := &found[i]
		switch id := idOf(row); {
		case id == "":
			who.fault = "a person in group " + ids[i] + " has no id"
		case len(who.ids) > maxPeople: // one more than that is known to be too many
		case who.ids == nil:
			who.ids = map[string]bool{id: true}
		default:
			who.ids[id] = true
		}
		return nil
	}, func(i, count int, err error) error {
		who := found[i]
		found[i] = people{}
		return h.closePeople(ctx, ids[i], who, count, err)
	})
}

// closePeople ends the people of a group. When they did not come whole, that is in doubt
// for the group's assignments and for nothing else.
func (h *holders) closePeople(ctx context.Context, id string, who people, count int, err error) error {
	group := h.groups[id]
	if len(who.ids) > maxPeople {
		h.doubt(id, fmt.Sprintf("group %s has more than %d people, who are not read", id, maxPeople))
		return nil
	}
	for _, person := range slices.Sorted(maps.Keys(who.ids)) {
		if err := h.addMember(id, person, "user"); err != nil {
			return err
		}
	}
	switch {
	case err != nil:
		return h.failRows(ctx, id, fmt.Errorf("people in group %s: %w", id, err))
	case who.fault != "":
		h.doubt(id, who.fault)
	case count >= 0 && len(who.ids) != count:
		h.doubt(id, fmt.Sprintf("group %s has %d people by its own count, and %d were read", id, count, len(who.ids)))
	case group.mayHide(len(who.ids)):
		// It may be a service principal as well, so the doubt is of everybody.
		group.whole = false
		h.reading.Fault("the membership of group " + id + " is hidden, and shows nobody without Member.Read.Hidden")
	default:
		group.usersRead = true
	}
	return nil
}

// doubt records why the people of a group are not known.
func (h *holders) doubt(group, reason string) {
	for _, a := range h.groups[group].rows {
		h.reading.Gap(snapshot.Gap{Row: a.text("id"), Reason: reason})
	}
}

// addMember adds the roles of a group as a member of it has them.
func (h *holders) addMember(group, member, kind string) error {
	for _, of := range h.groups[group].rows {
		through := maps.Clone(of)
		through.set("id", of.text("id")+"/"+member)
		through.set("principalId", member)
		through.set("principalType", kind)
		through.set("groupId", group)
		if err := h.reading.Add(encoded(through, nil)); err != nil {
			return err
		}
	}
	return nil
}

// addGroups adds the rows of the groups themselves. Those of a group whose people are all
// known say so in usersRead, and likewise in principalsRead.
func (h *holders) addGroups() error {
	for _, id := range slices.Sorted(maps.Keys(h.groups)) {
		group := h.groups[id]
		for _, a := range group.rows {
			if group.read { // only a group has members
				a.set("principalType", "group")
			}
			if group.usersRead {
				a["usersRead"] = json.RawMessage("true")
			}
			if group.whole {
				a["principalsRead"] = json.RawMessage("true")
			}
			if err := h.reading.Add(encoded(a, nil)); err != nil {
				return err
			}
		}
	}
	return nil
}
