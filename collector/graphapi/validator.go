package graphapi

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// validator finds the end of a JSON value and whether it is one, in one go: of every
// record of a feed this is all that most of them need.
type validator struct {
	text   []byte
	at     int
	whole  bool // nothing comes after text
	failed error
}

// errBreaksOff is for a value that does not end in the text.
var errBreaksOff = errors.New("the JSON breaks off")

// deepest is how deep values may be nested, as encoding/json has it.
const deepest = 10000

// value reads a value.
func (v *validator) value(depth int) bool {
	if depth > deepest {
		v.failed = errors.New("the JSON is nested too deep")
		return false
	}
	switch c := v.peek(); c {
	case '{', '[':
		return v.nested(c, depth)
	case '"':
		return v.quoted()
	case 't':
		return v.literal("true")
	case 'f':
		return v.literal("false")
	case 'n':
		return v.literal("null")
	default:
		return v.number()
	}
}

// nested reads an object or an array.
func (v *validator) nested(opening byte, depth int) bool {
	v.at++
	closing := opening + 2 // in ASCII
	if c, ok := v.space(); ok && c == closing {
		v.at++
		return true
	}
	for {
		if opening == '{' {
			if c, ok := v.space(); ok && c != '"' {
				return v.wrong("a name")
			}
			if v.at == len(v.text) || !v.quoted() {
				return v.breaksOff()
			}
			if c, ok := v.space(); !ok || c != ':' {
				return v.wrong(":")
			}
			v.at++
		}
		if _, ok := v.space(); !ok || !v.value(depth+1) {
			return v.breaksOff()
		}
		switch c, _ := v.space(); c {
		case ',':
			v.at++
		case closing:
			v.at++
			return true
		default:
			return v.wrong("a comma")
		}
	}
}

// quoted reads a text. What is not UTF-8 counts as text, as in encoding/json.
func (v *validator) quoted() bool {
	for v.at++; v.at < len(v.text); v.at++ {
		switch c := v.text[v.at]; {
		case c == '"':
			v.at++
			return true
		case c == '\\':
			if !v.escape() {
				return false
			}
		case c < ' ':
			return v.wrong("text")
		}
	}
	return v.breaksOff()
}

// escape reads what follows a backslash, up to its last byte.
func (v *validator) escape() bool {
	v.at++
	switch c := v.peek(); c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			v.at++
			if c := v.peek(); !isHex(c) {
				return v.wrong("a hexadecimal digit")
			}
		}
		return true
	}
	return v.wrong("an escape")
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (v *validator) literal(word string) bool {
	for i := range len(word) {
		if c := v.peek(); c != word[i] {
			return v.wrong(word)
		}
		v.at++
	}
	return true
}

// number reads a number. At the end of the text more of it may come.
func (v *validator) number() bool {
	if c := v.peek(); c == '-' {
		v.at++
	}
	if c := v.peek(); c == '0' {
		v.at++
	} else if !v.digits("a value") {
		return false
	}
	if c := v.peek(); c == '.' {
		if v.at++; !v.digits("a digit") {
			return false
		}
	}
	if c := v.peek(); c|0x20 == 'e' {
		v.at++
		if c := v.peek(); c == '+' || c == '-' {
			v.at++
		}
		if !v.digits("a digit") {
			return false
		}
	}
	if v.at == len(v.text) && !v.whole {
		return v.breaksOff()
	}
	return true
}

// digits reads one digit or more.
func (v *validator) digits(want string) bool {
	if c := v.peek(); !isDigit(c) {
		return v.wrong(want)
	}
	for v.at < len(v.text) && isDigit(v.text[v.at]) {
		v.at++
	}
	return true
}

// peek returns the byte that comes; at the end one that stands nowhere in JSON.
func (v *validator) peek() byte {
	if v.at < len(v.text) {
		return v.text[v.at]
	}
	return 0
}

// space goes to the next byte that is no space and returns it, if there is one.
func (v *validator) space() (byte, bool) {
	for ; v.at < len(v.text); v.at++ {
		switch c := v.text[v.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c, true
		}
	}
	return 0, false
}

// wrong notes that something else was expected, or that the text ends before it.
func (v *validator) wrong(want string) bool {
	if v.at >= len(v.text) {
		return v.breaksOff()
	}
	if v.failed == nil {
		r, _ := utf8.DecodeRune(v.text[v.at:])
		v.failed = fmt.Errorf("invalid JSON: %q stands where %s is expected", r, want)
	}
	return false
}

// breaksOff notes that the text ends, unless something else was wrong before.
func (v *validator) breaksOff() bool {
	if v.failed == nil {
		v.failed = errBreaksOff
	}
	return false
}
