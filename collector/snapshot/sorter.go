package snapshot

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// runBytes is how much of a dataset is held in memory before it is written out as
// one sorted run. It bounds the collector's memory whatever the tenant's size.
const runBytes = 16 << 20

// sorter orders rows by id, then content, with bounded memory: sorted runs on
// disk, merged at the end.
type sorter struct {
	dir   string
	limit int // of the bytes in memory; 0 is runBytes
	rows  []row
	size  int
	runs  []*os.File
}

func (s *sorter) add(r row) error {
	s.rows = append(s.rows, r)
	s.size += len(r.id) + len(r.line) + 64
	for _, gap := range r.gaps {
		s.size += len(gap.Field) + len(gap.Reason) + 48
	}
	if s.size < cmp.Or(s.limit, runBytes) {
		return nil
	}
	return s.spill()
}

func compareRows(a, b row) int {
	return cmp.Or(cmp.Compare(a.id, b.id), bytes.Compare(a.line, b.line))
}

func (s *sorter) spill() (err error) {
	slices.SortStableFunc(s.rows, compareRows)
	file, err := os.CreateTemp(s.dir, "run-*")
	if err != nil {
		return err
	}
	s.runs = append(s.runs, file)
	w := bufio.NewWriterSize(file, 1<<16)
	var head [12]byte
	for _, r := range s.rows {
		gaps, err := encodeGaps(r.gaps)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint32(head[:4], uint32(len(r.id)))
		binary.LittleEndian.PutUint32(head[4:8], uint32(len(r.line)))
		binary.LittleEndian.PutUint32(head[8:], uint32(len(gaps)))
		w.Write(head[:])
		w.WriteString(r.id)
		w.Write(r.line)
		w.Write(gaps)
	}
	clear(s.rows)
	s.rows, s.size = s.rows[:0], 0
	return w.Flush()
}

// sorted yields every row in order. It may be called once.
func (s *sorter) sorted() iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		slices.SortStableFunc(s.rows, compareRows)
		sources := mergeHeap{{next: sliceRows(s.rows)}}
		for _, file := range s.runs {
			if _, err := file.Seek(0, io.SeekStart); err != nil {
				yield(row{}, err)
				return
			}
			sources = append(sources, &mergeSource{next: runRows(file)})
		}
		if err := sources.start(); err != nil {
			yield(row{}, err)
			return
		}
		for len(sources) > 0 {
			if !yield(sources[0].head, nil) {
				return
			}
			if err := sources.advance(); err != nil {
				yield(row{}, err)
				return
			}
		}
	}
}

func (s *sorter) close() error {
	var errs []error
	for _, file := range s.runs {
		errs = append(errs, file.Close(), os.Remove(file.Name()))
	}
	s.runs = nil
	return errors.Join(errs...)
}

func sliceRows(rows []row) func() (row, error) {
	return func() (row, error) {
		if len(rows) == 0 {
			return row{}, io.EOF
		}
		r := rows[0]
		rows = rows[1:]
		return r, nil
	}
}

func runRows(file *os.File) func() (row, error) {
	reader := bufio.NewReaderSize(file, 1<<16)
	return func() (row, error) {
		var head [12]byte
		if _, err := io.ReadFull(reader, head[:]); err != nil {
			return row{}, err
		}
		id, line := binary.LittleEndian.Uint32(head[:4]), binary.LittleEndian.Uint32(head[4:8])
		data := make([]byte, id+line+binary.LittleEndian.Uint32(head[8:]))
		if _, err := io.ReadFull(reader, data); err != nil {
			return row{}, fmt.Errorf("read sorted run: %w", err)
		}
		gaps, err := decodeGaps(data[id+line:])
		return row{id: string(data[:id]), line: data[id : id+line : id+line], gaps: gaps}, err
	}
}

func encodeGaps(gaps []Gap) ([]byte, error) {
	if len(gaps) == 0 {
		return nil, nil
	}
	return json.Marshal(gaps)
}

func decodeGaps(data []byte) (gaps []Gap, err error) {
	if len(data) > 0 {
		err = json.Unmarshal(data, &gaps)
	}
	return gaps, err
}

type mergeSource struct {
	head row
	next func() (row, error)
}

// mergeHeap is a k-way merge of sorted sources.
type mergeHeap []*mergeSource

func (h mergeHeap) Len() int           { return len(h) }
func (h mergeHeap) Less(i, j int) bool { return compareRows(h[i].head, h[j].head) < 0 }
func (h mergeHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is part of heap.Interface.
func (h *mergeHeap) Push(x any) { *h = append(*h, x.(*mergeSource)) }

// Pop is part of heap.Interface.
func (h *mergeHeap) Pop() any {
	last := len(*h) - 1
	source := (*h)[last]
	*h = (*h)[:last]
	return source
}

func (h *mergeHeap) start() error {
	kept := (*h)[:0]
	for _, source := range *h {
		head, err := source.next()
		if errors.Is(err, io.EOF) {
			continue
		}
		if err != nil {
			return err
		}
		source.head = head
		kept = append(kept, source)
	}
	*h = kept
	heap.Init(h)
	return nil
}

func (h *mergeHeap) advance() error {
	head, err := (*h)[0].next()
	if errors.Is(err, io.EOF) {
		heap.Pop(h)
		return nil
	}
	if err != nil {
		return err
	}
	(*h)[0].head = head
	heap.Fix(h, 0)
	return nil
}
