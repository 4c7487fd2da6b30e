package dataconnect

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// sameConsents finds events that come from several logs, which give each its own id: the
// audit log of Microsoft 365 and the directory's own tell of the same.
type sameConsents struct {
	seen map[string][]sighted
}

type sighted struct {
	id string
	at time.Time
	by consentActor
}

// others reports whether two rows tell who acted, and tell of two.
func (a consentActor) others(b consentActor) bool {
	if a.ID != "" && b.ID != "" {
		return a.ID != b.ID
	}
	return a.UPN != "" && b.UPN != "" && !strings.EqualFold(a.UPN, b.UPN)
}

// together is how far the instants of one event lie apart: one of the logs cuts off what
// is less than a second.
const together = 2 * time.Second

// met reports whether a row says what another one with another id has said, and remembers
// it. A row that does not say which permissions it is about, or when it was, is not taken
// for another's.
func (s *sameConsents) met(row *consentRow) bool {
	at, ok := parseInstant(row.At)
	if s == nil || !ok || row.ID == "" || len(row.Grants) == 0 && !row.Unchanged {
		return false
	}
	key, by := row.says(), consentActor{}
	if row.By != nil {
		by = *row.By
	}
	for _, other := range s.seen[key] {
		if distance := at.Sub(other.at).Abs(); distance < together && other.id != row.ID && !by.others(other.by) {
			return true
		}
	}
	if s.seen == nil {
		s.seen = map[string][]sighted{}
	}
	if one := (sighted{row.ID, at, by}); !slices.Contains(s.seen[key], one) {
		s.seen[key] = append(s.seen[key], one)
	}
	return false
}

// remember remembers a row of a former run.
func (s *sameConsents) remember(line []byte) {
	var row consentRow
	if s == nil || json.Unmarshal(line, &row) != nil {
		return
	}
	s.met(&row)
}

// says is what a row tells, in a form that is the same from every log.
func (row *consentRow) says() string {
	op, _, _ := consentChange(row.Operation)
	parts := make([]string, 0, len(row.Grants))
	for _, g := range row.Grants {
		permission := cmp.Or(g.PermissionID, g.Permission)
		if g.Kind == grantDelegated {
			permission = g.Permission
		}
		parts = append(parts, strings.Join([]string{g.Kind, permission, g.ResourceID, g.ConsentType, g.PrincipalID}, " "))
	}
	slices.Sort(parts)
	return strings.ToLower(strings.Join(append([]string{op.kind, row.Change, cmp.Or(row.ServicePrincipalID, row.AppID)}, parts...), "\n"))
}
