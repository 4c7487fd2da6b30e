package snapshot

import (
	"cmp"
	"slices"
)

// AddIdentity records who read the named datasets. An identity of the same kind
// and client replaces the one of an earlier run, but what that one had read stays
// its own; within a run the two are merged.
func (w *Writer) AddIdentity(id Identity) {
	i := slices.IndexFunc(w.manifest.Identities, func(old Identity) bool {
		return old.Kind == id.Kind && old.ClientID == id.ClientID
	})
	key := id.Kind + "\x00" + id.ClientID
	if i >= 0 {
		old := w.manifest.Identities[i]
		id.Datasets = union(old.Datasets, id.Datasets)
		if w.met[key] {
			id.Roles, id.Scopes = union(old.Roles, id.Roles), union(old.Scopes, id.Scopes)
			id.User = cmp.Or(id.User, old.User)
		}
		w.manifest.Identities = slices.Delete(w.manifest.Identities, i, i+1)
	}
	w.met[key] = true
	id.Roles, id.Scopes, id.Datasets = union(id.Roles), union(id.Scopes), union(id.Datasets)
	w.manifest.Identities = append(w.manifest.Identities, id)
	slices.SortStableFunc(w.manifest.Identities, func(a, b Identity) int {
		return cmp.Compare(a.Kind+a.ClientID, b.Kind+b.ClientID)
	})
}

// union merges lists into one that is sorted and without repetitions.
func union(lists ...[]string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(lists...))))
}
