package sharepoint_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"leastwise/collector"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/sharepoint"
	"leastwise/collector/snapshot"
)

func TestGrantsAreHeldAgainstTheListing(t *testing.T) {
	inline := func(id string, apps ...string) string {
		var all []string
		for _, app := range apps {
			all = append(all, `{"appId":"`+app+`"}`)
		}
		return `{"id":"` + id + `","applicationPermissionGrants":[` + strings.Join(all, ",") + `]}`
	}
	const against = "the grants in the listing of registrations"
	for _, c := range []struct {
		name       string
		listed     []string
		status     snapshot.Status
		rows       int
		reconciled *snapshot.Reconciled
		reason     string
	}{
		{"equal", []string{inline(typeA, "a1"), inline(typeB, "b1", "b2")}, snapshot.Collected, 3, &snapshot.Reconciled{Against: against, Want: 3, Got: 3}, ""},
		{"fewer are listed", []string{inline(typeA, "a1"), inline(typeB, "b1")}, snapshot.Partial, 3, &snapshot.Reconciled{Against: against, Want: 2, Got: 3}, "3 rows were read and " + against + " says 2"},
		{"more are listed", []string{inline(typeA, "a1", "a2"), inline(typeB, "b1", "b2")}, snapshot.Partial, 4, &snapshot.Reconciled{Against: against, Want: 4, Got: 4}, "registration " + typeA + " was listed with 2 grants"},
		{"some carry none", []string{inline(typeA, "a1"), inline(typeB)}, snapshot.Partial, 3, &snapshot.Reconciled{Against: against, Want: 1, Got: 3}, "registration " + typeB + " was listed with 0 grants"},
		{"no registration", nil, snapshot.Collected, 0, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, tenant(t).On(registrations, fakegraph.Value(c.listed...)), user(everyScope, embedded), 0)
			d := expect(t, s, snapshot.ContainerTypeGrants, c.status, c.rows, c.reason)
			if (d.Reconciled == nil) != (c.reconciled == nil) || d.Reconciled != nil && *d.Reconciled != *c.reconciled {
				t.Errorf("reconciled %+v, want %+v", d.Reconciled, c.reconciled)
			}
		})
	}
	t.Run("what was listed of those that are denied", func(t *testing.T) {
		s := collect(t, tenant(t).On(grants(typeA), fakegraph.Denied()), user(everyScope, embedded), 0)
		d := expect(t, s, snapshot.ContainerTypeGrants, snapshot.Partial, 3, "grants of registration "+typeA, "Insufficient privileges")
		if d.Evidence == nil || d.Evidence.Status != 403 {
			t.Errorf("evidence %+v", d.Evidence)
		}
	})
}

func TestTypesAreHeldAgainstTheirCount(t *testing.T) {
	g := tenant(t).On(types, fakegraph.Answer{Body: `{"@odata.count":5,"value":[{"id":"` + typeA + `"}]}`})
	d := expect(t, collect(t, g, user(everyScope, embedded), 0), snapshot.ContainerTypes, snapshot.Partial, 1, "1 rows were read and @odata.count of "+types+" says 5")
	if d.Reconciled == nil || *d.Reconciled != (snapshot.Reconciled{Against: "@odata.count of " + types, Want: 5, Got: 1}) {
		t.Errorf("reconciled %+v", d.Reconciled)
	}
	if r := g.Requests(types)[0]; r.Query.Get("$count") != "true" || r.Header.Get("ConsistencyLevel") != "" {
		t.Errorf("asked with %v %v", r.Query, r.Header)
	}
}

func TestOwnersThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		name   string
		set    func(g *fakegraph.Graph)
		status snapshot.Status
		reason string
	}{
		{"no such thing in this cloud", func(g *fakegraph.Graph) { g.On(owners(typeA), fakegraph.Answer{Status: http.StatusNotFound}) }, snapshot.Failed, "owners of container type " + typeA},
		{"denied", func(g *fakegraph.Graph) { g.On(owners(typeA), fakegraph.Denied()) }, snapshot.Denied, "although the token carries FileStorageContainerType.Manage.All"},
		{"types denied", func(g *fakegraph.Graph) { g.On(types, fakegraph.Denied()) }, snapshot.Denied, "the container types could not be read"},
		{"types not whole", func(g *fakegraph.Graph) {
			g.On(types, fakegraph.Answer{Body: `{"@odata.count":5,"value":[]}`})
		}, snapshot.Partial, "container types are missing: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t)
			c.set(g)
			s := collect(t, g, user(everyScope, embedded), 0)
			expect(t, s, snapshot.ContainerTypeOwners, c.status, 0, c.reason)
			expect(t, s, snapshot.Containers, snapshot.Collected, 3)
		})
	}
}

func TestManyListsTakeFewRequests(t *testing.T) {
	g := tenant(t)
	var rows, want []string
	for i := range 45 {
		id := fmt.Sprintf("b!%02d", i)
		rows, want = append(rows, `{"id":"`+id+`"}`), append(want, `{"containerId":"`+id+`","id":"p","roles":["reader"]}`)
		g.On(containers+"/"+id+"/permissions", fakegraph.Value(`{"id":"p","roles":["reader"]}`))
	}
	g.On(containers+"?$filter=containerTypeId eq "+typeA, fakegraph.Value(rows...)).On(containers+"?$filter=containerTypeId eq "+typeB, fakegraph.Value())
	s := collect(t, g, user(everyScope, embedded), 0)
	d := expect(t, s, snapshot.ContainerPermissions, snapshot.Collected, 45)
	if d.Requests != 3 {
		t.Errorf("%d requests for 45 lists, want 3", d.Requests)
	}
	sameRows(t, s, snapshot.ContainerPermissions, want...)
	if got := len(g.Requests("/beta/$batch")); got != 1 {
		t.Errorf("%d batches to beta, want one for the owners", got)
	}
}

func TestInterruptedRunKeepsContainers(t *testing.T) {
	g, dir := tenant(t), t.TempDir()+"/snapshot"
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g.On(containers+"?$filter=containerTypeId eq "+typeB, fakegraph.Answer{Body: `{"value":[]}`, Meanwhile: cancel})
		s := fakegraph.SnapshotAt(t, dir, func(w *snapshot.Writer) error {
			err := collector.Collect(ctx, w, sharepoint.New(sharepoint.Options{Graph: g.Client(user(everyScope, embedded))}))
			if !errors.Is(err, collector.ErrInterrupted) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		expect(t, s, snapshot.Containers, snapshot.Partial, 2, "the run was interrupted before the end")
		expect(t, s, snapshot.ContainerPermissions, snapshot.Failed, 0, "the run was interrupted before it was read")
		expect(t, s, snapshot.ContainerTypeGrants, snapshot.Collected, 3)
	})
}
