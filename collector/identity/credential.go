package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Kinds of credentials.
const (
	KindCertificate = "certificate" // of an app registration
	KindSecret      = "secret"      // of an app registration
	KindEnvironment = "environment" // secret or certificate, as the variables AZURE_… name it
	KindWorkload    = "workload"    // federated token of a Kubernetes pod or a pipeline
	KindManaged     = "managed"     // identity of an Azure host
	KindAzureCLI    = "azure-cli"   // whoever has run az login
	KindDeviceCode  = "device-code" // a person, on another device
	KindBrowser     = "browser"     // a person, on this one
)

// Kinds lists the kinds of credentials.
func Kinds() []string {
	return []string{
		KindCertificate, KindSecret, KindEnvironment, KindWorkload, KindManaged, KindAzureCLI, KindDeviceCode, KindBrowser,
	}
}

// signInTime is how long a person has to sign in with a browser; a device code says
// itself when it expires.
const signInTime = 10 * time.Minute

// Prompt is what a person needs to sign in.
type Prompt struct {
	URL, Code string // of a device code; empty when a browser opens by itself
	Message   string
}

// Credential says how to sign in. Nothing is taken from the environment, but that a
// managed identity has its endpoint from there, the Azure CLI runs in it, and
// azidentity honours AZURE_REGIONAL_AUTHORITY_NAME.
type Credential struct {
	Kind     string // one of Kinds
	ClientID string // may be empty for managed: the host's own identity; unused for azure-cli
	// CertificateFile is a PEM file with certificate and key, or a PFX (PKCS#12) file;
	// KeyFile holds the PEM key when it is in a file of its own.
	CertificateFile, KeyFile string
	Password                 string // of the PFX file
	Algorithm                string // PS256 (also when empty) or RS256
	Secret                   string
	TokenFile                string // of a workload: it holds the federated token
	// Prompt tells the person who signs in what to do.
	Prompt func(context.Context, Prompt) error
}

// delegated reports whether the credential is a person's, as far as is known before
// the sign-in.
func (c Credential) delegated() bool {
	return slices.Contains([]string{KindDeviceCode, KindBrowser, KindAzureCLI}, c.Kind)
}

func (c Credential) needsClientID() bool { return c.Kind != KindManaged && c.Kind != KindAzureCLI }

func newCredential(opts Options) (azcore.TokenCredential, error) {
	c := opts.Credential
	client := loginOptions(opts)
	client.Cloud = cloud.Configuration{ActiveDirectoryAuthorityHost: opts.Cloud.Login}
	switch c.Kind {
	case KindCertificate:
		return newCertificateCredential(opts, client)
	case KindSecret:
		return newSecretCredential(opts, client)
	case KindEnvironment:
		if c.Secret == "" && c.CertificateFile != "" {
			return newCertificateCredential(opts, client)
		}
		return newSecretCredential(opts, client)
	case KindWorkload:
		return newWorkloadCredential(opts, client)
	case KindManaged:
		return newManagedCredential(opts)
	case KindAzureCLI:
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: opts.Tenant})
	case KindDeviceCode:
		return newDeviceCodeCredential(opts, client)
	case KindBrowser:
		return newBrowserCredential(opts, client)
	}
	return nil, fmt.Errorf("unknown kind of credential; hint: %s", strings.Join(Kinds(), ", "))
}

// All credentials are made without instance discovery, which asks the worldwide cloud
// whether an authority is genuine. Ours come from a table or from the operator, and a
// sovereign or custom cloud has no business calling the worldwide one.

func newSecretCredential(opts Options, client azcore.ClientOptions) (azcore.TokenCredential, error) {
	c := opts.Credential
	if c.Secret == "" {
		return nil, errors.New("the secret is empty")
	}
	return azidentity.NewClientSecretCredential(opts.Tenant, c.ClientID, c.Secret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
}

func newCertificateCredential(opts Options, client azcore.ClientOptions) (azcore.TokenCredential, error) {
	c := opts.Credential
	algorithm := cmp.Or(c.Algorithm, PS256)
	if algorithm != PS256 && algorithm != RS256 {
		return nil, fmt.Errorf("unknown algorithm %q; hint: %s or %s", algorithm, PS256, RS256)
	}
	certificate, err := loadCertificate(c.CertificateFile, c.KeyFile, c.Password)
	if err != nil {
		return nil, err
	}
	audience := opts.Cloud.Login + "/" + opts.Tenant + "/oauth2/v2.0/token"
	sign := func(context.Context) (string, error) {
		return certificate.assertion(algorithm, c.ClientID, audience, opts.Clock())
	}
	return newAssertionCredential(opts, client, sign)
}

// newWorkloadCredential signs in with a token that another authority has issued and
// that the app registration trusts. It is read anew for each request: whoever puts it
// there replaces it before it expires
// (https://learn.microsoft.com/entra/workload-id/workload-identity-federation).
func newWorkloadCredential(opts Options, client azcore.ClientOptions) (azcore.TokenCredential, error) {
	file := opts.Credential.TokenFile
	if file == "" {
		return nil, errors.New("no file with the federated token")
	}
	read := func(context.Context) (string, error) {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read federated token: %w", err)
		}
		token := strings.TrimSpace(string(data))
		if token == "" {
			return "", fmt.Errorf("read federated token: %s is empty", file)
		}
		return token, nil
	}
	if _, err := read(context.Background()); err != nil {
		return nil, err
	}
	return newAssertionCredential(opts, client, read)
}

func newAssertionCredential(opts Options, client azcore.ClientOptions, assertion func(context.Context) (string, error)) (azcore.TokenCredential, error) {
	return azidentity.NewClientAssertionCredential(opts.Tenant, opts.Credential.ClientID, assertion,
		&azidentity.ClientAssertionCredentialOptions{ClientOptions: client, DisableInstanceDiscovery: true})
}

func newDeviceCodeCredential(opts Options, client azcore.ClientOptions) (azcore.TokenCredential, error) {
	c := opts.Credential
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

// browser is an interactive credential that tells the person about the window, once,
// and does not wait for ever.
type browser struct {
	*azidentity.InteractiveBrowserCredential
	tell func(context.Context) error
}

func newBrowserCredential(opts Options, client azcore.ClientOptions) (azcore.TokenCredential, error) {
	c := opts.Credential
	if c.Prompt == nil {
		return nil, errors.New("there is nobody to sign in")
	}
	// Without a redirect URL of its own the credential listens on a free port of
	// http://localhost, which Entra accepts for a registered http://localhost
	// (https://learn.microsoft.com/entra/identity-platform/reply-url).
	interactive, err := azidentity.NewInteractiveBrowserCredential(&azidentity.InteractiveBrowserCredentialOptions{
		ClientOptions: client, DisableInstanceDiscovery: true, TenantID: opts.Tenant, ClientID: c.ClientID,
	})
	if err != nil {
		return nil, err
	}
	told := make(chan struct{}, 1)
	tell := func(ctx context.Context) error {
		select {
		case told <- struct{}{}:
			return c.Prompt(ctx, Prompt{Message: "To sign in, use the browser window that opens."})
		default:
			return nil
		}
	}
	return browser{interactive, tell}, nil
}

// GetToken is part of azcore.TokenCredential.
func (b browser) GetToken(ctx context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if err := b.tell(ctx); err != nil {
		return azcore.AccessToken{}, err
	}
	limited, cancel := context.WithTimeout(ctx, signInTime)
	defer cancel()
	token, err := b.InteractiveBrowserCredential.GetToken(limited, opts)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return token, fmt.Errorf("nobody has signed in within %v; hint: run it again, or use %s", signInTime, KindDeviceCode)
	}
	return token, err
}
