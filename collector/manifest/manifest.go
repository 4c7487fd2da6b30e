// Package manifest reads the files of a repository as a source: the pipelines that
// copy data out of Microsoft 365 with Microsoft Graph Data Connect, as Azure Data
// Factory, Azure Synapse Analytics and Microsoft Fabric keep them in Git, or as
// Azure Resource Manager templates deploy them; and the applications that manifests of
// registrations, plans of Terraform, templates built from Bicep, and manifests of
// Microsoft 365 apps define.
//
// Each read becomes a row of the dataset pipelines, with file and line. What a file
// does not tell, because it is an expression that is computed when the pipeline runs,
// or stands in a definition that is not among the files, is named as unresolved and
// never assumed.
package manifest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// ErrNoDefinition means that the paths hold nothing of a data factory, a Synapse
// workspace or a Fabric pipeline that could be read.
var ErrNoDefinition = errors.New("no definition of a Data Factory, Synapse or Fabric pipeline can be read")

// Options of New.
type Options struct {
	// Paths are files and folders. Folders are read with everything below, except
	// hidden folders and node_modules.
	Paths []string
	// Base is the folder that relative paths start from; empty is the working directory.
	// Files are named as paths are, without it.
	Base string
	// Tenant is the id of the tenant that the definitions are deployed in. It stands
	// for the destination's tenant where the files name none, and for the tenant of the
	// subscription in templates. It may be empty.
	Tenant string
	// Applications says whether what files define of applications is read, too: it goes into the dataset manifests.
	Applications bool
	Logger       *slog.Logger // nil is silent
}

// Source reads pipelines.
type Source struct {
	opts   Options
	logger *slog.Logger
	passed int
}

// Passed is how many of the files that were read, the last time, define nothing that is judged.
func (s *Source) Passed() int { return s.passed }

// New makes the source.
func New(opts Options) *Source {
	s := &Source{opts: opts, logger: opts.Logger}
	s.opts.Tenant = strings.ToLower(strings.TrimSpace(opts.Tenant))
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// Datasets lists what the source reads.
func (s *Source) Datasets() []snapshot.Name {
	if s.opts.Applications {
		return []snapshot.Name{snapshot.Manifests, snapshot.Pipelines}
	}
	return []snapshot.Name{snapshot.Pipelines}
}

// Collect reads the files. A file that cannot be read is a fault of the dataset; that
// a path does not exist, or that nothing in the paths can be read, is an error: what
// is judged of an empty selection would always be well. So is a file that looks like the
// definition of an application, and is broken: what it would bring about cannot be told.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	listed, err := list(s.opts.Base, s.opts.Paths)
	if err != nil {
		return err
	}
	files := len(listed.files)
	world := newWorld(s.opts.Tenant)
	world.defining = s.opts.Applications
	faults, err := world.read(ctx, listed)
	if err != nil {
		return err
	}
	found := world.define()
	rows := world.rows()
	faults = append(faults, world.faults...)
	defining, faults, err := world.defineApplications(w, found, faults)
	if err != nil {
		return err
	}
	s.passed = max(0, files-defining-len(world.definingFiles()))
	switch closed, defines := w.Has(snapshot.Manifests); {
	case defines:
		s.logger.InfoContext(ctx, "dataset read", "name", snapshot.Manifests, "status", closed.Status, "rows", closed.Rows,
			"files", files, "definitions", defining, "reason", closed.Reason)
		if found == 0 && len(faults) == 0 {
			return nil
		}
	case found == 0:
		return s.nothing(files, faults)
	}
	if err := writePipelines(w, rows, faults); err != nil {
		return err
	}
	closed, _ := w.Has(snapshot.Pipelines)
	s.logger.InfoContext(ctx, "dataset read", "name", snapshot.Pipelines, "status", closed.Status, "rows", closed.Rows,
		"files", files, "definitions", found, "reason", closed.Reason)
	return nil
}

// writePipelines writes the dataset pipelines.
func writePipelines(w *snapshot.Writer, rows []*row, faults []error) error {
	out, err := w.Dataset(snapshot.Pipelines)
	if err != nil {
		return err
	}
	defer func() { _ = out.Abort() }() // after Close it does nothing
	for _, row := range rows {
		line, err := snapshot.Encode(row)
		if err != nil {
			return fmt.Errorf("encode pipeline: %w", err)
		}
		if err := out.Add(line); err != nil {
			return err
		}
	}
	for _, fault := range faults {
		out.Fault(fault.Error())
	}
	return out.Close(snapshot.Dataset{})
}

// read loads all files of a listing. What it returns are faults of the dataset; the error
// is that of the context.
func (w *world) read(ctx context.Context, l *listing) ([]error, error) {
	faults := l.faults
	for _, file := range l.files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if problem := w.load(file); problem != nil {
			faults = append(faults, problem)
		}
	}
	for _, file := range l.hidden {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !w.defining {
			break
		}
		if problem := w.hidden(file); problem != nil {
			faults = append(faults, problem)
		}
	}
	for _, name := range l.items {
		w.item(name)
	}
	for _, file := range l.others {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		faults = append(faults, w.other(file)...)
	}
	return faults, nil
}

// nothing is the error of a selection without a definition.
func (s *Source) nothing(files int, faults []error) error {
	where := strings.Join(s.opts.Paths, ", ")
	if len(faults) == 0 {
		more := ""
		if s.opts.Applications {
			more = ", or what defines applications: an app manifest, or a plan in JSON"
		}
		return fmt.Errorf("%w in %s (%d JSON files looked at); hint: name the folder that holds pipeline, dataset and linkedService, or a template%s",
			ErrNoDefinition, where, files, more)
	}
	slices.SortStableFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return fmt.Errorf("%w in %s: %w; hint: mend the file, or name others", ErrNoDefinition, where, faults[0])
}
