package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// writable refuses a destination that cannot be replaced by a report. Nothing stays behind.
func writable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is no ordinary file; hint: name a file, or leave the path out for standard output", path)
	case err == nil && info.Mode().Perm()&0o222 == 0: // a rename would replace it all the same
		return fmt.Errorf("%s is read-only; hint: name another file, or allow writing to this one", path)
	}
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, ".leastwise-report-*")
	if err == nil {
		return errors.Join(file.Close(), os.Remove(file.Name()))
	}
	cause := err
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		cause = fault.Err // its path is one that nobody named
	}
	return unwritten(fmt.Errorf("%s: %w", path, cause), dir)
}

// diskFull reports whether a file could not grow.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// roomHint is what to do about it.
const roomHint = "make room on the disk, or use another one: a report is written beside its destination, working files go to TMPDIR"

// unwritten adds what to do to an error of writing below a folder. What is no fault of the file system stays as it is.
func unwritten(err error, dir string) error {
	if diskFull(err) {
		return withHint(err, roomHint)
	}
	if _, ok := errors.AsType[syscall.Errno](err); !ok {
		return err
	}
	return withHint(err, "make sure that the folder "+dir+" exists and can be written to")
}

// makes reports whether a run that keeps its snapshot in keep ("" for none) makes the folder of path.
func makes(keep, path string) bool {
	kept, err := resolve(keep)
	below, relErr := filepath.Rel(filepath.Dir(path), kept)
	return keep != "" && errors.Join(err, relErr) == nil && filepath.IsLocal(below)
}

// place moves finished reports to where they belong: all of them, or none when one cannot be moved.
func place(files []staged) (err error) {
	var moved []replaced
	defer func() {
		for _, r := range slices.Backward(moved) {
			err = errors.Join(err, r.settle(err != nil))
		}
	}()
	for _, file := range files {
		former := replaced{path: file.path}
		if len(files) > 1 {
			former.keep(file.temp + ".former")
		}
		if err := errors.Join(os.Chmod(file.temp, 0o644), os.Rename(file.temp, file.path)); err != nil {
			return unwritten(errors.Join(fmt.Errorf("write report: %w", err), former.settle(false)), filepath.Dir(file.path))
		}
		moved = append(moved, former)
	}
	return nil
}

// replaced is a place that a report was moved to, and what was there before.
type replaced struct {
	path  string
	saved string // a second name of the former file; "" without one
	fresh bool   // nothing was there
}

// keep gives the former file a second name. Where the file system knows no such thing, the file is
// replaced without one.
func (r *replaced) keep(name string) {
	switch err := os.Link(r.path, name); {
	case err == nil:
		r.saved = name
	case errors.Is(err, fs.ErrNotExist):
		r.fresh = true
	}
}

// settle forgets the former file or puts it back.
func (r *replaced) settle(back bool) error {
	switch {
	case back && r.saved != "":
		return os.Rename(r.saved, r.path)
	case back && r.fresh:
		return ignoreMissing(os.Remove(r.path))
	case r.saved != "":
		return ignoreMissing(os.Remove(r.saved))
	}
	return nil
}
