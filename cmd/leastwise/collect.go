package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"leastwise/collector/folder"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// The sources that can be collected.
const (
	sourceEntra       = "entra"
	sourceSharePoint  = "sharepoint-embedded"
	sourceDataConnect = "data-connect"
)

func sourceNames() []string { return []string{sourceEntra, sourceSharePoint, sourceDataConnect} }

// collectOptions are the flags of everything that collects.
type collectOptions struct {
	tenant  string
	sources []string
	from    string
	extentOptions
	usageOptions
	credential string // kind; "" for what the configuration says
}

func (o *collectOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&o.tenant, "tenant", "t", "", "`ID` of the tenant, or the name that tenants.yaml has for it; default from the configuration")
	flags.StringSliceVar(&o.sources, "sources", nil, "`NAMES` to collect, separated by commas: "+strings.Join(allSources(), ", ")+"; default from the configuration, else all")
	o.extentOptions.add(cmd)
	o.usageOptions.add(cmd)
	flags.StringVar(&o.credential, "credential", "", "sign in with this `KIND` of credential, for every source: "+strings.Join(identity.Kinds(), ", ")+"; default from the configuration")
	flags.StringVar(&o.from, "from", "", "read saved responses instead of a live tenant: `folder:PATH`")
}

// collecting is a validated collectOptions.
type collecting struct {
	tenant   snapshot.Tenant
	sources  []string
	folder   *folder.Source // nil for a live tenant
	config   *config
	logger   *slog.Logger
	previous *snapshot.Snapshot // that events are followed from; nil for none
	usage    usageInputs        // exports of usage
	kept     bool               // answers are kept beside the snapshot until it is complete
	extent
	board *graphapi.Board // what progress is shown of
	progressStyle
	// credentialKind overrides the configuration; "" does not.
	credentialKind string
	// approve signs in for a person who is not there; nil prompts on stderr.
	approve func(userCode string) error
}

func (o *collectOptions) parse(c *config, logger *slog.Logger) (*collecting, error) {
	run := &collecting{config: c, logger: logger, sources: o.chosen(c), board: graphapi.NewBoard()}
	for _, name := range run.sources {
		if !slices.Contains(allSources(), name) {
			return nil, fmt.Errorf("unknown source %q; hint: one of %s", name, strings.Join(allSources(), ", "))
		}
	}
	if err := o.checkCredential(); err != nil {
		return nil, err
	}
	run.credentialKind = o.credential
	named, err := c.lookUpTenant(o.tenant, o.from != "")
	if err != nil {
		return nil, err
	}
	run.tenant = snapshot.Tenant{ID: strings.ToLower(named), Cloud: c.Cloud}
	if run.tenant.ID == "" {
		run.tenant.ID = strings.ToLower(c.Tenant)
	}
	if run.tenant.Cloud == "" {
		run.tenant.Cloud = "global"
	}
	if o.from != "" {
		if err := run.readFolder(o.from); err != nil {
			return nil, err
		}
	}
	if run.extent, err = o.extentOptions.parse(run); err != nil {
		return nil, err
	}
	if run.tenant.ID == "" {
		return nil, errors.New("no tenant is named; hint: give --tenant ID, or tenant in the configuration")
	}
	return run, nil
}

func (c *collecting) readFolder(from string) error {
	path, ok := strings.CutPrefix(from, "folder:")
	if !ok || path == "" {
		return fmt.Errorf("--from %q is not understood; hint: write --from folder:PATH", from)
	}
	source, err := folder.New(folder.Options{Path: path, Logger: c.logger})
	if err != nil {
		return err
	}
	found, err := source.Tenant()
	if err != nil {
		return err
	}
	switch {
	case c.tenant.ID == "":
		c.tenant.ID = found.ID
	case found.ID != "" && found.ID != c.tenant.ID:
		return fmt.Errorf("%s holds tenant %s, not %s; hint: name the right folder, or the right tenant", path, found.ID, c.tenant.ID)
	}
	c.tenant.Name = found.Name
	c.folder = source
	return nil
}

const collectHelp = `Collect a tenant into a snapshot: a folder of facts, with what could not be read.
A second run with another identity adds its datasets to the same snapshot.

What was read is kept beside the folder until the collection is complete. After a
kill, --resume goes on from there; Ctrl-C writes the snapshot with what there is,
marked partial. --since reads changes only of applications, service principals and
delegated grants, and everything else in full.

Events of Data Connect come from the Management Activity API: a run starts the two
subscriptions that it needs, if they are not there, and never stops one. They are
followed from the snapshot at -o, or that of --since. --backfill searches the audit log
for what lies further back.

stderr shows how far it is: in place on a terminal, else in a line per dataset; in the
end a table says what became of each, and against what number its rows were held.

Exit codes:
  0  all that was asked for was collected, and the cloud offers
  2  the tool could not do its work; no snapshot was written
  3  the snapshot was written, and says which datasets are missing or partial; a
     tenant without Entra ID P1 has no sign-in reports, which --skip leaves out`

func (p *program) collectCommand() *cobra.Command {
	var o collectOptions
	var log logFlags
	var configFile, dest string
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Collect a tenant into a snapshot",
		Long:  collectHelp,
		Example: `  leastwise collect --config leastwise.yaml -o snapshot/
  leastwise collect --config leastwise.yaml --sources sharepoint-embedded --credential device-code -o snapshot/
  leastwise collect --config leastwise.yaml --since monday/ -o tuesday/
  leastwise collect --config leastwise.yaml -o snapshot/ --resume
  leastwise collect --tenant 11111111-2222-3333-4444-555555555555 --from folder:saved/ -o snapshot/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dest == "" {
				return errors.New("-o DIR is missing; hint: name the folder for the snapshot")
			}
			run, err := p.parseCollect(&o, &log, configFile)
			if err != nil {
				return err
			}
			run.kept = true
			done, err := p.collect(cmd.Context(), run, dest)
			if err != nil {
				return err
			}
			return run.verdict(done)
		},
	}
	cmd.Flags().StringVarP(&configFile, "config", "c", "", "configuration `FILE` (YAML)")
	cmd.Flags().StringVarP(&dest, "output", "o", "", "`DIR` to write the snapshot to")
	o.add(cmd)
	log.add(cmd)
	return cmd
}

func (p *program) parseCollect(o *collectOptions, log *logFlags, configFile string) (*collecting, error) {
	logger, err := log.logger(p.stderr)
	if err != nil {
		return nil, err
	}
	c, err := readConfig(configFile)
	if err != nil {
		return nil, err
	}
	run, err := o.parse(c, logger)
	if err != nil {
		return nil, err
	}
	if run.usage, err = o.usageOptions.parse(p, run); err != nil {
		return nil, err
	}
	run.progressStyle = log.style()
	return run, nil
}

// verdict is 3 when the snapshot lacks anything that was asked for. Saved responses
// are asked for as they are: what is not among them is lacking.
func (c *collecting) verdict(done written) error {
	for name, dataset := range done.datasets {
		if dataset.Status == snapshot.Collected {
			continue
		}
		// This run's sources skip what they were told to, and what the cloud does not offer.
		byThisRun := c.folder == nil && slices.Contains(done.read, name)
		onPurpose := byThisRun || name == snapshot.CertificateKeys
		if dataset.Status != snapshot.Skipped || !onPurpose {
			return verdictError{exitUnjudged}
		}
	}
	return nil
}
