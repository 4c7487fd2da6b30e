package graphapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"

	"leastwise/collector/snapshot"
)

// Reading is one dataset on its way from Graph into a snapshot. It keeps the rule
// that a failure is never read as "none": whatever could not be read is in the
// dataset's status and reason.
type Reading struct {
	// Graph counts its requests towards this dataset.
	Graph *Client

	session *Session
	name    snapshot.Name
	rows    *snapshot.DatasetWriter
	meter   *Meter
	added   int
	read    int // parts that were read to their end
	missing *snapshot.Dataset
	partial string
	remark  string
	cursor  *snapshot.Cursor
	count   *snapshot.Reconciled
	// announced is how many rows Graph counted before they were listed; -1 when it did
	// not.
	announced int
	// since is where in the history of the account's permissions the dataset begins.
	since int

	post        *posted
	interrupted func() bool
	closed      bool
}

// Add stores a row. The error is about writing only.
func (r *Reading) Add(row json.RawMessage) error {
	r.added++
	r.tell(func(w *Work) { w.Rows = r.added })
	return r.rows.Add(row)
}

func (r *Reading) tell(change func(*Work)) { r.session.client.board.tell(r.post, change) }

// All hands each row of a listing to each. A listing that breaks off makes the
// dataset incomplete; part says of what, or is empty when the listing is all there
// is. Only an error that ends the run is returned.
func (r *Reading) All(ctx context.Context, part string, listing iter.Seq2[json.RawMessage, error], each func(json.RawMessage) error) error {
	for row, err := range listing {
		if err != nil {
			return r.Fail(ctx, part, err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	r.read++
	return nil
}

// Fail records that a part could not be read. It returns err when the run cannot
// go on.
func (r *Reading) Fail(ctx context.Context, part string, err error) error {
	if fatal(ctx, err) {
		return err
	}
	missing := Missing(err)
	if part != "" {
		missing.Reason = part + ": " + missing.Reason
	}
	r.rows.Fault(missing.Reason)
	if r.missing == nil {
		r.missing = &missing
	}
	return nil
}

// FailOne records that what hangs on one object could not be read; the rest of the
// dataset is not in doubt. It returns err when the run cannot go on.
func (r *Reading) FailOne(ctx context.Context, object string, err error) error {
	if fatal(ctx, err) {
		return err
	}
	missing := Missing(err)
	r.rows.AddGap(snapshot.Gap{Row: object, Reason: missing.Reason})
	if r.missing == nil {
		r.missing = &missing
	}
	return nil
}

// Gap records a fault confined to one row, which an earlier snapshot found.
func (r *Reading) Gap(gap snapshot.Gap) { r.rows.AddGap(gap) }

// PartRead tells that a part of the dataset was read to its end, otherwise than by All.
func (r *Reading) PartRead() { r.read++ }

// Fault records that rows may be missing though every call succeeded.
func (r *Reading) Fault(reason string) { r.rows.Fault(reason) }

// Partial records that rows are missing by the nature of the request, not because
// it failed.
func (r *Reading) Partial(reason string) {
	if r.partial != "" {
		r.partial += "; "
	}
	r.partial += reason
}

// Follow records that rows are missing when some of the dataset are that this one hangs
// on; missing says so.
func (r *Reading) Follow(parent snapshot.Dataset, missing string) {
	if !parent.Whole() {
		r.Partial(missing + ": " + parent.Reason)
	}
}

// Remark adds to the reason what a reader should know of a dataset though nothing is
// missing of it.
func (r *Reading) Remark(text string) {
	if r.remark != "" {
		r.remark += "; "
	}
	r.remark += text
}

// KeepCursor lets the next collection read only what will have changed.
func (r *Reading) KeepCursor(cursor snapshot.Cursor) { r.cursor = &cursor }

// Explain replaces the reason of what could not be read by a better one. It keeps
// the evidence.
func (r *Reading) Explain(better func(snapshot.Dataset) snapshot.Dataset) {
	if r.missing != nil {
		*r.missing = better(*r.missing)
	}
}

// Reconcile compares the dataset with Graph's own count of the collection. That
// index lags and does not cover every collection: without an answer there is no
// comparison. What Announce was told counts, unless it does not fit and a newer count
// can be had.
func (r *Reading) Reconcile(ctx context.Context, path string) error {
	if r.missing != nil {
		return nil
	}
	n, err := r.announced, error(nil)
	if n != r.added {
		n, err = r.Graph.Count(ctx, path)
	}
	if err != nil {
		if fatal(ctx, err) {
			return err
		}
		r.Graph.logger.DebugContext(ctx, "the rows could not be counted", "dataset", r.name, "error", err.Error())
		n = r.announced
	}
	if n >= 0 {
		r.ReconcileWith(path+"/$count", n)
	}
	return nil
}

// Announce asks, before the collection is listed, how many rows there will be. It
// does no harm when Graph does not tell.
func (r *Reading) Announce(ctx context.Context, path string) {
	n, err := r.Graph.Count(ctx, path)
	if err != nil {
		return // Reconcile asks again, and says so
	}
	r.announced = n
	r.meter.expect(n)
}

// ReconcileListing compares the dataset with the count that came with the first page
// of the listing that it was read with, where a collection has no other.
func (r *Reading) ReconcileListing(path string) {
	if n := r.meter.Read().Expected; r.missing == nil && n > 0 {
		r.ReconcileWith("@odata.count of "+path, n)
	}
}

// ReconcileWith has the rows compared with a count that was obtained elsewhere.
func (r *Reading) ReconcileWith(against string, want int) {
	r.count = &snapshot.Reconciled{Against: against, Want: want}
}

// Close records the dataset: without rows when nothing at all could be read, else
// with what there is.
func (r *Reading) Close(ctx context.Context) (snapshot.Dataset, error) {
	r.closed = true
	if lost := r.session.lost(r.since); len(lost) > 0 {
		r.Partial("the account lost permissions during the run: " + strings.Join(lost, ", "))
		r.cursor = nil
	}
	meta := snapshot.Dataset{Reason: cmp.Or(r.partial, r.remark), Reconciled: r.count}
	if r.partial != "" && r.remark != "" {
		meta.Reason += "; " + r.remark
	}
	if r.partial != "" {
		meta.Status = snapshot.Partial
	}
	if r.missing != nil {
		meta.Unfinished = r.missing.Status == snapshot.Failed
		meta.Evidence = r.missing.Evidence
	}
	nothing := r.missing != nil && r.added == 0 && r.read == 0
	if nothing {
		meta = *r.missing
	}
	usage := r.meter.Read()
	meta.Requests, meta.Retries, meta.ThrottleSeconds = usage.Requests, usage.Retries, usage.ThrottleSeconds
	if r.cursor != nil && r.missing == nil {
		meta.Cursor = r.cursor
		meta.Cursor.FullRequests = max(meta.Cursor.FullRequests, usage.Requests)
	}
	var err error
	if nothing {
		err = errors.Join(r.rows.Abort(), r.session.writer.Without(r.name, meta))
	} else {
		err = r.rows.Close(meta)
	}
	if err != nil {
		return meta, err
	}
	closed := meta
	if !nothing {
		closed, _ = r.session.writer.Has(r.name)
		r.session.noteRead(r.name)
	}
	r.tell(func(w *Work) { w.Status, w.Rows = closed.Status, closed.Rows })
	r.Graph.logger.InfoContext(ctx, "dataset read", "name", r.name, "status", closed.Status, "rows", closed.Rows,
		"requests", closed.Requests, "reason", closed.Reason)
	return closed, nil
}

// Abort ends a dataset that was not closed. What an interrupted run has read is kept
// and said to be partial; after any other error the snapshot is given up as a whole.
func (r *Reading) Abort() {
	if r.closed {
		return
	}
	if !r.interrupted() || r.added == 0 {
		_ = r.rows.Abort() // the temporary folder goes as a whole
		return
	}
	r.Fault("the run was interrupted before the end")
	r.count, r.cursor = nil, nil
	_, _ = r.Close(context.Background()) // when it fails, the dataset is missing, which the collector reports
}
