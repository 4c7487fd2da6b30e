package reports

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// TestXLSXInLibreOffice has another program read the workbook: every sheet is there, and names come back as they
// are shown. It is skipped where there is no LibreOffice.
func TestXLSXInLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil || testing.Short() {
		t.Skip("there is no soffice here")
	}
	contoso := contosoSample()
	contoso.report.Changes = contosoChanges()
	for name, s := range map[string]sample{"contoso": contoso, "hostile": shortHostileSample()} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			workbook := render(t, "xlsx", s.open(t))
			if err := os.WriteFile(filepath.Join(folder, "report.xlsx"), workbook, 0o600); err != nil {
				t.Fatal(err)
			}
			// Comma, quotes, UTF-8, from the first line, cells as they are shown, all sheets.
			const everySheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
			command := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.ToSlash(folder)+"/profile", "--headless", "--convert-to", everySheet,
				"--outdir", folder, filepath.Join(folder, "report.xlsx"))
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, sheet := range reopen(t, workbook).GetSheetList() {
				if _, err := os.Stat(filepath.Join(folder, "report-"+sheet+".csv")); err != nil {
					t.Errorf("sheet %s was not read: %v", sheet, err)
				}
			}
			checkColumn(t, folder, "Permissions", "ClientDisplayName", s.permissions, func(p finding.Permission) string { return p.AppName })
			checkColumn(t, folder, "Applications", "Display name", s.applications, func(a finding.Application) string { return a.Name })
			found := s.findings
			slices.SortStableFunc(found, func(a, b finding.Finding) int { return a.Severity.Rank() - b.Severity.Rank() })
			if name == "hostile" { // contoso's are in the order of controls
				checkColumn(t, folder, "Findings", "What was found", found, func(f finding.Finding) string { return f.Message })
			}
		})
	}
}

// checkColumn compares a column as the other program read it with the names that it was made of.
func checkColumn[T any](t *testing.T, folder, sheet, heading string, rows []T, name func(T) string) {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "report-"+sheet+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	read, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(read[0], heading)
	var want, got []string
	for i, row := range rows {
		want = append(want, visible(name(row)))
		got = append(got, read[i+1][column])
	}
	if sheet == "Findings" {
		slices.Sort(want)
		slices.Sort(got)
	}
	for i := range want {
		if strings.ReplaceAll(got[i], "\r\n", "\n") != want[i] {
			t.Errorf("%s row %d: %q was read as %q", sheet, i+2, want[i], got[i])
		}
	}
}
