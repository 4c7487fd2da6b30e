package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"leastwise/fixtures"
	"leastwise/fixtures/simulator"
)

// demoAsOf is the day on which the demo tenant is judged: its approvals and
// credentials are dated around it.
const demoAsOf = "2026-11-20"

// demoEve is when the demo takes place, whatever the day is: what the tenant says of
// roles is read when its saved audit events end.
func demoEve() time.Time { return time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC) }

func (p *program) demoCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Scan a made-up tenant, to see what reports look like",
		Long: `Scan the made-up tenant Contoso. A simulator of Entra ID and Microsoft Graph is
started on loopback and scanned like a live tenant, tokens and device code and all.
The demo tenant has violations on purpose; the exit code is 0 when the demo worked.`,
		Example: "  leastwise demo",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", "leastwise-demo", "`DIR` to write to")
	return cmd
}

// demo runs the whole line and leaves snapshot and reports in dir.
func (p *program) demo(ctx context.Context, dir string) (err error) {
	now, ahead := p.now, demoEve().Sub(p.now())
	staged := *p
	staged.now = func() time.Time { return now().Add(ahead) }
	p = &staged
	tenant, err := fs.Sub(fixtures.Tenants, "tenants/contoso")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	sim, err := simulator.New(tenant, simulator.Options{Clock: p.now})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := sim.Start(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, sim.Close()) }()
	access, err := os.MkdirTemp(p.tempDir, "leastwise-demo-*")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(access)) }()
	if err := sim.WriteFiles(access); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	fmt.Fprintf(p.stderr, "A simulated tenant answers at %s; scanning it.\n", sim.GraphURL())
	return p.scanDemo(ctx, dir, filepath.Join(access, "leastwise.yaml"), sim.ApproveDevice)
}

func (p *program) scanDemo(ctx context.Context, dir, configFile string, approve func(string) error) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	snapshotDir := filepath.Join(dir, "snapshot")
	at := func(name string) string { return filepath.Join(dir, name) }
	audit := &auditOptions{
		config: configFile, asOf: demoAsOf, failOn: "low", log: logFlags{format: "text"},
		outputs: []string{"table", "xlsx=" + at("report.xlsx"), "html=" + at("report.html"), "md=" + at("report.md"), "json=" + at("report.json")},
	}
	j, err := audit.parse()
	if err != nil {
		return err
	}
	options := &collectOptions{}
	run, err := options.parse(j.config, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if run.usage, err = options.usageOptions.parse(p, run); err != nil {
		return err
	}
	run.approve = func(code string) error {
		fmt.Fprintf(p.stderr, "SharePoint Embedded needs a signed-in administrator; approving device code %s.\n", code)
		return approve(code)
	}
	err = p.scan(ctx, run, snapshotDir, audit, j)
	if _, ok := errors.AsType[verdictError](err); err != nil && !ok {
		return err
	}
	fmt.Fprintf(p.stdout, "\nWritten: %s (for auditors), %s (for a browser), %s (for a pull request), %s (for machines), %s (the facts)\n",
		at("report.xlsx"), at("report.html"), at("report.md"), at("report.json"), snapshotDir)
	fmt.Fprintf(p.stdout, "Next: leastwise audit %s --only SPE-001\n", snapshotDir)
	return nil
}
