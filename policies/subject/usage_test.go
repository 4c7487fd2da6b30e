package subject

import (
	"fmt"
	"testing"
	"time"

	"leastwise/collector/snapshot"
)

func called(id int, kind, method, path, at string) string {
	return fmt.Sprintf(`{"id":"c%d","evidence":"calls","appId":"CLIENT","kind":%q,"method":%q,"path":%q,"calls":%d,"lastAt":%q}`, id, kind, method, path, id, at)
}

// exported says that the exports are whole for some days until now.
func exported(days int) map[snapshot.Name]snapshot.Dataset {
	from := asOf().AddDate(0, 0, -days)
	return map[snapshot.Name]snapshot.Dataset{snapshot.GraphActivity: {From: &from, Windows: []snapshot.Window{{From: from, To: asOf()}}}}
}

// used is an application with two application and two delegated permissions of Graph, and what it did.
func used(t *testing.T, f facts, rows ...string) *Application {
	t.Helper()
	f.rows = map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {
			`{"id":"sp-graph","appId":"` + graph + `","appRoles":[{"id":"r1","value":"Mail.Read"},{"id":"r2","value":"Mail.ReadBasic.All"}],"oauth2PermissionScopes":[{"id":"s1","value":"Mail.Read"},{"id":"s2","value":"openid"}]}`,
			`{"id":"sp-ours","appId":"ours","appRoles":[{"id":"r","value":"Do"}],"oauth2PermissionScopes":[]}`, client,
		},
		snapshot.AppRoleAssignments: {
			assigned("1", "sp", "ServicePrincipal", "sp-graph", "r1"), assigned("2", "sp", "ServicePrincipal", "sp-graph", "r2"), assigned("3", "sp", "ServicePrincipal", "sp-ours", "r"),
		},
		snapshot.DelegatedGrants: {delegated("4", "AllPrincipals", "", "sp-graph", "Mail.Read openid")},
		snapshot.GraphActivity:   rows,
	}
	return f.applications(t)["client"]
}

func verdicts(app *Application) map[string]string {
	got := map[string]string{}
	for _, g := range app.Grants {
		got[g.Kind[:1]+" "+g.Permission] = g.Used
	}
	return got
}

func TestUsedGrants(t *testing.T) {
	const at = "2026-11-18T12:00:00Z"
	mail, post := called(1, "application", "GET", "/users/{id}/messages", at), called(2, "application", "POST", "/users/{id}/messages", at)
	odd := called(3, "application", "GET", "/brand/new", at)
	inUse := func(permission, kind, says string) string {
		return fmt.Sprintf(`{"id":"u","evidence":"in_use","appId":"client","permission":%q,"kind":%q,"inUse":%q}`, permission, kind, says)
	}
	hole := exported(90)
	dataset := hole[snapshot.GraphActivity]
	dataset.Holes = []snapshot.Hole{{From: *dataset.From, To: asOf(), Reason: "no blob"}}
	dataset.Status, dataset.Reason = snapshot.Partial, "no blob"
	hole[snapshot.GraphActivity] = dataset
	observed := exported(90)
	merely := observed[snapshot.GraphActivity]
	merely.From = nil
	observed[snapshot.GraphActivity] = merely
	const both, aMail, aBasic, dMail = "used", "a Mail.Read", "a Mail.ReadBasic.All", "d Mail.Read"
	for _, c := range []struct {
		name string
		meta map[snapshot.Name]snapshot.Dataset
		rows []string
		want map[string]string // of those three; "" is no evidence
	}{
		{"no calls", exported(90), nil, map[string]string{aMail: "not_used", aBasic: "not_used", dMail: "not_used"}},
		{"either would do", exported(90), []string{mail}, map[string]string{aMail: both, aBasic: both, dMail: "not_used"}},
		{"both are needed", exported(90), []string{post}, map[string]string{aMail: both, aBasic: both, dMail: "not_used"}},
		{"for a user", exported(90), []string{called(1, "delegated", "GET", "/me/messages", at)}, map[string]string{aMail: "not_used", aBasic: "not_used", dMail: both}},
		{"what takes no permission", exported(90), []string{called(1, "application", "GET", "/organization", at)}, map[string]string{aMail: "not_used", aBasic: "not_used", dMail: "not_used"}},
		{"a call that nobody knows", exported(90), []string{odd}, map[string]string{aMail: "", aBasic: "", dMail: "not_used"}},
		{"a call that nobody knows and one", exported(90), []string{odd, mail}, map[string]string{aMail: both, aBasic: both, dMail: "not_used"}},
		{"a call that nothing held is known to allow", exported(90), []string{called(4, "application", "GET", "/sites/{id}", at)}, map[string]string{aMail: "", aBasic: "", dMail: "not_used"}},
		{"a hole at the end", hole, []string{mail}, map[string]string{aMail: both, aBasic: both, dMail: ""}},
		{"merely observed", observed, []string{mail}, map[string]string{aMail: both, aBasic: both, dMail: ""}},
		{"App governance alone", nil, []string{inUse("mail.read", "application", "true")}, map[string]string{aMail: both, aBasic: "", dMail: ""}},
		{"App governance, of no kind", nil, []string{inUse("Mail.Read", "", "true")}, map[string]string{aMail: both, aBasic: "", dMail: both}},
		{"App governance says no", exported(90), []string{inUse("Mail.Read", "application", "false")}, map[string]string{aMail: "not_used", aBasic: "not_used", dMail: "not_used"}},
		{"App governance cannot tell", nil, []string{inUse("Mail.Read", "application", "not supported")}, map[string]string{aMail: "", aBasic: "", dMail: ""}},
		{"its calls were left out", exported(90), []string{`{"id":"l","evidence":"left_out","appId":"client"}`}, map[string]string{aMail: "", aBasic: "", dMail: ""}},
		{"damaged", exported(90), []string{`{"id":"c","evidence":"calls","appId":"client","kind":"delegated","method":"GET","path":7}`}, map[string]string{aMail: "", aBasic: "", dMail: ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want["a Do"], c.want["d openid"] = "", "" // no log shows these
			same(t, "used", c.want, verdicts(used(t, facts{meta: c.meta}, c.rows...)))
		})
	}
}

// An imported table is meant to hold every operation: a call that even that does not know is not what a
// permission is for that serves other things.
func TestUnknownCallsElsewhere(t *testing.T) {
	row := func(name, path string) string {
		return `"` + name + `": {"authorizationType": "oAuth2", "schemes": {"Application": {"adminDisplayName": "x"}}, "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"` + path + `": "least=Application"}}], "ownerInfo": {}}`
	}
	table := `{"permissions": {` + row("Mail.Read", "/users/{id}/mailFolders") + "," + row("Other.Read", "/things") + "," + row("Acronym.Read", "/search/acronyms") + `}}`
	const at = "2026-11-18T12:00:00Z"
	for _, c := range []struct{ name, imported, path, want string }{
		{"elsewhere", table, "/things/new", "not_used"},
		{"where nothing that is known begins", table, "/brand/new", ""},
		{"where anything may begin", table, "/subscriptions", ""},
		{"where anything may begin, and one operation is known", table, "/search/query", ""},
		{"among its own", table, "/users/{id}/brandNew", ""},
		{"among its own, as me", table, "/me/brandNew", ""},
		{"of no word", table, "/{id}/new", ""},
		{"of too many paths", table, "/{…}", ""},
		{"nothing is imported", "", "/things/new", ""},
	} {
		app := used(t, facts{meta: exported(90), imported: c.imported}, called(1, "application", "GET", c.path, at))
		if got := verdicts(app)["a Mail.Read"]; got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A call that a table knows, and that nothing held is known to allow, succeeded all the same: what did it may be
// any of what is held, such as a permission on chosen objects (Sites.Selected).
func TestUnexplainedCalls(t *testing.T) {
	table := `{"permissions": {"Other.Read": {"authorizationType": "oAuth2", "schemes": {"Application": {"adminDisplayName": "x"}},
		"pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/sites/{id}/lists/{id}/items": "least=Application", "/users/{id}/messages": ""}}], "ownerInfo": {}}}}`
	const at = "2026-11-18T12:00:00Z"
	app := used(t, facts{meta: exported(90), imported: table}, called(1, "application", "GET", "/sites/{id}/lists/{id}/items", at))
	same(t, "used", map[string]string{"a Mail.Read": "", "a Mail.ReadBasic.All": "", "d Mail.Read": "not_used", "a Do": "", "d openid": ""}, verdicts(app))
}

// Of exports with a hole, the look-back is what follows the last one: an old hole says nothing of it.
func TestLookBackAfterAHole(t *testing.T) {
	days := func(n int) time.Time { return asOf().AddDate(0, 0, -n) }
	from := days(500)
	for _, c := range []struct {
		name                 string
		windows, provisional []snapshot.Window
		holes                []snapshot.Hole
		want                 Activity
	}{
		{
			"an old hole",
			[]snapshot.Window{{From: from, To: days(400)}, {From: days(202), To: asOf()}},
			nil,
			[]snapshot.Hole{{From: days(400), To: days(202), Reason: "no blob"}},
			Activity{Days: 202, Whole: true},
		},
		{
			"what was only observed at the end",
			[]snapshot.Window{{From: from, To: days(20)}, {From: days(10), To: asOf()}},
			[]snapshot.Window{{From: days(10), To: asOf()}},
			[]snapshot.Hole{{From: days(20), To: asOf(), Reason: "nobody has declared it"}},
			Activity{Days: 480, Ago: 20, Whole: true},
		},
	} {
		meta := snapshot.Dataset{Status: snapshot.Partial, Reason: "holes", From: &from, Windows: c.windows, Holes: c.holes, Provisional: c.provisional}
		app := used(t, facts{meta: map[snapshot.Name]snapshot.Dataset{snapshot.GraphActivity: meta}})
		a := app.Activity
		if a.Days != c.want.Days || a.Ago != c.want.Ago || a.Whole != c.want.Whole {
			t.Errorf("%s: got %+v, want %+v", c.name, a, c.want)
		}
	}
}

// A use has its age, of whatever evidence, and it is known whether there was none since.
func TestAgeOfUse(t *testing.T) {
	inUse := func(at string) string {
		return `{"id":"u","evidence":"in_use","appId":"client","permission":"Mail.ReadBasic.All","kind":"application","inUse":"true","lastAt":"` + at + `"}`
	}
	old, young := called(1, "delegated", "GET", "/me/messages", "2026-05-24T12:00:00Z"), called(2, "delegated", "GET", "/users/{id}/messages", "2026-11-15T12:00:00Z")
	odd := called(3, "application", "GET", "/brand/new", "2026-11-18T12:00:00Z")
	for _, c := range []struct {
		name, grant string
		meta        map[snapshot.Name]snapshot.Dataset
		rows        []string
		days        int // -1 for not known
		idle        bool
	}{
		{"long ago", "d Mail.Read", exported(500), []string{old}, 180, true},
		{"of several, the last", "d Mail.Read", exported(500), []string{old, young}, 5, true},
		{"App governance, with a date", "a Mail.ReadBasic.All", exported(500), []string{inUse("2026-11-10T12:00:00Z")}, 10, true},
		{"App governance, without one", "a Mail.ReadBasic.All", exported(500), []string{inUse("")}, -1, true},
		{"a call since that may be it", "a Mail.ReadBasic.All", exported(500), []string{inUse("2026-05-24T12:00:00Z"), odd}, 180, false},
		{"no look-back", "a Mail.ReadBasic.All", nil, []string{inUse("2026-05-24T12:00:00Z")}, 180, false},
	} {
		app := used(t, facts{meta: c.meta}, c.rows...)
		for _, g := range app.Grants {
			days := -1
			if g.UsedDays != nil {
				days = *g.UsedDays
			}
			if g.Kind[:1]+" "+g.Permission == c.grant && (g.Used != "used" || days != c.days || g.Idle != c.idle) {
				t.Errorf("%s: got %s, %d days ago, idle %t, want %d and %t", c.name, g.Used, days, g.Idle, c.days, c.idle)
			}
		}
	}
}

func TestUses(t *testing.T) {
	app := used(t, facts{meta: exported(30)},
		called(3, "application", "POST", "/users/{id}/messages", "2026-11-18T12:00:00Z"), called(2, "application", "GET", "/users/{id}/messages", "2026-11-19T12:00:00Z"),
		called(1, "delegated", "GET", "/brand/new", "once"), `{"id":"x","evidence":"in_use","appId":"client","permission":"Mail.Read","kind":"application","inUse":"true"}`)
	const basic, read = graph + "/application/Mail.ReadBasic.All", graph + "/application/Mail.Read"
	same(t, "uses", []Use{
		{Kind: "application", Method: "GET", Path: "/users/{id}/messages", Calls: 2, LastAt: "2026-11-19T12:00:00Z", Days: new(1), Known: true, Allowed: []string{read, basic}},
		{Kind: "application", Method: "POST", Path: "/users/{id}/messages", Calls: 3, LastAt: "2026-11-18T12:00:00Z", Days: new(2), Known: true, Allowed: []string{read, basic}},
		{Kind: "delegated", Method: "GET", Path: "/brand/new", Calls: 1},
	}, app.Uses)
	same(t, "look-back", &Activity{
		From: "2026-10-21T12:00:00Z", To: "2026-11-20T12:00:00Z", Days: 30, Whole: true, Sources: []string{"activity", "app_governance"},
	}, app.Activity)
	for _, g := range app.Grants {
		if g.Key == read && (g.LastUsedAt != "2026-11-19T12:00:00Z" || fmt.Sprint(g.UsedBy) != "[activity app_governance]") {
			t.Errorf("got %+v, want both sources and the latest call", g)
		}
	}
	idle := used(t, facts{meta: exported(30)}, `{"id":"1","evidence":"calls","appId":"other","kind":"application","method":"GET","path":"/x"}`)
	if idle.Uses == nil || len(idle.Uses) > 0 || idle.Activity == nil {
		t.Errorf("got %+v and %v, want an empty list of uses", idle.Activity, idle.Uses)
	}
	unread := used(t, facts{status: map[snapshot.Name]snapshot.Status{snapshot.GraphActivity: snapshot.Skipped}})
	if unread.Uses != nil || unread.Activity != nil || unread.Least != nil {
		t.Errorf("got %+v, want nothing where no usage was read", unread)
	}
	j := facts{rows: map[snapshot.Name][]string{snapshot.GraphActivity: {`{"id":"1","evidence":"calls"}`}}, meta: exported(30)}.open(t)
	if j.Loose(snapshot.GraphActivity) == "" || j.usage.activity.Whole {
		t.Errorf("got %q and %+v, want doubt", j.Loose(snapshot.GraphActivity), j.usage.activity)
	}
}

func TestLeastSets(t *testing.T) {
	const basic, read, scope = graph + "/application/Mail.ReadBasic.All", graph + "/application/Mail.Read", graph + "/delegated/Mail.Read"
	f := facts{meta: exported(30), declared: []DeclaredOperations{
		{AppID: "CLIENT", Kind: "delegated", Operations: []string{"get /users/{id}/messages", "GET /brand/new"}}, {AppID: "other", Kind: "application", Operations: []string{"GET /x"}},
	}}
	app := used(t, f, called(1, "application", "GET", "/users/{id}/messages", "2026-11-18T12:00:00Z"))
	same(t, "sets", []LeastSet{
		{
			Basis: "observed", Kind: "application", Permissions: []string{basic}, Weight: 10, GrantedWeight: 110, Proven: true,
			Uncovered: []string{}, Removable: []string{read}, Add: []string{}, Narrow: []string{basic},
		},
		{
			Basis: "declared", Kind: "delegated", Permissions: []string{scope}, Weight: 10, GrantedWeight: 10 + 300, Proven: true,
			Uncovered: []string{"GET /brand/new"}, Removable: []string{}, Add: []string{}, Operations: []string{"GET /users/{id}/messages", "GET /brand/new"},
			Narrow: []string{scope},
		},
	}, app.Least)
	// A permission on chosen objects may be what allowed it: no set may put a wider one in its place.
	other := used(t, facts{meta: exported(30)}, called(1, "application", "GET", "/sites/{id}", "2026-11-18T12:00:00Z"), called(2, "application", "GET", "/organization", "2026-11-18T12:00:00Z"))
	same(t, "calls that nothing held allows", []string{"GET /sites/{id}"}, other.Least[0].Uncovered)
	if idle := used(t, facts{meta: exported(30)}); idle.Least != nil {
		t.Errorf("got %+v, want no set where no call was seen", idle.Least)
	}
}
