package manifest

import (
	"errors"
	"strings"
)

// The expressions of Data Factory, Synapse and Fabric
// (https://learn.microsoft.com/azure/data-factory/control-flow-expression-language-functions)
// and those of templates
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions)
// are written alike: calls, members, elements, and literals.

// expression is one node of a parsed expression.
type expression struct {
	op   op
	text string        // of a literal; the name of a function; the name of a member
	args []*expression // of a call; of an access the base, and the key of an element
}

type op uint8

const (
	literalText op = iota
	literalOther
	call
	accessMember  // base.name
	accessElement // base[key]
)

// maxDepth bounds how deep expressions nest, and how far one leads to another.
const maxDepth = 64

var errExpression = errors.New("the expression cannot be read")

// reading is an expression being parsed.
type reading struct {
	text string
	at   int
}

// parseExpression parses a whole expression, without its @ or brackets.
func parseExpression(text string) (*expression, error) {
	r := &reading{text: text}
	e, err := r.operand(0)
	r.space()
	if err != nil || r.at < len(text) {
		return nil, errExpression
	}
	return e, nil
}

func (r *reading) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// next reports whether the next character is c, and passes over it.
func (r *reading) next(c byte) bool {
	r.space()
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *reading) operand(depth int) (*expression, error) {
	if depth > maxDepth {
		return nil, errExpression
	}
	e, err := r.primary(depth)
	for err == nil {
		switch {
		case r.next('.'):
			r.space()
			name := r.word()
			if name == "" {
				return nil, errExpression
			}
			e = &expression{op: accessMember, text: name, args: []*expression{e}}
		case r.next('['):
			var key *expression
			if key, err = r.operand(depth + 1); err == nil && !r.next(']') {
				err = errExpression
			}
			e = &expression{op: accessElement, args: []*expression{e, key}}
		case r.next('?'): // a?.b and a?['b'] yield null where a.b fails
			if r.at >= len(r.text) || r.text[r.at] != '.' && r.text[r.at] != '[' {
				return nil, errExpression
			}
		default:
			return e, nil
		}
		if depth++; depth > maxDepth {
			return nil, errExpression
		}
	}
	return nil, err
}

func (r *reading) primary(depth int) (*expression, error) {
	r.space()
	if r.at >= len(r.text) {
		return nil, errExpression
	}
	if r.text[r.at] == '\'' {
		text, ok := r.quoted()
		if !ok {
			return nil, errExpression
		}
		return &expression{op: literalText, text: text}, nil
	}
	word := r.word()
	if word == "" {
		return nil, errExpression
	}
	if !r.next('(') {
		return literal(word, r)
	}
	e := &expression{op: call, text: strings.ToLower(word)}
	if r.next(')') {
		return e, nil
	}
	for {
		arg, err := r.operand(depth + 1)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		if r.next(')') {
			return e, nil
		}
		if !r.next(',') {
			return nil, errExpression
		}
	}
}

// literal is a number, true, false or null.
func literal(word string, r *reading) (*expression, error) {
	switch lower := strings.ToLower(word); {
	case lower == "true", lower == "false", lower == "null":
		return &expression{op: literalOther, text: lower}, nil
	case word[0] != '-' && (word[0] < '0' || word[0] > '9'):
		return nil, errExpression
	}
	if r.at < len(r.text) && r.text[r.at] == '.' {
		r.at++
		word += "." + r.word()
	}
	return &expression{op: literalOther, text: word}, nil
}

// word reads a name or a number.
func (r *reading) word() string {
	start := r.at
	for r.at < len(r.text) {
		c := r.text[r.at]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
		if !letter && strings.IndexByte("_-$", c) < 0 {
			break
		}
		r.at++
	}
	return r.text[start:r.at]
}

// quoted reads a text between single quotes; two of them stand for one.
func (r *reading) quoted() (string, bool) {
	var out strings.Builder
	for r.at++; r.at < len(r.text); r.at++ {
		if r.text[r.at] != '\'' {
			out.WriteByte(r.text[r.at])
			continue
		}
		r.at++
		if r.at >= len(r.text) || r.text[r.at] != '\'' {
			return out.String(), true
		}
		out.WriteByte('\'')
	}
	return "", false
}

// piece is a part of a text with @{…} in it.
type piece struct {
	text       string
	expression bool
}

// interpolation cuts a text at its @{…}. An @@{ stands for @{. It returns false when
// one of them does not end.
func interpolation(text string) ([]piece, bool) {
	var pieces []piece
	plain := ""
	for text != "" {
		at := strings.Index(text, "@{")
		if at < 0 {
			break
		}
		if at > 0 && text[at-1] == '@' {
			plain += text[:at-1] + "@{"
			text = text[at+2:]
			continue
		}
		end := closing(text[at+2:])
		if end < 0 {
			return nil, false
		}
		pieces = append(pieces, piece{text: plain + text[:at]}, piece{text: text[at+2 : at+2+end], expression: true})
		plain, text = "", text[at+2+end+1:]
	}
	return append(pieces, piece{text: plain + text}), true
}

// closing finds the } that ends an expression, not one inside quotes.
func closing(text string) int {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case text[i] == '}' && !quoted:
			return i
		}
	}
	return -1
}
