package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"time"

	"leastwise/reports"
)

// TestReadOnlyFolder writes every format into a folder that only holds a former report. The superuser may write anywhere, so
// that its file accesses are made as somebody else.
func TestReadOnlyFolder(t *testing.T) {
	dir, temp, source := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "report.json")
	run := func(args ...string) (code int, stdout, stderr bytes.Buffer) {
		p := program{stdout: &stdout, stderr: &stderr, now: time.Now, env: func(string) string { return "" }, tempDir: temp}
		code = p.run(t.Context(), args)
		return code, stdout, stderr
	}
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(manifest, []byte(`{"appId": "a1b2c3d4-0000-4000-8000-0000000000d1", "displayName": "Payroll", "requiredResourceAccess": []}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run("gate", manifest, "-o", "json="+source); code == exitBroken {
		t.Fatal(stderr.String())
	}
	for path, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, filepath.Dir(source): 0o755, temp: 0o777} {
		if err := os.Chmod(path, mode); err != nil { //nolint:gosec // somebody else shall get in
			t.Fatal(err)
		}
	}
	report := filepath.Join(dir, "report")
	if err := os.WriteFile(report, []byte("former"), 0o644); err != nil { //nolint:gosec // and read it
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil { //nolint:gosec // and look into it
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700) //nolint:gosec,errcheck // so that it can be removed
	if os.Getuid() == 0 {
		runtime.LockOSThread() // and never unlocked where it fails: the thread ends with the test
		if err := syscall.Setfsuid(65534); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := syscall.Setfsuid(0); err == nil {
				runtime.UnlockOSThread()
			}
		}()
	}
	refused := regexp.MustCompile(`^error: write \w+ report: .*/report: permission denied\nhint: .* can be written to\n$`)
	for _, format := range reports.Formats() {
		code, stdout, stderr := run("report", source, "-o", format.Name+"="+report, "-o", "table")
		if code != exitBroken || !refused.MatchString(stderr.String()) || stdout.Len() > 0 {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", format.Name, code, stdout.String(), stderr.String())
		}
	}
	if text, err := os.ReadFile(report); err != nil || string(text) != "former" {
		t.Errorf("the former report is %q, %v", text, err)
	}
	for _, path := range []string{dir, temp} {
		entries, err := os.ReadDir(path)
		if left := len(entries); err != nil || path == dir && left != 1 || path == temp && left != 0 {
			t.Errorf("%s holds %v, %v", path, entries, err)
		}
	}
}
