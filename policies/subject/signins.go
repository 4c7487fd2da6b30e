package subject

import (
	"cmp"
	"encoding/base64"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// wireSignInActivity is beta's servicePrincipalSignInActivity, whose id is the appId in base64
// (https://learn.microsoft.com/graph/api/resources/serviceprincipalsigninactivity?view=graph-rest-beta).
type wireSignInActivity struct {
	ID                string      `json:"id"`
	AppID             string      `json:"appId"`
	Last              *wireSignIn `json:"lastSignInActivity"`
	DelegatedClient   *wireSignIn `json:"delegatedClientSignInActivity"`
	DelegatedResource *wireSignIn `json:"delegatedResourceSignInActivity"`
	AppClient         *wireSignIn `json:"applicationAuthenticationClientSignInActivity"`
	AppResource       *wireSignIn `json:"applicationAuthenticationResourceSignInActivity"`
}

type wireSignIn struct {
	At string `json:"lastSignInDateTime"`
}

// instant is when it was; the zero time when there was none, false when that could not be read.
func (w *wireSignIn) instant() (time.Time, bool) {
	if w == nil || w.At == "" {
		return time.Time{}, true
	}
	at, ok := parseInstant(w.At)
	if noExpiry(at) { // how reports write never
		return time.Time{}, ok
	}
	return at, ok
}

// appID is the application that the row is of.
func (w *wireSignInActivity) appID() string {
	if w.AppID != "" {
		return strings.ToLower(w.AppID)
	}
	decoded, err := base64.StdEncoding.DecodeString(w.ID)
	if err != nil || len(decoded) != len(defaultAccess) {
		return ""
	}
	return strings.ToLower(string(decoded))
}

// signIn is when an application signed in, as instants in seconds since 1970; 0 is never. Every
// application of a large tenant has one.
type signIn struct {
	last, application, delegated int64
	met, reported                bool   // something tells of it; the report has a row of it
	gap                          string // why the row is in doubt
}

// signInOf is where an application's sign-ins are kept: with its service principal, or by appId where it
// has none.
func (j *Join) signInOf(appID string) *signIn {
	if n, known := j.principals.byApp[newRowKey(appID)]; known {
		j.principals.signIns[n].met = true
		return &j.principals.signIns[n]
	}
	if j.signIns[appID] == nil {
		j.signIns[appID] = &signIn{}
	}
	return j.signIns[appID]
}

// loadSignIns reads the report of sign-ins. It needs the principals.
func (j *Join) loadSignIns() error {
	return eachRow(j, snapshot.SignInActivity, func(row *wireSignInActivity, fault string) {
		appID := row.appID()
		if appID == "" {
			j.setLoose(snapshot.SignInActivity, "a row does not say of which application it is")
			return
		}
		s := j.signInOf(appID)
		s.reported = true
		s.gap = cmp.Or(s.gap, j.gap(snapshot.SignInActivity, row.ID, fault))
		for _, of := range []struct {
			at *wireSignIn
			to *int64
		}{
			{row.Last, &s.last},
			{row.DelegatedResource, &s.last},
			{row.AppResource, &s.last},
			{row.AppClient, &s.application},
			{row.DelegatedClient, &s.delegated},
		} {
			at, ok := of.at.instant()
			if !ok {
				s.gap = cmp.Or(s.gap, "an instant of a sign-in could not be read")
			}
			s.see(of.to, at)
		}
	})
}

// signInOf is what is known of the sign-ins of a service principal; nil for nothing.
func (t *principalTable) signInOf(p *principal) *signIn {
	if p.orphan || !t.signIns[p.number].met {
		return nil
	}
	return &t.signIns[p.number]
}

// see notes a sign-in, which is one of the application in any case.
func (s *signIn) see(to *int64, at time.Time) {
	if at.IsZero() {
		return
	}
	*to, s.last = max(*to, at.Unix()), max(s.last, at.Unix())
}

// addSignIn adds when an application signed in. An export of sign-ins that names it counts as well,
// but that it does not name it proves nothing.
func (j *Join) addSignIn(app *Application, p *principal) {
	s := j.signIns[app.ID]
	if p != nil {
		s = j.principals.signInOf(p)
	}
	switch {
	case s == nil && j.whole(snapshot.SignInActivity):
		app.SignIn = &SignIn{}
		return
	case s == nil || !s.reported && s.last == 0:
		return
	}
	if s.gap != "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.SignInActivity, Reason: s.gap, Field: "sign_in"})
	}
	app.SignIn = &SignIn{Seen: true, Days: j.daysSince(s.last), ApplicationDays: j.daysSince(s.application), DelegatedDays: j.daysSince(s.delegated)}
	if s.last != 0 {
		app.SignIn.LastAt = formatInstant(time.Unix(s.last, 0))
	}
}

// daysSince counts the whole days since an instant; nil for never.
func (j *Join) daysSince(seconds int64) *int {
	if seconds == 0 {
		return nil
	}
	return ageDays(j.asOf, time.Unix(seconds, 0))
}
