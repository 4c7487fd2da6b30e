package activity_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestQueryThatFails(t *testing.T) {
	for _, c := range []struct {
		name       string
		set        func(g *fakegraph.Graph)
		status     snapshot.Status
		reason     string
		unfinished bool
	}{
		{"failed", func(g *fakegraph.Graph) { g.On(v1+"/q", state("running"), state("failed")) }, snapshot.Failed, "the query ended as failed", false},
		{"cancelled", func(g *fakegraph.Graph) { g.On(v1+"/q", state("cancelled")) }, snapshot.Failed, "the query ended as cancelled", false},
		{"running for ever", func(g *fakegraph.Graph) { g.On(v1+"/q", state("running")) }, snapshot.Failed, "it was still running when the time for it was over; hint: run it again later", true},
		{"without an id", func(g *fakegraph.Graph) { g.On(v1, fakegraph.Answer{Status: 201, Body: `{}`}) }, snapshot.Failed, "without an id", false},
		{"denied", func(g *fakegraph.Graph) { g.On(v1, refusal(403, "Forbidden", "no")) }, snapshot.Denied, "Forbidden: no; what the Management API read stands", false},
		{"not there at all", func(g *fakegraph.Graph) { g.On(v1, refusal(404, "x", "y")).On(beta, refusal(404, "x", "y")) }, snapshot.Failed, "offers no audit queries", false},
		{"records fail", func(g *fakegraph.Graph) {
			g.On(v1+"/q", state("succeeded")).On(v1+"/q/records", refusal(500, "InternalServerError", "boom"))
		}, snapshot.Failed, "boom", true},
		{"records lead elsewhere", func(g *fakegraph.Graph) {
			g.On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Answer{Body: `{"value":[],"@odata.nextLink":"https://graph.example/x"}`})
		}, snapshot.Failed, "refused: link to https://graph.example", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(v1, created("q"))
			c.set(g)
			q := queries(t, g, auditor(), func(o *activity.QueryOptions) { o.Patience = 20 * time.Millisecond })
			_, covered := read(t, q.Records(activity.DataConnect(), 30*day), window(ago(7*day), noon()))
			m := covered.Missing
			if m == nil || m.Status != c.status || !strings.Contains(m.Reason, c.reason) || m.Unfinished != c.unfinished || covered.Unfinished != c.unfinished {
				t.Fatalf("%+v %+v", covered, m)
			}
			sameHoles(t, covered.Holes, snapshot.Hole{From: ago(30 * day), To: ago(7 * day), Reason: c.reason})
			if len(covered.Windows) > 0 {
				t.Errorf("covered %v", covered.Windows)
			}
		})
	}
}

// What one query cannot tell, another one does; a hole is only what nothing covers.
func TestOneOfTwoQueriesFails(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("a"), created("b")).On(v1+"/a", state("failed")).On(v1+"/b", state("succeeded")).On(v1+"/b/records", fakegraph.Value(`{"id":"1"}`))
	ids, covered := read(t, queries(t, g, auditor()).Records(activity.DataConnect(), 180*day), window(ago(100*day), ago(50*day)), window(ago(20*day), noon()))
	sameIDs(t, ids, "1")
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(180 * day), To: ago(100 * day), Reason: "audit query leastwise-data-connect: the query ended as failed"})
	sameWindows(t, "covered", covered.Windows, window(ago(51*day), ago(20*day)))
	if covered.Missing != nil {
		t.Errorf("%+v", covered.Missing)
	}
}

func TestQueriesWithoutPermission(t *testing.T) {
	g := fakegraph.Start(t)
	_, covered := read(t, queries(t, g, map[string]any{"roles": []string{"AuditLogsQuery-Entra.Read.All"}}).Records(activity.DataConnect(), 30*day), window(ago(7*day), noon()))
	if m := covered.Missing; m == nil || m.Status != snapshot.Denied || !strings.Contains(m.Reason, "the least is AuditLogsQuery.Read.All of Microsoft Graph; what the Management API read stands") {
		t.Errorf("%+v", covered.Missing)
	}
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(30 * day), To: ago(7 * day), Reason: "AuditLogsQuery.Read.All"})
	if len(g.Requests("")) > 0 {
		t.Error("Graph was asked")
	}
}

// More records than a query gives are asked for in halves.
func TestQueryIsSplit(t *testing.T) {
	exceeded := func(yes bool) fakegraph.Answer {
		return fakegraph.Answer{Body: fmt.Sprintf(`{"status":"succeeded","isRecordCountLimitExceeded":%t}`, yes)}
	}
	middle := ago(15 * day)
	halves := []snapshot.Window{window(ago(30*day), noon()), window(ago(30*day), middle), window(middle, noon())}
	t.Run("Graph says so", func(t *testing.T) {
		g := fakegraph.Start(t).On(v1, created("a"), created("b"), created("c")).On(v1+"/a", exceeded(true)).On(v1+"/b", exceeded(false)).On(v1+"/c", exceeded(false))
		g.On(v1+"/b/records", fakegraph.Value(`{"id":"1"}`)).On(v1+"/c/records", fakegraph.Value(`{"id":"2"}`, `{"id":"3"}`))
		ids, covered := read(t, queries(t, g, auditor(), func(o *activity.QueryOptions) { o.RecordLimit = 2 }).Records(activity.DataConnect(), 30*day))
		sameIDs(t, ids, "1", "2", "3")
		sameWindows(t, "asked for", asked(t, g, v1), halves...)
		sameWindows(t, "covered", covered.Windows, window(ago(30*day), noon()))
	})
	t.Run("the count says so", func(t *testing.T) {
		g := fakegraph.Start(t).On(v1, created("a"), created("b"), created("c"))
		for _, id := range []string{"a", "b", "c"} {
			g.On(v1+"/"+id, state("succeeded")).On(v1+"/"+id+"/records", fakegraph.Value(`{"id":"1"}`))
		}
		g.On(v1+"/a/records", fakegraph.Value(`{"id":"1"}`, `{"id":"2"}`))
		ids, covered := read(t, queries(t, g, auditor(), func(o *activity.QueryOptions) { o.RecordLimit = 2 }).Records(activity.DataConnect(), 30*day))
		sameIDs(t, ids, "1", "2")
		sameWindows(t, "asked for", asked(t, g, v1), halves...)
		sameWindows(t, "covered", covered.Windows, window(ago(30*day), noon()))
	})
	t.Run("a half fails", func(t *testing.T) {
		g := fakegraph.Start(t).On(v1, created("a"), created("b"), created("c")).On(v1+"/a", exceeded(true)).On(v1+"/b", exceeded(false)).On(v1+"/c", state("failed"))
		g.On(v1+"/b/records", fakegraph.Value(`{"id":"1"}`))
		_, covered := read(t, queries(t, g, auditor()).Records(activity.DataConnect(), 30*day))
		sameWindows(t, "covered", covered.Windows, window(ago(30*day), middle))
		sameHoles(t, covered.Holes, snapshot.Hole{From: middle, To: noon(), Reason: "failed"})
	})
	t.Run("no end to it", func(t *testing.T) {
		g := fakegraph.Start(t).On(v1, created("a")).On(v1+"/a", exceeded(true))
		_, covered := read(t, queries(t, g, auditor()).Records(activity.DataConnect(), 4*time.Hour))
		if covered.Missing == nil || !strings.Contains(covered.Missing.Reason, "there are more than 1000000 records between") {
			t.Errorf("%+v", covered.Missing)
		}
		sameHoles(t, covered.Holes, snapshot.Hole{From: ago(4 * time.Hour), To: noon(), Reason: "more than"})
	})
}

func TestQueriesAreCancelled(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("q"))
	ctx, cancel := context.WithCancel(t.Context())
	g.On(v1+"/q", fakegraph.Answer{Body: `{"status":"running"}`, Meanwhile: cancel})
	q := queries(t, g, auditor(), func(o *activity.QueryOptions) { o.MaxPause, o.Patience = time.Hour, 100*time.Hour })
	covered, err := q.Records(activity.DataConnect(), 30*day).Read(ctx, snapshot.State{}, nil)
	if !errors.Is(err, context.Canceled) || len(covered.Windows) > 0 {
		t.Errorf("%v %+v", err, covered)
	}
}

func TestErrorOfTheConsumerEndsTheQueries(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Value(`{"id":"1"}`, `{"id":"2"}`))
	full, calls := errors.New("disk full"), 0
	covered, err := queries(t, g, auditor()).Records(activity.DataConnect(), 30*day).Read(t.Context(), snapshot.State{}, func(json.RawMessage, string) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 || len(covered.Windows) > 0 {
		t.Errorf("%v after %d calls, %+v", err, calls, covered)
	}
}
