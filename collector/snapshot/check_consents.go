package snapshot

import "encoding/json"

// consentEvent checks an act of consenting or granting. Without an application it belongs
// to nothing.
func (c *checker) consentEvent(line []byte) {
	var row struct {
		At, AtRaw, Change, AppID, ServicePrincipalID json.RawMessage
		Grants                                       json.RawMessage
	}
	if json.Unmarshal(line, &row) != nil {
		return
	}
	c.date("at", row.At, row.AtRaw)
	c.oneOf("change", row.Change, "added", "removed")
	if row.ServicePrincipalID == nil {
		c.required("appId", row.AppID)
	} else {
		c.key("appId", row.AppID)
		c.required("servicePrincipalId", row.ServicePrincipalID)
	}
	c.objects("grants", row.Grants, func(pointer string, element json.RawMessage) { c.members(pointer, element, consentGrantMembers) })
}

var consentEventMembers = []member{
	{"operation", isText},
	{"appName", isText},
	{"by", isObject(consentActorMembers)},
	{"admin", isBoolean},
	{"onBehalfOfAll", isBoolean},
	{"resourceId", isText},
	{"resourceAppId", isText},
	{"scopes", isTexts},
	{"unchanged", isBoolean},
}

var consentActorMembers = []member{{"id", isText}, {"upn", isText}, {"appId", isText}}

var consentGrantMembers = []member{
	{"kind", isOneOf("application", "delegated", "user_assignment")},
	{"permission", isText},
	{"permissionId", isText},
	{"resourceId", isText},
	{"resourceAppId", isText},
	{"consentType", isOneOf("AllPrincipals", "Principal")},
	{"principalId", isText},
}
