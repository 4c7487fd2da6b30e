package reports

import (
	"fmt"
	"strings"
	"unicode"
)

// mdBreak is a space of no width. It stands where GitHub, GitLab or Azure DevOps would find a person to notify, a thing
// to refer to, or an address: they look at the text after Markdown is gone, so that escaping it does not help.
const mdBreak = "&#8203;"

// mdText makes a text inert: no line feed, no markup, no HTML, no link, no image, and nobody is notified. It can stand
// within Markdown, in a cell of a table, and within HTML. It is not for the beginning of a line. The result has at most
// about four bytes for each column.
func mdText(text string, columns int) string {
	runes := []rune(strings.TrimSpace(clip(oneLine(firstBytes(text, 16*columns)), columns)))
	var b strings.Builder
	for i, r := range runes {
		if b.Len() > 4*columns {
			b.WriteString("…")
			break
		}
		var next, previous rune
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if i > 0 {
			previous = runes[i-1]
		}
		switch {
		case r == '_' && (!isWord(previous) || !isWord(next)), strings.ContainsRune("\\`*[]<>&|~$^{}", r):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
		if breaksAfter(runes, i, next) {
			b.WriteString(mdBreak)
		}
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// breaksAfter tells whether a character begins something that a forge makes more of than text.
func breaksAfter(runes []rune, i int, next rune) bool {
	switch r := runes[i]; r {
	case '@', '#', '!', '$', '~', '%', '&', '^', '*':
		return next != 0 && next != ' '
	case ':': // https://, mailto:, :emoji:
		return next == '/' || next == '+' || next == '-' || next == '_' || unicode.IsLetter(next)
	case '.': // www.
		return i >= 3 && strings.EqualFold(string(runes[i-3:i]), "www")
	case '-': // GH-1, GL-1
		return unicode.IsDigit(next) && i >= 2 && (strings.EqualFold(string(runes[i-2:i]), "GH") || strings.EqualFold(string(runes[i-2:i]), "GL")) &&
			(i == 2 || !isWord(runes[i-3]))
	}
	return false
}

// mdRow is a row of a table out of cells that are inert already.
func mdRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// mdHead is the head of a table. Columns whose name begins with a space hold numbers.
func mdHead(names ...string) string {
	rules := make([]string, len(names))
	for i, name := range names {
		rules[i] = "---"
		if strings.HasPrefix(name, " ") {
			rules[i], names[i] = "--:", name[1:]
		}
	}
	return mdRow(names...) + mdRow(rules...)
}

// mdTable is a table of at most so many rows and about so many bytes. Rows that have no room are counted below it.
func mdTable(head string, rows, mostRows, mostBytes int, noun string, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range rows {
		if i == mostRows || b.Len() > mostBytes {
			fmt.Fprintf(&b, "\nAnd %s.\n", counted(rows-i, "more "+noun))
			break
		}
		b.WriteString(row(i))
	}
	return b.String()
}

// firstBytes is at most so many bytes of the beginning of a text.
func firstBytes(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
