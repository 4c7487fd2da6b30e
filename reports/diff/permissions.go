package diff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

func (c *comparison) comparePermissions() error {
	return compareTable(c, table[finding.Permission]{
		section: finding.Permissions,
		group:   func(row *finding.Permission) string { return kindApplication + "\x00" + row.AppID },
		content: func(row *finding.Permission) string {
			return strings.ToLower(permissionKey(row)) + "\x00" + row.Consent + "\x00" + yesNo(row.Requested) + yesNo(row.Granted) + strconv.Itoa(row.Users) + "\x00" + plainInstant(row.GrantedAt) + "\x00" + strings.ToLower(row.GrantedBy)
		},
		tell: c.tellPermissions,
	})
}

// permissionKey is <resource appId>/<kind>/<value, or id when unresolved>, as in consents and in the keys of findings.
func permissionKey(row *finding.Permission) string {
	return row.ResourceID + "/" + row.Kind + "/" + row.Permission
}

// permitted are the permissions of one application on one side: grants by permission and consent, and requests by
// permission, in lower case.
type permitted struct {
	grants, requests map[string]*finding.Permission
}

func permittedBy(rows []finding.Permission) permitted {
	p := permitted{map[string]*finding.Permission{}, map[string]*finding.Permission{}}
	// Rows of one key are of resources that are gone, and are told apart by nothing but what they hold.
	slices.SortFunc(rows, func(a, b finding.Permission) int {
		return cmp.Or(cmp.Compare(permissionKey(&a), permissionKey(&b)), cmp.Compare(a.Consent, b.Consent), cmp.Compare(a.Users, b.Users))
	})
	for i := range rows {
		row := &rows[i]
		id := strings.ToLower(permissionKey(row))
		if row.Requested {
			p.requests[id] = row
		}
		if !row.Granted {
			continue
		}
		id += "/" + row.Consent
		for n := 2; p.grants[id] != nil; n++ {
			id = strings.ToLower(permissionKey(row)) + "/" + row.Consent + " " + strconv.Itoa(n)
		}
		p.grants[id] = row
	}
	return p
}

// grantNeeds are the datasets without which it is not known that something is not granted.
func grantNeeds(row *finding.Permission) (whole, read mask) {
	if row.Kind == "application" {
		return of(snapshot.AppRoleAssignments, snapshot.ServicePrincipals), of(snapshot.DelegatedGrants)
	}
	return of(snapshot.DelegatedGrants, snapshot.ServicePrincipals), of(snapshot.AppRoleAssignments)
}

// granting reports whether a side shows every grant of the kind of row to this application.
func (c *comparison) granting(s *side, subject key, row *finding.Permission) bool {
	whole, read := grantNeeds(row)
	if !s.readable(read) {
		return c.known(s, areaPermissions, subject, read)
	}
	return c.known(s, areaPermissions, subject, whole)
}

func (c *comparison) requesting(s *side, subject key) bool {
	return c.known(s, areaPermissions, subject, of(snapshot.Applications))
}

func (c *comparison) tellPermissions(subject key, oldRows, newRows []finding.Permission) error {
	if c.gone[subject] {
		return nil
	}
	old, new := permittedBy(oldRows), permittedBy(newRows)
	pairUnresolved(old.grants, new.grants, func(a, b *finding.Permission) bool { return a.Consent == b.Consent && samePermission(a, b) })
	pairUnresolved(old.requests, new.requests, samePermission)
	for id, row := range old.grants {
		if err := c.tellGrant(subject, row, new.grants[id]); err != nil {
			return err
		}
	}
	for id, row := range new.grants {
		if old.grants[id] == nil {
			if err := c.tellGrant(subject, nil, row); err != nil {
				return err
			}
		}
	}
	return c.tellRequests(subject, old, new)
}

// tellGrant tells what became of one grant.
func (c *comparison) tellGrant(subject key, old, new *finding.Permission) error {
	row, action, shows, lacks := cmp.Or(new, old), changed, c.new, c.old
	switch {
	case old == nil:
		action = added
	case new == nil:
		action, shows, lacks = removed, c.old, c.new
	}
	d := finding.Difference{
		Area: areaPermissions, Action: action, Subject: applicationSubject(row.AppID, row.AppName),
		Item: permissionKey(row) + "/" + cmp.Or(row.Consent, "unknown"), Tier: row.Tier,
	}
	if action == changed {
		if d.Fields = c.differing(areaPermissions, subject, grantedValues(old), grantedValues(new)); len(d.Fields) == 0 {
			return nil
		}
	} else {
		if !c.granting(lacks, subject, row) {
			return nil
		}
		d.Fields = told(shows.grantValues(row), action == added)
	}
	d.By, d.At = c.consents.who(row, action == removed || action == changed && new.Users < old.Users)
	if action == added && d.At == "" {
		d.By, d.At = row.GrantedBy, row.GrantedAt
	}
	return c.emit(d, tierRank(row.Tier))
}

func grantedValues(row *finding.Permission) []value {
	users := text("users", userCount(row), of(snapshot.DelegatedGrants, snapshot.ServicePrincipals))
	users.strict = true
	// Who granted may not be known on one side: then nothing is said.
	at, by := instant("granted at", row.GrantedAt, 0), folded("granted by", row.GrantedBy, 0)
	at.unread, by.unread = row.GrantedAt == "", row.GrantedBy == ""
	return []value{users, at, by}
}

func userCount(row *finding.Permission) string {
	if row.Users == 0 {
		return ""
	}
	return strconv.Itoa(row.Users)
}

func (s *side) grantValues(row *finding.Permission) []value {
	requested := ""
	if s.readable(of(snapshot.Applications)) {
		requested = yesNo(row.Requested)
	}
	return []value{note("granted", "yes"), note("requested", requested), note("users", userCount(row)), note("resource", row.ResourceName)}
}

// tellRequests tells what is newly requested and what no longer is, where no grant of the same permission came or
// went with it: that one says so.
func (c *comparison) tellRequests(subject key, old, new permitted) error {
	for id, row := range old.requests {
		if new.requests[id] != nil || moved(old, new, id) && c.granting(c.new, subject, row) || !c.requesting(c.new, subject) {
			continue
		}
		if err := c.emit(c.requestDifference(removed, c.new, subject, row), tierRank(row.Tier)); err != nil {
			return err
		}
	}
	for id, row := range new.requests {
		if old.requests[id] != nil || moved(new, old, id) && c.granting(c.old, subject, row) || !c.requesting(c.old, subject) {
			continue
		}
		if err := c.emit(c.requestDifference(added, c.old, subject, row), tierRank(row.Tier)); err != nil {
			return err
		}
	}
	return nil
}

// moved reports whether a grant of a permission is on the first side only.
func moved(there, other permitted, id string) bool {
	return slices.ContainsFunc([]string{"admin", "user", ""}, func(consent string) bool {
		return there.grants[id+"/"+consent] != nil && other.grants[id+"/"+consent] == nil
	})
}

// requestDifference tells of a request whether it is granted too, where the side that lacks the request shows grants.
func (c *comparison) requestDifference(action string, lacks *side, subject key, row *finding.Permission) finding.Difference {
	granted := ""
	if whole, read := grantNeeds(row); (whole|read)&^lacks.sound == 0 && lacks.gaps[subject]&(whole|read) == 0 {
		granted = yesNo(row.Granted)
	}
	values := []value{note("requested", "yes"), note("granted", granted), note("resource", row.ResourceName)}
	return finding.Difference{
		Area: areaPermissions, Action: action, Subject: applicationSubject(row.AppID, row.AppName),
		Item: permissionKey(row), Fields: told(values, action == added), Tier: row.Tier,
	}
}

// pairUnresolved finds permissions that have a name on one side and, because the resource could not be read, only
// an id or no resource on the other. They are one permission.
func pairUnresolved(old, new map[string]*finding.Permission, same func(a, b *finding.Permission) bool) {
	for _, id := range sortedKeys(old) {
		before := old[id]
		if new[id] != nil {
			continue
		}
		for _, other := range sortedKeys(new) {
			if after := new[other]; old[other] == nil && same(before, after) {
				old[other] = before
				delete(old, id)
				break
			}
		}
	}
}

func samePermission(a, b *finding.Permission) bool {
	unresolved := func(row *finding.Permission) bool { return row.ResolvedBy == "" || row.ResourceID == "" }
	if a.Kind != b.Kind || unresolved(a) == unresolved(b) {
		return false
	}
	if a.ResourceID != "" && b.ResourceID != "" && !strings.EqualFold(a.ResourceID, b.ResourceID) {
		return false
	}
	return strings.EqualFold(a.Permission, b.Permission) ||
		a.PermissionID != "" && strings.EqualFold(a.PermissionID, b.PermissionID)
}
