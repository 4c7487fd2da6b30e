package finding

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
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
	Credentials    Section = "credentials"
	Consents       Section = "consents"
	Differences    Section = "differences"
	Findings       Section = "findings"
)

// InventorySections are the tables of the inventory, in the order in which a report holds
// them.
func InventorySections() []Section {
	return []Section{Applications, Permissions, ContainerTypes, Containers, Approvals, Pipelines, Credentials, Consents, Differences}
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

// keys are those of a section, in the order of the report.
func (w *Writer) keys(section Section) []spoolKey {
	var keys []spoolKey
	for key := range w.spools {
		if key.section == section {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b spoolKey) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.unsure, b.unsure), cmp.Compare(a.control, b.control))
	})
	return keys
}

func (w *Writer) copySection(out *bufio.Writer, section Section) error {
	keys := w.keys(section)
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

// RewriteFindings passes every finding gathered so far through change and keeps what it returns in
// its place, in the order of the report. Severity, control and outcome must stay as they are.
func (w *Writer) RewriteFindings(change func(Finding) (Finding, error)) error {
	keys := w.keys(Findings)
	old := make([]*spool, len(keys))
	for i, key := range keys {
		old[i] = w.spools[key]
		delete(w.spools, key)
	}
	for i, key := range keys {
		s := old[i]
		err := s.each(func(line []byte) error {
			var f Finding
			if err := json.Unmarshal(line, &f); err != nil {
				return err
			}
			f, err := change(f)
			if err != nil {
				return err
			}
			var text bytes.Buffer
			enc := json.NewEncoder(&text)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(f); err != nil {
				return err
			}
			return w.AddFinding(f.Severity, f.Control, f.Outcome, bytes.TrimRight(text.Bytes(), "\n"))
		})
		if err = errors.Join(err, s.file.Close(), os.Remove(s.file.Name())); err != nil {
			return fmt.Errorf("gather report rows: rewrite %s of %s: %w", Findings, key.control, err)
		}
	}
	return nil
}

// Rows yields the rows of an inventory section gathered so far, in their order. Nothing may be
// added to the section meanwhile.
func (w *Writer) Rows(section Section) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		s, ok := w.spools[spoolKey{section: section}]
		if !ok {
			return
		}
		enough := errors.New("enough")
		err := s.each(func(line []byte) error {
			if !yield(line, nil) {
				return enough
			}
			return nil
		})
		_, seekErr := s.file.Seek(0, io.SeekEnd) // rows go there
		if errors.Is(err, enough) {
			return
		}
		if err := errors.Join(err, seekErr); err != nil {
			yield(nil, fmt.Errorf("gather report rows: read %s: %w", section, err))
		}
	}
}

// each calls do for each line of the spool.
func (s *spool) each(do func(line []byte) error) error {
	if err := s.buffer.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	reader := bufio.NewReaderSize(s.file, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(line[:len(line)-1]); err != nil {
			return err
		}
	}
}
