package entra_test

import (
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/entra"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// changing are the datasets of which Graph tells the changes.
func changing() map[snapshot.Name]string {
	return map[snapshot.Name]string{snapshot.Applications: apps, snapshot.ServicePrincipals: principals, snapshot.DelegatedGrants: grants}
}

func application(id, name, more string) string {
	return `{"id":"` + id + `","appId":"x","displayName":"` + name + `","passwordCredentials":[{"keyId":"k","hint":"abc","endDateTime":"2027-01-01T00:00:00Z"}]` + more + `}`
}

func principal(id, name, more string) string {
	return `{"id":"` + id + `","appId":"x","displayName":"` + name + `","appRoles":[]` + more + `}`
}

const (
	owned     = `,"owners":[{"@odata.type":"#microsoft.graph.user","id":"u1"}]`
	unowned   = `,"owners":[]`
	publishes = `,"appRoles":[{"id":"r","allowedMemberTypes":["Application"]}]`
	blueprint = `,"@odata.type":"#microsoft.graph.agentIdentityBlueprint","agentMember":{"b":1,"a":[2]}`
)

// before is a tenant as an earlier collection met it.
func before(t *testing.T) *fakegraph.Graph {
	g := tenant(t)
	g.On(apps, fakegraph.Value(application("app1", "kept", owned), application("app2", "old name", unowned), application("app3", "removed", owned), application("app4", "kept, too", blueprint+unowned)))
	g.On(apps+"/$count", fakegraph.Answer{Body: "4"}).On(apps+"?$expand=federatedIdentityCredentials", fakegraph.Value(`{"id":"app1","federatedIdentityCredentials":[`+credential("f1")+`]}`,
		`{"id":"app2","federatedIdentityCredentials":[]}`, `{"id":"app3","federatedIdentityCredentials":[]}`, `{"id":"app4","federatedIdentityCredentials":[]}`, `{"id":"app5","federatedIdentityCredentials":[]}`))
	g.On(principals, fakegraph.Value(principal("sp1", "kept", publishes+unowned), principal("sp2", "old name", unowned), principal("sp3", "removed", owned)))
	g.On(principals+"/$count", fakegraph.Answer{Body: "3"})
	g.On(grants, list(granted("g1", "User.Read"), `{"clientId":"sp2","consentType":"AllPrincipals","id":"g2","resourceId":"sp1","scope":"User.Read"}`, granted("g3", "User.Read")))
	return g
}

// after is the same tenant as it is now; what has changed since is told under the
// tokens of before.
func after(t *testing.T) *fakegraph.Graph {
	g := before(t)
	nowApps := []string{application("app1", "kept", unowned), application("app2", "new name", blueprint+owned), application("app4", "kept, too", blueprint+unowned), application("app5", "added", owned)}
	nowPrincipals := []string{principal("sp1", "kept", publishes+unowned), principal("sp2", "new name", publishes+owned), principal("sp4", "added", publishes+unowned)}
	g.On(apps, fakegraph.Value(nowApps...)).On(apps+"/$count", fakegraph.Answer{Body: "4"})
	g.On(principals, fakegraph.Value(nowPrincipals...)).On(principals+"/$count", fakegraph.Answer{Body: "3"})
	g.On(grants, list(granted("g1", "User.Read Mail.Read"), `{"clientId":"sp2","consentType":"AllPrincipals","id":"g2","resourceId":"sp1","scope":"User.Read"}`, `{"id":"g4","scope":"openid","consentType":"Principal","principalId":"u1","clientId":"sp4","resourceId":"sp1"}`))
	g.On(principals+"/sp2/appRoleAssignedTo", list(assigned("as3", "ServicePrincipal"))).On(principals+"/sp4/appRoleAssignedTo", list())
	// Asked for by their ids, objects say what they are.
	g.On(byIDs, fakegraph.Value(
		`{"@odata.type":"#microsoft.graph.user","id":"u1","displayName":"Ada <1>"}`,
		application("app2", "new name", blueprint), `{"@odata.type":"#microsoft.graph.application",`+application("app5", "added", "")[1:],
		`{"@odata.type":"#microsoft.graph.servicePrincipal",`+principal("sp2", "new name", publishes)[1:], `{"@odata.type":"#microsoft.graph.servicePrincipal",`+principal("sp4", "added", publishes)[1:]))
	removed := `"@removed":{"reason":"changed"}`
	g.On(apps+"/delta?$deltatoken=apps1", fakegraph.Answer{Body: `{"value":[{"id":"app2","displayName":"newer name"},{"id":"app3",` + removed + `},{"id":"app5"}],"@odata.nextLink":"{{graph}}` + apps + `/delta?$skiptoken=2"}`})
	g.On(apps+"/delta?$skiptoken=2", delta(apps, "apps2", `{"id":"app2","displayName":"new name"}`, `{"id":"nobody",`+removed+`}`))
	g.On(principals+"/delta?$deltatoken=sps1", delta(principals, "sps2", `{"id":"sp2","appRoles":[]}`, `{"id":"sp4"}`, `{"id":"sp3",`+removed+`}`))
	g.On(grants+"/delta?$deltatoken=grants1", delta(grants, "grants2", `{"id":"g4","consentType":"Principal","principalId":"u1","clientId":"sp4","resourceId":"sp1","scope":"nothing"}`, `{"id":"g1","scope":"User.Read Mail.Read"}`,
		`{"id":"g2",`+removed+`}`, `{"clientId":"sp2","consentType":"AllPrincipals","id":"g2","resourceId":"sp1","scope":"User.Read"}`, `{"id":"g4","scope":"openid"}`, `{"id":"g3",`+removed+`}`))
	return g
}

func since(base *snapshot.Snapshot) collecting {
	return collecting{source: func(o *entra.Options) { o.Since = base }}
}

// sameDatasets checks that two snapshots hold the same rows.
func sameDatasets(t *testing.T, got, want *snapshot.Snapshot) {
	t.Helper()
	for _, name := range entra.Datasets() {
		if got, want := got.Manifest.Datasets[name], want.Manifest.Datasets[name]; got.Status != want.Status || got.Rows != want.Rows || got.SHA256 != want.SHA256 {
			t.Errorf("%s is %s with %d rows (%s), want %s with %d (%s)", name, got.Status, got.Rows, got.Reason, want.Status, want.Rows, want.Reason)
		}
		sameRows(t, got, name, fakegraph.Rows(t, want, name)...)
	}
}

func TestChangesMakeTheSameSnapshot(t *testing.T) {
	base := collect(t, before(t), reader())
	for name, token := range map[snapshot.Name]string{snapshot.Applications: "apps1", snapshot.ServicePrincipals: "sps1", snapshot.DelegatedGrants: "grants1"} {
		cursor := base.Manifest.Datasets[name].Cursor
		if want := (&snapshot.Cursor{Delta: token, Taken: fakegraph.Now(), FullRequests: base.Manifest.Datasets[name].Requests}); !reflect.DeepEqual(cursor, want) {
			t.Errorf("%s: cursor %+v, want %+v", name, cursor, want)
		}
	}
	g, later := after(t), fakegraph.Now().Add(7*24*time.Hour)
	atLater := collecting{source: func(o *entra.Options) { o.Clock = func() time.Time { return later } }}
	s := collect(t, g, reader(), since(base), atLater)
	sameDatasets(t, s, collect(t, after(t), reader()))
	fullRun := 0
	for _, dataset := range base.Manifest.Datasets {
		fullRun += dataset.Requests
	}
	for name, token := range map[snapshot.Name]string{snapshot.Applications: "apps2", snapshot.ServicePrincipals: "sps2", snapshot.DelegatedGrants: "grants2"} {
		d := expect(t, s, name, snapshot.Collected, s.Manifest.Datasets[name].Rows)
		want := &snapshot.Cursor{Delta: token, Taken: later, Incremental: true, FullRequests: base.Manifest.Datasets[name].Requests, FullRun: fullRun}
		if d.Cursor.FullRequests = base.Manifest.Datasets[name].Requests; !reflect.DeepEqual(d.Cursor, want) || d.Reason != "" {
			t.Errorf("%s: %q, cursor %+v, want %+v", name, d.Reason, d.Cursor, want)
		}
		against := changing()[name] + "/$count"
		if name == snapshot.DelegatedGrants {
			against = "@odata.count of " + grants // as in a full run
		}
		if d.Reconciled == nil || *d.Reconciled != (snapshot.Reconciled{Against: against, Want: d.Rows, Got: d.Rows}) {
			t.Errorf("%s: reconciled %+v", name, d.Reconciled)
		}
	}
	for _, path := range []string{apps, principals, grants} {
		for _, r := range g.Requests(path) {
			if q := r.Query; q.Get("$top") == "999" && q.Get("$select") != "id" {
				t.Errorf("%s was listed in full: %v", path, q)
			}
		}
	}
	// A run after a run.
	g = after(t)
	for path, token := range map[string]string{apps: "apps", principals: "sps", grants: "grants"} {
		g.On(path+"/delta?$deltatoken="+token+"2", delta(path, token+"3"))
	}
	again := collect(t, g, reader(), since(s), atLater)
	sameDatasets(t, again, s)
	if cursor := again.Manifest.Datasets[snapshot.Applications].Cursor; cursor == nil || cursor.Delta != "apps3" || !cursor.Incremental {
		t.Errorf("cursor %+v", cursor)
	}
}

func TestWhatCannotBeToldIsReadInFull(t *testing.T) {
	every := slices.Sorted(slices.Values([]snapshot.Name{snapshot.Applications, snapshot.ServicePrincipals, snapshot.DelegatedGrants}))
	just := func(name snapshot.Name) []snapshot.Name { return []snapshot.Name{name} }
	for _, c := range []struct {
		name   string
		before func(g *fakegraph.Graph)
		after  func(g *fakegraph.Graph)
		age    time.Duration
		in     []snapshot.Name // which are read in full
		why    string
	}{
		{name: "partial before", before: func(g *fakegraph.Graph) { g.On(apps+"/$count", fakegraph.Answer{Body: "9"}) }, in: just(snapshot.Applications), why: "the earlier snapshot has it as partial"},
		{name: "denied before", before: func(g *fakegraph.Graph) { g.On(grants, fakegraph.Denied()) }, in: just(snapshot.DelegatedGrants), why: "the earlier snapshot has it as denied"},
		{name: "no cursor", before: func(g *fakegraph.Graph) { g.On(principals+"/delta", failure(400, "BadRequest", "no delta here")) }, in: just(snapshot.ServicePrincipals), why: "the earlier snapshot has no cursor"},
		{name: "too old", age: 7*24*time.Hour + time.Second, in: every, why: "cursor is of 2026-11-20T00:00:00Z, and Graph remembers changes for seven days"},
		{
			name: "410", after: func(g *fakegraph.Graph) {
				g.On(apps+"/delta?$deltatoken=apps1", failure(http.StatusGone, "syncStateInvalid", "start again"))
			}, in: just(snapshot.Applications), why: "the delta token is not accepted any more: GET https://graph.test/v1.0/applications/delta: HTTP 410: syncStateInvalid",
		},
		{
			name: "40x", after: func(g *fakegraph.Graph) {
				g.On(grants+"/delta?$deltatoken=grants1", failure(http.StatusBadRequest, "syncStateNotFound", "too old"))
			}, in: just(snapshot.DelegatedGrants), why: "not accepted any more",
		},
		{
			name: "denied", after: func(g *fakegraph.Graph) { g.On(grants+"/delta?$deltatoken=grants1", fakegraph.Denied()) },
			in: just(snapshot.DelegatedGrants), why: "Insufficient privileges",
		},
		{
			name: "no further token", after: func(g *fakegraph.Graph) { g.On(grants+"/delta?$deltatoken=grants1", fakegraph.Value()) },
			in: just(snapshot.DelegatedGrants), why: "no link for the next time",
		},
		{
			name: "a change without id", after: func(g *fakegraph.Graph) {
				g.On(principals+"/delta?$deltatoken=sps1", delta(principals, "sps2", `{"displayName":"who"}`))
			}, in: just(snapshot.ServicePrincipals), why: "a change without an id was told",
		},
		{
			name: "a changed object is gone", after: func(g *fakegraph.Graph) {
				g.On(apps+"/delta?$deltatoken=apps1", delta(apps, "apps2", `{"id":"app9"}`))
			}, in: just(snapshot.Applications), why: "1 changed objects could not be read again",
		},
		{
			name: "changed objects are denied", after: func(g *fakegraph.Graph) { g.On(byIDs, fakegraph.Denied()) },
			in: []snapshot.Name{snapshot.Applications, snapshot.ServicePrincipals}, why: "Insufficient privileges",
		},
		{
			name: "another count", after: func(g *fakegraph.Graph) {
				g.On(apps+"/delta?$deltatoken=apps1", delta(apps, "apps2", `{"id":"app3","@removed":{"reason":"deleted"}}`))
			}, in: just(snapshot.Applications), why: "the earlier snapshot and the changes make 3 rows, and Graph counts 4",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			earlier, g, want := before(t), after(t), after(t)
			if c.before != nil {
				c.before(earlier)
			}
			if c.after != nil {
				c.after(g)
				c.after(want)
			}
			clock := collecting{source: func(o *entra.Options) { o.Clock = func() time.Time { return fakegraph.Now().Add(c.age) } }}
			s := collect(t, g, reader(), since(collect(t, earlier, reader())), clock)
			sameDatasets(t, s, collect(t, want, reader()))
			var in []snapshot.Name
			for name := range changing() {
				d := s.Manifest.Datasets[name]
				if strings.HasPrefix(d.Reason, "read in full: ") {
					in = append(in, name)
					if !strings.Contains(d.Reason, c.why) || d.Cursor == nil || d.Cursor.Incremental || !d.Cursor.Taken.Equal(fakegraph.Now().Add(c.age)) {
						t.Errorf("%s: reason %q does not say %q, cursor %+v", name, d.Reason, c.why, d.Cursor)
					}
				}
			}
			if slices.Sort(in); !slices.Equal(in, c.in) {
				t.Errorf("read in full are %v, want %v", in, c.in)
			}
		})
	}
}

func TestEarlierSnapshotThatWasAlteredIsReadInFull(t *testing.T) {
	dir := t.TempDir() + "/base"
	base := collectTo(t, dir, before(t), reader())
	if err := os.WriteFile(fmt.Sprintf("%s/%s.ndjson.gz", dir, snapshot.Applications), []byte("altered"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := collect(t, after(t), reader(), since(base))
	sameDatasets(t, s, collect(t, after(t), reader()))
	expect(t, s, snapshot.Applications, snapshot.Collected, 4, "read in full: ", "applications.ndjson.gz")
}

func TestWithoutACountChangesAreTakenAsTheyAre(t *testing.T) {
	base := collect(t, before(t), reader())
	uncounted := func(t *testing.T) *fakegraph.Graph {
		return after(t).On(apps+"/$count", fakegraph.Denied()).On(principals+"/$count", fakegraph.Answer{Body: "many"}).On(grants+"?$top=1", fakegraph.Value())
	}
	s := collect(t, uncounted(t), reader(), since(base))
	sameDatasets(t, s, collect(t, after(t), reader()))
	for name := range changing() {
		if d := s.Manifest.Datasets[name]; d.Reconciled != nil || d.Reason != "" || d.Cursor == nil || !d.Cursor.Incremental {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// What $expand shows of owners is not all objects: those that it leaves out are asked.
func TestOwnersOfObjectsThatAreNotListedAgain(t *testing.T) {
	base := collect(t, before(t), reader())
	user := `{"@odata.type":"#microsoft.graph.user","id":"u1"}`
	g := after(t).On(apps+"?$expand=owners", fakegraph.Value(`{"id":"app1","owners":[]}`, `{"id":"app4","owners":[]}`))
	g.On(apps+"/app2/owners", fakegraph.Value(user)).On(apps+"/app5/owners", fakegraph.Value(user))
	s := collect(t, g, reader(), since(base))
	sameDatasets(t, s, collect(t, after(t), reader()))
	expect(t, s, snapshot.ApplicationOwners, snapshot.Collected, 2)
	for id, want := range map[string]int{"app1": 0, "app2": 1, "app4": 0, "app5": 1} {
		if n := len(g.Requests(apps + "/" + id + "/owners")); n != want {
			t.Errorf("the owners of %s were asked for %d times, want %d", id, n, want)
		}
	}
	// A listing that breaks off is a failure, and no reason to ask for each.
	g = after(t).On(apps+"?$expand=owners", fakegraph.Denied())
	expect(t, collect(t, g, reader(), since(base)), snapshot.ApplicationOwners, snapshot.Denied, 0, "Insufficient privileges")
}

// What was wrong with a row may have been mended where it is stored, as text that is
// not valid UTF-8 is. It stays wrong until the row is read again.
func TestGapsOfRowsThatAreTakenOver(t *testing.T) {
	damage := func(g *fakegraph.Graph, ids ...string) *fakegraph.Graph {
		var now []string
		for _, id := range []string{"app1", "app2", "app4"} {
			name := id
			if slices.Contains(ids, id) {
				name += "\xff"
			}
			now = append(now, application(id, name, `,"createdDateTime":"01/20/2025"`+unowned))
		}
		return g.On(apps, fakegraph.Value(now...)).On(apps+"/$count", fakegraph.Answer{Body: "3"})
	}
	base := collect(t, damage(before(t), "app1", "app2"), reader())
	expect(t, base, snapshot.Applications, snapshot.Partial, 3)
	g := damage(after(t), "app1")
	g.On(apps+"/delta?$deltatoken=apps1", delta(apps, "apps2", `{"id":"app2"}`)).On(byIDs, fakegraph.Value(application("app2", "app2", `,"createdDateTime":"01/20/2025"`),
		principal("sp2", "new name", publishes), principal("sp4", "added", publishes)))
	s, full := collect(t, g, reader(), since(base)), collect(t, damage(after(t), "app1"), reader())
	got, want := s.Manifest.Datasets[snapshot.Applications], full.Manifest.Datasets[snapshot.Applications]
	if got.Cursor == nil || !got.Cursor.Incremental || got.SHA256 != want.SHA256 || got.Reason != want.Reason || !reflect.DeepEqual(got.Gaps, want.Gaps) || len(got.Gaps) != 4 {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// Of a grant only the changed members are told: the rest is not to be had any more.
	base = collect(t, before(t).On(grants, list(granted("g1", "User.Read\xff"), granted("g3", "User.Read"))), reader())
	g = after(t).On(grants, list(granted("g1", "User.Read\xff"), granted("g3", "Mail.Read")))
	g.On(grants+"/delta?$deltatoken=grants1", delta(grants, "grants2", `{"id":"g3","scope":"Mail.Read"}`))
	d := expect(t, collect(t, g, reader(), since(base)), snapshot.DelegatedGrants, snapshot.Partial, 2)
	if !d.Confined || len(d.Gaps) != 1 || d.Gaps[0].Row != "g1" || !d.Cursor.Incremental {
		t.Errorf("got %+v", d)
	}
	g.On(grants+"/delta?$deltatoken=grants1", delta(grants, "grants2", `{"id":"g3","scope":"Mail.Read"}`, `{"id":"g1","consentType":"AllPrincipals"}`))
	d = expect(t, collect(t, g, reader(), since(base)), snapshot.DelegatedGrants, snapshot.Partial, 2, "read in full: what has changed of g1 is told")
	if len(d.Gaps) != 1 || d.Cursor.Incremental {
		t.Errorf("got %+v", d)
	}
}
