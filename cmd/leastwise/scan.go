package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"leastwise/policies"
)

func (p *program) scanCommand() *cobra.Command {
	var audit auditOptions
	var o collectOptions
	var keep string
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Collect a tenant and judge it",
		Long: "Collect a tenant and judge it: collect and audit in one. What was read is kept, for\n" +
			"--resume and for the audit events of the next scan, with --snapshot DIR only; Ctrl-C\n" +
			"ends a scan without a report.\n\n" + exitCodes,
		Example: `  leastwise scan --config leastwise.yaml -o xlsx=report.xlsx -o json=report.json
  leastwise scan --config leastwise.yaml --snapshot snapshot/ --fail-on high`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			j, err := audit.parse()
			if err != nil {
				return err
			}
			if err := j.outputs.checkBeside(keep); err != nil { // before hours of collecting
				return err
			}
			if len(audit.policies) > 0 || audit.framework != "" {
				// A mistake in them must not show after hours of collecting only.
				if _, err := policies.Load(audit.load()); err != nil {
					return err
				}
			}
			run, err := p.parseCollect(&o, &audit.log, audit.config)
			if err != nil {
				return err
			}
			return p.scan(cmd.Context(), run, keep, &audit, j)
		},
	}
	cmd.Flags().StringVar(&keep, "snapshot", "", "keep the snapshot in `DIR`")
	audit.add(cmd)
	o.add(cmd)
	return cmd
}

// scan collects into dir, or a temporary folder when dir is empty, and judges what
// was collected.
func (p *program) scan(ctx context.Context, run *collecting, dir string, audit *auditOptions, j *judging) (err error) {
	run.kept = dir != ""
	if dir == "" {
		temp, err := os.MkdirTemp(p.tempDir, "leastwise-scan-*")
		if err != nil {
			return fmt.Errorf("scan: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
		dir = filepath.Join(temp, "snapshot")
	}
	if _, err := p.collect(ctx, run, dir); err != nil {
		return err
	}
	if !run.kept && run.since == nil && run.follows() {
		p.tell(run.progressStyle, slog.LevelWarn, "the audit events that were read are not kept for the next scan, which will know of seven days only; hint: keep them with --snapshot DIR, or start from an earlier snapshot with --since DIR")
	}
	if ctx.Err() != nil {
		return errors.New("interrupted before anything was judged; hint: begin again, or with --snapshot DIR --resume where the first run had --snapshot DIR")
	}
	return p.audit(ctx, dir, audit, j)
}
