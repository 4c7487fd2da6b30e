package activity_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/activity"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// token is unsigned.
func token(claims map[string]any) string {
	all := map[string]any{"tid": tenantID, "appid": clientID, "exp": noon().AddDate(99, 0, 0).Unix()}
	maps.Copy(all, claims)
	payload, _ := json.Marshal(all)
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none"}`)) + "." + part(payload) + "." + part([]byte("unsigned"))
}

// reader are the claims of who may read the feed.
func reader() map[string]any { return map[string]any{"roles": []string{"ActivityFeed.Read"}} }

// scoped is a credential that has a token for each scope, and none for others.
type scoped map[string]string

// GetToken is part of azcore.TokenCredential.
func (s scoped) GetToken(_ context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	text, ok := s[opts.Scopes[0]]
	if !ok {
		return azcore.AccessToken{}, fmt.Errorf("nobody may ask for a token for %s", opts.Scopes[0])
	}
	return azcore.AccessToken{Token: text, ExpiresOn: noon().AddDate(99, 0, 0)}, nil
}

// client makes a client whose token has claims; nil makes it opaque.
func (a *api) client(claims map[string]any, changes ...func(*activity.Options)) *activity.Client {
	a.t.Helper()
	text := "opaque-token-of-nobody"
	if claims != nil {
		text = token(claims)
	}
	account := identity.NewAccount("secret", clientID, tenantID, false, scoped{a.URL + "/.default": text})
	opts := activity.Options{
		URL: a.URL, Cloud: "global", Account: account, HTTPClient: trusting(a.t, a.Server), Version: "1.2.3", Publisher: publisher,
		Clock: func() time.Time {
			a.mu.Lock()
			defer a.mu.Unlock()
			return a.now
		},
		MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: 2 * time.Millisecond, Patience: 10 * time.Second,
	}
	for _, change := range changes {
		change(&opts)
	}
	client, err := activity.New(opts)
	if err != nil {
		a.t.Fatal(err)
	}
	return client
}

// trusting is the client that leastwise uses.
func trusting(t testing.TB, server *httptest.Server) *http.Client {
	client, err := identity.NewHTTPClient(identity.HTTPOptions{RoundTripper: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// feed is what activity offers.
type feed interface {
	Read(ctx context.Context, state snapshot.State, each func(json.RawMessage, string) error) (snapshot.Covered, error)
}

// read reads a feed to its end and returns the ids of the records, sorted and once
// each.
func read(t testing.TB, f feed, windows ...snapshot.Window) ([]string, snapshot.Covered) {
	t.Helper()
	return readOn(t, f, snapshot.State{Windows: windows})
}

// readOn reads a feed that goes on from a state.
func readOn(t testing.TB, f feed, state snapshot.State) ([]string, snapshot.Covered) {
	t.Helper()
	met := map[string]bool{}
	covered, err := f.Read(t.Context(), state, func(record json.RawMessage, position string) error {
		var r struct{ ID string }
		if err := json.Unmarshal(record, &r); err != nil || r.ID == "" || position == "" {
			t.Errorf("%q at %q is no record", record, position)
		}
		met[r.ID] = true
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return slices.Sorted(maps.Keys(met)), covered
}

// snapshotOf runs the source of subscriptions against a new snapshot.
func snapshotOf(t testing.TB, client *activity.Client, more ...func(w *snapshot.Writer) error) *snapshot.Snapshot {
	t.Helper()
	dir := t.TempDir() + "/snapshot"
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: tenantID}, snapshot.Tool{Name: "leastwise"}, noon())
	if err != nil {
		t.Fatal(err)
	}
	err = client.Subscriptions().Collect(t.Context(), w)
	for _, do := range more {
		if err == nil {
			err = do(w)
		}
	}
	if err == nil {
		err = w.Commit(noon())
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// quiet takes down what a strict API complains of.
type quiet struct {
	testing.TB
	log *strings.Builder
}

// Errorf is part of testing.TB.
func (q quiet) Errorf(format string, args ...any) { fmt.Fprintf(q.log, format, args...) }
