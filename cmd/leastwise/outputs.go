package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"leastwise/policies/finding"
	"leastwise/reports"
)

// outputs are the reports to write. Nothing is visible before all of them are
// complete: each is written beside its destination and renamed at the end.
type outputs struct {
	targets []reports.Target
}

func parseOutputs(texts []string) (*outputs, error) { return parseOutputsOf(reports.Formats(), texts) }

func parseOutputsOf(formats []reports.Format, texts []string) (*outputs, error) {
	o := &outputs{}
	seen := map[string]bool{}
	for _, text := range texts {
		target, err := reports.ParseTargetOf(formats, text)
		if err != nil {
			return nil, err
		}
		if target.Path, err = resolve(target.Path); err != nil {
			return nil, fmt.Errorf("write %s report: %w", target.Format.Name, err)
		}
		if seen[target.Path] {
			return nil, fmt.Errorf("two reports go to %s; hint: give each a path of its own", orStdout(target.Path))
		}
		seen[target.Path] = true
		o.targets = append(o.targets, target)
	}
	return o, nil
}

// resolve follows symbolic links, so that a report replaces the file and not the
// link, and so that two names of one file are known for what they are.
func resolve(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	if target, err := os.Readlink(path); err == nil { // also when nothing is there yet
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	} else if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(dir, filepath.Base(path))
	}
	return filepath.Abs(path)
}

func orStdout(path string) string {
	if path == "" {
		return "standard output"
	}
	return path
}

// write makes the JSON report with fill, every other format from it, and moves all
// into place.
func (o *outputs) write(p *program, fill func(*os.File) error) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	// The first JSON report that goes to a file is the working copy itself.
	dir, path := p.tempDir, ""
	rest := slices.Clone(o.targets)
	if i := slices.IndexFunc(rest, func(t reports.Target) bool { return t.Format.Name == "json" && t.Path != "" }); i >= 0 {
		path = rest[i].Path
		dir, rest = filepath.Dir(path), slices.Delete(rest, i, i+1)
	}
	working, err := os.CreateTemp(dir, ".leastwise-report-*.json")
	if err != nil {
		return unwritten(fmt.Errorf("write report: %w", err), dir)
	}
	defer func() { err = errors.Join(err, ignoreMissing(os.Remove(working.Name()))) }()
	if err := finish(working, fill(working)); err != nil {
		return unwritten(err, dir)
	}
	ready := []staged{}
	if path != "" {
		ready = append(ready, staged{working.Name(), path})
	}
	if len(rest) == 0 {
		return place(ready)
	}
	document, err := finding.OpenDocument(working.Name())
	if err != nil {
		return err
	}
	return (&outputs{rest}).render(p, document, ready...)
}

// check refuses destinations that cannot be written, before anything is made.
func (o *outputs) check() error { return o.checkBeside("") }

// checkBeside is check for a run that will keep its snapshot in keep, and make the folders above it.
func (o *outputs) checkBeside(keep string) error {
	for _, target := range o.targets {
		if target.Path == "" {
			continue
		}
		err := writable(target.Path)
		if errors.Is(err, os.ErrNotExist) && makes(keep, target.Path) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write %s report: %w", target.Format.Name, err)
		}
	}
	return nil
}

// staged is a report that is written and not yet in its place.
type staged struct{ temp, path string }

// render writes every target from a document, and places them together with those
// that are ready.
func (o *outputs) render(p *program, document *finding.Document, ready ...staged) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	var files []staged
	defer func() {
		for _, file := range files {
			err = errors.Join(err, ignoreMissing(os.Remove(file.temp)))
		}
	}()
	var onStdout *reports.Target
	for _, target := range o.targets {
		if target.Path == "" {
			onStdout = &target
			continue
		}
		temp, err := stage(target, document)
		if temp != "" {
			files = append(files, staged{temp, target.Path})
		}
		if err != nil {
			return unwritten(fmt.Errorf("write %s report: %w", target.Format.Name, err), filepath.Dir(target.Path))
		}
	}
	if onStdout != nil {
		if err := o.print(p, onStdout, document); err != nil {
			return err
		}
	}
	return place(append(files, ready...))
}

func (o *outputs) print(p *program, target *reports.Target, document *finding.Document) error {
	out := bufio.NewWriterSize(p.stdout, 1<<16)
	err := target.Format.Write(out, document)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return withHint(fmt.Errorf("write %s report to standard output: %w", target.Format.Name, err),
			fmt.Sprintf("write to a file: -o %s=FILE%s", target.Format.Name, target.Format.Extension))
	}
	return nil
}

// stage writes one report to a temporary file beside its destination.
func stage(target reports.Target, document *finding.Document) (name string, err error) {
	file, err := os.CreateTemp(filepath.Dir(target.Path), "."+filepath.Base(target.Path)+"-*")
	if err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(file, 1<<16)
	if err = target.Format.Write(out, document); err == nil {
		err = out.Flush()
	}
	return file.Name(), finish(file, err)
}

// finish closes a file that was written with err, and gives the first of all errors: those that
// follow only repeat it.
func finish(file *os.File, err error) error {
	if err == nil {
		err = file.Sync()
	}
	return cmp.Or(err, file.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
