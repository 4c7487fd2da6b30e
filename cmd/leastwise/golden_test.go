package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
	"leastwise/fixtures"
	"leastwise/fixtures/simulator"
)

var update = flag.Bool("update", false, "rewrite golden files")

func tenants() []string { return []string{"contoso", "fabrikam", "adatum"} }

func golden(stage, name string) string {
	return filepath.Join("..", "..", "fixtures", stage, name)
}

func testProgram(stdout io.Writer) *program {
	return &program{
		stdin: bytes.NewReader(nil), stdout: stdout, stderr: io.Discard, now: time.Now, env: func(string) string { return "" },
		tempDir: os.TempDir(),
	}
}

// collectFixture collects a fixture tenant through the simulator, over HTTPS.
func collectFixture(t *testing.T, tenant, dest string) {
	t.Helper()
	folder, err := fs.Sub(fixtures.Tenants, "tenants/"+tenant)
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.New(folder, simulator.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	access := t.TempDir()
	if err := sim.WriteFiles(access); err != nil {
		t.Fatal(err)
	}
	c, err := readConfig(filepath.Join(access, "leastwise.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	program, options := testProgram(io.Discard), &collectOptions{}
	run, err := options.parse(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if run.usage, err = options.usageOptions.parse(program, run); err != nil {
		t.Fatal(err)
	}
	run.quiet, run.approve = true, sim.ApproveDevice
	if _, err := program.collect(t.Context(), run, dest); err != nil {
		t.Fatal(err)
	}
}

// freeze sets what differs from one collection of the same tenant to the next: the
// instants, how long it waited, and where and as what a refused request was sent.
func freeze(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "manifest.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var m snapshot.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	m.Started = time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC)
	m.Ended = m.Started.Add(time.Minute)
	for name, dataset := range m.Datasets {
		dataset.ThrottleSeconds, dataset.Collected = 0, m.Ended
		if dataset.Cursor != nil {
			dataset.Cursor.Delta, dataset.Cursor.Taken = "cursor-of-"+name, m.Started
		}
		m.Datasets[name] = dataset
		if e := dataset.Evidence; e != nil {
			e.RequestID = ""
			if at, err := url.Parse(e.URL); err == nil {
				at.Host = "graph.example"
				e.URL = at.String()
			}
		}
	}
	data, err = json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	data = regexp.MustCompile(`https://127\.0\.0\.1:\d+`).ReplaceAll(data, []byte("https://management.example"))
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A fixture tenant, collected, is the frozen snapshot: same datasets, same rows,
// same statuses.
func TestGoldenSnapshots(t *testing.T) {
	for _, tenant := range tenants() {
		t.Run(tenant, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "snapshot")
			collectFixture(t, tenant, dir)
			freeze(t, dir)
			want := golden("snapshots", tenant)
			if *update {
				if err := os.RemoveAll(want); err != nil {
					t.Fatal(err)
				}
				if err := os.CopyFS(want, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
			}
			compareFolders(t, want, dir)
		})
	}
}

func compareFolders(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(fileNames(t, want), fileNames(t, got)); diff != "" {
		t.Fatalf("files (-want +got):\n%s", diff)
	}
	for _, name := range fileNames(t, want) {
		if name == "manifest.json" {
			compareFiles(t, filepath.Join(want, name), filepath.Join(got, name))
		}
	}
	// The manifest holds the digest of the rows, and opening each dataset checks it.
	snap, err := snapshot.Open(want)
	if err != nil {
		t.Fatal(err)
	}
	for name := range snap.Manifest.Datasets {
		for _, err := range snap.Rows(name) {
			if err != nil {
				t.Error(err)
			}
		}
	}
}

func fileNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	slices.Sort(names)
	return names
}

func compareFiles(t *testing.T, want, got string) {
	t.Helper()
	wantData, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	gotData, err := os.ReadFile(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(wantData), string(gotData)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", want, diff)
	}
}

// A frozen snapshot, audited, makes the frozen findings and terminal report.
func TestGoldenReports(t *testing.T) {
	codes := map[string]int{"contoso": exitViolations, "fabrikam": exitClean, "adatum": exitUnjudged}
	for _, tenant := range tenants() {
		t.Run(tenant, func(t *testing.T) {
			dir := t.TempDir()
			report := filepath.Join(dir, tenant+".json")
			table := filepath.Join(dir, tenant+".txt")
			code := testProgram(io.Discard).run(t.Context(), []string{
				"audit", golden("snapshots", tenant), "--config", golden("tenants", filepath.Join(tenant, "leastwise.yaml")),
				"--as-of", demoAsOf, "-o", "json=" + report, "-o", "table=" + table,
			})
			if code != codes[tenant] {
				t.Errorf("exit code %d, want %d", code, codes[tenant])
			}
			for stage, path := range map[string]string{"findings": report, "reports": table} {
				want := golden(stage, filepath.Base(path))
				if *update {
					copyTo(t, path, want)
				}
				compareFiles(t, want, path)
			}
		})
	}
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
