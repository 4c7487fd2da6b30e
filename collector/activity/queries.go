package activity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// QueryOptions of NewQueries.
type QueryOptions struct {
	Graph *graphapi.Client
	// Activity is the client of the run, which tells the snapshot what Graph's identity
	// needed and read; nil tells nobody.
	Activity *Client
	Clock    func() time.Time
	Logger   *slog.Logger    // nil is silent
	Board    *graphapi.Board // may be nil

	// How patient to be; zero values are meant for real tenants.
	FirstPause time.Duration // before the first look at a query: 1 s, then doubling
	MaxPause   time.Duration // between two looks: 1 min
	Patience   time.Duration // for all pauses of one reading: 30 min
	// RecordLimit is how many records a query gives at most: 1,000,000
	// (https://learn.microsoft.com/graph/throttling-limits).
	RecordLimit int
}

// Queries searches the audit log with Microsoft Graph: asynchronous queries over the
// time of events, as far back as the log goes
// (https://learn.microsoft.com/graph/api/security-auditcoreroot-post-auditlogqueries).
// It is safe for concurrent use.
type Queries struct {
	opts QueryOptions

	mu      sync.Mutex
	version string // of Graph that knows such queries; "" before the first one
}

// NewQueries makes it. Nothing is sent yet.
func NewQueries(opts QueryOptions) (*Queries, error) {
	if opts.Graph == nil || opts.Clock == nil {
		return nil, errors.New("audit queries: Graph and Clock are required")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	opts.Graph = opts.Graph.Unkept() // records hold more than a snapshot may
	opts.FirstPause = cmp.Or(opts.FirstPause, time.Second)
	opts.MaxPause = cmp.Or(opts.MaxPause, time.Minute)
	opts.Patience = cmp.Or(opts.Patience, 30*time.Minute)
	opts.RecordLimit = cmp.Or(opts.RecordLimit, 1000000)
	return &Queries{opts: opts}, nil
}

// Search is what to look for.
type Search struct {
	Name        string // shown in the portal, and in messages
	ContentType string // in which the Management API has the same records
	Dataset     snapshot.Name
	// RecordTypes are values of auditLogRecordType. Services name the same records more
	// coarsely, for a Graph that does not know these types
	// (https://learn.microsoft.com/graph/api/resources/security-auditlogquery).
	RecordTypes, Services []string
	Operations            []string // all when empty
}

// DataConnect finds the decisions on applications and the extractions of Microsoft
// Graph Data Connect. Decisions are of type 219 in Graph, where 217 is
// filteringRuntimeInfo, and of type 217 in the schema of the Management API: whichever
// it is that records carry, they are asked for, and their Workload tells
// (https://learn.microsoft.com/graph/api/resources/security-auditlogquery,
// https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema#auditlogrecordtype).
func DataConnect() Search {
	return Search{
		Name: "leastwise-data-connect", ContentType: General, Dataset: snapshot.DataConnectEvents,
		RecordTypes: []string{"microsoftGraphDataConnectConsent", "microsoftGraphDataConnectOperation", "filteringRuntimeInfo"},
		Services:    []string{"MicrosoftGraphDataConnect"},
	}
}

// RoleChanges finds who was given a directory role and who lost one, for good or with
// Privileged Identity Management. Names end with a period in some feeds and not in
// others
// (https://learn.microsoft.com/purview/audit-log-activities#role-administration-activities,
// https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities).
func RoleChanges() Search {
	var operations []string
	for _, name := range []string{
		"Add member to role", "Remove member from role",
		"Add member to role completed (PIM activation)", "Remove member from role (PIM activation expired)",
		"Remove member from role completed (PIM deactivate)",
		"Add member to role in PIM completed (permanent)", "Add member to role in PIM completed (timebound)",
		"Remove member from role in PIM completed (permanent)", "Remove member from role in PIM completed (timebound)",
		"Add member to role outside of PIM (permanent)", "Remove permanent direct role assignment",
	} {
		operations = append(operations, name, name+".")
	}
	return Search{
		Name: "leastwise-role-changes", ContentType: Directory, Dataset: snapshot.RoleEvents,
		RecordTypes: []string{"azureActiveDirectory"}, Services: []string{"AzureActiveDirectory"}, Operations: operations,
	}
}

// Consents finds who consented to what, and who was granted permissions or lost them, by
// all names that such operations have had
// (https://learn.microsoft.com/purview/audit-log-activities#application-administration-activities,
// https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities).
func Consents() Search {
	var operations []string
	for _, name := range []string{
		"Consent to application",
		"Add app role assignment to service principal", "Remove app role assignment from service principal",
		"Add app role assignment grant to user", "Remove app role assignment from user",
		"Add app role assignment to group", "Remove app role assignment from group",
		"Add delegated permission grant", "Remove delegated permission grant", "Update delegated permission grant",
		"Add OAuth2PermissionGrant", "Remove OAuth2PermissionGrant", "Add delegation entry", "Remove delegation entry",
	} {
		operations = append(operations, name, name+".")
	}
	return Search{
		Name: "leastwise-consents", ContentType: Directory, Dataset: snapshot.ConsentEvents,
		RecordTypes: []string{"azureActiveDirectory"}, Services: []string{"AzureActiveDirectory"}, Operations: operations,
	}
}

// Records is the feed of what a search finds.
type Records struct {
	queries  *Queries
	search   Search
	lookBack time.Duration
}

// Records makes the feed of what a search finds among the events since lookBack ago.
func (q *Queries) Records(search Search, lookBack time.Duration) *Records {
	return &Records{q, search, lookBack}
}

const (
	// kept is how long the audit log keeps events of standard subscriptions
	// (https://learn.microsoft.com/purview/audit-log-retention-policies).
	kept = 180 * 24 * time.Hour
	// settling is how long events may take until a query finds them. What was covered
	// before is asked for again that far.
	settling = 24 * time.Hour
	// moment is what may have passed since the Management API was read in this run. Nobody
	// misses it: the next run goes on from there.
	moment = time.Hour
	// mostStretches are asked for one by one: the tenant may make 200 queries a day.
	mostStretches = 8
)

// Read hands out the records of those events since the look-back that state does not
// cover, which is what former runs and the Management API in this one read; without any
// it asks for nothing. Each one is Graph's auditLogRecord, with the record that the
// Management API has in auditData. The windows that it returns are by when events took
// place. The last day is provisional, since events take time until they are found; what is
// so in state is asked for again.
//
// The error ends the run: that of each, that of ctx, or a token of somebody else.
func (f *Records) Read(ctx context.Context, state snapshot.State, each func(record json.RawMessage, position string) error) (snapshot.Covered, error) {
	q, meter := f.queries, &graphapi.Meter{}
	s := &searching{
		queries: q, search: f.search, graph: q.opts.Graph.Metered(meter), meter: meter, each: each, left: q.opts.Patience,
		line: q.opts.Board.Begin("audit query "+f.search.Name, meter, q.opts.Clock()),
	}
	err := s.run(ctx, f.stretches(s, state))
	s.conclude(ctx)
	return s.covered, err
}

// stretches are the intervals to be asked for.
func (f *Records) stretches(s *searching, state snapshot.State) []snapshot.Window {
	now := f.queries.opts.Clock().UTC().Truncate(time.Second)
	lookBack := f.lookBack
	if lookBack > kept {
		lookBack = kept
		s.remark("the audit log keeps events for 180 days, so nothing older was asked for")
	}
	from := now.Add(-lookBack)
	s.known, s.certain = state.Windows, snapshot.Without(state.Windows, state.Provisional)
	s.settled = now.Add(-settling)
	open := snapshot.Uncovered(s.certain, from, now)
	if n := len(open); n > 0 && open[n-1].From.After(now.Add(-moment)) && len(snapshot.Common(open[n-1:], snapshot.Intervals(state.Holes))) == 0 {
		open = open[:n-1]
	}
	for i := range open {
		open[i].From = latest(open[i].From.Add(-settling), from)
	}
	if open = snapshot.Union(open...); len(open) > mostStretches {
		open = []snapshot.Window{{From: open[0].From, To: open[len(open)-1].To}}
	}
	if len(open) == 0 {
		s.remark("nothing was left to ask the audit log for")
	}
	return open
}

// searching is one reading of a feed.
type searching struct {
	queries *Queries
	search  Search
	graph   *graphapi.Client
	meter   *graphapi.Meter
	line    *graphapi.Line
	each    func(record json.RawMessage, position string) error
	left    time.Duration     // of the patience
	known   []snapshot.Window // covered otherwise
	certain []snapshot.Window // of which nothing is provisional
	settled time.Time         // until when all events are found
	records int
	covered snapshot.Covered
	asks    *filters
	failure *snapshot.Dataset // the first one
}

func (s *searching) remark(text string) {
	s.covered.Reason = strings.TrimPrefix(s.covered.Reason+"; "+text, "; ")
}

// run makes the queries one after the other.
func (s *searching) run(ctx context.Context, stretches []snapshot.Window) error {
	b, missing, err := s.signIn(ctx)
	if err != nil {
		return err
	}
	if len(stretches) == 0 {
		return nil
	}
	if missing != nil {
		s.lose(stretches, *missing)
		return nil
	}
	s.asks = &filters{search: s.search}
	for i, w := range stretches {
		err := s.stretch(ctx, w)
		switch ending, ok := errors.AsType[endingError](err); {
		case ok:
			return ending.error
		case err == nil:
			continue
		case graphapi.Fatal(ctx, err):
			return err
		}
		why := s.why(err)
		if why.Status != snapshot.Failed || why.Unfinished { // others would fare alike
			s.lose(stretches[i:], why)
			break
		}
		s.lose([]snapshot.Window{w}, why)
	}
	if name := s.search.Dataset; name != "" && len(s.covered.Windows) > 0 && s.queries.opts.Activity != nil {
		s.queries.opts.Activity.readers.note(b.identity(nil, name))
	}
	return nil
}

// signIn finds out what Graph's token carries, and notes what it needs.
func (s *searching) signIn(ctx context.Context) (bearer, *snapshot.Dataset, error) {
	b := bearer{account: s.graph.Account()}
	var err error
	b.claims, b.readable, err = s.graph.Claims(ctx)
	if graphapi.Fatal(ctx, err) {
		return b, nil, err
	}
	if a := s.queries.opts.Activity; a != nil {
		a.readers.note(b.identity(needs(queryPermission, s.search.Dataset)))
	}
	if err != nil {
		why := s.why(err)
		return b, &why, nil
	}
	return b, b.lacks(queryPermission, "Microsoft Graph"), nil
}

// why says what became of a query.
func (s *searching) why(err error) snapshot.Dataset {
	why := graphapi.Missing(err)
	why.Reason = "audit query " + s.search.Name + ": " + why.Reason
	_, late := errors.AsType[*lateError](err)
	e, answered := errors.AsType[*graphapi.Error](err)
	why.Unfinished = late || answered && (e.Status == 0 && !identity.Permanent(err) || identity.Passing(e.Status))
	return why
}

// lose records stretches that could not be read.
func (s *searching) lose(stretches []snapshot.Window, why snapshot.Dataset) {
	if why.Status == snapshot.Denied {
		why.Reason += "; what the Management API read stands"
	}
	if s.failure == nil {
		s.failure = &why
		s.covered.Evidence = why.Evidence
	}
	s.covered.Unfinished = s.covered.Unfinished || why.Unfinished
	there := append(slices.Clone(s.known), s.covered.Windows...)
	for _, w := range stretches {
		for _, open := range snapshot.Uncovered(there, w.From, w.To) {
			s.covered.Holes = append(s.covered.Holes, snapshot.Hole{From: open.From, To: open.To, Reason: why.Reason})
		}
	}
}

func (s *searching) conclude(ctx context.Context) {
	for _, w := range snapshot.Without(since(s.covered.Windows, s.settled), s.certain) {
		if w.From.Before(w.To) {
			s.covered.Provisional = append(s.covered.Provisional, w)
		}
	}
	usage := s.meter.Read()
	s.covered.Requests, s.covered.Retries, s.covered.ThrottleSeconds = usage.Requests, usage.Retries, usage.ThrottleSeconds
	status := snapshot.Collected
	if s.failure != nil || ctx.Err() != nil {
		status = snapshot.Partial
	}
	if s.failure != nil && len(s.covered.Windows) == 0 && s.records == 0 {
		s.covered.Missing = s.failure
		status = s.failure.Status
	}
	s.line.Tell(func(work *graphapi.Work) { work.Status, work.Rows = status, s.records })
	s.queries.opts.Logger.InfoContext(ctx, "audit log searched", "name", s.search.Name, "status", status, "records", s.records,
		"requests", usage.Requests, "holes", len(s.covered.Holes))
}

// lateError is a query that had not ended when patience had.
type lateError struct{ status string }

// Error says how far it was.
func (e *lateError) Error() string {
	return fmt.Sprintf("it was still %s when the time for it was over; hint: run it again later", e.status)
}
