package collector

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// SavedError is what is wrong with a saved file, and where.
type SavedError struct {
	File   string
	Line   int
	Reason string
	// Denied is true when the file holds Graph's refusal instead of rows.
	Denied bool
}

// Error tells file, line and reason.
func (e *SavedError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// ReadResponse reads a saved response row by row: an array, {"value": […]} as
// Graph answers, or the one object there is of its kind. An error of each ends it
// and is returned as it is; any other is a *SavedError, and rows may have come
// before it. A response that has further pages is one too. name is the file's, for
// errors.
func ReadResponse(r io.Reader, name string, each func(row json.RawMessage, line int) error) error {
	s, err := newSaved(r, name, each)
	if err != nil {
		return err
	}
	if err := s.value(false); err != nil {
		return err
	}
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		return s.wrong("there is text after the end of the JSON")
	}
	return s.end()
}

// ReadRecords reads saved records: like ReadResponse, and also one value after the
// other, such as a record a line.
func ReadRecords(r io.Reader, name string, each func(row json.RawMessage, line int) error) error {
	s, err := newSaved(r, name, each)
	if err != nil {
		return err
	}
	if err := s.value(true); err != nil {
		return err
	}
	for s.dec.More() {
		if err := s.value(true); err != nil {
			return err
		}
	}
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		return s.broken(err)
	}
	return s.end()
}

// saved is a file being read.
type saved struct {
	name  string
	lines *lineCounter
	dec   *json.Decoder
	each  func(json.RawMessage, int) error
	next  error // the last response says that there are further pages
}

func newSaved(r io.Reader, name string, each func(json.RawMessage, int) error) (*saved, error) {
	text, err := plainText(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	lines := &lineCounter{reader: text, line: 1}
	return &saved{name: name, lines: lines, dec: json.NewDecoder(lines), each: each}, nil
}

func (s *saved) wrongAt(offset int64, format string, args ...any) *SavedError {
	return &SavedError{File: s.name, Line: s.lines.at(offset), Reason: fmt.Sprintf(format, args...)}
}

func (s *saved) wrong(format string, args ...any) *SavedError {
	return s.wrongAt(s.dec.InputOffset(), format, args...)
}

// broken says where the JSON ends too early or goes wrong. The decoder's own
// offsets do not count what stands between values, so the text that it could not
// read is looked at once more.
func (s *saved) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return s.wrongAt(s.lines.read-1, "the JSON breaks off")
	}
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return s.wrong("%v", err)
	}
	rest, _ := io.ReadAll(s.dec.Buffered()) // it is in memory
	value := bytes.TrimLeft(rest, " \t\r\n,:")
	offset := s.dec.InputOffset() + int64(len(rest)-len(value))
	err = json.NewDecoder(bytes.NewReader(value)).Decode(new(json.RawMessage))
	if again, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset += again.Offset - 1
	}
	return s.wrongAt(offset, "%v", syntax)
}

// end is called after the last value.
func (s *saved) end() error { return s.next }

// value reads one value at the top. A sequence may hold bare objects; a response
// that is one must have an id to be taken for a row.
func (s *saved) value(sequence bool) error {
	token, err := s.dec.Token()
	switch {
	case errors.Is(err, io.EOF):
		return s.wrong("the file is empty")
	case err != nil:
		return s.broken(err)
	case token == json.Delim('['):
		return s.rows()
	case token == json.Delim('{'):
		return s.object(sequence)
	}
	return s.wrong("expected an array or an object, found %v", token)
}

// rows reads the elements of an array and its end.
func (s *saved) rows() error {
	for s.dec.More() {
		var row json.RawMessage
		if err := s.dec.Decode(&row); err != nil {
			return s.broken(err)
		}
		if err := s.each(row, s.lines.at(s.dec.InputOffset()-int64(len(row)))); err != nil {
			return err
		}
	}
	if _, err := s.dec.Token(); err != nil {
		return s.broken(err)
	}
	return nil
}

// object reads the members of a response in any order, or a bare object.
func (s *saved) object(sequence bool) error {
	line := s.lines.at(s.dec.InputOffset() - 1)
	members, found := map[string]json.RawMessage{}, false
	s.next = nil // a page before this one has been followed
	for s.dec.More() {
		name, err := s.dec.Token()
		if err != nil {
			return s.broken(err)
		}
		if name == "value" && !found {
			found = true
			if err := s.array(); err != nil {
				return err
			}
			continue
		}
		var member json.RawMessage
		if err := s.dec.Decode(&member); err != nil {
			return s.broken(err)
		}
		members[fmt.Sprint(name)] = member
		if name == "@odata.nextLink" && string(member) != "null" {
			s.next = s.wrong("the response has an @odata.nextLink: rows of further pages are missing")
		}
	}
	if _, err := s.dec.Token(); err != nil {
		return s.broken(err)
	}
	if found {
		return nil
	}
	return s.bare(members, line, sequence)
}

func (s *saved) array() error {
	token, err := s.dec.Token()
	if err != nil {
		return s.broken(err)
	}
	if token != json.Delim('[') {
		return s.wrong("value is not an array")
	}
	return s.rows()
}

func (s *saved) bare(members map[string]json.RawMessage, line int, sequence bool) error {
	if raw, ok := members["error"]; ok && members["id"] == nil && members["Id"] == nil {
		return s.refusal(raw, line)
	}
	if members["id"] == nil && !sequence {
		return s.wrong("there is no value in the response")
	}
	row, err := json.Marshal(members)
	if err != nil {
		return s.wrong("%v", err)
	}
	return s.each(row, line)
}

// refusal tells what a saved error says (https://learn.microsoft.com/graph/errors).
func (s *saved) refusal(raw json.RawMessage, line int) error {
	failed := &SavedError{File: s.name, Line: line, Reason: "the response is an error"}
	var refused struct{ Code, Message string }
	if json.Unmarshal(raw, &refused) == nil {
		failed.Reason += ": " + refused.Code + ": " + refused.Message
	}
	for _, code := range []string{"Authorization_RequestDenied", "accessDenied", "Forbidden", "Unauthorized"} {
		failed.Denied = failed.Denied || strings.EqualFold(refused.Code, code)
	}
	return failed
}

// plainText removes a byte order mark, and turns UTF-16, as PowerShell writes it,
// into UTF-8.
func plainText(r io.Reader) (io.Reader, error) {
	text := bufio.NewReaderSize(r, 1<<16)
	head, _ := text.Peek(3) // fewer bytes are a short file
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := text.Discard(3)
		return text, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return text, nil
	}
	data, err := io.ReadAll(text)
	if err != nil {
		return nil, err
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return strings.NewReader(string(utf16.Decode(units))), nil
}

// lineCounter finds the lines of offsets in what is read through it. Offsets are
// asked for in rising order, so it remembers no more than is read ahead.
type lineCounter struct {
	reader io.Reader
	read   int64
	line   int
	ends   []int64 // of lines, from the last offset asked for
}

// Read is part of io.Reader.
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

func (c *lineCounter) at(offset int64) int {
	passed, _ := slices.BinarySearch(c.ends, offset)
	c.line += passed
	c.ends = c.ends[passed:]
	return c.line
}
