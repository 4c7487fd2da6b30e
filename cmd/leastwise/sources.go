package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"leastwise/collector"
	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/sharepoint"
)

// sources makes the sources of one collection.
func (p *program) sources(ctx context.Context, run *collecting, journal graphapi.Journal) ([]collector.Source, error) {
	if run.folder != nil {
		list := append(p.usage(run), run.folder)
		if run.config.DataConnect.offline() {
			list = append(list, p.savedDataConnect(run)...) // the configuration adds to the folder
		}
		return list, nil
	}
	live := &live{
		program: p, run: run, journal: journal,
		clients: map[credential]*graphapi.Client{}, accounts: map[credential]*identity.Account{},
	}
	list := p.usage(run) // first: exports that cannot be read end the run, and at once
	for _, name := range run.sources {
		if name == sourceUsage {
			continue
		}
		made, err := live.source(ctx, name)
		if err != nil {
			return nil, err
		}
		list = append(list, made...)
	}
	made, err := live.consents(ctx)
	return append(list, made...), err
}

// live makes clients for a live tenant.
type live struct {
	program  *program
	run      *collecting
	journal  graphapi.Journal // may be nil
	http     *http.Client
	cloud    identity.Cloud
	clients  map[credential]*graphapi.Client
	accounts map[credential]*identity.Account
	signedIn bool
}

// source makes what reads one of sourceNames.
func (l *live) source(ctx context.Context, name string) ([]collector.Source, error) {
	if name == sourceDataConnect {
		return l.dataConnect(ctx)
	}
	graph, err := l.graph(ctx, name)
	if err != nil {
		return nil, err
	}
	run := l.run
	if name == sourceSharePoint {
		return []collector.Source{sharepoint.New(sharepoint.Options{Graph: graph, MaxContainers: run.maxContainers})}, nil
	}
	return []collector.Source{entra.New(entra.Options{
		Graph: graph, Clock: l.program.now, Since: run.since, CertificateKeys: run.certificateKeys, Skip: run.skip,
		Cloud: run.tenant.Cloud, Logger: run.logger,
	})}, nil
}

// connect finds the cloud and makes the HTTP client, once.
func (l *live) connect() (err error) {
	if l.http == nil {
		l.cloud, l.http, err = l.run.config.connect(l.run.tenant.Cloud)
	}
	return err
}

// account makes the identity of a source, or returns that of another source with the
// same credential.
func (l *live) account(source string) (*identity.Account, credential, error) {
	if err := l.connect(); err != nil {
		return nil, credential{}, err
	}
	from, key := l.run.credential(source)
	if from.Kind == "" {
		return nil, from, fmt.Errorf("the configuration has no %s; hint: add %s: {kind: certificate, client_id: …, certificate: app.pem}, or give --credential azure-cli", key, key)
	}
	if known := l.accounts[from]; known != nil {
		return known, from, nil
	}
	with, err := l.signIn(from, key)
	if err != nil {
		return nil, from, err
	}
	account, err := identity.New(identity.Options{
		Cloud: l.cloud, Tenant: l.run.tenant.ID, HTTPClient: l.http, Clock: l.program.now, Logger: l.run.logger,
		Credential: with,
	})
	if err != nil {
		return nil, from, withHint(fmt.Errorf("%s: %w", key, err), "check "+key+" in "+l.run.config.where())
	}
	l.accounts[from] = account
	return account, from, nil
}

// graph makes a client for a source, or returns that of another source with the same
// identity.
func (l *live) graph(ctx context.Context, source string) (*graphapi.Client, error) {
	account, from, err := l.account(source)
	if err != nil {
		return nil, err
	}
	if known := l.clients[from]; known != nil {
		return known, nil
	}
	graph, err := graphapi.New(graphapi.Options{
		URL: l.cloud.Graph, Account: account, HTTPClient: l.http, Version: release, Clock: l.program.now, Logger: l.run.logger,
		Board: l.run.board, Journal: l.journal,
	})
	if err != nil {
		return nil, err
	}
	err = l.first(source, func() error {
		_, _, err := graph.Claims(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	l.clients[from] = graph
	return graph, nil
}

// first has the first identity of a run sign in at once: without it there is nothing to
// report on, and one error says so better than every dataset of a snapshot would.
func (l *live) first(source string, signIn func() error) error {
	if l.signedIn {
		return nil
	}
	if err := signIn(); err != nil {
		_, key := l.run.credential(source)
		return withHint(err, "check "+key+", tenant and cloud in "+l.run.config.where())
	}
	l.signedIn = true
	return nil
}

// where names the configuration in hints.
func (c *config) where() string { return cmp.Or(c.path, "the configuration, which --config names") }

// prompt asks the person at the terminal to sign in on another device.
func (l *live) prompt(_ context.Context, prompt identity.Prompt) error {
	if l.run.approve != nil {
		return l.run.approve(prompt.Code)
	}
	return l.program.notice(l.run.progressStyle, prompt.Message)
}
