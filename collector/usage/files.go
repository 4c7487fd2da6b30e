package usage

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"leastwise/collector/saved"
)

// types are the ends of the names of files that a folder may hold; each may be followed
// by .gz.
func types() []string { return []string{".csv", ".json", ".jsonl", ".log", ".ndjson"} }

// export is one file to read.
type export struct {
	path string
	name string // for errors
	// hour is that of the blob, where the path tells; zero otherwise.
	hour  time.Time
	stdin io.Reader // instead of path
}

// list lists the files at paths, those of folders in order of name.
func list(paths []string, stdin io.Reader) ([]export, error) {
	if len(paths) == 0 {
		return nil, errNothing
	}
	var files []export
	met := map[string]bool{}
	for _, path := range paths {
		found, err := listOne(path, stdin)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !met[f.name] {
				met[f.name] = true
				files = append(files, f)
			}
		}
	}
	return files, nil
}

func listOne(path string, stdin io.Reader) ([]export, error) {
	if path == "-" {
		if stdin == nil {
			return nil, errors.New("standard input cannot be read here; hint: name a file")
		}
		return []export{{name: "standard input", stdin: stdin}}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w; hint: name an export that can be read", err)
	case info.IsDir():
		return listFolder(path)
	}
	return []export{{path: path, name: path, hour: blobHour(path)}}, nil // a pipe is read as well
}

func listFolder(folder string) (files []export, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%w; hint: make the folder readable", err)
		case path != folder && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		}
		end := strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz")))
		if !slices.Contains(types(), end) {
			return fmt.Errorf("%s is no export; hint: take it out of the folder, which may hold *%s, each also with .gz", path, strings.Join(types(), ", *"))
		}
		info, err := os.Stat(path) // follows links
		if err != nil || !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no regular file; hint: take it out of the folder", path)
		}
		files = append(files, export{path: path, name: path, hour: blobHour(path)})
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no *%s; hint: name the folder of the exports", folder, strings.Join(types(), ", *"))
	}
	return files, err
}

// blobPath is where diagnostic settings put the events of an hour
// (https://learn.microsoft.com/azure/azure-monitor/essentials/resource-logs#send-to-azure-storage).
// What stands before differs between kinds of resources: resourceId=/tenants/…, tenantId=….
var blobPath = regexp.MustCompile(`(?:^|/)y=(\d{4})/m=(\d{2})/d=(\d{2})/h=(\d{2})/`)

// blobHour is the hour of a blob; zero for any other path.
func blobHour(path string) time.Time {
	found := blobPath.FindStringSubmatch(filepath.ToSlash(path))
	if found == nil {
		return time.Time{}
	}
	var part [4]int
	for i := range part {
		part[i], _ = strconv.Atoi(found[i+1]) // digits
	}
	hour := time.Date(part[0], time.Month(part[1]), part[2], part[3], 0, 0, 0, time.UTC)
	if hour.Month() != time.Month(part[1]) || hour.Day() != part[2] || hour.Hour() != part[3] {
		return time.Time{}
	}
	return hour
}

// file reads one file.
func (in *intake) file(ctx context.Context, f export) (err error) {
	raw := f.stdin
	if raw == nil {
		file, err := os.Open(f.path)
		if err != nil {
			return fmt.Errorf("%w; hint: name an export that can be read", err)
		}
		defer file.Close()
		raw = file
	}
	b := &budget{stopped: ctx.Err, reader: raw, left: maxRow}
	text, err := plain(b)
	if err != nil {
		return fmt.Errorf("%s:1: %w", f.name, err)
	}
	p := &part{intake: in, name: f.name, hour: f.hour, budget: b}
	head, err := firstByte(text)
	switch {
	case errors.Is(err, io.EOF):
		return p.wrong(1, "the file is empty", "export the log again, or leave the file out")
	case err != nil:
		return p.failed(1, err)
	case head == '{' || head == '[':
		err = p.json(text)
	default:
		err = p.table(text)
	}
	if err != nil {
		return err
	}
	p.end()
	return nil
}

// plain undoes gzip, and whatever the text was saved as.
func plain(b *budget) (*bufio.Reader, error) {
	packed := bufio.NewReaderSize(b, 1<<16)
	var unpacked io.Reader = packed
	if head, _ := packed.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		zipped, err := gzip.NewReader(packed)
		if err != nil {
			return nil, fmt.Errorf("the file is not whole: %w; hint: fetch it again", err)
		}
		unpacked = zipped
	}
	text, err := saved.Text(&metered{reader: unpacked, budget: b})
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(text, maxLine), nil
}

// firstByte is the first byte that is no space, which stays to be read.
func firstByte(text *bufio.Reader) (byte, error) {
	for n := 1; ; n++ {
		head, err := text.Peek(n)
		if len(head) < n {
			if err == nil || errors.Is(err, bufio.ErrBufferFull) {
				err = errors.New("there is nothing but spaces")
			}
			return 0, err
		}
		switch c := head[n-1]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c, nil
		}
	}
}

// The longest line that is read at once, and the longest row of any form.
const (
	maxLine = 1 << 20
	maxRow  = 8 << 20
)

var errLong = fmt.Errorf("a row is longer than %d MiB", maxRow>>20)

// budget is what may still be read, of the file and of the row: reading ends when the run
// is cancelled, and when a row does not end.
type budget struct {
	stopped func() error
	reader  io.Reader
	left    int // bytes until a row must have ended
}

// Read is part of io.Reader.
func (b *budget) Read(p []byte) (int, error) {
	if err := b.stopped(); err != nil {
		return 0, err
	}
	return b.reader.Read(p)
}

// row notes that a row has ended.
func (b *budget) row() { b.left = maxRow }

// metered counts what is read of a row, so that one without an end is not taken into
// memory.
type metered struct {
	reader io.Reader
	budget *budget
}

// Read is part of io.Reader.
func (m *metered) Read(p []byte) (int, error) {
	if m.budget.left < 0 {
		return 0, errLong
	}
	n, err := m.reader.Read(p)
	m.budget.left -= n
	return n, err
}
