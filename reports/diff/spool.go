package diff

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// spool keeps rows on disk and what they are sorted by in memory.
type spool struct {
	file   *os.File
	buffer *bufio.Writer
	size   int64
	index  []place
}

// place is where a row stands, in the file and in the order of rows.
type place struct {
	area, rank int8
	order      string
	offset     int64
	length     int
}

// orderLength bounds each part of what rows are sorted by: names may be of any length.
const orderLength = 64

func newSpool(dir string) (*spool, error) {
	file, err := os.CreateTemp(dir, "leastwise-differences-*")
	if err != nil {
		return nil, fmt.Errorf("compare reports: %w", err)
	}
	return &spool{file: file, buffer: bufio.NewWriterSize(file, 1<<16)}, nil
}

// add keeps a row; rank 0 is the worst of its area.
func (s *spool) add(d *finding.Difference, rank int) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("compare reports: %w", err)
	}
	var order strings.Builder
	for _, part := range []string{d.Subject.Name, d.Subject.ID, d.Item, d.Action} {
		order.WriteString(part[:min(len(part), orderLength)])
		order.WriteByte(0)
	}
	area := slices.Index(finding.Areas(), d.Area)
	s.index = append(s.index, place{int8(area), int8(rank), order.String(), s.size, text.Len()})
	s.size += int64(text.Len())
	if _, err := s.buffer.Write(text.Bytes()); err != nil {
		return fmt.Errorf("compare reports: %w", err)
	}
	return nil
}

// sort brings the rows into their order. Those that are alike in all that is looked at first are told apart by
// their whole text, so that the order does not depend on that of the reports.
func (s *spool) sort() error {
	if err := s.buffer.Flush(); err != nil {
		return fmt.Errorf("compare reports: %w", err)
	}
	var failed error
	read := func(p place) []byte {
		line := make([]byte, p.length)
		if _, err := s.file.ReadAt(line, p.offset); err != nil {
			failed = errors.Join(failed, err)
		}
		return line
	}
	slices.SortFunc(s.index, func(a, b place) int {
		order := cmp.Or(cmp.Compare(a.area, b.area), cmp.Compare(a.rank, b.rank), cmp.Compare(a.order, b.order))
		if order == 0 && a.offset != b.offset {
			order = bytes.Compare(read(a), read(b))
		}
		return order
	})
	if failed != nil {
		return fmt.Errorf("compare reports: %w", failed)
	}
	return nil
}

// each calls do for each row, encoded and without line feed, in order.
func (s *spool) each(do func(line []byte) error) error {
	var line []byte
	for _, p := range s.index {
		line = slices.Grow(line[:0], p.length)[:p.length]
		if _, err := s.file.ReadAt(line, p.offset); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := do(line[:p.length-1]); err != nil {
			return err
		}
	}
	return nil
}

// Close removes the file.
func (s *spool) Close() error { return errors.Join(s.file.Close(), os.Remove(s.file.Name())) }
