// Package folder reads saved responses instead of a live tenant: one file per
// dataset, <dataset>.json, holding a JSON array or {"value": […]} as Microsoft
// Graph answers.
//
// Files come from people and other tools, so they are expected to be damaged: what
// can be read is kept, and what is wrong is named with file and line.
package folder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// Kind of the identity that a folder is recorded as.
const Kind = "folder"

// Options of New.
type Options struct {
	Path   string
	Logger *slog.Logger // nil is silent
}

// Source reads a folder.
type Source struct {
	path   string
	logger *slog.Logger
}

// New makes the source. It fails when there is no such folder, or when a file in
// it is not named after a dataset and would go unread.
func New(opts Options) (*Source, error) {
	s := &Source{path: filepath.Clean(opts.Path), logger: opts.Logger}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, fmt.Errorf("read folder: %w", err)
	}
	known := 0
	for _, entry := range entries {
		name, isJSON := strings.CutSuffix(entry.Name(), ".json")
		switch {
		case entry.IsDir() || strings.HasPrefix(entry.Name(), "."):
		case isJSON && snapshot.KnownName(name):
			known++
		default:
			return nil, unknownFile(filepath.Join(s.path, entry.Name()))
		}
	}
	if known == 0 {
		return nil, fmt.Errorf("%s holds no <dataset>.json; hint: name files after datasets: %s", s.path, strings.Join(snapshot.Names(), ", "))
	}
	return s, nil
}

func unknownFile(path string) error {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	hint := "<dataset>.json with one of " + strings.Join(snapshot.Names(), ", ")
	if near := nearest(name, snapshot.Names()); near != "" {
		hint = "is it " + near + ".json? The names are " + strings.Join(snapshot.Names(), ", ")
	}
	return fmt.Errorf("%s is not named after a dataset; hint: %s", path, hint)
}

// Tenant reads id and name of the tenant from organization.json; it is empty when
// the folder does not tell.
func (s *Source) Tenant() (snapshot.Tenant, error) {
	var tenant snapshot.Tenant
	path := s.file(snapshot.Organization)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return tenant, nil
	}
	if err != nil {
		return tenant, fmt.Errorf("read folder: %w", err)
	}
	defer file.Close()
	err = newDocument(file).read(func(row json.RawMessage) error {
		if found := organization(row); tenant.ID == "" {
			tenant = found
		}
		return nil
	})
	if err != nil && tenant.ID == "" {
		return tenant, fmt.Errorf("read folder: %s: %w", path, err)
	}
	return tenant, nil
}

func organization(row json.RawMessage) snapshot.Tenant {
	var o struct {
		ID          string `json:"id"`
		DisplayName string `json:"displayName"`
	}
	if json.Unmarshal(row, &o) != nil {
		return snapshot.Tenant{}
	}
	return snapshot.Tenant{ID: strings.ToLower(o.ID), Name: o.DisplayName}
}

func (s *Source) file(name snapshot.Name) string { return filepath.Join(s.path, name+".json") }

// Datasets lists every dataset: one without a file is skipped.
func (s *Source) Datasets() []snapshot.Name { return snapshot.Names() }

// Collect reads the folder.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	id := snapshot.Identity{Kind: Kind}
	for _, name := range s.Datasets() {
		if err := ctx.Err(); err != nil {
			return err
		}
		read, err := s.dataset(ctx, w, name)
		if err != nil {
			return err
		}
		if read {
			id.Datasets = append(id.Datasets, name)
		}
	}
	w.AddIdentity(id)
	return nil
}

// dataset reads one file. It returns whether there is one with something to read.
func (s *Source) dataset(ctx context.Context, w *snapshot.Writer, name snapshot.Name) (bool, error) {
	file, err := os.Open(s.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		if _, ok := w.Has(name); ok { // another source has it
			return false, nil
		}
		return false, w.Without(name, snapshot.Dataset{Status: snapshot.Skipped, Reason: "no file " + name + ".json"})
	}
	if err != nil {
		return false, w.Without(name, snapshot.Dataset{Status: snapshot.Failed, Reason: err.Error()})
	}
	defer file.Close()
	rows, err := w.Dataset(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Abort() }() // after Close it does nothing
	added, problem, err := s.rows(ctx, w, name, file, rows)
	if err != nil {
		return false, err
	}
	if problem != nil && added == 0 {
		s.logger.WarnContext(ctx, "dataset", "name", name, "reason", problem.Error())
		return false, w.Without(name, snapshot.Dataset{Status: status(problem), Reason: problem.Error()})
	}
	if problem != nil {
		rows.Fault(problem.Error())
	}
	if err := rows.Close(snapshot.Dataset{}); err != nil {
		return false, err
	}
	closed, _ := w.Has(name)
	s.logger.InfoContext(ctx, "dataset", "name", name, "status", closed.Status, "rows", closed.Rows, "reason", closed.Reason)
	return true, nil
}

// rows copies the rows of a file. problem is what is wrong with the file; err ends
// the run.
func (s *Source) rows(ctx context.Context, w *snapshot.Writer, name snapshot.Name, file *os.File, rows *snapshot.DatasetWriter) (added int, problem, err error) {
	document := newDocument(file)
	problem = document.read(func(row json.RawMessage) error {
		added++
		if err = ctx.Err(); err == nil {
			err = s.check(w, name, row, rows)
		}
		if err == nil {
			err = rows.Add(row)
		}
		return err
	})
	if err != nil {
		return added, nil, err
	}
	if positioned, ok := errors.AsType[*positionError](problem); ok {
		line, lineErr := lineAt(file, positioned.offset)
		if lineErr != nil {
			return added, lineErr, nil
		}
		problem = &fileError{text: fmt.Sprintf("%s:%d: %v", filepath.Base(file.Name()), line, positioned.cause), denied: positioned.denied}
	}
	return added, problem, nil
}

// check looks for rows that are in the wrong place.
func (s *Source) check(w *snapshot.Writer, name snapshot.Name, row json.RawMessage, rows *snapshot.DatasetWriter) error {
	switch name {
	case snapshot.Organization:
		found, want := organization(row), w.Tenant().ID
		if found.ID != "" && !strings.EqualFold(found.ID, want) {
			return fmt.Errorf("%s is of tenant %s, not of %s", s.file(name), found.ID, want)
		}
		if found.Name != "" {
			w.NameTenant(found.Name)
		}
	case snapshot.DataConnectEvents:
		var raw struct{ Workload, AuditData json.RawMessage }
		if json.Unmarshal(row, &raw) == nil && (raw.Workload != nil || raw.AuditData != nil) {
			rows.Fault("holds audit events as they were exported; hint: give them to the data-connect source")
		}
	}
	return nil
}

func status(problem error) snapshot.Status {
	if e, ok := errors.AsType[*fileError](problem); ok && e.denied {
		return snapshot.Denied
	}
	return snapshot.Failed
}

// fileError is what is wrong with a file, with its place.
type fileError struct {
	text   string
	denied bool // the file holds a saved refusal
}

func (e *fileError) Error() string { return e.text }

// nearest finds the name that a mistyped one was probably meant to be.
func nearest(typed string, names []string) string {
	typed = strings.ToLower(strings.NewReplacer("-", "_", " ", "_").Replace(typed))
	plain := func(name string) string { return strings.ReplaceAll(name, "_", "") }
	best, least := "", 4
	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := distance(plain(typed), plain(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is how many single letters have to change (Levenshtein).
func distance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			replace := previous[j]
			if a[i] != b[j] {
				replace++
			}
			current[j+1] = min(replace, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
