package subject

import (
	"strings"
	"testing"
	"time"

	"leastwise/collector/snapshot"
)

func consented(id, at, more string) string {
	return `{"id":"` + id + `","at":"` + at + `","operation":"Consent to application","change":"added","appId":"CLIENT","by":{"id":"` + id + `-by","upn":"` + id + `@x"}` + more + `}`
}

func scopes(words, to string) string {
	var list []string
	for word := range strings.FieldsSeq(words) {
		list = append(list, `{"kind":"delegated","permission":"`+word+`","resourceId":"SP-OURS"`+to+`}`)
	}
	return `,"grants":[` + strings.Join(list, ",") + `]`
}

const (
	toAll  = `,"consentType":"AllPrincipals"`
	toAnna = `,"consentType":"Principal","principalId":"anna"`
	toBen  = `,"consentType":"Principal","principalId":"ben"`
	letIn  = `,"grants":[{"kind":"user_assignment","permissionId":"r","resourceId":"SP","principalId":"ben"}]`
)

// eventful is an application with grants, and events.
func eventful(t *testing.T, f facts, assignments, delegations, events []string) *Application {
	t.Helper()
	f.rows = map[snapshot.Name][]string{
		snapshot.ServicePrincipals:  append(published(), client),
		snapshot.AppRoleAssignments: assignments, snapshot.DelegatedGrants: delegations, snapshot.ConsentEvents: events,
	}
	return f.applications(t)["client"]
}

func since(from string, holes ...snapshot.Hole) map[snapshot.Name]snapshot.Dataset {
	at, _ := time.Parse(time.RFC3339, from)
	return map[snapshot.Name]snapshot.Dataset{snapshot.ConsentEvents: {From: &at, Windows: []snapshot.Window{{From: at, To: asOf()}}, Holes: holes}}
}

func TestGrantedBy(t *testing.T) {
	const all = "AllPrincipals"
	removed := func(id, at, more string) string {
		return strings.Replace(consented(id, at, more), `"added"`, `"removed"`, 1)
	}
	for _, c := range []struct {
		name    string
		grants  []string
		events  []string
		by      string
		granted int // days; -1 for none
	}{
		{"no event", []string{delegated("1", all, "", "sp-ours", "Do")}, nil, "", -1},
		{"for all", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("do", toAll))}, "a@x", 10},
		{"the latest", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("b", "2026-11-15T12:00:00Z", scopes("Do", toAll)), consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll))}, "b@x", 5},
		{"of another scope", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Scope.Only", toAll))}, "", -1},
		{"for one only", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAnna))}, "", -1},
		{"for a user", []string{delegated("1", "Principal", "anna", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAnna)), consented("b", "2026-11-12T12:00:00Z", scopes("Do", toBen))}, "a@x", 10},
		{"type not told, administrator", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", `,"admin":true`+scopes("Do", ""))}, "a@x", 10},
		{"type not told, user", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", `,"admin":false`+scopes("Do", ""))}, "", -1},
		{"removed since", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), removed("b", "2026-11-11T12:00:00Z", scopes("Do", toAll))}, "", -1},
		{"removed with the application", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), removed("b", "2026-11-11T12:00:00Z", "")}, "", -1},
		{"removed, of what is not told", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), removed("b", "2026-11-11T12:00:00Z", `,"scopes":["Do"]`)}, "", -1},
		{"a user was let out", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), removed("b", "2026-11-11T12:00:00Z", letIn)}, "a@x", 10},
		{"removed of another user", []string{delegated("1", "Principal", "anna", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAnna)), removed("b", "2026-11-11T12:00:00Z", scopes("Do", toBen))}, "a@x", 10},
		{"given again", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{removed("b", "2026-11-11T12:00:00Z", scopes("Do", toAll)), consented("a", "2026-11-12T12:00:00Z", scopes("Do", toAll))}, "a@x", 8},
		{"somebody else's since, which does not say what it was", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), consented("b", "2026-11-11T12:00:00Z", "")}, "", -1},
		{"one's own since, which does not say what it was", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), strings.ReplaceAll(consented("a", "2026-11-11T12:00:00Z", ""), `"id":"a",`, `"id":"b",`)}, "a@x", 10},
		{"somebody else's since, of something else", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), consented("b", "2026-11-11T12:00:00Z", scopes("Scope.Only", toAll))}, "a@x", 10},
		{"and an undated one of somebody else", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), consented("b", "once", scopes("Do", toAll))}, "", -1},
		{"and one of somebody else in the same second", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), consented("b", "2026-11-10T12:00:00Z", scopes("Do", toAll))}, "", -1},
		{"and one of somebody else a second before", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), consented("b", "2026-11-10T11:59:59Z", scopes("Do", toAll))}, "a@x", 10},
		{"of a former principal", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{strings.Replace(consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAll)), `"appId"`, `"servicePrincipalId":"gone","appId"`, 1)}, "", -1},
		{"undated", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "yesterday", scopes("Do", toAll))}, "", -1},
		{"after the as-of instant", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{consented("a", "2026-11-21T12:00:00Z", scopes("Do", toAll))}, "", -1},
		{"by an application", []string{delegated("1", all, "", "sp-ours", "Do")}, []string{`{"id":"a","at":"2026-11-10T12:00:00Z","operation":"x","change":"added","servicePrincipalId":"SP","by":{"appId":"OURS"}` + scopes("Do", toAll) + `}`}, "sp-ours", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := eventful(t, facts{}, nil, c.grants, c.events)
			grant := app.Grants[0]
			by, days := "", -1
			if grant.GrantedBy != nil {
				by = grant.GrantedBy.UPN + map[bool]string{true: grant.GrantedBy.ObjectID}[grant.GrantedBy.UPN == ""]
			}
			if grant.GivenHere != strings.Contains(by, "@") {
				t.Errorf("granted by %q, given here: %v", by, grant.GivenHere)
			}
			if grant.GrantedDays != nil {
				days = *grant.GrantedDays
			}
			if by != c.by || days != c.granted || (grant.GrantedAt == "") != (days < 0) {
				t.Errorf("got %q, %d days, %q, want %q, %d", by, days, grant.GrantedAt, c.by, c.granted)
			}
		})
	}
}

// An app role assignment has an instant of its own: who granted it is told by the event next to it.
func TestGrantedAppRoles(t *testing.T) {
	role := func(id, at string) string {
		return consented(id, at, `,"grants":[{"kind":"application","permission":"Role.Only","permissionId":"R","resourceId":"sp-ours"}]`)
	}
	taken := func(event string) string { return strings.Replace(event, `"added"`, `"removed"`, 1) }
	held := []string{assigned("1", "sp", "ServicePrincipal", "sp-ours", "r")} // of 2026-01-01T00:00:00Z
	for _, c := range []struct {
		name   string
		events []string
		by     string
	}{
		{"at once", []string{role("a", "2026-01-01T00:05:00Z")}, "a@x"},
		{"later", []string{role("a", "2026-01-01T00:05:01Z")}, ""},
		{"before", []string{role("a", "2025-12-31T23:54:59Z")}, ""},
		{"the nearest", []string{role("a", "2025-12-31T23:57:00Z"), role("b", "2026-01-01T00:01:00Z"), role("c", "2026-01-01T00:04:00Z")}, "b@x"},
		{"removed between", []string{role("a", "2025-12-31T23:57:00Z"), taken(role("b", "2025-12-31T23:58:00Z"))}, ""},
		{"removed after", []string{role("a", "2025-12-31T23:57:00Z"), taken(role("b", "2026-01-01T00:02:00Z"))}, "a@x"},
		{"another is as near, and does not say what it was", []string{role("a", "2026-01-01T00:00:10Z"), consented("b", "2026-01-01T00:00:12Z", "")}, ""},
		{"its own is told twice, once not whole", []string{role("a", "2026-01-01T00:00:10Z"), strings.ReplaceAll(consented("b", "2026-01-01T00:00:12Z", ""), "b-by", "a-by")}, "a@x"},
		{"to a former principal of it", []string{strings.Replace(role("a", "2026-01-01T00:00:10Z"), `"appId"`, `"servicePrincipalId":"gone","appId"`, 1)}, ""},
		{"to its principal", []string{strings.Replace(role("a", "2026-01-01T00:00:10Z"), `"appId"`, `"servicePrincipalId":"SP","appId"`, 1)}, "a@x"},
	} {
		grant := eventful(t, facts{}, held, nil, c.events).Grants[0]
		by := ""
		if grant.GrantedBy != nil {
			by = grant.GrantedBy.UPN
		}
		if by != c.by || grant.GrantedAt != "2026-01-01T00:00:00Z" || *grant.GrantedDays != 323 || grant.StandingDays != nil {
			t.Errorf("%s: got %q, %+v", c.name, by, grant)
		}
	}
}

func TestConsents(t *testing.T) {
	yes := true
	app := eventful(t, facts{meta: since("2026-11-01T12:00:00Z")}, nil, nil, []string{
		consented("a", "2026-11-10T12:00:00Z", `,"admin":true,"scopes":["Odd.Scope"]`+scopes("Do Scope.Only Do", toAll)),
		`{"id":"b","at":"2026-11-12T12:00:00Z","operation":"Remove","change":"removed","appId":"client","by":{"appId":"OURS"}}`,
		`{"id":"c","operation":"Add","change":"added","appId":"client","grants":[{"kind":"delegated","permission":"Lost.Scope"}]}`,
	})
	same(t, "consents", []Consent{
		{At: "2026-11-12T12:00:00Z", Operation: "Remove", Change: "removed", ByApp: "ours", Keys: []string{}},
		{
			At: "2026-11-10T12:00:00Z", Operation: "Consent to application", Change: "added", By: &Person{UPN: "a@x", ObjectID: "a-by"}, Admin: &yes,
			Keys: []string{"ours/delegated/Do", "ours/delegated/Scope.Only"}, Scopes: []string{"Odd.Scope"},
		},
		{Operation: "Add", Change: "added", Keys: []string{}, Scopes: []string{"Lost.Scope"}},
	}, app.Consents)
	if len(gapsIn(app.Incomplete, snapshot.ConsentEvents)) != 1 {
		t.Errorf("got %v, want a gap of the undated event", app.Incomplete)
	}
	same(t, "coverage", &Coverage{From: "2026-11-01T12:00:00Z", Days: 19, To: "2026-11-20T12:00:00Z", Whole: true}, app.ConsentCoverage)
	none := eventful(t, facts{}, nil, nil, nil)
	if none.Consents == nil || len(none.Consents) > 0 || none.ConsentCoverage != nil {
		t.Errorf("got %+v, want an empty list", none.Consents)
	}
	denied := eventful(t, facts{status: map[snapshot.Name]snapshot.Status{snapshot.ConsentEvents: snapshot.Denied}}, nil, nil, nil)
	if denied.Consents != nil {
		t.Errorf("got %+v of events that were not read", denied.Consents)
	}
	j := facts{rows: map[snapshot.Name][]string{snapshot.ConsentEvents: {`{"id":"x","at":"2026-11-10T12:00:00Z","change":"added"}`}}}.open(t)
	if j.Loose(snapshot.ConsentEvents) == "" {
		t.Error("an event of no application is no fault")
	}
}

func TestStandingDays(t *testing.T) {
	grants := []string{delegated("1", "AllPrincipals", "", "sp-ours", "Do")}
	hole := snapshot.Hole{From: asOf().Add(-50 * time.Hour), To: asOf().Add(-49 * time.Hour), Reason: "HTTP 500"}
	for _, c := range []struct {
		name   string
		meta   map[snapshot.Name]snapshot.Dataset
		events []string
		want   int
	}{
		{"none in the time known", since("2026-08-12T12:00:00Z"), nil, 100},
		{"of something else", since("2026-08-12T12:00:00Z"), []string{consented("a", "2026-11-10T12:00:00Z", scopes("Scope.Only", toAll))}, 100},
		{"of one user", since("2026-08-12T12:00:00Z"), []string{consented("a", "2026-11-10T12:00:00Z", scopes("Do", toAnna))}, 100},
		{"of a user who was let in", since("2026-08-12T12:00:00Z"), []string{consented("a", "2026-11-10T12:00:00Z", letIn)}, 100},
		{"of nothing new", since("2026-08-12T12:00:00Z"), []string{consented("a", "2026-11-10T12:00:00Z", `,"unchanged":true`)}, 100},
		{"of it may be anything", since("2026-08-12T12:00:00Z"), []string{consented("a", "2026-11-10T12:00:00Z", "")}, -1},
		{"made again since", since("2026-08-12T12:00:00Z"), []string{strings.Replace(consented("a", "2026-11-10T12:00:00Z", scopes("Scope.Only", toAll)), `"appId"`, `"servicePrincipalId":"gone","appId"`, 1)}, -1},
		{"not known from when on", nil, nil, -1},
		{"with a hole", since("2026-08-12T12:00:00Z", hole), nil, -1},
	} {
		got := eventful(t, facts{meta: c.meta}, nil, grants, c.events).Grants[0].StandingDays
		if (got == nil) != (c.want < 0) || got != nil && *got != c.want {
			t.Errorf("%s: got %v, want %d", c.name, got, c.want)
		}
	}
}
