package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// maxGaps is how many faulty rows a dataset names one by one. With more, the
// dataset as a whole is in doubt and Confined becomes false.
const maxGaps = 1000

// ManyGaps reports whether there may be more gaps than the dataset names.
func (d Dataset) ManyGaps() bool { return len(d.Gaps) >= maxGaps }

// twoRows is the gap of rows that differ, and have the same id all the same.
const twoRows = "two different rows have this id"

// maxFaults is how many faults of a whole dataset its reason tells.
const maxFaults = 5

// DatasetWriter takes the rows of one dataset in any order.
type DatasetWriter struct {
	parent   *Writer
	name     Name
	sorter   sorter
	gaps     []Gap
	faults   []string // reasons that concern the whole dataset, the first few
	further  int      // how many more there were
	confined bool
	added    int
	copies   bool // rows come as copies, of which the fuller ones are kept
}

// Add stores one row. A fault in the row does not lose it: the row is kept as far
// as it can be read and the dataset becomes partial, with the reason. The error is
// about writing only.
func (d *DatasetWriter) Add(raw []byte) error {
	r, ok := d.take(raw)
	if !ok {
		return nil
	}
	for _, gap := range r.gaps {
		d.AddGap(gap)
	}
	r.gaps = nil
	return d.sorter.add(r)
}

// take makes a row and finds what is wrong with it. ok is false for one of which
// nothing can be kept.
func (d *DatasetWriter) take(raw []byte) (r row, ok bool) {
	d.added++
	r, err := makeRow(d.name, raw)
	if err != nil {
		d.Fault(fmt.Sprintf("row %d: %v", d.added, err))
		if r.line == nil {
			return r, false
		}
	}
	r.gaps = check(d.name, r.line)
	if r.gap != "" {
		r.gaps = append([]Gap{{Reason: r.gap}}, r.gaps...)
	}
	for i := range r.gaps {
		r.gaps[i].Row = r.id
	}
	return r, true
}

// AddGap records a fault confined to one row, once.
func (d *DatasetWriter) AddGap(gap Gap) {
	if slices.Contains(d.gaps, gap) {
		return
	}
	if len(d.gaps) == maxGaps {
		d.Fault(fmt.Sprintf("more than %d rows are damaged", maxGaps))
	}
	if len(d.gaps) < maxGaps {
		d.gaps = append(d.gaps, gap)
	}
}

// Fault records a fault that may concern any row, such as a page that could not be
// read: rows may be missing.
func (d *DatasetWriter) Fault(reason string) {
	d.confined = false
	switch {
	case slices.Contains(d.faults, reason):
	case len(d.faults) < maxFaults:
		d.faults = append(d.faults, reason)
	default:
		d.further++
	}
}

// Abort drops the rows taken so far.
func (d *DatasetWriter) Abort() error { return d.sorter.close() }

// Close sorts the rows, writes the file and records the dataset. Status in meta
// may be empty: it becomes Collected, or Partial when there were faults. In
// Reconciled the count of rows is filled in; a difference is a fault.
func (d *DatasetWriter) Close(meta Dataset) (err error) {
	defer func() { err = errors.Join(err, d.sorter.close()) }()
	if meta.Status != "" && !meta.Status.Readable() {
		return fmt.Errorf("write dataset %s: status %q has no rows", d.name, meta.Status)
	}
	out, err := newRowFile(filepath.Join(d.parent.temp, fileName(d.name)))
	if err != nil {
		return fmt.Errorf("write dataset %s: %w", d.name, err)
	}
	if err := d.writeRows(out, &meta); err != nil {
		return fmt.Errorf("write dataset %s: %w", d.name, errors.Join(err, out.abort()))
	}
	if meta.SHA256, err = out.close(); err != nil {
		return fmt.Errorf("write dataset %s: %w", d.name, err)
	}
	d.reconcile(&meta)
	d.conclude(&meta)
	d.parent.mu.Lock()
	defer d.parent.mu.Unlock()
	d.parent.manifest.Datasets[d.name] = meta
	return nil
}

func (d *DatasetWriter) writeRows(out *rowFile, meta *Dataset) error {
	var last row
	rows := d.sorter.sorted()
	if d.copies {
		rows = d.fullest(rows, meta)
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		if meta.Rows > 0 && r.id == last.id {
			if bytes.Equal(r.line, last.line) {
				meta.Duplicates++
				continue
			}
			d.AddGap(Gap{Row: r.id, Reason: twoRows})
		}
		last = r
		meta.Rows++
		if err := out.add(r.line); err != nil {
			return err
		}
	}
	return nil
}

// reconcile holds the rows against a second count.
func (d *DatasetWriter) reconcile(meta *Dataset) {
	if meta.Reconciled == nil {
		return
	}
	counted := *meta.Reconciled
	counted.Got = meta.Rows
	meta.Reconciled = &counted
	if counted.Got != counted.Want {
		d.Fault(fmt.Sprintf("%d rows were read and %s says %d", counted.Got, counted.Against, counted.Want))
	}
}

// conclude derives status and reason from the faults met.
func (d *DatasetWriter) conclude(meta *Dataset) {
	if meta.Status == "" {
		meta.Status = Collected
	}
	if meta.Status == Partial { // the caller knows of missing rows
		d.confined = false
	}
	meta.Gaps = append(meta.Gaps, d.gaps...)
	slices.SortStableFunc(meta.Gaps, func(a, b Gap) int {
		return bytes.Compare([]byte(a.Row+a.Field), []byte(b.Row+b.Field))
	})
	reasons := d.faults
	if d.further > 0 {
		reasons = append(reasons, fmt.Sprintf("and %d more", d.further))
	}
	if len(meta.Gaps) > 0 {
		rows := len(slices.CompactFunc(slices.Clone(meta.Gaps), func(a, b Gap) bool { return a.Row == b.Row }))
		reasons = append(reasons, fmt.Sprintf("%d row(s) damaged, first %s: %s", rows, meta.Gaps[0].Row, meta.Gaps[0].Reason))
	}
	if len(reasons) == 0 {
		return
	}
	meta.Status, meta.Confined = Partial, d.confined
	for _, reason := range reasons {
		if meta.Reason != "" {
			meta.Reason += "; "
		}
		meta.Reason += reason
	}
}
