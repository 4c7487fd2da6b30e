package snapshot

import "testing"

func TestCheckFindsWhatJudgementsCannotRead(t *testing.T) {
	cases := []struct {
		name    string
		dataset Name
		row     string
		field   string // of the one gap
		reason  string // empty for no gap
	}{
		{"sound", Applications, `{"appId":"a","createdDateTime":"2026-01-02T03:04:05Z","passwordCredentials":[{"endDateTime":"2026-01-02T03:04:05.1234567Z"}]}`, "", ""},
		{"every list", Applications, `{"appId":"a","requiredResourceAccess":[{"resourceAppId":"g","resourceAccess":[{"id":"r","type":"Role"}]}],"passwordCredentials":[],"keyCredentials":[{}]}`, "", ""},
		{"publisher", ServicePrincipals, `{"appId":"a","appRoles":[{"id":"r","value":null,"allowedMemberTypes":["User","Application"]}],"oauth2PermissionScopes":[{"id":"s","value":"User.Read"}]}`, "", ""},
		{"grant to everybody", DelegatedGrants, `{"clientId":"c","resourceId":"r","consentType":"AllPrincipals","principalId":null,"scope":""}`, "", ""},
		{"grant to one", DelegatedGrants, `{"clientId":"c","resourceId":"r","consentType":"Principal","principalId":"p","scope":"a"}`, "", ""},
		{"assignment", AppRoleAssignments, `{"principalId":"p","resourceId":"r","appRoleId":"a"}`, "", ""},
		{"publisher of nothing", ServicePrincipals, `{"appId":"a","appRoles":[]}`, "", ""},
		{"app roles not listed", ServicePrincipals, `{"appId":"a"}`, "", ""},
		{"role of an application", Applications, `{"appId":"a","appRoles":[{"id":"r"}]}`, "", ""},
		{"offset", ContainerTypes, `{"createdDateTime":"2026-01-02T03:04:05+09:00"}`, "", ""},
		{"no expiry", ContainerTypes, `{"expirationDateTime":null}`, "", ""},
		{"another dataset", GraphActivity, `{"createdDateTime":"01/20/2025","appId":null}`, "", ""},

		{"no appId", Applications, `{}`, "", "appId: expected an id, found nothing"},
		{"appId null", ServicePrincipals, `{"appId":null}`, "", "appId: expected an id, found null"},
		{"appId that is a number", Applications, `{"appId":5}`, "", "appId: expected an id, found a number"},
		{"blank appId", Applications, `{"appId":" "}`, "", "appId: expected an id, found text"},
		{"assignment to nobody", AppRoleAssignments, `{"principalId":null,"resourceId":"r","appRoleId":"a"}`, "", "principalId: expected an id, found null"},
		{"assignment by nobody", AppRoleAssignments, `{"principalId":"p","appRoleId":"a"}`, "", "resourceId: expected an id, found nothing"},
		{"assignment of nothing", AppRoleAssignments, `{"principalId":"p","resourceId":"r"}`, "", "appRoleId: expected an id, found nothing"},
		{"grant to no client", DelegatedGrants, `{"resourceId":"r","consentType":"AllPrincipals","scope":"a"}`, "", "clientId: expected an id, found nothing"},
		{"grant by nobody", DelegatedGrants, `{"clientId":"c","resourceId":"r","scope":"a"}`, "", "consentType: expected text, found nothing"},
		{"grant by someone", DelegatedGrants, `{"clientId":"c","resourceId":"r","consentType":null,"scope":"a"}`, "", "consentType: expected text, found null"},
		{"grant to no user", DelegatedGrants, `{"clientId":"c","resourceId":"r","consentType":"Principal","principalId":null,"scope":"a"}`, "", "principalId: expected an id, found null"},
		{"grant on nothing", DelegatedGrants, `{"clientId":"c","consentType":"AllPrincipals","resourceId":{},"scope":"a"}`, "", "resourceId: expected an id, found an object"},
		{"owner that is none", ContainerTypes, `{"owningAppId":true}`, "", "owningAppId: expected text, found true"},

		{
			"American date", Applications, `{"appId":"a","passwordCredentials":[{},{"endDateTime":"01/20/2025"}]}`,
			"/passwordCredentials/1/endDateTime", `"01/20/2025" is not an instant`,
		},
		{"American date of a container type", ContainerTypes, `{"createdDateTime":"01/20/2025"}`, "/createdDateTime", `"01/20/2025" is not an instant`},
		{"number", Containers, `{"createdDateTime":5}`, "/createdDateTime", `5 is not an instant`},

		{"requests null", Applications, `{"appId":"a","requiredResourceAccess":null}`, "/requiredResourceAccess", "expected an array, found null"},
		{"requests that are text", Applications, `{"appId":"a","requiredResourceAccess":"none"}`, "/requiredResourceAccess", "expected an array, found text"},
		{"request null", Applications, `{"appId":"a","requiredResourceAccess":[{},null]}`, "/requiredResourceAccess/1", "expected an object, found null"},
		{"request for nothing", Applications, `{"appId":"a","requiredResourceAccess":[{"resourceAppId":null}]}`, "/requiredResourceAccess/0/resourceAppId", "expected text, found null"},
		{"access null", Applications, `{"appId":"a","requiredResourceAccess":[{"resourceAccess":null}]}`, "/requiredResourceAccess/0/resourceAccess", "expected an array, found null"},
		{"access that is text", Applications, `{"appId":"a","requiredResourceAccess":[{"resourceAccess":["x"]}]}`, "/requiredResourceAccess/0/resourceAccess/0", "expected an object, found text"},
		{"access to null", Applications, `{"appId":"a","requiredResourceAccess":[{"resourceAccess":[{"id":null}]}]}`, "/requiredResourceAccess/0/resourceAccess/0/id", "expected text, found null"},
		{"access of no type", Applications, `{"appId":"a","requiredResourceAccess":[{"resourceAccess":[{"id":"r","type":1}]}]}`, "/requiredResourceAccess/0/resourceAccess/0/type", "expected text, found a number"},
		{"secrets null", Applications, `{"appId":"a","passwordCredentials":null}`, "/passwordCredentials", "expected an array, found null"},
		{"secret null", ServicePrincipals, `{"appId":"a","passwordCredentials":[null]}`, "/passwordCredentials/0", "expected an object, found null"},
		{"certificates that are no list", ServicePrincipals, `{"appId":"a","keyCredentials":{}}`, "/keyCredentials", "expected an array, found an object"},
		{"certificate that is a list", ServicePrincipals, `{"appId":"a","keyCredentials":[[]]}`, "/keyCredentials/0", "expected an object, found an array"},
		{"role null", ServicePrincipals, `{"appId":"a","appRoles":[null]}`, "/appRoles/0", "expected an object, found null"},
		{"role without id", ServicePrincipals, `{"appId":"a","appRoles":[{"id":null,"allowedMemberTypes":["User"]}]}`, "/appRoles/0/id", "expected text, found null"},
		{"scope that is a number", ServicePrincipals, `{"appId":"a","oauth2PermissionScopes":[{"value":1}]}`, "/oauth2PermissionScopes/0/value", "expected text, found a number"},
		{"scopes null", DelegatedGrants, `{"clientId":"c","resourceId":"r","consentType":"AllPrincipals","scope":null}`, "/scope", "expected text, found null"},
		{"scopes in a list", DelegatedGrants, `{"clientId":"c","resourceId":"r","consentType":"AllPrincipals","scope":["User.Read"]}`, "/scope", "expected text, found an array"},
		{"no scopes", DelegatedGrants, `{"clientId":"c","resourceId":"r","consentType":"AllPrincipals"}`, "/scope", "expected text, found nothing"},
		{"app roles null", ServicePrincipals, `{"appId":"a","appRoles":null}`, "/appRoles", "expected an array, found null"},
		{"role for nobody", ServicePrincipals, `{"appId":"a","appRoles":[{"id":"r","allowedMemberTypes":["User"]},{"id":"s","allowedMemberTypes":[]}]}`, "/appRoles/1/allowedMemberTypes", "it does not say whom the role is for"},
		{"role for whom", ServicePrincipals, `{"appId":"a","appRoles":[{"id":"r"}]}`, "/appRoles/0/allowedMemberTypes", "it does not say whom the role is for"},
		{"role for null", ServicePrincipals, `{"appId":"a","appRoles":[{"id":"r","allowedMemberTypes":null}]}`, "/appRoles/0/allowedMemberTypes", "expected an array, found null"},
		{"role for a number", ServicePrincipals, `{"appId":"a","appRoles":[{"id":"r","allowedMemberTypes":[1]}]}`, "/appRoles/0/allowedMemberTypes/0", "expected text, found a number"},
		{"permissions that are no list", ContainerTypeGrants, `{"applicationPermissions":"full"}`, "/applicationPermissions", "expected an array, found text"},
		{"permission null", ContainerTypeGrants, `{"delegatedPermissions":["full",null]}`, "/delegatedPermissions/1", "expected text, found null"},

		{"sound decision", DataConnectEvents, `{"kind":"consent","state":"approved","at":"2026-01-02T03:04:05Z","expiresAt":"2026-01-02t03:04:05.1+09:00","validDays":180,"datasets":[{"name":"d","columns":["id"]}]}`, "", ""},
		{"sound run", DataConnectEvents, `{"kind":"operation","columns":[],"startedAt":"2026-01-02T03:04:05Z"}`, "", ""},
		{"decision at no time", DataConnectEvents, `{"kind":"consent","state":"denied","at":"yesterday"}`, "", `at: "yesterday" is not an instant`},
		{"approved without zone", DataConnectEvents, `{"kind":"consent","state":"approved","approvedAt":"2026-01-02T03:04:05"}`, "", `approvedAt: "2026-01-02T03:04:05" is not an instant`},
		{"American expiry", DataConnectEvents, `{"kind":"consent","state":"approved","expiresAt":"01/20/2025"}`, "", `expiresAt: "01/20/2025" is not an instant`},
		{"expiry null", DataConnectEvents, `{"kind":"consent","state":"approved","expiresAt":null}`, "", "expiresAt: expected an instant, found null"},
		{"expiry that was not read", DataConnectEvents, `{"kind":"consent","state":"approved","expiresAtRaw":"01/20/2025"}`, "", `expiresAt: "01/20/2025" is not an instant`},
		{"started on no day", DataConnectEvents, `{"kind":"operation","startedAt":"2026-02-30T00:00:00Z"}`, "", `startedAt: "2026-02-30T00:00:00Z" is not an instant`},
		{"start that was not read", DataConnectEvents, `{"kind":"operation","startedAtRaw":"soon"}`, "/startedAt", `"soon" is not an instant`},
		{"ended at a number", DataConnectEvents, `{"kind":"operation","endedAt":5}`, "", "endedAt: expected an instant, found a number"},
		{"unknown state", DataConnectEvents, `{"kind":"consent","state":"frozen"}`, "", `state: "frozen" is not a known state`},
		{"state null", DataConnectEvents, `{"kind":"consent","state":null}`, "", "state: expected text, found null"},
		{"state that was not understood", DataConnectEvents, `{"kind":"consent","state":"","stateRaw":"Frozen"}`, "/state", `"Frozen" is not a known state`},
		{"no state", DataConnectEvents, `{"kind":"consent"}`, "/state", `"" is not a known state`},
		{"unknown kind", DataConnectEvents, `{"kind":"Consent"}`, "", `kind: "Consent" is not a known kind`},
		{"no kind", DataConnectEvents, `{}`, "", "kind: expected text, found nothing"},
		{"appId of an event", DataConnectEvents, `{"kind":"operation","appId":null}`, "", "appId: expected text, found null"},
		{"days as text", DataConnectEvents, `{"kind":"consent","state":"approved","validDays":"180"}`, "", "validDays: expected a whole number, found text"},
		{"days null", DataConnectEvents, `{"kind":"consent","state":"approved","validDays":null}`, "", "validDays: expected a whole number, found null"},
		{"column null", DataConnectEvents, `{"kind":"operation","columns":["id",null]}`, "", "columns/1: expected text, found null"},
		{"dataset null", DataConnectEvents, `{"kind":"consent","state":"approved","datasets":[null]}`, "", "datasets/0: expected an object, found null"},
		{"approved columns null", DataConnectEvents, `{"kind":"consent","state":"approved","datasets":[{"columns":null}]}`, "", "datasets/0/columns: expected an array, found null"},
		{"register", DataConnectRegister, `{"datasets":[{"columns":{}}]}`, "", "datasets/0/columns: expected an array, found an object"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			gaps := check(c.dataset, []byte(c.row))
			if c.reason == "" {
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

func TestIsInstant(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-01-02T03:04:05Z":                true,
		"2026-01-02t03:04:05z":                true,
		"2026-01-02T03:04:05.1Z":              true,
		"2026-01-02T03:04:05.123456789-08:00": true,
		"2026-01-02T03:04:05.1234567890123Z":  true,
		"9999-12-31T23:59:59Z":                true,
		"":                                    false,
		"01/20/2025":                          false,
		"2026-01-02":                          false,
		"2026-01-02T03:04:05":                 false,
		"2026-01-02 03:04:05Z":                false,
		" 2026-01-02T03:04:05Z":               false,
		"2026-01-02T03:04Z":                   false,
		"2026-02-30T03:04:05Z":                false,
		"2023-10-10T17:08:65Z":                false,
		"2026-01-02T3:04:05Z":                 false,
		"2026-01-02T03:04:05,5Z":              false,
		"2026-01-02T03:04:05.Z":               false,
		"2026-01-02T03:04:05-8:00":            true,
		"2026-01-02T03:04:05+0900":            false,
		"2026-01-02T03:04:05+24:00":           false,
		"2026-01-02T03:04:05+09:60":           false,
	} {
		if got := IsInstant(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
