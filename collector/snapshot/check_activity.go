package snapshot

// What is checked of the reports on sign-ins.

// https://learn.microsoft.com/graph/api/resources/serviceprincipalsigninactivity
var signInMembers = []member{
	{"appId", isID},
	{"lastSignInActivity", orNull(isObject(lastSignInMembers))},
	{"delegatedClientSignInActivity", orNull(isObject(lastSignInMembers))},
	{"delegatedResourceSignInActivity", orNull(isObject(lastSignInMembers))},
	{"applicationAuthenticationClientSignInActivity", orNull(isObject(lastSignInMembers))},
	{"applicationAuthenticationResourceSignInActivity", orNull(isObject(lastSignInMembers))},
}

var lastSignInMembers = []member{{"lastSignInDateTime", isInstant}}

// The end was called expirationDate once
// (https://learn.microsoft.com/graph/api/resources/appcredentialsigninactivity).
var credentialActivityMembers = []member{
	{"appId", isID},
	{"keyId", orNull(isText)},
	{"appObjectId", orNull(isText)},
	{"servicePrincipalObjectId", orNull(isText)},
	{"keyType", orNull(isText)},
	{"keyUsage", orNull(isText)},
	{"credentialOrigin", orNull(isText)},
	{"createdDateTime", isInstant},
	{"expirationDateTime", isInstant},
	{"expirationDate", isInstant},
	{"signInActivity", orNull(isObject(lastSignInMembers))},
}
