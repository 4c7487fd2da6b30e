package onboarding

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"leastwise/collector/identity"
)

func TestReadRegistration(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Registration
	}{
		"Microsoft Graph": {
			`{"appId":"ABC","displayName":"App","signInAudience":"AzureADMyOrg","publisherDomain":"Contoso.com",
				"web":{"redirectUris":["https://a"]},"spa":{"redirectUris":["https://b"]},"publicClient":{"redirectUris":["http://localhost"]}}`,
			Registration{AppID: "abc", Name: "App", Audience: "AzureADMyOrg", Domains: []string{"contoso.com"}, Replies: []ReplyURL{
				{"https://a", PlatformWeb}, {"https://b", PlatformSPA}, {"http://localhost", PlatformPublic},
			}},
		},
		"the former manifest": {
			"\xef\xbb\xbf" + `{"appId":"abc","name":"App","signInAudience":"AzureADMultipleOrgs",
				"replyUrlsWithType":[{"url":"https://a","type":"Web"},{"url":"https://b","type":"Spa"},{"url":"http://localhost","type":"InstalledClient"}]}`,
			Registration{AppID: "abc", Name: "App", Audience: "AzureADMultipleOrgs", Replies: []ReplyURL{
				{"https://a", PlatformWeb}, {"https://b", PlatformSPA}, {"http://localhost", PlatformPublic},
			}},
		},
		"no reply URL": {`{"appId":"abc","signInAudience":"AzureADMyOrg","web":null}`, Registration{AppID: "abc", Audience: "AzureADMyOrg"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "app.json")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := ReadRegistration(path); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
	for text, want := range map[string]string{
		"":                                    "app.json:1: ",
		"{\n\n\"appId\": 1}":                  "app.json:3: ",
		"[]":                                  "app.json:1: ",
		"{\"appId\":\n\"a\",,}":               "app.json:2: ",
		`{"appId":"a"}`:                       "signInAudience is missing",
		`{"signInAudience":"AzureADMyOrg"}`:   "appId or",
		`{"value":[{"appId":"a"}]}`:           "appId or",
		`{"appId":"a","web":["https://x"]}`:   "app.json:1: ",
		`{"appId":"a","signInAudience":null}`: "signInAudience is missing",
	} {
		path := filepath.Join(t.TempDir(), "app.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadRegistration(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "; hint: ") {
			t.Errorf("%s: got %+v, %v, want %q", text, got, err, want)
		}
	}
}

func TestRootScope(t *testing.T) {
	custom, err := identity.CustomCloud("https://login.example", "https://graph.example", "")
	if err != nil {
		t.Fatal(err)
	}
	global, err := identity.FindCloud("global")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cloud      identity.Cloud
		site, want string // "" is refused
	}{
		{global, "https://contoso.sharepoint.com", "https://contoso.sharepoint.com/.default"},
		{global, "HTTPS://Contoso.SharePoint.com/", "https://contoso.sharepoint.com/.default"},
		{global, "https://contoso.sharepoint.us", "https://contoso.sharepoint.us/.default"},
		{global, "https://contoso.sharepoint-mil.us", "https://contoso.sharepoint-mil.us/.default"},
		{custom, "https://127.0.0.1:8443", "https://127.0.0.1:8443/.default"},
		{global, "http://contoso.sharepoint.com", ""},
		{global, "https://contoso-admin.sharepoint.com", ""},
		{global, "https://contoso-my.sharepoint.com", ""},
		{global, "https://contoso.sharepoint.com.evil", ""},
		{global, "https://evil.example/contoso.sharepoint.com", ""},
		{global, "https://contoso.sharepoint.com/sites/a", ""},
		{global, "https://contoso.sharepoint.com?x", ""},
		{global, "https://contoso.sharepoint.com/#x", ""},
		{global, "https://u@contoso.sharepoint.com", ""},
		{global, "contoso.sharepoint.com", ""},
		{custom, "https://host/path", ""},
	} {
		if got, err := RootScope(c.cloud, c.site); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q, %v", c.site, got, err)
		}
	}
}

func TestAddressesNeverHoldTheVerifier(t *testing.T) {
	cloud, err := identity.FindCloud("china")
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Cloud: cloud, Tenant: contoso, ClientID: app, Redirect: "http://localhost:1/a b&c", State: "s+t"}
	if got := r.Classic(); got != "" {
		t.Errorf("a cloud without Management API has %s", got)
	}
	got := r.SignIn("openid profile", "n", "the-verifier")
	if strings.Contains(got, "the-verifier") || strings.Contains(got, "+") || !strings.Contains(got, "redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fa%20b%26c") || !strings.Contains(got, "state=s%2Bt") {
		t.Errorf("got %s", got)
	}
}
