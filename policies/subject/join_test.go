package subject

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"leastwise/collector/snapshot"
)

func TestOrigins(t *testing.T) {
	sp := func(id, app, more string) string {
		return `{"id":"` + id + `","appId":"` + app + `","passwordCredentials":[],"keyCredentials":[]` + more + `}`
	}
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications: {`{"id":"o1","appId":"REGISTERED","passwordCredentials":[],"keyCredentials":[]}`, `{"id":"o2","appId":"lonely"}`},
		snapshot.ServicePrincipals: {
			sp("s1", "registered", `,"appOwnerOrganizationId":"`+home+`","servicePrincipalType":"Application","accountEnabled":false`),
			sp("s2", "unregistered", `,"appOwnerOrganizationId":"`+strings.ToUpper(home)+`"`),
			sp("s3", "foreign", `,"appOwnerOrganizationId":"`+other+`"`),
			sp("s4", "microsoft", `,"appOwnerOrganizationId":"f8cdef31-a31e-4b4a-93e4-5f571e91255a"`),
			sp("s5", "corporate", `,"appOwnerOrganizationId":"72F988BF-86F1-41AF-91AB-2D7CD011DB47"`),
			sp("s6", "identity", `,"servicePrincipalType":"ManagedIdentity","appOwnerOrganizationId":null`),
			sp("s7", "unknown", ``),
		},
		snapshot.AppRoleAssignments: {`{"id":"a1","principalId":"GONE","principalType":"ServicePrincipal","principalDisplayName":"Old","resourceId":"s4","appRoleId":"x"}`},
		snapshot.DelegatedGrants:    {`{"id":"d1","clientId":"lost","consentType":"AllPrincipals","resourceId":"s4","scope":"x"}`},
	}}
	origins := func(apps map[string]*Application) map[string]string {
		got := map[string]string{}
		for id, app := range apps {
			got[id] = app.Origin
		}
		return got
	}
	want := map[string]string{
		"registered": "own", "lonely": "own", "unregistered": "own", "foreign": "foreign", "microsoft": "microsoft",
		"corporate": "microsoft", "identity": "managed_identity", "unknown": "",
		"service-principal/gone": "", "service-principal/lost": "",
	}
	apps := f.applications(t)
	same(t, "origins", want, origins(apps))
	if gone := apps["service-principal/gone"]; gone.DisplayName != "Old" || len(gone.Grants) != 1 || !slices.Contains(gapsOf(gone.Incomplete), snapshot.ServicePrincipals) {
		t.Errorf("got %+v, want its grant and a gap, for the listing is not confirmed", gone)
	}
	both := apps["registered"]
	if both.ObjectID != "o1" || both.ServicePrincipalID != "s1" || both.ServicePrincipalType != "Application" || both.Enabled == nil || *both.Enabled {
		t.Errorf("got %+v, want registration and service principal in one", both)
	}

	f.counts = map[snapshot.Name]int{snapshot.ServicePrincipals: 7}
	want["service-principal/gone"], want["service-principal/lost"] = "deleted", "deleted"
	apps = f.applications(t)
	same(t, "origins of a confirmed listing", want, origins(apps))
	if gone := apps["service-principal/gone"]; gone.ServicePrincipalType != "" || len(gone.Incomplete) > 0 {
		t.Errorf("got %+v, want no type and no gap of a deleted service principal", gone)
	}

	f.counts = map[snapshot.Name]int{snapshot.ServicePrincipals: 9}
	if origin := f.applications(t)["service-principal/gone"].Origin; origin != "" {
		t.Errorf("got %q for an orphan of a listing that lacks two, want nothing", origin)
	}

	f.counts, f.status = nil, map[snapshot.Name]snapshot.Status{snapshot.ServicePrincipals: snapshot.Denied}
	same(t, "origins without service principals", map[string]string{"registered": "own", "lonely": "own"}, origins(f.applications(t)))
}

func TestAuditorIsMarked(t *testing.T) {
	if !application(t, facts{}, `{"id":"1","appId":"Auditor"}`).Auditor || application(t, facts{}, `{"id":"1","appId":"x"}`).Auditor {
		t.Error("the auditor is not the one application that the snapshot was collected with")
	}
}

func TestOrderOfApplications(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:       {`{"id":"2","appId":"a"}`, `{"id":"1","appId":"z"}`},
		snapshot.ServicePrincipals:  {`{"id":"9","appId":"c"}`, `{"id":"8","appId":"d"}`, `{"id":"7","appId":"z"}`},
		snapshot.AppRoleAssignments: {`{"id":"1","principalId":"b","principalType":"ServicePrincipal","resourceId":"9","appRoleId":"x"}`},
	}}
	j := f.open(t)
	for range 2 { // a second pass sees the same
		var got []string
		for _, document := range documents(t, j, KindApplication) {
			got = append(got, document.ID)
		}
		same(t, "order", []string{"z", "a", "c", "d", "service-principal/b"}, got)
	}
}

// An appId that stands inside another member is not the application's.
func TestNestedAppIDHidesNobody(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications: {
			`{"id":"1","api":{"preAuthorizedApplications":[{"appId":"victim"}]},"appId":"client"}`,
			`{"id":"2","api":{"preAuthorizedApplications":[{"appId":"victim"}]},"displayName":"nameless"}`,
			`{"id":"3","displayName":"\"appId\":\"victim\"","appId":"b\u0061ck"}`,
		},
		snapshot.ServicePrincipals: {`{"id":"s","appId":"victim"}`},
	}}
	apps := f.applications(t)
	for _, id := range []string{"victim", "client", "back", "application/2"} {
		if apps[id] == nil {
			t.Errorf("application %s has no document", id)
		}
	}
}

func TestUnknownKind(t *testing.T) {
	for _, err := range (facts{}).open(t).Documents("pipeline") {
		if err == nil {
			t.Error("an unknown kind has subjects")
		}
	}
}

func TestDamagedSnapshotIsAnError(t *testing.T) {
	snap := facts{rows: map[snapshot.Name][]string{snapshot.Applications: {`{"id":"1"}`}}}.write(t)
	altered := func(name snapshot.Name) {
		dataset := snap.Manifest.Datasets[name]
		dataset.Rows++
		snap.Manifest.Datasets[name] = dataset
	}
	altered(snapshot.Applications)
	j, err := Open(snap, Options{AsOf: asOf(), Catalogue: testCatalogue(t)})
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	for _, err := range j.Documents(KindApplication) {
		failed = err
	}
	if failed == nil {
		t.Error("altered applications went unnoticed")
	}
	altered(snapshot.DelegatedGrants)
	if _, err := Open(snap, Options{AsOf: asOf(), Catalogue: testCatalogue(t)}); err == nil {
		t.Error("altered grants went unnoticed")
	}
}

// A document is handed to policies as its JSON form, in which nothing is null.
func TestDocumentsHoldNoNull(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:      {`{"id":"1","appId":null,"displayName":null,"requiredResourceAccess":null,"passwordCredentials":[null],"keyCredentials":null}`},
		snapshot.ServicePrincipals: {`{"id":"s","appId":"x","accountEnabled":null,"appRoles":[null],"oauth2PermissionScopes":null}`},
		snapshot.ContainerTypes:    {`{"id":"t","name":null,"owningAppId":null}`},
		snapshot.DataConnectEvents: {`{"id":"e","kind":"consent","appId":"x","appTenantId":"y","datasets":[null]}`},
	}}
	j := f.open(t)
	for _, kind := range Kinds() {
		for _, document := range documents(t, j, kind) {
			data, err := json.Marshal(document.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(data), ":null") {
				t.Errorf("%s holds a null", data)
			}
		}
	}
}

func TestJoinIsSafeForConcurrentUse(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:       {`{"id":"1","appId":"a","displayName":"A"}`, `{"id":"2","appId":"b"}`},
		snapshot.ServicePrincipals:  append(published(), `{"id":"s","appId":"a"}`),
		snapshot.AppRoleAssignments: {assigned("1", "s", "ServicePrincipal", "sp-ours", "r")},
		snapshot.ContainerTypes:     {`{"id":"t","owningAppId":"a"}`},
		snapshot.DataConnectEvents:  {consent("1", "2026-01-01T00:00:00Z", ""), operation("2", "2026-02-01T00:00:00Z", "Mail", `[]`)},
	}}
	j := f.open(t)
	var group sync.WaitGroup
	for range 3 {
		for _, kind := range Kinds() {
			group.Go(func() {
				for build, err := range j.Documents(kind) {
					if err != nil {
						t.Error(err)
						return
					}
					group.Go(func() {
						if _, err := build(); err != nil {
							t.Error(err)
						}
					})
				}
			})
		}
	}
	group.Wait()
}
