package main

import (
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"leastwise/collector/snapshot"
	"leastwise/fixtures/truth"
)

func sameFile(a, b, name string) bool {
	left, err := os.ReadFile(filepath.Join(a, name))
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Join(b, name))
		return errors.Is(err, fs.ErrNotExist)
	}
	right, other := os.ReadFile(filepath.Join(b, name))
	return err == nil && other == nil && bytes.Equal(left, right)
}

// sameTree compares two folders to the byte.
func sameTree(a, b string) error {
	left, err := os.ReadDir(a)
	if err != nil {
		return err
	}
	right, err := os.ReadDir(b)
	if err != nil {
		return err
	}
	if len(left) != len(right) {
		return fmt.Errorf("%s holds %v, %s holds %v", a, left, b, right)
	}
	for _, entry := range left {
		if !sameFile(a, b, entry.Name()) {
			return fmt.Errorf("%s differs", entry.Name())
		}
	}
	return nil
}

// sameDatasets compares two snapshots but for the datasets named: their files to the byte, and what the manifests say of
// them but for the effort that it took.
func sameDatasets(ts *testscript.TestScript, args []string) error {
	a, b := ts.MkAbs(args[0]), ts.MkAbs(args[1])
	left, err := openWhole(a)
	if err != nil {
		return err
	}
	right, err := openWhole(b)
	if err != nil {
		return err
	}
	names := slices.Collect(maps.Keys(left.Manifest.Datasets))
	names = slices.AppendSeq(names, maps.Keys(right.Manifest.Datasets))
	slices.Sort(names)
	var wrong []error
	for _, name := range slices.Compact(names) {
		if slices.Contains(args[2:], name) {
			continue
		}
		if want, got := essence(left, name), essence(right, name); !reflect.DeepEqual(want, got) {
			wrong = append(wrong, fmt.Errorf("%s: %+v, want %+v", name, got, want))
		} else if !sameFile(a, b, name+".ndjson.gz") {
			wrong = append(wrong, fmt.Errorf("%s: the files differ", name))
		}
	}
	return errors.Join(wrong...)
}

// openWhole opens a snapshot of which every row can be read.
func openWhole(dir string) (*snapshot.Snapshot, error) {
	s, err := snapshot.Open(dir)
	if err != nil {
		return nil, err
	}
	return s, s.VerifyRest()
}

// essence is what a dataset is, however and whenever it was read.
func essence(s *snapshot.Snapshot, name string) snapshot.Dataset {
	d, ok := s.Manifest.Datasets[name]
	if !ok {
		return snapshot.Dataset{Status: "not there"}
	}
	kept := snapshot.Dataset{Status: d.Status, Rows: d.Rows, SHA256: d.SHA256, Gaps: d.Gaps, Confined: d.Confined}
	if d.Status != snapshot.Collected {
		kept.Reason = d.Reason
	}
	if d.Reconciled != nil { // a change is counted elsewhere than a list
		kept.Reconciled = &snapshot.Reconciled{Want: d.Reconciled.Want, Got: d.Reconciled.Got}
	}
	return kept
}

// sameTruth holds a snapshot against what the simulator knows: each dataset that has a truth is collected and has its rows,
// no more, no fewer, no other, none twice. Those named as DATASET=STATUS or SOURCE=STATUS have that status and a reason; when
// partial, they hold rows of the truth only. Confined stands for a
// partial dataset with all rows, of which some are damaged, honest for one that is collected or says what it lacks.
func sameTruth(ts *testscript.TestScript, args []string) error {
	snap, err := openWhole(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	dir := ts.MkAbs(args[1])
	names, err := truth.Datasets(dir)
	if err != nil || len(names) == 0 {
		return errors.Join(err, fmt.Errorf("no truth in %s", dir))
	}
	lacking := map[string]snapshot.Status{}
	for _, arg := range args[2:] {
		name, status, _ := strings.Cut(arg, "=")
		lacking[name] = snapshot.Status(status)
	}
	var wrong []error
	for _, name := range names {
		source := "entra"
		if strings.HasPrefix(name, "container") {
			source = "sharepoint-embedded"
		}
		want := cmp.Or(lacking[name], lacking[source], snapshot.Collected)
		wrong = append(wrong, trueDataset(snap, dir, name, want))
	}
	return errors.Join(wrong...)
}

func trueDataset(snap *snapshot.Snapshot, dir, name string, want snapshot.Status) error {
	got := snap.Dataset(name)
	confined := want == "confined"
	if confined {
		want = snapshot.Partial
	}
	if want == "honest" {
		if got.Status != snapshot.Collected && got.Reason != "" {
			return nil
		}
		want = snapshot.Collected
	}
	if got.Status != want || confined && !got.Whole() {
		return fmt.Errorf("%s is %s (%s), want %s", name, got.Status, got.Reason, want)
	}
	if got.Status != snapshot.Collected && got.Reason == "" {
		return fmt.Errorf("%s is %s without a reason", name, got.Status)
	}
	if !want.Readable() {
		return nil
	}
	d, err := truth.Compare(dir, snap, name)
	if err != nil {
		return err
	}
	if want == snapshot.Partial && !confined {
		d.Missing = nil
	} else if got.Rows != d.Want {
		return fmt.Errorf("%s: the manifest says %d rows, there are %d", name, got.Rows, d.Want)
	}
	if d.None() {
		return nil
	}
	return fmt.Errorf("%s: %s", name, d)
}

// checkStatuses demands that exactly these datasets have a status, and that all of them have a reason.
func checkStatuses(ts *testscript.TestScript, args []string) error {
	snap, err := openWhole(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	var got []string
	for name, dataset := range snap.Manifest.Datasets {
		if string(dataset.Status) != args[1] {
			continue
		}
		got = append(got, name)
		if dataset.Status != snapshot.Collected && strings.TrimSpace(dataset.Reason) == "" {
			err = errors.Join(err, fmt.Errorf("%s is %s without a reason", name, args[1]))
		}
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(args[2:])); !slices.Equal(got, want) {
		err = errors.Join(err, fmt.Errorf("%s are %q, want %q", args[1], got, want))
	}
	return err
}

// checkSpent demands that the requests which a snapshot tells of are those that the simulator counted.
func checkSpent(ts *testscript.TestScript, args []string) error {
	snap, err := openWhole(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	asked, err := readStatistics(ts, args[1])
	if err != nil {
		return err
	}
	told := 0
	for _, dataset := range snap.Manifest.Datasets {
		told += dataset.Requests
	}
	if told != asked.Requests {
		return fmt.Errorf("%s tells of %d requests, the simulator of %d", args[0], told, asked.Requests)
	}
	return nil
}

// inflateAll writes everything that is compressed inside a file, wherever it begins.
func inflateAll(ts *testscript.TestScript, args []string) error {
	data := []byte(ts.ReadFile(args[0]))
	var all bytes.Buffer
	for at := 0; at < len(data); {
		rest := bytes.NewReader(data[at:])
		var found bytes.Buffer
		_, err := io.Copy(&found, io.LimitReader(flate.NewReader(rest), 64<<20))
		// Anything can look like a few compressed bytes.
		if err != nil || found.Len() < 16 {
			at++
			continue
		}
		all.Write(found.Bytes())
		at = len(data) - rest.Len()
	}
	if all.Len() == 0 {
		return fmt.Errorf("nothing is compressed in %s", args[0])
	}
	return os.WriteFile(ts.MkAbs(args[1]), all.Bytes(), 0o600)
}

// checkFewer demands that for these datasets together, snapshot A took at most so many per cent of the requests of B.
func checkFewer(ts *testscript.TestScript, args []string) error {
	a, err := openWhole(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	b, err := openWhole(ts.MkAbs(args[1]))
	if err != nil {
		return err
	}
	percent, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	got, of := 0, 0
	for _, name := range args[3:] {
		got, of = got+a.Dataset(name).Requests, of+b.Dataset(name).Requests
	}
	if got == 0 || got*100 > of*percent {
		return fmt.Errorf("%s took %d requests, %s took %d: not within %d %%", args[0], got, args[1], of, percent)
	}
	return nil
}

func compareTrees(ts *testscript.TestScript, args []string) error {
	return sameTree(ts.MkAbs(args[0]), ts.MkAbs(args[1]))
}

// checkInterrupted holds the snapshot of an interrupted run against that of a run that was left alone: what is collected is
// the same, everything else says that it was interrupted; there is some of it that was begun, and some that was not.
func checkInterrupted(ts *testscript.TestScript, args []string) error {
	dir, whole := ts.MkAbs(args[0]), ts.MkAbs(args[1])
	got, err := openWhole(dir)
	if err != nil {
		return err
	}
	want, err := openWhole(whole)
	if err != nil {
		return err
	}
	counts := map[snapshot.Status]int{}
	var wrong []error
	for name, full := range want.Manifest.Datasets {
		dataset := got.Dataset(name)
		counts[dataset.Status]++
		switch {
		case full.Status == snapshot.Skipped && dataset.Status == snapshot.Skipped:
		case dataset.Status == snapshot.Collected && sameFile(dir, whole, name+".ndjson.gz"):
		case dataset.Status == snapshot.Collected:
			wrong = append(wrong, fmt.Errorf("%s is collected with %d rows, and there are %d", name, dataset.Rows, full.Rows))
		case !strings.Contains(dataset.Reason, "interrupted"):
			wrong = append(wrong, fmt.Errorf("%s is %s (%s)", name, dataset.Status, dataset.Reason))
		}
	}
	if counts[snapshot.Partial] == 0 || counts[snapshot.Failed] == 0 || counts[snapshot.Collected] == 0 {
		wrong = append(wrong, fmt.Errorf("got %v", counts))
	}
	return errors.Join(wrong...)
}
