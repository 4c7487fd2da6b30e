package graphapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestGetPostAndCount(t *testing.T) {
	g := fakegraph.Start(t)
	g.On("/v1.0/one", fakegraph.Answer{Body: `{"id":"1"}`})
	g.On("/v1.0/act", fakegraph.Answer{Status: 429, Header: map[string]string{"Retry-After": "0.01"}}, fakegraph.Answer{Body: `{"done":true}`})
	g.On("/v1.0/many/$count", fakegraph.Answer{Body: "\xef\xbb\xbf 12\n"})
	client := g.Client(claims())
	var one struct{ ID string }
	if err := client.Get(t.Context(), "/v1.0/one", graphapi.Query{Select: "id"}, &one); err != nil || one.ID != "1" {
		t.Errorf("get: %+v, %v", one, err)
	}
	var done struct{ Done bool }
	if err := client.Post(t.Context(), "/v1.0/act", graphapi.Query{}, map[string]int{"n": 1}, &done); err != nil || !done.Done {
		t.Errorf("post: %+v, %v", done, err)
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
