package identity_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"leastwise/collector/identity"
)

func noKeys(context.Context, string) (identity.KeySet, error) {
	return identity.KeySet{}, errors.New("no keys here")
}

// issuer signs tokens as an authority does.
type issuer struct {
	key *rsa.PrivateKey
	now time.Time
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{key, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
}

func (i issuer) jwk(id string) map[string]string {
	return map[string]string{
		"kty": "RSA", "use": "sig", "kid": id, "n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(i.key.E)).Bytes()),
	}
}

func jwks(t *testing.T, keys ...map[string]string) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// claims are those of a sound token for the Management API.
func (i issuer) claims(change map[string]any) jwt.MapClaims {
	claims := jwt.MapClaims{
		"aud": "https://manage.office.com", "iss": "https://sts.windows.net/" + tenantID + "/", "tid": tenantID, "appid": clientID,
		"iat": i.now.Add(-time.Minute).Unix(), "nbf": i.now.Add(-time.Minute).Unix(), "exp": i.now.Add(time.Hour).Unix(),
		"roles": []string{"ActivityFeed.Read"}, "idtyp": "app", "ver": "1.0",
	}
	for name, value := range change {
		if value == nil {
			delete(claims, name)
		} else {
			claims[name] = value
		}
	}
	return claims
}

func (i issuer) sign(t *testing.T, method jwt.SigningMethod, header, claims map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, i.claims(claims))
	token.Header["kid"] = "k1"
	maps.Copy(token.Header, header)
	maps.DeleteFunc(token.Header, func(_ string, v any) bool { return v == nil })
	var key any = i.key
	switch method.(type) {
	case *jwt.SigningMethodHMAC:
		key = i.key.N.Bytes()
	case interface{ Alg() string }:
		if method.Alg() == "none" {
			key = jwt.UnsafeAllowNoneSignatureType
		}
	}
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestInspect(t *testing.T) {
	i := newIssuer(t)
	rs256 := jwt.SigningMethod(jwt.SigningMethodRS256)
	sound := i.sign(t, rs256, nil, nil)
	global := "https://login.microsoftonline.com/"
	id := map[string]any{"aud": clientID, "iss": global + tenantID + "/v2.0", "appid": nil, "roles": nil, "idtyp": nil, "ver": "2.0", "preferred_username": "ada@x"}
	for _, c := range []struct {
		name, token string
		cloud       string // global when empty
		verdict     identity.Verdict
		reasons     []string // what each of them holds
	}{
		{"for the Management API", sound, "", identity.Verified, nil},
		{"for the Management API of GCC", sound, "gcc", identity.Verified, nil},
		{"by the API's id", i.sign(t, rs256, nil, map[string]any{"aud": "c5393580-f805-4401-95e8-94b7a6ef2fc2"}), "", identity.Verified, nil},
		{"an id token", i.sign(t, rs256, nil, id), "", identity.Verified, nil},
		{"of the authority in China", i.sign(t, rs256, nil, map[string]any{"iss": "https://sts.chinacloudapi.cn/" + tenantID + "/"}), "china", identity.Verified, nil},
		{"of its other name", i.sign(t, rs256, nil, map[string]any{"iss": "https://login.partner.microsoftonline.cn/" + tenantID + "/v2.0"}), "china", identity.Verified, nil},
		{"of the US government", i.sign(t, rs256, nil, map[string]any{"iss": "https://login.microsoftonline.us/" + tenantID + "/v2.0"}), "dod", identity.Verified, nil},

		{"altered signature", sound[:len(sound)-8] + "AAAAAAAA", "", identity.Invalid, []string{"signature is wrong"}},
		{"no base64 in the signature", sound + "!", "", identity.Invalid, []string{"signature is wrong"}},
		{"altered claims", alter(t, sound, `"ActivityFeed.Read"`, `"ActivityFeed.ReadDlp"`), "", identity.Invalid, []string{"signature is wrong"}},
		{"another's signature", newIssuer(t).sign(t, rs256, nil, nil), "", identity.Invalid, []string{"signature is wrong"}},
		{"expired", i.sign(t, rs256, nil, map[string]any{"exp": i.now.Unix()}), "", identity.Invalid, []string{"expired on 2026-11-20T09:00:00Z"}},
		{"not yet valid", i.sign(t, rs256, nil, map[string]any{"nbf": i.now.Add(time.Second).Unix()}), "", identity.Invalid, []string{"not valid before 2026-11-20T09:00:01Z"}},
		{"without an end", i.sign(t, rs256, nil, map[string]any{"exp": nil}), "", identity.Invalid, []string{"not when it expires"}},
		{"of another tenant", i.sign(t, rs256, nil, map[string]any{"tid": otherTenant, "iss": global + otherTenant + "/v2.0"}), "", identity.Invalid, []string{"of tenant " + otherTenant + ", not of " + tenantID}},
		{"issuer of another tenant", i.sign(t, rs256, nil, map[string]any{"iss": "https://sts.windows.net/" + otherTenant + "/"}), "", identity.Invalid, []string{"issuer", "not asked for"}},
		{"issuer of another cloud", sound, "china", identity.Invalid, []string{"not the authority of cloud china", "not asked for"}},
		{"foreign issuer", i.sign(t, rs256, nil, map[string]any{"iss": "https://evil.example/"}), "", identity.Invalid, []string{"evil.example", "not asked for"}},
		{"no tenant", i.sign(t, rs256, nil, map[string]any{"tid": nil}), "", identity.Invalid, []string{"names no tenant", "not asked for"}},
		{"unsigned", i.sign(t, jwt.SigningMethodNone, nil, nil), "", identity.Invalid, []string{"alg none"}},
		{"unsigned in other letters", i.sign(t, rs256, map[string]any{"alg": "nOnE"}, nil), "", identity.Invalid, []string{"alg none"}},
		{"no algorithm", i.sign(t, rs256, map[string]any{"alg": nil}, nil), "", identity.Invalid, []string{"alg none"}},
		{"the public key as a secret", i.sign(t, jwt.SigningMethodHS256, nil, nil), "", identity.Invalid, []string{"proves nothing"}},
		{"HS512", i.sign(t, jwt.SigningMethodHS512, nil, nil), "", identity.Invalid, []string{"proves nothing"}},
		{"expired and forged", i.sign(t, jwt.SigningMethodNone, nil, map[string]any{"exp": i.now.Unix()}), "", identity.Invalid, []string{"expired", "alg none"}},

		{"for Graph", i.sign(t, rs256, map[string]any{"nonce": "n"}, map[string]any{"aud": "https://graph.microsoft.com"}), "", identity.Unverifiable, []string{"nonce in its header"}},
		{"for Graph, no nonce", i.sign(t, rs256, nil, map[string]any{"aud": "https://graph.microsoft.com/"}), "", identity.Unverifiable, []string{"Microsoft Graph, which alone"}},
		{"for Graph by its id", i.sign(t, rs256, nil, map[string]any{"aud": "00000003-0000-0000-c000-000000000000"}), "", identity.Unverifiable, []string{"Microsoft Graph, which alone"}},
		{"for Graph of another cloud", i.sign(t, rs256, nil, map[string]any{"aud": "https://graph.microsoft.us"}), "", identity.Unverifiable, []string{"Microsoft Graph, which alone"}},
		{"for Graph, expired", i.sign(t, rs256, map[string]any{"nonce": "n"}, map[string]any{"aud": "https://graph.microsoft.com", "exp": i.now.Unix()}), "", identity.Invalid, []string{"expired", "nonce in its header"}},
		{"other algorithm", i.sign(t, jwt.SigningMethodPS256, nil, nil), "", identity.Unverifiable, []string{`not with "PS256"`}},
		{"no key named", i.sign(t, rs256, map[string]any{"kid": nil}, nil), "", identity.Unverifiable, []string{"names no key"}},
		{"unknown key", i.sign(t, rs256, map[string]any{"kid": "k9"}, nil), "", identity.Unverifiable, []string{`no key "k9"`}},
		{"opaque", "0.AXoA_opaque", "", identity.Unverifiable, []string{"opaque or encrypted"}},
		{"opaque, in three parts", "a.b.c", "", identity.Unverifiable, []string{"opaque or encrypted"}},
		{"encrypted", segment(`{"alg":"RSA-OAEP","enc":"A256GCM"}`) + ".k.i.c.t", "", identity.Unverifiable, []string{"opaque or encrypted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := c.cloud
			if name == "" {
				name = "global"
			}
			cloud, err := identity.FindCloud(name)
			if err != nil {
				t.Fatal(err)
			}
			inspector := identity.Inspector{Cloud: cloud, Tenant: tenantID, Now: i.now, Keys: func(_ context.Context, tenant string) (identity.KeySet, error) {
				if tenant != tenantID && tenant != otherTenant {
					t.Errorf("keys of %q are asked for", tenant)
				}
				return identity.ParseKeySet(jwks(t, newIssuer(t).jwk("k0"), i.jwk("k1")))
			}}
			got, err := inspector.Inspect(t.Context(), identity.NamedToken{Name: "token", Token: c.token})
			if err != nil || got.Verdict != c.verdict || len(got.Reasons) != len(c.reasons) {
				t.Fatalf("got %v, %v: %q, want %v %q", err, got.Verdict, got.Reasons, c.verdict, c.reasons)
			}
			for n, want := range c.reasons {
				if !strings.Contains(got.Reasons[n], want) {
					t.Errorf("got %q, want %q", got.Reasons[n], want)
				}
			}
			if strings.Contains(fmt.Sprint(got), c.token) {
				t.Error("the result holds the token")
			}
		})
	}
}

// alter changes the claims of a signed token.
func alter(t *testing.T, token, from, to string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !strings.Contains(string(claims), from) {
		t.Fatalf("%v: %s", err, claims)
	}
	parts[1] = segment(strings.Replace(string(claims), from, to, 1))
	return strings.Join(parts, ".")
}

func TestInspectWithoutKeys(t *testing.T) {
	i := newIssuer(t)
	inspector := identity.Inspector{Cloud: identity.Clouds()[0], Now: i.now, Keys: noKeys}
	got, err := inspector.Inspect(t.Context(), identity.NamedToken{Token: i.sign(t, jwt.SigningMethodRS256, nil, nil)})
	if err != nil || got.Verdict != identity.Unverifiable || !strings.Contains(got.Reasons[0], "no keys here") {
		t.Errorf("got %v, %+v", err, got)
	}
}

func TestDamagedTokensAreErrors(t *testing.T) {
	sound := newIssuer(t).sign(t, jwt.SigningMethodRS256, nil, nil)
	parts := strings.Split(sound, ".")
	inspector := identity.Inspector{Cloud: identity.Clouds()[0], Keys: noKeys}
	for name, token := range map[string]string{
		"no signature": parts[0] + "." + parts[1], "header only": parts[0], "cut claims": parts[0] + "." + parts[1][:20] + "." + parts[2],
		"four parts": sound + ".x",
	} {
		got, err := inspector.Inspect(t.Context(), identity.NamedToken{Name: "token", Token: token})
		if err == nil || !strings.Contains(err.Error(), "damaged") || strings.Contains(err.Error(), "eyJ") {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestReadTokens(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []identity.NamedToken
		reason     string
	}{
		{"plain", "abc.def.ghi", []identity.NamedToken{{Name: "token", Token: "abc.def.ghi"}}, ""},
		{"with white space and a mark", "\xef\xbb\xbf  abc\r\n", []identity.NamedToken{{Name: "token", Token: "abc"}}, ""},
		{"bearer", "bearer  abc", []identity.NamedToken{{Name: "token", Token: "abc"}}, ""},
		{"header", "Authorization: Bearer abc", []identity.NamedToken{{Name: "token", Token: "abc"}}, ""},
		{"answer", `{"token_type":"Bearer","access_token":"abc","refresh_token":"r","id_token":"a.b.c"}`, []identity.NamedToken{{Name: "access_token", Token: "abc"}, {Name: "id_token", Token: "a.b.c"}}, ""},
		{"id token only", `{"id_token":"a.b.c"}`, []identity.NamedToken{{Name: "id_token", Token: "a.b.c"}}, ""},
		{"of the Azure CLI", azureCLIAnswer("abc"), []identity.NamedToken{{Name: "accessToken", Token: "abc"}}, ""},
		{"nothing", " \n", nil, "there is no token"},
		{"two lines", "SECRET1\nSECRET2", nil, "characters that no token has"},
		{"words", "SECRET is no token", nil, "characters that no token has"},
		{"other JSON", `{"refresh_token":"SECRET"}`, nil, "neither access_token nor id_token"},
		{"a number", `{"access_token":1}`, nil, "neither"},
		{"broken JSON", `{"access_token":"SECRET`, nil, "no JSON either"},
		{"blanks in JSON", `{"access_token":"SECRET 1"}`, nil, "access_token is no token"},
		{"much", strings.Repeat("SECRET", 200_000), nil, "more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := identity.ReadTokens([]byte(c.text))
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if (err == nil) != (c.reason == "") || err != nil && (!strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "SECRET")) {
				t.Errorf("got %v, want %q", err, c.reason)
			}
		})
	}
}

func TestParseKeySet(t *testing.T) {
	i := newIssuer(t)
	with := func(change map[string]string) map[string]string {
		key := i.jwk("k1")
		maps.Copy(key, change)
		return key
	}
	short := base64.RawURLEncoding.EncodeToString(append([]byte{0x80}, make([]byte, 127)...))
	long := base64.RawURLEncoding.EncodeToString(append([]byte{0x80}, make([]byte, 4096)...))
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"sound":               {jwks(t, i.jwk("k1")), ""},
		"use not told":        {jwks(t, with(map[string]string{"use": ""})), ""},
		"others beside it":    {jwks(t, map[string]string{"kty": "EC", "kid": "e"}, with(map[string]string{"use": "enc", "n": "!"}), i.jwk("k1")), ""},
		"no JSON":             {[]byte("<html>"), "not a JSON Web Key Set"},
		"empty":               {[]byte(`{"keys":[]}`), "no RSA key"},
		"something else":      {[]byte(`{"error":"x"}`), "no RSA key"},
		"for encryption only": {jwks(t, with(map[string]string{"use": "enc"})), "no RSA key"},
		"damaged modulus":     {jwks(t, i.jwk("k0"), with(map[string]string{"n": "!"})), "keys[1]: modulus or exponent"},
		"short key":           {jwks(t, with(map[string]string{"n": short})), "keys[0]: an RSA key of 1024 bits"},
		"endless key":         {jwks(t, with(map[string]string{"n": long})), "keys[0]: an RSA key of 32776 bits"},
		"no modulus":          {jwks(t, with(map[string]string{"n": ""})), "an RSA key of 0 bits"},
		"exponent one":        {jwks(t, with(map[string]string{"e": "AQ"})), "exponent"},
		"even exponent":       {jwks(t, with(map[string]string{"e": "BA"})), "exponent"},
		"huge exponent":       {jwks(t, with(map[string]string{"e": "AQAAAAAB"})), "exponent"},
	} {
		_, err := identity.ParseKeySet(c.data)
		if (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: got %v, want %q", name, err, c.reason)
		}
	}
}

func FuzzParseKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := identity.ParseKeySet(data)
		if err != nil && len(fmt.Sprint(set)) > len(fmt.Sprint(identity.KeySet{})) {
			t.Errorf("%q: an error and keys", data)
		}
	})
}

func TestFetchKeySet(t *testing.T) {
	i := newIssuer(t)
	var answer http.HandlerFunc
	var asked atomic.Pointer[string]
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(&r.URL.Path)
		answer(w, r)
	}))
	defer server.Close()
	var visits atomic.Int32
	foreign := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer foreign.Close()
	cloud, err := identity.CustomCloud(server.URL, "https://graph.example", "")
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, block("CERTIFICATE", server.Certificate().Raw))
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason string
	}{
		"sound":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jwks(t, i.jwk("k1"))) }, ""},
		"refused":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "HTTP 404"},
		"no keys":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, "not a JSON Web Key Set"},
		"too much": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) }, "more than 1048576 bytes"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, foreign.URL, http.StatusFound) }, "refused: redirect"},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{")
		}, "unexpected EOF"},
	} {
		answer = c.answer
		_, err := identity.FetchKeySet(t.Context(), client, cloud, tenantID)
		if (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: got %v, want %q", name, err, c.reason)
		}
	}
	if got := *asked.Load(); got != "/"+tenantID+"/discovery/v2.0/keys" || visits.Load() != 0 {
		t.Errorf("asked %s, the foreign host was visited %d times", got, visits.Load())
	}
	if _, err := identity.FetchKeySet(t.Context(), client, cloud, "../../evil"); err == nil || !strings.Contains(err.Error(), "not a tenant id") {
		t.Errorf("got %v", err)
	}
}

func TestIsAuthority(t *testing.T) {
	china, err := identity.FindCloud("china")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://login.chinacloudapi.cn": true, "https://login.chinacloudapi.cn/": true, "login.partner.microsoftonline.cn": true,
		"LOGIN.CHINACLOUDAPI.CN/": true, "https://login.microsoftonline.com/": false, "": false, "https://": false, "https://[::1": false,
	} {
		if got := china.IsAuthority(address); got != want {
			t.Errorf("%q: got %v", address, got)
		}
	}
}
