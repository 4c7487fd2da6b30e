package least_test

import (
	"slices"
	"strings"
	"testing"

	"leastwise/policies/catalog"
	"leastwise/policies/least"
)

// No address tells what was asked for in a query, named in a body, or read of objects that a list returned.
func TestMayServe(t *testing.T) {
	for _, test := range []struct {
		call, value string
		want        bool
	}{
		{"GET /users", "AuditLog.Read.All", true},
		{"HEAD /users/8f0c1f6e-2d34-4c0f-9f2b-1f0e6f9b7a11", "AuditLog.Read.All", true},
		{"PATCH /users/{id}", "AuditLog.Read.All", false},
		{"GET /users/{id}/messages", "AuditLog.Read.All", false},
		{"GET /groups", "AuditLog.Read.All", false},
		{"GET /auditLogs/signIns", "Policy.Read.ConditionalAccess", true},
		{"GET /auditLogs/signIns/{id}", "Policy.Read.All", true},
		{"GET /auditLogs/directoryAudits", "Policy.Read.All", false},
		{"GET /me", "MailboxSettings.Read", true},
		{"PATCH /users/{id}", "MailboxSettings.ReadWrite", false},
		{"GET /servicePrincipals/{id}", "CustomSecAttributeAssignment.Read.All", true},
		{"PATCH /servicePrincipals/{id}", "CustomSecAttributeAssignment.ReadWrite.All", true},
		{"GET /applications", "CustomSecAttributeAssignment.Read.All", false},
		{"GET /users/{id}", "User-LifeCycleInfo.Read.All", true},
		{"PATCH /users/{id}", "User-LifeCycleInfo.ReadWrite.All", true},
		{"PATCH /users/{id}", "User-Phone.ReadWrite.All", true},
		{"GET /users/{id}", "User-Phone.ReadWrite.All", false},
		{"PATCH /users/{id}", "User.EnableDisableAccount.All", true},
		{"POST /users", "User.ManageIdentities.All", true},
		{"GET /users", "User.ManageIdentities.All", false},
		{"PATCH /users/{id}", "Directory.AccessAsUser.All", true},
		{"PATCH /groups/{id}", "Group-NestingSupport.ReadWrite.All", true},
		{"GET /groups/{id}", "Group.ManageProtection.All", false},
		{"POST /groups", "RoleManagement.ReadWrite.Directory", true},
		{"POST /groups/{id}/members/$ref", "RoleManagement.ReadWrite.Directory", true},
		{"DELETE /groups/{id}/owners/{id}/$ref", "RoleManagement.ReadWrite.Directory", true},
		{"GET /groups/{id}/members", "RoleManagement.ReadWrite.Directory", false},
		{"PATCH /users/{id}", "RoleManagement.ReadWrite.Directory", false},
		{"POST /groups/{id}/members/$ref", "Application.ReadWrite.All", true},
		{"POST /groups/{id}/members/$ref", "Device.ReadWrite.All", true},
		{"POST /groups/{id}/members/$ref", "OrgContact.Read.All", true},
		{"POST /teams/{id}/members", "OrgContact.Read.All", false},
		{"POST /directory/administrativeUnits/{id}/members/$ref", "Device.ReadWrite.All", true},
		{"PATCH /groups/{id}/settings/{id}", "Device.ReadWrite.All", false},
		{"PATCH /users/{id}", "Directory.Write.Restricted", true},
		{"PATCH /administrativeUnits/{id}", "Directory.Write.Restricted", true},
		{"GET /users/{id}", "Directory.Write.Restricted", false},
		{"PATCH /applications/{id}", "Directory.Write.Restricted", false},
		{"GET /groups/{id}/members", "User.Read.All", true},
		{"GET /groups/{id}/transitiveMembers", "Member.Read.Hidden", true},
		{"GET /applications/{id}/owners", "User.ReadBasic.All", true},
		{"GET /users/{id}/memberOf", "Group.Read.All", true},
		{"GET /me/memberOf", "GroupMember.Read.All", true},
		{"GET /directory/administrativeUnits/{id}/members", "Device.Read.All", true},
		{"POST /directoryObjects/getByIds", "Application.Read.All", true},
		{"GET /groups/{id}", "User.Read.All", false},
		{"GET /teams/{id}/members", "User.Read.All", false},
		{"GET /chats/{id}/members", "User.Read.All", false},
		{"GET /groups/{id}/members", "User.ReadWrite.All", false},
		{"GET /groups/{id}/members", "Directory.Read.All", false},
		{"GET /users/{id}/messages", "Mail.Read.Shared", true},
		{"POST /users/{id}/sendMail", "Mail.Send.Shared", true},
		{"GET /me/mailFolders", "Mail.ReadWrite.Shared", true},
		{"GET /users/{id}/calendarView", "Calendars.Read.Shared", true},
		{"GET /users/{id}/contacts", "Contacts.Read.Shared", true},
		{"GET /users/{id}/todo/lists", "Tasks.Read.Shared", true},
		{"GET /users/{id}/events", "Mail.Read.Shared", false},
		{"GET /users/{id}", "Mail.Read.Shared", false},
		{"GET /groups/{id}/calendarView", "Calendars.Read.Shared", false},
		{"GET /users/{id}/messages", "Presence.Read.Shared", false},
		{"PATCH /users/{id}/messages/{id}", "Mail-Advanced.ReadWrite.All", true},
		{"GET /users/{id}/messages/{id}", "Mail-Advanced.ReadWrite.All", false},
		{"GET /users/{id}/messages", "Mail.Read", false},
		{"GET /users", "Mail.Read", false},
	} {
		method, path, _ := strings.Cut(test.call, " ")
		if got := least.MayServe(least.Call{Method: method, Path: path}, test.value); got != test.want {
			t.Errorf("%s for %s: got %v", test.value, test.call, got)
		}
	}
}

func TestOfSelf(t *testing.T) {
	for _, test := range []struct {
		kind        catalog.Kind
		path, value string
		want        bool
	}{
		{catalog.Delegated, "/users/{id}", "User.Read", true},
		{catalog.Delegated, "/v1.0/users/8f0c1f6e-2d34-4c0f-9f2b-1f0e6f9b7a11", "User.ReadWrite", true},
		{catalog.Delegated, "/users/{id}/drive", "Files.Read", true},
		{catalog.Delegated, "/users/{id}/memberOf", "User.Read", true},
		{catalog.Delegated, "/users/{id}/memberOf", "GroupMember.Read.All", false},
		{catalog.Delegated, "/users/{id}/calendars", "Calendars.Read.Shared", false},
		{catalog.Delegated, "/users/{id}", "Directory.AccessAsUser.All", false},
		{catalog.Delegated, "/users", "User.Read", false},
		{catalog.Delegated, "/me", "User.Read", false},
		{catalog.Delegated, "/drives/{id}", "Files.Read", false},
		{catalog.Delegated, "/users/{id}", "openid", false},
		{catalog.Application, "/users/{id}/messages", "Mail.Read", false},
	} {
		if got := least.OfSelf(test.kind, test.path, test.value); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

// What is for the signed-in user is enough for calls on somebody where it was seen to be, and only there.
func TestForCallsOfSelf(t *testing.T) {
	c := builtIn(t)
	for _, test := range []struct{ name, calls, granted, want, removable string }{
		{"nothing held", "GET /users/{id}", "", "User.ReadBasic.All", ""},
		{"seen to do", "GET /users/{id}", "User.Read", "User.Read", ""},
		{"a narrower one would do as well", "GET /users/{id}", "User.ReadWrite", "User.Read", "User.ReadWrite"},
		{"another may have done it", "GET /users/{id}", "User.Read User.Read.All", "User.ReadBasic.All", "User.Read User.Read.All"},
		{"marked the least", "GET /users/{id}/memberOf", "", "GroupMember.Read.All", ""},
		{"marked the least, and seen to do", "GET /users/{id}/memberOf", "User.Read", "User.Read", ""},
		{"for oneself", "GET /me", "User.Read.All", "User.Read", "User.Read.All"},
		{"nothing else is known", "GET /users/{id}/messages", "Mail.ReadWrite", "Mail.ReadBasic", "Mail.ReadWrite"},
		{"what is shared is kept", "GET /users/{id}/messages", "Mail.Read Mail.Read.Shared", "Mail.ReadBasic", "Mail.Read"},
	} {
		s := least.Solve(problem(c, least.ForCalls, test.calls, test.granted))
		if got := strings.Join(s.Permissions, " "); got != test.want {
			t.Errorf("%s: got %s", test.name, got)
		}
		if got := strings.Join(s.Removable, " "); got != test.removable {
			t.Errorf("%s: can go: %s", test.name, got)
		}
	}
}

// Of calls that are only declared, holding a permission shows nothing.
func TestForDeclared(t *testing.T) {
	c := builtIn(t)
	for _, test := range []struct{ name, calls, granted, want, removable, kept string }{
		{"held for oneself", "GET /users/{id}", "User.Read", "User.ReadBasic.All", "", "User.Read"},
		{"held for oneself and another", "GET /users/{id}", "User.Read User.Read.All", "User.ReadBasic.All", "User.Read.All", "User.Read"},
		{"oneself", "GET /me", "User.Read User.Read.All", "User.Read", "User.Read.All", ""},
		{"nothing else is known", "GET /users/{id}/messages", "Mail.Read", "Mail.ReadBasic", "Mail.Read", ""},
	} {
		s := least.Solve(problem(c, least.ForDeclared, test.calls, test.granted))
		for what, pair := range map[string][2]string{
			"set":     {strings.Join(s.Permissions, " "), test.want},
			"can go":  {strings.Join(s.Removable, " "), test.removable},
			"is kept": {strings.Join(s.Kept, " "), test.kept},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s: got %q, want %q", test.name, what, pair[0], pair[1])
			}
		}
	}
}

func TestNarrowOfLists(t *testing.T) {
	c := builtIn(t)
	members := least.Solve(problem(c, least.ForCalls, "GET /groups/{id}/members", ""))
	if got := members.Narrow(catalog.Delegated); !slices.Equal(got, members.Permissions) || len(got) == 0 {
		t.Errorf("members without their names: got %v of %v", got, members.Permissions)
	}
	named := least.Solve(problem(c, least.ForCalls, "GET /groups/{id}/members,GET /users/delta", ""))
	if got := named.Narrow(catalog.Delegated); len(got) > 0 {
		t.Errorf("members and people: got %v of %v", got, named.Permissions)
	}
}

type maker func(*catalog.Catalogue, catalog.Kind, []least.Call, []string) least.Problem

func problem(c *catalog.Catalogue, of maker, calls, granted string) least.Problem {
	var list []least.Call
	for written := range strings.SplitSeq(calls, ",") {
		method, path, _ := strings.Cut(written, " ")
		list = append(list, least.Call{Method: method, Path: path})
	}
	return of(c, catalog.Delegated, list, strings.Fields(granted))
}
