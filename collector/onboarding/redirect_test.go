package onboarding

import (
	"strings"
	"testing"
)

func parse(t *testing.T, text string) Redirect {
	t.Helper()
	r, err := ParseRedirect(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRedirectAgainstReplyURL(t *testing.T) {
	for _, c := range []struct {
		redirect, registered string
		want                 Match
	}{
		{"https://app.example.com/auth", "https://app.example.com/auth", Equal},
		{"https://app.example.com/auth/consent", "https://app.example.com/auth", Under},
		{"https://app.example.com/auth/", "https://app.example.com/auth", Under},
		{"https://app.example.com/auth/consent", "https://app.example.com/auth/", Under},
		{"https://app.example.com/auth", "https://app.example.com/auth/", Apart},
		{"https://app.example.com/authority", "https://app.example.com/auth", Apart},
		{"https://app.example.com/", "https://app.example.com/auth", Apart},
		{"https://app.example.com", "https://app.example.com/", Equal},
		{"https://app.example.com/", "https://app.example.com", Equal},
		{"https://app.example.com/anything", "https://app.example.com", Under},
		// Scheme and host without case, the path with it.
		{"HTTPS://APP.Example.COM/auth", "https://app.example.com/auth", Equal},
		{"https://app.example.com/Auth", "https://app.example.com/auth", Apart},
		// Hosts are whole hosts.
		{"https://app.example.com.evil/auth", "https://app.example.com/auth", Apart},
		{"https://evil-app.example.com/auth", "https://app.example.com/auth", Apart},
		{"https://sub.app.example.com/auth", "https://app.example.com/auth", Apart},
		{"https://example.com/auth", "https://app.example.com/auth", Apart},
		// Ports.
		{"https://app.example.com:443/auth", "https://app.example.com/auth", Equal},
		{"https://app.example.com:8443/auth", "https://app.example.com/auth", Apart},
		{"https://app.example.com:8443/auth", "https://app.example.com:8443/auth", Equal},
		{"http://localhost:8400/auth", "http://localhost/auth", Equal},
		{"http://localhost:8400/auth", "http://localhost:3000/auth", Equal},
		{"http://localhost/auth", "http://localhost:3000", Under},
		{"http://127.0.0.1:8400/auth", "http://127.0.0.1/auth", Equal},
		{"http://[::1]:8400/auth", "http://[::1]/auth", Apart},
		{"http://[::1]:8400/auth", "http://[::1]:8400/auth", Equal},
		{"https://localhost:8400/auth", "https://localhost/auth", Apart},
		// Loopback addresses have names of their own.
		{"http://localhost:8400", "http://127.0.0.1:8400", Apart},
		{"http://127.0.0.1:8400", "http://localhost:8400", Apart},
		{"http://localhost:8400", "https://localhost:8400", Apart},
		{"https://localhost:8400", "http://localhost:8400", Apart},
		// Queries.
		{"https://app.example.com/auth?a=1", "https://app.example.com/auth?a=1", Equal},
		{"https://app.example.com/auth?a=2", "https://app.example.com/auth?a=1", Apart},
		{"https://app.example.com/auth?a=1", "https://app.example.com/auth", Apart},
		{"https://app.example.com/auth", "https://app.example.com/auth?a=1", Apart},
		{"https://app.example.com/auth/x?a=1", "https://app.example.com/auth?a=1", Apart},
		// Escapes are compared as written.
		{"https://app.example.com/a%20b", "https://app.example.com/a%20b", Equal},
		{"https://app.example.com/%61uth", "https://app.example.com/auth", Apart},
	} {
		if got := parse(t, c.redirect).Against(parse(t, c.registered)); got != c.want {
			t.Errorf("%s against %s: got %d, want %d", c.redirect, c.registered, got, c.want)
		}
	}
	if (Redirect{}).Against(Redirect{}) != Apart {
		t.Error("nothing matches nothing")
	}
}

func TestRedirectRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                     "empty",
		"app.example.com/auth":                                 "scheme and host",
		"//app.example.com/auth":                               "neither https nor http",
		"https:///auth":                                        "scheme and host",
		"https:app.example.com":                                "scheme and host",
		"ftp://app.example.com/auth":                           "neither https nor http",
		"javascript://app.example/x":                           "neither https nor http",
		"http://app.example.com/auth":                          "loopback",
		"http://localhost.evil/auth":                           "loopback",
		"http://127.0.0.2/auth":                                "loopback",
		"http://127.1/auth":                                    "loopback",
		"http://0x7f000001/auth":                               "loopback",
		"https://app.example.com@evil.example/auth":            "user name",
		"https://u:p@app.example.com/auth":                     "user name",
		"https://app.example.com/@evil":                        "user name",
		"https://app.example.com/auth/../evil":                 "dot segments",
		"https://app.example.com/auth/./evil":                  "dot segments",
		"https://app.example.com/auth/..":                      "dot segments",
		"https://app.example.com/auth/%2e%2e/evil":             "%2e",
		"https://app.example.com/auth/.%2E/evil":               "%2e",
		"https://app.example.com/auth%2Fevil":                  "%2f",
		"https://app.example.com/auth%5Cevil":                  "%5c",
		"https://app.example.com/auth%252Fevil":                "%25",
		"https://app.example.com/auth%00":                      "%00",
		"https://app.example.com/auth%zz":                      "scheme and host",
		`https://app.example.com\@evil.example`:                "characters",
		"https://app.example.com/a b":                          "characters",
		"https://app.example.com/\nLocation:evil":              "characters",
		"https://äpp.example.com/auth":                         "characters",
		"https://app.example.com/auth#x":                       "fragment",
		"https://app.example.com/auth#":                        "fragment",
		"https://*.example.com/auth":                           "wildcard",
		"https://app.example.com/*":                            "wildcard",
		"https://app.example.com//auth":                        "empty segment",
		"https://app.example.com/auth//":                       "empty segment",
		"https://app.example.com/auth;x/..;/evil":              "one of !",
		"https://app.example.com./auth":                        "plainly a host",
		"https://app_example.com/auth":                         "plainly a host",
		"https://.example.com/auth":                            "plainly a host",
		"https://app.example.com:/auth":                        "port is empty",
		"https://app.example.com:0/auth":                       "port is 0",
		"https://app.example.com:99999/auth":                   "port is not one",
		"https://app.example.com:0443/auth":                    "port is not one",
		"https://app.example.com/" + strings.Repeat("a", 3000): "too long",
	} {
		if r, err := ParseRedirect(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "; hint: ") {
			t.Errorf("%.80q: got %+v, %v, want %q", text, r, err, want)
		}
	}
}

func TestReplyOfPlatform(t *testing.T) {
	r := Registration{AppID: "app", Replies: []ReplyURL{
		{"https://*.example.com", PlatformWeb},
		{"msauth://x", PlatformPublic},
		{"http://localhost", PlatformPublic},
		{"http://localhost/page", PlatformSPA},
		{"https://app.example.com/", PlatformWeb},
	}}
	redirect := parse(t, "http://localhost:1/page")
	if reply, how, err := r.Reply(redirect); err != nil || how != Equal || reply.Platform != PlatformSPA {
		t.Errorf("got %v %d %v", reply, how, err)
	}
	if reply, how, err := r.Reply(redirect, PlatformWeb, PlatformPublic); err != nil || how != Under || reply.URL != "http://localhost" {
		t.Errorf("got %v %d %v", reply, how, err)
	}
	if _, how, err := r.Reply(redirect, PlatformWeb); err == nil || how != Apart || !strings.Contains(err.Error(), "it has https://*.example.com, https://app.example.com/)") {
		t.Errorf("got %d %v", how, err)
	}
	if _, _, err := (Registration{AppID: "app"}).Reply(redirect); err == nil || !strings.Contains(err.Error(), "it has none") {
		t.Errorf("got %v", err)
	}
}

func TestCheckTenant(t *testing.T) {
	const home, other = "b6f0d6c2-51f7-4c0e-9d0a-3f1e6a2c7d48", "2f9a7c31-6d0e-4b8a-8c55-9e4d1b07f3a6"
	for _, c := range []struct {
		audience, home, tenant string
		note, ok               bool
	}{
		{"AzureADMultipleOrgs", home, other, false, true},
		{"azureadmultipleorgs", "", other, false, true},
		{"AzureADandPersonalMicrosoftAccount", home, other, false, true},
		{"AzureADMultipleOrgs", home, home, false, true},
		{"AzureADMultipleOrgs", home, "", false, true},
		{"AzureADMyOrg", home, home, true, true},
		{"AzureADMyOrg", home, "contoso.example", true, true},
		{"AzureADMyOrg", home, other, false, false},
		{"AzureADMyOrg", "", home, false, false},
		{"AzureADMyOrg", "", "", false, false},
		{"AzureADMyOrg", home, "", false, false},
		{"AzureADMyOrg", home, "fabrikam.example", false, false},
		{"PersonalMicrosoftAccount", home, other, false, false},
		{"", "", other, false, false},
	} {
		r := Registration{AppID: "app", Audience: c.audience, Home: c.home, Domains: []string{"contoso.example"}}
		note, err := r.CheckTenant(c.tenant)
		if (note != "") != c.note || (err == nil) != c.ok {
			t.Errorf("%+v: got %q, %v", c, note, err)
		}
	}
}
