package snapshot

// What is checked of the tenant's policies.

// https://learn.microsoft.com/graph/api/resources/authorizationpolicy; in beta the
// policies for users' consent stand at the top
// (https://learn.microsoft.com/graph/api/resources/authorizationpolicy?view=graph-rest-beta).
var authorizationMembers = []member{
	{"guestUserRoleId", orNull(isText)},
	{"allowInvitesFrom", orNull(isText)},
	{"allowUserConsentForRiskyApps", orNull(isBoolean)},
	{"allowedToSignUpEmailBasedSubscriptions", orNull(isBoolean)},
	{"allowEmailVerifiedUsersToJoinOrganization", orNull(isBoolean)},
	{"blockMsolPowerShell", orNull(isBoolean)},
	{"defaultUserRolePermissions", isObject(userRoleMembers)},
	{"permissionGrantPolicyIdsAssignedToDefaultUserRole", isTexts},
}

var userRoleMembers = []member{
	{"allowedToCreateApps", orNull(isBoolean)},
	{"allowedToCreateSecurityGroups", orNull(isBoolean)},
	{"allowedToCreateTenants", orNull(isBoolean)},
	{"allowedToReadOtherUsers", orNull(isBoolean)},
	{"permissionGrantPoliciesAssigned", isTexts},
}

// https://learn.microsoft.com/graph/api/resources/permissiongrantpolicy
var grantPolicyMembers = []member{
	{"displayName", orNull(isText)},
	{"includes", isListOf(conditionSetMembers)},
	{"excludes", isListOf(conditionSetMembers)},
}

// https://learn.microsoft.com/graph/api/resources/permissiongrantconditionset
var conditionSetMembers = []member{
	{"permissionClassification", orNull(isText)},
	{"permissionType", isText},
	{"resourceApplication", orNull(isText)},
	{"permissions", isTexts},
	{"clientApplicationIds", isTexts},
	{"clientApplicationTenantIds", isTexts},
	{"clientApplicationPublisherIds", isTexts},
	{"clientApplicationsFromVerifiedPublisherOnly", orNull(isBoolean)},
}

// https://learn.microsoft.com/graph/api/resources/adminconsentrequestpolicy
var adminConsentMembers = []member{
	{"isEnabled", isBoolean},
	{"notifyReviewers", isBoolean},
	{"remindersEnabled", isBoolean},
	{"requestDurationInDays", isWhole},
	{"reviewers", isListOf(reviewerMembers)},
}

var reviewerMembers = []member{{"query", isText}, {"queryType", orNull(isText)}, {"queryRoot", orNull(isText)}}

// The tenant's own policy restricts applications and service principals apart, one
// assigned to single applications has restrictions only
// (https://learn.microsoft.com/graph/api/resources/tenantappmanagementpolicy,
// https://learn.microsoft.com/graph/api/resources/appmanagementpolicy).
var appManagementMembers = []member{
	{"isEnabled", isBoolean},
	{"isDefaultPolicy", isBoolean},
	{"applicationRestrictions", isObject(credentialRestrictions)},
	{"servicePrincipalRestrictions", isObject(credentialRestrictions)},
	{"restrictions", isObject(credentialRestrictions)},
}

var credentialRestrictions = []member{
	{"passwordCredentials", isListOf(restrictionMembers)},
	{"keyCredentials", isListOf(restrictionMembers)},
}

// https://learn.microsoft.com/graph/api/resources/passwordcredentialconfiguration
var restrictionMembers = []member{
	{"restrictionType", isText},
	{"state", orNull(isText)},
	{"maxLifetime", orNull(isDuration)},
	{"restrictForAppsCreatedAfterDateTime", isInstant},
}
