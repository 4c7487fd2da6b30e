package snapshot

import "testing"

func TestCheckFindsWhatJudgementsCannotRead(t *testing.T) {
	cases := []struct {
		name    string
		dataset Name
		row     string
		field   string // of the one gap; empty for none
		reason  string
	}{
		{"sound", Applications, `{"id":"1","createdDateTime":"2026-01-02T03:04:05Z","passwordCredentials":[{"endDateTime":"2026-01-02T03:04:05.1234567Z"}]}`, "", ""},
		{"lower-case letters", Applications, `{"createdDateTime":"2026-01-02t03:04:05z"}`, "", ""},
		{"offset", Applications, `{"createdDateTime":"2026-01-02T03:04:05+09:00"}`, "", ""},
		{"null and absent", ContainerTypes, `{"expirationDateTime":null}`, "", ""},
		{"null list", Applications, `{"passwordCredentials":null,"requiredResourceAccess":null}`, "", ""},
		{
			"American date", Applications, `{"passwordCredentials":[{},{"endDateTime":"01/20/2025"}]}`,
			"/passwordCredentials/1/endDateTime", `"01/20/2025" is not an instant`,
		},
		{"American date of a container type", ContainerTypes, `{"createdDateTime":"01/20/2025"}`, "/createdDateTime", `"01/20/2025" is not an instant`},
		{"offset of one digit", Containers, `{"createdDateTime":"2026-01-02T03:04:05-8:00"}`, "/createdDateTime", `"2026-01-02T03:04:05-8:00" is not an instant`},
		{"no zone", AppRoleAssignments, `{"createdDateTime":"2026-01-02T03:04:05"}`, "/createdDateTime", `"2026-01-02T03:04:05" is not an instant`},
		{"number", Applications, `{"createdDateTime":5}`, "/createdDateTime", `5 is not an instant`},
		{"credentials that are no list", ServicePrincipals, `{"keyCredentials":{}}`, "/keyCredentials", "not a list of credentials"},
		{"requests that are no list", Applications, `{"requiredResourceAccess":"none"}`, "/requiredResourceAccess", `"none" is not a list of objects`},
		{"scope that is no text", DelegatedGrants, `{"scope":["User.Read"]}`, "/scope", `["User.Read"] is not text`},
		{"permissions that are no list", ContainerTypeGrants, `{"applicationPermissions":"full"}`, "/applicationPermissions", `"full" is not a list of names`},
		{"another dataset", Organization, `{"createdDateTime":"01/20/2025"}`, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			gaps := check(c.dataset, []byte(c.row))
			if c.field == "" {
				if len(gaps) != 0 {
					t.Fatalf("got %v, want no gap", gaps)
				}
				return
			}
			if len(gaps) != 1 || gaps[0].Field != c.field || gaps[0].Reason != c.reason {
				t.Fatalf("got %v, want one gap at %s: %s", gaps, c.field, c.reason)
			}
		})
	}
}
