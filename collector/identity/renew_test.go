package identity_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/identity"
)

const scope = "https://graph.example/.default"

// source is a credential that issues numbered tokens by a clock that a test moves.
type source struct {
	mu      sync.Mutex
	now     time.Time
	life    time.Duration
	refresh time.Duration // RefreshOn; 0 is none
	err     error
	keep    bool          // hands out the token before
	gate    chan struct{} // when set, requests wait for it

	issued int
	asked  []policy.TokenRequestOptions
}

func newSource(life time.Duration) *source {
	return &source{now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), life: life}
}

func (s *source) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *source) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *source) set(change func(*source)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *source) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *source) GetToken(ctx context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	s.mu.Lock()
	s.asked = append(s.asked, opts)
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return azcore.AccessToken{}, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return azcore.AccessToken{}, s.err
	}
	if !s.keep || s.issued == 0 {
		s.issued++
	}
	token := azcore.AccessToken{Token: fmt.Sprintf("token-%d", s.issued), ExpiresOn: s.now.Add(s.life)}
	if s.refresh != 0 {
		token.RefreshOn = s.now.Add(s.refresh)
	}
	return token, nil
}

func keeping(s *source) *identity.Account {
	return identity.NewKeepingAccount(identity.KindCertificate, tenantID, s.clock, nil, s)
}

func get(ctx context.Context, a *identity.Account) (string, error) {
	token, err := a.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true})
	return token.Token, err
}

type answer struct {
	token string
	err   error
}

// ask asks for a token on the side.
func ask(ctx context.Context, a *identity.Account) <-chan answer {
	got := make(chan answer, 1)
	go func() {
		token, err := get(ctx, a)
		got <- answer{token, err}
	}()
	return got
}

func wantToken(t *testing.T, a *identity.Account, want string) {
	t.Helper()
	if got, err := get(t.Context(), a); got != want || err != nil {
		t.Errorf("got %q, %v, want %s", got, err, want)
	}
}

func TestTokensAreRenewedInTime(t *testing.T) {
	for _, c := range []struct {
		name       string
		life       time.Duration
		last, next time.Duration // the last moment for the first token, and one for the second
	}{
		{"an hour", time.Hour, 55*time.Minute - time.Second, 55 * time.Minute},
		{"a day", 24 * time.Hour, 24*time.Hour - 5*time.Minute - time.Second, 24*time.Hour - 5*time.Minute},
		{"little more than five minutes", 6 * time.Minute, time.Minute - time.Second, time.Minute},
		{"five minutes", 5 * time.Minute, 4*time.Minute - time.Second, 4 * time.Minute},
		{"half a minute", 30 * time.Second, 23 * time.Second, 24 * time.Second},
		{"a second", time.Second, 700 * time.Millisecond, 800 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSource(c.life)
			a := keeping(s)
			wantToken(t, a, "token-1")
			s.advance(c.last)
			for range 50 {
				wantToken(t, a, "token-1")
			}
			if s.requests() != 1 {
				t.Errorf("%d requests for one token", s.requests())
			}
			s.advance(c.next - c.last)
			wantToken(t, a, "token-2")
			if s.requests() != 2 {
				t.Errorf("%d requests for two tokens", s.requests())
			}
		})
	}
}

func TestTokensAreKeptByWhatTheyAreFor(t *testing.T) {
	s := newSource(time.Hour)
	a := keeping(s)
	for _, opts := range []policy.TokenRequestOptions{
		{Scopes: []string{scope}},
		{Scopes: []string{scope}, EnableCAE: true},
		{Scopes: []string{"https://manage.example/.default"}},
		{Scopes: []string{scope}, TenantID: "other"},
	} {
		for range 2 {
			if _, err := a.GetToken(t.Context(), opts); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s.requests() != 4 {
		t.Errorf("%d requests, want 4", s.requests())
	}
}

func TestTheAuthorityMayAskForAnEarlyRenewal(t *testing.T) {
	s := newSource(24 * time.Hour)
	s.refresh = 12 * time.Hour
	a := keeping(s)
	wantToken(t, a, "token-1")
	s.advance(12*time.Hour - time.Second)
	wantToken(t, a, "token-1")
	s.advance(time.Second)
	s.set(func(s *source) { s.err = errors.New("out of order") })
	for range 10 {
		wantToken(t, a, "token-1") // it is good for twelve hours more
	}
	if s.requests() != 2 {
		t.Errorf("%d requests, want one try only", s.requests())
	}
	s.advance(time.Minute)
	s.set(func(s *source) { s.err = nil })
	wantToken(t, a, "token-2")
}

func TestAnEarlyRenewalHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(24 * time.Hour)
		s.refresh = 12 * time.Hour
		a := keeping(s)
		wantToken(t, a, "token-1")
		s.advance(13 * time.Hour)
		s.set(func(s *source) { s.gate = make(chan struct{}) })
		renewed := ask(t.Context(), a)
		synctest.Wait()
		wantToken(t, a, "token-1")
		close(s.gate)
		if got := <-renewed; got.token != "token-2" || got.err != nil {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAnOldTokenServesWhileTheAuthorityIsAway(t *testing.T) {
	s := newSource(time.Hour)
	var log bytes.Buffer
	a := identity.NewKeepingAccount(identity.KindSecret, tenantID, s.clock, slog.New(slog.NewTextHandler(&log, nil)), s)
	wantToken(t, a, "token-1")
	s.advance(56 * time.Minute)
	s.set(func(s *source) { s.err = errors.New("no route to host") })
	for range 10 {
		wantToken(t, a, "token-1")
	}
	if s.requests() != 2 || !strings.Contains(log.String(), "cannot be renewed yet") || strings.Contains(log.String(), "token-1") {
		t.Errorf("%d requests, log %s", s.requests(), log.String())
	}
	s.advance(16 * time.Second) // and it is tried again
	wantToken(t, a, "token-1")
	if s.requests() != 3 {
		t.Errorf("%d requests, want 3", s.requests())
	}
	s.advance(3 * time.Minute) // too near its end
	if got, err := get(t.Context(), a); err == nil {
		t.Errorf("got %s", got)
	}
	s.set(func(s *source) { s.err = nil })
	wantToken(t, a, "token-2")
}

func TestManyCallersCauseOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(time.Hour)
		a := keeping(s)
		for n, want := range []string{"token-1", "token-2"} {
			s.set(func(s *source) { s.gate = make(chan struct{}) })
			var waiting []<-chan answer
			for range 64 {
				waiting = append(waiting, ask(t.Context(), a))
			}
			synctest.Wait() // one asks, the others wait
			if s.requests() != n+1 {
				t.Errorf("%d requests, want %d", s.requests(), n+1)
			}
			close(s.gate)
			for _, w := range waiting {
				if got := <-w; got.token != want || got.err != nil {
					t.Errorf("got %+v, want %s", got, want)
				}
			}
			s.advance(56 * time.Minute)
		}
	})
}

func TestACancelledCallerDoesNotCancelTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(time.Hour)
		s.gate = make(chan struct{})
		a := keeping(s)
		ctx, cancel := context.WithCancel(t.Context())
		first := ask(ctx, a)
		synctest.Wait()
		second := ask(t.Context(), a)
		synctest.Wait()
		cancel()
		if got := <-first; !errors.Is(got.err, context.Canceled) {
			t.Errorf("got %+v", got)
		}
		synctest.Wait() // the second one asks for itself
		if s.requests() != 2 {
			t.Errorf("%d requests, want 2", s.requests())
		}
		close(s.gate)
		if got := <-second; got.token != "token-1" || got.err != nil {
			t.Errorf("got %+v", got)
		}
	})
}

func TestWhoWaitsCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(time.Hour)
		s.gate = make(chan struct{})
		a := keeping(s)
		first := ask(t.Context(), a)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		second := ask(ctx, a)
		synctest.Wait()
		cancel()
		if got := <-second; !errors.Is(got.err, context.Canceled) {
			t.Errorf("got %+v", got)
		}
		close(s.gate)
		if got := <-first; got.token != "token-1" || got.err != nil {
			t.Errorf("got %+v", got)
		}
		if _, err := get(ctx, a); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRenewPassesClaims(t *testing.T) {
	claims := `{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}`
	encoded := base64.StdEncoding.EncodeToString([]byte(claims))
	const now = `{"access_token":{"nbf":{"essential":true,"value":"1795165200"}}}`
	for _, c := range []struct{ name, challenge, want string }{
		{"no challenge", "", now},
		{"claims", `Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize", error="insufficient_claims", claims="` + encoded + `"`, claims},
		{"claims as base64url", `Bearer claims="` + strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(claims)), "=") + `"`, claims},
		{"another scheme before", `Negotiate, bearer error="insufficient_claims",claims=` + encoded, claims},
		{"challenge without claims", `Bearer realm="", error="invalid_token"`, now},
		{"another scheme only", `PoP claims="` + encoded + `"`, now},
		{"damaged", `Bearer claims="!!!"`, now},
		{"no JSON", `Bearer claims="` + base64.StdEncoding.EncodeToString([]byte("hello")) + `"`, now},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSource(time.Hour)
			a := keeping(s)
			wantToken(t, a, "token-1")
			token, err := a.Replace(t.Context(), scope, c.challenge, "")
			if err != nil || token.Token != "token-2" || s.asked[1].Claims != c.want || !s.asked[1].EnableCAE {
				t.Errorf("got %s, %v; asked %+v", token.Token, err, s.asked[1])
			}
			wantToken(t, a, "token-2") // it is kept
		})
	}
}

func TestManyRenewalsCauseOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(time.Hour)
		a := keeping(s)
		wantToken(t, a, "token-1")
		s.set(func(s *source) { s.gate = make(chan struct{}) })
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				if token, err := a.Replace(t.Context(), scope, "", ""); err != nil || token.Token != "token-2" {
					t.Errorf("got %s, %v", token.Token, err)
				}
			})
		}
		synctest.Wait()
		close(s.gate)
		all.Wait()
		if token, err := a.Replace(t.Context(), scope, "", "token-1"); err != nil || token.Token != "token-2" || s.requests() != 2 {
			t.Errorf("late: got %s, %v after %d requests", token.Token, err, s.requests())
		}
		if token, err := a.Replace(t.Context(), scope, "", "token-2"); err != nil || token.Token != "token-3" {
			t.Errorf("once more: got %s, %v", token.Token, err)
		}
	})
}

func TestARenewalIsNotContentWithAnEarlierRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(time.Hour)
		s.gate = make(chan struct{})
		a := keeping(s)
		plain := ask(t.Context(), a)
		synctest.Wait()
		renewed := make(chan string)
		go func() {
			token, _ := a.Replace(t.Context(), scope, "", "")
			renewed <- token.Token
		}()
		synctest.Wait()
		close(s.gate)
		if got := <-plain; got.token != "token-1" {
			t.Errorf("got %+v", got)
		}
		if got := <-renewed; got != "token-2" {
			t.Errorf("got %s", got)
		}
	})
}

func TestAFailedRenewalKeepsTheOldToken(t *testing.T) {
	s := newSource(time.Hour)
	a := keeping(s)
	wantToken(t, a, "token-1")
	s.set(func(s *source) { s.err = errors.New("no") })
	if _, err := a.Replace(t.Context(), scope, "", ""); err == nil {
		t.Error("no error")
	}
	wantToken(t, a, "token-1") // the server may take it for other things
}

func TestASourceThatKeepsItsTokensIsNotPestered(t *testing.T) {
	s := newSource(time.Hour)
	a := keeping(s)
	wantToken(t, a, "token-1")
	s.advance(56 * time.Minute)
	s.set(func(s *source) { s.keep, s.life = true, 4*time.Minute })
	for range 20 {
		wantToken(t, a, "token-1")
	}
	if s.requests() != 2 {
		t.Errorf("%d requests, want 2", s.requests())
	}
}

func TestTheAzureCLIGetsNoClaimsOfOurs(t *testing.T) {
	s := newSource(time.Hour)
	a := identity.NewKeepingAccount(identity.KindAzureCLI, tenantID, s.clock, nil, s)
	if _, err := a.Replace(t.Context(), scope, "", ""); err != nil || s.asked[0].Claims != "" {
		t.Errorf("got %v, asked %+v", err, s.asked)
	}
}

func TestAccountsMadeElsewhereKeepNothing(t *testing.T) {
	s := newSource(time.Hour)
	a := identity.NewAccount("secret", clientID, tenantID, false, s)
	wantToken(t, a, "token-1")
	wantToken(t, a, "token-2")
	if token, err := a.Replace(t.Context(), scope, "", ""); err != nil || token.Token != "token-3" || s.asked[2].Claims == "" {
		t.Errorf("got %s, %v", token.Token, err)
	}
}

// A real credential in between: its memory must not answer a renewal, and tokens that
// it does not keep must not be asked for at every call.
func TestRenewalThroughTheAuthority(t *testing.T) {
	for _, seconds := range []int{3599, 29} {
		t.Run(fmt.Sprint(seconds), func(t *testing.T) {
			a := newAuthority(t)
			n := 0
			a.answer = func(url.Values) (int, string) {
				n++
				claims := base64.RawURLEncoding.EncodeToString([]byte(`{"tid":"` + tenantID + `","n":` + fmt.Sprint(n) + `}`))
				return http.StatusOK, fmt.Sprintf(`{"token_type":"Bearer","expires_in":%d,"access_token":"eyJhbGciOiJub25lIn0.%s.c2ln"}`, seconds, claims)
			}
			account, err := a.account(t, identity.Credential{Kind: identity.KindSecret, Secret: secret})
			if err != nil {
				t.Fatal(err)
			}
			var tokens []string
			for range 20 {
				token, err := get(t.Context(), account)
				if err != nil {
					t.Fatal(err)
				}
				tokens = append(tokens, token)
			}
			renewed, err := account.Replace(t.Context(), scope, "", "")
			if err != nil || renewed.Token == tokens[0] || tokens[19] != tokens[0] || len(a.forms) != 2 {
				t.Fatalf("got %v after %d requests", err, len(a.forms))
			}
			var sent struct {
				AccessToken struct {
					Nbf struct {
						Essential bool
						Value     string
					}
				} `json:"access_token"`
			}
			if err := json.Unmarshal([]byte(a.forms[1].Get("claims")), &sent); err != nil || !sent.AccessToken.Nbf.Essential || len(sent.AccessToken.Nbf.Value) != 10 {
				t.Errorf("claims %q, %v", a.forms[1].Get("claims"), err)
			}
			if again, err := get(t.Context(), account); err != nil || again != renewed.Token || len(a.forms) != 2 {
				t.Errorf("got %v after %d requests", err, len(a.forms))
			}
		})
	}
}
