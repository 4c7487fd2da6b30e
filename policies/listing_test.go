package policies

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// judgeIdentities judges a snapshot that holds nothing but identities, and returns
// the findings of kind auditor as "control subject outcome key".
func judgeIdentities(t *testing.T, ids ...snapshot.Identity) (*finding.Report, []string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "snap")
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: "t", Cloud: "global"}, snapshot.Tool{}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		w.AddIdentity(id)
	}
	if err := w.Commit(time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	lib := loadBuiltIn(t)
	out, err := finding.NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	report, err := lib.Evaluate(t.Context(), newEngine(t, lib, Options{Only: []string{"AUD-001", "AUD-002"}}), snap, out)
	if err != nil {
		t.Fatal(err)
	}
	return report, findingsOf(t, out, report)
}

func findingsOf(t *testing.T, out *finding.Writer, report *finding.Report) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.WriteReport(file, report); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	document, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for f, err := range document.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", f.Control, f.Severity, f.Subject.ID, f.Outcome, f.Key))
	}
	slices.Sort(lines)
	return lines
}

// leastwise judges the identities that it collected with, whatever the datasets are.
func TestIdentitiesAreJudged(t *testing.T) {
	needs := []snapshot.Need{{Dataset: snapshot.Applications, Least: []string{"Application.Read.All"}, Accepted: []string{"Application.ReadWrite.All"}}}
	signedIn := snapshot.Identity{Kind: "secret", ClientID: "1", AppOnly: true, Roles: []string{"Application.Read.All"}, Needs: needs}
	folder := snapshot.Identity{Kind: snapshot.IdentityFolder, Datasets: []string{snapshot.Applications}}
	with := func(change func(*snapshot.Identity)) snapshot.Identity {
		id := signedIn
		change(&id)
		return id
	}
	for _, test := range []struct {
		name       string
		identities []snapshot.Identity
		counts     finding.Counts // of each control, but for Fail
		findings   []string
	}{
		{"what it needs", []snapshot.Identity{signedIn}, finding.Counts{Pass: 1}, []string{}},
		{
			"too much and too little",
			[]snapshot.Identity{with(func(id *snapshot.Identity) { id.Roles = []string{"Mail.ReadWrite"} })},
			finding.Counts{},
			[]string{`AUD-001 high secret/1 fail {"permission":"Mail.ReadWrite"}`, `AUD-002 medium secret/1 fail {"dataset":"applications"}`},
		},
		{
			"an opaque token",
			[]snapshot.Identity{with(func(id *snapshot.Identity) { id.Opaque, id.Roles = true, nil })},
			finding.Counts{Unknown: 1},
			[]string{`AUD-001 medium secret/1 unknown {}`, `AUD-002 medium secret/1 unknown {}`},
		},
		{
			"a snapshot of an earlier version",
			[]snapshot.Identity{with(func(id *snapshot.Identity) { id.Needs = nil })},
			finding.Counts{Unknown: 1},
			[]string{`AUD-001 medium secret/1 unknown {}`, `AUD-002 medium secret/1 unknown {}`},
		},
		{"files only", []snapshot.Identity{folder}, finding.Counts{NotApplicable: 1}, []string{}},
		{"files besides", []snapshot.Identity{signedIn, folder}, finding.Counts{Pass: 1, NotApplicable: 1}, []string{}},
		{"nobody", nil, finding.Counts{Unknown: 1}, []string{`AUD-001 medium * unknown {}`, `AUD-002 medium * unknown {}`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			report, findings := judgeIdentities(t, test.identities...)
			if !slices.Equal(findings, test.findings) {
				t.Errorf("got %q, want %q", findings, test.findings)
			}
			for _, c := range report.Controls {
				c.Counts.Fail = 0
				if c.Counts != test.counts {
					t.Errorf("%s: got %+v, want %+v", c.ID, c.Counts, test.counts)
				}
				if c.Requires == nil || len(c.Requires) > 0 {
					t.Errorf("%s requires %v, want an empty list", c.ID, c.Requires)
				}
			}
			if len(report.Coverage) > 0 {
				t.Errorf("got coverage %v of an empty snapshot", report.Coverage)
			}
		})
	}
}
