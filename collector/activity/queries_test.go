package activity_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/activity"
	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const (
	v1   = "/v1.0/security/auditLog/queries"
	beta = "/beta/security/auditLog/queries"
)

func auditor() map[string]any {
	return map[string]any{"roles": []string{"AuditLogsQuery.Read.All"}, "appid": clientID}
}

func created(id string) fakegraph.Answer {
	return fakegraph.Answer{Status: 201, Body: `{"id":"` + id + `","status":"notStarted"}`}
}

func state(status string) fakegraph.Answer {
	return fakegraph.Answer{Body: `{"id":"x","status":"` + status + `"}`}
}

func refusal(status int, code, message string) fakegraph.Answer {
	return fakegraph.Answer{Status: status, Body: fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, code, message)}
}

// queries makes queries whose clock says noon.
func queries(t testing.TB, g *fakegraph.Graph, claims map[string]any, changes ...func(*activity.QueryOptions)) *activity.Queries {
	opts := activity.QueryOptions{
		Graph: g.Client(claims), Clock: noon, FirstPause: time.Millisecond, MaxPause: 2 * time.Millisecond,
		Patience: time.Second,
	}
	for _, change := range changes {
		change(&opts)
	}
	q, err := activity.NewQueries(opts)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// bodies are the queries that were made at path.
func bodies(t testing.TB, g *fakegraph.Graph, path string) []map[string]any {
	var list []map[string]any
	for _, r := range g.Requests(path) {
		if r.Method != "POST" {
			continue
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Fatal(err)
		}
		list = append(list, body)
	}
	return list
}

// asked are the intervals that queries at path were for.
func asked(t testing.TB, g *fakegraph.Graph, path string) []snapshot.Window {
	var list []snapshot.Window
	for _, body := range bodies(t, g, path) {
		from, _ := snapshot.Instant(body["filterStartDateTime"].(string))
		to, _ := snapshot.Instant(body["filterEndDateTime"].(string))
		list = append(list, window(from, to))
	}
	return list
}

func TestBackfill(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("q'1")).On(v1+"/q'1", state("notStarted"), state("running"), state("succeeded"))
	g.On(v1+"/q'1/records",
		fakegraph.Answer{Body: `{"value":[{"id":"1","auditData":{"Id":"1"}},{"id":"2"}],"@odata.nextLink":"{{graph}}` + v1 + `/q'1/records?$skiptoken=2"}`})
	g.On(v1+"/q'1/records?$skiptoken=2", fakegraph.Value(`{"id":"3"}`))
	ids, covered := read(t, queries(t, g, auditor()).Records(activity.DataConnect(), 180*day))
	sameIDs(t, ids, "1", "2", "3")
	sameWindows(t, "covered", covered.Windows, window(ago(180*day), noon()))
	if covered.Missing != nil || len(covered.Holes) > 0 || covered.Unfinished || covered.Requests != 6 || covered.Reason != "" {
		t.Errorf("%+v", covered)
	}
	want := []map[string]any{{
		"displayName": "leastwise-data-connect", "filterStartDateTime": "2026-05-24T12:00:00Z", "filterEndDateTime": "2026-11-20T12:00:00Z",
		"recordTypeFilters": []any{"microsoftGraphDataConnectConsent", "microsoftGraphDataConnectOperation", "filteringRuntimeInfo"},
	}}
	if diff := cmp.Diff(want, bodies(t, g, v1)); diff != "" {
		t.Error(diff)
	}
}

func TestRoleChangesAreAskedForByOperation(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Value())
	_, covered := read(t, queries(t, g, auditor()).Records(activity.RoleChanges(), 30*day))
	sameWindows(t, "covered", covered.Windows, window(ago(30*day), noon()))
	body := bodies(t, g, v1)[0]
	operations := fmt.Sprint(body["operationFilters"])
	for _, name := range []string{"Add member to role ", "Add member to role.", "Remove member from role.", "Add member to role completed (PIM activation).", "Remove member from role (PIM activation expired)"} {
		if !strings.Contains(operations, name) {
			t.Errorf("%s is not asked for", name)
		}
	}
	if fmt.Sprint(body["recordTypeFilters"]) != "[azureActiveDirectory]" {
		t.Errorf("%v", body)
	}
}

// Only what nothing covers is asked for, and a day before it, since events take time.
func TestBackfillAsksForWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name     string
		state    []snapshot.Window
		lookBack time.Duration
		want     []snapshot.Window
		remark   string
	}{
		{"whole", []snapshot.Window{window(ago(200*day), noon())}, 180 * day, nil, "nothing was left to ask"},
		{"whole within the look-back", []snapshot.Window{window(ago(30*day), noon())}, 30 * day, nil, "nothing was left to ask"},
		{"a feed has just begun", []snapshot.Window{window(noon(), noon())}, 90 * day, []snapshot.Window{window(ago(90*day), noon())}, ""},
		{"the beginning", []snapshot.Window{window(ago(7*day), noon())}, 180 * day, []snapshot.Window{window(ago(180*day), ago(7*day))}, ""},
		{"a gap", []snapshot.Window{window(ago(180*day), ago(9*day)), window(ago(7*day), noon())}, 180 * day, []snapshot.Window{window(ago(10*day), ago(7*day))}, ""},
		{"since the last run", []snapshot.Window{window(ago(180*day), ago(day))}, 180 * day, []snapshot.Window{window(ago(2*day), noon())}, ""},
		{"further back than the log goes", nil, 400 * day, []snapshot.Window{window(ago(180*day), noon())}, "180 days, so nothing older"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Value())
			_, covered := read(t, queries(t, g, auditor()).Records(activity.DataConnect(), c.lookBack), c.state...)
			sameWindows(t, "asked for", asked(t, g, v1), c.want...)
			sameWindows(t, "covered", covered.Windows, c.want...)
			var last []snapshot.Window // of which the audit log may not have had everything
			if n := len(c.want); n > 0 && c.want[n-1].To.Equal(noon()) {
				last = []snapshot.Window{window(ago(day), noon())}
			}
			sameWindows(t, "provisional", covered.Provisional, last...)
			if !strings.Contains(covered.Reason, c.remark) || (c.remark == "") != (covered.Reason == "") || covered.Missing != nil {
				t.Errorf("%+v", covered)
			}
			if c.want == nil && len(g.Requests("")) > 0 {
				t.Errorf("%d requests for nothing", len(g.Requests("")))
			}
		})
	}
}

func TestManyGapsAreOneQuery(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Value())
	var windows []snapshot.Window
	for n := range 30 {
		windows = append(windows, window(ago(time.Duration(180-6*n)*day), ago(time.Duration(176-6*n)*day)))
	}
	read(t, queries(t, g, auditor()).Records(activity.DataConnect(), 180*day), windows...)
	sameWindows(t, "asked for", asked(t, g, v1), window(ago(177*day), noon()))
}

func TestBetaKnowsWhatV1DoesNot(t *testing.T) {
	for name, one := range map[string]fakegraph.Answer{
		"404":     refusal(404, "UnknownError", ""),
		"segment": refusal(400, "BadRequest", "Resource not found for the segment 'auditLog'."),
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegraph.Start(t).On(v1, one).On(beta, created("q")).On(beta+"/q", state("succeeded")).On(beta+"/q/records", fakegraph.Value(`{"id":"1"}`))
			q := queries(t, g, auditor())
			for range 2 {
				ids, covered := read(t, q.Records(activity.DataConnect(), 30*day))
				sameIDs(t, ids, "1")
				sameWindows(t, "covered", covered.Windows, window(ago(30*day), noon()))
			}
			if n := len(g.Requests(v1)); n != 1 {
				t.Errorf("v1.0 was asked %d times", n)
			}
		})
	}
}

func TestFilterThatGraphDoesNotKnow(t *testing.T) {
	bad := refusal(400, "BadRequest", "Requested value 'microsoftGraphDataConnectConsent' was not found.")
	for _, c := range []struct {
		name    string
		answers []fakegraph.Answer
		member  string
		reason  string
	}{
		{"by service", []fakegraph.Answer{bad, created("q")}, "serviceFilters", ""},
		{"by its other name", []fakegraph.Answer{bad, bad, created("q")}, "serviceFilter", ""},
		{"none", []fakegraph.Answer{bad}, "", "Graph accepts none of the filters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(v1, c.answers...).On(v1+"/q", state("succeeded")).On(v1+"/q/records", fakegraph.Value(`{"id":"1"}`))
			_, covered := read(t, queries(t, g, auditor()).Records(activity.DataConnect(), 30*day))
			sent := bodies(t, g, v1)
			for _, body := range sent {
				if body["recordTypeFilters"] == nil && body["serviceFilters"] == nil && body["serviceFilter"] == nil {
					t.Errorf("a query without a filter: %v", body)
				}
			}
			if c.reason != "" {
				if len(sent) != 3 || covered.Missing == nil || covered.Missing.Status != snapshot.Failed || !strings.Contains(covered.Missing.Reason, c.reason) || len(covered.Windows) > 0 {
					t.Errorf("%d queries, %+v %+v", len(sent), covered, covered.Missing)
				}
				return
			}
			if last := sent[len(sent)-1]; last[c.member] == nil || last["recordTypeFilters"] != nil || !strings.Contains(covered.Reason, "searched for by service") {
				t.Errorf("%v, %q", last, covered.Reason)
			}
			sameWindows(t, "covered", covered.Windows, window(ago(30*day), noon()))
		})
	}
}

// Raw records are not kept for a run that is taken up again: they hold more than a
// snapshot may.
func TestRecordsAreNotKept(t *testing.T) {
	g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", state("running"), state("succeeded")).On(v1+"/q/records", fakegraph.Value(`{"id":"1"}`))
	journal := &journal{}
	q := queries(t, g, auditor(), func(o *activity.QueryOptions) {
		o.Graph = g.Client(auditor(), func(o *graphapi.Options) { o.Journal = journal })
	})
	read(t, q.Records(activity.DataConnect(), 30*day))
	if journal.touched {
		t.Error("answers went to the journal")
	}
}

type journal struct{ touched bool }

func (j *journal) Recall(string, func(json.RawMessage) error) (graphapi.Kept, bool, error) {
	j.touched = true
	return graphapi.Kept{}, false, nil
}

func (j *journal) Record(string) graphapi.Record { j.touched = true; return j }
func (j *journal) Forget(...string) error        { return nil }
func (j *journal) Row(json.RawMessage) error     { return nil }
func (j *journal) End(graphapi.Kept) error       { return nil }

// Graph's identity needs the permission whatever is left to ask for; it has read the
// dataset only when something was read.
func TestReadersOfTheAuditLogAreNoted(t *testing.T) {
	for name, state := range map[string][]snapshot.Window{"whole": {window(ago(180*day), noon())}, "not whole": nil} {
		a := subscribed(t)
		g := fakegraph.Start(t).On(v1, created("q")).On(v1+"/q", fakegraph.Answer{Body: `{"status":"succeeded"}`}).On(v1+"/q/records", fakegraph.Value())
		client := a.client(reader())
		q := queries(t, g, auditor(), func(o *activity.QueryOptions) { o.Activity = client })
		read(t, q.Records(activity.DataConnect(), 30*day), state...)
		s := snapshotOf(t, client)
		i := slices.IndexFunc(s.Manifest.Identities, func(id snapshot.Identity) bool { return slices.Contains(id.Roles, "AuditLogsQuery.Read.All") })
		if i < 0 {
			t.Fatalf("%s: %+v", name, s.Manifest.Identities)
		}
		id := s.Manifest.Identities[i]
		need := snapshot.Need{Dataset: snapshot.DataConnectEvents, Least: []string{"AuditLogsQuery.Read.All"}}
		if !slices.ContainsFunc(id.Needs, func(n snapshot.Need) bool { return cmp.Equal(n, need) }) || slices.Contains(id.Datasets, snapshot.DataConnectEvents) != (state == nil) {
			t.Errorf("%s: %+v", name, id)
		}
	}
}
