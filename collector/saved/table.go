package saved

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ReadTable reads a table record by record: a line of column names, then one record
// a line, with quotes as RFC 4180 has them. The separator is the comma, the
// semicolon or the tab, whichever the first line has most of, or what a line sep=…
// says. A line #TYPE …, which Export-Csv of Windows PowerShell writes, is left out.
//
// each gets the fields by column name. Errors are as those of Read. A record of
// more or fewer fields than there are columns is one, since its values may stand in
// the wrong columns; those after it are read.
func ReadTable(r io.Reader, name string, each func(fields map[string]string, line int) error) error {
	text, err := plainText(r)
	if err != nil {
		return &Error{File: name, Line: 1, Reason: err.Error()}
	}
	buffered := bufio.NewReader(text)
	head, skipped, comma, err := tableHead(buffered)
	if err != nil {
		return &Error{File: name, Line: skipped + 1, Reason: err.Error()}
	}
	t := &table{name: name, skipped: skipped, csv: csv.NewReader(io.MultiReader(strings.NewReader(head), buffered))}
	t.csv.Comma, t.csv.FieldsPerRecord = comma, -1
	if t.columns, err = t.csv.Read(); err != nil {
		return t.broken(err)
	}
	if problem := t.doubtful(); problem != "" {
		return &Error{File: name, Line: skipped + 1, Reason: problem}
	}
	return t.records(each)
}

type table struct {
	name    string
	skipped int // lines before that of the column names
	columns []string
	csv     *csv.Reader
}

// tableHead reads the line of the column names and finds the separator.
func tableHead(text *bufio.Reader) (head string, skipped int, comma rune, err error) {
	for {
		line, err := text.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", skipped, 0, err
		}
		if line == "" {
			return "", skipped, 0, errors.New("the file is empty")
		}
		plain := strings.TrimSpace(line)
		separator, told := strings.CutPrefix(strings.ToLower(plain), "sep=")
		switch {
		case told && len(separator) == 1:
			comma = rune(separator[0])
		case plain != "" && !strings.HasPrefix(plain, "#TYPE "):
			if comma == 0 {
				comma = mostFrequent(line, ',', ';', '\t')
			}
			return line, skipped, comma, nil
		}
		skipped++
	}
}

func mostFrequent(text string, separators ...rune) rune {
	return slices.MaxFunc(separators, func(a, b rune) int {
		return strings.Count(text, string(a)) - strings.Count(text, string(b))
	})
}

// doubtful says why the columns cannot be told apart.
func (t *table) doubtful() string {
	seen := map[string]bool{}
	for i, column := range t.columns {
		t.columns[i] = strings.TrimSpace(column)
		if column = t.columns[i]; column == "" || seen[column] {
			return fmt.Sprintf("column %d is named %q, like none or another one", i+1, column)
		}
		seen[column] = true
	}
	return ""
}

func (t *table) records(each func(map[string]string, int) error) error {
	var problem *Error
	for {
		record, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t.broken(err)
		}
		line, _ := t.csv.FieldPos(0)
		if line += t.skipped; len(record) != len(t.columns) {
			if problem == nil {
				problem = &Error{File: t.name, Line: line, Reason: fmt.Sprintf("the record has %d fields, and there are %d columns", len(record), len(t.columns))}
			}
			continue
		}
		fields := make(map[string]string, len(record))
		for i, field := range record {
			fields[t.columns[i]] = field
		}
		if err := each(fields, line); err != nil {
			return err
		}
	}
	if problem != nil {
		return problem
	}
	return nil
}

func (t *table) broken(err error) error {
	parse, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return &Error{File: t.name, Line: t.skipped + 1, Reason: err.Error()}
	}
	return &Error{File: t.name, Line: parse.Line + t.skipped, Column: parse.Column, Reason: parse.Err.Error()}
}
