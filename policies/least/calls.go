package least

import (
	"slices"
	"strings"

	"leastwise/policies/catalog"
)

// MicrosoftGraph is the appId of Microsoft Graph, whose calls are logged
// (https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in).
const MicrosoftGraph = "00000003-0000-0000-c000-000000000000"

// Call is an operation of Microsoft Graph as an address: of a request or a template, with or without version.
type Call struct{ Method, Path string }

// String names the call as problems and solutions do.
func (c Call) String() string { return c.Method + " " + c.Path }

// ForCalls makes the problem of calls of Microsoft Graph with permissions of one kind. granted are the values of that kind
// held on Microsoft Graph. Permissions weigh what their tiers weigh; of those that weigh the same, one that is marked the
// least of some call comes before others, then one that names fewer others as narrower, then one that only reads.
//
// A call that the catalogue does not know, or knows to be closed to this kind, comes out as uncovered; so does one whose
// address was cut short, which ends in {…}. A permission that reaches a part of the objects only (see Partial) counts
// for a call where it is marked the least, where it is the only one, or where it alone is held and so is seen to do. One
// that reaches what is the user's own only (see OfSelf) counts as well where another such one is seen to do, and not for being
// marked, which is for users who call for themselves.
func ForCalls(c *catalog.Catalogue, kind catalog.Kind, calls []Call, granted []string) Problem {
	return problemOf(c, kind, calls, granted, true)
}

// ForDeclared makes the problem of calls that are to be made, as ForCalls does of calls that were. That a permission is
// held does not show that it would do for them.
func ForDeclared(c *catalog.Catalogue, kind catalog.Kind, calls []Call, granted []string) Problem {
	return problemOf(c, kind, calls, granted, false)
}

func problemOf(c *catalog.Catalogue, kind catalog.Kind, calls []Call, granted []string, seen bool) Problem {
	m := maker{catalogue: c, kind: kind, held: map[string]bool{}, marked: map[string]bool{}, seen: seen}
	p := Problem{Operations: make([]Operation, 0, len(calls)), Weight: m.weight, Breadth: m.breadth}
	for _, value := range granted {
		named := m.named(value)
		m.held[named] = true
		p.Granted = append(p.Granted, named)
		if kind == catalog.Delegated && signsIn(named) || slices.ContainsFunc(calls, func(call Call) bool { return MayServe(call, named) }) {
			p.Kept = append(p.Kept, named)
		}
	}
	for _, call := range calls {
		ways, own := m.ways(call)
		p.Operations = append(p.Operations, Operation{Name: call.String(), Ways: ways})
		if !seen {
			p.Kept = append(p.Kept, own...)
		}
	}
	return p
}

// maker makes the problem of calls.
type maker struct {
	catalogue *catalog.Catalogue
	kind      catalog.Kind
	held      map[string]bool
	marked    map[string]bool // least of some call
	seen      bool            // whether the calls were made
}

// named gives a value the catalogue's spelling.
func (m *maker) named(value string) string {
	if p, ok := m.catalogue.Lookup(MicrosoftGraph, m.kind, value); ok {
		return p.Value
	}
	return value
}

func (m *maker) weight(value string) int {
	if p, ok := m.catalogue.Lookup(MicrosoftGraph, m.kind, value); ok {
		return p.Tier.Weight()
	}
	return catalog.Unrated.Weight()
}

// breadth counts most that a permission is the least for no call, then how many steps there are from it to the narrowest
// of its alternatives, then that it writes.
func (m *maker) breadth(value string) int {
	const unmarked, steps, writing = 8, 2, 1
	breadth := steps * min(m.catalogue.Depth(MicrosoftGraph, m.kind, value), 3)
	if !m.marked[value] {
		breadth += unmarked
	}
	if catalog.Writes(value) {
		breadth += writing
	}
	return breadth
}

// ways gives the ways to be allowed a call, and which held permissions allow it for what is the user's own only and are
// in none of them. It notes which permissions are marked the least for it.
func (m *maker) ways(call Call) (ways [][]string, own []string) {
	if strings.HasSuffix(call.Path, "{…}") {
		return nil, nil
	}
	all, _ := m.catalogue.Allows(m.kind, call.Method, call.Path)
	var whole, parts, ofSelf [][]string
	for _, alternative := range all {
		if alternative.Resource != "" && alternative.Resource != MicrosoftGraph {
			continue
		}
		way := make([]string, 0, len(alternative.Permissions))
		for _, value := range alternative.Permissions {
			way = append(way, m.named(value))
			m.marked[m.named(value)] = m.marked[m.named(value)] || alternative.Least
		}
		switch {
		case slices.ContainsFunc(way, func(value string) bool { return OfSelf(m.kind, call.Path, value) }):
			ofSelf = append(ofSelf, way)
		case !alternative.Least && slices.ContainsFunc(way, func(value string) bool { return Partial(m.kind, call.Path, value) }):
			parts = append(parts, way)
		default:
			whole = append(whole, way)
		}
	}
	switch {
	case len(whole) == 0:
		return append(parts, ofSelf...), nil
	case m.seen && !slices.ContainsFunc(whole, m.holds):
		if slices.ContainsFunc(ofSelf, m.holds) {
			whole = append(whole, ofSelf...)
			for _, value := range slices.Concat(ofSelf...) {
				m.marked[value] = true
			}
		}
		return append(whole, slices.DeleteFunc(parts, func(way []string) bool { return !m.holds(way) })...), nil
	default:
		return whole, slices.Concat(slices.DeleteFunc(ofSelf, func(way []string) bool { return !m.holds(way) })...)
	}
}

func (m *maker) holds(way []string) bool {
	return !slices.ContainsFunc(way, func(value string) bool { return !m.held[value] })
}

// signsIn tells the scopes of OpenID Connect. They shape the sign-in and its tokens, which no call of Microsoft Graph shows
// (https://learn.microsoft.com/entra/identity-platform/scopes-oidc).
func signsIn(value string) bool {
	switch strings.ToLower(value) {
	case "openid", "profile", "email", "offline_access":
		return true
	default:
		return false
	}
}
