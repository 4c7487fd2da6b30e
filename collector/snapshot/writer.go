package snapshot

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Writer builds one snapshot. Datasets are written one after the other or side by
// side; nothing is visible at the destination before Commit. It is not safe for
// concurrent use, its DatasetWriters are, each by one goroutine.
type Writer struct {
	dest     string
	temp     string
	mu       sync.Mutex // guards manifest: datasets and sessions may close side by side
	manifest Manifest
	met      map[string]bool // identities of this run
	started  time.Time       // of this run
}

// Create starts a snapshot that Commit will put at dest. When dest already holds
// a snapshot of the same tenant, its datasets and identities are taken over, and
// those written now replace them: so a second run under another identity adds to
// the first.
func Create(dest string, tenant Tenant, tool Tool, started time.Time) (*Writer, error) {
	w := &Writer{dest: filepath.Clean(dest), met: map[string]bool{}, started: started.UTC(), manifest: Manifest{
		FormatVersion: FormatVersion, Tenant: tenant, Started: started.UTC(), Tool: tool,
		Identities: []Identity{}, Datasets: map[string]Dataset{},
	}}
	previous, err := w.previous()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(w.dest), 0o755); err != nil {
		return nil, fmt.Errorf("create snapshot: %w", err)
	}
	w.temp, err = os.MkdirTemp(filepath.Dir(w.dest), "."+filepath.Base(w.dest)+"-*")
	if err != nil {
		return nil, fmt.Errorf("create snapshot: %w", err)
	}
	if previous != nil {
		if err := w.takeOver(previous); err != nil {
			return nil, errors.Join(err, w.Abort())
		}
	}
	return w, nil
}

// previous opens the snapshot that already stands at the destination, if any.
func (w *Writer) previous() (*Snapshot, error) {
	entries, err := os.ReadDir(w.dest)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("create snapshot: %w", err)
	}
	previous, err := Open(w.dest)
	if err != nil {
		return nil, fmt.Errorf("%s exists and is not a snapshot that can be added to: %w", w.dest, err)
	}
	if was := previous.Manifest.Tenant.ID; !strings.EqualFold(was, w.manifest.Tenant.ID) {
		return nil, fmt.Errorf("%s holds a snapshot of tenant %s, not of %s", w.dest, was, w.manifest.Tenant.ID)
	}
	return previous, nil
}

func (w *Writer) takeOver(previous *Snapshot) error {
	w.manifest.Started = previous.Manifest.Started
	w.manifest.Tenant.Name = cmp.Or(w.manifest.Tenant.Name, previous.Manifest.Tenant.Name)
	w.manifest.Identities = previous.Manifest.Identities
	for name, dataset := range previous.Manifest.Datasets {
		if dataset.Collected.IsZero() {
			dataset.Collected = previous.Manifest.Ended
		}
		w.manifest.Datasets[name] = dataset
		source := filepath.Join(previous.dir, fileName(name))
		if !dataset.Status.Readable() {
			continue
		}
		if err := copyFile(source, filepath.Join(w.temp, fileName(name))); err != nil {
			return fmt.Errorf("take over dataset %s: %w", name, err)
		}
	}
	return nil
}

// Tenant returns the tenant the snapshot is of.
func (w *Writer) Tenant() Tenant { return w.manifest.Tenant }

// NameTenant sets the tenant's display name, once it has been read.
func (w *Writer) NameTenant(name string) { w.manifest.Tenant.Name = name }

// Has reports whether name is already part of the snapshot, and how.
func (w *Writer) Has(name Name) (Dataset, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dataset, ok := w.manifest.Datasets[name]
	return dataset, ok
}

// Without records a dataset that has no rows here: denied, failed, unlicensed or
// skipped, with the reason. It does not replace rows that an earlier run read.
func (w *Writer) Without(name Name, dataset Dataset) error {
	if !KnownName(name) {
		return fmt.Errorf("unknown dataset %q", name)
	}
	if dataset.Status.Readable() || !dataset.Status.Known() {
		return fmt.Errorf("dataset %s: status %q needs rows", name, dataset.Status)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if old, ok := w.manifest.Datasets[name]; ok && old.Status.Readable() {
		return nil
	}
	w.manifest.Datasets[name] = dataset
	return nil
}

// Dataset starts a dataset. Close or Fail ends it.
func (w *Writer) Dataset(name Name) (*DatasetWriter, error) {
	if !KnownName(name) {
		return nil, fmt.Errorf("unknown dataset %q", name)
	}
	return &DatasetWriter{parent: w, name: name, confined: true, sorter: sorter{dir: w.temp}}, nil
}

// Commit writes the manifest and moves the snapshot to its destination.
func (w *Writer) Commit(ended time.Time) error {
	w.manifest.Ended = ended.UTC()
	for name, dataset := range w.manifest.Datasets {
		if dataset.Collected.IsZero() {
			dataset.Collected = w.manifest.Ended
			w.manifest.Datasets[name] = dataset
		}
	}
	data, err := json.MarshalIndent(w.manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := os.WriteFile(filepath.Join(w.temp, manifestFile), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := os.Chmod(w.temp, 0o755); err != nil {
		return fmt.Errorf("commit snapshot: %w", err)
	}
	return w.replace()
}

// replace swaps the destination for the finished folder. The former content is
// moved aside first and comes back when the second rename fails.
func (w *Writer) replace() error {
	aside := w.temp + ".old"
	err := os.Rename(w.dest, aside)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("commit snapshot: %w", err)
	}
	moved := err == nil
	if err := os.Rename(w.temp, w.dest); err != nil {
		if moved {
			err = errors.Join(err, os.Rename(aside, w.dest))
		}
		return fmt.Errorf("commit snapshot: %w", err)
	}
	if moved {
		return os.RemoveAll(aside)
	}
	return nil
}

// Abort throws away everything written so far. The destination is untouched.
func (w *Writer) Abort() error { return os.RemoveAll(w.temp) }

// Datasets returns what has been recorded so far, by name.
func (w *Writer) Datasets() map[string]Dataset {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.manifest.Datasets)
}
