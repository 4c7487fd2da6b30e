package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	oracle "github.com/joshdk/go-junit"

	"leastwise/policies/finding"
)

func TestJUnitGolden(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": shortHostileSample()} {
		checkGolden(t, "testdata/"+name+".junit.xml", render(t, "junit", s.open(t)))
	}
}

func TestJUnitIsValid(t *testing.T) {
	skipUnderRace(t)
	for name, s := range machineSamples() {
		t.Run(name, func(t *testing.T) { checkJUnit(t, render(t, "junit", s.open(t))) })
	}
}

// junitElements re-expresses the schema that Jenkins' xunit plugin validates against, its junit-10.xsd: by element,
// the elements in it, the attributes that it must have, and those that it may have.
func junitElements() map[string]struct{ children, must, may []string } {
	result := []string{"type", "message"}
	return map[string]struct{ children, must, may []string }{
		"testsuites": {[]string{"testsuite"}, nil, []string{"name", "time", "tests", "failures", "errors"}},
		"testsuite": {
			[]string{"testsuite", "properties", "testcase", "system-out", "system-err"},
			[]string{"name", "tests", "failures", "errors"},
			[]string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		},
		"properties": {[]string{"property"}, nil, nil},
		"property":   {nil, []string{"name", "value"}, nil},
		"testcase": {
			[]string{"skipped", "error", "failure", "rerunFailure", "rerunError", "flakyFailure", "flakyError", "system-out", "system-err"},
			[]string{"name"},
			[]string{"time", "classname", "group"},
		},
		"failure": {nil, nil, result}, "error": {nil, nil, result}, "skipped": {nil, nil, result},
	}
}

// checkJUnit holds a file against the schema, its own numbers, and what readers take from it.
func checkJUnit(t *testing.T, text []byte) {
	t.Helper()
	checkXMLCharacters(t, text)
	checkJUnitElements(t, text)
	checkJUnitNumbers(t, text)
	if lint, err := exec.LookPath("xmllint"); err == nil { // a second parser, where there is one
		cmd := exec.CommandContext(t.Context(), lint, "--noout", "--huge", "-")
		cmd.Stdin = bytes.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("xmllint: %.300s", out)
		}
	}
}

// checkXMLCharacters checks that XML 1.0 has each character, and that no reference brings in another.
func checkXMLCharacters(t *testing.T, text []byte) {
	t.Helper()
	if !utf8.Valid(text) || bytes.Contains(text, []byte("]]>")) || bytes.Contains(text, []byte("<![CDATA[")) {
		t.Error("not UTF-8, or with the end of a CDATA section")
	}
	for _, r := range string(text) {
		if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || r&0xfffe == 0xfffe || r == '\u202e' || r == '\u2066' {
			t.Fatalf("the file holds %U", r)
		}
	}
	for _, reference := range regexp.MustCompile(`&[^;]{0,12};?`).FindAll(text, -1) {
		if !slices.Contains([]string{"&lt;", "&gt;", "&amp;", "&#34;", "&#39;"}, string(reference)) {
			t.Fatalf("the file holds the reference %q", reference)
		}
	}
}

func checkJUnitElements(t *testing.T, text []byte) {
	t.Helper()
	rules := junitElements()
	decoder := xml.NewDecoder(bytes.NewReader(text))
	var open []string
	children := [][]string{nil}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			rule, known := rules[name]
			if !known || len(open) == 0 && name != "testsuites" || len(open) > 0 && !slices.Contains(rules[open[len(open)-1]].children, name) {
				t.Fatalf("<%s> in %q", name, open)
			}
			checkAttributes(t, e, rule.must, rule.may)
			children[len(children)-1] = append(children[len(children)-1], name)
			open, children = append(open, name), append(children, nil)
		case xml.EndElement:
			if e.Name.Local == "testcase" && len(children[len(children)-1]) > 1 {
				t.Errorf("a test case is %q at once", children[len(children)-1])
			}
			open, children = open[:len(open)-1], children[:len(children)-1]
		case xml.CharData:
			if len(open) > 0 && !slices.Contains([]string{"failure", "error", "skipped"}, open[len(open)-1]) && strings.TrimSpace(string(e)) != "" {
				t.Errorf("text in %q: %.40q", open, e)
			}
		}
	}
}

func checkAttributes(t *testing.T, e xml.StartElement, must, may []string) {
	t.Helper()
	var names []string
	for _, a := range e.Attr {
		names = append(names, a.Name.Local)
		if !slices.Contains(must, a.Name.Local) && !slices.Contains(may, a.Name.Local) {
			t.Errorf("<%s> has the attribute %s", e.Name.Local, a.Name.Local)
		}
		if a.Name.Local == "time" && !regexp.MustCompile(`^[0-9]{0,3}(\.[0-9]*)?$`).MatchString(a.Value) {
			t.Errorf("<%s> takes the time %q", e.Name.Local, a.Value)
		}
		if strings.Contains(a.Value, "\n") {
			t.Errorf("%s of <%s> has several lines, which readers make one of", a.Name.Local, e.Name.Local)
		}
	}
	for _, name := range must {
		if !slices.Contains(names, name) {
			t.Errorf("<%s> lacks the attribute %s", e.Name.Local, name)
		}
	}
}

// checkJUnitNumbers holds the numbers in the attributes against the test cases.
func checkJUnitNumbers(t *testing.T, text []byte) {
	t.Helper()
	suites, err := oracle.Ingest(text)
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	if len(suites) == 0 || len(suites) != len(root.Suites) {
		t.Fatalf("the oracle reads %d suites of %d", len(suites), len(root.Suites))
	}
	var all oracle.Totals
	names := map[string]bool{}
	for i, s := range suites {
		said, counted := root.Suites[i], s.Totals
		if said.Tests != counted.Tests || said.Failures != counted.Failed || said.Errors != counted.Error || said.Skipped != counted.Skipped || said.Tests == 0 {
			t.Errorf("suite %s says %+v and has %+v", s.Name, said, counted)
		}
		all.Tests, all.Failed, all.Error = all.Tests+counted.Tests, all.Failed+counted.Failed, all.Error+counted.Error
		for _, c := range s.Tests {
			if key := c.Classname + "\x00" + c.Name; c.Name == "" || c.Classname == "" || names[key] {
				t.Errorf("two test cases are %.60q in %.60q, and one of them is not shown", c.Name, c.Classname)
			} else {
				names[key] = true
			}
		}
	}
	if root.Tests != all.Tests || root.Failures != all.Failed || root.Errors != all.Error {
		t.Errorf("the root says %d, %d, %d; the suites have %+v", root.Tests, root.Failures, root.Errors, all)
	}
}

func TestJUnitSaysWhatEachFindingIs(t *testing.T) {
	s := contosoSample()
	suites, err := oracle.Ingest(render(t, "junit", s.open(t)))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]oracle.Test{}
	failed, unknown := 0, 0
	for _, suite := range suites {
		failed, unknown = failed+suite.Totals.Failed, unknown+suite.Totals.Error
		for _, c := range suite.Tests {
			if _, print, found := strings.Cut(c.Name, " ["); found {
				cases[strings.TrimSuffix(print, "]")] = c
			}
		}
	}
	for _, f := range s.findings {
		c, there := cases[f.Fingerprint]
		if !there {
			t.Fatalf("%s of %s is missing", f.Control, f.Subject.ID)
		}
		delete(cases, f.Fingerprint)
		status, kind, text := oracle.StatusFailed, string(f.Severity), string(f.Severity)+": "
		switch {
		case f.Waiver != nil:
			status, kind, text = oracle.StatusSkipped, "waived", "waived until 2027-03-31T00:00:00Z ("+f.Waiver.ID+"): "
		case f.Known:
			status, kind, text = oracle.StatusSkipped, "known", "known from the baseline of 2026-08-20T00:00Z: "
		case f.Outcome == finding.Manual:
			status, kind, text = oracle.StatusSkipped, "manual", "To be checked by a person: "
		case f.Outcome == finding.Unknown:
			status, kind, text = oracle.StatusError, "unknown", "Unknown, which is no pass: "
		}
		body := c.Message
		if c.Error != nil {
			body += c.Error.Error()
		}
		if c.Status != status || !strings.HasSuffix(c.Classname, "."+f.Control) || !strings.Contains(body, text) || !strings.Contains(body, f.Message) {
			t.Errorf("finding %+v\nbecame %s %+v", f, c.Status, c)
		}
		if got := resultType(t, render(t, "junit", s.open(t)), f.Fingerprint); got != kind {
			t.Errorf("%s of %s is of the type %q, want %q", f.Control, f.Subject.ID, got, kind)
		}
	}
	if len(cases) > 0 {
		t.Errorf("test cases without a finding: %v", cases)
	}
	totals := s.report.Totals
	text := string(render(t, "junit", s.open(t)))
	if n := strings.Count(text, "\napproved by: ciso@contoso.example\n"); n != totals.Waived {
		t.Errorf("%d of %d waived findings say who approved it", n, totals.Waived)
	}
	for _, severity := range finding.Severities() {
		failed, unknown = failed-totals.Failed[severity], unknown-totals.Unknown[severity]
	}
	if failed != 0 || unknown != 0 {
		t.Errorf("%d more failures and %d more errors than the totals have", failed, unknown)
	}
}

// resultType is the type of the result of the test case of a fingerprint.
func resultType(t *testing.T, text []byte, print string) string {
	t.Helper()
	_, rest, found := bytes.Cut(text, []byte(" ["+print+"]\""))
	match := regexp.MustCompile(`^ time="0"><\w+ type="([^"]*)"`).FindSubmatch(rest)
	if !found || match == nil {
		t.Fatalf("no result for %s", print)
	}
	return string(match[1])
}

// What passed is counted; and what was not run, or had nothing to judge, never passes.
func TestJUnitOfControls(t *testing.T) {
	s := contosoSample()
	s.report.Controls = append(s.report.Controls,
		finding.Control{ID: "X-1", Title: "nothing there", Severity: finding.Low, Subject: "container"},
		finding.Control{ID: "X-2", Title: "out of scope", Severity: finding.Low, Subject: "container", OutOfScope: "files do not tell"},
	)
	suites, err := oracle.Ingest(render(t, "junit", s.open(t)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]oracle.Status{}
	for _, suite := range suites {
		for _, c := range suite.Tests {
			got[c.Classname+" "+c.Name] = c.Status
		}
	}
	for name, want := range map[string]oracle.Status{
		"Applications.ENTRA-001 2970 applications pass: No application can make itself Global Administrator":           oracle.StatusPassed,
		"Applications.SPE-001 405 applications not concerned: Container type management is dropped after provisioning": oracle.StatusSkipped,
		"Tenant settings.TEN-003 not run: Members cannot register applications":                                        oracle.StatusSkipped,
		"SharePoint Embedded.X-1 nothing to judge: nothing there":                                                      oracle.StatusSkipped,
		"SharePoint Embedded.X-2 not run: out of scope":                                                                oracle.StatusSkipped,
		"Coverage.datasets applications":                                                                               oracle.StatusPassed,
		"Coverage.datasets container_type_grants":                                                                      oracle.StatusSkipped,
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
}

func TestJUnitOfNothingJudgedIsAnError(t *testing.T) {
	disabled := emptySample()
	disabled.report.Controls = []finding.Control{{ID: "X-1", Title: "x", Severity: finding.Low, Subject: "tenant", Disabled: "because"}}
	for name, s := range map[string]sample{"empty": emptySample(), "disabled": disabled} {
		text := render(t, "junit", s.open(t))
		checkJUnit(t, text)
		suites, err := oracle.Ingest(text)
		if err != nil {
			t.Fatal(err)
		}
		if last := suites[len(suites)-1]; last.Totals.Error != 1 || last.Totals.Passed != 0 {
			t.Errorf("%s: %+v", name, last.Totals)
		}
	}
}

func TestJUnitOfFilesBeginsWithThePlace(t *testing.T) {
	text := string(render(t, "junit", gateSample().open(t)))
	for _, want := range []string{"\nfactory/pipeline/A.json:3\n", "\na:b c/日本語.json:5\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no line %q", want)
		}
	}
}

func TestJUnitSumsOfOutcomes(t *testing.T) {
	s := contosoSample()
	suites, err := oracle.Ingest(render(t, "junit", s.open(t)))
	if err != nil {
		t.Fatal(err)
	}
	sum := map[string]int{}
	for _, suite := range suites {
		for name, value := range suite.Properties {
			if n, err := strconv.Atoi(value); err == nil {
				sum[name] += n
			}
		}
	}
	o := s.report.Totals.Outcomes
	for name, want := range map[string]int{
		"pass": o.Pass, "fail": o.Fail, "unknown": o.Unknown, "manual": o.Manual, "not_applicable": o.NotApplicable,
		"waived": s.report.Totals.Waived, "known": s.report.Totals.Known,
	} {
		if sum[name] != want {
			t.Errorf("%s: the suites add up to %d, want %d", name, sum[name], want)
		}
	}
}
