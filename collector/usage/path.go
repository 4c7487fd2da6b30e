package usage

import (
	"net/url"
	"slices"
	"strings"
)

// pathOf is the path of a request, without version, query and host: /users/… of
// https://graph.microsoft.com/v1.0//users/…?$top=1. Some callers double slashes, and
// Microsoft Graph takes it.
func pathOf(link string) (path, host string, ok bool) {
	if i := strings.IndexAny(link, "?#"); i >= 0 {
		link = link[:i]
	}
	if _, rest, found := strings.Cut(link, "://"); found {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			i = len(rest)
		}
		host, link = strings.ToLower(rest[:i]), rest[i:]
	}
	if link != "" && link[0] != '/' {
		return "", "", false
	}
	for strings.Contains(link, "//") {
		link = strings.ReplaceAll(link, "//", "/")
	}
	for _, version := range []string{"/v1.0", "/beta"} {
		if rest := len(version); len(link) >= rest && strings.EqualFold(link[:rest], version) && (len(link) == rest || link[rest] == '/') {
			link = link[rest:]
			break
		}
	}
	link = strings.TrimSuffix(link, "/")
	if link == "" {
		link = "/"
	}
	return link, host, true
}

// fold keeps the first parts of a path.
func fold(path string, parts int) string {
	end := 0
	for ; parts > 0; parts-- {
		next := strings.IndexByte(path[min(end+1, len(path)):], '/')
		if next < 0 {
			return path
		}
		end += next + 1
	}
	return path[:end] + Folded
}

// scrubbed makes sure that nothing in a template looks like an id of a person or of an
// object, whoever made the template.
func scrubbed(path string) string {
	if plainPath(path) {
		return path
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if i > 0 && suspicious(part) {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// plainPath reports whether a path holds nothing but letters, braces and slashes, in parts
// of which none is long.
func plainPath(path string) bool {
	length := 0
	for i := range len(path) {
		switch c := path[i] | 0x20; {
		case path[i] == '/':
			length = 0
			continue
		case (c < 'a' || c > 'z') && path[i] != '{' && path[i] != '}':
			return false
		}
		if length++; length > longest {
			return false
		}
	}
	return true
}

// longest is how long a word of Microsoft Graph is at most: the names of some functions
// of device management are long.
const longest = 80

// suspicious reports whether a part of a path may be an id: it begins with a digit or has
// many, has signs that words have not, or is too long for one. Arguments in parentheses
// may hold names of parameters only.
func suspicious(part string) bool {
	if part == "" || part == "{id}" || part == Folded[1:] {
		return false
	}
	name, arguments, _ := strings.Cut(part, "(")
	arguments = strings.TrimSuffix(strings.NewReplacer("'{id}'", "", "{id}", "").Replace(arguments), ")")
	digits := 0
	for i := range len(name) {
		if name[i] >= '0' && name[i] <= '9' {
			digits++
		}
	}
	return digits > 3 || name != "" && name[0] >= '0' && name[0] <= '9' || len(name) > longest ||
		strings.Trim(name, letters+digitsAndSigns) != "" || strings.Trim(arguments, letters+"=,@:") != ""
}

const (
	letters        = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digitsAndSigns = "0123456789$._-:{}"
)

// conservative makes a template where nobody knows the templates: of each part of the path
// it keeps well-known words, and of functions the name. What it does not know, a name as
// much as an id, becomes {id}.
func conservative(path string) string {
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		name, _, called := strings.Cut(part, "(")
		_, known := slices.BinarySearch(words(), strings.ToLower(name))
		switch {
		case i == 0 || part == "":
		case known && called:
			parts[i] = name + "({id})"
		case known:
		default:
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// words are well-known parts of paths of Microsoft Graph, sorted, in lower case.
func words() []string {
	return []string{
		"$batch", "$count", "$ref", "$value", "acquireaccesstoken", "activate", "addkey", "addpassword", "admin",
		"administrativeunits", "applications", "approleassignedto", "approleassignments", "assignlicense", "attachments",
		"auditlog", "auditlogs", "authentication", "authenticationmethodspolicy", "calendar", "calendars", "calendarview",
		"channels", "chats", "children", "columns", "contacts", "containers", "containertyperegistrations", "containertypes",
		"content", "copy", "createdobjects", "createlink", "createuploadsession", "delegatedpermissionclassifications",
		"deleteditems", "delta", "devicemanagement", "devices", "directory", "directoryaudits", "directoryobjects",
		"directoryroles", "domains", "drive", "drives", "events", "federatedidentitycredentials", "filestorage", "getbyids",
		"groups", "identity", "invitations", "invite", "items", "jobs", "joinedteams", "lists", "mailboxsettings",
		"mailfolders", "managedevices", "manager", "me", "memberof", "members", "messages", "oauth2permissiongrants",
		"onenote", "onlinemeetings", "organization", "ownedobjects", "owners", "permissiongrants", "permissions", "photo",
		"places", "planner", "policies", "presence", "records", "registeredowners", "removekey", "removepassword", "reports",
		"restart", "rolemanagement", "root", "schema", "search", "security", "send", "sendmail", "serviceprincipals",
		"sessions", "sites", "start", "subscribedskus", "subscriptions", "synchronization", "tabs", "tasks",
		"teams", "templates", "todo", "transitivememberof", "transitivemembers", "users", "versions", "workbook",
	}
}
