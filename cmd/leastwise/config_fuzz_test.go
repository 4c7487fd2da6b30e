package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzReadConfig reads arbitrary configurations. A fault names the file on one line
// and says what to do; what is accepted can be used.
func FuzzReadConfig(f *testing.F) {
	for _, text := range []string{
		"", "# nothing\n", "tenant: t\ncloud: custom\ncustom_cloud: {login: a, graph: b, management: c, ca_file: d}\n", "tenant: [t]\n", "tenent: t\n",
		"thresholds: {approval_warning_days: 30}\n", "thresholds: {approval_warning_days: -1}\n", "thresholds: {unknown: 1}\n", "thresholds: {unused_days: 1e9}\n",
		"severity: {ENTRA-010: low, X: worst}\n", "disabled: {ENTRA-002: \"\"}\n", "sources: [entra, &a x, *a]\n", "a: b\n---\nc: d\n", "---\n---\n{", "[", "\t", "\xff\xfe", "? {a: b}\n: c\n",
		"data_connect: {apps: [{app_id: a, datasets: [{name: n, columns: [c]}]}, null]}\n", "tenant: &t x\ncloud: *t\n", "<<: {tenant: t}\n", "credential: {kind: secret, secret_file: s}\n",
	} {
		f.Add([]byte(text))
	}
	path := filepath.Join(f.TempDir(), "leastwise.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readConfig(path)
		if err != nil {
			if text := err.Error(); !strings.Contains(text, path+":") || !strings.Contains(text, "; hint: ") || strings.Contains(text, "\n") {
				t.Fatalf("%q: got %q", data, text)
			}
			return
		}
		for name, days := range c.thresholds() {
			if n, ok := days.(int); ok && n < 0 {
				t.Fatalf("%q: %s is %d", data, name, n)
			}
		}
		if c.file("x") != filepath.Join(filepath.Dir(path), "x") {
			t.Fatalf("%q: a path leads to %s", data, c.file("x"))
		}
	})
}
