package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"
)

// layout sets cells in columns: those that left names begin where the column does, all
// others end where it ends. Columns that are empty in every row are left out.
func layout(rows [][]string, left ...int) []string {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], displaywidth.String(cell))
		}
	}
	lines := make([]string, len(rows))
	for r, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			if line.Len() > 0 {
				line.WriteString("  ")
			}
			space := strings.Repeat(" ", widths[i]-displaywidth.String(cell))
			if slices.Contains(left, i) {
				line.WriteString(cell + space)
			} else {
				line.WriteString(space + cell)
			}
		}
		lines[r] = strings.TrimRight(line.String(), " ")
	}
	return lines
}

// brief is a duration for people: 35s, 2m05s, 1h12m. What has begun counts whole, so
// that a short wait is not called none.
func brief(d time.Duration) string {
	s := int(math.Ceil(max(d, 0).Seconds()))
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	default:
		return fmt.Sprintf("%dh%02dm", s/3600, s%3600/60)
	}
}

// seconds is a duration for machines, to the millisecond.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// thousands is a number with its digits in groups of three.
func thousands(n int) string {
	text := strconv.Itoa(n)
	sign := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	if sign {
		text = "-" + text
	}
	return text
}

// counted is a number with its noun: 1 row, 1,200 rows.
func counted(n int, noun string) string { return plural(n, noun, noun+"s") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}
