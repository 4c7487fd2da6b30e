package main

import (
	"context"
	"slices"

	"leastwise/collector"
	"leastwise/collector/consents"
	"leastwise/collector/dataconnect"
	"leastwise/collector/snapshot"
)

// audits makes the feed of the directory's own audit log, which whoever reads the
// directory reads. Where audit events come from files only, there is none.
func (l *live) audits(ctx context.Context) ([]dataconnect.Feed, error) {
	skipped := slices.Contains(l.run.skip, snapshot.ConsentEvents)
	if skipped || !l.run.connecting.activity || !slices.Contains(l.run.sources, sourceEntra) {
		return nil, nil
	}
	graph, err := l.graph(ctx, sourceEntra)
	if err != nil {
		return nil, err
	}
	audits, err := consents.New(consents.Options{Graph: graph, Clock: l.program.now, Logger: l.run.logger, Board: l.run.board})
	if err != nil {
		return nil, err
	}
	return []dataconnect.Feed{audits}, nil
}

// consents makes the source of consent events where the source of Data Connect, which
// reads them with its own, is not collected.
func (l *live) consents(ctx context.Context) ([]collector.Source, error) {
	if slices.Contains(l.run.sources, sourceDataConnect) {
		return nil, nil
	}
	audits, err := l.audits(ctx)
	if audits == nil {
		return nil, err
	}
	return []collector.Source{dataconnect.New(dataconnect.Options{
		OnlyConsents: true, ConsentFeeds: audits, Previous: l.run.previous, Clock: l.program.now, Logger: l.run.logger,
	})}, nil
}
