package snapshot

import "encoding/json"

// What is checked of the events of directory roles, of the subscriptions to audit
// content, and of pipelines.

// roleEvent checks a change of a directory role. Without the role, or somebody who
// has it, it belongs to nothing.
func (c *checker) roleEvent(line []byte) {
	var row struct {
		At, AtRaw, Change, PrincipalID, PrincipalUPN, RoleID json.RawMessage
	}
	if json.Unmarshal(line, &row) != nil {
		return
	}
	c.date("at", row.At, row.AtRaw)
	c.oneOf("change", row.Change, "added", "removed")
	if row.PrincipalUPN == nil {
		c.required("principalId", row.PrincipalID)
	} else {
		c.key("principalId", row.PrincipalID)
		c.required("principalUpn", row.PrincipalUPN)
	}
	c.required("roleId", row.RoleID)
}

var roleEventMembers = []member{{"roleName", isText}, {"by", isText}}

// subscription checks one to audit content, or the row of the audit log as a whole
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference#list-current-subscriptions).
func (c *checker) subscription(line []byte) {
	var row struct{ ID, Status json.RawMessage }
	if json.Unmarshal(line, &row) != nil {
		return
	}
	var id string
	_ = json.Unmarshal(row.ID, &id) // another type is found where ids are made
	if id == AuditLogRow {
		c.oneOf("status", row.Status, "on", "off")
		return
	}
	c.oneOf("status", row.Status, "enabled", "disabled", "missing")
}

var subscriptionMembers = []member{{"started", isBoolean}, {"reason", isText}, {"clientId", isText}}

// What a pipeline lacks without these members is taken for harmless, so they are never
// absent. Anything else that is not known is named in unresolved.
var pipelineMembers = []member{
	{"name", isText},
	{"file", isGiven(isText)},
	{"line", isGiven(isWhole)},
	{"pipeline", isText},
	{"activity", isText},
	{"product", isOneOf("data_factory", "synapse", "fabric")},
	{"type", isText},
	{"inactive", isGiven(isBoolean)},
	{"appId", isText},
	{"appTenantId", isText},
	{"dataTenantId", isText},
	{"dataset", isText},
	{"allColumns", isGiven(isBoolean)},
	{"columns", isTexts},
	{"scope", isOneOf("all", "list", "filter")},
	{"groups", isTexts},
	{"filter", isText},
	{"destinationTenantId", isText},
	{"destinationAssumed", isBoolean},
	{"destination", isObject(destinationMembers)},
	{"unresolved", isGiven(isListOf(unresolvedMembers))},
}

var destinationMembers = []member{{"type", isText}, {"location", isText}, {"partial", isGiven(isBoolean)}}

var unresolvedMembers = []member{
	{"field", isGiven(isText)},
	{"expression", isText},
	{"file", isText},
	{"line", isWhole},
	{"reason", isText},
}
