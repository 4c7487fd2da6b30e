package graphapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
)

func TestManyCollectionsAreReadToTheirEnds(t *testing.T) {
	var visits atomic.Int32
	foreign := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer foreign.Close()
	g := fakegraph.Start(t)
	g.On(thing(0), page(things+"/0?$skiptoken=2", row("a")))
	g.On(thing(0)+"?$skiptoken=2", page(things+"/0?$skiptoken=3&$count=true", row("b")))
	g.On(thing(0)+"?$skiptoken=3", fakegraph.Value(row("c")))
	g.On(thing(1), fakegraph.Answer{Body: `{"@odata.count":0,"value":[]}`})
	g.On(thing(2), fakegraph.Denied())
	g.On(thing(3), fakegraph.Answer{Body: `{"@odata.count":9,"value":[{"id":"d"}],"@odata.nextLink":"` + foreign.URL + `/v1.0/things"}`})
	g.On(thing(4), fakegraph.Answer{Body: `{"@odata.count":2,"value":[{"id":"e"}],"@odata.nextLink":"{{graph}}` + thing(4) + `?$skiptoken=2"}`})
	g.On(thing(4)+"?$skiptoken=2", fakegraph.Answer{Status: 404, Body: `{"error":{"code":"itemNotFound","message":"gone"}}`})
	g.On(thing(5), fakegraph.Answer{Body: `{"id":"no collection"}`})
	var requests []graphapi.Request
	for i := range 6 {
		query := graphapi.Query{}
		if i == 0 {
			query = graphapi.Query{ConsistencyLevel: graphapi.Eventual, Count: true}
		}
		requests = append(requests, graphapi.Request{Path: thing(i), Query: query})
	}
	gather(t, g.Client(claims()), requests...).check(t,
		map[int][]string{0: {row("a"), row("b"), row("c")}, 3: {row("d")}, 4: {row("e")}},
		map[int]int{0: -1, 1: 0, 2: -1, 3: 9, 4: 2, 5: -1},
		map[int]string{
			2: "GET " + g.URL + thing(2) + ": HTTP 403", 3: "refused: link to https://" + foreign.Listener.Addr().String(),
			4: "HTTP 404: itemNotFound: gone", 5: "the answer cannot be read: there is no value in it",
		})
	if visits.Load() != 0 {
		t.Error("the foreign host was visited")
	}
	if n := len(g.Requests("/v1.0/$batch")); n != 1 {
		t.Errorf("%d batches", n)
	}
	for i, r := range g.Requests(thing(0)) {
		if r.Header.Get("ConsistencyLevel") != "eventual" || !slices.Equal(r.Query["$count"], []string{"true"}) {
			t.Errorf("page %d: %v, %v", i+1, r.Header, r.Query)
		}
	}
}

func TestOneOfManyBeginsAgain(t *testing.T) {
	g, journal := fakegraph.Start(t), newMemory()
	g.On(things, fakegraph.Answer{Body: `{"@odata.count":2,"value":[{"id":"a"}],"@odata.nextLink":"{{graph}}` + things + `?$skiptoken=2"}`},
		page(things+"?$skiptoken=3", row("b")))
	g.On(things+"?$skiptoken=2", expired())
	g.On(things+"?$skiptoken=3", fakegraph.Value(row("c")))
	gather(t, journaling(t, g, journal), graphapi.Request{Path: things}).check(t,
		map[int][]string{0: {row("a"), row("b"), row("c")}}, map[int]int{0: -1}, map[int]string{0: "began again, and 1 rows listed before"})
	if got := asked(g); !slices.Equal(got, []string{"in batch 1", "2", "", "3"}) {
		t.Errorf("asked for %q", got)
	}
	// Taken up, the rows of the broken listing are gone, and what was kept row by row
	// does not pass for a whole page.
	g.On(things, page(things+"?$skiptoken=3", row("b")))
	gather(t, journaling(t, g, journal), graphapi.Request{Path: things}).check(t,
		map[int][]string{0: {row("b"), row("c")}}, map[int]int{0: -1}, map[int]string{})
	gather(t, journaling(t, g, journal), graphapi.Request{Path: things}).check(t,
		map[int][]string{0: {row("b"), row("c")}}, map[int]int{0: -1}, map[int]string{})
	if got := asked(g); !slices.Equal(got, []string{"in batch 1", "2", "", "3", "in batch 2"}) {
		t.Errorf("asked for %q", got)
	}
}

func TestLargePagesOfManyThatFailAreAskedForSmaller(t *testing.T) {
	failing := fakegraph.Answer{Status: http.StatusBadGateway, Body: `{"error":{"code":"UnknownError","message":"large"}}`}
	g := fakegraph.Start(t)
	g.On(thing(0)+"?$top=999", failing).On(thing(0)+"?$top=333", fakegraph.Value(row("a")))
	g.On(thing(1), failing)
	g.On(thing(2)+"?$top=999", page(thing(2)+"?$top=999&$skiptoken=2", row("b"))).On(thing(2)+"?$skiptoken=2", failing)
	g.On(thing(2)+"?$top=333", fakegraph.Value(row("b"), row("c")))
	large := graphapi.Query{Top: 999}
	gather(t, g.Client(claims()), graphapi.Request{Path: thing(0), Query: large}, graphapi.Request{Path: thing(1)}, graphapi.Request{Path: thing(2), Query: large}).check(t,
		map[int][]string{0: {row("a")}, 2: {row("b"), row("b"), row("c")}}, map[int]int{0: -1, 1: -1, 2: -1}, map[int]string{1: "HTTP 502"})
}

func TestConsumerEndsTheReadingOfMany(t *testing.T) {
	enough := errors.New("enough")
	for _, c := range []struct {
		name      string
		row, done error
		rows      int
	}{{"row", enough, nil, 1}, {"done", nil, enough, 3}} {
		g := fakegraph.Start(t).On(things, page(things+"?$skiptoken=2", row("a"))).On(things+"?$skiptoken=2", fakegraph.Value(row("b"), row("c")))
		rows, done := 0, 0
		err := g.Client(claims()).ListEach(t.Context(), []graphapi.Request{{Path: things}},
			func(int, json.RawMessage) error { rows++; return c.row },
			func(int, int, error) error { done++; return c.done })
		if !errors.Is(err, enough) || rows != c.rows || (done > 0) != (c.done != nil) {
			t.Errorf("%s: got %v after %d rows and %d ends", c.name, err, rows, done)
		}
	}
}

// What is cancelled is not done, neither well nor badly.
func TestCancelledReadingOfManyEnds(t *testing.T) {
	for _, at := range []string{things, things + "?$skiptoken=2", things + "?$skiptoken=3"} {
		g := fakegraph.Start(t)
		ctx, cancel := context.WithCancel(t.Context())
		g.On(things, page(things+"?$skiptoken=2", row("a")), page(things+"?$skiptoken=3", row("a")))
		g.On(things+"?$skiptoken=2", expired())
		g.On(things+"?$skiptoken=3", fakegraph.Value(row("b")))
		answer := fakegraph.Answer{Body: `{"value":[]}`, Meanwhile: cancel}
		g.On(at, answer)
		if at == things+"?$skiptoken=2" {
			g.On(things+"?$skiptoken=2", fakegraph.Answer{Status: 400, Body: expired().Body, Meanwhile: cancel})
		}
		err := g.Client(claims()).ListEach(ctx, []graphapi.Request{{Path: things}}, func(int, json.RawMessage) error { return nil },
			func(_, _ int, err error) error {
				t.Errorf("%s: done with %v", at, err)
				return nil
			})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", at, err)
		}
	}
}

// Long listings hold back neither the batches nor each other, and their rows still
// come one after the other.
func TestLongListingsHoldNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegraph.Offline(t)
		var requests []graphapi.Request
		for i := range 100 {
			g.On(thing(i), fakegraph.Value(row("a")))
			requests = append(requests, graphapi.Request{Path: thing(i)})
		}
		for _, i := range []int{0, 30, 60} {
			g.On(thing(i), page(fmt.Sprintf("%s?$skiptoken=1", thing(i)), row("a")))
			for n := 1; n <= 10; n++ {
				answer := page(fmt.Sprintf("%s?$skiptoken=%d", thing(i), n+1), row("b"), row("c"))
				if n == 10 {
					answer = fakegraph.Value(row("d"))
				}
				answer.Meanwhile = func() { time.Sleep(time.Second) }
				g.On(fmt.Sprintf("%s?$skiptoken=%d", thing(i), n), answer)
			}
		}
		var inside atomic.Int32
		alone := func() func() {
			if inside.Add(1) > 1 {
				t.Error("a callback runs beside another")
			}
			return func() { inside.Add(-1) }
		}
		rows, ends, start := map[int]int{}, map[int]time.Duration{}, time.Now()
		err := patient(g).ListEach(t.Context(), requests, func(i int, _ json.RawMessage) error {
			defer alone()()
			rows[i]++
			return nil
		}, func(i, _ int, err error) error {
			defer alone()()
			ends[i] = time.Since(start)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range requests {
			n, end := 1, time.Duration(0)
			if i%30 == 0 && i < 90 {
				n, end = 20, 10*time.Second
			}
			if rows[i] != n || ends[i] != end {
				t.Errorf("%d: %d rows after %v, want %d after %v", i, rows[i], ends[i], n, end)
			}
		}
	})
}
