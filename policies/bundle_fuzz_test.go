package policies

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a file holds, it is read as a bundle or refused in one line with a hint; names stay inside.
func FuzzBundle(f *testing.F) {
	sound := zipped(f, tarOf(f, entry{"/custom/odd/odd.rego", oddRego(), 0}, entry{"/.manifest", `{"roots": ["custom"]}`, 0}))
	for _, seed := range [][]byte{nil, sound, sound[:len(sound)/2], zipped(f, tarOf(f, entry{"../x.rego", "package x", 0})), []byte("package x")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "b.tar.gz")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := readBundle(file)
		if err != nil {
			fault, ok := errors.AsType[*LoadError](err)
			if !ok || fault.Tip == "" || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with a hint", err)
			}
			return
		}
		for _, one := range set.files {
			name, ok := strings.CutPrefix(one.name, file+":")
			if !ok || !filepath.IsLocal(name) {
				t.Errorf("%q leads out", one.name)
			}
		}
	})
}
