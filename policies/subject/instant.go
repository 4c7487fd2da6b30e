package subject

import (
	"math"
	"strings"
	"time"
)

// parseInstant reads an instant as Microsoft's services write them: RFC 3339 with
// any number of fractional digits; without a zone it is UTC. Anything else, such as
// "01/20/2025", is not guessed at.
func parseInstant(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text)); err == nil {
		return t.UTC(), true
	}
	if t, err := time.Parse("2006-01-02T15:04:05.999999999", text); err == nil {
		return t, true
	}
	return time.Time{}, false
}

// noExpiry is how permission objects say that they never end.
func noExpiry(t time.Time) bool { return t.Year() <= 1 }

const day = 24 * time.Hour

// daysLeft counts the days from asOf to end, rounded up, so that the thing is valid
// exactly while the count is above 0: valid means as-of < end.
func daysLeft(asOf, end time.Time) *int {
	days := int(math.Ceil(end.Sub(asOf).Hours() / 24))
	if end.After(asOf) && days < 1 {
		days = 1
	}
	return &days
}

// ageDays counts the whole days from start to asOf.
func ageDays(asOf, start time.Time) *int {
	days := int(math.Floor(float64(asOf.Sub(start)) / float64(day)))
	return &days
}

func formatInstant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
