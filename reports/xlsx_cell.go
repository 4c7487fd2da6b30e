package reports

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// draw makes a cell of a value: text, numbers, yes and no, a link, and text of an instant,
// which becomes a date. Nil is an empty cell. Text stays text whatever it begins
// with: it is stored as a string, never as a formula, and marked so that it remains
// one when somebody edits the cell.
func (b *book) draw(l look, value any) excelize.Cell {
	s := &b.styles
	switch v := value.(type) {
	case nil:
		return excelize.Cell{StyleID: s.cell[l][0]}
	case bool:
		return excelize.Cell{StyleID: s.cell[l][0], Value: yesNo(v)}
	case string:
		if v == "" {
			return excelize.Cell{StyleID: s.cell[l][0]}
		}
		if l == instant || l == expiry {
			if t, day, ok := parseInstant(v); ok {
				return excelize.Cell{StyleID: s.cell[dateLook(l, day)][0], Value: serial(t)}
			}
			l = plain
		}
		text := b.fit(visible(v))
		return excelize.Cell{StyleID: s.cell[l][formulaLike(text)], Value: text}
	case time.Time:
		return b.draw(l, v.UTC().Format(time.RFC3339))
	case link:
		return v.cell(s)
	default:
		return excelize.Cell{StyleID: s.cell[l][0], Value: v}
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// formulaLike is 1 for a text that a spreadsheet might take for a formula when it is
// typed, pasted or read from CSV, in Western or East Asian width.
func formulaLike(text string) int {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(text, unicode.IsSpace))
	if strings.ContainsRune("=+-@'＝＋－＠", first) {
		return 1
	}
	return 0
}

// units is the length of valid UTF-8 in UTF-16, by which Excel counts.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// parseInstant reads an RFC 3339 instant or a day. Excel knows no dates before 1900;
// they stay text.
func parseInstant(text string) (t time.Time, day, ok bool) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse(time.DateOnly, text)
		day = true
	}
	t = t.UTC()
	return t, day, err == nil && t.Year() > 1900 && t.Year() < 10000
}

// serial is an instant as Excel counts: days since 1899-12-30. There is nothing in it
// that processors compute differently.
func serial(t time.Time) float64 { return float64(t.Unix())/86400 + 25569 }

func dateLook(l look, day bool) look {
	if day {
		return dated
	}
	return l
}

// list joins items for one cell. A nil list was not read, which is not the same as
// an empty one.
func list(items []string) any {
	switch {
	case items == nil:
		return "not read"
	case len(items) == 0:
		return "none"
	}
	return strings.Join(items, ", ")
}

// pointed is what p points to, or an empty cell.
func pointed[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// facts writes the members of a JSON object for people: "days: 31; permission: Sites.Read.All".
func facts(object json.RawMessage) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return string(object)
	}
	parts := make([]string, 0, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, name+": "+fact(members[name]))
	}
	return strings.Join(parts, "; ")
}

func fact(value json.RawMessage) string {
	switch value[0] { // a member's value is never empty
	case '"':
		var text string
		if json.Unmarshal(value, &text) == nil {
			return text
		}
	case '[':
		var texts []string
		if json.Unmarshal(value, &texts) == nil {
			return strings.Join(texts, ", ")
		}
	}
	return string(value)
}
