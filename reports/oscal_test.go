package reports

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"leastwise/policies/finding"
)

func TestOSCALGolden(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": sampleOf(shortHostileNames()[:16])} {
		checkGolden(t, "testdata/"+name+".oscal.json", render(t, "oscal", s.open(t)))
	}
}

// oscalSamples are those of the other machine formats, and one that is mapped to NIST SP 800-53.
func oscalSamples() map[string]sample {
	samples := machineSamples()
	nist := contosoSample()
	for i := range nist.report.Controls {
		nist.report.Controls[i].Frameworks = []finding.Requirement{{Framework: "nist_800_53", Requirement: []string{"AC-2(3)", "AC-6", "CM-7 (5)"}[i%3]}, {Framework: "soc_2", Requirement: "CC6.1"}}
	}
	samples["nist"] = nist
	return samples
}

func TestOSCALIsValid(t *testing.T) {
	skipUnderRace(t)
	schema := publishedOSCAL(t)
	for name, s := range oscalSamples() {
		t.Run(name, func(t *testing.T) {
			source := render(t, "oscal", s.open(t))
			if !utf8.Valid(source) {
				t.Error("not UTF-8")
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("against the published schema: %.3000v", err)
			}
			checkOSCAL(t, &s, source)
		})
	}
}

// The schema has to notice what OSCAL forbids, or the test above proves nothing.
func TestOSCALSchemaNotices(t *testing.T) {
	schema, source := publishedOSCAL(t), render(t, "oscal", contosoSample().open(t))
	for old, changed := range map[string]string{
		`"methods":["TEST"]`: `"methods":[]`, `"state":"not-satisfied"`: `"state":"unknown"`, `"name":"severity"`: `"name":"the severity"`,
		`"value":"critical"`: `"value":""`, `"collected":"2026-11-20T00:00:00Z"`: `"collected":"2026-11-20"`, `"control-id":"ENTRA-001"`: `"control-id":"1 a"`,
		`"oscal-version":"1.1.3",`: ``, `"statement":`: `"statements":`,
	} {
		broken := strings.Replace(string(source), old, changed, 1)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
		if err != nil || broken == string(source) {
			t.Fatalf("%s: nothing was changed, or no JSON is left: %v", old, err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("the schema takes %s", changed)
		}
	}
}

// publishedOSCAL is the schema that NIST published with OSCAL 1.1.3
// (https://github.com/usnistgov/OSCAL/releases/tag/v1.1.3; in the public domain).
func publishedOSCAL(t *testing.T) *jsonschema.Schema {
	t.Helper()
	source, err := os.ReadFile("testdata/schema/oscal-1.1.3.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("oscal.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("oscal.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// oscalDocumentRead is what the tests look at of assessment results.
type oscalDocumentRead struct {
	AssessmentResults struct {
		Metadata struct {
			OscalVersion string `json:"oscal-version"`
		}
		Results []oscalRead
	} `json:"assessment-results"`
}

type oscalRead struct {
	ReviewedControls struct {
		ControlSelections []struct {
			IncludeControls []struct {
				ControlID string `json:"control-id"`
			} `json:"include-controls"`
		} `json:"control-selections"`
	} `json:"reviewed-controls"`
	Observations []struct{ Types []string }
	Findings     []struct {
		Title  string
		Target struct {
			TargetID string `json:"target-id"`
			Status   struct{ State, Reason string }
		}
	}
	Risks []struct {
		Title, Status string
		RiskLog       struct {
			Entries []struct {
				StatusChange string `json:"status-change"`
			}
		} `json:"risk-log"`
	}
}

// checkOSCAL holds what no schema tells: that identifiers are there once and what is
// referred to is there, that every finding is shown as what it is, and that no text is markup.
func checkOSCAL(t *testing.T, s *sample, source []byte) {
	t.Helper()
	var document oscalDocumentRead
	if err := json.Unmarshal(source, &document); err != nil {
		t.Fatalf("not of the standard: %v", err)
	}
	results := document.AssessmentResults
	if len(results.Results) != 1 || results.Metadata.OscalVersion != "1.1.3" {
		t.Fatalf("%d results, version %s", len(results.Results), results.Metadata.OscalVersion)
	}
	checkOSCALReferences(t, source)
	checkOSCALFindings(t, s, &results.Results[0])
	var value any
	if err := json.Unmarshal(source, &value); err != nil {
		t.Fatal(err)
	}
	checkOSCALProse(t, value)
}

// checkOSCALReferences holds that every UUID is given once, and that every reference finds one.
func checkOSCALReferences(t *testing.T, source []byte) {
	t.Helper()
	given := map[string]bool{}
	for _, match := range regexp.MustCompile(`"uuid":\s?"([^"]*)"`).FindAllSubmatch(source, -1) {
		id := string(match[1])
		if given[id] {
			t.Errorf("%s is given twice", id)
		}
		given[id] = true
	}
	references := regexp.MustCompile(`"(?:subject|observation|risk|actor|party|component)-uuid":\s?"([^"]*)"|"href":\s?"#([^"]*)"|"party-uuids":\["([^"]*)"`)
	found := references.FindAllSubmatch(source, -1)
	for _, match := range found {
		if !given[string(bytes.Join(match[1:], nil))] {
			t.Errorf("%s refers to nothing", match[0])
		}
	}
	if len(found) < 4 {
		t.Errorf("%d references only", len(found))
	}
}

// checkOSCALFindings counts: every finding is one observation and one finding, none is satisfied, and every waived one
// is a risk whose deviation is approved.
func checkOSCALFindings(t *testing.T, s *sample, result *oscalRead) {
	t.Helper()
	type key struct{ state, reason string }
	got, want := map[key]int{}, map[key]int{}
	for _, f := range s.findings {
		reason := "other"
		if f.Outcome == finding.Fail {
			reason = "fail"
		}
		want[key{"not-satisfied", reason}]++
	}
	for _, c := range s.report.Controls {
		if n := c.Counts; notRun(c) == "" && n.Pass > 0 && n.Fail+n.Unknown+n.Manual == 0 {
			want[key{"satisfied", "pass"}]++
		}
	}
	for _, f := range result.Findings {
		if !strings.HasPrefix(f.Title, "NIST") {
			got[key{f.Target.Status.State, f.Target.Status.Reason}]++
		} else if f.Target.Status.State != "not-satisfied" {
			t.Errorf("%s is said to be satisfied", f.Title)
		}
	}
	for k := range want {
		if got[k] != want[k] || len(got) != len(want) {
			t.Errorf("findings are %v, want %v", got, want)
		}
	}
	observed, risks, open := 0, 0, 0
	for _, o := range result.Observations {
		if o.Types[0] == "finding" {
			observed++
		}
	}
	if observed != len(s.findings) || len(result.Observations) != observed+len(s.report.Coverage) {
		t.Errorf("%d observations, %d of them of %d findings", len(result.Observations), observed, len(s.findings))
	}
	for _, r := range result.Risks {
		switch r.Status {
		case "deviation-approved":
			risks++
			if len(r.RiskLog.Entries) == 0 || r.RiskLog.Entries[0].StatusChange != r.Status {
				t.Errorf("the risk %s has no log", r.Title)
			}
		case "open":
			open++
		default:
			t.Errorf("a risk is %s", r.Status)
		}
	}
	if risks != s.report.Totals.Waived || (open == 0) != (s.report.Totals.Failed[finding.High]+s.report.Totals.Failed[finding.Medium] == 0) {
		t.Errorf("%d risks accepted and %d open, of %d waived", risks, open, s.report.Totals.Waived)
	}
}

// checkOSCALProse reads what OSCAL has as Markdown with another's reader.
func checkOSCALProse(t *testing.T, value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			checkOSCALProse(t, element)
		}
	case map[string]any:
		for name, member := range v {
			prose, is := member.(string)
			if is && (name == "title" || name == "description" || name == "remarks" || name == "statement" || name == "prose") {
				checkOSCALText(t, name, prose)
			}
			checkOSCALProse(t, member)
		}
	}
}

func checkOSCALText(t *testing.T, name, prose string) {
	t.Helper()
	if strings.TrimSpace(prose) == "" {
		t.Errorf("an empty %s", name)
	}
	source := []byte("x " + prose)
	err := ast.Walk(goldmark.DefaultParser().Parse(text.NewReader(source)), func(node ast.Node, _ bool) (ast.WalkStatus, error) {
		switch node.(type) {
		case *ast.Document, *ast.Paragraph, *ast.Text, *ast.String:
		default:
			t.Errorf("%s has a %s: %.200q", name, node.Kind(), prose)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOSCALIsSatisfiedOnlyWhereAllPassed(t *testing.T) {
	s := emptySample()
	control := func(id string, counts finding.Counts) finding.Control {
		return finding.Control{ID: id, Title: id, Severity: finding.High, Counts: counts}
	}
	s.report.Controls = []finding.Control{
		control("PASS", finding.Counts{Pass: 3, NotApplicable: 1}), control("NONE", finding.Counts{}), control("APART", finding.Counts{NotApplicable: 3}),
		control("UNKNOWN", finding.Counts{Pass: 3, Unknown: 1}), control("MANUAL", finding.Counts{Pass: 3, Manual: 1}), control("FAIL", finding.Counts{Pass: 3, Fail: 1}),
		control("OFF", finding.Counts{Pass: 3}),
	}
	s.report.Controls[6].Disabled = "accepted"
	var document oscalDocumentRead
	if err := json.Unmarshal(render(t, "oscal", s.open(t)), &document); err != nil {
		t.Fatal(err)
	}
	var satisfied []string
	for _, f := range document.AssessmentResults.Results[0].Findings {
		satisfied = append(satisfied, f.Target.TargetID+" "+f.Target.Status.State)
	}
	if got := strings.Join(satisfied, ", "); got != "PASS_obj satisfied" {
		t.Errorf("findings: %s", got)
	}
}

func TestOSCALMapsToNIST(t *testing.T) {
	s := oscalSamples()["nist"]
	var document oscalDocumentRead
	if err := json.Unmarshal(render(t, "oscal", s.open(t)), &document); err != nil {
		t.Fatal(err)
	}
	result := document.AssessmentResults.Results[0]
	selections := result.ReviewedControls.ControlSelections
	if len(selections) != 2 {
		t.Fatalf("%d selections", len(selections))
	}
	var ids, failed []string
	for _, c := range selections[1].IncludeControls {
		ids = append(ids, c.ControlID)
	}
	if got := strings.Join(ids, " "); got != "ac-2.3 ac-6 cm-7.5" {
		t.Errorf("reviewed %s", got)
	}
	for _, f := range result.Findings {
		if strings.HasPrefix(f.Title, "NIST") {
			failed = append(failed, f.Target.TargetID)
		}
	}
	if got := strings.Join(failed, " "); got != "ac-2.3_obj ac-6_obj cm-7.5_obj" {
		t.Errorf("not satisfied: %s", got)
	}
}

func TestOSCALTexts(t *testing.T) {
	for text, want := range map[string]string{"ENTRA-001": "ENTRA-001", "ü_1.a": "ü_1.a", "": "_-", "1a": "__a-", "=cmd": "__cmd-", "a b": "_a_b-"} {
		got := oscalToken(text)
		if got != want && (!strings.HasSuffix(want, "-") || !strings.HasPrefix(got, want) || len(got) != len(want)+8) {
			t.Errorf("oscalToken(%q) = %q, want %q", text, got, want)
		}
		if !regexp.MustCompile(`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`).MatchString(got) {
			t.Errorf("oscalToken(%q) = %q, which is none", text, got)
		}
	}
	for text, want := range map[string]string{
		"2027-03-31T02:00:00+02:00": "2027-03-31T00:00:00Z", "2027-03-31": "", "": "", "9999-12-31T00:00:00Z": "", "0001-01-01T00:00:00Z": "", "x": "",
	} {
		if got := oscalTime(text); got != want {
			t.Errorf("oscalTime(%q) = %q, want %q", text, got, want)
		}
	}
	if got := oscalUUID("a", "b"); got != oscalUUID("a", "b") || got == oscalUUID("ab") || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(got) {
		t.Errorf("oscalUUID gives %s", got)
	}
}
