package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func diffCommands() map[string]scriptCommand {
	return map[string]scriptCommand{
		"frozen TENANT DIR":                copyFrozen,
		"amend SNAPSHOT DATASET CHANGE...": amendSnapshot,
		"shuffle SNAPSHOT":                 shuffleSnapshot,
		"compared FILE [DIFFERENCE...]":    checkCompared,
	}
}

// copyFrozen copies a snapshot of fixtures/snapshots, which is the same to the byte each time.
func copyFrozen(ts *testscript.TestScript, args []string) error {
	return os.CopyFS(ts.MkAbs(args[1]), os.DirFS(filepath.Join("..", "..", "fixtures", "snapshots", args[0])))
}

// amendSnapshot makes a change of a dataset of a snapshot, as if it had been collected so: add ROW, drop N PATTERN (of N
// rows), swap N OLD NEW (regular expression, N times), status STATUS REASON (which takes the rows away, but of partial), or partial REASON.
func amendSnapshot(ts *testscript.TestScript, args []string) error {
	dir, name, change := ts.MkAbs(args[0]), args[1], args[2:]
	return editDataset(dir, name, func(dataset map[string]any, rows []string) ([]string, error) {
		met := 0
		switch change[0] {
		case "add":
			rows, met = append(rows, change[1]), 1
			change = append(change, "1")
		case "drop":
			pattern := regexp.MustCompile(change[2])
			kept := slices.DeleteFunc(slices.Clone(rows), pattern.MatchString)
			met, rows = len(rows)-len(kept), kept
		case "swap":
			pattern := regexp.MustCompile(change[2])
			for i, row := range rows {
				met += len(pattern.FindAllString(row, -1))
				rows[i] = pattern.ReplaceAllString(row, change[3])
			}
		case "status":
			dataset["status"], dataset["reason"] = change[1], change[2]
			if change[1] == "partial" {
				return rows, nil
			}
			return nil, nil
		default:
			return nil, fmt.Errorf("no such change: %s", change[0])
		}
		if want := change[1]; change[0] != "add" && fmt.Sprint(met) != want {
			return nil, fmt.Errorf("%v is met %d times", change, met)
		}
		return rows, nil
	})
}

// shuffleSnapshot shuffles the rows of all datasets, and the lists of strings in them.
func shuffleSnapshot(ts *testscript.TestScript, args []string) error {
	dir, r := ts.MkAbs(args[0]), rand.New(rand.NewPCG(1, 2))
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson.gz"))
	if err != nil || len(files) < 10 {
		return fmt.Errorf("%d datasets in %s: %w", len(files), dir, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ndjson.gz")
		err := editDataset(dir, name, func(_ map[string]any, rows []string) ([]string, error) {
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			return rows, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// editDataset rewrites a dataset, and what the manifest says of it.
func editDataset(dir, name string, edit func(dataset map[string]any, rows []string) ([]string, error)) error {
	path, file := filepath.Join(dir, "manifest.json"), filepath.Join(dir, name+".ndjson.gz")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var manifest map[string]any
	if err := json.Unmarshal(text, &manifest); err != nil {
		return err
	}
	dataset, ok := manifest["datasets"].(map[string]any)[name].(map[string]any)
	if !ok {
		return fmt.Errorf("no dataset %s", name)
	}
	rows, err := zippedLines(file)
	if err != nil {
		return err
	}
	before := len(rows)
	if rows, err = edit(dataset, rows); err != nil {
		return err
	}
	var plain, zipped bytes.Buffer
	for _, row := range rows {
		plain.WriteString(row + "\n")
	}
	sum := sha256.Sum256(plain.Bytes())
	dataset["rows"], dataset["sha256"] = len(rows), hex.EncodeToString(sum[:])
	if len(rows) != before {
		delete(dataset, "reconciled")
	}
	writer := gzip.NewWriter(&zipped)
	_, err = writer.Write(plain.Bytes())
	if err = errors.Join(err, writer.Close()); err != nil {
		return err
	}
	if text, err = json.MarshalIndent(manifest, "", "  "); err != nil {
		return err
	}
	if readable := dataset["status"] == "collected" || dataset["status"] == "partial"; !readable {
		delete(dataset, "sha256")
		if text, err = json.MarshalIndent(manifest, "", "  "); err != nil {
			return err
		}
		return errors.Join(os.Remove(file), os.WriteFile(path, text, 0o600))
	}
	return errors.Join(os.WriteFile(file, zipped.Bytes(), 0o600), os.WriteFile(path, text, 0o600))
}

func zippedLines(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(reader)
	return slices.Collect(func(yield func(string) bool) {
		for line := range strings.Lines(string(plain)) {
			if !yield(strings.TrimSuffix(line, "\n")) {
				return
			}
		}
	}), err
}

// checkCompared demands that the JSON form of a comparison has these differences and no others, but for findings: ACTION
// AREA ITEM, and BY where it is known. Totals must agree.
func checkCompared(ts *testscript.TestScript, args []string) error {
	var comparison struct {
		SchemaVersion string `json:"schema_version"`
		Totals        []struct {
			Area                    string
			Added, Removed, Changed int
		}
		Differences []struct {
			Area, Action, Item, By string
			Subject                struct{ Kind, ID string }
		}
	}
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &comparison); err != nil {
		return err
	}
	got, counts := []string{}, map[string]int{}
	for _, d := range comparison.Differences {
		counts[d.Area+" "+d.Action]++
		if d.Area != "findings" {
			got = append(got, strings.Join(strings.Fields(strings.Join([]string{d.Action, d.Area, d.Item, d.By}, " ")), " "))
		}
	}
	for _, t := range comparison.Totals {
		if t.Added != counts[t.Area+" added"] || t.Removed != counts[t.Area+" removed"] || t.Changed != counts[t.Area+" changed"] {
			return fmt.Errorf("totals %v, differences %v", t, counts)
		}
	}
	if comparison.SchemaVersion == "" || len(comparison.Differences) > 0 && len(comparison.Totals) == 0 {
		return errors.New("no schema version, or no totals")
	}
	return compareLines(got, args[1:])
}
