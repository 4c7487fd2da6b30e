package dataconnect

import (
	"context"
	"encoding/json"
	"slices"

	"leastwise/collector/snapshot"
)

// Feed delivers audit records of one kind of content.
type Feed interface {
	// Read hands every record to each, one after the other, in any order, with
	// repetitions, and returns what was covered. state is what former runs and feeds read
	// before this one came to. The record is not kept after each returns; position says
	// where it stands, for complaints. The error ends the run; what could not be read is
	// in Coverage.
	Read(ctx context.Context, state snapshot.State, each func(record json.RawMessage, position string) error) (Coverage, error)
}

// Coverage is what reading a feed came to.
type Coverage = snapshot.Covered

// attached is a feed that tells the snapshot itself who reads it and what that takes.
type attached interface{ Attach(w *snapshot.Writer) }

// followAll reads all feeds. The directory's own is of roles and of consent: it is read for
// both at once where both have come equally far, and else for each.
func (s *Source) followAll(ctx context.Context, w *snapshot.Writer, in intake) error {
	for _, feed := range s.opts.ConsentFeeds {
		if a, ok := feed.(attached); ok {
			a.Attach(w)
		}
	}
	if in.connect != nil {
		if err := follow(ctx, s.opts.Feeds, intake{connect: in.connect}); err != nil {
			return err
		}
	}
	roles, consents := s.opts.RoleFeeds, s.opts.ConsentFeeds
	if in.roles != nil && len(roles) > 0 && len(consents) > 0 && roles[0] == consents[0] {
		if state, ok := common(in.roles.state, in.consents.state); ok {
			if err := follow(ctx, roles[:1], intake{roles: in.roles, consents: in.consents}, state); err != nil {
				return err
			}
			roles, consents = roles[1:], consents[1:]
		}
	}
	if in.roles != nil {
		if err := follow(ctx, roles, intake{roles: in.roles}); err != nil {
			return err
		}
	}
	return follow(ctx, consents, intake{consents: in.consents})
}

// common is how far both of two datasets have come: what is missing of either is missing.
// Without anything in common there is none.
func common(a, b snapshot.State) (snapshot.State, bool) {
	if len(a.Windows) == 0 || len(b.Windows) == 0 {
		return snapshot.State{}, len(a.Windows)+len(b.Windows)+len(a.Holes)+len(b.Holes) == 0
	}
	both := snapshot.State{
		Windows: snapshot.Common(a.Windows, b.Windows), Holes: slices.Clone(a.Holes), Provisional: snapshot.Union(slices.Concat(a.Provisional, b.Provisional)...),
	}
	for _, hole := range b.Holes {
		if !slices.ContainsFunc(a.Holes, func(h snapshot.Hole) bool {
			return h.From.Equal(hole.From) && h.To.Equal(hole.To) && h.Lasting == hole.Lasting && slices.Equal(h.Pieces, hole.Pieces)
		}) {
			both.Holes = append(both.Holes, hole)
		}
	}
	return both, len(both.Windows) > 0
}

// follow reads the feeds one after the other, each with what is covered so far, which is
// shared where there are several ledgers. When the run is interrupted, what was read until
// then stays, and the rest is missing.
func follow(ctx context.Context, feeds []Feed, in intake, shared ...snapshot.State) error {
	ledgers := in.ledgers()
	for _, feed := range feeds {
		state := append(shared, ledgers[0].settled())[0]
		covered := interrupted()
		if ctx.Err() == nil {
			relay := newRelay(in)
			read, err := feed.Read(ctx, state, relay.record)
			if err := relay.end(); err != nil {
				return err
			}
			switch {
			case err == nil:
				covered = read
			case ctx.Err() == nil:
				return err
			default:
				covered.Requests, covered.Retries = read.Requests, read.Retries
			}
		}
		for _, l := range ledgers {
			one := covered
			one.Holes = slices.Clone(covered.Holes) // each adds its own
			l.add(one)
		}
	}
	return nil
}

// interrupted is what a feed covered that was not read to its end.
func interrupted() Coverage {
	return Coverage{Unfinished: true, Missing: &snapshot.Dataset{
		Status: snapshot.Failed, Reason: "the run was interrupted before it was read",
	}}
}
