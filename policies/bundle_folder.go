package policies

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// sourceFile is a file with its text. Its name is what messages say.
type sourceFile struct{ name, text string }

func (f sourceFile) isTest() bool { return strings.HasSuffix(f.name, "_test.rego") }

// fileSet is what a folder or bundle holds.
type fileSet struct {
	files      []sourceFile // *.rego
	frameworks []sourceFile // frameworks/*.yaml
	roots      []string     // of a bundle's manifest; nil when it names none
	signed     bool
}

// isFramework tells a framework by where it stands.
func isFramework(name string) bool {
	ext := path.Ext(name)
	return path.Base(path.Dir(name)) == "frameworks" && (ext == ".yaml" || ext == ".yml")
}

// readFolder reads a folder, or a bundle where a file is named.
func readFolder(folder string) (*fileSet, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return nil, &LoadError{folder, 0, statFault(err), "name a folder with *.rego files, or a bundle (.tar.gz)"}
	}
	if info.Mode().IsRegular() {
		return readBundle(folder)
	}
	set := &fileSet{}
	tree := os.DirFS(folder)
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return &LoadError{cmp.Or(folder, name), 0, err.Error(), "name a folder that can be read"}
		}
		if fault := linked(folder, name, entry); fault != nil {
			return fault
		}
		rego := path.Ext(name) == ".rego"
		if entry.IsDir() || !rego && !isFramework(name) {
			return nil
		}
		shown := filepath.Join(folder, filepath.FromSlash(name))
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return &LoadError{shown, 0, err.Error(), "make the file readable"}
		}
		if rego {
			set.files = append(set.files, sourceFile{shown, string(text)})
		} else {
			set.frameworks = append(set.frameworks, sourceFile{shown, string(text)})
		}
		return nil
	})
	return set, err
}

// linked refuses links to folders, which are not followed: the controls in them would be missing without a word. One
// that leads nowhere may be of a folder, too.
func linked(folder, name string, entry fs.DirEntry) error {
	if entry.Type()&fs.ModeSymlink == 0 {
		return nil
	}
	shown := filepath.Join(folder, filepath.FromSlash(name))
	info, err := os.Stat(shown)
	switch {
	case err != nil:
		return &LoadError{shown, 0, "a link that leads nowhere", "take it away, or mend what it leads to"}
	case info.IsDir():
		return &LoadError{shown, 0, "a link to a folder, and those are not followed", "name the folder that it leads to with another --policies, or copy it"}
	}
	return nil
}

func statFault(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "no such folder or bundle"
	}
	return err.Error()
}
