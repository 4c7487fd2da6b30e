package snapshot

import (
	"cmp"
	"slices"
	"strings"
)

// Kinds of identities that read files and never sign in.
const (
	IdentityFolder      = "folder"       // saved responses
	IdentitySavedEvents = "saved-events" // saved audit events
)

// SignedIn reports whether the identity had an access token. One that only read
// files holds no permission.
func (id Identity) SignedIn() bool {
	return id.Kind != IdentityFolder && id.Kind != IdentitySavedEvents
}

// AddIdentity records who read the named datasets. An identity of the same kind,
// client and user replaces the one of an earlier run, but what that one had read, and
// what that took, stays its own; within a run the two are merged.
func (w *Writer) AddIdentity(id Identity) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.manifest.Identities, func(old Identity) bool {
		return old.Kind == id.Kind && old.ClientID == id.ClientID && (old.User == id.User || old.User == "" || id.User == "")
	})
	key := id.Kind + "\x00" + id.ClientID + "\x00" + id.User
	if i >= 0 {
		old := w.manifest.Identities[i]
		id.Datasets = union(old.Datasets, id.Datasets)
		id.Needs = slices.Concat(old.Needs, id.Needs)
		if w.met[key] {
			id.Roles, id.Scopes = union(old.Roles, id.Roles), union(old.Scopes, id.Scopes)
			id.User = cmp.Or(id.User, old.User)
			id.Opaque, id.AppOnly = id.Opaque || old.Opaque, id.AppOnly || old.AppOnly
		}
		w.manifest.Identities = slices.Delete(w.manifest.Identities, i, i+1)
	}
	w.met[key] = true
	id.Roles, id.Scopes, id.Datasets = union(id.Roles), union(id.Scopes), union(id.Datasets)
	id.Needs = distinct(id.Needs)
	w.manifest.Identities = append(w.manifest.Identities, id)
	slices.SortStableFunc(w.manifest.Identities, func(a, b Identity) int {
		return cmp.Compare(a.Kind+a.ClientID+a.User, b.Kind+b.ClientID+b.User)
	})
}

// union merges lists into one that is sorted and without repetitions.
func union(lists ...[]string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(lists...))))
}

// distinct sorts needs by dataset and drops repetitions. The permissions keep their
// order: a source names first what it recommends.
func distinct(needs []Need) []Need {
	needs = slices.Clone(needs)
	for i, need := range needs {
		needs[i].Least = append([]string{}, need.Least...) // never null in the manifest
	}
	slices.SortStableFunc(needs, func(a, b Need) int { return cmp.Compare(needKey(a), needKey(b)) })
	return slices.CompactFunc(needs, func(a, b Need) bool { return needKey(a) == needKey(b) })
}

// needKey is the same for needs that say the same. No name holds a control character.
func needKey(n Need) string {
	return strings.Join([]string{n.Dataset, strings.Join(n.Least, "\x01"), strings.Join(n.Accepted, "\x01")}, "\x00")
}
