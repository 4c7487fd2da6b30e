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
	pinned   int      // columns that stay while the others scroll
	printed  int      // columns that paper has room for
	datasets []string // that its rows were made from
	none     string   // what it means to have no rows when all datasets were read
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
	p := &page{book: b, base: s.name, pinned: s.pinned, printed: s.printed, incomplete: len(gaps) > 0}
	for _, c := range s.columns {
		p.columns = append(p.columns, pageColumn{c.title, c.width, c.look})
	}
	if err := p.open(); err != nil {
		return err
	}
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
	if p.rows == 1 && len(gaps) == 0 {
		gaps = []string{s.none}
	}
	return p.close(gaps)
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
	columns    []pageColumn
	pinned     int
	printed    int
	incomplete bool

	stream *excelize.StreamWriter
	name   string
	number int // of sheets so far
	rows   int // with the headings
	text   int // bytes
	drawn  []excelize.Cell
	cells  []any // pointers to drawn
}

type pageColumn struct {
	title string
	width float64
	look  look
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

func (p *page) headings() error {
	p.cells, p.drawn = make([]any, len(p.columns)), make([]excelize.Cell, len(p.columns))
	widths := make([]float64, len(p.columns))
	for i, c := range p.columns {
		widths[i] = c.width
		l := heading
		if c.look == number || c.look == days {
			l = numberHeading
		}
		p.drawn[i] = p.book.styles.draw(l, c.title)
		p.cells[i] = &p.drawn[i]
	}
	if err := setWidths(p.stream, widths); err != nil {
		return err
	}
	return p.stream.SetRow("A1", p.cells, excelize.RowOpts{Height: 30})
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
	// Two rows are kept for a note.
	if p.rows >= p.book.rows-2 || p.text > maxText {
		if err := p.close(nil); err != nil {
			return err
		}
		if err := p.open(); err != nil {
			return err
		}
	}
	p.rows++
	lines := 1
	for i, value := range values {
		column := p.columns[i]
		cell := p.book.styles.draw(column.look, value)
		if text, ok := cell.Value.(string); ok {
			p.text += len(text)
			if column.look == wrapped || column.look == word {
				lines = max(lines, linesIn(text, column.width))
			}
		}
		p.drawn[i] = cell
	}
	return p.stream.SetRow(fmt.Sprintf("A%d", p.rows), p.cells, excelize.RowOpts{Height: rowHeight(lines)})
}

// close ends the sheet: its rows become a table of Excel, and notes stand below it.
func (p *page) close(notes []string) error {
	if p.rows > 1 {
		if err := p.table(); err != nil {
			return err
		}
		p.rows++
	}
	if len(notes) > 0 {
		cell := p.book.styles.draw(note, strings.Join(notes, " "))
		if err := p.stream.SetRow(fmt.Sprintf("A%d", p.rows+1), []any{cell}); err != nil {
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
