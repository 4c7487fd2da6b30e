package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector"
	"leastwise/collector/activity"
	"leastwise/collector/dataconnect"
	"leastwise/collector/manifest"
	"leastwise/collector/snapshot"
)

// connecting is what is collected of Data Connect, apart from files.
type connecting struct {
	activity   bool
	backfill   time.Duration // 0 asks for nothing
	eventsFrom *time.Time
	register   *dataconnect.Register
}

// parseConnecting checks what flags and configuration say of Data Connect.
func (o *extentOptions) parseConnecting(run *collecting) (c connecting, err error) {
	d := &run.config.DataConnect
	if c.eventsFrom, err = d.parseEventsFrom(); err != nil {
		return c, err
	}
	if c.register, err = run.config.register(run.tenant.ID); err != nil {
		return c, err
	}
	from, _ := run.credential(sourceDataConnect)
	switch {
	case run.folder != nil:
	case d.Activity != nil:
		c.activity = *d.Activity
	default: // without anybody who signs in, saved events are all there is
		c.activity = from.Kind != "" || d.Events == ""
	}
	lookBack, says := o.backfill, "--backfill"
	if lookBack == "" && run.folder == nil {
		lookBack, says = d.Backfill, "data_connect: backfill"
	}
	if lookBack == "" {
		return c, nil
	}
	if c.backfill, err = parseDays(lookBack); err != nil {
		return c, fmt.Errorf("%s %w", says, err)
	}
	if !c.activity {
		return c, fmt.Errorf("%s searches a live tenant, and data_connect is read from files only; hint: take activity: false out of the configuration, or leave the backfill out", says)
	}
	return c, nil
}

// follows reports whether audit events are read that a later run goes on from.
func (c *collecting) follows() bool {
	return c.connecting.activity && slices.Contains(c.sources, sourceDataConnect)
}

// offline reports whether the configuration says anything of Data Connect that takes no
// sign-in.
func (d *dataConnect) offline() bool {
	return d.Events != "" || d.Register != "" || len(d.Pipelines) > 0 || len(d.written().Content) > 0
}

// savedDataConnect makes the sources of Data Connect that read files.
func (p *program) savedDataConnect(run *collecting) []collector.Source {
	return append([]collector.Source{dataconnect.New(p.connectOptions(run))}, run.pipelines()...)
}

func (p *program) connectOptions(run *collecting) dataconnect.Options {
	return dataconnect.Options{
		Events: run.config.file(run.config.DataConnect.Events), EventsFrom: run.connecting.eventsFrom,
		Register: run.connecting.register, Clock: p.now, Logger: run.logger,
	}
}

// pipelines makes the source of the definitions that the configuration names.
func (c *collecting) pipelines() []collector.Source {
	if c.config.DataConnect.Pipelines == nil {
		return nil
	}
	return []collector.Source{manifest.New(manifest.Options{
		Paths: c.config.DataConnect.Pipelines, Base: c.config.file("."), Tenant: c.tenant.ID, Logger: c.logger,
	})}
}

// dataConnect makes the sources of Data Connect: the subscriptions of the Management
// Activity API, then the events, which they are needed for.
func (l *live) dataConnect(ctx context.Context) ([]collector.Source, error) {
	run, p := l.run, l.program
	if !run.connecting.activity {
		return p.savedDataConnect(run), nil
	}
	audits, err := l.audits(ctx)
	if err != nil {
		return nil, err
	}
	account, _, err := l.account(sourceDataConnect)
	if err != nil {
		return nil, err
	}
	opts := p.connectOptions(run)
	opts.Previous = run.previous
	client, err := activity.New(activity.Options{
		URL: l.cloud.Management, Cloud: l.cloud.Name, Account: account, HTTPClient: l.http, Version: release, Tenant: run.tenant.ID,
		Publisher: run.config.DataConnect.Publisher, Previous: run.previous, Clock: p.now, Logger: run.logger, Board: run.board,
	})
	if err != nil {
		return nil, err
	}
	opts.Feeds = []dataconnect.Feed{client.Content(activity.General)}
	directory := client.Content(activity.Directory) // is of both
	opts.RoleFeeds = []dataconnect.Feed{directory}
	opts.ConsentFeeds = append([]dataconnect.Feed{directory}, audits...)
	if run.connecting.backfill > 0 {
		if err := l.backfill(ctx, client, &opts); err != nil {
			return nil, err
		}
	}
	if l.cloud.Management != "" {
		err = l.first(sourceDataConnect, func() error {
			_, _, err := account.Claims(ctx, l.cloud.Management+"/.default")
			return err
		})
	}
	return append([]collector.Source{client.Subscriptions(), dataconnect.New(opts)}, run.pipelines()...), err
}

// backfill adds the audit queries, which reach further back than the feeds.
func (l *live) backfill(ctx context.Context, client *activity.Client, opts *dataconnect.Options) error {
	graph, err := l.graph(ctx, sourceDataConnect)
	if err != nil {
		return err
	}
	queries, err := activity.NewQueries(activity.QueryOptions{
		Graph: graph, Activity: client, Clock: l.program.now, Logger: l.run.logger, Board: l.run.board,
	})
	if err != nil {
		return err
	}
	lookBack := l.run.connecting.backfill
	opts.Feeds = append(opts.Feeds, queries.Records(activity.DataConnect(), lookBack))
	opts.RoleFeeds = append(opts.RoleFeeds, queries.Records(activity.RoleChanges(), lookBack))
	opts.ConsentFeeds = append(opts.ConsentFeeds, queries.Records(activity.Consents(), lookBack))
	return nil
}

// findPrevious opens the snapshot that events are followed from: the one that --since
// names, else the one that will be replaced. One that cannot be read there is left to
// whoever replaces it.
func (c *collecting) findPrevious(dest string) error {
	c.previous = c.since
	if c.previous != nil || !c.connecting.activity && !c.keepsUsage() {
		return nil
	}
	previous, err := snapshot.Open(dest)
	if err != nil {
		return nil //nolint:nilerr // there is none, or snapshot.Create says what is wrong with it
	}
	if !strings.EqualFold(previous.Manifest.Tenant.ID, c.tenant.ID) {
		return errors.New(dest + " holds a snapshot of tenant " + previous.Manifest.Tenant.ID + ", not of " + c.tenant.ID + "; hint: name another folder with -o")
	}
	c.previous = previous
	return nil
}
