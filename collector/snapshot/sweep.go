package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Sweep clears away what runs that were killed have left beside the snapshot at
// dest. A snapshot that one of them had moved aside and not yet replaced comes back.
// Nobody else may be writing to dest meanwhile.
func Sweep(dest string) error {
	dest = filepath.Clean(dest)
	folder := filepath.Dir(dest)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("clear up beside %s: %w", dest, err)
	}
	left := regexp.MustCompile(`^\.` + regexp.QuoteMeta(filepath.Base(dest)) + `-[0-9]+(\.old)?$`)
	for _, entry := range entries {
		match := left.FindStringSubmatch(entry.Name())
		if match == nil || !entry.IsDir() {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		if _, err := os.Lstat(dest); match[1] != "" && errors.Is(err, os.ErrNotExist) {
			if err := os.Rename(path, dest); err != nil {
				return fmt.Errorf("bring back %s: %w", dest, err)
			}
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("clear up beside %s: %w", dest, err)
		}
	}
	return nil
}
