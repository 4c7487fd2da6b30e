package reports

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheet is one table of the workbook: a row of headings, and a row for each T.
type sheet[T any] struct {
	name     string
	about    string   // what it shows, for the cover
	pinned   int      // columns that stay while the others scroll
	printed  int      // columns that paper has room for; the others are details
	datasets []string // that its rows were made from
	none     string   // what it means to have no rows when all datasets were read
	absent   bool     // the report is of an earlier version, which did not have this table
	notes    []string // below the table: what its marks mean
	columns  []column[T]
	rows     iter.Seq2[T, error]
}

// column is one column of a sheet.
type column[T any] struct {
	title string
	width float64 // in characters
	look  look
	value func(T) any
}

// addSheet writes a sheet, and further ones of the same columns when it is full.
func addSheet[T any](b *book, s sheet[T]) error {
	gaps := b.gapsOf(s.datasets)
	if s.absent {
		gaps = append(gaps, "This report was made by an earlier version of the program, which did not list what this sheet is for.")
	}
	p := &page{book: b, base: s.name, pinned: s.pinned, printed: s.printed, incomplete: len(gaps) > 0, kept: len(gaps) + len(s.notes) + 2}
	for i, c := range s.columns {
		if c.look == wrapped && s.printed > 0 && i >= s.printed {
			c.look = plain // a detail makes no row higher
		}
		p.columns = append(p.columns, &pageColumn{title: c.title, width: c.width, look: c.look})
	}
	if err := p.open(); err != nil {
		return err
	}
	defer func() { _ = p.body.close() }() // ends its work after an error, which is the one to tell
	values := make([]any, len(s.columns))
	for row, err := range s.rows {
		if err != nil {
			return err
		}
		for i, c := range s.columns {
			values[i] = c.value(row)
		}
		if err := p.write(values); err != nil {
			return fmt.Errorf("sheet %s: %w", p.name, err)
		}
	}
	b.contents = append(b.contents, content{s.name, s.about, p.total, p.number - 1, len(gaps) > 0})
	if p.total == 0 && len(gaps) == 0 {
		gaps = []string{s.none}
	}
	return p.close(slices.Concat(gaps, s.notes))
}

// gapsOf says which of the datasets are not known to be complete, a line each.
func (b *book) gapsOf(datasets []string) []string {
	var lines []string
	for _, c := range gaps(b.report) {
		if slices.Contains(datasets, c.Dataset) {
			lines = append(lines, fmt.Sprintf("This sheet is incomplete: %s was not read in full (%s: %s).", c.Dataset, c.Status, gapReason(c)))
		}
	}
	return lines
}

// page is one sheet of the file while it is written.
type page struct {
	book       *book
	base       string // name of the first sheet
	columns    []*pageColumn
	pinned     int
	printed    int
	kept       int // rows that are kept for notes
	incomplete bool

	stream *excelize.StreamWriter
	name   string
	number int // of sheets so far
	rows   int // with the headings
	total  int // of data, on all sheets so far
	text   int // bytes
	drawn  []excelize.Cell
	names  []string // of the columns: A, B, …
	body   *rowPart
}

type pageColumn struct {
	title string
	width float64
	look  look
	text  string // of the row before, which often says the same
	lines int    // that it takes
}

func (p *page) open() error {
	p.number++
	p.rows, p.text, p.name = 1, 0, p.base
	if p.number > 1 {
		p.name = fmt.Sprintf("%s (%d)", p.base, p.number)
	}
	tab := ""
	if p.incomplete {
		tab = "FFFFC000"
	}
	var err error
	if p.stream, err = p.book.newStream(p.name, p.printed, tab); err != nil {
		return err
	}
	p.body = p.book.newBody(p.name)
	if err := p.book.colour(p.name, p.columns); err != nil {
		return err
	}
	corner, err := excelize.CoordinatesToCellName(p.pinned+1, 2)
	if err != nil {
		return err
	}
	pane := "bottomLeft"
	if p.pinned > 0 {
		pane = "bottomRight"
	}
	err = p.stream.SetPanes(&excelize.Panes{
		Freeze: true, XSplit: p.pinned, YSplit: 1, TopLeftCell: corner, ActivePane: pane,
		Selection: []excelize.Selection{{SQRef: corner, ActiveCell: corner, Pane: pane}},
	})
	if err != nil {
		return err
	}
	return p.headings()
}

// newBody takes the rows of a sheet that are not written by excelize.
func (b *book) newBody(sheet string) *rowPart {
	body := newRowPart()
	for id, name := range b.file.GetSheetMap() {
		if name == sheet {
			b.parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", id)] = body
		}
	}
	return body
}

func (p *page) headings() error {
	p.drawn, p.names = make([]excelize.Cell, len(p.columns)), make([]string, len(p.columns))
	cells := make([]any, len(p.columns))
	widths := make([]float64, len(p.columns))
	height := 30.0
	for i, c := range p.columns {
		widths[i] = c.width
		l := heading
		switch c.look {
		case number, amount, days, left:
			l = numberHeading
		case mark:
			l, height = markHeading, 122
		}
		cells[i] = p.book.draw(l, c.title)
		var err error
		if p.names[i], err = excelize.ColumnNumberToName(i + 1); err != nil {
			return err
		}
	}
	if err := setWidths(p.stream, widths); err != nil {
		return err
	}
	return p.stream.SetRow("A1", cells, excelize.RowOpts{Height: height})
}

// setWidths sets the widths of the first columns. Excel wants them in ascending order,
// and excelize writes the last one set first.
func setWidths(stream *excelize.StreamWriter, widths []float64) error {
	for i, width := range slices.Backward(widths) {
		if err := stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	return nil
}

// write adds a row, on a new sheet when this one is full.
func (p *page) write(values []any) error {
	if p.rows >= p.book.rows-p.kept || p.text > maxText {
		if err := p.close(nil); err != nil {
			return err
		}
		if err := p.open(); err != nil {
			return err
		}
	}
	p.rows++
	p.total++
	lines := 1
	for i, value := range values {
		column := p.columns[i]
		p.book.at = place{p.name, i + 1, p.rows}
		cell := p.book.draw(column.look, value)
		if text, ok := cell.Value.(string); ok {
			p.text += len(text)
			if column.look == wrapped || column.look == word {
				lines = max(lines, column.linesOf(text))
			}
		}
		p.drawn[i] = cell
	}
	return p.body.row(p.rows, rowHeight(lines), p.names, p.drawn)
}

func (c *pageColumn) linesOf(text string) int {
	if c.lines == 0 || text != c.text {
		c.text, c.lines = text, linesIn(text, c.width)
	}
	return c.lines
}

// close ends the sheet: its rows become a table of Excel, and notes stand below it.
func (p *page) close(notes []string) error {
	if err := p.body.close(); err != nil {
		return err
	}
	if p.rows > 1 {
		if err := p.table(); err != nil {
			return err
		}
		p.rows++
	}
	for i, text := range notes {
		p.book.at = place{p.name, 1, p.rows + 1 + i}
		cell := p.book.draw(note, text)
		if err := p.stream.SetRow(fmt.Sprintf("A%d", p.rows+1+i), []any{cell}); err != nil {
			return err
		}
	}
	return p.stream.Flush()
}

func (p *page) table() error {
	last, err := excelize.CoordinatesToCellName(len(p.columns), p.rows)
	if err != nil {
		return err
	}
	return p.stream.AddTable(&excelize.Table{
		Range: "A1:" + last, Name: fmt.Sprintf("%s_%d", strings.ReplaceAll(p.base, " ", "_"), p.number),
		StyleName: "TableStyleLight1", ShowRowStripes: new(false),
	})
}
