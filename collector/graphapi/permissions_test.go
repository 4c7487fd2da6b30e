package graphapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// renewed is a credential whose token a test renews.
type renewed struct {
	mu    sync.Mutex
	token string
	onOld string // instead, when claims are asked for
}

func (r *renewed) renew(claims map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.token = fakegraph.Token(claims)
}

// GetToken is part of azcore.TokenCredential.
func (r *renewed) GetToken(_ context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if opts.Claims != "" && r.onOld != "" {
		r.token = r.onOld
	}
	return azcore.AccessToken{Token: r.token, ExpiresOn: fakegraph.Now().AddDate(99, 0, 0)}, nil
}

func (r *renewed) account() *identity.Account {
	return identity.NewAccount("device-code", "20000000-0000-4000-8000-000000000001", fakegraph.TenantID, true, r)
}

// roles are the template ids that the tests have.
const (
	globalReader = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
	unknownRole  = "11111111-0000-4000-8000-000000000001"
)

func ada() map[string]any {
	return map[string]any{"scp": "Application.Read.All User.Read", "appid": "x", "oid": "1", "upn": "ada@testco", "wids": []string{globalReader, unknownRole}}
}

// What an account loses during the run makes every dataset partial that was read
// meanwhile or later, though each call succeeds.
func TestLostPermissionsMakeDatasetsPartial(t *testing.T) {
	const lost = "the account lost permissions during the run: "
	for _, c := range []struct {
		name    string
		during  []map[string]any // while the first dataset is read
		after   map[string]any   // while the second one is
		reasons [2]string
	}{
		{"nothing", []map[string]any{ada()}, ada(), [2]string{}},
		{"more", []map[string]any{with(ada(), "scp", "User.Read Mail.Read Application.Read.All")}, ada(), [2]string{}},
		{
			"a directory role",
			[]map[string]any{with(ada(), "wids", []string{unknownRole})},
			with(ada(), "wids", []string{unknownRole}),
			[2]string{lost + "directory role Global Reader", lost + "directory role Global Reader"},
		},
		{"all of them, and back", []map[string]any{with(ada(), "wids", nil), ada()}, ada(), [2]string{lost + "directory role " + unknownRole + ", directory role Global Reader", ""}},
		{"later", []map[string]any{ada()}, with(ada(), "scp", "User.Read"), [2]string{"", lost + "Application.Read.All"}},
		{
			"a role for a scope",
			[]map[string]any{with(with(ada(), "scp", nil), "roles", []string{"User.Read"})},
			ada(),
			[2]string{lost + "Application.Read.All, User.Read", lost + "Application.Read.All, User.Read"},
		}, // it is renewed within the second one
	} {
		t.Run(c.name, func(t *testing.T) {
			credential := &renewed{}
			credential.renew(ada())
			g := fakegraph.Start(t).On(things, fakegraph.Value(`{"id":"a","appId":"x"}`))
			client := g.Client(nil, func(o *graphapi.Options) { o.Account = credential.account() })
			s := session(t, client, func(s *graphapi.Session) {
				list := func(r *graphapi.Reading) error {
					return r.All(t.Context(), "", r.Graph.List(t.Context(), things, graphapi.Query{}), r.Add)
				}
				_, first := s.Collect(t.Context(), snapshot.Applications, func(r *graphapi.Reading) error {
					r.KeepCursor(snapshot.Cursor{})
					for _, claims := range c.during {
						credential.renew(claims)
						if _, err := r.Graph.Count(t.Context(), things); err == nil {
							t.Error("nothing can be counted here")
						}
					}
					return list(r)
				})
				credential.renew(c.after)
				_, second := s.Collect(t.Context(), snapshot.ServicePrincipals, list)
				if err := errors.Join(first, second); err != nil {
					t.Error(err)
				}
			})
			for i, name := range []snapshot.Name{snapshot.Applications, snapshot.ServicePrincipals} {
				d := s.Manifest.Datasets[name]
				if !strings.HasPrefix(d.Reason, c.reasons[i]) || (d.Reason == "") != (c.reasons[i] == "") || d.Confined && c.reasons[i] != "" {
					t.Errorf("%s: got %+v, want %q", name, d, c.reasons[i])
				}
				if (d.Status == snapshot.Collected) != (c.reasons[i] == "") || d.Rows != 1 {
					t.Errorf("%s is %s with %d rows", name, d.Status, d.Rows)
				}
			}
			if d := s.Manifest.Datasets[snapshot.Applications]; (d.Cursor == nil) != (c.reasons[0] != "") {
				t.Errorf("cursor %v", d.Cursor)
			}
		})
	}
}

// What was answered after a role had ended is not kept: under the name of the
// permissions of before, it would pass for more than it is.
func TestJournalHoldsNothingOfOtherPermissions(t *testing.T) {
	g, journal, credential := fakegraph.Start(t).On(things, fakegraph.Value(row("a"))).On("/v1.0/others", fakegraph.Value(row("b"))).On(thing(0), fakegraph.Answer{Body: `{"id":"c"}`}), newMemory(), &renewed{}
	credential.renew(ada())
	client := g.Client(nil, func(o *graphapi.Options) { o.Journal, o.Account = journal, credential.account() })
	if _, _, err := client.Claims(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := func(path string) {
		t.Helper()
		if _, err := ids(client.List(t.Context(), path, graphapi.Query{})); err != nil {
			t.Fatal(err)
		}
	}
	read(things)
	credential.renew(with(ada(), "wids", []string{}))
	read("/v1.0/others")
	credential.renew(ada()) // nobody can tell any more with which of the two
	if got := outcomes(t, client, []graphapi.Request{{Path: thing(0)}}); got[0] != `{"id":"c"}` {
		t.Errorf("got %v", got)
	}
	if got := journal.pages(); !slices.Equal(got, []string{row("a")}) {
		t.Errorf("the journal holds %q", got)
	}
}

// Somebody else's token ends the run, whether it is renewed in time or after a 401.
func TestAnotherIdentityEndsTheRun(t *testing.T) {
	mallory := with(ada(), "oid", "2")
	for name, change := range map[string]func(r *renewed, g *fakegraph.Graph){
		"renewed": func(r *renewed, _ *fakegraph.Graph) { r.renew(mallory) },
		"after a 401": func(r *renewed, g *fakegraph.Graph) {
			r.onOld = fakegraph.Token(mallory)
			g.On(things, fakegraph.Answer{Status: http.StatusUnauthorized, Body: `{"error":{"code":"InvalidAuthenticationToken","message":"expired"}}`}, fakegraph.Value(row("m")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			credential := &renewed{}
			credential.renew(ada())
			g := fakegraph.Start(t).On(things, fakegraph.Value(row("a")))
			client := g.Client(nil, func(o *graphapi.Options) { o.Account = credential.account() })
			session(t, client, func(s *graphapi.Session) {
				change(credential, g)
				before := len(g.Requests(""))
				_, err := s.Collect(t.Context(), snapshot.Applications, func(r *graphapi.Reading) error {
					return r.All(t.Context(), "", r.Graph.List(t.Context(), things, graphapi.Query{}), r.Add)
				})
				changed, ok := errors.AsType[*identity.ChangedIdentityError](err)
				if !ok || *changed != (identity.ChangedIdentityError{Kind: "device-code", Want: "ada@testco (1) of application x", Got: "ada@testco (2) of application x"}) {
					t.Errorf("got %v", err)
				}
				if n := len(g.Requests("")) - before; n > 1 {
					t.Errorf("%d requests", n)
				}
			})
			for _, r := range g.Requests("") {
				if claims, _ := identity.ParseClaims(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")); claims.ObjectID != "1" {
					t.Errorf("a request was made as %q", claims.ObjectID)
				}
			}
		})
	}
}

// A server that tells the token back, tells it nobody else.
func TestTokensThatAreToldBackAreNotTold(t *testing.T) {
	const token = "EwB4A8l6BAAUbDba3x2OMJElkF7gJ4z+VbCPEz0AAb3/1xYq8ZkQ2w+9Jm0f/abcdefghij+SECRETSECRET=="
	var log bytes.Buffer
	g := fakegraph.Start(t)
	echo := func(status int, body string) fakegraph.Answer {
		return fakegraph.Answer{Status: status, Body: body, Header: map[string]string{"request-id": token, "Retry-After": token}}
	}
	refused := `{"error":{"code":"` + token + `","message":"header ` + token + ` and EwB4A8l6BAAUbDba3x2OMJElkF7gJ4z%2BVbCPEz0AAb3%2F1xYq8ZkQ2w%2B9Jm0f%2Fabcdefghij%2BSECRETSECRET%3D%3D"}}`
	g.On("/v1.0/denied", echo(403, refused)).On("/v1.0/busy", echo(503, refused)).On("/v1.0/page", echo(200, refused))
	g.On("/v1.0/"+token, echo(404, refused)).On(thing(0), echo(403, refused)).On(thing(1), echo(200, refused)).On(thing(2), echo(503, refused))
	g.On("/v1.0/link", fakegraph.Answer{Body: `{"value":[],"@odata.nextLink":"https://` + token + `/v1.0/link"}`})
	g.On("/v1.0/moved", fakegraph.Answer{Status: 302, Header: map[string]string{"Location": "https://elsewhere/" + token}})
	credential := &renewed{token: token}
	client := g.Client(nil, func(o *graphapi.Options) {
		o.Account, o.MaxRetries = credential.account(), 1
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	told := func(err error) {
		t.Helper()
		if err == nil {
			t.Fatal("no error")
		}
		evidence, _ := json.Marshal(graphapi.Missing(err))
		if text := err.Error() + string(evidence); strings.Contains(text, "SECRET") || strings.Contains(text, "EwB4") {
			t.Errorf("told: %s", text)
		}
	}
	for _, path := range []string{"denied", "busy", "page", token, "link", "moved"} {
		_, err := ids(client.List(t.Context(), "/v1.0/"+path, graphapi.Query{}))
		told(err)
		told(client.Get(t.Context(), "/v1.0/"+path, graphapi.Query{}, &struct{ Value int }{}))
	}
	for _, text := range outcomes(t, client, []graphapi.Request{{Path: thing(0)}, {Path: thing(1)}, {Path: thing(2)}}) {
		told(errors.New(text))
		if !strings.Contains(text, "[token]") {
			t.Errorf("got %s", text)
		}
	}
	if text := log.String(); strings.Contains(text, "SECRET") || strings.Contains(text, "EwB4") || !strings.Contains(text, "[token]") {
		t.Errorf("logged: %s", text)
	}
}

func TestRequestIDsAreNumbersOrNothing(t *testing.T) {
	for id, want := range map[string]string{
		"e5a9b0c1-0000-4000-8000-000000000001": "e5a9b0c1-0000-4000-8000-000000000001", strings.Repeat("a", 64): strings.Repeat("a", 64),
		strings.Repeat("a", 65): "", "a b": "", "a.b": "", "a/b": "", "": "", "ä": "",
	} {
		g := fakegraph.Start(t).On(things, fakegraph.Answer{Status: 403, Header: map[string]string{"request-id": id}, Body: fakegraph.Denied().Body}).On(thing(0), fakegraph.Answer{Status: 403, Header: map[string]string{"request-id": id}, Body: fakegraph.Denied().Body})
		var got []string
		note := func(err error) {
			e, _ := errors.AsType[*graphapi.Error](err)
			got = append(got, e.RequestID)
		}
		note(g.Client(claims()).Get(t.Context(), things, graphapi.Query{}, new(any)))
		err := g.Client(claims()).GetEach(t.Context(), []graphapi.Request{{Path: thing(0)}}, func(_ int, _ json.RawMessage, err error) error { note(err); return nil })
		if err != nil || !slices.Equal(got, []string{want, want}) {
			t.Errorf("%q: got %q, %v", id, got, err)
		}
	}
}
