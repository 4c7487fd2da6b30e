package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/snapshot"
	"leastwise/policies"
	"leastwise/policies/catalog"
	"leastwise/policies/finding"
)

// auditOptions are the flags of everything that judges.
type auditOptions struct {
	config   string
	policies []string
	asOf     string
	failOn   string
	only     []string
	outputs  []string
	format   string // of the report on standard output that no flag asks for; "" for table
	log      logFlags
	policyFlags
	earlierFlags
	permissions string // an imported table; "" for that of the configuration
}

func (o *auditOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "configuration `FILE` (YAML)")
	flags.StringArrayVar(&o.policies, "policies", nil, "`DIR` or OPA bundle (.tar.gz) with further controls, in packages under custom; repeatable")
	flags.StringVar(&o.asOf, "as-of", "", "judge as of this `INSTANT` (RFC 3339, or a date: its 00:00:00Z)")
	flags.StringVar(&o.failOn, "fail-on", "low", "lowest `SEVERITY` that decides the exit code: critical, high, medium, low, info")
	flags.StringSliceVar(&o.only, "only", nil, "run these controls only, `IDS` separated by commas")
	flags.StringArrayVarP(&o.outputs, "output", "o", nil, "report as `FORMAT[=PATH]`; repeatable; default "+o.defaultFormat())
	o.policyFlags.add(cmd)
	o.earlierFlags.add(cmd)
	flags.StringVar(&o.permissions, "permissions", "", "`FILE` that permissions import wrote: which permission allows which call")
	o.log.add(cmd)
}

func (o *auditOptions) defaultFormat() string { return cmp.Or(o.format, "table") }

// judging is a validated auditOptions.
type judging struct {
	asOf    time.Time // zero: the snapshot's end
	failOn  finding.Severity
	outputs *outputs
	config  *config
	earlier *earlier

	permissions *catalog.Published // imported; nil for none
}

func (o *auditOptions) parse() (*judging, error) {
	j := &judging{failOn: finding.Severity(o.failOn)}
	if j.failOn.Rank() < 0 {
		return nil, fmt.Errorf("--fail-on %q is not a severity; hint: one of %v", o.failOn, finding.Severities())
	}
	_, err := o.log.logger(io.Discard)
	if err = errors.Join(err, o.check()); err != nil {
		return nil, err
	}
	if o.asOf != "" {
		if j.asOf, err = parseAsOf(o.asOf); err != nil {
			return nil, err
		}
	}
	if j.config, err = readConfig(o.config); err != nil {
		return nil, err
	}
	if j.permissions, err = j.config.published(o.permissions); err != nil {
		return nil, err
	}
	if j.earlier, err = o.open(j.config); err != nil {
		return nil, err
	}
	targets := o.outputs
	if len(targets) == 0 && !o.log.quiet {
		targets = []string{o.defaultFormat()}
	}
	if j.outputs, err = parseOutputs(targets); err != nil {
		return nil, err
	}
	return j, o.spared(j.config, j.outputs)
}

func parseAsOf(text string) (time.Time, error) {
	if t, ok := instant(text); ok {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("--as-of %q is not an instant; hint: write 2026-11-20 or 2026-11-20T18:00:00Z", text)
}

// instant reads an instant, or a date, which is its 00:00:00Z.
func instant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func (p *program) auditCommand() *cobra.Command {
	var o auditOptions
	cmd := &cobra.Command{
		Use:   "audit SNAPSHOT",
		Short: "Judge a snapshot and write reports",
		Long:  "Judge a snapshot, which `leastwise collect` wrote, and write reports.\n\n" + exitCodes,
		Example: `  leastwise audit snapshot/
  leastwise audit snapshot/ -o xlsx=report.xlsx -o json=report.json --as-of 2026-11-20
  leastwise audit snapshot/ --only ENTRA-001,SPE-003 --fail-on high`,
		Args: exactArgs("SNAPSHOT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := o.parse()
			if err != nil {
				return err
			}
			if err := j.outputs.check(); err != nil {
				return err
			}
			return p.audit(cmd.Context(), args[0], &o, j)
		},
	}
	o.add(cmd)
	return cmd
}

// exactArgs demands the named arguments, and says which one is missing.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing; hint: leastwise %s", names[len(args)], cmd.Use)
		case len(args) > len(names):
			return fmt.Errorf("unexpected argument %q; hint: leastwise %s", args[len(names)], cmd.Use)
		}
		return nil
	}
}

// audit judges the snapshot in dir, writes the reports and returns the verdict.
func (p *program) audit(ctx context.Context, dir string, o *auditOptions, j *judging) (err error) {
	p.use(forJudging())
	load := o.load()
	load.Permissions = j.permissions
	library, err := p.loadPolicies(load, o.log.style())
	if err != nil {
		return err
	}
	snap, err := snapshot.Open(dir)
	if err != nil {
		return fmt.Errorf("%w; hint: name a folder that leastwise collect wrote", err)
	}
	if j.asOf.IsZero() {
		j.asOf = snap.Manifest.Ended
	}
	thresholds := j.config.thresholds()
	if days, ok := thresholds["stale_days"].(int); ok {
		limit := time.Duration(days) * 24 * time.Hour
		snap.Doubt(limit)
		snap.DoubtBefore(j.asOf, limit, snapshot.DataConnectEvents, snapshot.RoleEvents, snapshot.ConsentEvents)
	}
	return p.judge(ctx, library, snap, o, j, policies.Options{Thresholds: thresholds})
}

// judge evaluates the controls on a snapshot, writes the reports and returns the
// verdict. What flags and configuration say is added to options.
func (p *program) judge(ctx context.Context, library *policies.Library, snap *snapshot.Snapshot, o *auditOptions, j *judging, options policies.Options) (err error) {
	options.AsOf, options.Only, options.Severity, options.Disabled = j.asOf, o.only, j.config.Severity, j.config.Disabled
	options.Declared, options.Choices = j.config.declared(), j.config.choices()
	if err := o.restrict(&options, j.config); err != nil {
		return err
	}
	engine, err := library.Engine(ctx, options)
	if err != nil {
		return err
	}
	rows, err := finding.NewWriter(p.tempDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	report, err := library.Evaluate(ctx, engine, snap, rows)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	report.Tool = finding.Tool{Name: toolName, Version: release}
	report.FailOn = j.failOn
	if err := p.applyEarlier(j.earlier, library, report, rows, options, o.log.style()); err != nil {
		return err
	}
	if err := j.outputs.write(p, func(file *os.File) error { return rows.WriteReport(file, report) }); err != nil {
		return err
	}
	return verdict(report)
}

// verdict turns a report into the exit code.
func verdict(report *finding.Report) error {
	switch report.Verdict() {
	case finding.Violations:
		return verdictError{exitViolations}
	case finding.Unjudged:
		return verdictError{exitUnjudged}
	default:
		return nil
	}
}

func sortedDatasets(datasets map[string]snapshot.Dataset) []string {
	var names []string
	for _, name := range snapshot.Names() {
		if _, ok := datasets[name]; ok {
			names = append(names, name)
		}
	}
	return slices.Clip(names)
}
