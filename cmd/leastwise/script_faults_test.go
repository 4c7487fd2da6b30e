package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"leastwise/collector/snapshot"
	"leastwise/fixtures/simulator"
)

// eachFault collects the Entra source of a tenant once for each fault; a group of faults stands for all of its members, each
// by itself and hitting every fifth request. The datasets must be those of the snapshot WHOLE, to the byte; with a fault
// after -honest one may also not be called collected, with a reason. No fault may lead to another host.
func (s *servers) eachFault(ts *testscript.TestScript, args []string) error {
	var faults []string
	strict := slices.Index(args, "-honest")
	if strict < 0 {
		strict = len(args)
	}
	for i, list := range [][]string{args[2:strict], args[min(strict+1, len(args)):]} {
		expanded, err := expandFaults(list)
		if err != nil {
			return err
		}
		if i == 0 {
			strict = len(expanded)
		}
		faults = append(faults, expanded...)
	}
	results, took := make([]error, len(faults)), make([]time.Duration, len(faults))
	var runs sync.WaitGroup // all at once: mostly they wait
	for i, fault := range faults {
		dir := ts.MkAbs(fmt.Sprintf("fault-%d", i))
		runs.Go(func() {
			began := time.Now()
			if err := s.oneFault(args[0], fault, dir, ts.MkAbs(args[1]), i >= strict); err != nil {
				results[i] = fmt.Errorf("%s: %w", fault, err)
			}
			took[i] = time.Since(began)
		})
	}
	runs.Wait()
	for i, fault := range faults {
		ts.Logf("%s: %v", fault, took[i].Round(time.Millisecond))
	}
	return errors.Join(results...)
}

// expandFaults replaces groups by the faults that the simulator lists for them.
func expandFaults(wanted []string) (faults []string, err error) {
	var table bytes.Buffer
	if err := simulator.ListFaults(&table); err != nil {
		return nil, err
	}
	groups := map[string][]string{}
	for line := range strings.Lines(table.String()) {
		if fields := strings.Fields(line); len(fields) > 2 {
			groups[fields[1]] = append(groups[fields[1]], fields[0]+":5")
		}
	}
	for _, text := range wanted {
		if members := groups[text]; len(members) > 0 {
			faults = append(faults, members...)
		} else {
			faults = append(faults, text)
		}
	}
	return faults, nil
}

// oneFault collects a tenant that plays one fault, and says what is wrong with the result.
func (s *servers) oneFault(tenant, fault, dir, whole string, honest bool) error {
	srv, err := s.start(tenant, []string{"faults=" + fault}, nil)
	if err != nil {
		return err
	}
	defer srv.close()
	if err := srv.WriteFiles(dir); err != nil {
		return err
	}
	dest := filepath.Join(dir, "snap")
	code, told := collectInProcess(s.ctx, dir, dest, "--sources", "entra")
	wrong := judgeFault(whole, dest, code, honest)
	name := fault[:strings.IndexAny(fault+":", "!:")]
	switch {
	case srv.Statistics().Faults[name] == 0:
		wrong = errors.Join(wrong, errors.New("it was not played"))
	case srv.callers.Load() > 0:
		wrong = errors.Join(wrong, errors.New("the foreign host was called"))
	}
	if wrong != nil {
		return fmt.Errorf("%w\n%s", wrong, told)
	}
	return nil
}

// collectInProcess runs `leastwise collect` without a process of its own, so that many can run at once.
func collectInProcess(ctx context.Context, access, dest string, flags ...string) (code int, stderr string) {
	var told bytes.Buffer
	p := program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: &told, now: time.Now, env: os.Getenv, tempDir: access}
	code = p.run(ctx, append([]string{"collect", "--config", filepath.Join(access, "leastwise.yaml"), "-o", dest}, flags...))
	return code, told.String()
}

// judgeFault holds what was collected against what is there.
func judgeFault(whole, dest string, code int, honest bool) error {
	a, err := openWhole(whole)
	if err != nil {
		return err
	}
	b, err := openWhole(dest)
	if err != nil {
		return err
	}
	var wrong []error
	lacking := 0
	for _, name := range slices.Sorted(maps.Keys(a.Manifest.Datasets)) {
		want, got := a.Dataset(name), b.Dataset(name)
		switch {
		case got.Status == want.Status && sameFile(whole, dest, name+".ndjson.gz"):
		case got.Status == snapshot.Collected:
			wrong = append(wrong, fmt.Errorf("%s is collected with %d rows, and there are %d", name, got.Rows, want.Rows))
		case got.Reason == "" || !honest:
			wrong = append(wrong, fmt.Errorf("%s is %s (%s)", name, got.Status, got.Reason))
		default:
			lacking++
		}
	}
	if want := min(lacking, 1) * exitUnjudged; code != want && len(wrong) == 0 {
		wrong = append(wrong, fmt.Errorf("%d datasets are not whole, and the exit code is %d", lacking, code))
	}
	return errors.Join(wrong...)
}
