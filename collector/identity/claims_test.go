package identity_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/identity"
)

func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestClaimsOfEveryForm(t *testing.T) {
	instant := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
	for _, c := range []struct {
		name, header, payload string
		want                  identity.Claims
	}{
		{
			"app-only for Graph", `{"typ":"JWT","nonce":"n","alg":"RS256","kid":"k1","x5t":"k1"}`,
			`{"aud":"https://graph.microsoft.com","iss":"https://sts.windows.net/AA/","iat":1795165200,"nbf":1795165200,"exp":1795168800,"app_displayname":"auditor","appid":"app","idtyp":"app","oid":"o","roles":["R1","R2"],"tid":"AA","ver":"1.0","wids":["W1"]}`,
			identity.Claims{
				TenantID: "aa", AppID: "app", AppName: "auditor", ObjectID: "o", Audience: []string{"https://graph.microsoft.com"},
				Issuer: "https://sts.windows.net/AA/", Version: "1.0", Roles: []string{"R1", "R2"}, DirectoryRoles: []string{"W1"}, KnowsRoles: true,
				IdentityType: "app", AppOnly: true, Issued: instant(1795165200), NotBefore: instant(1795165200), Expires: instant(1795168800),
				Algorithm: "RS256", KeyID: "k1", HasNonce: true, Scopes: []string{},
			},
		},
		{
			"lists and texts the other way round", `{"alg":"RS256"}`,
			`{"aud":["a","b"],"tid":"aa","azp":"app","roles":"R","scp":["User.Read Mail.Read","Files.Read"],"wids":"W","exp":"1795168800","nbf":1795165200.9,"preferred_username":"ada@x","name":"Ada"}`,
			identity.Claims{
				TenantID: "aa", AppID: "app", User: "ada@x", UserName: "Ada", Audience: []string{"a", "b"}, Roles: []string{"R"},
				Scopes: []string{"User.Read", "Mail.Read", "Files.Read"}, DirectoryRoles: []string{"W"}, KnowsRoles: true,
				NotBefore: instant(1795165200), Expires: instant(1795168800), Algorithm: "RS256",
			},
		},
		{
			"nulls", `{"alg":"none"}`, `{"aud":null,"tid":"aa","roles":null,"scp":null,"wids":null,"exp":null,"iss":null}`,
			identity.Claims{TenantID: "aa", AppOnly: true, Algorithm: "none", Scopes: []string{}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := identity.ParseClaims(segment(c.header) + "." + segment(c.payload) + ".s")
			if diff := cmp.Diff(c.want, got); !ok || diff != "" {
				t.Errorf("%v (-want +got):\n%s", ok, diff)
			}
		})
	}
}

// What is not understood is not taken for a token without permissions.
func TestClaimsThatCannotBeReadMakeATokenOpaque(t *testing.T) {
	for _, member := range []string{
		`"roles":{"a":1}`, `"roles":[1]`, `"scp":5`, `"wids":true`, `"exp":"soon"`, `"exp":-1`, `"exp":1e300`, `"nbf":{}`, `"iat":[1]`,
		`"aud":7`, `"appid":7`, `"idtyp":false`,
	} {
		if got, ok := identity.ParseClaims("h." + segment(`{"tid":"aa",`+member+`}`) + ".s"); ok {
			t.Errorf("%s: got %+v", member, got)
		}
	}
}

func TestDirectoryRoleNames(t *testing.T) {
	for id, want := range map[string]string{
		"62E90394-69F5-4237-9190-012177145E10": "Global Administrator",
		"1a7d78b6-429f-476b-b8eb-35fb715fffd4": "SharePoint Embedded Administrator",
		"10000000-0000-4000-8000-000000000001": "",
	} {
		if got := identity.DirectoryRoleName(id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

func FuzzParseClaims(f *testing.F) {
	for _, seed := range []string{
		"", "opaque", "a.b.c", segment(`{"alg":"RS256"}`) + "." + segment(`{"tid":"aa","roles":["R"],"exp":1795168800}`) + ".c2ln",
		"." + segment(`{"tid":"aa","scp":"a b","wids":[]}`) + ".",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		claims, ok := identity.ParseClaims(token)
		if !ok {
			return
		}
		if claims.TenantID == "" || strings.Count(token, ".") != 2 {
			t.Errorf("%q is read as %+v", token, claims)
		}
		for _, instant := range []time.Time{claims.Issued, claims.NotBefore, claims.Expires} {
			if year := instant.Year(); !instant.IsZero() && (year < 1970 || year > 9999) {
				t.Errorf("%q: instant %v", token, instant)
			}
		}
		if _, err := json.Marshal(claims); err != nil { // an instant may be out of its range
			t.Errorf("%q: %v", token, err)
		}
		if claims.AppOnly && len(claims.Scopes) > 0 && claims.IdentityType != "app" {
			t.Errorf("%q: app-only with scopes %q", token, claims.Scopes)
		}
	})
}

func FuzzReadTokens(f *testing.F) {
	for _, seed := range []string{
		"", "opaque", "Bearer abc", `{"access_token":"abc","id_token":"a.b.c"}`, `{"accessToken":"x"}`, `{"access_token":7}`, "{", "a b",
		"\xef\xbb\xbfabc\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tokens, err := identity.ReadTokens(text)
		if (err == nil) != (len(tokens) > 0) {
			t.Fatalf("%q: %d tokens, %v", text, len(tokens), err)
		}
		inspector := identity.Inspector{Cloud: identity.Clouds()[0], Now: time.Unix(0, 0), Keys: noKeys}
		for _, token := range tokens {
			if strings.ContainsAny(token.Token, " \t\r\n\"{}") || token.Token == "" {
				t.Errorf("%q: token %q", text, token.Token)
			}
			found, err := inspector.Inspect(t.Context(), token)
			if err == nil && found.Verdict == identity.Verified {
				t.Errorf("%q: verified without keys", text)
			}
		}
	})
}
