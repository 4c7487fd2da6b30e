package usage

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table reads a table: a line of column names, then one row a line, with quotes as RFC
// 4180 has them. The separator is the comma, the semicolon or the tab, whichever the first
// line has most of; spreadsheets name it in a line sep=….
func (p *part) table(text *bufio.Reader) error {
	skipped := 0
	head, err := text.Peek(5)
	comma := rune(0)
	if err == nil && strings.EqualFold(string(head[:4]), "sep=") {
		comma = rune(head[4])
		if _, err := text.ReadString('\n'); err != nil {
			return p.failed(1, err)
		}
		skipped = 1
	}
	if comma == 0 {
		comma = separator(text)
	}
	if comma != ',' && comma != ';' && comma != '\t' {
		return p.wrong(1, fmt.Sprintf("%q separates no columns", comma), "save the table with commas")
	}
	end := &ending{reader: text}
	reader := csv.NewReader(end)
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord = comma, -1, true
	names, err := reader.Read()
	if err != nil {
		return p.badTable(err, skipped)
	}
	columns, err := p.tableColumns(names, skipped+1)
	if err != nil {
		return err
	}
	before := names[len(names)-1] // what stood last in the line before
	for {
		values, err := reader.Read()
		if errors.Is(err, io.EOF) {
			p.torn = p.torn && end.open()
			return nil
		}
		if err != nil {
			return p.badTable(err, skipped)
		}
		last := values[len(values)-1]
		p.torn, before = last != before && columns[len(columns)-1] != status, last
		line, _ := reader.FieldPos(0)
		if err := p.tableRow(columns, values, line+skipped); err != nil {
			return err
		}
	}
}

// ending knows how a text ends.
type ending struct {
	reader io.Reader
	last   byte
}

// Read is part of io.Reader.
func (e *ending) Read(p []byte) (int, error) {
	n, err := e.reader.Read(p)
	if n > 0 {
		e.last = p[n-1]
	}
	return n, err
}

// open reports whether the last line has no end, and its last field none either.
func (e *ending) open() bool { return e.last != '\n' && e.last != '\r' && e.last != '"' }

// separator is what the first line has most of.
func separator(text *bufio.Reader) rune {
	head, _ := text.Peek(1 << 16) // a short file has less
	first, _, _ := strings.Cut(string(head), "\n")
	most := ','
	for _, other := range ";\t" {
		if strings.Count(first, string(other)) > strings.Count(first, string(most)) {
			most = other
		}
	}
	return most
}

// tableColumns finds out what columns there are; those that are not needed are -1.
func (p *part) tableColumns(names []string, line int) ([]field, error) {
	columns := make([]field, len(names))
	head, twice := &record{line: line}, map[string]bool{}
	for i, name := range names {
		if strings.Contains(strings.ToLower(name), "[local time]") {
			return nil, p.wrong(line, fmt.Sprintf("the column %q is in a local time, which the file does not tell", name), "set the time zone of the portal's query page to UTC, and export again")
		}
		f, ok := named([]byte(name))
		if columns[i] = f; !ok {
			columns[i] = -1
			continue
		}
		if twice[strings.ToLower(name)] {
			return nil, p.wrong(line, fmt.Sprintf("two columns are called %s", name), "export the log with its own columns")
		}
		head.mask |= 1 << f
		twice[strings.ToLower(name)] = true
	}
	_, err := p.recognise(head, flat)
	return columns, err
}

func (p *part) tableRow(columns []field, values []string, line int) error {
	if len(values) != len(columns) {
		return p.wrong(line, fmt.Sprintf("the row has %d fields, and there are %d columns: the file may be cut off", len(values), len(columns)), "export it again; nothing of it was taken over")
	}
	r := &p.record
	r.reset(line)
	for i, f := range columns {
		if f >= 0 {
			r.set(f, []byte(strings.TrimSpace(values[i])))
		}
	}
	return p.row(r)
}

// badTable is an error of the reader of tables, with its line.
func (p *part) badTable(err error, skipped int) error {
	parse, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case ok && errors.Is(parse.Err, csv.ErrQuote):
		return p.wrong(parse.StartLine+skipped, "a quoted field does not end, or goes on behind its quote: the file may be cut off", "export it again; nothing of it was taken over")
	case ok:
		return p.failed(parse.Line+skipped, parse.Err)
	}
	return p.failed(1+skipped, err)
}
