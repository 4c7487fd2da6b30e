package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
	"leastwise/policies/subject"
)

// permissionsListOptions are the flags of permissions list.
type permissionsListOptions struct {
	catalogueFlags
	resource, kind, tier, unrated string
}

func (p *program) permissionsListCommand() *cobra.Command {
	var o permissionsListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the permissions that are rated, or those in use that are not",
		Long: `List the permissions that the catalogue rates. With --unrated the answer is about a
snapshot instead: which permissions are granted in the tenant that the catalogue does
not rate, and how often.`,
		Example: `  leastwise permissions list --tier critical
  leastwise permissions list --resource "Office 365 Exchange Online" --kind application
  leastwise permissions list --unrated snapshot/`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.listPermissions(&o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.resource, "resource", "", "only of this `API`, by name or appId")
	flags.StringVar(&o.kind, "kind", "", "only of this `KIND`: application, delegated or rsc")
	flags.StringVar(&o.tier, "tier", "", "only of this `TIER`: critical, high, medium, low")
	flags.StringVar(&o.unrated, "unrated", "", "list what is granted in the snapshot in `DIR` and not rated")
	o.add(cmd)
	return cmd
}

func (p *program) listPermissions(o *permissionsListOptions) error {
	if err := kindFlag(o.kind, catalog.Application, catalog.Delegated, catalog.ResourceSpecific); err != nil {
		return err
	}
	if o.tier != "" && catalog.Tier(o.tier).Rank() == 0 {
		return fmt.Errorf("--tier %q is unknown; hint: critical, high, medium or low", o.tier)
	}
	if o.unrated != "" && o.tier != "" {
		return fmt.Errorf("--tier and --unrated exclude each other; hint: what is not rated has no tier")
	}
	c, err := o.load(p)
	if err != nil {
		return err
	}
	api, err := resourceFlag(c, o.resource)
	if err != nil {
		return err
	}
	wanted := func(resource string, kind catalog.Kind) bool {
		return (api == "" || strings.EqualFold(resource, api)) && (o.kind == "" || string(kind) == o.kind)
	}
	if o.unrated != "" {
		return p.listUnrated(c, o, wanted)
	}
	rows := []permissionRow{}
	for q := range c.All() {
		if wanted(q.Resource, q.Kind) && (o.tier == "" || string(q.Tier) == o.tier) {
			rows = append(rows, permissionRow{Permission: q, API: c.Resources()[q.Resource]})
		}
	}
	if o.format == "json" {
		return writeAsJSON(p.stdout, rows)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PERMISSION\tKIND\tTIER\tAPI\tWHY")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", row.Value, row.Kind, row.Tier, row.API, row.Why)
	}
	return table.Flush()
}

// resourceFlag finds the appId of an API by its name or appId; "" is all of them.
func resourceFlag(c *catalog.Catalogue, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	apis := c.Resources()
	for id, name := range apis {
		if strings.EqualFold(id, text) || strings.EqualFold(name, text) {
			return id, nil
		}
	}
	return "", fmt.Errorf("--resource %q is unknown; hint: one of %s", text, strings.Join(slices.Sorted(maps.Values(apis)), ", "))
}

// unratedRow is a permission that is granted and not rated.
type unratedRow struct {
	Value    string       `json:"value"` // or the id of one that has no name
	Kind     catalog.Kind `json:"kind"`
	Resource string       `json:"resource"` // appId of the API; "" when not known
	API      string       `json:"api"`
	Apps     int          `json:"apps"` // applications that hold it
}

// listUnrated lists what is granted in a snapshot and not rated.
func (p *program) listUnrated(c *catalog.Catalogue, o *permissionsListOptions, wanted func(string, catalog.Kind) bool) error {
	snap, err := snapshot.Open(o.unrated)
	if err != nil {
		return withHint(err, "name the folder that leastwise collect wrote")
	}
	rows, err := unratedOf(snap, c, wanted)
	if err != nil {
		return err
	}
	var gaps []string
	for _, name := range []snapshot.Name{snapshot.AppRoleAssignments, snapshot.DelegatedGrants, snapshot.ServicePrincipals} {
		if dataset := snap.Dataset(name); !dataset.Whole() {
			gaps = append(gaps, fmt.Sprintf("%s is %s", name, dataset.Status))
		}
	}
	if o.format == "json" {
		err = writeAsJSON(p.stdout, struct {
			Unrated []unratedRow `json:"unrated"`
			Gaps    []string     `json:"gaps,omitempty"`
		}{rows, gaps})
	} else {
		table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "PERMISSION\tKIND\tAPPS\tAPI")
		for _, row := range rows {
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", oneLine(row.Value), row.Kind, row.Apps, oneLine(row.API))
		}
		err = table.Flush()
		for _, gap := range gaps {
			fmt.Fprintf(p.stdout, "There may be more: %s.\n", gap)
		}
	}
	if err == nil && len(gaps) > 0 {
		err = verdictError{exitUnjudged}
	}
	return err
}

func unratedOf(snap *snapshot.Snapshot, c *catalog.Catalogue, wanted func(string, catalog.Kind) bool) ([]unratedRow, error) {
	join, err := subject.Open(snap, subject.Options{AsOf: snap.Manifest.Ended, Catalogue: c, Kinds: []subject.Kind{subject.KindApplication}})
	if err != nil {
		return nil, err
	}
	found := map[unratedRow]int{}
	for build, err := range join.Documents(subject.KindApplication) {
		if err != nil {
			return nil, err
		}
		document, err := build()
		if err != nil {
			return nil, err
		}
		app, ok := document.Value.(*subject.Application)
		if !ok {
			continue
		}
		held := map[unratedRow]bool{}
		for _, g := range app.Grants {
			row := unratedRow{cmp.Or(g.Permission, g.PermissionID), catalog.Kind(g.Kind), g.ResourceAppID, cmp.Or(g.ResourceName, g.ResourceAppID), 0}
			if cmp.Or(g.Tier, string(catalog.Unrated)) == string(catalog.Unrated) && wanted(row.Resource, row.Kind) && !held[row] {
				held[row] = true
				found[row]++
			}
		}
	}
	rows := []unratedRow{}
	for row, apps := range found {
		row.Apps = apps
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b unratedRow) int {
		return cmp.Or(cmp.Compare(b.Apps, a.Apps), cmp.Compare(a.API, b.API), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Kind, b.Kind))
	})
	return rows, nil
}
