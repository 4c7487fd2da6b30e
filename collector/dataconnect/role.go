package dataconnect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// directoryRecord is an audit record of the directory
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema#azure-active-directory-schema).
type directoryRecord struct {
	ID                 json.RawMessage `json:"Id"`
	OrganizationID     json.RawMessage `json:"OrganizationId"`
	RecordType         json.RawMessage
	Workload           json.RawMessage
	CreationTime       json.RawMessage
	Operation          json.RawMessage
	ResultStatus       json.RawMessage
	ObjectID           json.RawMessage `json:"ObjectId"`
	UserID             json.RawMessage `json:"UserId"`
	Target             json.RawMessage
	ModifiedProperties json.RawMessage
}

// roleRow is one row of role_events: a change of a directory role, and nothing else of
// the record.
type roleRow struct {
	ID           string `json:"id"`
	At           string `json:"at,omitzero"`
	AtRaw        string `json:"atRaw,omitzero"` // when it is no instant
	Change       string `json:"change"`         // added, removed
	PrincipalID  string `json:"principalId,omitzero"`
	PrincipalUPN string `json:"principalUpn,omitzero"`
	RoleID       string `json:"roleId,omitzero"` // template id
	RoleName     string `json:"roleName,omitzero"`
	By           string `json:"by,omitzero"` // who did it
}

// The changes of a role.
const (
	roleAdded   = "added"
	roleRemoved = "removed"
)

// roleChange tells what an operation does. The names end with a period in one feed and
// not in others. Who is made eligible does not hold the role yet, and who asks for it
// neither. known is false for a change of a role that is not understood.
func roleChange(operation string) (change string, known bool) {
	folded := strings.ToLower(strings.TrimSpace(operation))
	folded = strings.TrimSpace(strings.TrimSuffix(folded, "."))
	if folded == "remove permanent direct role assignment" {
		return roleRemoved, true // Privileged Identity Management's word
	}
	rest, added := strings.CutPrefix(folded, "add member to role")
	if !added {
		var removed bool
		if rest, removed = strings.CutPrefix(folded, "remove member from role"); !removed {
			return "", true
		}
	}
	for _, word := range []string{"request", "cancel", "denied", "deny", "approv", "fail", "eligible"} {
		if strings.Contains(rest, word) {
			return "", true // nothing has changed yet
		}
	}
	rest = strings.TrimSpace(rest)
	done := rest == "" || strings.HasPrefix(rest, "completed") || strings.HasPrefix(rest, "in pim completed") ||
		strings.HasPrefix(rest, "outside of pim")
	switch {
	case added && done:
		return roleAdded, true
	case !added && (done || strings.HasPrefix(rest, "(pim activation expired")):
		return roleRemoved, true
	}
	return "", false
}

// roleRecord stores a record of the directory when it is a change of a role.
func (l *ledger) roleRecord(raw json.RawMessage, g glance, position string, valid bool) (changed bool, err error) {
	if !present(g.workload) && g.entra {
		return l.entraRecord(g, position, valid)
	}
	var r directoryRecord
	outer, twice, ok := g.open(raw, &r, directoryMembers)
	if !ok {
		l.lose(position+": not an audit record", g.created)
		return false, nil
	}
	outer.fill(&r.ID, &r.RecordType, &r.Workload, &r.CreationTime, &r.OrganizationID)
	if text(r.Workload) == "" {
		l.lose(position+": a change of a role, without Workload", r.CreationTime)
		return true, nil
	}
	return l.change(r, twice, position, valid)
}

// change stores a change of a role; twice are the members that are not told for sure.
func (l *ledger) change(r directoryRecord, twice []string, position string, valid bool) (changed bool, err error) {
	operation := text(r.Operation)
	change, known := roleChange(operation)
	unclear := slices.Contains(twice, "Operation")
	if change == "" && known && !unclear {
		return false, nil
	}
	happened, doubt := succeeded(text(r.ResultStatus))
	switch {
	case !l.ours(r.OrganizationID, directoryWorkload, position), !happened:
		return true, nil
	case unclear:
		l.lose(position+": a record of two operations", r.CreationTime)
		return true, nil
	case !known:
		l.lose(fmt.Sprintf("%s: a change of a role that is not understood, %q", position, operation), r.CreationTime)
		return true, nil
	}
	row, gaps := newRoleRow(change, r)
	if doubt != "" {
		gaps = append(gaps, snapshot.Gap{Reason: doubt})
	}
	gaps = append(gaps, doubts(twice)...)
	what := fmt.Sprintf("%s: a record %q", position, operation)
	if row.PrincipalID == "" && row.PrincipalUPN == "" {
		l.fault(what + " that does not say whose role it is")
	}
	return true, l.store(&row.ID, &row, gaps, what, valid)
}

// succeeded reports whether what a record tells has happened.
func succeeded(status string) (happened bool, doubt string) {
	switch folded := strings.ToLower(status); {
	case folded == "", folded == "true", strings.HasPrefix(folded, "succ"), strings.HasPrefix(folded, "partial"):
		return true, ""
	case folded == "false", strings.HasPrefix(folded, "fail"):
		return false, ""
	}
	return true, fmt.Sprintf("%q does not say whether it has happened", status)
}

func newRoleRow(change string, r directoryRecord) (row roleRow, gaps []snapshot.Gap) {
	row = roleRow{ID: text(r.ID), Change: change, By: text(r.UserID)}
	row.At, row.AtRaw = date(r.CreationTime)
	role, problem := modified(r.ModifiedProperties, change == roleRemoved)
	if problem != "" {
		gaps = append(gaps, snapshot.Gap{Reason: problem})
	}
	row.RoleID = strings.ToLower(role.template)
	row.RoleName = role.name
	row.PrincipalID, row.PrincipalUPN, problem = target(r.Target)
	if problem != "" {
		gaps = append(gaps, snapshot.Gap{Reason: problem})
	}
	if object := text(r.ObjectID); row.PrincipalUPN == "" && strings.Contains(object, "@") {
		row.PrincipalUPN = object
	}
	return row, gaps
}

// changedRole is the role that a record names.
type changedRole struct{ template, name string }

// modified reads the role out of ModifiedProperties. A removal has it among the old
// values. Values stand in quotes of their own in some feeds.
func modified(raw json.RawMessage, removed bool) (role changedRole, problem string) {
	var properties []struct{ Name, NewValue, OldValue json.RawMessage }
	if present(raw) && json.Unmarshal(unquote(raw), &properties) != nil {
		return role, "ModifiedProperties cannot be read: " + shape(raw)
	}
	for _, p := range properties {
		first, second := unwrapped(p.NewValue), unwrapped(p.OldValue)
		if removed {
			first, second = second, first
		}
		if first == "" {
			first = second
		}
		switch strings.ToLower(text(p.Name)) {
		case "role.templateid":
			role.template = first
		case "templateid": // as Privileged Identity Management names it
			if role.template == "" {
				role.template = first
			}
		case "role.displayname":
			role.name = first
		}
	}
	return role, ""
}

// shape says what was found without saying what it holds.
func shape(raw json.RawMessage) string {
	if nested(raw) {
		return "it is no list of names and values"
	}
	return "it is no list"
}

// unwrapped reads a value of ModifiedProperties: text, text in quotes, or a list of one
// such text.
func unwrapped(raw json.RawMessage) string {
	written := text(raw)
	var list []string
	if strings.HasPrefix(written, "[") && json.Unmarshal([]byte(written), &list) == nil {
		if len(list) != 1 {
			return ""
		}
		written = list[0]
	}
	if len(written) > 1 && strings.HasPrefix(written, `"`) && strings.HasSuffix(written, `"`) {
		inner := written[1 : len(written)-1]
		if json.Unmarshal([]byte(written), &inner) != nil {
			inner = written[1 : len(written)-1] // quotes and no JSON
		}
		written = inner
	}
	return strings.TrimSpace(written)
}

// upnType is the Type of a user principal name among the identities of Actor and
// Target, and otherType that of object ids
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema#enum-identitytype---type-edmint32).
const (
	otherType = "2"
	upnType   = "5"
)

// target reads whose role it is. Among the identities of the target there may be other
// ids, the role's for one: which is the principal's, its prefix says.
func target(raw json.RawMessage) (id, upn, problem string) {
	var identities []struct{ ID, Type json.RawMessage }
	if present(raw) && json.Unmarshal(unquote(raw), &identities) != nil {
		return "", "", "Target cannot be read: " + shape(raw)
	}
	var bare []string
	for _, identity := range identities {
		value := text(identity.ID)
		switch text(identity.Type) {
		case upnType:
			if upn == "" {
				upn = value
			}
		case otherType:
			kind, object, prefixed := strings.Cut(value, "_")
			switch {
			case isGUID(value):
				bare = append(bare, strings.ToLower(value))
			case prefixed && isGUID(object) && !strings.EqualFold(kind, "Role") && id == "":
				id = strings.ToLower(object)
			}
		}
	}
	if id == "" && len(bare) == 1 {
		id = bare[0]
	}
	if id == "" && len(bare) > 1 {
		problem = "Target has several ids, and it does not say which one is the principal's"
	}
	return id, upn, problem
}
