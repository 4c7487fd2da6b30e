package saved

import (
	"encoding/json"
	"fmt"
)

// Error is what is wrong with a saved file, and where.
type Error struct {
	File string
	// Line and Column count from 1; columns are bytes of UTF-8. Column is 0 when the
	// whole line is meant.
	Line, Column int
	Reason       string
	Fault        Fault
}

// Fault is the kind of what is wrong with a file.
type Fault int

// The kinds of faults.
const (
	Damage  Fault = iota // it cannot be read
	Refusal              // it holds an error that Graph answered instead of rows
	Denial               // likewise, and the error says that the caller may not read them
	Pages                // the last answer has further pages
	Changes              // it is the answer to a delta query, and may hold changes only
	Request              // it is a request, not an answer
	Part                 // one part of an answer to a $batch cannot be read; others can
)

// Error tells file, line and reason.
func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s (column %d)", e.File, e.Line, e.Reason, e.Column)
}

// Row is one row, and where it comes from.
type Row struct {
	JSON json.RawMessage // one value of any shape
	Line int
	// Context is what follows "$metadata#" in the @odata.context of the answer, if
	// that stands before the row: applications('…')/owners.
	Context string
	// Bare is true for an object that stands by itself, in no list: an answer to a
	// request for one object, or a line of records.
	Bare bool
	// Batched is true for a row from an answer to a $batch. Path is then the path
	// that was asked for, when the part tells.
	Batched bool
	Path    string
}

// Summary is what a file holds besides its rows.
type Summary struct {
	// Contexts are the different contexts met, those of empty lists included.
	Contexts []string
	// Paths are the paths that parts of a $batch were asked for, if they tell and were
	// answered.
	Paths []string
	// Batched is true when there was an answer to a $batch.
	Batched bool

	seen map[string]bool // contexts
}
