package graphapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestGetPostAndCount(t *testing.T) {
	g := fakegraph.Start(t)
	g.On("/v1.0/one", fakegraph.Answer{Body: `{"id":"1"}`})
	g.On("/v1.0/act", fakegraph.Answer{Status: 429, Header: map[string]string{"Retry-After": "0.01"}}, fakegraph.Value(row("done")))
	g.On("/v1.0/many/$count", fakegraph.Answer{Body: "\xef\xbb\xbf 12\n"})
	client := g.Client(claims())
	var one struct{ ID string }
	if err := client.Get(t.Context(), "/v1.0/one", graphapi.Query{Select: "id"}, &one); err != nil || one.ID != "1" {
		t.Errorf("get: %+v, %v", one, err)
	}
	done, err := ids(client.PostList(t.Context(), "/v1.0/act", graphapi.Query{}, map[string]int{"n": 1}))
	if err != nil || !slices.Equal(done, []string{"done"}) {
		t.Errorf("post: %v, %v", done, err)
	}
	if requests := g.Requests("/v1.0/act"); len(requests) != 2 || requests[1].Body != `{"n":1}` {
		t.Errorf("posted %+v", requests)
	}
	n, err := client.Count(t.Context(), "/v1.0/many")
	if err != nil || n != 12 {
		t.Errorf("count: %d, %v", n, err)
	}
	if got := g.Requests("/v1.0/many/$count")[0].Header.Get("ConsistencyLevel"); got != "eventual" {
		t.Errorf("ConsistencyLevel %q", got)
	}
	if n, err = client.Count(t.Context(), "/v1.0/one"); err == nil {
		t.Errorf("count of nothing: %d", n)
	}
}

func TestSuccessThatIsNoneIsAskedForAgain(t *testing.T) {
	failing := fakegraph.Answer{Body: `{"error":{"code":"UnknownError","message":"oops"}}`}
	g := fakegraph.Start(t).On("/v1.0/one", failing, fakegraph.Answer{Body: `{"id":`, Cut: true}, fakegraph.Answer{Body: `<html>`}, fakegraph.Answer{Body: `{"id":"1","error":null}`})
	var one struct{ ID string }
	if err := g.Client(claims()).Get(t.Context(), "/v1.0/one", graphapi.Query{}, &one); err != nil || one.ID != "1" {
		t.Errorf("get: %+v, %v", one, err)
	}
	g.On("/v1.0/one", failing)
	err := g.Client(claims()).Get(t.Context(), "/v1.0/one", graphapi.Query{}, &one)
	if e, ok := errors.AsType[*graphapi.Error](err); !ok || e.Code != "UnknownError" || e.Message != "oops" || e.Status != 200 || len(g.Requests("")) != 8 {
		t.Errorf("got %v after %d requests", err, len(g.Requests("")))
	}
}

func TestErrorsHoldNoTokens(t *testing.T) {
	g := fakegraph.Start(t)
	token := fakegraph.Token(claims())
	g.On("/v1.0/one", fakegraph.Answer{Status: 401, Body: `{"error":{"code":"InvalidAuthenticationToken","message":"bad token ` + token + `\n\tsecond line"}}`})
	err := g.Client(claims()).Get(t.Context(), "/v1.0/one", graphapi.Query{Filter: "name eq 'private'"}, nil)
	if err == nil || strings.Contains(err.Error(), "eyJ") || strings.Contains(err.Error(), "private") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v", err)
	}
	missing := graphapi.Missing(err)
	if missing.Status != snapshot.Denied || missing.Evidence.Status != 401 || strings.Contains(missing.Evidence.URL, "?") {
		t.Errorf("got %+v %+v", missing, missing.Evidence)
	}
}

func TestMissingTellsDenialFromFailure(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		status snapshot.Status
	}{
		{"403", &graphapi.Error{Status: 403, Code: "Authorization_RequestDenied"}, snapshot.Denied},
		{"401", &graphapi.Error{Status: 401}, snapshot.Denied},
		{"licence", &graphapi.Error{Status: 403, Code: "Authentication_RequestFromNonPremiumTenantOrB2CTenant"}, snapshot.Unlicensed},
		{"404", &graphapi.Error{Status: 404}, snapshot.Failed},
		{"429", &graphapi.Error{Status: 429}, snapshot.Failed},
		{"no answer", &graphapi.Error{Message: "connection refused"}, snapshot.Failed},
		{"something else", errors.New("broken"), snapshot.Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := graphapi.Missing(c.err); got.Status != c.status || got.Reason == "" && c.name != "401" {
				t.Errorf("got %+v, want %s", got, c.status)
			}
		})
	}
}

func TestNewRefusesWhatIsNotHTTPS(t *testing.T) {
	g := fakegraph.Start(t)
	account := g.Client(claims()).Account()
	for _, url := range []string{"http://graph.microsoft.com", "graph.microsoft.com", ""} {
		if _, err := graphapi.New(graphapi.Options{URL: url, Account: account, HTTPClient: http.DefaultClient, Clock: time.Now}); err == nil {
			t.Errorf("%q is taken", url)
		}
	}
}

// clock goes on by a quarter of a second each time it is read.
func clock() func() time.Time {
	now := fakegraph.Now()
	return func() time.Time {
		now = now.Add(250 * time.Millisecond)
		return now
	}
}

func TestEveryRequestIsLogged(t *testing.T) {
	g := fakegraph.Start(t)
	g.On(things, fakegraph.Answer{Status: 503, Header: map[string]string{"Retry-After": "0.01"}},
		fakegraph.Answer{Body: `{"value":[{"id":"a","displayName":"in the body"}],"@odata.nextLink":"{{graph}}` + things + `?$skiptoken=private"}`})
	g.On(things+"?$skiptoken=private", fakegraph.Value(`{"id":"b"}`))
	g.On("/v1.0/one", fakegraph.Denied())
	var text bytes.Buffer
	client, err := graphapi.New(graphapi.Options{
		URL: g.URL, Account: g.Client(claims()).Account(), HTTPClient: g.HTTPClient(), Clock: clock(), RetryDelay: time.Millisecond,
		Logger: slog.New(slog.NewJSONHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ids(client.List(t.Context(), things, graphapi.Query{Filter: "name eq 'private'"})); err != nil {
		t.Fatal(err)
	}
	if err := client.Get(t.Context(), "/v1.0/one", graphapi.Query{}, nil); err == nil {
		t.Fatal("no error")
	}
	g.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_ = client.Get(ctx, "/v1.0/gone", graphapi.Query{Select: "private"}, nil) // what is logged of it counts
	got := requestLines(t, &text)
	want := []requestLine{
		{"DEBUG", "GET", g.URL + things, 503, 1, 250, "request-1"},
		{"DEBUG", "GET", g.URL + things, 200, 2, 250, "request-1"},
		{"DEBUG", "GET", g.URL + things, 200, 1, 250, "request-1"},
		{"DEBUG", "GET", g.URL + "/v1.0/one", 403, 1, 250, "request-1"},
		{"DEBUG", "GET", g.URL + "/v1.0/gone", 0, 1, 250, ""},
	}
	if !slices.Equal(got[:min(len(got), len(want))], want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, private := range []string{"private", "eyJ", "Bearer", "in the body", "User-Agent"} {
		if strings.Contains(text.String(), private) {
			t.Errorf("the log shows %q: %s", private, text.String())
		}
	}
}

type requestLine struct {
	Level, Method, URL string
	Status, Attempt    int
	Duration           int    `json:"duration_ms"`
	ID                 string `json:"request_id"`
}

func requestLines(t *testing.T, text *bytes.Buffer) []requestLine {
	t.Helper()
	var lines []requestLine
	for line := range bytes.Lines(text.Bytes()) {
		var read struct {
			requestLine
			Msg string
		}
		if err := json.Unmarshal(line, &read); err != nil {
			t.Fatal(err)
		}
		if read.Msg == "request" {
			lines = append(lines, read.requestLine)
		}
	}
	return lines
}

func TestBrokenConnectionsCarryAHint(t *testing.T) {
	g := fakegraph.Start(t)
	strict, err := identity.NewHTTPClient(identity.HTTPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := graphapi.New(graphapi.Options{URL: g.URL, Account: g.Client(claims()).Account(), HTTPClient: strict, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = client.Get(t.Context(), "/v1.0/one", graphapi.Query{}, nil)
	e, ok := errors.AsType[*graphapi.Error](err)
	if !ok || !strings.Contains(e.Hint(), "ca_file") {
		t.Fatalf("got %v", err)
	}
	if missing := graphapi.Missing(err); missing.Status != snapshot.Failed || !strings.HasSuffix(missing.Reason, "; hint: "+e.Hint()) {
		t.Errorf("got %+v", missing)
	}
	if hint := (&graphapi.Error{Status: 404}).Hint(); hint != "" {
		t.Errorf("an answer has the hint %q", hint)
	}
}

func TestClaimsOfARefusedSignInCarryAHint(t *testing.T) {
	g := fakegraph.Start(t)
	cloud, err := identity.CustomCloud(g.URL, g.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	strict, err := identity.NewHTTPClient(identity.HTTPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	account, err := identity.New(identity.Options{
		Cloud: cloud, Tenant: fakegraph.TenantID, HTTPClient: strict, Clock: time.Now,
		Credential: identity.Credential{Kind: identity.KindSecret, ClientID: fakegraph.TenantID, Secret: "s"},
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := graphapi.New(graphapi.Options{URL: g.URL, Account: account, HTTPClient: strict, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = client.Claims(t.Context())
	if refused, ok := errors.AsType[*identity.SignInError](err); !ok || !strings.Contains(refused.Hint(), "ca_file") {
		t.Errorf("got %v", err)
	}
}
