package reports

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"leastwise/policies/finding"
)

func TestSARIFSumsUpBeyondTheLimit(t *testing.T) {
	s := contosoSample()
	d := s.open(t)
	deciding := 0
	for _, f := range s.findings {
		if f.Counts() && f.Outcome != finding.Manual {
			deciding++
		}
	}
	for _, limit := range []int{len(s.findings), len(s.findings) - 1, 25, 3, 0} {
		run := limitedSARIF(t, d, limit, sarifResultBytes)
		single, shared := countSARIF(t, run)
		if single+shared != len(s.findings) || run.Properties.Listed != single || run.Properties.Summarised != shared {
			t.Errorf("limit %d: %d and %d findings of %d, properties %+v", limit, single, shared, len(s.findings), run.Properties)
		}
		if limit >= 25 && len(run.Results) > limit {
			t.Errorf("limit %d: %d results", limit, len(run.Results))
		}
		notices := run.Invocations[0].ToolExecutionNotifications
		if last := notices[len(notices)-1].Descriptor.ID; (last == "summarised") != (shared > 0) {
			t.Errorf("limit %d: the last notification is %s", limit, last)
		}
		for i, r := range run.Results[:single] {
			if i < min(single, deciding) != (r.Properties.Status == "" && r.Kind != "review") {
				t.Errorf("limit %d: result %d is %s %s: what decides comes first", limit, i, r.Kind, r.Properties.Status)
			}
		}
	}
}

// limitedSARIF writes a document as if the limits were lower, and checks what comes out.
func limitedSARIF(t *testing.T, d *finding.Document, results, size int) sarifFile {
	t.Helper()
	s, err := newSARIF(d)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s.maxResults, s.maxBytes = results, size
	if err := s.writeTo(&out); err != nil {
		t.Fatal(err)
	}
	checkSARIF(t, out.Bytes())
	return readSARIF(t, out.Bytes())
}

// countSARIF counts findings that are a result, and findings that share one, and holds the kinds against the outcomes.
func countSARIF(t *testing.T, run sarifFile) (single, shared int) {
	t.Helper()
	var outcomes finding.Counts
	for i, r := range run.Results {
		n := max(r.OccurrenceCount, 1)
		if r.OccurrenceCount > 0 {
			shared += n
		} else if single++; shared > 0 {
			t.Errorf("result %d is one finding after those that are many", i)
		}
		switch r.Kind {
		case "fail":
			outcomes.Fail += n
		case "open":
			outcomes.Unknown += n
		case "review":
			outcomes.Manual += n
		}
	}
	want := run.Properties.Outcomes
	if outcomes.Fail != want.Fail || outcomes.Unknown != want.Unknown || outcomes.Manual != want.Manual {
		t.Errorf("results are of the outcomes %+v, the totals %+v", outcomes, want)
	}
	return single, shared
}

// Texts that do not compress make a file too large long before it has too many results.
func TestSARIFSumsUpBeyondTheSize(t *testing.T) {
	s := contosoSample()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range s.findings {
		noise := make([]byte, 4000)
		for j := range noise {
			noise[j] = "0123456789abcdef"[random.IntN(16)]
		}
		s.findings[i].Evidence = raw(`{"noise":%q}`, noise)
	}
	run := limitedSARIF(t, s.open(t), sarifMaxResults, 20_000)
	single, shared := countSARIF(t, run)
	if single+shared != len(s.findings) || single == 0 || shared == 0 {
		t.Errorf("%d and %d findings of %d", single, shared, len(s.findings))
	}
}

func TestSARIFOfMoreThanGitHubTakes(t *testing.T) {
	skipUnderRace(t)
	s := emptySample()
	s.report.Controls = contosoControls()
	for i := range sarifMaxResults + 5 {
		outcome := []finding.Outcome{finding.Fail, finding.Fail, finding.Unknown}[i%3]
		f := finding.Finding{
			Control: "ENTRA-001", Severity: finding.Critical, Outcome: outcome, Subject: finding.Subject{Kind: "application", ID: appID(i)},
			Key: raw(`{}`), Evidence: raw(`{}`), Message: "holds too much",
		}
		f.Fingerprint = f.Print()
		s.findings = append(s.findings, f)
	}
	sumUp(&s)
	text := render(t, "sarif", s.open(t))
	run := readSARIF(t, text)
	if size := compressed(t, text); size > 10_000_000 {
		t.Errorf("%d bytes compressed: GitHub refuses more than 10 MB", size)
	}
	single, shared := countSARIF(t, run)
	if len(run.Results) != sarifMaxResults-1 || single != sarifMaxResults-2 || shared != 7 { // room was left for two summaries, and one was needed
		t.Errorf("%d results: %d findings each, and %d together", len(run.Results), single, shared)
	}
}
