package reports

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Charts stand two beside each other, over rows without a height of their own: a stream does not tell charts
// of others. What excelize takes for pixels is 18 for such a row and 8 for a character of a column's width; an
// offset within a cell is in real pixels.
const (
	chartRows   = 13
	chartHeight = (chartRows-1)*18 + 9
	firstWidth  = (24+14)*8 + 265        // from column A into column C
	secondWidth = 58*8 - 281 + 44*8 + 95 // from column C into column H
	secondLeft  = 281                    // within column C
)

// charts are drawn from cells of the sheet, by reference: no text of a tenant stands in them.
type charts struct {
	boxes *boxes
	at    int // row above the first
	list  []*excelize.Chart
}

// space leaves room for the charts.
func (c *charts) space() error {
	c.at = c.boxes.row + 1
	c.boxes.row += 2*chartRows + 1
	return c.boxes.stream.InsertPageBreak(fmt.Sprintf("A%d", c.boxes.row+1))
}

// series is a chart of failed and unknown findings, of so many rows from first on.
func (c *charts) series(name string, first, rows int) {
	const red, amber = "C0392B", "F2B134"
	chart := c.chart(name)
	chart.Series = []excelize.ChartSeries{c.cells("D", red, "FFFFFF", first, rows), c.cells("E", amber, ink, first, rows)}
	if rows < 4 {
		chart.GapWidth = new(uint(150)) // few bars need not be thick
	}
	chart.Legend = excelize.ChartLegend{Position: "bottom", Font: &excelize.Font{Family: "Calibri", Size: 9, Color: ink}}
	c.list = append(c.list, chart)
}

// counts is a chart of one number for each row.
func (c *charts) counts(name string, first, rows int) {
	chart := c.chart(name)
	chart.Series = []excelize.ChartSeries{c.cells("D", "2E75B6", "FFFFFF", first, rows)}
	chart.Legend = excelize.ChartLegend{Position: "none"}
	c.list = append(c.list, chart)
}

func (c *charts) cells(column, fill, font string, first, rows int) excelize.ChartSeries {
	reference := func(column string, from, to int) string {
		return fmt.Sprintf("%s!$%s$%d:$%s$%d", c.boxes.name, column, from, column, to)
	}
	return excelize.ChartSeries{
		Name:       fmt.Sprintf("%s!$%s$%d", c.boxes.name, column, first-1),
		Categories: reference("A", first, first+rows-1),
		Values:     reference(column, first, first+rows-1),
		Fill:       solid(fill),
		DataLabel:  excelize.ChartDataLabel{Font: excelize.Font{Family: "Calibri", Size: 9, Color: font}},
	}
}

// chart is one of horizontal bars, the first row on top, with the numbers on them.
func (c *charts) chart(name string) *excelize.Chart {
	font := excelize.Font{Family: "Calibri", Size: 9, Color: ink}
	return &excelize.Chart{
		Type:      excelize.BarStacked,
		Format:    excelize.GraphicOptions{AltText: name + "; the numbers stand in the table of the same name", Name: name},
		Dimension: excelize.ChartDimension{Width: firstWidth, Height: chartHeight},
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: name, Font: &excelize.Font{Family: "Calibri", Size: 12, Bold: true, Color: navy}}}},
		XAxis:     excelize.ChartAxis{ReverseOrder: true, Font: font},
		YAxis:     excelize.ChartAxis{None: true, Font: font, Minimum: new(0.0)},
		PlotArea:  excelize.ChartPlotArea{ShowVal: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0;;;"}},
		Border:    excelize.LineOptions{Type: excelize.LineSolid, Width: 0.75, Fill: solid(line)},
		GapWidth:  new(uint(45)),
	}
}

// add puts the charts into the room that was left for them.
func (c *charts) add() error {
	for i, chart := range c.list {
		cell := fmt.Sprintf("A%d", c.at+1+i/2*chartRows)
		if i%2 == 1 {
			cell, chart.Format.OffsetX, chart.Dimension.Width = "C"+cell[1:], secondLeft, secondWidth
		}
		if err := c.boxes.book.file.AddChart(c.boxes.name, cell, chart); err != nil {
			return err
		}
	}
	return nil
}
