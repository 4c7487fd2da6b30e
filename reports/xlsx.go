package reports

import (
	"fmt"
	"io"
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

// writeXLSX writes the workbook. Sheets are streamed: beyond 16 MiB each they wait on
// disk, and what is held in memory is the compressed file.
func writeXLSX(w io.Writer, d *finding.Document) error {
	if err := newBook(&d.Report).write(w, d); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// book is a workbook in the making.
type book struct {
	file   *excelize.File
	report *finding.Report
	styles styles
	rows   int // that a sheet may hold
}

func newBook(r *finding.Report) *book {
	return &book{file: excelize.NewFile(), report: r, rows: maxRows}
}

func (b *book) write(w io.Writer, d *finding.Document) (err error) {
	defer func() {
		if closeErr := b.file.Close(); err == nil {
			err = closeErr // removes what waited on disk
		}
	}()
	if b.styles, err = newStyles(b.file); err != nil {
		return err
	}
	if err := b.properties(); err != nil {
		return err
	}
	if err := b.sheets(d); err != nil {
		return err
	}
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return &archive{out: w} })
	return b.file.Write(io.Discard)
}

func (b *book) sheets(d *finding.Document) error {
	if err := b.addSummary(); err != nil {
		return err
	}
	if err := addSheet(b, findingSheet(d)); err != nil {
		return err
	}
	if err := addSheet(b, applicationSheet(d)); err != nil {
		return err
	}
	if err := addSheet(b, permissionSheet(d)); err != nil {
		return err
	}
	if err := addSheet(b, containerTypeSheet(d)); err != nil {
		return err
	}
	if d.Totals.Subjects["container"] > 0 {
		if err := addSheet(b, containerSheet(d)); err != nil {
			return err
		}
	}
	if err := addSheet(b, approvalSheet(d)); err != nil {
		return err
	}
	if d.Totals.Subjects["pipeline"] > 0 {
		if err := addSheet(b, pipelineSheet(d)); err != nil {
			return err
		}
	}
	if err := addSheet(b, coverageSheet(&d.Report)); err != nil {
		return err
	}
	return addSheet(b, controlSheet(&d.Report))
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
