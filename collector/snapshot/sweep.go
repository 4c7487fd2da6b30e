package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Sweep clears away what runs that were killed have left beside the snapshot at
// dest. A snapshot that one of them had moved aside and not yet replaced comes back.
// A folder that holds what no run writes is somebody else's, whatever its name, and
// stays. Nobody else may be writing to dest meanwhile.
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
		_, err := os.Lstat(dest)
		if match[1] != "" && errors.Is(err, os.ErrNotExist) && holdsManifest(path) {
			if err := os.Rename(path, dest); err != nil {
				return fmt.Errorf("bring back %s: %w", dest, err)
			}
			continue
		}
		ours, err := madeByWriter(path)
		if err == nil && ours {
			err = os.RemoveAll(path)
		}
		if err != nil {
			return fmt.Errorf("clear up beside %s: %w", dest, err)
		}
	}
	return nil
}

// holdsManifest reports whether a folder is a snapshot, whatever else is in it.
func holdsManifest(path string) bool {
	_, err := os.Stat(filepath.Join(path, manifestFile))
	return err == nil
}

// madeByWriter reports whether a folder holds nothing but what a Writer makes: the
// manifest, datasets, and those that are being written or sorted.
func madeByWriter(path string) (bool, error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, os.ErrPermission) { // what a run makes is its user's own
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		name := entry.Name()
		dataset, isRows := strings.CutSuffix(strings.TrimSuffix(name, ".new"), rowsSuffix)
		known := name == manifestFile || sortedRun.MatchString(name) || isRows && KnownName(dataset)
		if !known || !entry.Type().IsRegular() {
			return false, nil
		}
	}
	return true, nil
}

var sortedRun = regexp.MustCompile(`^run-[0-9]+$`)
