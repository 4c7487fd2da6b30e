package subject

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// runs are the operation events. There may be very many, alike but for their start.
type runs struct {
	of    map[string][]run  // by appId
	names map[string]string // display names, by appId
	words interner
	lists map[string][]string
}

// run is one operation event, reduced to what subjects need.
type run struct {
	dataset, pipeline, startedAt, status string
	columns, groups                      []string // shared: not to be changed
	started                              time.Time
	dated                                bool // started is known
}

func newRuns() runs {
	return runs{of: map[string][]run{}, names: map[string]string{}, words: interner{}, lists: map[string][]string{}}
}

func (r *runs) add(appID string, row *wireDataConnectEvent) {
	one := run{
		dataset: r.words.of(row.Dataset), pipeline: r.words.of(row.Pipeline), startedAt: row.StartedAt,
		columns: r.list(row.Columns), groups: r.list(row.Groups), status: r.words.of(strings.TrimSpace(row.Status)),
	}
	one.started, one.dated = parseInstant(row.StartedAt)
	r.of[appID] = append(r.of[appID], one)
	if row.AppName != "" {
		r.names[appID] = r.words.of(row.AppName)
	}
}

// list keeps one sorted copy of lists that recur.
func (r *runs) list(words []string) []string {
	if words == nil {
		return nil
	}
	key := fmt.Sprintf("%q", words)
	kept, ok := r.lists[key]
	if !ok {
		kept = slices.Clone(words)
		slices.Sort(kept)
		r.lists[key] = kept
	}
	return kept
}

// failed reports whether a status says that a run delivered nothing. What its words are is
// not documented
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema).
func failed(status string) bool {
	status = strings.ToLower(status)
	return slices.ContainsFunc([]string{"fail", "cancel", "reject", "denied"}, func(word string) bool { return strings.HasPrefix(status, word) })
}

// addRuns adds the runs of an application, those of the same dataset, columns, groups and
// status under the same approval as one.
func (j *Join) addRuns(app *DataConnectApp, facts *connectApp) {
	all := j.connect.runs.of[facts.appID]
	rows, first := map[string]*Extraction{}, map[string]time.Time{}
	var last *run
	for i := range all {
		r := &all[i]
		switch {
		case failed(r.status): // it is shown, and no use of the approval
		case !r.dated:
			app.UndatedRuns++
		case last == nil || r.started.After(last.started):
			last = r
		}
		under := j.inForce(facts, r)
		key := runKey(r, under.key)
		if row, ok := rows[key]; ok {
			row.Runs++
			if r.dated && r.started.Before(first[key]) {
				row.StartedAt, first[key] = r.startedAt, r.started
			}
			continue
		}
		rows[key], first[key] = &Extraction{
			Dataset: r.dataset, Columns: r.columns, Groups: r.groups, StartedAt: r.startedAt, Pipeline: r.pipeline,
			Status: r.status, Failed: failed(r.status), Runs: 1, Decision: under.decision, DecidedAt: under.since(), Approved: j.approved(under),
		}, r.started
	}
	app.Extractions = make([]Extraction, 0, len(rows))
	for _, key := range sortedKeys(rows) {
		app.Extractions = append(app.Extractions, *rows[key])
	}
	if last != nil {
		app.LastRunAt, app.RunDays = formatInstant(last.started), ageDays(j.asOf, last.started)
	}
	if j.connect.candidates[facts.appID] > 1 {
		const reason = "runs do not name the tenant that their application is registered in, and applications of several have this id"
		for _, field := range []string{"extractions", "last_run_at", "run_days", "undated_runs"} {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.DataConnectEvents, Reason: reason, Field: field})
		}
	}
}

// runKey is one for runs of the same dataset, columns, groups and status under the same
// approval, whatever the case of the words. What was not told is not the same as none.
func runKey(r *run, under string) string {
	return fmt.Sprintf("%q %t %q %t %q %q %s", strings.ToLower(r.dataset), r.columns == nil, folded(r.columns), r.groups == nil, folded(r.groups),
		strings.ToLower(r.status), under)
}

func folded(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.ToLower(name)
	}
	slices.Sort(out)
	return out
}
