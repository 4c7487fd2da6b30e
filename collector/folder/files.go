package folder

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"leastwise/collector/snapshot"
)

// file is one file of a dataset.
type file struct {
	path, base string
	page       int // of <dataset>.2.json; 0 when it is not numbered
	table      bool
	exported   bool // by Get-SPOApplication, as its name says
}

// numbered is a file's name with the number of a page: applications.2, applications-2,
// applications_02, applications (2), applications page 2.
var numbered = regexp.MustCompile(`^(.+?)[ ._-]*(?:page)?[ ._-]*\(?([0-9]{1,9})\)?$`)

// cmdlet is the start of names under which the output of Get-SPOApplication is
// saved.
var cmdlet = regexp.MustCompile(`(?i)^get-spoapplication([^a-z].*)?$`)

// find lists the files of a folder by dataset, pages in their order. It fails for a
// file that would go unread.
func find(dir string) (map[snapshot.Name][]file, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read folder: %w", err)
	}
	files := map[snapshot.Name][]file{}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		f := file{path: filepath.Join(dir, entry.Name()), base: entry.Name()}
		name, err := f.dataset()
		if err != nil {
			return nil, err
		}
		files[name] = append(files[name], f)
	}
	for _, list := range files {
		slices.SortStableFunc(list, func(a, b file) int { return cmp.Or(cmp.Compare(a.page, b.page), cmp.Compare(a.base, b.base)) })
	}
	return files, nil
}

// dataset tells from a file's name what it holds, and completes f.
func (f *file) dataset() (snapshot.Name, error) {
	extension := filepath.Ext(f.base)
	stem := strings.TrimSuffix(f.base, extension)
	if cmdlet.MatchString(stem) && slices.Contains([]string{".json", ".csv"}, strings.ToLower(extension)) {
		f.table, f.exported = strings.EqualFold(extension, ".csv"), true
		return snapshot.ContainerTypeGrants, nil
	}
	name := stem
	if match := numbered.FindStringSubmatch(stem); match != nil && !snapshot.KnownName(name) {
		name = match[1]
		f.page, _ = strconv.Atoi(match[2]) // nine digits fit
	}
	switch {
	case !snapshot.KnownName(name):
	case slices.Contains([]string{".json", ".ndjson", ".jsonl"}, extension):
		return name, nil
	case extension == ".csv" && name == snapshot.ContainerTypeGrants:
		f.table = true
		return name, nil
	case extension == ".csv":
		return "", fmt.Errorf("%s: a table is read of %s only; hint: save %s.json", f.path, snapshot.ContainerTypeGrants, name)
	}
	return "", unknownFile(f.path, name)
}

func unknownFile(path, name string) error {
	hint := "<dataset>.json with one of " + strings.Join(snapshot.Names(), ", ")
	if near := nearest(name, snapshot.Names()); near != "" {
		hint = "is it " + near + ".json? The names are " + strings.Join(snapshot.Names(), ", ")
	}
	return fmt.Errorf("%s is not named after a dataset; hint: %s", path, hint)
}
