package reports

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// statistics are the numbers that charts show. Findings that neither a waiver nor the
// baseline covers are counted, as in the totals.
type statistics struct {
	severities []bar // worst first, all of them
	areas      []bar // most first
	owners     []bar // most first, at most topOwners and the rest
	approvals  []bar // in force, by days left; then those that are not
	findings   int   // all there are, counted or not
}

// bar is one row of a chart.
type bar struct {
	label           string
	failed, unknown int // of findings
	count           int // of approvals
}

// topOwners is how many owners charts name.
const topOwners = 10

// newStatistics reads findings and approvals once.
func newStatistics(d *finding.Document) (*statistics, error) {
	t := newTally()
	for f, err := range d.Findings() {
		if err != nil {
			return nil, err
		}
		t.add(&f)
	}
	return t.statistics(d)
}

// tally gathers the numbers of findings, for a format that reads them anyway.
type tally struct {
	severities, areas, owners map[string]*bar
	findings                  int
}

func newTally() *tally {
	return &tally{severities: map[string]*bar{}, areas: map[string]*bar{}, owners: map[string]*bar{}}
}

func (t *tally) add(f *finding.Finding) {
	t.findings++
	if !f.Counts() || f.Outcome == finding.Manual {
		return
	}
	addTo(t.severities, string(f.Severity), f.Outcome)
	addTo(t.areas, area(f.Subject.Kind), f.Outcome)
	for _, owner := range ownersOrNone(f) {
		addTo(t.owners, owner, f.Outcome)
	}
}

// statistics are those of the findings that were added, and of the approvals.
func (t *tally) statistics(d *finding.Document) (*statistics, error) {
	s := &statistics{findings: t.findings, areas: mostFirst(t.areas), owners: topOf(mostFirst(t.owners), topOwners)}
	for _, severity := range finding.Severities() {
		b := t.severities[string(severity)]
		if b == nil {
			b = &bar{label: string(severity)}
		}
		s.severities = append(s.severities, *b)
	}
	var err error
	s.approvals, err = approvalBars(d)
	return s, err
}

func addTo(bars map[string]*bar, label string, outcome finding.Outcome) {
	b := bars[label]
	if b == nil {
		b = &bar{label: label}
		bars[label] = b
	}
	if outcome == finding.Fail {
		b.failed++
	} else {
		b.unknown++
	}
}

// ownersOrNone are the owners of a finding's subject, or why there are none.
func ownersOrNone(f *finding.Finding) []string {
	switch {
	case len(f.Owners) > 0:
		return f.Owners
	case f.Owners != nil:
		return []string{"no owner"}
	}
	return []string{"owner not known"}
}

// area is what a subject kind is called as a part of the tenant.
func area(kind string) string {
	switch kind {
	case "application":
		return "Applications"
	case "container_type", "container":
		return "SharePoint Embedded"
	case "data_connect_app", "pipeline":
		return "Data Connect"
	case "tenant":
		return "Tenant settings"
	case "auditor":
		return "This audit"
	case "waiver":
		return "Waivers"
	}
	return sentence(cmp.Or(strings.ReplaceAll(oneLine(kind), "_", " "), "other"))
}

func mostFirst(bars map[string]*bar) []bar {
	var sorted []bar
	for _, label := range slices.Sorted(maps.Keys(bars)) {
		sorted = append(sorted, *bars[label])
	}
	slices.SortStableFunc(sorted, func(a, b bar) int {
		return cmp.Or(cmp.Compare(b.failed+b.unknown, a.failed+a.unknown), cmp.Compare(b.failed, a.failed))
	})
	return sorted
}

// topOf keeps the first n bars and adds the others up in one more.
func topOf(bars []bar, n int) []bar {
	if len(bars) <= n {
		return bars
	}
	rest := bar{label: counted(len(bars)-n, "other owner")}
	for _, b := range bars[n:] {
		rest.failed += b.failed
		rest.unknown += b.unknown
	}
	return append(slices.Clone(bars[:n]), rest)
}

// approvalBars counts approvals by the days that they have left; those that are not in force, by state.
func approvalBars(d *finding.Document) ([]bar, error) {
	limits := []int{0, 7, 30, 90, 180}
	bars := []bar{{label: "expired"}, {label: "1 to 7 days"}, {label: "8 to 30 days"}, {label: "31 to 90 days"}, {label: "91 to 180 days"}, {label: "more than 180 days"}}
	states := map[string]int{}
	for a, err := range d.Approvals() {
		if err != nil {
			return nil, err
		}
		if state := strings.ReplaceAll(oneLine(a.State), "_", " "); !inForce(a) {
			states["not in force: "+state]++
			continue
		} else if a.DaysLeft == nil {
			states[state+", end not known"]++
			continue
		}
		i, _ := slices.BinarySearch(limits, *a.DaysLeft)
		if *a.DaysLeft < 0 {
			i = 0
		}
		bars[i].count++
	}
	bars = slices.DeleteFunc(bars, func(b bar) bool { return b.count == 0 && (b.label == "expired" || b.label == "more than 180 days") })
	for _, state := range slices.Sorted(maps.Keys(states)) {
		bars = append(bars, bar{label: state, count: states[state]})
	}
	return bars, nil
}

// inForce reports whether an approval is one that runs out.
func inForce(a finding.Approval) bool { return a.State == "approved" || a.State == "update_available" }

// standing says what became of a finding beside its outcome: waived, known, new (a baseline was given
// and does not hold it), or "".
func standing(r *finding.Report, f *finding.Finding) string {
	switch {
	case f.Waiver != nil:
		return "waived"
	case f.Known:
		return "known"
	case r.Baseline != nil && f.Outcome != finding.Manual:
		return "new"
	}
	return ""
}

// firstReported is the as-of instant of the earliest report that showed a finding, RFC 3339.
func firstReported(r *finding.Report, f *finding.Finding) string {
	return cmp.Or(f.Since, r.AsOf.UTC().Format("2006-01-02T15:04:05Z07:00"))
}

// baselineInstant is the as-of instant of the baseline.
func baselineInstant(r *finding.Report) string {
	if r.Baseline == nil {
		return "an unknown instant"
	}
	return toMinute(r.Baseline.AsOf)
}
