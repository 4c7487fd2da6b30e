package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
	"leastwise/collector/onboarding"
	"leastwise/collector/snapshot"
)

func (p *program) onboardCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "onboard",
		Short: "Make leastwise's application known to a tenant",
		Long: `Make leastwise's application known to a tenant: what its registration has to request
(manifest), where an administrator consents (url), and the answer to that (listen).`,
		Example: `  leastwise onboard manifest --sources entra --certificate app.pem
  leastwise onboard url --tenant contoso.com --snapshot home/ --client-id ID --redirect https://app.example.com/consent
  leastwise onboard listen --config leastwise.yaml --registration app.json --redirect http://localhost:8400/consent`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.onboardManifestCommand(), p.onboardURLCommand(), p.onboardListenCommand())
	return cmd
}

// consentOptions are the flags of everything that asks for consent.
type consentOptions struct {
	config, cloud, clientID, tenant, redirect string
	snapshot, registration, home              string
	unchecked, json                           bool
}

func (o *consentOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "configuration `FILE` (YAML): cloud and credential")
	flags.StringVar(&o.cloud, "cloud", "", "`NAME` of the cloud; default from the configuration, else global")
	flags.StringVar(&o.clientID, "client-id", "", "`ID` of the application; default from the registration, else from credential in the configuration")
	flags.StringVar(&o.redirect, "redirect", "", "`URL` that the answer is sent to: one that is registered, or lies under one")
	flags.StringVar(&o.snapshot, "snapshot", "", "`DIR` with a snapshot of the tenant that the application is registered in: reply URLs and audience are checked against it")
	flags.StringVar(&o.registration, "registration", "", "`FILE` with the registration instead: the answer to GET /applications/{id}, or the portal's manifest")
	flags.StringVar(&o.home, "home", "", "`ID` of the tenant that the application is registered in, where only --registration is given")
	flags.BoolVar(&o.unchecked, "unchecked", false, "check neither the redirect address nor the tenant against a registration")
	flags.BoolVar(&o.json, "json", false, "print JSON")
}

// consenting is a validated consentOptions.
type consenting struct {
	config       *config
	cloud        identity.Cloud
	http         *http.Client
	tenant       string // id, domain, or "" for whichever answers
	clientID     string
	redirect     onboarding.Redirect
	registration *onboarding.Registration // nil when nothing is checked
	notes        []string                 // for the operator
}

// parse checks everything that can be checked before anybody is asked to consent.
// Platforms narrow down which reply URLs count.
func (o *consentOptions) parse(platforms ...string) (*consenting, error) {
	c := &consenting{}
	var err error
	if c.config, err = readConfig(o.config); err != nil {
		return nil, err
	}
	if c.cloud, c.http, err = c.config.connect(cmp.Or(o.cloud, c.config.cloudName())); err != nil {
		return nil, err
	}
	if o.tenant != "" {
		if c.tenant, err = identity.ParseTenant(o.tenant); err != nil {
			return nil, err
		}
	}
	if o.redirect == "" {
		return nil, errors.New("--redirect URL is missing; hint: name an address that is registered with the application")
	}
	if c.redirect, err = onboarding.ParseRedirect(o.redirect); err != nil {
		return nil, err
	}
	if err := o.readRegistration(c); err != nil {
		return nil, err
	}
	return c, c.check(platforms)
}

// readRegistration finds out whose consent is asked for, and what is registered.
func (o *consentOptions) readRegistration(c *consenting) error {
	given := 0
	for _, one := range []bool{o.snapshot != "", o.registration != "", o.unchecked} {
		if one {
			given++
		}
	}
	if given != 1 {
		return errors.New("one of --snapshot DIR, --registration FILE and --unchecked says what is registered; hint: a redirect address that is not registered sends answers to somebody else")
	}
	if o.home != "" && !identity.IsTenantID(o.home) {
		return fmt.Errorf("--home %.60q is no tenant id; hint: Entra admin center, Overview, Tenant ID", o.home)
	}
	c.clientID = strings.ToLower(cmp.Or(o.clientID, c.config.Credential.ClientID))
	if o.registration != "" {
		found, err := onboarding.ReadRegistration(o.registration)
		if err != nil {
			return err
		}
		if o.clientID == "" {
			c.clientID = found.AppID
		}
		if found.AppID != c.clientID {
			return fmt.Errorf("%s is the registration of %s, not of %s; hint: check --client-id", o.registration, found.AppID, c.clientID)
		}
		found.Home = strings.ToLower(o.home)
		c.registration = &found
	}
	if !identity.IsTenantID(c.clientID) { // both are GUIDs
		return fmt.Errorf("client id %.60q is no application id; hint: give --client-id, or --config with credential: {client_id: …}", c.clientID)
	}
	if o.snapshot != "" {
		s, err := snapshot.Open(o.snapshot)
		if err != nil {
			return withHint(err, "--snapshot names a folder that leastwise collect has written")
		}
		found, err := onboarding.FindRegistration(s, c.clientID)
		if err != nil {
			return withHint(err, "collect the snapshot again")
		}
		c.registration = &found
	}
	return nil
}

// check holds redirect and tenant against the registration.
func (c *consenting) check(platforms []string) error {
	if c.registration == nil {
		c.notes = append(c.notes, "warning: nothing was checked: an answer to an address that is not registered may reach somebody else")
		return nil
	}
	reply, match, err := c.registration.Reply(c.redirect, platforms...)
	if err != nil {
		return err
	}
	if match == onboarding.Under {
		c.notes = append(c.notes, fmt.Sprintf("the redirect address lies under the registered %s; if the authority answers AADSTS50011, register the whole address", reply.URL))
	}
	note, err := c.registration.CheckTenant(c.tenant)
	if err != nil {
		return err
	}
	if note != "" {
		c.notes = append(c.notes, note)
	}
	return nil
}

// platform is what the redirect address is registered for; "" when that is not known.
func (c *consenting) platform() string {
	if c.registration == nil {
		return ""
	}
	reply, _, err := c.registration.Reply(c.redirect)
	if err != nil {
		return ""
	}
	return reply.Platform
}

// request is what the addresses are made of.
func (c *consenting) request(state string) onboarding.Request {
	return onboarding.Request{
		Cloud: c.cloud, Tenant: cmp.Or(c.tenant, identity.Organizations), ClientID: c.clientID, Redirect: c.redirect.String(), State: state,
	}
}

// tellNotes prints what the operator should know.
func (p *program) tellNotes(notes []string) {
	for _, note := range notes {
		_, _ = fmt.Fprintln(p.stderr, oneLine(note)) // to a stderr that is gone
	}
}

// tenantsFile is where onboarded tenants stand: as a flag says, or the configuration,
// or beside it, or here.
func (c *config) tenantsFile(flag string) string {
	switch {
	case flag != "":
		return flag
	case c.Tenants != "":
		return c.file(c.Tenants)
	}
	return filepath.Join(filepath.Dir(c.path), "tenants.yaml") // the folder of "" is this one
}
