package subject

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"leastwise/collector/snapshot"
)

func instant(text string) time.Time {
	t, _ := parseInstant(text)
	return t
}

// covered says that the events of a dataset are complete from an instant on.
func covered(name snapshot.Name, from string, holes ...snapshot.Hole) map[snapshot.Name]snapshot.Dataset {
	start := instant(from)
	meta := snapshot.Dataset{From: &start, Windows: []snapshot.Window{{From: start, To: asOf()}}, Holes: holes}
	if len(holes) > 0 {
		meta.Status, meta.Reason = snapshot.Partial, "holes"
	}
	return map[snapshot.Name]snapshot.Dataset{name: meta}
}

func hole(from, to string) snapshot.Hole {
	return snapshot.Hole{From: instant(from), To: instant(to), Reason: "lost"}
}

func TestCoverage(t *testing.T) {
	const from = "2026-05-01T00:00:00Z"
	event := consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`)
	nameless := `{"id":"2","kind":"consent","appTenantId":"t"}`
	for _, c := range []struct {
		name   string
		meta   map[snapshot.Name]snapshot.Dataset
		events []string
		want   *Coverage
	}{
		{"not told", nil, []string{event}, nil},
		{"whole", covered(snapshot.DataConnectEvents, from), []string{event}, &Coverage{From: from, Days: 203, To: "2026-11-20T12:00:00Z", Whole: true}},
		{"with a hole", covered(snapshot.DataConnectEvents, from, hole("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z")), []string{event}, &Coverage{From: from, Days: 203, To: "2026-11-20T12:00:00Z"}},
		{"an event of nobody", covered(snapshot.DataConnectEvents, from), []string{event, nameless}, &Coverage{From: from, Days: 203, To: "2026-11-20T12:00:00Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{meta: c.meta, rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: c.events}}
			same(t, "coverage", c.want, connectApps(t, f)[home+"/app"].Coverage)
		})
	}
}

func TestExtractions(t *testing.T) {
	const columns = `,"datasets":[{"name":"Mail","columns":["a"]}]`
	events := []string{
		consent("1", "2026-03-01T00:00:00Z", `,"state":"approved"`+columns),
		consent("2", "2026-05-01T00:00:00Z", `,"state":"approved","datasets":[{"name":"Mail","columns":["a","b"]}]`),
		consent("3", "2026-06-01T00:00:00Z", `,"state":"denied"`+columns),
		consent("4", "2026-07-01T00:00:00Z", `,"state":""`),
		consent("5", "2026-07-10T00:00:00Z", `,"state":"pending"`+columns),
		consent("6", "2026-08-01T00:00:00Z", `,"state":"approved","validDays":10`+columns),
		consent("7", "2026-09-01T17:00:00Z", `,"state":"approved","approvedAt":"2026-09-01T00:00:00Z"`+columns),
		consent("8", "2026-10-01T00:00:00Z", `,"state":"update_available","datasets":[{"name":"Mail","columns":["c"]}]`),
	}
	a := []ApprovedDataset{{Name: "Mail", Columns: []string{"a"}, Catalogued: true, Sensitive: []string{}, Unrated: []string{"a"}}}
	ab := []ApprovedDataset{{Name: "Mail", Columns: []string{"a", "b"}, Catalogued: true, Sensitive: []string{}, Unrated: []string{"a", "b"}}}
	for _, c := range []struct {
		name, started, decision, at string
		approved                    []ApprovedDataset
	}{
		{"before the first decision", "2026-02-28T23:59:59Z", "", "", nil},
		{"at the first", "2026-03-01T00:00:00Z", "approved", "2026-03-01T00:00:00Z", a},
		{"under the first", "2026-04-30T23:59:59.9999999Z", "approved", "2026-03-01T00:00:00Z", a},
		{"under the second", "2026-05-01T00:00:00Z", "approved", "2026-05-01T00:00:00Z", ab},
		{"after the denial", "2026-06-15T00:00:00Z", "denied", "2026-06-01T00:00:00Z", []ApprovedDataset{}},
		{"after a decision that cannot be read", "2026-07-05T00:00:00Z", "", "", nil},
		{"pending", "2026-07-15T00:00:00Z", "pending", "2026-07-10T00:00:00Z", []ApprovedDataset{}},
		{"in the last second", "2026-08-10T23:59:59Z", "approved", "2026-08-01T00:00:00Z", a},
		{"when it had expired", "2026-08-11T00:00:00Z", "expired", "2026-08-01T00:00:00Z", a},
		{"on the day of a decision that is dated by the day", "2026-09-01T12:00:00Z", "", "", nil},
		{"after the event of that day", "2026-09-01T17:00:00Z", "approved", "2026-09-01T00:00:00Z", a},
		{"updated since", "2026-10-05T00:00:00Z", "approved", "2026-09-01T00:00:00Z", a},
		{"undated", "", "", "", nil},
		{"unreadable date", "01/20/2025", "", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := decided(t, append([]string{operation("0", c.started, "Mail", `["b","a"]`)}, events...)...)
			same(t, "extractions", []Extraction{{
				Dataset: "Mail", Columns: []string{"a", "b"}, StartedAt: c.started, Pipeline: "p", Runs: 1,
				Decision: c.decision, DecidedAt: c.at, Approved: c.approved,
			}}, app.Extractions)
		})
	}
}

// An approval of 180 days that ends on or next to a leap day holds to the second.
func TestExtractionsAtTheEndOfAnApproval(t *testing.T) {
	for started, want := range map[string]string{"2028-02-29T09:29:59Z": "approved", "2028-02-29T09:30:00Z": "expired", "2028-03-01T09:30:00Z": "expired"} {
		app := decided(t, consent("1", "2027-09-02T09:30:00Z", `,"state":"approved"`), operation("2", started, "Mail", `[]`))
		if got := app.Extractions[0].Decision; got != want {
			t.Errorf("a run at %s: got %s, want %s", started, got, want)
		}
	}
}

// That nothing was decided is known only where events reach back as far as an approval
// lasts; what was decided, where none are missing since.
func TestExtractionsAndCoverage(t *testing.T) {
	const name = snapshot.DataConnectEvents
	approval := consent("1", "2026-06-10T00:00:00Z", `,"state":"approved"`)
	for _, c := range []struct {
		name    string
		meta    map[snapshot.Name]snapshot.Dataset
		events  []string
		started string
		want    string
	}{
		{"nothing, and it is not known from when on", nil, nil, "2026-10-01T00:00:00Z", ""},
		{"nothing for 180 days", covered(name, "2026-04-04T00:00:00Z"), nil, "2026-10-01T00:00:00Z", "none"},
		{"nothing for a second less", covered(name, "2026-04-04T00:00:01Z"), nil, "2026-10-01T00:00:00Z", ""},
		{"a hole within them", covered(name, "2026-01-01T00:00:00Z", hole("2026-04-05T00:00:00Z", "2026-04-06T00:00:00Z")), nil, "2026-10-01T00:00:00Z", ""},
		{"a hole that ends within them", covered(name, "2026-01-01T00:00:00Z", hole("2026-04-03T00:00:00Z", "2026-04-04T00:00:01Z")), nil, "2026-10-01T00:00:00Z", ""},
		{"a hole before them", covered(name, "2026-01-01T00:00:00Z", hole("2026-04-03T00:00:00Z", "2026-04-04T00:00:00Z")), nil, "2026-10-01T00:00:00Z", "none"},
		{"a hole after the run", covered(name, "2026-01-01T00:00:00Z", hole("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z")), nil, "2026-10-01T00:00:00Z", "none"},
		{"partial for another reason", map[snapshot.Name]snapshot.Dataset{name: {Status: snapshot.Partial, Reason: "a page failed", From: new(instant("2026-01-01T00:00:00Z"))}}, nil, "2026-10-01T00:00:00Z", ""},
		{"after the last window", map[snapshot.Name]snapshot.Dataset{name: {From: new(instant("2026-01-01T00:00:00Z")), Windows: []snapshot.Window{{From: instant("2026-01-01T00:00:00Z"), To: instant("2026-09-30T00:00:00Z")}}}}, nil, "2026-10-01T00:00:00Z", ""},
		{"an undated decision", covered(name, "2026-01-01T00:00:00Z"), []string{consent("1", "", `,"state":"approved"`)}, "2026-10-01T00:00:00Z", ""},
		{"an event of nobody", covered(name, "2026-01-01T00:00:00Z"), []string{`{"id":"2","kind":"consent","appTenantId":"t"}`}, "2026-10-01T00:00:00Z", ""},
		{"a decision after the run", covered(name, "2026-01-01T00:00:00Z"), []string{consent("1", "2026-10-02T00:00:00Z", `,"state":"approved"`)}, "2026-10-01T00:00:00Z", "none"},
		{"approved, and none missing since", covered(name, "2026-06-01T00:00:00Z", hole("2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z")), []string{approval}, "2026-07-01T00:00:00Z", "approved"},
		{"approved, and a hole since", covered(name, "2026-06-01T00:00:00Z", hole("2026-06-12T00:00:00Z", "2026-06-13T00:00:00Z")), []string{approval}, "2026-07-01T00:00:00Z", ""},
		{"approved, and a hole after the run", covered(name, "2026-06-01T00:00:00Z", hole("2026-07-12T00:00:00Z", "2026-07-13T00:00:00Z")), []string{approval}, "2026-07-01T00:00:00Z", "approved"},
		{"approved before events were complete", covered(name, "2026-06-20T00:00:00Z"), []string{approval}, "2026-07-01T00:00:00Z", ""},
		{"expired, and a hole since", covered(name, "2026-01-01T00:00:00Z", hole("2026-06-12T00:00:00Z", "2026-06-13T00:00:00Z")), []string{consent("1", "2026-06-10T00:00:00Z", `,"state":"approved","validDays":10`)}, "2026-07-01T00:00:00Z", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{meta: c.meta, rows: map[snapshot.Name][]string{
				name:                         append(c.events, operation("9", c.started, "Mail", `[]`)),
				snapshot.DataConnectRegister: {fmt.Sprintf(`{"tenantId":%q,"appId":"app"}`, home)},
			}}
			runs := connectApps(t, f)[home+"/app"].Extractions
			if len(runs) != 1 || runs[0].Decision != c.want {
				t.Errorf("got %+v, want %q", runs, c.want)
			}
		})
	}
}

func TestRunsAreCounted(t *testing.T) {
	events := []string{
		consent("0", "2026-03-01T00:00:00Z", `,"state":"approved"`), consent("1", "2026-05-01T00:00:00Z", `,"state":"approved","datasets":[]`),
		operation("2", "2026-04-02T00:00:00Z", "Mail", `["a","B"]`), operation("3", "2026-04-01T00:00:00Z", "MAIL", `["b","A"]`),
		operation("4", "2026-06-01T00:00:00Z", "Mail", `["a","b"]`), operation("5", "2026-04-03T00:00:00Z", "Mail", `["a,b"]`),
		operation("6", "2026-04-04T00:00:00Z", "Mail", `[]`), operation("7", "2026-04-05T00:00:00Z", "Mail", `null`),
	}
	type brief struct {
		columns string
		runs    int
		started string
	}
	var got []brief
	for _, e := range decided(t, events...).Extractions {
		columns := fmt.Sprintf("%q", e.Columns)
		if e.Columns == nil {
			columns = "absent"
		}
		got = append(got, brief{columns, e.Runs, e.StartedAt})
	}
	slices.SortFunc(got, func(a, b brief) int { return len(a.started+a.columns) - len(b.started+b.columns) })
	want := map[brief]bool{
		{`[]`, 1, "2026-04-04T00:00:00Z"}: true, {"absent", 1, "2026-04-05T00:00:00Z"}: true, {`["a,b"]`, 1, "2026-04-03T00:00:00Z"}: true,
		{`["B" "a"]`, 2, "2026-04-01T00:00:00Z"}: true, {`["a" "b"]`, 1, "2026-06-01T00:00:00Z"}: true,
	}
	for _, b := range got {
		if !want[b] {
			t.Errorf("got %+v, which is not wanted", b)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d extractions, want %d", len(got), len(want))
	}
}

// Runs of other groups are other runs; so are those under an approval and after its end.
func TestRunsOfGroups(t *testing.T) {
	run := func(id, started, groups string) string {
		return fmt.Sprintf(`{"id":%q,"kind":"operation","appId":"app","appName":"Seen running","dataset":"Mail","startedAt":%q,"columns":[]%s}`, id, started, groups)
	}
	app := decided(t, consent("0", "2026-03-01T00:00:00Z", `,"state":"approved","validDays":60`),
		run("1", "2026-04-03T00:00:00Z", `,"groups":["G2","g1"]`), run("2", "2026-04-02T00:00:00.5Z", `,"groups":["g1","g2"]`), run("3", "2026-04-02T00:00:00Z", `,"groups":["G1","G2"]`),
		run("4", "2026-04-04T00:00:00Z", `,"groups":["g1"]`), run("5", "2026-04-05T00:00:00Z", `,"groups":[]`), run("6", "2026-04-06T00:00:00Z", ``),
		run("7", "2026-05-06T00:00:00Z", `,"groups":["g1"]`), run("8", "", ``))
	got := []string{}
	for _, e := range app.Extractions {
		got = append(got, fmt.Sprintf("%q %v %d %s %s", e.Groups, e.Groups == nil, e.Runs, e.StartedAt, e.Decision))
	}
	slices.Sort(got)
	same(t, "runs", []string{
		`["G2" "g1"] false 3 2026-04-02T00:00:00Z approved`, `["g1"] false 1 2026-04-04T00:00:00Z approved`, `["g1"] false 1 2026-05-06T00:00:00Z expired`,
		`[] false 1 2026-04-05T00:00:00Z approved`, `[] true 1  `, `[] true 1 2026-04-06T00:00:00Z approved`,
	}, got)
	if app.LastRunAt != "2026-05-06T00:00:00Z" || app.RunDays == nil || *app.RunDays != 198 || app.UndatedRuns != 1 || app.DisplayName != "Seen running" {
		t.Errorf("got %q, %v days ago, %d undated, of %q", app.LastRunAt, app.RunDays, app.UndatedRuns, app.DisplayName)
	}
	if idle := decided(t, consent("0", "2026-03-01T00:00:00Z", `,"state":"approved"`)); idle.LastRunAt != "" || idle.RunDays != nil || idle.UndatedRuns != 0 {
		t.Errorf("got %+v, want no run", idle)
	}
}

// Runs name no tenant: with two candidates they count for both, and the doubt is named.
func TestRunsOfOneAppOfTwoTenants(t *testing.T) {
	rows := []string{
		consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`),
		`{"id":"2","kind":"consent","at":"2026-10-02T00:00:00Z","appId":"app","appTenantId":"` + other + `","state":"denied"}`,
		operation("3", "2026-10-05T00:00:00Z", "Mail", `[]`),
	}
	apps := connectApps(t, facts{meta: since2019(), rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: rows}})
	for id, decision := range map[string]string{home + "/app": "approved", other + "/app": "denied"} {
		app := apps[id]
		if len(app.Extractions) != 1 || app.Extractions[0].Decision != decision || app.RunDays == nil {
			t.Errorf("%s: got %+v, want one run while it was %s", id, app.Extractions, decision)
		}
		fields := []string{}
		for _, gap := range app.Incomplete {
			fields = append(fields, gap.Dataset+"/"+gap.Field)
		}
		same(t, "gaps", []string{"data_connect_events/extractions", "data_connect_events/last_run_at", "data_connect_events/run_days", "data_connect_events/undated_runs"}, fields)
	}
	one := facts{meta: since2019(), rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: {rows[0], rows[2]}}}
	if app := connectApps(t, one)[home+"/app"]; len(app.Incomplete) > 0 {
		t.Errorf("got %v, want no doubt with one candidate", app.Incomplete)
	}
}

// A run of an application on which nobody is known to have decided is seen all the same.
func TestRunsWithoutDecision(t *testing.T) {
	f := facts{
		rows: map[snapshot.Name][]string{
			snapshot.DataConnectEvents: {
				operation("1", "2026-10-05T00:00:00Z", "Mail", `[]`), `{"id":"2","kind":"operation","appId":"FOREIGN","startedAt":"2026-10-05T00:00:00Z"}`,
				`{"id":"3","kind":"operation","appId":"lonely","startedAt":"2026-10-05T00:00:00Z"}`, `{"id":"4","kind":"operation","appId":"nobody","startedAt":"2026-10-05T00:00:00Z"}`,
			},
			snapshot.Applications: {`{"id":"o","appId":"lonely"}`},
			snapshot.ServicePrincipals: {
				`{"id":"s1","appId":"app","appOwnerOrganizationId":"` + home + `"}`, `{"id":"s2","appId":"foreign","appOwnerOrganizationId":"` + other + `"}`,
			},
		},
		meta: covered(snapshot.DataConnectEvents, "2026-01-01T00:00:00Z"),
	}
	got := map[string]string{}
	for id, app := range connectApps(t, f) {
		got[id] = fmt.Sprintf("%s %v %s %d %s", app.AppTenantID, app.Own, app.State, len(app.History), app.Extractions[0].Decision)
	}
	same(t, "applications", map[string]string{
		home + "/app": home + " true  0 none", other + "/foreign": other + " false  0 none", "unknown/lonely": home + " true  0 none", "unknown/nobody": " false  0 none",
	}, got)
}

// A run that failed is told from one that did not, and is no use of the approval. The words
// of a status are not documented: any but the known ones counts as use.
func TestFailedRuns(t *testing.T) {
	run := func(id, started, status string) string {
		return fmt.Sprintf(`{"id":%q,"kind":"operation","appId":"app","dataset":"Mail","startedAt":%q,"columns":[]%s}`, id, started, status)
	}
	approval := consent("0", "2026-03-01T00:00:00Z", `,"state":"approved"`)
	app := decided(t, approval,
		run("1", "2026-04-01T00:00:00Z", `,"status":"Completed"`), run("2", "2026-04-02T00:00:00Z", `,"status":"completed"`), run("3", "2026-04-03T00:00:00Z", ``),
		run("4", "2026-04-04T00:00:00Z", `,"status":" FAILED "`), run("5", "2026-04-05T00:00:00Z", `,"status":"Cancelled"`), run("6", "2026-04-06T00:00:00Z", `,"status":"canceled by user"`),
		run("7", "2026-04-07T00:00:00Z", `,"status":"Rejected"`), run("8", "2026-04-08T00:00:00Z", `,"status":"DeniedByPolicy"`), run("9", "", `,"status":"Failed"`))
	got := []string{}
	for _, e := range app.Extractions {
		got = append(got, fmt.Sprintf("%q %v %d %s", e.Status, e.Failed, e.Runs, e.StartedAt))
	}
	slices.Sort(got)
	same(t, "runs", []string{
		`"" false 1 2026-04-03T00:00:00Z`, `"Cancelled" true 1 2026-04-05T00:00:00Z`, `"Completed" false 2 2026-04-01T00:00:00Z`, `"DeniedByPolicy" true 1 2026-04-08T00:00:00Z`,
		`"FAILED" true 1 2026-04-04T00:00:00Z`, `"Failed" true 1 `, `"Rejected" true 1 2026-04-07T00:00:00Z`, `"canceled by user" true 1 2026-04-06T00:00:00Z`,
	}, got)
	if app.LastRunAt != "2026-04-03T00:00:00Z" || app.RunDays == nil || app.UndatedRuns != 0 {
		t.Errorf("got %q, %v days ago, %d undated, want the run that is not said to have failed", app.LastRunAt, app.RunDays, app.UndatedRuns)
	}
	for status, used := range map[string]bool{"Succeeded": true, "Unsuccessful": true, "InProgress": true, "失敗": true, "": true, "failure": false, "Denied": false, "CANCELLED": false, "rejected": false} {
		app := decided(t, approval, run("1", "2026-04-01T00:00:00Z", fmt.Sprintf(`,"status":%q`, status)))
		if got := app.RunDays != nil; got != used {
			t.Errorf("status %q: used %v, want %v", status, got, used)
		}
	}
}
