package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Options of New.
type Options struct {
	Cloud      Cloud
	Tenant     string // tenant id
	Credential Credential
	HTTPClient *http.Client // from NewHTTPClient
	Clock      func() time.Time
	Logger     *slog.Logger // nil is silent
	// Patience bounds one exchange with the authority, repetitions included: 5 s when
	// zero. A person who signs in has minutes all the same.
	Patience time.Duration
}

// Account is a signed-in identity, or one that will sign in when a token is first
// needed. It is an azcore.TokenCredential and safe for concurrent use.
type Account struct {
	Kind string
	// ClientID and Delegated are what the credential says. Those of an Azure CLI, and
	// the client id of a managed identity, are known once a token was had.
	ClientID string
	Tenant   string
	// Delegated is true when the account acts for a person.
	Delegated bool

	credential azcore.TokenCredential
	secrets    []string
	clock      func() time.Time // nil: tokens are left to the credential
	logger     *slog.Logger     // nil is silent

	mu        sync.Mutex
	kept      map[tokenKey]*keeping
	learnt    bool
	handedOut handedOut
}

// New makes an account. It checks what it can without the network.
func New(opts Options) (*Account, error) {
	c := opts.Credential
	switch {
	case opts.HTTPClient == nil || opts.Clock == nil:
		return nil, errors.New("sign in: HTTPClient and Clock are required")
	case !guid.MatchString(opts.Tenant):
		return nil, fmt.Errorf("sign in: tenant %q is not a tenant id; hint: Entra admin center, Overview, Tenant ID", opts.Tenant)
	case !guid.MatchString(c.ClientID) && (c.ClientID != "" || c.needsClientID()):
		return nil, fmt.Errorf("sign in: client_id %q is not an application id", c.ClientID)
	}
	credential, err := newCredential(opts)
	if err != nil {
		return nil, fmt.Errorf("sign in with %s: %w", c.Kind, err)
	}
	a := &Account{
		Kind: c.Kind, ClientID: c.ClientID, Tenant: opts.Tenant, Delegated: c.delegated(), credential: credential,
		clock: opts.Clock, logger: opts.Logger,
	}
	for _, secret := range []string{c.Secret, c.Password} {
		if secret != "" {
			a.secrets = append(a.secrets, secret)
		}
	}
	return a, nil
}

// NewAccount wraps a credential that was made elsewhere, and that keeps its tokens
// itself.
func NewAccount(kind, clientID, tenant string, delegated bool, credential azcore.TokenCredential) *Account {
	return &Account{
		Kind: kind, ClientID: clientID, Tenant: tenant, Delegated: delegated, credential: credential, learnt: true,
	}
}

var guid = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// learn takes from the first token what the credential does not say.
func (a *Account) learn(claims Claims) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.learnt {
		return
	}
	a.learnt = true
	switch a.Kind {
	case KindAzureCLI:
		a.ClientID, a.Delegated = claims.AppID, !claims.AppOnly
	case KindManaged:
		a.ClientID = claims.AppID
	}
}

// log tells of a new token.
func (a *Account) log(ctx context.Context, key tokenKey, expires time.Time) {
	if a.logger == nil {
		return
	}
	a.logger.DebugContext(ctx, "token acquired", "kind", a.Kind, "client", a.ClientID, "tenant", a.Tenant,
		"scope", key.scopes, "expires", expires.UTC().Format(time.RFC3339))
}

// Claims signs in if need be and returns what the token for scope carries. The
// second result is false when the token cannot be read.
func (a *Account) Claims(ctx context.Context, scope string) (Claims, bool, error) {
	// EnableCAE as for the token that goes to the API, so that both are one.
	token, err := a.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true})
	if err != nil {
		return Claims{}, false, err
	}
	claims, ok := ParseClaims(token.Token)
	return claims, ok, nil
}

// scrub removes from foreign text what must not be seen: the account's own secrets,
// what was sent in the exchange, and what looks like a token.
func (a *Account) scrub(text string, sent []string) string {
	for _, secret := range append(sent, a.secrets...) {
		text = Redact(text, secret)
	}
	return Redact(text, "")
}
