package main

import (
	"cmp"
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
		Short: "Judge the files of a repository before they are merged",
		Long: `Judge what the files below PATH define, with file and line. What they do not
tell, such as an expression that is computed at run time, is unknown. Files are
told by what is in them; other JSON files are passed over and counted.

Pipelines (Data Factory, Synapse, Fabric, ARM templates) are held against the
Data Connect approvals of a snapshot: a run that Data Connect would refuse fails.

Applications (Entra app manifests, Terraform plans as JSON, templates built from
Bicep with the Microsoft Graph extension, Microsoft 365 app manifests) are judged
by the controls that judge a tenant's, as far as files can tell. With --against
the report also shows which permissions merging them would newly request.

Where the files name no tenant for a destination, it is taken to be the one that
they are deployed in: --tenant, else the snapshot's, else the configuration's.
The evidence of a finding says so. Without --against the approvals are not known.

` + exitCodes,
		Example: `  leastwise gate factory/ --against snapshot/
  leastwise gate pipeline.json template.json --against snapshot/ --fail-on high
  leastwise gate manifest.json plan.json -o json=gate.json
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
			if err := j.outputs.check(); err != nil {
				return err
			}
			return p.gate(cmd.Context(), args, &o, j)
		},
	}
	o.audit.add(cmd)
	cmd.Flags().StringVar(&o.against, "against", "", "the `SNAPSHOT` whose approvals count, and whose applications are compared with")
	cmd.Flags().StringVar(&o.tenant, "tenant", "", "`ID` of the tenant that the files are deployed in; default the snapshot's")
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
	source := manifest.New(manifest.Options{Paths: paths, Tenant: deployed, Applications: true, Logger: logger})
	if err := p.readFiles(ctx, dir, source, against, o.against, deployed); err != nil {
		return err
	}
	snap, err := snapshot.Open(dir)
	if err != nil {
		return err
	}
	kinds := gateKinds(snap)
	if err := errors.Join(o.comparable(against, kinds), p.judgeable(o, snap, kinds)); err != nil {
		return err
	}
	load := o.audit.load(kinds...)
	load.Permissions = j.permissions
	library, err := p.loadPolicies(load, o.audit.log.style())
	if err != nil {
		return err
	}
	if err := onlyOf(library, o.audit.only, kinds); err != nil {
		return err
	}
	thresholds := j.config.thresholds()
	doubtAgainst(snap, j.asOf, thresholds)
	p.sayAgainst(o, against, deployed, kinds)
	p.sayUncompared(o, against, kinds)
	p.sayPart(o, library)
	p.sayPassed(o, source.Passed())
	return p.judge(ctx, library, snap, &o.audit, j, policies.Options{Thresholds: thresholds, Kinds: kinds, Files: gateFiles(against)})
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

// approvalDatasets are the datasets of a snapshot that say what is approved.
func approvalDatasets() []snapshot.Name {
	return []snapshot.Name{snapshot.DataConnectEvents, snapshot.DataConnectRegister}
}

// readFiles makes a snapshot of the files and of what another one says of approvals and
// applications.
func (p *program) readFiles(ctx context.Context, dir string, source *manifest.Source, against *snapshot.Snapshot, name, deployed string) error {
	tenant, started := snapshot.Tenant{ID: cmp.Or(deployed, "not known"), Cloud: "global"}, p.now()
	if against != nil {
		tenant, started = against.Manifest.Tenant, against.Manifest.Started
	}
	w, err := snapshot.Create(dir, tenant, snapshot.Tool{Name: toolName, Version: release}, started)
	if err != nil {
		return err
	}
	if err := p.fillFiles(ctx, w, source, against, name); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Commit(p.now())
}

func (p *program) fillFiles(ctx context.Context, w *snapshot.Writer, source *manifest.Source, against *snapshot.Snapshot, name string) error {
	if err := source.Collect(ctx, w); err != nil {
		return err
	}
	_, reads := w.Has(snapshot.Pipelines)
	_, defines := w.Has(snapshot.Manifests)
	why := "no --against SNAPSHOT was given"
	if against != nil {
		names := []snapshot.Name{snapshot.Organization}
		if reads {
			names = append(names, approvalDatasets()...)
		}
		if defines {
			names = append(names, applicationDatasets()...)
		}
		if err := w.Adopt(against, names...); err != nil {
			return err
		}
		why = fmt.Sprintf("the snapshot %s holds none", name)
		if err := absent(w, defines, why); err != nil {
			return err
		}
	}
	if _, ok := w.Has(snapshot.DataConnectEvents); reads && !ok {
		return w.Without(snapshot.DataConnectEvents, snapshot.Dataset{Status: snapshot.Skipped, Reason: why})
	}
	return nil
}

// sayAgainst tells which approvals count, once. A stderr that is gone takes nothing,
// and the report says it too.
func (p *program) sayAgainst(o *gateOptions, against *snapshot.Snapshot, deployed string, kinds []subject.Kind) {
	style := o.audit.log.style()
	switch {
	case style.quiet:
	case against == nil && !slices.Contains(kinds, subject.KindPipeline):
		// Nothing that is judged needs approvals; what would be new is not asked for.
	case against == nil:
		const text = "no --against SNAPSHOT was given: approvals are not known, and the rules that compare with them cannot be judged"
		if style.json {
			p.event(slog.LevelWarn, text)
			return
		}
		_ = p.notice(style, "warning: "+text)
	default:
		m := against.Manifest
		text := fmt.Sprintf("against %s, the snapshot of tenant %s completed %s", o.against, tenantName(m.Tenant), m.Ended.UTC().Format(time.RFC3339))
		if slices.Contains(kinds, subject.KindPipeline) {
			text += "; destinations without a tenant are taken to be in " + deployed
		}
		_ = p.notice(style, text)
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
