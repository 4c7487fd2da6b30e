package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

func TestRedirectURIs(t *testing.T) {
	const gap = "redirect_uris"
	for _, c := range []struct {
		name, more string
		want       []RedirectURI
		unread     string
	}{
		{"all platforms", `,"web":{"redirectUris":["https://b","https://a"]},"spa":{"redirectUris":["https://a"]},"publicClient":{"redirectUris":["http://localhost"]}`, []RedirectURI{{"http://localhost", "public_client"}, {"https://a", "spa"}, {"https://a", "web"}, {"https://b", "web"}}, ""},
		{"none", `,"web":{"redirectUris":[]},"spa":{"redirectUris":[]},"publicClient":{"redirectUris":[]}`, []RedirectURI{}, ""},
		{"not read", ``, nil, ""},
		{"one platform not read", `,"web":{"redirectUris":["https://a"]},"publicClient":{"redirectUris":[]}`, []RedirectURI{{"https://a", "web"}}, "spa"},
		{"no list", `,"web":{},"spa":{"redirectUris":[]},"publicClient":{"redirectUris":null}`, []RedirectURI{}, "web"},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := application(t, facts{}, `{"id":"1","appId":"a","passwordCredentials":[],"keyCredentials":[]`+c.more+`}`)
			same(t, "reply URLs", c.want, app.RedirectURIs)
			var want []Gap
			if c.unread != "" {
				want = []Gap{{Dataset: snapshot.Applications, Reason: "reply URLs of the platform " + c.unread + " were not read", Field: gap}}
			}
			same(t, "gaps", want, app.Incomplete)
		})
	}
}

func TestCertificateKeys(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.CertificateKeys: {
			`{"objectId":"O1","keyId":"K1","algorithm":"RSA","bits":1024,"signatureAlgorithm":"SHA1-RSA"}`, `{"objectId":"s1","keyId":"k1","algorithm":"ECDSA","bits":256}`,
			`{"objectId":"o1","keyId":"k2","unreadable":"no certificate"}`, `{"objectId":"o1","keyId":"k4","algorithm":"RSA","bits":2048}`,
		},
		snapshot.ServicePrincipals: {`{"id":"S1","appId":"app","passwordCredentials":[],"keyCredentials":[{"keyId":"k1"}]}`},
	}, status: map[snapshot.Name]snapshot.Status{snapshot.CredentialActivity: snapshot.Unlicensed}}
	const row = `{"id":"o1","appId":"app","keyCredentials":[{"keyId":"k1"},{"keyId":"k2"},{"keyId":"k3"}],"passwordCredentials":[{"keyId":"k4"}]}`
	bits := func(n int) *int { return &n }
	want := []Credential{
		{KeyID: "k1", Type: "certificate", Of: "application", KeyAlgorithm: "RSA", KeyBits: bits(1024), Signature: "SHA1-RSA"},
		{KeyID: "k2", Type: "certificate", Of: "application"},
		{KeyID: "k3", Type: "certificate", Of: "application"},
		{KeyID: "k4", Type: "secret", Of: "application"},
		{KeyID: "k1", Type: "certificate", Of: "service_principal", KeyAlgorithm: "ECDSA", KeyBits: bits(256)},
	}
	same(t, "credentials", want, application(t, f, row).Credentials)
	f.rows[snapshot.CertificateKeys], f.status[snapshot.CertificateKeys] = nil, snapshot.Skipped
	for i := range want {
		want[i].KeyAlgorithm, want[i].KeyBits, want[i].Signature = "", nil, ""
	}
	same(t, "credentials without their keys", want, application(t, f, row).Credentials)
}

func TestSubscriptions(t *testing.T) {
	const auditor, plain = `{"id":"1","appId":"Auditor"}`, `{"id":"1","appId":"a"}`
	general, role := FeedSubscription{"Audit.General", "disabled", true, "by an administrator"}, FeedSubscription{ContentType: "Audit.AzureActiveDirectory", Status: "missing"}
	rows := []string{
		`{"id":"Audit.General","status":"Disabled","started":true,"reason":"by an administrator","clientId":"AUDITOR"}`, `{"id":"Audit.AzureActiveDirectory","status":"missing"}`,
		`{"id":"Audit.Exchange","status":"enabled","clientId":"somebody else"}`, `{"id":"audit-log","status":"on"}`,
	}
	broken := map[snapshot.Name]snapshot.Dataset{snapshot.ActivitySubscriptions: {Status: snapshot.Partial, Reason: "HTTP 500"}}
	denied := map[snapshot.Name]snapshot.Status{snapshot.ActivitySubscriptions: snapshot.Denied}
	for _, c := range []struct {
		name, app string
		rows      []string
		status    map[snapshot.Name]snapshot.Status
		meta      map[snapshot.Name]snapshot.Dataset
		log       string
		want      []FeedSubscription
	}{
		{"the auditor", auditor, rows, nil, nil, "on", []FeedSubscription{role, general}},
		{"another application", plain, rows, nil, nil, "on", nil},
		{"the log is off", auditor, []string{`{"id":"audit-log","status":"OFF","reason":"not enabled"}`}, nil, nil, "off", []FeedSubscription{}},
		{"not asked", auditor, nil, nil, nil, "", []FeedSubscription{}},
		{"an answer of a later version", auditor, []string{`{"id":"audit-log","status":"paused"}`}, nil, nil, "", []FeedSubscription{}},
		{"a list that broke off", auditor, rows[:1], nil, broken, "", []FeedSubscription{general}},
		{"nothing but the log", auditor, rows[3:], nil, broken, "on", nil},
		{"denied", auditor, nil, denied, nil, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := application(t, facts{rows: map[snapshot.Name][]string{snapshot.ActivitySubscriptions: c.rows}, status: c.status, meta: c.meta}, c.app)
			same(t, "subscriptions", c.want, app.Subscriptions)
			if app.AuditLog != c.log {
				t.Errorf("got the log %q, want %q", app.AuditLog, c.log)
			}
		})
	}
}
