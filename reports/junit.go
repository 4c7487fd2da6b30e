package reports

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"

	"leastwise/policies/finding"
)

// junitMaxName is how many columns of a tenant's text stand in a name, and junitMaxText in a text.
const (
	junitMaxName = 200
	junitMaxText = 2000
)

// writeJUnit writes the XML that build servers read test results from: a suite for each area of the tenant, and in it
// a test case for each finding. A failure failed, an error could not be judged, and what is waived, known, for a
// person to check, or was not run is skipped with the reason. What passed and what does not apply is one test case
// for each control, which says how many subjects there are of it. The structure is that of Jenkins' schema
// (https://github.com/jenkinsci/xunit-plugin, junit-10.xsd), which other readers take too.
func writeJUnit(w io.Writer, d *finding.Document) error {
	j := &junit{out: bufio.NewWriterSize(w, 1<<16), d: d, names: map[uint64]int{}}
	if err := j.gather(); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	if err := j.write(); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}

// junit is a JUnit file in the making.
type junit struct {
	out    *bufio.Writer
	d      *finding.Document
	suites []*junitSuite
	names  map[uint64]int // how often a name was given, by its digest
}

// junitSuite is one area of the tenant.
type junitSuite struct {
	area     string
	controls []finding.Control
	cases    []junitCase // those that are no findings
	findings int         // of the document
	counts   junitCounts
	waived   int
	known    int
}

type junitCounts struct{ tests, failures, errors, skipped int }

func (c *junitCounts) add(result string) {
	c.tests++
	switch result {
	case "failure":
		c.failures++
	case "error":
		c.errors++
	case "skipped":
		c.skipped++
	}
}

// gather counts: the numbers stand before what they count.
func (j *junit) gather() error {
	for _, c := range worstFirst(j.d.Controls) {
		s := j.suite(suiteArea(c.Subject))
		s.controls = append(s.controls, c)
		s.cases = append(s.cases, controlCases(s.area, c)...)
	}
	for f, err := range finding.Rows[junitGlance](j.d, finding.Findings) {
		if err != nil {
			return err
		}
		s := j.suite(suiteArea(f.Subject.Kind))
		s.findings++
		full := finding.Finding{Outcome: f.Outcome, Known: f.Known}
		if f.Waiver != nil {
			full.Waiver = &finding.Waiver{}
			s.waived++
		} else if f.Known {
			s.known++
		}
		s.counts.add(junitResult(&full))
	}
	j.suites = append(j.suites, coverageSuite(&j.d.Report))
	for _, s := range j.suites {
		for _, c := range s.cases {
			s.counts.add(c.result)
		}
	}
	return nil
}

// junitGlance is what counting needs of a finding.
type junitGlance struct {
	Outcome finding.Outcome `json:"outcome"`
	Subject finding.Subject `json:"subject"`
	Waiver  *struct{}       `json:"waiver"`
	Known   bool            `json:"known"`
}

// suiteArea is the area of a subject kind; what is none of the known kinds shares one, as each suite is one more time
// that the findings are read.
func suiteArea(kind string) string {
	if !slices.Contains([]string{"application", "container_type", "container", "data_connect_app", "pipeline", "tenant", "auditor", "waiver"}, kind) {
		return "Other"
	}
	return area(kind)
}

func (j *junit) suite(area string) *junitSuite {
	i := slices.IndexFunc(j.suites, func(s *junitSuite) bool { return s.area == area })
	if i < 0 {
		i = len(j.suites)
		j.suites = append(j.suites, &junitSuite{area: area})
	}
	return j.suites[i]
}

func (j *junit) write() error {
	var all junitCounts
	for _, s := range j.suites {
		all.tests, all.failures, all.errors = all.tests+s.counts.tests, all.failures+s.counts.failures, all.errors+s.counts.errors
	}
	j.out.WriteString(xml.Header)
	j.open("testsuites", "name", "leastwise", "tests", strconv.Itoa(all.tests), "failures", strconv.Itoa(all.failures),
		"errors", strconv.Itoa(all.errors), "time", "0")
	for i, s := range j.suites {
		if err := j.writeSuite(i, s); err != nil {
			return err
		}
	}
	j.out.WriteString("\n</testsuites>\n")
	return j.out.Flush()
}

func (j *junit) writeSuite(i int, s *junitSuite) error {
	r := &j.d.Report
	j.line(1)
	j.open("testsuite", "name", clip(s.area, junitMaxName), "tests", strconv.Itoa(s.counts.tests), "failures", strconv.Itoa(s.counts.failures),
		"errors", strconv.Itoa(s.counts.errors), "skipped", strconv.Itoa(s.counts.skipped), "time", "0",
		"timestamp", r.AsOf.UTC().Format("2006-01-02T15:04:05"), "id", strconv.Itoa(i))
	j.properties(s)
	for _, c := range s.cases {
		j.testCase(c)
	}
	if s.findings > 0 {
		for f, err := range j.d.Findings() {
			if err != nil {
				return err
			}
			if suiteArea(f.Subject.Kind) == s.area {
				j.testCase(j.findingCase(s.area, &f))
			}
		}
	}
	j.line(1)
	j.out.WriteString("</testsuite>")
	return nil
}

// properties say what the report is about, and count what test results have no word for.
func (j *junit) properties(s *junitSuite) {
	r := &j.d.Report
	j.line(2)
	j.open("properties")
	property := func(name, value string) {
		j.line(3)
		j.empty("property", "name", name, "value", clip(oneLine(value), junitMaxText))
	}
	property("tool", r.Tool.Name+" "+r.Tool.Version)
	property("tenant", strings.TrimSpace(r.Tenant.Name+" "+r.Tenant.ID))
	property("as_of", r.AsOf.UTC().Format("2006-01-02T15:04:05Z"))
	property("snapshot_sha256", r.Snapshot.SHA256)
	property("fail_on", string(r.FailOn))
	property("verdict", verdict(r))
	if len(s.controls) > 0 {
		var sum finding.Counts
		for _, c := range s.controls {
			sum.Pass, sum.Fail, sum.NotApplicable = sum.Pass+c.Counts.Pass, sum.Fail+c.Counts.Fail, sum.NotApplicable+c.Counts.NotApplicable
			sum.Manual, sum.Unknown = sum.Manual+c.Counts.Manual, sum.Unknown+c.Counts.Unknown
		}
		for _, p := range []struct {
			name  string
			count int
		}{
			{"pass", sum.Pass},
			{"fail", sum.Fail},
			{"not_applicable", sum.NotApplicable},
			{"manual", sum.Manual},
			{"unknown", sum.Unknown},
			{"waived", s.waived},
			{"known", s.known},
		} {
			property(p.name, strconv.Itoa(p.count))
		}
	}
	j.line(2)
	j.out.WriteString("</properties>")
}

func (j *junit) testCase(c junitCase) {
	c.name = j.unique(c.class, c.name)
	j.line(2)
	if c.result == "" {
		j.empty("testcase", "classname", c.class, "name", c.name, "time", "0")
		return
	}
	j.open("testcase", "classname", c.class, "name", c.name, "time", "0")
	message := clip(oneLine(c.message), junitMaxText)
	j.open(c.result, "type", clip(oneLine(c.kind), junitMaxName), "message", message)
	j.text(message)
	if c.text != "" {
		j.text("\n" + c.text)
	}
	fmt.Fprintf(j.out, "</%s></testcase>", c.result)
}

// unique numbers the names that were given before. Of two test cases of one name GitLab leaves the second out
// (https://docs.gitlab.com/ci/testing/unit_test_reports).
func (j *junit) unique(class, name string) string {
	digest := fnv.New64a()
	_, _ = io.WriteString(digest, class+"\x00"+name) // never fails
	j.names[digest.Sum64()]++
	if n := j.names[digest.Sum64()]; n > 1 {
		return fmt.Sprintf("%s (%d)", name, n)
	}
	return name
}

func (j *junit) line(depth int) { j.out.WriteString("\n" + strings.Repeat("  ", depth)) }

func (j *junit) open(element string, attributes ...string) {
	j.out.WriteString("<" + element)
	j.attributes(attributes)
	j.out.WriteByte('>')
}

func (j *junit) empty(element string, attributes ...string) {
	j.out.WriteString("<" + element)
	j.attributes(attributes)
	j.out.WriteString("/>")
}

// attributes writes names and values by turns.
func (j *junit) attributes(pairs []string) {
	for pair := range slices.Chunk(pairs, 2) {
		fmt.Fprintf(j.out, " %s=\"", pair[0])
		j.text(pair[1])
		j.out.WriteByte('"')
	}
}

// text writes text of which nothing is markup, and every character one that XML can hold.
func (j *junit) text(text string) {
	for i, line := range strings.Split(visible(text), "\n") {
		if i > 0 {
			j.out.WriteByte('\n')
		}
		_ = xml.EscapeText(j.out, []byte(line)) // a failed write shows when the writer is flushed
	}
}
