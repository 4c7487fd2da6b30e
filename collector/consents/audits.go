// Package consents reads from Microsoft Graph's directory audits who consented to what,
// and who granted permissions or took them away. It hands records on as they come and
// knows nothing of what is in them; collector/dataconnect reads them together with those
// of the audit log of Microsoft 365.
package consents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// permission is what reading takes. Directory.Read.All is documented beside it, and this
// one is what Graph asks for
// (https://learn.microsoft.com/graph/api/directoryaudit-list).
const permission = "AuditLog.Read.All"

// Permissions lists the permissions of Microsoft Graph that reading takes.
func Permissions() []string { return []string{permission} }

const path = "/v1.0/auditLogs/directoryAudits"

// How long the directory keeps its audit log: without a licence, and with Entra ID P1 or P2
// (https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention).
const (
	keptFree    = 7 * 24 * time.Hour
	keptPremium = 30 * 24 * time.Hour
)

const (
	// settling is how long events may take until they are listed. What was covered before is
	// asked for again that far.
	settling = 24 * time.Hour
	// near is the difference below which two instants of one run are the same.
	near = time.Minute
	// mostStretches are asked for one by one: there may be 5 requests in 10 seconds.
	mostStretches = 4
	pageSize      = 999
)

// Options of New.
type Options struct {
	Graph  *graphapi.Client
	Clock  func() time.Time
	Logger *slog.Logger    // nil is silent
	Board  *graphapi.Board // may be nil
}

// Audits is a feed of records of consent and of grants.
type Audits struct {
	opts Options

	mu     sync.Mutex
	writer *snapshot.Writer // nil tells nobody
}

// New makes the feed. Nothing is sent yet.
func New(opts Options) (*Audits, error) {
	if opts.Graph == nil || opts.Clock == nil {
		return nil, errors.New("directory audits: Graph and Clock are required")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	opts.Graph = opts.Graph.Unkept() // records hold more than a snapshot may
	return &Audits{opts: opts}, nil
}

// Attach has the feed tell a snapshot who reads it, and what that takes.
func (a *Audits) Attach(w *snapshot.Writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.writer = w
}

// Read hands out the records of what state does not cover, as far back as the directory
// keeps them: 30 days, or 7 without a licence. Which of them it is, an old record tells;
// without one, no more than 7 days count as covered. Windows are by when events took
// place.
//
// The error ends the run: that of each, that of ctx, or a token of somebody else.
func (a *Audits) Read(ctx context.Context, state snapshot.State, each func(record json.RawMessage, position string) error) (snapshot.Covered, error) {
	meter := &graphapi.Meter{}
	r := &reading{
		Audits: a, graph: a.opts.Graph.Metered(meter), each: each, now: a.opts.Clock().UTC().Truncate(time.Second),
		line: a.opts.Board.Begin("directory audits", meter, a.opts.Clock()),
	}
	err := r.run(ctx, state)
	usage := meter.Read()
	r.covered.Requests, r.covered.Retries, r.covered.ThrottleSeconds = usage.Requests, usage.Retries, usage.ThrottleSeconds
	status := snapshot.Collected
	switch {
	case r.covered.Missing != nil:
		status = r.covered.Missing.Status
	case len(r.covered.Holes) > 0 || ctx.Err() != nil:
		status = snapshot.Partial
	}
	r.line.Tell(func(work *graphapi.Work) { work.Status, work.Rows = status, r.records })
	a.opts.Logger.InfoContext(ctx, "directory audits read", "status", status, "records", r.records, "requests", usage.Requests)
	return r.covered, err
}

// reading is one reading of the feed.
type reading struct {
	*Audits
	graph   *graphapi.Client
	each    func(record json.RawMessage, position string) error
	line    *graphapi.Line
	now     time.Time
	records int
	oldest  time.Time // of the records that were handed out; zero without any
	covered snapshot.Covered
	single  bool // Graph takes one name in a filter, not several
}

// run reads the stretches one after the other.
func (r *reading) run(ctx context.Context, state snapshot.State) error {
	missing, err := r.signIn(ctx)
	if err != nil {
		return err
	}
	open := stretches(state, r.now)
	if len(open) == 0 {
		return nil
	}
	if missing != nil {
		r.covered.Missing, r.covered.Evidence, r.covered.Unfinished = missing, missing.Evidence, missing.Unfinished
		return nil
	}
	var read []snapshot.Window
	for i, w := range open {
		got, err := r.reach(ctx, w)
		if ending, ok := errors.AsType[endingError](err); ok {
			return ending.error
		}
		if err != nil && graphapi.Fatal(ctx, err) {
			return err
		}
		if err != nil {
			r.lose(state, open[i:], err)
			break
		}
		if got.From.Before(got.To) {
			read = append(read, got)
		}
	}
	if len(read) == 0 {
		return nil
	}
	r.note(ctx, nil, snapshot.ConsentEvents)
	return r.cover(ctx, read)
}

// stretches are the intervals to be asked for.
func stretches(state snapshot.State, now time.Time) []snapshot.Window {
	from := now.Add(-keptPremium)
	certain := snapshot.Without(state.Windows, state.Provisional)
	open := slices.DeleteFunc(snapshot.Uncovered(certain, from, now), func(w snapshot.Window) bool { return w.To.Sub(w.From) < near })
	for i, w := range open {
		if open[i].From = w.From.Add(-settling); open[i].From.Before(from) {
			open[i].From = from
		}
	}
	if open = snapshot.Union(open...); len(open) > mostStretches {
		open = []snapshot.Window{{From: open[0].From, To: open[len(open)-1].To}}
	}
	return open
}

// signIn finds out what Graph's token carries, and notes what it needs.
func (r *reading) signIn(ctx context.Context) (*snapshot.Dataset, error) {
	claims, readable, err := r.graph.Claims(ctx)
	if err != nil && graphapi.Fatal(ctx, err) {
		return nil, err
	}
	r.note(ctx, []snapshot.Need{{Dataset: snapshot.ConsentEvents, Least: []string{permission}}})
	switch {
	case err != nil:
		missing := graphapi.Missing(err)
		return &missing, nil
	case !readable || claims.HasAny(permission):
		return nil, nil
	}
	kind := "delegated"
	if claims.AppOnly {
		kind = "application"
	}
	return &snapshot.Dataset{
		Status: snapshot.Denied,
		Reason: "the token carries no " + kind + " permission for directory audits; the least is " + permission,
	}, nil
}

// note tells the snapshot who reads the feed.
func (r *reading) note(ctx context.Context, needs []snapshot.Need, read ...snapshot.Name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writer == nil {
		return
	}
	account := r.graph.Account()
	claims, readable, _ := r.graph.Claims(ctx) // an error was met before
	appOnly := !account.Delegated
	if readable {
		appOnly = claims.AppOnly
	}
	r.writer.AddIdentity(snapshot.Identity{
		Kind: account.Kind, ClientID: account.ClientID, User: claims.User, AppOnly: appOnly, Opaque: !readable,
		Roles: claims.Roles, Scopes: claims.Scopes, Needs: needs, Datasets: read,
	})
}

// beginnings are what the names of the operations begin with. User assignments are among
// them: app roles are assigned to users, too. Older names of grants are in use no more for
// as long as the directory remembers, and cost nothing where several may be asked for at once.
func beginnings() []string {
	return []string{
		"Consent to application", "Add app role assignment", "Remove app role assignment", "Add delegat", "Remove delegat",
		"Update delegat", "Add OAuth2PermissionGrant", "Remove OAuth2PermissionGrant", "Update OAuth2PermissionGrant",
	}
}

// reach hands out the records of w, and tells which part of it was read. Graph may refuse to be asked for what is older
// than a directory without a licence keeps: then that much is read, and nothing older counts as read.
func (r *reading) reach(ctx context.Context, w snapshot.Window) (snapshot.Window, error) {
	free := r.now.Add(-keptFree)
	err := r.stretch(ctx, w)
	if !refused(err) || !w.From.Before(free) {
		return w, err
	}
	r.opts.Logger.InfoContext(ctx, "directory audits of more than 7 days ago refused, trying those since", "error", err.Error())
	if w.From = free; w.From.Before(w.To) {
		err = r.stretch(ctx, w)
	} else {
		w.To, err = w.From, nil
	}
	if err == nil {
		r.covered.Reason = "Graph refuses to be asked for directory audits of more than 7 days ago: no more count as read"
	}
	return w, err
}

// refused reports whether Graph does not take a request as it is put.
func refused(err error) bool {
	e, ok := errors.AsType[*graphapi.Error](err)
	return ok && e.Status == http.StatusBadRequest && !e.Unlicensed()
}

// stretch hands out the records of w. Where Graph does not take several names in one
// filter, it is asked for one after the other.
func (r *reading) stretch(ctx context.Context, w snapshot.Window) error {
	var names []string
	for _, name := range beginnings() {
		names = append(names, "startswith(activityDisplayName,'"+name+"')")
	}
	between := fmt.Sprintf("activityDateTime ge %s and activityDateTime le %s", instant(w.From), instant(w.To))
	if !r.single {
		err := r.list(ctx, between+" and ("+strings.Join(names, " or ")+")")
		if !refused(err) {
			return err
		}
		r.single = true
		r.opts.Logger.InfoContext(ctx, "filter refused, trying one name after the other", "error", err.Error())
	}
	for i, name := range names {
		if err := r.list(ctx, between+" and "+name); err != nil {
			r.single = r.single && (i > 0 || !refused(err)) // it was not for the number of names
			return err
		}
	}
	return nil
}

// endingError is an error of whoever takes the records.
type endingError struct{ error }

func (r *reading) list(ctx context.Context, filter string) error {
	listed := 0
	for record, err := range r.graph.List(ctx, path, graphapi.Query{Filter: filter, Top: pageSize}) {
		if err != nil {
			return err
		}
		listed++
		r.records++
		if at, ok := dated(record); ok && (r.oldest.IsZero() || at.Before(r.oldest)) {
			r.oldest = at
		}
		r.line.Tell(func(work *graphapi.Work) { work.Rows = r.records })
		if err := r.each(record, fmt.Sprintf("directory audits[%d]", r.records-1)); err != nil {
			return endingError{err}
		}
	}
	return nil
}

// dated is when an event took place.
func dated(record json.RawMessage) (time.Time, bool) {
	var event struct{ ActivityDateTime time.Time }
	err := json.Unmarshal(record, &event)
	return event.ActivityDateTime, err == nil && !event.ActivityDateTime.IsZero()
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
