package finding

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Recount reads the findings and holds them against the totals in the header, on which the verdict rests, against
// the counts of the controls, and against the waivers and the baseline that are said to cover some. A report that was not
// made in the same run should be recounted before it is believed.
func (d *Document) Recount() error {
	r := newRecount(&d.Report)
	for f, err := range Rows[judgement](d, Findings) {
		if err != nil {
			return err
		}
		if err := r.add(f); err != nil {
			return fmt.Errorf("read report: %s: %w", d.path, err)
		}
	}
	if err := errors.Join(r.totals(), r.controls(), r.covers()); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return fmt.Errorf("read report: %s: %s; hint: the file was altered, make it again", d.path, first)
	}
	return nil
}

// judgement is what a verdict rests on of one finding.
type judgement struct {
	Control  string   `json:"control"`
	Severity Severity `json:"severity"`
	Outcome  Outcome  `json:"outcome"`
	Waiver   *Waiver  `json:"waiver"`
	Known    bool     `json:"known"`
}

// recount counts the findings that a report really holds, because its verdict rests
// on the numbers in its header.
type recount struct {
	*Report
	failed, unknown map[Severity]int
	waived, known   int
	byControl       map[string]Counts
	waivers         map[string]WaiverStatus // of the report, by id
	covered         map[string]int          // findings, by id of their waiver
}

func newRecount(report *Report) *recount {
	r := &recount{Report: report, failed: map[Severity]int{}, unknown: map[Severity]int{}, byControl: map[string]Counts{}, waivers: map[string]WaiverStatus{}, covered: map[string]int{}}
	for _, w := range report.Waivers {
		r.waivers[w.ID] = w
	}
	return r
}

func (r *recount) add(f judgement) error {
	if f.Severity.Rank() < 0 {
		return fmt.Errorf("a finding has the severity %q, which does not exist", f.Severity)
	}
	counts := r.byControl[f.Control]
	switch f.Outcome {
	case Fail:
		counts.Fail++
	case Unknown:
		counts.Unknown++
	case Manual:
		counts.Manual++
	default:
		return fmt.Errorf("a finding has the outcome %q", f.Outcome)
	}
	r.byControl[f.Control] = counts
	switch {
	case f.Waiver != nil:
		r.waived++
		r.covered[f.Waiver.ID]++
		if w, there := r.waivers[f.Waiver.ID]; !there || w.Waiver != *f.Waiver || w.Control != f.Control {
			return fmt.Errorf("a finding of %s is said to be covered by the waiver %q, which is not among its waivers; hint: the file was altered, make it again", f.Control, f.Waiver.ID)
		}
	case f.Known && f.Outcome != Manual:
		r.known++
	case f.Outcome == Fail:
		r.failed[f.Severity]++
	case f.Outcome == Unknown:
		r.unknown[f.Severity]++
	}
	return nil
}

// totals compares with the totals of the header.
func (r *recount) totals() error {
	wrong := errors.New("the totals are not those of its findings")
	for _, severity := range Severities() {
		if r.failed[severity] != r.Totals.Failed[severity] || r.unknown[severity] != r.Totals.Unknown[severity] {
			return wrong
		}
	}
	var all Counts
	for _, counts := range r.byControl {
		all.Fail, all.Unknown, all.Manual = all.Fail+counts.Fail, all.Unknown+counts.Unknown, all.Manual+counts.Manual
	}
	said := r.Totals.Outcomes
	if r.waived != r.Totals.Waived || r.known != r.Totals.Known || all.Fail != said.Fail || all.Unknown != said.Unknown || all.Manual != said.Manual {
		return wrong
	}
	return nil
}

// controls compares with the counts of the controls.
func (r *recount) controls() error {
	there := map[string]bool{}
	for _, control := range r.Controls {
		there[control.ID] = true
		counts, said := r.byControl[control.ID], control.Counts
		if counts.Fail != said.Fail || counts.Unknown != said.Unknown || counts.Manual != said.Manual {
			return fmt.Errorf("the counts of %s are not those of its findings", control.ID)
		}
	}
	for id := range r.byControl {
		if !there[id] {
			return errors.New("it has findings of a control that it does not have")
		}
	}
	return nil
}

// covers holds what covers findings against what is said of that: a waiver has to be in force, and a baseline to be there.
func (r *recount) covers() error {
	if baseline := r.Baseline; r.known > 0 && (baseline == nil || baseline.Known != r.known) {
		return errors.New("findings are said to be known, and its baseline does not say so")
	}
	for _, w := range r.Waivers {
		if n := r.covered[w.ID]; n != w.Findings || (n > 0) != (w.Status == "applied") {
			return fmt.Errorf("the waiver %q is said to cover what it does not", w.ID)
		}
		if ends, err := time.Parse(time.RFC3339Nano, w.Expires); w.Findings > 0 && (err != nil || !ends.After(r.AsOf)) {
			return fmt.Errorf("the waiver %q covers findings and has expired", w.ID)
		}
		if w.Findings > 0 && strings.HasPrefix(strings.ToUpper(w.Control), "WAV-") {
			return fmt.Errorf("the waiver %q covers a finding of a waiver", w.ID)
		}
	}
	return nil
}
