package subject

import (
	"slices"
	"strings"
	"time"
)

// addGranted adds who granted what, and when. An app role assignment says when itself: the event nearest to that is its
// own. Of any other grant it is the latest that no removal follows.
func (j *Join) addGranted(grant *Grant, holder string, users map[string]bool, events []*consentEvent) {
	own, former := ofHolder(holder, events)
	var found *consentEvent
	if at, ok := parseInstant(grant.GrantedAt); ok {
		found = nearest(own, grant, at)
	} else {
		found = standing(own, grant, users)
		if found != nil {
			grant.GrantedAt = found.At
		}
	}
	if found != nil {
		grant.GrantedBy = found.by
	}
	if at, ok := parseInstant(grant.GrantedAt); ok {
		grant.GrantedDays = ageDays(j.asOf, at)
	} else if grant.GrantedAt == "" && !former {
		grant.StandingDays = j.standingDays(grant, users, own)
	}
}

// ofHolder leaves out the events of a former service principal of the application: its grants went with it. Where there
// was one, nothing stands since before its last event.
func ofHolder(holder string, events []*consentEvent) (own []*consentEvent, former bool) {
	if holder == "" {
		return events, false
	}
	for _, event := range events {
		if event.holder == "" || event.holder == holder {
			own = append(own, event)
		}
	}
	return own, len(own) < len(events)
}

// byTheSame reports whether the same one certainly acted in two events.
func (e *consentEvent) byTheSame(other *consentEvent) bool {
	if e.by == nil || other.by == nil {
		return false
	}
	if e.by.ObjectID != "" && other.by.ObjectID != "" {
		return e.by.ObjectID == other.by.ObjectID
	}
	return e.by.UPN != "" && strings.EqualFold(e.by.UPN, other.by.UPN)
}

// blurred reports whether an event may have been about any permission.
func (e *consentEvent) blurred() bool { return e.vague || e.gap != "" }

// atOnce is how far the instants of an app role assignment and of the event that it was made in lie apart at most. Both are
// the directory's own.
const atOnce = 5 * time.Minute

// nearest is the event that granted an app role at an instant; nil also when another one may have.
func nearest(events []*consentEvent, grant *Grant, at time.Time) *consentEvent {
	var found *consentEvent
	best := atOnce + 1
	for _, event := range events {
		if event.removed || event.at.IsZero() || !event.covers(grant.Key, grant.Consent, nil) || undone(events, event, grant, at) {
			continue
		}
		if distance := event.at.Sub(at).Abs(); distance < best {
			found, best = event, distance
		}
	}
	if found != nil && slices.ContainsFunc(events, func(e *consentEvent) bool {
		near := e.blurred() && e.at.Sub(at).Abs() <= max(best, time.Minute) || e.at.IsZero() && (e.vague || e.covers(grant.Key, grant.Consent, nil))
		return !e.removed && near && !e.byTheSame(found)
	}) {
		return nil
	}
	return found
}

// undone reports whether a removal lies between an event and an instant after it.
func undone(events []*consentEvent, event *consentEvent, grant *Grant, at time.Time) bool {
	return slices.ContainsFunc(events, func(e *consentEvent) bool {
		return e.removed && (e.vague || e.covers(grant.Key, grant.Consent, nil)) && e.at.After(event.at) && e.at.Before(at)
	})
}

// standing is the latest event that granted something and is not followed by a removal, by one that may be its removal,
// or by one of somebody else that may have granted it anew. An event without an instant proves no order, nor do two of
// one second.
func standing(events []*consentEvent, grant *Grant, users map[string]bool) *consentEvent {
	var found *consentEvent
	if grant.Key == "" {
		return nil
	}
	for _, event := range events {
		covers := event.covers(grant.Key, grant.Consent, users)
		switch {
		case event.at.IsZero():
		case event.removed && (event.vague || covers):
			found = nil
		case event.removed:
		case covers && found != nil && event.at.Sub(found.at) < time.Second && !event.byTheSame(found):
			found = nil // some feeds tell whole seconds: which one came first is not known
		case covers:
			found = event
		case event.blurred() && found != nil && !event.byTheSame(found):
			found = nil
		}
	}
	if found != nil && slices.ContainsFunc(events, func(e *consentEvent) bool {
		covers := e.covers(grant.Key, grant.Consent, users)
		if e.at.IsZero() {
			return (e.vague || covers) && (e.removed || !e.byTheSame(found))
		}
		return covers && !e.removed && e.by != nil && found.at.Sub(e.at).Abs() < time.Second && !e.byTheSame(found)
	}) {
		return nil
	}
	return found
}

// standingDays are the days for which a grant of which no event is known stands at least; nil when an event may have been
// missed, or may be its own.
func (j *Join) standingDays(grant *Grant, users map[string]bool, events []*consentEvent) *int {
	coverage := j.consents.coverage
	if coverage == nil || !coverage.Whole {
		return nil
	}
	for _, event := range events {
		if event.removed {
			continue
		}
		if event.blurred() || grant.Key == "" || event.covers(grant.Key, grant.Consent, users) {
			return nil
		}
	}
	return &coverage.Days
}
