// Package fakegraph is a Microsoft Graph of a few canned answers, for tests of what
// the simulator does not do: answers that break off, lie, or lead elsewhere.
package fakegraph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
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
	// Reset ends the connection without an answer.
	Reset bool
	// Meanwhile is called before the answer goes out.
	Meanwhile func()
}

// Request is one request that arrived, by itself or as part of a batch.
type Request struct {
	Method, Path, Body string
	Query              url.Values
	Header             http.Header
	// Batch is the number of the batch that it is part of, from 1; 0 when it came by
	// itself.
	Batch int
}

// Graph is the server.
type Graph struct {
	*httptest.Server
	// Clock of the clients; it stands still unless a test sets it.
	Clock func() time.Time
	// Arrived, when set, is called with each request before it is answered. Parts of a
	// batch arrive one after the other, other requests side by side.
	Arrived func(Request)

	t         testing.TB
	transport http.RoundTripper

	mu       sync.Mutex
	answers  map[string][]Answer
	requests []Request
	batches  int     // how many came
	spoils   []Spoil // for the next batches
}

// Start starts a server that knows no answers yet.
func Start(t testing.TB) *Graph {
	t.Helper()
	g := &Graph{t: t, answers: map[string][]Answer{}, Clock: Now}
	g.Server = httptest.NewUnstartedServer(g)
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // clients that leave are part of the tests
	g.StartTLS()
	g.transport = g.Server.Client().Transport
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
	request := Request{Method: r.Method, Path: r.URL.Path, Body: string(body), Query: r.URL.Query(), Header: r.Header.Clone()}
	var answer Answer
	if version, ok := strings.CutSuffix(r.URL.Path, "/$batch"); ok {
		answer = g.batch(version, request)
	} else {
		answer = g.answer(request)
	}
	if answer.Reset {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("request-id", "request-1")
	for name, value := range answer.Header {
		w.Header().Set(name, value)
	}
	if answer.Cut {
		w.Header().Set("Content-Length", "1000000")
	}
	if answer.Status != 0 {
		w.WriteHeader(answer.Status)
	}
	_, _ = io.WriteString(w, answer.Body) // the client may have gone
	if answer.Cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// answer notes a request and picks its answer.
func (g *Graph) answer(r Request) Answer {
	g.mu.Lock()
	g.requests = append(g.requests, r)
	answer, ok := g.next(r)
	g.mu.Unlock()
	if g.Arrived != nil {
		g.Arrived(r)
	}
	if !ok {
		return Answer{Status: http.StatusNotFound, Body: `{"error":{"code":"Request_ResourceNotFound","message":"nothing is set for this path"}}`}
	}
	if answer.Meanwhile != nil {
		answer.Meanwhile()
	}
	answer.Header = maps.Clone(answer.Header)
	for name, value := range answer.Header {
		answer.Header[name] = strings.ReplaceAll(value, "{{graph}}", g.URL)
	}
	answer.Body = strings.ReplaceAll(answer.Body, "{{graph}}", g.URL)
	return answer
}

// next picks the answer to a request: the one for its page first, then one for
// another part of its query.
func (g *Graph) next(r Request) (Answer, bool) {
	key := r.Path
	for _, name := range append(slices.Sorted(maps.Keys(r.Query)), "$skiptoken") {
		if with := r.Path + "?" + name + "=" + r.Query.Get(name); g.answers[with] != nil {
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
// claims make the token opaque. Each change may set what is peculiar to a test.
func (g *Graph) Client(claims map[string]any, changes ...func(*graphapi.Options)) *graphapi.Client {
	g.t.Helper()
	token := "opaque"
	if claims != nil {
		token = Token(claims)
	}
	_, delegated := claims["scp"]
	account := identity.NewAccount("secret", "20000000-0000-4000-8000-000000000001", TenantID, delegated, static(token))
	opts := graphapi.Options{
		URL: g.URL, Account: account, HTTPClient: g.HTTPClient(), Version: "1.2.3", Clock: g.Clock,
		MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: 5 * time.Second,
	}
	for _, change := range changes {
		change(&opts)
	}
	client, err := graphapi.New(opts)
	if err != nil {
		g.t.Fatal(err)
	}
	return client
}

// HTTPClient makes the client that leastwise uses, trusting the server.
func (g *Graph) HTTPClient() *http.Client {
	g.t.Helper()
	client, err := identity.NewHTTPClient(identity.HTTPOptions{RoundTripper: g.transport})
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
	return SnapshotAt(t, t.TempDir()+"/snapshot", collect)
}

// SnapshotAt is Snapshot in a folder that the test knows.
func SnapshotAt(t testing.TB, dir string, collect func(w *snapshot.Writer) error) *snapshot.Snapshot {
	t.Helper()
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
