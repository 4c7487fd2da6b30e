package graphapi_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
)

const things = "/v1.0/things"

func claims() map[string]any { return map[string]any{"roles": []string{"Application.Read.All"}} }

// ids drains a listing.
func ids(listing iter.Seq2[json.RawMessage, error]) (found []string, err error) {
	for row, err := range listing {
		if err != nil {
			return found, err
		}
		var key struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(row, &key); err != nil {
			return found, err
		}
		found = append(found, key.ID)
	}
	return found, nil
}

func row(id string) string { return `{"id":"` + id + `"}` }

func page(next string, rows ...string) fakegraph.Answer {
	return fakegraph.Answer{Body: `{"@odata.context":"c","value":[` + strings.Join(rows, ",") + `],"@odata.nextLink":"{{graph}}` + next + `"}`}
}

func TestListFollowsPagesToTheEnd(t *testing.T) {
	g := fakegraph.Start(t)
	g.On(things, page(things+"?$skiptoken=2&x=1%2B1", row("a"), row("b")))
	g.On(things+"?$skiptoken=2", page(things+"?$skiptoken=3")) // an empty page
	g.On(things+"?$skiptoken=3", fakegraph.Answer{Body: `{"@odata.nextLink":null,"value":[` + row("c") + "," + row("a") + `]}`})
	got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{Top: 999, Filter: "a eq 'b c+d'"}))
	if err != nil || !slices.Equal(got, []string{"a", "b", "c", "a"}) {
		t.Fatalf("got %v, %v", got, err)
	}
	requests := g.Requests(things)
	if q := requests[0].Query; q.Get("$top") != "999" || q.Get("$filter") != "a eq 'b c+d'" {
		t.Errorf("first page was asked for with %v", q)
	}
	if got := requests[1].Query.Get("x"); got != "1+1" {
		t.Errorf("nextLink was not followed whole: x is %q", got)
	}
	h := requests[2].Header
	if h.Get("User-Agent") != "NONISV|leastwise|leastwise/1.2.3" || h.Get("X-Ms-Throttle-Priority") != "low" || !strings.HasPrefix(h.Get("Authorization"), "Bearer ") {
		t.Errorf("headers of the last page: %v", h)
	}
}

func TestListRepeatsConsistencyOnEveryPage(t *testing.T) {
	g := fakegraph.Start(t)
	g.On(things, page(things+"?$skiptoken=2", row("a")))
	g.On(things+"?$skiptoken=2", page(things+"?$skiptoken=3&$count=true", row("b")))
	g.On(things+"?$skiptoken=3", fakegraph.Value(row("c")))
	if _, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{ConsistencyLevel: graphapi.Eventual, Count: true})); err != nil {
		t.Fatal(err)
	}
	for i, r := range g.Requests(things) {
		if r.Header.Get("ConsistencyLevel") != "eventual" || !slices.Equal(r.Query["$count"], []string{"true"}) {
			t.Errorf("page %d: ConsistencyLevel %q, $count %v", i+1, r.Header.Get("ConsistencyLevel"), r.Query["$count"])
		}
	}
}

func TestListNeverLeadsToAnotherHost(t *testing.T) {
	var visits atomic.Int32
	foreign := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer foreign.Close()
	for name, link := range map[string]string{
		"foreign":         foreign.URL + things,
		"user part":       "https://graph.microsoft.com@" + strings.TrimPrefix(foreign.URL, "https://") + things,
		"other port":      "https://127.0.0.1:1/v1.0/things",
		"plain HTTP":      "http://{{host}}" + things,
		"relative":        things + "?$skiptoken=2",
		"protocol":        "//" + strings.TrimPrefix(foreign.URL, "https://") + things,
		"no URL":          "https://[::1",
		"foreign via 302": "redirect",
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegraph.Start(t)
			link := strings.ReplaceAll(link, "{{host}}", strings.TrimPrefix(g.URL, "https://"))
			if link == "redirect" {
				link = g.URL + things + "?$skiptoken=2"
				g.On(things+"?$skiptoken=2", fakegraph.Answer{Status: http.StatusFound, Header: map[string]string{"Location": foreign.URL + "/x"}})
			}
			text, err := json.Marshal(link)
			if err != nil {
				t.Fatal(err)
			}
			g.On(things, fakegraph.Answer{Body: `{"value":[{"id":"a"}],"@odata.nextLink":` + string(text) + `}`})
			got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{}))
			if err == nil || !slices.Equal(got, []string{"a"}) {
				t.Fatalf("got %v, %v; want one row and an error", got, err)
			}
			if visits.Load() != 0 {
				t.Errorf("the foreign host was visited %d times", visits.Load())
			}
			if n := len(g.Requests("")); n > 2 {
				t.Errorf("%d requests: a refusal is not tried again", n)
			}
			if strings.Contains(err.Error(), "skiptoken") {
				t.Errorf("error shows a query: %v", err)
			}
		})
	}
}

func TestListTakesNoFailureForTheEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer fakegraph.Answer
		want   string
	}{
		{"body cut", fakegraph.Answer{Body: `{"value":[{"id":"a"},{"id":"b"`, Cut: true}, "EOF"},
		{"body cut between rows", fakegraph.Answer{Body: `{"value":[{"id":"a"}`, Cut: true}, "EOF"},
		{"JSON ends early", fakegraph.Answer{Body: `{"value":[{"id":"a"}]`}, "EOF"},
		{"nothing", fakegraph.Answer{}, "EOF"},
		{"no value", fakegraph.Answer{Body: `{"@odata.context":"c"}`}, "no value"},
		{"value null", fakegraph.Answer{Body: `{"value":null}`}, "expected"},
		{"value is no list", fakegraph.Answer{Body: `{"value":{}}`}, "expected"},
		{"array", fakegraph.Answer{Body: `[]`}, "expected"},
		{"web page", fakegraph.Answer{Body: `<html>sign in to the proxy</html>`}, "invalid character"},
		{"error that calls itself success", fakegraph.Answer{Body: `{"error":{"code":"UnknownError","message":"oops"}}`}, "UnknownError"},
		{"refused", fakegraph.Denied(), "HTTP 403: Authorization_RequestDenied: Insufficient privileges"},
		{"refused without a body", fakegraph.Answer{Status: 403}, "HTTP 403: Forbidden"},
		{"server error", fakegraph.Answer{Status: 500, Body: "not JSON"}, "HTTP 500"},
		{"circle", page(things, row("a")), "circle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(things, c.answer)
			got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{}))
			if err == nil {
				t.Fatalf("got %v and no error", got)
			}
			e, ok := errors.AsType[*graphapi.Error](err)
			if !ok || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "GET "+g.URL+things+": ") {
				t.Fatalf("got %T %v, want %q", err, err, c.want)
			}
			if e.Status != 0 && e.RequestID != "request-1" {
				t.Errorf("request id %q", e.RequestID)
			}
		})
	}
}

func TestListReadsABrokenPageAgain(t *testing.T) {
	g := fakegraph.Start(t)
	g.On(things, fakegraph.Answer{Body: `{"value":[{"id":"a"},`, Cut: true}, fakegraph.Value(row("a"), row("b")))
	got, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{}))
	if err != nil || !slices.Equal(got, []string{"a", "a", "b"}) {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestListStopsWhenTheConsumerDoes(t *testing.T) {
	g := fakegraph.Start(t).On(things, page(things+"?$skiptoken=2", row("a"), row("b")))
	for _, err := range g.Client(claims()).List(t.Context(), things, graphapi.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if n := len(g.Requests("")); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestListGivesUpOnEndlessEmptyPages(t *testing.T) {
	var n atomic.Int64
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"value":[],"@odata.nextLink":"` + server.URL + things + "?n=" + strconv.FormatInt(n.Add(1), 10) + `"}`))
	}))
	defer server.Close()
	g := fakegraph.Start(t) // for its account and options
	client, err := graphapi.New(graphapi.Options{
		URL: server.URL, Account: g.Client(claims()).Account(), HTTPClient: server.Client(), Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ids(client.List(t.Context(), things, graphapi.Query{})); err == nil || !strings.Contains(err.Error(), "empty pages") {
		t.Fatalf("got %v", err)
	}
}

func TestListWaitsWhenThrottled(t *testing.T) {
	for _, c := range []struct {
		name, pause string
		status      int
		least, most time.Duration
	}{
		{"decimal", "2.128", 429, 2128 * time.Millisecond, 2130 * time.Millisecond},
		{"whole seconds", "120", 503, 2 * time.Minute, 2*time.Minute + 2*time.Millisecond},
		{"date", "Sat, 01 Jan 2000 00:00:30 GMT", 429, 30 * time.Second, 30*time.Second + 2*time.Millisecond},
		{"none", "", 429, 2 * time.Second, 2 * time.Second}, // nobody says how long
		{"zero", "0", 429, 2 * time.Second, 2 * time.Second},
		{"nonsense", "soon", 504, time.Millisecond / 2, 2 * time.Millisecond}, // it is no refusal
		{"absurd", "1e300", 429, 2 * time.Second, 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := fakegraph.Offline(t)
			g.On(things, fakegraph.Answer{Status: c.status, Header: map[string]string{"Retry-After": c.pause}, Body: `{}`}, fakegraph.Value(row("a")))
			client := g.Client(claims(), func(o *graphapi.Options) { o.Clock, o.MaxRetryDelay = time.Now, time.Hour })
			meter := &graphapi.Meter{}
			started := time.Now()
			got, err := ids(client.Metered(meter).List(t.Context(), things, graphapi.Query{}))
			took := time.Since(started)
			if err != nil || !slices.Equal(got, []string{"a"}) {
				t.Fatalf("%s: got %v, %v", c.name, got, err)
			}
			if took < c.least || took > c.most {
				t.Errorf("%s: waited %v, want %v to %v", c.name, took, c.least, c.most)
			}
			usage := meter.Read()
			if usage.Requests != 2 || usage.Retries != 1 || usage.Waiting || c.status != 504 && usage.ThrottleSeconds != took.Seconds() {
				t.Errorf("%s: usage %+v, %v passed", c.name, usage, took)
			}
		})
	}
}

func TestListGivesUpOnAPauseThatIsTooLong(t *testing.T) {
	g := fakegraph.Start(t)
	g.On(things, fakegraph.Answer{Status: 429, Header: map[string]string{"Retry-After": "3600"}, Body: `{"error":{"code":"TooManyRequests","message":"later"}}`})
	_, err := ids(g.Client(claims()).List(t.Context(), things, graphapi.Query{}))
	e, ok := errors.AsType[*graphapi.Error](err)
	if !ok || e.Status != 429 || len(g.Requests("")) != 1 {
		t.Fatalf("got %v after %d requests", err, len(g.Requests("")))
	}
}

func TestListEndsWhenCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegraph.Offline(t).On(things, fakegraph.Answer{Status: 429, Header: map[string]string{"Retry-After": "4"}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		_, err := ids(g.Client(claims()).List(ctx, things, graphapi.Query{}))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != time.Second {
			t.Fatalf("got %v after %v", err, time.Since(started))
		}
	})
}

func TestNoTokenOfAnotherTenantIsUsed(t *testing.T) {
	g := fakegraph.Start(t).On(things, fakegraph.Value(row("a")))
	_, err := ids(g.Client(map[string]any{"tid": "99999999-0000-4000-8000-000000000009"}).List(t.Context(), things, graphapi.Query{}))
	if _, ok := errors.AsType[*identity.WrongTenantError](err); !ok || len(g.Requests("")) != 0 {
		t.Fatalf("got %v after %d requests", err, len(g.Requests("")))
	}
}

// counting counts the requests that go through it.
type counting struct {
	next http.RoundTripper
	n    atomic.Int32
}

// RoundTrip is part of http.RoundTripper.
func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.next.RoundTrip(r)
}

func TestUntrustedServerIsNotAskedTwice(t *testing.T) {
	g := fakegraph.Start(t)
	account := g.Client(claims()).Account()
	tries := &counting{next: &http.Transport{}}
	strict, err := identity.NewHTTPClient(identity.HTTPOptions{RoundTripper: tries})
	if err != nil {
		t.Fatal(err)
	}
	client, err := graphapi.New(graphapi.Options{URL: g.URL, Account: account, HTTPClient: strict, Clock: time.Now, RetryDelay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ids(client.List(t.Context(), things, graphapi.Query{}))
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || tries.n.Load() != 1 {
		t.Fatalf("got %v after %d tries", err, tries.n.Load())
	}
}

func TestLargeRowsSurvive(t *testing.T) {
	name := strings.Repeat("名", 1<<20)
	g := fakegraph.Start(t).On(things, fakegraph.Value(`{"id":"a","displayName":"`+name+`","unknown":{"x":[1.50]}}`))
	for raw, err := range g.Client(claims()).List(t.Context(), things, graphapi.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), name) || !strings.Contains(string(raw), `"unknown":{"x":[1.50]}`) {
			t.Error("the row did not arrive as it was sent")
		}
	}
}
