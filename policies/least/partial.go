package least

import (
	"slices"
	"strings"

	"leastwise/policies/catalog"
)

// Partial reports whether a permission reaches a part of the objects of an address only, or a part of their properties, as
// its name tells: those that the application owns or made, that were chosen for it, agents' users among users, a
// signed-in user among users. The address of a call does not tell whether that part would do. The address may be that of
// a request or a template, without version.
// https://learn.microsoft.com/graph/permissions-reference
// https://learn.microsoft.com/graph/permissions-selected-overview
func Partial(kind catalog.Kind, path, value string) bool {
	about, _, _ := strings.Cut(value, ".")
	start := firstWord(path)
	people := start == "users" || start == "me" || start == "groups"
	switch {
	case slices.ContainsFunc(strings.Split(value, "."), ofSome):
		return true
	case strings.HasPrefix(about, "AgentId"):
		return !strings.Contains(strings.ToLower(path), "agentid")
	case strings.Contains(about, "-") && about != "Mail-Advanced": // one property, or one workload
		return true
	case people && strings.HasPrefix(about, "DeviceManagement"): // what Intune manages
		return true
	default:
		return kind == catalog.Delegated && start == "users" && (value == "User.Read" || value == "User.ReadWrite")
	}
}

// ofSome tells the parts of names that say which objects are reached.
func ofSome(part string) bool {
	switch part {
	case "OwnedBy", "CreatedByApp", "ManagedBy", "IdentityParentedBy", "Selected", "AppFolder", "WhereInstalled", "CreateAsManager", "CreateFromOwnedTemplate":
		return true
	default:
		return strings.Contains(part, "SelfFor") || strings.Contains(part, "SelectedFor")
	}
}

func firstWord(path string) string {
	word, _, _ := strings.Cut(strings.TrimPrefix(catalog.NormalPath(path), "/"), "/")
	word, _, _ = strings.Cut(word, "(")
	return word
}

// MayServe reports whether a permission may serve a call that others allow: for properties that are asked for in its
// query or named in its body, which no log of addresses holds. Such a permission is never known to be needless.
// https://learn.microsoft.com/graph/api/user-list
// https://learn.microsoft.com/graph/api/user-update
func MayServe(call Call, value string) bool {
	about, _, _ := strings.Cut(value, ".")
	switch {
	case about == "AuditLog", about == "CustomSecAttributeAssignment", about == "MailboxSettings", value == "User.EnableDisableAccount.All":
	case value == "Group.ManageProtection.All", strings.HasPrefix(about, "User-"), strings.HasPrefix(about, "Group-"):
	default:
		return false // without a look at the address
	}
	reads := call.Method == "GET" || call.Method == "HEAD"
	switch catalog.NormalPath(call.Path) {
	case "/me", "/users", "/users/{id}", "/users/delta":
		if reads {
			// signInActivity, customSecurityAttributes, employeeLeaveDateTime, mailboxSettings
			return value == "AuditLog.Read.All" || slices.Contains([]string{"CustomSecAttributeAssignment", "User-LifeCycleInfo", "MailboxSettings"}, about)
		}
		return about == "CustomSecAttributeAssignment" || value == "User.EnableDisableAccount.All" || strings.HasPrefix(about, "User-")
	case "/serviceprincipals", "/serviceprincipals/{id}":
		return about == "CustomSecAttributeAssignment"
	case "/groups", "/groups/{id}":
		return !reads && (strings.HasPrefix(about, "Group-") || value == "Group.ManageProtection.All")
	default:
		return false
	}
}

// Narrow lists the permissions of the set that allow a call and may yet give less than it is made for: those that reach a
// part of the objects (see Partial), and ReadBasic, which returns fewer properties, no body of a message for one.
func (s *Solution) Narrow(kind catalog.Kind) []string {
	narrow := []string{}
	for _, cover := range s.Cover {
		_, path, _ := strings.Cut(cover.Operation, " ")
		for _, value := range cover.By {
			if strings.Contains(value, ".ReadBasic") || Partial(kind, path, value) {
				narrow = append(narrow, value)
			}
		}
	}
	return distinct(narrow)
}
