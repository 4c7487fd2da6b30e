// Package fakegraph is a Microsoft Graph of a few canned answers, for tests of what
// the simulator does not do: answers that break off, lie, or lead elsewhere.
package fakegraph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// TenantID is the tenant that the fake is of.
const TenantID = "10000000-0000-4000-8000-000000000001"

// Now is when tests take place.
func Now() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }

// expiry of every token; azcore compares it with the clock of the machine.
func expiry() time.Time { return Now().AddDate(99, 0, 0) }

// Answer is one canned answer. In Body, {{graph}} stands for the server's URL.
type Answer struct {
	Status int // 200 when 0
	Header map[string]string
	Body   string
	// Cut ends the answer before its announced length.
	Cut bool
}

// Request is one request that arrived.
type Request struct {
	Method, Path, Body string
	Query              url.Values
	Header             http.Header
}

// Graph is the server.
type Graph struct {
	*httptest.Server
	// Clock of the clients; it stands still unless a test sets it.
	Clock func() time.Time

	t testing.TB

	mu       sync.Mutex
	answers  map[string][]Answer
	requests []Request
}

// Start starts a server that knows no answers yet.
func Start(t testing.TB) *Graph {
	t.Helper()
	g := &Graph{t: t, answers: map[string][]Answer{}, Clock: Now}
	g.Server = httptest.NewTLSServer(g)
	t.Cleanup(g.Close)
	return g
}

// On sets the answers to a path with its API version, one after the other; the
// last one repeats. A query that must be met, such as $skiptoken=2, can follow
// after a question mark.
func (g *Graph) On(path string, answers ...Answer) *Graph {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers[path] = answers
	return g
}

// Value is an answer of rows, without further pages.
func Value(rows ...string) Answer {
	return Answer{Body: `{"value":[` + strings.Join(rows, ",") + `]}`}
}

// Denied is a refusal as the directory words it.
func Denied() Answer {
	return Answer{Status: http.StatusForbidden, Body: `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`}
}

// ServeHTTP is part of http.Handler.
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a test sees what is missing
	g.mu.Lock()
	g.requests = append(g.requests, Request{r.Method, r.URL.Path, string(body), r.URL.Query(), r.Header.Clone()})
	answer, ok := g.next(r)
	g.mu.Unlock()
	if !ok {
		answer = Answer{Status: http.StatusNotFound, Body: `{"error":{"code":"Request_ResourceNotFound","message":"nothing is set for this path"}}`}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("request-id", "request-1")
	for name, value := range answer.Header {
		w.Header().Set(name, strings.ReplaceAll(value, "{{graph}}", g.URL))
	}
	text := strings.ReplaceAll(answer.Body, "{{graph}}", g.URL)
	if answer.Cut {
		w.Header().Set("Content-Length", "1000000")
	}
	if answer.Status != 0 {
		w.WriteHeader(answer.Status)
	}
	_, _ = io.WriteString(w, text) // the client may have gone
	if answer.Cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// next picks the answer to a request, the one with a query first.
func (g *Graph) next(r *http.Request) (Answer, bool) {
	key := r.URL.Path
	for name, values := range r.URL.Query() {
		if with := r.URL.Path + "?" + name + "=" + values[0]; g.answers[with] != nil {
			key = with
		}
	}
	answers := g.answers[key]
	if len(answers) == 0 {
		return Answer{}, false
	}
	if len(answers) > 1 {
		g.answers[key] = answers[1:]
	}
	return answers[0], true
}

// Requests lists what arrived for a path; all of it for "".
func (g *Graph) Requests(path string) []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []Request
	for _, r := range g.requests {
		if path == "" || r.Path == path {
			found = append(found, r)
		}
	}
	return found
}

// Client makes a client whose token carries claims besides tenant and expiry. Nil
// claims make the token opaque.
func (g *Graph) Client(claims map[string]any) *graphapi.Client {
	g.t.Helper()
	token := "opaque"
	if claims != nil {
		token = Token(claims)
	}
	_, delegated := claims["scp"]
	account := identity.NewAccount("secret", "20000000-0000-4000-8000-000000000001", TenantID, delegated, static(token))
	client, err := graphapi.New(graphapi.Options{
		URL: g.URL, Account: account, HTTPClient: g.HTTPClient(), Version: "1.2.3", Clock: g.Clock,
		MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: 5 * time.Second,
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return client
}

// HTTPClient makes the client that leastwise uses, trusting the server.
func (g *Graph) HTTPClient() *http.Client {
	g.t.Helper()
	client, err := identity.NewHTTPClient(identity.HTTPOptions{RoundTripper: g.Server.Client().Transport})
	if err != nil {
		g.t.Fatal(err)
	}
	return client
}

// Token makes an unsigned access token.
func Token(claims map[string]any) string {
	all := map[string]any{"tid": TenantID, "exp": expiry().Unix()}
	maps.Copy(all, claims)
	payload, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none"}`)) + "." + part(payload) + "." + part([]byte("unsigned"))
}

// static is a credential that always has the same token.
type static string

// GetToken is part of azcore.TokenCredential.
func (s static) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(s), ExpiresOn: expiry()}, nil
}

// Snapshot runs collect against a new snapshot and opens what it made.
func Snapshot(t testing.TB, collect func(w *snapshot.Writer) error) *snapshot.Snapshot {
	t.Helper()
	dir := t.TempDir() + "/snapshot"
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: TenantID}, snapshot.Tool{Name: "leastwise"}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := collect(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Rows reads a dataset, each row as its JSON text.
func Rows(t testing.TB, s *snapshot.Snapshot, name snapshot.Name) []string {
	t.Helper()
	var rows []string
	for line, err := range s.Rows(name) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, string(line))
	}
	return rows
}
