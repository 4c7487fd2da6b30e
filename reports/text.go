package reports

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// visible makes characters that act on a terminal, a spreadsheet or the direction of
// writing, or that cannot be seen, visible as escapes such as \x1b and \u202e. Line
// feeds stay.
func visible(text string) string {
	first := strings.IndexFunc(text, hidden)
	if first < 0 {
		return text
	}
	var b strings.Builder
	b.WriteString(text[:first])
	for _, r := range text[first:] {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// hidden tells which characters visible replaces. Joiners and direction marks stay:
// emoji, Persian and Hebrew are written with them, and they override nothing.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\u200c' || r == '\u200d' || r == '\u200e' || r == '\u200f' || r == '\u061c':
		return false
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	case r < 0x300:
		return r == '\u00ad'
	case r == '\u2028' || r == '\u2029' || r&0xfffe == 0xfffe:
		return true
	case r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0': // Hangul fillers look like nothing
		return true
	}
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// oneLine is visible without line feeds.
func oneLine(text string) string {
	return strings.ReplaceAll(visible(text), "\n", " ")
}

// pad fills text with spaces to a display width.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-width(text)))
}

// clip shortens text to a display width, with an ellipsis.
func clip(text string, columns int) string {
	return displaywidth.TruncateString(text, columns, "…")
}

// wrap breaks text into lines of at most so many columns, between words where it can.
func wrap(text string, columns int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		if size := width(word); line == "" || used+1+size <= columns {
			if line != "" {
				line, used = line+" ", used+1
			}
			line, used = line+word, used+size
		} else {
			lines, line, used = append(lines, line), word, size
		}
		for used > columns {
			head := fit(line, columns)
			lines, line, used = append(lines, head), line[len(head):], used-width(head)
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// fit is the longest beginning of text within so many columns; at least one character of it.
func fit(text string, columns int) string {
	size, used := 0, 0
	for g := displaywidth.StringGraphemes(text); g.Next(); {
		if size > 0 && used+g.Width() > columns {
			break
		}
		size, used = size+len(g.Value()), used+g.Width()
	}
	return text[:size]
}

// counted is a number with its noun: 1 violation, 12 violations.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// width is how many columns of a terminal text takes.
func width(text string) int { return displaywidth.String(text) }
