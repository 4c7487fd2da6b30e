package subject

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
)

const (
	home  = "aaaaaaaa-0000-0000-0000-000000000001" // the tenant
	other = "bbbbbbbb-0000-0000-0000-000000000002" // another
	graph = "00000003-0000-0000-c000-000000000000"
	audit = "c5393580-f805-4401-95e8-94b7a6ef2fc2"

	mailRole   = "11111111-0000-0000-0000-000000000001" // Mail.Read, application
	mailScope  = "11111111-0000-0000-0000-000000000002" // Mail.Read, delegated
	usgovRole  = "11111111-0000-0000-0000-000000000003" // Mail.Read, application, in usgov
	feed       = "11111111-0000-0000-0000-000000000004" // ActivityFeed.Read, both kinds
	localRole  = "22222222-0000-0000-0000-000000000001" // Mail.Read in this tenant
	localScope = "22222222-0000-0000-0000-000000000002"
	strange    = "33333333-0000-0000-0000-000000000001" // known to nobody
)

func asOf() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

func testCatalogue(t testing.TB) *catalog.Catalogue {
	t.Helper()
	text := func(app, name string) string {
		return "resource: {app_id: " + app + ", name: " + name + "}\npermissions:\n"
	}
	c, err := catalog.LoadFS(fstest.MapFS{
		"graph.yaml": &fstest.MapFile{Data: []byte(text(graph, "Graph") +
			"  - {value: Mail.Read, kind: application, id: " + mailRole + ", ids: {usgov: " + usgovRole + "}, tier: high, why: Reads., narrower: [Mail.ReadBasic.All]}\n" +
			"  - {value: Mail.ReadBasic.All, kind: application, id: 11111111-0000-0000-0000-000000000005, tier: medium, why: Reads.}\n" +
			"  - {value: Mail.Read, kind: delegated, id: " + mailScope + ", tier: medium, why: Reads.}\n")},
		"audit.yaml": &fstest.MapFile{Data: []byte(text(audit, "Audit") +
			"  - {value: ActivityFeed.Read, kind: application, id: " + feed + ", tier: medium, why: Reads.}\n" +
			"  - {value: ActivityFeed.Read, kind: delegated, id: " + feed + ", tier: low, why: Reads.}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// facts are the rows of a small snapshot. Datasets that it does not mention are
// collected and empty.
type facts struct {
	rows   map[snapshot.Name][]string
	status map[snapshot.Name]snapshot.Status // of datasets that have no rows
	gaps   map[snapshot.Name][]snapshot.Gap
	counts map[snapshot.Name]int // a second count of a dataset's rows
	cloud  string
}

func joined() []snapshot.Name {
	return []snapshot.Name{
		snapshot.Applications, snapshot.ApplicationOwners, snapshot.ServicePrincipals, snapshot.ServicePrincipalOwners,
		snapshot.AppRoleAssignments, snapshot.DelegatedGrants, snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations,
		snapshot.ContainerTypeGrants, snapshot.DataConnectEvents, snapshot.DataConnectRegister,
	}
}

func (f facts) write(t testing.TB) *snapshot.Snapshot {
	t.Helper()
	dest := filepath.Join(t.TempDir(), "snap")
	if f.cloud == "" {
		f.cloud = "global"
	}
	w, err := snapshot.Create(dest, snapshot.Tenant{ID: strings.ToUpper(home), Cloud: f.cloud}, snapshot.Tool{}, asOf())
	if err != nil {
		t.Fatal(err)
	}
	w.AddIdentity(snapshot.Identity{Kind: "secret", ClientID: "AUDITOR"})
	for _, name := range joined() {
		if status, ok := f.status[name]; ok {
			if err := w.Without(name, snapshot.Dataset{Status: status, Reason: "because"}); err != nil {
				t.Fatal(err)
			}
			continue
		}
		f.dataset(t, w, name)
	}
	if err := w.Commit(asOf()); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(dest)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func (f facts) dataset(t testing.TB, w *snapshot.Writer, name snapshot.Name) {
	t.Helper()
	d, err := w.Dataset(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range f.rows[name] {
		if err := d.Add([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	meta := snapshot.Dataset{Gaps: f.gaps[name]}
	if want, ok := f.counts[name]; ok {
		meta.Reconciled = &snapshot.Reconciled{Against: "$count", Want: want}
	}
	if err := d.Close(meta); err != nil {
		t.Fatal(err)
	}
}

func (f facts) open(t testing.TB) *Join {
	t.Helper()
	j, err := Open(f.write(t), Options{AsOf: asOf(), Catalogue: testCatalogue(t)})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// documents builds every document of a kind, in order. Applications must come
// before the kinds that name them.
func documents(t testing.TB, j *Join, kind Kind) []Document {
	t.Helper()
	var list []Document
	for build, err := range j.Documents(kind) {
		if err != nil {
			t.Fatal(err)
		}
		document, err := build()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, document)
	}
	return list
}

func (f facts) applications(t testing.TB) map[string]*Application {
	t.Helper()
	apps := map[string]*Application{}
	for _, document := range documents(t, f.open(t), KindApplication) {
		if apps[document.ID] != nil {
			t.Errorf("two documents have the id %s", document.ID)
		}
		apps[document.ID] = document.Value.(*Application)
	}
	return apps
}

// application builds a snapshot of one registration and returns its document.
func application(t *testing.T, f facts, row string) *Application {
	t.Helper()
	f.rows = withRows(f.rows, snapshot.Applications, row)
	for _, document := range documents(t, f.open(t), KindApplication) {
		if app := document.Value.(*Application); app.ObjectID != "" {
			return app
		}
	}
	t.Fatal("the application has no document")
	return nil
}

func withRows(rows map[snapshot.Name][]string, name snapshot.Name, more ...string) map[snapshot.Name][]string {
	all := map[snapshot.Name][]string{}
	for n, list := range rows {
		all[n] = list
	}
	all[name] = slices.Concat(all[name], more)
	return all
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// gapsOf lists the datasets named incomplete.
func gapsOf(gaps []Gap) []string {
	var names []string
	for _, gap := range gaps {
		names = append(names, gap.Dataset)
	}
	return names
}

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
