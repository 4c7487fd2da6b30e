package reports

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// link is a formula that opens a page or a sheet. A formula, because a sheet holds some 65,000 objects of
// the other kind and any number of these.
type link struct {
	target string // of constants and checked GUIDs only; "" for none
	text   string // a constant
}

// maxTarget is how long a text in a formula may be.
const maxTarget = 255

// portal is a link to a page of a portal; an empty cell where none is known.
func portal(url string) link { return link{url, "Open"} }

// toSheet is a link to the beginning of another sheet of the workbook.
func toSheet(name string) link { return link{"#'" + name + "'!A1", name} }

// cell is empty for a link that has no target, or one that a formula cannot hold.
func (l link) cell(s *styles) excelize.Cell {
	if l.target == "" || len(l.target) > maxTarget || strings.ContainsAny(l.target+l.text, "\"\n") {
		return excelize.Cell{StyleID: s.cell[linked][0]}
	}
	return excelize.Cell{StyleID: s.cell[linked][0], Formula: `HYPERLINK("` + l.target + `","` + l.text + `")`, Value: l.text}
}
