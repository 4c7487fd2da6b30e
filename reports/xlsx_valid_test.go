package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"leastwise/policies/finding"
)

// TestXLSXIsWhatExcelAccepts reads the parts without excelize and looks for what makes Excel offer a repair.
func TestXLSXIsWhatExcelAccepts(t *testing.T) {
	for name, s := range map[string]sample{"empty": emptySample(), "contoso": contosoSample(), "hostile": shortHostileSample(), "frameworks": manyFrameworks()} {
		t.Run(name, func(t *testing.T) {
			v := &validity{T: t, parts: unzip(t, render(t, "xlsx", s.open(t)))}
			v.contentTypes()
			v.relations()
			v.workbook()
			v.styles()
			for i := range v.sheets {
				v.sheet(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
			}
		})
	}
}

// manyFrameworks have names that are hard to tell apart, or no headings at all, and are more than have a column.
func manyFrameworks() sample {
	s := restricted()
	names := append(hostileNames(), "cis", "CIS", "Cis", "severity", "two\nlines", strings.Repeat("w", 300), strings.Repeat("w", 301))
	for i := range maxFrameworks {
		names = append(names, fmt.Sprintf("zz-%d", i))
	}
	for _, name := range names {
		s.report.Controls[0].Frameworks = append(s.report.Controls[0].Frameworks, finding.Requirement{Framework: name, Requirement: name})
	}
	return s
}

// TestXLSXChartsShowTheTotals adds up the cells that charts are drawn from.
func TestXLSXChartsShowTheTotals(t *testing.T) {
	s := contosoSample()
	file := reopen(t, render(t, "xlsx", s.open(t)))
	parts := unzip(t, render(t, "xlsx", s.open(t)))
	failed, unknown := 0, 0
	for _, severity := range finding.Severities() {
		failed += s.report.Totals.Failed[severity]
		unknown += s.report.Totals.Unknown[severity]
	}
	if failed == 0 || unknown == 0 {
		t.Fatal("the sample shows nothing")
	}
	for i, want := range [][]int{{failed, unknown}, {failed, unknown}, nil, {len(s.approvals)}} {
		for j, series := range chartOf(t, parts[fmt.Sprintf("xl/charts/chart%d.xml", i+1)]).Series {
			sum := 0
			from, to, _ := strings.Cut(strings.ReplaceAll(strings.TrimPrefix(series.Values, "Summary!"), "$", ""), ":")
			_, first, _ := excelize.CellNameToCoordinates(from)
			_, last, err := excelize.CellNameToCoordinates(to)
			if err != nil {
				t.Fatal(err)
			}
			for row := first; row <= last; row++ {
				label, _ := file.GetCellValue("Summary", fmt.Sprintf("A%d", row))
				value, _ := file.GetCellValue("Summary", fmt.Sprintf("%s%d", from[:1], row))
				n, err := strconv.Atoi(value)
				if err != nil || label == "" {
					t.Errorf("chart %d is drawn of %q and %q", i+1, label, value)
				}
				sum += n
			}
			if want != nil && sum != want[j] {
				t.Errorf("chart %d, %s: %d, want %d", i+1, series.Name, sum, want[j])
			}
		}
	}
}

type validity struct {
	*testing.T
	parts         map[string][]byte
	sheets        []string
	formats, dxfs int
	tables        map[string]bool
}

func (v *validity) read(part string, into any) {
	v.Helper()
	content, ok := v.parts[part]
	if !ok {
		v.Fatalf("there is no %s", part)
	}
	if err := xml.Unmarshal(content, into); err != nil {
		v.Fatalf("%s: %v", part, err)
	}
}

type defaultType struct {
	Extension string `xml:",attr"`
}

func (v *validity) contentTypes() {
	var types struct {
		Defaults  []defaultType `xml:"Default"`
		Overrides []struct {
			PartName string `xml:",attr"`
		} `xml:"Override"`
	}
	v.read("[Content_Types].xml", &types)
	known := map[string]bool{}
	for _, o := range types.Overrides {
		if known[o.PartName] || v.parts[strings.TrimPrefix(o.PartName, "/")] == nil {
			v.Errorf("the content type of %s is told twice, or of nothing", o.PartName)
		}
		known[o.PartName] = true
	}
	for part := range v.parts {
		byExtension := slices.ContainsFunc(types.Defaults, func(d defaultType) bool {
			return d.Extension == strings.TrimPrefix(path.Ext(part), ".") && d.Extension != "xml"
		})
		if part != "[Content_Types].xml" && !known["/"+part] && !byExtension {
			v.Errorf("%s has no content type", part)
		}
	}
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Target string `xml:"Target,attr"`
}

// relationsOf gives targets by id.
func (v *validity) relationsOf(part string) map[string]string {
	rels := path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	if v.parts[rels] == nil {
		return nil
	}
	var list struct {
		Relations []relation `xml:"Relationship"`
	}
	v.read(rels, &list)
	targets := map[string]string{}
	for _, r := range list.Relations {
		target := path.Join(path.Dir(part), r.Target)
		if strings.HasPrefix(r.Target, "/") {
			target = r.Target[1:]
		}
		if targets[r.ID] != "" || v.parts[target] == nil {
			v.Errorf("%s: relation %s is there twice, or leads to %s, which is not", rels, r.ID, target)
		}
		targets[r.ID] = target
	}
	return targets
}

func (v *validity) relations() {
	for part := range v.parts {
		v.relationsOf(part)
	}
}

func (v *validity) workbook() {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
		Names []struct {
			Name  string `xml:"name,attr"`
			Local int    `xml:"localSheetId,attr"`
			Text  string `xml:",chardata"`
		} `xml:"definedNames>definedName"`
	}
	v.read("xl/workbook.xml", &book)
	targets := v.relationsOf("xl/workbook.xml")
	seen := map[string]bool{}
	for i, s := range book.Sheets {
		if n := len(utf16.Encode([]rune(s.Name))); n > 31 || strings.ContainsAny(s.Name, `:\/?*[]'`) || seen[strings.ToLower(s.Name)] {
			v.Errorf("%q is no name of a sheet", s.Name)
		}
		seen[strings.ToLower(s.Name)] = true
		if want := fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1); targets[s.ID] != want {
			v.Errorf("%s is in %s, want %s", s.Name, targets[s.ID], want)
		}
		v.sheets = append(v.sheets, s.Name)
	}
	for _, n := range book.Names {
		if n.Local >= len(book.Sheets) || !strings.HasPrefix(n.Text, "'"+book.Sheets[n.Local].Name+"'!") {
			v.Errorf("%s of sheet %d is %s", n.Name, n.Local, n.Text)
		}
	}
}

func (v *validity) styles() {
	var styles struct {
		Formats []struct{} `xml:"cellXfs>xf"`
		Dxfs    []struct{} `xml:"dxfs>dxf"`
	}
	v.read("xl/styles.xml", &styles)
	v.formats, v.dxfs = len(styles.Formats), len(styles.Dxfs)
	v.tables = map[string]bool{}
}

// sheetOrder is the order in which a worksheet has its elements (ECMA-376, CT_Worksheet), as far as we write them.
func sheetOrder() []string {
	return []string{
		"sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "mergeCells", "conditionalFormatting", "printOptions", "pageMargins",
		"pageSetup", "headerFooter", "rowBreaks", "colBreaks", "ignoredErrors", "drawing", "tableParts", "extLst",
	}
}

type sheetXML struct {
	Rows []struct {
		Number int `xml:"r,attr"`
		Cells  []struct {
			Name    string `xml:"r,attr"`
			Style   int    `xml:"s,attr"`
			Type    string `xml:"t,attr"`
			Formula string `xml:"f"`
			Value   string `xml:"v"`
			Text    string `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
	Merged []struct {
		Ref string `xml:"ref,attr"`
	} `xml:"mergeCells>mergeCell"`
	Rules []struct {
		Dxf      int    `xml:"dxfId,attr"`
		Priority int    `xml:"priority,attr"`
		Formula  string `xml:"formula"`
	} `xml:"conditionalFormatting>cfRule"`
	Drawing struct {
		ID string `xml:"id,attr"`
	} `xml:"drawing"`
	Tables []struct {
		ID string `xml:"id,attr"`
	} `xml:"tableParts>tablePart"`
}

func (v *validity) sheet(part string) {
	v.order(part)
	var s sheetXML
	v.read(part, &s)
	headings := v.cells(part, s)
	covered := map[string]bool{}
	for _, m := range s.Merged {
		for _, cell := range v.cellsOf(m.Ref) {
			if covered[cell] {
				v.Errorf("%s: merged cells overlap in %s", part, cell)
			}
			covered[cell] = true
		}
		if len(v.cellsOf(m.Ref)) < 2 {
			v.Errorf("%s: %s is merged with nothing", part, m.Ref)
		}
	}
	priorities := map[int]bool{}
	for _, r := range s.Rules {
		if r.Dxf >= v.dxfs || priorities[r.Priority] || len(r.Formula) > 255 {
			v.Errorf("%s: rule %+v", part, r)
		}
		priorities[r.Priority] = true
	}
	targets := v.relationsOf(part)
	if s.Drawing.ID != "" && targets[s.Drawing.ID] == "" {
		v.Errorf("%s: drawing %s is not there", part, s.Drawing.ID)
	}
	for _, table := range s.Tables {
		v.table(targets[table.ID], headings, s.Rows[len(s.Rows)-1].Number)
	}
}

func (v *validity) order(part string) {
	decoder := xml.NewDecoder(bytes.NewReader(v.parts[part]))
	depth, last := 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			v.Fatal(err)
		}
		switch element := token.(type) {
		case xml.StartElement:
			depth++
			if depth != 2 {
				continue
			}
			at := slices.Index(sheetOrder(), element.Name.Local)
			if at < last {
				v.Errorf("%s: %s comes after %s", part, element.Name.Local, sheetOrder()[last])
			}
			last = at
		case xml.EndElement:
			depth--
		}
	}
}

// cells gives the texts of the first row.
func (v *validity) cells(part string, s sheetXML) []string {
	row, long := 0, 0
	var headings []string
	for i, r := range s.Rows {
		if r.Number <= row || r.Number > excelize.TotalRows {
			v.Errorf("%s: row %d comes after row %d", part, r.Number, row)
		}
		row = r.Number
		column := 0
		for _, c := range r.Cells {
			x, y, err := excelize.CellNameToCoordinates(c.Name)
			if err != nil || y != row || x <= column {
				v.Errorf("%s: cell %s in row %d after column %d", part, c.Name, row, column)
			}
			column = x
			if c.Style >= v.formats || len(c.Formula) > 8192 || units(strings.ReplaceAll(c.Text+c.Value, "_x005F_", "_")) > excelize.TotalCellChars {
				v.Errorf("%s: cell %s: style %d, %d characters", part, c.Name, c.Style, len(c.Text))
			}
			if !slices.Contains([]string{"", "inlineStr", "str", "n"}, c.Type) || (c.Type == "str") != (c.Formula != "") || c.Type == "inlineStr" && c.Value != "" {
				v.Errorf("%s: cell %s is of type %q with formula %q and value %q", part, c.Name, c.Type, c.Formula, c.Value)
			}
			if c.Formula != "" && !constantLink().MatchString(c.Formula) {
				v.Errorf("%s: cell %s holds %s", part, c.Name, c.Formula)
			}
			if strings.Contains(c.Text, "[goes on") {
				long++
			}
			if i == 0 {
				headings = append(headings, c.Text)
			}
		}
	}
	if long > 0 && !slices.Contains(v.sheets, longSheet) {
		v.Errorf("%s refers to long texts, which are nowhere", part)
	}
	return headings
}

func (v *validity) cellsOf(ref string) []string {
	from, to, _ := strings.Cut(ref, ":")
	left, top, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		v.Fatal(err)
	}
	right, bottom, err := excelize.CellNameToCoordinates(to)
	if err != nil {
		v.Fatal(err)
	}
	var names []string
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			name, _ := excelize.CoordinatesToCellName(x, y)
			names = append(names, name)
		}
	}
	return names
}

func (v *validity) table(part string, headings []string, lastRow int) {
	var table struct {
		ID      string `xml:"id,attr"`
		Name    string `xml:"name,attr"`
		Display string `xml:"displayName,attr"`
		Ref     string `xml:"ref,attr"`
		Filter  struct {
			Ref string `xml:"ref,attr"`
		} `xml:"autoFilter"`
		Columns []struct {
			Name string `xml:"name,attr"`
		} `xml:"tableColumns>tableColumn"`
	}
	v.read(part, &table)
	legal := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]{0,250}$`)
	looksLikeACell := regexp.MustCompile(`^(?i:[A-Z]{1,3}[0-9]+|R[0-9]*C[0-9]*)$`)
	if !legal.MatchString(table.Name) || looksLikeACell.MatchString(table.Name) || table.Name != table.Display ||
		v.tables[strings.ToLower(table.Name)] || v.tables["id "+table.ID] {
		v.Errorf("%s: name %q, id %s", part, table.Name, table.ID)
	}
	v.tables[strings.ToLower(table.Name)], v.tables["id "+table.ID] = true, true
	var names []string
	seen := map[string]bool{}
	for _, c := range table.Columns {
		names = append(names, c.Name)
		if c.Name == "" || len(utf16.Encode([]rune(c.Name))) > 255 || seen[strings.ToLower(c.Name)] || strings.ContainsAny(c.Name, "\n\r\t") {
			v.Errorf("%s: heading %q", part, c.Name)
		}
		seen[strings.ToLower(c.Name)] = true
	}
	if !slices.Equal(names, headings) {
		v.Errorf("%s: its columns are %q, the cells say %q", part, names, headings)
	}
	_, to, _ := strings.Cut(table.Ref, ":")
	right, bottom, err := excelize.CellNameToCoordinates(to)
	if err != nil || right != len(headings) || bottom < 2 || bottom > lastRow || table.Filter.Ref != table.Ref {
		v.Errorf("%s: covers %s of %d columns and %d rows, filters %s", part, table.Ref, len(headings), lastRow, table.Filter.Ref)
	}
}
