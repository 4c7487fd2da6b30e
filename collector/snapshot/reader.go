package snapshot

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	manifestFile = "manifest.json"
	// maxLine bounds one row; a line longer than this is damage, not data.
	maxLine = 64 << 20
)

func fileName(name Name) string { return name + rowsSuffix }

// rowsSuffix is what the files of rows end with.
const rowsSuffix = ".ndjson.gz"

// Snapshot is a snapshot on disk, opened for reading.
type Snapshot struct {
	Manifest Manifest
	dir      string
	checked  sync.Map // names of datasets that were read to their end and agree with the manifest
}

// Open reads the manifest of the snapshot in dir. Rows are read by Rows. An error
// names file and position.
func Open(dir string) (*Snapshot, error) {
	path := filepath.Join(dir, manifestFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open snapshot: %w", err)
	}
	s := &Snapshot{dir: dir}
	if err := json.Unmarshal(data, &s.Manifest); err != nil {
		return nil, fmt.Errorf("open snapshot: %s:%d: %w", path, lineOf(data, err), err)
	}
	if v := s.Manifest.FormatVersion; v != FormatVersion {
		return nil, fmt.Errorf("open snapshot: %s: format version %d, this program reads %d", path, v, FormatVersion)
	}
	if s.Manifest.Tenant.ID == "" {
		return nil, fmt.Errorf("open snapshot: %s: tenant.id is missing", path)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Manifest.Datasets)) {
		dataset := s.Manifest.Datasets[name]
		if !KnownName(name) || !dataset.Status.Known() {
			return nil, fmt.Errorf("open snapshot: %s: dataset %q with status %q is not known", path, name, dataset.Status)
		}
	}
	return s, nil
}

// lineOf finds the line of data that a JSON error is about.
func lineOf(data []byte, err error) int {
	offset := int64(0)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = mistyped.Offset
	}
	if instant, ok := errors.AsType[*time.ParseError](err); ok {
		offset = 1 + int64(bytes.Index(data, []byte(instant.Value)))
	}
	// The offset counts the byte that is at fault, which may be a line end.
	before := min(max(int(offset)-1, 0), len(data))
	return 1 + bytes.Count(data[:before], []byte("\n"))
}

// Dataset returns what the manifest says of name. A dataset that it does not
// mention was never asked for: Skipped.
func (s *Snapshot) Dataset(name Name) Dataset {
	if dataset, ok := s.Manifest.Datasets[name]; ok {
		return dataset
	}
	return Dataset{Status: Skipped, Reason: "not collected"}
}

// Rows yields the rows of a dataset in order of id. A dataset without rows yields
// none. The slice is valid until the next row. After the last row the digest and
// count of the manifest are checked, so a caller must run the loop to its end
// before it trusts what it read; an error ends the loop.
func (s *Snapshot) Rows(name Name) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		want := s.Dataset(name)
		if !want.Status.Readable() {
			return
		}
		path := filepath.Join(s.dir, fileName(name))
		file, err := os.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("read dataset %s: %w", name, err))
			return
		}
		defer file.Close()
		stopped := false
		err = readRows(file, want, func(line []byte) bool {
			stopped = !yield(line, nil)
			return !stopped
		})
		switch {
		case err != nil:
			yield(nil, fmt.Errorf("read dataset %s: %s:%w", name, path, err))
		case !stopped:
			s.checked.Store(name, true)
		}
	}
}

// VerifyRest checks the datasets that were not read to their end, so that a report
// vouches for no digest that nobody compared.
func (s *Snapshot) VerifyRest() error {
	for name := range s.Manifest.Datasets {
		if _, ok := s.checked.Load(name); ok {
			continue
		}
		for _, err := range s.Rows(name) {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readRows reads one dataset file; errors begin with the line number.
func readRows(file io.Reader, want Dataset, yield func([]byte) bool) error {
	unzipped, err := gzip.NewReader(bufio.NewReaderSize(file, 1<<16))
	if err != nil {
		return fmt.Errorf("1: %w", err)
	}
	sum := sha256.New()
	reader := bufio.NewReaderSize(io.TeeReader(unzipped, sum), 1<<16)
	count := 0
	var line []byte
	for {
		line, err = readLine(reader, line[:0])
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		count++
		if err != nil {
			return fmt.Errorf("%d: %w", count, err)
		}
		if len(line) == 0 || line[0] != '{' {
			return fmt.Errorf("%d: not a JSON object", count)
		}
		if !yield(line) {
			return nil
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); count != want.Rows || !strings.EqualFold(got, want.SHA256) {
		return fmt.Errorf("%d: %d rows with SHA-256 %s, the manifest says %d rows with %s: the file was altered after collection",
			count, count, got, want.Rows, want.SHA256)
	}
	return nil
}

func readLine(reader *bufio.Reader, line []byte) ([]byte, error) {
	for {
		part, err := reader.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		case len(line) > maxLine:
			return line, fmt.Errorf("line is longer than %d bytes", maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, io.ErrUnexpectedEOF
		default:
			return line, err
		}
	}
}
