package diff

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// allSubjects is the id of the subject of findings that are unknown because the subjects could not be listed.
const allSubjects = "*"

func (c *comparison) compareFindings() error {
	for _, s := range []*side{c.old, c.new} {
		for f, err := range s.doc.Findings() {
			if err != nil {
				return err
			}
			if f.Subject.ID == allSubjects && f.Outcome == finding.Unknown {
				s.blank[f.Control] = true
			}
		}
	}
	return compareTable(c, table[finding.Finding]{
		section: finding.Findings,
		group:   func(f *finding.Finding) string { return f.Subject.Kind + "\x00" + f.Subject.ID },
		content: func(f *finding.Finding) string { return f.Control + "\x00" + printOf(f) + content(findingValues(f)) },
		tell:    c.tellFindings,
	})
}

// printOf is the fingerprint as this version makes it: earlier ones made those of unknown findings otherwise.
func printOf(f *finding.Finding) string {
	compact := *f
	var key bytes.Buffer
	if json.Compact(&key, f.Key) == nil {
		compact.Key = key.Bytes()
	}
	return compact.Print()
}

func findingValues(f *finding.Finding) []value {
	waiver := cmp.Or(f.Waiver, &finding.Waiver{})
	return []value{
		text("outcome", string(f.Outcome), 0), text("severity", string(f.Severity), 0), text("waiver", waiver.ID, 0),
		instant("waived until", waiver.Expires, 0), text("waived because", waiver.Reason, 0), text("waiver requested by", waiver.Requester, 0),
		text("waiver approved by", waiver.Approver, 0), note("message", f.Message),
	}
}

func (c *comparison) tellFindings(subject key, oldRows, newRows []finding.Finding) error {
	old, new := c.byControl(oldRows), c.byControl(newRows)
	for _, control := range sortedKeys(old) {
		if err := c.tellControl(subject, old[control], new[control]); err != nil {
			return err
		}
	}
	for _, control := range sortedKeys(new) {
		if old[control] != nil {
			continue
		}
		if err := c.tellControl(subject, nil, new[control]); err != nil {
			return err
		}
	}
	return nil
}

// byControl groups findings of controls that were run for both reports: the others say nothing.
func (c *comparison) byControl(rows []finding.Finding) map[string]map[string]*finding.Finding {
	found := map[string]map[string]*finding.Finding{}
	for i := range rows {
		f := &rows[i]
		if !c.ranInBoth(f.Control) {
			continue
		}
		if found[f.Control] == nil {
			found[f.Control] = map[string]*finding.Finding{}
		}
		id := printOf(f)
		for n := 2; found[f.Control][id] != nil; n++ {
			id = printOf(f) + " " + strconv.Itoa(n)
		}
		found[f.Control][id] = f
	}
	return found
}

func (c *comparison) ranInBoth(control string) bool {
	before, there := c.old.ran[control]
	after, stillThere := c.new.ran[control]
	return there && stillThere && before == "" && after == ""
}

// tellControl tells what became of the findings of one control on one subject. A finding whose control cannot be
// judged any more is not gone: it has become unknown.
func (c *comparison) tellControl(subject key, old, new map[string]*finding.Finding) error {
	unknownNow, unknownBefore := lone(new, old), lone(old, new)
	for _, id := range sortedKeys(old) {
		was, is := old[id], new[id]
		switch {
		case is == nil && was.Outcome != finding.Unknown && unknownNow != nil:
			is = became(was, unknownNow)
		case is == nil && was.Outcome != finding.Unknown && c.new.blank[was.Control]:
			is = became(was, &finding.Finding{Outcome: finding.Unknown, Severity: was.Severity})
		case is == nil && was == unknownBefore && failsNow(old, new):
			continue // told with what it has become
		}
		if err := c.tellFinding(subject, was, is); err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(new) {
		was, is := old[id], new[id]
		switch {
		case was != nil, is == unknownNow && failsNow(new, old):
			continue
		case is.Outcome != finding.Unknown && unknownBefore != nil:
			was = became(is, unknownBefore)
		case is.Outcome != finding.Unknown && c.old.blank[is.Control]:
			was = became(is, &finding.Finding{Outcome: finding.Unknown, Severity: is.Severity})
		}
		if err := c.tellFinding(subject, was, is); err != nil {
			return err
		}
	}
	return nil
}

// became is what a finding is on the side on which it is unknown.
func became(f, unknown *finding.Finding) *finding.Finding {
	other := *f
	other.Outcome, other.Severity, other.Waiver = unknown.Outcome, unknown.Severity, unknown.Waiver
	return &other
}

// lone is the unknown finding that is on the first side only.
func lone(there, other map[string]*finding.Finding) *finding.Finding {
	for _, id := range sortedKeys(there) {
		if there[id].Outcome == finding.Unknown && other[id] == nil {
			return there[id]
		}
	}
	return nil
}

// failsNow reports whether a finding that is not unknown is on the second side only.
func failsNow(there, other map[string]*finding.Finding) bool {
	for id, f := range other {
		if f.Outcome != finding.Unknown && there[id] == nil {
			return true
		}
	}
	return false
}

func (c *comparison) tellFinding(subject key, was, is *finding.Finding) error {
	f := cmp.Or(is, was)
	id := cmp.Or(was, is) // the fingerprint of what failed
	if is != nil && is.Outcome != finding.Unknown {
		id = is
	}
	d := finding.Difference{Area: areaFindings, Action: changed, Subject: f.Subject, Item: f.Control + " " + c.fingerprint(id)}
	switch {
	case is == nil:
		if !c.judged(c.new, subject, was) {
			return nil
		}
		d.Action, d.Fields = removed, told(findingValues(was), false)
	case was == nil:
		if !c.judged(c.old, subject, is) {
			return nil
		}
		d.Action, d.Fields = added, told(findingValues(is), true)
	default:
		if d.Fields = c.differing(areaFindings, subject, findingValues(was), findingValues(is)); len(d.Fields) == 0 {
			return nil
		}
	}
	if c.because != "" {
		d.Fields = append(d.Fields, finding.DifferentField{Name: "because", New: c.because})
	}
	rank := 2 * f.Severity.Rank()
	if f.Outcome != finding.Fail {
		rank++ // what failed comes before what is unknown
	}
	return c.emit(d, rank)
}

// fingerprint of a finding as it stands in its report.
func (c *comparison) fingerprint(f *finding.Finding) string { return cmp.Or(f.Fingerprint, printOf(f)) }

// needs are the datasets that a control takes.
func (s *side) needs(control string) mask {
	var needs mask
	if c := s.controls[control]; c != nil {
		needs = of(c.Requires...)
	}
	return needs
}

// settled reports whether a control passed a subject, or does not concern it, whatever was not read.
func (s *side) settled(control string, subject key) bool {
	row, listed := s.subjects[subject]
	c := s.controls[control]
	if !listed || c == nil {
		return false
	}
	bit := func(bitmap []byte) bool { return row/8 < len(bitmap) && bitmap[row/8]&(1<<(row%8)) != 0 }
	return bit(c.Passed) || bit(c.Inapplicable)
}

// judged reports whether a side judged the subject of a finding that it does not show: the control passed it, or took only
// what was read in full; or the subject is known not to be there. A control that still finds something else on a
// subject does not tell that it could not look for the rest.
func (c *comparison) judged(s *side, subject key, f *finding.Finding) bool {
	if s.settled(f.Control, subject) {
		return true
	}
	needs := s.needs(f.Control)
	if _, listed := s.subjects[subject]; listed || f.Subject.ID == allSubjects {
		return c.known(s, areaFindings, subject, needs)
	}
	if !c.comparable(f.Subject.Kind) {
		return false
	}
	switch f.Subject.Kind {
	case kindApplication:
		if needs |= of(snapshot.Applications, snapshot.ServicePrincipals); strings.HasPrefix(f.Subject.ID, "service-principal/") {
			needs |= leftovers()
		}
	case kindType:
		needs |= of(snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations)
	case kindApproval:
		needs |= of(snapshot.DataConnectEvents)
	case "container":
		needs |= of(snapshot.Containers)
	case "pipeline":
		needs |= of(snapshot.Pipelines)
	}
	return c.known(s, areaFindings, subject, needs)
}

// notRun are the controls that were run for one report only, with what that says on both sides.
func (c *comparison) notRun() []finding.NotCompared {
	groups := map[[2]string][]string{}
	for _, from := range []map[string]string{c.old.ran, c.new.ran} {
		for id := range from {
			was, is := c.old.state(id), c.new.state(id)
			state := [2]string{was, is}
			if (was == "run") != (is == "run") && !slices.Contains(groups[state], id) {
				groups[state] = append(groups[state], id)
			}
		}
	}
	var rows []finding.NotCompared
	for state, ids := range groups {
		slices.Sort(ids)
		rows = append(rows, finding.NotCompared{
			Dataset: "controls", Areas: []string{areaFindings}, Old: state[0], New: state[1], Reason: strings.Join(ids, ", "),
		})
	}
	slices.SortFunc(rows, func(a, b finding.NotCompared) int { return strings.Compare(a.Reason, b.Reason) })
	return rows
}

// state says whether a control was run for this report.
func (s *side) state(control string) string {
	why, there := s.ran[control]
	switch {
	case !there:
		return "not in the report"
	case why != "":
		return why
	}
	return "run"
}
