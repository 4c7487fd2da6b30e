package reports

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"leastwise/policies/finding"
)

// maxRows is how many rows Excel allows on a sheet, and maxText how many bytes of
// text ours holds: the part of a sheet must stay below 4 GiB, or its archive needs
// an extension that not every reader knows.
const (
	maxRows = excelize.TotalRows
	maxText = 512 << 20
)

// writeXLSX writes the workbook. Sheets are streamed: what is held in memory is the compressed file.
func writeXLSX(w io.Writer, d *finding.Document) error {
	if err := newBook(&d.Report).write(w, d); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// book is a workbook in the making.
type book struct {
	file     *excelize.File
	report   *finding.Report
	links    *portalLinks
	styles   styles
	rows     int // that a sheet may hold
	tally    *tally
	long     longTexts
	at       place // of the cell that is drawn
	contents []content
	parts    map[string]*rowPart // rows by the name of their sheet's part in the archive
}

// place is a cell of the workbook; columns and rows count from 1.
type place struct {
	sheet       string
	column, row int
}

// content is what the cover says of a sheet.
type content struct {
	sheet, about string
	rows         int
	continues    int // on so many further sheets
	incomplete   bool
}

func newBook(r *finding.Report) *book {
	return &book{file: excelize.NewFile(), report: r, rows: maxRows, tally: newTally(), parts: map[string]*rowPart{}}
}

func (b *book) write(w io.Writer, d *finding.Document) (err error) {
	defer func() {
		err = errors.Join(err, b.file.Close(), b.long.close()) // removes what waited on disk
	}()
	if b.styles, err = newStyles(b.file); err != nil {
		return err
	}
	if b.links, err = newPortalLinks(d); err != nil {
		return err
	}
	if err := b.properties(); err != nil {
		return err
	}
	if err := b.sheets(d); err != nil {
		return err
	}
	b.noPictures()
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return &archive{out: w, rows: b.parts} })
	return b.file.Write(io.Discard)
}

// noPictures takes out the content types of pictures, which excelize adds with a chart in the order of a map. There are
// none.
func (b *book) noPictures() {
	kept := b.file.ContentTypes.Defaults[:0]
	for _, d := range b.file.ContentTypes.Defaults {
		if !strings.HasPrefix(d.ContentType, "image/") {
			kept = append(kept, d)
		}
	}
	b.file.ContentTypes.Defaults = kept
}

// sheets writes all sheets. The first two come first in the workbook and are filled last: they tell
// what the others hold.
func (b *book) sheets(d *finding.Document) error {
	cover, err := b.newBoxes(coverName, coverWidths())
	if err != nil {
		return err
	}
	summary, err := b.newBoxes("Summary", summaryWidths())
	if err != nil {
		return err
	}
	if err := b.tables(d); err != nil {
		return err
	}
	numbers, err := b.tally.statistics(d)
	if err != nil {
		return err
	}
	if err := summary.summary(numbers); err != nil {
		return err
	}
	if err := cover.cover(); err != nil {
		return err
	}
	if b.long.count == 0 {
		return nil
	}
	return addSheet(b, longTextSheet(&b.long))
}

// tables writes the sheets that hold a table each, in the order of the workbook.
func (b *book) tables(d *finding.Document) error {
	r := &d.Report
	for _, add := range []func() error{
		func() error { return addSheet(b, findingSheet(b, d)) },
		func() error { return addSheet(b, applicationSheet(b, d)) },
		func() error { return addSheet(b, permissionSheet(b, d)) },
		func() error { return addSheet(b, credentialSheet(b, d)) },
		func() error { return addSheet(b, consentSheet(b, d)) },
		func() error { return addSheet(b, containerTypeSheet(b, d)) },
		func() error { return addSheet(b, matrixSheet(b, d)) },
		addIf(r.Totals.Subjects["container"] > 0, func() error { return addSheet(b, containerSheet(d)) }),
		func() error { return addSheet(b, approvalSheet(b, d)) },
		addIf(r.Totals.Subjects["pipeline"] > 0, func() error { return addSheet(b, pipelineSheet(d)) }),
		func() error { return addSheet(b, waiverSheet(r)) },
		addIf(r.Previous != nil, func() error { return addSheet(b, changeSheet(b, d)) }),
		addIf(r.Changes != nil, func() error { return addSheet(b, mergeSheet(b, r)) }),
		func() error { return addSheet(b, coverageSheet(r)) },
		func() error { return addSheet(b, controlSheet(r)) },
	} {
		if err := add(); err != nil {
			return err
		}
	}
	return nil
}

func addIf(wanted bool, add func() error) func() error {
	if wanted {
		return add
	}
	return func() error { return nil }
}

// properties are fixed by the report, so that writing it again gives the same bytes.
func (b *book) properties() error {
	instant := b.report.AsOf.UTC().Format(time.RFC3339)
	err := b.file.SetDocProps(&excelize.DocProperties{
		Title:          "leastwise audit report",
		Subject:        "Tenant " + visible(b.report.Tenant.ID),
		Creator:        visible(b.report.Tool.Name + " " + b.report.Tool.Version),
		LastModifiedBy: visible(b.report.Tool.Name),
		Created:        instant,
		Modified:       instant,
	})
	if err != nil {
		return err
	}
	return b.file.SetAppProps(&excelize.AppProperties{Application: "leastwise"})
}
