package finding

import "fmt"

// Recount reads the findings and holds them against the totals in the header, on
// which the verdict rests. A report that was not made in the same run should be
// recounted before it is believed.
func (d *Document) Recount() error {
	r := recount{failed: map[Severity]int{}, unknown: map[Severity]int{}}
	for f, err := range Rows[judgement](d, Findings) {
		if err != nil {
			return err
		}
		if err := r.add(f); err != nil {
			return fmt.Errorf("read report: %s: %w", d.path, err)
		}
	}
	if !r.agrees(d.Totals) {
		return fmt.Errorf("read report: %s: the totals are not those of its findings; hint: the file was altered, make it again", d.path)
	}
	return nil
}

// judgement is what a verdict rests on of one finding.
type judgement struct {
	Severity Severity `json:"severity"`
	Outcome  Outcome  `json:"outcome"`
	Waiver   *Waiver  `json:"waiver"`
}

// recount counts the findings that a report really holds, because its verdict rests
// on the numbers in its header.
type recount struct {
	failed, unknown map[Severity]int
	waived          int
}

func (r *recount) add(f judgement) error {
	if f.Severity.Rank() < 0 {
		return fmt.Errorf("a finding has the severity %q, which does not exist", f.Severity)
	}
	switch {
	case f.Waiver != nil:
		r.waived++
	case f.Outcome == Fail:
		r.failed[f.Severity]++
	case f.Outcome == Unknown:
		r.unknown[f.Severity]++
	case f.Outcome != Manual:
		return fmt.Errorf("a finding has the outcome %q", f.Outcome)
	}
	return nil
}

// agrees compares with the totals of a header.
func (r *recount) agrees(totals Totals) bool {
	for _, severity := range Severities() {
		if r.failed[severity] != totals.Failed[severity] || r.unknown[severity] != totals.Unknown[severity] {
			return false
		}
	}
	return r.waived == totals.Waived
}
