package subject

import (
	"fmt"
	"slices"
	"testing"

	"leastwise/collector/snapshot"
)

func consent(id, at, more string) string {
	return fmt.Sprintf(`{"id":%q,"kind":"consent","at":%q,"appId":"APP","appTenantId":"%s"%s}`, id, at, home, more)
}

func operation(id, started, dataset, columns string) string {
	return fmt.Sprintf(`{"id":%q,"kind":"operation","appId":"app","dataset":%q,"startedAt":%q,"pipeline":"p","columns":%s}`, id, dataset, started, columns)
}

func connectApps(t *testing.T, f facts) map[string]*DataConnectApp {
	t.Helper()
	j := f.open(t)
	documents(t, j, KindApplication)
	apps := map[string]*DataConnectApp{}
	for _, document := range documents(t, j, KindDataConnectApp) {
		apps[document.ID] = document.Value.(*DataConnectApp)
	}
	return apps
}

// decided returns the application that the events are about.
func decided(t *testing.T, events ...string) *DataConnectApp {
	t.Helper()
	app := connectApps(t, facts{rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: events}})[home+"/app"]
	if app == nil {
		t.Fatal("the application has no document")
	}
	return app
}

func TestLatestDecisionWins(t *testing.T) {
	const approved, denied = `,"state":"approved"`, `,"state":"denied"`
	cases := []struct {
		name   string
		events []string
		state  string
		at     string
	}{
		{"one", []string{consent("1", "2026-10-01T00:00:00Z", approved)}, "approved", "2026-10-01T00:00:00Z"},
		{"renewal", []string{consent("2", "2026-10-01T00:00:00Z", approved), consent("1", "2026-04-01T00:00:00Z", approved)}, "approved", "2026-10-01T00:00:00Z"},
		{"denial after approval", []string{consent("1", "2026-10-02T00:00:00Z", denied), consent("2", "2026-10-01T00:00:00Z", approved)}, "denied", "2026-10-02T00:00:00Z"},
		{"approval after denial", []string{consent("1", "2026-10-01T00:00:00Z", denied), consent("2", "2026-10-02T00:00:00Z", approved)}, "approved", "2026-10-02T00:00:00Z"},
		{"date of the decision before date of the event", []string{consent("1", "2026-10-09T00:00:00Z", `,"approvedAt":"2026-10-01T00:00:00Z"`+approved), consent("2", "2026-10-08T00:00:00Z", `,"approvedAt":"2026-10-02T00:00:00Z"`+denied)}, "denied", "2026-10-02T00:00:00Z"},
		{"decisions dated by the day", []string{consent("9", "2026-10-01T09:00:00Z", `,"approvedAt":"2026-10-01T00:00:00Z"`+approved), consent("1", "2026-10-01T17:00:00Z", `,"approvedAt":"2026-10-01T00:00:00Z"`+denied)}, "denied", "2026-10-01T00:00:00Z"},
		{"unreadable date of the decision", []string{consent("1", "2026-10-01T00:00:00Z", `,"approvedAt":"01/20/2025"`+approved)}, "approved", "2026-10-01T00:00:00Z"},
		{"seven digits", []string{consent("1", "2026-10-01T00:00:00.1234567Z", approved)}, "approved", "2026-10-01T00:00:00.1234567Z"},
		{"unknown state", []string{consent("1", "2026-10-01T00:00:00Z", `,"state":""`)}, "", "2026-10-01T00:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := decided(t, c.events...)
			if app.State != c.state || app.ApprovedAt != c.at || app.SelfDeclared {
				t.Errorf("got %q at %s, want %q at %s", app.State, app.ApprovedAt, c.state, c.at)
			}
		})
	}
	undated := decided(t, consent("1", "", approved), consent("2", "2026-10-01T00:00:00Z", denied))
	if undated.State != "denied" || !slices.Contains(gapsOf(undated.Incomplete), snapshot.DataConnectEvents) {
		t.Errorf("got %+v, want the dated decision and a gap", undated)
	}
	if only := decided(t, consent("1", "", approved)); only.State != "approved" || only.ApprovedAt != "" || only.DaysLeft != nil {
		t.Errorf("got %+v, want an approval of unknown date and expiry", only)
	}
}

func TestExpiry(t *testing.T) {
	cases := []struct {
		name, at, more, expires string
		left                    int
		conflict                bool
	}{
		{"standard", "2026-11-20T12:00:00Z", ``, "2027-05-19T12:00:00Z", 180, false},
		{"own days", "2026-11-20T12:00:00Z", `,"validDays":30`, "2026-12-20T12:00:00Z", 30, false},
		{"own date", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-01T00:00:00Z"`, "2026-12-01T00:00:00Z", 11, false},
		{"own date later than the standard", "2026-11-20T12:00:00Z", `,"expiresAt":"2027-11-20T12:00:00Z"`, "2027-11-20T12:00:00Z", 365, false},
		{"both agree", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-20T23:59:59Z","validDays":30`, "2026-12-20T23:59:59Z", 31, false},
		{"a day apart", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-21T12:00:00Z","validDays":30`, "2026-12-21T12:00:00Z", 31, false},
		{"date is later", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-21T12:00:01Z","validDays":30`, "2026-12-20T12:00:00Z", 30, true},
		{"date is earlier", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-01T12:00:00Z","validDays":30`, "2026-12-01T12:00:00Z", 11, true},
		{"over a leap day", "2028-02-28T00:00:00Z", `,"validDays":2`, "2028-03-01T00:00:00Z", 467, false},
		{"not a leap year", "2027-02-28T00:00:00Z", `,"validDays":2`, "2027-03-02T00:00:00Z", 102, false},
		{"this instant", "2026-05-24T12:00:00Z", ``, "2026-11-20T12:00:00Z", 0, false},
		{"in a second", "2026-05-24T12:00:01Z", ``, "2026-11-20T12:00:01Z", 1, false},
		{"long ago", "2020-01-01T00:00:00Z", ``, "2020-06-29T00:00:00Z", -2335, false},
		{"no days", "2026-11-19T12:00:00Z", `,"validDays":0`, "2026-11-19T12:00:00Z", -1, false},
		{"days below none", "2026-11-19T12:00:00Z", `,"validDays":-200000`, "2026-11-19T12:00:00Z", -1, false},
		{"more days than a clock holds", "2026-11-20T12:00:00Z", `,"validDays":200000`, "2574-06-20T12:00:00Z", 200000, false},
		{"more days than there are", "2026-11-20T12:00:00Z", `,"validDays":9000000000000000000`, "4764-10-17T12:00:00Z", 1000000, false},
		{"date alone", "", `,"expiresAt":"2026-12-01T12:00:00Z"`, "2026-12-01T12:00:00Z", 11, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := decided(t, consent("1", c.at, `,"state":"approved"`+c.more))
			if app.DaysLeft == nil || app.ExpiresAt != c.expires || *app.DaysLeft != c.left || app.ExpiryConflict != c.conflict {
				t.Errorf("got %s, %d days, conflict %v, want %s, %d, %v", app.ExpiresAt, *app.DaysLeft, app.ExpiryConflict, c.expires, c.left, c.conflict)
			}
		})
	}
	unreadable := decided(t, consent("1", "2026-11-20T12:00:00Z", `,"state":"approved","expiresAt":"01/20/2025"`))
	if unreadable.ExpiresAt != "2027-05-19T12:00:00Z" || !slices.Contains(gapsOf(unreadable.Incomplete), snapshot.DataConnectEvents) {
		t.Errorf("got %+v, want the standard and a gap", unreadable)
	}
}

func TestDecisionFacts(t *testing.T) {
	days := 30
	app := decided(t, consent("1", "2026-11-20T12:00:00Z", `,"state":"approved","appName":"Mover","approver":" Anna@x ","validDays":30,"destinationTenantId":"dest","sinks":["s1"],"datasets":[{"name":"B","columns":["x"],"scope":"list","groups":["g"]},{"name":"A","filter":"f,g"}]`))
	left := 30
	same(t, "application", &DataConnectApp{
		Kind: KindDataConnectApp, ID: home + "/app", AppID: "app", AppTenantID: home, DisplayName: "Mover", Own: true, State: "approved",
		Approver: &Person{UPN: "Anna@x"}, ApprovedAt: "2026-11-20T12:00:00Z", ValidDays: &days, ExpiresAt: "2026-12-20T12:00:00Z", DaysLeft: &left,
		Datasets: []ApprovedDataset{{Name: "A", Filter: "f,g"}, {Name: "B", Columns: []string{"x"}, Scope: "list", Groups: []string{"g"}}},
		Sinks:    []string{"s1"}, DestinationID: "dest", Extractions: []Extraction{},
	}, app)
	if app := decided(t, consent("1", "2026-11-20T12:00:00Z", ``)); app.Approver != nil || app.Datasets != nil || app.Sinks != nil {
		t.Errorf("got %+v, want absent what the event does not tell", app)
	}
	byID := decided(t, consent("1", "2026-11-20T12:00:00Z", `,"approver":"ABCDEF00-0000-0000-0000-000000000001"`))
	same(t, "approver", &Person{ObjectID: "abcdef00-0000-0000-0000-000000000001"}, byID.Approver)
}

func TestExtractions(t *testing.T) {
	first := consent("1", "2026-03-01T00:00:00Z", `,"state":"approved","datasets":[{"name":"Mail","columns":["a"]}]`)
	second := consent("2", "2026-05-01T00:00:00Z", `,"state":"approved","datasets":[{"name":"Mail","columns":["a","b"]}]`)
	denial := consent("3", "2026-06-01T00:00:00Z", `,"state":"denied","datasets":[{"name":"Mail","columns":["a","b"]}]`)
	doubt := consent("4", "2026-07-01T00:00:00Z", `,"state":""`)
	a := []ApprovedDataset{{Name: "Mail", Columns: []string{"a"}}}
	ab := []ApprovedDataset{{Name: "Mail", Columns: []string{"a", "b"}}}
	cases := []struct {
		name, started string
		approved      []ApprovedDataset
	}{
		{"before the first decision", "2026-02-28T23:59:59Z", nil},
		{"at the first", "2026-03-01T00:00:00Z", a},
		{"under the first", "2026-04-30T23:59:59.9999999Z", a},
		{"under the second", "2026-05-01T00:00:00Z", ab},
		{"after the denial", "2026-06-15T00:00:00Z", []ApprovedDataset{}},
		{"after a decision that cannot be read", "2026-07-15T00:00:00Z", nil},
		{"undated", "", nil},
		{"unreadable date", "01/20/2025", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := decided(t, denial, second, first, doubt, operation("5", c.started, "Mail", `["b","a"]`))
			same(t, "extractions", []Extraction{{Dataset: "Mail", Columns: []string{"a", "b"}, StartedAt: c.started, Pipeline: "p", Runs: 1, Approved: c.approved}}, app.Extractions)
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

func TestRegister(t *testing.T) {
	const approved, denied, unknown = `,"state":"approved"`, `,"state":"denied"`, `,"state":""`
	cases := []struct {
		name, event, declared, want string
		self                        bool
	}{
		{"pending", "", "Pending", "pending", true},
		{"update available", "", "update_available", "update_available", true},
		{"approved says the register alone", "", "approved", "", false},
		{"nothing declared", "", "", "", false},
		{"approved since", approved, "pending", "approved", false},
		{"denied since", denied, "pending", "denied", false},
		{"decided, how is not known", unknown, "pending", "", false},
		{"updated since the approval", approved, "UPDATE_AVAILABLE", "update_available", true},
		{"denied says the register", approved, "denied", "approved", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: map[snapshot.Name][]string{
				snapshot.DataConnectRegister: {fmt.Sprintf(`{"tenantId":%q,"appId":"App","name":"Declared","developer":"dev@x","state":%q,"datasets":[{"name":"Mail"},{"name":"Users","columns":["id"]}]}`, home, c.declared)},
			}}
			if c.event != "" {
				f.rows[snapshot.DataConnectEvents] = []string{consent("1", "2026-10-01T00:00:00Z", c.event)}
			}
			app := connectApps(t, f)[home+"/app"]
			if app.State != c.want || app.SelfDeclared != c.self {
				t.Errorf("got %q, self-declared %v, want %q, %v", app.State, app.SelfDeclared, c.want, c.self)
			}
			if app.DisplayName != "Declared" || app.Developer == nil || app.Developer.UPN != "dev@x" || !app.Own {
				t.Errorf("got %+v, want what the register declares", app)
			}
			same(t, "expected", []ExpectedDataset{{Name: "Mail"}, {Name: "Users", Columns: []string{"id"}}}, app.Expected)
		})
	}
	for datasets, absent := range map[string]bool{`[]`: false, `null`: true} {
		app := connectApps(t, facts{rows: map[snapshot.Name][]string{snapshot.DataConnectRegister: {`{"tenantId":"t","appId":"app","datasets":` + datasets + `}`}}})["t/app"]
		if len(app.Expected) > 0 || (app.Expected == nil) != absent {
			t.Errorf("datasets %s: got %#v", datasets, app.Expected)
		}
	}
}

func TestOneAppOfTwoTenants(t *testing.T) {
	apps := connectApps(t, facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:      {`{"id":"Object","appId":"app","displayName":"Registered"}`},
		snapshot.ApplicationOwners: {`{"objectId":"object","ownerId":"anna","displayName":"Anna"}`},
		snapshot.DataConnectEvents: {
			consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`),
			`{"id":"2","kind":"consent","at":"2026-10-02T00:00:00Z","appId":"app","appTenantId":"` + other + `","state":"denied"}`,
		},
	}})
	own, foreign := apps[home+"/app"], apps[other+"/app"]
	if own == nil || foreign == nil || len(apps) != 2 {
		t.Fatalf("got %v, want two applications", apps)
	}
	if !own.Own || own.State != "approved" || own.DisplayName != "Registered" || len(own.Owners) != 1 {
		t.Errorf("got %+v, want our own application with its owner", own)
	}
	if foreign.Own || foreign.State != "denied" || foreign.Owners != nil {
		t.Errorf("got %+v, want the other tenant's application, of which the owners are not known", foreign)
	}
}

func TestOwnersOfUnregisteredAppsAreAbsent(t *testing.T) {
	if app := decided(t, consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`)); app.Owners != nil {
		t.Errorf("got %v, want the owners absent: there is no registration", app.Owners)
	}
}
