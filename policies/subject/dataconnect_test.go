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
		{"dated before another one, reported after it", []string{consent("1", "2026-10-09T00:00:00Z", `,"approvedAt":"2026-10-01T00:00:00Z"`+approved), consent("2", "2026-10-08T00:00:00Z", `,"approvedAt":"2026-10-02T00:00:00Z"`+denied)}, "approved", "2026-10-01T00:00:00Z"},
		{"decisions dated by the day", []string{consent("9", "2026-10-01T09:00:00Z", `,"approvedAt":"2026-10-01T00:00:00Z"`+approved), consent("1", "2026-10-01T17:00:00Z", `,"approvedAt":"2026-10-01T00:00:00Z"`+denied)}, "denied", "2026-10-01T17:00:00Z"},
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

func TestDecisionFacts(t *testing.T) {
	days := 30
	app := decided(t, consent("1", "2026-11-20T12:00:00Z", `,"state":"approved","appName":"Mover","approver":" Anna@x ","validDays":30,"destinationTenantId":"DEST","version":"7","sinks":["https://S1.blob.core.windows.net/c/","s2"],"datasets":[{"name":"mail","columns":["Subject","id"],"scope":"list","groups":["g"],"denyGroups":["d"]},{"name":"A","filter":"f,g"}]`))
	left, none, no, approver := 30, 0, false, &Person{UPN: "Anna@x"}
	same(t, "application", &DataConnectApp{
		Kind: KindDataConnectApp, ID: home + "/app", AppID: "app", AppTenantID: home, DisplayName: "Mover", Own: true, State: "approved",
		Version: "7", Approver: approver, ApproverRoleEvents: []RoleEvent{}, ApprovedAt: "2026-11-20T12:00:00Z", ApprovedDays: &none, ValidDays: &days,
		ExpiresAt: "2026-12-20T12:00:00Z", DaysLeft: &left,
		Datasets: []ApprovedDataset{
			{Name: "A", Filter: "f,g"},
			{Name: "mail", Columns: []string{"Subject", "id"}, Scope: "list", Groups: []string{"g"}, DenyGroups: []string{"d"}, Catalogued: true, Sensitive: []string{"Subject"}, Unrated: []string{}},
		},
		Sinks: []string{"https://S1.blob.core.windows.net/c/", "s2"}, SinkLocations: []string{"https://s1.blob.core.windows.net/c"}, SinksUnclear: true,
		DestinationID: "dest", Extractions: []Extraction{},
		History:    []Decision{{EventID: "1", At: "2026-11-20T12:00:00Z", State: "approved", Approver: approver, Version: "7", ExpiresAt: "2026-12-20T12:00:00Z"}},
		Registered: &no, HasPrincipal: &no,
		Incomplete: []Gap{
			{Dataset: snapshot.DataConnectEvents, Reason: "from when on events are complete is not known: a later decision may be missing", Field: "state"},
			{Dataset: snapshot.DataConnectEvents, Reason: "from when on events are complete is not known: a later decision may be missing", Field: "days_left"},
		},
	}, app)
	if app := decided(t, consent("1", "2026-11-20T12:00:00Z", ``)); app.Approver != nil || app.Datasets != nil || app.Sinks != nil || app.SinkLocations != nil || app.SinksUnclear {
		t.Errorf("got %+v, want absent what the event does not tell", app)
	}
	byID := decided(t, consent("1", "2026-11-20T12:00:00Z", `,"approver":"ABCDEF00-0000-0000-0000-000000000001"`))
	same(t, "approver", &Person{ObjectID: "abcdef00-0000-0000-0000-000000000001"}, byID.Approver)
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
		{"denied says the register", approved, "Denied", "approved", false},
		{"denied says the register alone", "", "denied", "denied", true},
		{"denied says the register, how was decided is not known", unknown, "denied", "denied", true},
		{"denied says the register, updated says an event", `,"state":"update_available"`, "denied", "update_available", false},
		{"denied says the register, pending says an event", `,"state":"pending"`, "denied", "denied", true},
		{"denied say both", denied, "denied", "denied", false},
		{"approved says the register, denied an event", denied, "approved", "denied", false},
		{"approved says the register, how was decided is not known", unknown, "approved", "", false},
		{"denied, and updated since", denied, "update_available", "denied", false},
		{"pending, and updated since", `,"state":"pending"`, "update_available", "pending", false},
		{"updated since, what was decided is not known", unknown, "update_available", "", false},
		{"updated say both", `,"state":"update_available"`, "update_available", "update_available", false},
		{"expired says the register alone", "", "expired", "approved", true},
		{"expired says the register", approved, "expired", "approved", false},
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

func TestColumnsOfApprovals(t *testing.T) {
	for _, c := range []struct {
		name, columns string
		want          ApprovedDataset
		gap           string
	}{
		{"listed", `["id","SUBJECT"]`, ApprovedDataset{Columns: []string{"id", "SUBJECT"}, Sensitive: []string{"SUBJECT"}, Unrated: []string{}}, ""},
		{"not listed", `["id","novel"]`, ApprovedDataset{Columns: []string{"id", "novel"}, Sensitive: []string{}, Unrated: []string{"novel"}}, ""},
		{"one of several is a word for all", `["All","id"]`, ApprovedDataset{Columns: []string{"All", "id"}, Sensitive: []string{}, Unrated: []string{"All"}}, ""},
		{"all", `["*"]`, ApprovedDataset{Columns: []string{"*"}, Sensitive: []string{"body", "sender", "subject"}, Unrated: []string{}}, ""},
		{"all in words", `["ALL"]`, ApprovedDataset{}, `columns of Mail are written "ALL": whether that means all of them is not known`},
		{"all columns in words", `["All columns"]`, ApprovedDataset{}, `columns of Mail are written "All columns": whether that means all of them is not known`},
		{"all columns in one word", `["AllColumns"]`, ApprovedDataset{}, `columns of Mail are written "AllColumns": whether that means all of them is not known`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Name, c.want.Catalogued = "Mail", true
			app := decided(t, consent("1", "2026-10-01T00:00:00Z", `,"state":"approved","datasets":[{"name":"Mail","columns":`+c.columns+`}]`))
			same(t, "datasets", []ApprovedDataset{c.want}, app.Datasets)
			gaps := []Gap{}
			if c.gap != "" {
				gaps = []Gap{{Dataset: snapshot.DataConnectEvents, Reason: c.gap, Field: "datasets"}}
			}
			got := slices.DeleteFunc(slices.Clone(app.Incomplete), func(gap Gap) bool { return gap.Field != "datasets" })
			got = append([]Gap{}, got...)
			same(t, "gaps", gaps, got)
		})
	}
}

// Developer and approver are compared by id where owners tell it.
func TestDeveloperByID(t *testing.T) {
	app := connectApps(t, facts{rows: map[snapshot.Name][]string{
		snapshot.DataConnectRegister: {fmt.Sprintf(`{"tenantId":%q,"appId":"app","developer":"Dev@x"}`, home)},
		snapshot.DataConnectEvents:   {consent("1", "2026-10-01T00:00:00Z", `,"state":"approved","approver":"boss@x"`)},
		snapshot.RoleEvents:          {`{"id":"r","at":"2026-01-01T00:00:00Z","change":"added","principalId":"D1","principalUpn":"dev@X","roleId":"r"}`},
	}})[home+"/app"]
	same(t, "developer", &Person{UPN: "Dev@x", ObjectID: "d1"}, app.Developer)
	same(t, "approver", &Person{UPN: "boss@x"}, app.Approver)
}
