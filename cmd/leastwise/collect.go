package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"leastwise/collector/entra"
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
	since   string
	resume  bool
	skip    []string
	// certificateKeys and maxContainers override the configuration.
	certificateKeys bool
	maxContainers   int
	credential      string // kind; "" for what the configuration says
}

// collectConfig is how much is collected, as the configuration has it.
type collectConfig struct {
	Skip            []string `yaml:"skip"`
	CertificateKeys bool     `yaml:"certificate_keys"`
	MaxContainers   int      `yaml:"max_containers"`
}

func (o *collectOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&o.tenant, "tenant", "t", "", "`ID` of the tenant; default from the configuration")
	flags.StringSliceVar(&o.sources, "sources", nil, "`NAMES` to collect, separated by commas: "+strings.Join(sourceNames(), ", ")+"; default from the configuration, else all")
	flags.StringVar(&o.since, "since", "", "read only what has changed since the snapshot in `DIR`, where Graph can tell")
	flags.BoolVar(&o.resume, "resume", false, "go on where an interrupted collection to the same folder ended")
	flags.StringSliceVar(&o.skip, "skip", nil, "`DATASETS` to leave out, separated by commas")
	flags.BoolVar(&o.certificateKeys, "certificate-keys", false, "read key size and signature of certificates too: a request for each application that has one")
	flags.IntVar(&o.maxContainers, "max-containers", 0, "`NUMBER` of containers whose permissions are read, of which 120 a minute can be; default 1000")
	flags.StringVar(&o.credential, "credential", "", "sign in with this `KIND` of credential, for every source: "+strings.Join(identity.Kinds(), ", ")+"; default from the configuration")
	flags.StringVar(&o.from, "from", "", "read saved responses instead of a live tenant: `folder:PATH`")
}

// collecting is a validated collectOptions.
type collecting struct {
	tenant  snapshot.Tenant
	sources []string
	folder  *folder.Source // nil for a live tenant
	config  *config
	logger  *slog.Logger
	since   *snapshot.Snapshot // nil reads everything
	resume  bool
	kept    bool // answers are kept beside the snapshot until it is complete
	journal graphapi.Journal
	skip    []snapshot.Name
	// certificateKeys and maxContainers are as in the flags.
	certificateKeys bool
	maxContainers   int
	board           *graphapi.Board // what progress is shown of
	progressStyle
	// credentialKind overrides the configuration; "" does not.
	credentialKind string
	// approve signs in for a person who is not there; nil prompts on stderr.
	approve func(userCode string) error
}

func (o *collectOptions) parse(c *config, logger *slog.Logger) (*collecting, error) {
	run := &collecting{config: c, logger: logger, sources: o.sources, board: graphapi.NewBoard()}
	if run.sources == nil {
		run.sources = c.Sources
	}
	if run.sources == nil {
		run.sources = sourceNames()
	}
	for _, name := range run.sources {
		if !slices.Contains(sourceNames(), name) {
			return nil, fmt.Errorf("unknown source %q; hint: one of %s", name, strings.Join(sourceNames(), ", "))
		}
	}
	if err := o.checkCredential(); err != nil {
		return nil, err
	}
	run.credentialKind = o.credential
	run.tenant = snapshot.Tenant{ID: strings.ToLower(o.tenant), Cloud: c.Cloud}
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
	if err := run.choose(o); err != nil {
		return nil, err
	}
	if run.tenant.ID == "" {
		return nil, errors.New("no tenant is named; hint: give --tenant ID, or tenant in the configuration")
	}
	return run, nil
}

// choose takes over how much is collected: flags over the configuration.
func (c *collecting) choose(o *collectOptions) error {
	c.resume = o.resume
	c.certificateKeys = o.certificateKeys || c.config.Collect.CertificateKeys
	c.maxContainers = cmp.Or(o.maxContainers, c.config.Collect.MaxContainers)
	c.skip = o.skip
	if c.skip == nil {
		c.skip = c.config.Collect.Skip
	}
	for _, name := range c.skip {
		if !slices.Contains(skippable(), name) {
			return fmt.Errorf("dataset %q cannot be left out; hint: one of %s", name, strings.Join(skippable(), ", "))
		}
	}
	if o.since == "" {
		return nil
	}
	since, err := snapshot.Open(o.since)
	if err != nil {
		return fmt.Errorf("--since: %w; hint: name the folder of an earlier snapshot", err)
	}
	if was := since.Manifest.Tenant; c.tenant.ID != "" && !strings.EqualFold(was.ID, c.tenant.ID) || was.Cloud != c.tenant.Cloud {
		return fmt.Errorf("--since: %s holds tenant %s in cloud %s; hint: name an earlier snapshot of the tenant that is collected", o.since, was.ID, was.Cloud)
	}
	c.since = since
	return nil
}

// skippable are the datasets that --skip takes: without the others nothing else could be read.
func skippable() []snapshot.Name {
	return slices.DeleteFunc(entra.Datasets(), func(name snapshot.Name) bool {
		return name == snapshot.Organization || name == snapshot.Applications || name == snapshot.ServicePrincipals
	})
}

func (o *collectOptions) checkCredential() error {
	switch {
	case o.credential == "":
		return nil
	case !slices.Contains(identity.Kinds(), o.credential):
		return fmt.Errorf("unknown kind of credential %q; hint: one of %s", o.credential, strings.Join(identity.Kinds(), ", "))
	case o.from != "":
		return errors.New("--credential and --from exclude each other; hint: saved responses need no sign-in")
	}
	return nil
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

func (p *program) collectCommand() *cobra.Command {
	var o collectOptions
	var log logFlags
	var configFile, dest string
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Collect a tenant into a snapshot",
		Long: `Collect a tenant into a snapshot: a folder of facts, with what could not be read.
A second run with another identity adds its datasets to the same snapshot.

What was read is kept beside the folder until the collection is complete. After a
kill, --resume goes on from there; Ctrl-C writes the snapshot with what there is,
marked partial. --since reads changes only of applications, service principals and
delegated grants, and everything else in full.

stderr shows how far it is: in place on a terminal, else in a line per dataset; in the
end a table says what became of each, and against what number its rows were held.

Exit codes:
  0  every dataset was collected, but for those left out on request
  2  the tool could not do its work; no snapshot was written
  3  the snapshot was written, and says which datasets are missing or partial`,
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
			run.kept = run.folder == nil
			datasets, err := p.collect(cmd.Context(), run, dest)
			if err != nil {
				return err
			}
			return run.verdict(datasets)
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
	run.progressStyle = log.style()
	return run, nil
}

// verdict is 3 when the snapshot lacks anything that was asked for. Saved responses
// are asked for as they are: what is not among them is lacking.
func (c *collecting) verdict(datasets map[string]snapshot.Dataset) error {
	for _, dataset := range datasets {
		onRequest := dataset.Status == snapshot.Skipped && c.folder == nil
		if dataset.Status != snapshot.Collected && !onRequest {
			return verdictError{exitUnjudged}
		}
	}
	return nil
}
