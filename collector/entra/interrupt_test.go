package entra_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"leastwise/collector"
	"leastwise/collector/checkpoint"
	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// interrupted collects until g cancels, and commits what there is.
func interrupted(t *testing.T, g *fakegraph.Graph, cancelling func(cancel func()), changes ...collecting) *snapshot.Snapshot {
	t.Helper()
	dir := t.TempDir() + "/snapshot"
	var s *snapshot.Snapshot
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cancelling(cancel)
		s = fakegraph.SnapshotAt(t, dir, func(w *snapshot.Writer) error {
			err := collector.Collect(ctx, w, source(g, reader(), changes...))
			if !errors.Is(err, collector.ErrInterrupted) {
				t.Errorf("got %v", err)
			}
			return nil
		})
	})
	return s
}

func TestInterruptedRunKeepsWhatItHas(t *testing.T) {
	g, whole := tenant(t), collect(t, tenant(t), reader())
	s := interrupted(t, g, func(cancel func()) {
		g.On(principals, fakegraph.Answer{Body: `{"value":[{"id":"sp1","appId":"a","owners":[]},{"id":"sp2","appId":"a","owners":[]}],"@odata.nextLink":"{{graph}}` + principals + `?$skiptoken=2"}`})
		g.On(principals+"?$skiptoken=2", fakegraph.Answer{Body: `{"value":[{"id":"sp3","appId":"a","owners":[]}]}`, Meanwhile: func() {
			time.Sleep(time.Hour) // all others come to their ends
			cancel()
		}})
	})
	for _, name := range entra.Datasets() {
		switch d := s.Manifest.Datasets[name]; name {
		case snapshot.ServicePrincipals:
			expect(t, s, name, snapshot.Partial, 2, "the run was interrupted before the end")
			if d.Confined || d.Reconciled != nil || d.Cursor != nil {
				t.Errorf("%s: %+v", name, d)
			}
		case snapshot.ServicePrincipalOwners, snapshot.AppRoleAssignments:
			expect(t, s, name, snapshot.Failed, 0, "the run was interrupted before it was read")
		default:
			if want := whole.Manifest.Datasets[name]; d.Status != want.Status || d.SHA256 != want.SHA256 {
				t.Errorf("%s is %+v, want %+v", name, d, want)
			}
		}
	}
	if id := s.Manifest.Identities; len(id) != 1 || !slices.Contains(id[0].Datasets, snapshot.ServicePrincipals) || slices.Contains(id[0].Datasets, snapshot.AppRoleAssignments) {
		t.Errorf("identities %+v", id)
	}
}

func TestRunInterruptedAtOnceHasNothing(t *testing.T) {
	g := tenant(t)
	s := interrupted(t, g, func(cancel func()) { g.Arrived = func(fakegraph.Request) { cancel() } })
	for _, name := range entra.Datasets() {
		if name == snapshot.CertificateKeys { // nobody asked for them
			expect(t, s, name, snapshot.Skipped, 0, "not asked for")
			continue
		}
		expect(t, s, name, snapshot.Failed, 0, "the run was interrupted before it was read")
	}
	if n := len(g.Requests("")); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// What an earlier run has read does not pass for what this one could not.
func TestInterruptedRunShowsNoOldRows(t *testing.T) {
	dir := t.TempDir() + "/snapshot"
	collectTo(t, dir, tenant(t), reader())
	g := tenant(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g.Arrived = func(fakegraph.Request) { cancel() }
		s := fakegraph.SnapshotAt(t, dir, func(w *snapshot.Writer) error {
			if err := collector.Collect(ctx, w, source(g, reader())); !errors.Is(err, collector.ErrInterrupted) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		for _, name := range entra.Datasets() {
			if name == snapshot.CertificateKeys { // nobody asked for them
				expect(t, s, name, snapshot.Skipped, 0, "not asked for")
				continue
			}
			expect(t, s, name, snapshot.Failed, 0, "interrupted")
		}
	})
}

// paged is a tenant whose listings have several pages, so that there is something to
// be interrupted in.
func paged(t *testing.T) *fakegraph.Graph {
	g := after(t)
	for path, pages := range map[string][][]string{
		apps:                                  {{application("app1", "a", owned), application("app2", "b", unowned)}, {application("app4", "d", blueprint)}, {application("app5", "e", owned)}},
		principals:                            {{principal("sp1", "a", publishes+unowned)}, {principal("sp2", "b", publishes+unowned), principal("sp4", "d", publishes)}},
		principals + "/sp1/appRoleAssignedTo": {{assigned("as1", "User")}, {assigned("as2", "User"), assigned("as4", "ServicePrincipal")}},
		grants:                                {{granted("g1", "a"), granted("g2", "b")}, {}, {granted("g3", "c")}},
		active:                                {{held("a1", "g1", "group")}, {held("a2", "sp1", "servicePrincipal")}},
		signIns:                               {{`{"id":"s1","appId":"x"}`}, {`{"id":"s2","appId":"x"}`}},
	} {
		for i, rows := range pages {
			next := ""
			if i < len(pages)-1 {
				next = fmt.Sprintf(`,"@odata.nextLink":"{{graph}}%s?$skiptoken=%d"`, path, i+1)
			}
			at := path
			if i > 0 {
				at = fmt.Sprintf("%s?$skiptoken=%d", path, i)
			}
			g.On(at, fakegraph.Answer{Body: `{"value":[` + strings.Join(rows, ",") + `]` + next + `}`})
		}
	}
	g.On(principals+"/$count", fakegraph.Answer{Body: "3"}).On(members("g1"), fakegraph.Value(`{"id":"sp2"}`))
	g.On(apps+"/app4/owners", fakegraph.Value(`{"id":"u1"}`)).On(principals+"/sp4/owners", fakegraph.Denied())
	return g
}

func keeping(c *checkpoint.Checkpoint) collecting {
	return collecting{client: func(o *graphapi.Options) { o.Journal = c }}
}

// certificatesOf gives each object of paged one certificate. Their lists do not tell of any.
func certificatesOf(g *fakegraph.Graph, der string) *fakegraph.Graph {
	for path, ids := range map[string][]string{apps: {"app1", "app2", "app4", "app5"}, principals: {"sp1", "sp2", "sp4"}} {
		for _, id := range ids {
			g.On(path+"/"+id, fakegraph.Answer{Body: fmt.Sprintf(`{"id":%q,"keyCredentials":[%s]}`, id, member("v", "Verify", "c", "2027-01-01T00:00:00Z", der))})
		}
	}
	return g
}

// Wherever a run ends, the next one takes it up: it ends up with the same rows, and
// asks for nothing twice that was answered.
func TestResumedRunEqualsAnUndisturbedOne(t *testing.T) {
	der := base64JSON(certificate(t, rsaKey(t, 2048), x509.SHA256WithRSA))
	paged := func(t *testing.T) *fakegraph.Graph { return certificatesOf(paged(t), der) }
	keys := collecting{source: withKeys}
	whole := paged(t)
	want := collect(t, whole, reader(), keys)
	expect(t, want, snapshot.CertificateKeys, snapshot.Collected, 7)
	alone := map[string]int{}
	for _, r := range whole.Requests("") {
		alone[r.Path+"?"+r.Query.Encode()]++
	}
	about := checkpoint.About{Tenant: fakegraph.TenantID, Cloud: "global", Tool: "1", Started: fakegraph.Now()}
	for end := 1; end <= len(whole.Requests("")); end++ {
		dest := t.TempDir() + "/snapshot"
		open := func() *checkpoint.Checkpoint {
			c, err := checkpoint.Open(dest, about, true)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c, first := open(), paged(t)
		interrupted(t, first, func(cancel func()) {
			first.Arrived = func(fakegraph.Request) {
				if len(first.Requests("")) >= end {
					cancel()
				}
			}
		}, keys, keeping(c))
		if err := errors.Join(c.Err(), c.Close()); err != nil {
			t.Fatal(err)
		}
		c = open()
		answered, second := c.Resumed, paged(t)
		s := collectTo(t, dest, second, reader(), keys, keeping(c))
		sameDatasets(t, s, want)
		for _, name := range entra.Datasets() {
			got, want := s.Manifest.Datasets[name], want.Manifest.Datasets[name]
			if got.Reason != want.Reason || (got.Cursor == nil) != (want.Cursor == nil) {
				t.Errorf("%s: %q and %+v, want %q and %+v", name, got.Reason, got.Cursor, want.Reason, want.Cursor)
			}
			if got.Requests != want.Requests {
				t.Errorf("%s: %d requests, want %d", name, got.Requests, want.Requests)
			}
		}
		asked := 0
		for _, r := range second.Requests("") {
			if !strings.HasSuffix(r.Path, "/$batch") {
				asked++
			}
		}
		total := 0
		for key, n := range alone {
			if !strings.Contains(key, "/$batch?") {
				total += n
			}
		}
		if asked != total-answered {
			t.Errorf("ended at request %d: %d answers are there, and %d of %d are asked for", end, answered, asked, total)
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("the first run ended at request %d", end)
		}
	}
}
