package activity_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// expect checks what became of dataset activity_subscriptions.
func expect(t *testing.T, s *snapshot.Snapshot, status snapshot.Status, reason string) snapshot.Dataset {
	t.Helper()
	d := s.Manifest.Datasets[snapshot.ActivitySubscriptions]
	if d.Status != status || !strings.Contains(d.Reason, reason) || (reason == "") != (d.Reason == "") {
		t.Errorf("activity_subscriptions is %s: %q, want %s: %q", d.Status, d.Reason, status, reason)
	}
	return d
}

// sameRows compares rows; in what is wanted, * stands for a text.
func sameRows(t *testing.T, s *snapshot.Snapshot, want ...string) {
	t.Helper()
	var got []string
	for line, err := range s.Rows(snapshot.ActivitySubscriptions) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, canonical(t, string(line)))
	}
	for i := range want {
		if i < len(got) && strings.Contains(want[i], "*") {
			var row map[string]any
			_ = json.Unmarshal([]byte(got[i]), &row)
			if text, _ := row["reason"].(string); text != "" {
				quoted, _ := json.Marshal(text)
				want[i] = strings.Replace(want[i], "*", string(quoted), 1)
			}
		}
		want[i] = canonical(t, want[i])
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %s, want %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func canonical(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

func row1(id, status string, started bool) string {
	out, _ := json.Marshal(map[string]any{"id": id, "status": status, "started": started, "clientId": clientID})
	return string(out)
}

func general1(status string, started bool) string { return row1(activity.General, status, started) }

func directory1(status string, started bool) string { return row1(activity.Directory, status, started) }

const logOn = `{"id":"audit-log","started":false,"status":"on"}`

func TestSubscriptions(t *testing.T) {
	for _, c := range []struct {
		name   string
		subs   map[string]string
		starts []string
		rows   []string
	}{
		{"both there", map[string]string{activity.General: "enabled", activity.Directory: "enabled", "Audit.Exchange": "disabled"}, nil, []string{directory1("enabled", false), general1("enabled", false), logOn}},
		{"none there", nil, []string{activity.General, activity.Directory}, []string{directory1("missing", true), general1("missing", true), logOn}},
		{"one disabled, in other letters", map[string]string{activity.General: "disabled", "audit.azureactivedirectory": "Enabled"}, []string{activity.General}, []string{directory1("enabled", false), general1("disabled", true), logOn}},
		{"a state that nobody knows", map[string]string{activity.General: "paused", activity.Directory: "enabled"}, []string{activity.General}, []string{directory1("enabled", false), general1("disabled", true), logOn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := startAPI(t)
			maps.Copy(a.subs, c.subs)
			client := a.client(reader())
			s := snapshotOf(t, client)
			d := expect(t, s, snapshot.Collected, "")
			sameRows(t, s, c.rows...)
			if !slices.Equal(a.starts, c.starts) || d.Requests != 1+len(c.starts) || len(a.asked) != d.Requests {
				t.Errorf("started %v with %d requests of %v", a.starts, d.Requests, a.asked)
			}
			if slices.ContainsFunc(a.asked, func(asked string) bool { return strings.Contains(asked, "stop") }) {
				t.Error("a subscription was stopped")
			}
			want := snapshot.Identity{
				Kind: "secret", ClientID: clientID, AppOnly: true, Roles: []string{"ActivityFeed.Read"}, Datasets: []string{snapshot.ActivitySubscriptions},
				Needs: []snapshot.Need{
					{Dataset: snapshot.ActivitySubscriptions, Least: []string{"ActivityFeed.Read"}},
					{Dataset: snapshot.ConsentEvents, Least: []string{"ActivityFeed.Read"}},
					{Dataset: snapshot.DataConnectEvents, Least: []string{"ActivityFeed.Read"}},
					{Dataset: snapshot.RoleEvents, Least: []string{"ActivityFeed.Read"}},
				},
			}
			sameIdentity(t, s, want)
		})
	}
}

func sameIdentity(t *testing.T, s *snapshot.Snapshot, want snapshot.Identity) {
	t.Helper()
	got, _ := json.Marshal(s.Manifest.Identities)
	expected, _ := json.Marshal([]snapshot.Identity{want})
	if string(got) != string(expected) {
		t.Errorf("identities\n%s, want\n%s", got, expected)
	}
}

// Whoever reads a feed is said to, whether that is before or after the source is run.
// The roles of its other tokens stay.
func TestReadersAreNoted(t *testing.T) {
	for _, after := range []bool{false, true} {
		a := subscribed(t)
		client := a.client(reader())
		feed := func(*snapshot.Writer) error {
			_, err := client.Content(activity.General).Read(t.Context(), snapshot.State{}, nil)
			return err
		}
		if !after {
			if err := feed(nil); err != nil {
				t.Fatal(err)
			}
		}
		s := snapshotOf(t, client, func(w *snapshot.Writer) error {
			w.AddIdentity(snapshot.Identity{Kind: "secret", ClientID: clientID, AppOnly: true, Roles: []string{"Application.Read.All"}, Datasets: []string{snapshot.Applications}})
			if after {
				return feed(w)
			}
			return nil
		})
		ids := s.Manifest.Identities
		if len(ids) != 1 || !slices.Equal(ids[0].Roles, []string{"ActivityFeed.Read", "Application.Read.All"}) ||
			!slices.Equal(ids[0].Datasets, []string{snapshot.ActivitySubscriptions, snapshot.Applications, snapshot.DataConnectEvents}) || len(ids[0].Needs) != 4 {
			t.Errorf("identities %+v", ids)
		}
	}
}

func TestStartIsNotMadeTwice(t *testing.T) {
	lost := answer{reset: true, after: true}
	for _, c := range []struct {
		name  string
		start []answer
		lists []answer
		asked int // starts that arrived
		row   string
		since bool // it counts as started by this run
	}{
		{"already enabled", []answer{af(400, "AF20024", "The subscription is already enabled. No property change.")}, nil, 1, general1("enabled", false), false},
		{"refused for lack of time", []answer{throttled(), {status: 429}}, nil, 3, general1("missing", true), true},
		{"the answer is lost", []answer{lost}, nil, 1, general1("missing", true), true},
		{"the answer breaks off", []answer{{cut: true, body: `{`, after: true}}, nil, 1, general1("missing", true), true},
		{"an error, and it was not done", []answer{{status: 502}}, nil, 1, `{"id":"Audit.General","status":"missing","started":false,"clientId":"` + clientID + `","reason":*}`, false},
		{"disabled by an administrator", []answer{af(400, "AF20023", "The subscription was disabled by a service admin.")}, nil, 1, `{"id":"Audit.General","status":"missing","started":false,"clientId":"` + clientID + `","reason":*}`, false},
		{"disabled all the same", []answer{{body: `{"contentType":"Audit.General","status":"disabled"}`}}, nil, 1, `{"id":"Audit.General","status":"missing","started":false,"clientId":"` + clientID + `","reason":*}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t, general("a", ago(time.Hour), "1"))
			delete(a.subs, activity.General)
			a.on("subscriptions/start", c.start...)
			if c.name == "already enabled" {
				a.on("subscriptions/list", answer{body: `[{"contentType":"Audit.AzureActiveDirectory","status":"enabled"}]`})
				a.subs[activity.General] = "enabled"
			}
			client := a.client(reader())
			s := snapshotOf(t, client)
			expect(t, s, snapshot.Collected, "")
			sameRows(t, s, directory1("enabled", false), c.row, logOn)
			if n := a.count("POST subscriptions/start"); n != c.asked {
				t.Errorf("started %d times, want %d", n, c.asked)
			}
			_, covered := read(t, client.Content(activity.General), window(ago(50*day), ago(day)))
			switch failed := strings.Contains(c.row, "reason"); {
			case failed:
				if covered.Missing == nil || !strings.Contains(covered.Missing.Reason, "cannot be started") {
					t.Errorf("%+v", covered)
				}
				sameHoles(t, covered.Holes, snapshot.Hole{From: ago(day), To: noon(), Reason: "cannot be started"})
			case c.since:
				sameWindows(t, "covered", covered.Windows, window(noon(), noon()))
			default:
				sameWindows(t, "covered", covered.Windows, window(ago(day), noon()))
			}
		})
	}
}

// A subscription that is listed and unknown when content is asked for is started.
func TestSubscriptionVanishes(t *testing.T) {
	a := subscribed(t)
	a.on("subscriptions/content", af(400, "AF20022", "No subscription found for the specified content type."))
	a.onList = func() { t.Error("content is listed") }
	delete(a.subs, activity.General)
	a.on("subscriptions/list", answer{body: `[{"contentType":"Audit.General","status":"enabled"},{"contentType":"Audit.AzureActiveDirectory","status":"enabled"}]`})
	client := a.client(reader())
	for range 2 {
		_, covered := read(t, client.Content(activity.General), window(ago(50*day), ago(day)))
		sameWindows(t, "covered", covered.Windows, window(noon(), noon()))
		sameHoles(t, covered.Holes, snapshot.Hole{From: ago(day), To: noon(), Reason: "did not exist"})
	}
	if !slices.Equal(a.starts, []string{activity.General}) {
		t.Errorf("started %v", a.starts)
	}
	sameRows(t, snapshotOf(t, client), directory1("enabled", false), general1("missing", true), logOn)
}

// The API says one thing and does another: nothing is read, and nothing is claimed.
func TestSubscriptionContradictsItself(t *testing.T) {
	a := subscribed(t)
	a.always("subscriptions/content", af(400, "AF20022", "No subscription found for the specified content type."))
	_, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(day)))
	if covered.Missing == nil || covered.Missing.Status != snapshot.Failed || len(covered.Windows) > 0 {
		t.Errorf("%+v", covered)
	}
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(day), To: noon(), Reason: "knows none when asked"})
}

func TestAuditLogOffWhenStarting(t *testing.T) {
	a := startAPI(t)
	a.always("subscriptions/start", answer{status: 400, body: `{"error":{"code":"AF20011","message":"Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ` + tenantID + ` does not exist."}}`})
	client := a.client(reader())
	s := snapshotOf(t, client)
	expect(t, s, snapshot.Collected, "")
	without := `","started":false,"status":"missing","clientId":"` + clientID + `","reason":*}`
	sameRows(t, s, `{"id":"Audit.AzureActiveDirectory`+without, `{"id":"Audit.General`+without, `{"id":"audit-log","started":false,"status":"off","reason":*}`)
}

// A cloud without the API is not a failure.
func TestCloudWithoutTheAPI(t *testing.T) {
	a := startAPI(t)
	client := a.client(reader(), func(o *activity.Options) { o.URL, o.Cloud = "", "china" })
	ids, covered := read(t, client.Content(activity.General))
	if covered.Missing == nil || covered.Missing.Status != snapshot.Skipped || !strings.Contains(covered.Missing.Reason, "cloud china: no Office 365 Management API is documented") || len(ids) > 0 {
		t.Errorf("%+v", covered.Missing)
	}
	s := snapshotOf(t, client)
	expect(t, s, snapshot.Skipped, "no Office 365 Management API is documented")
	if len(a.asked) > 0 || len(s.Manifest.Identities) > 0 {
		t.Errorf("asked %v, identities %+v", a.asked, s.Manifest.Identities)
	}
}

func TestSourceIsOfTheTenant(t *testing.T) {
	a := subscribed(t)
	w, err := snapshot.Create(t.TempDir()+"/s", snapshot.Tenant{ID: publisher}, snapshot.Tool{Name: "leastwise"}, noon())
	if err != nil {
		t.Fatal(err)
	}
	source := a.client(reader()).Subscriptions()
	if _, ok := errors.AsType[*identity.WrongTenantError](source.Collect(t.Context(), w)); !ok || len(a.asked) > 0 {
		t.Errorf("asked %v", a.asked)
	}
	if got := source.Datasets(); !slices.Equal(got, []snapshot.Name{snapshot.ActivitySubscriptions}) {
		t.Errorf("datasets %v", got)
	}
	_ = w.Abort()
}

// A run that is cancelled while it looks for subscriptions knows nothing of them, and
// does not remember that as a finding.
func TestCancelledLook(t *testing.T) {
	a := subscribed(t, general("a", ago(time.Hour), "1"))
	client := a.client(reader())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Content(activity.General).Read(ctx, snapshot.State{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if ids, _ := read(t, client.Content(activity.General)); len(ids) != 1 {
		t.Errorf("read %v", ids)
	}
}

func TestNewRefuses(t *testing.T) {
	a := startAPI(t)
	sound := func() activity.Options {
		return activity.Options{
			URL: a.URL, HTTPClient: trusting(t, a.Server), Clock: noon, Tenant: tenantID,
			Account: identity.NewAccount("secret", clientID, tenantID, false, scoped{}),
		}
	}
	if _, err := activity.New(sound()); err != nil {
		t.Error(err)
	}
	for what, spoil := range map[string]func(*activity.Options){
		"not an https:// URL":    func(o *activity.Options) { o.URL = "http://manage.office.com" },
		"Clock are required":     func(o *activity.Options) { o.Clock = nil },
		"signed in to tenant":    func(o *activity.Options) { o.Tenant = publisher },
		"not the id of a tenant": func(o *activity.Options) { o.Publisher = "contoso" },
		"\"common\" is not a tenant": func(o *activity.Options) {
			o.Tenant, o.Account = "", identity.NewAccount("secret", clientID, "common", false, scoped{})
		},
	} {
		opts := sound()
		spoil(&opts)
		if _, err := activity.New(opts); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %s", err, what)
		}
	}
}

// Without a publisher of its own leastwise names the tenant that it runs for.
func TestPublisherIsTheTenantUnlessItIsNamed(t *testing.T) {
	a := startAPI(t)
	a.always("subscriptions/list", answer{status: 200, body: "[]"})
	var log strings.Builder
	a.t = quiet{t, &log}
	client := a.client(reader(), func(o *activity.Options) { o.Publisher = "" })
	snapshotOf(t, client)
	if !strings.Contains(log.String(), "PublisherIdentifier="+tenantID) {
		t.Errorf("asked with %s", log.String())
	}
}

func TestBoardIsTold(t *testing.T) {
	a := subscribed(t, general("a", ago(time.Hour), "1", "2"))
	board := graphapi.NewBoard()
	client := a.client(reader(), func(o *activity.Options) { o.Board = board })
	snapshotOf(t, client)
	read(t, client.Content(activity.General))
	works := board.Works()
	if len(works) != 2 || works[0].Dataset != snapshot.ActivitySubscriptions || works[0].Requests != 1 || works[0].Rows != 3 ||
		works[1].Dataset != activity.General || works[1].Rows != 2 || works[0].Status != snapshot.Collected || works[1].Status != snapshot.Collected {
		t.Errorf("%+v", works)
	}
}
