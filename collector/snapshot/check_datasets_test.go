package snapshot

import (
	"fmt"
	"strings"
	"testing"
)

// checkCase is a row with what is wrong with it: pointer: reason, joined by |.
type checkCase struct{ name, row, want string }

func runChecks(t *testing.T, dataset Name, cases []checkCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(dataset+"/"+c.name, func(t *testing.T) {
			var got []string
			for _, gap := range check(dataset, []byte(c.row)) {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s", gap.Field, gap.Reason)))
			}
			if joined := strings.Join(got, "|"); joined != c.want {
				t.Errorf("got %q, want %q", joined, c.want)
			}
		})
	}
}

func TestCheckDirectory(t *testing.T) {
	runChecks(t, Organization, []checkCase{
		{"sound", `{"id":"t","displayName":"T","createdDateTime":"2021-08-02T10:30:06Z","verifiedDomains":[{"name":"a.example","isDefault":true}],"assignedPlans":[{"service":"x","servicePlanId":null,"new":1}],"unknown":{}}`, ""},
		{"American date", `{"createdDateTime":"08/02/2021"}`, `/createdDateTime "08/02/2021" is not an instant`},
		{"domains null", `{"verifiedDomains":null}`, "/verifiedDomains expected an array, found null"},
		{"domain without a name", `{"verifiedDomains":[{"name":null}]}`, "/verifiedDomains/0/name expected text, found null"},
	})
	for _, dataset := range []Name{ApplicationOwners, ServicePrincipalOwners} {
		runChecks(t, dataset, []checkCase{
			{"sound", `{"objectId":"o","ownerId":"u","@odata.type":"#microsoft.graph.user","userType":"Guest","accountEnabled":false}`, ""},
			{"not readable for the caller", `{"objectId":"o","ownerId":"u","@odata.type":"#microsoft.graph.user","displayName":null,"userPrincipalName":null,"userType":null,"accountEnabled":null}`, ""},
			{"enabled as text", `{"accountEnabled":"true"}`, "/accountEnabled expected true or false, found text"},
			{"type that is none", `{"@odata.type":5,"userType":{}}`, "/@odata.type expected text, found a number|/userType expected text, found an object"},
		})
	}
	runChecks(t, FederatedCredentials, []checkCase{
		{"sound", `{"objectId":"o","id":"f","name":"n","issuer":"https://i","subject":"s","audiences":["api://AzureADTokenExchange"],"description":null}`, ""},
		{"flexible", `{"issuer":"https://i","subject":null,"audiences":["a"],"claimsMatchingExpression":{"value":"claims['sub'] eq 'x'","languageVersion":1}}`, ""},
		{"issuer null", `{"issuer":null}`, "/issuer expected text, found null"},
		{"audience that is no list", `{"audiences":"a"}`, "/audiences expected an array, found text"},
		{"expression that is text", `{"claimsMatchingExpression":"x"}`, "/claimsMatchingExpression expected an object, found text"},
		{"expression of a number", `{"claimsMatchingExpression":{"value":1}}`, "/claimsMatchingExpression/value expected text, found a number"},
	})
	runChecks(t, CertificateKeys, []checkCase{
		{"sound", `{"objectId":"o","keyId":"k","bits":2048,"signatureHash":"SHA256","thumbprintSha1":"AB","notAfter":"2027-01-01T00:00:00Z"}`, ""},
		{"unreadable", `{"objectId":"o","keyId":"k","unreadable":"it is no X.509 certificate"}`, ""},
		{"bits as text", `{"bits":"2048"}`, "/bits expected a whole number, found text"},
		{"bits null", `{"bits":null}`, "/bits expected a whole number, found null"},
		{"half a bit", `{"bits":2048.5}`, "/bits expected a whole number, found a number"},
		{"hash and end", `{"signatureHash":1,"notAfter":"soon"}`, `/signatureHash expected text, found a number|/notAfter "soon" is not an instant`},
	})
	runChecks(t, DirectoryRoleAssignments, []checkCase{
		{"active", `{"id":"a","principalId":"p","roleDefinitionId":"r","directoryScopeId":"/","appScopeId":null,"assignment":"active","resourceScope":"/"}`, ""},
		{"eligible", `{"id":"a","principalId":"p","roleDefinitionId":"r","assignment":"eligible","startDateTime":"2021-07-27T14:03:04.4Z","endDateTime":null}`, ""},
		{"through a group", `{"id":"a/p","principalId":"p","roleDefinitionId":"r","assignment":"active","groupId":"g","principalType":"servicePrincipal"}`, ""},
		{"of a group", `{"id":"a","principalId":"g","roleDefinitionId":"r","assignment":"active","principalType":"group","usersRead":true,"principalsRead":true}`, ""},
		{"of a group, half said", `{"principalId":"g","roleDefinitionId":"r","usersRead":"yes"}`, "/usersRead expected true or false, found text"},
		{"of a group, principals half said", `{"principalId":"g","roleDefinitionId":"r","principalsRead":1}`, "/principalsRead expected true or false, found a number"},
		{"as Graph has it", `{"id":"a","principalId":"p","roleDefinitionId":"r"}`, ""},
		{"of nobody", `{"principalId":null,"roleDefinitionId":"r"}`, "principalId: expected an id, found null"},
		{"of no role", `{"principalId":"p"}`, "roleDefinitionId: expected an id, found nothing"},
		{"of a third kind", `{"principalId":"p","roleDefinitionId":"r","assignment":"Permanent"}`, `assignment: "Permanent" is none of active, eligible`},
		{"of no kind", `{"principalId":"p","roleDefinitionId":"r","assignment":null}`, "assignment: null is none of active, eligible"},
		{"group and end", `{"principalId":"p","roleDefinitionId":"r","groupId":1,"endDateTime":"never"}`, `/groupId expected text, found a number|/endDateTime "never" is not an instant`},
	})
	runChecks(t, DirectoryRoleDefinitions, []checkCase{
		{"sound", `{"id":"r","displayName":"R","templateId":"t","isBuiltIn":true,"isEnabled":true,"rolePermissions":[{"allowedResourceActions":["a/b"],"excludedResourceActions":null,"condition":null}]}`, ""},
		{"actions null", `{"rolePermissions":[{"allowedResourceActions":null}]}`, "/rolePermissions/0/allowedResourceActions expected an array, found null"},
		{"permissions null", `{"rolePermissions":null,"isEnabled":"yes"}`, "/isEnabled expected true or false, found text|/rolePermissions expected an array, found null"},
	})
}

func TestCheckPolicies(t *testing.T) {
	runChecks(t, AuthorizationPolicy, []checkCase{
		{"sound", `{"id":"authorizationPolicy","allowInvitesFrom":"everyone","blockMsolPowerShell":null,"guestUserRoleId":"g","defaultUserRolePermissions":{"allowedToCreateApps":true,"permissionGrantPoliciesAssigned":["ManagePermissionGrantsForSelf.x"]}}`, ""},
		{"as beta has it", `{"permissionGrantPolicyIdsAssignedToDefaultUserRole":["x"],"defaultUserRolePermissions":{"allowedToCreateApps":true}}`, ""},
		{"no permissions", `{"defaultUserRolePermissions":null}`, "/defaultUserRolePermissions expected an object, found null"},
		{"create as text", `{"defaultUserRolePermissions":{"allowedToCreateApps":"true"}}`, "/defaultUserRolePermissions/allowedToCreateApps expected true or false, found text"},
		{"policies null", `{"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":null}}`, "/defaultUserRolePermissions/permissionGrantPoliciesAssigned expected an array, found null"},
		{"a policy null", `{"permissionGrantPolicyIdsAssignedToDefaultUserRole":[null]}`, "/permissionGrantPolicyIdsAssignedToDefaultUserRole/0 expected text, found null"},
	})
	runChecks(t, PermissionGrantPolicies, []checkCase{
		{"sound", `{"id":"p","includes":[{"permissionClassification":"low","permissionType":"delegated","resourceApplication":"any","permissions":["all"],"clientApplicationsFromVerifiedPublisherOnly":true}],"excludes":[]}`, ""},
		{"excludes null", `{"includes":[],"excludes":null}`, "/excludes expected an array, found null"},
		{"a condition", `{"includes":[{"permissionType":1,"permissions":"all"}]}`, "/includes/0/permissionType expected text, found a number|/includes/0/permissions expected an array, found text"},
		{"a condition that is none", `{"includes":["all"]}`, "/includes/0 expected an object, found text"},
	})
	runChecks(t, AdminConsentPolicy, []checkCase{
		{"sound", `{"isEnabled":true,"notifyReviewers":false,"remindersEnabled":false,"requestDurationInDays":30,"version":0,"reviewers":[{"query":"/users/x","queryType":"MicrosoftGraph","queryRoot":null}]}`, ""},
		{"enabled null", `{"isEnabled":null}`, "/isEnabled expected true or false, found null"},
		{"reviewers null", `{"reviewers":null,"requestDurationInDays":"30"}`, "/requestDurationInDays expected a whole number, found text|/reviewers expected an array, found null"},
	})
	runChecks(t, AppManagementPolicies, []checkCase{
		{"the tenant's", `{"id":"d","isEnabled":true,"isDefaultPolicy":true,"applicationRestrictions":{"passwordCredentials":[{"restrictionType":"passwordLifetime","state":"enabled","maxLifetime":"P4DT12H30M5S","restrictForAppsCreatedAfterDateTime":"2017-10-19T10:37:00Z"}],"keyCredentials":[]},"servicePrincipalRestrictions":{"passwordCredentials":[]}}`, ""},
		{"one of an application", `{"id":"p","isEnabled":false,"restrictions":{"passwordCredentials":[{"restrictionType":"passwordAddition","maxLifetime":null}]}}`, ""},
		{"enabled as text", `{"isEnabled":"true"}`, "/isEnabled expected true or false, found text"},
		{"lifetime in days", `{"restrictions":{"passwordCredentials":[{"maxLifetime":"90 days"}]}}`, `/restrictions/passwordCredentials/0/maxLifetime "90 days" is not a duration`},
		{"lifetime of nothing", `{"restrictions":{"keyCredentials":[{"maxLifetime":"P"},{"maxLifetime":"P1DT"},{"maxLifetime":90}]}}`, `/restrictions/keyCredentials/0/maxLifetime "P" is not a duration|/restrictions/keyCredentials/1/maxLifetime "P1DT" is not a duration|/restrictions/keyCredentials/2/maxLifetime 90 is not a duration`},
		{"restrictions null", `{"applicationRestrictions":null}`, "/applicationRestrictions expected an object, found null"},
	})
}

func TestCheckActivity(t *testing.T) {
	runChecks(t, SignInActivity, []checkCase{
		{"sound", `{"id":"b","appId":"a","lastSignInActivity":{"lastSignInDateTime":"2021-04-01T00:00:00Z","lastSignInRequestId":"x"},"delegatedClientSignInActivity":null}`, ""},
		{"never", `{"id":"b","appId":"a","lastSignInActivity":{"lastSignInDateTime":null}}`, ""},
		{"without a zone", `{"appId":"a","lastSignInActivity":{"lastSignInDateTime":"2021-04-01T00:00:00"}}`, `/lastSignInActivity/lastSignInDateTime "2021-04-01T00:00:00" is not an instant`},
		{"of no application", `{"id":"b"}`, "appId: expected an id, found nothing"},
		{"activity that is text", `{"appId":"a","delegatedResourceSignInActivity":"never"}`, "/delegatedResourceSignInActivity expected an object, found text"},
	})
	runChecks(t, CredentialActivity, []checkCase{
		{"sound", `{"id":"b","appId":"a","keyId":"k","keyType":"certificate","expirationDateTime":"2021-04-01T21:36:48Z","signInActivity":{"lastSignInDateTime":"2021-03-18T00:00:00Z"}}`, ""},
		{"as it was called once", `{"id":"b","appId":"a","expirationDate":"04/01/2021"}`, `/expirationDate "04/01/2021" is not an instant`},
		{"key and use", `{"appId":"a","keyId":1,"signInActivity":[]}`, "/keyId expected text, found a number|/signInActivity expected an object, found an array"},
	})
}

func TestCheckStorage(t *testing.T) {
	runChecks(t, ContainerTypeOwners, []checkCase{
		{"sound", `{"containerTypeId":"c","id":"p","roles":["owner"],"grantedToV2":{"user":{"id":"u","userPrincipalName":"u@x"}}}`, ""},
		{"roles null", `{"roles":null}`, "/roles expected an array, found null"},
		{"to nobody", `{"roles":["owner"],"grantedToV2":"u"}`, "/grantedToV2 expected an object, found text"},
	})
	runChecks(t, Containers, []checkCase{
		{"sound", `{"id":"b!","containerTypeId":"c","createdDateTime":"2021-11-24T15:41:52.347Z","status":"active","lockState":null}`, ""},
		{"of no type", `{"id":"b!","containerTypeId":null}`, "containerTypeId: expected text, found null"},
		{"state", `{"status":1,"createdDateTime":"11/24/2021"}`, `/createdDateTime "11/24/2021" is not an instant|/status expected text, found a number`},
	})
	runChecks(t, ContainerPermissions, []checkCase{
		{"to a user", `{"containerId":"b!","id":"p","roles":["reader"],"grantedToV2":{"user":{"displayName":null,"email":"x"},"group":null,"new":5}}`, ""},
		{"to an application", `{"roles":["principalOwner"],"grantedToV2":{"application":{"id":"a"}}}`, ""},
		{"role null", `{"roles":["writer",null],"expirationDateTime":"0001-01-01T00:00:00Z"}`, "/roles/1 expected text, found null"},
		{"to a list", `{"grantedToV2":{"group":[]}}`, "/grantedToV2/group expected an object, found an array"},
	})
}

// Names of members match whatever their case, as where rows are decoded; the
// spelling that Graph has wins.
func TestCheckFoldsNames(t *testing.T) {
	runChecks(t, FederatedCredentials, []checkCase{
		{"other case", `{"Issuer":5}`, "/issuer expected text, found a number"},
		{"both", `{"ISSUER":5,"issuer":"https://i"}`, ""},
	})
}

func TestRowIDs(t *testing.T) {
	for _, c := range []struct {
		dataset Name
		row, id string // "" for a row that cannot be told from others
	}{
		{Applications, `{"id":"a"}`, "a"},
		{ApplicationOwners, `{"objectId":"o","ownerId":"u"}`, "o/u"},
		{ServicePrincipalOwners, `{"objectId":"o","id":"u"}`, ""},
		{FederatedCredentials, `{"objectId":"o","id":"f"}`, "o/f"},
		{FederatedCredentials, `{"id":"f"}`, ""},
		{CertificateKeys, `{"objectId":"o","keyId":"k"}`, "o/k"},
		{DirectoryRoleAssignments, `{"id":"a","principalId":"p"}`, "a"},
		{AuthorizationPolicy, `{"id":"authorizationPolicy"}`, "authorizationPolicy"},
		{AuthorizationPolicy, `{"allowInvitesFrom":"everyone"}`, "authorizationPolicy"},
		{AdminConsentPolicy, `{"isEnabled":true}`, "adminConsentRequestPolicy"},
		{AdminConsentPolicy, `{"id":5}`, ""},
		{AppManagementPolicies, `{"isEnabled":true}`, ""},
		{SignInActivity, `{"appId":"a"}`, ""},
		{ContainerTypeOwners, `{"containerTypeId":"c","id":"p"}`, "c/p"},
		{ContainerTypeGrants, `{"containerTypeId":"c","appId":"a"}`, "c/a"},
		{ContainerPermissions, `{"containerId":"c","id":"p"}`, "c/p"},
	} {
		r, err := makeRow(c.dataset, []byte(c.row))
		switch {
		case c.id != "" && (err != nil || r.id != c.id):
			t.Errorf("%s %s: got %q, %v, want %q", c.dataset, c.row, r.id, err, c.id)
		case c.id == "" && (err == nil || !strings.HasPrefix(r.id, "without-id-") || r.line == nil):
			t.Errorf("%s %s: got %q, %v, want it kept, and named as one without id", c.dataset, c.row, r.id, err)
		}
	}
}

// The id is the one that decoding the row gives, however fast it was found.
func TestRowIDIsTheDecodedOne(t *testing.T) {
	for row, want := range map[string]string{
		`{"id":"a","b":1}`:                "a",
		`{"id":"a","ID":"b"}`:             "b",
		`{"id":"a","id":"b"}`:             "b",
		`{"id":"a","b":{"id":"c"}}`:       "a",
		`{"b":1,"id":"a"}`:                "a",
		`{"iD":"a"}`:                      "a",
		`{"id":"a\u0062"}`:                "ab",
		`{"id":"a","i\u0064":"b"}`:        "b",
		`{"id":" a ","b":"\"id\":\"c\""}`: " a ",
		`{"id":"\u00e9\ud83d\ude00"}`:     "\u00e9\U0001F600",
		`{ "id" : "a" , "b" : [ "id" ] }`: "a",
	} {
		if r, err := makeRow(GraphActivity, []byte(row)); err != nil || r.id != want {
			t.Errorf("%s: got %q, %v, want %q", row, r.id, err, want)
		}
	}
}

func TestIdentified(t *testing.T) {
	for _, c := range []struct {
		dataset, member string
		want            bool
	}{
		{Applications, "id", true},
		{Applications, "displayName", false},
		{ContainerTypeGrants, "appId", true},
		{ContainerTypeGrants, "id", false},
		{AdminConsentPolicy, "isEnabled", true},
	} {
		if got := Identified(c.dataset, func(member string) bool { return member == c.member }); got != c.want {
			t.Errorf("%s by %s: got %v", c.dataset, c.member, got)
		}
	}
}

// What an agent's identity is stays in its row
// (https://learn.microsoft.com/graph/api/resources/agentidentity).
func TestRowsKeepTheirType(t *testing.T) {
	for dataset, row := range map[Name]string{
		ServicePrincipals: `{"@odata.type":"#microsoft.graph.agentIdentity","agentIdentityBlueprintId":"b","appId":"a","id":"1","newMember":{"x":[1]}}`,
		Applications:      `{"@odata.type":"#microsoft.graph.agentIdentityBlueprint","appId":"a","id":"1"}`,
	} {
		r, err := makeRow(dataset, []byte(row))
		if err != nil || string(r.line) != row || len(check(dataset, r.line)) != 0 {
			t.Errorf("got %s, %v, %v, want it as it came", r.line, err, check(dataset, r.line))
		}
	}
}
