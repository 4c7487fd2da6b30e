package subject

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"leastwise/collector/snapshot"
)

func TestExpiry(t *testing.T) {
	cases := []struct {
		name, at, more, expires string
		left                    int
		conflict                bool
	}{
		{"standard", "2026-11-20T12:00:00Z", ``, "2027-05-19T12:00:00Z", 180, false},
		{"own days", "2026-11-20T12:00:00Z", `,"validDays":30`, "2026-12-20T12:00:00Z", 30, false},
		{"own date", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-01T00:00:00Z"`, "2026-12-01T00:00:00Z", 11, false},
		{"own date a day later than the standard", "2026-11-20T12:00:00Z", `,"expiresAt":"2027-05-20T12:00:00Z"`, "2027-05-20T12:00:00Z", 181, false},
		{"longer than approvals last, and over", "2020-01-01T00:00:00Z", `,"expiresAt":"2026-11-19T12:00:00Z"`, "2026-11-19T12:00:00Z", -1, false},
		{"both agree", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-20T23:59:59Z","validDays":30`, "2026-12-20T23:59:59Z", 31, false},
		{"a day apart", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-21T12:00:00Z","validDays":30`, "2026-12-21T12:00:00Z", 31, false},
		{"date is later", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-21T12:00:01Z","validDays":30`, "2026-12-20T12:00:00Z", 30, true},
		{"date is earlier", "2026-11-20T12:00:00Z", `,"expiresAt":"2026-12-01T12:00:00Z","validDays":30`, "2026-12-01T12:00:00Z", 11, true},
		{"over a leap day", "2024-02-28T00:00:00Z", `,"validDays":2`, "2024-03-01T00:00:00Z", -994, false},
		{"not a leap year", "2025-02-28T00:00:00Z", `,"validDays":2`, "2025-03-02T00:00:00Z", -628, false},
		{"this instant", "2026-05-24T12:00:00Z", ``, "2026-11-20T12:00:00Z", 0, false},
		{"in a second", "2026-05-24T12:00:01Z", ``, "2026-11-20T12:00:01Z", 1, false},
		{"long ago", "2020-01-01T00:00:00Z", ``, "2020-06-29T00:00:00Z", -2335, false},
		{"no days", "2026-11-19T12:00:00Z", `,"validDays":0`, "2026-11-19T12:00:00Z", -1, false},
		{"days below none", "2026-11-19T12:00:00Z", `,"validDays":-200000`, "2026-11-19T12:00:00Z", -1, false},
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

// The 180th day of an approval, seen from the day before, the day itself and the day
// after: an approval is valid while it is earlier than its expiry. Neither a leap day nor
// a change to or from summer time moves it.
func TestThe180thDay(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	here := time.Local
	t.Cleanup(func() { time.Local = here })
	for _, zone := range []*time.Location{time.UTC, berlin} {
		time.Local = zone
		for _, c := range []struct{ name, decided, expires string }{
			{"plain", "2026-05-24T12:00:00Z", "2026-11-20T12:00:00Z"},
			{"over a leap day", "2027-12-01T12:00:00Z", "2028-05-29T12:00:00Z"},
			{"over the same days without one", "2026-12-01T12:00:00Z", "2027-05-30T12:00:00Z"},
			{"on a leap day", "2028-02-29T00:00:00Z", "2028-08-27T00:00:00Z"},
			{"to a leap day", "2027-09-02T09:30:00Z", "2028-02-29T09:30:00Z"},
			{"from summer to winter", "2026-09-01T00:30:00Z", "2027-02-28T00:30:00Z"},
			{"from winter to summer, in a zone of its own", "2026-01-15T02:30:00+01:00", "2026-07-14T01:30:00Z"},
			{"in the hour that is skipped", "2026-03-29T02:30:00+01:00", "2026-09-25T01:30:00Z"},
		} {
			expires, err := time.Parse(time.RFC3339, c.expires)
			if err != nil {
				t.Fatal(err)
			}
			snap := facts{rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: {consent("1", c.decided, `,"state":"approved"`)}}}.write(t)
			for _, seen := range []struct {
				from time.Time
				left int
			}{
				{expires.Add(-day), 1}, {expires.Add(-day - time.Second), 2}, {expires.Add(-time.Second), 1}, {expires, 0}, {expires.Add(day - time.Second), 0}, {expires.Add(day), -1},
			} {
				j, err := Open(snap, Options{AsOf: seen.from, Catalogue: testCatalogue(t)})
				if err != nil {
					t.Fatal(err)
				}
				app := documents(t, j, KindDataConnectApp)[0].Value.(*DataConnectApp)
				if app.ExpiresAt != c.expires || *app.DaysLeft != seen.left {
					t.Errorf("%s, %s, seen from %s: got %s, %d days left, want %s, %d", c.name, zone, seen.from, app.ExpiresAt, *app.DaysLeft, c.expires, seen.left)
				}
			}
		}
	}
}

// An event that says that an approval has expired is an approval that is over.
func TestExpiredEvents(t *testing.T) {
	const at = "2026-09-01T12:00:00Z"
	for _, c := range []struct{ name, at, more, expires string }{
		{"with its expiry", at, `,"expiresAt":"2026-08-31T00:00:00Z"`, "2026-08-31T00:00:00Z"},
		{"with a later expiry", at, `,"expiresAt":"2027-08-31T00:00:00Z"`, at},
		{"with the date of the approval", at, `,"approvedAt":"2026-03-04T12:00:00Z"`, "2026-08-31T12:00:00Z"},
		{"with nothing", at, ``, at},
		{"without a date", "", ``, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := decided(t, consent("1", c.at, `,"state":"expired"`+c.more))
			if app.State != "approved" || app.SelfDeclared || app.ExpiresAt != c.expires || app.DaysLeft == nil || *app.DaysLeft > 0 {
				t.Errorf("got %s until %q, %v days left, want an approval that ended at %q", app.State, app.ExpiresAt, app.DaysLeft, c.expires)
			}
			if h := app.History; len(h) != 1 || h[0].State != "approved" || h[0].ExpiresAt != c.expires {
				t.Errorf("got the history %+v", h)
			}
		})
	}
	renewed := decided(t, consent("1", at, `,"state":"expired"`), consent("2", "2026-10-01T00:00:00Z", `,"state":"approved"`))
	if *renewed.DaysLeft <= 0 {
		t.Errorf("got %d days left, want those of the renewal", *renewed.DaysLeft)
	}
	declared := connectApps(t, facts{rows: map[snapshot.Name][]string{snapshot.DataConnectRegister: {`{"tenantId":"t","appId":"app","state":"expired"}`}}})["t/app"]
	if declared.State != "approved" || !declared.SelfDeclared || declared.DaysLeft == nil || *declared.DaysLeft != 0 || declared.ExpiresAt != "" {
		t.Errorf("got %+v, want an approval that is over, says the register", declared)
	}
}

func TestUpdatedEvents(t *testing.T) {
	approval := consent("1", "2026-10-01T00:00:00Z", `,"state":"approved","version":"1","datasets":[{"name":"Mail","columns":["id"]}],"sinks":["https://a.b/c"],"destinationTenantId":"d"`)
	denial := consent("2", "2026-10-02T00:00:00Z", `,"state":"denied"`)
	update := consent("3", "2026-10-03T00:00:00Z", `,"state":"update_available","version":"2","datasets":[{"name":"Mail","columns":["id","body"]}],"sinks":["https://a.b"],"destinationTenantId":"e"`)
	again := consent("4", "2026-10-04T00:00:00Z", `,"state":"update_available","version":"3","datasets":[]`)
	for _, c := range []struct {
		name           string
		events         []string
		state, version string
		at, column     string
	}{
		{"after an approval", []string{approval, update}, "update_available", "1", "2026-10-01T00:00:00Z", "id"},
		{"twice", []string{approval, update, again}, "update_available", "1", "2026-10-01T00:00:00Z", "id"},
		{"after a denial", []string{approval, denial, update}, "denied", "", "2026-10-02T00:00:00Z", ""},
		{"after nothing that is known", []string{update}, "update_available", "2", "2026-10-03T00:00:00Z", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := decided(t, c.events...)
			if app.State != c.state || app.Version != c.version || app.ApprovedAt != c.at || len(app.History) != len(c.events) {
				t.Errorf("got %s of version %s at %s, want %s, %s, %s", app.State, app.Version, app.ApprovedAt, c.state, c.version, c.at)
			}
			columns := ""
			for _, d := range app.Datasets {
				columns += fmt.Sprint(d.Columns)
			}
			if want := c.column != ""; want != (columns == "["+c.column+"]") || !want && (app.Datasets != nil || app.Sinks != nil || app.DestinationID != "") {
				t.Errorf("got columns %s, sinks %v, destination %q, want what was approved, if that is known", columns, app.Sinks, app.DestinationID)
			}
		})
	}
}

func TestHistory(t *testing.T) {
	app := decided(t,
		consent("2", "2026-10-02T00:00:00Z", `,"state":"denied","approver":"b@x","expiresAt":"2026-10-02T00:00:00Z"`),
		consent("1", "2026-10-01T00:00:00Z", `,"state":"approved","approver":"A@x","version":"1","validDays":10`),
		consent("3", "", `,"state":""`))
	same(t, "history", []Decision{
		{EventID: "2", At: "2026-10-02T00:00:00Z", State: "denied", Approver: &Person{UPN: "b@x"}},
		{EventID: "1", At: "2026-10-01T00:00:00Z", State: "approved", Approver: &Person{UPN: "A@x"}, Version: "1", ExpiresAt: "2026-10-11T00:00:00Z"},
		{EventID: "3"},
	}, app.History)
	if days := app.ApprovedDays; days == nil || *days != 49 {
		t.Errorf("got %v days since the decision, want 49", days)
	}
	register := map[snapshot.Name][]string{snapshot.DataConnectRegister: {`{"tenantId":"t","appId":"app"}`}}
	if app := connectApps(t, facts{rows: register})["t/app"]; app.History == nil || len(app.History) > 0 {
		t.Errorf("got %#v, want no decisions", app.History)
	}
	unread := facts{rows: register, status: map[snapshot.Name]snapshot.Status{snapshot.DataConnectEvents: snapshot.Denied}}
	if app := connectApps(t, unread)["t/app"]; app.History != nil || app.Extractions != nil || app.Coverage != nil {
		t.Errorf("got %+v, want nothing of what events tell", app)
	}
}

func TestDefinition(t *testing.T) {
	const approved = `,"state":"approved"`
	for _, c := range []struct {
		name, event, updated string
		after                *bool
	}{
		{"after", consent("1", "2026-10-01T12:00:00Z", approved), "2026-10-01T12:00:01Z", new(true)},
		{"before", consent("1", "2026-10-01T12:00:00Z", approved), "2026-10-01T11:59:59Z", new(false)},
		{"at once", consent("1", "2026-10-01T12:00:00Z", approved), "2026-10-01T12:00:00Z", new(false)},
		{"on the day of a decision that is dated by the day", consent("1", "2026-10-01T17:00:00Z", approved+`,"approvedAt":"2026-10-01T00:00:00Z"`), "2026-10-01T12:00:00Z", nil},
		{"after the event of that day", consent("1", "2026-10-01T17:00:00Z", approved+`,"approvedAt":"2026-10-01T00:00:00Z"`), "2026-10-01T17:00:01Z", new(true)},
		{"before that day", consent("1", "2026-10-01T17:00:00Z", approved+`,"approvedAt":"2026-10-01T00:00:00Z"`), "2026-10-01T00:00:00Z", new(false)},
		{"the day after that day, the event came late", consent("1", "2026-10-05T17:00:00Z", approved+`,"approvedAt":"2026-10-01T00:00:00Z"`), "2026-10-02T00:00:01Z", new(true)},
		{"undated decision", consent("1", "", approved), "2026-10-01T12:00:00Z", nil},
		{"undated definition", consent("1", "2026-10-01T12:00:00Z", approved), "", nil},
		{"no decision", "", "2026-10-01T12:00:00Z", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: map[snapshot.Name][]string{snapshot.DataConnectRegister: {fmt.Sprintf(`{"tenantId":%q,"appId":"app","purpose":"Why","definition":{"version":"2","updatedAt":%q,
				"datasets":[{"name":"Mail","columns":["body"],"scope":"filter","filter":"f","denyGroups":["g"]}],"sinks":["s","abfss://c@acct.dfs.core.windows.net/x/"],"destinationTenantId":"D"}}`, home, c.updated)}}}
			if c.event != "" {
				f.rows[snapshot.DataConnectEvents] = []string{c.event}
			}
			app := connectApps(t, f)[home+"/app"]
			same(t, "definition", &Definition{
				Version: "2", UpdatedAt: c.updated, AfterDecision: c.after, Sinks: []string{"s", "abfss://c@acct.dfs.core.windows.net/x/"}, SinkLocations: []string{"https://acct.dfs.core.windows.net/c/x"}, SinksUnclear: true, DestinationID: "d",
				Datasets: []ApprovedDataset{{Name: "Mail", Columns: []string{"body"}, Scope: "filter", Filter: "f", DenyGroups: []string{"g"}, Catalogued: true, Sensitive: []string{"body"}, Unrated: []string{}}},
			}, app.Definition)
			if app.Purpose != "Why" {
				t.Errorf("got the purpose %q", app.Purpose)
			}
		})
	}
	if app := decided(t, consent("1", "2026-10-01T12:00:00Z", approved)); app.Definition != nil {
		t.Errorf("got %+v, want none declared", app.Definition)
	}
}

func TestApprovedDatasetsAreCatalogued(t *testing.T) {
	app := decided(t, consent("1", "2026-10-01T12:00:00Z", `,"state":"approved","datasets":[
		{"name":"MAIL","columns":["*"]},{"name":"BasicDataSet_v0.mail","columns":["ID","Body","sender"]},{"name":"Mail"},{"name":"Other","columns":["body"]},{"name":"sites","columns":["id"]},{"columns":["body"]}]`))
	got := map[string]string{}
	for _, d := range app.Datasets {
		got[d.Name+fmt.Sprint(d.Columns)] = fmt.Sprintf("%v %#v", d.Catalogued, d.Sensitive)
	}
	same(t, "datasets", map[string]string{
		"MAIL[*]": `true []string{"body", "sender", "subject"}`, "BasicDataSet_v0.mail[ID Body sender]": `true []string{"Body", "sender"}`,
		"Mail[]": `true []string(nil)`, "Other[body]": `false []string(nil)`, "sites[id]": `true []string{}`, "[body]": `false []string(nil)`,
	}, got)
}
