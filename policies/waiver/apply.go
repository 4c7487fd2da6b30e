package waiver

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"leastwise/policies/finding"
)

// Options say what to hold the findings of a report against.
type Options struct {
	Waivers  *File    // nil for none
	Baseline *Earlier // nil for none
	Previous *Earlier // nil for none; may be the baseline
	// Known and Files are those of a Run.
	Known func(id string) bool
	Files bool
	// Severity and Disabled are what the configuration says of controls, by id; those of others are passed over.
	Severity map[string]finding.Severity
	Disabled map[string]string
}

// none reports whether there is nothing to do.
func (o *Options) none() bool { return o.Waivers == nil && o.Baseline == nil && o.Previous == nil }

// Apply marks the findings that out has gathered, adds what is wrong with waivers, and brings the totals of report
// up to date. Counts of the other controls stay: a finding that is covered is still a finding.
func Apply(report *finding.Report, out *finding.Writer, o Options) error {
	if o.none() {
		return nil
	}
	a := &applying{Options: o, report: report, out: out}
	totals := &report.Totals
	totals.Failed, totals.Unknown, totals.Waived, totals.Known = map[finding.Severity]int{}, map[finding.Severity]int{}, 0, 0
	if o.Waivers != nil {
		a.matching = o.Waivers.Match(report.AsOf, report.Tenant.ID)
	}
	if err := out.RewriteFindings(a.mark); err != nil {
		return err
	}
	if err := a.addWaivers(); err != nil {
		return err
	}
	if o.Baseline != nil {
		report.Baseline = &finding.Baseline{
			AsOf: written(o.Baseline.AsOf), SHA256: o.Baseline.SHA256, Known: totals.Known, New: a.counting, Gone: o.Baseline.gone(report.Controls),
		}
	}
	if o.Previous != nil {
		report.Previous = &finding.Previous{AsOf: written(o.Previous.AsOf), SHA256: o.Previous.SHA256}
	}
	return nil
}

type applying struct {
	Options
	report   *finding.Report
	out      *finding.Writer
	matching *Matching
	counting int // findings, failed or unknown, that nothing covers
}

// mark says of one finding what covers it and since when it is there, and counts it.
func (a *applying) mark(f finding.Finding) (finding.Finding, error) {
	var err error
	if a.matching != nil {
		f.Waiver = a.matching.Cover(&f)
	}
	if a.Baseline != nil {
		if f.Known, err = a.Baseline.knows(&f); err != nil {
			return f, err
		}
	}
	if a.Previous != nil {
		if f.Since, err = a.Previous.since(&f, a.report.AsOf); err != nil {
			return f, err
		}
	}
	a.count(&f)
	return f, nil
}

func (a *applying) count(f *finding.Finding) {
	totals := &a.report.Totals
	switch {
	case f.Waiver != nil:
		totals.Waived++
	case f.Known:
		totals.Known++
	case f.Outcome == finding.Fail:
		totals.Failed[f.Severity]++
		a.counting++
	case f.Outcome == finding.Unknown:
		totals.Unknown[f.Severity]++
		a.counting++
	}
}

// addWaivers reports the waivers themselves.
func (a *applying) addWaivers() error {
	if a.matching == nil {
		return nil
	}
	r := a.report
	all, err := a.matching.Finish(Run{Report: r, Known: a.Known, Files: a.Files, Rows: a.out.Rows})
	if err != nil {
		return err
	}
	r.Waivers = Statuses(all, r.AsOf)
	r.Totals.Subjects[Kind] = len(all)
	for _, control := range Controls() {
		control.Severity = cmp.Or(a.Severity[control.ID], control.Severity)
		if reason, off := a.Disabled[control.ID]; off {
			control.Disabled = cmp.Or(reason, "no reason given")
		}
		row, found, err := judged(control, a.Waivers.Name, all)
		if err != nil {
			return err
		}
		r.Controls = append(r.Controls, row)
		r.Totals.Outcomes.Pass += row.Counts.Pass
		r.Totals.Outcomes.Fail += row.Counts.Fail
		r.Totals.Outcomes.NotApplicable += row.Counts.NotApplicable
		for _, f := range found {
			if err := a.add(f); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(r.Controls, func(x, y finding.Control) int { return cmp.Compare(x.ID, y.ID) })
	return nil
}

func (a *applying) add(f finding.Finding) error {
	marked, err := a.mark(f)
	if err != nil {
		return err
	}
	line, err := encode(marked)
	if err != nil {
		return fmt.Errorf("report waivers: %w", err)
	}
	return a.out.AddFinding(marked.Severity, marked.Control, marked.Outcome, line)
}

// Check tells what becomes of the waivers of a file on a report that is there, whatever waivers that was made with.
func Check(file *File, d *finding.Document, asOf time.Time, known func(id string) bool, files bool) ([]*Standing, error) {
	m := file.Match(asOf, d.Tenant.ID)
	for f, err := range d.Findings() {
		if err != nil {
			return nil, err
		}
		m.Cover(&f)
	}
	return m.Finish(Run{Report: &d.Report, Known: known, Files: files, Rows: func(section finding.Section) iter.Seq2[json.RawMessage, error] {
		return finding.Rows[json.RawMessage](d, section)
	}})
}
