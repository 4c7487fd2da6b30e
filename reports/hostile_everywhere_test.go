package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"leastwise/policies/finding"
)

// TestHostileTextsEverywhere puts hostile texts into every text of a report and the names of its open members: what the types of
// today name, and what those of tomorrow will. Every format has to stay valid, and inert.
func TestHostileTextsEverywhere(t *testing.T) {
	skipUnderRace(t)
	schema := publishedOSCAL(t)
	for turn := range 3 {
		d := hostileDocument(t, turn)
		for _, format := range Formats() {
			t.Run(fmt.Sprintf("%s %d", format.Name, turn), func(t *testing.T) { checkInertFormat(t, format.Name, d, schema) })
		}
	}
}

// hostileDocument is a report of everything, in which each text is hostile; which of them it is differs from turn to turn.
func hostileDocument(t *testing.T, turn int) *finding.Document {
	t.Helper()
	texts := append(hostileNames(), forgeText, loneSurrogate, "high"+loneSurrogate, "::error::x", "##vso[task.setvariable variable=x]y", "##[group]x", "%0a::stop-commands::x",
		"${{ secrets.X }}", "</script><script>alert(1)</script>", "--><img src=x onerror=alert(1)>", "]]>", "javascript:alert(1)", "../../etc/passwd", "C:\\x", "//evil.example/x", "=HYPERLINK(\"https://evil.example\",\"x\")")
	source, err := os.ReadFile(everythingSample().open(t).Path())
	if err != nil {
		t.Fatal(err)
	}
	var report map[string]any
	decoder := json.NewDecoder(bytes.NewReader(source))
	decoder.UseNumber() // so that counts stay counts
	if err := decoder.Decode(&report); err != nil {
		t.Fatal(err)
	}
	s := spoiler{texts: texts, next: turn * 11}
	spoiled, err := json.Marshal(s.spoil("", report))
	if err != nil {
		t.Fatal(err)
	}
	if s.next < 2*len(texts) {
		t.Fatalf("%d texts only", s.next)
	}
	spoiled = bytes.ReplaceAll(spoiled, []byte(loneSurrogate), []byte(`\ud800`))
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, spoiled, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// loneSurrogate stands for half of a character, which Go's strings cannot hold and JSON can.
const loneSurrogate = "LONE-SURROGATE"

// everythingSample has a row at least of all there is.
func everythingSample() sample {
	s := contosoSample()
	s.report.Framework = &finding.Framework{Name: "x", Title: "x", Version: "x", Requirements: []finding.FrameworkRequirement{{ID: "x", Title: "x", Controls: []string{"x"}}}}
	s.report.Permissions = &finding.PermissionsTable{SHA256: "x", SourceSHA256: "x"}
	list := []finding.ChangedPermission{{Key: "x", Permission: "x", Kind: "x", ResourceName: "x", Tier: "x", Line: 3}}
	s.report.Changes = []finding.Change{{
		Subject: finding.Subject{Kind: "application", ID: "x", Name: "x"}, Location: finding.Location{File: "x", Line: 2}, Action: "x", MatchedBy: "x",
		Requested: list, Granted: list, Dropped: list,
	}}
	s.report.Choices = map[string]any{"x": []string{"x"}, "y": "x"}
	s.report.Declared = hostileSample().report.Declared
	s.report.Coverage = append(s.report.Coverage, finding.Coverage{Dataset: "x", Status: "partial", Reason: "x", Holes: []finding.Hole{{From: "x", To: "x", Reason: "x"}}})
	for i := range s.report.Controls {
		c := &s.report.Controls[i]
		c.References, c.OutOfScope = []string{"https://example.com"}, []string{"", "x"}[i%2]
		c.Frameworks = []finding.Requirement{{Framework: "nist_800_53", Requirement: "AC-6"}, {Framework: "x", Requirement: "x"}}
	}
	gate := gateSample()
	s.findings = append(s.findings, gate.findings...)
	s.pipelines = append(s.pipelines, gate.pipelines...)
	return s
}

// spoiler puts texts in the place of others, one after the other.
type spoiler struct {
	texts []string
	next  int
	long  int
}

// text is the next one; those that are long are given out a few times.
func (s *spoiler) text() string {
	for {
		s.next++
		text := s.texts[s.next%len(s.texts)]
		if len(text) < 1000 {
			return text
		}
		if s.long++; s.long < 40 {
			return text
		}
	}
}

// spoil gives a value with other texts. What a report is refused without stays.
func (s *spoiler) spoil(name string, value any) any {
	switch v := value.(type) {
	case string:
		if slices.Contains(strings.Fields("schema_version as_of severity outcome fail_on passed inapplicable"), name) {
			return v
		}
		if name == "fingerprint" || name == "id" { // no two findings or controls have the same
			return s.text() + strconv.Itoa(s.next)
		}
		return s.text()
	case []any:
		for i := range v {
			v[i] = s.spoil("", v[i])
		}
	case map[string]any:
		open := slices.Contains(strings.Fields("key evidence thresholds choices subjects"), name)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = s.spoil(key, v[key])
			if open {
				v[s.text()] = v[key]
			}
		}
	}
	return value
}

// checkInertFormat draws a format and holds it against what others read of it.
func checkInertFormat(t *testing.T, name string, d *finding.Document, oscal *jsonschema.Schema) {
	t.Helper()
	text := render(t, name, d)
	if name != "xlsx" && !utf8.Valid(text) {
		t.Error("not UTF-8")
	}
	switch name {
	case "json":
		if !json.Valid(text) {
			t.Error("not JSON")
		}
	case "xlsx":
		for path, content := range unzip(t, text) {
			checkPart(t, path, content)
		}
	case "html":
		checkClosed(t, text)
		unpacked(t, text)
	case "sarif":
		checkSARIF(t, text)
	case "junit":
		checkJUnit(t, text)
	case "csv":
		for _, row := range readCSV(t, text) {
			for column, field := range row {
				if formula := formulaIn(field); formula != "" && column != "line" {
					t.Errorf("%s may be calculated: %.100q", column, formula)
				}
			}
		}
	case "md":
		checkMarkdown(t, text)
	case "oscal":
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := oscal.Validate(value); err != nil {
			t.Errorf("against the published schema: %.2000v", err)
		}
		checkOSCALReferences(t, text)
		checkOSCALProse(t, value)
	}
	if name != "xlsx" && name != "json" {
		checkNothingHidden(t, name, text)
	}
}

// checkNothingHidden finds characters that act on whoever reads a text as it is, and lines that a build server obeys.
func checkNothingHidden(t *testing.T, name string, text []byte) {
	t.Helper()
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if i := bytes.IndexFunc(text, func(r rune) bool { return hidden(r) && r != '\r' && r != '\t' }); i >= 0 {
		t.Errorf("%q is not shown as what it is", text[i:min(i+20, len(text))])
	}
	for line := range strings.Lines(string(text)) {
		// Nobody prints JSON Lines, CSV or XML to a build server, and a field of several lines is no line of its own there.
		if name != "table" && name != "lines" && name != "md" {
			break
		}
		command := strings.HasPrefix(line, "::") || strings.HasPrefix(line, "##vso[") || strings.HasPrefix(line, "##[")
		if command {
			t.Errorf("%.100q may be a command", line)
		}
	}
}
