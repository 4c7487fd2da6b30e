package dataconnect

import "strings"

// parseState maps what an event says to the states that policies know; "" is unknown.
// Revoking is declining (https://learn.microsoft.com/graph/app-authorization). The
// literals are not documented. So an approval must be one of few words to the letter,
// and what else there is goes by the words in it; words that contradict each other, or
// that say something is not so, leave it unknown.
func parseState(written string) string {
	folded := unspaced(written)
	switch folded {
	case "approved", "approve", "approvalgranted":
		return "approved"
	}
	for _, word := range []string{"approved", "granted", "not", "never", "undenied", "unrevoked", "unexpired", "expiring", "updated"} {
		if strings.Contains(folded, word) {
			return ""
		}
	}
	state := ""
	for _, sign := range []struct{ word, state string }{
		{"denied", "denied"},
		{"deny", "denied"},
		{"denial", "denied"},
		{"declin", "denied"},
		{"reject", "denied"},
		{"revok", "denied"},
		{"revoc", "denied"},
		{"expir", "expired"},
		{"pending", "pending"},
		{"preconsent", "pending"},
		{"update", "update_available"},
	} {
		switch {
		case !strings.Contains(folded, sign.word):
		case state != "" && state != sign.state:
			return ""
		default:
			state = sign.state
		}
	}
	return state
}

// unspaced writes a name without what its spellings differ in: case, spaces, hyphens and
// underscores.
func unspaced(written string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\u00a0', '-', '_':
			return -1
		}
		return r
	}, strings.ToLower(written))
}
