package activity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// What passes is waited for, and nothing is lost.
func TestPassingFaults(t *testing.T) {
	for name, one := range map[string]answer{
		"403 with AF429 that is not JSON": throttled(),
		"403 with AF429 in JSON":          af(403, "AF429", "Too many requests. Method=GetBlob, PublisherId=x"),
		"429":                             {status: 429},
		"429 with a pause":                {status: 429, header: map[string]string{"Retry-After": "0.01"}, body: "<html>"},
		"AF50000":                         af(500, "AF50000", "An internal error occurred. Retry the request."),
		"AF50000 as 400":                  af(400, "AF50000", "An internal error occurred. Retry the request."),
		"503":                             {status: 503},
		"504 page":                        {status: 504, body: "<html>gateway</html>"},
		"no answer":                       {reset: true},
		"an answer that breaks off":       {cut: true, body: `[{"Id":"a"}`},
		"an answer that is none":          {body: `{"error":{"code":"x"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, operation := range []string{"subscriptions/list", "subscriptions/content", "audit/"} {
				a := subscribed(t, general("a", ago(time.Hour), "a", "b"), general("b", ago(time.Hour), "c"))
				a.on(operation, one, one)
				ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), noon()))
				sameIDs(t, ids, "a", "b", "c")
				sameHoles(t, covered.Holes)
				sameWindows(t, operation, covered.Windows, window(noon(), noon()))
				// Package net/http itself asks again where a connection ends without an answer.
				if operation != "subscriptions/list" && covered.Retries != 2 && !one.reset || covered.Unfinished {
					t.Errorf("%s: %+v", operation, covered)
				}
			}
		})
	}
}

// A piece that breaks off in the middle is read again; its first records come twice.
func TestContentBreaksOff(t *testing.T) {
	a := subscribed(t, general("a", ago(time.Hour), "1", "2", "3"))
	a.on("audit/a", answer{cut: true, body: `[{"Id":"1"},{"Id":"2"},{"Id":`}, answer{body: `[{"Id":"1"}] trailing`})
	var met []string
	covered, err := a.client(reader()).Content(activity.General).Read(t.Context(), snapshot.State{Windows: []snapshot.Window{window(ago(50*day), noon())}}, func(record json.RawMessage, _ string) error {
		met = append(met, string(record))
		return nil
	})
	if want := []string{`{"Id":"1"}`, `{"Id":"2"}`, `{"Id":"1"}`, `{"Id":"1"}`, `{"Id":"2"}`, `{"Id":"3"}`}; err != nil || !slices.Equal(met, want) {
		t.Errorf("%v %v", met, err)
	}
	sameHoles(t, covered.Holes)
}

func TestContentThatAlwaysBreaksOff(t *testing.T) {
	a := subscribed(t, general("a", ago(20*time.Hour), "1"), general("b", ago(time.Hour), "2"))
	a.always("audit/a", answer{cut: true, body: `[{"Id":"1"},`})
	ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(21*time.Hour)))
	sameIDs(t, ids, "1", "2")
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(23 * time.Hour), To: ago(20*time.Hour - time.Second), Reason: "the answer cannot be read"})
	if n := a.count("GET audit/a"); n != 4 || !covered.Unfinished {
		t.Errorf("asked %d times, %+v", n, covered)
	}
}

// A storm that lasts ends in a hole from where it began, after a bounded time.
func TestStormThatLasts(t *testing.T) {
	for _, c := range []struct {
		name      string
		one       answer
		operation string
		missing   bool
	}{
		{"from the start", throttled(), "subscriptions/content", true},
		{"with a pause that is too long", answer{status: 429, header: map[string]string{"Retry-After": "3600"}}, "subscriptions/content", true},
		{"server error", answer{status: 500}, "subscriptions/content", true},
		{"when the second window is read", throttled(), "audit/second", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t, general("first", ago(71*time.Hour), "1"), general("second", ago(47*time.Hour), "2"), general("third", ago(time.Hour), "3"))
			a.always(c.operation, c.one)
			state := window(ago(50*day), ago(70*time.Hour))
			client := a.client(reader(), func(o *activity.Options) { o.Patience, o.MaxRetries = 20*time.Millisecond, 1000 })
			_, covered := read(t, client.Content(activity.General), state)
			if !covered.Unfinished || covered.Evidence == nil || (covered.Missing != nil) != c.missing {
				t.Fatalf("%+v %+v", covered, covered.Missing)
			}
			if c.missing {
				if covered.Missing.Status != snapshot.Failed || !covered.Missing.Unfinished || len(covered.Windows) > 0 {
					t.Errorf("%+v %+v", covered, covered.Missing)
				}
				sameHoles(t, covered.Holes, snapshot.Hole{From: ago(70 * time.Hour), To: noon(), Reason: "given up after many tries"})
			} else {
				sameHoles(t, covered.Holes,
					snapshot.Hole{From: ago(49 * time.Hour), To: ago(47*time.Hour - time.Second), Reason: "AF429"},
					snapshot.Hole{From: ago(24 * time.Hour), To: noon(), Reason: "AF429"})
				sameWindows(t, "covered", covered.Windows, window(ago(70*time.Hour), ago(49*time.Hour)), window(ago(47*time.Hour-time.Second), ago(24*time.Hour)))
			}
			// Another feed of the same run does not wait all over again.
			before := len(a.asked)
			if _, again := read(t, client.Content(activity.Directory), state); again.Missing == nil || len(a.asked) != before {
				t.Errorf("%d requests more, %+v", len(a.asked)-before, again)
			}
		})
	}
}

// A listing that ends in the middle of the first window: its overlap was read by the run
// before.
func TestListingThatEndsInTheMiddle(t *testing.T) {
	a := subscribed(t)
	for i, id := range []string{"a", "b", "c"} {
		a.pieces = append(a.pieces, general(id, ago(20*time.Hour-time.Duration(i)*time.Minute), id))
	}
	listed := 0
	a.onList = func() {
		if listed++; listed == 1 {
			a.lasting["subscriptions/content"] = throttled()
		}
	}
	client := a.client(reader(), func(o *activity.Options) { o.Patience = 20 * time.Millisecond })
	ids, covered := read(t, client.Content(activity.General), window(ago(50*day), ago(21*time.Hour)))
	if (covered.Missing != nil) != (len(ids) == 0) || !covered.Unfinished || len(ids) > 2 { // the storm may come before any record
		t.Errorf("%v %+v", ids, covered)
	}
	if len(covered.Holes) == 0 {
		t.Fatal("no hole")
	}
	for _, hole := range covered.Holes {
		if !strings.Contains(hole.Reason, "AF429") || hole.From.Before(ago(21*time.Hour)) {
			t.Errorf("hole %+v", hole)
		}
	}
	if last := covered.Holes[len(covered.Holes)-1]; len(covered.Windows) > 0 || !last.To.Equal(noon()) {
		t.Errorf("%+v", covered)
	}
}

// One piece that is refused for ever does not keep others from being read.
func TestOnePieceIsRefusedForEver(t *testing.T) {
	a := subscribed(t, general("a", ago(20*time.Hour), "1"), general("b", ago(19*time.Hour), "2"), general("c", ago(time.Hour), "3"))
	a.always("audit/a", af(500, "AF50000", "An internal error occurred. Retry the request."))
	ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(21*time.Hour)))
	sameIDs(t, ids, "2", "3")
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(23 * time.Hour), To: ago(20*time.Hour - time.Second), Reason: "AF50000"})
	if n := a.count("GET audit/a"); n != 4 {
		t.Errorf("asked %d times", n)
	}
}

// What trying again does not mend is a status with a reason and advice, and is asked
// for once.
func TestLastingFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		one    answer
		status snapshot.Status
		reason string
		code   string
		log    string // of the audit log
	}{
		{"authorization", answer{status: 401, body: `{"Message":"Authorization has been denied for this request."}`}, snapshot.Denied, "Authorization has been denied for this request.; hint: give the application", "", ""},
		{"AF10001", af(403, "AF10001", "The permission set () sent in the request did not include the expected permission ActivityFeed.Read."), snapshot.Denied, "hint: give the application the permission ActivityFeed.Read", "AF10001", ""},
		{"forbidden", answer{status: 403, body: "<html>no</html>"}, snapshot.Denied, "Forbidden", "", ""},
		{"AF20010", af(400, "AF20010", "The tenant ID passed in the URL (x) does not match."), snapshot.Failed, "hint: the token is of another tenant", "AF20010", ""},
		{"AF20011", af(400, "AF20011", "Specified tenant ID (x) does not exist in the system or has been deleted."), snapshot.Failed, "hint: the API does not know the tenant", "AF20011", ""},
		{"AF20012", af(403, "AF20012", "Specified tenant ID (x) is incorrectly configured in the system."), snapshot.Failed, "hint: the unified audit log may be off", "AF20012", ""},
		{"AF20013", af(400, "AF20013", "The tenant ID passed in the URL (x) is not a valid GUID."), snapshot.Failed, "hint: check tenant", "AF20013", ""},
		{"AF20020", af(400, "AF20020", "The specified content type is not valid."), snapshot.Failed, "AF20020", "AF20020", ""},
		{"audit log off", answer{status: 400, body: `{"error":{"code":"AF20011","message":"Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ` + tenantID + ` does not exist."}}`}, snapshot.Failed, "hint: the unified audit log is off", "AuditLogOff", "off"},
		{"audit log off, in prose", answer{status: 500, body: `StartSubscription failed. Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ` + tenantID + ` does not exist.`}, snapshot.Failed, "hint: the unified audit log is off", "AuditLogOff", "off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t).always("subscriptions/list", c.one)
			client := a.client(reader())
			_, covered := read(t, client.Content(activity.General), window(ago(50*day), ago(day)))
			if m := covered.Missing; m == nil || m.Status != c.status || !strings.Contains(m.Reason, c.reason) || m.Unfinished || m.Evidence == nil || m.Evidence.Code != c.code {
				t.Fatalf("missing %+v, evidence %+v", covered.Missing, covered.Evidence)
			}
			sameHoles(t, covered.Holes, snapshot.Hole{From: ago(day), To: noon(), Reason: c.reason})
			if n, want := a.count("GET subscriptions/list"), 1; n != want && c.one.status != 401 {
				t.Errorf("asked %d times", n)
			}
			s := snapshotOf(t, client)
			status := c.status
			if c.log != "" {
				status = snapshot.Partial
			}
			expect(t, s, status, c.reason)
			if c.log != "" {
				sameRows(t, s, `{"id":"audit-log","reason":*,"started":false,"status":"off"}`)
			}
		})
	}
}

// The same when content is asked for, of a subscription that is there.
func TestLastingFaultsOfContent(t *testing.T) {
	for _, c := range []struct {
		name   string
		one    answer
		status snapshot.Status
		reason string
	}{
		{"AF20023", af(403, "AF20023", "The subscription was disabled by a tenant admin."), snapshot.Failed, "AF20023: The subscription was disabled by a tenant admin.; hint: only an administrator"},
		{"AF10001", af(403, "AF10001", "The permission set"), snapshot.Denied, "AF10001"},
		{"audit log off", answer{status: 400, body: "Tenant " + tenantID + " does not exist."}, snapshot.Failed, "unified audit log is off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t).always("subscriptions/content", c.one)
			client := a.client(reader())
			_, covered := read(t, client.Content(activity.General), window(ago(50*day), ago(day)))
			if m := covered.Missing; m == nil || m.Status != c.status || !strings.Contains(m.Reason, c.reason) {
				t.Errorf("missing %+v", covered.Missing)
			}
			sameHoles(t, covered.Holes, snapshot.Hole{From: ago(day), To: noon(), Reason: c.reason})
			if len(a.starts) > 0 {
				t.Errorf("started %v", a.starts)
			}
			if c.name == "audit log off" { // the source is run after the feed
				s := snapshotOf(t, client)
				expect(t, s, snapshot.Collected, "")
				sameRows(t, s, directory1("enabled", false), general1("enabled", false), `{"id":"audit-log","reason":*,"started":false,"status":"off"}`)
			}
		})
	}
}

func TestPermissionIsCheckedBeforeAnythingIsAsked(t *testing.T) {
	for _, c := range []struct {
		name   string
		claims map[string]any
		reason string
	}{
		{"no role", map[string]any{"idtyp": "app"}, "no application permission for this; the least is ActivityFeed.Read of Office 365 Management APIs"},
		{"another one", map[string]any{"roles": []string{"ActivityFeed.ReadDlp", "ServiceHealth.Read"}}, "no application permission"},
		{"delegated", map[string]any{"scp": "ServiceHealth.Read", "upn": "ada@contoso.com"}, "no delegated permission"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t)
			client := a.client(c.claims)
			_, covered := read(t, client.Content(activity.General))
			if m := covered.Missing; m == nil || m.Status != snapshot.Denied || !strings.Contains(m.Reason, c.reason) {
				t.Errorf("missing %+v", covered.Missing)
			}
			expect(t, snapshotOf(t, client), snapshot.Denied, c.reason)
			if len(a.asked) > 0 {
				t.Errorf("asked %v", a.asked)
			}
		})
	}
	for name, claims := range map[string]map[string]any{
		"opaque":    nil,
		"delegated": {"scp": "ActivityFeed.Read", "upn": "ada@contoso.com"},
	} {
		a := subscribed(t, general("a", ago(time.Hour), "1"))
		if ids, covered := read(t, a.client(claims).Content(activity.General)); covered.Missing != nil || len(ids) != 1 {
			t.Errorf("%s: %v %+v", name, ids, covered.Missing)
		}
	}
}

func TestSignInFails(t *testing.T) {
	a := subscribed(t)
	client := a.client(reader(), func(o *activity.Options) {
		o.Account = identity.NewAccount("secret", clientID, tenantID, false, scoped{"https://elsewhere/.default": "x"})
	})
	_, covered := read(t, client.Content(activity.General))
	if m := covered.Missing; m == nil || m.Status != snapshot.Failed || !strings.Contains(m.Reason, "sign in with secret") {
		t.Errorf("missing %+v", covered.Missing)
	}
	s := snapshotOf(t, client)
	expect(t, s, snapshot.Failed, "sign in with secret")
	if ids := s.Manifest.Identities; len(ids) != 1 || !ids[0].Opaque || len(ids[0].Needs) != 4 || len(ids[0].Datasets) > 0 {
		t.Errorf("identities %+v", ids)
	}
}

func TestTokenOfAnotherTenantEndsTheRun(t *testing.T) {
	a := subscribed(t)
	claims := reader()
	claims["tid"] = publisher
	_, err := a.client(claims).Content(activity.General).Read(t.Context(), snapshot.State{}, nil)
	if wrong, ok := errors.AsType[*identity.WrongTenantError](err); !ok || wrong.Got != publisher {
		t.Errorf("%v", err)
	}
}

// Neither tokens nor what follows the question mark are told, however much is logged
// and whatever fails.
func TestNothingSecretIsTold(t *testing.T) {
	secret := token(reader())
	bad := general("bad", ago(2*time.Hour), "x")
	bad.uri = "https://manage.example/" + secret
	a := subscribed(t, general("a", ago(time.Hour), "1"), bad)
	a.on("subscriptions/content", answer{status: 401, body: `{"Message":"Bearer ` + secret + `"}`})
	a.on("audit/a", answer{status: 403, body: `{'error':{'code':'AF429','message':'Bearer ` + secret + `'}}`}, answer{status: 400, body: secret})
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := a.client(reader(), func(o *activity.Options) { o.Logger = logger })
	_, covered := read(t, client.Content(activity.General))
	text, err := json.Marshal(covered)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := json.Marshal(snapshotOf(t, client).Manifest)
	if err != nil {
		t.Fatal(err)
	}
	told := log.String() + string(text) + string(manifest)
	for _, never := range []string{secret, strings.Split(secret, ".")[1], "startTime", "PublisherIdentifier"} {
		if strings.Contains(told, never) {
			t.Errorf("%.20s… is told", never)
		}
	}
	if !strings.Contains(told, "[token]") || !strings.Contains(told, "audit/a") {
		t.Error("nothing was told at all")
	}
}
