package graphapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// counted is a first page that announces its rows.
func counted(count int, next string, rows ...string) fakegraph.Answer {
	if next != "" {
		next = `,"@odata.nextLink":"{{graph}}` + next + `"`
	}
	return fakegraph.Answer{Body: fmt.Sprintf(`{"@odata.count":%d,"value":[%s]%s}`, count, strings.Join(rows, ","), next)}
}

// What was listed before a listing began again has to be listed again.
func TestRowsThatAreNotListedAgainAreTold(t *testing.T) {
	const lost = "the listing, or a page of it, began again, and %d rows listed before were not listed any more"
	for _, c := range []struct {
		name   string
		before []string // on the first page of the walk that breaks off
		after  []string // in the walk that ends
		lost   int
	}{
		{"all of them again", []string{row("a"), row("b")}, []string{row("b"), row("c"), row("a")}, 0},
		{"one is gone", []string{row("a"), row("b")}, []string{row("b")}, 1},
		{"all are gone", []string{row("a"), row("b")}, nil, 2},
		{"twice listed, once again", []string{row("a"), row("a")}, []string{row("a")}, 0},
		{"changed meanwhile", []string{`{"id":"a","x":1}`}, []string{`{"x":2,"id":"a"}`}, 0},
		{"without an id", []string{`{"x":1}`, `{"id":null}`, `{"id":""}`}, []string{`{"x":2}`, `{"id":null}`, `{"id":"","x":1}`}, 2},
		{"ids of other kinds", []string{`{"id":7}`, `{ "id":"a\"b"}`, `{"n":{"id":"a"},"id":"q"}`}, []string{`{"x":1,"id":7}`, `{"id":"a\"b"}`, `{"id":"q"}`}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, list := range map[string]func(*graphapi.Client) error{
				"one": func(client *graphapi.Client) (err error) {
					for _, err = range client.List(t.Context(), things, graphapi.Query{}) {
						if err != nil {
							return err
						}
					}
					return err
				},
				"many": func(client *graphapi.Client) error {
					var ended error
					err := client.ListEach(t.Context(), []graphapi.Request{{Path: things}}, func(int, json.RawMessage) error { return nil },
						func(_, _ int, err error) error { ended = err; return nil })
					return errors.Join(err, ended)
				},
			} {
				g := fakegraph.Start(t).On(things, page(things+"?$skiptoken=2", c.before...), fakegraph.Value(c.after...)).On(things+"?$skiptoken=2", expired())
				err, want := list(g.Client(claims())), fmt.Sprintf(lost, c.lost)
				if (err != nil) != (c.lost > 0) || err != nil && !strings.HasSuffix(err.Error(), want) {
					t.Errorf("%s: got %v, want %d lost", name, err, c.lost)
				}
			}
		})
	}
	// A page that breaks off and comes otherwise, is no other thing.
	for want, second := range map[int]fakegraph.Answer{0: fakegraph.Value(row("b"), row("a")), 1: fakegraph.Value(row("b"))} {
		g := fakegraph.Start(t).On(things, fakegraph.Answer{Body: `{"value":[{"id":"a"},`, Cut: true}, second)
		if _, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{})); (err != nil) != (want > 0) || err != nil && !strings.HasSuffix(err.Error(), fmt.Sprintf(lost, want)) {
			t.Errorf("a page that broke off: got %v, want %d lost", err, want)
		}
	}
}

// Of several walks the count of the last one is the listing's.
func TestCountsAreThoseOfTheLastWalk(t *testing.T) {
	for _, c := range []struct {
		name  string
		again []fakegraph.Answer // first pages of the walks after the first
		want  int
	}{
		{"fewer", []fakegraph.Answer{counted(2, "", row("a"), row("b"))}, 2},
		{"more", []fakegraph.Answer{counted(9, "", row("a"), row("b"))}, 9},
		{"none", []fakegraph.Answer{counted(0, "", row("a"))}, 0},
		{"not told", []fakegraph.Answer{fakegraph.Value(row("a"))}, -1},
		{"the third walk", []fakegraph.Answer{counted(7, things+"?$skiptoken=2", row("a")), counted(1, "", row("a"))}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := func() *fakegraph.Graph {
				return fakegraph.Start(t).On(things, append([]fakegraph.Answer{counted(5, things+"?$skiptoken=2", row("a"))}, c.again...)...).On(things+"?$skiptoken=2", expired())
			}
			if got := gather(t, start().Client(claims()), graphapi.Request{Path: things}); got.counts[0] != c.want || len(got.errs) > 0 {
				t.Errorf("got %v %v, want %d", got.counts, got.errs, c.want)
			}
			meter := &graphapi.Meter{}
			if _, err := ids(start().Client(claims()).Metered(meter).List(t.Context(), things, graphapi.Query{})); err != nil || meter.Read().Expected != max(c.want, 0) {
				t.Errorf("the meter expects %d, %v; want %d", meter.Read().Expected, err, c.want)
			}
		})
	}
	// Also where the first page of the last walk was read by an earlier run.
	failing := fakegraph.Answer{Status: http.StatusBadGateway, Body: `{"error":{"code":"UnknownError","message":"large"}}`}
	g, journal := fakegraph.Start(t), newMemory()
	g.On(things+"?$top=999", failing).On(things+"?$top=333", counted(0, things+"?$skiptoken=2", row("a")))
	g.On(things+"?$skiptoken=2", fakegraph.Denied(), fakegraph.Value(row("b")))
	for range 2 {
		got := gather(t, journaling(t, g, journal), graphapi.Request{Path: things, Query: graphapi.Query{Top: 999}})
		if got.counts[0] != 0 {
			t.Errorf("got %v, want 0", got.counts)
		}
	}
	if n := len(g.Requests(things)); n < 3 || asked(g)[n-1] != "2" {
		t.Errorf("asked %q: the page was kept", asked(g))
	}
}

func TestFixedPagesAreNeverMadeSmaller(t *testing.T) {
	failing := fakegraph.Answer{Status: http.StatusServiceUnavailable, Body: `{"error":{"code":"UnknownError","message":"large"}}`}
	query := graphapi.Query{Top: 999, FixedPages: true}
	for _, at := range []string{"$top=999", "$skiptoken=2"} {
		g := fakegraph.Start(t).On(things, fakegraph.Value(row("small"))).On(things+"?$top=999", page(things+"?$top=999&$skiptoken=2", row("a"))).On(things+"?"+at, failing)
		if _, err := ids(g.Client(claims()).List(t.Context(), things, query)); err == nil || !strings.Contains(err.Error(), "HTTP 503") {
			t.Errorf("%s: got %v", at, err)
		}
		got := gather(t, g.Client(claims()), graphapi.Request{Path: things, Query: query})
		if !strings.Contains(got.errs[0], "HTTP 503") || slices.Contains(got.rows[0], row("small")) {
			t.Errorf("%s: got %+v", at, got)
		}
		if slices.ContainsFunc(g.Requests(things), func(r fakegraph.Request) bool { return r.Query.Get("$top") != "999" }) {
			t.Errorf("%s: asked for %q", at, asked(g))
		}
	}
	// An expired page token is another matter.
	g := fakegraph.Start(t).On(things, page(things+"?$skiptoken=2", row("a")), fakegraph.Value(row("a"))).On(things+"?$skiptoken=2", expired())
	if _, err := ids(g.Client(claims()).List(t.Context(), things, query)); err != nil || !slices.Equal(asked(g), []string{"999", "2", "999"}) {
		t.Errorf("got %v, asked for %q", err, asked(g))
	}
}

// endless is a collection whose pages never end.
func endless(t *testing.T, announced string, rows func(page int) []string) (pages int, err error) {
	t.Helper()
	g := fakegraph.Start(t)
	g.Arrived = func(fakegraph.Request) {
		pages++
		g.On(things, fakegraph.Answer{Body: fmt.Sprintf(`{%s"value":[%s],"@odata.nextLink":"{{graph}}%s?$skiptoken=%d"}`, announced, strings.Join(rows(pages+1), ","), things, pages)})
	}
	g.On(things, page(things+"?$skiptoken=first", rows(1)...))
	_, err = ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{}))
	return pages, err
}

func TestPagesWithoutEndAreNotFollowedForEver(t *testing.T) {
	many := func(page int) (rows []string) {
		for i := range 2000 {
			rows = append(rows, row(fmt.Sprint(page, "-", i)))
		}
		return rows
	}
	for _, c := range []struct {
		name, announced string
		rows            func(page int) []string
		pages           int
		want            string
	}{
		{"the same rows", "", func(int) []string { return []string{row("a"), row("b")} }, 51, "50 pages in a row without a row that was not listed before"},
		{"the same rows and none", "", func(n int) []string { return slices.Repeat([]string{row("a")}, n%2) }, 101, "50 pages in a row without a row that was not listed before"},
		{"the same after many", "", func(n int) []string { return []string{row(fmt.Sprint(min(n, 60)))} }, 110, "50 pages in a row without a row that was not listed before"},
		{"none", "", func(int) []string { return nil }, 1000, "1000 empty pages in a row"},
		{"far more than announced", `"@odata.count":100,`, many, 51, "102000 rows were listed, and there is no end, though 100 were announced"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if pages, err := endless(t, c.announced, c.rows); err == nil || !strings.HasSuffix(err.Error(), c.want) || pages != c.pages {
				t.Errorf("after %d pages %v, want %s after %d", pages, err, c.want, c.pages)
			}
		})
	}
	// What is new now and then goes on.
	g := fakegraph.Start(t)
	var want []string
	for n := range 200 {
		id, next := fmt.Sprint(n/49), page(fmt.Sprintf("%s?$skiptoken=%d", things, n+1), row(fmt.Sprint(n/49)))
		if n == 199 {
			next = fakegraph.Value(row(id))
		}
		g.On(fmt.Sprintf("%s?$skiptoken=%d", things, n), next)
		want = append(want, id)
	}
	g.On(things, page(things+"?$skiptoken=0", row("start")))
	if got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{})); err != nil || !slices.Equal(got[1:], want) {
		t.Errorf("got %d rows, %v", len(got), err)
	}
}

func TestLinksLeadToTheSameCollection(t *testing.T) {
	const list = "/v1.0/servicePrincipals/AB-1/appRoleAssignedTo"
	for next, good := range map[string]bool{
		list: true, strings.ToLower(list): true, list + "/": true, "/v1.0/servicePrincipals('AB-1')/appRoleAssignedTo": true,
		"/V1.0/serviceprincipals(ab-1)/appRoleAssignedTo": true, "/v1.0/servicePrincipals(%27ab-1%27)/appRoleAssignedTo": true,
		"/v1.0/users": false, "/v1.0/servicePrincipals/AB-2/appRoleAssignedTo": false, "/v1.0/servicePrincipals('AB-2')/appRoleAssignedTo": false,
		"/beta/servicePrincipals/AB-1/appRoleAssignedTo": false, "/v1.0/servicePrincipals/AB-1/appRoleAssignments": false, "/v1.0/servicePrincipals/AB-1": false,
		list + "/delta": false, "/": false, "": false, "/x" + list: false, "/v1.0/servicePrincipals//appRoleAssignedTo": false,
	} {
		g := fakegraph.Start(t).On(list, page(next+"?$skiptoken=2", row("a")))
		path := strings.ReplaceAll(next, "%27", "'")
		g.On(path+"?$skiptoken=2", fakegraph.Value(row("b")))
		got, err := ids(g.Client(claims()).List(t.Context(), list, graphapi.Query{}))
		if good && (err != nil || !slices.Equal(got, []string{"a", "b"})) {
			t.Errorf("%s: got %v, %v", next, got, err)
		}
		if !good && (err == nil || !strings.HasSuffix(err.Error(), "the link to the next page leads to another collection") || len(g.Requests("")) != 1) {
			t.Errorf("%s: got %v, %v after %d requests", next, got, err, len(g.Requests("")))
		}
	}
	for _, form := range []string{"/delta", "/delta()", "/microsoft.graph.delta()", "/Delta(token='x')"} {
		g := fakegraph.Start(t).On(delta, page(things+form+"?$skiptoken=2", row("a"))).On(things+form+"?$skiptoken=2", deltaPage(delta+"?$deltatoken=b"))
		next := ""
		if got, err := ids(g.Client(claims()).Delta(t.Context(), delta, "a", &next)); err != nil || next != "b" || !slices.Equal(got, []string{"a"}) {
			t.Errorf("%s: got %v, %q, %v", form, got, next, err)
		}
	}
}

// What stands behind a page or twice in it makes it unreadable; it is asked for again.
func TestPagesThatSayTwoThingsAreRefused(t *testing.T) {
	next := `"@odata.nextLink":"{{graph}}` + things + `?$skiptoken=2"`
	for body, want := range map[string]string{
		`{"value":[{"id":"a"}]}{"value":[{"id":"b"}]}`:                      "more stands behind its end",
		`{"value":[{"id":"a"}]}]`:                                           "invalid character",
		`{"value":[{"id":"a"}]} x`:                                          "invalid character",
		`{"value":[{"id":"a"}]}` + "\x00":                                   "invalid character",
		`{` + next + `,"value":[{"id":"a"}],"@odata.nextLink":""}`:          "@odata.nextLink stands in it twice",
		`{"@nextLink":null,"value":[{"id":"a"}],` + next + `}`:              "@odata.nextLink stands in it twice",
		`{"value":[{"id":"a"}],"value":[]}`:                                 "value stands in it twice",
		`{"@odata.count":1,"value":[{"id":"a"}],"@odata.count":0}`:          "@odata.count stands in it twice",
		`{"value":[{"id":"a"}],"@odata.deltaLink":"","@odata.deltaLink":1}`: "@odata.deltaLink stands in it twice",
	} {
		g := fakegraph.Start(t).On(things, fakegraph.Answer{Body: body})
		_, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{}))
		if err == nil || !strings.Contains(err.Error(), "the page cannot be read: "+want) || len(g.Requests("")) != 4 {
			t.Errorf("%q: got %v after %d requests", body, err, len(g.Requests("")))
		}
		g.On(things, fakegraph.Answer{Body: body}, fakegraph.Value(row("a"), row("b")))
		if got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{})); err != nil || got[len(got)-1] != "b" {
			t.Errorf("%q, and then soundly: got %v, %v", body, got, err)
		}
	}
	// White space and other spellings are sound.
	for body, want := range map[string]int{`{"@odata.count":"2","value":[{"id":"a"}]}` + " \r\n\t\n": 2, `{"@odata.count":2,"value":[{"id":"a"}],"@nextLink":"{{graph}}` + things + `?$skiptoken=2"}`: 2, `{"@odata.count":"many","value":[{"id":"a"}]}`: 0} {
		g, meter := fakegraph.Start(t).On(things, fakegraph.Answer{Body: body}).On(things+"?$skiptoken=2", fakegraph.Value(row("b"))), &graphapi.Meter{}
		got, err := ids(g.Client(claims()).Metered(meter).List(t.Context(), things, graphapi.Query{}))
		if err != nil || len(got) != len(g.Requests("")) || strings.Contains(body, "nextLink") != (len(got) == 2) || meter.Read().Expected != want {
			t.Errorf("%q: got %v, %v, expected %d", body, got, err, meter.Read().Expected)
		}
	}
}

// A listing that lost rows makes its dataset partial.
func TestListingThatLostRowsIsPartial(t *testing.T) {
	a, b := `{"id":"a","appId":"x"}`, `{"id":"b","appId":"x"}`
	g := fakegraph.Start(t).On(things, counted(2, things+"?$skiptoken=2", a), counted(1, "", b)).On(things+"?$skiptoken=2", expired())
	s := session(t, g.Client(claims()), func(s *graphapi.Session) {
		_, err := s.Collect(t.Context(), snapshot.Applications, func(r *graphapi.Reading) error {
			return r.All(t.Context(), "", r.Graph.List(t.Context(), things, graphapi.Query{}), r.Add)
		})
		if err != nil {
			t.Error(err)
		}
	})
	d := s.Manifest.Datasets[snapshot.Applications]
	if d.Status != snapshot.Partial || d.Confined || d.Rows != 2 || !strings.Contains(d.Reason, "1 rows listed before were not listed any more") {
		t.Errorf("got %+v", d)
	}
}
