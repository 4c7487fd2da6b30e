package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"

	"github.com/clipperhouse/displaywidth"
	"golang.org/x/term"
)

// What a terminal without a size of its own is taken for.
const (
	usualColumns = 80
	usualRows    = 24
)

// A screen is standard error. On a terminal, a block of lines that change can stand
// below what is written: each write takes the block away and puts it back, so that log
// lines and progress do not garble each other. It is safe for concurrent use.
type screen struct {
	w io.Writer
	// size asks the terminal how large it is; nil when lines cannot be redrawn.
	size func() (columns, rows int)

	mu    sync.Mutex
	block []string // what is to stand there
	drawn []string // what stands there
	open  bool     // the last line written has no end yet
}

// newScreen makes a screen of w. Lines are redrawn only where w is a terminal that
// understands the sequences for it; the console of Windows does so only on demand.
func newScreen(w io.Writer, env func(string) string) *screen {
	if s, ok := w.(*screen); ok {
		return s
	}
	s := &screen{w: w}
	file, ok := w.(*os.File)
	if kind := env("TERM"); !ok || !term.IsTerminal(int(file.Fd())) || kind == "" || kind == "dumb" || runtime.GOOS == "windows" {
		return s
	}
	s.size = func() (int, int) {
		columns, rows, err := term.GetSize(int(file.Fd()))
		if err != nil || columns <= 0 || rows <= 0 {
			return usualColumns, usualRows
		}
		return columns, rows
	}
	return s
}

// Write prints text above the block.
func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(text) == 0 {
		return 0, nil
	}
	var out bytes.Buffer
	s.erase(&out)
	above := out.Len()
	out.Write(text)
	s.open = text[len(text)-1] != '\n'
	s.put(&out)
	n, err := s.w.Write(out.Bytes())
	return max(0, min(n-above, len(text))), err
}

// draw replaces the block; without lines it is gone. Where lines cannot be redrawn it
// does nothing.
func (s *screen) draw(lines []string) {
	if s.size == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.block = lines
	var out bytes.Buffer
	s.back(&out)
	s.put(&out)
	if out.Len() == 0 {
		return
	}
	// A terminal that went away takes nothing; whoever writes what matters learns of it.
	_, _ = s.w.Write(out.Bytes())
}

// back goes to where the block begins and leaves it to be overwritten.
func (s *screen) back(out *bytes.Buffer) {
	if len(s.drawn) == 0 {
		return
	}
	columns, _ := s.size()
	up := 0
	for _, line := range s.drawn { // lines break when the window has become narrower
		up += max(1, (displaywidth.String(line)+columns-1)/columns)
	}
	fmt.Fprintf(out, "\r\x1b[%dA", up)
	if len(s.block) == 0 {
		out.WriteString("\x1b[J")
	}
	s.drawn = nil
}

// erase takes the block away.
func (s *screen) erase(out *bytes.Buffer) {
	if len(s.drawn) == 0 {
		return
	}
	s.back(out)
	if len(s.block) > 0 {
		out.WriteString("\x1b[J")
	}
}

// put writes the block where the cursor is, over what may stand there.
func (s *screen) put(out *bytes.Buffer) {
	if s.open || len(s.block) == 0 {
		return
	}
	for _, line := range s.block {
		out.WriteString(line + "\x1b[K\n")
	}
	out.WriteString("\x1b[J")
	s.drawn = s.block
}

// columns is how wide the terminal is, or 0 where there is none.
func (s *screen) columns() int {
	if s.size == nil {
		return 0
	}
	columns, _ := s.size()
	return columns
}

// screen is what the program's messages go to.
func (p *program) screen() *screen { return newScreen(p.stderr, p.env) }

// event prints one line of JSON, as --log-format json wants it.
func (p *program) event(level slog.Level, message string, attrs ...slog.Attr) {
	record := slog.NewRecord(p.now(), level, message, 0)
	record.AddAttrs(attrs...)
	// A stderr that cannot be written to leaves nobody to tell.
	_ = slog.NewJSONHandler(p.stderr, nil).Handle(context.Background(), record)
}

// notice tells the person at the terminal something that is neither progress nor a
// fault, such as where to sign in.
func (p *program) notice(style progressStyle, text string) error {
	if style.json {
		p.event(slog.LevelInfo, text)
		return nil
	}
	_, err := fmt.Fprintln(p.stderr, oneLine(text))
	return err
}
