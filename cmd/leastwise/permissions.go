package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leastwise/policies/catalog"
)

func (p *program) permissionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "permissions",
		Short: "Look permissions up, and what allows which call",
		Example: `  leastwise permissions list --tier critical --kind application
  leastwise permissions show Sites.Selected
  leastwise permissions for POST /servicePrincipals/{id}/synchronization/acquireAccessToken
  leastwise permissions import permissions.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.permissionsListCommand(), p.permissionsShowCommand(), p.permissionsForCommand(), p.permissionsImportCommand(), p.permissionsMinimalCommand())
	return cmd
}

// catalogueFlags say what is known of permissions beside what is built in.
type catalogueFlags struct {
	config, permissions, format string
}

func (f *catalogueFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.config, "config", "c", "", "configuration `FILE` (YAML): its permissions")
	flags.StringVar(&f.permissions, "permissions", "", "`FILE` that permissions import wrote, with further operations")
	flags.StringVar(&f.format, "format", "text", "`FORMAT` of the answer: text or json")
}

func (f *catalogueFlags) load(p *program) (*catalog.Catalogue, error) {
	if f.format != "text" && f.format != "json" {
		return nil, fmt.Errorf("--format %q is unknown; hint: text or json", f.format)
	}
	c, err := readConfig(f.config)
	if err != nil {
		return nil, err
	}
	published, err := c.published(f.permissions)
	if err != nil {
		return nil, err
	}
	return p.catalogueOf(published)
}

func (p *program) catalogueOf(published *catalog.Published) (*catalog.Catalogue, error) {
	c, err := catalog.Load()
	if err == nil && published != nil {
		c = c.With(published)
	}
	return c, err
}

func writeAsJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// kindFlag reads a kind of permission; "" is all of them.
func kindFlag(text string, known ...catalog.Kind) error {
	if text != "" && !slices.Contains(known, catalog.Kind(text)) {
		return fmt.Errorf("--kind %q is unknown; hint: one of %v", text, known)
	}
	return nil
}

func (p *program) permissionsForCommand() *cobra.Command {
	var o catalogueFlags
	var kind string
	cmd := &cobra.Command{
		Use:   "for METHOD PATH",
		Short: "Show which permissions allow a call, and which is the least",
		Long: `Show which permissions allow a call, and which is the least. PATH is a template, such as
/users/{id}/messages, or the address of a request, with or without host and version.

Exit codes:
  0  answered
  2  the tool could not do its work: bad flags, unreadable files
  3  nothing is known of the call`,
		Example: `  leastwise permissions for GET /applications
  leastwise permissions for GET https://graph.microsoft.com/v1.0/users/ann@contoso.com/messages --kind application
  leastwise permissions for PATCH /users/{id} --permissions permissions-sha256-….gz --format json`,
		Args: exactArgs("METHOD", "PATH"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := kindFlag(kind, catalog.Application, catalog.Delegated); err != nil {
				return err
			}
			if !strings.Contains(args[1], "/") {
				return fmt.Errorf("%q is no path; hint: write /users/{id}", args[1])
			}
			c, err := o.load(p)
			if err != nil {
				return err
			}
			return p.showAllowed(c, args[0], args[1], kind, o.format)
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "", "only `KIND` of permissions: application or delegated")
	o.add(cmd)
	return cmd
}

// allowedRow is the answer of permissions for, for one kind.
type allowedRow struct {
	catalog.Operation
	API         string `json:"api"`
	Unsupported bool   `json:"unsupported,omitempty"`
}

func (p *program) showAllowed(c *catalog.Catalogue, method, path, kind, format string) error {
	var rows []allowedRow
	for _, k := range []catalog.Kind{catalog.Delegated, catalog.Application} {
		op, known := c.Operation(k, method, path)
		if known && (kind == "" || catalog.Kind(kind) == k) {
			rows = append(rows, allowedRow{op, c.Resources()[op.Resource], len(op.Ways) == 0})
		}
	}
	if format == "json" {
		err := writeAsJSON(p.stdout, struct {
			Method string       `json:"method"`
			Path   string       `json:"path"`
			Known  bool         `json:"known"`
			Kinds  []allowedRow `json:"kinds"`
		}{strings.ToUpper(method), catalog.NormalPath(path), len(rows) > 0, append([]allowedRow{}, rows...)})
		if err != nil || len(rows) > 0 {
			return err
		}
		return verdictError{exitUnjudged}
	}
	if len(rows) == 0 {
		fmt.Fprintf(p.stdout, "%s %s: nothing is known of this call\n", strings.ToUpper(method), catalog.NormalPath(path))
		fmt.Fprintln(p.stdout, "The table that Microsoft publishes may know it: leastwise permissions import, then --permissions FILE.")
		return verdictError{exitUnjudged}
	}
	fmt.Fprintf(p.stdout, "%s %s (%s)\n", rows[0].Method, rows[0].Path, rows[0].API)
	for _, row := range rows {
		if err := p.showOperation(c, row); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) showOperation(c *catalog.Catalogue, row allowedRow) error {
	fmt.Fprintf(p.stdout, "\n%s\n", row.Kind)
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	if row.Unsupported {
		fmt.Fprintf(table, "  not supported\tno %s permission allows it\n", row.Kind)
	}
	for _, way := range row.Ways {
		label := "  also"
		if way.Least {
			label = "  least"
		}
		if len(way.Permissions) == 0 {
			fmt.Fprintf(table, "%s\tno permission is needed\n", label)
			continue
		}
		var tiers []string
		for _, value := range way.Permissions {
			known, _ := c.Lookup(way.Resource, row.Kind, value)
			tiers = append(tiers, string(cmp.Or(known.Tier, catalog.Unrated)))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", label, strings.Join(way.Permissions, " and "), strings.Join(tiers, ", "))
	}
	if row.BodyDecides() {
		fmt.Fprintf(table, "  note\tthe body of the call decides which of them it takes\n")
	}
	if len(row.Roles) > 0 {
		fmt.Fprintf(table, "  directory role\t%s\n", strings.Join(row.Roles, " or "))
	}
	if len(row.AzureRoles) > 0 {
		fmt.Fprintf(table, "  Azure role\t%s\n", strings.Join(row.AzureRoles, " or "))
	}
	source := row.Source
	if row.Imported {
		source = "imported"
	}
	fmt.Fprintf(table, "  source\t%s\n", source)
	return table.Flush()
}

func (p *program) permissionsShowCommand() *cobra.Command {
	var o catalogueFlags
	var resource, kind string
	cmd := &cobra.Command{
		Use:   "show PERMISSION",
		Short: "Show one permission: its tier, why, and what would do with less",
		Long: `Show one permission: its tier, why, and what would do with less. PERMISSION is a name,
such as Mail.Read, or an id.`,
		Example: `  leastwise permissions show Sites.FullControl.All
  leastwise permissions show 9b50c33d-700f-43b1-b2eb-87e89b703581
  leastwise permissions show Mail.Read --kind application --format json`,
		Args: exactArgs("PERMISSION"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := kindFlag(kind, catalog.Application, catalog.Delegated, catalog.ResourceSpecific); err != nil {
				return err
			}
			c, err := o.load(p)
			if err != nil {
				return err
			}
			api, err := resourceFlag(c, resource)
			if err != nil {
				return err
			}
			return p.showPermissions(c, args[0], func(q catalog.Permission) bool {
				return (api == "" || q.Resource == api) && (kind == "" || string(q.Kind) == kind)
			}, o.format)
		},
	}
	cmd.Flags().StringVar(&resource, "resource", "", "only of this `API`, by name or appId")
	cmd.Flags().StringVar(&kind, "kind", "", "only of this `KIND`: application, delegated or rsc")
	o.add(cmd)
	return cmd
}

// permissionRow is a permission as permissions show and list write it.
type permissionRow struct {
	catalog.Permission
	API string `json:"api"`
	// LeastFor are operations for which the permission is the least, as METHOD PATH; show only.
	LeastFor []string `json:"least_for,omitempty"`
}

func (p *program) showPermissions(c *catalog.Catalogue, name string, wanted func(catalog.Permission) bool, format string) error {
	if name == "" { // would match those that have no id
		return errors.New("PERMISSION is empty; hint: name a permission, such as Mail.Read, or its id")
	}
	rows := []permissionRow{}
	for q := range c.All() {
		isIt := strings.EqualFold(q.Value, name) || strings.EqualFold(q.ID, name)
		for _, id := range q.IDs {
			isIt = isIt || strings.EqualFold(id, name)
		}
		if isIt && wanted(q) {
			rows = append(rows, permissionRow{q, c.Resources()[q.Resource], leastFor(c, q)})
		}
	}
	if len(rows) == 0 {
		return errors.New(oneLine(fmt.Sprintf("the catalogue has no permission %q of that kind and API; hint: leastwise permissions list shows all; one that is missing there counts as unrated", name)))
	}
	if format == "json" {
		return writeAsJSON(p.stdout, rows)
	}
	for i, row := range rows {
		if i > 0 {
			fmt.Fprintln(p.stdout)
		}
		if err := showPermission(p.stdout, row); err != nil {
			return err
		}
	}
	return nil
}

// leastFor lists the operations for which a permission is the least.
func leastFor(c *catalog.Catalogue, q catalog.Permission) []string {
	var list []string
	for op := range c.Operations() {
		if op.Kind == q.Kind && op.Resource == q.Resource && slices.ContainsFunc(op.Ways, func(way catalog.Alternative) bool {
			return way.Least && slices.Contains(way.Permissions, q.Value)
		}) {
			list = append(list, op.Method+" "+op.Path)
		}
	}
	return list
}

func showPermission(w io.Writer, row permissionRow) error {
	fmt.Fprintf(w, "%s  %s permission of %s\n", row.Value, row.Kind, row.API)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "  tier\t%s\n  why\t%s\n", row.Tier, row.Why)
	if row.ID != "" {
		fmt.Fprintf(table, "  id\t%s\n", row.ID)
	}
	for _, cloud := range []string{"usgov", "dod", "china", "personal"} {
		if id := row.IDs[cloud]; id != "" {
			fmt.Fprintf(table, "  id in %s\t%s\n", cloud, id)
		}
	}
	if len(row.Narrower) > 0 {
		fmt.Fprintf(table, "  with less\t%s\n", strings.Join(row.Narrower, ", "))
	}
	if row.Kind == catalog.Delegated {
		who := "administrators"
		if row.UserConsent {
			who = "users, where the tenant lets them"
		}
		fmt.Fprintf(table, "  consent by\t%s\n", who)
	}
	for _, mark := range []struct {
		is   bool
		text string
	}{{row.Deprecated, "deprecated"}, {row.Hidden, "hidden from the portal"}} {
		if mark.is {
			fmt.Fprintf(table, "  note\t%s\n", mark.text)
		}
	}
	const most = 10
	for i, operation := range row.LeastFor {
		switch {
		case i == 0:
			fmt.Fprintf(table, "  least for\t%s\n", operation)
		case i < most:
			fmt.Fprintf(table, "\t%s\n", operation)
		case i == most:
			fmt.Fprintf(table, "\t… and %d more; --format json lists all\n", len(row.LeastFor)-most)
		}
	}
	return table.Flush()
}
