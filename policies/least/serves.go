package least

import (
	"slices"
	"strings"

	"leastwise/policies/catalog"
)

// MayServe reports whether a permission may serve a call that others allow: for what the call asks for in its query or
// names in its body, or for objects that it returns or refers to, none of which stands in a log of addresses. Such a
// permission is never known to be needless. The list holds what the documentation says beside its tables of permissions; that
// a permission is not in it proves nothing of writing ones, which reading would not take.
// https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects
func MayServe(call Call, value string) bool {
	about, rights, _ := strings.Cut(value, ".")
	serves := beside(value, about)
	if serves == nil && strings.HasSuffix(rights, ".Shared") {
		serves = func(_ bool, path string) bool { return isMailbox(about, path) }
	}
	if serves == nil {
		return false // without a look at the address
	}
	return serves(call.Method == "GET" || call.Method == "HEAD", catalog.NormalPath(call.Path))
}

// beside tells of which calls a permission may be a part, by whether they read and by their address; nil for none.
func beside(value, about string) func(reads bool, path string) bool {
	switch value {
	case "AuditLog.Read.All": // signInActivity, https://learn.microsoft.com/graph/api/user-list
		return func(reads bool, path string) bool { return reads && isPeople(path) }
	case "User.EnableDisableAccount.All", "User.ManageIdentities.All", "Directory.AccessAsUser.All": // https://learn.microsoft.com/graph/api/user-update
		return func(reads bool, path string) bool { return !reads && isPeople(path) }
	case "Group.ManageProtection.All":
		return changesGroups
	case "RoleManagement.ReadWrite.Directory": // of groups to which roles can be assigned, https://learn.microsoft.com/graph/api/group-post-members
		return func(reads bool, path string) bool { return !reads && (isGroups(path) || isMembership(path, "groups")) }
	case "Device.ReadWrite.All", "Application.ReadWrite.All": // what is made a member, by its kind
		return changesMembers
	case "Directory.Write.Restricted": // https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-restricted-management
		return func(reads bool, path string) bool { return !reads && isDirectory(path) }
	case "Member.Read.Hidden": // https://learn.microsoft.com/graph/api/group-list-members
		return returnsObjects
	case "User.Read.All", "User.ReadBasic.All", "Device.Read.All", "OrgContact.Read.All", "Application.Read.All", "AdministrativeUnit.Read.All",
		"Group.Read.All", "Group.ReadBasic.All", "GroupMember.Read.All", "GroupMember.ReadBasic.All", "RoleManagement.Read.Directory":
		return func(reads bool, path string) bool { return returnsObjects(reads, path) || changesMembers(reads, path) }
	case "Policy.Read.All", "Policy.Read.ConditionalAccess": // https://learn.microsoft.com/graph/api/resources/appliedconditionalaccesspolicy
		return func(reads bool, path string) bool {
			return reads && strings.HasPrefix(path, strings.ToLower("/auditLogs/signIns"))
		}
	default:
		return besideOf(about)
	}
}

// besideOf is beside for the permissions on one kind of property.
func besideOf(about string) func(reads bool, path string) bool {
	switch {
	case about == "MailboxSettings":
		return func(reads bool, path string) bool { return reads && isPeople(path) }
	case about == "User-LifeCycleInfo": // employeeLeaveDateTime, https://learn.microsoft.com/graph/api/resources/user
		return func(_ bool, path string) bool { return isPeople(path) }
	case about == "CustomSecAttributeAssignment": // https://learn.microsoft.com/graph/custom-security-attributes-examples
		return func(_ bool, path string) bool {
			return isPeople(path) || path == "/serviceprincipals" || path == "/serviceprincipals/{id}"
		}
	case about == "Mail-Advanced": // what was sent, https://learn.microsoft.com/graph/api/message-update
		return func(reads bool, path string) bool { return !reads && isMailbox("Mail", path) }
	case strings.HasPrefix(about, "User-"):
		return func(reads bool, path string) bool { return !reads && isPeople(path) }
	case strings.HasPrefix(about, "Group-"):
		return changesGroups
	default:
		return nil
	}
}

func isPeople(path string) bool {
	return slices.Contains([]string{"/me", "/users", "/users/{id}", "/users/delta"}, path)
}

func isGroups(path string) bool { return path == "/groups" || path == "/groups/{id}" }

func changesGroups(reads bool, path string) bool { return !reads && isGroups(path) }

func changesMembers(reads bool, path string) bool {
	return !reads && (isGroups(path) || isMembership(path, "groups") || isMembership(path, "administrativeunits"))
}

// isMembership tells the members and owners of what a path begins with.
func isMembership(path, start string) bool {
	segments := strings.Split(strings.TrimPrefix(strings.TrimPrefix(path, "/"), "directory/"), "/")
	return len(segments) > 2 && segments[0] == start && (segments[2] == "members" || segments[2] == "owners")
}

// isDirectory tells what administrative units with restricted management hold.
func isDirectory(path string) bool {
	return slices.Contains([]string{"users", "groups", "devices", "administrativeunits", "directory"}, firstWord(path))
}

// returnsObjects tells lists of directory objects of more than one kind, of which those that the caller may not read come
// with their id alone.
func returnsObjects(reads bool, path string) bool {
	segments := strings.Split(strings.TrimPrefix(strings.TrimPrefix(path, "/"), "directory/"), "/")
	switch segments[0] {
	case "directoryobjects":
		return true // getByIds is a POST
	case "users", "me", "groups", "devices", "applications", "serviceprincipals", "administrativeunits", "directoryroles", "contacts":
		return reads && slices.ContainsFunc(segments[1:], isRelation)
	default:
		return false
	}
}

func isRelation(segment string) bool {
	switch segment {
	case "members", "transitivemembers", "owners", "memberof", "transitivememberof", "registeredowners", "registeredusers",
		"ownedobjects", "createdobjects", "acceptedsenders", "rejectedsenders", "sponsors":
		return true
	default:
		return false
	}
}

// isMailbox tells the parts of a mailbox that permissions about something also reach where others share them
// (https://learn.microsoft.com/graph/outlook-share-messages-folders, https://learn.microsoft.com/graph/outlook-get-shared-events-calendars).
func isMailbox(about, path string) bool {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if segments[0] == "users" {
		segments = segments[1:]
	} else if segments[0] != "me" {
		return false
	}
	if len(segments) < 2 {
		return false
	}
	part := segments[1]
	switch about {
	case "Mail", "Mail-Advanced":
		return slices.Contains([]string{"messages", "mailfolders", "sendmail"}, part)
	case "Calendars":
		return strings.HasPrefix(part, "calendar") || slices.Contains([]string{"events", "findmeetingtimes", "reminderview"}, part)
	case "Contacts":
		return strings.HasPrefix(part, "contact")
	case "Tasks":
		return slices.Contains([]string{"todo", "planner", "outlook", "tasks"}, part)
	default:
		return false
	}
}
