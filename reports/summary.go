package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"leastwise/policies/finding"
)

// verdict says in one sentence what a report comes to. It speaks of what was not
// judged whenever there is any, also beside violations.
func verdict(r *finding.Report) string {
	failed, unknown, below := 0, 0, 0
	for _, severity := range finding.Severities() {
		if severity.AtLeast(r.FailOn) {
			failed += r.Totals.Failed[severity]
			unknown += r.Totals.Unknown[severity]
		} else {
			below += r.Totals.Failed[severity] + r.Totals.Unknown[severity]
		}
	}
	if !judged(r) {
		return "nothing was judged: no control was run"
	}
	var sentence string
	switch r.Verdict() {
	case finding.Violations:
		sentence = counted(failed, "violation")
		if unknown > 0 {
			sentence += fmt.Sprintf(", and %s unknown", are(unknown, "more result"))
		}
	case finding.Unjudged:
		sentence = fmt.Sprintf("no violations, but %s unknown: not everything could be looked at", are(unknown, "result"))
	default:
		sentence = "no violations, nothing unknown"
	}
	if below > 0 {
		sentence += fmt.Sprintf("; not counted: %s below %s", counted(below, "finding"), r.FailOn)
	}
	return sentence
}

// sentence begins text with a capital letter.
func sentence(text string) string {
	_, size := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:size]) + text[size:]
}

// judged tells whether any control was run. A report without one says nothing.
func judged(r *finding.Report) bool {
	return slices.ContainsFunc(r.Controls, func(c finding.Control) bool { return c.Disabled == "" && c.OutOfScope == "" })
}

// are is counted with its verb: 1 result is, 3 results are.
func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return counted(n, noun) + " are"
}

// notRun says why a control did not run; "" for one that did.
func notRun(c finding.Control) string {
	switch {
	case c.Disabled != "":
		return "switched off: " + c.Disabled
	case c.OutOfScope != "":
		return "out of scope: " + c.OutOfScope
	}
	return ""
}

// holes are the intervals of which a dataset of events is missing some, a line each.
func holes(c finding.Coverage) []string {
	var lines []string
	for _, hole := range c.Holes {
		lines = append(lines, fmt.Sprintf("%s to %s: %s", hole.From, hole.To, hole.Reason))
	}
	return lines
}

// toMinute is an instant as a line has room for it: YYYY-MM-DDTHH:MMZ, UTC, as holes are
// told. What is no instant stays as it is.
func toMinute(written string) string {
	at, err := time.Parse(time.RFC3339, written)
	if err != nil {
		return written
	}
	return at.UTC().Format("2006-01-02T15:04Z")
}

// declarations are what the operator declared of applications, one text each; nil when
// nothing.
func declarations(r *finding.Report) []string {
	var texts []string
	for _, d := range r.Declared.List() {
		text := d.AppID + " " + d.What
		if d.Detail != "" {
			text += " " + d.Detail
		}
		if d.Reason != "" {
			text += ": " + d.Reason
		}
		texts = append(texts, text)
	}
	return texts
}

// gaps are the datasets that are not known to be complete, worst first: what broke,
// then what was refused, cut short, not licensed, not asked for.
func gaps(r *finding.Report) []finding.Coverage {
	order := []string{"failed", "denied", "partial", "collected", "unlicensed", "skipped"}
	var missing []finding.Coverage
	for _, c := range r.Coverage {
		if c.Status != "collected" || miscounted(c) {
			missing = append(missing, c)
		}
	}
	slices.SortStableFunc(missing, func(a, b finding.Coverage) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)),
			cmp.Compare(len(b.Controls), len(a.Controls)),
			cmp.Compare(a.Dataset, b.Dataset),
		)
	})
	return missing
}

// coverage says what was looked at when nothing is missing.
func coverage(r *finding.Report) string {
	if len(r.Coverage) == 0 {
		return "this report does not say what was looked at"
	}
	return "everything was looked at: " + counted(len(r.Coverage), "dataset") + " collected in full"
}

func miscounted(c finding.Coverage) bool {
	return c.Reconciled != nil && c.Reconciled.Want != c.Reconciled.Got
}

// The results of holding rows against a second count.
const (
	countsAgree  = "agrees"
	countsDiffer = "differs"
	countedOnce  = "none" // no second count exists
)

// reconciled says what became of a second count of a dataset; "" for one of which there
// was nothing to count.
func reconciled(c finding.Coverage) string {
	switch {
	case miscounted(c):
		return countsDiffer
	case c.Reconciled != nil:
		return countsAgree
	case c.Status == "collected" || c.Status == "partial":
		return countedOnce
	}
	return ""
}

// countGroup are the datasets with one result.
type countGroup struct {
	result   string
	datasets []string
}

// secondCounts groups the datasets by what became of their second count.
func secondCounts(r *finding.Report) []countGroup {
	groups := []countGroup{{result: countsDiffer}, {result: countsAgree}, {result: countedOnce}}
	for _, c := range r.Coverage {
		name := c.Dataset
		if miscounted(c) {
			name += " (" + bothCounts(c) + ")"
		}
		for i := range groups {
			if groups[i].result == reconciled(c) {
				groups[i].datasets = append(groups[i].datasets, name)
			}
		}
	}
	return groups
}

// bothCounts are the two numbers of a dataset that was counted a second time.
func bothCounts(c finding.Coverage) string {
	return fmt.Sprintf("%s, but %s counts %d", counted(c.Reconciled.Got, "row"), c.Reconciled.Against, c.Reconciled.Want)
}

// gapReason says why a dataset is not known to be complete.
func gapReason(c finding.Coverage) string {
	var reasons []string
	if c.Reason != "" {
		reasons = append(reasons, c.Reason)
	}
	if miscounted(c) {
		reasons = append(reasons, bothCounts(c))
	}
	if len(reasons) == 0 {
		return "no reason given"
	}
	return strings.Join(reasons, "; ")
}

// worstFirst orders controls as a reader wants them: those with findings by severity,
// and there what failed before what is unknown; then those that hold; last those that
// were not run.
func worstFirst(controls []finding.Control) []finding.Control {
	place := func(c finding.Control) int {
		switch {
		case notRun(c) != "":
			return 2
		case c.Counts.Fail+c.Counts.Unknown+c.Counts.Manual == 0:
			return 1
		}
		return 0
	}
	sorted := slices.Clone(controls)
	slices.SortStableFunc(sorted, func(a, b finding.Control) int {
		return cmp.Or(
			cmp.Compare(place(a), place(b)),
			cmp.Compare(a.Severity.Rank(), b.Severity.Rank()),
			cmp.Compare(min(b.Counts.Fail, 1), min(a.Counts.Fail, 1)),
			cmp.Compare(min(b.Counts.Unknown, 1), min(a.Counts.Unknown, 1)),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return sorted
}

// collectedDays is the day or the days on which the facts were read.
func collectedDays(s finding.Snapshot) string {
	if s.CollectedFrom == s.CollectedTo || s.CollectedTo == "" {
		return s.CollectedFrom
	}
	return s.CollectedFrom + " to " + s.CollectedTo
}
