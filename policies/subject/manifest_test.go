package subject

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/snapshot"
)

const defining = `"id":"f.json#a","file":"f.json","line":3,"format":"terraform","unresolved":[]`

// applicationsOf are the documents and changes of what files define, against a tenant that holds live: its datasets
// are those that have rows or a status, and no others.
func applicationsOf(t *testing.T, live facts, rows ...string) ([]Document, []Change) {
	t.Helper()
	dest := filepath.Join(t.TempDir(), "snap")
	w, err := snapshot.Create(dest, snapshot.Tenant{ID: home, Cloud: "global"}, snapshot.Tool{}, asOf())
	if err != nil {
		t.Fatal(err)
	}
	live.rows = withRows(live.rows, snapshot.Manifests, rows...)
	for name := range live.rows {
		live.dataset(t, w, name)
	}
	for name, status := range live.status {
		if err := w.Without(name, snapshot.Dataset{Status: status, Reason: "because"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(asOf()); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(dest)
	if err != nil {
		t.Fatal(err)
	}
	j, err := Open(snap, Options{AsOf: asOf(), Catalogue: testCatalogue(t), Kinds: []Kind{KindApplication}})
	if err != nil {
		t.Fatal(err)
	}
	if !j.Defined() {
		t.Fatal("the files define nothing")
	}
	return documents(t, j, KindApplication), j.Changes()
}

// tenantWithOne is a tenant with one application that asks for Mail.Read and was granted it.
func tenantWithOne() facts {
	return facts{rows: map[snapshot.Name][]string{
		snapshot.Applications: {`{"id":"o1","appId":"app1","displayName":"One","signInAudience":"AzureADMyOrg","web":{"redirectUris":["https://live"]},
			"spa":{"redirectUris":[]},"publicClient":{"redirectUris":[]},"passwordCredentials":[{"keyId":"k"}],"keyCredentials":[],
			"requiredResourceAccess":[{"resourceAppId":"` + graph + `","resourceAccess":[{"id":"` + mailRole + `","type":"Role"}]}]}`},
		snapshot.ServicePrincipals: {
			`{"id":"s1","appId":"app1","displayName":"One","accountEnabled":true,"appOwnerOrganizationId":"` + home + `","servicePrincipalType":"Application","appRoles":[],"oauth2PermissionScopes":[],"passwordCredentials":[],"keyCredentials":[]}`,
			`{"id":"sg","appId":"` + graph + `","displayName":"Graph","appRoles":[{"id":"` + mailRole + `","value":"Mail.Read"}],"oauth2PermissionScopes":[],"passwordCredentials":[],"keyCredentials":[]}`,
		},
		snapshot.AppRoleAssignments: {`{"id":"r1","appRoleId":"` + mailRole + `","principalId":"s1","principalType":"ServicePrincipal","resourceId":"sg"}`},
		snapshot.DelegatedGrants:    {},
	}}
}

func requested(id, kind string) string {
	return `"requests":[{"resourceAppId":"` + graph + `","permissionId":"` + id + `","kind":"` + kind + `","line":7}]`
}

// Without a tenant nothing is new, the file is all there is, and what it does not tell is left blank.
func TestDefinedAlone(t *testing.T) {
	list, changes := applicationsOf(t, facts{}, `{`+defining+`,"name":"A",`+requested(mailRole, "application")+`,"credentials":[]}`)
	if len(list) != 1 || changes != nil {
		t.Fatalf("got %d documents and %v", len(list), changes)
	}
	app, d := list[0].Value.(*Application), list[0]
	key := graph + "/application/Mail.Read"
	if app.Origin != "own" || app.Requests[0].Key != key || app.Requests[0].ResolvedBy != byCatalogue || app.Requests[0].Tier != "high" {
		t.Errorf("got %+v", app)
	}
	if app.Grants == nil || len(app.Grants) > 0 || app.Owners != nil || app.SignIn != nil || app.RedirectURIs != nil || app.Credentials == nil {
		t.Errorf("got %+v, want absent what a file cannot tell, and no grants", app)
	}
	if d.File != "f.json" || d.Line != 3 || d.Lines[key] != 7 || len(d.New) > 0 {
		t.Errorf("got %+v", d)
	}
	if !slices.Contains(d.Blank, "redirect_uris") || slices.Contains(d.Blank, "credentials") || !slices.Contains(d.Told, "expired_credentials") {
		t.Errorf("got told %v, blank %v", d.Told, d.Blank)
	}
}

// What the file asks for and nobody asked for or granted before is new; what it no longer asks for is dropped, and
// still granted.
func TestDefinedAgainst(t *testing.T) {
	for _, test := range []struct {
		name, row               string
		action, by              string
		requested, dropped, now string // values
	}{
		{"the same", `"appId":"app1",` + requested(mailRole, "application"), "", "", "", "", "Mail.Read"},
		{"one more", `"appId":"app1",` + requested(mailScope, "delegated"), "changed", "app_id", "Mail.Read", "Mail.Read", "Mail.Read"},
		{"by object id", `"objectId":"o1",` + requested(mailScope, "delegated"), "changed", "object_id", "Mail.Read", "Mail.Read", "Mail.Read"},
		{"by name", `"name":"one",` + requested(mailScope, "delegated"), "changed", "display_name", "Mail.Read", "Mail.Read", "Mail.Read"},
		{"another name", `"name":"Two",` + requested(mailScope, "delegated"), "new", "", "Mail.Read", "", ""},
		{"only a part", `"objectId":"o1","part":true,` + requested(mailScope, "delegated"), "changed", "object_id", "Mail.Read", "", "Mail.Read"},
		{"gone", `"appId":"app1","action":"delete"`, "removed", "app_id", "", "Mail.Read", ""},
		{
			"of single teams", `"format":"microsoft365","appId":"app1","requests":[{"resourceAppId":"` + graph + `","name":"X.Read.Group","resourceSpecific":true,"kind":"application","line":1}]`,
			"changed", "app_id", "X.Read.Group", "", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			row := defining + "," + test.row
			if strings.Contains(test.row, `"format"`) {
				row = strings.Replace(row, `"format":"terraform",`, "", 1)
			}
			list, changes := applicationsOf(t, tenantWithOne(), "{"+row+"}")
			if test.action == "" {
				if len(changes) > 0 {
					t.Errorf("got %+v, want no change", changes)
				}
			} else if len(changes) != 1 || changes[0].Action != test.action || changes[0].MatchedBy != test.by ||
				valuesOf(changes[0].Requested) != test.requested || valuesOf(changes[0].Dropped) != test.dropped {
				t.Fatalf("got %+v, want %+v", changes, test)
			}
			if test.action == "removed" {
				if len(list) > 0 {
					t.Errorf("got %d documents of what goes", len(list))
				}
				return
			}
			var granted []string
			for _, grant := range list[0].Value.(*Application).Grants {
				granted = append(granted, grant.Permission)
			}
			if got := strings.Join(granted, ","); got != test.now {
				t.Errorf("granted %s, want %s", got, test.now)
			}
		})
	}
}

func valuesOf(list []ChangedPermission) string {
	var values []string
	for _, p := range list {
		values = append(values, p.Permission)
	}
	return strings.Join(values, ",")
}

// What the files grant comes to what is granted, and what they revoke goes.
func TestDefinedGrants(t *testing.T) {
	grant := func(name string) string {
		return `"` + name + `":[{"resourceId":"sg","permissionId":"` + mailRole + `","kind":"application","consent":"admin","line":9}]`
	}
	list, changes := applicationsOf(t, tenantWithOne(), `{`+defining+`,"appId":"app1",`+requested(mailRole, "application")+`,`+grant("revoked")+`}`)
	if app := list[0].Value.(*Application); len(app.Grants) != 0 || len(changes) != 1 || valuesOf(changes[0].Dropped) != "Mail.Read" || changes[0].Dropped[0].Ends != "granted" {
		t.Errorf("got %+v, %+v, want the grant gone", app.Grants, changes)
	}
	list, changes = applicationsOf(t, tenantWithOne(), `{`+defining+`,"name":"New",`+grant("grants")+`}`)
	if app := list[0].Value.(*Application); len(app.Grants) != 1 || app.Grants[0].Permission != "Mail.Read" || valuesOf(changes[0].Granted) != "Mail.Read" {
		t.Errorf("got %+v, %+v", app.Grants, changes)
	}
	if key := graph + "/application/Mail.Read"; list[0].Lines[key] != 9 || !list[0].New[key] {
		t.Errorf("got %+v", list[0])
	}
	list, _ = applicationsOf(t, facts{}, `{`+defining+`,"name":"New","grants":[{"permissionId":"`+mailRole+`","kind":"application","consent":"admin","line":9}]}`)
	if app := list[0].Value.(*Application); app.Grants[0].Key != graph+"/application/Mail.Read" {
		t.Errorf("got %+v, want the only API that has the id", app.Grants)
	}
}

// What could not be read of the tenant is not taken for nothing.
func TestDefinedAgainstGaps(t *testing.T) {
	live := tenantWithOne()
	live.status = map[snapshot.Name]snapshot.Status{snapshot.DelegatedGrants: snapshot.Denied}
	delete(live.rows, snapshot.DelegatedGrants)
	list, _ := applicationsOf(t, live, `{`+defining+`,"appId":"app1",`+requested(mailRole, "application")+`}`)
	if app := list[0].Value.(*Application); app.Grants != nil {
		t.Errorf("got %+v, want the grants absent", app.Grants)
	}
	twice := tenantWithOne()
	twice.rows[snapshot.Applications] = append(twice.rows[snapshot.Applications], `{"id":"o2","appId":"app2","displayName":"One"}`)
	list, _ = applicationsOf(t, twice, `{`+defining+`,"name":"One",`+requested(mailRole, "application")+`}`)
	if len(list[0].Incomplete) == 0 || !strings.Contains(list[0].Incomplete[0].Reason, "several applications") {
		t.Errorf("got %+v, want that it is not known which one", list[0].Incomplete)
	}
}

// A thing that is not known before the file is deployed is a gap of its field, and a request that nobody knows.
func TestDefinedUnresolved(t *testing.T) {
	row := strings.Replace(defining, `"unresolved":[]`, `"unresolved":[{"field":"requests","expression":"[x]","file":"f.json","line":5,"reason":"later"}]`, 1)
	list, _ := applicationsOf(t, facts{}, `{`+row+`,"requests":[]}`)
	app := list[0].Value.(*Application)
	if len(app.Requests) != 1 || app.Requests[0].Key != "" || app.Incomplete[0].Reason != "requests: [x] (f.json:5): later" || app.Incomplete[0].Field != "requests" {
		t.Errorf("got %+v", app)
	}
}

// A part says nothing of what the application asks for elsewhere: where it grants, that is not known; else it does not
// matter.
func TestDefinedInPart(t *testing.T) {
	list, _ := applicationsOf(t, facts{}, `{`+defining+`,"part":true,"name":"P","grants":[{"permissionId":"`+mailRole+`","kind":"application","consent":"admin","line":9}]}`)
	if app := list[0].Value.(*Application); app.Requests != nil || len(app.Grants) != 1 || slices.Contains(list[0].Blank, "requests") || !slices.Contains(list[0].Blank, "enabled") {
		t.Errorf("got %+v, blank %v", app, list[0].Blank)
	}
	list, _ = applicationsOf(t, facts{}, `{`+defining+`,"part":true,"name":"P","redirectUris":[]}`)
	if !slices.Contains(list[0].Blank, "requests") || !slices.Contains(list[0].Blank, "grants") || !slices.Contains(list[0].Told, "redirect_uris") {
		t.Errorf("got told %v, blank %v", list[0].Told, list[0].Blank)
	}
}

// Two definitions of one application are two subjects.
func TestDefinedTwice(t *testing.T) {
	second := strings.Replace(defining, "f.json#a", "g.json#a", 1)
	list, _ := applicationsOf(t, facts{}, `{`+defining+`,"appId":"app1"}`, `{`+second+`,"appId":"app1"}`)
	if len(list) != 2 || list[0].ID != "app1" || list[1].ID != "app1 (g.json#a)" {
		t.Errorf("got %+v", list)
	}
}
