package folder

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// scope is which single objects answers were about: the owners of one application,
// the assignments of one user. Together they are a dataset only if no object was
// left out.
type scope map[string]map[string]bool // collection of the objects → their lower-cased ids

// add notes what an answer was about. list is false for an answer that is one object
// of several.
func (s scope) add(c collection, list bool) {
	of, _, ok := cutLast(c.name)
	if c.parent == "" || !ok {
		return
	}
	if s[of] == nil {
		s[of] = map[string]bool{}
	}
	if list {
		s[of][strings.ToLower(c.parent)] = true
	}
}

func cutLast(name string) (before, last string, ok bool) {
	i := strings.LastIndex(name, "/")
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// missing says of which objects there is no answer. objects are the ids that the
// folder knows, by dataset.
func (s scope) missing(objects map[snapshot.Name]map[string]bool) []string {
	var reasons []string
	for _, of := range slices.Sorted(maps.Keys(s)) {
		known := objects[collectionNames[of]]
		if known == nil {
			reasons = append(reasons, "the answers are about single "+of+", and nothing tells which others there are")
			continue
		}
		left := 0
		for id := range known {
			if !s[of][id] {
				left++
			}
		}
		if left > 0 {
			reasons = append(reasons, fmt.Sprintf("of %d of %d %s there is no answer", left, len(known), of))
		}
	}
	return reasons
}

// note remembers what other datasets are held against.
func (d *reading) note(row json.RawMessage) {
	switch d.name {
	case snapshot.Applications, snapshot.ServicePrincipals, snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations, snapshot.Containers:
	case snapshot.ContainerTypeGrants:
		var grant struct {
			Type string `json:"containerTypeId"`
		}
		if json.Unmarshal(row, &grant) == nil {
			d.granted[strings.ToLower(grant.Type)] = true
		}
		return
	default:
		return
	}
	var object struct {
		ID       string `json:"id"`
		OwningID string `json:"owningAppId"`
	}
	if json.Unmarshal(row, &object) != nil || object.ID == "" {
		return
	}
	if d.objects[d.name] == nil {
		d.objects[d.name] = map[string]bool{}
	}
	d.objects[d.name][strings.ToLower(object.ID)] = true
	if owner := strings.ToLower(object.OwningID); owner != "" {
		if d.types[d.name] == nil {
			d.types[d.name] = ownedTypes{}
		}
		if d.types[d.name][owner] == nil {
			d.types[d.name][owner] = map[string]bool{}
		}
		d.types[d.name][owner][object.ID] = true
	}
}

// typeOf is the container type that an application owns; it owns one at most
// (https://learn.microsoft.com/sharepoint/dev/embedded/plan/limits-calling-patterns).
// It is empty when the folder does not tell.
func (r *run) typeOf(owner string) string {
	for _, name := range []snapshot.Name{snapshot.ContainerTypeRegistrations, snapshot.ContainerTypes} {
		if types := r.types[name].of(owner); len(types) > 0 {
			return cmp.Or(only(types), "")
		}
	}
	return ""
}

func only(list []string) string {
	if len(list) != 1 {
		return ""
	}
	return list[0]
}
