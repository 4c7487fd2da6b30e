package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

const (
	// renewalMargin is how long before its end a token is handed out for the last time.
	renewalMargin = 5 * time.Minute
	// renewalPause is how long a renewal is not tried again after it failed while the
	// old token was still good.
	renewalPause = 15 * time.Second
)

// tokenKey is what a token is good for.
type tokenKey struct {
	scopes, tenant string
	cae            bool
}

// keeping is one token that is kept, guarded by Account.mu.
type keeping struct {
	token    azcore.AccessToken
	received time.Time
	barren   time.Time // when a renewal brought nothing new
	flight   *flight   // the request under way; nil when there is none
}

// flight is one token request, for all that wait for it.
type flight struct {
	done      chan struct{}
	renewal   bool // it does not take a token from any cache
	cancelled bool // by the one who made it, which is nothing to the others
	token     azcore.AccessToken
	err       error
}

// GetToken is part of azcore.TokenCredential. Any number of callers cause one token
// request; what it brings is kept until five minutes before it expires, or, when it
// lives for less than that, until a fifth of its life is left. When the authority
// cannot be reached by then, the old token is handed out for a few minutes more.
//
// A token of another tenant is a WrongTenantError, and one of another application or
// person than the first a ChangedIdentityError, so that no request is ever made with it.
// Options with Claims never get a token that was there before.
func (a *Account) GetToken(ctx context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return a.obtain(ctx, opts, opts.Claims != "", "")
}

// Replace gets a token in place of one that was rejected with an answer 401:
// challenge is the WWW-Authenticate header of that answer, whose claims, if any, are
// passed on (https://learn.microsoft.com/entra/identity-platform/claims-challenge).
// When the rejected token has been replaced already, the new one is returned without
// a request; "" stands for any token that is there. Calls at the same time cause one
// token request. Where the account's token comes from another program, which keeps
// tokens itself, it may be the same as before.
func (a *Account) Replace(ctx context.Context, scope, challenge, rejected string) (azcore.AccessToken, error) {
	opts := policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true, Claims: challengedClaims(challenge)}
	// The Azure CLI takes no claims; it refuses them with advice, which is right for
	// those of a server.
	if opts.Claims == "" && a.Kind != KindAzureCLI {
		var now int64
		if a.clock != nil {
			now = a.clock().Unix()
		}
		opts.Claims = fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, now)
	}
	return a.obtain(ctx, opts, true, rejected)
}

var (
	challengeClaims = regexp.MustCompile(`(?i)(?:^|[\s,])claims\s*=\s*"?([A-Za-z0-9+/_-]+=*)`)
	bearerChallenge = regexp.MustCompile(`(?i)(?:^|[\s,])Bearer(?:\s|$)`)
)

// challengedClaims reads the claims of a WWW-Authenticate header; "" when it has none
// that can be read.
func challengedClaims(header string) string {
	at := bearerChallenge.FindStringIndex(header)
	if at == nil {
		return ""
	}
	found := challengeClaims.FindStringSubmatch(header[at[1]:])
	if found == nil {
		return ""
	}
	text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(found[1], "="))
	claims, err := base64.RawStdEncoding.DecodeString(text)
	var object map[string]json.RawMessage
	if err != nil || json.Unmarshal(claims, &object) != nil || len(object) == 0 {
		return ""
	}
	return string(claims)
}

// obtain returns the token that is kept, or that of a request which this caller or
// another one makes. With renewal, only the token of a renewal will do, or one that
// has taken the place of the rejected token.
func (a *Account) obtain(ctx context.Context, opts policy.TokenRequestOptions, renewal bool, rejected string) (azcore.AccessToken, error) {
	if a.clock == nil {
		return a.request(ctx, opts)
	}
	key := tokenKey{strings.Join(opts.Scopes, " "), opts.TenantID, opts.EnableCAE}
	for {
		if ctx.Err() != nil {
			return azcore.AccessToken{}, ctx.Err()
		}
		f, own, token := a.board(key, renewal, rejected)
		if f == nil {
			return token, nil
		}
		if own {
			f.token, f.err = a.request(ctx, opts)
			f.cancelled = ctx.Err() != nil
			return a.land(ctx, key, f)
		}
		select {
		case <-ctx.Done():
			return azcore.AccessToken{}, ctx.Err()
		case <-f.done:
		}
		if !f.cancelled && (f.renewal || !renewal) {
			return f.token, f.err
		}
	}
}

// board returns a token that can be handed out; or the flight to wait for, which is
// the caller's own to make when own is true.
func (a *Account) board(key tokenKey, renewal bool, rejected string) (f *flight, own bool, token azcore.AccessToken) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil {
		a.kept = map[tokenKey]*keeping{}
	}
	k := a.kept[key]
	if k == nil {
		k = &keeping{}
		a.kept[key] = k
	}
	now := a.clock()
	replaced := rejected != "" && k.token.Token != "" && k.token.Token != rejected
	if (!renewal || replaced) && k.good(now) {
		return nil, false, k.token
	}
	if k.flight != nil {
		return k.flight, false, azcore.AccessToken{}
	}
	k.flight = &flight{done: make(chan struct{}), renewal: renewal}
	return k.flight, true, azcore.AccessToken{}
}

// land keeps what a request brought, for all that wait.
func (a *Account) land(ctx context.Context, key tokenKey, f *flight) (azcore.AccessToken, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer close(f.done)
	k, now := a.kept[key], a.clock()
	k.flight = nil
	switch {
	case f.err == nil && f.token.Token == k.token.Token:
		k.barren = now
	case f.err == nil:
		k.token, k.received, k.barren = f.token, now, time.Time{}
		a.log(ctx, key, f.token.ExpiresOn)
	case !f.renewal && now.Before(k.lastUse()) && passingFault(f.err):
		if a.logger != nil {
			a.logger.WarnContext(ctx, "the token cannot be renewed yet", "kind", a.Kind, "error", f.err.Error(),
				"expires", k.token.ExpiresOn.UTC().Format(time.RFC3339))
		}
		k.barren = now
		f.token, f.err = k.token, nil
	}
	return f.token, f.err
}

// passingFault reports whether a sign-in failed in a way that may be over soon, so
// that an old token may serve in the meantime.
func passingFault(err error) bool {
	refused, ok := errors.AsType[*SignInError](err)
	return ok && refused.Code == "" && !Permanent(refused) && (refused.Status == 0 || Passing(refused.Status))
}

// margin is how long before its end the token is handed out for the last time.
func (k *keeping) margin() time.Duration {
	life := k.token.ExpiresOn.Sub(k.received)
	if life > renewalMargin {
		return renewalMargin
	}
	return life / 5
}

// lastUse is until when the token may be handed out while a new one cannot be had.
func (k *keeping) lastUse() time.Time { return k.token.ExpiresOn.Add(-k.margin() / 5) }

// good reports whether the token can be handed out without asking for a new one.
func (k *keeping) good(now time.Time) bool {
	pausing := now.Before(k.barren.Add(renewalPause)) && now.Before(k.lastUse())
	switch due := k.token.RefreshOn; {
	case k.token.Token == "":
		return false
	case !now.Before(k.token.ExpiresOn.Add(-k.margin())):
		return pausing
	case !due.IsZero() && !now.Before(due): // the authority would like to see it renewed early
		return pausing || k.flight != nil
	}
	return true
}

// request gets a token from the credential.
func (a *Account) request(ctx context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	watch, exchange := watched(ctx)
	token, err := a.credential.GetToken(watch, opts)
	if err == nil && token.Token == "" {
		err = errors.New("the answer holds no token")
	}
	if err != nil {
		if ctx.Err() != nil {
			return azcore.AccessToken{}, ctx.Err()
		}
		return azcore.AccessToken{}, newSignInError(a, err, exchange)
	}
	a.hide(token.Token)
	claims, ok := ParseClaims(token.Token)
	if ok && !strings.EqualFold(claims.TenantID, a.Tenant) {
		return azcore.AccessToken{}, &WrongTenantError{Want: a.Tenant, Got: claims.TenantID}
	}
	if ok {
		if err := a.remember(strings.Join(opts.Scopes, " "), claims); err != nil {
			return azcore.AccessToken{}, err
		}
		a.learn(claims)
	}
	return token, nil
}
