package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
	"leastwise/policies"
	"leastwise/policies/finding"
	"leastwise/policies/waiver"
	"leastwise/reports/diff"
)

// earlierFlags name what earlier decisions and reports say of findings.
type earlierFlags struct {
	waivers, baseline, previous string
}

func (f *earlierFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.waivers, "waivers", "", "`FILE` of accepted risks (YAML); what it covers is shown and does not count")
	flags.StringVar(&f.baseline, "baseline", "", "earlier JSON report `FINDINGS`: what it holds already is shown and does not count")
	flags.StringVar(&f.previous, "previous", "", "earlier JSON report `FINDINGS`: tells since when findings are there, and what changed; default that of --baseline")
}

// earlier is what the files say that those flags name; nothing of it when they name none.
type earlier struct {
	waivers            *waiver.File
	baseline, previous *waiver.Earlier
	document           *finding.Document // of the previous report
}

// open reads the files, before anything else is done. A flag comes before the configuration.
func (f *earlierFlags) open(c *config) (*earlier, error) {
	e := &earlier{}
	file := f.waivers
	if file == "" {
		file = c.file(c.Waivers)
	}
	var err error
	if file != "" {
		if e.waivers, err = waiver.Read(file); err != nil {
			return nil, err
		}
	}
	if f.baseline != "" {
		if e.baseline, e.document, err = openEarlier("--baseline", f.baseline); err != nil {
			return nil, err
		}
		e.previous = e.baseline
	}
	if f.previous != "" {
		if e.previous, e.document, err = openEarlier("--previous", f.previous); err != nil {
			return nil, err
		}
	}
	if id := strings.ToLower(c.Tenant); identity.IsTenantID(id) {
		return e, e.ofTenant(id) // a scan should not read for hours first
	}
	return e, nil
}

// spared refuses outputs that would replace what they are judged by: the next run would take for known what this one
// failed on, and nobody would have decided so. An earlier report that decides nothing may be replaced.
func (f *earlierFlags) spared(c *config, outputs *outputs) error {
	waivers := f.waivers
	if waivers == "" && c.Waivers != "" {
		waivers = c.file(c.Waivers)
	}
	for _, kept := range []struct{ path, name, hint string }{
		{f.baseline, "the baseline", "write to another file, and make it the baseline when somebody has judged what is new"},
		{waivers, "the waiver file", "write to another file"},
	} {
		if err := outputs.spare(kept.path, kept.name, kept.hint); err != nil {
			return err
		}
	}
	return nil
}

// spare refuses outputs that would replace a file.
func (o *outputs) spare(path, name, hint string) error {
	for _, target := range o.targets {
		if isOneFile(path, target.Path) {
			return fmt.Errorf("write %s report: %s would be replaced: %s; hint: %s", target.Format.Name, name, target.Path, hint)
		}
	}
	return nil
}

// isOneFile reports whether two paths lead to one file that is there.
func isOneFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	one, err := os.Stat(a)
	other, otherErr := os.Stat(b)
	return errors.Join(err, otherErr) == nil && os.SameFile(one, other)
}

func openEarlier(flag, path string) (*waiver.Earlier, *finding.Document, error) {
	hint := "name a JSON report that leastwise wrote (-o json=PATH)"
	fail := func(err error) (*waiver.Earlier, *finding.Document, error) {
		return nil, nil, withHint(fmt.Errorf("%s: %w", flag, err), hint)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fail(fmt.Errorf("read report: %s is no ordinary file", path))
	}
	document, err := finding.OpenDocument(path)
	if err != nil {
		return fail(err)
	}
	read, err := waiver.ReadEarlier(document)
	if err != nil {
		return fail(err)
	}
	return read, document, nil
}

// ofTenant refuses earlier reports of another tenant.
func (e *earlier) ofTenant(id string) error {
	for _, of := range []struct {
		flag string
		*waiver.Earlier
	}{{"--baseline", e.baseline}, {"--previous", e.previous}} {
		if of.Earlier != nil && !strings.EqualFold(of.TenantID, id) {
			return fmt.Errorf("%s: the report is of tenant %s, and %s is judged; hint: name a report of the same tenant", of.flag, of.TenantID, id)
		}
	}
	return nil
}

// apply brings what earlier reports and waivers say into a report.
func (p *program) applyEarlier(e *earlier, library *policies.Library, report *finding.Report, rows *finding.Writer, options policies.Options, style progressStyle) error {
	if err := e.ofTenant(report.Tenant.ID); err != nil {
		return err
	}
	for _, of := range []*waiver.Earlier{e.baseline, e.previous} {
		if of != nil && of.AsOf.After(report.AsOf) {
			p.tell(style, slog.LevelWarn, fmt.Sprintf("the earlier report is as of %s, after the instant that is judged; hint: name an earlier one, or judge with --as-of", of.AsOf.Format("2006-01-02T15:04:05Z07:00")))
			break
		}
	}
	if e.waivers != nil && report.AsOf.UTC().Format(time.DateOnly) < report.Snapshot.CollectedFrom {
		p.tell(style, slog.LevelWarn, fmt.Sprintf("the instant that is judged, %s, is before the snapshot was collected: waivers that have expired since are taken to hold; hint: leave out --as-of, or name a later one", report.AsOf.UTC().Format(time.RFC3339)))
	}
	err := waiver.Apply(report, rows, waiver.Options{
		Waivers: e.waivers, Baseline: e.baseline, Previous: e.previous, Known: library.Has, Files: options.Files != nil,
		Severity: options.Severity, Disabled: options.Disabled,
	})
	if err != nil || e.document == nil {
		return err
	}
	return diff.Append(e.document, rows, report, p.tempDir)
}
