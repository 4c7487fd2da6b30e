package reports

import (
	"github.com/xuri/excelize/v2"
)

// look is how a column or a single cell is drawn.
type look int

const (
	plain   look = iota // text that may be cut off at the next cell
	wrapped             // text in as many lines as it needs
	word                // one of a few words, some with a colour
	number
	amount  // a number with a bar as long as it is large
	instant // an RFC 3339 instant or a day, as a date of Excel
	expiry  // an instant that is marked when it has passed
	days    // days left, marked when few
	left    // days left, marked when none are
	mark    // a sign in a narrow column
	linked  // a link
	dated   // a day without a time; chosen by value

	// Of the summary, and of headings.
	title
	subtitle
	boxTitle
	heading
	numberHeading
	markHeading // upright
	label
	prose
	good
	warn
	bad
	note
	looks
)

// styles are the cell styles of a workbook.
type styles struct {
	// cell holds two styles for each look: as it is, and with the mark that keeps
	// Excel from reading a text as a formula when somebody edits it.
	cell [looks][2]int
	// Conditional styles: of words, of signs, of what is past, of what ends soon.
	words, marks []colouredWord
	past, soon   int
}

type colouredWord struct {
	word  string
	style int
}

// palette gives a fill and a font colour for each word that means something; the
// colours differ in lightness too, and the word itself is always there.
func palette() []painted {
	const red, amber, green, grey = "FFC7CE", "FFEB9C", "C6EFCE", "EDEDED"
	return []painted{
		{"critical", "A61B1B", "FFFFFF"},
		{"high", "F4B183", "6B2E00"},
		{"medium", "FFE699", "5F4700"},
		{"low", "DDEBF7", "1F4E78"},
		{"info", grey, "404040"},
		{"unrated", amber, "7F4A00"},
		{"fail", red, "9C0006"},
		{"unknown", amber, "7F4A00"},
		{"manual", "E4DFEC", "403151"},
		{"pass", green, "006100"},
		{"failed", red, "9C0006"},
		{"denied", red, "9C0006"},
		{"expired", red, "9C0006"},
		{"revoked", red, "9C0006"},
		{"partial", amber, "7F4A00"},
		{"pending", amber, "7F4A00"},
		{"not read", amber, "7F4A00"},
		{"differs", red, "9C0006"},
		{"unlicensed", grey, "404040"},
		{"skipped", grey, "404040"},
		{"collected", green, "006100"},
		{"approved", green, "006100"},
		{"applied", green, "006100"},
		{"self approved", red, "9C0006"},
		{"stale", amber, "7F4A00"},
		{"duplicate", amber, "7F4A00"},
		{"too long", amber, "7F4A00"},
		{"not yet", amber, "7F4A00"},
		{"waived", "E4DFEC", "403151"},
		{"known", grey, "404040"},
		{"new", red, "9C0006"},
		{"removable", amber, "7F4A00"},
		{"not compared", amber, "7F4A00"},
	}
}

// markPalette is the palette of the signs of the matrix.
func markPalette() []painted {
	return []painted{
		{markGranted, "1F4E78", "FFFFFF"},
		{markWider, "9DC3E6", ink},
		{markPart, "DDEBF7", "1F4E78"},
		{markFree, "E2EFDA", "375623"},
		{markUnknown, "FFEB9C", "7F4A00"},
	}
}

// painted is a word, and the colours of its fill and of its letters.
type painted struct{ word, fill, font string }

func newStyles(file *excelize.File) (styles, error) {
	var s styles
	for l := range looks {
		id, err := file.NewStyle(cellStyle(l))
		if err != nil {
			return s, err
		}
		s.cell[l] = [2]int{id, quoted(file, id)}
	}
	var err error
	if s.words, err = painting(file, palette()); err != nil {
		return s, err
	}
	if s.marks, err = painting(file, markPalette()); err != nil {
		return s, err
	}
	if s.past, err = file.NewConditionalStyle(conditional("FFC7CE", "9C0006")); err != nil {
		return s, err
	}
	s.soon, err = file.NewConditionalStyle(conditional("FFEB9C", "7F4A00"))
	return s, err
}

func painting(file *excelize.File, palette []painted) ([]colouredWord, error) {
	words := make([]colouredWord, 0, len(palette))
	for _, p := range palette {
		id, err := file.NewConditionalStyle(conditional(p.fill, p.font))
		if err != nil {
			return nil, err
		}
		words = append(words, colouredWord{p.word, id})
	}
	return words, nil
}

// quoted copies a style and sets the quote prefix, which excelize keeps in its model
// and offers no option for. It is what Excel itself sets for a text typed with a
// leading apostrophe.
func quoted(file *excelize.File, id int) int {
	formats := file.Styles.CellXfs
	format := formats.Xf[id]
	format.QuotePrefix = new(true)
	formats.Xf = append(formats.Xf, format)
	formats.Count = len(formats.Xf)
	return len(formats.Xf) - 1
}

func conditional(fill, font string) *excelize.Style {
	return &excelize.Style{
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}},
		Font: &excelize.Font{Color: font},
	}
}

const (
	ink  = "1F2A37"
	navy = "1F3A5F"
	line = "D0D5DD"
)

func cellStyle(l look) *excelize.Style {
	style := &excelize.Style{
		Font:      &excelize.Font{Family: "Calibri", Size: 10, Color: ink},
		Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "left", Indent: 1},
		Border:    []excelize.Border{{Type: "bottom", Color: line, Style: 1}},
	}
	switch l {
	case wrapped, word, prose:
		style.Alignment.WrapText = true
	case number, amount, days, left:
		style.NumFmt = 3 // #,##0
		style.Alignment.Horizontal = "right"
	case instant, expiry:
		style.CustomNumFmt = new("yyyy-mm-dd hh:mm")
	case dated:
		style.CustomNumFmt = new("yyyy-mm-dd")
	case mark:
		style.Alignment.Horizontal, style.Alignment.Indent = "center", 0
	case linked:
		style.Font.Color, style.Font.Underline = "0563C1", "single"
	case heading, numberHeading, markHeading:
		style.Font = &excelize.Font{Family: "Calibri", Size: 10, Bold: true, Color: "FFFFFF"}
		style.Fill = solid(navy)
		style.Alignment.WrapText = true
		switch l {
		case numberHeading:
			style.Alignment.Horizontal = "right"
		case markHeading:
			style.Alignment = &excelize.Alignment{Horizontal: "center", Vertical: "bottom", TextRotation: 90}
		}
	case label:
		style.Font.Bold = true
	}
	if l == title || l == subtitle || l == boxTitle || l >= good {
		summaryStyle(l, style)
	}
	return style
}

// summaryStyle is the part of cellStyle that only the summary and notes use.
func summaryStyle(l look, style *excelize.Style) {
	style.Border = nil
	style.Alignment = &excelize.Alignment{Vertical: "center", Horizontal: "left", WrapText: true}
	font := style.Font
	switch l {
	case title:
		font.Size, font.Bold, font.Color = 18, true, navy
	case subtitle:
		font.Size, font.Color = 13, "475467"
	case boxTitle:
		font.Size, font.Bold, font.Color = 12, true, navy
		style.Border = []excelize.Border{{Type: "bottom", Color: navy, Style: 2}}
	case good:
		font.Size, font.Bold, font.Color = 13, true, "006100"
		style.Alignment.Indent = 1
		style.Fill = solid("C6EFCE")
	case warn:
		font.Size, font.Bold, font.Color = 13, true, "7F4A00"
		style.Alignment.Indent = 1
		style.Fill = solid("FFEB9C")
	case bad:
		font.Size, font.Bold, font.Color = 13, true, "9C0006"
		style.Alignment.Indent = 1
		style.Fill = solid("FFC7CE")
	case note:
		font.Italic, font.Color = true, "7F4A00"
		style.Alignment = &excelize.Alignment{Vertical: "center"}
	}
}

func solid(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}
