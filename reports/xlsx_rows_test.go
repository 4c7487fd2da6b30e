package reports

import (
	"bytes"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"leastwise/policies/finding"
)

func TestCombineIsTheChecksumOfBothTexts(t *testing.T) {
	text := []byte(strings.Repeat("rows of a sheet, ", 70_000))
	for _, at := range []int{0, 1, 7, 8, 9, 4096, 1 << 20, len(text) - 1, len(text)} {
		got := combine(crc32.ChecksumIEEE(text[:at]), crc32.ChecksumIEEE(text[at:]), uint64(len(text)-at))
		if want := crc32.ChecksumIEEE(text); got != want {
			t.Errorf("split at %d: got %08x, want %08x", at, got, want)
		}
	}
}

func TestSpliceIsOneStream(t *testing.T) {
	rows := newRowPart()
	var want strings.Builder
	want.WriteString("<x><row></row>")
	cells := []excelize.Cell{{StyleID: 3, Value: "a<b"}, {StyleID: 4, Value: 17}, {StyleID: 5, Value: 1.5}, {StyleID: 6}, {StyleID: 7, Value: " "}}
	for range 20_000 {
		if err := rows.row(2, 18.2, []string{"A", "B", "C", "D", "E"}, cells); err != nil {
			t.Fatal(err)
		}
		want.WriteString(`<row r="2" ht="18.2" customHeight="1"><c r="A2" s="3" t="inlineStr"><is><t>a&lt;b</t></is></c><c r="B2" s="4"><v>17</v></c>` +
			`<c r="C2" s="5"><v>1.5</v></c><c r="D2" s="6"/><c r="E2" s="7" t="inlineStr"><is><t xml:space="preserve"> </t></is></c></row>`)
	}
	want.WriteString("<row></row></x>")
	if err := rows.close(); err != nil {
		t.Fatal(err)
	}
	p := &part{name: "sheet"}
	if err := rows.splice(p, []byte("<x><row></row><row></row></x>")); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(flate.NewReader(bytes.NewReader(bytes.Join(p.compressed.list, nil))))
	if err != nil || string(got) != want.String() {
		t.Errorf("got %d bytes, want %d: %v", len(got), want.Len(), err)
	}
	if p.sum != crc32.ChecksumIEEE(got) || p.size != uint64(len(got)) {
		t.Errorf("checksum %08x of %d bytes, want %08x of %d", p.sum, p.size, crc32.ChecksumIEEE(got), len(got))
	}
}

func TestAppendText(t *testing.T) {
	for text, want := range map[string]string{
		"a & b <c> \"d\" 'e'": "a &amp; b &lt;c&gt; \"d\" 'e'", "]]>": "]]&gt;", "_x0041_": "_x005F_x0041_", "_x0041_x0041_": "_x005F_x0041_x005F_x0041_",
		"_x00g1_": "_x00g1_", "_x0041": "_x0041", "a_b": "a_b", "\xff": "\ufffd", "経費": "経費", "": "",
	} {
		if got := string(appendText(nil, text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

var errBroken = errors.New("broken")

// TestRowsEndAfterAnError looks for work that goes on after a report could not be read.
func TestRowsEndAfterAnError(t *testing.T) {
	before := runtime.NumGoroutine()
	s := sheet[int]{
		name: "Broken", columns: []column[int]{{"N", 9, number, func(n int) any { return n }}},
		rows: func(yield func(int, error) bool) { _ = yield(1, nil) && yield(0, errBroken) },
	}
	r := emptySample().report
	b := newBook(&r)
	var err error
	if b.styles, err = newStyles(b.file); err != nil {
		t.Fatal(err)
	}
	if err := addSheet(b, s); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	s.columns[0].value = func(int) any { return struct{}{} }
	s.name, s.rows = "Odd", each([]int{1})
	if err := addSheet(b, s); err == nil || !strings.Contains(err.Error(), "cannot hold") {
		t.Errorf("got %v", err)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestMatrixMarks(t *testing.T) {
	held := func(names ...string) []string { return names }
	for _, c := range []struct {
		name       string
		held       []string
		role, want string // one sign for each of the fourteen, "." for none
	}{
		{"nothing", []string{}, "", ".............."},
		{"none", held("none"), "", ".............."},
		{"not read", nil, "", "??????????????"},
		{"full", held("full"), "", "○○○○○○○○○○○○○●"},
		{"capitals", held("ReadContent"), "", "●............."},
		{"managers", held("managePermissions"), "", "........○○○○●."},
		{"content", held("readContent", "manageContent"), "", "●○●..........."},
		{"unknown to us", held("somethingNew"), "", ".............."},
		{"reader of full", held("full"), "reader", "○..◇.○.?...??◐"},
		{"writer of full", held("full"), "writer", "○○○◇.○○?...??◐"},
		{"manager of full", held("full"), "manager", "○○○◇.○○○○○○○○◐"},
		{"owner of full", held("full"), "owner", "○○○◇○○○○○○○○○●"},
		{"writer of a reading grant", held("readContent"), "writer", "●............."},
		{"reader of a writing grant", held("readContent", "writeContent", "delete"), "reader", "●............."},
	} {
		got := ""
		row := matrixRow{held: c.held, role: c.role}
		for _, permission := range containerTypePermissions() {
			sign, _ := row.mark(permission).(string)
			if sign == "" {
				sign = "."
			}
			got += sign
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if others := (matrixRow{held: held("full", "None", "somethingNew")}).others(); others != "somethingNew" {
		t.Errorf("others are %q", others)
	}
}

func TestMatrixRowsOfGrants(t *testing.T) {
	grant := finding.ContainerTypeGrant{AppID: "1", ApplicationPermissions: []string{"full"}}
	for name, c := range map[string]struct {
		t    finding.ContainerType
		want string
	}{
		"not read":           {finding.ContainerType{}, "any/:not read"},
		"no application":     {finding.ContainerType{Grants: []finding.ContainerTypeGrant{}}, "any/:no application"},
		"one side unread":    {finding.ContainerType{Grants: []finding.ContainerTypeGrant{grant}}, "app-only/:on all containers of the type delegated, as granted/:not read"},
		"delegated of none":  {finding.ContainerType{Grants: []finding.ContainerTypeGrant{{DelegatedPermissions: []string{"none"}}}}, "app-only/:not read delegated, as granted/:nowhere: nothing is granted"},
		"effective by roles": {finding.ContainerType{Grants: []finding.ContainerTypeGrant{{DelegatedPermissions: []string{"read"}}}}, "app-only/:not read delegated, as granted/:never more than the user's role in a container allows delegated, effective/reader:in containers in which the user is a reader delegated, effective/writer:in containers in which the user is a writer delegated, effective/manager:in containers in which the user is a manager delegated, effective/owner:in containers in which the user is an owner"},
	} {
		var got []string
		for _, row := range matrixRows(c.t) {
			got = append(got, row.call+"/"+row.role+":"+row.reach())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", name, strings.Join(got, " "), c.want)
		}
	}
}
