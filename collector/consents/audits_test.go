package consents_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/consents"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const path = "/v1.0/auditLogs/directoryAudits"

func auditor() map[string]any {
	return map[string]any{"idtyp": "app", "roles": []string{"AuditLog.Read.All"}}
}

func ago(days int) time.Time { return fakegraph.Now().AddDate(0, 0, -days) }

func record(id string, days int) string {
	return fmt.Sprintf(`{"id":%q,"activityDateTime":%q,"activityDisplayName":"Consent to application"}`, id, ago(days).Format(time.RFC3339))
}

// told is how far a reading came, in days before now.
func told(c snapshot.Covered) string {
	var b strings.Builder
	span := func(from, to time.Time) string {
		return fmt.Sprintf("[%g,%g)", fakegraph.Now().Sub(from).Hours()/24, fakegraph.Now().Sub(to).Hours()/24)
	}
	for _, w := range c.Windows {
		b.WriteString(" " + span(w.From, w.To))
	}
	for _, h := range c.Holes {
		b.WriteString(" hole " + span(h.From, h.To))
	}
	if c.Missing != nil {
		b.WriteString(" " + string(c.Missing.Status))
	}
	return strings.TrimSpace(b.String())
}

func read(t *testing.T, g *fakegraph.Graph, claims map[string]any, state snapshot.State) (snapshot.Covered, []string) {
	t.Helper()
	audits, err := consents.New(consents.Options{Graph: g.Client(claims), Clock: g.Clock})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	covered, err := audits.Read(t.Context(), state, func(raw json.RawMessage, _ string) error {
		var row struct{ ID string }
		if err := json.Unmarshal(raw, &row); err != nil {
			return err
		}
		ids = append(ids, row.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return covered, ids
}

func knows(windows ...[2]int) snapshot.State {
	state := snapshot.State{}
	for _, w := range windows {
		state.Windows = append(state.Windows, snapshot.Window{From: ago(w[0]), To: ago(w[1])})
	}
	return state
}

func TestHowFarAuditsReach(t *testing.T) {
	probe := path + "?$top=1"
	for _, c := range []struct {
		name  string
		rows  []string
		old   []string // what is found at the end of 30 days
		state snapshot.State
		want  string
		calls int
	}{
		{"licensed", []string{record("a", 3)}, []string{record("x", 29)}, snapshot.State{}, "[29,0)", 2},
		{"older than 30 days", nil, []string{record("x", 31)}, snapshot.State{}, "[30,0)", 2},
		{"nothing tells of a licence", []string{record("a", 3)}, nil, snapshot.State{}, "[7,0)", 2},
		{"an old record tells", []string{record("a", 3), record("b", 12)}, nil, snapshot.State{}, "[12,0)", 2},
		{"the feed has the last days", []string{record("a", 12)}, []string{record("x", 29)}, knows([2]int{5, 0}), "[29,5)", 2},
		{"and nothing tells of a licence", nil, nil, knows([2]int{5, 0}), "[7,5)", 2},
		{"since the last run", []string{record("a", 1)}, nil, knows([2]int{60, 2}), "[3,0)", 1},
		{"all is known", nil, nil, knows([2]int{60, 0}), "", 0},
		{"between", nil, nil, knows([2]int{60, 6}, [2]int{3, 0}), "[7,3)", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(path, fakegraph.Value(c.rows...)).On(probe, fakegraph.Value(c.old...))
			covered, ids := read(t, g, auditor(), c.state)
			if got := told(covered); got != c.want || len(g.Requests(path)) != c.calls || len(ids) != len(c.rows) || covered.Requests != c.calls {
				t.Errorf("got %q after %d calls, %v; want %q after %d", got, len(g.Requests(path)), ids, c.want, c.calls)
			}
			if strings.HasPrefix(c.want, "[7,") && c.calls == 2 && !strings.Contains(covered.Reason, "no more than 7 days") {
				t.Errorf("reason %q", covered.Reason)
			}
		})
	}
}

func TestAuditsAreFiltered(t *testing.T) {
	g := fakegraph.Start(t).On(path, fakegraph.Value()).On(path+"?$top=1", fakegraph.Value())
	read(t, g, auditor(), snapshot.State{})
	filter := g.Requests(path)[0].Query.Get("$filter")
	for _, want := range []string{
		"activityDateTime ge " + ago(30).Format(time.RFC3339), "activityDateTime le " + ago(0).Format(time.RFC3339),
		"startswith(activityDisplayName,'Consent to application') or ", "startswith(activityDisplayName,'Remove OAuth2PermissionGrant')",
		"startswith(activityDisplayName,'Update delegat')", "startswith(activityDisplayName,'Update OAuth2PermissionGrant')",
	} {
		if !strings.Contains(filter, want) {
			t.Errorf("%s lacks %s", filter, want)
		}
	}
}

// A Graph that does not take several names is asked for one after the other, and no faster than five times in ten seconds.
func TestAuditsOneNameAfterTheOther(t *testing.T) {
	t.Parallel()
	refusal := fakegraph.Answer{Status: http.StatusBadRequest, Body: `{"error":{"code":"BadRequest","message":"Invalid filter clause"}}`}
	g := fakegraph.Start(t).On(path, refusal, fakegraph.Value(record("a", 3)), fakegraph.Value()).On(path+"?$top=1", fakegraph.Value())
	covered, ids := read(t, g, auditor(), snapshot.State{})
	if got := told(covered); got != "[7,0)" || !slices.Equal(ids, []string{"a"}) || len(g.Requests(path)) != 11 {
		t.Errorf("got %q, %v after %d calls", got, ids, len(g.Requests(path)))
	}
}

// What Graph refuses is asked for in another way, or not said to be read: a refusal is never an empty answer.
func TestAuditsThatAreRefused(t *testing.T) {
	refusal := fakegraph.Answer{Status: http.StatusBadRequest, Body: `{"error":{"code":"BadRequest","message":"Invalid filter clause"}}`}
	none, found := fakegraph.Value(), fakegraph.Value(record("a", 3))
	for _, c := range []struct {
		name    string
		answers []fakegraph.Answer
		state   snapshot.State
		want    string
		ids     []string
	}{
		{"any filter", []fakegraph.Answer{refusal}, snapshot.State{}, "hole [7,0) failed", nil},
		{"what is old", []fakegraph.Answer{refusal, refusal, found}, snapshot.State{}, "[7,0)", []string{"a"}},
		{"what is old, and nothing newer is open", []fakegraph.Answer{refusal}, knows([2]int{20, 0}), "", nil},
		{"a name in the middle", []fakegraph.Answer{refusal, found, none, refusal}, snapshot.State{}, "hole [7,0)", []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(path, c.answers...).On(path+"?$top=1", refusal)
			covered, ids := read(t, g, auditor(), c.state)
			if got := told(covered); got != c.want || !slices.Equal(ids, c.ids) {
				t.Errorf("got %q, %v; want %q, %v", got, ids, c.want, c.ids)
			}
		})
	}
}

func TestAuditsFollowPages(t *testing.T) {
	first := fakegraph.Answer{Body: `{"value":[` + record("a", 3) + `],"@odata.nextLink":"{{graph}}` + path + `?$skiptoken=2"}`}
	g := fakegraph.Start(t).On(path, first).On(path+"?$skiptoken=2", fakegraph.Value(record("b", 10))).On(path+"?$top=1", fakegraph.Value())
	covered, ids := read(t, g, auditor(), snapshot.State{})
	if got := told(covered); got != "[10,0)" || !slices.Equal(ids, []string{"a", "b"}) {
		t.Errorf("got %q, %v", got, ids)
	}
}

func TestAuditsThatCannotBeRead(t *testing.T) {
	unlicensed := fakegraph.Answer{Status: http.StatusForbidden, Body: `{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"no premium license"}}`}
	broken := fakegraph.Answer{Status: http.StatusNotFound, Body: `{"error":{"code":"x","message":"y"}}`} // which is not tried again
	page := fakegraph.Answer{Body: `{"value":[` + record("a", 3) + `],"@odata.nextLink":"{{graph}}` + path + `?$skiptoken=2"}`}
	for _, c := range []struct {
		name   string
		claims map[string]any
		answer fakegraph.Answer
		state  snapshot.State
		want   string
		calls  bool
	}{
		{"no permission", map[string]any{"idtyp": "app", "roles": []string{"Directory.Read.All"}}, fakegraph.Value(), snapshot.State{}, "denied", false},
		{"denied", nil, fakegraph.Denied(), snapshot.State{}, "hole [7,0) denied", true},
		{"unlicensed", auditor(), unlicensed, snapshot.State{}, "hole [7,0) unlicensed", true},
		{"unlicensed, beside the feed", auditor(), unlicensed, knows([2]int{5, 0}), "hole [7,5) unlicensed", true},
		{"broken", auditor(), broken, snapshot.State{}, "hole [7,0) failed", true},
		{"broken off", auditor(), page, snapshot.State{}, "hole [7,0)", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t).On(path, c.answer).On(path+"?$skiptoken=2", broken)
			covered, _ := read(t, g, c.claims, c.state)
			if got := told(covered); got != c.want || (len(g.Requests(path)) > 0) != c.calls {
				t.Errorf("got %q after %d calls, want %q", got, len(g.Requests(path)), c.want)
			}
		})
	}
}

// The probe for older records proves nothing when it fails.
func TestAuditsWithoutAnAnswerToTheProbe(t *testing.T) {
	g := fakegraph.Start(t).On(path, fakegraph.Value(record("a", 3))).On(path+"?$top=1", fakegraph.Denied())
	if covered, _ := read(t, g, auditor(), snapshot.State{}); told(covered) != "[7,0)" {
		t.Errorf("got %q", told(covered))
	}
}

func TestWhoTakesRecordsEndsTheRun(t *testing.T) {
	g := fakegraph.Start(t).On(path, fakegraph.Value(record("a", 3)))
	audits, err := consents.New(consents.Options{Graph: g.Client(auditor()), Clock: g.Clock})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	if _, err := audits.Read(t.Context(), snapshot.State{}, func(json.RawMessage, string) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if _, err := consents.New(consents.Options{Clock: g.Clock}); err == nil {
		t.Error("no Graph, and no error")
	}
}

func TestReadersOfAuditsAreNoted(t *testing.T) {
	g := fakegraph.Start(t).On(path, fakegraph.Value()).On(path+"?$top=1", fakegraph.Value())
	s := fakegraph.Snapshot(t, func(w *snapshot.Writer) error {
		audits, err := consents.New(consents.Options{Graph: g.Client(auditor()), Clock: g.Clock})
		if err != nil {
			return err
		}
		audits.Attach(w)
		_, err = audits.Read(t.Context(), snapshot.State{}, nil)
		return err
	})
	ids := s.Manifest.Identities
	if len(ids) != 1 || !slices.Equal(ids[0].Datasets, []string{snapshot.ConsentEvents}) || len(ids[0].Needs) != 1 || !slices.Equal(ids[0].Needs[0].Least, consents.Permissions()) {
		t.Errorf("identities %+v", ids)
	}
}
