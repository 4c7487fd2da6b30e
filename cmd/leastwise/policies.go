package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leastwise/policies"
)

func (p *program) policiesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "policies",
		Short:   "List, show and test the controls",
		Example: "  leastwise policies list\n  leastwise policies show SPE-001\n  leastwise policies test",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.policiesListCommand(), p.policiesShowCommand(), p.policiesTestCommand())
	return cmd
}

func addPolicies(cmd *cobra.Command, folders *[]string) {
	cmd.Flags().StringArrayVar(folders, "policies", nil, "`DIR` with further controls; repeatable")
}

func (p *program) policiesListCommand() *cobra.Command {
	var folders []string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the controls",
		Example: "  leastwise policies list",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			library, err := policies.Load(policies.LoadOptions{Folders: folders})
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tSEVERITY\tSUBJECT\tTITLE")
			for _, c := range library.Controls {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.ID, c.Severity, c.Subject, c.Title)
			}
			return table.Flush()
		},
	}
	addPolicies(cmd, &folders)
	return cmd
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
			library, err := policies.Load(policies.LoadOptions{Folders: folders})
			if err != nil {
				return err
			}
			i := slices.IndexFunc(library.Controls, func(c *policies.Control) bool { return strings.EqualFold(c.ID, args[0]) })
			if i < 0 {
				return fmt.Errorf("no control has the id %s; hint: leastwise policies list shows the ids", args[0])
			}
			p.showControl(library.Controls[i], source)
			return nil
		},
	}
	cmd.Flags().BoolVar(&source, "rego", false, "print the Rego file")
	addPolicies(cmd, &folders)
	return cmd
}

func (p *program) showControl(c *policies.Control, source bool) {
	if source {
		fmt.Fprint(p.stdout, c.Source)
		return
	}
	fmt.Fprintf(p.stdout, "%s  %s\n\n", c.ID, c.Title)
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "severity\t%s\nsubject\t%s\nneeds\t%s\n", c.Severity, c.Subject, cmp.Or(strings.Join(c.Requires, ", "), "no dataset"))
	if len(c.Optional) > 0 {
		fmt.Fprintf(table, "uses if there\t%s\n", strings.Join(c.Optional, ", "))
	}
	fmt.Fprintf(table, "file\t%s\n", c.File)
	if err := table.Flush(); err != nil {
		return
	}
	for _, part := range []struct{ title, text string }{
		{"Why", c.Description}, {"What to do", c.Remediation}, {"See", strings.Join(c.References, "\n")},
	} {
		if part.text != "" {
			fmt.Fprintf(p.stdout, "\n%s\n%s\n", part.title, indent(strings.TrimSpace(part.text)))
		}
	}
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}

func (p *program) policiesTestCommand() *cobra.Command {
	var folders []string
	var all bool
	cmd := &cobra.Command{
		Use:     "test [NAME]",
		Short:   "Run the Rego tests, of packages whose name contains NAME",
		Long:    "Run the Rego tests, of packages whose name contains NAME.\n\nExit codes:\n  0  all passed\n  1  a test failed\n  2  the tool could not do its work",
		Example: "  leastwise policies test\n  leastwise policies test expired --policies ./our-controls",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			library, err := policies.Load(policies.LoadOptions{Folders: folders})
			if err != nil {
				return err
			}
			results, err := library.Test(cmd.Context(), strings.Join(args, ""))
			if err != nil {
				return err
			}
			failed := 0
			for _, r := range results {
				if r.Failed {
					failed++
				}
				if r.Failed || all {
					fmt.Fprintln(p.stdout, r)
				}
			}
			fmt.Fprintf(p.stdout, "%d passed, %d failed\n", len(results)-failed, failed)
			if failed > 0 {
				return verdictError{exitViolations}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "print the passing tests too")
	addPolicies(cmd, &folders)
	return cmd
}
