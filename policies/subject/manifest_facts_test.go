package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

func TestImplicitTokens(t *testing.T) {
	for _, c := range []struct {
		name, web string
		want      []string
		gap       bool
	}{
		{"none", `{"implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":false}}`, []string{}, false},
		{"both", `{"implicitGrantSettings":{"enableAccessTokenIssuance":true,"enableIdTokenIssuance":true}}`, []string{"access_token", "id_token"}, false},
		{"id token", `{"implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":true}}`, []string{"id_token"}, false},
		{"one not read", `{"implicitGrantSettings":{"enableAccessTokenIssuance":"yes","enableIdTokenIssuance":false}}`, []string{}, true},
		{"neither read", `{"implicitGrantSettings":{}}`, nil, false},
		{"no settings", `{"implicitGrantSettings":null}`, nil, false},
		{"no platform", `null`, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := application(t, facts{}, `{"id":"o","appId":"a","passwordCredentials":[],"keyCredentials":[],"web":`+c.web+`}`)
			same(t, "tokens", c.want, app.ImplicitTokens)
			if (len(app.Incomplete) == 1 && app.Incomplete[0].Field == "implicit_tokens") != c.gap {
				t.Errorf("got gaps %v", app.Incomplete)
			}
		})
	}
	if app := (facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {`{"id":"s","appId":"a"}`}}}).applications(t)["a"]; app.ImplicitTokens != nil || app.PreAuthorized != nil || app.FederatedCredentials != nil {
		t.Errorf("got %+v, want nothing of a registration that is elsewhere", app)
	}
}

func TestPreAuthorized(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {
		`{"id":"s1","appId":"c1","displayName":"Ours","appOwnerOrganizationId":"` + home + `"}`, `{"id":"s2","appId":"c2","displayName":"Theirs","appOwnerOrganizationId":"` + other + `"}`,
	}}}
	app := application(t, f, `{"id":"o","appId":"a","api":{"oauth2PermissionScopes":[{"id":"B","value":"Write"},{"id":"a","value":"Read"}],"preAuthorizedApplications":[`+
		`{"appId":"C2","delegatedPermissionIds":["b","A","gone"]},{"appId":"c1","permissionIds":["a"]},{"appId":"c3","delegatedPermissionIds":[]},{"appId":"c4","delegatedPermissionIds":["a"],"permissionIds":["A","b"]}]}}`)
	same(t, "clients", []PreAuthorized{
		{AppID: "c1", Name: "Ours", Origin: "own", Scopes: []string{"Read"}},
		{AppID: "c2", Name: "Theirs", Origin: "foreign", Scopes: []string{"Read", "Write", "gone"}},
		{AppID: "c3", Scopes: []string{}},
		{AppID: "c4", Scopes: []string{"Read", "Write"}},
	}, app.PreAuthorized)
	if app := application(t, facts{}, `{"id":"o","appId":"a","api":{"preAuthorizedApplications":[]}}`); app.PreAuthorized == nil || len(app.PreAuthorized) > 0 {
		t.Errorf("got %#v, want an empty list", app.PreAuthorized)
	}
	for _, api := range []string{`null`, `{}`, `{"preAuthorizedApplications":null}`} {
		if app := application(t, facts{}, `{"id":"o","appId":"a","api":`+api+`}`); app.PreAuthorized != nil {
			t.Errorf("%s: got %#v, want nothing", api, app.PreAuthorized)
		}
	}
	damaged := application(t, facts{}, `{"id":"o","appId":"a","passwordCredentials":[],"keyCredentials":[],"api":{"preAuthorizedApplications":[{"appId":"c1"}]}}`)
	if len(damaged.Incomplete) != 1 || damaged.Incomplete[0].Field != "pre_authorized" {
		t.Errorf("got %v, want a gap", damaged.Incomplete)
	}
}

func TestPublisherAndStatus(t *testing.T) {
	const unset, set = `{"verifiedPublisherId":null,"displayName":null}`, `{"verifiedPublisherId":"7","displayName":"Contoso"}`
	for _, c := range []struct{ app, principal, want, name string }{
		{"null", "null", "absent", ""},
		{unset, "null", "false", ""},
		{"null", unset, "false", ""},
		{set, unset, "true", "Contoso"},
		{"null", set, "true", "Contoso"},
		{unset, set, "false", "Contoso"}, // the copy of a time before
		{`{"verifiedPublisherId":" "}`, "null", "false", ""},
	} {
		f := facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {`{"id":"s","appId":"a","disabledByMicrosoftStatus":"NotDisabled","verifiedPublisher":` + c.principal + `}`}}}
		app := application(t, f, `{"id":"o","appId":"a","verifiedPublisher":`+c.app+`}`)
		if tri(app.VerifiedPublisher) != c.want || app.PublisherName != c.name || app.DisabledByMicrosoft != "NotDisabled" {
			t.Errorf("%s and %s: got %s, %q, %q", c.app, c.principal, tri(app.VerifiedPublisher), app.PublisherName, app.DisabledByMicrosoft)
		}
	}
	app := application(t, facts{}, `{"id":"o","appId":"a","disabledByMicrosoftStatus":"DisabledDueToViolationOfServicesAgreement"}`)
	if app.DisabledByMicrosoft != "DisabledDueToViolationOfServicesAgreement" || app.TenantID != home {
		t.Errorf("got %+v", app)
	}
}

func TestFederatedCredentials(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications: {`{"id":"O1","appId":"a","passwordCredentials":[],"keyCredentials":[]}`, `{"id":"o2","appId":"b","passwordCredentials":[],"keyCredentials":[]}`, `{"id":"o3","appId":"c","passwordCredentials":[],"keyCredentials":[]}`},
		snapshot.FederatedCredentials: {
			`{"objectId":"o1","id":"F1","name":"prod","issuer":"https://i","subject":"repo:x","audiences":["api://x"]}`,
			`{"objectId":"O1","id":"f2","issuer":"https://i","subject":null,"claimsMatchingExpression":{"value":"claims['sub'] matches '*'","languageVersion":1}}`,
			`{"objectId":"o1","id":"f3","subject":""}`,
		},
	}, gaps: map[snapshot.Name][]snapshot.Gap{snapshot.FederatedCredentials: {{Row: "o3", Reason: "HTTP 500"}, {Row: "O1/F1", Reason: "its issuer is odd"}}}}
	apps := f.applications(t)
	subject, empty := "repo:x", ""
	same(t, "credentials", []FederatedCredential{
		{ID: "f1", Name: "prod", Issuer: "https://i", Subject: &subject, Audiences: []string{"api://x"}},
		{ID: "f2", Issuer: "https://i", Expression: "claims['sub'] matches '*'"},
		{ID: "f3", Subject: &empty},
	}, apps["a"].FederatedCredentials)
	gap := func(reason string) []Gap {
		return []Gap{{Dataset: snapshot.FederatedCredentials, Reason: reason, Field: "federated_credentials"}}
	}
	same(t, "gaps of a row", gap("its issuer is odd"), apps["a"].Incomplete)
	same(t, "none", []FederatedCredential{}, apps["b"].FederatedCredentials)
	if apps["c"].FederatedCredentials != nil {
		t.Errorf("got %#v, want nothing of an application that could not be asked", apps["c"].FederatedCredentials)
	}
	same(t, "gaps of an object", gap("HTTP 500"), apps["c"].Incomplete)
	f.rows[snapshot.FederatedCredentials], f.gaps, f.status = nil, nil, map[snapshot.Name]snapshot.Status{snapshot.FederatedCredentials: snapshot.Denied}
	if got := f.applications(t)["b"].FederatedCredentials; got != nil {
		t.Errorf("got %#v, want nothing where they were denied", got)
	}
}

func TestPublished(t *testing.T) {
	asks := func(resource, id string) string {
		return `{"id":"1","appId":"a","requiredResourceAccess":[{"resourceAppId":"` + resource + `","resourceAccess":[{"id":"` + id + `","type":"Role"}]}]}`
	}
	apis := []string{
		`{"id":"s1","appId":"api","appRoles":[{"id":"R","value":null}],"oauth2PermissionScopes":[{"id":"s","value":"Do"}]}`,
		`{"id":"s2","appId":"none","appRoles":[],"oauth2PermissionScopes":[]}`, `{"id":"s3","appId":"half","appRoles":[{"id":"r","value":"Do"}]}`,
		`{"id":"s4","appId":"broken","appRoles":[{"id":7}],"oauth2PermissionScopes":[]}`, `{"id":"sp","appId":"client"}`,
	}
	rows := map[snapshot.Name][]string{
		snapshot.ServicePrincipals:  apis,
		snapshot.AppRoleAssignments: {assigned("1", "sp", "ServicePrincipal", "s1", "r"), assigned("2", "sp", "ServicePrincipal", "s1", "gone"), assigned("3", "sp", "ServicePrincipal", "lost", "r")},
		snapshot.DelegatedGrants:    {delegated("4", "AllPrincipals", "", "s1", "do Other"), delegated("5", "AllPrincipals", "", "s3", "Do")},
	}
	for _, c := range []struct{ api, id, want string }{
		{"api", "r", "true"},
		{"API", "S", "true"},
		{"api", "x", "false"},
		{"none", "x", "false"},
		{"half", "r", "absent"},
		{"half", "x", "absent"},
		{"broken", "x", "absent"},
		{"nowhere", "x", "absent"},
	} {
		if got := application(t, facts{rows: rows}, asks(c.api, c.id)).Requests[0].Published; tri(got) != c.want {
			t.Errorf("%s/%s: got %s, want %s", c.api, c.id, tri(got), c.want)
		}
	}
	got := map[string][2]string{}
	for _, g := range (facts{rows: rows}).applications(t)["client"].Grants {
		got[g.ResourceAppID+"/"+g.Kind+"/"+g.Permission+g.PermissionID] = [2]string{tri(g.Published), tri(&g.ResourceDeleted)}
	}
	same(t, "grants", map[string][2]string{
		"api/application/r": {"true", "false"}, "api/application/gone": {"false", "false"}, "/application/r": {"absent", "true"},
		"api/delegated/Dos": {"true", "false"}, "api/delegated/Other": {"false", "false"}, "half/delegated/Do": {"absent", "false"},
	}, got)
	partial := facts{rows: rows, meta: map[snapshot.Name]snapshot.Dataset{snapshot.ServicePrincipals: {Status: snapshot.Partial, Reason: "a page failed"}}}
	for _, g := range partial.applications(t)["client"].Grants {
		if g.ResourceDeleted {
			t.Errorf("%+v is on a resource that is gone, says a list that broke off", g)
		}
	}
}

func TestUserConsentOfPermissions(t *testing.T) {
	app := application(t, facts{rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: published()}},
		`{"id":"1","appId":"a","requiredResourceAccess":[{"resourceAppId":"`+graph+`","resourceAccess":[{"id":"`+mailRole+`","type":"Role"},{"id":"`+mailScope+`","type":"Scope"}]},{"resourceAppId":"ours","resourceAccess":[{"id":"r","type":"Role"}]}]}`)
	got := map[string]string{}
	for _, r := range app.Requests {
		got[r.Key] = tri(r.UserConsent)
	}
	same(t, "user consent", map[string]string{graph + "/application/Mail.Read": "false", graph + "/delegated/Mail.Read": "true", "ours/application/Role.Only": "absent"}, got)
}

func TestDirectoryRoles(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {`{"id":"S1","appId":"a","passwordCredentials":[],"keyCredentials":[]}`, `{"id":"s2","appId":"b","passwordCredentials":[],"keyCredentials":[]}`},
		snapshot.Applications:      {`{"id":"o3","appId":"c","passwordCredentials":[],"keyCredentials":[]}`},
		snapshot.ServicePrincipalOwners: {
			`{"objectId":"s1","ownerId":"U1","@odata.type":"#microsoft.graph.user","displayName":"U"}`, `{"objectId":"s1","ownerId":"S2","@odata.type":"#microsoft.graph.servicePrincipal","displayName":"S"}`,
		},
		snapshot.DirectoryRoleDefinitions: {`{"id":"d1","templateId":"T1","displayName":"Admin"}`},
		snapshot.DirectoryRoleAssignments: {
			`{"id":"1","assignment":"active","principalId":"s1","principalType":"servicePrincipal","roleDefinitionId":"D1","directoryScopeId":"/"}`,
			`{"id":"2/s1","assignment":"eligible","principalId":"s1","principalType":"servicePrincipal","roleDefinitionId":"d2","directoryScopeId":"/administrativeUnits/x","groupId":"G"}`,
			`{"id":"2","assignment":"eligible","principalId":"g","principalType":"group","roleDefinitionId":"d2","directoryScopeId":"/","principalsRead":true}`,
			`{"id":"3","assignment":"eligible","principalId":"u1","principalType":"user","roleDefinitionId":"d1","directoryScopeId":"/"}`,
			`{"id":"4","assignment":"active","principalId":"s2","principalType":"servicePrincipal","roleDefinitionId":"d1","directoryScopeId":"/"}`,
		},
	}, gaps: map[snapshot.Name][]snapshot.Gap{snapshot.DirectoryRoleAssignments: {{Row: "4", Reason: "odd"}}}}
	apps := f.applications(t)
	same(t, "roles", []RoleHold{{RoleID: "d2", Via: "eligible", Scope: "/administrativeUnits/x", GroupID: "g"}, {RoleID: "t1", Role: "Admin", Via: "assigned", Scope: "/"}}, apps["a"].DirectoryRoles)
	same(t, "roles of one without a principal", []RoleHold{}, apps["c"].DirectoryRoles)
	same(t, "roles of owners", map[string][]RoleHold{
		"s2": {{RoleID: "t1", Role: "Admin", Via: "assigned", Scope: "/"}},
		"u1": {{RoleID: "d2", Via: "group", Scope: "/"}, {RoleID: "t1", Role: "Admin", Via: "eligible", Scope: "/"}},
	}, map[string][]RoleHold{apps["a"].Owners[0].ID: apps["a"].Owners[0].Roles, apps["a"].Owners[1].ID: apps["a"].Owners[1].Roles})
	gap := func(field string) []Gap {
		return []Gap{{Dataset: snapshot.DirectoryRoleAssignments, Reason: "odd", Field: field}}
	}
	same(t, "gaps of an owner", gap("owners"), apps["a"].Incomplete)
	same(t, "gaps of a principal", gap("directory_roles"), apps["b"].Incomplete)
	f.status = map[snapshot.Name]snapshot.Status{snapshot.DirectoryRoleDefinitions: snapshot.Denied}
	if app := f.applications(t)["a"]; app.DirectoryRoles != nil || app.Owners[0].Roles != nil {
		t.Errorf("got %+v, want nothing without definitions", app)
	}
	f.status, f.meta = nil, map[snapshot.Name]snapshot.Dataset{snapshot.ServicePrincipals: {Status: snapshot.Partial, Reason: "a page failed"}}
	if roles := f.applications(t)["c"].DirectoryRoles; roles != nil {
		t.Errorf("got %v of an application whose principal may have been missed", roles)
	}
}

func TestCredentialsOfAuditors(t *testing.T) {
	f := facts{
		rows: map[snapshot.Name][]string{
			snapshot.Applications:      {`{"id":"o","appId":"App","passwordCredentials":[{"keyId":"k"}],"keyCredentials":[]}`},
			snapshot.ServicePrincipals: {`{"id":"s","appId":"app","passwordCredentials":[],"keyCredentials":null}`},
		},
		identities: []snapshot.Identity{{Kind: "secret", ClientID: "APP", AppOnly: true}, {Kind: "secret", ClientID: "elsewhere", AppOnly: true}},
	}
	j := f.open(t)
	documents(t, j, KindApplication)
	list := documents(t, j, KindAuditor)
	got := list[0].Value.(*Auditor).Credentials
	if len(got) != 1 || got[0].KeyID != "k" || len(list[0].Incomplete) != 1 || list[0].Incomplete[0].Field != "credentials" {
		t.Errorf("got %+v and %v, want the secret, and a gap of the certificates", got, list[0].Incomplete)
	}
	if list[1].Value.(*Auditor).Credentials != nil {
		t.Error("an application that was not met has credentials")
	}
}
