package snapshot

// What is checked of the directory: the tenant, who owns what, with which
// credentials applications sign in, and who holds which role.

// https://learn.microsoft.com/graph/api/resources/organization
var organizationMembers = []member{
	{"displayName", orNull(isText)},
	{"createdDateTime", isInstant},
	{"verifiedDomains", isListOf(domainMembers)},
	{"assignedPlans", isListOf(planMembers)},
}

var domainMembers = []member{{"name", isText}}

var planMembers = []member{{"service", orNull(isText)}, {"servicePlanId", orNull(isText)}, {"capabilityStatus", orNull(isText)}}

// Of an object that the caller may not read, everything but type and id is null
// (https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects).
var ownerMembers = []member{
	{"@odata.type", orNull(isText)},
	{"displayName", orNull(isText)},
	{"userPrincipalName", orNull(isText)},
	{"userType", orNull(isText)},
	{"accountEnabled", orNull(isBoolean)},
}

// https://learn.microsoft.com/graph/api/resources/federatedidentitycredential
var federatedMembers = []member{
	{"name", orNull(isText)},
	{"issuer", isText},
	{"subject", orNull(isText)},
	{"audiences", isTexts},
	{"claimsMatchingExpression", orNull(isObject(expressionMembers))},
}

var expressionMembers = []member{{"value", isText}}

var certificateMembers = []member{
	{"usage", orNull(isText)},
	{"algorithm", isText},
	{"bits", isWhole},
	{"signatureAlgorithm", isText},
	{"signatureHash", isText},
	{"thumbprintSha1", isText},
	{"thumbprintSha256", isText},
	{"notBefore", isInstant},
	{"notAfter", isInstant},
}

// A row is an assignment as the directory has it, or one that a member of a group
// holds through the group named by groupId; assignment tells those that must be
// activated first from the others. usersRead and principalsRead say of a group that
// everybody, or every service principal, in it has a row as well. principalType is that
// of an expanded principal, PrincipalNotTold, or absent for one that is gone
// (https://learn.microsoft.com/graph/api/resources/unifiedroleassignment,
// https://learn.microsoft.com/graph/api/resources/unifiedroleeligibilityscheduleinstance).
var roleAssignmentMembers = []member{
	{"principalId", isID},
	{"roleDefinitionId", isID},
	{"assignment", isOneOf("active", "eligible")},
	{"principalType", orNull(isText)},
	{"groupId", orNull(isText)},
	{"usersRead", orNull(isBoolean)},
	{"principalsRead", orNull(isBoolean)},
	{"directoryScopeId", orNull(isText)},
	{"appScopeId", orNull(isText)},
	{"startDateTime", isInstant},
	{"endDateTime", isInstant},
}

// PrincipalNotTold is the principalType of a row of a saved answer that was asked for without $expand=principal.
const PrincipalNotTold = "unknown"

// https://learn.microsoft.com/graph/api/resources/unifiedroledefinition
var roleDefinitionMembers = []member{
	{"displayName", orNull(isText)},
	{"templateId", orNull(isText)},
	{"isBuiltIn", orNull(isBoolean)},
	{"isEnabled", orNull(isBoolean)},
	{"rolePermissions", isListOf(rolePermissionMembers)},
}

var rolePermissionMembers = []member{
	{"allowedResourceActions", isTexts},
	{"excludedResourceActions", orNull(isTexts)},
	{"condition", orNull(isText)},
}
