// Package checkpoint keeps what a collection was answered in a file beside the
// snapshot, so that a run that was killed is taken up where it ended.
//
// The file is a line that says what it belongs to, and then records, each written
// at once: lengths and a checksum, what is known of the answer, and its rows,
// compressed and without secrets. What stands behind the last whole record is the
// trace of the kill and is cut off. The file is readable by its owner only and goes
// away when the collection is complete.
package checkpoint

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"leastwise/collector/graphapi"
)

// formatVersion is that of the file. A file of another version is not taken up.
const formatVersion = 1

// MaxAge is how old an interrupted collection may be to be taken up: a snapshot is
// of one instant, and what was read a day ago does not belong to today's.
const MaxAge = 24 * time.Hour

// About says what a checkpoint belongs to.
type About struct {
	Version int       `json:"version"`
	Tenant  string    `json:"tenant"`
	Cloud   string    `json:"cloud"`
	Tool    string    `json:"tool"`   // version of leastwise
	Extent  string    `json:"extent"` // what is collected, as its user said it
	Started time.Time `json:"started"`
}

// Checkpoint is an open file of answers. It is a graphapi.Journal and safe for
// concurrent use.
type Checkpoint struct {
	// About is that of the run which began the collection.
	About About
	// Resumed is how many answers of an earlier run were found.
	Resumed int

	path string
	file *os.File
	zips sync.Pool // of *flate.Writer

	mu    sync.Mutex
	size  int64
	index map[string]place
	err   error // what made writing impossible
}

// place is where a record's rows are.
type place struct {
	offset int64
	length int
	meta   meta
}

// Path is where the checkpoint of the snapshot at dest is.
func Path(dest string) string {
	dest = filepath.Clean(dest)
	return filepath.Join(filepath.Dir(dest), "."+filepath.Base(dest)+".checkpoint")
}

// Exists reports whether an interrupted collection to dest can be taken up, or is
// under way.
func Exists(dest string) bool {
	_, err := os.Stat(Path(dest))
	return err == nil
}

// BusyError means that another run is collecting to the same place.
type BusyError struct{ Path string }

// Error says so.
func (e *BusyError) Error() string {
	return "another run is collecting to the same folder (" + e.Path + ")"
}

// Hint says what to do.
func (e *BusyError) Hint() string { return "wait for it, or name another folder with -o" }

// Open opens the checkpoint of the snapshot at dest. With resume it goes on with the
// one that is there, which must belong to the same tenant, cloud and version of the
// tool and be younger than MaxAge; without, or when there is none, it begins anew.
func Open(dest string, about About, resume bool) (*Checkpoint, error) {
	path := Path(dest)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("open checkpoint: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open checkpoint: %w", err)
	}
	about.Version = formatVersion
	c := &Checkpoint{About: about, path: path, file: file, index: map[string]place{}}
	if err := lock(file); err != nil {
		return nil, errors.Join(&BusyError{path}, file.Close())
	}
	if resume {
		err = c.load()
	} else {
		err = c.begin()
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return c, nil
}

// begin empties the file and writes its first line.
func (c *Checkpoint) begin() error {
	line, err := json.Marshal(c.About)
	if err == nil {
		err = c.file.Truncate(0)
	}
	if err == nil {
		_, err = c.file.WriteAt(append(line, '\n'), 0)
	}
	if err != nil {
		return fmt.Errorf("begin checkpoint: %w", err)
	}
	c.size = int64(len(line) + 1)
	return nil
}

// load reads what an earlier run left. A file without a first line is one whose run
// was killed before it began.
func (c *Checkpoint) load() error {
	reader := bufio.NewReaderSize(c.file, 1<<16)
	line, err := reader.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return c.begin()
	}
	if err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	var former About
	if err := json.Unmarshal(line, &former); err != nil {
		return fmt.Errorf("read checkpoint: %s:1: %w; hint: collect without --resume", c.path, err)
	}
	if err := c.fits(former); err != nil {
		return err
	}
	c.About, c.size = former, int64(len(line))
	if err := c.scan(reader); err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	c.Resumed = len(c.index)
	return c.file.Truncate(c.size)
}

func (c *Checkpoint) fits(former About) error {
	because := ""
	switch {
	case former.Version != c.About.Version || former.Tool != c.About.Tool:
		because = "was begun by another version of leastwise"
	case former.Tenant != c.About.Tenant || former.Cloud != c.About.Cloud:
		because = "is of tenant " + former.Tenant + " in cloud " + former.Cloud
	case former.Extent != c.About.Extent:
		because = "was begun with other options (" + former.Extent + ")"
	case former.Started.After(c.About.Started):
		because = "begins on " + former.Started.Format(time.RFC3339) + ", which is yet to come"
	case c.About.Started.Sub(former.Started) > MaxAge:
		because = "was begun on " + former.Started.Format(time.RFC3339) + ", more than " + MaxAge.String() + " ago"
	}
	if because == "" {
		return nil
	}
	return fmt.Errorf("the interrupted collection in %s %s; hint: collect without --resume", c.path, because)
}

// Empty reports whether no answer is kept.
func (c *Checkpoint) Empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.index) == 0
}

// Close ends the use of the file, which stays for the next run.
func (c *Checkpoint) Close() error { return c.file.Close() }

// Remove ends the use of the file and drops it: the collection is complete.
func (c *Checkpoint) Remove() error { return errors.Join(os.Remove(c.path), c.file.Close()) }

// Err returns why answers could not be kept; the collection is none the worse, but
// cannot be taken up.
func (c *Checkpoint) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

var _ graphapi.Journal = (*Checkpoint)(nil)
