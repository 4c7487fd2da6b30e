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
	// Feeds deliver the events of Data Connect, RoleFeeds those of directory roles, and
	// ConsentFeeds those of consent and grants. They are read in order: each one is told what
	// those before it covered. A feed that is the first of both RoleFeeds and ConsentFeeds is
	// read once, where both have come equally far.
	Feeds, RoleFeeds, ConsentFeeds []Feed
	// OnlyConsents leaves everything else to another source, or to nobody.
	OnlyConsents bool
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
	if s.opts.OnlyConsents {
		return []snapshot.Name{snapshot.ConsentEvents}
	}
	return []snapshot.Name{snapshot.DataConnectEvents, snapshot.DataConnectRegister, snapshot.RoleEvents, snapshot.ConsentEvents}
}

// Collect takes over the events of the run before, reads feeds and saved events, and
// writes the register. A run that is interrupted keeps what it has read.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) (err error) {
	if !s.opts.OnlyConsents {
		if err := s.register(w); err != nil {
			return err
		}
	}
	var now time.Time
	switch {
	case s.opts.Clock != nil:
		now = s.opts.Clock().UTC()
	case len(s.opts.Feeds)+len(s.opts.RoleFeeds)+len(s.opts.ConsentFeeds) > 0 || s.opts.Previous != nil:
		return errors.New("events are followed without a clock")
	}
	in, err := s.ledgers(w, now)
	defer func() {
		for _, l := range in.ledgers() {
			_ = l.rows.Abort() // after Close it does nothing
		}
	}()
	if err != nil {
		return err
	}
	for _, l := range in.ledgers() {
		if err := l.takeOver(s.opts.Previous); err != nil {
			return err
		}
	}
	if err := s.followAll(ctx, w, in); err != nil {
		return err
	}
	if err := s.savedEvents(ctx, in); err != nil {
		return err
	}
	for _, l := range in.ledgers() {
		if err := s.close(ctx, w, l); err != nil {
			return err
		}
	}
	return nil
}

// ledgers begins the datasets.
func (s *Source) ledgers(w *snapshot.Writer, now time.Time) (in intake, err error) {
	for _, one := range []struct {
		name  snapshot.Name
		feeds []Feed
		to    **ledger
	}{
		{snapshot.DataConnectEvents, s.opts.Feeds, &in.connect},
		{snapshot.RoleEvents, s.opts.RoleFeeds, &in.roles},
		{snapshot.ConsentEvents, s.opts.ConsentFeeds, &in.consents},
	} {
		if s.opts.OnlyConsents && one.name != snapshot.ConsentEvents {
			continue
		}
		l, err := newLedger(w, one.name, now, len(one.feeds))
		if err != nil {
			return in, err
		}
		*one.to = l
	}
	return in, nil
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
