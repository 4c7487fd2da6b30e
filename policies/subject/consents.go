package subject

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// wireConsentEvent is an act of consenting or granting, as the collection wrote it.
type wireConsentEvent struct {
	ID                 string `json:"id"`
	At                 string `json:"at"`
	Operation          string `json:"operation"`
	Change             string `json:"change"` // added, removed
	AppID              string `json:"appId"`
	ServicePrincipalID string `json:"servicePrincipalId"`
	By                 *struct {
		ID    string `json:"id"`
		UPN   string `json:"upn"`
		AppID string `json:"appId"`
	} `json:"by"`
	Admin         wireBool           `json:"admin"`
	OnBehalfOfAll wireBool           `json:"onBehalfOfAll"`
	ResourceID    string             `json:"resourceId"`
	ResourceAppID string             `json:"resourceAppId"`
	Grants        []wireConsentGrant `json:"grants"`
	Scopes        []string           `json:"scopes"`
	// Unchanged is true when it was read whole, and no permission is other than it was.
	Unchanged bool `json:"unchanged"`
}

// wireConsentGrant is one permission that was consented to.
type wireConsentGrant struct {
	Kind          string `json:"kind"` // application, delegated, user_assignment
	Permission    string `json:"permission"`
	PermissionID  string `json:"permissionId"`
	ResourceID    string `json:"resourceId"`
	ResourceAppID string `json:"resourceAppId"`
	ConsentType   string `json:"consentType"` // AllPrincipals, Principal
	PrincipalID   string `json:"principalId"`
}

// consentEvent is an event as grants are held against it.
type consentEvent struct {
	Consent
	at      time.Time // zero when it could not be read
	by      *Person   // who acted, the service principal of an application included
	removed bool
	grants  []consentGrant
	vague   bool // it does not say of every permission which one it was
	gap     string
	holder  string // object id of the service principal that was granted something; "" where it is not told
}

// assigns reports whether an event only lets users into the application, which permits that nothing.
func (w *wireConsentEvent) assigns() bool {
	other := func(g wireConsentGrant) bool { return g.Kind != userAssignment }
	return len(w.Grants) > 0 && len(w.Scopes) == 0 && !slices.ContainsFunc(w.Grants, other)
}

const userAssignment = "user_assignment"

// consentGrant is one permission of an event. by names the user it was for; "" for all, or when not told.
type consentGrant struct {
	key, consent, user string // consent is admin, user, or "" where that is not told
}

// consentFacts are the events by application: by appId, or by the object id of the service principal of
// events that tell no more.
type consentFacts struct {
	byApp    map[string][]*consentEvent
	coverage *Coverage
}

// loadConsents reads consent events. It needs the principals.
func (j *Join) loadConsents() error {
	j.consents = consentFacts{byApp: map[string][]*consentEvent{}}
	err := eachRow(j, snapshot.ConsentEvents, func(row *wireConsentEvent, fault string) {
		gap := j.gap(snapshot.ConsentEvents, row.ID, fault)
		at, dated := parseInstant(row.At)
		switch {
		case row.letsIn():
			return
		case row.AppID == "" && row.ServicePrincipalID == "":
			j.setLoose(snapshot.ConsentEvents, "event "+row.ID+" does not say to which application")
			return
		case row.assigns(), dated && at.After(j.asOf): // whoever judges for an earlier instant does not know of it
			return
		case !dated:
			gap = cmp.Or(gap, "event "+row.ID+" does not say when it was")
		}
		key := strings.ToLower(row.AppID)
		if p := j.principal(strings.ToLower(row.ServicePrincipalID)); key == "" && p != nil {
			key = p.appID
		} else if key == "" {
			key = "service-principal/" + strings.ToLower(row.ServicePrincipalID)
		}
		event := j.consentEvent(row, at)
		event.gap = gap
		j.consents.byApp[key] = append(j.consents.byApp[key], event)
	})
	for _, events := range j.consents.byApp {
		slices.SortStableFunc(events, func(a, b *consentEvent) int { return a.at.Compare(b.at) })
	}
	j.consents.coverage = j.coverage(snapshot.ConsentEvents)
	return err
}

// letsIn reports whether an event lets users into the application, which permits it nothing.
func (row *wireConsentEvent) letsIn() bool {
	return len(row.Grants) > 0 && !slices.ContainsFunc(row.Grants, func(g wireConsentGrant) bool { return g.Kind != "user_assignment" })
}

func (j *Join) consentEvent(row *wireConsentEvent, at time.Time) *consentEvent {
	e := &consentEvent{
		Consent: Consent{Operation: row.Operation, Change: row.Change, Admin: row.Admin.value, Keys: []string{}},
		at:      at, removed: strings.EqualFold(row.Change, "removed"), holder: strings.ToLower(row.ServicePrincipalID),
	}
	if e.Admin == nil {
		e.Admin = row.OnBehalfOfAll.value
	}
	if !at.IsZero() {
		e.At = formatInstant(at)
	}
	if row.By != nil {
		e.addActor(j, strings.ToLower(row.By.ID), row.By.UPN, strings.ToLower(row.By.AppID))
	}
	others := slices.Clone(row.Scopes)
	for _, g := range row.Grants {
		if g.Kind == userAssignment {
			continue
		}
		one := j.consentGrant(row, g, e.Admin)
		if one.key == "" {
			others, e.vague = append(others, cmp.Or(g.Permission, g.PermissionID)), true
			continue
		}
		e.grants = append(e.grants, one)
		e.Keys = append(e.Keys, one.key)
	}
	e.vague = e.vague || len(row.Scopes) > 0 || len(row.Grants) == 0 && !row.Unchanged
	slices.Sort(e.Keys)
	e.Keys = slices.Compact(e.Keys)
	others = slices.DeleteFunc(others, func(s string) bool { return s == "" })
	slices.Sort(others)
	e.Scopes = slices.Compact(others)
	return e
}

// addActor names who acted: a person, or an application on its own.
func (e *consentEvent) addActor(j *Join, id, upn, appID string) {
	if upn != "" || id != "" && appID == "" {
		e.By = &Person{UPN: upn, ObjectID: id}
		e.by = e.By
		return
	}
	e.ByApp = appID
	if p := j.byApp(appID); id == "" && p != nil {
		id = p.id
	}
	if id != "" {
		e.by = &Person{ObjectID: id}
	}
}

// consentGrant resolves one permission. Its key is empty when it cannot be told which one it is.
func (j *Join) consentGrant(row *wireConsentEvent, g wireConsentGrant, admin *bool) consentGrant {
	p := j.principal(strings.ToLower(cmp.Or(g.ResourceID, row.ResourceID)))
	resourceAppID := strings.ToLower(cmp.Or(g.ResourceAppID, row.ResourceAppID))
	if p == nil {
		p = j.byApp(resourceAppID)
	}
	var res *resource
	if p != nil {
		res, resourceAppID = p.resource, p.appID
	}
	var found resolved
	switch {
	case g.Kind == kindDelegated && g.Permission != "":
		found = j.resolver.byName(res, resourceAppID, g.Permission)
	case g.PermissionID != "":
		found = j.resolver.byID(res, resourceAppID, g.Kind, g.PermissionID)
	case g.Permission != "":
		found = j.resolver.rate(resolved{value: g.Permission, kind: g.Kind}, resourceAppID)
	}
	one := consentGrant{key: found.key, user: strings.ToLower(g.PrincipalID)}
	switch {
	case g.Kind == kindApplication, strings.EqualFold(g.ConsentType, "AllPrincipals"):
		one.consent, one.user = "admin", ""
	case strings.EqualFold(g.ConsentType, "Principal"):
		one.consent = "user"
	case admin != nil && *admin:
		one.consent = "admin"
	case admin != nil:
		one.consent = "user"
	}
	return one
}

// eventsOf are the events of an application, oldest first.
func (j *Join) eventsOf(app *Application) []*consentEvent {
	events := j.consents.byApp[app.ID]
	if app.ServicePrincipalID == "" {
		return events
	}
	lone := j.consents.byApp["service-principal/"+app.ServicePrincipalID]
	if len(lone) == 0 || app.ID == "service-principal/"+app.ServicePrincipalID {
		return events
	}
	events = slices.Concat(events, lone)
	slices.SortStableFunc(events, func(a, b *consentEvent) int { return a.at.Compare(b.at) })
	return events
}

// addConsents adds the events, the latest first.
func (j *Join) addConsents(app *Application, events []*consentEvent) {
	if !j.readable(snapshot.ConsentEvents) {
		return
	}
	app.ConsentCoverage = j.consents.coverage
	app.Consents = make([]Consent, 0, len(events))
	for _, event := range slices.Backward(events) {
		app.Consents = append(app.Consents, event.Consent)
		if event.gap != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.ConsentEvents, Reason: event.gap, Field: "consents"})
		}
	}
}

// covers reports whether an event names a grant; user is "" for any of them.
func (e *consentEvent) covers(key, consent string, users map[string]bool) bool {
	return slices.ContainsFunc(e.grants, func(g consentGrant) bool {
		return g.key == key && (g.consent == "" || g.consent == consent) && (g.user == "" || users == nil || users[g.user])
	})
}
