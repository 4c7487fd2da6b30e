package manifest

import (
	"strconv"
	"strings"
)

// value is what an expression or a literal comes to, as far as the files tell.
type value struct {
	sort    sort
	parts   []part // of a text
	scalar  string // of a number or truth value; the name of a handle
	list    []value
	members []field
	cause   *cause // of an unknown
	canon   string // of an unknown: what it is, in a form that can be compared
	// assumed is true when the tenant of the deployment went into it.
	assumed bool
}

type sort uint8

const (
	unknownSort sort = iota
	nullSort
	scalarSort
	textSort
	listSort
	objectSort
	handleSort // a function that yields something to take members of, such as pipeline()
)

type field struct {
	name  string
	value value
}

// part is a part of a text: known, or standing for something that is not.
type part struct {
	text  string
	cause *cause // nil when text is known; else text is what stands there, canonically
}

// cause says why a value is not known, and where the expression stands that keeps it
// from being known.
type cause struct {
	at         *node
	expression string
	reason     string
}

func textValue(s string) value { return value{sort: textSort, parts: []part{{text: s}}} }

func unknownValue(c *cause, canon string) value {
	return value{sort: unknownSort, cause: c, canon: canon}
}

// known returns the text of a value that is text, a number or a truth value; else the
// cause, which is nil for a value of another kind.
func (v value) known() (string, *cause, bool) {
	switch v.sort {
	case unknownSort:
		return "", v.cause, false
	case scalarSort:
		return v.scalar, nil, true
	case textSort:
		var out strings.Builder
		for _, p := range v.parts {
			if p.cause != nil {
				return "", p.cause, false
			}
			out.WriteString(p.text)
		}
		return out.String(), nil, true
	}
	return "", nil, false
}

// asParts is the value inside a text. False means that it has no form as text.
func (v value) asParts() ([]part, bool) {
	switch v.sort {
	case textSort:
		return v.parts, true
	case scalarSort:
		return []part{{text: v.scalar}}, true
	case nullSort:
		return nil, true
	case unknownSort:
		return []part{{text: v.canon, cause: v.cause}}, true
	}
	return nil, false
}

// doubt is the first cause anywhere in the value, nil when all of it is known.
func (v value) doubt() *cause {
	if v.sort == unknownSort {
		return v.cause
	}
	for _, p := range v.parts {
		if p.cause != nil {
			return p.cause
		}
	}
	for _, element := range v.list {
		if c := element.doubt(); c != nil {
			return c
		}
	}
	for _, m := range v.members {
		if c := m.value.doubt(); c != nil {
			return c
		}
	}
	return nil
}

// canonical is the same for values that are the same, also for ones that are not
// known: within one deployment two equal expressions come to the same.
func (v value) canonical() string {
	var out strings.Builder
	v.write(&out)
	return out.String()
}

func (v value) write(out *strings.Builder) {
	switch v.sort {
	case unknownSort:
		out.WriteString(v.canon)
	case nullSort:
		out.WriteString("null")
	case scalarSort:
		out.WriteString(v.scalar)
	case handleSort:
		out.WriteString(v.scalar + "()")
	case textSort:
		writeText(out, v.parts)
	case listSort:
		out.WriteString("[")
		for _, element := range v.list {
			element.write(out)
			out.WriteString(",")
		}
		out.WriteString("]")
	case objectSort:
		out.WriteString("{")
		for _, m := range v.members {
			out.WriteString(strconv.Quote(m.name) + ":")
			m.value.write(out)
			out.WriteString(",")
		}
		out.WriteString("}")
	}
}

func writeText(out *strings.Builder, parts []part) {
	plain, wrote := "", false
	for _, p := range parts {
		if p.cause == nil {
			plain += p.text
			continue
		}
		if plain != "" {
			out.WriteString(strconv.Quote(plain))
			plain = ""
		}
		out.WriteString("{" + p.text + "}")
		wrote = true
	}
	if plain != "" || !wrote {
		out.WriteString(strconv.Quote(plain))
	}
}

// member finds a member of an object value, whatever its case. One that is there twice,
// in different case, is not found: which one counts is not documented.
func (v value) member(name string) (value, bool) {
	var found []value
	for _, m := range v.members {
		if strings.EqualFold(m.name, name) {
			found = append(found, m.value)
		}
	}
	if len(found) != 1 {
		return value{}, false
	}
	return found[0], true
}
