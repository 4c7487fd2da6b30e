package snapshot

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
)

// maxCopies is how many different copies of one row are held against each other. With
// more of them they are all kept.
const maxCopies = 64

// AddCopy stores a row of which other copies may come, of other feeds or in other
// envelopes. Of copies with the same id, those are left out that another one holds
// entirely, and tells more; what still differs is kept, as Add does. gaps are what its
// source found wrong with this copy, which is forgotten with it; Row is filled in.
//
// The rows of a dataset are either all copies or none.
func (d *DatasetWriter) AddCopy(raw []byte, gaps []Gap) error {
	d.copies = true
	r, ok := d.take(raw)
	if !ok {
		return nil
	}
	for _, gap := range gaps {
		if gap.Row = r.id; gap.Reason != twoRows { // found anew when all copies are here
			r.gaps = append(r.gaps, gap)
		}
	}
	return d.sorter.add(r)
}

// fullest yields of each id's rows those that no other one holds, and notes their
// gaps.
func (d *DatasetWriter) fullest(sorted iter.Seq2[row, error], meta *Dataset) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		var same []row // of one id, different from each other
		flush := func() bool {
			for _, r := range withoutLesser(same, meta) {
				for _, gap := range r.gaps {
					d.AddGap(gap)
				}
				r.gaps = nil
				if !yield(r, nil) {
					return false
				}
			}
			same = same[:0]
			return true
		}
		for r, err := range sorted {
			if err != nil {
				yield(row{}, err)
				return
			}
			last := len(same) - 1
			if last >= 0 && same[last].id == r.id && bytes.Equal(same[last].line, r.line) {
				meta.Duplicates++
				for _, gap := range r.gaps {
					if !slices.Contains(same[last].gaps, gap) {
						same[last].gaps = append(same[last].gaps, gap)
					}
				}
				continue
			}
			if last >= 0 && same[last].id != r.id && !flush() {
				return
			}
			same = append(same, r)
		}
		flush()
	}
}

// withoutLesser leaves out the rows that another one holds.
func withoutLesser(same []row, meta *Dataset) []row {
	if len(same) < 2 || len(same) > maxCopies {
		return same
	}
	values := make([]any, len(same))
	for i, r := range same {
		dec := json.NewDecoder(bytes.NewReader(r.line))
		dec.UseNumber()
		if dec.Decode(&values[i]) != nil {
			return same
		}
	}
	kept := make([]row, 0, len(same))
	for i, r := range same {
		lesser := slices.ContainsFunc(values, func(other any) bool { return holds(other, values[i]) && !holds(values[i], other) })
		if lesser {
			meta.Duplicates++
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// holds reports whether a value tells all that another one tells.
func holds(fuller, lesser any) bool {
	switch l := lesser.(type) {
	case map[string]any:
		f, ok := fuller.(map[string]any)
		if !ok {
			return false
		}
		for name, member := range l {
			if other, ok := f[name]; !ok || !holds(other, member) {
				return false
			}
		}
		return true
	case []any:
		f, ok := fuller.([]any)
		return ok && slices.EqualFunc(f, l, holds)
	}
	return fuller == lesser
}
