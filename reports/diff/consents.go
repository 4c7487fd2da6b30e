package diff

import (
	"strings"
	"time"

	"leastwise/policies/finding"
)

// consents are the consent events since the old report, by application.
type consents map[string][]consent

// consent is one event that granted permissions, or took them away.
type consent struct {
	at          time.Time
	written, by string
	removed     bool
	admin       *bool
	permissions map[string]bool // keys, in lower case
}

// readConsents reads from the new report the events after the instant of the old one.
func readConsents(old, new *finding.Document) (consents, error) {
	found := consents{}
	for row, err := range new.Consents() {
		if err != nil {
			return nil, err
		}
		at, err := time.Parse(time.RFC3339Nano, row.At)
		if err != nil || !at.After(old.AsOf) {
			continue // an event without an instant proves no order
		}
		event := consent{at: at, written: row.At, by: row.By, removed: strings.EqualFold(row.Change, removed), admin: row.Admin, permissions: map[string]bool{}}
		for _, permission := range row.Permissions {
			event.permissions[strings.ToLower(permission)] = true
		}
		id := strings.ToLower(row.AppID)
		found[id] = append(found[id], event)
	}
	return found, nil
}

// who tells who granted a permission to an application, or took it away, and when: the latest event that fits.
func (c consents) who(grant *finding.Permission, gone bool) (by, at string) {
	var latest time.Time
	permission := strings.ToLower(permissionKey(grant))
	for _, event := range c[strings.ToLower(grant.AppID)] {
		// App roles are an administrator's to grant, whatever the event says of that.
		consents := event.admin == nil || grant.Kind == "application" || *event.admin == (grant.Consent == "admin")
		fits := consents && event.removed == gone && event.permissions[permission]
		// Of two in one instant the same is told whatever their order.
		if fits && (event.at.After(latest) || event.at.Equal(latest) && event.by < by) {
			latest, by, at = event.at, event.by, event.written
		}
	}
	return by, at
}
