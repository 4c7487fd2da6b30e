package usage

import (
	"strings"
	"time"
)

// parseInstant reads an instant as Log Analytics, diagnostic settings, and the portal in
// English and UTC write it. Others do not tell days from months.
func parseInstant(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 40 {
		return time.Time{}, false
	}
	layouts := []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 MST"}
	if strings.HasSuffix(text, "AM") || strings.HasSuffix(text, "PM") {
		// The portal separates AM with a narrow space, or a plain one.
		text = strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(text)
		layouts = []string{"1/2/2006, 3:04:05 PM", "1/2/2006 3:04:05 PM"}
	}
	for _, layout := range layouts {
		at, err := time.Parse(layout, text)
		if err != nil || strings.HasSuffix(layout, "MST") && !strings.HasSuffix(text, " UTC") {
			continue
		}
		return at.UTC(), at.Year() > 2000 && at.Year() < 2200
	}
	return time.Time{}, false
}
