package usage_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector"
	"leastwise/collector/snapshot"
	"leastwise/collector/usage"
)

func instant(t *testing.T, text string) *time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return &at
}

// collect reads exports into a snapshot at dir.
func collect(t *testing.T, dir string, opts usage.SourceOptions) (*snapshot.Snapshot, error) {
	t.Helper()
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: tenant, Cloud: "global"}, snapshot.Tool{Name: "leastwise"}, *instant(t, "2026-11-20T00:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if err := collector.Collect(t.Context(), w, usage.New(opts)); err != nil {
		if aborted := w.Abort(); aborted != nil {
			t.Fatal(aborted)
		}
		return nil, err
	}
	if err := w.Commit(*instant(t, "2026-11-20T00:01:00Z")); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, nil
}

// reach is how far a dataset is known.
func reach(d snapshot.Dataset) string {
	short := func(at time.Time) string { return at.UTC().Format("02T15:04") }
	text := string(d.Status)
	if d.From != nil {
		text += " since " + short(*d.From)
	}
	for _, w := range d.Windows {
		text += " [" + short(w.From) + " " + short(w.To) + "]"
	}
	for _, h := range d.Holes {
		text += " hole " + short(h.From) + " " + short(h.To)
	}
	for _, w := range d.Provisional {
		text += " provisional " + short(w.From) + " " + short(w.To)
	}
	return text
}

func rows(t *testing.T, s *snapshot.Snapshot) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for raw, err := range s.Rows(snapshot.GraphActivity) {
		if err != nil {
			t.Fatal(err)
		}
		var row map[string]any
		if err := json.Unmarshal(raw, &row); err != nil {
			t.Fatal(err)
		}
		found[fmt.Sprint(row["id"])] = row
	}
	return found
}

// blobs writes calls as a storage account has them.
func blobs(t *testing.T, list []call) string {
	t.Helper()
	dir := t.TempDir()
	for _, c := range list {
		at := *instant(t, c.at)
		path := filepath.Join(dir, "tenantId="+tenant, at.Format("y=2006/m=01/d=02/h=15"), "m=00", "PT1H.json")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		old, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(old, encode(t, diagnostic(c))...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReach(t *testing.T) {
	list := calls()
	file := save(t, "a.ndjson", lines(t, list))
	holey := slices.Concat(list[:2], list[8:]) // of the hours 5 and 7
	from, to := instant(t, "2026-11-01T00:00:00Z"), instant(t, "2026-11-03T00:00:00Z")
	for _, c := range []struct {
		name string
		opts usage.SourceOptions
		want string
	}{
		{"nothing", usage.SourceOptions{}, "skipped"},
		{"observed", usage.SourceOptions{Paths: []string{file}}, "collected [02T05:10 02T07:05] provisional 02T05:10 02T07:05"},
		{"declared", usage.SourceOptions{Paths: []string{file}, From: from, To: to}, "collected since 01T00:00 [01T00:00 03T00:00]"},
		{"declared to the last", usage.SourceOptions{Paths: []string{file}, From: from}, "collected since 01T00:00 [01T00:00 02T07:05]"},
		{"blobs", usage.SourceOptions{Paths: []string{blobs(t, list)}}, "collected since 02T05:00 [02T05:00 02T07:05]"},
		{"blobs of which one is missing", usage.SourceOptions{Paths: []string{blobs(t, holey)}}, "partial since 02T05:00 [02T05:00 02T06:00] [02T07:00 02T07:05] hole 02T06:00 02T07:00"},
		{"declared blobs", usage.SourceOptions{Paths: []string{blobs(t, holey)}, From: instant(t, "2026-11-02T05:00:00Z"), To: instant(t, "2026-11-02T08:00:00Z")}, "partial since 02T05:00 [02T05:00 02T06:00] [02T07:00 02T08:00] hole 02T06:00 02T07:00"},
		{"blobs and a file", usage.SourceOptions{Paths: []string{blobs(t, holey), file}}, "collected [02T05:10 02T07:05] provisional 02T05:10 02T07:05"},
		{"a list with further pages", usage.SourceOptions{Paths: []string{save(t, "a.json", encode(t, map[string]any{"@odata.nextLink": "x", "value": flatRows(list)}))}, From: from}, "partial [01T00:00 02T07:05] provisional 01T00:00 02T07:05"},
		{"no calls", usage.SourceOptions{Paths: []string{save(t, "a.csv", []byte("AppId,Permission,InUse\n"+sync+",Mail.Read,No\n"))}, From: from, To: to}, "collected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := collect(t, filepath.Join(t.TempDir(), "s"), c.opts)
			if err != nil {
				t.Fatal(err)
			}
			if got := reach(s.Dataset(snapshot.GraphActivity)); got != c.want {
				t.Errorf("got  %s\nwant %s (%s)", got, c.want, s.Dataset(snapshot.GraphActivity).Reason)
			}
		})
	}
	if _, err := collect(t, filepath.Join(t.TempDir(), "s"), usage.SourceOptions{Paths: []string{file}, From: instant(t, "2026-11-10T00:00:00Z")}); err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("got %v", err)
	}
}

// An export cut off at a limit of its service says so.
func TestCut(t *testing.T) {
	for _, n := range []int{1_000, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) { testCut(t, n-1) })
	}
}

func testCut(t *testing.T, n int) {
	t.Helper()
	var text []byte
	one := string(lines(t, calls()[:1]))
	for i := range n {
		text = append(text, strings.Replace(one, `"r-1"`, fmt.Sprintf(`"n-%d"`, i), 1)...)
	}
	text = append(text, lines(t, calls()[9:10])...)
	s, err := collect(t, filepath.Join(t.TempDir(), "s"), usage.SourceOptions{Paths: []string{save(t, "a.ndjson", text)}, From: instant(t, "2026-11-01T00:00:00Z")})
	if err != nil {
		t.Fatal(err)
	}
	d := s.Dataset(snapshot.GraphActivity)
	if d.Status != snapshot.Partial || d.From != nil || !strings.Contains(d.Reason, "where exports are cut off") {
		t.Errorf("got %s: %s", reach(d), d.Reason)
	}
}

func TestRows(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string][]byte{
		"calls.ndjson": lines(t, calls()), "use.csv": []byte("AppId,Permission,PermissionType,InUse\n" + sync + ",Mail.Read,Application,No\n"),
		"sign-ins.csv": []byte("TimeGenerated,Id,AppId,UserId,ResultType\n2026-11-01T00:00:00Z,1," + sync + ",,0\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := collect(t, filepath.Join(t.TempDir(), "s"), usage.SourceOptions{Options: options(), Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	got := rows(t, s)
	want := []string{
		"calls/" + sync + "/application/GET/users", "calls/" + sync + "/application/PATCH/users/{id}", "calls/" + sync + "/application/POST/users",
		"calls/" + portal + "/delegated/GET/me", "calls/" + portal + "/delegated/GET/me/drive/items/{id}/content", "calls/" + portal + "/delegated/GET/me/messages/{id}/attachments",
		"in_use/" + sync + "//Mail.Read/application", "left_out/" + auditor, "sign_in/" + sync + "/application",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Error(diff)
	}
	one := map[string]any{
		"id": want[0], "evidence": "calls", "appId": sync, "kind": "application", "method": "GET", "path": "/users", "calls": 2.0,
		"firstAt": "2026-11-02T05:10:00.123Z", "lastAt": "2026-11-02T05:11:00Z",
	}
	if diff := cmp.Diff(one, got[want[0]]); diff != "" {
		t.Error(diff)
	}
	if got := got["sign_in/"+sync+"/application"]["lastAt"]; got != "2026-11-01T00:00:00Z" {
		t.Errorf("got %v", got)
	}
}

// A second run adds to the first one; the same files again change nothing.
func TestSecondRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	list := calls()
	from, to := instant(t, "2026-11-02T00:00:00Z"), instant(t, "2026-11-02T06:00:00Z")
	run := func(list []call, from, to *time.Time) *snapshot.Snapshot {
		t.Helper()
		previous, err := snapshot.Open(dir)
		if err != nil {
			previous = nil
		}
		s, err := collect(t, dir, usage.SourceOptions{Options: options(), Paths: []string{save(t, "a.ndjson", lines(t, list))}, From: from, To: to, Previous: previous})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := append(slices.Clone(list[:3]), list[6])
	first[3].at = "2026-11-02T05:30:00Z"
	run(first, from, to)
	s := run(first, from, to)
	key := "calls/" + sync + "/application/GET/users"
	if got := rows(t, s)[key]["calls"]; got != 2.0 {
		t.Errorf("%v calls", got)
	}
	more := list[0]
	more.at = "2026-11-03T01:00:00Z"
	s = run(append(slices.Clone(list[3:]), more), to, instant(t, "2026-11-04T00:00:00Z"))
	if got := rows(t, s)[key]; got["calls"] != 3.0 || got["firstAt"] != "2026-11-02T05:10:00.123Z" || got["lastAt"] != "2026-11-03T01:00:00Z" {
		t.Errorf("got %v", got)
	}
	if got, want := reach(s.Dataset(snapshot.GraphActivity)), "collected since 02T00:00 [02T00:00 04T00:00]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	more.at = "2026-11-05T01:00:00Z"
	s = run([]call{more}, nil, nil)
	if got, want := reach(s.Dataset(snapshot.GraphActivity)), "partial since 02T00:00 [02T00:00 04T00:00] [05T01:00 05T01:00] hole 04T00:00 05T01:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A declaration is believed as far as the calls bear it out: where they begin or end more than a week within it, and
// where all are of one application, as of an export that was filtered.
func TestDeclaredTooMuch(t *testing.T) {
	list := calls() // of 2 November, 05:10 to 07:05
	for _, c := range []struct {
		name, from, to string
		list           []call
		want, says     string
	}{
		{"a week before and after", "2026-10-26T05:11:00Z", "2026-11-09T07:05:00Z", list, "collected since 26T05:11 [26T05:11 09T07:05]", "declared to be whole"},
		{"more before", "2020-01-01T00:00:00Z", "2026-11-03T00:00:00Z", list, "collected since 02T05:10 [02T05:10 03T00:00]", "for more than 7 days before"},
		{"more after", "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z", list, "collected since 01T00:00 [01T00:00 02T07:05]", "for more than 7 days after 2026-11-02T07:05Z"},
		{"one application", "2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z", list[:6], "collected [01T00:00 03T00:00] provisional 01T00:00 03T00:00", "all calls are of one application"},
		{"one application and the auditor", "2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z", append(slices.Clone(list[:6]), list[11]), "collected since 01T00:00 [01T00:00 03T00:00]", "declared to be whole"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := collect(t, filepath.Join(t.TempDir(), "s"), usage.SourceOptions{
				Options: options(), Paths: []string{save(t, "a.ndjson", lines(t, c.list))}, From: instant(t, c.from), To: instant(t, c.to),
			})
			if err != nil {
				t.Fatal(err)
			}
			d := s.Dataset(snapshot.GraphActivity)
			if got := reach(d); got != c.want || !strings.Contains(d.Reason, c.says) {
				t.Errorf("got  %s (%s)\nwant %s", got, d.Reason, c.want)
			}
		})
	}
}

// What App governance said last is known with its day. That an export without days says again what the one before
// said is nothing new, so that it becomes old.
func TestGovernanceOfSeveralRuns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	run := func(now, text string) string {
		t.Helper()
		previous, err := snapshot.Open(dir)
		if err != nil {
			previous = nil
		}
		opts := options()
		opts.Now = *instant(t, now)
		s, err := collect(t, dir, usage.SourceOptions{Options: opts, Paths: []string{save(t, "a.csv", []byte(text))}, Previous: previous})
		if err != nil {
			t.Fatal(err)
		}
		row := rows(t, s)["in_use/"+sync+"//Mail.Read/application"]
		return fmt.Sprint(row["inUse"], " ", row["lastAt"])
	}
	undated := "AppId,Permission,PermissionType,InUse\n" + sync + ",Mail.Read,Application,%s\n"
	of := func(at, says string) string {
		return "Timestamp,AppId,Permission,PermissionType,InUse\n" + at + "," + sync + ",Mail.Read,Application," + says + "\n"
	}
	for _, c := range []struct{ now, text, want string }{
		{"2026-05-01T10:00:00Z", fmt.Sprintf(undated, "Yes"), "true 2026-05-01T00:00:00Z"},
		{"2026-06-01T10:00:00Z", fmt.Sprintf(undated, "Yes"), "true 2026-05-01T00:00:00Z"},
		{"2026-06-02T10:00:00Z", of("2026-05-31T00:00:00Z", "Yes"), "true 2026-05-31T00:00:00Z"},
		{"2026-06-03T10:00:00Z", of("2026-05-30T00:00:00Z", "No"), "true 2026-05-31T00:00:00Z"},
		{"2026-06-04T10:00:00Z", of("2026-06-03T00:00:00Z", "Not supported"), "true 2026-05-31T00:00:00Z"},
		{"2026-06-05T10:00:00Z", of("2026-06-04T00:00:00Z", "No"), "false 2026-06-04T00:00:00Z"},
		{"2026-06-06T10:00:00Z", "AppId,Permission,PermissionType,InUse\n" + portal + ",Mail.Read,Application,Yes\n", "false 2026-06-04T00:00:00Z"},
		{"2026-06-07T10:00:00Z", fmt.Sprintf(undated, "Yes"), "true 2026-06-07T00:00:00Z"},
	} {
		if got := run(c.now, c.text); got != c.want {
			t.Errorf("%s: got %s, want %s", c.now, got, c.want)
		}
	}
}

func TestParseInterval(t *testing.T) {
	parse := func(text string) (time.Time, bool) { at, err := time.Parse(time.DateOnly, text); return at, err == nil }
	now := *instant(t, "2026-11-20T00:00:00Z")
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"2026-11-01", "", ""},
		{"2026-11-01", "2026-11-20", ""},
		{"", "2026-11-01", "to without from"},
		{"x", "", "is not an instant"},
		{"2026-11-02", "2026-11-02", "is not before"},
		{"2026-11-02", "2026-11-21", "is yet to come"},
	} {
		from, to, err := usage.ParseInterval(c.from, c.to, parse, now)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || err == nil && ((from != nil) != (c.from != "") || (to != nil) != (c.to != "")) {
			t.Errorf("%s–%s: got %v, %v, %v", c.from, c.to, from, to, err)
		}
	}
}
