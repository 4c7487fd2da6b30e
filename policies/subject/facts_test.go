package subject

import (
	"maps"
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
			"  - {value: Sites.Read.All, kind: application, id: 11111111-0000-0000-0000-000000000006, tier: high, why: Reads.}\n" +
			"  - {value: Mail.Read, kind: delegated, id: " + mailScope + ", tier: medium, user_consent: true, why: Reads.}\n" +
			"  - {value: User.Read, kind: delegated, id: 11111111-0000-0000-0000-000000000007, tier: low, why: Reads.}\n" +
			"  - {value: User.ReadBasic.All, kind: delegated, id: 11111111-0000-0000-0000-000000000008, tier: low, why: Reads.}\n" +
			"  - {value: User.Read.All, kind: delegated, id: 11111111-0000-0000-0000-000000000009, tier: medium, why: Reads.}\n")},
		"operations.yaml":   &fstest.MapFile{Data: []byte(operations)},
		"data_connect.yaml": &fstest.MapFile{Data: []byte(tables)},
		"audit.yaml": &fstest.MapFile{Data: []byte(text(audit, "Audit") +
			"  - {value: ActivityFeed.Read, kind: application, id: " + feed + ", tier: medium, why: Reads.}\n" +
			"  - {value: ActivityFeed.Read, kind: delegated, id: " + feed + ", tier: low, why: Reads.}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// operations are the calls of Graph that the tests know.
const operations = `resource: {app_id: ` + graph + `, name: Graph}
operations:
  - {methods: [GET], paths: ["/users/{id}/messages"], kinds: [application], least: [Mail.ReadBasic.All], higher: [Mail.Read], source: "https://x"}
  - {methods: [GET], paths: ["/users/{id}/messages"], kinds: [delegated], least: [Mail.Read], source: "https://x"}
  - {methods: [POST], paths: ["/users/{id}/messages"], kinds: [application], least: [Mail.Read], requires: [Mail.ReadBasic.All], source: "https://x"}
  - {methods: [GET], paths: ["/users/{id}"], kinds: [delegated], least: [User.ReadBasic.All], higher: [User.Read, User.Read.All], source: "https://x"}
  - {methods: [GET], paths: ["/me"], kinds: [delegated], least: [User.Read], higher: [User.Read.All], source: "https://x"}
  - {methods: [GET], paths: ["/sites/{id}"], kinds: [application], least: [Sites.Read.All], source: "https://x"}
  - {methods: [GET], paths: ["/organization"], kinds: [application, delegated], nothing: true, source: "https://x"}
`

// tables are the datasets of Data Connect that the tests know.
const tables = `datasets:
  - {name: BasicDataSet_v0.Mail, complete: true, columns: [body, id, puser, sender, subject], sensitive: {content: [body, subject], third_party: [sender]}}
  - {name: BasicDataSet_v0.Sites, complete: false, columns: [id, owner], sensitive: {personal: [owner]}}
`

// facts are the rows of a small snapshot. Datasets that it does not mention are
// collected and empty.
type facts struct {
	rows   map[snapshot.Name][]string
	status map[snapshot.Name]snapshot.Status // of datasets that have no rows
	gaps   map[snapshot.Name][]snapshot.Gap
	counts map[snapshot.Name]int              // a second count of a dataset's rows
	meta   map[snapshot.Name]snapshot.Dataset // what else is said of a dataset with rows
	cloud  string
	// identities that collected it; the secret of AUDITOR when nil.
	identities []snapshot.Identity
	declared   []DeclaredOperations
	said       map[string]*DeclaredFacts // what the operator says of applications
	imported   string                    // a published table of permissions
}

func joined() []snapshot.Name {
	return []snapshot.Name{
		snapshot.Applications, snapshot.ApplicationOwners, snapshot.ServicePrincipals, snapshot.ServicePrincipalOwners,
		snapshot.AppRoleAssignments, snapshot.DelegatedGrants, snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations,
		snapshot.ContainerTypeGrants, snapshot.DataConnectEvents, snapshot.DataConnectRegister,
		snapshot.CertificateKeys, snapshot.ContainerTypeOwners, snapshot.DirectoryRoleAssignments,
		snapshot.DirectoryRoleDefinitions, snapshot.RoleEvents, snapshot.ActivitySubscriptions,
		snapshot.FederatedCredentials, snapshot.SignInActivity, snapshot.CredentialActivity, snapshot.AuthorizationPolicy,
		snapshot.PermissionGrantPolicies, snapshot.AdminConsentPolicy, snapshot.AppManagementPolicies, snapshot.Containers,
		snapshot.ContainerPermissions, snapshot.ConsentEvents, snapshot.GraphActivity,
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
	if f.identities == nil {
		f.identities = []snapshot.Identity{{Kind: "secret", ClientID: "AUDITOR"}}
	}
	for _, id := range f.identities {
		w.AddIdentity(id)
	}
	names := joined()
	if f.rows[snapshot.Pipelines] != nil { // there only when a repository was looked into
		names = append(names, snapshot.Pipelines)
	}
	for _, name := range names {
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
	meta := f.meta[name]
	meta.Gaps = f.gaps[name]
	if want, ok := f.counts[name]; ok {
		meta.Reconciled = &snapshot.Reconciled{Against: "$count", Want: want}
	}
	if err := d.Close(meta); err != nil {
		t.Fatal(err)
	}
}

func (f facts) open(t testing.TB) *Join {
	t.Helper()
	known := testCatalogue(t)
	if f.imported != "" {
		table, err := catalog.ParsePublished("table.json", []byte(f.imported))
		if err != nil {
			t.Fatal(err)
		}
		known = known.With(table)
	}
	j, err := Open(f.write(t), Options{AsOf: asOf(), Catalogue: known, Declared: f.declared, Facts: f.said})
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
	maps.Copy(all, rows)
	all[name] = slices.Concat(all[name], more)
	return all
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// gapsIn are the gaps in one dataset.
func gapsIn(gaps []Gap, dataset snapshot.Name) []Gap {
	var in []Gap
	for _, gap := range gaps {
		if gap.Dataset == dataset {
			in = append(in, gap)
		}
	}
	return in
}

// gapsOf lists the datasets named incomplete.
func gapsOf(gaps []Gap) []string {
	var names []string
	for _, gap := range gaps {
		names = append(names, gap.Dataset)
	}
	return names
}
