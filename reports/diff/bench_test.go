package diff

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// BenchmarkCompare compares two reports of 100,000 applications with a million permissions, of which one in fifty
// applications differs: go test -run '^$' -bench Compare -benchtime 1x ./reports/diff.
func BenchmarkCompare(b *testing.B) {
	dir := b.TempDir()
	old, later := big(b, filepath.Join(dir, "old.json"), 0), big(b, filepath.Join(dir, "new.json"), 50)
	for b.Loop() {
		result, err := Compare(open(b, old), open(b, later), dir)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(result.Len()), "differences")
		if err := result.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(peak(), "peak-MB")
}

func open(b *testing.B, path string) *finding.Document {
	b.Helper()
	d, err := finding.OpenDocument(path)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// big writes a report of 100,000 applications; each so many-th one differs.
func big(b *testing.B, path string, each int) string {
	b.Helper()
	writer, err := finding.NewWriter(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer writer.Close()
	add := func(section finding.Section, row any) {
		line, err := json.Marshal(row)
		if err == nil {
			err = writer.Add(section, line)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for n := range 100_000 {
		odd := each > 0 && n%each == 0
		app := finding.Application{AppID: id(n), Name: fmt.Sprint("Application ", n), ObjectID: id(1<<20 + n), ServicePrincipalID: id(2<<20 + n), Enabled: new(!odd), Owners: []string{fmt.Sprint("owner", n, "@contoso.com")}}
		add(finding.Applications, app)
		for value := range 10 {
			p := permission(1, "application", fmt.Sprint("Permission", value, ".ReadWrite.All"), "admin", "high")
			p.AppID, p.AppName, p.Why, p.Requested = app.AppID, app.Name, "Reads and writes what is in every mailbox of the tenant.", true
			if odd && value == 3 {
				p.Permission = "Other.Read"
			}
			add(finding.Permissions, p)
		}
		add(finding.Credentials, finding.Credential{AppID: app.AppID, KeyID: id(3<<20 + n), Type: "secret", Of: "application", EndsAt: "2027-01-01T00:00:00Z"})
		for _, control := range []string{"ENTRA-001", "ENTRA-002"} {
			f := newFinding(control, n, `{}`)
			line, err := json.Marshal(f)
			if err == nil {
				err = writer.AddFinding(f.Severity, f.Control, f.Outcome, line)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if err := writer.WriteReport(file, &newSample().report); err != nil {
		b.Fatal(err)
	}
	return path
}

// peak is the most memory that the process has held, in MB; 0 where the system does not tell.
func peak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes float64
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		return 0
	}
	return kilobytes / 1024
}
