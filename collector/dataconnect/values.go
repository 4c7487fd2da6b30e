package dataconnect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text reads a value as text; numbers and booleans count as what they look like.
func text(raw json.RawMessage) string {
	if !present(raw) {
		return ""
	}
	if raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) && len(raw) > 1 {
		return strings.TrimSpace(string(raw[1 : len(raw)-1])) // most text by far; decoding is slow
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	if nested(raw) {
		return ""
	}
	return string(raw)
}

func nested(raw json.RawMessage) bool { return len(raw) > 0 && (raw[0] == '{' || raw[0] == '[') }

// guid reads an id and makes it comparable.
func guid(raw json.RawMessage) string { return strings.ToLower(strings.Trim(text(raw), "{}")) }

// parseScope maps All, List and FilterUri; anything else is kept as written.
func parseScope(written string) (scope string, known bool) {
	switch strings.ToLower(written) {
	case "all":
		return "all", true
	case "list":
		return "list", true
	case "filteruri", "filteruris", "filter":
		return "filter", true
	}
	return written, false
}

// parseList reads a list that arrives as an array, as the text of one, or
// separated by commas, semicolons or line ends. It returns nil for a list that is
// not there, so that "none" and "not told" stay apart. What is wrong with it is the
// problem, and the list then holds what could be read.
func parseList(raw json.RawMessage) (list []string, problem string) {
	if !present(raw) {
		return nil, ""
	}
	var written string
	if json.Unmarshal(raw, &written) == nil {
		if written = strings.TrimSpace(written); written == "" {
			return nil, ""
		}
		if !strings.ContainsAny(written[:1], "[{") {
			return separated(written)
		}
		raw = json.RawMessage(written)
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil || elements == nil {
		return nil, "expected a list, found " + shorten(raw)
	}
	list = []string{}
	for i, element := range elements {
		var name string
		if json.Unmarshal(element, &name) != nil || strings.TrimSpace(name) == "" {
			if problem == "" {
				problem = fmt.Sprintf("expected a name at %d, found %s", i, shorten(element))
			}
			continue
		}
		list = append(list, strings.TrimSpace(name))
	}
	return list, problem
}

func separated(written string) (list []string, problem string) {
	for _, part := range strings.FieldsFunc(written, func(r rune) bool { return r == ',' || r == ';' || r == '\r' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	if list == nil {
		return nil, fmt.Sprintf("expected a list, found %q", written)
	}
	return list, ""
}

// list reads what can be read of a list. What is left of a damaged one proves what
// it holds and not what it lacks, hence the doubt.
func (b *builder) list(field string, raw json.RawMessage) []string {
	list, problem := parseList(raw)
	switch {
	case problem == "":
	case len(list) == 0:
		list = nil
		b.gap(field, "%s", problem)
	default:
		b.doubt(field, "%s", problem)
	}
	return list
}

// ids reads a list of object ids, which compare whatever their case.
func (b *builder) ids(field string, raw json.RawMessage) []string {
	list := b.list(field, raw)
	for i, id := range list {
		if isGUID(id) {
			list[i] = strings.ToLower(id)
		}
	}
	return list
}

var guidForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func isGUID(s string) bool { return guidForm.MatchString(s) }

// filter reads the URI of a filter to the letter, commas and spaces included, because
// requests must have the same (https://learn.microsoft.com/graph/app-authorization). A
// list of one is that one.
func (b *builder) filter(field string, raw json.RawMessage) string {
	var written string
	if json.Unmarshal(raw, &written) == nil && !strings.HasPrefix(strings.TrimSpace(written), "[") {
		if strings.TrimSpace(written) == "" {
			return ""
		}
		return written
	}
	var list []string
	if json.Unmarshal(unquote(raw), &list) == nil && len(list) <= 1 {
		return strings.Join(list, "")
	}
	if present(raw) {
		b.gap(field, "expected one filter, found %s", shorten(raw))
	}
	return ""
}

// wholeList reads a list that says what is allowed: of a damaged one it returns
// nothing but what was written, because half of it would forbid the other half.
func (b *builder) wholeList(field string, raw json.RawMessage) (list []string, written json.RawMessage) {
	list, problem := parseList(raw)
	if problem == "" {
		return list, nil
	}
	b.gap(field, "%s", problem)
	return nil, raw
}

// text reads a value as text; an object or an array is none.
func (b *builder) text(field string, raw json.RawMessage) string {
	if nested(raw) {
		b.gap(field, "expected text, found %s", shorten(raw))
	}
	return text(raw)
}

// parseInstant reads the dates that audit records hold: with zone or without,
// which means UTC, with a fraction of any length, or a day alone.
func parseInstant(written string) (time.Time, bool) {
	upper := strings.ToUpper(written)
	for _, layout := range []string{"2006-01-02T15:04:05", time.RFC3339, "2006-01-02T15:04", time.DateTime, time.DateTime + "Z07:00", time.DateOnly} {
		if at, err := time.Parse(layout, upper); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

func (b *builder) guid(field string, raw json.RawMessage) string {
	b.text(field, raw)
	return guid(raw)
}

// date returns an instant, or what is written instead. That is a gap, which the
// snapshot finds in every row.
func date(raw json.RawMessage) (instant, written string) {
	if written = text(raw); written == "" {
		if nested(raw) {
			written = shorten(raw)
		}
		return "", written
	}
	at, ok := parseInstant(written)
	if !ok {
		return "", written
	}
	return at.Format(time.RFC3339Nano), ""
}

// number reads a whole number; what is wrong with it is the problem.
func number(raw json.RawMessage) (n int64, problem string) {
	written := text(raw)
	if nested(raw) {
		written = shorten(raw)
	}
	if written == "" {
		return 0, ""
	}
	n, err := strconv.ParseInt(written, 10, 64)
	if err != nil {
		problem = fmt.Sprintf("%q is not a number", written)
	}
	return n, problem
}

// shorten makes a value fit for a sentence.
func shorten(raw json.RawMessage) string {
	const most = 60
	if runes := []rune(string(raw)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(raw)
}
