package main

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"leastwise/collector"
	"leastwise/collector/identity"
	"leastwise/collector/usage"
	"leastwise/policies/catalog"
)

// sourceUsage reads exports that somebody saved. It never signs in.
const sourceUsage = "usage"

// allSources are those that a tenant is asked for, and what was exported of it.
func allSources() []string { return append(sourceNames(), sourceUsage) }

// usageOptions are the flags about exports of usage.
type usageOptions struct {
	activity []string
	from, to string
}

func (o *usageOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.activity, "activity", nil, "`PATH` of an export of MicrosoftGraphActivityLogs, of sign-ins or of App governance; a file, a folder, or - for stdin; may be repeated")
	flags.StringVar(&o.from, "activity-from", "", "`INSTANT` from which the exports hold every call")
	flags.StringVar(&o.to, "activity-to", "", "`INSTANT` until which the exports hold every call; default the last one in them")
}

// chosen are the sources of a run: those that a flag names, else those of the configuration,
// else all. Who names exports asks for them, too, whatever the configuration lists; without
// any there is nothing to read of usage.
func (o *collectOptions) chosen(c *config) []string {
	if o.sources != nil {
		return o.sources
	}
	chosen := c.Sources
	if chosen == nil {
		chosen = sourceNames()
	}
	if named := len(o.activity)+len(c.Usage.Activity) > 0; named && !slices.Contains(chosen, sourceUsage) {
		chosen = append(slices.Clone(chosen), sourceUsage)
	}
	return chosen
}

// usage makes the source of the exports of usage, if it is among those of the run.
func (p *program) usage(run *collecting) []collector.Source {
	if !slices.Contains(run.sources, sourceUsage) {
		return nil
	}
	opts := run.usage.read
	opts.Options = usage.Options{Tenant: run.tenant.ID, Own: p.ownApps(run), Normal: catalog.NormalPath, Now: p.now(), Stdin: p.stdin}
	opts.Paths, opts.Previous, opts.Logger = run.usage.paths, run.previous, run.logger
	return []collector.Source{usage.New(opts)}
}

// ownApps are the applications that this program signs in as, in this run and the one
// before: what they call is no usage of the tenant's. A client that others use as well, as
// the Azure CLI, is none.
func (p *program) ownApps(run *collecting) []string {
	var ids []string
	for _, source := range sourceNames() {
		switch from, _ := run.credential(source); from.Kind {
		case "", identity.KindAzureCLI:
		case identity.KindEnvironment:
			ids = append(ids, cmp.Or(p.env("AZURE_CLIENT_ID"), from.ClientID))
		case identity.KindWorkload:
			ids = append(ids, cmp.Or(from.ClientID, p.env("AZURE_CLIENT_ID")))
		default:
			ids = append(ids, from.ClientID)
		}
	}
	if run.previous != nil {
		for _, id := range run.previous.Manifest.Identities {
			if id.SignedIn() && id.Kind != identity.KindAzureCLI {
				ids = append(ids, id.ClientID)
			}
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// keepsUsage reports whether usage evidence is added to that of the run before.
func (c *collecting) keepsUsage() bool {
	return slices.Contains(c.sources, sourceUsage) && len(c.usage.paths) > 0
}
