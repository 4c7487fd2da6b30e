package subject

import (
	"fmt"
	"testing"

	"leastwise/collector/snapshot"
)

// The owning side and the registration both tell of billing and expiry: the worse counts.
func TestWorseSideOfAContainerType(t *testing.T) {
	const past, soon, later, never = "2026-11-01T00:00:00Z", "2026-11-25T12:00:00Z", "2027-01-01T12:00:00Z", "0001-01-01T00:00:00Z"
	for _, c := range []struct {
		name            string
		owning, here    [3]string // billingClassification, billingStatus, expirationDateTime
		billing, status string
		days            string
	}{
		{"the same", [3]string{"standard", "valid", soon}, [3]string{"Standard", "VALID", soon}, "standard", "valid", "5"},
		{"invalid here", [3]string{"standard", "valid"}, [3]string{"standard", "invalid"}, "standard", "invalid", "none"},
		{"invalid there", [3]string{"standard", "invalid"}, [3]string{"standard", "valid"}, "standard", "invalid", "none"},
		{"a new word here", [3]string{"standard", "valid"}, [3]string{"standard", "paused"}, "standard", "paused", "none"},
		{"invalid beside a new word", [3]string{"", "invalid"}, [3]string{"", "paused"}, "", "invalid", "none"},
		{"told here only", [3]string{}, [3]string{"trial", "valid", past}, "trial", "valid", "-19"},
		{"a trial here", [3]string{"standard"}, [3]string{"trial"}, "trial", "", "none"},
		{"ended here", [3]string{"", "", later}, [3]string{"", "", past}, "", "", "-19"},
		{"ended there", [3]string{"", "", past}, [3]string{"", "", soon}, "", "", "-19"},
		{"the sooner", [3]string{"", "", later}, [3]string{"", "", soon}, "", "", "5"},
		{"no end there", [3]string{"", "", never}, [3]string{"", "", past}, "", "", "-19"},
		{"no end here", [3]string{"", "", later}, [3]string{"", "", never}, "", "", "42"},
		{"no end", [3]string{"", "", never}, [3]string{"", "", never}, "", "", "none"},
		{"no instant beside a later one", [3]string{"", "", later}, [3]string{"", "", "soon"}, "", "", "none"},
		{"no instant beside one of the past", [3]string{"", "", "soon"}, [3]string{"", "", past}, "", "", "-19"},
	} {
		row := func(side [3]string) string {
			return fmt.Sprintf(`{"id":"t1","owningAppId":"a","billingClassification":%q,"billingStatus":%q,"expirationDateTime":%q}`, side[0], side[1], side[2])
		}
		j := facts{rows: map[snapshot.Name][]string{
			snapshot.ContainerTypes: {row(c.owning)}, snapshot.ContainerTypeRegistrations: {row(c.here)},
		}}.open(t)
		got := j.types[0]
		days := "none"
		if got.DaysLeft != nil {
			days = fmt.Sprint(*got.DaysLeft)
		}
		if got.Billing != c.billing || got.BillingStatus != c.status || days != c.days {
			t.Errorf("%s: got %q, %q, %s days left of %q", c.name, got.Billing, got.BillingStatus, days, got.ExpiresAt)
		}
	}
}

func TestGuestsByName(t *testing.T) {
	for name, want := range map[string]string{
		"alice@contoso.com":                                  "false",
		"m_y.z#EXT#@contoso.onmicrosoft.com":                 "true",
		"bob_gmail.com%23ext%23@contoso.onmicrosoft.com":     "true",
		"urn:spo:guest#bob@gmail.com":                        "true",
		"i:0#.f|membership|urn%3aspo%3aguest#bob@gmail.com":  "true",
		"i:0#.f|membership|alice@contoso.com":                "false",
		"100%@contoso.com":                                   "false",
		"anonymous":                                          "absent",
		"urn:spo:anon#3b1f":                                  "absent",
		`SHAREPOINT\system`:                                  "absent",
		"c:0t.c|tenant|0d1fdd5e-7c7c-4b8e-9a39-1f2a5f5d0b11": "absent",
		"": "absent",
	} {
		if got := tri(guest(name)); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

// A person is told as user and as site user at once: either may say that it is a guest.
func TestGuestsByEitherIdentity(t *testing.T) {
	c := &containerFacts{guests: map[string]bool{"u1": false}}
	for _, test := range []struct {
		name       string
		user, site *wireMemberIdentity
		want       string
	}{
		{"login name of the site user", &wireMemberIdentity{DisplayName: "Bob"}, &wireMemberIdentity{LoginName: "i:0#.f|membership|urn%3aspo%3aguest#bob@gmail.com"}, "true"},
		{"mail as a name, and the site user is a guest", &wireMemberIdentity{UPN: "bob@gmail.com"}, &wireMemberIdentity{UPN: "urn:spo:guest#bob@gmail.com"}, "true"},
		{"the directory says a member", &wireMemberIdentity{ID: "U1", UPN: "a_b#EXT#@x"}, nil, "false"},
		{"nothing told", &wireMemberIdentity{DisplayName: "Bob"}, nil, "absent"},
	} {
		if got := tri(c.guest(test.user, test.site)); got != test.want {
			t.Errorf("%s: got %s", test.name, got)
		}
	}
}

// What only the owning side tells may be otherwise in the registration, which is in force here.
func TestWhatTheRegistrationDoesNotTell(t *testing.T) {
	for _, c := range []struct{ name, owning, here, want string }{
		{"both tell", `"billingStatus":"valid","settings":{"sharingCapability":"disabled"}`, `"billingStatus":"valid","settings":{"sharingCapability":"disabled"}`, ""},
		{"nothing here", `"billingStatus":"valid","settings":{"sharingCapability":"disabled"}`, `"settings":null`, "billing_status sharing "},
		{"no sharing here", `"billingStatus":"valid","settings":{"sharingCapability":"disabled"}`, `"billingStatus":"valid","settings":{"sharingCapability":null}`, "sharing "},
		{"nothing anywhere", `"settings":{}`, `"settings":{}`, ""},
	} {
		j := facts{rows: map[snapshot.Name][]string{
			snapshot.ContainerTypes:             {`{"id":"t1","owningAppId":"a",` + c.owning + `}`},
			snapshot.ContainerTypeRegistrations: {`{"id":"t1","owningAppId":"a",` + c.here + `}`},
		}}.open(t)
		got := ""
		for _, gap := range j.types[0].Incomplete {
			got += gap.Field + " "
		}
		if got != c.want {
			t.Errorf("%s: got gaps in %q, want %q", c.name, got, c.want)
		}
	}
}
