package main

import (
	"path/filepath"
	"slices"
	"testing"
)

// racing are the scripts that run under the race detector, where each process takes ten times as long: those in which
// something runs side by side (requests, evaluations, the screen, signals, listeners), and one at least of every command.
func racing() []string {
	return []string{
		"collect_interrupt", "collect_spe", "collect_traps_count", "consents_live", "demo", "events_first", "folder",
		"gate_manifest_mixed", "gate_mixed", "identity_renewal", "onboard_listen", "outputs", "permissions_for", "policies_new",
		"policies_timeout", "progress_terminal", "report", "scan_adatum", "scan_contoso", "token_inspect", "usage_formats",
	}
}

// scriptFiles are the scripts to run: all, or under the race detector those that have something to race.
func scriptFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var few []string
	for _, name := range racing() {
		file := filepath.Join("testdata", "script", name+".txtar")
		if !slices.Contains(files, file) {
			t.Errorf("there is no script %s", file)
		}
		few = append(few, file)
	}
	if raceDetector {
		return few
	}
	return files
}
