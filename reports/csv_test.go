package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/finding"
)

func TestCSVGolden(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": shortHostileSample()} {
		text := render(t, "csv", s.open(t))
		if bytes.Count(text, []byte("\r")) != bytes.Count(text, []byte("\r\n")) {
			t.Errorf("%s: a carriage return within a field", name)
		}
		checkGolden(t, "testdata/"+name+".csv", text)
	}
}

// readCSV reads with the reader of the standard library, which refuses what RFC 4180 does not allow.
func readCSV(t *testing.T, text []byte) []map[string]string {
	t.Helper()
	if !utf8.Valid(text) {
		t.Error("not UTF-8")
	}
	rest, found := bytes.CutPrefix(text, []byte("\xef\xbb\xbf"))
	if !found {
		t.Error("no byte order mark: Excel would not know that it is UTF-8")
	}
	if !bytes.HasSuffix(rest, []byte("\"\r\n")) {
		t.Error("the last record does not end")
	}
	records, err := csv.NewReader(bytes.NewReader(rest)).ReadAll() // which also wants as many fields in each
	if err != nil {
		t.Fatal(err)
	}
	names := records[0]
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range names {
			row[name] = record[i]
		}
		if len(row) != len(names) {
			t.Fatalf("two columns have one name: %s", names)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestCSVHoldsEveryFinding(t *testing.T) {
	skipUnderRace(t)
	for name, s := range machineSamples() {
		t.Run(name, func(t *testing.T) {
			d := s.open(t)
			rows := readCSV(t, render(t, "csv", d))
			if len(rows) != len(s.findings) {
				t.Fatalf("%d rows for %d findings", len(rows), len(s.findings))
			}
			i := 0
			for f, err := range d.Findings() {
				if err != nil {
					t.Fatal(err)
				}
				checkCSVRow(t, d, &f, rows[i])
				i++
			}
		})
	}
}

// checkCSVRow holds a row against its finding: what is there once the apostrophes before formulas are gone.
func checkCSVRow(t *testing.T, d *finding.Document, f *finding.Finding, row map[string]string) {
	t.Helper()
	waiver := waiverOf(*f)
	for name, want := range map[string]string{
		"severity": string(f.Severity), "control": f.Control, "outcome": string(f.Outcome), "subject_kind": f.Subject.Kind, "subject_id": f.Subject.ID,
		"subject_name": f.Subject.Name, "message": f.Message, "waiver": waiver.ID, "waived_until": waiver.Expires, "waiver_reason": waiver.Reason,
		"waiver_requester": waiver.Requester, "waiver_approver": waiver.Approver, "fingerprint": f.Fingerprint, "known": fmt.Sprint(f.Known),
		"file": placed(f).File, "first_reported": firstReported(&d.Report, f),
	} {
		got, there := row[name]
		if bare(got) != bare(visible(want)) || !there {
			t.Errorf("%s is %.200q, want %.200q", name, got, visible(want))
		}
	}
	for name, want := range map[string]json.RawMessage{"evidence": f.Evidence, "key": f.Key} {
		if row[name] == "{}" {
			want = json.RawMessage(`{}`)
		}
		var got, original any
		if json.Unmarshal([]byte(row[name]), &got) != nil || json.Unmarshal(want, &original) != nil {
			t.Fatalf("%s is no JSON: %.200s", name, row[name])
		}
		if diff := cmp.Diff(inertValue(original), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, text := range row {
		if at := formulaIn(text); at != "" {
			t.Errorf("%s could be calculated at %.40q: %.100q", name, at, text)
		}
	}
}

func bare(text string) string { return strings.ReplaceAll(text, "'", "") }

// formulaIn is what of a field could be calculated by a reader, also by one that splits at other separators or does not
// know quotes.
func formulaIn(text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|\t\n\r\"", r) })
	for _, part := range append(parts, text) {
		part = strings.Trim(part, " \u00a0\u3000")
		var number float64
		if part != "" && strings.ContainsRune("=+-@＝＋－＠\t\r", []rune(part)[0]) && json.Unmarshal([]byte(strings.TrimRight(part, "]}")), &number) != nil {
			return part
		}
	}
	return ""
}

func TestNoFormula(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "a=b-c+d@e": "a=b-c+d@e", "=1+1": "'=1+1", "-1": "'-1", "@SUM(1)": "'@SUM(1)", " =1": " '=1", "\u3000＝1": "\u3000'＝1",
		"a;=1": "a;'=1", `a,"=1`: `a,"'=1`, "a\n=1": "a\n'=1", "'=1": "''=1", "==1": "'==1", "a|@x": "a|'@x", "a - b": "a - b", "user@contoso.example": "user@contoso.example",
	} {
		if got := noFormula(text); got != want {
			t.Errorf("noFormula(%q) = %q, want %q", text, got, want)
		}
		if at := formulaIn(noFormula(text)); at != "" {
			t.Errorf("noFormula(%q) could be calculated at %q", text, at)
		}
	}
}

func TestCSVJSONKeepsWhatItSays(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"=1+1"}`:                     `{"a":"\u003d1+1"}`,
		`{"n":-2,"list":[-1,2.5e-3]}`:      `{"list":[-1,2.5e-3],"n":-2}`,
		`{"=k":["x;=y","\"=z","a\n+b"]}`:   `{"\u003dk":["x;\u003dy","\"\u003dz","a\n\u002bb"]}`,
		`{"back":"a\\","then":"-1"}`:       `{"back":"a\\","then":"\u002d1"}`,
		`{"big":12345678901234567890}`:     `{"big":12345678901234567890}`,
		`{"nul":"\u0000","lone":"\ud800"}`: `{"lone":"` + "\ufffd" + `","nul":"\\x00"}`,
		``:                                 `{}`,
	} {
		if got := csvJSON(json.RawMessage(text)); got != want {
			t.Errorf("csvJSON(%s) = %s, want %s", text, got, want)
		}
	}
}

// FuzzCSVText holds that any text is one inert field that reads back.
func FuzzCSVText(f *testing.F) {
	for _, name := range shortHostileNames() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown := noFormula(visible(strings.ToValidUTF8(text, "\ufffd")))
		if at := formulaIn(shown); at != "" {
			t.Errorf("could be calculated at %q: %q", at, shown)
		}
		line := `"` + strings.ReplaceAll(shown, `"`, `""`) + `"` + "\r\n"
		record, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil || !slices.Equal(record, []string{shown}) {
			t.Errorf("%q reads as %q, %v", shown, record, err)
		}
		evidence := raw(`{"text":%s}`, jsonString(text))
		if at := formulaIn(csvJSON(evidence)); at != "" {
			t.Errorf("evidence could be calculated at %q: %s", at, csvJSON(evidence))
		}
		if !json.Valid([]byte(csvJSON(evidence))) {
			t.Errorf("no JSON: %s", csvJSON(evidence))
		}
	})
}
