// Package diff tells in which facts two reports of one tenant differ: applications, permissions, credentials,
// owners, container types and their grants, approvals, findings.
//
// What one of the reports did not read is never told as added or removed: it is named instead. Order, letter case
// of ids, and what changes from day to day by itself are no differences. Memory grows with the number of rows, by
// some 100 bytes each, not with their size.
package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"leastwise/policies/finding"
)

// Append compares old with the report that writer and report hold so far, adds what differs to the section of
// differences of writer, and sets report.Previous. Call it last, when findings have their waivers and report its
// totals, and once. dir is for temporary files ("" is the system's); they are gone when it returns. Reports of two
// tenants are an error, see ErrTenants.
func Append(old *finding.Document, writer *finding.Writer, report *finding.Report, dir string) (err error) {
	file, err := os.CreateTemp(dir, "leastwise-compared-*.json")
	if err != nil {
		return fmt.Errorf("compare reports: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	if err := errors.Join(writer.WriteReport(file, report), file.Close()); err != nil {
		return err
	}
	document, err := finding.OpenDocument(file.Name())
	if err != nil {
		return err
	}
	result, err := Compare(old, document, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	if err := result.rows.each(func(line []byte) error { return writer.Add(finding.Differences, line) }); err != nil {
		return err
	}
	digest, err := FileDigest(old.Path())
	report.Previous = &finding.Previous{AsOf: old.AsOf.UTC().Format(time.RFC3339), SHA256: digest, NotCompared: result.NotCompared}
	return err
}

// ErrTenants says that two reports are of two tenants, between which there is nothing to compare.
var ErrTenants = errors.New("the reports are of two tenants")

// Result is what two reports differ in. Close removes its temporary file.
type Result struct {
	// NotCompared are datasets whose absence, or gaps, on either side hide differences.
	NotCompared []finding.NotCompared
	// Notes are sentences on how to read the rest, without final period: why findings differ although facts do
	// not, and how far it is known who did what.
	Notes  []string
	Totals []Total // of the areas in which anything differs, in the order of finding.Areas
	rows   *spool
}

// Total counts the differences of one area.
type Total struct {
	Area    string `json:"area"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
	Changed int    `json:"changed"`
}

// Compare tells in what new differs from old. dir is for a temporary file; "" is the system's.
func Compare(old, new *finding.Document, dir string) (*Result, error) {
	if !strings.EqualFold(old.Tenant.ID, new.Tenant.ID) {
		return nil, fmt.Errorf("compare reports: %w: %s is of %s, %s of %s; hint: compare two reports of one tenant",
			ErrTenants, old.Path(), old.Tenant.ID, new.Path(), new.Tenant.ID)
	}
	rows, err := newSpool(dir)
	if err != nil {
		return nil, err
	}
	c := newComparison(old, new, rows)
	result, err := c.run()
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return result, nil
}

// Len is the number of differences.
func (r *Result) Len() int { return len(r.rows.index) }

// Differences yields what differs, by area, worst tier first, then by subject.
func (r *Result) Differences() iter.Seq2[finding.Difference, error] {
	return func(yield func(finding.Difference, error) bool) {
		err := r.rows.each(func(line []byte) error {
			var d finding.Difference
			if err := json.Unmarshal(line, &d); err != nil {
				return err
			}
			if !yield(d, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(finding.Difference{}, fmt.Errorf("read differences: %w", err))
		}
	}
}

var errEnough = errors.New("enough")

// Close removes what the rows were kept in.
func (r *Result) Close() error { return r.rows.Close() }

// count adds a difference to the totals.
func (r *Result) count(d *finding.Difference) {
	i := slices.IndexFunc(r.Totals, func(t Total) bool { return t.Area == d.Area })
	if i < 0 {
		i, r.Totals = len(r.Totals), append(r.Totals, Total{Area: d.Area})
	}
	switch t := &r.Totals[i]; d.Action {
	case added:
		t.Added++
	case removed:
		t.Removed++
	default:
		t.Changed++
	}
}
