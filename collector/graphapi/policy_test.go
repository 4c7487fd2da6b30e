package graphapi

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestPausesAreReadable(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	date := func(after time.Duration) string { return now.Add(after).Format(http.TimeFormat) }
	for _, c := range []struct {
		name   string
		header map[string]string
		want   time.Duration // less than 0: none that can be read
	}{
		{"integer", map[string]string{"Retry-After": "5"}, 5 * time.Second},
		{"decimal", map[string]string{"Retry-After": "2.128"}, 2128 * time.Millisecond},
		{"spaces", map[string]string{"Retry-After": " 3 "}, 3 * time.Second},
		{"date", map[string]string{"Retry-After": date(90 * time.Second)}, 90 * time.Second},
		{"date in the past", map[string]string{"Retry-After": date(-time.Hour)}, -1},
		{"date far away", map[string]string{"Retry-After": date(24 * time.Hour)}, maxPause},
		{"absent", nil, -1},
		{"zero", map[string]string{"Retry-After": "0"}, -1},
		{"negative", map[string]string{"Retry-After": "-5"}, -1},
		{"no number", map[string]string{"Retry-After": "soon"}, -1},
		{"not a number", map[string]string{"Retry-After": "NaN"}, -1},
		{"infinite", map[string]string{"Retry-After": "+Inf"}, -1},
		{"absurd", map[string]string{"Retry-After": "1e300"}, -1},
		{"an hour", map[string]string{"Retry-After": "3600"}, maxPause},
		{"nearly nothing", map[string]string{"Retry-After": "0.0001"}, 0},
		{"reset is longer", map[string]string{"Retry-After": "5", "RateLimit-Remaining": "0", "RateLimit-Reset": "31"}, 31 * time.Second},
		{"reset is shorter", map[string]string{"Retry-After": "50", "RateLimit-Remaining": "-3", "RateLimit-Reset": "31"}, 50 * time.Second},
		{"reset alone", map[string]string{"RateLimit-Remaining": " 0", "RateLimit-Reset": "31"}, 31 * time.Second},
		{"some left", map[string]string{"RateLimit-Remaining": "7", "RateLimit-Reset": "31"}, -1},
		{"some left, refused all the same", map[string]string{"Retry-After": "5", "RateLimit-Remaining": "7", "RateLimit-Reset": "31"}, 5 * time.Second},
	} {
		h := http.Header{}
		for name, value := range c.header {
			h.Set(name, value)
		}
		readablePause(h, now)
		text := h.Get("Retry-After-Ms")
		if c.want < 0 {
			if text != "" || pauseOf(h) != unspokenPause {
				t.Errorf("%s: %q, a pause of %v", c.name, text, pauseOf(h))
			}
			continue
		}
		want := c.want + time.Millisecond // never too early
		if got, err := strconv.Atoi(text); err != nil || time.Duration(got)*time.Millisecond != want || pauseOf(h) != want {
			t.Errorf("%s: %q, a pause of %v; want %v", c.name, text, pauseOf(h), want)
		}
	}
}

func TestStrainIsTold(t *testing.T) {
	for text, want := range map[string]bool{"": false, "0.79": false, "0.8": true, "1.8": true, "much": false} {
		if got := strained(http.Header{"X-Ms-Throttle-Limit-Percentage": {text}}); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
