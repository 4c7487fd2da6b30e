package subject

import (
	"crypto/sha256"
	"iter"
	"slices"
)

// rowKey stands for the id of an object: a digest of its text, of which any there is takes 16 bytes.
type rowKey [16]byte

func newRowKey(id string) rowKey {
	sum := sha256.Sum256([]byte(id))
	return rowKey(sum[:len(rowKey{})])
}

// principalTable holds the service principals of a tenant, by object id and by appId. Nearly all are foreign
// applications or registrations that publish one scope at most, have no credential and no gap: those are packed.
type principalTable struct {
	byID, byApp map[rowKey]uint32 // number of the row
	rows        []packedPrincipal
	whole       map[uint32]*principal // those that are not packed
	texts       texts
	words       words
	signIns     []signIn // as rows
}

// packedPrincipal is a principal without pointers, which the garbage collector would follow.
type packedPrincipal struct {
	id, appID, name, created, permissionID                                  text
	ownerTenant, kind, audience, disabledByMicrosoft, publisher, permission uint32 // numbers of words
	enabled, verified                                                       int8   // 0 for not known, 1 for true, -1 for false
	listed, isRole, isScope, noCredential/* read, and there is none */ bool
}

// number of a principal that is added next.
func (t *principalTable) next() uint32 { return uint32(len(t.rows)) }

func tristate(is *bool) int8 {
	switch {
	case is == nil:
		return 0
	case *is:
		return 1
	}
	return -1
}

// add adds a principal.
func (t *principalTable) add(p *principal) {
	p.number = t.next()
	if p.resource != nil {
		p.resource.number = p.number + 1
	}
	row := packedPrincipal{appID: t.texts.add(p.appID)}
	if packs(p) {
		row.id, row.name, row.created = t.texts.add(p.id), t.texts.add(p.name), t.texts.add(p.created)
		row.ownerTenant, row.kind, row.audience = t.words.add(p.ownerTenant), t.words.add(p.kind), t.words.add(p.audience)
		row.disabledByMicrosoft, row.publisher = t.words.add(p.disabledByMicrosoft), t.words.add(p.publisher)
		row.enabled, row.verified = tristate(p.enabled), tristate(p.verified)
		row.listed, row.noCredential = p.listed, p.credentials != nil
		t.packPermission(&row, p.resource)
	} else {
		t.whole[p.number] = p
	}
	t.rows = append(t.rows, row)
}

func (t *principalTable) packPermission(row *packedPrincipal, r *resource) {
	if r == nil {
		return
	}
	row.isRole, row.isScope = len(r.roles) > 0, len(r.scopes) > 0
	for _, list := range [][]wirePermission{r.roles, r.scopes} {
		for _, p := range list {
			row.permissionID, row.permission = t.texts.add(p.ID), t.words.add(p.Value)
		}
	}
}

// packs reports whether a packed row has room for all that is known of a principal.
func packs(p *principal) bool {
	return !p.isAgent && len(p.credentials)+len(p.gaps) == 0 && (p.resource == nil || len(p.resource.roles)+len(p.resource.scopes) == 1 && p.listed && !p.resource.rolesUnread && !p.resource.scopesUnread)
}

// keep takes a principal out of its packed row, so that it can be changed.
func (t *principalTable) keep(p *principal) { t.whole[p.number] = p }

func (j *Join) principalNumbered(n uint32, known bool) *principal {
	t := &j.principals
	if !known {
		return nil
	}
	if p := t.whole[n]; p != nil {
		return p
	}
	row := &t.rows[n]
	p := &principal{
		number: n, id: t.texts.of(row.id), appID: t.texts.of(row.appID), name: t.texts.of(row.name), created: t.texts.of(row.created),
		ownerTenant: t.words.of(row.ownerTenant), kind: t.words.of(row.kind), audience: t.words.of(row.audience),
		disabledByMicrosoft: t.words.of(row.disabledByMicrosoft), publisher: t.words.of(row.publisher),
		enabled: j.fact(row.enabled), verified: j.fact(row.verified), listed: row.listed,
	}
	if row.noCredential {
		p.credentials = []Credential{}
	}
	permission := wirePermission{ID: t.texts.of(row.permissionID), Value: t.words.of(row.permission)}
	switch {
	case row.isRole:
		p.resource = &resource{number: n + 1, roles: []wirePermission{permission}}
	case row.isScope:
		p.resource = &resource{number: n + 1, scopes: []wirePermission{permission}}
	}
	return p
}

// fact is the opposite of tristate.
func (j *Join) fact(is int8) *bool {
	if is == 0 {
		return nil
	}
	return j.truth(is > 0)
}

// principal is the service principal with an object id; nil for none.
func (j *Join) principal(id string) *principal {
	n, known := j.principals.byID[newRowKey(id)]
	return j.principalNumbered(n, known)
}

// byApp is the service principal of an application; nil for none.
func (j *Join) byApp(appID string) *principal {
	n, known := j.principals.byApp[newRowKey(appID)]
	return j.principalNumbered(n, known)
}

// appIDs of all service principals, each once, sorted.
func (t *principalTable) appIDs() []string {
	ids := make([]string, 0, len(t.byApp))
	for _, n := range t.byApp {
		ids = append(ids, t.texts.of(t.rows[n].appID))
	}
	slices.Sort(ids)
	return ids
}

// unregistered are the service principals without a registration here, then those that are only known from their
// grants.
func (j *Join) unregistered(registered map[uint32]bool) iter.Seq[*principal] {
	return func(yield func(*principal) bool) {
		for _, appID := range j.principals.appIDs() {
			if p := j.byApp(appID); !registered[p.number] && !yield(p) {
				return
			}
		}
		orphans := j.unlisted()
		for _, id := range sortedKeys(orphans) {
			if !yield(orphans[id]) {
				return
			}
		}
	}
}
