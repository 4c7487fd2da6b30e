package dataconnect

import (
	"slices"
	"strings"
)

// consentEntry is a delegated grant as ConsentAction.Permissions holds it: what one client
// may do with one API, for one user or for all.
type consentEntry struct {
	client, resource  string // object ids of service principals
	consentType, user string
	scopes            []string
}

// parsePermissions reads ConsentAction.Permissions, which is no JSON:
//
//	[] => [[Id: …, ClientId: …, PrincipalId: , ResourceId: …, ConsentType: AllPrincipals, Scope: User.Read Mail.Read, CreatedDateTime: , LastModifiedDateTime ]];
//
// On the left stands what there was before, and the last key has no colon. Several such
// parts may follow each other. With a problem, nothing of it is to be trusted.
func parsePermissions(written string) (before, after []consentEntry, problem string) {
	rest, parts := strings.TrimSpace(written), 0
	for rest != "" {
		var from, to []consentEntry
		from, rest, problem = permissionList(rest)
		if problem != "" {
			return nil, nil, problem
		}
		rest = strings.TrimSpace(rest)
		right, arrow := strings.CutPrefix(rest, "=>")
		if !arrow {
			return nil, nil, "expected => after what there was before"
		}
		to, rest, problem = permissionList(right)
		if problem != "" {
			return nil, nil, problem
		}
		before, after, parts = append(before, from...), append(after, to...), parts+1
		rest = strings.TrimSpace(rest)
		if rest != "" && rest[0] != ';' && rest[0] != ',' && rest[0] != '[' {
			return nil, nil, "expected the end, or another list"
		}
		rest = strings.TrimLeft(rest, ";, \t\r\n")
	}
	if parts == 0 {
		return nil, nil, "it is empty"
	}
	return before, after, ""
}

// permissionList reads a list in brackets, of entries in brackets of their own; a single
// entry may do without.
func permissionList(text string) (entries []consentEntry, rest, problem string) {
	body, rest, ok := bracketed(text)
	if !ok {
		return nil, "", "expected a list in brackets"
	}
	body = strings.TrimSpace(body)
	if body != "" && body[0] != '[' {
		entry, problem := permissionEntry(body)
		return []consentEntry{entry}, rest, problem
	}
	for body != "" {
		inner, next, ok := bracketed(body)
		if !ok {
			return nil, "", "expected a grant in brackets"
		}
		entry, problem := permissionEntry(inner)
		if problem != "" {
			return nil, "", problem
		}
		entries = append(entries, entry)
		body = strings.TrimLeft(next, ",; \t\r\n")
	}
	return entries, rest, ""
}

// bracketed cuts off what stands in brackets at the beginning, those within included.
func bracketed(text string) (body, rest string, ok bool) {
	text = strings.TrimLeft(text, " \t\r\n")
	if !strings.HasPrefix(text, "[") {
		return "", "", false
	}
	depth := 0
	for i, c := range []byte(text) {
		switch c {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return text[1:i], text[i+1:], true
			}
		}
	}
	return "", "", false
}

// permissionKeys are the keys of a grant, in lower case. All others belong to the value
// before them.
var permissionKeys = []string{
	"id", "clientid", "principalid", "resourceid", "consenttype", "scope", "createddatetime", "lastmodifieddatetime", "starttime", "expirytime",
}

// permissionEntry reads one grant. Without an API, scopes, and for whom they are, it says
// nothing that could be relied on.
func permissionEntry(text string) (entry consentEntry, problem string) {
	values, last := map[string]string{}, ""
	for part := range strings.SplitSeq(text, ",") {
		key, value, colon := strings.Cut(part, ":")
		folded := strings.ToLower(strings.TrimSpace(key))
		switch {
		case slices.Contains(permissionKeys, folded):
			if _, again := values[folded]; again {
				return entry, "a grant has " + strings.TrimSpace(key) + " twice"
			}
			last, values[folded] = folded, strings.TrimSpace(value)
		case last == "":
			return entry, "a grant does not begin with a key that is known"
		case colon || strings.TrimSpace(part) != "":
			values[last] += "," + part
		}
	}
	entry.client, entry.resource, entry.user = strings.ToLower(values["clientid"]), strings.ToLower(values["resourceid"]), strings.ToLower(values["principalid"])
	entry.scopes = strings.FieldsFunc(values["scope"], func(r rune) bool { return strings.ContainsRune(" \t\r\n,;[]\"'", r) })
	consentType, known := consentTypeOf(values["consenttype"])
	entry.consentType = consentType
	switch {
	case !isGUID(entry.resource):
		return entry, "a grant without ResourceId"
	case values["clientid"] != "" && !isGUID(entry.client):
		return entry, "a grant whose ClientId is no id"
	case !known:
		return entry, "a grant whose ConsentType does not say for whom it is"
	case consentType == forOne && !isGUID(entry.user):
		return entry, "a grant for one user without PrincipalId"
	case len(entry.scopes) == 0:
		return entry, "a grant without Scope"
	}
	if consentType == forAll {
		entry.user = ""
	}
	return entry, ""
}

// lacking lists what of entries others do not have.
func lacking(entries, others []consentEntry) []consentEntry {
	var left []consentEntry
	for _, entry := range entries {
		var scopes []string
		for _, scope := range entry.scopes {
			if !hasScope(others, entry, scope) && !hasScope(left, entry, scope) && !containsFold(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
		if entry.scopes = scopes; len(scopes) > 0 {
			left = append(left, entry)
		}
	}
	return left
}

// hasScope reports whether entries hold a scope of the grant that entry is.
func hasScope(entries []consentEntry, entry consentEntry, scope string) bool {
	return slices.ContainsFunc(entries, func(e consentEntry) bool {
		return e.resource == entry.resource && e.consentType == entry.consentType && e.user == entry.user && containsFold(e.scopes, scope)
	})
}

func containsFold(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, want) })
}
