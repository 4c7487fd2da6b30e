package reports

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"leastwise/policies/finding"
)

// hole begins a placeholder of a template; a character after it says what goes there. Text that was made
// visible never holds it.
const hole = '\x01'

// The placeholders: name and id of the subject, and from firstValue on the values of the evidence.
const (
	nameHole   = 'N'
	idHole     = 'I'
	firstValue = 0x100
)

// filler is a text that a message may repeat, and the placeholder for it.
type filler struct {
	text string
	hole rune
}

// templateOf takes the parts out of a message: "{name} holds {value 0}". Thousands of messages share one, which is
// what makes 300,000 of them fit into a page.
func templateOf(message string, parts []filler) string {
	var b strings.Builder
	last := ' '
	for at := 0; at < len(message); {
		if i := slices.IndexFunc(parts, func(p filler) bool { return p.standsAt(message[at:], last) }); i >= 0 {
			b.WriteRune(hole)
			b.WriteRune(parts[i].hole)
			at += len(parts[i].text)
			last, _ = utf8.DecodeLastRuneInString(parts[i].text)
			continue
		}
		r, size := utf8.DecodeRuneInString(message[at:])
		b.WriteString(message[at : at+size])
		at, last = at+size, r
	}
	return b.String()
}

// standsAt reports whether rest begins with the part as a word of its own.
func (p filler) standsAt(rest string, before rune) bool {
	if p.text == "" || !strings.HasPrefix(rest, p.text) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(p.text)
	final, _ := utf8.DecodeLastRuneInString(p.text)
	after, _ := utf8.DecodeRuneInString(rest[len(p.text):])
	return (!wordly(before) || !wordly(first)) && (!wordly(final) || !wordly(after))
}

// wordly says which characters make up words that are told apart by spaces.
func wordly(r rune) bool { return r < 0x2e80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// partsOf are what the message of a finding may repeat, longest first.
func partsOf(name, id string, values [][]byte) []filler {
	parts := []filler{{name, nameHole}, {id, idHole}}
	for i, value := range values {
		if i < 1000 && len(value) > 0 && value[0] != '{' && value[0] != '[' {
			parts = append(parts, filler{spoken(value), rune(firstValue + i)})
		}
	}
	slices.SortStableFunc(parts, func(a, b filler) int { return len(b.text) - len(a.text) })
	return parts
}

// spoken is a JSON value as messages tell it: strings without quotes.
func spoken(value []byte) string {
	var text string
	if value[0] == '"' && json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// shape is what findings have in common whose key and evidence have the same members. Names are those of
// the evidence, and then those of the key.
type shape struct {
	Evidence []string `json:"e"`
	Key      []string `json:"k"`
}

// proof is key and evidence of a finding, taken apart.
type proof struct {
	shape  shape
	values [][]byte // JSON, of Evidence and then of Key
}

// takeApart makes the texts of key and evidence visible.
func takeApart(f finding.Finding) proof {
	var p proof
	p.shape.Evidence, p.values = membersOf(f.Evidence, nil)
	p.shape.Key, p.values = membersOf(f.Key, p.values)
	return p
}

// membersOf appends the values of a JSON object in the order of their names. What is no object, which no control gives, becomes
// a member without a name.
func membersOf(object json.RawMessage, values [][]byte) ([]string, [][]byte) {
	names := []string{}
	if len(object) == 0 {
		return names, values
	}
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		value = string(object)
	}
	members, ok := value.(map[string]any)
	if !ok {
		return append(names, ""), append(values, plainJSON(shown(value)))
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		names = append(names, visible(name))
		values = append(values, plainJSON(shown(members[name])))
	}
	return names, values
}

// shown makes the texts within a value visible, and keeps numbers that a browser would round as text.
func shown(value any) any {
	switch v := value.(type) {
	case string:
		return visible(v)
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil && n > -1<<53 && n < 1<<53 {
			return n
		}
		return string(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = shown(v[i])
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, member := range v {
			object[visible(name)] = shown(member)
		}
		return object
	}
	return value
}

// derivable is the fingerprint of a finding, as a browser works it out from the parts of a packed one.
func (p proof) derivable(f finding.Finding, kind, id string) string {
	subject := finding.Subject{Kind: kind, ID: id}
	if f.Outcome == finding.Unknown {
		return finding.Fingerprint(visible(f.Control), subject, json.RawMessage(`{"outcome":"unknown"}`))
	}
	key := []byte("{")
	for i, name := range p.shape.Key {
		if i > 0 {
			key = append(key, ',')
		}
		value := p.values[len(p.shape.Evidence)+i]
		if bytes.ContainsAny(value, `{\`) { // what writers of JSON write in different ways
			return ""
		}
		key = append(append(append(key, plainJSON(name)...), ':'), value...)
	}
	return finding.Fingerprint(visible(f.Control), subject, append(key, '}'))
}
