package usage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// SourceOptions of New.
type SourceOptions struct {
	Options
	// Paths are files, folders, or "-" for Stdin. Without any the dataset is skipped.
	Paths []string
	// From and To say of which interval the exports are whole: absence of a call then proves
	// that there was none. Nil where nobody has declared it; a nil To is the last call.
	From, To *time.Time
	// Previous is the snapshot of the run before, of which the evidence is taken over; nil
	// for none.
	Previous *snapshot.Snapshot
	Logger   *slog.Logger // nil is silent
}

// Source reads the usage evidence that somebody saved.
type Source struct {
	opts   SourceOptions
	logger *slog.Logger
}

// New makes the source.
func New(opts SourceOptions) *Source {
	s := &Source{opts: opts, logger: opts.Logger}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// Datasets lists what the source reads.
func (s *Source) Datasets() []snapshot.Name { return []snapshot.Name{snapshot.GraphActivity} }

// Collect reads the exports. One that cannot be read ends the run, since half of the
// evidence is worse than none.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	if len(s.opts.Paths) == 0 {
		return w.Without(snapshot.GraphActivity, snapshot.Dataset{
			Status: snapshot.Skipped, Reason: "no exports of usage are named, in usage: activity or with --activity",
		})
	}
	opts := s.opts.Options
	if opts.Tenant == "" {
		opts.Tenant = w.Tenant().ID
	}
	read, err := Read(ctx, s.opts.Paths, opts)
	if err != nil {
		return err
	}
	covered, err := s.cover(read)
	if err != nil {
		return err
	}
	e := newEvidence(read)
	state, err := e.takeOver(s.opts.Previous, covered)
	if err != nil {
		return err
	}
	rows, err := w.Dataset(snapshot.GraphActivity)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Abort() }() // after Close it does nothing
	if err := e.write(rows); err != nil {
		return err
	}
	for _, why := range read.Cut {
		rows.Fault(why)
	}
	var meta snapshot.Dataset
	reasons := append([]string{read.summary()}, covered.reasons...)
	if read.Unnamed {
		reasons = append(reasons, "no row names its tenant, so that none of another can have been left out")
	}
	conclude(&meta, state, reasons)
	if err := rows.Close(meta); err != nil {
		return err
	}
	w.AddIdentity(snapshot.Identity{Kind: snapshot.IdentitySavedEvents, Datasets: []string{snapshot.GraphActivity}})
	closed, _ := w.Has(snapshot.GraphActivity)
	s.logger.InfoContext(ctx, "dataset read", "name", snapshot.GraphActivity, "status", closed.Status, "rows", closed.Rows, "reason", closed.Reason)
	return nil
}

// summary says what became of the rows that are no evidence, and of how many.
func (r *Result) summary() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d rows of exports were read", r.Read)
	for _, left := range []struct {
		rows int
		why  string
	}{
		{r.Duplicates, "met before"},
		{r.Failed, "without success"},
		{r.OwnLeftOut, "of this program itself (" + strings.Join(r.LeftOut, ", ") + ")"},
		{r.Foreign, "of another tenant"},
		{r.Nameless, "of no application"},
		{r.Batches, "$batch requests, whose parts count"},
	} {
		if left.rows > 0 {
			fmt.Fprintf(&text, ", %d %s", left.rows, left.why)
		}
	}
	if n := len(r.Folded); n > 0 {
		fmt.Fprintf(&text, "; the paths of %d applications that call more than %d different ones are cut short (%s)", n, mostPaths, strings.Join(r.Folded[:min(n, 5)], ", "))
	}
	return text.String()
}

// What rows are evidence of, as the dataset has it.
const (
	evidenceCalls   = "calls"
	evidenceInUse   = "in_use"
	evidenceSignIn  = "sign_in"
	evidenceLeftOut = "left_out" // calls of this application were left out: nothing is known of them
)

// line is a row of the dataset.
type line struct {
	ID            string `json:"id"`
	Evidence      string `json:"evidence"`
	AppID         string `json:"appId"`
	ResourceAppID string `json:"resourceAppId,omitzero"`
	Permission    string `json:"permission,omitzero"`
	Kind          string `json:"kind,omitzero"`
	Method        string `json:"method,omitzero"`
	Path          string `json:"path,omitzero"`
	Calls         int    `json:"calls,omitzero"`
	FirstAt       string `json:"firstAt,omitzero"`
	LastAt        string `json:"lastAt,omitzero"`
	InUse         string `json:"inUse,omitzero"`

	undated bool // LastAt is of this run
}

// evidenceRows are the rows of a run, by id.
type evidenceRows struct {
	rows map[string]line
	read *Result
}

func newEvidence(read *Result) *evidenceRows {
	e := &evidenceRows{rows: make(map[string]line, len(read.Operations)+len(read.SignIns)+len(read.InUse)), read: read}
	for _, o := range read.Operations {
		e.put(line{
			ID: strings.Join([]string{evidenceCalls, o.AppID, o.Kind, o.Method + o.Path}, "/"), Evidence: evidenceCalls, AppID: o.AppID, Kind: o.Kind,
			Method: o.Method, Path: o.Path, Calls: o.Calls, FirstAt: written(o.FirstAt), LastAt: written(o.LastAt),
		})
	}
	for _, u := range read.InUse {
		e.put(line{
			ID: strings.Join([]string{evidenceInUse, u.AppID, u.ResourceAppID, u.Permission, u.Kind}, "/"), Evidence: evidenceInUse,
			AppID: u.AppID, ResourceAppID: u.ResourceAppID, Permission: u.Permission, Kind: u.Kind, InUse: u.InUse, LastAt: dated(u.At), undated: u.Undated,
		})
	}
	for _, s := range read.SignIns {
		e.put(line{ID: strings.Join([]string{evidenceSignIn, s.AppID, s.Kind}, "/"), Evidence: evidenceSignIn, AppID: s.AppID, Kind: s.Kind, LastAt: written(s.LastAt)})
	}
	for _, app := range read.LeftOut {
		e.put(line{ID: evidenceLeftOut + "/" + app, Evidence: evidenceLeftOut, AppID: app})
	}
	return e
}

func (e *evidenceRows) put(l line) { e.rows[l.ID] = l }

// dated is an instant that may not be known.
func dated(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return written(at)
}

func written(at time.Time) string {
	return at.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
}

// takeOver adds the evidence of the run before to that of this one, and what it covered.
// Where both cover the same time, the calls of one of them are the calls of the other, too:
// the higher count stands.
func (e *evidenceRows) takeOver(previous *snapshot.Snapshot, now covering) (snapshot.State, error) {
	var state snapshot.State
	if previous == nil || !previous.Dataset(snapshot.GraphActivity).Status.Readable() {
		return snapshot.Settle(state, now.Covered), nil
	}
	was := previous.Dataset(snapshot.GraphActivity)
	apart := len(snapshot.Common(was.Windows, now.Windows)) == 0
	for raw, err := range previous.Rows(snapshot.GraphActivity) {
		if err != nil {
			return state, err
		}
		var old line
		if err := json.Unmarshal(raw, &old); err != nil || old.ID == "" {
			return state, errors.New("the usage evidence of the snapshot of the run before cannot be read; hint: write to another folder")
		}
		e.put(merge(old, e.rows[old.ID], apart))
	}
	state = snapshot.State{Windows: was.Windows, Holes: was.Holes, Provisional: was.Provisional}
	return snapshot.Settle(state, now.Covered), nil
}

// merge adds a row of this run to that of the run before; one without an id is not there.
func merge(old, fresh line, apart bool) line {
	if fresh.ID == "" {
		return old
	}
	switch old.Evidence {
	case evidenceCalls, evidenceSignIn:
	case evidenceInUse:
		return mergeInUse(old, fresh)
	default:
		return fresh
	}
	calls := max(old.Calls, fresh.Calls)
	if apart {
		calls = old.Calls + fresh.Calls
	}
	fresh.Calls = calls
	if earlier(old.FirstAt, fresh.FirstAt) {
		fresh.FirstAt = old.FirstAt
	}
	if earlier(fresh.LastAt, old.LastAt) {
		fresh.LastAt = old.LastAt
	}
	return fresh
}

// mergeInUse takes what App governance said last. An export without dates that says the same as the run before says
// nothing new: it may be the same file.
func mergeInUse(old, fresh line) line {
	switch {
	case old.InUse != "" && (fresh.InUse == "" || earlier(fresh.LastAt, old.LastAt)), fresh.undated && old.InUse == fresh.InUse && old.LastAt != "":
		return old
	}
	return fresh
}

func earlier(a, b string) bool {
	first, err := time.Parse(time.RFC3339Nano, a)
	second, errSecond := time.Parse(time.RFC3339Nano, b)
	return err == nil && errSecond == nil && first.Before(second)
}

// write adds the rows to the dataset.
func (e *evidenceRows) write(to *snapshot.DatasetWriter) error {
	for _, l := range e.rows {
		raw, err := snapshot.Encode(l)
		if err != nil {
			return err
		}
		if err := to.Add(raw); err != nil {
			return err
		}
	}
	return nil
}
