package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"leastwise/collector/identity"
)

const (
	tenantID = "10000000-0000-4000-8000-000000000001"
	clientID = "20000000-0000-4000-8000-000000000001"
	secret   = "s3cr3t+value/with=signs"
)

// pair is a key with its certificate, as PEM.
type pair struct {
	key         *rsa.PrivateKey
	keyPEM      []byte
	certificate *x509.Certificate
	certPEM     []byte
}

func newPair(t *testing.T, bits int, notAfter time.Time) pair {
	t.Helper()
	if bits < 1024 {
		t.Setenv("GODEBUG", "rsa1024min=0")
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Unix(0, 0), NotAfter: notAfter}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{key, block("PRIVATE KEY", pkcs8), certificate, block("CERTIFICATE", der)}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func write(t *testing.T, parts ...[]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.pem")
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	if err := os.WriteFile(path, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// authority is a sign-in server with canned token answers.
type authority struct {
	*httptest.Server
	tokenEndpoint string // instead of its own
	answer        func(form url.Values) (int, string)
	discovery     func() (int, string) // instead of the configuration

	mu    sync.Mutex
	forms []url.Values
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.Server = httptest.NewTLSServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/openid-configuration") {
		if a.discovery != nil {
			status, text := a.discovery()
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return
		}
		endpoint := a.tokenEndpoint
		if endpoint == "" {
			endpoint = a.URL + "/" + tenantID + "/oauth2/v2.0/token"
		}
		_ = json.NewEncoder(w).Encode(map[string]string{
			"token_endpoint": endpoint, "authorization_endpoint": a.URL + "/authorize", "issuer": a.URL + "/" + tenantID + "/v2.0",
		})
		return
	}
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	a.mu.Lock()
	a.forms = append(a.forms, form)
	a.mu.Unlock()
	status, text := a.answer(form)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (a *authority) account(t *testing.T, credential identity.Credential) (*identity.Account, error) {
	t.Helper()
	if credential.Kind != identity.KindManaged && credential.Kind != identity.KindAzureCLI {
		credential.ClientID = clientID
	}
	return a.newAccount(t, credential)
}

// newAccount takes the credential as it is.
func (a *authority) newAccount(t *testing.T, credential identity.Credential) (*identity.Account, error) {
	t.Helper()
	cloud, err := identity.CustomCloud(a.URL, "https://graph.example", "")
	if err != nil {
		t.Fatal(err)
	}
	client, err := identity.NewHTTPClient(identity.HTTPOptions{
		CA: block("CERTIFICATE", a.Certificate().Raw),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return identity.New(identity.Options{Cloud: cloud, Tenant: tenantID, Credential: credential, HTTPClient: client, Clock: time.Now, Patience: time.Minute})
}

func grant(tenant string) (int, string) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"tid":"` + tenant + `","roles":["Application.Read.All"],"idtyp":"app"}`))
	return 200, `{"token_type":"Bearer","expires_in":3599,"access_token":"eyJhbGciOiJub25lIn0.` + claims + `.c2ln"}`
}

func TestAssertionsAreSignedAsDocumented(t *testing.T) {
	p := newPair(t, 2048, time.Now().Add(time.Hour))
	sha1sum, sha256sum := sha1.Sum(p.certificate.Raw), sha256.Sum256(p.certificate.Raw)
	for _, c := range []struct{ algorithm, header, thumbprint, absent string }{
		{"", "x5t#S256", base64.RawURLEncoding.EncodeToString(sha256sum[:]), "x5t"},
		{"PS256", "x5t#S256", base64.RawURLEncoding.EncodeToString(sha256sum[:]), "x5t"},
		{"RS256", "x5t", base64.RawURLEncoding.EncodeToString(sha1sum[:]), "x5t#S256"},
	} {
		t.Run(c.algorithm, func(t *testing.T) {
			a := newAuthority(t)
			a.answer = func(url.Values) (int, string) { return grant(tenantID) }
			account, err := a.account(t, identity.Credential{Kind: "certificate", CertificateFile: write(t, p.certPEM, p.keyPEM), Algorithm: c.algorithm})
			if err != nil {
				t.Fatal(err)
			}
			claims, ok, err := account.Claims(t.Context(), "https://graph.example/.default")
			if err != nil || !ok || !claims.AppOnly || !claims.HasAny("application.read.all") {
				t.Fatalf("got %+v, %v, %v", claims, ok, err)
			}
			form := a.forms[0]
			if form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || !strings.HasPrefix(form.Get("scope"), "https://graph.example/.default") {
				t.Errorf("form %v", form)
			}
			var got jwt.RegisteredClaims
			want := c.algorithm
			if want == "" {
				want = "PS256"
			}
			parsed, err := jwt.ParseWithClaims(form.Get("client_assertion"), &got, func(*jwt.Token) (any, error) { return &p.key.PublicKey, nil },
				jwt.WithValidMethods([]string{want}), jwt.WithAudience(a.URL+"/"+tenantID+"/oauth2/v2.0/token"), jwt.WithIssuer(clientID), jwt.WithSubject(clientID))
			if err != nil {
				t.Fatal(err)
			}
			if parsed.Header[c.header] != c.thumbprint || parsed.Header[c.absent] != nil || parsed.Header["typ"] != "JWT" {
				t.Errorf("header %v", parsed.Header)
			}
			if life := got.ExpiresAt.Sub(got.NotBefore.Time); life < 5*time.Minute || life > 10*time.Minute || len(got.ID) != 36 {
				t.Errorf("claims %+v", got)
			}
		})
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	good, other, short := newPair(t, 2048, time.Now().Add(time.Hour)), newPair(t, 2048, time.Now().Add(time.Hour)), newPair(t, 1024, time.Now().Add(time.Hour))
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(good.key))
	for _, c := range []struct {
		name              string
		file, key         string
		algorithm, reason string
	}{
		{"one file", write(t, good.keyPEM, good.certPEM), "", "", ""},
		{"two files", write(t, good.certPEM), write(t, pkcs1), "", ""},
		{"the same file twice", write(t, good.certPEM, good.keyPEM), "", "", ""},
		{"a chain", write(t, other.certPEM, good.certPEM, good.keyPEM), "", "", ""},
		{"no file", filepath.Join(t.TempDir(), "absent.pem"), "", "", "no such file"},
		{"no key", write(t, good.certPEM), "", "", "no private key"},
		{"no certificate", write(t, good.keyPEM), "", "", "none of 0 certificate(s)"},
		{"of another key", write(t, other.certPEM, good.keyPEM), "", "", "none of 1 certificate(s)"},
		{"short key", write(t, short.certPEM, short.keyPEM), "", "", "1024 bits; 2048 are the least"},
		{"elliptic curve", write(t, good.certPEM, block("PRIVATE KEY", ecDER)), "", "", "takes RSA keys"},
		{"encrypted", write(t, good.certPEM, block("ENCRYPTED PRIVATE KEY", []byte("x"))), "", "", "encrypted"},
		{"damaged key", write(t, good.certPEM, block("PRIVATE KEY", []byte("damaged"))), "", "", "cannot be read"},
		{"damaged certificate", write(t, block("CERTIFICATE", []byte("damaged")), good.keyPEM), "", "", "cannot be read"},
		{"algorithm", write(t, good.certPEM, good.keyPEM), "", "HS256", `unknown algorithm "HS256"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newAuthority(t).account(t, identity.Credential{Kind: "certificate", CertificateFile: c.file, KeyFile: c.key, Algorithm: c.algorithm})
			if c.reason == "" && err != nil || c.reason != "" && (err == nil || !strings.Contains(err.Error(), c.reason)) {
				t.Errorf("got %v, want %q", err, c.reason)
			}
		})
	}
}

func TestExpiredCertificateIsNotSent(t *testing.T) {
	p := newPair(t, 2048, time.Now().Add(-time.Hour))
	a := newAuthority(t)
	account, err := a.account(t, identity.Credential{Kind: "certificate", CertificateFile: write(t, p.certPEM, p.keyPEM)})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = account.Claims(t.Context(), "https://graph.example/.default"); err == nil || !strings.Contains(err.Error(), "certificate expired on") || len(a.forms) != 0 {
		t.Errorf("got %v after %d token requests", err, len(a.forms))
	}
}

func TestSignInErrorsHoldNoSecrets(t *testing.T) {
	p := newPair(t, 2048, time.Now().Add(time.Hour))
	for _, credential := range []identity.Credential{
		{Kind: "secret", Secret: secret},
		{Kind: "certificate", CertificateFile: write(t, p.certPEM, p.keyPEM)},
	} {
		for name, answer := range map[string]func(url.Values) (int, string){
			"echoes in the description": func(form url.Values) (int, string) {
				text, _ := json.Marshal("AADSTS7000215: wrong: " + form.Get("client_secret") + " " + url.QueryEscape(form.Get("client_secret")) + " " + form.Get("client_assertion") + "\r\nTrace ID: x")
				return 401, `{"error":"invalid_client","error_description":` + string(text) + `}`
			},
			"echoes as text": func(form url.Values) (int, string) { return 400, form.Encode() },
			"echoes a success": func(form url.Values) (int, string) {
				return 200, `{"access_token":"","x":"` + form.Get("client_secret") + form.Get("client_assertion") + `"}`
			},
		} {
			t.Run(credential.Kind+" "+name, func(t *testing.T) {
				a := newAuthority(t)
				a.answer = answer
				account, err := a.account(t, credential)
				if err != nil {
					t.Fatal(err)
				}
				_, _, err = account.Claims(t.Context(), "https://graph.example/.default")
				if err == nil {
					t.Fatal("no error")
				}
				for _, text := range []string{secret, url.QueryEscape(secret), "eyJ", "Trace ID", "client_assertion="} {
					if strings.Contains(err.Error(), text) {
						t.Errorf("error shows %q: %v", text, err)
					}
				}
				e, ok := errors.AsType[*identity.SignInError](err)
				if !ok || e.Kind != credential.Kind {
					t.Fatalf("got a %T: %v", err, err)
				}
				if strings.Contains(name, "description") && (e.Status != 401 || e.Code != "invalid_client" || e.Hint() == "" || !strings.Contains(e.Message, "AADSTS7000215")) {
					t.Errorf("got %+v", e)
				}
			})
		}
	}
}

func TestCredentialsGoToTheAuthorityOnly(t *testing.T) {
	var visits atomic.Int32
	foreign := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer foreign.Close()
	a := newAuthority(t)
	a.tokenEndpoint = foreign.URL + "/token"
	account, err := a.account(t, identity.Credential{Kind: "secret", Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = account.Claims(t.Context(), "https://graph.example/.default"); err == nil || visits.Load() != 0 {
		t.Errorf("got %v, the foreign host was visited %d times", err, visits.Load())
	}
	if !strings.Contains(err.Error(), "not the cloud's authority") {
		t.Errorf("got %v", err)
	}
}

func TestTokenOfAnotherTenantIsRefused(t *testing.T) {
	a := newAuthority(t)
	a.answer = func(url.Values) (int, string) { return grant("99999999-0000-4000-8000-000000000009") }
	account, err := a.account(t, identity.Credential{Kind: "secret", Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = account.Claims(t.Context(), "https://graph.example/.default")
	if _, ok := errors.AsType[*identity.WrongTenantError](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestNewChecksItsOptions(t *testing.T) {
	good := identity.Options{Tenant: tenantID, HTTPClient: http.DefaultClient, Clock: time.Now, Credential: identity.Credential{Kind: "secret", ClientID: clientID, Secret: "x"}}
	good.Cloud = identity.Clouds()[0]
	if _, err := identity.New(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*identity.Options){
		"is not a tenant id":        func(o *identity.Options) { o.Tenant = "contoso.onmicrosoft.com" },
		"is not an application id":  func(o *identity.Options) { o.Credential.ClientID = "" },
		"secret is empty":           func(o *identity.Options) { o.Credential.Secret = "" },
		"unknown kind":              func(o *identity.Options) { o.Credential.Kind = "magic" },
		"nobody to show":            func(o *identity.Options) { o.Credential.Kind = "device-code" },
		"HTTPClient and Clock":      func(o *identity.Options) { o.Clock = nil },
		"read certificate: open /x": func(o *identity.Options) { o.Credential.Kind, o.Credential.CertificateFile = "certificate", "/x" },
	} {
		opts := good
		change(&opts)
		if _, err := identity.New(opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
