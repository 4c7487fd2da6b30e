package saved

import (
	"bytes"
	"encoding/json"
)

// Members hands the members of a JSON object to each, in order, without decoding
// anything but names, and returns false for what is no object. It is for finding out
// fast what an object is about. Of text that is not valid JSON it notices only that
// brackets or quotes do not close; values are handed out as they stand.
func Members(object []byte, each func(name, value []byte)) bool {
	s := scanner{text: object}
	if s.next() != '{' {
		return false
	}
	s.at++
	if s.next() == '}' {
		return s.ends()
	}
	for {
		name, ok := s.name()
		if !ok || s.next() != ':' {
			return false
		}
		s.at++
		value := s.value()
		if len(value) == 0 {
			return false
		}
		each(name, value)
		switch s.next() {
		case ',':
			s.at++
		case '}':
			return s.ends()
		default:
			return false
		}
	}
}

// scanner walks through JSON without decoding it.
type scanner struct {
	text []byte
	at   int
}

// next goes to the next byte that is no space and returns it, or 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// ends reports whether nothing follows the bracket that it stands at.
func (s *scanner) ends() bool {
	s.at++
	return s.next() == 0 && s.at == len(s.text)
}

// name reads the name of a member.
func (s *scanner) name() ([]byte, bool) {
	if s.next() != '"' {
		return nil, false
	}
	quoted := s.quoted()
	if quoted == nil {
		return nil, false
	}
	name := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(name, '\\') < 0 {
		return name, true
	}
	var text string
	err := json.Unmarshal(quoted, &text)
	return []byte(text), err == nil
}

// quoted reads a text with its quotes; nil when it does not end.
func (s *scanner) quoted() []byte {
	start := s.at
	for s.at++; s.at < len(s.text); s.at++ {
		end := bytes.IndexByte(s.text[s.at:], '"')
		if end < 0 {
			break
		}
		escape := bytes.IndexByte(s.text[s.at:s.at+end], '\\')
		if escape < 0 {
			s.at += end + 1
			return s.text[start:s.at]
		}
		s.at += escape + 1
	}
	s.at = len(s.text)
	return nil
}

// value reads one value; nil when it does not end.
func (s *scanner) value() []byte {
	c, start := s.next(), s.at
	switch c {
	case '"':
		return s.quoted()
	case '{', '[':
		return s.nested()
	}
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return s.text[start:s.at]
		}
	}
	return nil
}

// nested reads an object or an array.
func (s *scanner) nested() []byte {
	start, depth := s.at, 0
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"':
			if s.quoted() == nil {
				return nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.at++
				return s.text[start:s.at]
			}
		}
		s.at++
	}
	return nil
}
