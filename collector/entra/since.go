package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// maxCursorAge is how long Graph remembers changes of directory objects
// (https://learn.microsoft.com/graph/delta-query-overview#token-duration).
const maxCursorAge = 7 * 24 * time.Hour

// changing is a dataset of which Graph tells the changes.
type changing struct {
	name snapshot.Name
	path string
	// row is how the dataset stores an object.
	row func(json.RawMessage) json.RawMessage
	// reread asks for objects as they are now; nil where changes say all there is to say.
	reread func(ctx context.Context, reading *graphapi.Reading, ids []string) iter.Seq2[json.RawMessage, error]
}

// changes are what happened to a dataset: object id → the object's row, or nil when
// it was removed.
type changes map[string]json.RawMessage

// incremental takes a dataset over from an earlier snapshot and applies what has
// changed. It returns false when the dataset has to be read in full; the cursor for
// the next time is taken in either case, before anything is read.
func (r *run) incremental(ctx context.Context, reading *graphapi.Reading, c changing) (bool, error) {
	base, why := r.base(c.name)
	if base == nil {
		if r.Since != nil {
			r.inFull(ctx, reading, c.name, why)
		}
		return false, r.takeCursor(ctx, reading, c)
	}
	next, count := "", (*counted)(nil)
	changed, err := r.changesSince(ctx, reading, c, base.Delta, &next)
	if err == nil {
		count, err = r.fits(ctx, reading, c, changed)
	}
	if err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		r.inFull(ctx, reading, c.name, err.Error())
		return false, r.takeCursor(ctx, reading, c)
	}
	reading.KeepCursor(snapshot.Cursor{Delta: next, Taken: r.Clock().UTC(), Incremental: true, FullRequests: base.FullRequests, FullRun: r.fullRun(base)})
	if count != nil {
		reading.ReconcileWith(count.against, count.number)
	}
	r.keepGaps(reading, c, changed)
	return true, r.apply(reading, c, changed)
}

// fullRun is what the last run took that read everything.
func (r *run) fullRun(base *snapshot.Cursor) int {
	if base.Incremental {
		return base.FullRun
	}
	requests := 0
	for _, name := range Datasets() {
		requests += r.Since.Dataset(name).Requests
	}
	return requests
}

// inFull says that, and why, a dataset is not read incrementally.
func (r *run) inFull(ctx context.Context, reading *graphapi.Reading, name snapshot.Name, why string) {
	reading.Remark("read in full: " + why)
	r.Logger.WarnContext(ctx, "read in full", "dataset", name, "because", why)
}

// base is the cursor of the earlier snapshot, or why there is none to go on from.
func (r *run) base(name snapshot.Name) (*snapshot.Cursor, string) {
	if r.Since == nil {
		return nil, ""
	}
	former := r.Since.Dataset(name)
	switch {
	case !former.Whole():
		return nil, "the earlier snapshot has it as " + string(former.Status)
	case former.Cursor == nil:
		return nil, "the earlier snapshot has no cursor for it"
	case r.Clock().Sub(former.Cursor.Taken) > maxCursorAge:
		return nil, "the earlier snapshot's cursor is of " + former.Cursor.Taken.Format(time.RFC3339) + ", and Graph remembers changes for seven days"
	}
	return former.Cursor, ""
}

// takeCursor notes from where the next collection can go on. A cloud without delta
// queries has no cursors, which takes nothing from this collection.
func (r *run) takeCursor(ctx context.Context, reading *graphapi.Reading, c changing) error {
	taken := r.Clock().UTC()
	token, err := reading.Graph.DeltaToken(ctx, c.path+"/delta")
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		r.Logger.DebugContext(ctx, "no cursor", "dataset", c.name, "error", err.Error())
		return nil
	}
	reading.KeepCursor(snapshot.Cursor{Delta: token, Taken: taken})
	return nil
}

// changesSince reads the changes. The same object may be told of more than once, the
// last word counts.
func (r *run) changesSince(ctx context.Context, reading *graphapi.Reading, c changing, token string, next *string) (changes, error) {
	changed := changes{}
	for row, err := range reading.Graph.Delta(ctx, c.path+"/delta", token, next) {
		if err != nil {
			return nil, err
		}
		var key struct {
			ID      string          `json:"id"`
			Removed json.RawMessage `json:"@removed"`
		}
		if json.Unmarshal(row, &key) != nil || key.ID == "" {
			return nil, errors.New("a change without an id was told")
		}
		if key.Removed != nil {
			changed[key.ID] = nil
			continue
		}
		if changed[key.ID], err = merge(changed[key.ID], row); err != nil {
			return nil, err
		}
	}
	if c.reread == nil {
		return changed, nil
	}
	return changed, r.refresh(ctx, reading, c, changed)
}

// refresh replaces changes, which carry no more than the changed properties, by the
// objects as they are now.
func (r *run) refresh(ctx context.Context, reading *graphapi.Reading, c changing, changed changes) error {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if changed[id] != nil {
			ids = append(ids, id)
		}
	}
	missing := map[string]bool{}
	for _, id := range ids {
		missing[id] = true
	}
	for row, err := range c.reread(ctx, reading, ids) {
		if err != nil {
			return err
		}
		var key struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(row, &key) == nil && missing[key.ID] {
			delete(missing, key.ID)
			changed[key.ID] = row
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d changed objects could not be read again", len(missing))
	}
	return nil
}

// byIDs reads objects of a collection by their ids.
func (r *run) byIDs(c collection) func(context.Context, *graphapi.Reading, []string) iter.Seq2[json.RawMessage, error] {
	return func(ctx context.Context, reading *graphapi.Reading, ids []string) iter.Seq2[json.RawMessage, error] {
		return func(yield func(json.RawMessage, error) bool) {
			for part := range slices.Chunk(ids, chunk) {
				body := map[string]any{"ids": part, "types": []string{c.kind}}
				for row, err := range reading.Graph.PostList(ctx, getByIDs, graphapi.Query{}, body) {
					if !yield(row, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// fits checks, before anything is written, that the earlier rows and the changes make
// up as many objects as Graph counts. It returns that count, or nil when Graph does
// not tell.
func (r *run) fits(ctx context.Context, reading *graphapi.Reading, c changing, changed changes) (*counted, error) {
	rows := 0
	for _, row := range changed {
		if row != nil {
			rows++
		}
	}
	for line, err := range r.Since.Rows(c.name) {
		if err != nil {
			return nil, err
		}
		if _, ok := changed[idOf(line)]; !ok {
			rows++
		}
	}
	for _, gap := range r.Since.Dataset(c.name).Gaps {
		if changed[gap.Row] != nil && c.reread == nil {
			return nil, fmt.Errorf("what has changed of %s is told, and the earlier snapshot does not have the rest of it: %s", gap.Row, gap.Reason)
		}
	}
	count, ok := r.countOf(ctx, reading.Graph, c.path)
	switch {
	case !ok:
		return nil, ctx.Err() // without a count there is nothing to compare with, as in a full reading
	case count.number != rows:
		return nil, fmt.Errorf("the earlier snapshot and the changes make %d rows, and Graph counts %d", rows, count.number)
	}
	return &count, ctx.Err()
}

// keepGaps takes over what was wrong with rows that have not changed: it may not show
// in them any more.
func (r *run) keepGaps(reading *graphapi.Reading, c changing, changed changes) {
	for _, gap := range r.Since.Dataset(c.name).Gaps {
		if _, ok := changed[gap.Row]; !ok {
			reading.Gap(gap)
		}
	}
}

// apply writes the earlier rows as they have become.
func (r *run) apply(reading *graphapi.Reading, c changing, changed changes) error {
	for line, err := range r.Since.Rows(c.name) {
		if err != nil {
			return err
		}
		id := idOf(line)
		change, ok := changed[id]
		switch {
		case !ok:
			change = line
		case change == nil:
			continue
		default:
			delete(changed, id)
			if c.reread == nil {
				if change, err = merge(line, change); err != nil {
					return err
				}
			}
		}
		if err := reading.Add(c.row(change)); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if changed[id] == nil {
			continue
		}
		if err := reading.Add(c.row(changed[id])); err != nil {
			return err
		}
	}
	reading.PartRead()
	return nil
}

func idOf(row []byte) string {
	var key struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(row, &key) // the rows of a snapshot are objects
	return key.ID
}

// merge lays the members of a change over a row.
func merge(row, change json.RawMessage) (json.RawMessage, error) {
	var members, changed map[string]json.RawMessage
	if row != nil {
		if err := json.Unmarshal(row, &members); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(change, &changed); err != nil {
		return nil, err
	}
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	maps.Copy(members, changed)
	return snapshot.Encode(members)
}

// counted is how many objects a collection has, and what says so.
type counted struct {
	against string
	number  int
}

// counts are those of the collections of which changes are told, asked for at once.
type counts struct {
	once sync.Once
	of   map[string]counted // by path
}

// countOf tells how many objects the collection at path has; false when Graph does
// not tell.
func (r *run) countOf(ctx context.Context, graph *graphapi.Client, path string) (counted, bool) {
	r.counts.once.Do(func() {
		r.counts.of = map[string]counted{}
		paths := []string{applicationsPath, principalsPath, grantsPath}
		err := graph.GetEach(ctx, []graphapi.Request{
			{Path: paths[0] + "/$count", Query: graphapi.Query{ConsistencyLevel: graphapi.Eventual}},
			{Path: paths[1] + "/$count", Query: graphapi.Query{ConsistencyLevel: graphapi.Eventual}},
			{Path: paths[2], Query: graphapi.Query{Top: 1, ConsistencyLevel: graphapi.Eventual, Count: true}}, // has no $count of its own
		}, func(i int, body json.RawMessage, err error) error {
			var page struct {
				Count *int `json:"@odata.count"`
			}
			if n, notNumber := strconv.Atoi(string(body)); err == nil && notNumber == nil {
				r.counts.of[paths[i]] = counted{paths[i] + "/$count", n}
			}
			if err == nil && json.Unmarshal(body, &page) == nil && page.Count != nil {
				r.counts.of[paths[i]] = counted{"@odata.count of " + paths[i], *page.Count}
			}
			return nil
		})
		if err != nil {
			r.Logger.DebugContext(ctx, "no counts", "error", err.Error())
		}
	})
	count, ok := r.counts.of[path]
	return count, ok
}
