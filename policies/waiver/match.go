package waiver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"leastwise/policies/finding"
)

// Run is what a report says of the controls and subjects that findings are about.
type Run struct {
	Report *finding.Report
	// Known reports whether there is a control of an id, also where it was not run.
	Known func(id string) bool
	// Files says that only what files of a repository define was judged: what is not in them is not gone.
	Files bool
	// Rows yields the rows of an inventory table.
	Rows func(finding.Section) iter.Seq2[json.RawMessage, error]
}

// Matching holds the waivers of a file against the findings of a report, one by one.
type Matching struct {
	asOf      time.Time
	standings []*Standing
	// Those in force: by fingerprint, of which each has one, and by control and subject.
	byPrint map[string]*candidate
	about   map[string][]*candidate
	// unlisted are the controls and kinds of which not all subjects are known.
	unlisted map[string]bool
}

// candidate is a waiver in force, and what was met that concerns it.
type candidate struct {
	*Standing
	elsewhere string           // the finding that has its fingerprint, where that is another control's or subject's
	manual    bool             // it has, and it is a manual result
	unknown   bool             // its control could not judge its subject
	covered   bool             // its control finds something else there, which other waivers cover
	worse     finding.Severity // what it names is this severe now, which was not accepted; "" when it is not
	others    []other          // what its control finds on its subject, and no waiver covers
}

// Match begins a matching with a report of a tenant, as of an instant.
func (f *File) Match(asOf time.Time, tenant string) *Matching {
	m := &Matching{asOf: asOf, standings: f.At(asOf, cmp.Or(tenant, "not known")), byPrint: map[string]*candidate{}, about: map[string][]*candidate{}, unlisted: map[string]bool{}}
	for _, s := range m.standings {
		if s.InForce() {
			c := &candidate{Standing: s}
			m.byPrint[s.Fingerprint] = c
			m.about[s.about()] = append(m.about[s.about()], c)
		}
	}
	return m
}

// Cover returns the waiver that covers a finding; nil for none.
func (m *Matching) Cover(f *finding.Finding) *finding.Waiver {
	if IsOwn(f.Control) {
		return nil
	}
	about := (&Entry{Control: f.Control, Subject: f.Subject}).about()
	if f.Subject.ID == "*" {
		m.unlisted[about] = true
	}
	print := Print(f)
	match := m.byPrint[print]
	var covers *finding.Waiver
	switch {
	case match == nil:
	case match.about() != about:
		match.elsewhere = fmt.Sprintf("%s on %s/%s", f.Control, f.Subject.Kind, f.Subject.ID)
	case (f.Outcome == finding.Fail || f.Outcome == finding.Unknown) && match.Severity != "" && f.Severity.Rank() < match.Severity.Rank():
		if match.worse == "" || f.Severity.AtLeast(match.worse) {
			match.worse = f.Severity
		}
	case f.Outcome == finding.Fail || f.Outcome == finding.Unknown:
		match.Findings++
		covers = new(match.shown())
	default:
		match.manual = true
	}
	for _, c := range m.about[about] {
		switch {
		case c.Fingerprint == print:
		case f.Outcome == finding.Unknown:
			c.unknown = true
		case covers != nil:
			c.covered = true
		default:
			c.others = append(c.others, other{print, string(f.Key)})
		}
	}
	return covers
}

// Print is the fingerprint of a finding, of its key and not of what a file says that it is.
func Print(f *finding.Finding) string {
	var key bytes.Buffer // without white space, which editors and filters add
	if json.Compact(&key, f.Key) != nil {
		return f.Fingerprint
	}
	plain := finding.Finding{Control: f.Control, Subject: f.Subject, Key: key.Bytes(), Outcome: f.Outcome}
	return plain.Print()
}

// Finish tells what became of each waiver, in the order of the file, when all findings were seen.
func (m *Matching) Finish(run Run) ([]*Standing, error) {
	var open []*candidate
	for _, s := range m.standings {
		if c := m.byPrint[s.Fingerprint]; c != nil && c.Standing == s && s.Findings == 0 && !m.settle(c, run) {
			open = append(open, c)
		}
	}
	return m.standings, m.settleSubjects(open, run)
}

func (c *candidate) stale(format string, args ...any) {
	c.breach("WAV-002", Stale, fmt.Sprintf(format, args...))
}

func (c *candidate) unjudged(format string, args ...any) {
	c.Status, c.Detail = Unjudged, fmt.Sprintf(format, args...)
}

// settle tells why a waiver covers nothing, where findings and controls tell.
func (m *Matching) settle(c *candidate, run Run) bool {
	i := slices.IndexFunc(run.Report.Controls, func(control finding.Control) bool { return control.ID == c.Control })
	switch {
	case c.elsewhere != "":
		c.stale("its fingerprint is that of %s, and it names %s on %s", c.elsewhere, c.Control, c.subject())
	case c.manual:
		c.stale("what it names is for people to judge, and does not count: there is nothing to waive")
	case c.worse != "":
		c.stale("it was accepted as %s, and is %s now, which nobody has accepted", c.Severity, c.worse)
	case i < 0 && !run.Known(c.Control):
		c.stale("no control has the id %s", c.Control)
	case i < 0:
		c.unjudged("%s was not among the controls that were run", c.Control)
	case run.Report.Controls[i].Disabled != "":
		c.unjudged("%s is switched off: %s", c.Control, run.Report.Controls[i].Disabled)
	case run.Report.Controls[i].OutOfScope != "":
		c.unjudged("%s did not run: %s", c.Control, run.Report.Controls[i].OutOfScope)
	case len(c.others) > 0:
		c.changed()
	case c.covered:
		c.stale("%s does not find it any more on %s, and other waivers cover what it finds there", c.Control, c.subject())
	case c.unknown:
		c.unjudged("%s could not judge %s, which is a finding of its own", c.Control, c.subject())
	case run.Report.Controls[i].Subject != c.Subject.Kind:
		c.stale("%s judges subjects of the kind %s, not %s", c.Control, run.Report.Controls[i].Subject, c.Subject.Kind)
	default:
		return false
	}
	return true
}

// changed says what a control finds in place of what was accepted.
func (c *candidate) changed() {
	lead := "the grant changed: what was accepted is not found any more"
	if unsure := (finding.Finding{Control: c.Control, Subject: c.Subject, Outcome: finding.Unknown}); c.Fingerprint == unsure.Print() {
		lead = "that this is unknown was accepted, and it no longer is"
	}
	var list []string
	for _, o := range c.others[:min(len(c.others), mostNamed)] {
		list = append(list, o.fingerprint+" "+clip(o.key, 200))
	}
	if more := len(c.others) - mostNamed; more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	c.stale("%s; %s now finds on %s what no waiver covers: %s", lead, c.Control, c.subject(), strings.Join(list, ", "))
	c.Faults[len(c.Faults)-1].found = c.others
}

// mostNamed is how many findings a text names.
const mostNamed = 5

// clip shortens text to so many characters.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
