package finding

import (
	"encoding/json"
	"testing"
)

func TestFingerprintIsStable(t *testing.T) {
	subject := Subject{Kind: "application", ID: "00000000-0000-0000-0000-000000000001", Name: "Ledger"}
	key := json.RawMessage(`{"permission":"x/application/Mail.Read"}`)
	golden := "5b67725bb25f187c7485881dbae13ba9"
	got := Fingerprint("ENTRA-001", subject, key)
	if got != golden {
		t.Fatalf("got %s, want %s: waivers and baselines written so far would no longer match", got, golden)
	}
	renamed := subject
	renamed.Name = "Ledger 2"
	if Fingerprint("ENTRA-001", renamed, key) != golden {
		t.Error("the name of the subject changes the fingerprint")
	}
	other := map[string]string{
		"control": Fingerprint("ENTRA-002", subject, key),
		"kind":    Fingerprint("ENTRA-001", Subject{Kind: "pipeline", ID: subject.ID}, key),
		"id":      Fingerprint("ENTRA-001", Subject{Kind: subject.Kind, ID: "*"}, key),
		"key":     Fingerprint("ENTRA-001", subject, json.RawMessage(`{}`)),
		"no key":  Fingerprint("ENTRA-001", subject, nil),
		"borders": Fingerprint("ENTRA-001a", Subject{Kind: "pplication", ID: subject.ID}, key),
	}
	seen := map[string]string{golden: "the first"}
	for name, fingerprint := range other {
		if twin, ok := seen[fingerprint]; ok {
			t.Errorf("another %s has the fingerprint of %s", name, twin)
		}
		seen[fingerprint] = name
	}
}

func TestSeverities(t *testing.T) {
	for i, severity := range Severities() {
		if severity.Rank() != i {
			t.Errorf("%s ranks %d, want %d", severity, severity.Rank(), i)
		}
		for k, floor := range Severities() {
			if got := severity.AtLeast(floor); got != (i <= k) {
				t.Errorf("%s at least %s: got %v", severity, floor, got)
			}
		}
	}
	if Severity("grave").Rank() != -1 {
		t.Error("an unknown severity has a rank")
	}
}

func TestVerdict(t *testing.T) {
	counts := func(severities ...Severity) map[Severity]int {
		m := map[Severity]int{}
		for _, s := range severities {
			m[s]++
		}
		return m
	}
	cases := []struct {
		name            string
		failed, unknown map[Severity]int
		want            [6]Verdict // by FailOn: the five severities, none
	}{
		{"nothing", nil, nil, [6]Verdict{}},
		{"info failed", counts(Info), nil, [6]Verdict{Clean, Clean, Clean, Clean, Violations, Violations}},
		{"medium failed", counts(Medium), nil, [6]Verdict{Clean, Clean, Violations, Violations, Violations, Violations}},
		{"critical failed", counts(Critical), nil, [6]Verdict{Violations, Violations, Violations, Violations, Violations, Violations}},
		{"high unknown", nil, counts(High), [6]Verdict{Clean, Unjudged, Unjudged, Unjudged, Unjudged, Unjudged}},
		{"low failed, critical unknown", counts(Low), counts(Critical), [6]Verdict{Unjudged, Unjudged, Unjudged, Violations, Violations, Violations}},
		{"critical failed, info unknown", counts(Critical), counts(Info), [6]Verdict{Violations, Violations, Violations, Violations, Violations, Violations}},
		{"waived only", map[Severity]int{Critical: 0}, map[Severity]int{High: 0}, [6]Verdict{}},
	}
	for _, c := range cases {
		for i, floor := range append(Severities(), "") {
			r := Report{FailOn: floor, Controls: []Control{{ID: "X-1"}}, Totals: Totals{Failed: c.failed, Unknown: c.unknown}}
			if got := r.Verdict(); got != c.want[i] {
				t.Errorf("%s, fail on %q: got %d, want %d", c.name, floor, got, c.want[i])
			}
		}
	}
}

// A report in which no control ran proves nothing.
func TestNoControlIsNeverClean(t *testing.T) {
	for _, controls := range [][]Control{nil, {{ID: "X-1", Disabled: "accepted"}}} {
		r := Report{FailOn: Low, Controls: controls}
		if got := r.Verdict(); got != Unjudged {
			t.Errorf("%v: got %d, want %d", controls, got, Unjudged)
		}
	}
}
