package dataconnect

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// intake hands records to the datasets that want them; each may be nil.
type intake struct {
	connect  *ledger
	roles    *ledger
	consents *ledger
	seen     *sightings // of saved files; nil for feeds
}

// sightings are what saved files hold.
type sightings struct {
	now         time.Time // zero when no clock was given
	records     int       // of any kind
	newest      time.Time // event of the audit log of Microsoft 365, of any kind
	directory   time.Time // newest event of the directory
	roleChanges int
	consents    int
	searches    searches
}

// passes reports whether a record must be looked at closer: it is one of those that are
// wanted, or it cannot be read. Most records of a feed are neither.
func (in intake) passes(raw json.RawMessage, position string) bool {
	g, ok := look(raw)
	if in.seen != nil && g.wrapped {
		in.seen.searches.see(g.index, g.count, position)
	}
	if !ok || nested(g.workload) || g.torn {
		return true
	}
	workload := text(g.workload)
	directory := same(workload, directoryWorkload)
	if in.seen != nil {
		in.seen.see(g, workload, directory)
	}
	return in.wants(g, workload, directory) || strings.Contains(workload, replacement)
}

// store stores a record that passes. position is where it stands, for complaints.
func (in intake) store(raw json.RawMessage, position string) error {
	g, ok := look(raw)
	workload := text(g.workload)
	switch {
	case !ok:
		in.lose(position+": not an audit record", nil)
		return nil
	case nested(g.workload) || g.torn || strings.Contains(workload, replacement):
		in.lose(position+": a record whose Workload cannot be read", g.created)
		return nil
	}
	valid := utf8.Valid(raw)
	if !valid {
		raw = bytes.ToValidUTF8(raw, []byte(replacement))
		g, _ = look(raw)
	}
	directory := same(workload, directoryWorkload)
	if in.connect != nil && (!directory || g.strayed(workload)) {
		if err := in.connect.connectRecord(raw, g, position, valid); err != nil {
			return err
		}
	}
	return in.directory(raw, g, position, valid)
}

// directory stores a record of the directory.
func (in intake) directory(raw json.RawMessage, g glance, position string, valid bool) error {
	workload := text(g.workload)
	directory := same(workload, directoryWorkload)
	if in.consents != nil && (directory || g.changesConsent(workload)) {
		ours, err := in.consents.consentRecord(raw, g, position, valid)
		if ours && in.seen != nil {
			in.seen.consents++
		}
		if ours || err != nil {
			return err
		}
	}
	if in.roles == nil || !directory && !g.changesRole(workload) {
		return nil
	}
	changed, err := in.roles.roleRecord(raw, g, position, valid)
	if changed && in.seen != nil {
		in.seen.roleChanges++
	}
	return err
}

// wants reports whether records like one are looked at closer. One without any workload
// may be a mistake.
func (in intake) wants(g glance, workload string, directory bool) bool {
	if in.roles != nil && (directory || g.changesRole(workload)) || in.consents != nil && (directory || g.changesConsent(workload)) {
		return true
	}
	return in.connect != nil && (workload == "" || same(workload, dataConnectWorkload) || g.strayed(workload))
}

// changesRole reports whether a record without Workload is of a change of a role.
func (g *glance) changesRole(workload string) bool {
	if workload != "" {
		return false
	}
	change, known := roleChange(text(g.operation))
	return change != "" || !known
}

func (in intake) lose(reason string, created json.RawMessage) {
	for _, l := range in.ledgers() {
		l.lose(reason, created)
	}
}

func (in intake) ledgers() []*ledger {
	var list []*ledger
	for _, l := range []*ledger{in.connect, in.roles, in.consents} {
		if l != nil {
			list = append(list, l)
		}
	}
	return list
}

// see notes a record that could be read. Instants that are yet to come prove nothing.
func (s *sightings) see(g glance, workload string, directory bool) {
	s.records++
	created, own := g.created, workload == "" && g.entra
	if own {
		created = g.happened
	}
	at, ok := parseInstant(text(created))
	if !ok || !s.now.IsZero() && at.After(s.now) {
		return
	}
	if !own && at.After(s.newest) {
		s.newest = at
	}
	if (directory || own) && at.After(s.directory) {
		s.directory = at
	}
}
