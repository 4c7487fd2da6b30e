package manifest

import (
	"slices"
	"strings"
)

// Scopes, as rows name them.
const (
	scopeAll    = "all"
	scopeList   = "list"
	scopeFilter = "filter"
)

// narrowing is what one place says of whose data is read.
type narrowing struct {
	groups    []string
	filter    string
	hasGroups bool // the member is there, and may be empty
	hasFilter bool
	at        *node
}

// readScope reads whose data is asked for: that of the members of groups, of users
// that a filter selects, or of everybody
// (https://learn.microsoft.com/azure/data-factory/connector-office-365). Members in
// the dataset still count where the activity has none. Empty ones count as absent. It
// returns false when nothing narrows the scope.
func (w *world) readScope(r *row, source *node, input, linked *binding, s *scope) bool {
	own, c := w.narrowing(source, s.env)
	if c == nil {
		c = w.fabricScope(&own, source, s)
	}
	if c == nil && input != nil && !input.inline {
		var old narrowing
		if old, c = w.narrowing(input.def.props.get("typeProperties"), input.datasetEnv()); c == nil {
			c = own.inherit(old)
		}
	}
	if c == nil && linked != nil && len(own.groups) == 0 && own.filter == "" {
		c = w.legacyGroups(linked)
	}
	switch {
	case c != nil:
	case len(own.groups) > 0 && own.filter != "":
		c = because(own.at, "it has both allowedGroups and userScopeFilterUri, which are alternatives")
	case len(own.groups) > 0:
		r.Scope, r.Groups = scopeList, own.groups
	case own.filter != "":
		r.Scope, r.Filter = scopeFilter, own.filter
	default:
		r.Scope = scopeAll
	}
	if c != nil {
		r.open(fieldScope, c)
	}
	return r.Scope != scopeAll
}

// inherit takes what is absent from an older place. That an empty member makes the
// older one void is documented nowhere, so the scope is then not known.
func (n *narrowing) inherit(old narrowing) *cause {
	if len(old.groups) > 0 {
		if n.hasGroups && len(n.groups) == 0 {
			return because(old.at, "the dataset names allowedGroups and the activity empties them")
		}
		if !n.hasGroups {
			n.groups, n.at = old.groups, old.at
		}
	}
	if old.filter != "" {
		if n.hasFilter && n.filter == "" {
			return because(old.at, "the dataset has a userScopeFilterUri and the activity empties it")
		}
		if !n.hasFilter {
			n.filter, n.at = old.filter, old.at
		}
	}
	return nil
}

func (w *world) narrowing(at *node, in *env) (narrowing, *cause) {
	w.fresh()
	n := narrowing{at: at}
	if groups := at.get("allowedGroups"); present(groups) {
		n.hasGroups, n.at = true, groups
		var c *cause
		if n.groups, c = w.groups(groups, in); c != nil {
			return n, c
		}
	}
	if filter := at.get("userScopeFilterUri"); present(filter) {
		n.hasFilter, n.at = true, filter
		v := w.evaluate(filter, in)
		text, c, ok := v.known()
		switch {
		case v.sort == nullSort:
		case !ok && c == nil:
			return n, because(filter, "userScopeFilterUri is no text")
		case !ok:
			return n, c
		case strings.TrimSpace(text) != "":
			n.filter = text
		}
	}
	return n, nil
}

// groups reads object ids of groups. One text is one group.
func (w *world) groups(at *node, in *env) ([]string, *cause) {
	v := w.evaluate(at, in)
	elements := v.list
	switch v.sort {
	case nullSort, listSort:
	case textSort, unknownSort:
		plain, c, ok := v.known()
		if !ok {
			return nil, c
		}
		if plain = strings.TrimSpace(plain); plain != "" {
			if !isGUID(strings.ToLower(plain)) {
				return nil, because(at, "allowedGroups is no list")
			}
			elements = []value{v}
		}
	default:
		return nil, because(at, "allowedGroups is no list")
	}
	var groups []string
	for _, element := range elements {
		id, c, ok := element.known()
		if id = strings.TrimSpace(id); !ok || id == "" {
			if c == nil {
				c = because(at, "one of allowedGroups is no text")
			}
			return nil, c
		}
		if lower := strings.ToLower(id); isGUID(lower) {
			id = lower
		}
		groups = append(groups, id)
	}
	return groups, nil
}

// fabricScope reads the member scope of Fabric
// (https://learn.microsoft.com/fabric/data-factory/connector-microsoft-365-copy-activity):
// an object that holds the other members, or the filter itself. What other texts it
// may hold is not documented; groups and filter stand beside them. One that does not say
// the same as they do leaves the scope unknown.
func (w *world) fabricScope(n *narrowing, source *node, s *scope) *cause {
	at := source.get("scope")
	if !present(at) {
		return nil
	}
	v := w.evaluate(at, s.env)
	if v.sort == objectSort {
		return w.scopeObject(n, at, s)
	}
	plain, c, ok := v.known()
	switch {
	case v.sort == nullSort, ok && strings.TrimSpace(plain) == "":
	case !ok && c == nil:
		return because(at, "the scope is no text")
	case !ok:
		return c
	case strings.HasPrefix(strings.ToLower(strings.TrimSpace(plain)), "http"):
		if n.filter != "" && n.filter != plain {
			return because(at, "scope and userScopeFilterUri are two filters")
		}
		n.filter, n.at = plain, at
	case len(n.groups) > 0 || n.filter != "":
		return because(at, "scope is a text, and allowedGroups or userScopeFilterUri stands beside it: which of them counts is not documented")
	}
	return nil
}

// scopeObject reads a scope that is an object.
func (w *world) scopeObject(n *narrowing, at *node, s *scope) *cause {
	if at.shape != anObject || isExpression(at) {
		return because(at, "the scope is an object that an expression stands for")
	}
	inner, c := w.narrowing(at, s.env)
	switch {
	case c != nil:
		return c
	case len(n.groups) > 0 && inner.hasGroups && !sameGroups(n.groups, inner.groups):
		return because(at, "scope and allowedGroups name different groups")
	case n.filter != "" && inner.hasFilter && n.filter != inner.filter:
		return because(at, "scope and userScopeFilterUri are two filters")
	}
	if len(n.groups) == 0 {
		n.groups = inner.groups
	}
	if n.filter == "" {
		n.filter = inner.filter
	}
	if len(n.groups) == 0 && n.filter == "" {
		return nil
	}
	for _, m := range at.members {
		if !strings.EqualFold(m.name, "allowedGroups") && !strings.EqualFold(m.name, "userScopeFilterUri") {
			return because(m.value, "what %s in the scope does to the groups or the filter is not documented", m.name)
		}
	}
	return nil
}

// sameGroups compares sets.
func sameGroups(a, b []string) bool {
	within := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(group string) bool { return !slices.Contains(b, group) })
	}
	return within(a, b) && within(b, a)
}

// legacyGroups looks for groups in the linked service, where first versions had them.
// Whether they still count is documented nowhere.
func (w *world) legacyGroups(linked *binding) *cause {
	at := linked.def.props.path("typeProperties", "allowedGroups")
	if !present(at) {
		return nil
	}
	groups, c := w.groups(at, linked.linkedEnv())
	if c == nil && len(groups) > 0 {
		c = because(at, "the linked service names allowedGroups: whether they still count there is not documented")
	}
	return c
}
