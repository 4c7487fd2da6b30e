package reports

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"leastwise/policies/finding"
)

// firstRows is how many rows of a table stand in the page itself, for readers without JavaScript and for the
// moment before the others are read.
const firstRows = 50

// htmlTable is a table of the page, of rows of any kind.
type htmlTable struct {
	ID, Title, Intro string
	None             string // what it means to have no rows
	Gaps             []string
	Heads            []htmlHead
	Total            int
	First            [][]htmlCell
	pack             func(out io.Writer, things *dictionary) error
}

// Shown are the columns of the rows; the others are in their details.
func (t htmlTable) Shown() []htmlHead {
	var heads []htmlHead
	for _, h := range t.Heads {
		if !h.More {
			heads = append(heads, h)
		}
	}
	return heads
}

// Rest is how many rows do not stand in the page itself.
func (t htmlTable) Rest() int { return t.Total - len(t.First) }

// htmlHead is the heading of a column, for template and script.
type htmlHead struct {
	Label string `json:"label"`
	Kind  string `json:"kind,omitzero"` // how a cell is packed and drawn, see htmlColumn
	More  bool   `json:"more,omitzero"` // only in the details
}

// htmlCell is a cell of the page itself.
type htmlCell struct {
	Text, Class string
	Href        string // of constants and GUIDs
}

// The kinds of columns.
const (
	wordColumn    = "word"    // few texts, again and again
	textColumn    = "text"    // many texts
	numberColumn  = "number"  // or empty
	instantColumn = "instant" // RFC 3339
	tierColumn    = "tier"    // critical … unrated, drawn as such
	appColumn     = "app"     // an application, by appRef
	matrixColumn  = "matrix"  // a mark
)

// htmlColumn is one column of a table of the inventory.
type htmlColumn[T any] struct {
	label, kind string
	value       func(T) any // nil, text, number, yes or no, appRef
	more        bool
}

// appRef is an application that a row is about.
type appRef struct{ id, name string }

// rowTable makes a table of rows; it reads them once to count them and once more to pack them.
func rowTable[T any](t htmlTable, rows iter.Seq2[T, error], links *portalLinks, columns []htmlColumn[T]) (htmlTable, error) {
	for _, c := range columns {
		t.Heads = append(t.Heads, htmlHead{Label: c.label, Kind: c.kind, More: c.more})
	}
	for row, err := range rows {
		if err != nil {
			return t, err
		}
		if t.Total++; t.Total <= firstRows {
			t.First = append(t.First, staticCells(row, columns, links))
		}
	}
	t.pack = func(out io.Writer, things *dictionary) error {
		p := &packer{out: out, table: t.ID, things: things}
		for _, c := range columns {
			column := &packedColumn{}
			switch c.kind {
			case appColumn:
				column.words = things
			case wordColumn, tierColumn, matrixColumn:
				column.words = &dictionary{}
			}
			p.columns = append(p.columns, column)
		}
		for row, err := range rows {
			if err != nil {
				return err
			}
			for i, c := range columns {
				p.columns[i].add(plainJSON(packedCell(c.value(row), links)))
			}
			if p.rows++; p.full() {
				if err := p.flush(); err != nil {
					return err
				}
			}
		}
		return p.flush()
	}
	return t, nil
}

func packedCell(value any, links *portalLinks) any {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return visible(v)
	case bool:
		return yesNo(v)
	case appRef:
		return links.thing("application", v.id, v.name)
	}
	return value
}

func staticCells[T any](row T, columns []htmlColumn[T], links *portalLinks) []htmlCell {
	var cells []htmlCell
	for _, c := range columns {
		if c.more {
			continue
		}
		cells = append(cells, staticCell(c.kind, c.value(row), links))
	}
	return cells
}

func staticCell(kind string, value any, links *portalLinks) htmlCell {
	if ref, ok := value.(appRef); ok {
		text := ref.name
		if text == "" {
			text = ref.id
		}
		return htmlCell{Text: shortText(text), Href: links.application(ref.id)}
	}
	cell := htmlCell{Text: shortText(cellText(value))}
	switch {
	case kind == instantColumn:
		cell.Text = shortText(toMinute(cellText(value)))
	case kind == tierColumn && finding.Severity(cell.Text).Rank() >= 0:
		cell.Class = "severity " + cell.Text
	case kind == numberColumn:
		cell.Class = "number"
	}
	return cell
}

// listed joins a list for people. A nil list was not read, which is not the same as an empty one.
func listed(items []string) string {
	text, _ := list(items).(string)
	return text
}

// shortText is a text as the page itself has room for it. In full it stands among the packed rows and in the JSON
// report.
func shortText(text string) string {
	const most = 400
	if len(text) <= most {
		return visible(text)
	}
	runes := 0
	for i := range text {
		if runes++; runes > most {
			return visible(text[:i]) + " … [shortened]"
		}
	}
	return visible(text)
}

// incompleteness says which of the datasets that a table was made from are not known to be complete.
func incompleteness(r *finding.Report, datasets string) []string {
	var lines []string
	for _, c := range gaps(r) {
		for name := range strings.FieldsSeq(datasets) {
			if name == c.Dataset {
				lines = append(lines, shortText(c.Dataset+" was not read in full ("+c.Status+": "+gapReason(c)+")"))
			}
		}
	}
	return lines
}

// cellText is a value as the page itself writes it.
func cellText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return yesNo(v)
	}
	return fmt.Sprint(value)
}

// RowCount is what an assistive technology is told: all rows, and the headings.
func (t htmlTable) RowCount() int { return t.Total + 1 }
