package dataconnect

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// text reads a value as text; numbers and booleans count as what they look like.
func text(raw json.RawMessage) string {
	if !present(raw) {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	if raw[0] == '{' || raw[0] == '[' {
		return ""
	}
	return string(raw)
}

// guid reads an id and makes it comparable.
func guid(raw json.RawMessage) string { return strings.ToLower(strings.Trim(text(raw), "{}")) }

// parseState maps what an event says to the states that policies know. Revoking is
// declining (https://learn.microsoft.com/graph/app-authorization). The literals are
// not documented, hence the prefixes.
func parseState(written string) (state string, known bool) {
	folded := strings.ToLower(written)
	for _, s := range []struct{ prefix, state string }{
		{"approv", "approved"},
		{"den", "denied"},
		{"declin", "denied"},
		{"reject", "denied"},
		{"revok", "denied"},
		{"pend", "pending"},
		{"pre-consent", "pending"},
		{"preconsent", "pending"},
		{"update", "update_available"},
	} {
		if strings.HasPrefix(folded, s.prefix) {
			return s.state, true
		}
	}
	return "", false
}

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
// not there, so that "none" and "not told" stay apart.
func parseList(raw json.RawMessage) []string {
	if !present(raw) {
		return nil
	}
	if list, ok := array(raw); ok {
		return list
	}
	written := text(raw)
	if written == "" {
		return nil
	}
	if list, ok := array(json.RawMessage(written)); ok {
		return list
	}
	list := []string{}
	for _, part := range strings.FieldsFunc(written, func(r rune) bool { return strings.ContainsRune(",;\r\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func array(raw json.RawMessage) ([]string, bool) {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil || elements == nil {
		return nil, false
	}
	list := []string{}
	for _, element := range elements {
		if s := text(element); s != "" {
			list = append(list, s)
		}
	}
	return list, true
}

// parseInstant reads the dates that audit records hold: with zone or without,
// which means UTC, with a fraction of any length, or a day alone.
func parseInstant(written string) (time.Time, bool) {
	upper := strings.ToUpper(written)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, time.DateTime + "Z07:00", time.DateOnly} {
		if at, err := time.Parse(layout, upper); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// date returns an instant, or the text that is none, which is then a gap.
func (b *builder) date(field string, raw json.RawMessage) (instant, written string) {
	written = text(raw)
	if written == "" {
		return "", ""
	}
	at, ok := parseInstant(written)
	if !ok {
		b.gap(field, "%q is not an instant", written)
		return "", written
	}
	return at.Format(time.RFC3339Nano), ""
}

func (b *builder) number(field string, raw json.RawMessage) (int64, bool) {
	written := text(raw)
	if written == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(written, 10, 64)
	if err != nil {
		b.gap(field, "%q is not a number", written)
	}
	return n, err == nil
}
