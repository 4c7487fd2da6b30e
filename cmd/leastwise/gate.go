package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
	"leastwise/collector/manifest"
	"leastwise/collector/snapshot"
	"leastwise/policies"
	"leastwise/policies/subject"
)

// gateOptions are the flags of gate.
type gateOptions struct {
	audit   auditOptions
	against string
	tenant  string
}

func (p *program) gateCommand() *cobra.Command {
	o := gateOptions{audit: auditOptions{format: "lines"}}
	cmd := &cobra.Command{
		Use:   "gate PATH...",
		Short: "Judge pipeline files before they run",
		Long: `Judge the pipelines that the files below PATH define (Data Factory, Synapse,
Fabric, ARM templates), against the Data Connect approvals of a snapshot: a run
that Data Connect would refuse fails here, with file and line. What the files
do not tell, such as an expression that is computed at run time, is unknown.

Where the files name no tenant for a destination, it is taken to be the one that
they are deployed in: --tenant, else the snapshot's, else the configuration's.
The evidence of a finding says so. Without --against the approvals are not known.

` + exitCodes,
		Example: `  leastwise gate factory/ --against snapshot/
  leastwise gate pipeline.json template.json --against snapshot/ --fail-on high
  leastwise gate synapse/ --against snapshot/ --tenant 11111111-2222-3333-4444-555555555555 -o json=gate.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("PATH is missing; hint: leastwise gate PATH..., files or folders")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := o.audit.parse()
			if err != nil {
				return err
			}
			return p.gate(cmd.Context(), args, &o, j)
		},
	}
	o.audit.add(cmd)
	cmd.Flags().StringVar(&o.against, "against", "", "the `SNAPSHOT` whose approvals count")
	cmd.Flags().StringVar(&o.tenant, "tenant", "", "`ID` of the tenant that the pipelines are deployed in; default the snapshot's")
	return cmd
}

// gate judges the pipelines that files define, and returns the verdict.
func (p *program) gate(ctx context.Context, paths []string, o *gateOptions, j *judging) (err error) {
	p.use(forJudging())
	if j.asOf.IsZero() {
		j.asOf = p.now().UTC().Truncate(time.Second)
	}
	against, err := o.approvals()
	if err != nil {
		return err
	}
	deployed, err := o.deployedIn(against, j.config)
	if err != nil {
		return err
	}
	library, err := policies.Load(policies.LoadOptions{Folders: o.audit.policies})
	if err != nil {
		return err
	}
	if err := onlyPipelines(library, o.audit.only); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(p.tempDir, "leastwise-gate-*")
	if err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	dir := filepath.Join(temp, "snapshot")
	logger, err := o.audit.log.logger(p.stderr)
	if err != nil {
		return err
	}
	source := manifest.New(manifest.Options{Paths: paths, Tenant: deployed, Logger: logger})
	if err := p.readPipelines(ctx, dir, source, against, o.against); err != nil {
		return err
	}
	snap, err := snapshot.Open(dir)
	if err != nil {
		return err
	}
	thresholds := j.config.thresholds()
	if days, ok := thresholds["stale_days"].(int); ok {
		snap.DoubtBefore(j.asOf, time.Duration(days)*24*time.Hour, approvalDatasets()...)
	}
	p.sayAgainst(o, against, deployed)
	p.sayPart(o, library)
	return p.judge(ctx, library, snap, &o.audit, j, policies.Options{Thresholds: thresholds, Kinds: []subject.Kind{subject.KindPipeline}})
}

// approvals opens the snapshot that holds the approvals; nil when none was named.
func (o *gateOptions) approvals() (*snapshot.Snapshot, error) {
	if o.against == "" {
		return nil, nil
	}
	snap, err := snapshot.Open(o.against)
	if err != nil {
		return nil, fmt.Errorf("%w; hint: name a folder that leastwise collect wrote with --against", err)
	}
	return snap, nil
}

// deployedIn is the id of the tenant that the files are deployed in; empty when nothing
// tells. A domain of the configuration does not, for destinations are compared by id.
func (o *gateOptions) deployedIn(against *snapshot.Snapshot, c *config) (string, error) {
	switch {
	case o.tenant != "":
		id := strings.ToLower(o.tenant)
		if !identity.IsTenantID(id) {
			return "", fmt.Errorf("--tenant %q is no tenant id; hint: Entra admin center, Overview, Tenant ID", o.tenant)
		}
		return id, nil
	case against != nil:
		return strings.ToLower(against.Manifest.Tenant.ID), nil
	case identity.IsTenantID(strings.ToLower(c.Tenant)):
		return strings.ToLower(c.Tenant), nil
	}
	return "", nil
}

// onlyPipelines refuses ids of controls that judge something else: a selection that
// leaves nothing over would always be well.
func onlyPipelines(library *policies.Library, only []string) error {
	for _, control := range library.Controls {
		for _, id := range only {
			if control.ID == id && control.Subject != subject.KindPipeline {
				return fmt.Errorf("--only %s: this control judges subjects of the kind %s, and gate judges pipelines; hint: leastwise audit runs it",
					id, control.Subject)
			}
		}
	}
	return nil
}

// approvalDatasets are the datasets of a snapshot that say what is approved.
func approvalDatasets() []snapshot.Name {
	return []snapshot.Name{snapshot.DataConnectEvents, snapshot.DataConnectRegister}
}

// readPipelines makes a snapshot of the files and of what another one says of
// approvals.
func (p *program) readPipelines(ctx context.Context, dir string, source *manifest.Source, against *snapshot.Snapshot, name string) error {
	tenant, started := snapshot.Tenant{ID: "not known", Cloud: "global"}, p.now()
	if against != nil {
		tenant, started = against.Manifest.Tenant, against.Manifest.Started
	}
	w, err := snapshot.Create(dir, tenant, snapshot.Tool{Name: toolName, Version: release}, started)
	if err != nil {
		return err
	}
	if err := p.fillPipelines(ctx, w, source, against, name); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Commit(p.now())
}

func (p *program) fillPipelines(ctx context.Context, w *snapshot.Writer, source *manifest.Source, against *snapshot.Snapshot, name string) error {
	why := "no --against SNAPSHOT was given"
	if against != nil {
		if err := w.Adopt(against, append(approvalDatasets(), snapshot.Organization)...); err != nil {
			return err
		}
		why = fmt.Sprintf("the snapshot %s holds none", name)
	}
	if _, ok := w.Has(snapshot.DataConnectEvents); !ok {
		if err := w.Without(snapshot.DataConnectEvents, snapshot.Dataset{Status: snapshot.Skipped, Reason: why}); err != nil {
			return err
		}
	}
	return source.Collect(ctx, w)
}

// sayAgainst tells which approvals count, once. A stderr that is gone takes nothing,
// and the report says it too.
func (p *program) sayAgainst(o *gateOptions, against *snapshot.Snapshot, deployed string) {
	style := o.audit.log.style()
	switch {
	case style.quiet:
	case against == nil:
		const text = "no --against SNAPSHOT was given: approvals are not known, and the rules that compare with them cannot be judged"
		if style.json {
			p.event(slog.LevelWarn, text)
			return
		}
		_ = p.notice(style, "warning: "+text)
	default:
		m := against.Manifest
		_ = p.notice(style, fmt.Sprintf("against %s, the snapshot of tenant %s completed %s; destinations without a tenant are taken to be in %s",
			o.against, tenantName(m.Tenant), m.Ended.UTC().Format(time.RFC3339), deployed))
	}
}

// sayPart warns of a choice of rules that leaves out the first: without an approval of the
// application, the others have nothing to compare with and say nothing.
func (p *program) sayPart(o *gateOptions, library *policies.Library) {
	const first = "DC-101"
	style, rest := o.audit.log.style(), false
	for _, control := range library.Controls {
		chosen := slices.Contains(o.audit.only, control.ID)
		if control.ID == first && chosen {
			return
		}
		rest = rest || chosen && strings.HasPrefix(control.ID, "DC-10")
	}
	if style.quiet || !rest {
		return
	}
	const text = "--only leaves out " + first + ", which alone tells of an application without an approval: the chosen controls pass it over"
	if style.json {
		p.event(slog.LevelWarn, text)
		return
	}
	_ = p.notice(style, "warning: "+text)
}

func tenantName(t snapshot.Tenant) string {
	if t.Name == "" {
		return t.ID
	}
	return fmt.Sprintf("%s (%s)", t.Name, t.ID)
}
