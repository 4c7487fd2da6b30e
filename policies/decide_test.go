package policies

import (
	"cmp"
	"errors"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// The order in which an outcome is decided, as the contract gives it.
func TestDecide(t *testing.T) {
	deny := `{{"key": {"k": 1}, "evidence": {}}}`
	const owners = "application_owners"
	gap := []subject.Gap{{Dataset: owners, Reason: "a stub"}}
	partial := map[string]string{owners: "dataset application_owners is partial"}
	for _, test := range []struct {
		name    string
		absence bool
		ready   readiness
		gaps    []subject.Gap
		applies bool
		deny    string
		unknown string
		err     error
		want    finding.Outcome
	}{
		{name: "nothing wrong", applies: true, want: finding.Pass},
		{name: "deny", applies: true, deny: deny, want: finding.Fail},
		{name: "deny beats unknown", applies: true, deny: deny, unknown: `{"owners"}`, want: finding.Fail},
		{name: "unknown", applies: true, unknown: `{"owners"}`, want: finding.Unknown},
		{name: "does not apply", want: finding.NotApplicable},
		{name: "blocked beats everything", ready: readiness{blocked: "denied"}, applies: true, deny: deny, want: finding.Unknown},
		{name: "blocked beats not applicable", ready: readiness{blocked: "denied"}, want: finding.Unknown},
		{name: "error", err: errors.New("boom"), want: finding.Unknown},
		{name: "partial: a fail stands", ready: readiness{partial: partial}, applies: true, deny: deny, want: finding.Fail},
		{name: "partial: a pass does not", ready: readiness{partial: partial}, applies: true, want: finding.Unknown},
		{name: "partial: not applicable stands", ready: readiness{partial: partial}, want: finding.NotApplicable},
		{name: "partial: not applicable falls with its facts", ready: readiness{partial: partial, appliesPartial: true}, want: finding.Unknown},
		{name: "partial and absence: a fail does not stand", absence: true, ready: readiness{partial: partial}, applies: true, deny: deny, want: finding.Unknown},
		{name: "gap of this subject", gaps: gap, applies: true, want: finding.Unknown},
		{name: "gap of this subject and absence", absence: true, gaps: gap, applies: true, deny: deny, want: finding.Unknown},
		{name: "gap in a dataset it does not need", gaps: []subject.Gap{{Dataset: "containers"}}, applies: true, want: finding.Pass},
		{name: "malformed element", applies: true, deny: `{"text"}`, want: finding.Unknown},
		{name: "element without evidence", applies: true, deny: `{{"key": {}}}`, want: finding.Unknown},
		{name: "two elements with one key", applies: true, deny: `{{"key": {}, "evidence": {"a": 1}}, {"key": {}, "evidence": {"a": 2}}}`, want: finding.Unknown},
		{name: "unknown severity", applies: true, deny: `{{"key": {}, "evidence": {}, "severity": "awful"}}`, want: finding.Unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			control := &boundControl{Control: &Control{Requires: []string{owners}, Absence: test.absence, message: newMessage("x")}, severity: finding.High}
			result := answer{err: test.err}
			if test.applies {
				pair := "[" + cmp.Or(test.deny, "set()") + ", " + cmp.Or(test.unknown, "set()") + "]"
				result = readAnswer(control, ast.MustParseTerm(pair).Value)
			}
			got := decide(control, test.ready, test.gaps, result)
			if got.outcome != test.want {
				t.Errorf("got %s %v, want %s", got.outcome, got.reasons, test.want)
			}
			if got.outcome == finding.Unknown && len(got.reasons) == 0 {
				t.Error("unknown without a reason")
			}
		})
	}
}

func TestMessage(t *testing.T) {
	m := newMessage("{subject} holds {key.permission} for {evidence.days} days, by {evidence.who.upn} and {evidence.list}")
	f := failure{parts: m.parts(map[string]any{"permission": "X"}, map[string]any{"days": 3, "list": []any{"a", "b"}})}
	got := f.message(finding.Subject{ID: "1", Name: "App"})
	if want := "App holds X for 3 days, by (not known) and a, b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if bad := badPlaceholder("{subject} {evidnece.x}"); bad != "{evidnece.x}" {
		t.Errorf("got %q", bad)
	}
}
