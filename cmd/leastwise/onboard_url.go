package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"leastwise/collector/onboarding"
)

const onboardURLHelp = `Print the addresses where an administrator of a tenant consents to the application.

Before that the redirect address is held against the reply URLs of the registration, and
the tenant against its audience; the registration comes from --snapshot or --registration.
The tenant is an id or a domain: what stands for any tenant, such as common, is refused.

  admin-consent-v1  consent to everything that the registration requests
  admin-consent-v2  consent to --scope; default is what it requests of Microsoft Graph
  classic           the sign-in that the Office 365 Management APIs document; its answer
                    holds a code
  tenant-root       with --root-site: consent to hidden permissions of SharePoint. Do not
                    save them in App registrations: saving API permissions there strips
                    hidden permissions from the manifest

The state is random, and the same in all addresses: an answer without it is not an answer
to this. onboard listen makes its own, and checks it.`

// urlOptions are the flags of onboard url.
type urlOptions struct {
	consentOptions
	scope, rootSite string
}

func (p *program) onboardURLCommand() *cobra.Command {
	var o urlOptions
	cmd := &cobra.Command{
		Use:   "url",
		Short: "Print the addresses where an administrator consents",
		Long:  onboardURLHelp,
		Example: `  leastwise onboard url --tenant contoso.com --snapshot home/ --client-id ID --redirect https://app.example.com/consent
  leastwise onboard url --tenant ID --registration app.json --redirect https://app.example.com/consent --json
  leastwise onboard url --tenant ID --registration app.json --redirect https://app.example.com/consent --root-site https://contoso.sharepoint.com`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.printURLs(&o) },
	}
	o.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&o.tenant, "tenant", "t", "", "`ID` or domain of the tenant that shall consent")
	flags.StringVar(&o.scope, "scope", "", "`SCOPES` of admin-consent-v2, separated by spaces; default Microsoft Graph's .default")
	flags.StringVar(&o.rootSite, "root-site", "", "`URL` of the tenant's root site, such as https://contoso.sharepoint.com")
	return cmd
}

// consentURL is one address as JSON.
type consentURL struct {
	Kind  string `json:"kind"`
	URL   string `json:"url"`
	Scope string `json:"scope,omitempty"`
}

// consentURLs are all addresses as JSON.
type consentURLs struct {
	Tenant   string       `json:"tenant"`
	Cloud    string       `json:"cloud"`
	ClientID string       `json:"client_id"`
	Redirect string       `json:"redirect_uri"`
	State    string       `json:"state"`
	Checked  bool         `json:"checked"` // against the registration
	URLs     []consentURL `json:"urls"`
	Notes    []string     `json:"notes"`
}

func (p *program) printURLs(o *urlOptions) error {
	if o.tenant == "" {
		return errors.New("--tenant is missing; hint: give the id of the tenant that shall consent, or one of its domains")
	}
	c, err := o.parse()
	if err != nil {
		return err
	}
	state, err := onboarding.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	document := consentURLs{
		Tenant: c.tenant, Cloud: c.cloud.Name, ClientID: c.clientID, Redirect: c.redirect.String(), State: state, Checked: c.registration != nil,
	}
	if document.URLs, err = o.urls(c, state); err != nil {
		return err
	}
	if o.rootSite != "" {
		c.notes = append(c.notes, "warning: do not save hidden permissions in App registrations: saving API permissions there strips them from the manifest; what was granted stands under Enterprise applications")
	}
	document.Notes = append([]string{}, c.notes...)
	if o.json {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(document)
	}
	p.tellNotes(c.notes)
	for _, one := range document.URLs {
		if _, err := fmt.Fprintf(p.stdout, "%-16s  %s\n", one.Kind, one.URL); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(p.stdout, "%-16s  %s\n", "state", state)
	return err
}

// urls are the addresses that make sense with the flags.
func (o *urlOptions) urls(c *consenting, state string) ([]consentURL, error) {
	request := c.request(state)
	scope := strings.Join(strings.Fields(o.scope), " ")
	if scope == "" {
		scope = c.cloud.Graph + "/.default"
	}
	list := []consentURL{
		{Kind: "admin-consent-v1", URL: request.AdminConsent()},
		{Kind: "admin-consent-v2", URL: request.AdminConsentTo(scope), Scope: scope},
	}
	if classic := request.Classic(); classic != "" {
		list = append(list, consentURL{Kind: "classic", URL: classic})
	}
	if o.rootSite != "" {
		root, err := onboarding.RootScope(c.cloud, o.rootSite)
		if err != nil {
			return nil, err
		}
		list = append(list, consentURL{Kind: "tenant-root", URL: request.AdminConsentTo(root), Scope: root})
	}
	return list, nil
}
