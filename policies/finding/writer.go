package finding

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Section names one of the row tables of a report.
type Section string

// The sections, in the order in which a report holds them.
const (
	Applications   Section = "applications"
	Permissions    Section = "permissions"
	ContainerTypes Section = "container_types"
	Containers     Section = "containers"
	Approvals      Section = "approvals"
	Pipelines      Section = "pipelines"
	Findings       Section = "findings"
)

// InventorySections are the tables of the inventory, in the order in which a report holds
// them.
func InventorySections() []Section {
	return []Section{Applications, Permissions, ContainerTypes, Containers, Approvals, Pipelines}
}

// Writer gathers the rows of a report on disk, because the header that comes
// before them holds their totals. It is not safe for concurrent use.
type Writer struct {
	dir    string
	spools map[spoolKey]*spool
}

// spoolKey orders findings by severity, then control; the other sections use the
// section alone.
type spoolKey struct {
	section Section
	rank    int
	unsure  int // 1 for findings that did not fail
	control string
}

// NewWriter keeps its rows in a new temporary folder below dir ("" is the
// system's). Close removes it.
func NewWriter(dir string) (*Writer, error) {
	temp, err := os.MkdirTemp(dir, "leastwise-report-*")
	if err != nil {
		return nil, fmt.Errorf("gather report rows: %w", err)
	}
	return &Writer{dir: temp, spools: map[spoolKey]*spool{}}, nil
}

// Add takes one encoded row of an inventory section.
func (w *Writer) Add(section Section, line []byte) error {
	return w.add(spoolKey{section: section}, line)
}

// AddFinding takes one encoded finding of the given severity, control and outcome.
// Findings come out by severity, failed ones first, by control, and in the order in
// which they came in.
func (w *Writer) AddFinding(severity Severity, control string, outcome Outcome, line []byte) error {
	key := spoolKey{section: Findings, rank: severity.Rank(), control: control}
	if outcome != Fail {
		key.unsure = 1
	}
	return w.add(key, line)
}

func (w *Writer) add(key spoolKey, line []byte) error {
	s, ok := w.spools[key]
	if !ok {
		file, err := os.CreateTemp(w.dir, "rows-*")
		if err != nil {
			return fmt.Errorf("gather report rows: %w", err)
		}
		s = &spool{file: file, buffer: bufio.NewWriterSize(file, 1<<15)}
		w.spools[key] = s
	}
	return s.add(line)
}

// WriteReport writes the whole report as JSON: header first, then one row a line.
func (w *Writer) WriteReport(out io.Writer, report *Report) error {
	header, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	buffered := bufio.NewWriterSize(out, 1<<16)
	buffered.Write(header[:len(header)-2]) // without the closing "\n}"
	buffered.WriteString(",\n  \"inventory\": {")
	for i, section := range InventorySections() {
		if i > 0 {
			buffered.WriteString(",")
		}
		fmt.Fprintf(buffered, "\n    %q: [", section)
		if err := w.copySection(buffered, section); err != nil {
			return err
		}
		buffered.WriteString("]")
	}
	buffered.WriteString("\n  },\n  \"findings\": [")
	if err := w.copySection(buffered, Findings); err != nil {
		return err
	}
	buffered.WriteString("]\n}\n")
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (w *Writer) copySection(out *bufio.Writer, section Section) error {
	var keys []spoolKey
	for key := range w.spools {
		if key.section == section {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b spoolKey) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.unsure, b.unsure), cmp.Compare(a.control, b.control))
	})
	first := true
	for _, key := range keys {
		if err := w.spools[key].copyTo(out, &first); err != nil {
			return fmt.Errorf("write report section %s: %w", section, err)
		}
	}
	if !first {
		out.WriteString("\n    ")
	}
	return nil
}

// Close removes the gathered rows.
func (w *Writer) Close() error {
	var errs []error
	for _, s := range w.spools {
		errs = append(errs, s.file.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(w.dir))...)
}

// spool is an append-only file of lines.
type spool struct {
	file   *os.File
	buffer *bufio.Writer
}

func (s *spool) add(line []byte) error {
	s.buffer.Write(line)
	if err := s.buffer.WriteByte('\n'); err != nil {
		return fmt.Errorf("gather report rows: %w", err)
	}
	return nil
}

func (s *spool) copyTo(out *bufio.Writer, first *bool) error {
	if err := s.buffer.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	reader := bufio.NewReaderSize(s.file, 1<<16)
	atStart := true
	for {
		part, err := reader.ReadSlice('\n')
		if len(part) > 0 {
			if atStart {
				if !*first {
					out.WriteString(",")
				}
				out.WriteString("\n      ")
				*first = false
			}
			atStart = part[len(part)-1] == '\n'
			if atStart {
				part = part[:len(part)-1]
			}
			out.Write(part)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}
