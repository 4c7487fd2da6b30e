// Package dataconnect rebuilds the approvals of Microsoft Graph Data Connect.
//
// No public API lists them. What exists are audit events of decisions and of runs,
// which this package reads from feeds and from saved exports, and the operator's own
// register for what no event tells: applications waiting for approval, and who develops
// them. From the same events come the changes of directory roles, which tell whether
// somebody could approve when they did.
package dataconnect

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"leastwise/collector/snapshot"
)

// Kind of the identity that saved events are recorded as.
const Kind = snapshot.IdentitySavedEvents

// Options of New.
type Options struct {
	// Feeds deliver the events of Data Connect, RoleFeeds those of directory roles. They
	// are read in order: each one is told what those before it covered.
	Feeds, RoleFeeds []Feed
	// Events is a file of saved audit events or a folder of them; empty for none.
	Events string
	// EventsFrom is the instant from which the saved events are complete, up to the newest
	// of them, when that is known: before it, absence proves nothing.
	EventsFrom *time.Time
	// Previous is the snapshot of the run before, of which the events and how far they
	// reach are taken over; nil for none.
	Previous *snapshot.Snapshot
	// Register is what the operator declares; nil for nothing.
	Register *Register
	// Clock tells the time; it is needed with feeds and with Previous.
	Clock  func() time.Time
	Logger *slog.Logger // nil is silent
}

// Source reads approvals.
type Source struct {
	opts   Options
	logger *slog.Logger
}

// New makes the source.
func New(opts Options) *Source {
	s := &Source{opts: opts, logger: opts.Logger}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// Datasets lists what the source reads.
func (s *Source) Datasets() []snapshot.Name {
	return []snapshot.Name{snapshot.DataConnectEvents, snapshot.DataConnectRegister, snapshot.RoleEvents}
}

// Collect takes over the events of the run before, reads feeds and saved events, and
// writes the register. A run that is interrupted keeps what it has read.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) (err error) {
	if err := s.register(w); err != nil {
		return err
	}
	var now time.Time
	switch {
	case s.opts.Clock != nil:
		now = s.opts.Clock().UTC()
	case len(s.opts.Feeds)+len(s.opts.RoleFeeds) > 0 || s.opts.Previous != nil:
		return errors.New("events are followed without a clock")
	}
	connect, err := newLedger(w, snapshot.DataConnectEvents, now, len(s.opts.Feeds))
	if err != nil {
		return err
	}
	defer func() { _ = connect.rows.Abort() }() // after Close it does nothing
	roles, err := newLedger(w, snapshot.RoleEvents, now, len(s.opts.RoleFeeds))
	if err != nil {
		return err
	}
	defer func() { _ = roles.rows.Abort() }()
	for _, l := range []*ledger{connect, roles} {
		if err := l.takeOver(s.opts.Previous); err != nil {
			return err
		}
	}
	if err := connect.follow(ctx, s.opts.Feeds, intake{connect: connect}); err != nil {
		return err
	}
	if err := roles.follow(ctx, s.opts.RoleFeeds, intake{roles: roles}); err != nil {
		return err
	}
	if err := s.savedEvents(ctx, intake{connect: connect, roles: roles}); err != nil {
		return err
	}
	for _, l := range []*ledger{connect, roles} {
		if err := s.close(ctx, w, l); err != nil {
			return err
		}
	}
	return nil
}

// close ends a dataset.
func (s *Source) close(ctx context.Context, w *snapshot.Writer, l *ledger) error {
	if l.nothing() {
		return errors.Join(l.rows.Abort(), w.Without(l.name, l.without(s.opts.Events != "")))
	}
	var meta snapshot.Dataset
	l.conclude(&meta)
	if err := l.rows.Close(meta); err != nil {
		return err
	}
	if l.saved {
		w.AddIdentity(snapshot.Identity{Kind: Kind, Datasets: []string{l.name}})
	}
	closed, _ := w.Has(l.name)
	s.logger.InfoContext(ctx, "dataset read", "name", l.name, "status", closed.Status, "rows", closed.Rows, "reason", closed.Reason)
	return nil
}
