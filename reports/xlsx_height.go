package reports

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Rows are given a height, because not every program grows them with their text, and
// none grows those of merged cells. Text beyond maxLines is a click away.
const (
	lineHeight = 13.2 // of the body font, in points
	maxLines   = 12
)

func rowHeight(lines int) float64 { return float64(min(lines, maxLines))*lineHeight + 5 }

// linesIn estimates in how many lines a column of a sheet shows a text. The body font
// is smaller than the one that widths are measured in, but not as small for wide
// characters; words that do not fit leave some of a line empty. An estimate too high
// costs some white, too low hides a line.
func linesIn(text string, columns float64) int {
	if len(text) > 1<<14 {
		return maxLines
	}
	const margin = 1
	lines := 0
	for line := range strings.SplitSeq(text, "\n") {
		size := width(line)
		room := columns - margin
		if size == utf8.RuneCountInString(line) {
			room *= 1.18
		}
		if float64(size) <= room {
			lines++
		} else {
			lines += int(math.Ceil(float64(size) / max(room-ragged(line), room/2, 1)))
		}
		if lines >= maxLines {
			return maxLines
		}
	}
	return lines
}

// ragged is what words leave empty at the end of a line, on average.
func ragged(line string) float64 {
	longest := 12
	for word := range strings.FieldsSeq(line) {
		longest = max(longest, len(word))
	}
	return float64(longest) / 3
}
