package waiver

import (
	"fmt"
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// BenchmarkApply marks 100,000 findings by a waiver file of 1,000 and a baseline of 100,000.
func BenchmarkApply(b *testing.B) {
	const n = 100_000
	write := func() (*finding.Report, *finding.Writer) {
		w, err := finding.NewWriter(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = w.Close() })
		for i := range n {
			made := f{control: "ENTRA-001", app: fmt.Sprint(i), key: `{"permission":"Mail.Read"}`}.finding()
			line, err := encode(made)
			if err == nil {
				err = w.AddFinding(made.Severity, made.Control, made.Outcome, line)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		return &finding.Report{
			SchemaVersion: finding.SchemaVersion, AsOf: noon,
			Controls: []finding.Control{{ID: "ENTRA-001", Subject: "application", Counts: finding.Counts{Fail: n}}},
			Totals:   finding.Totals{Subjects: map[string]int{}, Outcomes: finding.Counts{Fail: n}, Failed: map[finding.Severity]int{finding.High: n}, Unknown: map[finding.Severity]int{}},
		}, w
	}
	var entries strings.Builder
	for i := range 1000 {
		entries.WriteString(entry(f{control: "ENTRA-001", app: fmt.Sprint(i * 7), key: `{"permission":"Mail.Read"}`}))
	}
	file, err := Parse("w.yaml", []byte("waivers:\n"+entries.String()))
	if err != nil {
		b.Fatal(err)
	}
	r, w := write()
	d := document(b, r, w)
	for b.Loop() {
		b.StopTimer()
		r, w := write()
		b.StartTimer()
		baseline, err := ReadEarlier(d)
		if err != nil {
			b.Fatal(err)
		}
		if err := Apply(r, w, Options{Waivers: file, Baseline: baseline, Previous: baseline, Known: known}); err != nil {
			b.Fatal(err)
		}
		if r.Totals.Waived != 1000 || r.Totals.Known != n-1000 {
			b.Fatalf("got %+v", r.Totals)
		}
	}
}
