package reports

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// longSheet is the sheet that holds the texts which are too long for one cell. Nothing is cut: a cell
// holds the beginning of such a text and its number there.
const longSheet = "Long texts"

// longTexts are gathered on disk while the other sheets are written.
type longTexts struct {
	file   *os.File
	buffer *bufio.Writer
	count  int
	err    error // the first
}

// longText is one text that did not fit, and where it belongs.
type longText struct {
	Number int
	Sheet  string
	Cell   string
	Text   string
}

// longPart is as much of a long text as one cell holds.
type longPart struct {
	longText
	part, parts int
}

// fit keeps a text within what a cell can hold. All of a longer one goes to the sheet of long texts.
func (b *book) fit(text string) string {
	if len(text) <= excelize.TotalCellChars || units(text) <= excelize.TotalCellChars {
		return text
	}
	mark := fmt.Sprintf(" … [goes on: text %d of the sheet %s has all of it]", b.long.add(b.at, text), longSheet)
	return text[:cut(text, excelize.TotalCellChars-units(mark))] + mark
}

// cut is how many bytes of a text have at most so many units of UTF-16.
func cut(text string, room int) int {
	for i, r := range text {
		if room -= utf16.RuneLen(r); room < 0 {
			return i
		}
	}
	return len(text)
}

// add gives the number of the text.
func (l *longTexts) add(at place, text string) int {
	l.count++
	if l.file == nil && l.err == nil {
		if l.file, l.err = os.CreateTemp("", "leastwise-long-"); l.err == nil {
			l.buffer = bufio.NewWriter(l.file)
		}
	}
	if l.err != nil {
		return l.count
	}
	cell, err := excelize.CoordinatesToCellName(at.column, at.row)
	if err == nil {
		err = json.NewEncoder(l.buffer).Encode(longText{l.count, at.sheet, cell, text})
	}
	l.err = err
	return l.count
}

func (l *longTexts) close() error {
	if l.file == nil {
		return nil
	}
	return errors.Join(l.file.Close(), os.Remove(l.file.Name()))
}

// rows yields the parts of the texts.
func (l *longTexts) rows() iter.Seq2[longPart, error] {
	return func(yield func(longPart, error) bool) {
		err := l.err
		if err == nil {
			err = l.buffer.Flush()
		}
		if err == nil {
			_, err = l.file.Seek(0, io.SeekStart)
		}
		dec := json.NewDecoder(bufio.NewReader(l.file))
		for err == nil && dec.More() {
			var t longText
			if err = dec.Decode(&t); err != nil {
				break
			}
			parts := split(t.Text)
			for i, part := range parts {
				t.Text = part
				if !yield(longPart{t, i + 1, len(parts)}, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(longPart{}, fmt.Errorf("long texts: %w", err))
		}
	}
}

func split(text string) []string {
	var parts []string
	for text != "" {
		n := cut(text, excelize.TotalCellChars)
		parts, text = append(parts, text[:n]), text[n:]
	}
	return parts
}

func longTextSheet(l *longTexts) sheet[longPart] {
	return sheet[longPart]{
		name: longSheet, about: "Texts that are too long for one cell, in parts.", pinned: 3, rows: l.rows(),
		columns: []column[longPart]{
			{"Text no.", 9, number, func(p longPart) any { return p.Number }},
			{"Part", 8, number, func(p longPart) any { return p.part }},
			{"Of parts", 9, number, func(p longPart) any { return p.parts }},
			{"Sheet", 24, plain, func(p longPart) any { return p.Sheet }},
			{"Cell", 12, plain, func(p longPart) any { return p.Cell }},
			{"Text", 100, plain, func(p longPart) any { return p.Text }},
		},
	}
}
