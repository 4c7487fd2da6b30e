package reports

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct{ text, format, path string }{
		{"table", "table", ""},
		{"json=-", "json", ""},
		{"xlsx=out.xlsx", "xlsx", "out.xlsx"},
		{"xlsx=a=b/ü .xlsx", "xlsx", "a=b/ü .xlsx"},
		{`json=C:\reports\r.json`, "json", `C:\reports\r.json`},
	} {
		got, err := ParseTarget(tt.text)
		if err != nil || got.Format.Name != tt.format || got.Path != tt.path {
			t.Errorf("ParseTarget(%q) = %s to %q, %v; want %s to %q", tt.text, got.Format.Name, got.Path, err, tt.format, tt.path)
		}
	}
}

func TestParseTargetSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":            `unknown report format ""; hint: use FORMAT or FORMAT=FILE with one of table, json, lines, xlsx`,
		"excel=a":     `unknown report format "excel"; hint: use FORMAT or FORMAT=FILE with one of table, json, lines, xlsx`,
		"report.XLSX": `unknown report format "report.XLSX"; hint: write xlsx=report.XLSX`,
		"xlsx=":       `report target "xlsx=" names no file; hint: write xlsx=FILE.xlsx, or xlsx alone for standard output`,
		"JSON":        `unknown report format "JSON"`,
	} {
		if _, err := ParseTarget(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("ParseTarget(%q): %v\nwant %s", text, err, want)
		}
	}
}

func TestFormatsAreNamedOnce(t *testing.T) {
	var names []string
	for _, f := range Formats() {
		if f.Name == "" || f.Title == "" || !strings.HasPrefix(f.Extension, ".") || strings.ContainsAny(f.Name, "= ") {
			t.Errorf("incomplete format %+v", f)
		}
		if slices.Contains(names, f.Name) {
			t.Errorf("two formats are called %s", f.Name)
		}
		names = append(names, f.Name)
	}
}

func TestFormatsDrawEveryReportTheSameWay(t *testing.T) {
	for name, s := range map[string]sample{"empty": emptySample(), "contoso": contosoSample(), "hostile": shortHostileSample()} {
		d := s.open(t)
		for _, f := range Formats() {
			first := render(t, f.Name, d)
			if len(first) == 0 {
				t.Errorf("%s of the %s report is empty", f.Name, name)
			}
			for range 3 { // maps come in another order each time
				if !bytes.Equal(first, render(t, f.Name, d)) {
					t.Errorf("%s of the %s report differs from one time to the next", f.Name, name)
					break
				}
			}
		}
	}
}

func TestFormatsReportFailedWrites(t *testing.T) {
	d := contosoSample().open(t)
	full := errors.New("disk full")
	for _, f := range Formats() {
		size := len(render(t, f.Name, d))
		for _, room := range []int{0, size / 2, size - 1} {
			if err := f.Write(&fullDisk{room, full}, d); !errors.Is(err, full) {
				t.Errorf("%s with room for %d of %d bytes: got error %v", f.Name, room, size, err)
			}
		}
	}
}

// fullDisk fails when more than room bytes were written.
type fullDisk struct {
	room int
	err  error
}

func (w *fullDisk) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, w.err
	}
	return len(p), nil
}
