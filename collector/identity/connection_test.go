package identity_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leastwise/collector/identity"
)

// signIn tries to sign in with a secret at a server, which client reaches.
func signIn(t *testing.T, login string, client *http.Client, patience time.Duration) *identity.SignInError {
	t.Helper()
	cloud, err := identity.CustomCloud(login, "https://graph.example", "")
	if err != nil {
		t.Fatal(err)
	}
	account, err := identity.New(identity.Options{
		Cloud: cloud, Tenant: tenantID, HTTPClient: client, Clock: time.Now, Patience: patience,
		Credential: identity.Credential{Kind: identity.KindSecret, ClientID: clientID, Secret: secret},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = account.Claims(t.Context(), cloud.Graph+"/.default")
	refused, ok := errors.AsType[*identity.SignInError](err)
	if !ok {
		t.Fatalf("got a %T: %v", err, err)
	}
	return refused
}

// tries counts the requests that a client makes, whatever becomes of them.
type tries struct {
	next  http.RoundTripper
	count atomic.Int32
}

func (c *tries) RoundTrip(req *http.Request) (*http.Response, error) {
	c.count.Add(1)
	return c.next.RoundTrip(req)
}

// countingClient trusts the servers of httptest when it is to.
func countingClient(t *testing.T, server *httptest.Server, trusting bool) (*http.Client, *tries) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}
	if trusting {
		transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	}
	t.Cleanup(transport.CloseIdleConnections)
	c := &tries{next: transport}
	client, err := identity.NewHTTPClient(identity.HTTPOptions{RoundTripper: c})
	if err != nil {
		t.Fatal(err)
	}
	return client, c
}

func newClient(t *testing.T, ca []byte) *http.Client {
	t.Helper()
	client, err := identity.NewHTTPClient(identity.HTTPOptions{CA: ca})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestLastingFaultsFailAtOnce(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, login   string
		trusting      bool
		message, hint string
	}{
		{"unknown issuer", server.URL, false, "certificate signed by unknown authority", "ca_file"},
		{"another host's certificate", "https://localhost:" + port, true, "not localhost", "certificate is another host's"},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), true, "HTTP response to HTTPS client", "does not speak HTTPS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, tries := countingClient(t, server, c.trusting)
			refused := signIn(t, c.login, client, time.Minute)
			if tries.count.Load() != 1 {
				t.Errorf("it was tried %d times", tries.count.Load())
			}
			if !strings.Contains(refused.Error(), c.message) || !strings.Contains(refused.Hint(), c.hint) || !identity.Permanent(refused) {
				t.Errorf("got %v, hint %s", refused, refused.Hint())
			}
		})
	}
}

func TestRefusalsFailAtOnce(t *testing.T) {
	for _, c := range []struct {
		name, code, description, hint string
		discovery                     bool
	}{
		{"no such tenant", "invalid_tenant", "AADSTS90002: Tenant '1' not found.", "check tenant", true},
		{"no such tenant at the token endpoint", "invalid_request", "AADSTS90002: Tenant '1' not found.", "check tenant", false},
		{"unknown client", "unauthorized_client", "AADSTS700016: Application with identifier 'x' was not found.", "check client_id", false},
		{"wrong secret", "invalid_client", "AADSTS7000215: Invalid client secret provided.", "secret is wrong", false},
		{"refusal without a number", "invalid_client", "no", "check client_id and its secret", false},
		{"something else", "unheard_of", "no", "check tenant, client_id and cloud", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAuthority(t)
			requests := 0
			answer := func() (int, string) {
				requests++
				return http.StatusBadRequest, `{"error":"` + c.code + `","error_description":"` + c.description + `\r\nTrace ID: x"}`
			}
			a.answer = func(url.Values) (int, string) { return answer() }
			if c.discovery {
				a.discovery = answer
			}
			refused := signIn(t, a.URL, newClient(t, block("CERTIFICATE", a.Certificate().Raw)), time.Minute)
			if requests != 1 {
				t.Errorf("it took %d requests", requests)
			}
			if refused.Code != c.code || refused.Status != http.StatusBadRequest || !strings.Contains(refused.Hint(), c.hint) {
				t.Errorf("got %+v, hint %s", refused, refused.Hint())
			}
		})
	}
}

func TestPassingFaultsAreWaitedForABit(t *testing.T) {
	hanging := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hanging.Close()
	busy := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer busy.Close()
	gone := httptest.NewTLSServer(nil)
	gone.Close()
	for _, c := range []struct {
		name          string
		server        *httptest.Server
		least         int32 // tries
		message, hint string
	}{
		{"refused connection", gone, 2, "connection refused", "check network"},
		{"no answer", hanging, 1, "no answer in time", "check network"},
		{"busy", busy, 2, "HTTP 503", "try again later"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, tries := countingClient(t, c.server, true)
			refused := signIn(t, c.server.URL, client, 2*time.Second)
			if n := tries.count.Load(); n < c.least || n > 4 {
				t.Errorf("it was tried %d times", n)
			}
			if !strings.Contains(refused.Error(), c.message) || !strings.Contains(refused.Hint(), c.hint) || identity.Permanent(refused) {
				t.Errorf("got %v, hint %s", refused, refused.Hint())
			}
		})
	}
}

// A wait that outlasts all patience does not hide what the authority said before.
func TestTimeThatIsUpBetweenTwoTries(t *testing.T) {
	a := newAuthority(t)
	a.discovery = func() (int, string) { return http.StatusTooManyRequests, "" }
	slow := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "1")
		a.ServeHTTP(w, r)
	}))
	defer slow.Close()
	client, tries := countingClient(t, slow, true)
	refused := signIn(t, slow.URL, client, 2*time.Second)
	if tries.count.Load() > 2 || refused.Status != http.StatusTooManyRequests || !strings.Contains(refused.Hint(), "try again later") || identity.Permanent(refused) {
		t.Errorf("got %v, hint %s", refused, refused.Hint())
	}
}

func TestExpiredCertificateHasItsOwnHint(t *testing.T) {
	p := newPair(t, 2048, time.Now().Add(-time.Hour))
	account, err := newAuthority(t).account(t, identity.Credential{Kind: identity.KindCertificate, CertificateFile: write(t, p.certPEM, p.keyPEM)})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = account.Claims(t.Context(), "https://graph.example/.default")
	refused, ok := errors.AsType[*identity.SignInError](err)
	if !ok || !strings.HasPrefix(refused.Hint(), "renew it") || strings.Contains(err.Error(), "hint") || strings.Contains(refused.Hint(), "aka.ms") {
		t.Fatalf("got %v", err)
	}
}

func TestTokensAreLoggedOnceAndNeverShown(t *testing.T) {
	a := newAuthority(t)
	a.answer = func(url.Values) (int, string) { return grant(tenantID) }
	cloud, err := identity.CustomCloud(a.URL, "https://graph.example", "")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	account, err := identity.New(identity.Options{
		Cloud: cloud, Tenant: tenantID, HTTPClient: newClient(t, block("CERTIFICATE", a.Certificate().Raw)), Clock: time.Now,
		Credential: identity.Credential{Kind: identity.KindSecret, ClientID: clientID, Secret: secret},
		Logger:     slog.New(slog.NewJSONHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, _, err := account.Claims(t.Context(), cloud.Graph+"/.default"); err != nil {
			t.Fatal(err)
		}
	}
	var line struct{ Level, Msg, Kind, Client, Tenant, Expires, Scope string }
	if err := json.Unmarshal(text.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, text.String())
	}
	_, err = time.Parse(time.RFC3339, line.Expires)
	if err != nil || line.Level != "DEBUG" || line.Msg != "token acquired" || line.Kind != "secret" || line.Client != clientID || line.Tenant != tenantID {
		t.Errorf("got %s", text.String())
	}
	if strings.Contains(text.String(), "eyJ") || strings.Contains(text.String(), secret) {
		t.Errorf("the log shows a secret: %s", text.String())
	}
}

func TestPermanent(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"refused by us", &identity.RefusedError{}, true},
		{"cancelled", context.Canceled, true},
		{"unknown issuer", x509.UnknownAuthorityError{}, true},
		{"timeout", context.DeadlineExceeded, false},
		{"network", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, false},
		{"nothing", nil, false},
	} {
		if got := identity.Permanent(c.err); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}
