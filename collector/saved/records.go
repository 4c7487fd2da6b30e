package saved

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// maxRecord is the longest line that ReadRecords takes for one record.
const maxRecord = 1 << 20

// ReadRecords reads a file as Read does. Files of one record a line are long: as long
// as each line is one object, and no answer that holds rows, it is handed out as it
// stands, its members in their order, and not decoded. Row.JSON is then valid until
// each returns.
func ReadRecords(r io.Reader, name string, each func(Row) error) (Summary, error) {
	text, err := plainText(r)
	if err != nil {
		return Summary{}, &Error{File: name, Line: 1, Reason: err.Error()}
	}
	buffered := bufio.NewReaderSize(text, maxRecord)
	for line, found := 1, false; ; line++ {
		written, err := buffered.ReadSlice('\n')
		record := bytes.TrimSpace(written)
		if err == nil && len(record) == 0 {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) || !isRecord(record) {
			// The slice is overwritten when the reader is read on.
			rest := io.MultiReader(bytes.NewReader(bytes.Clone(written)), buffered)
			return readRest(rest, name, line, !found, each)
		}
		found = true
		if err := each(Row{JSON: record, Line: line, Bare: true}); err != nil {
			return Summary{}, err
		}
	}
}

// isRecord reports whether a line is one object by itself that Read would hand out
// as a row.
func isRecord(line []byte) bool {
	if len(line) == 0 || line[0] != '{' {
		return false
	}
	plain := true
	whole := Members(line, func(name, _ []byte) {
		switch string(name) {
		case "value", "responses", "error", "requests", "@odata.context", "@odata.nextLink", "@odata.deltaLink":
			plain = false
		}
	})
	return whole && plain && json.Valid(line)
}

// readRest reads from a line on. There must be a value if none came before.
func readRest(text io.Reader, name string, line int, needed bool, each func(Row) error) (Summary, error) {
	summary := &Summary{seen: map[string]bool{}}
	err := newReader(text, name, line, each, summary).all(needed)
	return *summary, err
}
