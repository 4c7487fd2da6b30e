package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/policies/finding"
	"leastwise/reports"
	"leastwise/reports/diff"
)

const diffCodes = `Exit codes:
  0  nothing differs
  1  something differs
  2  the tool could not do its work: bad flags, unreadable files, two tenants
  3  nothing is known to differ, but something could not be compared`

// diffOptions are the flags of diff.
type diffOptions struct {
	config   string
	policies []string
	outputs  []string
	log      logFlags
}

func (p *program) diffCommand() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Tell what changed between two snapshots or reports, by whom and when",
		Long: `Tell what changed between two snapshots or reports of one tenant: applications, permissions,
credentials, owners, container types and their permissions, Data Connect approvals, findings.

OLD and NEW are folders that leastwise collect wrote, JSON reports, or one of each. A snapshot is
judged first, as of its own end. What one side did not read is named, and never told as added or removed.

` + diffCodes,
		Example: `  leastwise diff monday/ tuesday/
  leastwise diff last-week.json snapshot/ --config leastwise.yaml -o md=comment.md -o json=changes.json`,
		Args: exactArgs("OLD", "NEW"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.diff(cmd.Context(), args[0], args[1], &o) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "configuration `FILE` (YAML) that snapshots are judged with")
	flags.StringArrayVar(&o.policies, "policies", nil, "`DIR` or OPA bundle (.tar.gz) with further controls, for snapshots; repeatable")
	flags.StringArrayVarP(&o.outputs, "output", "o", nil, "differences as `FORMAT[=PATH]` with text, json or md; repeatable; default text")
	o.log.add(cmd)
	return cmd
}

// diff compares, writes and returns the verdict.
func (p *program) diff(ctx context.Context, old, new string, o *diffOptions) (err error) {
	comparison := &reports.Comparison{}
	targets := o.outputs
	if len(targets) == 0 {
		targets = []string{"text"}
	}
	outputs, err := parseOutputsOf(reports.ComparisonFormats(comparison), targets)
	if err != nil {
		return err
	}
	if err := outputs.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(p.tempDir, "leastwise-diff-*")
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	before, err := p.openSide(ctx, old, filepath.Join(dir, "old.json"), o)
	if err != nil {
		return err
	}
	after, err := p.openSide(ctx, new, filepath.Join(dir, "new.json"), o)
	if err != nil {
		return err
	}
	if a, b := before.document.Tenant.ID, after.document.Tenant.ID; !strings.EqualFold(a, b) {
		return fmt.Errorf("compare: %w: %s is of %s, %s of %s; hint: name two snapshots or reports of one tenant", diff.ErrTenants, old, a, new, b)
	}
	result, err := diff.Compare(before.document, after.document, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	if before.document.AsOf.After(after.document.AsOf) {
		p.tell(o.log.style(), slog.LevelWarn, fmt.Sprintf("OLD is as of %s, later than NEW; hint: name the earlier one first", before.AsOf))
	}
	fill(comparison, before, after, result)
	if err := outputs.render(p, after.document); err != nil {
		return err
	}
	switch {
	case result.Len() > 0:
		return verdictError{exitViolations}
	case len(result.NotCompared) > 0:
		return verdictError{exitUnjudged}
	}
	return nil
}

// comparedSide is a side with its report.
type comparedSide struct {
	reports.ComparedSide
	document *finding.Document
}

// openSide opens a report, or judges a snapshot and opens that report, which goes to a file.
func (p *program) openSide(ctx context.Context, path, file string, o *diffOptions) (comparedSide, error) {
	side := comparedSide{ComparedSide: reports.ComparedSide{Source: "report"}}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return side, fmt.Errorf("compare: %w; hint: name a folder that leastwise collect wrote, or a JSON report", err)
	case info.IsDir():
		side.Source = "snapshot"
		err = p.judgeSide(ctx, path, file, o)
	case !info.Mode().IsRegular():
		err = fmt.Errorf("compare: %s is no ordinary file; hint: name a folder that leastwise collect wrote, or a JSON report", path)
	default:
		file = path
	}
	if err != nil {
		return side, err
	}
	if side.document, err = finding.OpenDocument(file); err != nil {
		return side, withHint(err, "name a folder that leastwise collect wrote, or a JSON report (-o json=PATH)")
	}
	side.AsOf, side.SHA256 = side.document.AsOf.UTC().Format(time.RFC3339), side.document.Snapshot.SHA256
	if side.Source == "report" {
		if err := side.document.Recount(); err != nil {
			return side, err
		}
		side.SHA256, err = diff.FileDigest(path)
	}
	return side, err
}

// judgeSide judges a snapshot as audit does. What it comes to is told by the differences.
func (p *program) judgeSide(ctx context.Context, dir, file string, o *diffOptions) error {
	audit := auditOptions{config: o.config, policies: o.policies, failOn: string(finding.Low), outputs: []string{"json=" + file}, log: o.log}
	judging, err := audit.parse()
	if err != nil {
		return err
	}
	err = p.audit(ctx, dir, &audit, judging)
	if _, ok := errors.AsType[verdictError](err); ok {
		return nil
	}
	return err
}

// fill completes what the formats draw.
func fill(c *reports.Comparison, old, new comparedSide, result *diff.Result) {
	c.ComparisonHeader = reports.ComparisonHeader{
		SchemaVersion: reports.ComparisonVersion, Tool: finding.Tool{Name: toolName, Version: release}, Tenant: new.document.Tenant,
		Old: old.ComparedSide, New: new.ComparedSide, NotCompared: append([]finding.NotCompared{}, result.NotCompared...),
		Notes: append([]string{}, result.Notes...), Totals: []reports.AreaTotal{},
	}
	for _, t := range result.Totals {
		c.Totals = append(c.Totals, reports.AreaTotal(t))
	}
	c.Differences = result.Differences
}
