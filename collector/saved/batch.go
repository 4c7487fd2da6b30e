package saved

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// part is one answer in the answer to a $batch
// (https://learn.microsoft.com/graph/json-batching).
type part struct {
	id, url  string
	status   json.RawMessage
	body     json.RawMessage
	bodyLine int
	line     int
}

// batch reads the answers to a $batch. Each has a status of its own: one that was
// refused is a problem that leaves the others readable.
func (s *reader) batch() error {
	s.summary.Batched = true
	token, err := s.dec.Token()
	if err != nil {
		return s.broken(err)
	}
	if token != json.Delim('[') {
		return s.wrong("responses is not an array")
	}
	for s.dec.More() {
		p, err := s.part()
		if err != nil {
			return err
		}
		if err := s.answer(p); err != nil {
			return err
		}
	}
	return s.close()
}

// part reads one part, its members in any order.
func (s *reader) part() (part, error) {
	var p part
	token, err := s.dec.Token()
	if err != nil {
		return p, s.broken(err)
	}
	p.line, _ = s.lines.at(s.dec.InputOffset() - 1)
	if token != json.Delim('{') {
		return p, s.wrong("expected a part of a $batch, found %v", token)
	}
	for s.dec.More() {
		name, err := s.dec.Token()
		if err != nil {
			return p, s.broken(err)
		}
		var member json.RawMessage
		if err := s.dec.Decode(&member); err != nil {
			return p, s.broken(err)
		}
		switch name {
		case "id":
			p.id = strings.Trim(string(member), `"`)
		case "url":
			p.url = unquote(member)
		case "status":
			p.status = member
		case "body":
			p.body = member
			p.bodyLine, _ = s.lines.at(s.dec.InputOffset() - int64(len(member)))
		}
	}
	return p, s.close()
}

// answer reads the body of one part.
func (s *reader) answer(p part) error {
	var status int
	switch told := json.Unmarshal(p.status, &status) == nil; {
	case !told:
		s.keep(s.partly(p, "has no status"))
		return nil
	case status == 204:
		return nil // there is nothing
	case status < 200 || status > 299:
		s.keep(s.refused(p, status))
		return nil
	case len(p.body) == 0 || p.body[0] != '{':
		s.keep(s.partly(p, "holds no JSON object"))
		return nil
	}
	return s.body(p)
}

func (s *reader) body(p part) (ended error) {
	path := p.path()
	if path != "" {
		s.summary.Paths = append(s.summary.Paths, path)
	}
	sub := newReader(bytes.NewReader(p.body), s.name, p.bodyLine, func(row Row) error {
		row.Batched, row.Path = true, path
		ended = s.each(row)
		return ended
	}, s.summary)
	_, err := sub.dec.Token() // the brace
	if err == nil {
		err = sub.object()
	}
	if err == nil {
		err = sub.end()
	}
	if failed, ok := errors.AsType[*Error](err); ok && ended == nil {
		s.keep(s.partly(p, failed.Reason))
	}
	return ended
}

func (s *reader) partly(p part, reason string) *Error {
	return &Error{File: s.name, Line: p.line, Reason: fmt.Sprintf("part %q of the $batch: %s", p.id, reason), Fault: Part}
}

// refused tells why a part was not answered.
func (s *reader) refused(p part, status int) *Error {
	var body struct{ Error json.RawMessage }
	failed := &Error{Reason: "no reason is given"}
	if json.Unmarshal(p.body, &body) == nil && body.Error != nil {
		failed = s.refusal(body.Error, p.line)
	}
	problem := s.partly(p, fmt.Sprintf("status %d: %s", status, failed.Reason))
	problem.Fault = cmp.Or(failed.Fault, Refusal)
	return problem
}

// path is what the part was asked for, when its url or its id is a path; else it is
// empty.
func (p part) path() string {
	for _, text := range []string{p.url, p.id} {
		if parsed, err := url.Parse(text); err == nil && strings.Contains(parsed.Path, "/") {
			return parsed.Path
		}
	}
	return ""
}
