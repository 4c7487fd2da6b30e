package dataconnect

import (
	"context"
	"encoding/json"

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

// follow reads the feeds one after the other, each with what is covered so far. When
// the run is interrupted, what was read until then stays, and the rest is missing.
func (l *ledger) follow(ctx context.Context, feeds []Feed, in intake) error {
	for _, feed := range feeds {
		if ctx.Err() != nil {
			l.add(interrupted())
			continue
		}
		relay := newRelay(in)
		covered, err := feed.Read(ctx, l.settled(), relay.record)
		if err := relay.end(); err != nil {
			return err
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if err != nil {
			requests, retries := covered.Requests, covered.Retries
			covered = interrupted()
			covered.Requests, covered.Retries = requests, retries
		}
		l.add(covered)
	}
	return nil
}

// interrupted is what a feed covered that was not read to its end.
func interrupted() Coverage {
	return Coverage{Unfinished: true, Missing: &snapshot.Dataset{
		Status: snapshot.Failed, Reason: "the run was interrupted before it was read",
	}}
}
