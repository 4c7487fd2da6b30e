package catalog

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// ways writes alternatives on one line: "A+B* C" has two, of which the first takes two permissions and is the least.
func ways(list []Alternative) string {
	var out []string
	for _, way := range list {
		text := strings.Join(way.Permissions, "+")
		if way.Least {
			text += "*"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestAllows(t *testing.T) {
	c := load(t)
	for _, test := range []struct {
		kind         Kind
		method, path string
		want         string // the first way, or all where it ends in a full stop; "?" where nothing is known
	}{
		{Delegated, "POST", "/applications/{id}/synchronization/acquireAccessToken", "Synchronization.ReadWrite.All*"},
		{Application, "POST", "/applications/{id}/synchronization/acquireAccessToken", "Application.ReadWrite.OwnedBy* Synchronization.ReadWrite.All."},
		{Application, "post", "https://graph.microsoft.com/v1.0/servicePrincipals/9f1c2b3a-0000-4000-8000-000000000001/synchronization/acquireAccessToken", "Application.ReadWrite.OwnedBy* Synchronization.ReadWrite.All."},
		{Application, "PATCH", "/servicePrincipals/{id}/synchronization/jobs/{id}", "Synchronization.ReadWrite.All*"},
		{Application, "GET", "/organization", "Organization.Read.All*"},
		{Application, "GET", "/applications/delta", "Application.Read.All*"},
		{Application, "POST", "/servicePrincipals/{id}/appRoleAssignedTo", "AppRoleAssignment.ReadWrite.All+Application.Read.All*"},
		{Delegated, "GET", "/storage/fileStorage/containerTypes", "FileStorageContainerType.Manage.All*."},
		{Application, "GET", "/storage/fileStorage/containerTypes", "."},
		{Application, "GET", "/storage/fileStorage/containerTypeRegistrations", "FileStorageContainerTypeReg.Selected*."},
		{Delegated, "GET", "/storage/fileStorage/containerTypeRegistrations/{id}/applicationPermissionGrants", "FileStorageContainerTypeReg.Selected* FileStorageContainerTypeReg.Manage.All."},
		{Application, "GET", "/beta/storage/fileStorage/containers/b!x/permissions", "FileStorageContainer.Selected*"},
		{Application, "GET", "/beta/reports/servicePrincipalSignInActivities", "AuditLog.Read.All* Directory.Read.All."},
		{Application, "POST", "/$batch", "*"},
		{Application, "POST", "/v1.0/%24Batch", "*"},
		{Application, "HEAD", "/organization", "Organization.Read.All*"},
		{Application, "head", "/notKnown", "?"},
		{Application, "GET", "/groups", "GroupMember.Read.All*"},
		{Delegated, "GET", "/groups/{id}", "GroupMember.Read.All*"},
		{Delegated, "GET", "/groups/{id}/members", "GroupMember.Read.All*"},
		{Application, "GET", "/groups/{id}/transitiveMembers", "GroupMember.Read.All*"},
		{Application, "POST", "/applications", "Application.ReadWrite.OwnedBy* Application.ReadWrite.All."},
		{Delegated, "POST", "/applications", "Application.ReadWrite.All*."},
		{Application, "GET", "/users/{id}/events", "Calendars.ReadBasic.All* Calendars.Read Calendars.ReadWrite."},
		{Application, "GET", "/users/{id}/calendarView", "Calendars.ReadBasic.All* Calendars.Read Calendars.ReadWrite."},
		{Application, "GET", "/me/events", "."},
		{Application, "GET", "/api/v1.0/9f1c2b3a-0000-4000-8000-000000000001/activity/feed/subscriptions/list", "ActivityFeed.Read* ActivityFeed.ReadDlp."},
		{Application, "GET", "/applications/$count", "Application.Read.All*"},
		{Delegated, "GET", "/notKnown", "?"},
		{Delegated, "DELETE", "/organization", "?"},
		{ResourceSpecific, "GET", "/organization", "?"},
		{"", "GET", "/organization", "?"},
	} {
		got, known := c.Allows(test.kind, test.method, test.path)
		text := ways(got)
		if !known {
			text = "?"
		}
		if !strings.HasSuffix(test.want, ".") {
			text, _, _ = strings.Cut(text, " ") // the least alone
		}
		if text != strings.TrimSuffix(test.want, ".") {
			t.Errorf("%s %s %s: got %q, want %q", test.kind, test.method, test.path, text, test.want)
		}
	}
}

func TestOtherAddressesOfTheSameThing(t *testing.T) {
	c := load(t)
	for _, path := range []string{"/me/mailFolders/inbox/messages", "/users/ann@contoso.com/mailFolders('x')/messages"} {
		if got, known := c.Allows(Delegated, "GET", path); !known || len(got) == 0 {
			t.Errorf("%s: got %v, %v", path, got, known)
		}
	}
	if got, known := c.Allows(Delegated, "GET", "/drives/x/root/children"); !known || len(got) == 0 {
		t.Errorf("the root of a drive: got %v, %v", got, known)
	}
	if got, known := c.Allows(Delegated, "DELETE", "/servicePrincipals/{id}/appRoleAssignedTo/{id}/$ref"); !known || len(got) == 0 {
		t.Errorf("$ref: got %v, %v", got, known)
	}
}

func TestRolesAreThoseOfDelegatedCallers(t *testing.T) {
	c := load(t)
	const path = "/applications/{id}/synchronization/acquireAccessToken"
	op, _ := c.Operation(Delegated, "POST", path)
	if want := []string{"Application Administrator", "Cloud Application Administrator", "Hybrid Identity Administrator"}; !slices.Equal(op.Roles, want) {
		t.Errorf("got %v, want %v", op.Roles, want)
	}
	for op := range c.Operations() {
		if op.Kind != Delegated && len(op.Roles) > 0 {
			t.Errorf("%s %s: an application needs the directory roles %v", op.Method, op.Path, op.Roles)
		}
		if op.Source == "" || op.Imported {
			t.Errorf("%s %s: source %q, imported %v", op.Method, op.Path, op.Source, op.Imported)
		}
	}
}

// Every call that leastwise itself makes is known for both kinds.
func TestOwnCallsAreKnown(t *testing.T) {
	c := load(t)
	for _, call := range []string{
		"GET /organization", "GET /applications", "GET /applications/delta", "GET /applications/{id}", "GET /applications/{id}/owners",
		"GET /applications/{id}/federatedIdentityCredentials", "GET /servicePrincipals", "GET /servicePrincipals/delta",
		"GET /servicePrincipals/{id}", "GET /servicePrincipals/{id}/owners", "GET /servicePrincipals/{id}/appRoleAssignedTo",
		"GET /oauth2PermissionGrants", "GET /oauth2PermissionGrants/delta", "POST /directoryObjects/getByIds",
		"GET /roleManagement/directory/roleAssignments", "GET /roleManagement/directory/roleDefinitions",
		"GET /roleManagement/directory/roleEligibilityScheduleInstances", "GET /groups/{id}/transitiveMembers/microsoft.graph.servicePrincipal",
		"GET /policies/authorizationPolicy", "GET /policies/adminConsentRequestPolicy", "GET /policies/permissionGrantPolicies",
		"GET /policies/defaultAppManagementPolicy", "GET /policies/appManagementPolicies",
		"GET /reports/servicePrincipalSignInActivities", "GET /reports/appCredentialSignInActivities", "POST /$batch",
		"GET /storage/fileStorage/containerTypes", "GET /storage/fileStorage/containerTypes/{id}/permissions",
		"GET /storage/fileStorage/containerTypeRegistrations", "GET /storage/fileStorage/containerTypeRegistrations/{id}/applicationPermissionGrants",
		"GET /storage/fileStorage/containers", "GET /storage/fileStorage/containers/{id}/permissions",
		"POST /security/auditLog/queries", "GET /security/auditLog/queries/{id}", "GET /security/auditLog/queries/{id}/records",
		"POST /api/v1.0/{id}/activity/feed/subscriptions/start", "GET /api/v1.0/{id}/activity/feed/subscriptions/list",
		"GET /api/v1.0/{id}/activity/feed/subscriptions/content", "GET /api/v1.0/{id}/activity/feed/audit/{id}",
	} {
		method, path, _ := strings.Cut(call, " ")
		for _, kind := range []Kind{Delegated, Application} {
			if _, known := c.Allows(kind, method, path); !known {
				t.Errorf("%s for %s permissions is not known", call, kind)
			}
		}
	}
}

func TestWeightsKeepTiersApart(t *testing.T) {
	order := []Tier{Low, Medium, High, Unrated, Critical}
	for i, tier := range order[1:] {
		if tier.Weight() <= order[i].Weight() {
			t.Errorf("%s weighs %d, %s %d", tier, tier.Weight(), order[i], order[i].Weight())
		}
	}
	if Tier("severe").Weight() != Unrated.Weight() {
		t.Error("a tier that nobody knows weighs something else than unrated")
	}
}

const operationsHead = `resource:
  app_id: 00000003-0000-0000-c000-000000000000
  name: Microsoft Graph
operations:
`

func operationOf(fields ...string) string {
	lines := []string{"paths: [/users]", "methods: [GET]", "kinds: [delegated]", "least: [User.Read]", "source: https://x"}
	for _, field := range fields {
		name, _, _ := strings.Cut(field, ":")
		if i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+":") }); i < 0 {
			lines = append(lines, field)
		} else if lines[i] = field; strings.HasSuffix(field, ":") {
			lines = slices.Delete(lines, i, i+1)
		}
	}
	return "  - " + strings.Join(lines, "\n    ") + "\n"
}

func TestLoadFSRefusesOperations(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no operations", operationsHead[:len(operationsHead)-len("operations:\n")], "operations_x.yaml:1: file has no operations"},
		{"an unknown field", operationsHead + operationOf("leasts: [x]"), "operations_x.yaml:10: field leasts not found"},
		{"an unknown method", operationsHead + operationOf("methods: [LIST]"), `operations_x.yaml:6: unknown method "LIST"`},
		{"no method", operationsHead + operationOf("methods: []"), "operations_x.yaml:6: operation has no methods"},
		{"a path without slash", operationsHead + operationOf("paths: [users]"), `operations_x.yaml:5: path "users" does not begin with a slash`},
		{"a path with a word that is not known", operationsHead + operationOf("paths: ['/users/{id}/sallary']"), `operations_x.yaml:5: path "/users/{id}/sallary" has words that words.txt lacks`},
		{"an unknown kind", operationsHead + operationOf("kinds: [rsc]"), `operations_x.yaml:7: unknown kind "rsc"`},
		{"nothing said", operationsHead + operationOf("least:"), "operation needs one of least, nothing: true and unsupported: true"},
		{"two things said", operationsHead + operationOf("unsupported: true"), "operation needs one of least, nothing: true and unsupported: true"},
		{"higher without least", operationsHead + operationOf("least:", "nothing: true", "higher: [User.Read]"), "higher and requires need a least"},
		{"roles of an application", operationsHead + operationOf("kinds: [application]", "roles: [Global Reader]"), "directory roles are those of a delegated caller"},
		{"no source", operationsHead + operationOf("source: memory"), `source "memory" is not the address of a page`},
		{"an unknown permission", operationsHead + operationOf("least: [User.Rd]"), "operations_x.yaml:5: delegated permission User.Rd: the catalogue does not hold it"},
		{"a permission of the other kind", operationsHead + operationOf("kinds: [application]"), "operations_x.yaml:5: application permission User.Read: it is delegated, not application"},
		{"an unknown companion", operationsHead + operationOf("requires: [User.Rd]"), "delegated permission User.Rd: the catalogue does not hold it"},
		{"said twice", operationsHead + operationOf() + operationOf("paths: [/Users]"), "operations_x.yaml:10: GET /Users for delegated permissions stands already at operations_x.yaml:5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := LoadFS(fstest.MapFS{
				"a.yaml":            {Data: []byte(header + entryOf("User.Read", "delegated", "1", "low"))},
				"operations_x.yaml": {Data: []byte(test.text)},
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}
