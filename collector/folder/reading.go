package folder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

// reading is one dataset being read.
type reading struct {
	*run
	name snapshot.Name
	rows *snapshot.DatasetWriter

	seen     int            // rows of any kind
	problems []*saved.Error // what is wrong with files, or missing from them
	// nameless is the first object that stood by itself without an id. With others it
	// is a row; alone it is none, but something else that was saved.
	nameless *nameless
	where    place
	scope    scope
	halves   halves
	export   export          // what Get-SPOApplication told; nil without its output
	granted  map[string]bool // container types with a grant, by lower-cased id
}

type nameless struct {
	file string
	row  saved.Row
}

// place is the collection that rows are of, as the answer they stand in tells.
type place struct {
	context, path string
	collection    collection
}

func (d *reading) problem(file string, line int, format string, args ...any) {
	d.problems = append(d.problems, &saved.Error{File: file, Line: line, Reason: fmt.Sprintf(format, args...)})
}

// file reads one file. followed says that the next file is a further page. What is
// wrong with the file is kept in d; err ends the run.
func (d *reading) file(ctx context.Context, f file, followed bool) error {
	text, err := os.Open(f.path)
	if err != nil {
		d.problem(f.base, 1, "%v", err)
		return nil
	}
	defer text.Close()
	var ending error
	step := func(read func() error) error {
		d.seen++
		if ending = ctx.Err(); ending == nil {
			ending = read()
		}
		return ending
	}
	var summary saved.Summary
	if f.exported && d.export == nil {
		d.export = export{}
	}
	if f.table {
		err = saved.ReadTable(text, f.base, func(fields map[string]string, line int) error {
			return step(func() error { return d.exported(tableRecord(fields), f.base, line) })
		})
	} else {
		summary, err = saved.Read(text, f.base, func(row saved.Row) error {
			return step(func() error { return d.row(f.base, row) })
		})
	}
	if ending != nil && !errors.Is(ending, errMisfiled) {
		return ending
	}
	if problem, ok := errors.AsType[*saved.Error](err); ok && (problem.Fault != saved.Pages || !followed) {
		d.problems = append(d.problems, problem)
	}
	d.answers(f.base, summary)
	return nil
}

// errMisfiled ends the reading of a file that holds something else. The problem has
// been noted.
var errMisfiled = errors.New("the file holds another collection")

// answers looks at what the answers in a file said they are of, those without rows
// included.
func (d *reading) answers(file string, summary saved.Summary) {
	for _, context := range summary.Contexts {
		c := parseContext(context)
		if !c.fits(d.name) && !summary.Batched && !d.misfiled(file) {
			d.problem(file, 1, "the answer is of %s, not of %s", c.name, d.name)
		}
		d.scope.add(c, !strings.HasSuffix(context, "/$entity"))
		d.halves.answer(c)
	}
	for _, path := range summary.Paths {
		d.scope.add(parsePath(path), true)
		d.halves.answer(parsePath(path))
	}
}

// misfiled reports whether it has been said that the file holds something else.
func (d *reading) misfiled(file string) bool {
	for _, problem := range d.problems {
		if problem.File == file && strings.HasPrefix(problem.Reason, "the answer is of ") {
			return true
		}
	}
	return false
}

// locate says what a row is of.
func (d *reading) locate(row saved.Row) collection {
	if row.Context != d.where.context || row.Path != d.where.path {
		d.where = place{context: row.Context, path: row.Path, collection: parseContext(row.Context)}
		if row.Context == "" {
			d.where.collection = parsePath(row.Path)
		}
	}
	return d.where.collection
}

// row takes one row of a file.
func (d *reading) row(file string, row saved.Row) error {
	of := d.locate(row)
	switch {
	case row.Batched && row.Context == "" && row.Path == "":
		d.seen--
		d.problem(file, row.Line, "this part of the $batch does not say what it is of; hint: use the path as its id")
		return nil
	case of.fits(d.name):
	case row.Batched:
		d.seen--
		d.problem(file, row.Line, "this part of the $batch is of %s, not of %s, and is not read", of.name, d.name)
		return nil
	default:
		d.seen--
		d.problem(file, row.Line, "the answer is of %s, not of %s", of.name, d.name)
		return errMisfiled
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(row.JSON, &members) != nil || members == nil {
		return d.rows.Add(row.JSON) // it is no object, and the snapshot says so
	}
	return d.object(file, row, members)
}

// object takes a row that is an object.
func (d *reading) object(file string, row saved.Row, members map[string]json.RawMessage) error {
	if members["@removed"] != nil {
		d.seen--
		d.problem(file, row.Line, "an object was removed, says this row of a delta query's answer: it lists changes")
		return nil
	}
	if record := jsonRecord(members); d.name == snapshot.ContainerTypeGrants && (isExported(record) || record.numbered()) {
		return d.exported(record, file, row.Line)
	}
	if row.Bare && d.nameless == nil && !identified(d.name, members) {
		d.nameless = &nameless{file, row}
		return nil
	}
	return d.add(file, row)
}

// identified reports whether an object has a member that tells rows of the dataset
// apart, in any case.
func identified(name snapshot.Name, members map[string]json.RawMessage) bool {
	return len(members) > 0 && snapshot.Identified(name, func(want string) bool {
		for member := range members {
			if strings.EqualFold(member, want) {
				return true
			}
		}
		return false
	})
}

// add stores a row.
func (d *reading) add(file string, row saved.Row) error {
	had := plain(d.name, row.JSON)
	raw := complete(d.name, d.locate(row), had)
	if err := d.check(file, row.Line, raw); err != nil {
		return err
	}
	d.note(raw)
	if d.name == snapshot.DirectoryRoleAssignments || d.name == snapshot.AppManagementPolicies {
		d.halves.row(had, raw)
	}
	return d.rows.Add(raw)
}

// check looks for rows that are in the wrong place.
func (d *reading) check(file string, line int, row json.RawMessage) error {
	switch d.name {
	case snapshot.Organization:
		found, want := organization(row), d.w.Tenant().ID
		if found.ID != "" && !strings.EqualFold(found.ID, want) {
			return fmt.Errorf("%s:%d: is of tenant %s, not of %s", filepath.Join(d.path, file), line, found.ID, want)
		}
		if found.Name != "" {
			d.w.NameTenant(found.Name)
		}
	case snapshot.DataConnectEvents:
		var raw struct{ Workload, AuditData json.RawMessage }
		if json.Unmarshal(row, &raw) == nil && (raw.Workload != nil || raw.AuditData != nil) {
			d.rows.Fault(fmt.Sprintf("%s:%d: an audit record as it was exported; hint: give it to the data-connect source", file, line))
		}
	}
	return nil
}

// finish looks at what the files hold together.
func (d *reading) finish() error {
	if n := d.nameless; n != nil && d.seen > 1 {
		if err := d.add(n.file, n.row); err != nil {
			return err
		}
	} else if n != nil {
		d.seen = 0
		d.problem(n.file, n.row.Line, "there is no value in the response, and it is no row of %s", d.name)
	}
	if d.export != nil {
		if err := d.exportedRest(); err != nil {
			return err
		}
	}
	for _, reason := range append(d.scope.missing(d.objects), d.halves.missing(d.name)...) {
		d.rows.Fault(reason)
	}
	return nil
}
