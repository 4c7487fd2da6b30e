package identity_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"leastwise/collector/identity"
)

func TestIDTokens(t *testing.T) {
	i := newIssuer(t)
	const nonce = "the-nonce-that-was-sent"
	global, err := identity.FindCloud("global")
	if err != nil {
		t.Fatal(err)
	}
	authority := "https://login.microsoftonline.com/"
	rs256 := jwt.SigningMethod(jwt.SigningMethodRS256)
	sign := func(method jwt.SigningMethod, header, change map[string]any) string {
		claims := map[string]any{
			"aud": clientID, "iss": authority + tenantID + "/v2.0", "appid": nil, "roles": nil, "idtyp": nil, "ver": "2.0", "nonce": nonce,
		}
		maps.Copy(claims, change)
		return i.sign(t, method, header, claims)
	}
	sound := sign(rs256, nil, nil)
	for _, c := range []struct{ name, token, want string }{
		{"sound", sound, ""},
		{"issuer in other letters", sign(rs256, nil, map[string]any{"iss": strings.ToUpper(authority) + tenantID + "/v2.0"}), ""},
		{"a clock that is behind", sign(rs256, nil, map[string]any{"nbf": i.now.Add(4 * time.Minute).Unix()}), ""},
		{"not yet valid", sign(rs256, nil, map[string]any{"nbf": i.now.Add(6 * time.Minute).Unix()}), "not valid before"},
		{"expired now", sign(rs256, nil, map[string]any{"exp": i.now.Unix()}), "expired on 2026-11-20T09:00:00Z"},
		{"without an end", sign(rs256, nil, map[string]any{"exp": nil}), "not when it expires"},
		{"another's nonce", sign(rs256, nil, map[string]any{"nonce": nonce + "x"}), "nonce"},
		{"no nonce", sign(rs256, nil, map[string]any{"nonce": nil}), "nonce"},
		{"for another application", sign(rs256, nil, map[string]any{"aud": otherTenant}), "another application"},
		{"for two applications", sign(rs256, nil, map[string]any{"aud": []string{clientID, otherTenant}}), "another application"},
		{"for nobody", sign(rs256, nil, map[string]any{"aud": nil}), "another application"},
		{"another tenant than the issuer's", sign(rs256, nil, map[string]any{"tid": otherTenant}), "issuer"},
		{"no tenant", sign(rs256, nil, map[string]any{"tid": nil}), "names no tenant"},
		{"a tenant that is none", sign(rs256, nil, map[string]any{"tid": "../x", "iss": authority + "../x/v2.0"}), "names no tenant"},
		{"foreign issuer", sign(rs256, nil, map[string]any{"iss": "https://evil.example/" + tenantID + "/v2.0"}), "evil.example"},
		{"an issuer that only looks like it", sign(rs256, nil, map[string]any{"iss": authority + tenantID + "/v2.0/"}), "issuer"},
		{"issuer of version 1.0", sign(rs256, nil, map[string]any{"iss": "https://sts.windows.net/" + tenantID + "/"}), "issuer"},
		{"unsigned", sign(jwt.SigningMethodNone, nil, nil), `"none"`},
		{"the public key as a secret", sign(jwt.SigningMethodHS256, nil, nil), `"HS256"`},
		{"another algorithm of the same key", sign(jwt.SigningMethodPS256, nil, nil), `"PS256"`},
		{"unknown key", sign(rs256, map[string]any{"kid": "k2"}, nil), `no key "k2"`},
		{"no key", sign(rs256, map[string]any{"kid": nil}, nil), `no key ""`},
		{"altered", alter(t, sound, tenantID, otherTenant), "issuer"},
		{"altered signature", sound[:len(sound)-8] + "AAAAAAAA", "signature is wrong"},
		{"no signature", sound[:strings.LastIndexByte(sound, '.')+1], "signature is wrong"},
		{"damaged", sound[:strings.LastIndexByte(sound, '.')], "damaged"},
		{"opaque", "0.AXoA", "opaque"},
		{"nothing", "", "opaque"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tokens := identity.IDTokens{Cloud: global, ClientID: strings.ToUpper(clientID), Now: i.now, Keys: func(_ context.Context, tenant string) (identity.KeySet, error) {
				if tenant != tenantID {
					t.Errorf("the keys of %q were asked for", tenant)
				}
				return identity.ParseKeySet(jwks(t, i.jwk("k1")))
			}}
			claims, err := tokens.Validate(t.Context(), c.token, nonce)
			switch {
			case c.want == "" && (err != nil || claims.TenantID != tenantID):
				t.Errorf("got %+v, %v", claims, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "eyJ") || claims.TenantID != ""):
				t.Errorf("got %+v, %v, want %q", claims, err, c.want)
			}
		})
	}
	if _, err := (identity.IDTokens{Cloud: global, ClientID: clientID, Now: i.now, Keys: noKeys}).Validate(t.Context(), sound, nonce); err == nil || !strings.Contains(err.Error(), "no keys here") {
		t.Errorf("without keys: %v", err)
	}
	none := sign(rs256, nil, map[string]any{"nonce": ""})
	if _, err := (identity.IDTokens{Cloud: global, ClientID: clientID, Now: i.now, Keys: noKeys}).Validate(t.Context(), none, ""); err == nil || !strings.Contains(err.Error(), "nonce") {
		t.Errorf("no nonce was asked for: %v", err)
	}
}

func TestParseTenant(t *testing.T) {
	for text, want := range map[string]string{
		strings.ToUpper(tenantID): tenantID, "contoso.com": "contoso.com", "Contoso.OnMicrosoft.com": "contoso.onmicrosoft.com",
		"xn--bcher-kva.example": "xn--bcher-kva.example", "a.xn--p1ai": "a.xn--p1ai",
		"": "", "contoso": "", "common": "", "Common": "", "organizations": "", "consumers": "", "127.0.0.1": "", "contoso.com.": "", ".contoso.com": "",
		"contoso..com": "", "contoso.com/x": "", "contoso.com?x": "", "../x.com": "", "-a.com": "", "a_b.com": "", "contoso.com\n": "",
		strings.Repeat("a", 64) + ".com": "", strings.Repeat("a.", 130) + "com": "", "cöntoso.com": "", tenantID + "0": "",
	} {
		if got, err := identity.ParseTenant(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

func TestConsentPending(t *testing.T) {
	refused := func(status int, code, message string) error {
		return errors.Join(&identity.SignInError{Kind: "certificate", Status: status, Code: code, Message: message})
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{refused(400, "unauthorized_client", "AADSTS700016: Application …"), true},
		{refused(400, "invalid_grant", "AADSTS65001: The user or administrator …"), true},
		{refused(401, "invalid_client", "AADSTS7000229: The client application …"), true},
		{refused(503, "temporarily_unavailable", "busy"), true},
		{refused(429, "", "the authority gave no reason that can be read"), true},
		{refused(401, "invalid_client", "AADSTS700027: …"), false},
		{refused(400, "invalid_request", "AADSTS90002: Tenant 'AADSTS700016:' not found"), false},
		{refused(400, "invalid_request", "AADSTS7000161: …"), false},
		{&identity.WrongTenantError{}, false},
		{errors.New("AADSTS700016: …"), false},
		{nil, false},
	} {
		if got := identity.ConsentPending(c.err); got != c.want {
			t.Errorf("%v: got %v", c.err, got)
		}
	}
}
