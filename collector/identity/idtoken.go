package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// notBeforeLeeway is how far this machine's clock may be behind the authority's.
const notBeforeLeeway = 5 * time.Minute

// IDTokens validates id tokens of version 2.0, which tell who has signed in and from
// which tenant (https://learn.microsoft.com/entra/identity-platform/id-tokens,
// https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
type IDTokens struct {
	Cloud    Cloud
	ClientID string // whom tokens must be for
	Now      time.Time
	// Keys gets the keys that sign the tokens of a tenant, as FetchKeySet does. It is
	// asked for tenants that are GUIDs only.
	Keys func(ctx context.Context, tenant string) (KeySet, error)
}

// Validate returns the claims of an id token once everything about it is right:
// signature, issuer, audience, times, and that it was asked for with this nonce. Its
// errors say what is wrong and do not repeat the token.
func (v IDTokens) Validate(ctx context.Context, token, nonce string) (Claims, error) {
	claims, err := decodeClaims(token)
	if err != nil {
		return Claims{}, fmt.Errorf("id token: %w", err)
	}
	if err := v.claims(claims); err != nil {
		return Claims{}, fmt.Errorf("id token: %w", err)
	}
	if err := checkNonce(token, nonce); err != nil {
		return Claims{}, fmt.Errorf("id token: %w", err)
	}
	if err := v.signature(ctx, token, claims); err != nil {
		return Claims{}, fmt.Errorf("id token: %w", err)
	}
	return claims, nil
}

func (v IDTokens) claims(c Claims) error {
	switch {
	case !guid.MatchString(c.TenantID):
		return errors.New("it names no tenant (tid)")
	case !v.issued(c):
		return fmt.Errorf("its issuer %.100q is not the authority of cloud %s for its tenant", c.Issuer, v.Cloud.Name)
	case len(c.Audience) != 1 || !strings.EqualFold(c.Audience[0], v.ClientID):
		return errors.New("it is for another application (aud)")
	case c.Expires.IsZero():
		return errors.New("it says not when it expires (exp)")
	case !v.Now.Before(c.Expires):
		return fmt.Errorf("it expired on %s", c.Expires.Format(time.RFC3339))
	case v.Now.Add(notBeforeLeeway).Before(c.NotBefore):
		return fmt.Errorf("it is not valid before %s; hint: check this machine's clock", c.NotBefore.Format(time.RFC3339))
	}
	return nil
}

// issued reports whether the authority's version 2.0 endpoint names itself as issuer
// for the token's tenant.
func (v IDTokens) issued(c Claims) bool {
	return slices.ContainsFunc(v.Cloud.loginHosts(), func(host string) bool {
		return strings.EqualFold(c.Issuer, "https://"+host+"/"+c.TenantID+"/v2.0")
	})
}

// checkNonce compares the claim with what was sent: whoever replays a token of another
// sign-in does not know it (OpenID Connect Core 1.0 §3.1.3.7).
func checkNonce(token, want string) error {
	var claims struct {
		Nonce string `json:"nonce"`
	}
	parts := strings.Split(token, ".")
	if want == "" || len(parts) != 3 || !decodeSegment(parts[1], &claims) || subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(want)) != 1 {
		return errors.New("it was not made for this sign-in (nonce)")
	}
	return nil
}

func (v IDTokens) signature(ctx context.Context, token string, c Claims) error {
	if c.Algorithm != jwt.SigningMethodRS256.Alg() {
		return fmt.Errorf("it is signed with %.20q; Microsoft Entra signs with RS256", c.Algorithm)
	}
	set, err := v.Keys(ctx, c.TenantID)
	if err != nil {
		return err
	}
	keys := set.find(c.KeyID)
	if len(keys) == 0 {
		return fmt.Errorf("the authority has no key %.100q", c.KeyID)
	}
	if !signedByAny(token, keys) {
		return errors.New("its signature is wrong: it was altered, or somebody else made it")
	}
	return nil
}
