package collector_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
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
		if err := os.WriteFile(c.CertificateFile, append(client.KeyPEM, client.CertificatePEM...), 0o600); err != nil {
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
		entra.New(entra.Options{Graph: r.graph(r.credential(appOnly))}),
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

// fixture counts the objects of a tenant's file.
func (r *tenantRun) fixture(file string) int {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.folder, "graph", file))
	if err != nil {
		r.t.Fatal(err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		r.t.Fatal(err)
	}
	return len(list)
}

func TestCollectFromSimulatedTenant(t *testing.T) {
	for _, tenant := range []string{"contoso", "fabrikam"} {
		for _, maxPage := range []int{0, 7} {
			t.Run(tenant, func(t *testing.T) {
				r := startTenant(t, tenant, simulator.Options{MaxPage: maxPage})
				s := r.everything(identity.KindCertificate, identity.KindDeviceCode)
				for name, d := range s.Manifest.Datasets {
					t.Logf("%-30s %-10s %4d rows %4d requests %v %s", name, d.Status, d.Rows, d.Requests, d.Reconciled, d.Reason)
				}
				t.Logf("%+v", s.Manifest.Identities)
				_ = strings.ToLower
			})
		}
	}
}
