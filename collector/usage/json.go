package usage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"leastwise/collector/saved"
)

// json reads objects one a line as fast as it can, and anything else value by value.
func (p *part) json(text *bufio.Reader) error {
	for line, last := 1, false; !last; line++ {
		written, err := text.ReadSlice('\n')
		last = errors.Is(err, io.EOF)
		object := bytes.TrimSpace(written)
		switch {
		case err != nil && !last && !errors.Is(err, bufio.ErrBufferFull):
			return p.failed(line, err)
		case len(object) == 0:
			continue
		case err != nil && !last || !isRow(object):
			// The slice is overwritten when the reader is read on.
			return p.values(io.MultiReader(bytes.NewReader(bytes.Clone(written)), text), line)
		}
		if err := p.object(object, line); err != nil {
			return err
		}
	}
	return nil
}

// isRow reports whether a line is one object that is a row by itself.
func isRow(line []byte) bool {
	plain := true
	whole := saved.Members(line, func(name, value []byte) {
		plain = plain && !holdsRows(name, value) && !bytes.EqualFold(name, []byte("error"))
	})
	return whole && plain && json.Valid(line)
}

// holdsRows reports whether a member is a list of rows: tables of Log Analytics
// (https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format), records of
// an event hub, results of a hunting query, and what Graph and PowerShell call a list.
func holdsRows(name, value []byte) bool {
	return (isTables(name) || isList(name)) && (len(value) == 0 || value[0] == '[')
}

func isTables(name []byte) bool { return bytes.EqualFold(name, []byte("tables")) }

func isList(name []byte) bool {
	return slices.ContainsFunc([]string{"records", "results", "value"}, func(list string) bool { return bytes.EqualFold(name, []byte(list)) })
}

// stream reads JSON value by value.
type stream struct {
	*part
	dec   *json.Decoder
	lines *lineCounter
	next  bool // the last answer has further pages
}

// values reads whatever values follow each other.
func (p *part) values(text io.Reader, line int) error {
	lines := &lineCounter{reader: text, line: line}
	s := &stream{part: p, lines: lines, dec: json.NewDecoder(lines)}
	for {
		token, err := s.dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			if s.next {
				p.cutOff(p.name + " ends with a link to a further page, which is not there")
			}
			return nil
		case err != nil:
			return s.broken(err)
		case token == json.Delim('['):
			err = s.elements()
		case token == json.Delim('{'):
			err = s.members()
		default:
			err = s.wrong(s.at(), fmt.Sprintf("%v is no row", token), "an export is a list of objects, or one object a line")
		}
		if err != nil {
			return err
		}
	}
}

func (s *stream) at() int { return s.lines.at(s.dec.InputOffset()) }

// broken is an error of the decoder, with its line.
func (s *stream) broken(err error) error {
	offset := s.dec.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		// The decoder does not count what stands between values: look at the value again.
		rest, _ := io.ReadAll(s.dec.Buffered()) // it is in memory
		value := bytes.TrimLeft(rest, " \t\r\n,:")
		offset += int64(len(rest) - len(value))
		again := json.NewDecoder(bytes.NewReader(value)).Decode(new(json.RawMessage))
		if inner, ok := errors.AsType[*json.SyntaxError](again); ok {
			offset += inner.Offset - 1
		}
		err = errors.New(syntax.Error())
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		offset, err = s.lines.read-1, errors.New("the JSON breaks off")
	}
	return s.failed(s.lines.at(offset), err)
}

// raw reads one value.
func (s *stream) raw() (value json.RawMessage, line int, err error) {
	if err := s.dec.Decode(&value); err != nil {
		return nil, 0, s.broken(err)
	}
	return value, s.lines.at(s.dec.InputOffset() - int64(len(value))), nil
}

// elements reads the rows of a list and its end.
func (s *stream) elements() error {
	for s.dec.More() {
		value, line, err := s.raw()
		if err != nil {
			return err
		}
		if err := s.object(value, line); err != nil {
			return err
		}
	}
	return s.close()
}

func (s *stream) close() error {
	if _, err := s.dec.Token(); err != nil {
		return s.broken(err)
	}
	return nil
}

// members reads an object: an answer that holds rows, or a row.
func (s *stream) members() error {
	line := s.at()
	row := &record{line: line}
	found := false
	s.next = false
	for s.dec.More() {
		token, err := s.dec.Token()
		if err != nil {
			return s.broken(err)
		}
		name := []byte(fmt.Sprint(token))
		list, err := s.list(name)
		if err != nil {
			return err
		}
		if list {
			found = true
			continue
		}
		value, at, err := s.raw()
		switch {
		case err != nil:
			return err
		case bytes.EqualFold(name, []byte("error")) && string(value) != "null":
			return s.wrong(at, fmt.Sprintf("the answer is an error, or not whole: %.200s", value), "ask again, for shorter intervals")
		case isNextLink(name) && string(value) != "null" && string(value) != `""`:
			s.next = true
		}
		if f, ok := named(name); ok {
			row.set(f, plainValue(value))
		}
	}
	if err := s.close(); err != nil || found {
		return err
	}
	return s.row(row)
}

// isNextLink tells the link to the next page, which APIs of Azure and of Microsoft Graph name differently.
func isNextLink(name []byte) bool {
	return bytes.EqualFold(bytes.TrimPrefix(bytes.TrimPrefix(name, []byte("@")), []byte("odata.")), []byte("nextLink"))
}

// list reads a member that holds rows. It returns false for any other, which is not read.
func (s *stream) list(name []byte) (bool, error) {
	tables := isTables(name)
	if !tables && !isList(name) {
		return false, nil
	}
	token, err := s.dec.Token()
	switch {
	case err != nil:
		return true, s.broken(err)
	case token != json.Delim('['):
		return true, s.wrong(s.at(), fmt.Sprintf("%s is no list", name), "save the answer as it came")
	case tables:
		return true, s.tables()
	}
	return true, s.elements()
}

// lineCounter finds the lines of offsets, which are asked for in rising order.
type lineCounter struct {
	reader io.Reader
	read   int64
	line   int
	ends   []int64 // of lines, from the last offset asked for
}

// Read is part of io.Reader.
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	for from := 0; ; {
		i := bytes.IndexByte(p[from:n], '\n')
		if i < 0 {
			break
		}
		c.ends = append(c.ends, c.read+int64(from+i))
		from += i + 1
	}
	c.read += int64(n)
	return n, err
}

// at returns the line of an offset, counted from 1.
func (c *lineCounter) at(offset int64) int {
	passed, _ := slices.BinarySearch(c.ends, offset)
	c.line += passed
	c.ends = c.ends[passed:]
	return c.line
}
