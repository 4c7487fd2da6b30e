package identity_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"leastwise/collector/identity"
)

// scripted is a credential that hands out given tokens, each for an hour.
type scripted struct {
	*source
	tokens []string
}

// GetToken is part of azcore.TokenCredential.
func (s *scripted) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token := s.tokens[0]
	s.tokens = s.tokens[1:]
	return azcore.AccessToken{Token: token, ExpiresOn: s.clock().Add(time.Hour)}, nil
}

func lives(tokens ...string) (*identity.Account, *source) {
	s := newSource(time.Hour)
	return identity.NewKeepingAccount(identity.KindCertificate, tenantID, s.clock, nil, &scripted{s, tokens}), s
}

// signed is a token with these claims.
func signed(claims string) string {
	return segment(`{"alg":"RS256"}`) + "." + segment(claims) + ".signature"
}

func TestATokenOfSomebodyElseIsRefused(t *testing.T) {
	opaque := "an-opaque-token-of-nobody-knows-whom"
	for _, c := range []struct {
		name   string
		claims []string // of the tokens, one after the other; opaque when it is no object
		want   string   // why the last one is refused; empty when it is not
	}{
		{"the same", []string{`{"appid":"x","oid":"1","upn":"ada"}`, `{"appid":"X","oid":"1","upn":"ada"}`}, ""},
		{"a new name", []string{`{"appid":"x","oid":"1","upn":"ada"}`, `{"appid":"x","oid":"1","upn":"ada.new"}`}, ""},
		{"another person", []string{`{"appid":"x","oid":"1","upn":"ada"}`, `{"appid":"x","oid":"2","upn":"ada"}`}, "ada (1) of application x, and now as ada (2) of application x"},
		{"another application", []string{`{"appid":"x","oid":"1"}`, `{"azp":"y","oid":"1"}`}, "1 of application x, and now as 1 of application y"},
		{"another person by name", []string{`{"appid":"x","upn":"ada"}`, `{"appid":"x","upn":"mallory"}`}, "ada of application x, and now as mallory of application x"},
		{"told later", []string{`{}`, `{"oid":"1"}`, `{"appid":"x"}`, `{"appid":"x","oid":"1"}`}, ""},
		{"told later, and another", []string{`{}`, `{"oid":"1"}`, `{"oid":"2"}`}, "1 of application unknown, and now as 2 of application unknown"},
		{"opaque between them", []string{`{"oid":"1"}`, opaque, `{"oid":"2"}`}, "1 of application unknown, and now as 2 of application unknown"},
		{"opaque", []string{opaque, opaque + "2"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tokens []string
			for _, claims := range c.claims {
				if claims[0] == '{' {
					claims = signed(strings.Replace(claims, "{", `{"tid":"`+tenantID+`"`+map[bool]string{true: "", false: ","}[claims == "{}"], 1))
				}
				tokens = append(tokens, claims)
			}
			account, s := lives(tokens...)
			for _, token := range tokens[:len(tokens)-1] {
				wantToken(t, account, token)
				s.advance(time.Hour)
			}
			_, err := get(t.Context(), account)
			changed, ok := errors.AsType[*identity.ChangedIdentityError](err)
			if c.want == "" && err != nil || c.want != "" && (!ok || !identity.WrongIdentity(err)) {
				t.Fatalf("got %v", err)
			}
			if want := "signed in with certificate as " + c.want + "; hint: do not sign in as somebody else during a run"; ok && changed.Error() != want {
				t.Errorf("got %v, want %s", changed, want)
			}
		})
	}
}

func TestHistoryTellsWhatTokensAllowed(t *testing.T) {
	claims := func(more string) string { return signed(`{"tid":"` + tenantID + `","oid":"1"` + more + `}`) }
	tokens := []string{claims(`,"roles":["b","a","a"]`), claims(`,"roles":["a","b"],"x":1`), claims(`,"roles":["a"],"scp":"z y","wids":["w"]`), "an-opaque-token-in-between", claims(`,"roles":["a","b"]`)}
	account, s := lives(tokens...)
	if got := account.History(scope); len(got) != 0 {
		t.Errorf("got %v before the first token", got)
	}
	for _, token := range tokens {
		wantToken(t, account, token)
		s.advance(time.Hour)
	}
	ab := identity.Permissions{Roles: []string{"a", "b"}}
	got := account.History(scope)
	if want := []identity.Permissions{ab, {Roles: []string{"a"}, Scopes: []string{"y", "z"}, DirectoryRoles: []string{"w"}}, ab}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if other := account.History("https://other/.default"); len(other) != 0 {
		t.Errorf("for another scope %v", other)
	}
	got[0].Roles = nil
	if again := account.History(scope); !slices.Equal(again[0].Roles, ab.Roles) {
		t.Error("the history can be changed")
	}
}

func TestLostNamesWhatIsMissing(t *testing.T) {
	had := identity.Permissions{Roles: []string{"A.Read", "B.Read"}, Scopes: []string{"C.Read"}, DirectoryRoles: []string{"F2EF992C-3AFB-46B9-B7CF-A126EE74C451", "unknown"}}
	for _, c := range []struct {
		have identity.Permissions
		want []string
	}{
		{had, nil},
		{identity.Permissions{Roles: []string{"a.read", "B.Read", "D"}, Scopes: []string{"c.read"}, DirectoryRoles: []string{"f2ef992c-3afb-46b9-b7cf-a126ee74c451", "unknown", "e"}}, nil},
		{identity.Permissions{}, []string{"A.Read", "B.Read", "C.Read", "directory role Global Reader", "directory role unknown"}},
		{identity.Permissions{Roles: had.Scopes, Scopes: had.Roles, DirectoryRoles: had.DirectoryRoles}, []string{"A.Read", "B.Read", "C.Read"}},
	} {
		if got := had.Lost(c.have); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.have, got, c.want)
		}
	}
}

// Tokens that were handed out are removed wherever they are quoted, whole or in part,
// but no word that a short one happens to be.
func TestTokensThatWereHandedOutAreRedacted(t *testing.T) {
	const first, second = "EwB4A8l6BAAU/bDba3x2+MJElk==", "EwB4-other-token/with+marks"
	account, s := lives(first, second, "short")
	for range 3 {
		if _, err := get(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		s.advance(time.Hour)
	}
	for text, want := range map[string]string{
		"a " + first + " b " + second + ".":                       "a [token] b [token].",
		"at ?t=EwB4A8l6BAAU%2FbDba3x2%2BMJElk%3D%3D&x":            "at ?t=[token]&x",
		"cut: " + first[:20] + "…, " + second[:16] + "X":          "cut: [token]…, [token]X",
		"too little: " + first[:15]:                               "too little: " + first[:15],
		"a short one":                                             "a short one",
		"Authorization: Bearer " + strings.Repeat("a/+.~-_", 4):   "Authorization: Bearer [token]",
		"the bearer of bad news, Bearer token, bearer tokens":     "the bearer of bad news, Bearer token, bearer tokens",
		"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.abc end": "[token] end",
	} {
		if got := account.Redact(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	// The last ones are remembered, not all there ever were.
	var tokens []string
	for i := range 40 {
		tokens = append(tokens, fmt.Sprintf("%02d-a-token-of-some-length", i))
	}
	account, s = lives(tokens...)
	for range tokens {
		if _, err := get(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		s.advance(time.Hour)
	}
	if got, want := account.Redact(strings.Join(tokens, " ")), strings.Join(tokens[:24], " ")+strings.Repeat(" [token]", 16); got != want {
		t.Errorf("got %s", got)
	}
}
