package manifest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFile bounds one file, in bytes of UTF-8.
const maxFile = 64 << 20

// file is one file that was read.
type file struct {
	name string // as it was given, with slashes
	abs  string // to tell which files stand together, with slashes
	top  string // the folder that was named, or that of the file that was, likewise
	root *node
	// fixed is the line of everything in it, if it stands inside a text of another file.
	fixed int
}

func (f *file) dir() string {
	dir, _, _ := cutLast(f.abs)
	return dir
}

// base is the file's name without its folder.
func (f *file) base() string {
	_, base, _ := cutLast(f.abs)
	return base
}

// cutLast cuts around the last slash.
func cutLast(text string) (before, after string, found bool) {
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return "", text, false
}

// selected is one file, what it is called, and the folder that it was found below.
type selected struct{ path, name, top string }

// listing is what the paths select.
type listing struct {
	base   string // what is left out of names
	files  []selected
	others []selected      // that are not read, and may hold definitions
	items  []string        // files in which Fabric tells what an item is
	seen   map[string]bool // absolute paths
	faults []error
	// hidden are files in folders whose names begin with a dot, in which pipelines never stand.
	hidden []selected
}

// list finds the JSON files of paths, each once. What cannot be looked into below a
// folder is a fault; the error is about the paths themselves.
func list(base string, paths []string) (*listing, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("no path to pipeline definitions is named; hint: name a file or a folder")
	}
	l := &listing{seen: map[string]bool{}}
	for _, path := range paths {
		if path == "" {
			return nil, errors.New("a path to pipeline definitions is empty; hint: name a file or a folder")
		}
		if l.base = ""; base != "" && !filepath.IsAbs(path) {
			l.base, path = base, filepath.Join(base, path)
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("read pipeline definitions: %w; hint: name a file or a folder", err)
		}
		switch {
		case info.IsDir():
			l.folder(filepath.Clean(path), filepath.Clean(path))
		case !isJSON(path):
			return nil, fmt.Errorf("%s is not a *.json file and would not be looked at; hint: unpack archives, build Bicep to a template", path)
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("%s is no regular file and would not be looked at; hint: name a file or a folder", path)
		default:
			l.add(&l.files, filepath.Dir(path), filepath.Clean(path))
		}
	}
	return l, nil
}

func isJSON(name string) bool { return strings.EqualFold(filepath.Ext(name), ".json") }

func (l *listing) add(to *[]selected, top, path string) {
	abs, err := filepath.Abs(path)
	if err != nil {
		l.faults = append(l.faults, err)
		return
	}
	if !l.seen[abs] {
		l.seen[abs] = true
		*to = append(*to, selected{path, l.name(path), top})
	}
}

// name is what a path is called.
func (l *listing) name(path string) string {
	if rel, err := filepath.Rel(l.base, path); l.base != "" && err == nil {
		path = rel
	}
	return filepath.ToSlash(path)
}

// folder lists the files below dir, which is, or is below, the folder root.
func (l *listing) folder(root, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		l.faults = append(l.faults, fmt.Errorf("%s: %w", filepath.ToSlash(dir), errors.Unwrap(err)))
	}
	for _, entry := range entries {
		name := entry.Name()
		path := filepath.Join(dir, name)
		switch {
		case entry.Type()&os.ModeSymlink != 0:
			l.link(root, path)
		case entry.IsDir():
			switch {
			case name == "node_modules" || slices.Contains(kept, name):
			case strings.HasPrefix(name, "."):
				l.below(root, path)
			default:
				l.folder(root, path)
			}
		default:
			l.entry(root, path, entry)
		}
	}
}

// kept are folders in which tools keep what is not the repository's own.
var kept = []string{".git", ".hg", ".svn", ".terraform"}

// below lists the files in a hidden folder. Links are not followed there.
func (l *listing) below(root, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		l.faults = append(l.faults, fmt.Errorf("%s: %w", filepath.ToSlash(dir), errors.Unwrap(err)))
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch {
		case entry.IsDir() && entry.Name() != "node_modules" && !slices.Contains(kept, entry.Name()):
			l.below(root, path)
		case entry.Type().IsRegular() && (isJSON(path) || isOther(path)):
			l.add(&l.hidden, root, path)
		}
	}
}

// entry takes what is no folder and no link. Reading from what is no regular file, such
// as a pipe, may never end.
func (l *listing) entry(root, path string, entry os.DirEntry) {
	name := entry.Name()
	read := isJSON(name)
	switch {
	case !read && !isOther(name) && name != ".platform":
	case !entry.Type().IsRegular():
		l.faults = append(l.faults, fmt.Errorf("%s:1: it is no regular file and was not read; hint: remove it, or name the files to read", l.name(path)))
	case read:
		l.add(&l.files, root, path)
	case name == ".platform":
		l.items = append(l.items, path)
	default:
		l.add(&l.others, root, path)
	}
}

// link passes over a symbolic link. What it leads to inside the tree is met there;
// definitions outside are not read, which must not go unsaid.
func (l *listing) link(root, path string) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		if isJSON(path) {
			l.faults = append(l.faults, fmt.Errorf("%s is a symbolic link that leads nowhere", filepath.ToSlash(path)))
		}
		return
	}
	tree, err := filepath.EvalSymlinks(root)
	if err == nil {
		if rel, err := filepath.Rel(tree, target); err == nil && filepath.IsLocal(rel) && !hidden(rel) {
			return
		}
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
	case info.IsDir() || isJSON(path) || isJSON(target):
		l.faults = append(l.faults, fmt.Errorf("%s is a symbolic link to what is not read here, and was not followed", filepath.ToSlash(path)))
	case info.Mode().IsRegular() && isOther(path):
		l.add(&l.others, root, path)
	}
}

// hidden reports whether a path goes through a folder that is passed over.
func hidden(rel string) bool {
	dir, _, _ := cutLast(filepath.ToSlash(rel))
	for part := range strings.SplitSeq(dir, "/") {
		if part == "node_modules" || strings.HasPrefix(part, ".") {
			return true
		}
	}
	return false
}

// load reads one file. The error is a fault of the dataset.
func (w *world) load(s selected) error {
	f := &file{name: s.name}
	abs, err := filepath.Abs(s.path)
	if err != nil {
		return err
	}
	top, err := filepath.Abs(s.top)
	if err != nil {
		return err
	}
	f.abs, f.top = filepath.ToSlash(abs), filepath.ToSlash(top)
	handle, err := os.Open(s.path)
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, errors.Unwrap(err))
	}
	defer handle.Close()
	data, err := plainText(handle)
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return w.add(f, data)
}

// item reads the id that Fabric keeps in Git for an item, by which others name it
// (https://learn.microsoft.com/fabric/cicd/git-integration/source-code-format). One that
// cannot be read leaves it open which item is meant.
func (w *world) item(name string) {
	handle, err := os.Open(name)
	if err != nil {
		return
	}
	defer handle.Close()
	abs, err := filepath.Abs(name)
	if err != nil {
		return
	}
	data, err := plainText(handle)
	if err != nil {
		return
	}
	f := &file{name: name, abs: filepath.ToSlash(abs)}
	if root, twice, _, broken := parse(data, f); broken == nil && twice == nil {
		w.logical[f.dir()] = root.get("config").str("logicalId")
	}
}

// add takes the text of a file.
func (w *world) add(f *file, data []byte) error {
	root, twice, decisive, broken := parse(data, f)
	if broken != nil {
		w.note(data, broken)
		return broken
	}
	f.root = root
	if twice != nil && w.defining && isApplication(root) {
		w.broken = append(w.broken, twice)
		return twice
	}
	if twice != nil && (decisive || w.defines(f)) {
		return twice
	}
	if w.defining {
		w.noteJSONSource(f)
	}
	w.files = append(w.files, f)
	w.faults = append(w.faults, w.parts(f)...)
	return nil
}
