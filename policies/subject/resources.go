package subject

import (
	"slices"
	"strings"
	"sync"

	"leastwise/policies/catalog"
)

// How a permission was resolved.
const (
	byTenant    = "tenant"
	byCatalogue = "catalogue"
)

const (
	kindApplication = "application"
	kindDelegated   = "delegated"
)

// resource is an API that publishes permissions, as its service principal in the
// tenant shows it. Ids differ between clouds, so this table comes before the
// catalogue's.
type resource struct {
	number uint32           // tells it from all others; not 0
	roles  []wirePermission // application permissions, sorted by id
	scopes []wirePermission // delegated permissions, sorted by id
	byName map[string]int   // lower-cased value → index in scopes; only of long tables
	// Whether either list, or part of it, was not read.
	rolesUnread, scopesUnread bool
}

// longTable is the number of scopes from which a map pays. Almost every service
// principal publishes none or one, Microsoft Graph some eight hundred.
const longTable = 16

func newResource(sp *wireServicePrincipal) *resource {
	r := &resource{
		roles: sortedByID(sp.AppRoles), scopes: sortedByID(sp.Scopes),
		rolesUnread: unread(sp.AppRoles), scopesUnread: unread(sp.Scopes),
	}
	if len(r.scopes) < longTable {
		return r
	}
	r.byName = make(map[string]int, len(r.scopes))
	for i, scope := range r.scopes {
		r.byName[strings.ToLower(scope.Value)] = i
	}
	return r
}

// unread reports whether a list, or the id of one of its members, was not read.
func unread(permissions []wirePermission) bool {
	return permissions == nil || slices.ContainsFunc(permissions, func(p wirePermission) bool { return p.ID == "" })
}

// table is the list of a kind, and whether it may lack what has an id.
func (r *resource) table(kind, id string) (list []wirePermission, lacks bool) {
	list, lacks = r.roles, r.rolesUnread
	if kind == kindDelegated {
		list, lacks = r.scopes, r.scopesUnread
	}
	_, nameless := slices.BinarySearchFunc(list, id, func(p wirePermission, id string) int { return strings.Compare(p.ID, id) })
	return list, lacks || nameless
}

func sortedByID(permissions []wirePermission) []wirePermission {
	for i := range permissions {
		permissions[i].ID = strings.ToLower(permissions[i].ID)
	}
	slices.SortFunc(permissions, func(a, b wirePermission) int { return strings.Compare(a.ID, b.ID) })
	return permissions
}

// scope finds a delegated permission by its value, whatever the case.
func (r *resource) scope(value string) (wirePermission, bool) {
	if r.byName != nil {
		i, ok := r.byName[strings.ToLower(value)]
		if !ok {
			return wirePermission{}, false
		}
		return r.scopes[i], true
	}
	i := slices.IndexFunc(r.scopes, func(p wirePermission) bool { return strings.EqualFold(p.Value, value) })
	if i < 0 {
		return wirePermission{}, false
	}
	return r.scopes[i], true
}

func find(permissions []wirePermission, id string) (string, bool) {
	i, ok := slices.BinarySearchFunc(permissions, id, func(p wirePermission, id string) int {
		return strings.Compare(p.ID, id)
	})
	if !ok || permissions[i].Value == "" {
		return "", false
	}
	return permissions[i].Value, true
}

// publishes reports whether a role or a scope has an id.
func (r *resource) publishes(id string) bool {
	compare := func(p wirePermission, id string) int { return strings.Compare(p.ID, id) }
	_, role := slices.BinarySearchFunc(r.roles, id, compare)
	_, scope := slices.BinarySearchFunc(r.scopes, id, compare)
	return role || scope
}

// id is the number of a resource; 0 for none.
func (r *resource) id() uint32 {
	if r == nil {
		return 0
	}
	return r.number
}

// resolved is what is known of one permission.
type resolved struct {
	key, value, id, kind, by string
	tier                     string
	narrower                 []string
	userConsent              *bool // nil when it is not catalogued
	deprecated               bool
}

// resolver turns permission ids and names into keys.
type resolver struct {
	catalogue *catalog.Catalogue
	cloud     string
	known     sync.Map // question → resolved: a few hundred permissions make up all grants
}

// question is what resolved is the answer to.
type question struct {
	res                uint32 // number of the resource; 0 for none
	appID, kind, asked string
	named              bool // asked is a name, not an id
}

// byID resolves a permission by id. The table of the declared kind comes first,
// because a few APIs use one id for a role and a scope; a match in the other table
// counts as well, for a manifest may state the wrong type, unless the first was not read.
func (r *resolver) byID(res *resource, resourceAppID, kind, id string) resolved {
	return r.once(question{res.id(), resourceAppID, kind, id, false}, func() resolved {
		return r.findByID(res, resourceAppID, kind, id)
	})
}

func (r *resolver) once(q question, find func() resolved) resolved {
	if known, ok := r.known.Load(q); ok {
		return known.(resolved)
	}
	found := find()
	r.known.Store(q, found)
	return found
}

func (r *resolver) findByID(res *resource, resourceAppID, kind, id string) resolved {
	resourceAppID, id = strings.ToLower(resourceAppID), strings.ToLower(id)
	order := []string{kindApplication, kindDelegated}
	if kind == kindDelegated {
		slices.Reverse(order)
	}
	for _, k := range order {
		if res == nil {
			break
		}
		table, lacks := res.table(k, id)
		if value, ok := find(table, id); ok {
			return r.rate(resolved{value: value, id: id, kind: k, by: byTenant}, resourceAppID)
		}
		if lacks {
			break
		}
	}
	matches := r.catalogue.ByID(r.cloud, resourceAppID, id)
	for _, k := range order {
		for _, match := range matches {
			if string(match.Kind) == k {
				return r.rate(resolved{value: match.Value, id: id, kind: k, by: byCatalogue}, resourceAppID)
			}
		}
	}
	unresolved := resolved{id: id, kind: kind}
	if resourceAppID != "" && id != "" && kind != "" {
		unresolved.key = resourceAppID + "/" + kind + "/" + id
	}
	return unresolved
}

// byName resolves a delegated permission by its value: grants hold names.
func (r *resolver) byName(res *resource, resourceAppID, value string) resolved {
	return r.once(question{res.id(), resourceAppID, kindDelegated, value, true}, func() resolved {
		return r.findByName(res, resourceAppID, value)
	})
}

func (r *resolver) findByName(res *resource, resourceAppID, value string) resolved {
	resourceAppID = strings.ToLower(resourceAppID)
	p := resolved{value: value, kind: kindDelegated}
	if res != nil {
		if scope, ok := res.scope(value); ok {
			p.value, p.id, p.by = scope.Value, scope.ID, byTenant
		}
	}
	if entry, ok := r.catalogue.Lookup(resourceAppID, catalog.Kind(kindDelegated), value); ok && p.by == "" {
		p.value, p.id, p.by = entry.Value, entry.ID, byCatalogue
	}
	return r.rate(p, resourceAppID)
}

// rate adds key, tier and narrower alternatives. A permission that the catalogue
// does not know is unrated; one that could not be resolved has no tier.
func (r *resolver) rate(p resolved, resourceAppID string) resolved {
	if resourceAppID != "" {
		p.key = resourceAppID + "/" + p.kind + "/" + p.value
	}
	if p.by == "" {
		return p
	}
	p.tier = string(catalog.Unrated)
	if entry, ok := r.catalogue.Lookup(resourceAppID, catalog.Kind(p.kind), p.value); ok {
		p.tier, p.narrower = string(entry.Tier), append([]string{}, entry.Narrower...)
		p.userConsent, p.deprecated = new(entry.UserConsent && p.kind == kindDelegated), entry.Deprecated
	}
	return p
}
