package finding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is a report with a row in two tables.
func sample(t *testing.T) string {
	t.Helper()
	return written(t, func(w *Writer) {
		must(t, w.Add(Applications, []byte(`{"app_id":"a"}`)), w.Add(Applications, []byte(`{"app_id":"b"}`)))
		must(t, w.AddFinding(High, "X", Fail, line(t, Finding{Control: "X", Key: json.RawMessage("{}"), Evidence: json.RawMessage("{}")})))
	})
}

// As jq -S writes it: members sorted, rows over several lines.
func TestReorderedReport(t *testing.T) {
	path := sample(t)
	var value any
	if err := json.Unmarshal([]byte(read(t, path)), &value); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	compact, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	want, err := OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(sorted), string(compact), string(sorted) + "\n\n"} {
		got, err := OpenDocument(file(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Report, got.Report); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(all(t, want.Applications()), all(t, got.Applications())); diff != "" {
			t.Errorf("applications (-want +got):\n%s", diff)
		}
		if len(all(t, got.Findings())) != 1 || len(all(t, got.Approvals())) != 0 {
			t.Error("findings or approvals are not those of the report")
		}
	}
}

func TestTruncatedReport(t *testing.T) {
	text := read(t, sample(t))
	for n := range len(strings.TrimSpace(text)) {
		path := file(t, text[:n])
		_, err := OpenDocument(path)
		if err == nil || !strings.Contains(err.Error(), path+":") {
			t.Fatalf("cut after %d bytes: got error %v", n, err)
		}
		want := fmt.Sprintf(":%d: ", 1+strings.Count(text[:n], "\n"))
		before := fmt.Sprintf(":%d: ", 1+strings.Count(strings.TrimRight(text[:n], " \n"), "\n"))
		if !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), before) {
			t.Errorf("cut after %d bytes: got %v, want line%s or line%s", n, err, want, before)
		}
	}
}

func TestDamagedReport(t *testing.T) {
	text := read(t, sample(t))
	lineOf := func(part string) int { return 1 + strings.Count(text[:strings.Index(text, part)], "\n") }
	cases := []struct {
		name, old, replacement string
		line                   int // 0: not told
		want                   string
	}{
		{"not JSON", "{", "leastwise", 1, "invalid character"},
		{"an array", text, "[]", 1, `expected "{"`},
		{"bad word among the controls", `"ENTRA-001"`, `ENTRA-001`, lineOf(`"ENTRA-001"`), "invalid character 'E'"},
		{"wrong type among the controls", `"ENTRA-001"`, `5`, lineOf(`"ENTRA-001"`), "cannot unmarshal number"},
		{"instant that is none", "2026-11-20T12:00:00Z", "01/20/2025", lineOf("2026-11-20T12"), "parsing time"},
		{"wrong type of a total", `"high": 1`, `"high": "many"`, lineOf(`"high": 1`), "cannot unmarshal string"},
		{"row cut", `{"app_id":"b"}`, `{"app_id":"b}`, lineOf(`{"app_id":"b"}`), "invalid character"},
		{"row without comma", `{"app_id":"a"},`, `{"app_id":"a"}`, lineOf(`{"app_id":"b"}`), "expected comma after array element"},
		{"comma too many", `{"app_id":"b"}`, `{"app_id":"b"},`, lineOf(`{"app_id":"b"}`) + 1, "invalid character ']'"},
		{"table that is none", `"permissions": []`, `"permissions": {}`, lineOf(`"permissions": []`), `expected "["`},
		{"inventory that is none", `"inventory": {`, `"inventory": 5, "more": {`, lineOf(`"inventory": {`), `expected "{"`},
		{"something after the end", "]\n}\n", "]\n}\n{}\n", strings.Count(text, "\n") + 1, "something follows the report"},
		{"table that is there twice", `"permissions": []`, `"applications": []`, lineOf(`"permissions": []`), `table "applications" is there twice`},
		{"no findings", `"findings"`, `"other"`, 0, `table "findings" is missing`},
		{"no approvals", `"approvals"`, `"other"`, 0, `table "approvals" is missing`},
		{"another version", `"schema_version": "1.4"`, `"schema_version": "2.0"`, 0, `schema version "2.0", this program reads 1.x`},
		{"no version", `"schema_version"`, `"version"`, 0, `schema version ""`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(text, c.old) {
				t.Fatalf("the report does not hold %s", c.old)
			}
			path := file(t, strings.Replace(text, c.old, c.replacement, 1))
			d, err := OpenDocument(path)
			place := path + ": "
			if c.line > 0 {
				place = fmt.Sprintf("%s:%d: ", path, c.line)
			}
			if d != nil || err == nil || !strings.Contains(err.Error(), place) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %s%s", err, place, c.want)
			}
		})
	}
	if _, err := OpenDocument(t.TempDir() + "/none.json"); err == nil {
		t.Error("a missing file was opened")
	}
}

func TestNewerMinorVersionIsRead(t *testing.T) {
	text := strings.Replace(read(t, sample(t)), `"schema_version": "1.4"`, `"schema_version": "1.7", "news": [{}]`, 1)
	if _, err := OpenDocument(file(t, text)); err != nil {
		t.Error(err)
	}
}

func TestRowsStopOnError(t *testing.T) {
	path := written(t, func(w *Writer) {
		for _, row := range []string{`{"app_id":"a"}`, `{"app_id":5}`, `{"app_id":"c"}`} {
			must(t, w.Add(Applications, []byte(row)))
		}
	})
	d, err := OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, failed := 0, error(nil)
	for _, err := range d.Applications() {
		if failed != nil {
			t.Fatal("a row came after the error")
		}
		if failed = err; err == nil {
			rows++
		}
	}
	at := 1 + bytes.Count([]byte(read(t, path))[:strings.Index(read(t, path), `{"app_id":5}`)], []byte("\n"))
	if want := fmt.Sprintf("%s:%d: applications: ", path, at); rows != 1 || failed == nil || !strings.Contains(failed.Error(), want) {
		t.Errorf("got %d rows and error %v, want one and %s", rows, failed, want)
	}
	for row, err := range d.Applications() {
		if err != nil || row.AppID != "a" {
			t.Errorf("got %v, %v, want the first row", row, err)
		}
		break
	}
}

// A report that is cut after it was opened must not read as a shorter one.
func TestRowsNoticeAChangedFile(t *testing.T) {
	path := sample(t)
	d, err := OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(read(t, path), `{"app_id":"b"}`)
	for _, n := range []int{at, at + 3} {
		if err := os.Truncate(path, int64(n)); err != nil {
			t.Fatal(err)
		}
		var failed error
		for _, err := range d.Applications() {
			failed = err
		}
		if failed == nil {
			t.Errorf("a report cut after %d bytes reads as a shorter one", n)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for _, err := range d.Findings() {
		if err == nil {
			t.Error("a report that is gone has findings")
		}
	}
}
