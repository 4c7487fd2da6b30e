package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leastwise/collector/identity"
	"leastwise/collector/usage"
	"leastwise/policies/catalog"
)

// minimalOptions are the flags of permissions minimal.
type minimalOptions struct {
	app, snapshot, kind string
	activity            []string
	from, to            string
	catalogueFlags
}

func (p *program) permissionsMinimalCommand() *cobra.Command {
	var o minimalOptions
	cmd := &cobra.Command{
		Use:   "minimal [FILE]...",
		Short: "Find the smallest set of permissions for the calls that an application was seen to make",
		Long: `Find the smallest set of permissions for the calls that an application was seen to
make, by the total weight of their tiers: low 1, medium 10, high 100, unrated 300,
critical 1000. The set is exact, not a guess; where the search had to be cut short,
the answer says by how much a lighter set could beat it.

Calls come from exports of MicrosoftGraphActivityLogs, app-only and delegated ones
apart. With a snapshot, which tells what is granted, the answer says what can go.
No call seen is no evidence, which is not the same as no need.

Exit codes:
  0  answered in full
  2  the tool could not do its work: bad flags, unreadable files
  3  something could not be told: no call of the application, a call that no catalogue
     knows or nothing granted is known to allow, grants that were not read, a set that
     is not proven minimal, what can go by a look-back that is short or not declared`,
		Example: `  leastwise permissions minimal --app 7c1d5e90-64b8-4f2a-8d37-5e0b9a12c4f6 --activity graph.json
  leastwise permissions minimal --app 7c1d5e90-64b8-4f2a-8d37-5e0b9a12c4f6 --activity exports/ \
    --snapshot snapshot/ --permissions permissions-sha256-….gz --format json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, files []string) error {
			o.activity = append(o.activity, files...)
			return p.minimal(cmd.Context(), &o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.app, "app", "", "application, by its appId `ID`")
	flags.StringArrayVar(&o.activity, "activity", nil, "`PATH` of an export of MicrosoftGraphActivityLogs; a file, a folder, or - for stdin; may be repeated")
	flags.StringVar(&o.snapshot, "snapshot", "", "snapshot `DIR` that tells what is granted")
	flags.StringVar(&o.kind, "kind", "", "`KIND` of permissions, application or delegated; default both")
	flags.StringVar(&o.from, "activity-from", "", "`INSTANT` from which the exports hold every call")
	flags.StringVar(&o.to, "activity-to", "", "`INSTANT` until which the exports hold every call; default the last one in them")
	o.add(cmd)
	return cmd
}

// check validates the flags.
func (o *minimalOptions) check() error {
	switch {
	case o.app == "":
		return errors.New("--app is missing; hint: name the application by its appId")
	case !identity.IsTenantID(o.app): // both are GUIDs
		return fmt.Errorf("--app %q is no appId; hint: copy the application (client) ID, a GUID, from its page in the portal", o.app)
	case len(o.activity) == 0:
		return errors.New("--activity is missing; hint: name an export of MicrosoftGraphActivityLogs: a file, a folder, or - for stdin")
	case o.kind != "" && o.kind != usage.Application && o.kind != usage.Delegated:
		return fmt.Errorf("--kind %q is unknown; hint: application or delegated", o.kind)
	}
	return nil
}

// minimal answers for one application.
func (p *program) minimal(ctx context.Context, o *minimalOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	from, to, err := usage.ParseInterval(o.from, o.to, instant, p.now())
	if err != nil {
		return fmt.Errorf("--activity-from, --activity-to: %w", err)
	}
	c, err := o.load(p)
	if err != nil {
		return err
	}
	settings, err := readConfig(o.config)
	if err != nil {
		return err
	}
	short, _ := settings.thresholds()["unused_days"].(int)
	held := &holding{appID: strings.ToLower(o.app)}
	if o.snapshot != "" {
		p.use(forJudging())
		if held, err = grantsOf(o.snapshot, held.appID, c); err != nil {
			return err
		}
	}
	read, err := usage.Read(ctx, o.activity, usage.Options{Tenant: held.tenant, Normal: catalog.NormalPath, Now: p.now(), Stdin: p.stdin})
	if err != nil {
		return err
	}
	a, err := newMinimalAnswer(held, read, lookBack{from, to, short})
	if err != nil {
		return err
	}
	for _, kind := range o.kinds() {
		a.answer(c, kind, held, read, o.kind != "")
	}
	a.conclude()
	if o.permissions == "" && settings.Permissions.File == "" {
		a.hintAtImport()
	}
	if err := a.print(p.stdout, o.format); err != nil {
		return err
	}
	if !a.Complete {
		return verdictError{exitUnjudged}
	}
	return nil
}

func (o *minimalOptions) kinds() []catalog.Kind {
	if o.kind != "" {
		return []catalog.Kind{catalog.Kind(o.kind)}
	}
	return []catalog.Kind{catalog.Application, catalog.Delegated}
}

// lookBack is of which time exports are declared to be whole, and how many days are too few to conclude from.
type lookBack struct {
	from, to *time.Time
	short    int
}
