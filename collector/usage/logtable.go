package usage

import (
	"encoding/json"
	"fmt"
	"strings"
)

// tables reads the tables of an answer of Log Analytics. The first one holds the rows; others,
// which old versions of the API add, say how the query went.
func (s *stream) tables() error {
	for n := 0; s.dec.More(); n++ {
		if n > 0 {
			if _, _, err := s.raw(); err != nil {
				return err
			}
			continue
		}
		token, err := s.dec.Token()
		if err != nil {
			return s.broken(err)
		}
		if token != json.Delim('{') {
			return s.wrong(s.at(), fmt.Sprintf("%v is no table", token), "save the answer as it came")
		}
		if err := s.tableMembers(); err != nil {
			return err
		}
	}
	return s.close()
}

// tableMembers reads one table.
func (s *stream) tableMembers() error {
	var columns []field
	for s.dec.More() {
		token, err := s.dec.Token()
		if err != nil {
			return s.broken(err)
		}
		switch token {
		case "columns", "Columns":
			if columns, err = s.columns(); err != nil {
				return err
			}
		case "rows", "Rows":
			if columns == nil {
				return s.wrong(s.at(), "the rows stand before the columns", "save the answer as it came")
			}
			if err := s.tableRows(columns); err != nil {
				return err
			}
		default:
			if _, _, err := s.raw(); err != nil {
				return err
			}
		}
	}
	return s.close()
}

// columns reads what columns there are; those that are not needed are -1.
func (s *stream) columns() ([]field, error) {
	value, line, err := s.raw()
	if err != nil {
		return nil, err
	}
	var list []struct {
		Name       string `json:"name"`
		ColumnName string
	}
	if json.Unmarshal(value, &list) != nil || len(list) == 0 {
		return nil, s.wrong(line, "columns is no list of columns", "save the answer as it came")
	}
	columns := make([]field, len(list))
	head, twice := &record{line: line}, map[string]bool{}
	for i, column := range list {
		f, ok := named([]byte(column.Name + column.ColumnName))
		if columns[i] = f; !ok {
			columns[i] = -1
			continue
		}
		if twice[strings.ToLower(column.Name+column.ColumnName)] {
			return nil, s.wrong(line, fmt.Sprintf("two columns are called %s", column.Name+column.ColumnName), "export the log with its own columns")
		}
		head.mask |= 1 << f
		twice[strings.ToLower(column.Name+column.ColumnName)] = true
	}
	_, err = s.recognise(head, flat)
	return columns, err
}

// tableRows reads rows, each of which is a list of values.
func (s *stream) tableRows(columns []field) error {
	token, err := s.dec.Token()
	if err != nil {
		return s.broken(err)
	}
	if token != json.Delim('[') {
		return s.wrong(s.at(), "rows is no list", "save the answer as it came")
	}
	var values []json.RawMessage
	for s.dec.More() {
		values = values[:0]
		if err := s.dec.Decode(&values); err != nil {
			if _, ok := err.(*json.UnmarshalTypeError); ok { //nolint:errorlint // the decoder returns it as it is
				return s.wrong(s.at(), "a row is no list of values", "save the answer as it came")
			}
			return s.broken(err)
		}
		line := s.at()
		if len(values) != len(columns) {
			return s.wrong(line, fmt.Sprintf("the row has %d values, and there are %d columns", len(values), len(columns)), "save the answer as it came")
		}
		r := &s.record
		r.reset(line)
		for i, f := range columns {
			if f >= 0 {
				r.set(f, plainValue(values[i]))
			}
		}
		if err := s.row(r); err != nil {
			return err
		}
	}
	return s.close()
}
