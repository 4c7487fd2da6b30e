package reports

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"leastwise/policies/finding"
)

// BenchmarkFormats draws 50,000 findings and as many permissions. What matters beside
// the time is B/op of the rows' size, and that peak memory does not grow with them.
func BenchmarkFormats(b *testing.B) {
	d := largeDocument(b, 50_000)
	for _, format := range Formats() {
		b.Run(format.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := format.Write(io.Discard, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func largeDocument(b testing.TB, rows int) *finding.Document {
	b.Helper()
	writer, err := finding.NewWriter(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer writer.Close()
	names := contosoNames()
	for i := range rows {
		name := fmt.Sprintf("%s %d", names[i%len(names)], i)
		f := finding.Finding{
			Control: fmt.Sprintf("ENTRA-%03d", i%40), Severity: finding.Severities()[i%4], Outcome: finding.Fail,
			Subject: finding.Subject{Kind: "application", ID: appID(i), Name: name}, Key: raw(`{"permission":"Mail.ReadWrite"}`),
			Evidence:    raw(`{"days":%d,"granted_at":"2025-03-02T17:45:00Z","permission":"Mail.ReadWrite","resource":"Microsoft Graph"}`, i%400),
			Message:     fmt.Sprintf("%s holds Mail.ReadWrite of Microsoft Graph, granted %d days ago, and has not used it since", name, i%400),
			Fingerprint: "8f8d9e9d6c2d469447b6792b355b20f8",
		}
		if err := writer.AddFinding(f.Severity, f.Control, f.Outcome, encode(b, f)); err != nil {
			b.Fatal(err)
		}
		p := finding.Permission{
			AppID: appID(i), AppName: name, ResourceID: "00000003-0000-0000-c000-000000000000", ResourceName: "Microsoft Graph", Permission: "Mail.ReadWrite",
			Kind: "application", Requested: true, Granted: true, Consent: "admin", Tier: "high", Why: "Reads and changes mail of everybody.", ResolvedBy: "tenant",
		}
		if err := writer.Add(finding.Permissions, encode(b, p)); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "report.json")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	report := contosoSample().report
	if err := writer.WriteReport(file, &report); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	d, err := finding.OpenDocument(path)
	if err != nil {
		b.Fatal(err)
	}
	return d
}
