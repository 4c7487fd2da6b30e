package activity_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/snapshot"
)

const (
	tenantID  = "10000000-0000-4000-8000-000000000001"
	clientID  = "20000000-0000-4000-8000-000000000002"
	publisher = "30000000-0000-4000-8000-000000000003"
	root      = "/api/v1.0/" + tenantID + "/activity/feed/"
)

// noon is when most tests take place.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// ago is an instant before noon.
func ago(d time.Duration) time.Time { return noon().Add(-d) }

const day = 24 * time.Hour

// piece is one piece of content.
type piece struct {
	id, contentType string
	created         time.Time
	uri             string // another address than its own
	records         string // JSON of the array
	expires         time.Time
}

// answer is one canned answer, in place of what the API would say.
type answer struct {
	status int
	header map[string]string
	body   string
	cut    bool // it ends before its announced length
	reset  bool // the connection ends without an answer
	after  bool // what was asked for is done all the same
}

func af(status int, code, message string) answer {
	return answer{status: status, body: fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, code, message)}
}

// throttled is how the API refuses in practice.
func throttled() answer {
	return answer{status: 403, body: `{'error':{'code':'AF429','message':'Too many requests. Method=GetBlob, PublisherId=` + publisher + `'}}`}
}

// api is a Management Activity API that is strict about what it is asked.
type api struct {
	*httptest.Server
	t testing.TB

	mu      sync.Mutex
	now     time.Time
	subs    map[string]string // status by content type
	pieces  []piece
	canned  map[string][]answer // by the beginning of the operation, used up one by one
	lasting map[string]answer
	asked   []string          // method and operation of each request
	windows []snapshot.Window // that content was listed of
	starts  []string
	onList  func() // is called when content is listed
}

func startAPI(t testing.TB) *api {
	a := &api{t: t, now: noon(), subs: map[string]string{}, canned: map[string][]answer{}, lasting: map[string]answer{}}
	a.Server = httptest.NewUnstartedServer(a)
	a.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	a.StartTLS()
	t.Cleanup(a.Close)
	return a
}

// subscribed is an API to which both subscriptions exist.
func subscribed(t testing.TB, pieces ...piece) *api {
	a := startAPI(t)
	a.subs[activity.General], a.subs[activity.Directory] = "enabled", "enabled"
	a.pieces = pieces
	return a
}

// general makes a piece of Audit.General with records of these ids.
func general(id string, created time.Time, ids ...string) piece {
	records := make([]string, len(ids))
	for i, id := range ids {
		records[i] = `{"Id":"` + id + `"}`
	}
	return piece{id: id, contentType: activity.General, created: created, records: "[" + strings.Join(records, ",") + "]"}
}

// on sets answers to the next requests of operations that begin so.
func (a *api) on(operation string, answers ...answer) *api {
	a.canned[operation] = append(a.canned[operation], answers...)
	return a
}

// always sets the answer to all of them.
func (a *api) always(operation string, one answer) *api {
	a.lasting[operation] = one
	return a
}

func (a *api) take(operation string) (answer, bool) {
	for _, key := range slices.Sorted(maps.Keys(a.canned)) {
		if list := a.canned[key]; strings.HasPrefix(operation, key) && len(list) > 0 {
			a.canned[key] = list[1:]
			return list[0], true
		}
	}
	for key, one := range a.lasting {
		if strings.HasPrefix(operation, key) {
			return one, true
		}
	}
	return answer{}, false
}

// ServeHTTP is part of http.Handler.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	a.mu.Lock()
	operation, ok := strings.CutPrefix(r.URL.Path, root)
	switch {
	case !ok:
		a.t.Errorf("%s is not below the feed", r.URL.Path)
	case r.URL.Query().Get("PublisherIdentifier") != publisher:
		a.t.Errorf("%s %s without the publisher", r.Method, r.URL)
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
		a.t.Errorf("%s without a token", r.URL.Path)
	}
	a.asked = append(a.asked, r.Method+" "+operation)
	canned, ok := a.take(operation)
	if !ok || canned.after {
		sound := a.answer(r.Method, operation, r.URL.Query())
		if !ok {
			canned = sound
		}
	}
	w.Header().Set("Date", a.now.Format(http.TimeFormat))
	a.mu.Unlock()
	canned.send(w)
}

func (one answer) send(w http.ResponseWriter) {
	if one.reset {
		panic(http.ErrAbortHandler)
	}
	for name, value := range one.header {
		w.Header().Set(name, value)
	}
	if one.cut {
		w.Header().Set("Content-Length", "1000000")
	}
	if one.status != 0 {
		w.WriteHeader(one.status)
	}
	_, _ = io.WriteString(w, one.body)
	if one.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// answer is what the API says.
func (a *api) answer(method, operation string, query url.Values) answer {
	contentType := query.Get("contentType")
	switch {
	case operation == "subscriptions/list":
		list := []map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(a.subs)) {
			list = append(list, map[string]any{"contentType": name, "status": a.subs[name], "webhook": nil})
		}
		text, _ := json.Marshal(list)
		return answer{body: string(text)}
	case operation == "subscriptions/start" && method == http.MethodPost:
		a.starts = append(a.starts, contentType)
		if a.subs[contentType] == "enabled" {
			return af(400, "AF20024", "The subscription is already enabled. No property change.")
		}
		a.subs[contentType] = "enabled"
		return answer{body: `{"contentType":"` + contentType + `","status":"enabled","webhook":null}`}
	case operation == "subscriptions/content":
		return a.list(contentType, query)
	case strings.HasPrefix(operation, "audit/"):
		for _, p := range a.pieces {
			if "audit/"+p.id == operation {
				return answer{body: p.records}
			}
		}
		return af(404, "AF20050", "The specified content does not exist.")
	}
	a.t.Errorf("nobody may ask for %s %s", method, operation)
	return answer{status: 404}
}

// list answers with two pieces a page. Links to the next page lack the publisher.
func (a *api) list(contentType string, query url.Values) answer {
	const layout = "2006-01-02T15:04:05"
	from, wrong := time.Parse(layout, query.Get("startTime"))
	to, bad := time.Parse(layout, query.Get("endTime"))
	switch {
	case a.subs[contentType] != "enabled":
		return af(400, "AF20022", "No subscription found for the specified content type.")
	case wrong != nil || bad != nil || to.Sub(from) > day || to.Before(from) || from.Before(a.now.Add(-7*day)):
		return af(400, "AF20030", "Start time and end time must both be specified and must be less than or equal to 24 hours apart.")
	}
	start, _ := strconv.Atoi(query.Get("nextPage"))
	if start == 0 {
		a.windows = append(a.windows, snapshot.Window{From: from, To: to})
	}
	if a.onList != nil {
		a.onList()
	}
	items := []map[string]string{}
	next := ""
	at := -1
	for _, p := range a.pieces {
		if p.contentType != contentType || p.created.Before(from) || !p.created.Before(to) {
			continue
		}
		if at++; at < start {
			continue
		}
		if at == start+2 {
			next = strconv.Itoa(at)
			break
		}
		uri := p.uri
		if uri == "" {
			uri = a.URL + root + "audit/" + p.id
		}
		item := map[string]string{"contentType": contentType, "contentId": p.id, "contentUri": uri, "contentCreated": p.created.Format("2006-01-02T15:04:05.000Z")}
		if !p.expires.IsZero() {
			item["contentExpiration"] = p.expires.Format(time.RFC3339)
		}
		items = append(items, item)
	}
	text, _ := json.Marshal(items)
	out := answer{body: string(text)}
	if next != "" {
		query.Del("PublisherIdentifier")
		query.Set("nextPage", next)
		out.header = map[string]string{"NextPageUri": a.URL + root + "subscriptions/content?" + query.Encode()}
	}
	return out
}

// count is how often something was asked for.
func (a *api) count(request string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, asked := range a.asked {
		if asked == request {
			n++
		}
	}
	return n
}
