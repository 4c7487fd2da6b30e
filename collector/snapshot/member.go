package snapshot

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// member is one member of an object that judgements rest on.
type member struct {
	name string
	is   kind
}

// kind checks a value at a JSON pointer. raw is nil when the member is absent.
type kind func(c *checker, pointer string, raw json.RawMessage)

// members checks the members of an object. Their names match whatever their case,
// as they do wherever rows are decoded.
func (c *checker) members(pointer string, object json.RawMessage, members []member) {
	var found map[string]json.RawMessage
	if json.Unmarshal(object, &found) != nil {
		return // the caller has seen that it is an object
	}
	exact := 0
	for _, m := range members {
		if _, ok := found[m.name]; ok {
			exact++
		}
	}
	var folded map[string]json.RawMessage
	if exact < len(found) {
		folded = make(map[string]json.RawMessage, len(found))
		for name, value := range found {
			folded[strings.ToLower(name)] = value
		}
	}
	for _, m := range members {
		value, ok := found[m.name]
		if !ok {
			value = folded[strings.ToLower(m.name)]
		}
		m.is(c, pointer+"/"+m.name, value)
	}
}

func isText(c *checker, pointer string, raw json.RawMessage) { c.text(pointer, raw) }

// isID is for a member that says what a row belongs to: without it, or with another
// kind of value, the whole row is in doubt.
func isID(c *checker, pointer string, raw json.RawMessage) {
	c.required(strings.TrimPrefix(pointer, "/"), raw)
}

// isKey is the same for a member that Graph may leave out.
func isKey(c *checker, pointer string, raw json.RawMessage) {
	c.key(strings.TrimPrefix(pointer, "/"), raw)
}

func isTexts(c *checker, pointer string, raw json.RawMessage) { c.texts(pointer, raw) }

func isInstant(c *checker, pointer string, raw json.RawMessage) { c.instant(pointer, raw) }

func isBoolean(c *checker, pointer string, raw json.RawMessage) {
	if s := shape(raw); raw != nil && s != "true" && s != "false" {
		c.found(pointer, expected("true or false", raw))
	}
}

func isWhole(c *checker, pointer string, raw json.RawMessage) {
	if raw != nil && (shape(raw) == aNull || json.Unmarshal(raw, new(int64)) != nil) {
		c.found(pointer, expected("a whole number", raw))
	}
}

// isDuration is for durations as Graph writes them, such as P4DT12H30M5S.
func isDuration(c *checker, pointer string, raw json.RawMessage) {
	var text string
	if raw != nil && (json.Unmarshal(raw, &text) != nil || !iso8601Duration.MatchString(text) || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T")) {
		c.found(pointer, shorten(raw)+" is not a duration")
	}
}

var iso8601Duration = regexp.MustCompile(`^-?P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$`)

// isOneOf is for a member of a few values that decides what the row says.
func isOneOf(values ...string) kind {
	return func(c *checker, pointer string, raw json.RawMessage) {
		var text string
		if raw != nil && (json.Unmarshal(raw, &text) != nil || !slices.Contains(values, text)) {
			c.doubt(strings.TrimPrefix(pointer, "/"), fmt.Sprintf("%s is none of %s", shorten(raw), strings.Join(values, ", ")))
		}
	}
}

// isGiven is for members without which a row would say something that nobody wrote.
func isGiven(is kind) kind {
	return func(c *checker, pointer string, raw json.RawMessage) {
		if raw == nil {
			c.doubt(strings.TrimPrefix(pointer, "/"), "it is missing")
			return
		}
		is(c, pointer, raw)
	}
}

// orNull is for members that Graph gives as null when there is nothing to say.
func orNull(is kind) kind {
	return func(c *checker, pointer string, raw json.RawMessage) {
		if shape(raw) != aNull {
			is(c, pointer, raw)
		}
	}
}

func isObject(members []member) kind {
	return func(c *checker, pointer string, raw json.RawMessage) {
		switch {
		case raw == nil:
		case shape(raw) != anObject:
			c.found(pointer, expected(anObject, raw))
		default:
			c.members(pointer, raw, members)
		}
	}
}

func isListOf(members []member) kind {
	return func(c *checker, pointer string, raw json.RawMessage) {
		c.objects(pointer, raw, func(pointer string, element json.RawMessage) { c.members(pointer, element, members) })
	}
}
