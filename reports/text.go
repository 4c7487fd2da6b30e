package reports

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// maxMarks is how many combining marks a character may carry. Writing systems need
// fewer; piled up, marks cover the lines above and below.
const maxMarks = 6

// visible makes characters that act on a terminal, a spreadsheet or the direction of
// writing, that cannot be seen, or that pile up, visible as escapes such as \x1b and
// \u202e. Line feeds stay.
func visible(text string) string {
	if isPlain(text) || !strings.ContainsFunc(text, func(r rune) bool { return hidden(r) || unicode.Is(unicode.M, r) }) {
		return text
	}
	var b strings.Builder
	marks := 0
	for _, r := range text {
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		if hidden(r) || marks > maxMarks {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isPlain tells whether a text is of printable ASCII and line feeds, as most are.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' || c > '~') && c != '\n' {
			return false
		}
	}
	return true
}

func escape(r rune) string {
	switch {
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// hidden tells which characters visible replaces. Joiners and direction marks stay:
// emoji, Persian and Hebrew are written with them, and they override nothing.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\u200c' || r == '\u200d' || r == '\u200e' || r == '\u200f' || r == '\u061c':
		return false
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	case r < 0x34f:
		return r == '\u00ad'
	case r == '\u2028' || r == '\u2029' || r&0xfffe == 0xfffe:
		return true
	case r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0': // look like nothing
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
	for word := range strings.FieldsSeq(text) {
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
