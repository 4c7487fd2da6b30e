package snapshot

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// Instant reads a date with time and zone as RFC 3339 has it, whatever the case of
// its letters and the length of its fraction. The hours of the zone may have one
// digit, as the sign-in reports have them
// (https://learn.microsoft.com/graph/api/reportroot-list-serviceprincipalsigninactivities).
// Anything else, such as 01/20/2025, is not guessed at.
func Instant(text string) (time.Time, bool) {
	upper := strings.ToUpper(text)
	if !rfc3339.MatchString(upper) {
		return time.Time{}, false
	}
	if zone := len(upper) - len("-8:00"); strings.ContainsAny(upper[zone:zone+1], "+-") {
		upper = upper[:zone+1] + "0" + upper[zone+1:]
	}
	t, err := time.Parse(time.RFC3339Nano, upper)
	return t.UTC(), err == nil
}

// IsInstant reports whether Instant can read text.
func IsInstant(text string) bool {
	_, ok := Instant(text)
	return ok
}

// rfc3339 is what time.Parse does not check: it also takes a comma before the
// fraction, hours of one digit, and any zone (https://go.dev/issue/54580).
var rfc3339 = regexp.MustCompile(`^[0-9-]{10}T[0-9:]{8}(\.[0-9]+)?(Z|[+-]([01]?[0-9]|2[0-3]):[0-5][0-9])$`)

// The shapes of JSON, as sentences name them.
const (
	aNull    = "null"
	aText    = "text"
	anArray  = "an array"
	anObject = "an object"
)

// shape says what raw is: one value, without space around it, or nothing.
func shape(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case 'n':
		return aNull
	case '"':
		return aText
	case '[':
		return anArray
	case '{':
		return anObject
	case 't', 'f':
		return string(raw)
	}
	return "a number"
}

// shorten makes a value fit for a sentence.
func shorten(raw json.RawMessage) string {
	const most = 60
	if runes := []rune(string(raw)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(raw)
}
