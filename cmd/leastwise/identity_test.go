package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"software.sslmate.com/src/go-pkcs12"

	"leastwise/collector/identity"
	"leastwise/fixtures"
	"leastwise/fixtures/simulator"
)

// identityCommands are the script commands about signing in.
func identityCommands() map[string]scriptCommand {
	return map[string]scriptCommand{
		"shortlived TENANT DIR LIFETIME":   simulateShort,
		"pfx PEM FILE PASSWORD [legacy]":   writePFX,
		"splitpem PEM CERTIFICATE KEY":     splitPEM,
		"keypair FILE BITS":                writeKeyPair,
		"tokens ACCESS RESOURCE FILE":      fetchTokens,
		"keys ACCESS FILE":                 fetchKeys,
		"azurehost ACCESS":                 startAzureHost,
		"tokenrequests LOG LEAST GREATEST": countTokens,
	}
}

// simulateShort serves a tenant whose access tokens live for LIFETIME.
func simulateShort(ts *testscript.TestScript, args []string) error {
	lifetime, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	tenant, err := fs.Sub(fixtures.Tenants, "tenants/"+args[0])
	if err != nil {
		return err
	}
	sim, err := simulator.New(tenant, simulator.Options{Clock: time.Now, AutoApproveDevices: true, TokenLifetime: lifetime, Latency: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	if err := sim.Start(context.Background()); err != nil {
		return err
	}
	ts.Defer(func() { _ = sim.Close() })
	return sim.WriteFiles(ts.MkAbs(args[1]))
}

// countTokens demands that a verbose log tells of so many new tokens.
func countTokens(ts *testscript.TestScript, args []string) error {
	var least, greatest int
	if _, err := fmt.Sscan(args[1]+" "+args[2], &least, &greatest); err != nil {
		return err
	}
	if got := strings.Count(ts.ReadFile(args[0]), "token acquired"); got < least || got > greatest {
		return fmt.Errorf("%d tokens were acquired, want %d to %d", got, least, greatest)
	}
	return nil
}

// readPair reads certificate and key of a PEM file.
func readPair(ts *testscript.TestScript, file string) (*x509.Certificate, any, error) {
	var certificate *x509.Certificate
	var key any
	data := []byte(ts.ReadFile(file))
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return certificate, key, nil
		}
		var err error
		if block.Type == "CERTIFICATE" {
			certificate, err = x509.ParseCertificate(block.Bytes)
		} else {
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

func writePFX(ts *testscript.TestScript, args []string) error {
	certificate, key, err := readPair(ts, args[0])
	if err != nil {
		return err
	}
	encoder := pkcs12.Modern2023
	if len(args) > 3 {
		encoder = pkcs12.LegacyRC2
	}
	data, err := encoder.Encode(key, certificate, nil, args[2])
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), data, 0o600)
}

func splitPEM(ts *testscript.TestScript, args []string) error {
	certificate, key, found := strings.Cut(ts.ReadFile(args[0]), "-----BEGIN PRIVATE KEY")
	if !found {
		return errors.New("no private key")
	}
	err := os.WriteFile(ts.MkAbs(args[1]), []byte(certificate), 0o600)
	return errors.Join(err, os.WriteFile(ts.MkAbs(args[2]), []byte("-----BEGIN PRIVATE KEY"+key), 0o600))
}

// writeKeyPair makes a key of so many bits with its certificate.
func writeKeyPair(ts *testscript.TestScript, args []string) error {
	var bits int
	if _, err := fmt.Sscan(args[1], &bits); err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	return os.WriteFile(ts.MkAbs(args[0]), text, 0o600)
}

// access is what simulate wrote.
type access struct {
	Login, Graph, Management, Tenant string
	ClientID                         string `json:"client_id"`
	secret                           string
	client                           *http.Client
}

func openAccess(dir string) (*access, error) {
	data, err := os.ReadFile(filepath.Join(dir, "endpoints.json"))
	if err != nil {
		return nil, err
	}
	a := &access{}
	if err := json.Unmarshal(data, a); err != nil {
		return nil, err
	}
	secret, err := os.ReadFile(filepath.Join(dir, "client-secret.txt"))
	if err != nil {
		return nil, err
	}
	a.secret = strings.TrimSpace(string(secret))
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return nil, err
	}
	a.client, err = identity.NewHTTPClient(identity.HTTPOptions{CA: ca})
	return a, err
}

// post sends a form to the login API.
func (a *access) post(endpoint string, form url.Values) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, a.Login+"/"+a.Tenant+"/oauth2/v2.0/"+endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return a.do(req)
}

func (a *access) do(req *http.Request) ([]byte, error) {
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func (a *access) appToken(resource string) ([]byte, error) {
	return a.post("token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.secret}, "scope": {resource + "/.default"},
	})
}

// userTokens signs a person in with a device code.
func (a *access) userTokens() ([]byte, error) {
	started, err := a.post("devicecode", url.Values{"client_id": {a.ClientID}, "scope": {a.Graph + "/.default openid profile"}})
	if err != nil {
		return nil, err
	}
	var device struct {
		Code string `json:"device_code"`
	}
	if err := json.Unmarshal(started, &device); err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {a.ClientID}, "device_code": {device.Code}}
	if _, err := a.post("token", form); err != nil { // approved at the second poll
		return nil, err
	}
	return a.post("token", form)
}

// fetchTokens writes the answer of the token endpoint: for graph, management, or a user.
func fetchTokens(ts *testscript.TestScript, args []string) error {
	a, err := openAccess(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	var answer []byte
	switch args[1] {
	case "graph":
		answer, err = a.appToken(a.Graph)
	case "management":
		answer, err = a.appToken(a.Management)
	case "user":
		answer, err = a.userTokens()
	default:
		return fmt.Errorf("unknown resource %s", args[1])
	}
	if err == nil && !bytes.Contains(answer, []byte("access_token")) {
		err = fmt.Errorf("got %s", answer)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[2]), answer, 0o600)
}

func fetchKeys(ts *testscript.TestScript, args []string) error {
	a, err := openAccess(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, a.Login+"/"+a.Tenant+"/discovery/v2.0/keys", nil)
	if err != nil {
		return err
	}
	data, err := a.do(req)
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), data, 0o600)
}

// startAzureHost makes this machine an Azure host with an identity, which is the simulator's first client.
func startAzureHost(ts *testscript.TestScript, args []string) error {
	a, err := openAccess(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := a.appToken(r.URL.Query().Get("resource"))
		if err != nil || r.Header.Get("X-Identity-Header") != "header-of-the-host" {
			http.Error(w, "refused", http.StatusUnauthorized)
			return
		}
		members := map[string]any{}
		if err := json.Unmarshal(answer, &members); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		maps.Copy(members, map[string]any{"expires_on": fmt.Sprint(time.Now().Add(time.Hour).Unix()), "resource": r.URL.Query().Get("resource")})
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(members)
	}))
	ts.Defer(server.Close)
	ts.Setenv("IDENTITY_ENDPOINT", server.URL+"/msi/token")
	ts.Setenv("IDENTITY_HEADER", "header-of-the-host")
	return nil
}

// azureCLI is az for scripts: whoever has logged in is the simulator's user, or its first client when AZ_LOGIN is
// service-principal.
func azureCLI() {
	if err := printAzureToken(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ERROR:", err)
		os.Exit(1)
	}
}

func printAzureToken(args []string) error {
	a, err := openAccess(filepath.Join(os.Getenv("WORK"), "access"))
	if err != nil {
		return err
	}
	if !slices.Contains(args, a.Graph) || !slices.Contains(args, a.Tenant) || os.Getenv("AZ_LOGIN") == "" {
		return errors.New("Please run 'az login' to setup account.")
	}
	var answer []byte
	if os.Getenv("AZ_LOGIN") == "service-principal" {
		answer, err = a.appToken(a.Graph)
	} else {
		answer, err = a.userTokens()
	}
	if err != nil {
		return err
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(answer, &token); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"accessToken": token.AccessToken, "expires_on": time.Now().Add(time.Hour).Unix(), "tenant": a.Tenant, "tokenType": "Bearer",
	})
}

// openBrowser is xdg-open for scripts: it opens the page of the login API and sends on what it holds, as a browser does.
func openBrowser() {
	if err := followSignIn(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var (
	formAction = regexp.MustCompile(`action="([^"]*)"`)
	formField  = regexp.MustCompile(`name="(\w+)" value="([^"]*)"`)
)

func followSignIn(address string) error {
	a, err := openAccess(filepath.Join(os.Getenv("WORK"), "access"))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	page, err := a.do(req)
	if err != nil {
		return err
	}
	action := formAction.FindSubmatch(page)
	if action == nil {
		return fmt.Errorf("the page has no form: %s", page)
	}
	form := url.Values{}
	for _, field := range formField.FindAllStringSubmatch(string(page), -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	if os.Getenv("BROWSER_SAYS") == "no" {
		form = url.Values{"error": {"access_denied"}, "error_description": {"AADSTS65004: User declined to consent to access the app."}, "state": form["state"]}
	}
	send, err := http.NewRequestWithContext(context.Background(), http.MethodPost, html.UnescapeString(string(action[1])), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	send.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(send)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
