package reports

import (
	"cmp"
	"fmt"
	"strings"

	"leastwise/policies/finding"
)

// junitCase is a test case. It passed when result is empty.
type junitCase struct {
	class, name string
	result      string // failure, error or skipped
	kind        string // type of the result: severity, waived, …
	message     string
	text        string // more of the message, over several lines
}

// junitResult is what a finding is in terms of tests. What does not decide the verdict fails no build.
func junitResult(f *finding.Finding) string {
	switch {
	case !f.Counts() || f.Outcome == finding.Manual:
		return "skipped"
	case f.Outcome == finding.Fail:
		return "failure"
	}
	return "error"
}

// controlCases are what a control has beside findings. A control that judged nothing is never taken for one that
// found nothing.
func controlCases(area string, c finding.Control) []junitCase {
	class := junitClass(area, c.ID)
	title := clip(oneLine(c.Title), junitMaxName)
	if reason := notRun(c); reason != "" {
		return []junitCase{{class: class, name: "not run: " + title, result: "skipped", kind: "not_run", message: reason}}
	}
	var cases []junitCase
	kind := oneLine(c.Subject)
	if n := c.Counts.Pass; n > 0 {
		cases = append(cases, junitCase{class: class, name: fmt.Sprintf("%s pass: %s", subjectCount(n, kind), title)})
	}
	if n := c.Counts.NotApplicable; n > 0 {
		cases = append(cases, junitCase{
			class: class, name: fmt.Sprintf("%s not concerned: %s", subjectCount(n, kind), title), result: "skipped", kind: "not_applicable",
			message: "not applicable: " + subjectCount(n, kind),
		})
	}
	if c.Counts == (finding.Counts{}) {
		cases = append(cases, junitCase{
			class: class, name: "nothing to judge: " + title, result: "skipped", kind: "no_subjects", message: "there is no " + kind + " to judge",
		})
	}
	return cases
}

// coverageSuite tells what was looked at, a test case for each dataset. What is missing is skipped: where it matters,
// the results that it makes unknown are errors. That nothing was judged is an error by itself.
func coverageSuite(r *finding.Report) *junitSuite {
	s := &junitSuite{area: "What was looked at"}
	if !judged(r) {
		s.cases = append(s.cases, junitCase{class: "Coverage.controls", name: "controls were run", result: "error", kind: "nothing_judged", message: verdict(r)})
	}
	for _, c := range r.Coverage {
		test := junitCase{class: "Coverage.datasets", name: cmp.Or(clip(oneLine(c.Dataset), junitMaxName), "unnamed")}
		if c.Status != "collected" || miscounted(c) {
			test.result, test.kind, test.message = "skipped", c.Status, c.Status+": "+gapReason(c)
		}
		s.cases = append(s.cases, test)
	}
	return s
}

func junitClass(area, control string) string {
	return clip(oneLine(area), junitMaxName) + "." + cmp.Or(clip(oneLine(control), junitMaxName), "unnamed")
}

// findingCase is a finding as a test case. Its name stays the same from day to day, so that build servers can tell
// old from new.
func (j *junit) findingCase(area string, f *finding.Finding) junitCase {
	who := strings.TrimSpace(clip(oneLine(f.Subject.Name), junitMaxName) + " " + clip(oneLine(f.Subject.Kind+"/"+f.Subject.ID), junitMaxName))
	c := junitCase{
		class: junitClass(area, f.Control), name: fmt.Sprintf("%s [%s]", who, clip(oneLine(cmp.Or(f.Fingerprint, f.Print())), 32)),
		result: junitResult(f), kind: string(f.Severity), message: string(f.Severity) + ": " + f.Message,
	}
	switch {
	case f.Waiver != nil:
		c.kind, c.message = "waived", fmt.Sprintf("waived until %s (%s): %s", f.Waiver.Expires, f.Waiver.ID, c.message)
	case f.Known:
		c.kind, c.message = "known", "known from the baseline of "+baselineInstant(&j.d.Report)+": "+c.message
	case f.Outcome != finding.Fail:
		c.kind = string(f.Outcome)
	}
	if f.Outcome != finding.Fail {
		c.message = outcomeRemark(f.Outcome) + c.message
	}
	c.text = j.findingText(f)
	return c
}

// findingText is what a finding rests on, a line for each thing. The place comes first: there readers look for it.
func (j *junit) findingText(f *finding.Finding) string {
	var lines []string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+": "+clip(oneLine(value), junitMaxText))
		}
	}
	if f.Location != nil {
		lines = append(lines, fmt.Sprintf("%s:%d", clip(oneLine(f.Location.File), junitMaxText), max(f.Location.Line, 1)))
	}
	add("control", f.Control)
	add("outcome", string(f.Outcome))
	add("severity", string(f.Severity))
	add("subject", f.Subject.Kind+"/"+f.Subject.ID)
	add("name", f.Subject.Name)
	add("owners", strings.Join(ownersOrNone(f), ", "))
	add("key", emptyObject(f.Key))
	add("evidence", emptyObject(f.Evidence))
	add("first reported", f.Since)
	add("fingerprint", f.Fingerprint)
	if w := f.Waiver; w != nil {
		add("waiver", w.ID)
		add("reason", w.Reason)
		add("requested by", w.Requester)
		add("approved by", w.Approver)
		add("expires", w.Expires)
	}
	return strings.Join(lines, "\n")
}

// emptyObject is JSON, or "" for an object without members.
func emptyObject(value []byte) string {
	if string(value) == "{}" {
		return ""
	}
	return string(value)
}
