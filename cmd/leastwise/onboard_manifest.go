package main

import (
	"cmp"
	"crypto/sha1" // customKeyIdentifier is defined as a SHA-1 thumbprint
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/activity"
	"leastwise/collector/consents"
	"leastwise/collector/entra"
	"leastwise/collector/identity"
	"leastwise/collector/sharepoint"
	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
)

const onboardManifestHelp = `Print the least that leastwise's registration has to request for the chosen sources, and
the certificates that it signs in with, as JSON on stdout; stderr explains it.

requiredResourceAccess fits both PATCH /applications/{id} of Microsoft Graph and the
manifest of the portal. keyCredentials has the certificate as value, as the documentation
of the Office 365 Management APIs and the portal's former manifest have it; with --format
graph it stands under key, as PATCH /applications/{id} and the manifest that the portal
shows today have it. Both lists replace what is there: what shall stay has to be added.
A private key is never printed, whatever the file holds.

Application permissions are asked for (Role), and delegated ones (Scope) where there is
no other way: SharePoint Embedded. Some of those are hidden: the portal does not offer
them, and saving API permissions there strips them.`

// manifestOptions are the flags of onboard manifest.
type manifestOptions struct {
	config, cloud, format       string
	sources, skip, certificates []string
	backfill                    bool
}

func (p *program) onboardManifestCommand() *cobra.Command {
	var o manifestOptions
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print the least that the registration has to request",
		Long:  onboardManifestHelp,
		Example: `  leastwise onboard manifest --sources entra,data-connect --certificate app.pem
  leastwise onboard manifest --sources data-connect --backfill --cloud usgov
  leastwise onboard manifest --config leastwise.yaml --certificate new.cer --certificate old.cer --format graph`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.printManifest(&o) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "configuration `FILE` (YAML): cloud, sources and what is skipped")
	flags.StringVar(&o.cloud, "cloud", "", "`NAME` of the cloud, whose ids are printed; default from the configuration, else global")
	flags.StringSliceVar(&o.sources, "sources", nil, "`NAMES` to collect, separated by commas: "+strings.Join(sourceNames(), ", ")+"; default from the configuration, else all")
	flags.StringSliceVar(&o.skip, "skip", nil, "`NAMES` of Entra's datasets to leave out, as for collect; default from the configuration")
	flags.BoolVar(&o.backfill, "backfill", false, "data-connect will read the audit log through Microsoft Graph, too (collect --backfill)")
	flags.StringArrayVar(&o.certificates, "certificate", nil, "`FILE` with a certificate, PEM or DER; may be repeated")
	flags.StringVar(&o.format, "format", "manifest", "`NAME` for the certificate itself: manifest (value) or graph (key)")
	return cmd
}

// resourceAccess is a permission of one API
// (https://learn.microsoft.com/graph/api/resources/resourceaccess).
type resourceAccess struct {
	ID   string `json:"id"`
	Type string `json:"type"` // Role or Scope
}

// requiredResource is what is requested of one API
// (https://learn.microsoft.com/graph/api/resources/requiredresourceaccess).
type requiredResource struct {
	AppID  string           `json:"resourceAppId"`
	Access []resourceAccess `json:"resourceAccess"`
}

// keyCredential is a certificate of a registration
// (https://learn.microsoft.com/graph/api/resources/keycredential).
type keyCredential struct {
	CustomKeyIdentifier string `json:"customKeyIdentifier"` // base64 of the SHA-1 thumbprint
	KeyID               string `json:"keyId"`
	Type                string `json:"type"`
	Usage               string `json:"usage"`
	Value               string `json:"value,omitempty"` // base64 of the DER certificate
	Key                 string `json:"key,omitempty"`   // the same, as Microsoft Graph calls it
	StartDateTime       string `json:"startDateTime"`
	EndDateTime         string `json:"endDateTime"`
	DisplayName         string `json:"displayName"`
}

// registrationPart is what is printed. Without certificates the list is left out, since
// an empty one would remove those that are registered.
type registrationPart struct {
	RequiredResourceAccess []requiredResource `json:"requiredResourceAccess"`
	KeyCredentials         []keyCredential    `json:"keyCredentials,omitempty"`
}

func (p *program) printManifest(o *manifestOptions) error {
	c, err := readConfig(o.config)
	if err != nil {
		return err
	}
	cloud, _, err := c.connect(cmp.Or(o.cloud, c.cloudName()))
	if err != nil {
		return err
	}
	if o.format != "manifest" && o.format != "graph" {
		return fmt.Errorf("--format %q; hint: manifest or graph", o.format)
	}
	wanted, err := o.permissions(c, cloud)
	if err != nil {
		return err
	}
	keys, err := o.keys(p.now())
	if err != nil {
		return err
	}
	p.tellNotes(explainPermissions(wanted, cloud))
	p.tellNotes(explainKeys(keys))
	if o.format == "graph" {
		for i := range keys {
			keys[i].Value, keys[i].Key = "", keys[i].Value
		}
	}
	encoder := json.NewEncoder(p.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(registrationPart{requiredResources(wanted, cloud), keys})
}

// permissions looks up in the catalogue what the sources need.
func (o *manifestOptions) permissions(c *config, cloud identity.Cloud) ([]catalog.Permission, error) {
	sources, err := chosenSources(o.sources, c)
	if err != nil {
		return nil, err
	}
	skip := o.skip
	if skip == nil {
		skip = c.Collect.Skip
	}
	for _, name := range skip {
		if known := append(entra.Datasets(), snapshot.ConsentEvents); !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown dataset %q; hint: --skip takes %s", name, strings.Join(known, ", "))
		}
	}
	if o.backfill && !slices.Contains(sources, sourceDataConnect) {
		return nil, fmt.Errorf("--backfill is about %s, which is not among the sources; hint: add it to --sources", sourceDataConnect)
	}
	wanted := &requested{cloud: cloud}
	if wanted.known, err = catalog.Load(); err != nil {
		return nil, err
	}
	for _, source := range sources {
		switch source {
		case sourceEntra:
			least := entra.Permissions(skip)
			if live := c.DataConnect.Activity; !slices.Contains(skip, snapshot.ConsentEvents) && (live == nil || *live) {
				least = append(least, consents.Permissions()...)
				slices.Sort(least)
			}
			wanted.add(identity.GraphAppID, catalog.Application, slices.Compact(least)...)
		case sourceSharePoint:
			wanted.add(identity.GraphAppID, catalog.Delegated, sharepoint.Permissions()...)
		case sourceDataConnect:
			wanted.addDataConnect(c, o.backfill)
		}
	}
	return wanted.list, wanted.err
}

// requested gathers permissions from the catalogue.
type requested struct {
	known *catalog.Catalogue
	cloud identity.Cloud
	list  []catalog.Permission
	err   error
}

func (r *requested) add(resource string, kind catalog.Kind, names ...string) {
	for _, name := range names {
		permission, ok := r.known.Lookup(resource, kind, name)
		if !ok || permission.IDIn(r.cloud.Name) == "" {
			r.err = fmt.Errorf("the catalogue has no id of %s in cloud %s; hint: look it up at the API's service principal", name, r.cloud.Name)
		}
		r.list = append(r.list, permission)
	}
}

// addDataConnect adds what following the audit log takes, unless the configuration has
// saved events only.
func (r *requested) addDataConnect(c *config, backfill bool) {
	if live := c.DataConnect.Activity; live != nil && !*live {
		return
	}
	if r.cloud.Management == "" {
		r.err = fmt.Errorf("%s reads the Office 365 Management Activity API, of which no address is known in cloud %s; hint: name the other sources with --sources", sourceDataConnect, r.cloud.Name)
		return
	}
	management, graph := activity.Permissions(backfill || c.DataConnect.Backfill != "")
	r.add(managementAppID, catalog.Application, management...)
	r.add(identity.GraphAppID, catalog.Application, graph...)
}

// chosenSources are those of a flag, else of the configuration, else all.
func chosenSources(flag []string, c *config) ([]string, error) {
	chosen := flag
	if chosen == nil {
		chosen = c.Sources
	}
	if chosen == nil {
		chosen = sourceNames()
	}
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(name string) bool { return name == sourceUsage }) // takes no permission
	for _, name := range chosen {
		if !slices.Contains(sourceNames(), name) {
			return nil, fmt.Errorf("unknown source %q; hint: one of %s", name, strings.Join(sourceNames(), ", "))
		}
	}
	chosen = slices.Clone(chosen)
	slices.Sort(chosen)
	return slices.Compact(chosen), nil
}

// requiredResources groups permissions by API; the order is always the same.
func requiredResources(wanted []catalog.Permission, cloud identity.Cloud) []requiredResource {
	list := []requiredResource{}
	for _, permission := range sortedPermissions(wanted) {
		access := resourceAccess{ID: permission.IDIn(cloud.Name), Type: accessType(permission)}
		if n := len(list); n > 0 && list[n-1].AppID == permission.Resource {
			list[n-1].Access = append(list[n-1].Access, access)
			continue
		}
		list = append(list, requiredResource{permission.Resource, []resourceAccess{access}})
	}
	return list
}

func sortedPermissions(wanted []catalog.Permission) []catalog.Permission {
	return slices.SortedFunc(slices.Values(wanted), func(a, b catalog.Permission) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(accessType(a), accessType(b)), cmp.Compare(a.Value, b.Value))
	})
}

// accessType is how a manifest calls a kind of permission.
func accessType(p catalog.Permission) string {
	if p.Kind == catalog.Application {
		return "Role"
	}
	return "Scope"
}

// keys reads the certificates.
func (o *manifestOptions) keys(now time.Time) ([]keyCredential, error) {
	var keys []keyCredential
	for _, path := range o.certificates {
		leaf, err := identity.ReadPublicCertificate(path, now)
		if err != nil {
			return nil, err
		}
		key := describeKey(leaf)
		if slices.ContainsFunc(keys, func(other keyCredential) bool { return other.KeyID == key.KeyID }) {
			return nil, fmt.Errorf("certificate %s is given twice; hint: name each --certificate once", path)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// describeKey makes the entry of a certificate. Its id is made of the certificate, so
// that a second run gives the same.
func describeKey(leaf *x509.Certificate) keyCredential {
	thumbprint, sum := sha1.Sum(leaf.Raw), sha256.Sum256(leaf.Raw)
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // of version 8: made of something (RFC 9562 §5.8)
	name := []rune(cmp.Or(leaf.Subject.CommonName, leaf.Subject.String(), "certificate"))
	return keyCredential{
		CustomKeyIdentifier: base64.StdEncoding.EncodeToString(thumbprint[:]),
		KeyID:               fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		Type:                "AsymmetricX509Cert", Usage: "Verify",
		Value:         base64.StdEncoding.EncodeToString(leaf.Raw),
		StartDateTime: leaf.NotBefore.UTC().Format(time.RFC3339), EndDateTime: leaf.NotAfter.UTC().Format(time.RFC3339),
		DisplayName: string(name[:min(len(name), 90)]), // longer ones are cut
	}
}

// explainPermissions says what the ids stand for, and what is odd about them.
func explainPermissions(wanted []catalog.Permission, cloud identity.Cloud) (lines []string) {
	var hidden, borrowed []string
	delegated := false
	for _, permission := range sortedPermissions(wanted) {
		lines = append(lines, fmt.Sprintf("%s %s %s (%s of %s)", permission.IDIn(cloud.Name), accessType(permission), permission.Value, permission.Kind, apiName(permission.Resource)))
		delegated = delegated || permission.Kind == catalog.Delegated
		if permission.Hidden {
			hidden = append(hidden, permission.Value)
		}
		own := permission.IDs[cloud.Name] != "" || cloud.Name == "dod" && permission.IDs["usgov"] != ""
		if slices.Contains([]string{"usgov", "dod", "china"}, cloud.Name) && !own {
			borrowed = append(borrowed, permission.Value)
		}
	}
	if delegated {
		lines = append(lines, "delegated permissions act for the person who signs in, with a device code for instance: the registration must allow public client flows for that")
	}
	if len(hidden) > 0 {
		lines = append(lines, "warning: hidden permissions: "+strings.Join(hidden, ", ")+": do not save API permissions in App registrations afterwards, which strips them from the manifest")
	}
	if len(borrowed) > 0 {
		lines = append(lines, fmt.Sprintf("warning: ids differ between clouds, and those of cloud %s are not known for %s: those of the global cloud are printed; compare them with the API's service principal", cloud.Name, strings.Join(borrowed, ", ")))
	}
	return append(lines, "requiredResourceAccess replaces what the registration requests; consent is given for it afterwards (leastwise onboard url)")
}

func apiName(resource string) string {
	if resource == managementAppID {
		return "the Office 365 Management APIs"
	}
	return "Microsoft Graph"
}

func explainKeys(keys []keyCredential) []string {
	if len(keys) == 0 {
		return []string{"no --certificate is given: keyCredentials is left out, and those that are registered stay"}
	}
	var lines []string
	for _, key := range keys {
		lines = append(lines, fmt.Sprintf("certificate %s is valid from %s to %s", key.DisplayName, key.StartDateTime, key.EndDateTime))
	}
	return append(lines, "keyCredentials replaces the certificates that are registered: add those that shall stay")
}
