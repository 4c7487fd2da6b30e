package dataconnect_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leastwise/collector"
	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestRecordsThatCannotBeReadAreHoles(t *testing.T) {
	unknown := consent(map[string]any{"Id": "u", "RecordType": 500, "State": nil, "CreationTime": "2026-11-18T10:00:00.5"})
	undated := consent(map[string]any{"RecordType": 500, "State": nil, "CreationTime": "17:08:65"})
	point := "hole [2026-11-18T10:00:00Z,2026-11-18T10:00:01Z) blob:0: a MicrosoftGraphDataConnect record of the unknown type 500"
	for _, c := range []struct {
		name    string
		records []any
		covered dataconnect.Coverage
		want    string
	}{
		{"dated", []any{unknown}, covers(window(5, 0)), "partial from 5 [5,2026-11-18T10:00:00Z) [2026-11-18T10:00:01Z,0) " + point},
		{"undated", []any{undated}, covers(window(5, 0)), "partial hole [5,0) blob:0: a MicrosoftGraphDataConnect record of the unknown type 500"},
		{"none", []any{"null", consent(nil)}, covers(window(5, 4), window(3, 0)), "partial hole [5,4) blob:0: not an audit record hole [3,0) blob:0: not an audit record"},
		{"nothing covered", []any{"null"}, dataconnect.Coverage{}, "partial"},
		{"many", slices.Repeat([]any{unknown}, 101), covers(window(5, 0)), "partial hole [5,0) blob:100: a MicrosoftGraphDataConnect record of the unknown type 500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := collect(t, dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{&feed{records: c.records, covered: c.covered}}}).Dataset(snapshot.DataConnectEvents)
			got := told(d)
			if c.name == "many" { // the single ones stand there too
				got, _, _ = strings.Cut(got, " hole [2026")
			}
			if got != c.want || !strings.Contains(d.Reason, "blob:0: ") && c.name != "many" {
				t.Errorf("got  %s: %s\nwant %s", got, d.Reason, c.want)
			}
		})
	}
	first := collect(t, dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{&feed{records: []any{unknown}, covered: covers(window(5, 0))}}})
	d := collect(t, dataconnect.Options{Clock: fakegraph.Now, Previous: first, Feeds: []dataconnect.Feed{&feed{covered: covers(window(1, 0))}}}).Dataset(snapshot.DataConnectEvents)
	if want := "partial from 5 [5,2026-11-18T10:00:00Z) [2026-11-18T10:00:01Z,0) " + point; told(d) != want {
		t.Errorf("the next run says %s, want %s", told(d), want)
	}
	if !strings.HasPrefix(d.Reason, "a record of 2026-11-18T10:00:00Z was not read: blob:0: ") {
		t.Errorf("got %q", d.Reason)
	}
}

func TestEventsOfAFormerRunAreTakenOver(t *testing.T) {
	gap := snapshot.Gap{Row: "e1", Field: "/sinks", Reason: "expected a list, found 5"}
	undated := strings.Replace(wantOperation, `"at":"2026-03-02T00:00:00Z"`, `"atRaw":"soon"`, 1)
	previous := former(t, snapshot.DataConnectEvents, snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}, Gaps: []snapshot.Gap{gap}}, wantConsent, undated)
	today := operation(map[string]any{"Id": "o2"})
	s := collect(t, dataconnect.Options{
		Clock: fakegraph.Now, Previous: previous,
		Feeds: []dataconnect.Feed{&feed{records: []any{today, consent(nil)}, covered: covers(window(1, 0))}},
	})
	d := s.Dataset(snapshot.DataConnectEvents)
	want := []string{wantConsent, undated, strings.Replace(wantOperation, `"o1"`, `"o2"`, 1)}
	if rows := fakegraph.Rows(t, s, snapshot.DataConnectEvents); !slices.Equal(rows, want) {
		t.Errorf("got %v", rows)
	}
	if got := told(d); got != "partial from 30 [30,0)" || !d.Confined || d.Duplicates != 1 {
		t.Errorf("got %s, confined %v, %d duplicates: damaged rows are all there is", got, d.Confined, d.Duplicates)
	}
	if want := []snapshot.Gap{gap, {Row: "o1", Field: "/at", Reason: `"soon" is not an instant`}}; !slices.Equal(d.Gaps, want) {
		t.Errorf("got %v, want %v", d.Gaps, want)
	}
	if roles := s.Dataset(snapshot.RoleEvents); roles.Status != snapshot.Skipped {
		t.Errorf("roles: %+v", roles)
	}
}

func TestEventsThatConcernAnythingStayDoubtful(t *testing.T) {
	homeless := strings.Replace(wantConsent, `"appId":"aaaaaaaa-0000-4000-8000-000000000001",`, "", 1)
	nameless := strings.Replace(wantOperation, `"o1"`, `"without-id-1"`, 1)
	previous := former(t, snapshot.DataConnectEvents, snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}}, homeless, nameless)
	d := collect(t, dataconnect.Options{Clock: fakegraph.Now, Previous: previous, Feeds: []dataconnect.Feed{&feed{covered: covers(window(1, 0))}}}).Dataset(snapshot.DataConnectEvents)
	if want := "event e1 names no application; event without-id-1 has no id of its own"; d.Status != snapshot.Partial || d.Confined || d.Reason != want {
		t.Errorf("got %s, confined %v: %s", d.Status, d.Confined, d.Reason)
	}
}

func TestADamagedFormerRunIsNotTakenOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "former")
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: fakegraph.TenantID}, snapshot.Tool{}, fakegraph.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := collector.Collect(t.Context(), w, dataconnect.New(dataconnect.Options{
		Clock: fakegraph.Now, Feeds: []dataconnect.Feed{&feed{records: []any{consent(nil)}, covered: covers(window(30, 0))}},
	})); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(fakegraph.Now()); err != nil {
		t.Fatal(err)
	}
	previous, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	damaged := previous.Manifest.Datasets[snapshot.DataConnectEvents]
	damaged.SHA256 = strings.Repeat("0", 64)
	previous.Manifest.Datasets[snapshot.DataConnectEvents] = damaged
	s := collect(t, dataconnect.Options{Clock: fakegraph.Now, Previous: previous, Feeds: []dataconnect.Feed{&feed{covered: covers(window(1, 0))}}})
	d := s.Dataset(snapshot.DataConnectEvents)
	if told(d) != "partial from 1 [1,0)" || d.Rows != 0 || !strings.Contains(d.Reason, "the events of the former snapshot were not taken over") {
		t.Errorf("got %s, %d rows: %s", told(d), d.Rows, d.Reason)
	}
	previous.Manifest.Tenant.ID = "99999999-0000-4000-8000-000000000009"
	w, err = snapshot.Create(filepath.Join(t.TempDir(), "snap"), snapshot.Tenant{ID: fakegraph.TenantID}, snapshot.Tool{}, fakegraph.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := collector.Collect(t.Context(), w, dataconnect.New(dataconnect.Options{Clock: fakegraph.Now, Previous: previous})); err == nil || !strings.Contains(err.Error(), "of tenant 99999999") {
		t.Errorf("got error %v, want one about the tenant", err)
	}
	if err := errors.Join(w.Abort(), os.RemoveAll(dir)); err != nil {
		t.Fatal(err)
	}
}
