package snapshot

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

func TestSorter(t *testing.T) {
	many := make([]row, 0, 300)
	random := rand.New(rand.NewPCG(1, 2))
	for range cap(many) {
		id := random.IntN(80) // every id several times, in several runs
		many = append(many, row{id: fmt.Sprint(id), line: fmt.Appendf(nil, `{"id":"%d","v":%d}`, id, random.IntN(3))})
	}
	long := make([]byte, 1<<16+1) // longer than any buffer
	cases := []struct {
		name string
		rows []row
	}{
		{"nothing", nil},
		{"one", []row{{id: "a", line: []byte("{}")}}},
		{"equal ids in other runs", []row{{id: "b", line: []byte("2")}, {id: "a", line: []byte("1")}, {id: "b", line: []byte("1")}, {id: "b", line: []byte("2")}}},
		{"empty ids and lines", []row{{id: "", line: []byte{}}, {id: "x", line: []byte{}}, {id: "", line: []byte{}}}},
		{"long lines", []row{{id: "b", line: long}, {id: "a", line: long}, {id: "a", line: []byte("{}")}}},
		{"many", many},
	}
	for _, c := range cases {
		want := slices.Clone(c.rows)
		slices.SortStableFunc(want, compareRows)
		for _, limit := range []int{0, 1, 200, 5000} { // all in memory, one row a run, a few, many
			t.Run(fmt.Sprintf("%s with %d bytes a run", c.name, limit), func(t *testing.T) {
				s := sorter{dir: t.TempDir(), limit: limit}
				for _, r := range c.rows {
					if err := s.add(r); err != nil {
						t.Fatal(err)
					}
				}
				if limit == 0 && len(s.runs) > 0 || limit == 1 && len(s.runs) != len(c.rows) {
					t.Errorf("got %d runs", len(s.runs))
				}
				var got []row
				for r, err := range s.sorted() {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, r)
				}
				if slices.CompareFunc(want, got, compareRows) != 0 {
					t.Errorf("got %d rows, want %d in order", len(got), len(want))
				}
				if err := s.close(); err != nil {
					t.Fatal(err)
				}
				onlyEntries(t, s.dir)
			})
		}
	}
}

func TestSorterStopsWhenAsked(t *testing.T) {
	s := sorter{dir: t.TempDir(), limit: 1}
	for _, id := range []string{"c", "a", "b"} {
		if err := s.add(row{id: id, line: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	for r, err := range s.sorted() {
		if err != nil || r.id != "a" {
			t.Fatalf("got %q, %v, want a", r.id, err)
		}
		break
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestSorterTellsOfACutRun(t *testing.T) {
	s := sorter{dir: t.TempDir(), limit: 1}
	for _, id := range []string{"b", "a"} {
		if err := s.add(row{id: id, line: []byte(`{"id":1}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(s.runs[1].Name(), 10); err != nil {
		t.Fatal(err)
	}
	var failed error
	for _, err := range s.sorted() {
		failed = err
	}
	if failed == nil {
		t.Error("a cut run went unnoticed")
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestDuplicatesAreFoundAcrossRuns(t *testing.T) {
	w := create(t, t.TempDir()+"/snap")
	d, err := w.Dataset(Containers)
	if err != nil {
		t.Fatal(err)
	}
	d.sorter.limit = 1
	add(t, d, `{"id":"1"}`, `{"id":"2"}`, `{"id":"1"}`, `{"id":"2","v":1}`, `{"id":"1"}`)
	got := closed(t, w, d, Dataset{})
	if got.Rows != 3 || got.Duplicates != 2 || len(got.Gaps) != 1 || got.Gaps[0].Row != "2" {
		t.Errorf("got %+v, want three rows, two duplicates and a gap of row 2", got)
	}
	commit(t, w)
	onlyEntries(t, w.dest, "containers.ndjson.gz", manifestFile)
}
