package identity_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"leastwise/collector/identity"
)

func TestClouds(t *testing.T) {
	for name, graph := range map[string]string{
		"global": "https://graph.microsoft.com", "gcc": "https://graph.microsoft.com", "usgov": "https://graph.microsoft.us",
		"dod": "https://dod-graph.microsoft.us", "china": "https://microsoftgraph.chinacloudapi.cn",
	} {
		cloud, err := identity.FindCloud(name)
		if err != nil || cloud.Graph != graph || !strings.HasPrefix(cloud.Login, "https://login.") {
			t.Errorf("%s: %+v, %v", name, cloud, err)
		}
	}
	if _, err := identity.FindCloud("Global "); err == nil || !strings.Contains(err.Error(), "global, gcc, usgov, dod, china, custom") {
		t.Errorf("got %v", err)
	}
}

func TestCustomCloud(t *testing.T) {
	cloud, err := identity.CustomCloud("https://127.0.0.1:8443/", "https://127.0.0.1:8444", "")
	if err != nil || cloud.Login != "https://127.0.0.1:8443" || cloud.Graph != "https://127.0.0.1:8444" || cloud.Name != "custom" {
		t.Errorf("got %+v, %v", cloud, err)
	}
	for _, bad := range []string{"", "http://127.0.0.1", "127.0.0.1:8443", "https://", "https://u:p@host", "https://host/path", "https://host?x=1", "https://host#x", "https://[::1"} {
		if _, err := identity.CustomCloud(bad, "https://graph", "https://manage"); err == nil {
			t.Errorf("login %q is taken", bad)
		}
		if _, err := identity.CustomCloud("https://login", bad, ""); err == nil || !strings.Contains(err.Error(), "graph") {
			t.Errorf("graph %q: %v", bad, err)
		}
	}
}

func TestHTTPClientStaysOnItsHost(t *testing.T) {
	var visits atomic.Int32
	foreign := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer foreign.Close()
	var own *httptest.Server
	own = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, foreign.URL, http.StatusFound)
		case "/plain":
			http.Redirect(w, r, strings.Replace(own.URL, "https", "http", 1), http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/near":
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}))
	defer own.Close()
	client, err := identity.NewHTTPClient(identity.HTTPOptions{RoundTripper: own.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	for path, refused := range map[string]bool{"/": false, "/near": false, "/away": true, "/plain": true, "/round": true} {
		err := fetch(t, client, own.URL+path)
		if _, ok := errors.AsType[*identity.RefusedError](err); ok != refused || !refused && err != nil {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if visits.Load() != 0 {
		t.Error("the foreign host was visited")
	}
	if err := fetch(t, client, "http://127.0.0.1:1/"); err == nil || !strings.Contains(err.Error(), "HTTPS only") {
		t.Errorf("plain HTTP: got %v", err)
	}
	if _, err := identity.NewHTTPClient(identity.HTTPOptions{CA: []byte("not PEM")}); err == nil {
		t.Error("a CA file without certificates is taken")
	}
}

func fetch(t *testing.T, client *http.Client, address string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}

func TestParseClaims(t *testing.T) {
	token := func(payload string) string {
		return "h." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".s"
	}
	c, ok := identity.ParseClaims(token(`{"aud":["x"],"tid":"AA","appid":"app","oid":"o","scp":"User.Read  Mail.Read","upn":"ada@x","wids":["W1"],"exp":1700000000,"idtyp":"user"}`))
	if !ok || c.TenantID != "aa" || c.AppOnly || c.User != "ada@x" || !slices.Equal(c.Scopes, []string{"User.Read", "Mail.Read"}) || !c.KnowsRoles ||
		!c.HasDirectoryRole("x", "w1") || c.HasDirectoryRole("w2") || !c.HasAny("x", "mail.read") || c.Expires.Unix() != 1700000000 {
		t.Errorf("got %+v", c)
	}
	c, ok = identity.ParseClaims(token(`{"tid":"aa","azp":"app","roles":["R"]}`))
	if !ok || !c.AppOnly || c.AppID != "app" || c.KnowsRoles || c.HasAny() {
		t.Errorf("got %+v", c)
	}
	for _, opaque := range []string{"", "opaque", "a.b.c", "a.b.c.d.e", token(`{}`), token(`[]`), token(`{"tid":5}`), "h.!!!.s"} {
		if c, ok := identity.ParseClaims(opaque); ok {
			t.Errorf("%q: got %+v", opaque, c)
		}
	}
}
