package dataconnect

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// entraRecord is a record of the directory's own audit log: of Graph
// (https://learn.microsoft.com/graph/api/resources/directoryaudit), of a diagnostic
// setting, which has the same in properties
// (https://learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options),
// or of Log Analytics.
type entraRecord struct {
	ID               json.RawMessage `json:"id"`
	ActivityDateTime json.RawMessage
	Time             json.RawMessage
	TimeGenerated    json.RawMessage
	TenantID         json.RawMessage `json:"tenantId"`    // of the directory beside Properties, or else of a workspace
	AADTenantID      json.RawMessage `json:"AADTenantId"` // in Log Analytics
	Result           json.RawMessage
	InitiatedBy      json.RawMessage
	TargetResources  json.RawMessage
	Properties       json.RawMessage
}

// entraRecord stores a change of a role as the directory's own log tells it. Its ids are
// others than those of the audit log of Microsoft 365: an event that is read from both
// gives two rows that say the same.
func (l *ledger) entraRecord(g glance, position string, valid bool) (changed bool, err error) {
	outer, record, twice, ok := g.entraRecord()
	if !ok {
		l.lose(position+": a change of a role that cannot be read", g.happened)
		return true, nil
	}
	r := directoryRecord{
		ID:             first(record.ID, outer.ID),
		OrganizationID: record.AADTenantID,
		CreationTime:   first(record.ActivityDateTime, outer.Time, outer.TimeGenerated),
		Operation:      g.operation,
		ResultStatus:   first(record.Result, outer.Result),
		UserID:         initiator(first(record.InitiatedBy, outer.InitiatedBy)),
	}
	r.Target, r.ModifiedProperties = resources(first(record.TargetResources, outer.TargetResources))
	return l.change(r, twice, position, valid)
}

// entraRecord decodes a record of the directory's own log, and what is around it: the same
// where nothing is.
func (g *glance) entraRecord() (outer, record entraRecord, twice []string, ok bool) {
	twice, ok = decode(g.inner, &outer, entraMembers)
	record = outer
	if ok && present(outer.Properties) {
		var inner entraRecord
		var more []string
		more, ok = decode(unquote(outer.Properties), &inner, entraMembers)
		record, twice = inner, append(twice, more...)
		record.AADTenantID = outer.TenantID
	}
	return outer, record, twice, ok
}

// first is the first value that is there.
func first(values ...json.RawMessage) json.RawMessage {
	for _, value := range values {
		if present(value) {
			return value
		}
	}
	return nil
}

// initiator reads who did it: a user, or else an application.
func initiator(raw json.RawMessage) json.RawMessage {
	var by struct {
		User struct{ UserPrincipalName, ID json.RawMessage }
		App  struct{ DisplayName, AppID, ServicePrincipalID json.RawMessage }
	}
	_ = json.Unmarshal(unquote(raw), &by) // what cannot be read is nobody; it decides nothing
	return quoted(cmp.Or(text(by.User.UserPrincipalName), text(by.User.ID), text(by.App.DisplayName), text(by.App.AppID), text(by.App.ServicePrincipalID)))
}

// resources translates targets to what the audit log of Microsoft 365 calls Target and
// ModifiedProperties. Of several principals none is said to be the one.
func resources(raw json.RawMessage) (target, properties json.RawMessage) {
	var list []struct{ ID, Type, DisplayName, UserPrincipalName, ModifiedProperties json.RawMessage }
	if present(raw) && json.Unmarshal(unquote(raw), &list) != nil {
		return raw, nil // whoever reads Target says so
	}
	type identity struct {
		ID   string
		Type string
	}
	type property struct{ Name, NewValue, OldValue json.RawMessage }
	var ids, names []identity
	var changed []property
	for _, resource := range list {
		kind, id := text(resource.Type), text(resource.ID)
		switch strings.ToLower(kind) {
		case "role":
			changed = slices.Insert(changed, 0, property{Name: quoted("Role.DisplayName"), NewValue: resource.DisplayName})
		case "user", "serviceprincipal", "group":
			ids = append(ids, identity{kind + "_" + id, otherType})
			if upn := text(resource.UserPrincipalName); upn != "" {
				names = append(names, identity{upn, upnType})
			}
		}
		var modified []struct{ DisplayName, NewValue, OldValue json.RawMessage }
		if present(resource.ModifiedProperties) && json.Unmarshal(unquote(resource.ModifiedProperties), &modified) != nil {
			return encoded(append(ids, names...)), resource.ModifiedProperties // likewise
		}
		for _, m := range modified {
			changed = append(changed, property{m.DisplayName, m.NewValue, m.OldValue})
		}
	}
	if len(ids) > 1 {
		for i, id := range ids {
			_, ids[i].ID, _ = strings.Cut(id.ID, "_")
		}
		names = nil
	}
	return encoded(append(ids, names...)), encoded(changed)
}

// quoted writes text as JSON; nothing is nothing.
func quoted(written string) json.RawMessage {
	if written == "" {
		return nil
	}
	return encoded(written)
}

// encoded writes what always can be written.
func encoded(value any) json.RawMessage {
	data, _ := json.Marshal(value)
	return data
}
