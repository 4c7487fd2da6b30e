package activity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// auditQuery is a query as Graph tells of it
// (https://learn.microsoft.com/graph/api/resources/security-auditlogquery).
type auditQuery struct {
	ID     string `json:"id"`
	Status string `json:"status"` // notStarted, running, succeeded, failed, cancelled
	// Exceeded is true when there were more records than a query gives; nil where Graph does
	// not say.
	Exceeded *bool `json:"isRecordCountLimitExceeded"`
	// Returned is about how many records there are: a number, or one in quotes.
	Returned json.RawMessage `json:"approximateReturnedRecordCount"`
}

// returned is about how many records a query says it has; 0 when it does not say.
func (q auditQuery) returned() int {
	n, err := strconv.Atoi(strings.Trim(string(q.Returned), `"`))
	if err != nil {
		return 0
	}
	return n
}

const queriesPath = "/security/auditLog/queries"

// shortest is the interval below which a query is not split any more.
const shortest = time.Hour

// doubtful is how many records other searches of the audit log give at most: whether a
// query that gave more was complete should be told
// (https://learn.microsoft.com/powershell/module/exchange/search-unifiedauditlog).
const doubtful = 50000

// stretch asks for the events of w: in halves when there are too many.
func (s *searching) stretch(ctx context.Context, w snapshot.Window) error {
	path, err := s.create(ctx, w)
	if err != nil {
		return err
	}
	query, err := s.await(ctx, path)
	if err != nil {
		return err
	}
	over := query.Exceeded != nil && *query.Exceeded
	if !over {
		listed, err := s.list(ctx, path)
		if err != nil {
			return err
		}
		if told := query.returned(); listed < told-told/2 { // it is about right only
			return fmt.Errorf("it gave %d records between %s and %s, and says that there are about %d", listed, instant(w.From), instant(w.To), told)
		}
		over = query.Exceeded == nil && listed >= s.queries.opts.RecordLimit
		if query.Exceeded == nil && listed >= doubtful && !over {
			s.remark(fmt.Sprintf("Graph does not say whether the %d records from %s on are all there are", listed, instant(w.From)))
		}
	}
	if !over {
		s.covered.Windows = snapshot.Union(append(s.covered.Windows, w)...)
		return nil
	}
	if w.To.Sub(w.From) <= shortest {
		return fmt.Errorf("there are more than %d records between %s and %s, which is all that a query gives",
			s.queries.opts.RecordLimit, instant(w.From), instant(w.To))
	}
	middle := w.From.Add(w.To.Sub(w.From) / 2).Truncate(time.Second)
	if err := s.stretch(ctx, snapshot.Window{From: w.From, To: middle}); err != nil {
		return err
	}
	return s.stretch(ctx, snapshot.Window{From: middle, To: w.To})
}

// create makes a query and returns its path. Which version of Graph knows such queries,
// and which filters, is found out with the first one.
func (s *searching) create(ctx context.Context, w snapshot.Window) (string, error) {
	versions := []string{"/v1.0", "/beta"}
	if known := s.queries.known(); known != "" {
		versions = []string{known}
	}
	var err error
	for _, version := range versions {
		var query auditQuery
		query, err = s.post(ctx, version, w)
		if err == nil {
			s.queries.learn(version)
			return version + queriesPath + "/" + url.PathEscape(query.ID), nil
		}
		if !absentHere(err) {
			return "", err
		}
	}
	return "", fmt.Errorf("this cloud or tenant offers no audit queries: %w", err)
}

// absentHere reports whether a version of Graph has no such thing. The documentation
// has it in v1.0; there are tenants that find it in beta only.
func absentHere(err error) bool {
	e, ok := errors.AsType[*graphapi.Error](err)
	return ok && (e.Status == http.StatusNotFound || strings.Contains(strings.ToLower(e.Message), "resource not found for the segment"))
}

// post creates a query with the first filters that Graph accepts.
func (s *searching) post(ctx context.Context, version string, w snapshot.Window) (auditQuery, error) {
	for {
		var query auditQuery
		body := s.asks.body(w)
		err := s.graph.Post(ctx, version+queriesPath, body, &query)
		switch e, ok := errors.AsType[*graphapi.Error](err); {
		case err == nil && query.ID == "":
			return query, errors.New("Graph created a query without an id") //nolint:staticcheck // Graph is a name
		case err == nil:
			if s.asks.attempt > 0 && !s.asks.told {
				s.asks.told = true
				s.remark("Graph does not know the record types of " + s.search.Name + ", which was searched for by service")
			}
			return query, nil
		case !ok || e.Status != http.StatusBadRequest || absentHere(err):
			return query, err
		}
		if !s.asks.next() {
			return query, fmt.Errorf("Graph accepts none of the filters: %w", err) //nolint:staticcheck // Graph is a name
		}
		s.queries.opts.Logger.InfoContext(ctx, "filters refused, trying others", "name", s.search.Name, "error", err.Error())
	}
}

// filters are how a search is put. Without any that narrows it down, a query would
// bring the whole log.
type filters struct {
	search  Search
	attempt int
	told    bool
}

// next goes on to another way; false when there is none.
func (f *filters) next() bool {
	if f.attempt == 2 || len(f.search.Services) == 0 {
		return false
	}
	f.attempt++
	return true
}

// body is the query. The page on its creation and the one on its members call the filter
// by service by different names.
func (f *filters) body(w snapshot.Window) map[string]any {
	body := map[string]any{
		"displayName": f.search.Name, "filterStartDateTime": instant(w.From), "filterEndDateTime": instant(w.To),
	}
	switch f.attempt {
	case 0:
		body["recordTypeFilters"] = f.search.RecordTypes
	case 1:
		body["serviceFilters"] = f.search.Services
	default:
		body["serviceFilter"] = f.search.Services[0]
	}
	if len(f.search.Operations) > 0 {
		body["operationFilters"] = f.search.Operations
	}
	return body
}

// await looks at a query until it has ended, in pauses that grow.
func (s *searching) await(ctx context.Context, path string) (auditQuery, error) {
	pause := s.queries.opts.FirstPause
	for {
		var query auditQuery
		if s.left <= 0 {
			return query, &lateError{"waiting"}
		}
		if err := rest(ctx, pause); err != nil {
			return query, err
		}
		s.left -= pause
		if err := s.graph.Get(ctx, path, graphapi.Query{}, &query); err != nil {
			return query, err
		}
		switch strings.ToLower(query.Status) {
		case "succeeded":
			return query, nil
		case "failed", "cancelled", "canceled":
			return query, errors.New("the query ended as " + graphapi.Clean(s.graph.Account(), query.Status))
		}
		if s.left <= 0 {
			return query, &lateError{graphapi.Clean(s.graph.Account(), cmp.Or(query.Status, "waiting"))}
		}
		pause = min(2*pause, s.queries.opts.MaxPause)
	}
}

func rest(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// list hands out the records of a query that has ended, and counts them.
func (s *searching) list(ctx context.Context, path string) (int, error) {
	listed := 0
	for record, err := range s.graph.List(ctx, path+"/records", graphapi.Query{}) {
		if err != nil {
			return listed, err
		}
		listed++
		s.records++
		s.line.Tell(func(work *graphapi.Work) { work.Rows = s.records })
		if err := s.each(record, fmt.Sprintf("audit query %s[%d]", s.search.Name, listed-1)); err != nil {
			return listed, endingError{err}
		}
	}
	return listed, nil
}

// known is the version of Graph that knows audit queries; "" before the first one.
func (q *Queries) known() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.version
}

func (q *Queries) learn(version string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.version = version
}
