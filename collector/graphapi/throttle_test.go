package graphapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// seconds notes when answers to a path went out, in seconds since the start.
type seconds struct {
	mu    sync.Mutex
	start time.Time
	at    map[string][]float64
}

func (s *seconds) on(path string) func() {
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.at[path] = append(s.at[path], time.Since(s.start).Round(time.Second).Seconds())
	}
}

// patient is a client of the bubble's clock that waits as long as it is asked to.
func patient(g *fakegraph.Graph) *graphapi.Client {
	return g.Client(claims(), func(o *graphapi.Options) { o.Clock, o.MaxRetryDelay = time.Now, time.Hour })
}

// get reads what is at path and throws it away.
func get(t *testing.T, client *graphapi.Client, path string) {
	var body json.RawMessage
	if err := client.Get(t.Context(), path, graphapi.Query{}, &body); err != nil {
		t.Error(err)
	}
}

func TestRefusalHoldsBackWhatDrawsOnTheSameLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, when := fakegraph.Offline(t), &seconds{start: time.Now(), at: map[string][]float64{}}
		limited := refusal(429, "30")
		limited.Meanwhile = when.on("users")
		g.On("/v1.0/users", limited, fakegraph.Answer{Body: `{}`, Meanwhile: when.on("users")})
		busy := refusal(503, "10") // says nothing of others
		busy.Meanwhile = when.on("auditLogs")
		g.On("/v1.0/auditLogs/signIns", busy, fakegraph.Answer{Body: `{}`, Meanwhile: when.on("auditLogs")})
		for _, path := range []string{"groups", "reports"} {
			g.On("/v1.0/"+path, fakegraph.Answer{Body: `{}`, Meanwhile: when.on(path)})
		}
		g.On("/v1.0/groups/1", fakegraph.Answer{Body: `{}`, Meanwhile: when.on("batched")})
		client := patient(g)
		var group sync.WaitGroup
		group.Go(func() { get(t, client, "/v1.0/users") })
		synctest.Wait()
		time.Sleep(5 * time.Second)
		group.Go(func() { get(t, client, "/v1.0/groups") })
		group.Go(func() {
			err := client.GetEach(t.Context(), []graphapi.Request{{Path: "/v1.0/groups/1"}}, func(_ int, _ json.RawMessage, err error) error { return err })
			if err != nil {
				t.Error(err)
			}
		})
		group.Go(func() { get(t, client, "/v1.0/auditLogs/signIns") })
		time.Sleep(5 * time.Second)
		group.Go(func() { get(t, client, "/v1.0/reports") })
		group.Wait()
		want := map[string][]float64{"users": {0, 30}, "groups": {30}, "batched": {30}, "auditLogs": {5, 15}, "reports": {10}}
		if !maps.EqualFunc(when.at, want, slices.Equal) {
			t.Errorf("answered at %v, want %v", when.at, want)
		}
	})
}

// Those who wait for a place when the refusal comes have passed the gate before.
func TestRefusalHoldsBackThoseWhoWaitForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, when := fakegraph.Offline(t), &seconds{start: time.Now(), at: map[string][]float64{}}
		slow := func() { time.Sleep(4 * time.Second) }
		limited := refusal(429, "60")
		limited.Meanwhile = slow
		g.On("/v1.0/users", slices.Concat(slices.Repeat([]fakegraph.Answer{limited}, 4), []fakegraph.Answer{{Body: `{}`, Meanwhile: when.on("after")}})...)
		client := patient(g)
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() { get(t, client, "/v1.0/users") })
		}
		group.Wait()
		if got := when.at["after"]; len(got) != 12 || slices.Min(got) < 64 {
			t.Errorf("answered at %v, want twelve after second 64", got)
		}
		if n := len(g.Requests("/v1.0/users")); n != 16 {
			t.Errorf("%d requests, want 16: four that were refused and twelve after the pause", n)
		}
	})
}

func TestRefusedPartHoldsBackOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, when := fakegraph.Offline(t), &seconds{start: time.Now(), at: map[string][]float64{}}
		g.On("/v1.0/users/1", refusal(429, "30"), fakegraph.Answer{Body: `{}`, Meanwhile: when.on("part")})
		g.On("/v1.0/users/2", fakegraph.Answer{Body: `{}`, Meanwhile: when.on("other")})
		client := patient(g)
		var group sync.WaitGroup
		group.Go(func() {
			err := client.GetEach(t.Context(), []graphapi.Request{{Path: "/v1.0/users/1"}}, func(_ int, _ json.RawMessage, err error) error { return err })
			if err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		group.Go(func() { get(t, client, "/v1.0/users/2") })
		group.Wait()
		if want := map[string][]float64{"part": {30}, "other": {30}}; !maps.EqualFunc(when.at, want, slices.Equal) {
			t.Errorf("answered at %v, want %v", when.at, want)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegraph.Offline(t).On("/v1.0/users", refusal(429, "300"))
		client := patient(g)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		start, results := time.Now(), make(chan error, 3)
		for range cap(results) {
			go func() { results <- client.Get(ctx, "/v1.0/users", graphapi.Query{}, new(any)) }()
			synctest.Wait()
		}
		for range cap(results) {
			if err := <-results; !errors.Is(err, context.Canceled) || time.Since(start) != time.Minute {
				t.Errorf("got %v after %v", err, time.Since(start))
			}
		}
		if n := len(g.Requests("")); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestBrokenConnectionsAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reset := fakegraph.Answer{Reset: true}
		g := fakegraph.Offline(t).On(things, reset, page(things+"?$skiptoken=2", row("a"))).On(things+"?$skiptoken=2", reset, reset, fakegraph.Value(row("b")))
		meter := &graphapi.Meter{}
		got, err := ids(patient(g).Metered(meter).List(t.Context(), things, graphapi.Query{}))
		if usage := meter.Read(); err != nil || !slices.Equal(got, []string{"a", "b"}) || usage.Requests != 5 || usage.Retries != 3 {
			t.Errorf("got %v, %v, usage %+v", got, err, usage)
		}
		requests := numbered(g, 2)
		g.Spoil(fakegraph.Spoil{Outer: reset})
		if got := outcomes(t, patient(g), requests); !maps.Equal(got, map[int]string{0: `{"id":"0"}`, 1: `{"id":"1"}`}) {
			t.Errorf("got %v", got)
		}
		g.On("/v1.0/users", reset)
		err = patient(g).Get(t.Context(), "/v1.0/users", graphapi.Query{Select: "private"}, new(any))
		e, ok := errors.AsType[*graphapi.Error](err)
		if !ok || e.Status != 0 || !strings.Contains(err.Error(), "connection reset") || strings.Contains(err.Error(), "private") || len(g.Requests("/v1.0/users")) != 4 {
			t.Errorf("got %v after %d requests", err, len(g.Requests("/v1.0/users")))
		}
		if missing := graphapi.Missing(err); missing.Status != snapshot.Failed || missing.Evidence != nil {
			t.Errorf("got %+v", missing)
		}
	})
}

// successive hands out one token after the other, a new one whenever claims are
// asked for.
type successive struct {
	mu     sync.Mutex
	tokens []string
	claims []string // of the requests for a new one
	err    error    // instead of a new one
}

// GetToken is part of azcore.TokenCredential.
func (s *successive) GetToken(_ context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if opts.Claims != "" {
		s.claims = append(s.claims, opts.Claims)
		if s.err != nil {
			return azcore.AccessToken{}, s.err
		}
		s.tokens = s.tokens[1:]
	}
	return azcore.AccessToken{Token: s.tokens[0], ExpiresOn: fakegraph.Now().AddDate(99, 0, 0)}, nil
}

func (s *successive) client(g *fakegraph.Graph) *graphapi.Client {
	for _, n := range []string{"1", "2", "3", "4"} {
		s.tokens = append(s.tokens, fakegraph.Token(map[string]any{"n": n}))
	}
	return g.Client(claims(), func(o *graphapi.Options) {
		o.Account = identity.NewAccount("secret", "", fakegraph.TenantID, false, s)
	})
}

// tokens lists which tokens the requests carried.
func (s *successive) used(g *fakegraph.Graph) []int {
	all := []string{}
	for _, n := range []string{"1", "2", "3", "4"} {
		all = append(all, "Bearer "+fakegraph.Token(map[string]any{"n": n}))
	}
	var used []int
	for _, r := range g.Requests("") {
		if r.Batch == 0 {
			used = append(used, 1+slices.Index(all, r.Header.Get("Authorization")))
		}
	}
	return used
}

func unauthorized(challenge string) fakegraph.Answer {
	return fakegraph.Answer{
		Status: http.StatusUnauthorized, Header: map[string]string{"WWW-Authenticate": challenge},
		Body: `{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation resulted in challenge"}}`,
	}
}

// The claims of the challenge are {"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}.
const challenge = `Bearer realm="", authorization_uri="https://login.example/authorize", error="insufficient_claims", ` +
	`claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNjA0MTA2NjUxIn19fQ=="`

func TestTokenIsReplacedInMidRun(t *testing.T) {
	g := fakegraph.Start(t)
	g.On(things, page(things+"?$skiptoken=2", row("a")))
	g.On(things+"?$skiptoken=2", unauthorized(challenge), page(things+"?$skiptoken=3", row("b")))
	g.On(things+"?$skiptoken=3", unauthorized("Bearer"), fakegraph.Value(row("c")))
	s, meter := &successive{}, &graphapi.Meter{}
	got, err := ids(s.client(g).Metered(meter).List(t.Context(), things, graphapi.Query{}))
	if err != nil || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Fatalf("got %v, %v", got, err)
	}
	if used := s.used(g); !slices.Equal(used, []int{1, 1, 2, 2, 3}) {
		t.Errorf("tokens %v were used", used)
	}
	if len(s.claims) != 2 || s.claims[0] != `{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}` || !strings.Contains(s.claims[1], `"nbf"`) {
		t.Errorf("asked for new tokens with %q", s.claims)
	}
	if usage := meter.Read(); usage.Requests != 5 || usage.Retries != 2 {
		t.Errorf("usage %+v", usage)
	}
}

// Several requests may have had a token that was revoked meanwhile; for ever it does
// not go on.
func TestTokenIsReplacedThreeTimesAtMost(t *testing.T) {
	g := fakegraph.Start(t).On(things, unauthorized(challenge))
	s := &successive{}
	_, err := ids(s.client(g).List(t.Context(), things, graphapi.Query{}))
	if missing := graphapi.Missing(err); missing.Evidence == nil || missing.Evidence.Status != 401 || !slices.Equal(s.used(g), []int{1, 2, 3, 4}) {
		t.Errorf("got %v after tokens %v", err, s.used(g))
	}
}

func TestTokenThatCannotBeReplacedLeavesTheServersWord(t *testing.T) {
	g := fakegraph.Start(t).On(things, unauthorized(challenge))
	s := &successive{err: errors.New("revoked")}
	_, err := ids(s.client(g).List(t.Context(), things, graphapi.Query{}))
	if err == nil || !strings.Contains(err.Error(), "HTTP 401: InvalidAuthenticationToken: Continuous access") || !slices.Equal(s.used(g), []int{1}) {
		t.Errorf("got %v after tokens %v", err, s.used(g))
	}
}

func TestBatchIsSentWholeWithTheNewToken(t *testing.T) {
	g := fakegraph.Start(t)
	requests, s := numbered(g, 2), &successive{}
	g.Spoil(fakegraph.Spoil{Outer: unauthorized(challenge)})
	if got := outcomes(t, s.client(g), requests); !maps.Equal(got, map[int]string{0: `{"id":"0"}`, 1: `{"id":"1"}`}) {
		t.Errorf("got %v", got)
	}
	outer := g.Requests("/v1.0/$batch")
	if len(outer) != 2 || outer[0].Body != outer[1].Body || !slices.Equal(s.used(g), []int{1, 2}) {
		t.Errorf("sent %v with tokens %v", outer, s.used(g))
	}
}

// levels lists the level, message and address of what was logged at INFO and above.
func levels(t *testing.T, log *bytes.Buffer) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(log.String()) {
		var entry struct{ Level, Msg, URL string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSpace(entry.Level+" "+entry.Msg+" "+entry.URL))
	}
	return list
}

// A refusal that is tried again is nothing to be warned of; giving up is.
func TestRefusalsAreToldAsWhatTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		g := fakegraph.Offline(t)
		client := g.Client(claims(), func(o *graphapi.Options) {
			o.Clock, o.MaxRetries, o.Logger = time.Now, 1, slog.New(slog.NewJSONHandler(&log, nil))
		})
		g.On("/v1.0/users", refusal(503, "1"), fakegraph.Answer{Body: `{}`})
		get(t, client, "/v1.0/users")
		g.On("/v1.0/users", refusal(503, ""))
		if err := client.Get(t.Context(), "/v1.0/users", graphapi.Query{Select: "private"}, new(any)); err == nil {
			t.Error("no error")
		}
		waiting := "INFO refused, waiting " + g.URL + "/v1.0/users"
		want := []string{waiting, waiting, waiting, "WARN gave up " + g.URL + "/v1.0/users"}
		if got := levels(t, &log); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		log.Reset()
		requests := numbered(g, 3)
		requests[1].Query.Select = "private"
		g.On(thing(1), refusal(429, "1"), fakegraph.Answer{Body: `{}`}).On(thing(2), refusal(503, "3600"))
		outcomes(t, client, requests)
		want = []string{
			"INFO part of a batch refused, sending it again " + g.URL + thing(1), "WARN gave up on a part of a batch " + g.URL + thing(2),
		}
		if got := levels(t, &log); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}
