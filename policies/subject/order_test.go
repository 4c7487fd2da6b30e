package subject

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/snapshot"
)

// since2019 says that all events are known from long ago until now.
func since2019() map[snapshot.Name]snapshot.Dataset {
	return covered(snapshot.DataConnectEvents, "2019-01-01T00:00:00Z")
}

func reasons(gaps []Gap) []string {
	list := []string{}
	for _, gap := range gaps {
		if gap.Reason != `at: "" is not an instant` { // that is the row's, not the join's
			list = append(list, strings.TrimPrefix(gap.Field+": "+gap.Reason, ": "))
		}
	}
	return list
}

// Whatever a later event says of when the approval was updated, it is the later one. Where
// events contradict each other, it is not known which is.
func TestTheLatestEventWins(t *testing.T) {
	approval := func(more string) string {
		return consent("a", "2026-09-01T08:00:00Z", `,"approvedAt":"2026-09-01T08:00:00Z","state":"approved"`+more)
	}
	denied := func(at, approvedAt string) string {
		more := `,"state":"denied"`
		if approvedAt != "" {
			more += fmt.Sprintf(`,"approvedAt":%q`, approvedAt)
		}
		return consent("d", at, more)
	}
	const unclear = "which decision is the latest is not known: event %s may be later than event %s"
	for _, c := range []struct {
		name      string
		events    []string
		state, at string
		gaps      []string
		run       string // what was in force at noon on 15 September
	}{
		{"a denial that keeps the date of the approval", []string{approval(""), denied("2026-09-10T08:00:00Z", "2026-09-01T08:00:00Z")}, "denied", "2026-09-10T08:00:00Z", nil, "denied"},
		{"a denial with the day of the approval", []string{approval(""), denied("2026-09-10T08:00:00Z", "2026-09-01T00:00:00Z")}, "denied", "2026-09-10T08:00:00Z", nil, "denied"},
		{"a denial with an earlier date", []string{approval(""), denied("2026-09-10T08:00:00Z", "2026-08-01T00:00:00Z")}, "denied", "2026-09-10T08:00:00Z", nil, "denied"},
		{"a denial with the least date there is", []string{approval(""), denied("2026-09-10T08:00:00Z", "0001-01-01T00:00:00Z")}, "denied", "2026-09-10T08:00:00Z", nil, "denied"},
		{"a denial without a date", []string{approval(""), denied("2026-09-10T08:00:00Z", "")}, "denied", "2026-09-10T08:00:00Z", nil, "denied"},
		{"a denial with a later date", []string{approval(""), denied("2026-09-10T08:00:00Z", "2026-10-01T00:00:00Z")}, "denied", "2026-09-10T08:00:00Z", nil, "denied"},
		{"a denial after the run", []string{approval(""), denied("2026-09-20T08:00:00Z", "2026-09-01T08:00:00Z")}, "denied", "2026-09-20T08:00:00Z", nil, "approved"},
		{"an approval after the denial", []string{denied("2026-08-01T08:00:00Z", ""), approval("")}, "approved", "2026-09-01T08:00:00Z", nil, "approved"},
		{"an approval that is dated by the day of the denial before it", []string{denied("2026-09-01T07:00:00Z", ""), consent("a", "2026-09-01T08:00:00Z", `,"approvedAt":"2026-09-01T00:00:00Z","state":"approved"`)}, "approved", "2026-09-01T00:00:00Z", nil, "approved"},
		{"an update that keeps the date of the approval, after a denial", []string{approval(""), denied("2026-09-10T08:00:00Z", ""), consent("u", "2026-09-11T08:00:00Z", `,"approvedAt":"2026-09-01T08:00:00Z","state":"update_available"`)}, "denied", "2026-09-10T08:00:00Z", nil, "denied"},
		{"both at once", []string{approval(""), denied("2026-09-01T08:00:00Z", "")}, "denied", "2026-09-01T08:00:00Z", []string{fmt.Sprintf(unclear, "a", "d")}, ""},
		{"the same twice at once", []string{approval(""), strings.Replace(approval(""), `"a"`, `"b"`, 1)}, "approved", "2026-09-01T08:00:00Z", nil, "approved"},
		{"other content at once", []string{approval(""), strings.Replace(approval(`,"sinks":["s"]`), `"a"`, `"b"`, 1)}, "approved", "2026-09-01T08:00:00Z", []string{fmt.Sprintf(unclear, "a", "b")}, ""},
		{"an approval that was given before a denial and reported after it", []string{denied("2026-08-01T08:00:00Z", ""), consent("a", "2026-09-01T08:00:00Z", `,"approvedAt":"2026-07-01T08:00:00Z","state":"approved"`)}, "approved", "2026-07-01T08:00:00Z", []string{fmt.Sprintf(unclear, "d", "a")}, ""},
		{"a denial that does not say when it was reported", []string{approval(""), denied("", "2026-08-01T08:00:00Z")}, "approved", "2026-09-01T08:00:00Z", []string{fmt.Sprintf(unclear, "d", "a")}, ""},
		{"dated after it was reported", []string{consent("a", "2026-09-01T08:00:00Z", `,"approvedAt":"2026-09-02T08:00:01Z","state":"approved"`)}, "approved", "2026-09-02T08:00:01Z", []string{"event a says that it was decided on 2026-09-02T08:00:01Z, which is after it was reported or judged for"}, "approved"},
		{"dated a day after it was reported", []string{consent("a", "2026-09-01T08:00:00Z", `,"approvedAt":"2026-09-02T08:00:00Z","state":"approved"`)}, "approved", "2026-09-02T08:00:00Z", nil, "approved"},
		{"dated after it is judged for", []string{consent("a", "2026-11-20T08:00:00Z", `,"approvedAt":"2026-11-20T12:00:01Z","state":"approved"`)}, "approved", "2026-11-20T12:00:01Z", []string{"event a says that it was decided on 2026-11-20T12:00:01Z, which is after it was reported or judged for"}, "none"},
		{"reported after it is judged for", []string{approval(""), denied("2026-11-20T12:00:01Z", "")}, "approved", "2026-09-01T08:00:00Z", nil, "approved"},
		{"reported when it is judged for", []string{approval(""), denied("2026-11-20T12:00:00Z", "")}, "denied", "2026-11-20T12:00:00Z", nil, "approved"},
		{"nothing but what was reported later", []string{denied("2026-11-20T12:00:01Z", "")}, "", "", nil, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, events := range [][]string{c.events, reversed(c.events)} {
				f := facts{meta: since2019(), rows: map[snapshot.Name][]string{
					snapshot.DataConnectEvents: append(slices.Clone(events), operation("z", "2026-09-15T12:00:00Z", "Mail", `[]`)),
				}}
				app := connectApps(t, f)[home+"/app"]
				if app.State != c.state || app.ApprovedAt != c.at {
					t.Errorf("got %s at %s, want %s at %s", app.State, app.ApprovedAt, c.state, c.at)
				}
				same(t, "gaps", append([]string{}, c.gaps...), reasons(app.Incomplete))
				if app.Extractions[0].Decision != c.run {
					t.Errorf("got a run while %q, want %q", app.Extractions[0].Decision, c.run)
				}
			}
		})
	}
}

func reversed(events []string) []string {
	list := slices.Clone(events)
	slices.Reverse(list)
	return list
}

// That a decision is the latest is known only where all events since are.
func TestDecisionsBeforeCoverage(t *testing.T) {
	const name = snapshot.DataConnectEvents
	const before = "events are known from 2026-10-01T00:00:00Z on, which is after the decision: a later one may be missing"
	const never = "from when on events are complete is not known: a later decision may be missing"
	approval := consent("1", "2026-09-01T00:00:00Z", `,"state":"approved"`)
	for _, c := range []struct {
		name  string
		meta  map[snapshot.Name]snapshot.Dataset
		event string
		want  string
	}{
		{"covered", covered(name, "2026-09-01T00:00:00Z"), approval, ""},
		{"not told", nil, approval, never},
		{"approved before", covered(name, "2026-10-01T00:00:00Z"), approval, before},
		{"denied before", covered(name, "2026-10-01T00:00:00Z"), consent("1", "2026-09-01T00:00:00Z", `,"state":"denied"`), before},
		{"approved before, reported since", covered(name, "2026-10-01T00:00:00Z"), consent("1", "2026-10-02T00:00:00Z", `,"approvedAt":"2026-09-01T00:00:00Z","state":"approved"`), ""},
		{"without a date", covered(name, "2026-10-01T00:00:00Z"), consent("1", "", `,"state":"approved"`), before},
		{"a hole since, which the dataset tells", covered(name, "2026-08-01T00:00:00Z", hole("2026-09-02T00:00:00Z", "2026-09-03T00:00:00Z")), approval, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{meta: c.meta, rows: map[snapshot.Name][]string{name: {c.event}, snapshot.Pipelines: {read("1", "")}}}
			want := []string{}
			if c.want != "" {
				want = []string{"state: " + c.want, "days_left: " + c.want}
			}
			got := reasons(connectApps(t, f)[home+"/app"].Incomplete)
			same(t, "gaps", want, slices.DeleteFunc(got, func(reason string) bool { return strings.Contains(reason, "no readable date") }))
			if a := pipelineDocuments(t, f)[0].Value.(*Pipeline).Approvals[0]; a.StateSeen != (c.want == "") {
				t.Errorf("got state seen %v", a.StateSeen)
			}
		})
	}
	declared := facts{meta: covered(name, "2026-10-01T00:00:00Z"), rows: map[snapshot.Name][]string{
		name: {approval}, snapshot.DataConnectRegister: {fmt.Sprintf(`{"tenantId":%q,"appId":"app","state":"denied"}`, home)},
	}}
	same(t, "gaps of one that is declared denied", []string{"state: " + before, "days_left: " + before}, reasons(connectApps(t, declared)[home+"/app"].Incomplete))
}

// An approval that is said to last longer than approvals do is not known to be in force,
// but may be known to be over.
func TestApprovalsThatLastTooLong(t *testing.T) {
	const doubt = "days_left: the approval is said to last longer than 180 days"
	for _, c := range []struct {
		name, at, more, expires string
		gap                     bool
	}{
		{"181 days", "2026-11-01T00:00:00Z", `,"validDays":181`, "2027-05-01T00:00:00Z", false},
		{"182 days", "2026-11-01T00:00:00Z", `,"validDays":182`, "2027-05-02T00:00:00Z", true},
		{"more days than a clock holds", "2026-11-20T12:00:00Z", `,"validDays":200000`, "2574-06-20T12:00:00Z", true},
		{"more days than there are", "2026-11-20T12:00:00Z", `,"validDays":9000000000000000000`, "4764-10-17T12:00:00Z", true},
		{"more days than its own end", "2026-11-01T00:00:00Z", `,"validDays":400,"expiresAt":"2027-04-30T00:00:00Z"`, "2027-04-30T00:00:00Z", true},
		{"a late end", "2026-11-01T00:00:00Z", `,"expiresAt":"2027-05-01T00:00:01Z"`, "2027-05-01T00:00:01Z", true},
		{"a late end and the standard", "2026-11-01T00:00:00Z", `,"expiresAt":"2099-01-01T00:00:00Z","validDays":180`, "2027-04-30T00:00:00Z", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{meta: since2019(), rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: {consent("1", c.at, `,"state":"approved"`+c.more)}, snapshot.Pipelines: {read("1", "")}}}
			app := connectApps(t, f)[home+"/app"]
			if app.ExpiresAt != c.expires || (app.DaysLeft == nil) != c.gap {
				t.Errorf("got %s, %v, want %s, unknown days left %v", app.ExpiresAt, app.DaysLeft, c.expires, c.gap)
			}
			if got := reasons(app.Incomplete); slices.Contains(got, doubt) != c.gap {
				t.Errorf("got %v", got)
			}
			if a := pipelineDocuments(t, f)[0].Value.(*Pipeline).Approvals[0]; (a.DaysLeft == nil) != c.gap {
				t.Errorf("got %v days left of the approval", a.DaysLeft)
			}
		})
	}
	for started, want := range map[string]string{"2026-06-30T23:59:59Z": "approved", "2026-07-01T00:00:00Z": "", "2026-09-01T00:00:00Z": "expired"} {
		app := decided(t, consent("1", "2026-01-01T00:00:00Z", `,"state":"approved","expiresAt":"2026-09-01T00:00:00Z"`), operation("2", started, "Mail", `[]`))
		if got := app.Extractions[0].Decision; got != want {
			t.Errorf("a run at %s: got %q, want %q", started, got, want)
		}
	}
}

// A definition that is dated by the day alone is neither before nor after a decision of
// that day.
func TestDefinitionsDatedByTheDay(t *testing.T) {
	exact := consent("1", "2026-10-01T12:00:00Z", `,"state":"approved"`)
	byDay := consent("1", "2026-10-01T17:00:00Z", `,"state":"approved","approvedAt":"2026-10-01T00:00:00Z"`)
	for _, c := range []struct{ name, event, updated, want string }{
		{"the day", exact, "2026-10-01", "absent"},
		{"the day before", exact, "2026-09-30", "false"},
		{"the day after", exact, "2026-10-02", "true"},
		{"the day before midnight", consent("1", "2026-10-01T00:00:00Z", `,"state":"approved"`), "2026-09-30", "false"},
		{"both the day", byDay, "2026-10-01", "absent"},
		{"the day before that of the decision", byDay, "2026-09-30", "false"},
		{"the day after that of the decision", byDay, "2026-10-02", "true"},
		{"a day of which nobody reported", consent("1", "", `,"state":"approved","approvedAt":"2026-10-01T00:00:00Z"`), "2026-10-01T12:00:00Z", "absent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: map[snapshot.Name][]string{
				snapshot.DataConnectEvents:   {c.event},
				snapshot.DataConnectRegister: {fmt.Sprintf(`{"tenantId":%q,"appId":"app","definition":{"updatedAt":%q}}`, home, c.updated)},
			}}
			d := connectApps(t, f)[home+"/app"].Definition
			if got := tri(d.AfterDecision); got != c.want || d.UpdatedAt != c.updated {
				t.Errorf("got %s, updated %s, want %s", got, d.UpdatedAt, c.want)
			}
		})
	}
}

// Role events tell what was held at a decision only where they lead up to the roles that
// were read.
func TestRoleCoverageReachesTheRoles(t *testing.T) {
	from := instant("2026-01-01T00:00:00Z")
	for _, c := range []struct {
		name string
		to   string // of the last window
		read string
		want bool
	}{
		{"up to the roles", "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z", true},
		{"a day before", "2026-11-19T12:00:00Z", "2026-11-20T12:00:00Z", true},
		{"more than a day before", "2026-11-19T11:59:59Z", "2026-11-20T12:00:00Z", false},
		{"before the decision", "2026-03-01T00:00:00Z", "2026-11-20T12:00:00Z", false},
		{"roles that were read before the decision", "2026-11-20T12:00:00Z", "2026-10-01T11:59:59Z", false},
		{"not told", "", "2026-11-20T12:00:00Z", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := approvedBy(anna, nil)
			events := snapshot.Dataset{From: &from}
			if c.to != "" {
				events.Windows = []snapshot.Window{{From: from, To: instant(c.to)}}
			}
			f.meta = map[snapshot.Name]snapshot.Dataset{snapshot.RoleEvents: events}
			snap := f.write(t)
			roles := snap.Manifest.Datasets[snapshot.DirectoryRoleAssignments]
			roles.Collected = instant(c.read)
			snap.Manifest.Datasets[snapshot.DirectoryRoleAssignments] = roles
			j, err := Open(snap, Options{AsOf: asOf(), Catalogue: testCatalogue(t)})
			if err != nil {
				t.Fatal(err)
			}
			if got := documents(t, j, KindDataConnectApp)[0].Value.(*DataConnectApp).RoleCoverage; got.Whole != c.want || got.To != c.to {
				t.Errorf("got %+v, want whole %v", got, c.want)
			}
		})
	}
}

// Events that end long before the instant that is judged for prove no absence.
func TestCoverageThatEnded(t *testing.T) {
	from, to := instant("2026-01-01T00:00:00Z"), asOf().Add(-7*day)
	for end, want := range map[time.Time]bool{to: true, to.Add(-time.Second): false} {
		f := facts{
			rows: map[snapshot.Name][]string{snapshot.DataConnectEvents: {consent("1", "2026-09-01T00:00:00Z", `,"state":"approved"`)}},
			meta: map[snapshot.Name]snapshot.Dataset{snapshot.DataConnectEvents: {From: &from, Windows: []snapshot.Window{{From: from, To: end}}}},
		}
		snap := f.write(t)
		snap.DoubtBefore(asOf(), 7*day, snapshot.DataConnectEvents)
		j, err := Open(snap, Options{AsOf: asOf(), Catalogue: testCatalogue(t)})
		if err != nil {
			t.Fatal(err)
		}
		c := documents(t, j, KindDataConnectApp)[0].Value.(*DataConnectApp).Coverage
		same(t, "coverage", &Coverage{From: formatInstant(from), Days: 323, To: formatInstant(end), Whole: want}, c)
	}
}

// Who was in a group is not known: a role that one lost since may have been held through it.
func TestRolesThatGroupsLost(t *testing.T) {
	for _, c := range []struct {
		name, event string
		want        []RoleHold
	}{
		{"after", `"at":"2026-10-02T00:00:00Z","change":"removed","principalId":"g","roleId":"` + globalAdmin + `","roleName":"Global Administrator"`, []RoleHold{{globalAdmin, "Global Administrator", "group", "", ""}}},
		{"undated", `"change":"removed","principalId":"g","roleId":"` + globalAdmin + `"`, []RoleHold{{globalAdmin, "", "group", "", ""}}},
		{"a role that is not named", `"at":"2026-10-02T00:00:00Z","change":"removed","principalId":"g"`, []RoleHold{{"", "", "group", "", ""}}},
		{"before", `"at":"2026-09-30T00:00:00Z","change":"removed","principalId":"g","roleId":"` + globalAdmin + `"`, []RoleHold{}},
		{"given", `"at":"2026-10-02T00:00:00Z","change":"added","principalId":"g","roleId":"` + globalAdmin + `"`, []RoleHold{}},
		{"by a user", `"at":"2026-10-02T00:00:00Z","change":"removed","principalId":"` + ben + `","principalUpn":"ben@x","roleId":"` + globalAdmin + `"`, []RoleHold{}},
		{"by the approver", `"at":"2026-10-02T00:00:00Z","change":"removed","principalId":"` + anna + `","roleId":"` + globalAdmin + `"`, []RoleHold{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := approvedBy(anna, map[snapshot.Name][]string{snapshot.RoleEvents: {`{"id":"1",` + c.event + `}`}})
			same(t, "roles", c.want, connectApps(t, f)[home+"/app"].ApproverRoles)
		})
	}
}
