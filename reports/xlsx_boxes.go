package reports

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// box begins a part of the summary.
func (s *summary) box(name string) error {
	s.row++
	return s.line(boxTitle, name)
}

// line writes one text over the whole width.
func (s *summary) line(l look, text string) error {
	s.row++
	style := s.book.styles.draw(l, text)
	cells := make([]any, len(summaryWidths))
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: style.StyleID}
	}
	cells[0] = style
	height := map[look]float64{title: 30, subtitle: 22, good: 26, warn: 26, bad: 26, boxTitle: 22}[l]
	factor := map[look]float64{good: 1.4, warn: 1.4, bad: 1.4, title: 2, subtitle: 1.4}[l]
	factor = max(factor, 1)
	if err := s.set(cells, max(height, factor*rowHeight(linesIn(text, span(0)/factor)))); err != nil {
		return err
	}
	return s.merge(0)
}

// headings writes the headings of a box: over numbers from column D on when there is
// one for each column, else with the last one over the remaining columns.
func (s *summary) headings(names ...string) error {
	if len(names) < len(summaryWidths) {
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
		if i > 2 {
			l = numberHeading
		}
		cells[i] = s.book.styles.draw(l, name)
	}
	return s.set(cells, rowHeight(1))
}

// cells writes one value for each column.
func (s *summary) cells(values []any, looks ...look) error {
	s.row++
	lines := 1
	cells := make([]any, len(values))
	for i, value := range values {
		cells[i] = s.book.styles.draw(looks[i], value)
		if text, ok := value.(string); ok && looks[i] == wrapped {
			lines = max(lines, linesIn(text, summaryWidths[i]))
		}
	}
	return s.set(cells, rowHeight(lines))
}

// wide writes values of which the last one spans the remaining columns.
func (s *summary) wide(values []any, looks ...look) error {
	s.row++
	last := len(values) - 1
	lines := 1
	cells := make([]any, len(summaryWidths))
	for i := range cells {
		at := min(i, last)
		cell := s.book.styles.draw(looks[at], values[at])
		columns := summaryWidths[at]
		if at == last {
			columns = span(at)
		}
		if text, ok := values[at].(string); ok {
			lines = max(lines, linesIn(text, columns))
		}
		if i > last {
			cell.Value = nil
		}
		cells[i] = cell
	}
	if err := s.set(cells, rowHeight(lines)); err != nil {
		return err
	}
	return s.merge(last)
}

// pairs writes labels and what they stand for, text or an instant.
func (s *summary) pairs(pairs [][2]any) error {
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

func (s *summary) set(cells []any, height float64) error {
	return s.stream.SetRow(fmt.Sprintf("A%d", s.row), cells, excelize.RowOpts{Height: min(height, excelize.MaxRowHeight)})
}

// merge joins the cells of the last row from a column on.
func (s *summary) merge(from int) error {
	left, err := excelize.CoordinatesToCellName(from+1, s.row)
	if err != nil {
		return err
	}
	right, err := excelize.CoordinatesToCellName(len(summaryWidths), s.row)
	if err != nil {
		return err
	}
	return s.stream.MergeCell(left, right)
}

// span is the width of the columns from one on.
func span(from int) float64 {
	sum := 0.0
	for _, width := range summaryWidths[from:] {
		sum += width
	}
	return sum
}
