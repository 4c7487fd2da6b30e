package reports

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// boxes is a sheet of parts below each other: the cover and the summary.
type boxes struct {
	book   *book
	stream *excelize.StreamWriter
	name   string
	widths []float64
	row    int // last written
}

// firstNumber is the column, from 0, at which the numbers of a box begin.
const firstNumber = 3

// coverName is the name of the first sheet.
const coverName = "Cover"

// newBoxes adds an empty sheet with columns of these widths.
func (b *book) newBoxes(name string, widths []float64) (*boxes, error) {
	tab := map[look]string{good: "FF00A651", warn: "FFFFC000", bad: "FFC00000"}[verdictLook(b.report)]
	stream, err := b.newStream(name, 0, tab)
	if err != nil {
		return nil, err
	}
	if name != coverName { // there words are values of choices, and no results
		if err := b.file.SetConditionalFormat(name, "A1:C2000", b.rules(word, "A1")); err != nil {
			return nil, err
		}
	}
	if err := b.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: new(false)}); err != nil {
		return nil, err
	}
	return &boxes{book: b, stream: stream, name: name, widths: widths}, setWidths(stream, widths)
}

// write writes the parts and ends the sheet.
func (s *boxes) write(parts ...func() error) error {
	for _, part := range parts {
		if err := part(); err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
	}
	return s.stream.Flush()
}

// draw makes a cell of the last row; columns count from 0.
func (s *boxes) draw(column int, l look, value any) excelize.Cell {
	s.book.at = place{s.name, column + 1, s.row}
	return s.book.draw(l, value)
}

// box begins a part of the sheet.
func (s *boxes) box(name string) error {
	s.row++
	return s.line(boxTitle, name)
}

// line writes one text over the whole width.
func (s *boxes) line(l look, text string) error {
	s.row++
	style := s.draw(0, l, text)
	cells := make([]any, len(s.widths))
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: style.StyleID}
	}
	cells[0] = style
	height := map[look]float64{title: 30, subtitle: 22, good: 26, warn: 26, bad: 26, boxTitle: 22}[l]
	factor := map[look]float64{good: 1.4, warn: 1.4, bad: 1.4, title: 2, subtitle: 1.4}[l]
	factor = max(factor, 1)
	if err := s.set(cells, max(height, factor*rowHeight(linesIn(text, s.span(0)/factor)))); err != nil {
		return err
	}
	return s.merge(0)
}

// headings writes the headings of a box: those from column D on over numbers when there are more than
// that, else with the last one over the remaining columns.
func (s *boxes) headings(names ...string) error {
	if len(names) <= firstNumber+1 {
		values := make([]any, len(names))
		for i, name := range names {
			values[i] = name
		}
		return s.wide(values, slices.Repeat([]look{heading}, len(names))...)
	}
	s.row++
	cells := make([]any, len(names))
	for i, name := range names {
		l := heading
		if i >= firstNumber {
			l = numberHeading
		}
		cells[i] = s.draw(i, l, name)
	}
	return s.set(cells, rowHeight(1))
}

// cells writes one value for each column.
func (s *boxes) cells(values []any, looks ...look) error {
	s.row++
	lines := 1
	cells := make([]any, len(values))
	for i, value := range values {
		cells[i] = s.draw(i, looks[i], value)
		if text, ok := value.(string); ok && looks[i] == wrapped {
			lines = max(lines, linesIn(text, s.widths[i]))
		}
	}
	return s.set(cells, rowHeight(lines))
}

// wide writes values of which the last one spans the remaining columns.
func (s *boxes) wide(values []any, looks ...look) error {
	s.row++
	last := len(values) - 1
	lines := 1
	cells := make([]any, len(s.widths))
	for i := range cells {
		if i > last {
			cells[i] = excelize.Cell{StyleID: cells[last].(excelize.Cell).StyleID}
			continue
		}
		columns := s.widths[i]
		if i == last {
			columns = s.span(i)
		}
		if text, ok := values[i].(string); ok {
			lines = max(lines, linesIn(text, columns))
		}
		cells[i] = s.draw(i, looks[i], values[i])
	}
	if err := s.set(cells, rowHeight(lines)); err != nil {
		return err
	}
	return s.merge(last)
}

// labelled writes a label over the columns before D, and numbers from there on.
func (s *boxes) labelled(l look, text string, numbers ...int) error {
	s.row++
	cells := make([]any, len(s.widths))
	for i := range cells {
		cells[i] = s.draw(i, plain, nil)
	}
	cells[0] = s.draw(0, l, text)
	for i, n := range numbers {
		cells[firstNumber+i] = s.draw(firstNumber+i, number, n)
	}
	if err := s.set(cells, rowHeight(linesIn(text, s.widths[0]+s.widths[1]+s.widths[2]))); err != nil {
		return err
	}
	return s.stream.MergeCell(fmt.Sprintf("A%d", s.row), fmt.Sprintf("C%d", s.row))
}

// pairs writes labels and what they stand for, text or an instant.
func (s *boxes) pairs(pairs [][2]any) error {
	for _, pair := range pairs {
		value := wrapped
		if _, isText := pair[1].(string); !isText {
			value = instant
		}
		if err := s.wide(pair[:], label, value); err != nil {
			return err
		}
	}
	return nil
}

func (s *boxes) set(cells []any, height float64) error {
	return s.stream.SetRow(fmt.Sprintf("A%d", s.row), cells, excelize.RowOpts{Height: min(height, excelize.MaxRowHeight)})
}

// merge joins the cells of the last row from a column on.
func (s *boxes) merge(from int) error {
	if from == len(s.widths)-1 {
		return nil
	}
	left, err := excelize.CoordinatesToCellName(from+1, s.row)
	if err != nil {
		return err
	}
	right, err := excelize.CoordinatesToCellName(len(s.widths), s.row)
	if err != nil {
		return err
	}
	return s.stream.MergeCell(left, right)
}

// span is the width of the columns from one on.
func (s *boxes) span(from int) float64 {
	sum := 0.0
	for _, width := range s.widths[from:] {
		sum += width
	}
	return sum
}
