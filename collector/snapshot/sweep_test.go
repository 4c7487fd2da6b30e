package snapshot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// plant makes files; a name that ends with a slash is an empty folder.
func plant(t *testing.T, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if name[len(name)-1] == '/' {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte(name), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// planted lists the files and empty folders below a folder.
func planted(t *testing.T, folder string) []string {
	t.Helper()
	names := []string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(folder, path)
		if err == nil && !d.IsDir() {
			names = append(names, filepath.ToSlash(name))
		}
		if err == nil && d.IsDir() {
			if entries, _ := os.ReadDir(path); len(entries) == 0 {
				names = append(names, filepath.ToSlash(name)+"/")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestSweepClearsAwayWhatKilledRunsLeft(t *testing.T) {
	for _, c := range []struct {
		name, dest    string
		before, after []string
	}{
		{"nothing", "s", []string{"s/manifest.json", "other/x"}, []string{"other/x", "s/manifest.json"}},
		{"an unfinished run", "s", []string{"s/manifest.json", ".s-123/run-1", ".s-123/applications.ndjson.gz", ".s-123/containers.ndjson.gz.new", ".s-4567/"}, []string{"s/manifest.json"}},
		{"killed after the swap", "s", []string{"s/manifest.json", ".s-123.old/manifest.json"}, []string{"s/manifest.json"}},
		{"killed in the middle of the swap", "s", []string{".s-123/manifest.json", ".s-123.old/manifest.json", ".s-123.old/own notes.txt"}, []string{"s/manifest.json", "s/own notes.txt"}},
		{
			"folders of others", "s",
			[]string{
				".s-1/notes.txt", ".s-2/manifest.json", ".s-2/manifest.json.bak", ".s-3/things.ndjson.gz", ".s-4/run-1/x", ".s-5/run-x", ".s-6/applications.ndjson",
				".s-7.old/notes.txt", ".s-8/.hidden", ".s-9/applications.ndjson.gz.old",
			},
			[]string{
				".s-1/notes.txt", ".s-2/manifest.json", ".s-2/manifest.json.bak", ".s-3/things.ndjson.gz", ".s-4/run-1/x", ".s-5/run-x", ".s-6/applications.ndjson",
				".s-7.old/notes.txt", ".s-8/.hidden", ".s-9/applications.ndjson.gz.old",
			},
		},
		{"no snapshot yet", "s", []string{".s-123/run-1"}, []string{"./"}},
		{
			"names that look alike", "s",
			[]string{"s/x", ".s.checkpoint", ".s-123", ".s-/run-1", ".s-12a/run-1", ".s-123.older/run-1", "s-123/run-1", ".s-1-234/run-1", ".t-123/run-1", ".ss-123/run-1", "..s-123/run-1", ".S-123/run-1", ".s-123.old.old/run-1"},
			[]string{"..s-123/run-1", ".S-123/run-1", ".s-/run-1", ".s-1-234/run-1", ".s-123", ".s-123.old.old/run-1", ".s-123.older/run-1", ".s-12a/run-1", ".s.checkpoint", ".ss-123/run-1", ".t-123/run-1", "s-123/run-1", "s/x"},
		},
		{"a name that is a pattern", "a.b+", []string{".a.b+-1/run-1", ".axb+-1/run-1", ".a.bb-1/run-1"}, []string{".a.bb-1/run-1", ".axb+-1/run-1"}},
		{"a file in its place", "s", []string{"s", ".s-9.old/manifest.json"}, []string{"s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			plant(t, folder, c.before...)
			for range 2 { // a second time changes nothing
				if err := Sweep(filepath.Join(folder, c.dest) + string(filepath.Separator)); err != nil {
					t.Fatal(err)
				}
				if got := planted(t, folder); !slices.Equal(got, c.after) {
					t.Errorf("left are %q, want %q", got, c.after)
				}
			}
		})
	}
	if err := Sweep(filepath.Join(t.TempDir(), "no", "such", "folder")); err != nil {
		t.Error(err)
	}
}

// What Create and Commit leave when they are killed is what Sweep knows.
func TestSweepKnowsTheNamesThatRunsUse(t *testing.T) {
	folder := t.TempDir()
	dest := filepath.Join(folder, "snapshot")
	if _, err := Create(dest, Tenant{ID: "t"}, Tool{}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if got := planted(t, folder); len(got) != 1 {
		t.Fatalf("a run has made %q", got)
	}
	if err := Sweep(dest); err != nil {
		t.Fatal(err)
	}
	if got := planted(t, folder); !slices.Equal(got, []string{"./"}) {
		t.Errorf("left are %q", got)
	}
}

func TestSweepTellsWhatItCannotClear(t *testing.T) {
	folder := t.TempDir()
	plant(t, folder, "file")
	if err := Sweep(filepath.Join(folder, "file", "s")); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
