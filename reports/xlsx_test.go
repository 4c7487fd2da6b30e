package reports

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"leastwise/policies/finding"
)

func TestXLSXGolden(t *testing.T) {
	checkGolden(t, "testdata/contoso.xlsx.txt", dump(t, render(t, "xlsx", contosoSample().open(t))))
}

func TestXLSXOfNothingGolden(t *testing.T) {
	checkGolden(t, "testdata/empty.xlsx.txt", dump(t, render(t, "xlsx", emptySample().open(t))))
}

func TestXLSXSheets(t *testing.T) {
	want := []string{
		"Cover", "Summary", "Findings", "Applications", "Permissions", "Credentials", "Consents", "Container types", "Container permissions",
		"Data Connect approvals", "Waivers", "Coverage", "Controls",
	}
	if got := reopen(t, render(t, "xlsx", emptySample().open(t))).GetSheetList(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want = slices.Insert(want, 11, "Changes") // only where there are any
	want = slices.Insert(want, 10, "Pipelines")
	s := contosoSample()
	if got := reopen(t, render(t, "xlsx", s.open(t))).GetSheetList(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want = slices.Insert(want, 13, "Changes by the files")
	want = slices.Insert(want, 9, "Containers")
	s.report.Changes, s.report.Totals.Subjects["container"] = contosoChanges(), 2
	if got := reopen(t, render(t, "xlsx", s.open(t))).GetSheetList(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func contosoChanges() []finding.Change {
	return []finding.Change{
		{
			Subject: finding.Subject{Kind: "application", ID: appID(1), Name: contosoNames()[1]}, Location: finding.Location{File: "infra/app.bicep", Line: 4},
			Action: "changed", MatchedBy: "app_id",
			Requested: []finding.ChangedPermission{{Key: "k", Permission: "Mail.ReadWrite", Kind: "application", ResourceName: "Microsoft Graph", Tier: "high", Line: 12}},
			Granted:   []finding.ChangedPermission{},
			Dropped:   []finding.ChangedPermission{{Key: "l", Permission: "User.Read", Kind: "delegated", ResourceName: "Microsoft Graph", Tier: "low"}},
		},
		{Subject: finding.Subject{Kind: "application", ID: "x", Name: "=new"}, Location: finding.Location{File: "infra/new.bicep", Line: 1}, Action: "new"},
	}
}

// TestXLSXKeepsExcelsLimits looks for what makes Excel offer a repair.
func TestXLSXKeepsExcelsLimits(t *testing.T) {
	skipUnderRace(t)
	for name, s := range map[string]sample{"empty": emptySample(), "contoso": contosoSample(), "hostile": hostileSample()} {
		t.Run(name, func(t *testing.T) {
			file := reopen(t, render(t, "xlsx", s.open(t)))
			tables := map[string]bool{}
			for _, sheet := range file.GetSheetList() {
				if len(utf16.Encode([]rune(sheet))) > 31 {
					t.Errorf("sheet name %q is too long", sheet)
				}
				rows, err := file.GetRows(sheet, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Fatal(err)
				}
				for i, row := range rows {
					for j, text := range row {
						if n := len(utf16.Encode([]rune(text))); n > excelize.TotalCellChars {
							t.Errorf("%s row %d column %d: %d characters", sheet, i+1, j+1, n)
						}
					}
				}
				checkTables(t, file, sheet, rows, tables)
			}
		})
	}
}

func checkTables(t *testing.T, file *excelize.File, sheet string, rows [][]string, seen map[string]bool) {
	t.Helper()
	tables, err := file.GetTables(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if key := strings.ToLower(table.Name); seen[key] {
			t.Errorf("two tables are called %s", table.Name)
		} else {
			seen[key] = true
		}
		headings := map[string]bool{}
		for _, heading := range rows[0] {
			if heading == "" || headings[strings.ToLower(heading)] {
				t.Errorf("%s: heading %q is empty or not unique", sheet, heading)
			}
			headings[strings.ToLower(heading)] = true
		}
	}
}

// TestXLSXParts reads the parts without excelize.
func TestXLSXParts(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "hostile": shortHostileSample()} {
		t.Run(name, func(t *testing.T) {
			parts := unzip(t, render(t, "xlsx", s.open(t)))
			for path, content := range parts {
				checkPart(t, path, content)
			}
			for path := range parts {
				if strings.Contains(path, "externalLink") || strings.Contains(string(parts[path]), `TargetMode="External"`) {
					t.Errorf("%s leads out of the workbook", path)
				}
			}
		})
	}
}

func checkPart(t *testing.T, path string, content []byte) {
	t.Helper()
	lastColumn := 0
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s is not well formed: %v", path, err)
			return
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, attr := range element.Attr {
			if attr.Name.Local == "rgb" && len(attr.Value) != len("AARRGGBB") {
				t.Errorf("%s: colour %s", path, attr.Value)
			}
		}
		switch element.Name.Local {
		case "f":
			var formula string
			if err := decoder.DecodeElement(&formula, &element); err != nil || !strings.HasPrefix(path, "xl/charts/") && !constantLink().MatchString(formula) {
				t.Errorf("%s holds the formula %s: %v", path, formula, err)
			}
		case "hyperlink":
			t.Errorf("%s holds a hyperlink", path)
		case "col":
			if !strings.HasPrefix(path, "xl/worksheets/") {
				continue
			}
			var column struct {
				Min int `xml:"min,attr"`
			}
			if err := decoder.DecodeElement(&column, &element); err != nil || column.Min <= lastColumn {
				t.Errorf("%s: column %d comes after column %d: %v", path, column.Min, lastColumn, err)
			}
			lastColumn = column.Min
		case "dimension":
			t.Errorf("%s claims a dimension, which a stream cannot know", path)
		}
	}
}

// constantLink matches the only formulas that cells may hold.
func constantLink() *regexp.Regexp {
	const id = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
	return regexp.MustCompile(`^HYPERLINK\("(#'[A-Z][A-Za-z ]{2,30}'!A1|https://entra\.microsoft\.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/` + id +
		`|https://entra\.microsoft\.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/` + id + `/appId/` + id +
		`|https://admin\.microsoft\.com/#/Settings/MGDCAdminCenter)","[A-Z][A-Za-z ]{2,30}"\)$`)
}

func TestXLSXTextIsNeverAFormula(t *testing.T) {
	file := reopen(t, render(t, "xlsx", shortHostileSample().open(t)))
	texts := map[string]string{}
	for row, name := range shortHostileNames() {
		cell := fmt.Sprintf("A%d", row+2)
		kind, err := file.GetCellType("Permissions", cell)
		if err != nil {
			t.Fatal(err)
		}
		got, err := file.GetCellValue("Permissions", cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = got
		if name != "" && kind != excelize.CellTypeInlineString {
			t.Errorf("%.20q is stored as type %v", name, kind)
		}
		trimmed := strings.TrimSpace(name)
		dangerous := trimmed != "" && strings.ContainsRune("=+-@'＝", []rune(trimmed)[0]) && !strings.HasPrefix(name, "\t") && !strings.HasPrefix(name, "\r")
		if quoted := quotePrefix(t, file, "Permissions", cell); quoted != dangerous {
			t.Errorf("%.20q: quote prefix is %v", name, quoted)
		}
	}
	for name, want := range map[string]string{
		`=cmd|' /C calc'!A0`: `=cmd|' /C calc'!A0`, "\t=1+1": `\t=1+1`, "\x00nul": `\x00nul`, "invoice\u202efdp.exe": `invoice\u202efdp.exe`,
		"_x0041__x005F_": "_x0041__x005F_", "two\nlines": "two\nlines", "  spaces  ": "  spaces  ", "アプリ": "アプリ", "007": "007",
		"]]></t><f>1+1</f>": "]]></t><f>1+1</f>", "👩‍👩‍👧‍👦 family": "👩‍👩‍👧‍👦 family",
	} {
		if texts[name] != want {
			t.Errorf("%q is shown as %q, want %q", name, texts[name], want)
		}
	}
}

func TestXLSXDatesAreDates(t *testing.T) {
	s := emptySample()
	for _, instant := range []string{
		"2026-11-20T12:00:00Z", "2026-11-20T21:00:00+09:00", "2026-11-20T12:00:00.75Z", "2026-11-20", "0001-01-01T00:00:00Z", "soon", "2026-11-20T12:00:00",
	} {
		s.applications = append(s.applications, finding.Application{AppID: "1", CreatedAt: instant})
	}
	file := reopen(t, render(t, "xlsx", s.open(t)))
	for i, want := range []struct{ raw, shown string }{
		{"46346.5", "2026-11-20 12:00"},
		{"46346.5", "2026-11-20 12:00"},
		{"46346.5", "2026-11-20 12:00"},
		{"46346", "2026-11-20"},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
		{"soon", "soon"},
		{"2026-11-20T12:00:00", "2026-11-20T12:00:00"},
	} {
		cell := fmt.Sprintf("M%d", i+2)
		raw, _ := file.GetCellValue("Applications", cell, excelize.Options{RawCellValue: true})
		shown, _ := file.GetCellValue("Applications", cell)
		if raw != want.raw || shown != want.shown {
			t.Errorf("%s holds %s and shows %s, want %s and %s", s.applications[i].CreatedAt, raw, shown, want.raw, want.shown)
		}
	}
}

func TestXLSXContinuesFullSheets(t *testing.T) {
	s := contosoSample()
	d := s.open(t)
	b := newBook(&d.Report)
	b.rows = 14
	var out bytes.Buffer
	if err := b.write(&out, d); err != nil {
		t.Fatal(err)
	}
	file := reopen(t, out.Bytes())
	found := 0
	for _, sheet := range []string{"Findings", "Findings (2)", "Findings (3)"} {
		rows, err := file.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 14 || rows[0][0] != "Severity" {
			t.Errorf("%s has %d rows, and begins with %q", sheet, len(rows), rows[0])
		}
		for _, row := range rows[1:] {
			if len(row) > 1 { // not a note
				found++
			}
		}
	}
	if found != len(s.findings) {
		t.Errorf("%d findings of %d", found, len(s.findings))
	}
	if sheets := file.GetSheetList(); sheets[3] != "Findings (2)" || sheets[5] != "Applications" {
		t.Errorf("sheets come as %q", sheets)
	}
}

func TestXLSXSaysWhyASheetIsEmpty(t *testing.T) {
	s := emptySample()
	s.report.Coverage = []finding.Coverage{{Dataset: "container_types", Status: "denied", Reason: "403 accessDenied"}}
	file := reopen(t, render(t, "xlsx", s.open(t)))
	for sheet, want := range map[string]string{
		"Container types":        "This sheet is incomplete: container_types was not read in full (denied: 403 accessDenied).",
		"Data Connect approvals": "No approvals of Microsoft Graph Data Connect are known.",
	} {
		if got, _ := file.GetCellValue(sheet, "A2"); got != want {
			t.Errorf("%s: got %q, want %q", sheet, got, want)
		}
	}
}

// TestXLSXCutsNothing puts the parts of long texts together again.
func TestXLSXCutsNothing(t *testing.T) {
	texts := []string{strings.Repeat("a", 40000), strings.Repeat("🚀", 40000), "=" + strings.Repeat("長い", 20000), strings.Repeat("a", 32768)}
	s := emptySample()
	for _, text := range texts {
		s.applications = append(s.applications, finding.Application{AppID: "1", Name: text})
	}
	s.applications = append(s.applications, finding.Application{AppID: "1", Name: strings.Repeat("ä", 32767)})
	file := reopen(t, render(t, "xlsx", s.open(t)))
	rows, err := file.GetRows(longSheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, len(texts))
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[0])
		if err != nil || row[3] != "Applications" || row[4] != fmt.Sprintf("A%d", n+1) {
			t.Fatalf("text %s is said to be of %s!%s", row[0], row[3], row[4])
		}
		got[n-1] += row[5]
		if units(row[5]) > excelize.TotalCellChars {
			t.Errorf("text %d: a part has %d units", n, units(row[5]))
		}
	}
	for i, text := range texts {
		if got[i] != text {
			t.Errorf("text %d has %d bytes, want %d", i+1, len(got[i]), len(text))
		}
		cell, _ := file.GetCellValue("Applications", fmt.Sprintf("A%d", i+2))
		if mark := fmt.Sprintf(" … [goes on: text %d of the sheet Long texts has all of it]", i+1); !strings.HasSuffix(cell, mark) ||
			!strings.HasPrefix(text, strings.TrimSuffix(cell, mark)) || units(cell) < excelize.TotalCellChars-1 {
			t.Errorf("text %d: its cell ends with %q", i+1, cell[len(cell)-80:])
		}
	}
	if cell, _ := file.GetCellValue("Applications", "A6"); units(cell) != 32767 {
		t.Errorf("a text that fits became one of %d units", units(cell))
	}
}

func reopen(t *testing.T, workbook []byte) *excelize.File {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(workbook))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return file
}

func unzip(t *testing.T, workbook []byte) map[string][]byte {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, entry := range reader.File {
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[entry.Name], err = io.ReadAll(content); err != nil { // also checks the sum
			t.Fatal(err)
		}
	}
	if first := reader.File[0].Name; first != "[Content_Types].xml" {
		t.Errorf("the archive begins with %s", first)
	}
	return parts
}

func quotePrefix(t *testing.T, file *excelize.File, sheet, cell string) bool {
	t.Helper()
	id, err := file.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	prefix := file.Styles.CellXfs.Xf[id].QuotePrefix
	return prefix != nil && *prefix
}

// dump writes a workbook as text: for each sheet its layout, then its cells with
// their number formats. A quote prefix shows as an apostrophe.
func dump(t *testing.T, workbook []byte) []byte {
	t.Helper()
	file := reopen(t, workbook)
	var out bytes.Buffer
	for _, name := range file.GetDefinedName() {
		fmt.Fprintf(&out, "name %s %s = %s\n", name.Scope, name.Name, name.RefersTo)
	}
	for _, sheet := range file.GetSheetList() {
		dumpLayout(t, &out, file, sheet)
		dumpCells(t, &out, file, sheet)
	}
	dumpCharts(t, &out, unzip(t, workbook))
	return out.Bytes()
}

func dumpLayout(t *testing.T, out *bytes.Buffer, file *excelize.File, sheet string) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	props, err := file.GetSheetProps(sheet)
	must(err)
	panes, err := file.GetPanes(sheet)
	must(err)
	tab := "none"
	if props.TabColorRGB != nil && *props.TabColorRGB != "" {
		tab = *props.TabColorRGB
	}
	fmt.Fprintf(out, "\n== %s\ntab %s, frozen %d rows %d columns\nwidths", sheet, tab, panes.YSplit, panes.XSplit)
	columns, err := file.GetCols(sheet)
	must(err)
	for i := range columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		must(err)
		width, err := file.GetColWidth(sheet, name)
		must(err)
		fmt.Fprintf(out, " %s=%g", name, width)
	}
	tables, err := file.GetTables(sheet)
	must(err)
	for _, table := range tables {
		fmt.Fprintf(out, "\ntable %s %s", table.Name, table.Range)
	}
	rules, err := file.GetConditionalFormats(sheet)
	must(err)
	for _, area := range slices.Sorted(maps.Keys(rules)) {
		fmt.Fprintf(out, "\ncolours %s: %d rules", area, len(rules[area]))
	}
	out.WriteString("\n")
}

// chartXML is what a chart says it is drawn from.
type chartXML struct {
	Title  string `xml:"chart>title>tx>rich>p>r>t"`
	Series []struct {
		Name       string `xml:"tx>strRef>f"`
		Categories string `xml:"cat>strRef>f"`
		Values     string `xml:"val>numRef>f"`
	} `xml:"chart>plotArea>barChart>ser"`
}

func chartOf(t *testing.T, part []byte) chartXML {
	t.Helper()
	var chart chartXML
	if err := xml.Unmarshal(part, &chart); err != nil {
		t.Fatal(err)
	}
	return chart
}

// dumpCharts writes for each chart its title, and the cells that it is drawn from.
func dumpCharts(t *testing.T, out *bytes.Buffer, parts map[string][]byte) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(parts)) {
		if !strings.HasPrefix(path, "xl/charts/") {
			continue
		}
		chart := chartOf(t, parts[path])
		fmt.Fprintf(out, "\n== %s %q\n", path, chart.Title)
		for _, s := range chart.Series {
			fmt.Fprintf(out, "%s: %s over %s\n", s.Name, s.Values, s.Categories)
		}
	}
}

func dumpCells(t *testing.T, out *bytes.Buffer, file *excelize.File, sheet string) {
	t.Helper()
	rows, err := file.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j, text := range row {
			if text == "" {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			kind, err := file.GetCellType(sheet, cell)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case kind == excelize.CellTypeFormula:
				formula, err := file.GetCellFormula(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(out, "%s %q =%s\n", cell, text, formula)
			case kind != excelize.CellTypeInlineString:
				fmt.Fprintf(out, "%s %s [%s]\n", cell, text, numberFormat(t, file, sheet, cell))
			case quotePrefix(t, file, sheet, cell):
				fmt.Fprintf(out, "%s '%q\n", cell, text)
			default:
				fmt.Fprintf(out, "%s %q\n", cell, text)
			}
		}
	}
}

func numberFormat(t *testing.T, file *excelize.File, sheet, cell string) string {
	t.Helper()
	id, err := file.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := file.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if style.CustomNumFmt != nil {
		return *style.CustomNumFmt
	}
	return fmt.Sprint(style.NumFmt)
}
