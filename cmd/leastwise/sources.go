package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"leastwise/collector"
	"leastwise/collector/dataconnect"
	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/sharepoint"
)

// sources makes the sources of one collection.
func (p *program) sources(ctx context.Context, run *collecting) ([]collector.Source, error) {
	if run.folder != nil {
		list := []collector.Source{run.folder}
		if c := run.config; c.DataConnect.Events != "" || len(c.DataConnect.Apps) > 0 {
			list = append(list, p.dataConnect(run)) // the configuration adds to the folder
		}
		return list, nil
	}
	live := &live{program: p, run: run}
	var list []collector.Source
	for _, name := range run.sources {
		switch name {
		case sourceEntra:
			graph, err := live.graph(ctx, run.config.Credential, "credential")
			if err != nil {
				return nil, err
			}
			list = append(list, entra.New(entra.Options{Graph: graph}))
		case sourceSharePoint:
			// Container types have no app-only listing, so this source has an identity
			// of its own. Without one the app-only identity reads what it may.
			credential, key := run.config.DelegatedCredential, "delegated_credential"
			if credential.Kind == "" {
				credential, key = run.config.Credential, "credential"
			}
			graph, err := live.graph(ctx, credential, key)
			if err != nil {
				return nil, err
			}
			list = append(list, sharepoint.New(sharepoint.Options{Graph: graph}))
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
	http    *http.Client
	cloud   identity.Cloud
	entered bool // an identity has signed in
}

// connect finds the cloud and makes the HTTP client, once.
func (l *live) connect() (err error) {
	if l.http != nil {
		return nil
	}
	c := l.run.config
	var ca []byte
	if l.run.tenant.Cloud == identity.CustomName {
		l.cloud, err = identity.CustomCloud(c.CustomCloud.Login, c.CustomCloud.Graph, c.CustomCloud.Management)
		if err == nil && c.CustomCloud.CAFile != "" {
			ca, err = os.ReadFile(c.file(c.CustomCloud.CAFile))
		}
	} else {
		l.cloud, err = identity.FindCloud(l.run.tenant.Cloud)
	}
	if err != nil {
		return withHint(fmt.Errorf("cloud %s: %w", l.run.tenant.Cloud, err), "check cloud and custom_cloud in "+c.path)
	}
	l.http, err = identity.NewHTTPClient(identity.HTTPOptions{CA: ca, Proxy: http.ProxyFromEnvironment})
	return err
}

// graph makes a client that signs in with a credential of the configuration; key
// is its name there.
//
// The first identity signs in at once: without it there is nothing to report on, and
// one error says so better than every dataset of a snapshot would.
func (l *live) graph(ctx context.Context, from credential, key string) (*graphapi.Client, error) {
	if err := l.connect(); err != nil {
		return nil, err
	}
	if from.Kind == "" {
		return nil, fmt.Errorf("the configuration has no %s; hint: add %s: {kind: certificate, client_id: …, certificate: app.pem}", key, key)
	}
	secret, err := l.secret(from)
	if err != nil {
		return nil, err
	}
	c := l.run.config
	account, err := identity.New(identity.Options{
		Cloud: l.cloud, Tenant: l.run.tenant.ID, HTTPClient: l.http, Clock: l.program.now, Logger: l.run.logger,
		Credential: identity.Credential{
			Kind: from.Kind, ClientID: from.ClientID, CertificateFile: c.file(from.Certificate), KeyFile: c.file(from.Key),
			Algorithm: from.Algorithm, Secret: secret, Prompt: l.prompt,
		},
	})
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", key, err), "check "+key+" in "+c.path)
	}
	graph, err := graphapi.New(graphapi.Options{
		URL: l.cloud.Graph, Account: account, HTTPClient: l.http, Version: release, Clock: l.program.now, Logger: l.run.logger,
	})
	if err != nil || l.entered {
		return graph, err
	}
	if _, _, err := graph.Claims(ctx); err != nil {
		return nil, withHint(err, "check "+key+", tenant and cloud in "+c.path)
	}
	l.entered = true
	return graph, nil
}

// secret reads a client secret from where the configuration says it is.
func (l *live) secret(from credential) (string, error) {
	switch {
	case from.SecretFile != "":
		data, err := os.ReadFile(l.run.config.file(from.SecretFile))
		if err != nil {
			return "", fmt.Errorf("read client secret: %w; hint: secret_file names a file that holds nothing but the secret", err)
		}
		return strings.TrimSpace(string(data)), nil
	case from.SecretEnv != "":
		secret := l.program.env(from.SecretEnv)
		if secret == "" {
			return "", fmt.Errorf("read client secret: the environment variable %s is empty; hint: set it, or use secret_file", from.SecretEnv)
		}
		return secret, nil
	default:
		return "", nil
	}
}

// prompt asks the person at the terminal to sign in on another device.
func (l *live) prompt(_ context.Context, prompt identity.Prompt) error {
	if l.run.approve != nil {
		return l.run.approve(prompt.Code)
	}
	_, err := fmt.Fprintln(l.program.stderr, prompt.Message)
	return err
}
