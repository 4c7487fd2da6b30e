package subject

import (
	"time"

	"leastwise/collector/snapshot"
)

// parseInstant reads an instant as the snapshot does. (Audit events, whose instants
// have no zone and are UTC, are brought into this form when they are collected.)
func parseInstant(text string) (time.Time, bool) { return snapshot.Instant(text) }

// noExpiry is how permission objects say that they never end.
func noExpiry(t time.Time) bool { return t.Year() <= 1 }

const day = 24 * time.Hour

// daysLeft counts the days from asOf to end, rounded up, so that the thing is valid
// exactly while the count is above 0: valid means as-of < end.
func daysLeft(asOf, end time.Time) *int {
	days, more := wholeDays(asOf, end)
	if more {
		days++
	}
	return &days
}

// ageDays counts the whole days from start to asOf.
func ageDays(asOf, start time.Time) *int {
	days, _ := wholeDays(start, asOf)
	return &days
}

// wholeDays counts the days between two instants, rounded down, and tells whether
// there is more. A time.Duration would not do: it ends at 292 years, and Entra has
// credentials until 9999.
func wholeDays(from, to time.Time) (days int, more bool) {
	const perDay = int64(day / time.Second)
	seconds, nanoseconds := to.Unix()-from.Unix(), to.Nanosecond()-from.Nanosecond()
	if nanoseconds < 0 {
		seconds--
	}
	rest := (seconds%perDay + perDay) % perDay
	return int((seconds - rest) / perDay), rest != 0 || nanoseconds != 0
}

func formatInstant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
