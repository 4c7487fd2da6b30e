package snapshot

// What is checked of SharePoint Embedded beside the members that it shares with
// other objects.

// https://learn.microsoft.com/graph/api/resources/filestoragecontainer
var containerMembers = []member{
	{"containerTypeId", isKey},
	{"status", orNull(isText)},
	{"lockState", orNull(isText)},
}

// Owners of a container type and members of a container are both permissions
// (https://learn.microsoft.com/graph/api/resources/permission).
var permissionMembers = []member{
	{"roles", isTexts},
	{"grantedToV2", orNull(isObject(granteeMembers))},
	{"expirationDateTime", isInstant},
}

var granteeMembers = []member{
	{"user", orNull(isObject(identityMembers))},
	{"group", orNull(isObject(identityMembers))},
	{"siteUser", orNull(isObject(identityMembers))},
	{"siteGroup", orNull(isObject(identityMembers))},
	{"sharePointGroup", orNull(isObject(identityMembers))},
	{"application", orNull(isObject(identityMembers))},
}

// A user may lack the id, or have nothing else. Some ids are numbers.
var identityMembers = []member{
	{"userPrincipalName", orNull(isText)},
	{"email", orNull(isText)},
	{"displayName", orNull(isText)},
}
