package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Renew forgets what an earlier run read of the named datasets, before this run
// reads them again: what cannot be read today must not show yesterday's rows. The
// other datasets of the earlier run stay.
func (w *Writer) Renew(names ...Name) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		delete(w.manifest.Datasets, name)
		err := os.Remove(filepath.Join(w.temp, fileName(name)))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("renew dataset %s: %w", name, err)
		}
	}
	kept := []Identity{}
	for _, id := range w.manifest.Identities {
		had := len(id.Datasets)+len(id.Needs) > 0
		id.Datasets = slices.DeleteFunc(slices.Clone(id.Datasets), func(name Name) bool { return slices.Contains(names, name) })
		id.Needs = slices.DeleteFunc(slices.Clone(id.Needs), func(n Need) bool { return slices.Contains(names, n.Dataset) })
		if !had || len(id.Datasets)+len(id.Needs) > 0 {
			kept = append(kept, id)
		}
	}
	w.manifest.Identities = kept
	if len(w.manifest.Datasets) == 0 {
		w.manifest.Started = w.started
	}
	return nil
}
