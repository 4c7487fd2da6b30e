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
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leastwise/collector"
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
	err = collector.ReadResponse(file, path, func(row json.RawMessage, _ int) error {
		if tenant.ID == "" {
			tenant = organization(row)
		}
		return nil
	})
	if err != nil && tenant.ID == "" {
		return tenant, fmt.Errorf("read folder: %w", err)
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
// Those without a file are another run's to read.
func (s *Source) Datasets() []snapshot.Name {
	return slices.DeleteFunc(snapshot.Names(), func(name snapshot.Name) bool {
		_, err := os.Stat(s.file(name))
		return errors.Is(err, fs.ErrNotExist)
	})
}

// Collect reads the folder.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	id := snapshot.Identity{Kind: Kind}
	for _, name := range snapshot.Names() {
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
func (s *Source) rows(ctx context.Context, w *snapshot.Writer, name snapshot.Name, file io.Reader, rows *snapshot.DatasetWriter) (added int, problem, err error) {
	problem = collector.ReadResponse(file, name+".json", func(row json.RawMessage, line int) error {
		added++
		if err = ctx.Err(); err == nil {
			err = s.check(w, name, row, line, rows)
		}
		if err == nil {
			err = rows.Add(row)
		}
		return err
	})
	if err != nil {
		return added, nil, err
	}
	return added, problem, nil
}

// check looks for rows that are in the wrong place.
func (s *Source) check(w *snapshot.Writer, name snapshot.Name, row json.RawMessage, line int, rows *snapshot.DatasetWriter) error {
	switch name {
	case snapshot.Organization:
		found, want := organization(row), w.Tenant().ID
		if found.ID != "" && !strings.EqualFold(found.ID, want) {
			return fmt.Errorf("%s:%d: is of tenant %s, not of %s", s.file(name), line, found.ID, want)
		}
		if found.Name != "" {
			w.NameTenant(found.Name)
		}
	case snapshot.DataConnectEvents:
		var raw struct{ Workload, AuditData json.RawMessage }
		if json.Unmarshal(row, &raw) == nil && (raw.Workload != nil || raw.AuditData != nil) {
			rows.Fault(fmt.Sprintf("%s.json:%d: an audit record as it was exported; hint: give it to the data-connect source", name, line))
		}
	}
	return nil
}

func status(problem error) snapshot.Status {
	if e, ok := errors.AsType[*collector.SavedError](problem); ok && e.Denied {
		return snapshot.Denied
	}
	return snapshot.Failed
}
