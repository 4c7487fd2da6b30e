package reports

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// newStream adds an empty sheet. Its first columns are printed, with the headings on
// every page; the whole sheet when printed is 0.
func (b *book) newStream(name string, printed int, tab string) (*excelize.StreamWriter, error) {
	if b.file.GetSheetList()[0] == "Sheet1" { // what a new file comes with
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return nil, err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	props := &excelize.SheetPropsOptions{FitToPage: new(true)}
	if tab != "" {
		props.TabColorRGB = &tab
	}
	if err := b.file.SetSheetProps(name, props); err != nil {
		return nil, err
	}
	// The template says that the sheet is one cell, and some readers believe it.
	if err := b.file.SetSheetDimension(name, ""); err != nil {
		return nil, err
	}
	// A name such as "2024" is meant as text.
	if err := b.file.AddIgnoredErrors(name, fmt.Sprintf("A1:Z%d", maxRows), excelize.IgnoredErrorsNumberStoredAsText); err != nil {
		return nil, err
	}
	if err := b.layOut(name); err != nil {
		return nil, err
	}
	if printed > 0 {
		if err := b.printOnly(name, printed); err != nil {
			return nil, err
		}
	}
	return b.file.NewStreamWriter(name)
}

// layOut prints a sheet in landscape on A4, as wide as the page and as long as it is.
func (b *book) layOut(name string) error {
	const a4 = 9
	err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{
		Size: new(a4), Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(0),
	})
	if err != nil {
		return err
	}
	err = b.file.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{
		Left: new(0.4), Right: new(0.4), Top: new(0.5), Bottom: new(0.7), Header: new(0.3), Footer: new(0.3),
	})
	if err != nil {
		return err
	}
	// Text of a tenant has no place here: "&" begins a code.
	return b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{
		OddFooter: "&Lleastwise, as of " + b.report.AsOf.UTC().Format("2006-01-02 15:04") + " UTC&C&A&RPage &P of &N",
	})
}

func (b *book) printOnly(name string, columns int) error {
	last, err := excelize.ColumnNumberToName(columns)
	if err != nil {
		return err
	}
	err = b.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("'%s'!$A:$%s", name, last), Scope: name,
	})
	if err != nil {
		return err
	}
	return b.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$1", name), Scope: name,
	})
}
