package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
	"leastwise/collector/onboarding"
	"leastwise/collector/snapshot"
)

const onboardListenHelp = `Ask a tenant for consent, receive the answer on a loopback address, and store the tenant.

The address to open in a browser is printed on stderr; nothing is opened by itself. One
answer is taken, with the state that was sent, within --timeout. Which tenant has consented
a browser cannot prove, so a token has to say it:

  admin-consent  the answer holds no code: a token is requested with the credential of the
                 configuration for the tenant that the answer names, and the tenant is
                 stored if the token is of that tenant. A new consent takes a while to
                 become effective, which --consent-wait bounds.
  code           a person signs in; the code is exchanged (with PKCE), and the tenant is the
                 one of the validated id token, whatever the answer says.

Without --tenant whichever tenant consents is stored. Denied consent, another state, another
tenant, a second answer: nothing is stored.`

// listenOptions are the flags of onboard listen.
type listenOptions struct {
	consentOptions
	flow, name, tenants, scope string
	timeout, consentWait       time.Duration
}

func (p *program) onboardListenCommand() *cobra.Command {
	var o listenOptions
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Receive an administrator's consent, and store the tenant",
		Long:  onboardListenHelp,
		Example: `  leastwise onboard listen --config leastwise.yaml --registration app.json --redirect http://localhost:8400/consent
  leastwise onboard listen --config leastwise.yaml --snapshot home/ --redirect http://localhost:0 --tenant contoso.com --name contoso
  leastwise onboard listen --flow code --registration app.json --redirect http://localhost:8400/consent`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.onboard(cmd.Context(), &o) },
	}
	o.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&o.tenant, "tenant", "t", "", "`ID` or domain of the tenant that shall consent; another one is refused")
	flags.StringVar(&o.flow, "flow", onboarding.FlowAdminConsent, "`NAME` of the flow: admin-consent or code")
	flags.StringVar(&o.name, "name", "", "`NAME` to call the tenant by, for scan --tenant")
	flags.StringVar(&o.tenants, "tenants", "", "`FILE` to store the tenant in; default tenants.yaml beside the configuration, else here")
	flags.StringVar(&o.scope, "scope", "", "`SCOPES` to consent to, separated by spaces; default with admin-consent all that is registered, with code none but signing in")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Minute, "wait for the answer for `DURATION`")
	flags.DurationVar(&o.consentWait, "consent-wait", 3*time.Minute, "wait for `DURATION` until a new consent becomes effective")
	return cmd
}

// onboarder is one onboarding.
type onboarder struct {
	*consenting
	program    *program
	options    *listenOptions
	want       string // id of the tenant that was asked; "" for any
	credential identity.Credential
	listener   *onboarding.Listener
	nonce      string
	verifier   string
	state      string
}

func (p *program) onboard(ctx context.Context, o *listenOptions) (err error) {
	run, err := p.prepareOnboarding(ctx, o)
	if err != nil {
		return err
	}
	for _, secret := range []*string{&run.state, &run.nonce, &run.verifier} {
		if *secret, err = onboarding.NewSecret(rand.Reader); err != nil {
			return err
		}
	}
	if run.listener, err = onboarding.Listen(ctx, run.redirect, run.state); err != nil {
		return err
	}
	closed := false
	stop := func() error {
		if closed {
			return nil
		}
		closed = true
		return run.listener.Close()
	}
	defer func() { err = errors.Join(err, stop()) }()
	run.redirect = run.listener.Redirect()
	p.tellNotes(run.notes)
	_, _ = fmt.Fprintf(p.stderr, "Open this in a browser, signed in as an administrator of the tenant:\n%s\n", run.url())
	tenant, roles, err := run.tenantOf(ctx)
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing is stored; hint: begin again")
	}
	// The last word on whether somebody else has the state; from here on it is of no use.
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	if err := run.listener.Doubt(); err != nil {
		return err
	}
	return run.store(tenant, roles)
}

// prepareOnboarding checks everything that can be checked before the person is asked.
func (p *program) prepareOnboarding(ctx context.Context, o *listenOptions) (*onboarder, error) {
	platforms := []string{}
	switch o.flow {
	case onboarding.FlowAdminConsent:
	case onboarding.FlowCode: // a code that a page has asked for is redeemed by a page only
		platforms = []string{onboarding.PlatformWeb, onboarding.PlatformPublic}
	default:
		return nil, fmt.Errorf("--flow %q; hint: %s or %s", o.flow, onboarding.FlowAdminConsent, onboarding.FlowCode)
	}
	if o.timeout <= 0 || o.consentWait < 0 {
		return nil, errors.New("--timeout and --consent-wait are durations above 0; hint: write 10m or 90s")
	}
	c, err := o.parse(platforms...)
	if err != nil {
		return nil, err
	}
	if !c.redirect.Loopback() {
		return nil, fmt.Errorf("redirect address %s does not lead to this machine; hint: listen takes http://localhost:PORT/PATH; for another address use onboard url", c.redirect)
	}
	run := &onboarder{consenting: c, program: p, options: o}
	if run.credential, err = run.ownCredential(); err != nil {
		return nil, err
	}
	if c.tenant != "" {
		if run.want, err = identity.FindTenant(ctx, c.http, c.cloud, c.tenant); err != nil {
			return nil, withHint(err, cmp.Or(identity.Advice(err), "check --tenant and --cloud"))
		}
	}
	return run, run.checkFile()
}

// checkFile makes sure that the tenant can be stored, as far as is known.
func (run *onboarder) checkFile() error {
	path := run.file()
	folder, err := os.Stat(filepath.Dir(path))
	if err == nil && !folder.IsDir() {
		err = &fs.PathError{Op: "store tenant", Path: filepath.Dir(path), Err: errors.New("not a folder")}
	}
	if err != nil {
		return withHint(err, "name a file in a folder that is there with --tenants")
	}
	return onboarding.CheckName(path, run.want, run.options.name)
}

func (run *onboarder) file() string { return run.config.tenantsFile(run.options.tenants) }

// ownCredential is what the application proves itself with. For a code that a public
// client has asked for there is none.
func (run *onboarder) ownCredential() (identity.Credential, error) {
	from := run.config.Credential
	code := run.options.flow == onboarding.FlowCode
	if code && (from.Kind == "" || run.platform() == onboarding.PlatformPublic) {
		return identity.Credential{}, nil
	}
	kinds := []string{identity.KindCertificate, identity.KindSecret, identity.KindEnvironment, identity.KindWorkload}
	switch {
	case from.Kind == "":
		return identity.Credential{}, errors.New("the configuration has no credential, and without one nobody can tell which tenant has consented; hint: name it with --config, credential: {kind: certificate, client_id: …, certificate: app.pem}, or use --flow code")
	case !slices.Contains(kinds, from.Kind):
		return identity.Credential{}, fmt.Errorf("credential: a %s does not sign in as the application in another tenant; hint: one of %s", from.Kind, strings.Join(kinds, ", "))
	case from.ClientID != "" && !strings.EqualFold(from.ClientID, run.clientID):
		return identity.Credential{}, fmt.Errorf("credential: client_id %s is not the application that consent is asked for, %s; hint: check --client-id and the registration", from.ClientID, run.clientID)
	}
	from.ClientID = run.clientID
	made, err := (&live{program: run.program, run: &collecting{config: run.config, tenant: snapshot.Tenant{Cloud: run.cloud.Name}}, cloud: run.cloud, http: run.http}).signIn(from, "credential")
	if err == nil && !strings.EqualFold(made.ClientID, run.clientID) {
		err = fmt.Errorf("credential: AZURE_CLIENT_ID is not the application that consent is asked for, %s; hint: unset it, or check --client-id", run.clientID)
	}
	return made, err
}

// url is the address to open.
func (run *onboarder) url() string {
	request := run.request(run.state)
	scope := strings.Join(strings.Fields(run.options.scope), " ")
	switch {
	case run.options.flow == onboarding.FlowCode:
		return request.SignIn(run.signInScope(), run.nonce, run.verifier)
	case scope != "":
		return request.AdminConsentTo(scope)
	}
	return request.AdminConsent()
}

// signInScope is what the code flow asks for.
func (run *onboarder) signInScope() string {
	scopes := append([]string{"openid", "profile"}, strings.Fields(run.options.scope)...)
	return strings.Join(slices.Compact(scopes), " ")
}

// onboardedRecord is a stored tenant as JSON.
type onboardedRecord struct {
	ID        string   `json:"id"`
	Name      string   `json:"name,omitempty"`
	Cloud     string   `json:"cloud"`
	ClientID  string   `json:"client_id"`
	Flow      string   `json:"flow"`
	Onboarded string   `json:"onboarded"`
	Roles     []string `json:"roles,omitempty"` // application permissions for Microsoft Graph that the token carries
	File      string   `json:"file"`
}

// store writes the tenant down and says so.
func (run *onboarder) store(tenant string, roles []string) error {
	path, p := run.file(), run.program
	entry := onboarding.NewTenant(tenant, run.cloud.Name, run.clientID, run.options.flow, p.now())
	entry.Name = run.options.name
	if err := onboarding.StoreTenant(path, entry); err != nil {
		return withHint(err, "check "+path)
	}
	if run.options.json {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(onboardedRecord{
			ID: entry.ID, Name: entry.Name, Cloud: entry.Cloud, ClientID: entry.ClientID, Flow: entry.Flow, Onboarded: entry.Onboarded,
			Roles: roles, File: path,
		})
	}
	if run.options.flow == onboarding.FlowAdminConsent && len(roles) == 0 {
		p.tellNotes([]string{"warning: the application holds no application permission of Microsoft Graph in this tenant yet: check what its registration requests (leastwise onboard manifest)"})
	}
	_, err := fmt.Fprintf(p.stdout, "tenant %s is stored in %s\n", entry.ID, path)
	return err
}
