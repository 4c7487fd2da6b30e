package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	oracle "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"leastwise/policies/finding"
)

// checkSARIF has a file read by an independent reader, which knows every member there is, and holds it against the
// published schema, the prose of the standard, and the rules of GitHub.
func checkSARIF(t *testing.T, text []byte) {
	t.Helper()
	if !utf8.Valid(text) {
		t.Error("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	report := new(oracle.Report)
	if err := decoder.Decode(report); err != nil {
		t.Fatalf("not of the standard: %v", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := publishedSARIF(t).Validate(value); err != nil {
		t.Errorf("against the published schema: %v", err)
	}
	run := readSARIF(t, text)
	if len(report.Runs) != 1 || len(report.Runs[0].Results) != len(run.Results) {
		t.Errorf("the oracle reads %d runs", len(report.Runs))
	}
	checkSARIFRules(t, run)
	checkSARIFResults(t, run)
}

// publishedSARIF is the schema that OASIS published, from the source of the oracle, which does not hand it out.
func publishedSARIF(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(source, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err = strconv.Unquote(literal.Value)
		}
		return err == nil
	})
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(sarifSchema, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(sarifSchema)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func compressed(t *testing.T, text []byte) int {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	if _, err := zip.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// sarifFile is what the tests look at. It is written down a second time, so that a wrong tag shows.
type sarifFile struct {
	Tool struct {
		Driver struct {
			Rules []struct {
				ID               string                          `json:"id"`
				Name             string                          `json:"name"`
				ShortDescription struct{ Text string }           `json:"shortDescription"`
				FullDescription  struct{ Text string }           `json:"fullDescription"`
				Help             struct{ Text, Markdown string } `json:"help"`
				HelpURI          string                          `json:"helpUri"`
				Properties       struct {
					Tags  []string
					Score string `json:"security-severity"`
				}
			}
		}
	}
	AutomationDetails struct{ ID string } `json:"automationDetails"`
	Results           []sarifFinding
	Invocations       []struct {
		ExecutionSuccessful        bool
		ToolExecutionNotifications []struct {
			Descriptor     struct{ ID string }
			AssociatedRule *struct{ ID string }
			Level          string
			Message        struct{ Text string }
		}
	}
	Properties struct {
		Findings, Listed, Summarised int
		Outcomes                     finding.Counts
	}
}

type sarifFinding struct {
	RuleID    string `json:"ruleId"`
	RuleIndex *int
	Kind      string
	Level     string
	Message   struct{ Text string }
	Locations []struct {
		PhysicalLocation struct {
			ArtifactLocation struct {
				URI  string `json:"uri"`
				Base string `json:"uriBaseId"`
			}
			Region struct{ StartLine, EndLine, StartColumn, EndColumn int }
		}
	}
	PartialFingerprints map[string]string
	OccurrenceCount     int
	BaselineState       string
	Suppressions        *[]struct{ Kind, Status, Justification string }
	Properties          struct {
		Severity, Outcome, Status string
		Evidence                  json.RawMessage
		Owners                    []string
		Since                     string
	}
}

func readSARIF(t *testing.T, text []byte) sarifFile {
	t.Helper()
	var log struct{ Runs []sarifFile }
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 {
		t.Fatalf("%d runs", len(log.Runs))
	}
	return log.Runs[0]
}

func checkSARIFRules(t *testing.T, run sarifFile) {
	t.Helper()
	ids := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if ids[r.ID] {
			t.Errorf("two rules have the id %.40q", r.ID)
		}
		ids[r.ID] = true
		for what, text := range map[string]string{
			"id": r.ID, "name": r.Name, "shortDescription": r.ShortDescription.Text, "fullDescription": r.FullDescription.Text,
			"help": r.Help.Text, "help.markdown": r.Help.Markdown,
		} {
			longest := map[string]int{"id": 255, "name": 255, "shortDescription": 1024, "fullDescription": 1024}[what]
			if n := utf8.RuneCountInString(text); n == 0 || longest > 0 && n > longest {
				t.Errorf("rule %.20q: %s has %d characters", r.ID, what, n)
			}
			if what != "help.markdown" { // there links are escaped
				checkInert(t, what, text)
			}
		}
		if len(r.Properties.Tags) == 0 || len(r.Properties.Tags) > 20 || r.Properties.Tags[0] != "security" {
			t.Errorf("rule %.20q: tags %q", r.ID, r.Properties.Tags)
		}
		if r.HelpURI != "" && !strings.HasPrefix(r.HelpURI, "https://") {
			t.Errorf("rule %.20q: help at %q", r.ID, r.HelpURI)
		}
	}
}

// checkInert says what of a text would do something: plain text of SARIF has links.
func checkInert(t *testing.T, what, text string) {
	t.Helper()
	if text != visible(text) || strings.Contains(text, "](") {
		t.Errorf("%s is not inert: %.80q", what, text)
	}
}

func checkSARIFResults(t *testing.T, run sarifFile) {
	t.Helper()
	states, suppressed := 0, 0
	for i, r := range run.Results {
		if r.RuleIndex == nil || *r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Fatalf("result %d is not of the rule that it names, %.20q", i, r.RuleID)
		}
		if len(r.Locations) != 1 {
			t.Fatalf("result %d has %d locations: GitHub refuses the file", i, len(r.Locations))
		}
		place := r.Locations[0].PhysicalLocation
		address, err := url.Parse(place.ArtifactLocation.URI)
		if err != nil || place.ArtifactLocation.URI == "" || len(place.ArtifactLocation.URI) > 4000 || !strings.HasPrefix(address.Scheme, "file") && address.Scheme != "" {
			t.Errorf("result %d stands at %.80q: %v", i, place.ArtifactLocation.URI, err)
		}
		if strings.ContainsFunc(place.ArtifactLocation.URI, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`<>"\^{}|`+"`", c) }) {
			t.Errorf("result %d: %.80q is not percent-encoded", i, place.ArtifactLocation.URI)
		}
		if place.Region.StartLine < 1 || place.Region.EndLine != place.Region.StartLine || place.Region.EndColumn <= place.Region.StartColumn {
			t.Errorf("result %d: region %+v", i, place.Region)
		}
		if r.Message.Text == "" || utf8.RuneCountInString(r.Message.Text) > 1100 {
			t.Errorf("result %d says %.50q…", i, r.Message.Text)
		}
		checkInert(t, "message", r.Message.Text)
		if r.PartialFingerprints["leastwise/v1"]+":1" != r.PartialFingerprints["primaryLocationLineHash"] {
			t.Errorf("result %d: fingerprints %v", i, r.PartialFingerprints)
		}
		if (r.Kind == "fail") == (r.Level == "none") || r.Kind == "pass" || r.Kind == "" {
			t.Errorf("result %d: kind %s with level %s", i, r.Kind, r.Level)
		}
		if r.BaselineState != "" {
			states++
		}
		if r.Suppressions == nil {
			t.Fatalf("result %d does not say whether it is suppressed", i)
		}
		if len(*r.Suppressions) > 0 {
			suppressed++
		}
		if (len(*r.Suppressions) > 0) != (r.Properties.Status != "") {
			t.Errorf("result %d: %d suppressions, status %q", i, len(*r.Suppressions), r.Properties.Status)
		}
	}
	if states != 0 && states != len(run.Results) {
		t.Errorf("%d of %d results have a baseline state: all or none", states, len(run.Results))
	}
}
