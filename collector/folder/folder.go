// Package folder reads saved responses instead of a live tenant: one or more files
// for each dataset, named after it.
//
//	applications.json       an array, {"value": […]} as Microsoft Graph answers, one
//	                        object, records one a line, or the answer to a $batch
//	applications.2.json     further pages, or other answers, numbered
//	applications.ndjson     (or .jsonl) records one a line
//	container_type_grants.csv, Get-SPOApplication*.json, Get-SPOApplication*.csv
//	                        what SharePoint Online Management Shell exports
//
// Text is UTF-8 or UTF-16. What Microsoft Graph PowerShell makes of objects, with
// other capitals and dates, is turned back.
//
// Files come from people and other tools, so they are expected to be damaged: what
// can be read is kept, and what is wrong is named with file and line.
package folder

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

// Kind of the identity that a folder is recorded as.
const Kind = snapshot.IdentityFolder

// Options of New.
type Options struct {
	Path   string
	Logger *slog.Logger // nil is silent
}

// Source reads a folder.
type Source struct {
	path   string
	files  map[snapshot.Name][]file
	logger *slog.Logger
}

// New makes the source. It fails when there is no such folder, or when a file in
// it is not named after a dataset and would go unread.
func New(opts Options) (*Source, error) {
	s := &Source{path: filepath.Clean(opts.Path), logger: opts.Logger}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.files, err = find(s.path); err != nil {
		return nil, err
	}
	if len(s.files) == 0 {
		return nil, fmt.Errorf("%s holds no <dataset>.json; hint: name files after datasets: %s", s.path, strings.Join(snapshot.Names(), ", "))
	}
	return s, nil
}

// Tenant reads id and name of the tenant from organization.json; it is empty when
// the folder does not tell.
func (s *Source) Tenant() (snapshot.Tenant, error) {
	var tenant snapshot.Tenant
	for _, f := range s.files[snapshot.Organization] {
		text, err := os.Open(f.path)
		if err != nil {
			return tenant, fmt.Errorf("read folder: %w", err)
		}
		_, err = saved.Read(text, f.path, func(row saved.Row) error {
			if tenant.ID == "" {
				tenant = organization(row.JSON)
			}
			return nil
		})
		_ = text.Close() // it was only read
		if err != nil && tenant.ID == "" {
			return tenant, fmt.Errorf("read folder: %w", err)
		}
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

// Datasets lists the datasets that there are files of. Those without a file are
// another run's to read.
func (s *Source) Datasets() []snapshot.Name {
	return slices.DeleteFunc(snapshot.Names(), func(name snapshot.Name) bool { return len(s.files[name]) == 0 })
}

// Collect reads the folder.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	r := &run{Source: s, w: w, types: map[snapshot.Name]ownedTypes{}, objects: map[snapshot.Name]map[string]bool{}}
	id := snapshot.Identity{Kind: Kind}
	for _, name := range snapshot.Names() {
		if err := ctx.Err(); err != nil {
			return err
		}
		read, err := r.dataset(ctx, name)
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

// run is one collection. Datasets are read in the order of their names, in which
// those that others hang on come first.
type run struct {
	*Source
	w *snapshot.Writer
	// types are the container types by the application that owns them, as container
	// types and registrations tell.
	types map[snapshot.Name]ownedTypes
	// objects are the ids of what answers about single objects can be of.
	objects map[snapshot.Name]map[string]bool
}

// ownedTypes are ids of container types by the lower-cased id of their owner.
type ownedTypes map[string]map[string]bool

func (o ownedTypes) of(owner string) []string {
	return slices.Sorted(maps.Keys(o[strings.ToLower(owner)]))
}

// dataset reads the files of a dataset. It returns whether there was something to
// read.
func (r *run) dataset(ctx context.Context, name snapshot.Name) (bool, error) {
	files := r.files[name]
	if len(files) == 0 {
		if _, ok := r.w.Has(name); ok { // another source has it
			return false, nil
		}
		return false, r.w.Without(name, snapshot.Dataset{Status: snapshot.Skipped, Reason: "no file " + name + ".json"})
	}
	rows, err := r.w.Dataset(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Abort() }() // after Close it does nothing
	d := &reading{run: r, name: name, rows: rows, scope: scope{}, granted: map[string]bool{}}
	for i, f := range files {
		followed := i+1 < len(files) && files[i+1].page > 0
		if err := d.file(ctx, f, followed); err != nil {
			return false, err
		}
	}
	if err := d.finish(); err != nil {
		return false, err
	}
	if len(d.problems) > 0 && d.seen == 0 {
		problem := d.problems[0]
		r.logger.WarnContext(ctx, "dataset", "name", name, "reason", problem.Error())
		return false, r.w.Without(name, snapshot.Dataset{Status: status(problem), Reason: problem.Error()})
	}
	for _, problem := range d.problems {
		rows.Fault(problem.Error())
	}
	if err := rows.Close(snapshot.Dataset{}); err != nil {
		return false, err
	}
	closed, _ := r.w.Has(name)
	r.logger.InfoContext(ctx, "dataset read", "name", name, "status", closed.Status, "rows", closed.Rows, "reason", closed.Reason)
	return true, nil
}

func status(problem *saved.Error) snapshot.Status {
	if problem.Fault == saved.Denial {
		return snapshot.Denied
	}
	return snapshot.Failed
}
