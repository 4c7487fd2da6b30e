package identity

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Verdict is what a look at a token came to.
type Verdict string

// The verdicts.
const (
	Verified     Verdict = "verified"     // signature, issuer, tenant and times are right
	Invalid      Verdict = "invalid"      // one of them is wrong
	Unverifiable Verdict = "unverifiable" // nothing is known to be wrong, but not all could be checked
)

// Inspection is what is known of a token.
type Inspection struct {
	// Name is the member of a token response that it stood in, such as access_token;
	// "token" when it stood alone.
	Name string
	// Claims are there when Readable is true: that of an opaque or encrypted token
	// nobody can tell but the API that it is for.
	Claims   Claims
	Readable bool
	Verdict  Verdict
	// Reasons say why the token is not verified. It holds no part of the token.
	Reasons []string
}

// Inspector looks at tokens.
type Inspector struct {
	Cloud  Cloud
	Tenant string    // whose tokens are expected; "" for any
	Now    time.Time // at which tokens are to be valid
	// Keys gets the keys that sign the tokens of a tenant.
	Keys func(ctx context.Context, tenant string) (KeySet, error)
}

// A NamedToken is a token and the member of a token response that it stood in.
type NamedToken struct{ Name, Token string }

// maxTokens is far more than the authority's longest answer.
const maxTokens = 1 << 20

var (
	// RFC 6750 §2.1: what an Authorization header can carry.
	bearerToken = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)
	bearerName  = regexp.MustCompile(`^(?i)(authorization:\s*)?bearer\s+`)
)

// ReadTokens finds the tokens in a text: one token, with or without "Bearer" before
// it, or the answer of a token endpoint, of which access_token and id_token are taken
// (also accessToken, as the Azure CLI writes it). Its errors do not repeat the text.
func ReadTokens(text []byte) ([]NamedToken, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	switch {
	case len(text) == 0:
		return nil, errors.New("there is no token")
	case len(text) > maxTokens:
		return nil, fmt.Errorf("more than %d bytes are no token", maxTokens)
	case text[0] != '{':
		token := bearerName.ReplaceAllString(string(text), "")
		if !bearerToken.MatchString(token) {
			return nil, errors.New("this is no token: it has characters that no token has")
		}
		return []NamedToken{{"token", token}}, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, errors.New("this is no token, and no JSON either")
	}
	var found []NamedToken
	for _, name := range []string{"access_token", "accessToken", "id_token"} {
		var token string
		if member, ok := members[name]; !ok || json.Unmarshal(member, &token) != nil || token == "" {
			continue
		}
		if !bearerToken.MatchString(token) {
			return nil, fmt.Errorf("%s is no token: it has characters that no token has", name)
		}
		found = append(found, NamedToken{name, token})
	}
	if len(found) == 0 {
		return nil, errors.New("the JSON object has neither access_token nor id_token")
	}
	return found, nil
}

// Inspect looks at one token: it reads the claims and checks what others than the API
// it is for can check. A damaged token is an error, which does not repeat it.
func (i Inspector) Inspect(ctx context.Context, t NamedToken) (Inspection, error) {
	claims, err := decodeClaims(t.Token)
	if errors.Is(err, errOpaque) {
		return Inspection{Name: t.Name, Verdict: Unverifiable, Reasons: []string{
			"the token is opaque or encrypted: whose it is, what it allows and until when, only the API that it is for can tell",
		}}, nil
	}
	if err != nil {
		return Inspection{}, fmt.Errorf("%s: %w", t.Name, err)
	}
	found := Inspection{Name: t.Name, Claims: claims, Readable: true, Verdict: Verified}
	if wrong := i.wrong(claims); len(wrong) > 0 {
		found.Verdict, found.Reasons = Invalid, wrong
	}
	verdict, reason := i.signature(ctx, t.Token, claims)
	if reason != "" {
		found.Reasons = append(found.Reasons, reason)
	}
	if found.Verdict == Verified || verdict == Invalid {
		found.Verdict = verdict
	}
	return found, nil
}

// wrong lists what the claims say against the token.
func (i Inspector) wrong(c Claims) []string {
	var reasons []string
	say := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	switch {
	case c.Expires.IsZero():
		say("it says not when it expires")
	case !i.Now.Before(c.Expires):
		say("it expired on %s", c.Expires.Format(time.RFC3339))
	}
	if i.Now.Before(c.NotBefore) {
		say("it is not valid before %s", c.NotBefore.Format(time.RFC3339))
	}
	switch {
	case c.TenantID == "":
		say("it names no tenant: Microsoft Entra did not issue it")
	case i.Tenant != "" && !strings.EqualFold(c.TenantID, i.Tenant):
		say("it is of tenant %s, not of %s", c.TenantID, i.Tenant)
	case !i.Cloud.issues(c.Issuer, c.TenantID):
		say("its issuer %.100q is not the authority of cloud %s for its tenant", c.Issuer, i.Cloud.Name)
	}
	return reasons
}

// signature checks the signature, if that can be done, and says why not.
//
// The signature of a token for Microsoft Graph covers a header that only Graph can
// restore, and clients are told not to try
// (https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens).
func (i Inspector) signature(ctx context.Context, token string, c Claims) (Verdict, string) {
	switch algorithm := strings.ToUpper(c.Algorithm); {
	case algorithm == "" || algorithm == "NONE":
		return Invalid, "it is not signed (alg none)"
	case strings.HasPrefix(algorithm, "HS"):
		return Invalid, fmt.Sprintf("alg %.20q proves nothing: whoever can check such a signature can forge it", c.Algorithm)
	case c.HasNonce:
		return Unverifiable, "a nonce in its header keeps everybody but Microsoft Graph from checking its signature"
	case slices.ContainsFunc(c.Audience, i.isGraph):
		return Unverifiable, "it is for Microsoft Graph, which alone can check such tokens"
	case c.Algorithm != jwt.SigningMethodRS256.Alg():
		return Unverifiable, fmt.Sprintf("its signature cannot be checked: Microsoft Entra signs with RS256, not with %.20q", c.Algorithm)
	case c.KeyID == "":
		return Unverifiable, "its signature cannot be checked: the header names no key (kid)"
	case !i.Cloud.issues(c.Issuer, c.TenantID):
		return Unverifiable, "its signature was not checked: the keys of another issuer are not asked for"
	}
	set, err := i.Keys(ctx, c.TenantID)
	if err != nil {
		return Unverifiable, "its signature could not be checked: " + err.Error()
	}
	keys := set.find(c.KeyID)
	if len(keys) == 0 {
		return Unverifiable, fmt.Sprintf("its signature could not be checked: the authority has no key %.100q", c.KeyID)
	}
	if !signedByAny(token, keys) {
		return Invalid, "its signature is wrong: it was altered, or somebody else made it"
	}
	return Verified, ""
}

func signedByAny(token string, keys []*rsa.PublicKey) bool {
	at := strings.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(token[at+1:])
	return err == nil && slices.ContainsFunc(keys, func(key *rsa.PublicKey) bool {
		return jwt.SigningMethodRS256.Verify(token[:at], signature, key) == nil
	})
}

// GraphAppID is the application id of Microsoft Graph, the same in every cloud
// (https://learn.microsoft.com/graph/permissions-reference).
const GraphAppID = "00000003-0000-0000-c000-000000000000"

// isGraph reports whether an audience is Microsoft Graph, of whatever cloud.
func (i Inspector) isGraph(audience string) bool {
	audience = strings.TrimSuffix(audience, "/")
	return strings.EqualFold(audience, GraphAppID) || slices.ContainsFunc(append(Clouds(), i.Cloud), func(c Cloud) bool {
		return strings.EqualFold(audience, c.Graph)
	})
}
