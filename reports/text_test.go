package reports

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain äöü 日本語 🚀":                 "plain äöü 日本語 🚀",
		"two\nlines":                      "two\nlines",
		"\x00\t\r\x7f":                    `\x00\t\r\x7f`,
		"\x1b[2J\u009b2J":                 `\x1b[2J\x9b2J`,
		"a\u202eb\u2069c":                 `a\u202eb\u2069c`,
		"soft\u00adhyphen":                `soft\xadhyphen`,
		"\u200bzero\ufeff":                `\u200bzero\ufeff`,
		"\u2028\u2029":                    `\u2028\u2029`,
		"\ufffe\U0001ffff":                `\ufffe\U0001ffff`,
		"\U000e0041":                      `\U000e0041`,
		"👩\u200d👧 ע\u200f":                "👩\u200d👧 ע\u200f",
		"e\u0301\u0323":                   "e\u0301\u0323",
		"z" + strings.Repeat("\u0301", 8): "z" + strings.Repeat("\u0301", 6) + `\u0301\u0301`,
		"\u3164filler":                    `\u3164filler`,
	} {
		if got := visible(text); got != want {
			t.Errorf("visible(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text    string
		columns int
		want    string
	}{
		{"", 10, ""},
		{"one two three", 7, "one two|three"},
		{"one  two", 20, "one two"},
		{"abcdefghij k", 4, "abcd|efgh|ij k"},
		{"日本語テスト", 5, "日本|語テ|スト"},
		{"日", 1, "日"},
		{"a 🚀🚀🚀", 4, "a|🚀🚀|🚀"},
	} {
		if got := strings.Join(wrap(tt.text, tt.columns), "|"); got != tt.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", tt.text, tt.columns, got, tt.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	for _, name := range shortHostileNames() {
		f.Add(name, 20)
	}
	f.Fuzz(func(t *testing.T, text string, columns int) {
		columns = 2 + columns&0x7f
		text = strings.ToValidUTF8(oneLine(text), "\ufffd")
		lines := wrap(text, columns)
		for _, line := range lines {
			if !utf8.ValidString(line) || width(line) > columns {
				t.Errorf("%q takes %d columns of %d", line, width(line), columns)
			}
		}
		if got, want := strings.Join(lines, ""), strings.Join(strings.Fields(text), ""); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("wrap changed %q to %q", want, got)
		}
	})
}
