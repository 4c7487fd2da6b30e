package diff

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"leastwise/policies/finding"
)

// value is one field of a fact.
type value struct {
	name, text string
	plain      string // in the form in which it is compared
	// of are the datasets that tell it: where they were not read in full, its absence says nothing.
	of mask
	// strict values say nothing at all where one of these datasets was not read in full, such as numbers.
	strict bool
	// note is a value that is told of what is new or gone, and not compared.
	note bool
	// unread values say nothing.
	unread bool
}

func text(name, written string, of mask) value {
	return value{name: name, text: written, plain: written, of: of}
}

// folded is text in which letter case does not matter.
func folded(name, written string, of mask) value {
	return value{name: name, text: written, plain: strings.ToLower(written), of: of}
}

// instant is text that is a time, however it is written.
func instant(name, written string, of mask) value {
	return value{name: name, text: written, plain: plainInstant(written), of: of}
}

func plainInstant(written string) string {
	if at, err := time.Parse(time.RFC3339Nano, written); err == nil {
		return at.UTC().Format(time.RFC3339Nano)
	}
	return written
}

func flag(name string, is *bool, of mask) value {
	if is == nil {
		return value{name: name, of: of}
	}
	return text(name, yesNo(*is), of)
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// list is a set of texts, in whatever order; letter case does not matter.
func list(name string, members []string, of mask) value {
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	sorted = slices.CompactFunc(sorted, strings.EqualFold)
	return value{name: name, text: strings.Join(sorted, ", "), plain: strings.ToLower(strings.Join(sorted, "\x00")), of: of}
}

func note(name, written string) value { return value{name: name, text: written, note: true} }

func number(name string, n int) value { return note(name, strconv.Itoa(n)) }

// content is all that is compared of a fact.
func content(parts ...[]value) string {
	var out strings.Builder
	for _, values := range parts {
		for _, v := range values {
			if v.note {
				continue
			}
			out.WriteString(v.name)
			out.WriteByte(0)
			out.WriteString(v.plain)
			out.WriteByte(1)
		}
	}
	return out.String()
}

// told are the values of something that is there on one side only.
func told(values []value, isNew bool) []finding.DifferentField {
	var fields []finding.DifferentField
	for _, v := range values {
		switch {
		case v.text == "":
		case isNew:
			fields = append(fields, finding.DifferentField{Name: v.name, New: v.text})
		default:
			fields = append(fields, finding.DifferentField{Name: v.name, Old: v.text})
		}
	}
	return fields
}

// differing are the values that differ of something that is there on both sides; of names what it belongs to.
func (c *comparison) differing(area string, subject key, old, new []value) []finding.DifferentField {
	var fields []finding.DifferentField
	for _, v := range new {
		before := find(old, v.name)
		if field, differs := c.differs(area, subject, before, v); differs {
			fields = append(fields, field)
		}
	}
	for _, v := range old {
		if slices.ContainsFunc(new, func(other value) bool { return other.name == v.name }) {
			continue
		}
		if field, differs := c.differs(area, subject, v, value{name: v.name, of: v.of, note: v.note}); differs {
			fields = append(fields, field)
		}
	}
	return fields
}

func find(values []value, name string) value {
	i := slices.IndexFunc(values, func(v value) bool { return v.name == name })
	if i < 0 {
		return value{name: name}
	}
	return values[i]
}

func (c *comparison) differs(area string, subject key, old, new value) (finding.DifferentField, bool) {
	field := finding.DifferentField{Name: new.name, Old: old.text, New: new.text}
	if old.note || new.note || old.unread || new.unread || old.plain == new.plain {
		return field, false
	}
	of, known := old.of|new.of, c.known
	if area == areaTypes || area == areaApprovals { // their rows do not say what is missing of them
		known = c.certain
	}
	if (old.plain == "" || new.strict) && !known(c.old, area, subject, of) {
		return field, false
	}
	if (new.plain == "" || new.strict) && !known(c.new, area, subject, of) {
		return field, false
	}
	return field, true
}
