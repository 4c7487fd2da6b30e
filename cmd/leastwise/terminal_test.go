package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/rogpeppe/go-internal/testscript"
)

// A terminal shows what it is sent, and remembers what has scrolled away. It knows the few control sequences that
// leastwise sends, and breaks its lines anew when its window changes, as most terminals do.
type terminal struct {
	columns int
	rows    []terminalRow
	row     int // where the cursor is
	used    int
}

// A terminalRow holds a character per column; after a wide one comes "".
type terminalRow struct {
	cells []string
	full  bool // the line goes on in the next row
}

func newTerminal(columns int) *terminal {
	return &terminal{columns: columns, rows: make([]terminalRow, 1)}
}

// Write takes whole characters and whole sequences.
func (t *terminal) Write(sent []byte) (int, error) {
	sequence := regexp.MustCompile(`^\x1b\[(\d*)([A-Za-z])`)
	for rest := string(sent); rest != ""; {
		if found := sequence.FindStringSubmatch(rest); found != nil {
			rest = rest[len(found[0]):]
			if err := t.control(found[2], found[1]); err != nil {
				return 0, err
			}
			continue
		}
		g := displaywidth.StringGraphemes(rest)
		g.Next()
		rest = rest[len(g.Value()):]
		switch character := g.Value(); {
		case character == "\n" || character == "\r\n": // the terminal driver adds the carriage return
			t.feed()
		case character == "\r":
			t.used = 0
		case character[0] < ' ':
			return 0, fmt.Errorf("control character %q", character)
		default:
			t.print(character, g.Width())
		}
	}
	return len(sent), nil
}

func (t *terminal) control(letter, number string) error {
	row := &t.rows[t.row]
	switch letter {
	case "A":
		up, err := strconv.Atoi(number)
		if err != nil || up > t.row {
			return fmt.Errorf("up %q from line %d", number, t.row)
		}
		t.row -= up
		return nil
	case "J":
		t.rows = t.rows[:t.row+1]
	case "K":
	default:
		return fmt.Errorf("unknown sequence %s%s", number, letter)
	}
	row.cells, row.full = row.cells[:min(t.used, len(row.cells))], false
	return nil
}

// feed goes to the beginning of the next row.
func (t *terminal) feed() {
	t.used = 0
	if t.row++; t.row == len(t.rows) {
		t.rows = append(t.rows, terminalRow{})
	}
}

func (t *terminal) print(character string, width int) {
	if t.used+width > t.columns {
		t.rows[t.row].full = true
		t.feed()
	}
	row := &t.rows[t.row]
	for len(row.cells) < t.used+width {
		row.cells = append(row.cells, " ")
	}
	row.cells[t.used] = character
	for i := 1; i < width; i++ {
		row.cells[t.used+i] = ""
	}
	t.used += width
}

// resize changes the width of the window; the cursor must be in the last row.
func (t *terminal) resize(columns int) {
	old := t.rows
	*t = *newTerminal(columns)
	for i, row := range old {
		for _, character := range row.cells {
			if character != "" {
				t.print(character, displaywidth.String(character))
			}
		}
		if !row.full && i < len(old)-1 {
			t.feed()
		}
	}
}

// shown is all that the terminal shows.
func (t *terminal) shown() []string {
	var lines []string
	for _, row := range t.rows {
		lines = append(lines, strings.TrimRight(strings.Join(row.cells, ""), " "))
	}
	return lines
}

// renderTerminal writes to a file what the terminal of the last command shows in the end.
func renderTerminal(ts *testscript.TestScript, args []string) error {
	columns, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	terminal := newTerminal(columns)
	if _, err := io.WriteString(terminal, ts.ReadFile("ttyout")); err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(terminal.shown(), "\n")), 0o600)
}

// checkJSONLines demands that a file has lines, and that each is a JSON object with time, level and msg.
func checkJSONLines(ts *testscript.TestScript, args []string) error {
	return jsonLines(ts.ReadFile(args[0]))
}

func jsonLines(text string) error {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		var record struct{ Time, Level, Msg *string }
		err := json.Unmarshal([]byte(line), &record)
		if err == nil && (record.Time == nil || record.Level == nil || record.Msg == nil) {
			err = errors.New("no time, level or msg")
		}
		if err != nil {
			return fmt.Errorf("line %d: %w: %q", i+1, err, line)
		}
	}
	return nil
}

func TestTerminal(t *testing.T) {
	for _, test := range []struct{ sent, want string }{
		{"one\ntwo", "one|two"},
		{"one\r\ntwo\r\n", "one|two|"},
		{"three\rone", "oneee"},
		{"three\rone\x1b[K", "one"},
		{"a\nb\nc\n\x1b[2A\x1b[J", "a|"},
		{"a\nb\nc\n\x1b[2AB\x1b[K\n", "a|B|c|"},
		{"12345678901", "1234567890|1"},
		{"契約ポータル", "契約ポータ|ル"},
		{"契約ポータ\rab", "ab約ポータ"},
	} {
		terminal := newTerminal(10)
		if _, err := io.WriteString(terminal, test.sent); err != nil {
			t.Errorf("%q: %v", test.sent, err)
		}
		if got := strings.Join(terminal.shown(), "|"); got != test.want {
			t.Errorf("%q: got %q, want %q", test.sent, got, test.want)
		}
	}
	for _, sent := range []string{"\x1b[A", "\x1b[5A", "\x07", "\x1b[31m", "\x1b"} {
		if _, err := io.WriteString(newTerminal(10), sent); err == nil {
			t.Errorf("%q: no error", sent)
		}
	}
}

func TestTerminalResize(t *testing.T) {
	terminal := newTerminal(10)
	if _, err := io.WriteString(terminal, "123456789012\n契約\n"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		columns int
		want    string
	}{{4, "1234|5678|9012|契約|"}, {3, "123|456|789|012|契|約|"}, {12, "123456789012|契約|"}} {
		terminal.resize(test.columns)
		if got := strings.Join(terminal.shown(), "|"); got != test.want {
			t.Errorf("%d columns: got %q, want %q", test.columns, got, test.want)
		}
	}
}
