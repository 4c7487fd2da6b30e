// Package catalog says what is known of API permissions: how much harm each can do (its tier), why, which permission
// would do with less, and under which id each cloud publishes it; and of the datasets of Microsoft Graph Data Connect: their
// columns, and which of them are sensitive.
//
// The tiers, judged by what the holder can do at worst:
//
//   - critical: takes over the tenant or grants itself more
//   - high: reads content of the whole tenant (mail, files, chats, secrets) or writes anything important tenant-wide
//   - medium: reads the directory or settings tenant-wide, writes narrowly, or holds the signed-in user's mail, files or chats
//   - low: signs the user in, or reads or keeps other data of the signed-in user
//
// A delegated permission is bounded by its user: one that serves administrators only is judged with an administrator
// signed in, any other with an ordinary member. A permission that the catalogue does not hold is unrated, not harmless.
package catalog

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Kind tells how a permission is held.
type Kind string

// The kinds. An application permission (app role) acts without a user, a delegated one (scope) as its user. A
// resource-specific one belongs to an app in Teams and reaches the team, chat, meeting or user it is installed in or for;
// it is only ever looked up by name (https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/resource-specific-consent).
const (
	Application      Kind = "application"
	Delegated        Kind = "delegated"
	ResourceSpecific Kind = "rsc"
)

// Tier rates what the holder of a permission can do at worst. The package comment has the criteria.
type Tier string

// The tiers, worst first.
const (
	Critical Tier = "critical"
	High     Tier = "high"
	Medium   Tier = "medium"
	Low      Tier = "low"
	Unrated  Tier = "unrated"
)

// Rank orders tiers: 4 for critical down to 1 for low. Unrated ranks 0, which means unknown and not harmless.
func (t Tier) Rank() int {
	switch t {
	case Critical:
		return 4
	case High:
		return 3
	case Medium:
		return 2
	case Low:
		return 1
	default:
		return 0
	}
}

// Permission is one permission of one resource, of one kind.
type Permission struct {
	Resource string            `json:"resource,omitempty"` // appId of the API, lower case
	Value    string            `json:"value"`              // as in a token: User.Read.All
	Kind     Kind              `json:"kind"`
	ID       string            `json:"id,omitempty"`  // in the global cloud; none for resource-specific ones
	IDs      map[string]string `json:"ids,omitempty"` // by cloud, where it differs: usgov, dod, china; personal for Microsoft accounts
	Tier     Tier              `json:"tier"`
	Why      string            `json:"why,omitempty"`      // one sentence: what the holder can do
	Narrower []string          `json:"narrower,omitempty"` // permissions of the same kind and resource that serve a typical use with less

	UserConsent bool `json:"user_consent,omitempty"` // delegated: users may agree alone, where the tenant lets them
	Deprecated  bool `json:"deprecated,omitempty"`
	Hidden      bool `json:"hidden,omitempty"` // not offered in the portal
}

// IDIn gives the permission's id in a cloud, empty for a cloud it does not know. Where nothing else is known the id is that
// of the global cloud. The two US government clouds share one login authority, so dod falls back on usgov.
// https://learn.microsoft.com/graph/deployments
func (p Permission) IDIn(cloud string) string {
	switch table(cloud) {
	case "global":
		return p.ID
	case "usgov":
		return cmp.Or(p.IDs["usgov"], p.ID)
	case "dod":
		return cmp.Or(p.IDs["dod"], p.IDs["usgov"], p.ID)
	case "china":
		return cmp.Or(p.IDs["china"], p.ID)
	default:
		return ""
	}
}

func (p Permission) clone() Permission {
	p.IDs = maps.Clone(p.IDs)
	p.Narrower = slices.Clone(p.Narrower)
	return p
}

// Catalogue holds all permissions, and all datasets of Data Connect, that are known. It never changes after loading; goroutines may share it.
type Catalogue struct {
	resources   map[string]string
	permissions []Permission
	byKey       map[key]int
	byID        map[idKey][]int
	datasets    []Dataset
	byTable     map[string]int
	operations  []Operation
	byOperation map[operationKey]byKind
}

type key struct {
	resource string
	kind     Kind
	value    string // lower case
}

type idKey struct{ table, resource, id string }

// Lookup finds a permission by its value, in any letter case.
func (c *Catalogue) Lookup(resourceAppID string, kind Kind, value string) (Permission, bool) {
	i, ok := c.byKey[key{strings.ToLower(resourceAppID), kind, strings.ToLower(value)}]
	if !ok {
		return Permission{}, false
	}
	return c.permissions[i].clone(), true
}

// ByID finds the permissions that carry an id in a cloud: global, gcc, usgov, dod, china or custom, which has the ids of
// global. There may be two, since a resource may publish an application and a delegated permission under one id, as the
// Office 365 Management APIs do; the application permission comes first. None for a cloud it does not know.
// https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis
func (c *Catalogue) ByID(cloud, resourceAppID, id string) []Permission {
	found := c.byID[idKey{table(cloud), strings.ToLower(resourceAppID), strings.ToLower(id)}]
	var permissions []Permission
	for _, i := range found {
		permissions = append(permissions, c.permissions[i].clone())
	}
	return permissions
}

// Resources gives the display name of each API that is known, by appId.
func (c *Catalogue) Resources() map[string]string {
	return maps.Clone(c.resources)
}

// All yields every permission, sorted by resource, value and kind.
func (c *Catalogue) All() iter.Seq[Permission] {
	return func(yield func(Permission) bool) {
		for _, p := range c.permissions {
			if !yield(p.clone()) {
				return
			}
		}
	}
}

// tables lists the clouds that have ids of their own.
func tables() []string { return []string{"global", "usgov", "dod", "china"} }

// table names the cloud whose ids a cloud uses. GCC lives in the global cloud, and a custom cloud is a stand-in for it.
func table(cloud string) string {
	switch cloud {
	case "global", "gcc", "custom":
		return "global"
	case "usgov", "dod", "china":
		return cloud
	default:
		return ""
	}
}

// idsIn gives every id under which a table knows the permission. Microsoft accounts sign in to the global cloud.
func (p Permission) idsIn(table string) []string {
	if p.ID == "" {
		return nil
	}
	ids := []string{p.IDIn(table)}
	if personal := p.IDs["personal"]; personal != "" && table == "global" {
		ids = append(ids, personal)
	}
	return ids
}

func build(resources map[string]string, permissions []Permission) *Catalogue {
	slices.SortFunc(permissions, func(a, b Permission) int {
		return cmp.Or(
			cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(strings.ToLower(a.Value), strings.ToLower(b.Value)),
			cmp.Compare(a.Kind, b.Kind))
	})
	c := &Catalogue{resources: resources, permissions: permissions, byKey: make(map[key]int, len(permissions)), byID: map[idKey][]int{}}
	for i, p := range permissions {
		c.byKey[p.key()] = i
		for _, table := range tables() {
			for _, id := range p.idsIn(table) {
				at := idKey{table, p.Resource, id}
				c.byID[at] = append(c.byID[at], i)
			}
		}
	}
	return c
}

func (p Permission) key() key { return key{p.Resource, p.Kind, strings.ToLower(p.Value)} }
