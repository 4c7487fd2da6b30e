package waiver

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leastwise/policies/finding"
)

// A report that was altered so that it comes to less is not believed.
func TestAlteredReportsAreRefused(t *testing.T) {
	hit, other := f{control: "ENTRA-001", app: "a", key: `{}`}, f{control: "ENTRA-001", app: "b", key: `{}`}
	third := f{control: "ENTRA-002", app: "c", key: `{}`}
	before, w := run(t, other)
	baseline := earlierOf(t, before, w)
	r, w := run(t, hit, other, third)
	if err := Apply(r, w, Options{Waivers: waivers(t, entry(hit, "id=W")), Baseline: baseline, Known: known}); err != nil {
		t.Fatal(err)
	}
	d := document(t, r, w)
	same(t, said(t, d), "ENTRA-001 a fail waived by W", "ENTRA-001 b fail known", "ENTRA-002 c fail")
	text, err := os.ReadFile(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	findings := func(r object) []any { return r["findings"].([]any) }
	totals := func(r object) object { return r["totals"].(object) }
	counting := func(r object) object {
		return findings(r)[slices.IndexFunc(findings(r), func(f any) bool { return f.(object)["control"] == "ENTRA-002" })].(object)
	}
	waived := func(r object) object {
		return findings(r)[slices.IndexFunc(findings(r), func(f any) bool { return f.(object)["waiver"] != nil })].(object)["waiver"].(object)
	}
	for name, alter := range map[string]func(r object){
		"findings gone": func(r object) {
			r["findings"], totals(r)["failed"], totals(r)["waived"], totals(r)["known"] = []any{}, object{}, 0, 0
		},
		"for people to judge": func(r object) { counting(r)["outcome"], totals(r)["failed"] = "manual", object{} },
		"unknown": func(r object) {
			counting(r)["outcome"], totals(r)["failed"], totals(r)["unknown"] = "unknown", object{}, object{"high": 1}
		},
		"waived, and no such waiver": func(r object) {
			counting(r)["waiver"] = object{"id": "", "reason": "", "requester": "", "approver": "", "expires": ""}
			totals(r)["failed"], totals(r)["waived"] = object{}, 2
		},
		"waived by one of another control": func(r object) {
			counting(r)["waiver"], totals(r)["failed"], totals(r)["waived"] = waived(r), object{}, 2
		},
		"no waivers":     func(r object) { delete(r, "waivers") },
		"not applied":    func(r object) { r["waivers"].([]any)[0].(object)["status"] = "self_approved" },
		"another reason": func(r object) { waived(r)["reason"] = "y" },
		"prolonged":      func(r object) { waived(r)["expires"] = "2030-01-01T00:00:00Z" },
		"expired": func(r object) {
			waived(r)["expires"], r["waivers"].([]any)[0].(object)["expires"] = "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"
		},
		"known":                 func(r object) { counting(r)["known"], totals(r)["failed"], totals(r)["known"] = true, object{}, 2 },
		"no baseline":           func(r object) { delete(r, "baseline") },
		"a control is gone":     func(r object) { r["controls"] = r["controls"].([]any)[1:] },
		"a control that counts": func(r object) { r["controls"].([]any)[0].(object)["counts"].(object)["fail"] = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			var altered object
			if err := json.Unmarshal(text, &altered); err != nil {
				t.Fatal(err)
			}
			alter(altered)
			if err := reread(t, altered); err == nil || !strings.Contains(err.Error(), "altered") {
				t.Errorf("got %v, want it refused", err)
			}
		})
	}
	var whole object
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	if err := reread(t, whole); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

func reread(t *testing.T, report map[string]any) error {
	t.Helper()
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "altered.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := finding.OpenDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	return d.Recount()
}
