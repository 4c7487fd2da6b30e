package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"leastwise/collector"
	"leastwise/collector/dataconnect"
	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/sharepoint"
)

// sources makes the sources of one collection.
func (p *program) sources(ctx context.Context, run *collecting, journal graphapi.Journal) ([]collector.Source, error) {
	if run.folder != nil {
		list := []collector.Source{run.folder}
		if c := run.config; c.DataConnect.Events != "" || len(c.DataConnect.Apps) > 0 {
			list = append(list, p.dataConnect(run)) // the configuration adds to the folder
		}
		return list, nil
	}
	live := &live{program: p, run: run, journal: journal}
	var list []collector.Source
	for _, name := range run.sources {
		switch name {
		case sourceEntra:
			graph, err := live.graph(ctx, name)
			if err != nil {
				return nil, err
			}
			list = append(list, entra.New(entra.Options{
				Graph: graph, Clock: p.now, Since: run.since, CertificateKeys: run.certificateKeys, Skip: run.skip,
				Cloud: run.tenant.Cloud, Logger: run.logger,
			}))
		case sourceSharePoint:
			graph, err := live.graph(ctx, name)
			if err != nil {
				return nil, err
			}
			list = append(list, sharepoint.New(sharepoint.Options{Graph: graph, MaxContainers: run.maxContainers}))
		case sourceDataConnect:
			list = append(list, p.dataConnect(run))
		}
	}
	return list, nil
}

func (p *program) dataConnect(run *collecting) collector.Source {
	return dataconnect.New(dataconnect.Options{
		Events: run.config.file(run.config.DataConnect.Events), Register: register(run.config), Logger: run.logger,
	})
}

func register(c *config) []dataconnect.Entry {
	var entries []dataconnect.Entry
	for _, app := range c.DataConnect.Apps {
		entry := dataconnect.Entry{
			TenantID: app.TenantID, AppID: app.AppID, Name: app.Name, Developer: app.Developer, State: app.State,
		}
		for _, dataset := range app.Datasets {
			entry.Datasets = append(entry.Datasets, dataconnect.EntryDataset(dataset))
		}
		entries = append(entries, entry)
	}
	return entries
}

// live makes Graph clients for a live tenant.
type live struct {
	program *program
	run     *collecting
	journal graphapi.Journal // may be nil
	http    *http.Client
	cloud   identity.Cloud
	clients map[credential]*graphapi.Client
}

// connect finds the cloud and makes the HTTP client, once.
func (l *live) connect() (err error) {
	if l.http == nil {
		l.cloud, l.http, err = l.run.config.connect(l.run.tenant.Cloud)
	}
	return err
}

// graph makes a client for a source, or returns that of another source with the same
// identity.
//
// The first identity signs in at once: without it there is nothing to report on, and
// one error says so better than every dataset of a snapshot would.
func (l *live) graph(ctx context.Context, source string) (*graphapi.Client, error) {
	if err := l.connect(); err != nil {
		return nil, err
	}
	from, key := l.run.credential(source)
	if from.Kind == "" {
		return nil, fmt.Errorf("the configuration has no %s; hint: add %s: {kind: certificate, client_id: …, certificate: app.pem}, or give --credential azure-cli", key, key)
	}
	if known := l.clients[from]; known != nil {
		return known, nil
	}
	c := l.run.config
	where := cmp.Or(c.path, "the configuration, which --config names")
	with, err := l.signIn(from, key)
	if err != nil {
		return nil, err
	}
	account, err := identity.New(identity.Options{
		Cloud: l.cloud, Tenant: l.run.tenant.ID, HTTPClient: l.http, Clock: l.program.now, Logger: l.run.logger,
		Credential: with,
	})
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", key, err), "check "+key+" in "+where)
	}
	graph, err := graphapi.New(graphapi.Options{
		URL: l.cloud.Graph, Account: account, HTTPClient: l.http, Version: release, Clock: l.program.now, Logger: l.run.logger,
		Board: l.run.board, Journal: l.journal,
	})
	if err != nil {
		return nil, err
	}
	if len(l.clients) == 0 {
		if _, _, err := graph.Claims(ctx); err != nil {
			return nil, withHint(err, "check "+key+", tenant and cloud in "+where)
		}
		l.clients = map[credential]*graphapi.Client{}
	}
	l.clients[from] = graph
	return graph, nil
}

// prompt asks the person at the terminal to sign in on another device.
func (l *live) prompt(_ context.Context, prompt identity.Prompt) error {
	if l.run.approve != nil {
		return l.run.approve(prompt.Code)
	}
	return l.program.notice(l.run.progressStyle, prompt.Message)
}
