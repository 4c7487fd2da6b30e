package identity_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"leastwise/collector/identity"
)

const (
	aCode     = "1.Aan-authorization-code-of-some-length"
	aVerifier = "a-verifier-of-at-least-forty-three-characters"
)

func redemption(t *testing.T, a *authority, with identity.Credential) identity.Redemption {
	t.Helper()
	client, _ := countingClient(t, a.Server, true)
	cloud, err := identity.CustomCloud(a.URL, "https://graph.example", "")
	if err != nil {
		t.Fatal(err)
	}
	return identity.Redemption{
		Cloud: cloud, Tenant: identity.Organizations, ClientID: clientID, Credential: with, HTTPClient: client, Clock: time.Now,
		Code: aCode, Redirect: "http://localhost:1/x", Verifier: aVerifier, Scope: "openid profile",
	}
}

func TestRedeemProvesTheApplication(t *testing.T) {
	p := newPair(t, 2048, time.Now().Add(time.Hour))
	file := write(t, p.certPEM, p.keyPEM)
	for name, c := range map[string]struct {
		with  identity.Credential
		proof string // the member that proves it; "" for none
	}{
		"public client":               {identity.Credential{}, ""},
		"secret":                      {identity.Credential{Kind: identity.KindSecret, Secret: secret}, "client_secret"},
		"secret of the environment":   {identity.Credential{Kind: identity.KindEnvironment, Secret: secret}, "client_secret"},
		"certificate":                 {identity.Credential{Kind: identity.KindCertificate, CertificateFile: file}, "client_assertion"},
		"certificate, RS256":          {identity.Credential{Kind: identity.KindCertificate, CertificateFile: file, Algorithm: identity.RS256}, "client_assertion"},
		"certificate of environment":  {identity.Credential{Kind: identity.KindEnvironment, CertificateFile: file}, "client_assertion"},
		"federated token of workload": {identity.Credential{Kind: identity.KindWorkload, TokenFile: write(t, []byte(" eyJmZWQ.x.y \n"))}, "client_assertion"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t)
			a.answer = func(url.Values) (int, string) { return http.StatusOK, `{"access_token":"a","id_token":"i.d.t"}` }
			token, err := redemption(t, a, c.with).IDToken(t.Context())
			if err != nil || token != "i.d.t" || len(a.forms) != 1 {
				t.Fatalf("got %q, %v, %d requests", token, err, len(a.forms))
			}
			form := a.forms[0]
			for name, want := range map[string]string{
				"grant_type": "authorization_code", "client_id": clientID, "code": aCode, "code_verifier": aVerifier,
				"redirect_uri": "http://localhost:1/x", "scope": "openid profile",
			} {
				if form.Get(name) != want {
					t.Errorf("%s is %q", name, form.Get(name))
				}
			}
			for _, proof := range []string{"client_secret", "client_assertion"} {
				if (form.Get(proof) != "") != (proof == c.proof) {
					t.Errorf("%s is %q", proof, form.Get(proof))
				}
			}
			if c.with.CertificateFile != "" {
				claims := jwt.MapClaims{}
				if _, err := jwt.ParseWithClaims(form.Get("client_assertion"), claims, func(*jwt.Token) (any, error) { return &p.key.PublicKey, nil }); err != nil {
					t.Error(err)
				}
				if claims["aud"].([]any)[0] != a.URL+"/organizations/oauth2/v2.0/token" || claims["sub"] != clientID {
					t.Errorf("the assertion says %v", claims)
				}
			}
		})
	}
}

func TestRedeemRefused(t *testing.T) {
	with := identity.Credential{Kind: identity.KindSecret, Secret: secret}
	for name, c := range map[string]struct {
		status       int
		answer, want string
	}{
		"refused":      {400, `{"error":"invalid_grant","error_description":"AADSTS54005: redeemed already, ` + aCode + ` ` + aVerifier + ` ` + secret + `\r\nTrace ID: x"}`, "invalid_grant: AADSTS54005: redeemed already"},
		"no reason":    {500, "<html>" + aCode, "gave no reason"},
		"no id token":  {200, `{"access_token":"a"}`, "no id token"},
		"no JSON":      {200, aCode, "no id token"},
		"far too long": {200, strings.Repeat(" ", 2<<20), "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t)
			a.answer = func(url.Values) (int, string) { return c.status, c.answer }
			_, err := redemption(t, a, with).IDToken(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || len(a.forms) != 1 {
				t.Fatalf("got %v after %d requests, want %q", err, len(a.forms), c.want)
			}
			for _, sent := range []string{aCode, aVerifier, secret, "Trace"} {
				if strings.Contains(err.Error(), sent) {
					t.Errorf("the error holds %q: %v", sent, err)
				}
			}
		})
	}
	// Nothing is sent without a proof that was to be there, or to another host.
	a := newAuthority(t)
	for _, with := range []identity.Credential{
		{Kind: identity.KindCertificate, CertificateFile: "nowhere.pem"}, {Kind: identity.KindWorkload, TokenFile: "nowhere"}, {Kind: identity.KindManaged},
	} {
		if _, err := redemption(t, a, with).IDToken(t.Context()); err == nil || len(a.forms) != 0 {
			t.Errorf("%s: got %v, %d requests", with.Kind, err, len(a.forms))
		}
	}
	away := httptest.NewTLSServer(http.RedirectHandler(a.URL+"/x", http.StatusTemporaryRedirect))
	defer away.Close()
	r := redemption(t, a, identity.Credential{})
	r.HTTPClient, _ = countingClient(t, away, true)
	var err error
	if r.Cloud, err = identity.CustomCloud(away.URL, "https://graph.example", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.IDToken(t.Context()); err == nil || !strings.Contains(err.Error(), "refused: redirect") || len(a.forms) != 0 {
		t.Errorf("a redirect: got %v, %d requests", err, len(a.forms))
	}
}

func TestFindTenant(t *testing.T) {
	a := newAuthority(t)
	r := redemption(t, a, identity.Credential{})
	if got, err := identity.FindTenant(t.Context(), nil, r.Cloud, strings.ToUpper(otherTenant)); err != nil || got != otherTenant {
		t.Errorf("an id: got %q, %v", got, err)
	}
	if got, err := identity.FindTenant(t.Context(), r.HTTPClient, r.Cloud, "contoso.com"); err != nil || got != tenantID {
		t.Errorf("a domain: got %q, %v", got, err)
	}
	for text, want := range map[string]string{`{"issuer":"https://x/{tenantid}/v2.0"}`: "does not tell", `{}`: "does not tell", `<html>`: "cannot be read"} {
		a.discovery = func() (int, string) { return http.StatusOK, text }
		if got, err := identity.FindTenant(t.Context(), r.HTTPClient, r.Cloud, "contoso.com"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
	a.discovery = func() (int, string) { return http.StatusBadRequest, `{}` }
	if got, err := identity.FindTenant(t.Context(), r.HTTPClient, r.Cloud, "contoso.com"); err == nil || !strings.Contains(err.Error(), "does not know contoso.com") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReadPublicCertificate(t *testing.T) {
	now := time.Now()
	p, other := newPair(t, 2048, now.Add(time.Hour)), newPair(t, 2048, now.Add(time.Hour))
	for name, c := range map[string]struct {
		parts [][]byte
		want  string // "" for p
	}{
		"alone":                      {[][]byte{p.certPEM}, ""},
		"DER":                        {[][]byte{p.certificate.Raw}, ""},
		"with its key":               {[][]byte{p.keyPEM, p.certPEM}, ""},
		"in a chain with its key":    {[][]byte{other.certPEM, p.certPEM, p.keyPEM}, ""},
		"two that nothing tells":     {[][]byte{other.certPEM, p.certPEM}, "holds 2 certificates"},
		"damaged":                    {[][]byte{block("CERTIFICATE", []byte("x"))}, "cannot be read"},
		"a public key":               {[][]byte{block("PUBLIC KEY", []byte("x"))}, "no CERTIFICATE block"},
		"an empty file":              {nil, "neither a PEM nor a DER"},
		"a key that is in the way":   {[][]byte{block("PRIVATE KEY", []byte("x")), p.certPEM}, ""},
		"an unreadable key of three": {[][]byte{block("ENCRYPTED PRIVATE KEY", []byte("x")), p.certPEM, other.certPEM}, "holds 2 certificates"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := identity.ReadPublicCertificate(write(t, c.parts...), now)
			if c.want == "" && (err != nil || !got.Equal(p.certificate)) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := identity.ReadPublicCertificate(write(t, p.certPEM), p.certificate.NotAfter); err == nil || !strings.Contains(err.Error(), "it expired on") {
		t.Errorf("at its end: %v", err)
	}
}
