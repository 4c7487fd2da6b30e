package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"leastwise/policies/finding"
)

// What relative addresses of places are relative to.
const (
	sarifRepository = "%SRCROOT%"
	sarifNoFiles    = "TENANT"
)

// sarifState is what results that stand for several findings are told apart by.
type sarifState struct {
	control  string
	outcome  finding.Outcome
	status   string // waived, known or ""
	baseline string // new, unchanged or ""
}

// decides reports whether findings in that state decide the verdict.
func (s sarifState) decides() bool { return s.status == "" && s.outcome != finding.Manual }

// sarifSum counts the findings of one state that have no result of their own.
type sarifSum struct {
	count int
	worst finding.Severity
}

func (s *sarif) stateOf(f *finding.Finding) sarifState {
	state := sarifState{control: f.Control, outcome: f.Outcome, baseline: s.baselineState(f)}
	if !f.Counts() {
		state.status = standing(&s.d.Report, f)
	}
	return state
}

// baselineState tells new from old, against the baseline, else against the previous report; "" without either. Where
// one result has it all have to (SARIF 2.1.0, 3.27.24).
func (s *sarif) baselineState(f *finding.Finding) string {
	switch {
	case s.d.Baseline != nil && f.Known:
		return "unchanged"
	case s.d.Baseline != nil:
		return "new"
	case s.d.Previous == nil:
		return ""
	}
	if since, err := time.Parse(time.RFC3339, f.Since); err == nil && since.Before(s.d.AsOf) {
		return "unchanged"
	}
	return "new"
}

// sarifKind is the kind and the level of an outcome. A kind other than fail takes the level none (SARIF 2.1.0,
// 3.27.10).
func sarifKind(outcome finding.Outcome, severity finding.Severity) (kind, level string) {
	switch outcome {
	case finding.Fail:
		return "fail", sarifLevel(severity)
	case finding.Manual:
		return "review", "none"
	}
	return "open", "none"
}

func (s *sarif) resultOf(f *finding.Finding) sarifResult {
	state := s.stateOf(f)
	r := s.resultIn(state, f.Severity)
	print := cmp.Or(f.Fingerprint, f.Print())
	r.Message.Text = sarifShort(clip(s.remark(state, f)+cmp.Or(oneLine(f.Message), r.RuleID), sarifMaxMessage), sarifMaxMessage)
	r.Locations = []sarifLocation{placeOf(f, print)}
	r.PartialFingerprints = fingerprints(print)
	r.Suppressions = s.suppressions(f)
	r.Properties.Key, r.Properties.Evidence = inertJSON(f.Key, sarifMaxEvidence), inertJSON(f.Evidence, sarifMaxEvidence)
	r.Properties.Since = oneLine(f.Since)
	if f.Owners != nil { // that there is none is known
		r.Properties.Owners = []string{}
	}
	for _, owner := range f.Owners {
		r.Properties.Owners = append(r.Properties.Owners, oneLine(owner))
	}
	return r
}

// resultIn is a result with what it has of its state.
func (s *sarif) resultIn(state sarifState, severity finding.Severity) sarifResult {
	kind, level := sarifKind(state.outcome, severity)
	return sarifResult{
		RuleID: s.rules.id(state.control), RuleIndex: s.rules.index[state.control], Kind: kind, Level: level, BaselineState: state.baseline,
		Suppressions: []sarifSuppression{},
		Properties:   sarifProperties{Severity: oneLine(string(severity)), Outcome: oneLine(string(state.outcome)), Status: state.status},
	}
}

// remark says of a finding what is not plain failure. GitHub shows neither kind nor suppression of a result, so that
// its text has to tell.
func (s *sarif) remark(state sarifState, f *finding.Finding) string {
	text := ""
	switch {
	case f.Waiver != nil:
		text = fmt.Sprintf("Waived until %s (%s): ", oneLine(f.Waiver.Expires), oneLine(f.Waiver.ID))
	case state.status == "known":
		text = "Known from the baseline of " + oneLine(baselineInstant(&s.d.Report)) + ": "
	}
	return text + outcomeRemark(f.Outcome)
}

// outcomeRemark says what an outcome is when it is no failure.
func outcomeRemark(outcome finding.Outcome) string {
	switch outcome {
	case finding.Fail:
		return ""
	case finding.Manual:
		return "To be checked by a person: "
	}
	return "Unknown, which is no pass: "
}

// fingerprints are those that readers match results of two runs by: GitHub by the second alone.
func fingerprints(print string) map[string]string {
	print = clip(oneLine(print), 100)
	return map[string]string{"leastwise/v1": print, "primaryLocationLineHash": print + ":1"}
}

// suppressions say that a finding does not decide the verdict, and who accepted it.
func (s *sarif) suppressions(f *finding.Finding) []sarifSuppression {
	list := []sarifSuppression{}
	if w := f.Waiver; w != nil {
		list = append(list, sarifSuppression{
			Kind: "external", Status: "accepted", Justification: clip(oneLine(w.Reason), sarifMaxMessage),
			Properties: map[string]any{
				"waiver": oneLine(w.ID), "requester": oneLine(w.Requester), "approver": oneLine(w.Approver), "expires": oneLine(w.Expires),
			},
		})
	}
	if f.Known {
		list = append(list, sarifSuppression{
			Kind: "external", Status: "accepted", Justification: "Known from the baseline of " + oneLine(baselineInstant(&s.d.Report)),
		})
	}
	return list
}

// placeOf is where a finding is. GitHub refuses a file in which one result has no path, and tells results of a rule
// apart by path and line; so that what stands in no file gets a path of its own, which does not change.
func placeOf(f *finding.Finding, print string) sarifLocation {
	location := sarifLocation{LogicalLocations: []sarifLogical{{
		Name: clip(oneLine(f.Subject.Name), sarifMaxName), Kind: clip(oneLine(f.Subject.Kind), sarifMaxName),
		FullyQualifiedName: clip(oneLine(f.Subject.Kind+"/"+f.Subject.ID), sarifMaxName),
	}}}
	line := 1
	if l := f.Location; l != nil && l.File != "" {
		location.PhysicalLocation.ArtifactLocation, line = fileAddress(l.File), max(l.Line, 1)
	} else {
		location.PhysicalLocation.ArtifactLocation = noFile(f.Subject.Kind, f.Subject.ID, f.Control, fmt.Sprintf("%.12s", print))
	}
	location.PhysicalLocation.Region = sarifRegion{StartLine: line, StartColumn: 1, EndLine: line, EndColumn: 2}
	return location
}

// noFile is a path that is no file's, out of names.
func noFile(names ...string) sarifArtifact {
	segments := []string{"leastwise"}
	for _, name := range names {
		segments = append(segments, segment(name))
	}
	return sarifArtifact{URI: strings.Join(segments, "/"), URIBaseID: sarifNoFiles}
}

// segment makes one segment of a path out of any text; what is long is cut and keeps its digest.
func segment(text string) string {
	const longest = 100
	name := oneLine(text)
	if runes := []rune(name); len(runes) > longest {
		sum := sha256.Sum256([]byte(text))
		name = string(runes[:longest]) + "-" + hex.EncodeToString(sum[:4])
	}
	switch name {
	case "":
		return "_"
	case ".", "..":
		return "_" + name
	}
	return escapeSegment(name)
}

// fileAddress is the address of a repository file, as it was given: relative as a rule, as GitHub wants it. What is longer
// than file systems allow is no file's.
func fileAddress(file string) sarifArtifact {
	const longest = 3900 // bytes, percent-encoded
	file = path.Clean(file)
	var segments []string
	for name := range strings.SplitSeq(strings.TrimPrefix(file, "/"), "/") {
		segments = append(segments, escapeSegment(name))
	}
	address := strings.Join(segments, "/")
	if len(address) > longest {
		return noFile("file", file)
	}
	drive := len(file) > 2 && file[1] == ':' && file[2] == '/'
	if drive || strings.HasPrefix(file, "/") {
		return sarifArtifact{URI: "file:///" + address}
	}
	return sarifArtifact{URI: address, URIBaseID: sarifRepository}
}

// escapeSegment is a name as one segment of an address: without a colon, which would make a scheme of it.
func escapeSegment(name string) string { return strings.ReplaceAll(url.PathEscape(name), ":", "%3A") }

func (s *sarif) sum(f *finding.Finding) {
	state := s.stateOf(f)
	sum := s.summed[state]
	if sum == nil {
		sum = &sarifSum{worst: f.Severity}
		s.summed[state] = sum
	}
	sum.count++
	if f.Severity.Rank() < sum.worst.Rank() {
		sum.worst = f.Severity
	}
}

// summaries are one result for each state of each control of which findings are beyond the limits, worst first.
func (s *sarif) summaries() []sarifResult {
	var states []sarifState
	for state := range s.summed {
		states = append(states, state)
	}
	slices.SortFunc(states, func(a, b sarifState) int {
		return cmp.Or(
			cmp.Compare(a.status, b.status), cmp.Compare(s.summed[a].worst.Rank(), s.summed[b].worst.Rank()),
			cmp.Compare(a.control, b.control), cmp.Compare(a.outcome, b.outcome), cmp.Compare(a.baseline, b.baseline),
		)
	})
	var results []sarifResult
	for _, state := range states {
		results = append(results, s.summary(state))
	}
	return results
}

func (s *sarif) summary(state sarifState) sarifResult {
	sum := s.summed[state]
	r := s.resultIn(state, sum.worst)
	what := cmp.Or(state.status, "not waived and not known")
	r.Message.Text = sarifPlain(fmt.Sprintf("%sFindings of %s that are not listed one by one: %d, %s, %s at worst. "+
		"The JSON report, of which this file was made, has them all; here is room for %d results.",
		outcomeRemark(state.outcome), r.RuleID, sum.count, what, r.Properties.Severity, sarifMaxResults))
	r.OccurrenceCount = sum.count
	id := strings.Join([]string{string(state.outcome), state.status, state.baseline}, "-")
	print := finding.Fingerprint(state.control, finding.Subject{Kind: "summary", ID: id}, nil)
	r.Locations = []sarifLocation{placeOf(&finding.Finding{Control: state.control, Subject: finding.Subject{Kind: "summary", ID: id}}, print)}
	r.PartialFingerprints = fingerprints(print)
	if state.status != "" {
		r.Suppressions = append(r.Suppressions, sarifSuppression{
			Kind: "external", Status: "accepted", Justification: counted(sum.count, state.status+" finding") + "; the JSON report says why",
		})
	}
	return r
}
