package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestThresholdsAreWhole(t *testing.T) {
	for text, want := range map[string]string{
		"thresholds: {unused_days: 90}\n": "", "thresholds: {approval_warning_days: 0}\n": "", "a: &d 60\nthresholds: {unused_days: *d}\n": "field a not found",
		"thresholds:\n  unused_days: 90.5\n": ":2: threshold unused_days is 90.5", "thresholds: {unused_days: 0}\n": "everything would be unused",
		"thresholds: {unused_days: 1e2}\n": "threshold unused_days is 1e2", "thresholds: {unused_days: 0x0}\n": "everything would be unused",
	} {
		path := filepath.Join(t.TempDir(), "leastwise.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readConfig(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
