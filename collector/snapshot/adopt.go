package snapshot

import (
	"fmt"
	"path/filepath"
	"slices"
)

// Adopt takes datasets over from another snapshot as they are: rows, status, faults,
// from when on they are complete, and who read them. A dataset that the other
// snapshot does not mention is left out. Rows are held against their digest when they
// are read, as those of any snapshot.
func (w *Writer) Adopt(from *Snapshot, names ...Name) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		dataset, ok := from.Manifest.Datasets[name]
		if !ok {
			continue
		}
		if dataset.Collected.IsZero() {
			dataset.Collected = from.Manifest.Ended
		}
		if dataset.Status.Readable() {
			if err := copyFile(filepath.Join(from.dir, fileName(name)), filepath.Join(w.temp, fileName(name))); err != nil {
				return fmt.Errorf("adopt dataset %s: %w", name, err)
			}
		}
		w.manifest.Datasets[name] = dataset
	}
	for _, id := range from.Manifest.Identities {
		id.Datasets = slices.DeleteFunc(slices.Clone(id.Datasets), func(name Name) bool { return !slices.Contains(names, name) })
		id.Needs = slices.DeleteFunc(slices.Clone(id.Needs), func(n Need) bool { return !slices.Contains(names, n.Dataset) })
		if len(id.Datasets) > 0 {
			w.manifest.Identities = append(w.manifest.Identities, id)
		}
	}
	return nil
}
