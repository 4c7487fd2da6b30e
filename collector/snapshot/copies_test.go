package snapshot

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fold stores rows as copies, in this order, and returns what is left of them.
func fold(t *testing.T, limit int, rows ...string) (Dataset, []string) {
	t.Helper()
	dest := filepath.Join(t.TempDir(), "snap")
	w, err := Create(dest, Tenant{ID: "t"}, Tool{}, noon())
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.Dataset(GraphActivity)
	if err != nil {
		t.Fatal(err)
	}
	d.sorter.limit = limit
	for _, row := range rows {
		row, gap, damaged := strings.Cut(row, " // ")
		var gaps []Gap
		if damaged {
			gaps = []Gap{{Reason: gap}}
		}
		if err := d.AddCopy([]byte(row), gaps); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(Dataset{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(noon()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dest)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for line, err := range s.Rows(GraphActivity) {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, string(line))
	}
	return s.Dataset(GraphActivity), left
}

func TestCopiesOfARow(t *testing.T) {
	for _, c := range []struct {
		name       string
		rows       []string
		want       []string
		duplicates int
		gaps       string
	}{
		{"the same", []string{`{"id":"1","a":1}`, `{"id":"1","a":1}`, `{"id":"2"}`}, []string{`{"id":"1","a":1}`, `{"id":"2"}`}, 1, ""},
		{"the same, damaged twice", []string{`{"id":"1"} // x`, `{"id":"1"} // y`, `{"id":"1"} // x`}, []string{`{"id":"1"}`}, 2, "1 x|1 y"},
		{"less", []string{`{"id":"1","a":1}`, `{"id":"1"} // x`}, []string{`{"id":"1","a":1}`}, 1, ""},
		{"less, and the fuller one damaged", []string{`{"id":"1","a":1} // y`, `{"id":"1"} // x`}, []string{`{"id":"1","a":1}`}, 1, "1 y"},
		{"a chain", []string{`{"id":"1","a":1}`, `{"id":"1"}`, `{"id":"1","a":1,"b":{"c":2,"d":[{"e":1,"f":null}]}}`, `{"id":"1","b":{"d":[{"e":1}]}}`}, []string{`{"id":"1","a":1,"b":{"c":2,"d":[{"e":1,"f":null}]}}`}, 3, ""},
		{"each has something", []string{`{"id":"1","a":1}`, `{"id":"1","b":1}`}, []string{`{"id":"1","a":1}`, `{"id":"1","b":1}`}, 0, "1 two different rows have this id"},
		{"other values", []string{`{"id":"1","a":1}`, `{"id":"1","a":1.0}`, `{"id":"1","a":"1"}`}, []string{`{"id":"1","a":"1"}`, `{"id":"1","a":1.0}`, `{"id":"1","a":1}`}, 0, "1 two different rows have this id"},
		{"a longer list", []string{`{"id":"1","a":[1]}`, `{"id":"1","a":[1,2]}`}, []string{`{"id":"1","a":[1,2]}`, `{"id":"1","a":[1]}`}, 0, "1 two different rows have this id"},
		{"other types", []string{`{"id":"1","a":{}}`, `{"id":"1","a":[]}`, `{"id":"1","a":null}`}, []string{`{"id":"1","a":[]}`, `{"id":"1","a":null}`, `{"id":"1","a":{}}`}, 0, "1 two different rows have this id"},
		{"a former difference", []string{`{"id":"1","a":1} // two different rows have this id`}, []string{`{"id":"1","a":1}`}, 0, ""},
		{"in another order", []string{`{"id":"1","a":1,"b":2}`, `{"id":"1","b":2,"a":1}`}, []string{`{"id":"1","a":1,"b":2}`, `{"id":"1","b":2,"a":1}`}, 0, "1 two different rows have this id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for turn := range c.rows { // in whatever order they come, in memory and on disk
				rows := slices.Concat(c.rows[turn:], c.rows[:turn])
				for _, limit := range []int{0, 1} {
					d, left := fold(t, limit, rows...)
					var gaps []string
					for _, gap := range d.Gaps {
						gaps = append(gaps, gap.Row+" "+gap.Reason)
					}
					slices.Sort(gaps)
					if !slices.Equal(left, c.want) || d.Duplicates != c.duplicates || strings.Join(gaps, "|") != c.gaps || (d.Status == Partial) != (c.gaps != "") || d.Confined != (c.gaps != "") {
						t.Errorf("turn %d: got %v, %d duplicates, gaps %q, %s, want %v, %d, %q", turn, left, d.Duplicates, gaps, d.Status, c.want, c.duplicates, c.gaps)
					}
				}
			}
		})
	}
}

func TestManyCopiesAreKept(t *testing.T) {
	rows := []string{`{"id":"1"}`, `{"id":"2"}`, `{"id":"2","n":0}`}
	for i := range maxCopies {
		rows = append(rows, fmt.Sprintf(`{"id":"1","n":%d}`, i))
	}
	d, left := fold(t, 0, rows...)
	if len(left) != maxCopies+2 || d.Duplicates != 1 || len(d.Gaps) != 1 {
		t.Errorf("%d rows, %d duplicates, %v", len(left), d.Duplicates, d.Gaps)
	}
}

func TestManyGaps(t *testing.T) {
	if (Dataset{Gaps: make([]Gap, maxGaps-1)}).ManyGaps() || !(Dataset{Gaps: make([]Gap, maxGaps)}).ManyGaps() {
		t.Error("a dataset that names all the gaps that it can may have more")
	}
}
