package collector_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector"
	"leastwise/collector/dataconnect"
	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/sharepoint"
	"leastwise/collector/snapshot"
	"leastwise/fixtures/simulator"
)

// tenantRun is one fixture tenant behind the simulator, and what a collection needs.
type tenantRun struct {
	t       *testing.T
	folder  string
	sim     *simulator.Simulator
	cloud   identity.Cloud
	http    *http.Client
	prompts int
}

func startTenant(t *testing.T, name string, opts simulator.Options) *tenantRun {
	t.Helper()
	folder := filepath.Join("..", "fixtures", "tenants", name)
	opts.Clock, opts.AutoApproveDevices = time.Now, true
	sim, err := simulator.New(os.DirFS(folder), opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	r := &tenantRun{t: t, folder: folder, sim: sim}
	if r.cloud, err = identity.CustomCloud(sim.LoginURL(), sim.GraphURL(), sim.ManagementURL()); err != nil {
		t.Fatal(err)
	}
	if r.http, err = identity.NewHTTPClient(identity.HTTPOptions{CA: sim.CAPEM()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.http.CloseIdleConnections)
	return r
}

func (r *tenantRun) credential(kind string) identity.Credential {
	r.t.Helper()
	client := r.sim.Clients()[0]
	c := identity.Credential{Kind: kind, ClientID: client.ID, Secret: client.Secret}
	switch kind {
	case identity.KindCertificate:
		c.CertificateFile = filepath.Join(r.t.TempDir(), "app.pem")
		certificate, key, err := client.PEM()
		if err == nil {
			err = os.WriteFile(c.CertificateFile, slices.Concat(key, certificate), 0o600)
		}
		if err != nil {
			r.t.Fatal(err)
		}
	case identity.KindDeviceCode:
		c.Prompt = func(_ context.Context, p identity.Prompt) error {
			r.prompts++
			if p.Code == "" || p.URL == "" {
				r.t.Errorf("prompt %+v tells neither code nor address", p)
			}
			return nil
		}
	}
	return c
}

func (r *tenantRun) graph(credential identity.Credential) *graphapi.Client {
	r.t.Helper()
	account, err := identity.New(identity.Options{
		Cloud: r.cloud, Tenant: r.sim.TenantID(), Credential: credential, HTTPClient: r.http, Clock: time.Now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	client, err := graphapi.New(graphapi.Options{
		URL: r.cloud.Graph, Account: account, HTTPClient: r.http, Version: "test", Clock: time.Now, RetryDelay: time.Millisecond,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}

// collect runs the sources and opens the snapshot.
func (r *tenantRun) collect(sources ...collector.Source) *snapshot.Snapshot {
	r.t.Helper()
	dir := filepath.Join(r.t.TempDir(), "snapshot")
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: r.sim.TenantID(), Cloud: r.cloud.Name}, snapshot.Tool{Name: "leastwise", Version: "test"}, time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := collector.Collect(r.t.Context(), w, sources...); err != nil {
		r.t.Fatal(err)
	}
	if err := w.Commit(time.Now()); err != nil {
		r.t.Fatal(err)
	}
	s, err := snapshot.Open(dir)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *tenantRun) everything(appOnly, delegated string) *snapshot.Snapshot {
	return r.collect(
		entra.New(entra.Options{Graph: r.graph(r.credential(appOnly)), Clock: time.Now, CertificateKeys: true}),
		sharepoint.New(sharepoint.Options{Graph: r.graph(r.credential(delegated))}),
		dataconnect.New(dataconnect.Options{Events: filepath.Join(r.folder, "audit")}),
	)
}

func rows(t *testing.T, s *snapshot.Snapshot, name snapshot.Name) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line, err := range s.Rows(name) {
		if err != nil {
			t.Fatal(err)
		}
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// fixtureRows reads the objects of a tenant's file.
func (r *tenantRun) fixtureRows(file string) []map[string]any {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.folder, "graph", file))
	if err != nil {
		r.t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(data, &list); err != nil {
		r.t.Fatal(err)
	}
	return list
}

// idsOf lists the ids of rows in their order.
func idsOf(rows []map[string]any) []string {
	ids := []string{}
	for _, row := range rows {
		id, _ := row["id"].(string)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// certificates lists the ids that the certificates of a tenant's applications and service principals get, but for those of
// managed identities.
func (r *tenantRun) certificates() []string {
	r.t.Helper()
	ids := []string{}
	for _, object := range slices.Concat(r.fixtureRows("applications.json"), r.fixtureRows("servicePrincipals.json")) {
		keys, _ := object["keyCredentials"].([]any)
		for _, key := range keys {
			if of := key.(map[string]any); of["type"] != "Symmetric" && object["servicePrincipalType"] != "ManagedIdentity" {
				ids = append(ids, object["id"].(string)+"/"+of["keyId"].(string))
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// statuses says which datasets are not plainly collected.
func statuses(s *snapshot.Snapshot) map[snapshot.Name]snapshot.Status {
	found := map[snapshot.Name]snapshot.Status{}
	for name, d := range s.Manifest.Datasets {
		if d.Status != snapshot.Collected {
			found[name] = d.Status
		}
	}
	return found
}

func TestCollectFromSimulatedTenants(t *testing.T) {
	for _, c := range []struct {
		tenant, appOnly string
		maxPage         int
		not             map[snapshot.Name]snapshot.Status // what is not collected
	}{
		// Contoso has three dates that are none, a certificate that Graph does not give, and a
		// record of consent that does not say to what; they concern single rows.
		{"contoso", identity.KindCertificate, 0, map[snapshot.Name]snapshot.Status{
			snapshot.Applications: snapshot.Partial, snapshot.ContainerTypeRegistrations: snapshot.Partial, snapshot.CredentialActivity: snapshot.Partial,
			snapshot.CertificateKeys: snapshot.Partial, snapshot.ConsentEvents: snapshot.Partial,
		}},
		{"fabrikam", identity.KindSecret, 25, nil},
	} {
		t.Run(c.tenant, func(t *testing.T) {
			t.Parallel()
			r := startTenant(t, c.tenant, simulator.Options{MaxPage: c.maxPage})
			s := r.everything(c.appOnly, identity.KindDeviceCode)
			if got := statuses(s); len(got) != len(c.not) {
				t.Errorf("not collected: %v, want %v", got, c.not)
			}
			for name, status := range c.not {
				if d := s.Manifest.Datasets[name]; d.Status != status || !d.Confined || len(d.Gaps) != 1 {
					t.Errorf("%s: %+v", name, d)
				}
			}
			for name, file := range map[snapshot.Name]string{
				snapshot.Applications: "applications", snapshot.ServicePrincipals: "servicePrincipals",
				snapshot.DelegatedGrants: "oauth2PermissionGrants", snapshot.ContainerTypes: "containerTypes",
				snapshot.ContainerTypeRegistrations: "containerTypeRegistrations", snapshot.Containers: "containers",
				snapshot.DirectoryRoleDefinitions: "roleDefinitions", snapshot.PermissionGrantPolicies: "permissionGrantPolicies",
				snapshot.SignInActivity: "servicePrincipalSignInActivities", snapshot.CredentialActivity: "appCredentialSignInActivities",
			} {
				want := r.fixtureRows(file + ".json")
				if d := s.Manifest.Datasets[name]; d.Rows != len(want) || d.Duplicates != 0 {
					t.Errorf("%s: %d rows and %d duplicates, the tenant has %d", name, d.Rows, d.Duplicates, len(want))
				}
				if got, want := idsOf(rows(t, s, name)), idsOf(want); !slices.Equal(got, want) {
					t.Errorf("%s: read %v, the tenant has %v", name, got, want)
				}
			}
			if got, want := idsOf(rows(t, s, snapshot.CertificateKeys)), r.certificates(); !slices.Equal(got, want) {
				t.Errorf("certificates %v, the tenant has %v", got, want)
			}
			for _, row := range r.fixtureRows("appRoleAssignments.json") {
				read := slices.ContainsFunc(rows(t, s, snapshot.AppRoleAssignments), func(got map[string]any) bool { return got["id"] == row["id"] })
				if row["principalType"] == "ServicePrincipal" && !read {
					t.Errorf("assignment %v of a service principal was not read", row)
				}
			}
			if r.prompts != 1 {
				t.Errorf("the person was asked to sign in %d times", r.prompts)
			}
			if n := len(s.Manifest.Identities); n != 3 || s.Manifest.Tenant.Name == "" {
				t.Errorf("manifest %+v", s.Manifest)
			}
		})
	}
}

func TestOwnersOfSimulatedTenant(t *testing.T) {
	t.Parallel()
	r := startTenant(t, "contoso", simulator.Options{})
	s := r.collect(entra.New(entra.Options{Graph: r.graph(r.credential(identity.KindSecret)), Clock: time.Now}))
	data, err := os.ReadFile(filepath.Join(r.folder, "graph", "owners.json"))
	if err != nil {
		t.Fatal(err)
	}
	var owners struct{ Applications, ServicePrincipals map[string][]string }
	if err := json.Unmarshal(data, &owners); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[snapshot.Name]map[string][]string{
		snapshot.ApplicationOwners: owners.Applications, snapshot.ServicePrincipalOwners: owners.ServicePrincipals,
	} {
		total := 0
		for _, list := range want {
			total += len(list)
		}
		got := rows(t, s, name)
		if len(got) != total {
			t.Errorf("%s: %d rows, want %d", name, len(got), total)
		}
		for _, row := range got {
			if !slices.Contains(want[row["objectId"].(string)], row["ownerId"].(string)) {
				t.Errorf("%s: nobody made %v an owner of %v", name, row["ownerId"], row["objectId"])
			}
			if _, named := row["displayName"]; named != (row["accountEnabled"] != nil || row["@odata.type"] != "#microsoft.graph.user") {
				t.Errorf("%s: half an owner: %v", name, row)
			}
		}
	}
}

func TestTenantThatDeniesEverything(t *testing.T) {
	t.Parallel()
	r := startTenant(t, "adatum", simulator.Options{})
	s := r.collect(
		entra.New(entra.Options{Graph: r.graph(r.credential(identity.KindSecret)), Clock: time.Now}),
		sharepoint.New(sharepoint.Options{Graph: r.graph(r.credential(identity.KindDeviceCode))}),
		dataconnect.New(dataconnect.Options{}),
	)
	for name, d := range s.Manifest.Datasets {
		switch name {
		case snapshot.DataConnectEvents, snapshot.DataConnectRegister, snapshot.RoleEvents, snapshot.ConsentEvents:
		case snapshot.CertificateKeys:
			if d.Status != snapshot.Skipped {
				t.Errorf("%s: %+v", name, d)
			}
		default:
			if d.Status != snapshot.Denied || d.Reason == "" || d.Rows != 0 || d.Evidence == nil {
				t.Errorf("%s: %+v", name, d)
			}
		}
	}
}

func TestSharePointWithoutAPerson(t *testing.T) {
	t.Parallel()
	r := startTenant(t, "contoso", simulator.Options{})
	graph := r.graph(r.credential(identity.KindSecret))
	s := r.collect(entra.New(entra.Options{Graph: graph, Clock: time.Now}), sharepoint.New(sharepoint.Options{Graph: graph}))
	for _, name := range []snapshot.Name{snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations, snapshot.ContainerTypeGrants, snapshot.Containers, snapshot.ContainerPermissions} {
		if d := s.Manifest.Datasets[name]; d.Status != snapshot.Denied {
			t.Errorf("%s: %+v", name, d)
		}
	}
	if n := len(s.Manifest.Identities); n != 1 || len(s.Manifest.Identities[0].Datasets) != 16 {
		t.Errorf("identities %+v", s.Manifest.Identities)
	}
}

func TestSignInThatFailsIsNoEmptyTenant(t *testing.T) {
	t.Parallel()
	r := startTenant(t, "contoso", simulator.Options{})
	wrong := r.credential(identity.KindSecret)
	wrong.Secret = "a-wrong-secret"
	s := r.collect(entra.New(entra.Options{Graph: r.graph(wrong), Clock: time.Now}))
	for _, name := range entra.New(entra.Options{}).Datasets() {
		d := s.Manifest.Datasets[name]
		if d.Status != snapshot.Failed || !strings.Contains(d.Reason, "sign in with secret: invalid_client") || strings.Contains(d.Reason, "a-wrong-secret") {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
