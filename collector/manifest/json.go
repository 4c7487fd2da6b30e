package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"leastwise/collector/saved"
)

// Error is what is wrong with a file, and where. Lines and columns count from 1;
// columns are bytes of UTF-8.
type Error struct {
	File         string
	Line, Column int
	Reason       string
}

// Error tells file, line, column and reason.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

type shape uint8

const (
	aNull shape = iota
	aScalar
	aText
	aList
	anObject
	anUnknown // of what a plan or a template makes of the file: known only after it is deployed
)

// node is one JSON value, and where it stands.
type node struct {
	shape   shape
	line    int
	file    *file
	text    string // of a text; of a number or truth value as it is written
	list    []*node
	members []member
	why     string // of what is not known
}

type member struct {
	name  string
	value *node
}

// get finds a member whatever its case, which definitions disagree about. It is nil
// when there is none, and when n is no object. Of names that differ by case alone it
// is a node of no use: which one counts is not documented.
func (n *node) get(name string) *node {
	if n == nil || n.shape != anObject {
		return nil
	}
	var found *node
	for i := range n.members {
		if !strings.EqualFold(n.members[i].name, name) {
			continue
		}
		if found != nil {
			return &node{shape: aText, line: n.members[i].value.line, file: n.file, text: contradiction}
		}
		found = n.members[i].value
	}
	return found
}

// contradiction stands for a member that is there twice. As an expression it does
// not parse, so that the value is unresolved.
const contradiction = "@(the member stands there twice, in different case)"

// path follows objects. It is nil as soon as a member is missing.
func (n *node) path(names ...string) *node {
	for _, name := range names {
		n = n.get(name)
	}
	return n
}

// object is the member if it is an object, else nil.
func (n *node) object(name string) *node {
	if m := n.get(name); m != nil && m.shape == anObject {
		return m
	}
	return nil
}

// str is the member's text, and empty for anything else.
func (n *node) str(name string) string {
	if m := n.get(name); m != nil && m.shape == aText {
		return m.text
	}
	return ""
}

// isType compares the member type, whatever its case.
func (n *node) isType(types ...string) bool {
	own := n.str("type")
	return slices.ContainsFunc(types, func(name string) bool { return strings.EqualFold(own, name) })
}

func present(n *node) bool { return n != nil && n.shape != aNull }

// parser builds nodes from JSON that is known to be valid.
type parser struct {
	file   *file
	data   []byte
	at     int
	line   int
	double *Error // the first name that stands twice in an object
	// decisive is true when one of the names decides what a definition says.
	decisive bool
}

// parse reads one JSON text. twice is not nil when an object has a member twice, and
// decisive then tells whether it may be one that decides what a definition says.
func parse(data []byte, of *file) (root *node, twice *Error, decisive bool, broken *Error) {
	if at := invalidUTF8(data); at >= 0 {
		return nil, nil, false, position(data, at, of, "the text is not valid UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		syntax, ok := errors.AsType[*json.SyntaxError](err)
		switch {
		case len(bytes.TrimSpace(data)) == 0:
			return nil, nil, false, position(data, 0, of, "the file is empty")
		case !ok:
			return nil, nil, false, position(data, 0, of, err.Error())
		case syntax.Offset >= int64(len(data)) && strings.Contains(err.Error(), "unexpected end"):
			return nil, nil, false, position(data, len(data), of, "the JSON breaks off")
		}
		return nil, nil, false, position(data, int(syntax.Offset)-1, of, syntax.Error())
	}
	p := &parser{file: of, data: data, line: 1}
	root = p.value()
	return root, p.double, p.decisive, nil
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for at := 0; at < len(data); {
		char, size := utf8.DecodeRune(data[at:])
		if char == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
	return -1
}

func position(data []byte, at int, of *file, reason string) *Error {
	at = min(max(at, 0), len(data))
	before := data[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &Error{File: of.name, Line: bytes.Count(before, []byte("\n")) + 1, Column: at - start + 1, Reason: reason}
}

// space goes on to the next token: white space, commas and colons tell nothing in
// JSON that is valid.
func (p *parser) space() {
	for ; p.at < len(p.data); p.at++ {
		switch p.data[p.at] {
		case '\n':
			p.line++
		case ' ', '\t', '\r', ',', ':':
		default:
			return
		}
	}
}

func (p *parser) value() *node {
	p.space()
	n := &node{line: p.line, file: p.file}
	if p.file.fixed > 0 {
		n.line = p.file.fixed
	}
	switch p.data[p.at] {
	case '{':
		n.shape = anObject
		p.object(n)
	case '[':
		n.shape = aList
		p.at++
		for p.space(); p.data[p.at] != ']'; p.space() {
			n.list = append(n.list, p.value())
		}
		p.at++
	case '"':
		n.shape = aText
		n.text = p.string()
	default:
		start := p.at
		for p.at < len(p.data) && !strings.ContainsRune(" \t\r\n,:]}", rune(p.data[p.at])) {
			p.at++
		}
		n.text = string(p.data[start:p.at])
		if n.text != "null" {
			n.shape = aScalar
		}
	}
	return n
}

func (p *parser) object(n *node) {
	p.at++
	seen := map[string]bool{}
	for p.space(); p.data[p.at] != '}'; p.space() {
		at := p.at
		name := p.string()
		folded := strings.ToLower(name)
		if seen[name] || seen["\x00"+folded] && read[folded] {
			p.decisive = p.decisive || read[folded]
			if p.double == nil {
				p.double = position(p.data, at, p.file, "the member "+strconv.Quote(name)+" stands there twice; which of them counts is not known")
			}
		}
		seen[name], seen["\x00"+folded] = true, true
		n.members = append(n.members, member{name, p.value()})
	}
	p.at++
}

// string reads a string of which the first quote is at p.at.
func (p *parser) string() string {
	start := p.at
	plain := true
	for p.at++; p.data[p.at] != '"'; p.at++ {
		if p.data[p.at] == '\\' {
			plain = false
			p.at++
		}
	}
	p.at++
	if plain {
		return string(p.data[start+1 : p.at-1])
	}
	var text string
	_ = json.Unmarshal(p.data[start:p.at], &text) // it is valid
	return text
}

// read are the names of members that decide what a definition says: an object that
// has one of them twice, in different case, is refused. Elsewhere, in maps that users
// name the members of, it may be meant.
var read = map[string]bool{
	"activities": true, "allowedgroups": true, "cases": true, "connection": true, "container": true, "dataset": true,
	"datasetsettings": true, "defaultactivities": true, "filesystem": true, "folderpath": true, "globalparameters": true,
	"iffalseactivities": true, "iftrueactivities": true, "inputs": true, "items": true, "linkedservice": true,
	"linkedservicename": true, "location": true, "office365tenantid": true, "outputcolumns": true, "outputs": true,
	"parameters": true, "properties": true, "referencename": true, "resources": true, "scope": true,
	"serviceprincipalid": true, "serviceprincipaltenantid": true, "sink": true, "source": true, "sources": true,
	"state": true, "table": true, "tablename": true, "tenant": true, "type": true, "typeproperties": true, "url": true,
	"userscopefilteruri": true, "value": true, "variables": true,
}

// plainText reads a file as UTF-8, bounded.
func plainText(r io.Reader) ([]byte, error) {
	text, err := saved.Text(r)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(text, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("the file is larger than %d MB", maxFile>>20)
	}
	return data, err
}
