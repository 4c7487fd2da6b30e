package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leastwise/policies"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
	"leastwise/policies/waiver"
)

func (p *program) policiesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "policies",
		Short:   "List, show, test and write controls",
		Example: "  leastwise policies list --framework cis_m365\n  leastwise policies show SPE-001\n  leastwise policies new CUSTOM-001 --dir our-controls\n  leastwise policies test our-controls",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.policiesListCommand(), p.policiesShowCommand(), p.policiesTestCommand(), p.policiesNewCommand(), p.policiesDocsCommand())
	return cmd
}

func addPolicies(cmd *cobra.Command, folders *[]string) {
	cmd.Flags().StringArrayVar(folders, "policies", nil, "`DIR` or OPA bundle (.tar.gz) with further controls, in packages under custom; repeatable")
}

// loadPolicies loads controls and says on stderr what a reader has to know of them.
func (p *program) loadPolicies(options policies.LoadOptions, style progressStyle) (*policies.Library, error) {
	library, err := policies.Load(options)
	if err != nil {
		return nil, err
	}
	for _, note := range library.Notes {
		p.tell(style, slog.LevelWarn, note)
	}
	return library, nil
}

// listing are the flags of list.
type listing struct {
	folders                              []string
	severity, subject, framework, format string
}

func (p *program) policiesListCommand() *cobra.Command {
	var o listing
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the controls",
		Long:  "List the controls. With --framework they stand under the requirements that they look at.",
		Example: `  leastwise policies list
  leastwise policies list --severity high --subject application
  leastwise policies list --framework nist_800_53`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.listPolicies(&o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.severity, "severity", "", "only controls of this `SEVERITY`: critical, high, medium, low, info")
	flags.StringVar(&o.subject, "subject", "", "only controls that judge this `KIND` of subject")
	flags.StringVar(&o.framework, "framework", "", "only controls of this framework, by requirement: `NAME`")
	flags.StringVar(&o.format, "format", "text", "`FORMAT`: text or json")
	addPolicies(cmd, &o.folders)
	return cmd
}

func (p *program) listPolicies(o *listing) error {
	switch {
	case o.severity != "" && finding.Severity(o.severity).Rank() < 0:
		return fmt.Errorf("--severity %q is not a severity; hint: one of %v", o.severity, finding.Severities())
	case o.subject != "" && !slices.Contains(listedKinds(), subject.Kind(o.subject)):
		return fmt.Errorf("--subject %q is not a kind of subject; hint: one of %v", o.subject, listedKinds())
	case o.format != "text" && o.format != "json":
		return fmt.Errorf("--format %q; hint: text or json", o.format)
	}
	library, err := p.loadPolicies(policies.LoadOptions{Folders: o.folders, ListOnly: true, Framework: o.framework}, progressStyle{})
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(library.Listed(), func(c *policies.Control) bool {
		return o.severity != "" && string(c.Severity) != o.severity || o.subject != "" && string(c.Subject) != o.subject
	})
	if o.format == "json" {
		return p.listJSON(library, chosen, o.framework)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	if o.framework != "" {
		if err := listByRequirement(table, library, chosen, o.framework); err != nil {
			return err
		}
		return table.Flush()
	}
	fmt.Fprintln(table, "ID\tSEVERITY\tSUBJECT\tTITLE")
	for _, c := range chosen {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.ID, c.Severity, c.Subject, c.Title)
	}
	return table.Flush()
}

// listedKinds are the kinds of subjects that controls judge: those of a tenant, and waivers.
func listedKinds() []subject.Kind { return append(subject.Kinds(), waiver.Kind) }

// listByRequirement lists controls under the requirements of a framework. Those that look at several stand under each.
func listByRequirement(table *tabwriter.Writer, library *policies.Library, chosen []*policies.Control, name string) error {
	framework, err := library.Framework(name)
	if err != nil {
		return err
	}
	fmt.Fprintln(table, "REQUIREMENT\tID\tSEVERITY\tSUBJECT\tTITLE")
	for _, requirement := range framework.Requirements {
		heading := false
		for _, c := range chosen {
			if !slices.Contains(requirement.Controls, c.ID) {
				continue
			}
			if !heading {
				fmt.Fprintf(table, "%s\t\t\t\t%s\n", requirement.ID, requirement.Title)
				heading = true
			}
			fmt.Fprintf(table, "\t%s\t%s\t%s\t%s\n", c.ID, c.Severity, c.Subject, c.Title)
		}
	}
	return nil
}

// listed is a control as `policies list --format json` has it.
type listed struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Severity   finding.Severity      `json:"severity"`
	Subject    subject.Kind          `json:"subject"`
	Package    string                `json:"package"`
	File       string                `json:"file"`
	Frameworks []finding.Requirement `json:"frameworks"`
}

func (p *program) listJSON(library *policies.Library, chosen []*policies.Control, framework string) error {
	rows := []listed{}
	for _, c := range chosen {
		requirements := library.Requirements(c.ID, framework)
		if framework != "" && len(requirements) == 0 {
			continue
		}
		rows = append(rows, listed{c.ID, c.Title, c.Severity, c.Subject, c.Package(), c.File, append([]finding.Requirement{}, requirements...)})
	}
	enc := json.NewEncoder(p.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}

func (p *program) policiesShowCommand() *cobra.Command {
	var folders []string
	var source bool
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "Show one control",
		Example: "  leastwise policies show SPE-001\n  leastwise policies show SPE-001 --rego",
		Args:    exactArgs("ID"),
		RunE: func(_ *cobra.Command, args []string) error {
			id := strings.ToUpper(args[0])
			library, err := p.loadPolicies(policies.LoadOptions{Folders: folders, Only: []string{id}}, progressStyle{})
			if err != nil {
				return err
			}
			controls := library.Listed()
			i := slices.IndexFunc(controls, func(c *policies.Control) bool { return c.ID == id })
			switch {
			case i < 0:
				return fmt.Errorf("no control has the id %s; hint: leastwise policies list shows the ids", args[0])
			case source && policies.JudgesWaivers(id):
				return fmt.Errorf("%s is not written in Rego: it judges the waiver file; hint: leave --rego out", id)
			case source:
				fmt.Fprint(p.stdout, controls[i].Source)
				return nil
			}
			return p.showControl(library, controls[i])
		},
	}
	cmd.Flags().BoolVar(&source, "rego", false, "print the Rego file")
	addPolicies(cmd, &folders)
	return cmd
}

func (p *program) showControl(library *policies.Library, c *policies.Control) error {
	fmt.Fprintf(p.stdout, "%s  %s\n\n", c.ID, c.Title)
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	needs := cmp.Or(strings.Join(c.Requires, ", "), "no dataset")
	if policies.JudgesWaivers(c.ID) {
		needs = "a waiver file, with --waivers"
	}
	fmt.Fprintf(table, "severity\t%s\nsubject\t%s\nneeds\t%s\n", c.Severity, c.Subject, needs)
	if len(c.Optional) > 0 {
		fmt.Fprintf(table, "uses if there\t%s\n", strings.Join(c.Optional, ", "))
	}
	for _, framework := range library.Frameworks {
		if ids := framework.Of(c.ID); len(ids) > 0 {
			fmt.Fprintf(table, "%s\t%s\n", framework.Name, strings.Join(ids, ", "))
		}
	}
	fmt.Fprintf(table, "file\t%s\n", c.File)
	if err := table.Flush(); err != nil {
		return err
	}
	for _, part := range []struct{ title, text string }{
		{"Why", c.Description}, {"What to do", c.Remediation}, {"See", strings.Join(c.References, "\n")},
	} {
		if part.text != "" {
			fmt.Fprintf(p.stdout, "\n%s\n%s\n", part.title, indent(strings.TrimSpace(part.text)))
		}
	}
	return nil
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}
