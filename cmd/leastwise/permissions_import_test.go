package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const smallTable = `{"permissions": {"A.Read": {"authorizationType": "oAuth2", "schemes": {"Application": {"requiresAdminConsent": true}},
  "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/users": "least=Application"}}]}}}`

// publisher serves tables, and everything that may come in place of one.
func publisher(t *testing.T) (address, caFile string) {
	t.Helper()
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("another host was called")
		_, _ = w.Write([]byte(smallTable))
	}))
	t.Cleanup(elsewhere.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/permissions.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(smallTable)) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Sign in</html>")) })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write([]byte(smallTable))
	})
	mux.Handle("/moved", http.RedirectHandler(elsewhere.URL+"/permissions.json", http.StatusFound))
	mux.Handle("/here", http.RedirectHandler("/permissions.json", http.StatusFound))
	mux.Handle("/plain", http.RedirectHandler(strings.Replace(elsewhere.URL, "https", "http", 1), http.StatusFound))
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(caFile, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return server.URL, caFile
}

// A table comes from the address that was named and from nowhere else; what does not come whole is not imported.
func TestImportFromAnAddress(t *testing.T) {
	address, caFile := publisher(t)
	host := strings.TrimPrefix(address, "https://")
	for _, test := range []struct {
		path, want string // of standard error; imported when it is the host alone
	}{
		{"/permissions.json", "fetching from " + host + "\n"},
		{"/here", "fetching from " + host + "\n"},
		{"/permissions.json?sig=secret", "fetching from " + host + "\n"},
		{"/gone?sig=secret", host + " answers 404 Not Found"},
		{"/moved", "refused: redirect from " + host},
		{"/plain", "refused: redirect from " + host},
		{"/page", "nothing is imported: " + host + "/page:1: the document: invalid character '<'"},
		{"/cut", "nothing is imported, try again"},
	} {
		out := filepath.Join(t.TempDir(), "table.gz")
		f := newFakeTerminal(0, 0)
		code := f.run(t.Context(), []string{"permissions", "import", address + test.path, "--ca-file", caFile, "-o", out})
		_, err := os.Stat(out)
		imported := strings.HasPrefix(test.want, "fetching")
		if (code == exitClean) != imported || (err == nil) != imported {
			t.Errorf("%s: got exit code %d, and the file: %v", test.path, code, err)
		}
		if got := f.sent.String(); !strings.Contains(got, test.want) || strings.Contains(got, "secret") {
			t.Errorf("%s: got %q, want %q", test.path, got, test.want)
		}
	}
}

func TestImportTrustsNobodyElse(t *testing.T) {
	address, _ := publisher(t)
	f := newFakeTerminal(0, 0)
	code := f.run(t.Context(), []string{"permissions", "import", address + "/permissions.json?sig=secret", "-o", filepath.Join(t.TempDir(), "x.gz")})
	if got := f.sent.String(); code != exitBroken || !strings.Contains(got, "certificate") || strings.Contains(got, "secret") {
		t.Errorf("got exit code %d and %q", code, got)
	}
}
