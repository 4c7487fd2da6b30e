package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Kinds of credentials.
const (
	KindCertificate = "certificate"
	KindSecret      = "secret"
	KindDeviceCode  = "device-code"
)

// Prompt is what a person needs to sign in on another device.
type Prompt struct {
	URL, Code, Message string
}

// Credential says how to sign in.
type Credential struct {
	Kind     string // certificate, secret or device-code
	ClientID string
	// CertificateFile is a PEM file with certificate and key; KeyFile holds the key
	// when it is in a file of its own.
	CertificateFile, KeyFile string
	Algorithm                string // PS256 (also when empty) or RS256
	Secret                   string
	// Prompt shows a device code to the person who signs in.
	Prompt func(context.Context, Prompt) error
}

// Options of New.
type Options struct {
	Cloud      Cloud
	Tenant     string // tenant id
	Credential Credential
	HTTPClient *http.Client // from NewHTTPClient
	Clock      func() time.Time
	Logger     *slog.Logger // nil is silent
	// Patience bounds one exchange with the authority, repetitions included: 5 s when
	// zero. A person who signs in on another device has minutes all the same.
	Patience time.Duration
}

// Account is a signed-in identity, or one that will sign in when a token is first
// needed. It is an azcore.TokenCredential and safe for concurrent use.
type Account struct {
	Kind     string
	ClientID string
	Tenant   string
	// Delegated is true when the account acts for a person.
	Delegated bool

	credential azcore.TokenCredential
	secret     string
	logger     *slog.Logger // nil is silent

	mu       sync.Mutex
	acquired map[string]time.Time // when the token for a scope expires that was logged
}

// New makes an account. It checks what it can without the network.
func New(opts Options) (*Account, error) {
	switch {
	case opts.HTTPClient == nil || opts.Clock == nil:
		return nil, errors.New("sign in: HTTPClient and Clock are required")
	case !guid.MatchString(opts.Tenant):
		return nil, fmt.Errorf("sign in: tenant %q is not a tenant id; hint: Entra admin center, Overview, Tenant ID", opts.Tenant)
	case !guid.MatchString(opts.Credential.ClientID):
		return nil, fmt.Errorf("sign in: client_id %q is not an application id", opts.Credential.ClientID)
	}
	credential, err := newCredential(opts)
	if err != nil {
		return nil, fmt.Errorf("sign in with %s: %w", opts.Credential.Kind, err)
	}
	return &Account{
		Kind: opts.Credential.Kind, ClientID: opts.Credential.ClientID, Tenant: opts.Tenant,
		Delegated: opts.Credential.Kind == KindDeviceCode, credential: credential, secret: opts.Credential.Secret,
		logger: opts.Logger,
	}, nil
}

// NewAccount wraps a credential that was made elsewhere.
func NewAccount(kind, clientID, tenant string, delegated bool, credential azcore.TokenCredential) *Account {
	return &Account{Kind: kind, ClientID: clientID, Tenant: tenant, Delegated: delegated, credential: credential}
}

func newCredential(opts Options) (azcore.TokenCredential, error) {
	c := opts.Credential
	client := loginOptions(opts)
	client.Cloud = cloud.Configuration{ActiveDirectoryAuthorityHost: opts.Cloud.Login}
	// Instance discovery asks the worldwide cloud whether an authority is genuine. Ours
	// come from a table or from the operator, and a sovereign or custom cloud has no
	// business calling the worldwide one.
	switch c.Kind {
	case KindCertificate:
		return newCertificateCredential(opts, client)
	case KindSecret:
		if c.Secret == "" {
			return nil, errors.New("the secret is empty")
		}
		return azidentity.NewClientSecretCredential(opts.Tenant, c.ClientID, c.Secret,
			&azidentity.ClientSecretCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
	case KindDeviceCode:
		if c.Prompt == nil {
			return nil, errors.New("there is nobody to show the device code to")
		}
		return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
			ClientOptions: client, DisableInstanceDiscovery: true, TenantID: opts.Tenant, ClientID: c.ClientID,
			UserPrompt: func(ctx context.Context, m azidentity.DeviceCodeMessage) error {
				return c.Prompt(ctx, Prompt{URL: m.VerificationURL, Code: m.UserCode, Message: m.Message})
			},
		})
	}
	return nil, fmt.Errorf("unknown kind of credential; hint: %s, %s or %s", KindCertificate, KindSecret, KindDeviceCode)
}

func newCertificateCredential(opts Options, client azcore.ClientOptions) (azcore.TokenCredential, error) {
	c := opts.Credential
	algorithm := cmp.Or(c.Algorithm, PS256)
	if algorithm != PS256 && algorithm != RS256 {
		return nil, fmt.Errorf("unknown algorithm %q; hint: %s or %s", algorithm, PS256, RS256)
	}
	certificate, err := loadCertificate(c.CertificateFile, c.KeyFile)
	if err != nil {
		return nil, err
	}
	audience := opts.Cloud.Login + "/" + opts.Tenant + "/oauth2/v2.0/token"
	sign := func(context.Context) (string, error) {
		return certificate.assertion(algorithm, c.ClientID, audience, opts.Clock())
	}
	return azidentity.NewClientAssertionCredential(opts.Tenant, c.ClientID, sign,
		&azidentity.ClientAssertionCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
}

var guid = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// GetToken is part of azcore.TokenCredential. A token of another tenant is an
// error, so that no request is ever made with it.
func (a *Account) GetToken(ctx context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	watch, broken := watched(ctx)
	token, err := a.credential.GetToken(watch, opts)
	if err != nil {
		if ctx.Err() != nil {
			return azcore.AccessToken{}, ctx.Err()
		}
		return azcore.AccessToken{}, newSignInError(a, err, broken)
	}
	if claims, ok := ParseClaims(token.Token); ok && !strings.EqualFold(claims.TenantID, a.Tenant) {
		return azcore.AccessToken{}, &WrongTenantError{Want: a.Tenant, Got: claims.TenantID}
	}
	a.log(ctx, opts.Scopes, token.ExpiresOn)
	return token, nil
}

// log tells of a token that was not there before; asked for again, it comes from
// memory.
func (a *Account) log(ctx context.Context, scopes []string, expires time.Time) {
	if a.logger == nil {
		return
	}
	scope := strings.Join(scopes, " ")
	a.mu.Lock()
	known := a.acquired[scope].Equal(expires)
	if a.acquired == nil {
		a.acquired = map[string]time.Time{}
	}
	a.acquired[scope] = expires
	a.mu.Unlock()
	if !known {
		a.logger.DebugContext(ctx, "token acquired", "kind", a.Kind, "client", a.ClientID, "tenant", a.Tenant,
			"scope", scope, "expires", expires.UTC().Format(time.RFC3339))
	}
}

// Claims signs in if need be and returns what the token for scope carries. The
// second result is false when the token cannot be read.
func (a *Account) Claims(ctx context.Context, scope string) (Claims, bool, error) {
	// EnableCAE as azcore's bearer token policy sets it, so that both use one token.
	token, err := a.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true})
	if err != nil {
		return Claims{}, false, err
	}
	claims, ok := ParseClaims(token.Token)
	return claims, ok, nil
}
