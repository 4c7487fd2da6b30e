package folder

import (
	"encoding/json"
	"strings"

	"leastwise/collector/snapshot"
)

// complete adds what the answer says of a row and the row does not: which object it
// hangs on, and in which role.
func complete(name snapshot.Name, c collection, row json.RawMessage) json.RawMessage {
	add := map[string]string{}
	of, last, _ := cutLast(c.name)
	switch name {
	case snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners, snapshot.FederatedCredentials:
		add["objectId"] = c.parent
	case snapshot.ContainerTypeGrants, snapshot.ContainerTypeOwners:
		add["containerTypeId"] = c.parent
	case snapshot.ContainerPermissions:
		add["containerId"] = c.parent
	case snapshot.DirectoryRoleAssignments, snapshot.AppManagementPolicies:
	default:
		return row
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(row, &members) != nil || members == nil {
		return row
	}
	changed := false
	set := func(member string, value json.RawMessage) {
		if members[member] == nil && value != nil {
			members[member], changed = value, true
		}
	}
	for member, value := range add {
		if value != "" && of != "" {
			set(member, text(value))
		}
	}
	switch {
	case name == snapshot.ApplicationOwners || name == snapshot.ServicePrincipalOwners:
		set("ownerId", members["id"]) // an owner is a directory object, listed with its own id
	case name == snapshot.DirectoryRoleAssignments:
		typed(members, set)
		if last == eligibilities || members["roleEligibilityScheduleId"] != nil {
			set("assignment", text("eligible"))
		}
	case name == snapshot.AppManagementPolicies && last == defaultPolicy:
		set("isDefaultPolicy", json.RawMessage("true"))
	}
	if !changed {
		return row
	}
	return encoded(members, row)
}

// text is the JSON form of a text.
func text(value string) json.RawMessage { return encoded(strings.ToValidUTF8(value, "\uFFFD"), nil) }
