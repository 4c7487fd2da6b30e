// Package saved reads what people and other programs saved: answers of Microsoft
// Graph as they came, lists, single objects, records one a line, answers to $batch
// requests, and tables. The text may be UTF-8 or UTF-16, as PowerShell writes it.
//
// The package knows no dataset. It hands out rows with the place they stand at, and
// says what is wrong with a file, where.
package saved

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Read reads a file row by row: an array, {"value": […]} as Graph answers, single
// objects, answers to $batch requests, and any number of them one after the other,
// such as the pages of a list or records one a line.
//
// An error of each ends it and is returned as it is; any other is an *Error, and
// rows may have come before it. A list of which the last page has a nextLink is
// incomplete, and so is one that a delta query gave. name is the file's, for errors.
func Read(r io.Reader, name string, each func(Row) error) (Summary, error) {
	text, err := plainText(r)
	if err != nil {
		return Summary{}, &Error{File: name, Line: 1, Reason: err.Error()}
	}
	return readRest(text, name, 1, true, each)
}

// all reads the values that are left. That there is one at least is needed only where
// none came before.
func (s *reader) all(needed bool) error {
	for first := needed; ; first = false {
		token, err := s.dec.Token()
		switch {
		case errors.Is(err, io.EOF) && !first:
			return s.end()
		case errors.Is(err, io.EOF):
			err = s.wrong("the file is empty")
		case err != nil:
			err = s.broken(err)
		default:
			err = s.value(token)
		}
		if err != nil {
			return err
		}
	}
}

// reader is a file being read, or the body of one part of a $batch.
type reader struct {
	name    string
	lines   *lineCounter
	dec     *json.Decoder
	each    func(Row) error
	summary *Summary

	context string // of the answer being read
	next    *Error // the last answer says that there are further pages
	nextOf  string // its context
	problem *Error // the first of those that do not end the reading
}

func newReader(text io.Reader, name string, line int, each func(Row) error, summary *Summary) *reader {
	lines := &lineCounter{reader: text, line: line}
	return &reader{name: name, lines: lines, dec: json.NewDecoder(lines), each: each, summary: summary}
}

func (s *reader) wrongAt(offset int64, format string, args ...any) *Error {
	line, _ := s.lines.at(offset)
	return &Error{File: s.name, Line: line, Reason: fmt.Sprintf(format, args...)}
}

func (s *reader) wrong(format string, args ...any) *Error {
	return s.wrongAt(s.dec.InputOffset(), format, args...)
}

// broken says where the JSON ends too early or goes wrong. The decoder's own
// offsets do not count what stands between values, so the text that it could not
// read is looked at once more.
func (s *reader) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return s.brokenAt(s.lines.read-1, "the JSON breaks off")
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
	return s.brokenAt(offset, syntax.Error())
}

func (s *reader) brokenAt(offset int64, reason string) *Error {
	line, column := s.lines.at(offset)
	return &Error{File: s.name, Line: line, Column: column, Reason: reason}
}

// end is called after the last value.
func (s *reader) end() error {
	switch {
	case s.problem != nil:
		return s.problem
	case s.next != nil:
		return s.next
	}
	return nil
}

// keep notes a problem that leaves the rest of the file readable.
func (s *reader) keep(problem *Error) {
	if s.problem == nil {
		s.problem = problem
	}
}

// value reads one value at the top, of which the first token has been read.
func (s *reader) value(token json.Token) error {
	s.context = ""
	switch token {
	case json.Delim('['):
		return s.rows()
	case json.Delim('{'):
		return s.object()
	}
	return s.wrong("expected an array or an object, found %v", token)
}

// rows reads the elements of an array and its end.
func (s *reader) rows() error {
	for s.dec.More() {
		var row json.RawMessage
		if err := s.dec.Decode(&row); err != nil {
			return s.broken(err)
		}
		line, _ := s.lines.at(s.dec.InputOffset() - int64(len(row)))
		if err := s.each(Row{JSON: row, Line: line, Context: s.context}); err != nil {
			return err
		}
	}
	return s.close()
}

func (s *reader) close() error {
	if _, err := s.dec.Token(); err != nil {
		return s.broken(err)
	}
	return nil
}

// object reads the members of an answer in any order, or a bare object.
func (s *reader) object() error {
	line, _ := s.lines.at(s.dec.InputOffset() - 1)
	members, found := map[string]json.RawMessage{}, false
	before := s.next
	s.next = nil
	for s.dec.More() {
		token, err := s.dec.Token()
		if err != nil {
			return s.broken(err)
		}
		name := fmt.Sprint(token)
		if list := s.list(name); list != nil {
			if found {
				return s.wrong("the response has a second list, %s", name)
			}
			found = true
			if err := list(); err != nil {
				return err
			}
			continue
		}
		var member json.RawMessage
		if err := s.dec.Decode(&member); err != nil {
			return s.broken(err)
		}
		members[name] = member
		s.annotation(name, member)
	}
	if err := s.close(); err != nil {
		return err
	}
	s.followed(before, found)
	if found {
		return nil
	}
	return s.bare(members, line)
}

// list says how to read a member that holds rows; nil for any other.
func (s *reader) list(name string) func() error {
	switch name {
	case "value":
		return s.values
	case "responses":
		return s.batch
	}
	return nil
}

// annotation notes what an answer says of itself.
func (s *reader) annotation(name string, member json.RawMessage) {
	text := unquote(member)
	switch {
	case name == "@odata.context":
		_, s.context, _ = strings.Cut(text, "$metadata#")
		if s.context != "" && !s.summary.seen[s.context] {
			s.summary.seen[s.context] = true
			s.summary.Contexts = append(s.summary.Contexts, s.context)
		}
	case name == "@odata.nextLink" && string(member) != "null":
		s.next = s.wrong("the response has an @odata.nextLink: rows of further pages are missing")
		s.next.Fault = Pages
	case name == "@odata.deltaLink" && string(member) != "null":
		changes := s.wrong("the response has an @odata.deltaLink: it may hold changes only, and is no listing")
		changes.Fault = Changes
		s.keep(changes)
	}
}

// followed decides whether an answer is the page that the one before it announced.
// Of another collection, or without a list, it is not.
func (s *reader) followed(before *Error, list bool) {
	other := s.nextOf != "" && s.context != "" && s.nextOf != s.context
	if before != nil && (other || !list) {
		s.keep(before)
	}
	if s.next != nil {
		s.nextOf = s.context
	}
}

// values reads the member value. That of an answer to a request for one object may
// be the object, as one published sample has it; it then says what it is.
func (s *reader) values() error {
	token, err := s.dec.Token()
	switch {
	case err != nil:
		return s.broken(err)
	case token == json.Delim('['):
		return s.rows()
	case token != json.Delim('{'):
		return s.wrong("value is not an array")
	}
	wrong := s.wrong("value is not an array")
	members := map[string]json.RawMessage{}
	for s.dec.More() {
		token, err := s.dec.Token()
		if err != nil {
			return s.broken(err)
		}
		var member json.RawMessage
		if err := s.dec.Decode(&member); err != nil {
			return s.broken(err)
		}
		members[fmt.Sprint(token)] = member
		s.annotation(fmt.Sprint(token), member)
	}
	if err := s.close(); err != nil {
		return err
	}
	if members["@odata.context"] == nil && members["@odata.type"] == nil {
		return wrong
	}
	return s.give(members, wrong.Line)
}

// bare reads an object that is no list.
func (s *reader) bare(members map[string]json.RawMessage, line int) error {
	identified := members["id"] != nil || members["Id"] != nil
	if raw, ok := members["error"]; ok && !identified {
		return s.refusal(raw, line)
	}
	if raw := bytes.TrimSpace(members["requests"]); len(raw) > 0 && raw[0] == '[' && !identified {
		return &Error{File: s.name, Line: line, Reason: "it is a $batch request, not the answer to one", Fault: Request}
	}
	return s.give(members, line)
}

// give hands out an object that stands by itself, without what the answer says of
// itself.
func (s *reader) give(members map[string]json.RawMessage, line int) error {
	delete(members, "@odata.context")
	row, err := json.Marshal(members)
	if err != nil {
		return s.wrong("%v", err)
	}
	return s.each(Row{JSON: row, Line: line, Context: s.context, Bare: true})
}

// refusal tells what a saved error says (https://learn.microsoft.com/graph/errors).
func (s *reader) refusal(raw json.RawMessage, line int) *Error {
	failed := &Error{File: s.name, Line: line, Reason: "the response is an error", Fault: Refusal}
	var refused struct{ Code, Message string }
	if json.Unmarshal(raw, &refused) == nil {
		failed.Reason += ": " + refused.Code + ": " + refused.Message
	}
	for _, code := range []string{"Authorization_RequestDenied", "accessDenied", "Forbidden", "Unauthorized"} {
		if strings.EqualFold(refused.Code, code) {
			failed.Fault = Denial
		}
	}
	return failed
}

// unquote is the text of a JSON string, and empty for anything else.
func unquote(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}
