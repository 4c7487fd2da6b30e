package identity_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leastwise/collector/identity"
)

const otherTenant = "99999999-0000-4000-8000-000000000009"

// tokenOf makes an unsigned token, which nobody here checks.
func tokenOf(t *testing.T, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString(payload) + ".c2ln"
}

// oauth answers a token request.
func oauth(token string) (int, string) {
	return http.StatusOK, `{"token_type":"Bearer","expires_in":3599,"expires_on":"` + fmt.Sprint(time.Now().Add(time.Hour).Unix()) +
		`","resource":"https://graph.example","access_token":"` + token + `"}`
}

// host is an Azure host with an identity: the endpoint of an App Service
// (https://learn.microsoft.com/azure/app-service/overview-managed-identity).
type host struct {
	*httptest.Server
	answer   func(url.Values) (int, string)
	requests []*http.Request
}

func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.requests = append(h.requests, r)
		status, text := h.answer(r.URL.Query())
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(h.Close)
	t.Setenv("IDENTITY_ENDPOINT", h.URL+"/msi/token")
	t.Setenv("IDENTITY_HEADER", "s3cr3t-of-the-host")
	return h
}

// fakeAzureCLI puts a program called az before all others. It prints what answer
// holds, or fails with it.
func fakeAzureCLI(t *testing.T, answer string, code int) (arguments func() string) {
	t.Helper()
	dir := t.TempDir()
	args, text := filepath.Join(dir, "args"), filepath.Join(dir, "answer")
	stream := 1
	if code != 0 {
		stream = 2
	}
	script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >> '%s'\ncat '%s' >&%d\nexit %d\n", args, text, stream, code)
	for name, content := range map[string]string{"az": script, "answer": answer} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() string {
		data, err := os.ReadFile(args)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

func azureCLIAnswer(token string) string {
	return fmt.Sprintf(`{"accessToken":"%s","expiresOn":"2026-11-20 10:00:00.000000","expires_on":%d,"subscription":"x","tenant":"%s","tokenType":"Bearer"}`,
		token, time.Now().Add(time.Hour).Unix(), tenantID)
}

// Every kind: whose tokens are those of another tenant is never used.
func TestEveryKindRefusesAnotherTenant(t *testing.T) {
	p := newPair(t, 2048, time.Now().Add(time.Hour))
	prompt := func(context.Context, identity.Prompt) error { return nil }
	tokenFile := write(t, []byte("eyJmZWRlcmF0ZWQ.token.x\n"))
	for _, c := range []struct {
		credential identity.Credential
		delegated  bool
	}{
		{identity.Credential{Kind: identity.KindCertificate, CertificateFile: write(t, p.certPEM, p.keyPEM)}, false},
		{identity.Credential{Kind: identity.KindSecret, Secret: secret}, false},
		{identity.Credential{Kind: identity.KindEnvironment, Secret: secret}, false},
		{identity.Credential{Kind: identity.KindEnvironment, CertificateFile: write(t, p.certPEM, p.keyPEM)}, false},
		{identity.Credential{Kind: identity.KindWorkload, TokenFile: tokenFile}, false},
		{identity.Credential{Kind: identity.KindManaged}, false},
		{identity.Credential{Kind: identity.KindAzureCLI}, true},
		{identity.Credential{Kind: identity.KindDeviceCode, Prompt: prompt}, true},
	} {
		t.Run(c.credential.Kind, func(t *testing.T) {
			token := tokenOf(t, map[string]any{"tid": otherTenant, "appid": clientID, "oid": "o", "scp": "x"})
			a := newAuthority(t)
			a.answer = func(form url.Values) (int, string) {
				if form.Get("device_code") == "" && c.credential.Kind == identity.KindDeviceCode {
					return http.StatusOK, `{"user_code":"U","device_code":"D-1234567","verification_uri":"https://x","expires_in":900,"interval":1,"message":"m"}`
				}
				return oauth(token)
			}
			newHost(t).answer = func(url.Values) (int, string) { return oauth(token) }
			fakeAzureCLI(t, azureCLIAnswer(token), 0)
			account, err := a.account(t, c.credential)
			if err != nil {
				t.Fatal(err)
			}
			if account.Delegated != c.delegated {
				t.Errorf("delegated %v", account.Delegated)
			}
			wrong, ok := errors.AsType[*identity.WrongTenantError](func() error { _, err := get(t.Context(), account); return err }())
			if !ok || wrong.Got != otherTenant || wrong.Want != tenantID {
				t.Errorf("got %v", wrong)
			}
		})
	}
}

func TestWorkloadTokensAreReadAnew(t *testing.T) {
	file := write(t, []byte("  eyJmaXJzdCI6MX0.first.x\n"))
	a := newAuthority(t)
	a.answer = func(url.Values) (int, string) { return grant(tenantID) }
	account, err := a.account(t, identity.Credential{Kind: identity.KindWorkload, TokenFile: file})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("eyJzZWNvbmQiOjF9.second.x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := account.Replace(t.Context(), scope, "", ""); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"eyJmaXJzdCI6MX0.first.x", "eyJzZWNvbmQiOjF9.second.x"} {
		if form := a.forms[i]; form.Get("client_assertion") != want || form.Get("client_id") != clientID || form.Get("grant_type") != "client_credentials" {
			t.Errorf("request %d: %v", i, form)
		}
	}
	for text, want := range map[string]string{" \n": "is empty", "": "is empty"} {
		_, err := a.account(t, identity.Credential{Kind: identity.KindWorkload, TokenFile: write(t, []byte(text))})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := account.Replace(t.Context(), scope, "", ""); err == nil || !strings.Contains(err.Error(), "read federated token") {
		t.Errorf("got %v", err)
	}
}

// The tokens of managed identities are kept for the whole process, by resource: each
// test has one of its own.
func managedClaims(t *testing.T, h *host, resource, client string) (*identity.Account, identity.Claims, error) {
	t.Helper()
	account, err := newAuthority(t).newAccount(t, identity.Credential{Kind: identity.KindManaged, ClientID: client})
	if err != nil {
		t.Fatal(err)
	}
	claims, _, err := account.Claims(t.Context(), resource+"/.default")
	return account, claims, err
}

func TestManagedIdentity(t *testing.T) {
	for name, client := range map[string]string{"the host's own": "", "user-assigned": "30000000-0000-4000-8000-000000000001"} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			id := client
			if id == "" {
				id = clientID
			}
			h.answer = func(url.Values) (int, string) {
				return oauth(tokenOf(t, map[string]any{"tid": tenantID, "appid": id, "idtyp": "app", "roles": []string{"Application.Read.All"}}))
			}
			resource := "https://managed.example/" + rand.Text()
			account, claims, err := managedClaims(t, h, resource, client)
			if err != nil || !claims.AppOnly || claims.AppID != id || account.ClientID != id || account.Delegated {
				t.Fatalf("got %+v, %+v, %v", account, claims, err)
			}
			r := h.requests[0]
			if r.URL.Query().Get("resource") != resource || r.URL.Query().Get("client_id") != client || r.Header.Get("X-Identity-Header") != "s3cr3t-of-the-host" {
				t.Errorf("asked %s %v", r.URL, r.Header)
			}
		})
	}
}

func TestManagedIdentityErrors(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		h := newHost(t)
		h.answer = func(url.Values) (int, string) {
			return http.StatusBadRequest, `{"error":{"code":"ManagedIdentityNotFound","message":"none, header s3cr3t-of-the-host"}}`
		}
		_, _, err := managedClaims(t, h, "https://managed.example/"+rand.Text(), "")
		wantHint(t, err, "only Azure hosts have managed identities", "s3cr3t-of-the-host")
	})
	t.Run("far away", func(t *testing.T) {
		t.Setenv("IDENTITY_ENDPOINT", "http://192.0.2.1/msi/token") // documentation only (RFC 5737)
		t.Setenv("IDENTITY_HEADER", "s3cr3t-of-the-host")
		_, _, err := managedClaims(t, nil, "https://managed.example/"+rand.Text(), "")
		wantHint(t, err, "only Azure hosts", "s3cr3t-of-the-host")
		if _, ok := errors.AsType[*identity.RefusedError](err); !ok {
			t.Errorf("got %v", err)
		}
	})
	t.Run("redirect", func(t *testing.T) {
		var visits atomic.Int32
		foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
		defer foreign.Close()
		moved := httptest.NewServer(http.RedirectHandler(foreign.URL, http.StatusTemporaryRedirect))
		defer moved.Close()
		t.Setenv("IDENTITY_ENDPOINT", moved.URL)
		t.Setenv("IDENTITY_HEADER", "s3cr3t-of-the-host")
		if _, _, err := managedClaims(t, nil, "https://managed.example/"+rand.Text(), ""); err == nil || visits.Load() != 0 {
			t.Errorf("got %v, %d visits", err, visits.Load())
		}
	})
}

func wantHint(t *testing.T, err error, hint string, secrets ...string) {
	t.Helper()
	refused, ok := errors.AsType[*identity.SignInError](err)
	if !ok {
		t.Fatalf("got a %T: %v", err, err)
	}
	if !strings.Contains(refused.Hint(), hint) {
		t.Errorf("got %v, hint %q, want %q", refused, refused.Hint(), hint)
	}
	for _, s := range secrets {
		if strings.Contains(refused.Error()+refused.Hint(), s) {
			t.Errorf("the error shows %q: %v", s, refused)
		}
	}
}

func TestAzureCLI(t *testing.T) {
	const cli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
	for _, c := range []struct {
		name      string
		claims    map[string]any
		client    string
		delegated bool
	}{
		{"a person", map[string]any{"tid": tenantID, "appid": cli, "idtyp": "user", "scp": "Directory.Read.All", "upn": "ada@x"}, cli, true},
		{"a service principal", map[string]any{"tid": tenantID, "appid": clientID, "idtyp": "app", "roles": []string{"x"}}, clientID, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			arguments := fakeAzureCLI(t, azureCLIAnswer(tokenOf(t, c.claims)), 0)
			account, err := newAuthority(t).newAccount(t, identity.Credential{Kind: identity.KindAzureCLI})
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if _, err := get(t.Context(), account); err != nil {
					t.Fatal(err)
				}
			}
			if account.ClientID != c.client || account.Delegated != c.delegated {
				t.Errorf("got %+v", account)
			}
			if got, want := arguments(), "account get-access-token -o json --resource https://graph.example --tenant "+tenantID+"\n"; got != want {
				t.Errorf("asked %q, want %q once", got, want)
			}
		})
	}
}

func TestAzureCLIErrors(t *testing.T) {
	for _, c := range []struct{ name, answer, want string }{
		{"logged out", "ERROR: Please run 'az login' to setup account.\nrefresh_token=1.AXoAsecretsecretsecretsecretsecretsecretsecret", "Please run 'az login'"},
		{"expired", "ERROR: AADSTS700082: The refresh token has expired due to inactivity.\r\nTrace ID: x", "AADSTS700082"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fakeAzureCLI(t, c.answer, 1)
			account, err := newAuthority(t).newAccount(t, identity.Credential{Kind: identity.KindAzureCLI})
			if err != nil {
				t.Fatal(err)
			}
			_, err = get(t.Context(), account)
			wantHint(t, err, "run az login", "1.AXoA")
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("without a token", func(t *testing.T) {
		fakeAzureCLI(t, azureCLIAnswer(""), 0)
		account, err := newAuthority(t).newAccount(t, identity.Credential{Kind: identity.KindAzureCLI})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := get(t.Context(), account); err == nil || !strings.Contains(err.Error(), "no token") {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("not installed", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		account, err := newAuthority(t).newAccount(t, identity.Credential{Kind: identity.KindAzureCLI})
		if err != nil {
			t.Fatal(err)
		}
		_, err = get(t.Context(), account)
		wantHint(t, err, "check that az is on the PATH")
	})
}

func TestTheBrowserIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	told := 0
	account, err := newAuthority(t).account(t, identity.Credential{Kind: identity.KindBrowser, Prompt: func(_ context.Context, p identity.Prompt) error {
		told++
		if p.Code != "" || !strings.Contains(p.Message, "browser window") {
			t.Errorf("prompt %+v", p)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err = get(t.Context(), account)
		wantHint(t, err, "use device-code")
	}
	if told != 1 || !account.Delegated {
		t.Errorf("told %d times", told)
	}
}

func TestLoginRequestsAreRepeatedWhole(t *testing.T) {
	a := newAuthority(t)
	a.answer = func(url.Values) (int, string) {
		if len(a.forms) < 3 {
			return http.StatusServiceUnavailable, ``
		}
		return grant(tenantID)
	}
	account, err := a.account(t, identity.Credential{Kind: identity.KindSecret, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	for _, form := range a.forms {
		if form.Get("client_secret") != secret {
			t.Errorf("form %v", form)
		}
	}
}
