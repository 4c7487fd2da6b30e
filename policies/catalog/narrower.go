package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// narrower checks the alternatives of a permission and gives them the spelling of their own entries.
func (l *loader) narrower(i int) {
	p, at := l.permissions[i], l.places[i].field("narrower")
	for n, value := range p.Narrower {
		k := key{p.Resource, p.Kind, strings.ToLower(value)}
		j, known := l.byKey[k]
		var reason string
		switch {
		case !known:
			reason = l.absent(k)
		case slices.Contains(p.Narrower[:n], l.permissions[j].Value):
			reason = "it is named twice"
		default:
			reason = l.notNarrower(i, j)
		}
		if reason != "" {
			l.fault(at.item(n).errorf("%s is no narrower alternative of %s: %s", value, p.Value, reason))
			continue
		}
		p.Narrower[n] = l.permissions[j].Value
	}
}

func (l *loader) absent(k key) string {
	other := Delegated
	if k.kind == Delegated {
		other = Application
	}
	if _, ok := l.byKey[key{k.resource, other, k.value}]; ok {
		return fmt.Sprintf("it is %s, not %s", other, k.kind)
	}
	return "the catalogue does not hold it"
}

// notNarrower says why permission j cannot stand in for i with less. A lower tier is proof of less. In the same tier the
// alternative may neither lead back nor write where the permission only reads; a permission without a tier proves nothing.
func (l *loader) notNarrower(i, j int) string {
	wide, narrow := l.permissions[i], l.permissions[j]
	rated := wide.Tier != Unrated && narrow.Tier != Unrated
	switch {
	case i == j:
		return "it is the same"
	case rated && narrow.Tier.Rank() > wide.Tier.Rank():
		return fmt.Sprintf("it is %s, and %s is %s", narrow.Tier, wide.Value, wide.Tier)
	case l.leadsTo(j, i, map[int]bool{}):
		return "it names that one as its own alternative"
	case rated && narrow.Tier == wide.Tier && onlyReads(wide.Value) && Writes(narrow.Value):
		return fmt.Sprintf("it writes, and %s only reads", wide.Value)
	default:
		return ""
	}
}

// leadsTo follows the alternatives from one permission to another.
func (l *loader) leadsTo(from, to int, seen map[int]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	p := l.permissions[from]
	return slices.ContainsFunc(p.Narrower, func(value string) bool {
		next, ok := l.byKey[key{p.Resource, p.Kind, strings.ToLower(value)}]
		return ok && l.leadsTo(next, to, seen)
	})
}

// Depth is how many steps there are at most from a permission to an alternative that has none itself; 0 where the
// catalogue names no narrower one.
func (c *Catalogue) Depth(resourceAppID string, kind Kind, value string) int {
	deepest := 0
	for _, other := range c.narrowerOf(resourceAppID, kind, value) { // which never lead back
		deepest = max(deepest, 1+c.Depth(resourceAppID, kind, other))
	}
	return deepest
}

func (c *Catalogue) narrowerOf(resourceAppID string, kind Kind, value string) []string {
	if i, ok := c.byKey[key{strings.ToLower(resourceAppID), kind, strings.ToLower(value)}]; ok {
		return c.permissions[i].Narrower
	}
	return nil
}

// Narrower reports whether a permission is an alternative to a wider one, or one of the alternatives of those.
func (c *Catalogue) Narrower(resourceAppID string, kind Kind, value, wider string) bool {
	return slices.ContainsFunc(c.narrowerOf(resourceAppID, kind, wider), func(other string) bool {
		return strings.EqualFold(other, value) || c.Narrower(resourceAppID, kind, value, other)
	})
}

func onlyReads(value string) bool { return strings.Contains(rights(value), "Read") && !Writes(value) }

// Writes reports whether a permission changes anything, going by its name.
func Writes(value string) bool {
	return slices.ContainsFunc([]string{"Write", "Update", "Manage", "FullControl", "Create", "Delete", "Send"},
		func(verb string) bool { return strings.Contains(rights(value), verb) })
}

// rights leaves out what a permission is about: RoleManagement.Read.All manages nothing.
func rights(value string) string {
	_, rights, _ := strings.Cut(value, ".")
	return rights
}
