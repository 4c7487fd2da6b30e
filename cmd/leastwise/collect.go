package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leastwise/collector"
	"leastwise/collector/folder"
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
}

func (o *collectOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&o.tenant, "tenant", "t", "", "`ID` of the tenant; default from the configuration")
	flags.StringSliceVar(&o.sources, "sources", nil, "`NAMES` to collect, separated by commas: "+strings.Join(sourceNames(), ", ")+"; default from the configuration, else all")
	flags.StringVar(&o.from, "from", "", "read saved responses instead of a live tenant: `folder:PATH`")
}

// collecting is a validated collectOptions.
type collecting struct {
	tenant  snapshot.Tenant
	sources []string
	folder  *folder.Source // nil for a live tenant
	config  *config
	logger  *slog.Logger
	quiet   bool
	// approve signs in for a person who is not there; nil prompts on stderr.
	approve func(userCode string) error
}

func (o *collectOptions) parse(c *config, logger *slog.Logger) (*collecting, error) {
	run := &collecting{config: c, logger: logger, sources: o.sources}
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

func (p *program) collectCommand() *cobra.Command {
	var o collectOptions
	var log logFlags
	var configFile, dest string
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Collect a tenant into a snapshot",
		Long: `Collect a tenant into a snapshot: a folder of facts, with what could not be read.
A second run with another identity adds its datasets to the same snapshot.

Exit codes:
  0  every dataset was collected
  2  the tool could not do its work; no snapshot was written
  3  the snapshot was written, and says which datasets are missing or partial`,
		Example: `  leastwise collect --config leastwise.yaml -o snapshot/
  leastwise collect --config leastwise.yaml --sources sharepoint-embedded -o snapshot/
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
			datasets, err := p.collect(cmd.Context(), run, dest)
			if err != nil {
				return err
			}
			return collectVerdict(datasets)
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
	run.quiet = log.quiet
	return run, nil
}

func collectVerdict(datasets map[string]snapshot.Dataset) error {
	for _, dataset := range datasets {
		if dataset.Status != snapshot.Collected {
			return verdictError{exitUnjudged}
		}
	}
	return nil
}

// collect writes a snapshot to dest and returns what became of each dataset.
func (p *program) collect(ctx context.Context, run *collecting, dest string) (_ map[string]snapshot.Dataset, err error) {
	sources, err := p.sources(ctx, run)
	if err != nil {
		return nil, err
	}
	w, err := snapshot.Create(dest, run.tenant, snapshot.Tool{Name: toolName, Version: release}, p.now())
	if err != nil {
		return nil, fmt.Errorf("%w; hint: name another folder with -o", err)
	}
	if err := collector.Collect(ctx, w, sources...); err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	if err := w.Commit(p.now()); err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	datasets := w.Datasets()
	if !run.quiet {
		p.showDatasets(datasets)
	}
	return datasets, nil
}

func (p *program) showDatasets(datasets map[string]snapshot.Dataset) {
	table := tabwriter.NewWriter(p.stderr, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DATASET\tSTATUS\tROWS\tREQUESTS\tNOTE")
	for _, name := range sortedDatasets(datasets) {
		d := datasets[name]
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\n", name, d.Status, d.Rows, d.Requests, oneLine(shorten(d.Reason, 100)))
	}
	if err := table.Flush(); err != nil {
		return
	}
}

// shorten cuts a text to n characters, visibly.
func shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}
