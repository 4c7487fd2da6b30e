package subject

import (
	"encoding/base64"
	"testing"

	"leastwise/collector/snapshot"
)

func TestSignIns(t *testing.T) {
	const day9, day20 = `{"lastSignInDateTime":"2026-11-11T12:00:00Z"}`, `{"lastSignInDateTime":"2026-10-31T12:00:00Z"}`
	row := func(app, more string) string { return `{"id":"r-` + app + `","appId":"` + app + `"` + more + `}` }
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {`{"id":"s1","appId":"both"}`, `{"id":"s2","appId":"never"}`, `{"id":"s3","appId":"silent"}`, `{"id":"s4","appId":"exported"}`, `{"id":"s5","appId":"odd"}`},
		snapshot.Applications:      {`{"id":"o1","appId":"alone"}`},
		snapshot.SignInActivity: {
			row("BOTH", `,"applicationAuthenticationClientSignInActivity":`+day20+`,"delegatedClientSignInActivity":`+day9),
			row("silent", `,"lastSignInActivity":null`), row("alone", `,"applicationAuthenticationResourceSignInActivity":`+day9),
			row("odd", `,"lastSignInActivity":{"lastSignInDateTime":"01/20/2025"}`),
		},
		snapshot.GraphActivity: {
			`{"id":"1","evidence":"sign_in","appId":"EXPORTED","kind":"application","lastAt":"2026-11-19T12:00:00Z"}`,
			`{"id":"2","evidence":"sign_in","appId":"both","kind":"application","lastAt":"2026-11-18T12:00:00Z"}`,
			`{"id":"3","evidence":"sign_in","appId":"alone","kind":"delegated","lastAt":"2026-11-01T12:00:00Z"}`,
		},
	}}
	apps := f.applications(t)
	for app, want := range map[string]*SignIn{
		"both":   {Seen: true, LastAt: "2026-11-18T12:00:00Z", Days: new(2), ApplicationDays: new(2), DelegatedDays: new(9)},
		"never":  {},
		"silent": {Seen: true}, "odd": {Seen: true},
		"exported": {Seen: true, LastAt: "2026-11-19T12:00:00Z", Days: new(1), ApplicationDays: new(1)},
		"alone":    {Seen: true, LastAt: "2026-11-11T12:00:00Z", Days: new(9), DelegatedDays: new(19)},
	} {
		same(t, app, want, apps[app].SignIn)
	}
	if gaps := gapsIn(apps["odd"].Incomplete, snapshot.SignInActivity); len(gaps) != 1 || gaps[0].Field != "sign_in" {
		t.Errorf("got %v, want a gap of the instant", gaps)
	}

	f.meta = map[snapshot.Name]snapshot.Dataset{snapshot.SignInActivity: {Status: snapshot.Partial, Reason: "a page failed"}}
	if apps := f.applications(t); apps["never"].SignIn != nil || apps["both"].SignIn == nil {
		t.Errorf("got %+v, want nothing of an application that a broken list does not name", apps["never"].SignIn)
	}
	f.meta, f.rows[snapshot.SignInActivity], f.status = nil, nil, map[snapshot.Name]snapshot.Status{snapshot.SignInActivity: snapshot.Unlicensed}
	apps = f.applications(t)
	if apps["never"].SignIn != nil || apps["silent"].SignIn != nil {
		t.Error("an application without sign-ins, of a report that was not read, has some fact of them")
	}
	same(t, "export alone", &SignIn{Seen: true, LastAt: "2026-11-19T12:00:00Z", Days: new(1), ApplicationDays: new(1)}, apps["exported"].SignIn)
}

func TestSignInRowsWithoutAppID(t *testing.T) {
	const app = "0a0a0a0a-0000-0000-0000-00000000000A"
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:   {`{"id":"o1","appId":"` + app + `"}`},
		snapshot.SignInActivity: {`{"id":"` + base64.StdEncoding.EncodeToString([]byte(app)) + `","lastSignInActivity":{"lastSignInDateTime":"2026-11-19T12:00:00Z"}}`},
	}}
	if got := application(t, facts{rows: map[snapshot.Name][]string{snapshot.SignInActivity: f.rows[snapshot.SignInActivity]}}, f.rows[snapshot.Applications][0]); got.SignIn == nil || *got.SignIn.Days != 1 {
		t.Errorf("got %+v, want the row that its id names", got.SignIn)
	}
	f.rows[snapshot.SignInActivity] = []string{`{"id":"odd"}`}
	if j := f.open(t); j.Loose(snapshot.SignInActivity) == "" {
		t.Error("a row of no application is no fault")
	}
}

func TestCredentialActivity(t *testing.T) {
	use := func(id, key, origin, object, at string) string {
		return `{"id":"` + id + `","appId":"a","keyId":"` + key + `","credentialOrigin":"` + origin + `",` + object + `,"signInActivity":{"lastSignInDateTime":"` + at + `"}}`
	}
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {`{"id":"S","appId":"a","keyCredentials":[],"passwordCredentials":[{"keyId":"k1"}]}`},
		snapshot.CredentialActivity: {
			use("1", "K1", "application", `"appObjectId":"O"`, "2026-11-01T12:00:00Z"), use("2", "k1", "application", `"appObjectId":"o"`, "2026-11-11T12:00:00Z"),
			use("3", "k1", "servicePrincipal", `"servicePrincipalObjectId":"s"`, "2026-11-19T12:00:00Z"),
			use("4", "k2", "", `"keyType":"clientSecret"`, "2026-11-18T12:00:00Z"), `{"id":"5","appId":"a","keyId":"k3","credentialOrigin":"application","appObjectId":"o","signInActivity":null}`,
			use("6", "k4", "application", `"appObjectId":"o"`, "yesterday"), use("7", "k5", "application", `"appObjectId":"somebody else"`, "2026-11-19T12:00:00Z"),
		},
	}}
	const row = `{"id":"o","appId":"a","passwordCredentials":[{"keyId":"k1","startDateTime":"2026-01-01T00:00:00Z","endDateTime":"2026-07-01T00:00:01Z"},{"keyId":"k2"},{"keyId":"k3"},{"keyId":"k4"},{"keyId":"k5"}],"keyCredentials":[]}`
	type used struct {
		Of, Key, At string
		Days        int
		Reported    bool
	}
	list := func(f facts) []used {
		var got []used
		for _, c := range application(t, f, row).Credentials {
			days := -1
			if c.UsedDays != nil {
				days = *c.UsedDays
			}
			got = append(got, used{c.Of, c.KeyID, c.LastUsedAt, days, c.Reported})
		}
		return got
	}
	same(t, "uses", []used{
		{"application", "k1", "2026-11-11T12:00:00Z", 9, true},
		{"application", "k2", "2026-11-18T12:00:00Z", 2, true},
		{"application", "k3", "", -1, true},
		{"application", "k4", "", -1, false},
		{"application", "k5", "", -1, true},
		{"service_principal", "k1", "2026-11-19T12:00:00Z", 1, true},
	}, list(f))
	if days := application(t, f, row).Credentials[0].LifetimeDays; days == nil || *days != 182 {
		t.Errorf("got a lifetime of %v days, want 182", days)
	}
	f.meta = map[snapshot.Name]snapshot.Dataset{snapshot.CredentialActivity: {Status: snapshot.Partial, Reason: "a page failed"}}
	for _, c := range list(f) {
		if c.Reported {
			t.Errorf("%s of a broken report counts as reported", c.Key)
		}
	}
	f.meta, f.rows[snapshot.CredentialActivity], f.status = nil, nil, map[snapshot.Name]snapshot.Status{snapshot.CredentialActivity: snapshot.Unlicensed}
	if got := list(f)[0]; got.Reported || got.Days != -1 {
		t.Errorf("got %+v of a report that was not read", got)
	}
}
