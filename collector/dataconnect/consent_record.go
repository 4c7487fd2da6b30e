package dataconnect

import (
	"cmp"
	"encoding/json"
	"strings"
)

// consentRecord is what counts of a record of consent, whichever log it is of.
type consentRecord struct {
	id, organization, workload, created, operation, result json.RawMessage

	twice      []string // members that stand in it twice
	by         *consentActor
	targets    []consentTarget // service principals, in their order
	user       string          // object id of a user among the targets
	objectID   string
	properties map[string]property // by name in lower case
	problems   []string
}

// consentTarget is a service principal that a record is about.
type consentTarget struct{ id, name, appID string }

// property is one of ModifiedProperties; values without the quotes that some feeds have
// around them.
type property struct{ from, to string }

// value is the new value, or else the old one; the other way about for removals.
func (p property) value(removed bool) string {
	if removed {
		return cmp.Or(p.from, p.to)
	}
	return cmp.Or(p.to, p.from)
}

// activityConsent is a record of consent in the audit log of Microsoft 365
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema#azure-active-directory-schema).
type activityConsent struct {
	directoryRecord
	Actor json.RawMessage
}

// consent decodes a record of consent.
func (g *glance) consent(raw json.RawMessage) (r consentRecord, ok bool) {
	if !present(g.workload) && g.entra {
		return g.entraConsent()
	}
	var a activityConsent
	outer, twice, ok := g.open(raw, &a, append([]string{"Actor"}, directoryMembers...))
	if !ok {
		return r, false
	}
	outer.fill(&a.ID, &a.RecordType, &a.Workload, &a.CreationTime, &a.OrganizationID)
	r = consentRecord{
		id: a.ID, organization: a.OrganizationID, workload: a.Workload, created: a.CreationTime, operation: a.Operation,
		result: a.ResultStatus, twice: twice, objectID: text(a.ObjectID), properties: map[string]property{},
	}
	r.actor(a.Actor, text(a.UserID))
	r.target(a.Target)
	r.modified(a.ModifiedProperties)
	return r, true
}

// identity is an element of Actor and Target.
type identity struct{ ID, Type json.RawMessage }

// nameType and principalType are the Types of a display name and of the name of a service
// principal; see upnType.
const (
	nameType      = "1"
	principalType = "4"
)

// actor reads who did it. Among the ids of Actor, a prefix says whose each is.
func (r *consentRecord) actor(raw json.RawMessage, userID string) {
	by, user, principal := consentActor{}, "", ""
	var identities []identity
	_ = json.Unmarshal(unquote(raw), &identities) // what cannot be read is nobody
	for _, one := range identities {
		value := text(one.ID)
		switch kind, object, prefixed := strings.Cut(value, "_"); {
		case text(one.Type) == upnType:
			by.UPN = cmp.Or(by.UPN, value)
		case text(one.Type) == principalType && isGUID(value):
			by.AppID = cmp.Or(by.AppID, strings.ToLower(value))
		case text(one.Type) == otherType && prefixed && isGUID(object) && strings.EqualFold(kind, "User"):
			user = cmp.Or(user, strings.ToLower(object))
		case text(one.Type) == otherType && prefixed && isGUID(object) && strings.EqualFold(kind, "ServicePrincipal"):
			principal = cmp.Or(principal, strings.ToLower(object))
		}
	}
	switch kind, object, prefixed := strings.Cut(userID, "_"); {
	case strings.Contains(userID, "@"):
		by.UPN = cmp.Or(by.UPN, userID)
	case prefixed && strings.EqualFold(kind, "ServicePrincipal") && isGUID(object):
		principal = cmp.Or(principal, strings.ToLower(object))
	case principal == "" && isGUID(userID):
		principal = strings.ToLower(userID)
	}
	if by.ID = user; by.UPN == "" && user == "" {
		by.ID = principal
	} else {
		by.AppID = "" // of the client by which somebody acted, who is the one that counts
	}
	r.performed(by)
}

func (r *consentRecord) performed(by consentActor) {
	if by != (consentActor{}) {
		r.by = &by
	}
}

// target reads the service principals and the user among the identities of Target: each
// one begins with its prefixed id, and what follows is its own.
func (r *consentRecord) target(raw json.RawMessage) {
	var identities []identity
	if present(raw) && json.Unmarshal(unquote(raw), &identities) != nil {
		r.problems = append(r.problems, "Target cannot be read: "+shape(raw))
		return
	}
	var last *consentTarget
	for _, one := range identities {
		value := text(one.ID)
		kind, object, prefixed := strings.Cut(value, "_")
		switch {
		case text(one.Type) == otherType && prefixed && isGUID(object):
			last = nil
			if strings.EqualFold(kind, "User") {
				r.user = cmp.Or(r.user, strings.ToLower(object))
			}
			if strings.EqualFold(kind, "ServicePrincipal") {
				r.targets = append(r.targets, consentTarget{id: strings.ToLower(object)})
				last = &r.targets[len(r.targets)-1]
			}
		case last != nil && text(one.Type) == nameType:
			last.name = cmp.Or(last.name, value)
		case last != nil && text(one.Type) == principalType:
			last.appID = cmp.Or(last.appID, appIDOf(value))
		}
	}
}

// modified reads ModifiedProperties.
func (r *consentRecord) modified(raw json.RawMessage) {
	var list []struct{ Name, DisplayName, NewValue, OldValue json.RawMessage }
	if present(raw) && json.Unmarshal(unquote(raw), &list) != nil {
		r.problems = append(r.problems, "ModifiedProperties cannot be read: "+shape(raw))
		return
	}
	met := map[string]property{}
	for _, one := range list {
		name := strings.ToLower(cmp.Or(text(one.Name), text(one.DisplayName)))
		value := property{from: unwrapped(one.OldValue), to: unwrapped(one.NewValue)}
		if before, again := met[name]; again && before != value {
			r.problems = append(r.problems, "ModifiedProperties has "+cmp.Or(text(one.Name), text(one.DisplayName))+" twice, with different values")
			value = property{}
		}
		met[name] = value
	}
	for name, value := range met {
		if _, before := r.properties[name]; !before { // of several targets, the first has them
			r.properties[name] = value
		}
	}
}

// entraConsent decodes a record of consent of the directory's own audit log.
func (g *glance) entraConsent() (r consentRecord, ok bool) {
	outer, record, twice, ok := g.entraRecord()
	if !ok {
		return r, false
	}
	r = consentRecord{
		id: first(record.ID, outer.ID), organization: record.AADTenantID, created: first(record.ActivityDateTime, outer.Time, outer.TimeGenerated),
		operation: g.operation, result: first(record.Result, outer.Result), twice: twice, properties: map[string]property{},
	}
	var by struct {
		User struct{ UserPrincipalName, ID json.RawMessage }
		App  struct{ AppID, ServicePrincipalID json.RawMessage }
	}
	_ = json.Unmarshal(unquote(first(record.InitiatedBy, outer.InitiatedBy)), &by) // as above
	who := consentActor{ID: guid(by.User.ID), UPN: text(by.User.UserPrincipalName)}
	if who == (consentActor{}) {
		who = consentActor{ID: guid(by.App.ServicePrincipalID), AppID: guid(by.App.AppID)}
	}
	r.performed(who)
	raw := first(record.TargetResources, outer.TargetResources)
	var list []struct{ ID, Type, DisplayName, ModifiedProperties json.RawMessage }
	if present(raw) && json.Unmarshal(unquote(raw), &list) != nil {
		r.problems = append(r.problems, "targetResources cannot be read: "+shape(raw))
	}
	for _, one := range list {
		id := guid(one.ID)
		switch strings.ToLower(text(one.Type)) {
		case "serviceprincipal":
			r.targets = append(r.targets, consentTarget{id: id, name: text(one.DisplayName)})
		case "user":
			r.user = cmp.Or(r.user, id)
		}
		r.modified(one.ModifiedProperties)
	}
	return r, true
}

// appIDOf finds the id of an application among the names of its service principal, which
// are separated by semicolons: the id itself, or the id before a host.
func appIDOf(names string) string {
	found := ""
	for name := range strings.SplitSeq(names, ";") {
		id, _, hosted := strings.Cut(strings.TrimSpace(name), "/")
		if isGUID(id) && (!hosted || found == "") {
			found = strings.ToLower(id)
			if !hosted {
				return found
			}
		}
	}
	return found
}
