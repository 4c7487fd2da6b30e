package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"leastwise/collector/snapshot"
	"leastwise/policies"
	"leastwise/policies/finding"
	"leastwise/policies/waiver"
)

func (p *program) waiversCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "waivers",
		Short: "Write, list and check accepted risks",
		Long: `Write, list and check waivers: risks that somebody has accepted. A waiver is bound to
one finding by its fingerprint and expires within a year. audit, scan and gate take
the file with --waivers; docs/waivers.md tells the rest.`,
		Example: "  leastwise waivers list waivers.yaml\n  leastwise waivers check waivers.yaml report.json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.waiversNewCommand(), p.waiversListCommand(), p.waiversCheckCommand())
	return cmd
}

// waiversOptions are the flags of list and check.
type waiversOptions struct {
	asOf, format string
	folders      []string
}

func (o *waiversOptions) add(cmd *cobra.Command, asOf string) {
	cmd.Flags().StringVar(&o.asOf, "as-of", "", "judge as of this `INSTANT` (RFC 3339, or a date: its 00:00:00Z); default "+asOf)
	cmd.Flags().StringVarP(&o.format, "output", "o", "text", "`FORMAT`: text or json")
}

func (o *waiversOptions) check() error {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--output %q; hint: text or json", o.format)
	}
	return nil
}

func (p *program) waiversListCommand() *cobra.Command {
	var o waiversOptions
	cmd := &cobra.Command{
		Use:   "list FILE",
		Short: "List waivers, and what their dates say",
		Long: `List waivers with what the file alone says of them: whether they hold, have expired,
were approved by who asked, and so on. Whether they match anything, check tells.`,
		Example: "  leastwise waivers list waivers.yaml\n  leastwise waivers list waivers.yaml --as-of 2027-01-01 -o json",
		Args:    exactArgs("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			file, err := waiver.Read(args[0])
			if err != nil {
				return err
			}
			asOf, err := p.waiversAsOf(o.asOf, nil)
			if err != nil {
				return err
			}
			return p.showWaivers(file, file.At(asOf, ""), asOf, o.format, false)
		},
	}
	o.add(cmd, "now")
	return cmd
}

func (p *program) waiversCheckCommand() *cobra.Command {
	var o waiversOptions
	cmd := &cobra.Command{
		Use:   "check FILE [FINDINGS.json]",
		Short: "Tell which waivers do not hold",
		Long: `Tell which waivers do not hold, by the file alone, and with a JSON report also which
match nothing.

Exit codes:
  0  every waiver holds, or is yet to begin, or is about what was not judged
  1  one or more have expired, match nothing, were approved by who asked, stand
     twice, or hold too long
  2  the tool could not do its work: bad flags, unreadable files`,
		Example: "  leastwise waivers check waivers.yaml\n  leastwise waivers check waivers.yaml report.json --as-of 2026-11-20",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return exactArgs("FILE")(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.checkWaivers(&o, args) },
	}
	o.add(cmd, "now, or the report's where that is later")
	addPolicies(cmd, &o.folders)
	return cmd
}

func (p *program) checkWaivers(o *waiversOptions, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	file, err := waiver.Read(args[0])
	if err != nil {
		return err
	}
	var document *finding.Document
	if len(args) == 2 {
		if document, err = openReport(args[1]); err != nil {
			return err
		}
	}
	asOf, err := p.waiversAsOf(o.asOf, document)
	if err != nil {
		return err
	}
	all := file.At(asOf, "")
	if document != nil {
		library, err := policies.Load(policies.LoadOptions{Folders: o.folders, ListOnly: true})
		if err != nil {
			return err
		}
		if all, err = waiver.Check(file, document, asOf, library.Has, madeOfFiles(&document.Report)); err != nil {
			return err
		}
	}
	if err := p.showWaivers(file, all, asOf, o.format, document != nil); err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(s *waiver.Standing) bool { return len(s.Faults) > 0 }) {
		return verdictError{exitViolations}
	}
	return nil
}

// madeOfFiles reports whether a report is one of gate: of files of a repository, not of a tenant.
func madeOfFiles(report *finding.Report) bool {
	has := func(name snapshot.Name) bool {
		return slices.ContainsFunc(report.Coverage, func(c finding.Coverage) bool { return c.Dataset == name })
	}
	return has(snapshot.Manifests) || !has(snapshot.Applications)
}

// openReport opens a JSON report and holds it against its own totals.
func openReport(path string) (*finding.Document, error) {
	document, err := finding.OpenDocument(path)
	if err == nil {
		err = document.Recount()
	}
	if err != nil {
		return nil, withHint(err, "name a JSON report that leastwise wrote (-o json=PATH)")
	}
	return document, nil
}

// waiversAsOf is the instant that waivers are judged as of: what the flag says, or the later of now and the report's.
func (p *program) waiversAsOf(flag string, document *finding.Document) (time.Time, error) {
	if flag != "" {
		return parseAsOf(flag)
	}
	now := p.now().UTC().Truncate(time.Second)
	if document != nil && document.AsOf.After(now) {
		return document.AsOf, nil
	}
	return now, nil
}

// standings is what list and check print as JSON.
type standings struct {
	File    string                 `json:"file"`
	AsOf    time.Time              `json:"as_of"`
	Matched bool                   `json:"matched"` // with the findings of a report
	Waivers []finding.WaiverStatus `json:"waivers"`
}

func (p *program) showWaivers(file *waiver.File, all []*waiver.Standing, asOf time.Time, format string, matched bool) error {
	rows := waiver.Statuses(all, asOf)
	if format == "json" {
		enc := json.NewEncoder(p.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(standings{file.Name, asOf, matched, rows})
	}
	fmt.Fprintf(p.stdout, "%s of %s as of %s", counted(len(rows), "waiver"), harmless(file.Name), asOf.Format(time.RFC3339))
	if !matched {
		fmt.Fprint(p.stdout, "; whether they match anything was not looked at")
	}
	fmt.Fprint(p.stdout, "\n\n")
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LINE\tID\tSTATUS\tDAYS LEFT\tCONTROL\tSUBJECT\tAPPROVER")
	for _, w := range rows {
		fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%s\t%s\t%s\n", w.Line, harmless(w.ID), status(w.Status, matched), w.DaysLeft, harmless(w.Control), harmless(w.Subject), harmless(w.Approver))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	lead := "\n"
	for _, w := range rows {
		if w.Detail != "" {
			fmt.Fprintf(p.stdout, "%sline %d, %s: %s\n", lead, w.Line, harmless(w.ID), harmless(w.Detail))
			lead = ""
		}
	}
	return nil
}

// status is what a waiver is called where nobody has looked whether it applies to anything.
func status(text string, matched bool) string {
	if text == waiver.Applied && !matched {
		return "in force"
	}
	return strings.ReplaceAll(text, "_", " ")
}

// harmless is text on one line that no terminal takes for a command, and that reads as it is written.
func harmless(text string) string {
	return cmp.Or(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return '\uFFFD'
		}
		return r
	}, oneLine(text)), "-")
}
