package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"leastwise/policies/finding"
)

func TestSARIFGolden(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": shortHostileSample()} {
		checkGolden(t, "testdata/"+name+".sarif.json", render(t, "sarif", s.open(t)))
	}
}

func TestSARIFIsValid(t *testing.T) {
	for name, s := range machineSamples() {
		t.Run(name, func(t *testing.T) {
			d := s.open(t)
			text := render(t, "sarif", d)
			checkSARIF(t, text)
			if got := len(readSARIF(t, text).Results); got != len(s.findings) {
				t.Errorf("%d results for %d findings", got, len(s.findings))
			}
		})
	}
}

func machineSamples() map[string]sample {
	old := contosoSample() // as reports of earlier versions are: no baseline, nothing known
	old.report.Baseline, old.report.Previous, old.report.Waivers = nil, nil, nil
	for i := range old.findings {
		old.findings[i].Known, old.findings[i].Since, old.findings[i].Owners = false, "", nil
	}
	old.report.Totals = finding.Totals{Failed: map[finding.Severity]int{}, Unknown: map[finding.Severity]int{}}
	sumUp(&old)
	return map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": hostileSample(), "gate": gateSample(), "old": old}
}

func TestSARIFSaysWhatEachFindingIs(t *testing.T) {
	s := contosoSample()
	run := readSARIF(t, render(t, "sarif", s.open(t)))
	results := map[string]sarifFinding{}
	for _, r := range run.Results {
		results[r.PartialFingerprints["leastwise/v1"]] = r
	}
	for _, f := range s.findings {
		r, there := results[f.Fingerprint]
		if !there {
			t.Fatalf("%s of %s is missing", f.Control, f.Subject.ID)
		}
		delete(results, f.Fingerprint)
		kind := map[finding.Outcome]string{finding.Fail: "fail", finding.Unknown: "open", finding.Manual: "review"}[f.Outcome]
		status, begins := "", map[finding.Outcome]string{finding.Fail: f.Message, finding.Unknown: "Unknown, which is no pass: ", finding.Manual: "To be checked by a person: "}[f.Outcome]
		baseline := "new"
		if f.Known {
			status, baseline, begins = "known", "unchanged", "Known from the baseline of 2026-08-20T00:00Z: "
		}
		if f.Waiver != nil {
			status, begins = "waived", "Waived until 2027-03-31T00:00:00Z ("+f.Waiver.ID+"): "
		}
		if r.RuleID != f.Control || r.Kind != kind || r.Properties.Status != status || r.BaselineState != baseline || !strings.HasPrefix(r.Message.Text, begins) ||
			r.Properties.Since != f.Since || !slices.Equal(r.Properties.Owners, f.Owners) || (r.Properties.Owners == nil) != (f.Owners == nil) || r.Properties.Severity != string(f.Severity) {
			t.Errorf("finding %+v\nbecame %+v", f, r)
		}
		if f.Waiver != nil && (*r.Suppressions)[0].Justification != "The vendor ships the fix with version 4. Until then the account is watched." {
			t.Errorf("%s: suppressions %v", f.Control, *r.Suppressions)
		}
		if f.Outcome == finding.Fail && r.Level != map[finding.Severity]string{"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}[f.Severity] {
			t.Errorf("%s is %s, level %s", f.Control, f.Severity, r.Level)
		}
	}
	if len(results) > 0 {
		t.Errorf("results without a finding: %v", results)
	}
	if run.Properties.Outcomes != s.report.Totals.Outcomes || run.Properties.Findings != len(s.findings) || run.Properties.Listed != len(s.findings) {
		t.Errorf("counts %+v, want %+v", run.Properties, s.report.Totals.Outcomes)
	}
}

func TestSARIFPathsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range readSARIF(t, render(t, "sarif", contosoSample().open(t))).Results {
		place := r.Locations[0].PhysicalLocation
		if place.ArtifactLocation.Base != "TENANT" || !strings.HasPrefix(place.ArtifactLocation.URI, "leastwise/") || seen[place.ArtifactLocation.URI] {
			t.Errorf("%s stands at %+v, as another does", r.RuleID, place)
		}
		seen[place.ArtifactLocation.URI] = true
	}
}

// Without a baseline, what the previous report showed already is not new.
func TestSARIFComparesWithThePreviousReport(t *testing.T) {
	s := contosoSample()
	s.report.Baseline = nil
	for i := range s.findings {
		s.findings[i].Known, s.findings[i].Since = false, []string{"2026-08-20T00:00:00Z", "2026-11-20T00:00:00Z", ""}[i%3]
	}
	for _, r := range readSARIF(t, render(t, "sarif", s.open(t))).Results {
		if want := map[string]string{"2026-08-20T00:00:00Z": "unchanged"}[r.Properties.Since]; r.BaselineState != cmp.Or(want, "new") {
			t.Errorf("since %q: %s", r.Properties.Since, r.BaselineState)
		}
	}
	s.report.Previous = nil
	s.findings[0].Known = true // by no baseline that is told of
	for _, r := range readSARIF(t, render(t, "sarif", s.open(t))).Results {
		if r.BaselineState != "" {
			t.Errorf("%s, without anything to compare with", r.BaselineState)
		}
	}
}

// Whoever looks at the file sees that not everything was judged, whatever viewers make of kinds.
func TestSARIFIsNotSuccessfulWithUnknowns(t *testing.T) {
	complete := contosoSample()
	complete.findings = slices.DeleteFunc(complete.findings, func(f finding.Finding) bool { return f.Outcome == finding.Unknown })
	for name, tt := range map[string]struct {
		sample     sample
		successful bool
		notices    []string
	}{
		"contoso":  {contosoSample(), false, []string{"dataset-gap", "not-judged"}},
		"empty":    {emptySample(), false, []string{"nothing-judged"}},
		"complete": {complete, true, []string{"dataset-gap"}},
	} {
		invocation := readSARIF(t, render(t, "sarif", tt.sample.open(t))).Invocations[0]
		var notices []string
		for _, n := range invocation.ToolExecutionNotifications {
			if !slices.Contains(notices, n.Descriptor.ID) {
				notices = append(notices, n.Descriptor.ID)
			}
		}
		if invocation.ExecutionSuccessful != tt.successful || !slices.Equal(notices, tt.notices) {
			t.Errorf("%s: successful %t, notifications %q", name, invocation.ExecutionSuccessful, notices)
		}
	}
}

func TestSARIFOfFilesHasTheirPlaces(t *testing.T) {
	run := readSARIF(t, render(t, "sarif", gateSample().open(t)))
	if !strings.HasPrefix(run.AutomationDetails.ID, "leastwise/gate/") {
		t.Errorf("automation id %q replaces that of a tenant", run.AutomationDetails.ID)
	}
	var got []string
	for _, r := range run.Results {
		if place := r.Locations[0].PhysicalLocation; place.ArtifactLocation.Base == "%SRCROOT%" {
			got = append(got, fmt.Sprintf("%s:%d", place.ArtifactLocation.URI, place.Region.StartLine))
		}
	}
	for _, want := range []string{"factory/pipeline/A.json:3", "a%3Ab%20c/%E6%97%A5%E6%9C%AC%E8%AA%9E.json:5", "waived.json:5", "%23%23%5Berror%5D.json:2"} {
		if !slices.Contains(got, want) {
			t.Errorf("no result at %s, but at %q", want, got)
		}
	}
}

func TestSARIFFileAddress(t *testing.T) {
	for file, want := range map[string]sarifArtifact{
		"infra/main.json":    {URI: "infra/main.json", URIBaseID: "%SRCROOT%"},
		"./infra//main.json": {URI: "infra/main.json", URIBaseID: "%SRCROOT%"},
		"../other/a b.json":  {URI: "../other/a%20b.json", URIBaseID: "%SRCROOT%"},
		"/srv/a#b?.json":     {URI: "file:///srv/a%23b%3F.json"},
		"C:/repo/a.json":     {URI: "file:///C%3A/repo/a.json"},
		"a:b.json":           {URI: "a%3Ab.json", URIBaseID: "%SRCROOT%"},
		"100%.json":          {URI: "100%25.json", URIBaseID: "%SRCROOT%"},
	} {
		if got := fileAddress(file); got != want {
			t.Errorf("%s: got %+v, want %+v", file, got, want)
		}
	}
}

func TestSARIFTextsAreNoLinks(t *testing.T) {
	s := emptySample()
	evil := "[click](https://evil.example) ![x](https://evil.example/x.png) @everyone <img src=x>"
	s.report.Controls = []finding.Control{{
		ID: "CUSTOM-001", Title: evil, Description: evil, Remediation: evil, Severity: finding.High, Subject: evil,
		References: []string{"javascript:alert(1)", "http://evil.example", "https://good.example/a_(b)", "https://evil.example/\u202e"},
		Frameworks: []finding.Requirement{{Framework: evil, Requirement: evil}},
	}}
	s.findings = []finding.Finding{{
		Control: "CUSTOM-001", Severity: finding.High, Outcome: finding.Fail, Subject: finding.Subject{Kind: "application", ID: evil, Name: evil},
		Key: raw(`{}`), Evidence: raw(`{"text":"\ud800 \u202e","n":12345678901234567890}`), Message: evil, Fingerprint: "f",
	}}
	text := render(t, "sarif", s.open(t))
	checkSARIF(t, text)
	run := readSARIF(t, text)
	rule := run.Tool.Driver.Rules[0]
	if rule.HelpURI != "https://good.example/a_(b)" || strings.Contains(rule.Help.Markdown, "javascript") || strings.Contains(rule.Help.Markdown, "/evil.example>") {
		t.Errorf("help %+v at %s", rule.Help, rule.HelpURI)
	}
	for _, live := range []string{"[click]", "![", " @e", "<img"} {
		if strings.Contains(strings.ReplaceAll(rule.Help.Markdown, `\`+live, ""), live) {
			t.Errorf("%q works in %s", live, rule.Help.Markdown)
		}
	}
	if got := string(run.Results[0].Properties.Evidence); got != `{"n":12345678901234567890,"text":"� \\u202e"}` {
		t.Errorf("evidence %s", got)
	}
}

// A rule is ranked as the worst of its findings: GitHub ranks rules alone.
func TestSARIFRanksRulesByTheirWorstFinding(t *testing.T) {
	s := emptySample()
	s.report.Controls = []finding.Control{{ID: "A", Title: "a", Severity: finding.Medium}, {ID: "B", Title: "b", Severity: finding.Info}}
	for i, severity := range []finding.Severity{finding.Low, finding.Critical, finding.Info} {
		s.findings = append(s.findings, finding.Finding{
			Control: []string{"A", "A", "B"}[i], Severity: severity, Outcome: finding.Fail, Subject: finding.Subject{Kind: "tenant", ID: "t"},
			Key: raw(`{"i":%d}`, i), Evidence: raw(`{}`), Message: "m",
		})
	}
	s.findings = append(s.findings, finding.Finding{Control: "GONE", Severity: finding.High, Outcome: finding.Fail, Key: raw(`{}`), Evidence: raw(`{}`), Message: "m"})
	text := render(t, "sarif", s.open(t))
	checkSARIF(t, text)
	var got []string
	for _, r := range readSARIF(t, text).Tool.Driver.Rules {
		got = append(got, r.ID+" "+r.Properties.Score)
	}
	if !slices.Equal(got, []string{"A 9.5", "B ", "GONE 8.0"}) {
		t.Errorf("rules %q", got)
	}
}
