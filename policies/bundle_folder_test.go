package policies

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Links to folders are not followed, so that they are refused; links to files, and a folder that is named by a link,
// are read.
func TestLinkedFolders(t *testing.T) {
	put := func(dir string) string {
		t.Helper()
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "odd.rego")
		if err := os.WriteFile(file, []byte(oddRego()), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	link := func(to, at string) {
		t.Helper()
		if err := os.Symlink(to, at); err != nil {
			t.Skip(err)
		}
	}
	root := t.TempDir()
	elsewhere := filepath.Join(root, "elsewhere")
	file := put(elsewhere)
	for _, name := range []string{"folder", "nowhere", "file"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(root, "folder"))
	link(elsewhere, filepath.Join(root, "folder", "shared"))
	put(filepath.Join(root, "nowhere"))
	link(filepath.Join(root, "none"), filepath.Join(root, "nowhere", "shared"))
	link(file, filepath.Join(root, "file", "odd.rego"))
	link(elsewhere, filepath.Join(root, "named"))
	for name, want := range map[string]string{"folder": "folder/shared: a link to a folder", "nowhere": "nowhere/shared: a link that leads nowhere", "file": "", "named": ""} {
		_, err := Load(LoadOptions{Folders: []string{filepath.Join(root, name)}, ListOnly: true})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(filepath.ToSlash(err.Error()), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
