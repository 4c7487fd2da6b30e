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
		return OfSelf(kind, path, value)
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

// OfSelf reports whether a delegated permission reaches what is the signed-in user's among what is anybody's: User.Read
// at /users/{id}, where User.Read.All reaches other people as well. Those of all end in .All, and those of what is shared in
// .Shared. Whose id it was, no template tells. The address may be that of a request or a template, without version.
// https://learn.microsoft.com/graph/permissions-overview#permissions-naming-pattern
func OfSelf(kind catalog.Kind, path, value string) bool {
	if kind != catalog.Delegated {
		return false
	}
	about, right, _ := strings.Cut(value, ".")
	if about == "" || right == "" || strings.Contains(right, ".") || right == "All" || firstWord(path) != "users" {
		return false
	}
	return strings.HasPrefix(catalog.NormalPath(path), "/users/{id}")
}

// Narrow lists the permissions of the set that allow a call and may yet give less than it is made for: those that reach a
// part of the objects (see Partial), ReadBasic, which returns fewer properties, no body of a message for one, and those by
// which a list of members comes without their names, where the set holds nothing that reads them.
func (s *Solution) Narrow(kind catalog.Kind) []string {
	narrow := []string{}
	named := slices.ContainsFunc(s.Permissions, readsPeople)
	for _, cover := range s.Cover {
		method, path, _ := strings.Cut(cover.Operation, " ")
		stubs := !named && returnsObjects(method == "GET" || method == "HEAD", catalog.NormalPath(path))
		for _, value := range cover.By {
			if stubs || strings.Contains(value, ".ReadBasic") || Partial(kind, path, value) {
				narrow = append(narrow, value)
			}
		}
	}
	return distinct(narrow)
}

func readsPeople(value string) bool {
	return strings.HasPrefix(value, "Directory.Read") || strings.HasPrefix(value, "User.Read") && strings.HasSuffix(value, ".All")
}
