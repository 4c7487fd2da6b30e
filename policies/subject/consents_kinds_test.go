package subject

import "testing"

// Letting a user into an application permits it nothing, and consenting once more to the same changes nothing.
func TestEventsThatGrantNothing(t *testing.T) {
	letIn := `{"id":"u","at":"2026-11-15T12:00:00Z","operation":"Add app role assignment grant to user","change":"added","appId":"client","grants":[{"kind":"user_assignment","permission":"Do"}]}`
	shutOut := `{"id":"v","at":"2026-11-16T12:00:00Z","operation":"Remove app role assignment from user","change":"removed","appId":"client","grants":[{"kind":"user_assignment"}]}`
	again := `{"id":"w","at":"2026-11-17T12:00:00Z","operation":"Consent to application","change":"added","appId":"client","unchanged":true}`
	granted := []string{delegated("1", "AllPrincipals", "", "sp-ours", "Do")}

	app := eventful(t, facts{}, nil, granted, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), letIn, shutOut, again})
	if grant := app.Grants[0]; grant.GrantedBy == nil || grant.GrantedBy.UPN != "a@x" || len(app.Consents) != 2 {
		t.Errorf("got %+v, %+v", grant, app.Consents)
	}
	app = eventful(t, facts{meta: since("2026-11-01T12:00:00Z")}, nil, granted, []string{letIn, shutOut, again})
	if days := app.Grants[0].StandingDays; days == nil || *days != 19 {
		t.Errorf("got %v, want 19 days", days)
	}
	unread := `{"id":"x","at":"2026-11-17T12:00:00Z","operation":"Consent to application","change":"added","appId":"client"}`
	app = eventful(t, facts{meta: since("2026-11-01T12:00:00Z")}, nil, granted, []string{unread})
	if days := app.Grants[0].StandingDays; days != nil {
		t.Errorf("got %d days in spite of an event that does not say what was granted", *days)
	}
}
