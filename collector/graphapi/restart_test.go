package graphapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
)

func expired() fakegraph.Answer {
	return fakegraph.Answer{Status: http.StatusBadRequest, Body: `{"error":{"code":"Directory_ExpiredPageToken","message":"The specified page token value has expired."}}`}
}

// asked lists the $skiptoken or $top of each request to things, those of a batch
// with its number.
func asked(g *fakegraph.Graph) []string {
	var list []string
	for _, r := range g.Requests(things) {
		text := r.Query.Get("$top") + r.Query.Get("$skiptoken")
		if r.Batch > 0 {
			text += fmt.Sprint(" in batch ", r.Batch)
		}
		list = append(list, strings.TrimSpace(text))
	}
	return list
}

// journaling is a client that has signed in, and keeps answers.
func journaling(t *testing.T, g *fakegraph.Graph, journal graphapi.Journal) *graphapi.Client {
	t.Helper()
	return journalingAs(t, g, journal, claims())
}

func journalingAs(t *testing.T, g *fakegraph.Graph, journal graphapi.Journal, claims map[string]any) *graphapi.Client {
	t.Helper()
	client := g.Client(claims, func(o *graphapi.Options) { o.Journal = journal })
	if _, _, err := client.Claims(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client
}

func TestJournalHoldsWhatWasAnswered(t *testing.T) {
	g, journal := fakegraph.Start(t), newMemory()
	g.On(things, page(things+"?$skiptoken=2", row("a"), row("b")))
	g.On(things+"?$skiptoken=2", page(things+"?$skiptoken=3"))
	g.On(things+"?$skiptoken=3", fakegraph.Denied(), fakegraph.Value(row("c")))
	if got, err := ids(journaling(t, g, journal).List(t.Context(), things, graphapi.Query{})); err == nil {
		t.Fatalf("got %v and no error", got)
	}
	meter := &graphapi.Meter{}
	got, err := ids(journaling(t, g, journal).Metered(meter).List(t.Context(), things, graphapi.Query{}))
	if err != nil || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got := asked(g); !slices.Equal(got, []string{"", "2", "3", "3"}) {
		t.Errorf("asked for %q: the first pages were there already", got)
	}
	if usage := meter.Read(); usage.Requests != 3 {
		t.Errorf("usage %+v: what an earlier run asked for counts as well", usage)
	}
	if want := []string{"", row("a") + " " + row("b"), row("c")}; !slices.Equal(journal.pages(), want) {
		t.Errorf("the journal holds %q, want %q", journal.pages(), want)
	}
}

func TestJournalHoldsNoHalfPage(t *testing.T) {
	g, journal := fakegraph.Start(t), newMemory()
	g.On(things, fakegraph.Answer{Body: `{"value":[{"id":"a"},`, Cut: true}, fakegraph.Value(row("a"), row("b")))
	client := journaling(t, g, journal)
	for _, err := range client.List(t.Context(), things, graphapi.Query{Top: 5}) {
		if err != nil {
			t.Fatal(err)
		}
		break // the consumer has enough
	}
	if len(journal.pages()) != 0 {
		t.Errorf("the journal holds %q", journal.pages())
	}
	if _, err := ids(client.List(t.Context(), things, graphapi.Query{})); err != nil {
		t.Fatal(err)
	}
	if want := []string{row("a") + " " + row("b")}; !slices.Equal(journal.pages(), want) {
		t.Errorf("the journal holds %q, want %q", journal.pages(), want)
	}
}

func TestJournalHoldsSingleAnswers(t *testing.T) {
	g, journal := fakegraph.Start(t), newMemory()
	g.On("/v1.0/one", fakegraph.Answer{Body: `{"id":"1"}`}).On("/v1.0/many/$count", fakegraph.Answer{Body: "\xef\xbb\xbf12"}).On("/v1.0/act", fakegraph.Value(row("done")))
	for range 2 {
		client := journaling(t, g, journal)
		one := map[string]any{}
		acted, err := ids(client.PostList(t.Context(), "/v1.0/act", graphapi.Query{}, []int{1}))
		err = errors.Join(err, client.Get(t.Context(), "/v1.0/one", graphapi.Query{}, &one))
		n, countErr := client.Count(t.Context(), "/v1.0/many")
		if err = errors.Join(err, countErr); err != nil || one["id"] != "1" || !slices.Equal(acted, []string{"done"}) || n != 12 {
			t.Errorf("got %v %v %d, %v", one, acted, n, err)
		}
	}
	for path, want := range map[string]int{"/v1.0/one": 1, "/v1.0/act": 1, "/v1.0/many/$count": 2} { // a count is of the moment
		if n := len(g.Requests(path)); n != want {
			t.Errorf("%d requests to %s, want %d", n, path, want)
		}
	}
	if _, err := ids(journaling(t, g, journal).PostList(t.Context(), "/v1.0/act", graphapi.Query{}, []int{2})); err != nil || len(g.Requests("/v1.0/act")) != 2 {
		t.Errorf("another body is another question: %v", err)
	}
}

// Each sees its own answers only, also in a run that is taken up: two people may sign
// in with the same application, and a token need not tell whose it is.
func TestJournalKeepsIdentitiesApart(t *testing.T) {
	person := func(oid, upn string) map[string]any {
		return map[string]any{"scp": "Application.Read.All", "appid": "x", "oid": oid, "upn": upn}
	}
	for _, c := range []struct {
		name  string
		one   map[string]any
		other map[string]any // nil is opaque
		apart bool
	}{
		{"the same application", claims(), claims(), false},
		{"an opaque token", claims(), nil, true},
		{"two opaque tokens", nil, nil, true},
		{"other permissions", claims(), map[string]any{"roles": []string{"Application.Read.All", "User.Read.All"}}, true},
		{"fewer permissions", claims(), map[string]any{"roles": []string{}}, true},
		{"permissions in another order", map[string]any{"roles": []string{"a", "b", "b"}}, map[string]any{"roles": []string{"b", "a"}}, false},
		{"another directory role", with(person("1", ""), "wids", []string{"x"}), with(person("1", ""), "wids", []string{"y"}), true},
		{"the same directory roles", with(person("1", ""), "wids", []string{"x", "y"}), with(person("1", ""), "wids", []string{"y", "x"}), false},
		{"another scope", person("1", ""), with(person("1", ""), "scp", "User.Read"), true},
		{"another application of the same person", person("1", ""), with(person("1", ""), "appid", "y"), true},
		{"another application", claims(), map[string]any{"roles": []string{"x"}, "appid": "other"}, true},
		{"the same person", person("1", "ada@testco"), person("1", "ada.new@testco"), false},
		{"the same person by name", person("", "ada@testco"), person("", "ada@testco"), false},
		{"another person", person("1", "ada@testco"), person("2", "ada@testco"), true},
		{"nobody knows who", person("", ""), person("", ""), true},
		{"a person and the application", person("1", "ada@testco"), claims(), true},
	} {
		g, journal := fakegraph.Start(t).On(things, fakegraph.Value(row("a"))), newMemory()
		for _, claims := range []map[string]any{c.one, c.other} {
			if _, err := ids(journalingAs(t, g, journal, claims).List(t.Context(), things, graphapi.Query{})); err != nil {
				t.Fatal(err)
			}
		}
		if n, want := len(g.Requests("")), map[bool]int{false: 1, true: 2}[c.apart]; n != want {
			t.Errorf("%s: %d requests, want %d", c.name, n, want)
		}
	}
	g, journal := fakegraph.Start(t).On(things, fakegraph.Value(row("a"))), newMemory()
	opaque := identity.NewAccount("device-code", "20000000-0000-4000-8000-000000000001", fakegraph.TenantID, true, &successive{tokens: []string{"opaque"}})
	for range 2 {
		client := g.Client(nil, func(o *graphapi.Options) { o.Journal, o.Account = journal, opaque })
		for range 2 { // within a run it is the same one
			if _, err := ids(client.List(t.Context(), things, graphapi.Query{})); err != nil {
				t.Fatal(err)
			}
			if _, _, err := client.Claims(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(g.Requests("")); n != 2 {
		t.Errorf("%d requests with opaque tokens of people, want one in each run", n)
	}
}

// with is claims with one of them set.
func with(claims map[string]any, name string, value any) map[string]any {
	claims = maps.Clone(claims)
	claims[name] = value
	return claims
}

func TestListBeginsAgainWhenAPageTokenExpired(t *testing.T) {
	g, journal := fakegraph.Start(t), newMemory()
	g.On(things, page(things+"?$skiptoken=2", row("a")), page(things+"?$skiptoken=4", row("b")))
	g.On(things+"?$skiptoken=2", page(things+"?$skiptoken=3", row("old")))
	g.On(things+"?$skiptoken=3", expired())
	g.On(things+"?$skiptoken=4", fakegraph.Value(row("c")))
	got, err := ids(journaling(t, g, journal).List(t.Context(), things, graphapi.Query{}))
	if err == nil || !strings.Contains(err.Error(), "began again, and 2 rows listed before were not listed any more") || !slices.Equal(got, []string{"a", "old", "b", "c"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got := asked(g); !slices.Equal(got, []string{"", "2", "3", "", "4"}) {
		t.Errorf("asked for %q", got)
	}
	// What was read before does not come back when the run is taken up.
	if want := []string{row("b"), row("c")}; !slices.Equal(journal.pages(), want) {
		t.Errorf("the journal holds %q, want %q", journal.pages(), want)
	}
	got, err = ids(journaling(t, g, journal).List(t.Context(), things, graphapi.Query{}))
	if err != nil || !slices.Equal(got, []string{"b", "c"}) || len(asked(g)) != 5 {
		t.Errorf("taken up: got %v, %v after %q", got, err, asked(g))
	}
}

func TestListDoesNotBeginAgainForEver(t *testing.T) {
	g := fakegraph.Start(t).On(things, page(things+"?$skiptoken=2", row("a"))).On(things+"?$skiptoken=2", expired())
	got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{}))
	e, ok := errors.AsType[*graphapi.Error](err)
	if !ok || e.Code != "Directory_ExpiredPageToken" || !slices.Equal(got, []string{"a", "a", "a", "a"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestLargePagesThatFailAreAskedForSmaller(t *testing.T) {
	failing := fakegraph.Answer{Status: http.StatusServiceUnavailable, Body: `{"error":{"code":"UnknownError","message":"large"}}`}
	g := fakegraph.Start(t)
	g.On(things+"?$top=999", page(things+"?$top=999&$skiptoken=2", row("a")), failing)
	g.On(things+"?$top=333", failing)
	g.On(things+"?$top=111", page(things+"?$skiptoken=3", row("a"), row("b")))
	g.On(things+"?$skiptoken=3", fakegraph.Value(row("c")))
	got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{Top: 999, Select: "id"}))
	if err != nil || !slices.Equal(got, []string{"a", "a", "b", "c"}) {
		t.Errorf("got %v, %v", got, err)
	}
	want := slices.Concat([]string{"999"}, slices.Repeat([]string{"9992"}, 4), slices.Repeat([]string{"333"}, 4), []string{"111", "3"})
	if got := asked(g); !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
	for _, r := range g.Requests(things)[:10] {
		if r.Query.Get("$skiptoken") == "" && r.Query.Get("$select") != "id" {
			t.Errorf("asked with %v", r.Query)
		}
	}
	// Nothing is gained by ever smaller pages.
	g = fakegraph.Start(t).On(things, failing)
	if _, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{Top: 999})); err == nil {
		t.Error("no error")
	}
	if got, want := asked(g), slices.Concat(slices.Repeat([]string{"999"}, 4), slices.Repeat([]string{"333"}, 4), slices.Repeat([]string{"111"}, 4)); !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

// gathered is what ListEach tells of its collections.
type gathered struct {
	rows   map[int][]string
	counts map[int]int
	errs   map[int]string
}

// gather runs ListEach to its end.
func gather(t *testing.T, client *graphapi.Client, requests ...graphapi.Request) gathered {
	t.Helper()
	all := gathered{map[int][]string{}, map[int]int{}, map[int]string{}}
	err := client.ListEach(t.Context(), requests, func(i int, row json.RawMessage) error {
		all.rows[i] = append(all.rows[i], string(row))
		return nil
	}, func(i, count int, err error) error {
		if _, ok := all.counts[i]; ok {
			t.Errorf("done is called again for %d", i)
		}
		if all.counts[i] = count; err != nil {
			all.errs[i] = err.Error()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (g gathered) check(t *testing.T, rows map[int][]string, counts map[int]int, errs map[int]string) {
	t.Helper()
	if !maps.EqualFunc(g.rows, rows, slices.Equal) {
		t.Errorf("rows %v, want %v", g.rows, rows)
	}
	if !maps.Equal(g.counts, counts) {
		t.Errorf("counts %v, want %v", g.counts, counts)
	}
	if !maps.EqualFunc(g.errs, errs, strings.Contains) {
		t.Errorf("errors %v, want %v", g.errs, errs)
	}
}
