package graphapi_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
)

const delta = things + "/delta"

func deltaPage(link string, rows ...string) fakegraph.Answer {
	return fakegraph.Answer{Body: `{"@odata.deltaLink":"{{graph}}` + link + `","value":[` + strings.Join(rows, ",") + `]}`}
}

func TestDeltaTokenStandsForNow(t *testing.T) {
	g := fakegraph.Start(t).On(delta+"?$deltatoken=latest", deltaPage(delta+"?$deltatoken=a%2Bb%3D"))
	token, err := g.Client(claims()).DeltaToken(t.Context(), delta)
	if err != nil || token != "a+b=" {
		t.Errorf("got %q, %v", token, err)
	}
	if requests := g.Requests(""); len(requests) != 1 || len(requests[0].Query) != 1 {
		t.Errorf("asked with %v", requests)
	}
}

func TestDeltaTellsChangesAsTheyCome(t *testing.T) {
	removed := `{"id":"b","@removed":{"reason":"deleted"}}`
	g := fakegraph.Start(t)
	g.On(delta+"?$deltatoken=a+b=", page(delta+"?$skiptoken=2", row("a"), removed))
	g.On(delta+"?$skiptoken=2", page(delta+"?$skiptoken=3")) // nothing on this page
	g.On(delta+"?$skiptoken=3", deltaPage(delta+"?$deltaToken=next", row("a"), row("c")))
	for range 2 { // it can be asked for again
		next := ""
		var got []string
		for row, err := range g.Client(claims()).Delta(t.Context(), delta, "a+b=", &next) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(row))
		}
		if want := []string{row("a"), removed, row("a"), row("c")}; !slices.Equal(got, want) || next != "next" {
			t.Errorf("got %v and the token %q", got, next)
		}
	}
}

func TestDeltaTokenThatIsRefusedMeansResync(t *testing.T) {
	gone := fakegraph.Answer{Status: http.StatusGone, Header: map[string]string{"Location": "{{graph}}" + delta}, Body: `{"error":{"code":"syncStateInvalid","message":"start again"}}`}
	for _, c := range []struct {
		name   string
		answer fakegraph.Answer
		resync bool
		want   string
	}{
		{"410", gone, true, "HTTP 410: syncStateInvalid"},
		{"400", fakegraph.Answer{Status: 400, Body: `{"error":{"code":"syncStateNotFound","message":"too old"}}`}, true, "syncStateNotFound: too old"},
		{"404", fakegraph.Answer{Status: 404, Body: `{"error":{"code":"Request_ResourceNotFound","message":"no"}}`}, true, "HTTP 404"},
		{"403", fakegraph.Denied(), false, "HTTP 403"},
		{"500", fakegraph.Answer{Status: 500}, false, "HTTP 500"},
		{"no link", fakegraph.Value(row("a")), false, "no link for the next time"},
		{"no token", deltaPage(delta+"?$skiptoken=2", row("a")), false, "has no token"},
		{"empty token", deltaPage(delta+"?$deltatoken=", row("a")), false, "has no token"},
		{"foreign page", fakegraph.Answer{Body: `{"value":[],"@odata.nextLink":"https://graph.example/delta"}`}, false, "refused: link to https://graph.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(delta, c.answer)
			next := "as before"
			_, err := ids(g.Client(claims()).Delta(t.Context(), delta, "old", &next))
			if err == nil || errors.Is(err, graphapi.ErrResync) != c.resync || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q, resync %v", err, c.want, c.resync)
			}
			if next != "as before" {
				t.Errorf("the token became %q", next)
			}
			if c.resync && graphapi.Missing(err).Evidence == nil {
				t.Error("the answer is no evidence any more")
			}
			if token, err := g.Client(claims()).DeltaToken(t.Context(), delta); err == nil || token != "" {
				t.Errorf("the token is %q, %v", token, err)
			}
		})
	}
}

func TestDeltaStopsWhenTheConsumerDoes(t *testing.T) {
	g := fakegraph.Start(t).On(delta, deltaPage(delta+"?$deltatoken=next", row("a"), row("b")))
	next := ""
	for _, err := range g.Client(claims()).Delta(t.Context(), delta, "old", &next) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if next != "" {
		t.Errorf("changes that nobody has seen are behind the token %q", next)
	}
}

func TestDeltaIsTakenUpWithItsToken(t *testing.T) {
	g, journal := fakegraph.Start(t), newMemory()
	g.On(delta+"?$deltatoken=old", page(delta+"?$skiptoken=2", row("a")))
	g.On(delta+"?$skiptoken=2", fakegraph.Denied(), deltaPage(delta+"?$deltatoken=next", row("b")))
	for i, want := range []struct {
		rows []string
		next string
		sent int
	}{{[]string{"a"}, "", 2}, {[]string{"a", "b"}, "next", 3}, {[]string{"a", "b"}, "next", 3}} {
		next := ""
		got, err := ids(journaling(t, g, journal).Delta(t.Context(), delta, "old", &next))
		if !slices.Equal(got, want.rows) || next != want.next || (err == nil) != (next != "") || len(g.Requests("")) != want.sent {
			t.Errorf("run %d: got %v, token %q, %v after %d requests", i+1, got, next, err, len(g.Requests("")))
		}
	}
}
