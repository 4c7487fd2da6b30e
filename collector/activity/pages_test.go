package activity_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/snapshot"
)

func TestAddressesElsewhereAreRefused(t *testing.T) {
	var thief []string
	other := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		thief = append(thief, r.URL.Path+" "+r.Header.Get("Authorization"))
	}))
	defer other.Close()
	for name, uri := range map[string]string{
		"another host":     other.URL + root + "audit/x",
		"another scheme":   strings.Replace("https://HOST"+root+"audit/x", "https", "http", 1),
		"another tenant":   "https://HOST" + strings.Replace(root, tenantID, publisher, 1) + "audit/x",
		"another API":      "https://HOST/api/v1.0/" + tenantID + "/ServiceComms/x",
		"up and away":      "https://HOST" + root + "../../../other/x",
		"up, in disguise":  "https://HOST" + root + "%2e%2e/%2e%2e/x",
		"somebody's name":  "https://x@HOST" + root + "audit/x",
		"no address":       "",
		"not an address":   "https://HOST:port:port/",
		"the root, barely": "https://HOST" + strings.TrimSuffix(root, "/"),
	} {
		t.Run(name, func(t *testing.T) {
			a := subscribed(t)
			bad := general("bad", ago(20*time.Hour), "bad")
			bad.uri = strings.ReplaceAll(uri, "HOST", strings.TrimPrefix(a.URL, "https://"))
			a.pieces = []piece{bad, general("good", ago(time.Hour), "good")}
			if uri == "" {
				a.on("subscriptions/content", answer{body: `[{"contentId":"bad","contentCreated":"` + ago(20*time.Hour).Format(time.RFC3339) + `"}]`})
			}
			_, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(21*time.Hour)))
			sameHoles(t, covered.Holes, snapshot.Hole{From: ago(23 * time.Hour), To: ago(20*time.Hour - time.Second), Reason: "1 piece(s)"})
			if reason := covered.Holes[0].Reason; uri != "" && !strings.Contains(reason, "refused: content") || uri == "" && !strings.Contains(reason, "without an address") {
				t.Errorf("reason %q", reason)
			}
			if covered.Missing != nil || covered.Unfinished {
				t.Errorf("%+v", covered)
			}
		})
	}
	if len(thief) > 0 {
		t.Errorf("the other host got %v", thief)
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	for name, location := range map[string]string{
		"another host":                "https://manage.example" + root + "audit/x",
		"another path, the same host": "/api/v1.0/" + tenantID + "/other/x",
	} {
		t.Run(name, func(t *testing.T) {
			a := subscribed(t, general("a", ago(20*time.Hour), "a"))
			a.always("audit/a", answer{status: 302, header: map[string]string{"Location": location}})
			ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(21*time.Hour)))
			sameIDs(t, ids)
			sameHoles(t, covered.Holes, snapshot.Hole{From: ago(23 * time.Hour), To: ago(20*time.Hour - time.Second), Reason: "refused: redirect"})
			if n := a.count("GET audit/a"); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestNextPages(t *testing.T) {
	away := answer{body: `[]`, header: map[string]string{"NextPageUri": "https://manage.example" + root + "subscriptions/content?nextPage=2"}}
	for _, c := range []struct {
		name    string
		set     func(a *api)
		ids     []string
		missing string
	}{
		{"the other name", func(a *api) {
			a.on("subscriptions/content", answer{body: `[]`, header: map[string]string{
				"NextPageUrl": root + "subscriptions/content?contentType=Audit.General&startTime=2026-11-20T10:00:00&endTime=2026-11-20T12:00:00&nextPage=0",
			}})
		}, []string{"a"}, ""},
		{"elsewhere", func(a *api) { a.on("subscriptions/content", away) }, nil, "refused: next page to https://manage.example"},
		{"in a circle", func(a *api) {
			a.always("subscriptions/content", answer{body: `[]`, header: map[string]string{"NextPageUri": a.URL + root + "subscriptions/content?nextPage=1"}})
		}, nil, "go round in a circle"},
		{"an invalid page", func(a *api) { a.on("subscriptions/content", af(400, "AF20031", "Invalid nextPage Input: x.")) }, []string{"a"}, ""},
		{"an invalid page for ever", func(a *api) {
			a.always("subscriptions/content", af(400, "AF20031", "Invalid nextPage Input: x."))
		}, nil, "AF20031"},
		{"null", func(a *api) { a.always("subscriptions/content", answer{body: `null`}) }, nil, "it is null"},
		{"not a list", func(a *api) { a.always("subscriptions/content", answer{body: `{"value":[]}`}) }, nil, "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := subscribed(t, general("a", ago(time.Hour), "a"))
			c.set(a)
			ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), noon()))
			sameIDs(t, ids, c.ids...)
			if c.missing == "" {
				sameHoles(t, covered.Holes)
				sameWindows(t, "covered", covered.Windows, window(noon(), noon()))
				return
			}
			if covered.Missing == nil || covered.Missing.Status != snapshot.Failed || !strings.Contains(covered.Missing.Reason, c.missing) || len(covered.Windows) > 0 {
				t.Errorf("%+v %+v", covered, covered.Missing)
			}
		})
	}
}

// An invalid page begins the window again; what was fetched is not fetched again.
func TestListingBeginsAgain(t *testing.T) {
	a := subscribed(t)
	for i, id := range []string{"a", "b", "c", "d", "e"} {
		a.pieces = append(a.pieces, general(id, ago(time.Hour-time.Duration(i)*time.Second), id))
	}
	listed := 0
	a.onList = func() {
		if listed++; listed == 1 {
			a.canned["subscriptions/content"] = []answer{af(400, "AF20031", "Invalid nextPage Input: x.")}
		}
	}
	ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), noon()))
	sameIDs(t, ids, "a", "b", "c", "d", "e")
	sameHoles(t, covered.Holes)
	for _, id := range ids {
		if n := a.count("GET audit/" + id); n != 1 {
			t.Errorf("%s was fetched %d times", id, n)
		}
	}
}

// The API's clock may be ahead: then the beginning of the oldest window is too old.
func TestWindowThatIsTooOld(t *testing.T) {
	for _, code := range []string{"AF20030", "AF20055"} {
		a := subscribed(t, general("young", ago(6*day), "young"))
		a.on("subscriptions/content", af(400, code, "too old"), af(400, code, "too old"))
		ids, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(7*day)))
		sameIDs(t, ids, "young")
		ten := oldest().Add(10 * time.Minute)
		sameHoles(t, covered.Holes,
			snapshot.Hole{From: ago(7 * day), To: oldest(), Reason: "more than 7 days"},
			snapshot.Hole{From: oldest(), To: ten, Reason: code}, snapshot.Hole{From: ten, To: ten.Add(time.Hour), Reason: code})
		sameWindows(t, code, covered.Windows, window(ten.Add(time.Hour), noon()))
	}
}

func TestWindowsThatAreAllTooOld(t *testing.T) {
	a := subscribed(t)
	a.always("subscriptions/content", af(400, "AF20030", "too old"))
	_, covered := read(t, a.client(reader()).Content(activity.General), window(ago(50*day), ago(2*day)))
	if covered.Missing == nil || covered.Missing.Status != snapshot.Failed || len(covered.Windows) > 0 {
		t.Errorf("%+v", covered)
	}
	sameHoles(t, covered.Holes, snapshot.Hole{From: ago(2 * day), To: noon(), Reason: "AF20030"})
}

// Records come one after the other, however many pieces are fetched side by side.
func TestRecordsAreHandedOutOneByOne(t *testing.T) {
	a := subscribed(t)
	for i := range 60 {
		id := string(rune('A'+i/10)) + string(rune('0'+i%10))
		a.pieces = append(a.pieces, general(id, ago(time.Hour), id+"1", id+"2"))
	}
	inside, n := false, 0
	_, err := a.client(reader()).Content(activity.General).Read(t.Context(), snapshot.State{}, func(json.RawMessage, string) error {
		if inside {
			t.Error("two at once")
		}
		inside = true
		n++
		inside = false
		return nil
	})
	if err != nil || n != 120 {
		t.Errorf("%d records, %v", n, err)
	}
}
