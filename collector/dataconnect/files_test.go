package dataconnect_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"

	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// folder writes files into a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// table writes records as Export-Csv does.
func table(t *testing.T, separator rune, lines ...[]string) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = separator, true
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func utf16le(text string) string {
	units := append([]uint16{0xfeff}, utf16.Encode([]rune(text))...)
	var b bytes.Buffer
	for _, unit := range units {
		b.Write(binary.LittleEndian.AppendUint16(nil, unit))
	}
	return b.String()
}

func TestEventsOfAFolder(t *testing.T) {
	head := []string{"RecordType", "CreationDate", "UserIds", "Operations", "AuditData", "Identity"}
	line := func(record map[string]any) []string {
		return []string{"MicrosoftGraphDataConnectConsent", "01.03.2026 09:30:00", "who@testco", "x", encode(t, record), "other"}
	}
	powershell := table(t, ',', head, line(consent(nil)), line(operation(nil)))
	both := []string{wantConsent, wantOperation}
	for _, c := range []struct {
		name   string
		files  map[string]string
		rows   []string
		reason string
	}{
		{"of every kind", map[string]string{
			"b.json": encode(t, []any{consent(nil)}), "a.NDJSON": encode(t, operation(nil)) + "\r\n\r\n" + encode(t, consent(nil)), "c.jsonl": encode(t, operation(nil)) + "\n",
			"d.CSV": powershell, ".x.json": "not read", ".git/x.txt": "not read",
		}, both, ""},
		{"of folders", map[string]string{"2026/10/a.json": encode(t, consent(nil)), "b.json": encode(t, operation(nil))}, both, ""},
		{"a broken one of a folder", map[string]string{"2026/10/a.json": "{", "b.json": encode(t, operation(nil))}, both[1:], "2026/10/a.json:1: the JSON breaks off"},
		{"of another kind", map[string]string{"a.txt": "x", "b.json": encode(t, operation(nil))}, both[1:], "a.txt is not read; hint: save it as *.csv, *.json, *.jsonl, *.ndjson, or take it out of the folder"},
		{"packed", map[string]string{"old/a.csv.gz": "x", "b.json": encode(t, operation(nil))}, both[1:], "old/a.csv.gz is not read"},
		{"without an end", map[string]string{"events": "x", "b.json": encode(t, operation(nil))}, both[1:], "events is not read"},
		{"a table", map[string]string{"a.csv": powershell}, both, ""},
		{"a table of Windows PowerShell", map[string]string{"a.csv": utf16le("#TYPE Selected.System.Object\r\n" + powershell)}, both, ""},
		{"a table with a mark", map[string]string{"a.csv": "\xef\xbb\xbf" + powershell}, both, ""},
		{"a table of another country", map[string]string{"a.csv": table(t, ';', head, line(consent(nil)))}, both[:1], ""},
		{"a table of the portal", map[string]string{"a.csv": table(t, ',', []string{"RecordId", "CreationDate", "RecordType", "Operation", "AuditData"}, []string{"e1", "2026-03-01T09:30:00.0000000Z", "219", "x", encode(t, consent(map[string]any{"Id": nil, "RecordType": nil, "CreationTime": nil}))})}, both[:1], ""},
		{"a table without the records", map[string]string{"a.csv": table(t, ',', []string{"CreationDate", "UserIds"}, []string{"x", "y"}), "b.json": encode(t, consent(nil))}, both[:1], "a.csv:2: the table has no column AuditData; hint: "},
		{"a table with an empty record", map[string]string{"a.csv": table(t, ',', head, line(consent(nil)), []string{"x", "", "", "", "", ""})}, both[:1], "a.csv:3: not an audit record"},
		{"a table with a record that breaks off", map[string]string{"a.csv": table(t, ',', head, []string{"x", "", "", "", `{"Id":"e`, ""}, line(consent(nil)))}, both[:1], "a.csv:2: not an audit record"},
		{"a broken table", map[string]string{"a.csv": powershell + "\"\"x"}, both, "a.csv:4: "},
		{"lines in UTF-16", map[string]string{"a.ndjson": utf16le(encode(t, consent(nil)) + "\r\n" + encode(t, operation(nil)))}, both, ""},
		{"lines and lists", map[string]string{"a.json": encode(t, consent(nil)) + "\n" + encode(t, map[string]any{"value": []any{operation(nil)}}) + "\n" + encode(t, consent(nil)) + "\n"}, both, ""},
		{"a page of a list", map[string]string{"a.json": `{"value":[` + encode(t, consent(nil)) + `],"@odata.nextLink":"https://x"}`}, both[:1], "nextLink"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, dataconnect.Options{Events: folder(t, c.files)})
			d, rows := s.Dataset(snapshot.DataConnectEvents), fakegraph.Rows(t, s, snapshot.DataConnectEvents)
			if !slices.Equal(rows, c.rows) || (d.Status == snapshot.Partial) != (c.reason != "") || !strings.Contains(d.Reason, c.reason) {
				t.Errorf("%s: %s\ngot  %v\nwant %v and %s", d.Status, d.Reason, rows, c.rows, c.reason)
			}
		})
	}
	only := collect(t, dataconnect.Options{Events: folder(t, map[string]string{"a.csv.gz": "x"})}).Dataset(snapshot.DataConnectEvents)
	if only.Status != snapshot.Failed || !strings.Contains(only.Reason, "a.csv.gz is not read") {
		t.Errorf("got %+v", only)
	}
	for name, path := range map[string]string{"an empty folder": t.TempDir(), "an empty folder in a folder": folder(t, map[string]string{"a/.x": ""}), "no such folder": filepath.Join(t.TempDir(), "absent")} {
		d := collect(t, dataconnect.Options{Events: path}).Dataset(snapshot.DataConnectEvents)
		if d.Status != snapshot.Failed || d.Reason == "" {
			t.Errorf("%s: got %+v", name, d)
		}
	}
}

// Saved events are complete to the newest of them, when all could be read.
func TestSavedEventsReachToTheNewest(t *testing.T) {
	from := day(180)
	sound := encode(t, consent(nil)) + "\n" + encode(t, map[string]any{"Workload": "Exchange", "CreationTime": "2026-11-18T00:00:00"}) + "\n"
	unknown := consent(map[string]any{"RecordType": 500, "State": nil, "CreationTime": "2026-11-17T00:00:00"})
	undated := maps.Clone(unknown)
	undated["CreationTime"] = "soon"
	feeds := []dataconnect.Coverage{covers(window(5, 0))}
	for _, c := range []struct {
		name, text string
		meta       *snapshot.Dataset
		feeds      []dataconnect.Coverage
		want       string
		reason     string
	}{
		{"sound", sound, nil, nil, "collected from 180 [180,2)", "saved events end at 2026-11-18T00:00Z"},
		{"newer than now", sound + encode(t, operation(map[string]any{"CreationTime": "2027-01-01T00:00:00Z"})), nil, nil, "collected from 180 [180,2)", "saved events end at 2026-11-18T00:00Z"},
		{"only newer than now", encode(t, operation(map[string]any{"CreationTime": "2027-01-01T00:00:00Z"})), nil, nil, "collected", "they end before"},
		{"broken", sound + "{", nil, nil, "partial", "saved events are not taken for complete from 2026-05-24T00:00Z: not all of them could be read"},
		{"a record that is lost", sound + encode(t, unknown), nil, nil, "partial from 180 [180,3) [2026-11-17T00:00:01Z,2) hole [3,2026-11-17T00:00:01Z) events.json:3: a MicrosoftGraphDataConnect record of the unknown type 500", ""},
		{"a record that is lost at an unknown time", sound + encode(t, undated), nil, nil, "partial", "not all of them could be read"},
		{"older than from", encode(t, operation(map[string]any{"CreationTime": "2025-01-01T00:00:00Z"})), nil, nil, "collected", "saved events are not taken for complete from 2026-05-24T00:00Z: they end before"},
		{"no events", "[]", nil, nil, "collected", "they end before"},
		{"with a feed", sound, nil, feeds, "collected from 180 [180,0)", ""},
		{"with a feed, later", encode(t, operation(map[string]any{"CreationTime": "2026-11-01T00:00:00Z"})), nil, feeds, "partial from 180 [180,19) [5,0) hole [19,5) " + nobody, ""},
		{"after a run with feeds", sound, &snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}}, nil, "collected from 180 [180,1)", ""},
		{"broken after a run with feeds", "{", &snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}}, nil, "partial from 30 [30,1) hole [1,0) events.json:1: the JSON breaks off (column 1)", ""},
		{"broken after a run without windows", "{", &snapshot.Dataset{}, nil, "partial", "events.json:1: the JSON breaks off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := dataconnect.Options{Clock: fakegraph.Now, EventsFrom: &from, Events: filepath.Join(folder(t, map[string]string{"events.json": c.text}), "events.json")}
			if c.meta != nil {
				opts.Previous = former(t, snapshot.DataConnectEvents, *c.meta)
			}
			for _, covered := range c.feeds {
				opts.Feeds = append(opts.Feeds, &feed{covered: covered})
			}
			d := collect(t, opts).Dataset(snapshot.DataConnectEvents)
			if got := told(d); got != c.want || !strings.Contains(d.Reason, c.reason) {
				t.Errorf("got  %s: %s\nwant %s: %s", got, d.Reason, c.want, c.reason)
			}
		})
	}
	without := dataconnect.Options{
		Clock: fakegraph.Now, Events: folder(t, map[string]string{"a.json": sound}),
		Previous: former(t, snapshot.DataConnectEvents, snapshot.Dataset{Windows: []snapshot.Window{window(30, 1)}}),
	}
	if got, want := told(collect(t, without).Dataset(snapshot.DataConnectEvents)), "partial from 30 [30,1) hole [1,0) it was not read in this run"; got != want {
		t.Errorf("events of which nobody knows how far they reach: got %s, want %s", got, want)
	}
	if d := collect(t, dataconnect.Options{Events: without.Events}).Dataset(snapshot.DataConnectEvents); told(d) != "collected" || d.Reason != "" || d.Collected.Equal(time.Time{}) {
		t.Errorf("got %+v", d)
	}
}

// What a search found and what was saved of it are compared, over all files.
func TestSavedSearchesAreWhole(t *testing.T) {
	from := day(180)
	n := 0
	found := func(index, count any) map[string]any {
		n++
		data := operation(map[string]any{"Id": fmt.Sprintf("o%d", n), "CreationTime": "2026-11-18T00:00:00Z"})
		return with(map[string]any{"AuditData": encode(t, data), "ResultIndex": index, "ResultCount": count}, nil)
	}
	lines := func(records ...map[string]any) string {
		var text strings.Builder
		for _, record := range records {
			text.WriteString(encode(t, record) + "\n")
		}
		return text.String()
	}
	csvOf := func(records ...map[string]any) string {
		rows := [][]string{{"AuditData", "ResultIndex", "ResultCount"}}
		for _, r := range records {
			rows = append(rows, []string{r["AuditData"].(string), fmt.Sprint(r["ResultIndex"]), fmt.Sprint(r["ResultCount"])})
		}
		return table(t, ',', rows...)
	}
	most := make([]map[string]any, 50000)
	for i := range most {
		most[i] = map[string]any{"AuditData": "{}", "ResultIndex": i + 1, "ResultCount": len(most)}
	}
	const cut = "a search found 3 records (ResultCount), and not all of them are saved"
	for _, c := range []struct {
		name   string
		files  map[string]string
		reason string // "" for whole
	}{
		{"whole", map[string]string{"a.json": lines(found(1, 3), found(2, 3), found(3, 3))}, ""},
		{"a table", map[string]string{"a.csv": csvOf(found(1, 2), found(2, 2))}, ""},
		{"in pages", map[string]string{"a.csv": csvOf(found(1, 3), found(2, 3)), "b.json": lines(found(3, 3))}, ""},
		{"several", map[string]string{"a.json": lines(found(1, 1), found(1, 2), found(2, 2), found(1, 2), found(2, 2))}, ""},
		{"without index", map[string]string{"a.json": lines(found(nil, 2), found(nil, 2))}, ""},
		{"of another tool", map[string]string{"a.json": lines(found(nil, nil), found(nil, nil))}, ""},
		{"empty", map[string]string{"a.csv": csvOf(found("", ""))}, ""},
		{"of the record, not of the search", map[string]string{"a.json": encode(t, operation(map[string]any{"ResultCount": 7, "ResultIndex": -1, "CreationTime": "2026-11-18T00:00:00Z"}))}, ""},
		{"cut", map[string]string{"a.json": lines(found(1, 3), found(2, 3))}, "a.json:1: " + cut},
		{"cut table", map[string]string{"a.csv": csvOf(found(1, 3), found(2, 3))}, "a.csv:2: " + cut},
		{"without index, cut", map[string]string{"a.json": lines(found(nil, 3))}, cut},
		{"a page is missing", map[string]string{"a.json": lines(found(1, 3), found(2, 3)), "b.json": lines(found(1, 1))}, cut},
		{"two of as many, each cut", map[string]string{"a.json": lines(found(1, 4), found(2, 4)), "b.json": lines(found(1, 4), found(2, 4))}, "a search found 4 records"},
		{"two of as many, one cut", map[string]string{"a.json": lines(found(1, 3), found(2, 3), found(3, 3), found(1, 3))}, cut},
		{"failed", map[string]string{"a.json": lines(found(-1, 0))}, "a.json:1: the search had failed (ResultIndex -1, ResultCount 0); hint: search again"},
		{"failed by count", map[string]string{"a.csv": csvOf(found(1, 1), found(1, 0))}, "a.csv:3: the search had failed (ResultIndex 1, ResultCount 0)"},
		{"unreadable", map[string]string{"a.csv": csvOf(found(1, "5,000"))}, `a.csv:2: it does not tell how many records the search found: "5,000" is not a number`},
		{"as many as there can be", map[string]string{"a.json": lines(append(most, found(nil, nil))...)}, "a.json:1: the search ends at 50000 records, which is as many as one returns"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := collect(t, dataconnect.Options{Clock: fakegraph.Now, EventsFrom: &from, Events: folder(t, c.files)}).Dataset(snapshot.DataConnectEvents)
			want := "collected from 180 [180,2)"
			if c.reason != "" {
				want = "partial"
			}
			if got := told(d); got != want || !strings.Contains(d.Reason, c.reason) {
				t.Errorf("got  %s: %s\nwant %s: %s", got, d.Reason, want, c.reason)
			}
		})
	}
}

func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir := folder(t, map[string]string{"a.json": encode(t, consent(nil)), "real/x": "x"})
	elsewhere := folder(t, map[string]string{"b.json": encode(t, operation(nil))})
	if err := errors.Join(
		os.RemoveAll(filepath.Join(dir, "real")), os.Symlink(elsewhere, filepath.Join(dir, "linked")),
		os.Symlink(filepath.Join(elsewhere, "b.json"), filepath.Join(dir, "c.json")), os.Symlink("absent", filepath.Join(dir, "d.json")),
		syscall.Mkfifo(filepath.Join(dir, "e.json"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	s := collect(t, dataconnect.Options{Events: dir})
	d := s.Dataset(snapshot.DataConnectEvents)
	for _, reason := range []string{"linked is a link to a folder, which is not followed", "d.json: no such file", "e.json is no regular file"} {
		if d.Status != snapshot.Partial || !strings.Contains(d.Reason, reason) {
			t.Errorf("%s: %s, want %s", d.Status, d.Reason, reason)
		}
	}
	if rows := fakegraph.Rows(t, s, snapshot.DataConnectEvents); !slices.Equal(rows, []string{wantConsent, wantOperation}) {
		t.Errorf("got %v", rows)
	}
	d = collect(t, dataconnect.Options{Events: filepath.Join(dir, "e.json")}).Dataset(snapshot.DataConnectEvents)
	if d.Status != snapshot.Failed || !strings.Contains(d.Reason, "is no regular file") {
		t.Errorf("%s: %s", d.Status, d.Reason)
	}
}
