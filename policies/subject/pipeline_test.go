package subject

import (
	"fmt"
	"strings"
	"testing"

	"leastwise/collector/snapshot"
)

func read(id, more string) string {
	for name, value := range map[string]string{"inactive": "false", "allColumns": "false", "unresolved": "[]"} {
		if !strings.Contains(more, `"`+name+`"`) {
			more += fmt.Sprintf(",%q:%s", name, value)
		}
	}
	return fmt.Sprintf(`{"id":%q,"name":"n","file":"f.json","line":3,"pipeline":"p","activity":"a","product":"synapse","type":"Copy"%s}`, id, more)
}

func pipelineDocuments(t *testing.T, f facts) []Document {
	t.Helper()
	j, err := Open(f.write(t), Options{AsOf: asOf(), Catalogue: testCatalogue(t), Kinds: []Kind{KindPipeline}})
	if err != nil {
		t.Fatal(err)
	}
	return documents(t, j, KindPipeline)
}

func pipelineOf(t *testing.T, row string) *Pipeline {
	t.Helper()
	list := pipelineDocuments(t, facts{rows: map[snapshot.Name][]string{snapshot.Pipelines: {row}}})
	if len(list) != 1 {
		t.Fatalf("got %d documents, want one", len(list))
	}
	return list[0].Value.(*Pipeline)
}

func TestPipelineFacts(t *testing.T) {
	f := facts{
		rows: map[snapshot.Name][]string{snapshot.Pipelines: {read("f#p/b", `,"inactive":true`), read("f#p/a", `,"inactive":false,"appId":"APP","appTenantId":"T","dataTenantId":"`+strings.ToUpper(home)+`","dataset":"mail","allColumns":false,
			"columns":["ID"],"scope":"list","groups":["g"],"filter":"","destinationTenantId":"E","destination":{"type":"AzureBlobFS","location":"https://a.b/c","partial":true},
			"unresolved":[{"field":"scope","expression":"@x","file":"g.json","line":9,"reason":"a variable"}]`)}},
		meta: covered(snapshot.DataConnectEvents, "2026-05-01T00:00:00Z"),
	}
	list := pipelineDocuments(t, f)
	if len(list) != 2 || list[0].ID != "f#p/a" || list[1].ID != "f#p/b" || !list[1].Value.(*Pipeline).Inactive {
		t.Fatalf("got %+v, want two in the order of their ids", list)
	}
	coverage := &Coverage{From: "2026-05-01T00:00:00Z", Days: 203, To: "2026-11-20T12:00:00Z", Whole: true}
	want := &Pipeline{
		Kind: KindPipeline, ID: "f#p/a", Name: "n", File: "f.json", Line: 3, Pipeline: "p", Activity: "a", Product: "synapse", Type: "Copy",
		AppID: "app", AppTenantID: "t", DataTenantID: home, Dataset: "mail", Catalogued: true, Columns: []string{"ID"}, Scope: "list", Groups: []string{"g"},
		DestinationTenantID: "e", Destination: &Destination{Type: "AzureBlobFS", Location: "https://a.b/c", Partial: true},
		Unresolved: []Unresolved{{Field: "scope", Expression: "@x", File: "g.json", Line: 9, Reason: "a variable"}}, Approvals: []Approval{}, Coverage: coverage,
	}
	same(t, "document", Document{Kind: KindPipeline, ID: "f#p/a", Name: "n", Value: want, File: "f.json", Line: 3}, list[0])
	if bare := list[1].Value.(*Pipeline); bare.Unresolved == nil || bare.Columns != nil || bare.Groups != nil || bare.Destination != nil || bare.Catalogued {
		t.Errorf("got %+v, want absent what the row does not tell", bare)
	}
}

func TestPipelineColumns(t *testing.T) {
	for _, c := range []struct {
		name, more string
		catalogued bool
		want       []string
	}{
		{"named", `,"dataset":"mail","columns":["b","A"]`, true, []string{"b", "A"}},
		{"all of a table that is known", `,"dataset":"BASICDATASET_V0.MAIL","allColumns":true`, true, []string{"body", "id", "sender", "subject"}},
		{"all of a table that may have more", `,"dataset":"Sites","allColumns":true`, true, nil},
		{"all of a table that is not known", `,"dataset":"Other","allColumns":true`, false, nil},
		{"all of a table that is not told", `,"allColumns":true,"columns":["x"]`, false, nil},
		{"not told", `,"dataset":"mail"`, true, nil},
		{"none", `,"dataset":"mail","columns":[]`, true, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pipelineOf(t, read("1", c.more))
			same(t, "columns", c.want, p.Columns)
			if p.Catalogued != c.catalogued {
				t.Errorf("got catalogued %v, want %v", p.Catalogued, c.catalogued)
			}
		})
	}
}

// What tenant a sink is in is for the reader of the files to say, or to assume.
func TestPipelineDestinationTenant(t *testing.T) {
	for more, want := range map[string]string{
		`,"destinationTenantId":"X"`: "x false", `,"destinationTenantId":"X","destinationAssumed":true`: "x true", ``: " false",
	} {
		p := pipelineOf(t, read("1", more))
		if got := fmt.Sprint(p.DestinationTenantID, " ", p.DestinationAssumed); got != want {
			t.Errorf("%s: got %q, want %q", more, got, want)
		}
	}
}

func TestPipelineApprovals(t *testing.T) {
	days := func(n int) *int { return &n }
	f := facts{
		rows: map[snapshot.Name][]string{
			snapshot.Pipelines: {read("1", ""), read("2", "")},
			snapshot.DataConnectEvents: {
				consent("1", "2026-10-01T00:00:00Z", `,"state":"approved","datasets":[{"name":"Mail","columns":["subject"],"scope":"all"}],"sinks":["https://A.b/c/","acct"],"destinationTenantId":"E"`),
				consent("2", "2026-11-01T00:00:00Z", `,"state":"approved","expiresAt":"2026-11-19T12:00:00Z","datasets":[],"sinks":[]`),
				`{"id":"3","kind":"consent","at":"2026-10-02T00:00:00Z","appId":"app","appTenantId":"` + other + `","state":"denied","appName":"Theirs"}`,
				`{"id":"4","kind":"consent","at":"2026-10-02T00:00:00Z","appId":"late","appTenantId":"` + home + `","state":"approved","expiresAtRaw":"soon"}`,
				`{"id":"5","kind":"operation","appId":"late","appName":"Late"}`, `{"id":"6","kind":"operation","appId":"unheard"}`,
			},
			snapshot.DataConnectRegister: {
				`{"tenantId":"` + home + `","appId":"wanted","name":"Wanted","state":"pending"}`, `{"tenantId":"` + home + `","appId":"late","state":"update_available"}`,
				`{"tenantId":"` + other + `","appId":"app","state":"update_available"}`, `{"tenantId":"` + home + `","appId":"over","state":"expired"}`, `{"tenantId":"` + home + `","appId":"revoked","state":"denied"}`, `{"tenantId":"` + home + `","appId":"*","crossTenantMovement":true}`,
			},
		},
		gaps: map[snapshot.Name][]snapshot.Gap{snapshot.DataConnectEvents: {{Row: "3", Reason: "damaged"}}},
	}
	list := pipelineDocuments(t, f)
	got := list[0].Value.(*Pipeline).Approvals
	want := []Approval{
		{ID: home + "/app", AppID: "app", AppTenantID: home, State: "approved", ApprovedAt: "2026-11-01T00:00:00Z", ExpiresAt: "2026-11-19T12:00:00Z", DaysLeft: days(-1), Datasets: []ApprovedDataset{}, Sinks: []string{}, SinkLocations: []string{}},
		{
			ID: home + "/late", AppID: "late", AppTenantID: home, Name: "Late", State: "update_available", SelfDeclared: true, ApprovedAt: "2026-10-02T00:00:00Z",
			ExpiresAt: "2027-03-31T00:00:00Z", DaysLeft: days(131),
			Doubts: []string{`expiresAt: "soon" is not an instant (data_connect_events)`, `expiry "soon" is not an instant (data_connect_events)`},
		},
		{ID: home + "/over", AppID: "over", AppTenantID: home, State: "approved", SelfDeclared: true, DaysLeft: days(0)},
		{ID: home + "/revoked", AppID: "revoked", AppTenantID: home, State: "denied", SelfDeclared: true},
		{ID: home + "/wanted", AppID: "wanted", AppTenantID: home, Name: "Wanted", State: "pending", SelfDeclared: true},
		{ID: other + "/app", AppID: "app", AppTenantID: other, Name: "Theirs", State: "denied", ApprovedAt: "2026-10-02T00:00:00Z", ExpiresAt: "2027-03-31T00:00:00Z", DaysLeft: days(131), Doubts: []string{"damaged (data_connect_events)"}},
	}
	same(t, "approvals", want, got)
	if again := list[1].Value.(*Pipeline).Approvals; &again[0] != &got[0] {
		t.Error("every pipeline has approvals of its own: a thousand of them would be a thousand copies")
	}
	if len(list[0].Incomplete) > 0 {
		t.Errorf("got %v, want the doubt with the approval that it is of", list[0].Incomplete)
	}

	sinks := facts{rows: map[snapshot.Name][]string{snapshot.Pipelines: {read("1", "")}, snapshot.DataConnectEvents: f.rows[snapshot.DataConnectEvents][:1]}}
	one := pipelineDocuments(t, sinks)[0].Value.(*Pipeline).Approvals[0]
	same(t, "locations", []string{"https://a.b/c"}, one.SinkLocations)
	same(t, "datasets", []ApprovedDataset{{Name: "Mail", Columns: []string{"subject"}, Scope: "all", Catalogued: true, Sensitive: []string{"subject"}, Unrated: []string{}}}, one.Datasets)
	if !one.SinksUnclear || one.DestinationID != "e" {
		t.Errorf("got %+v, want an unclear sink and the destination", one)
	}
}

// The tenant whose data is read approves: the approvals of another one say nothing.
func TestPipelineOnDataOfAnotherTenant(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Pipelines:         {read("1", `,"dataTenantId":"`+other+`"`)},
		snapshot.DataConnectEvents: {consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`)},
	}}
	document := pipelineDocuments(t, f)[0]
	if p := document.Value.(*Pipeline); p.Approvals != nil || len(document.Incomplete) != 1 || document.Incomplete[0].Dataset != snapshot.DataConnectEvents {
		t.Errorf("got %+v and %v, want no approvals and the reason", p.Approvals, document.Incomplete)
	}
}

// Where events could not be read there are no approvals to speak of, not none.
func TestPipelineWithoutEvents(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{snapshot.Pipelines: {read("1", "")}}}
	if p := pipelineDocuments(t, f)[0].Value.(*Pipeline); p.Approvals == nil || len(p.Approvals) > 0 || p.Coverage != nil {
		t.Errorf("got %+v, want no approvals and no coverage", p)
	}
	f.status = map[snapshot.Name]snapshot.Status{snapshot.DataConnectEvents: snapshot.Denied}
	f.rows = withRows(f.rows, snapshot.DataConnectRegister, `{"tenantId":"t","appId":"a","state":"pending"}`)
	if p := pipelineDocuments(t, f)[0].Value.(*Pipeline); p.Approvals != nil || p.Coverage != nil {
		t.Errorf("got %+v, want approvals and coverage absent", p)
	}
	if none := pipelineDocuments(t, facts{}); len(none) > 0 {
		t.Errorf("got %v of a snapshot without pipelines", none)
	}
}

func TestDamagedPipelines(t *testing.T) {
	f := facts{
		rows: map[snapshot.Name][]string{snapshot.Pipelines: {read("1", `,"columns":"id"`), read("2", "")}},
		gaps: map[snapshot.Name][]snapshot.Gap{snapshot.Pipelines: {{Row: "2", Reason: "cut off"}}},
	}
	for _, document := range pipelineDocuments(t, f) {
		if len(document.Incomplete) != 1 || document.Incomplete[0].Dataset != snapshot.Pipelines || document.Incomplete[0].Field != "" {
			t.Errorf("%s: got %v, want the damage named", document.ID, document.Incomplete)
		}
	}
}
