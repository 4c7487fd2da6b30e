package policies

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"leastwise/policies/subject"
)

// oddControl is a control in Rego that is hard to follow, but legal.
const oddControl = `# METADATA
# title: odd
# scope: package
# custom:
#   id: CUSTOM-001
#   severity: low
#   subject: application
#   requires: [applications]
#   message: "{subject}"
package custom.odd

BODY
`

func oddBodies() map[string]string {
	return map[string]string{
		"filter in evidence":    `deny contains {"key": {}, "evidence": object.filter(input, ["credentials"])} if input.origin`,
		"object comprehension":  `deny contains {"key": {}, "evidence": {"at": m["g"][0].granted_at}} if m := {k: v | some k in ["g"]; v := input.grants}`,
		"comprehension of rows": `deny contains {"key": {}, "evidence": {"x": m[0].granted_at}} if m := {k: r | some k, r in input.grants}`,
		"the whole input":       `deny contains {"key": {}, "evidence": {"n": count(json.marshal(input))}}`,
		"walk":                  `deny contains {"key": {}, "evidence": {"n": count([1 | walk(input, [_, v]); is_string(v)])}}`,
		"dynamic names":         `deny contains {"key": {}, "evidence": {"v": [v | some k, v in input; k == "display_name"]}}`,
		"through a function":    "f(x) := x.grants\n\ndeny contains {\"key\": {}, \"evidence\": {\"v\": f(input)}}",
		"a pattern argument":    "f([a, _]) := a.created_at\n\ndeny contains {\"key\": {}, \"evidence\": {\"v\": f([input, 1])}}",
		"under with":            "name := input.display_name\n\ndeny contains {\"key\": {}, \"evidence\": {\"v\": n}} if n := name with input as {\"display_name\": input.created_at}",
		"rows compared":         `deny contains {"key": {}, "evidence": {"n": n}} if n := count([1 | some a in input.grants; some b in input.grants; a == b])`,
		"a map of rows":         "by[g.key] := g if some g in input.grants\n\ndeny contains {\"key\": {}, \"evidence\": {\"v\": [g.granted_at | some g in by]}}",
		"a map of sets":         "by[g.kind] contains g if some g in input.grants\n\ndeny contains {\"key\": {}, \"evidence\": {\"v\": [g.users | some s in by; some g in s]}}",
		"names in parts":        "p.q := input.display_name\n\ndeny contains {\"key\": {}, \"evidence\": {\"v\": data.custom.odd.p}}",
		"object.get of a path":  `deny contains {"key": {}, "evidence": {"v": object.get(input, ["grants", 0, "granted_at"], "")}}`,
		"a sum type":            `deny contains {"key": {}, "evidence": {"v": v}} if { v := [x.permission | some l in ["requests", "grants"]; some x in input[l]] }`,
		"else":                  "f(x) := x.ends if {\n\tx.days_left < 0\n} else := x.name\n\ndeny contains {\"key\": {}, \"evidence\": {\"v\": [f(c) | some c in input.credentials]}}",
		"taken apart":           "deny contains {\"key\": {}, \"evidence\": {\"v\": a}} if {\n\t[a, _] := max([[c.starts, c] | some c in input.credentials])\n}",
	}
}

// Whatever way a control takes to a fact, the fact is known to be read.
func TestReadsOfOddControls(t *testing.T) {
	for name, body := range oddBodies() {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			text := strings.Replace(oddControl, "BODY", body, 1)
			if err := os.WriteFile(filepath.Join(folder, "odd.rego"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			lib, err := Load(LoadOptions{Folders: []string{folder}})
			if err != nil {
				t.Fatal(err)
			}
			e := newEngine(t, lib, Options{Only: []string{"CUSTOM-001"}})
			control := e.kinds[subject.KindApplication].controls[0]
			v, err := e.evaluator(t.Context(), newMemo())
			if err != nil {
				t.Fatal(err)
			}
			defer v.close(t.Context())
			failed := 0
			eachDocument(t, func(d subject.Document) {
				if d.Kind != subject.KindApplication {
					return
				}
				other := cloneDocument(t, d.Value)
				perturb(reflect.ValueOf(other).Elem(), control.fields)
				results := make([]string, 2)
				for i, document := range []any{d.Value, other} {
					input, err := e.encoder.value(document, nil)
					if err != nil {
						t.Fatal(err)
					}
					a := v.judgeAlone(t.Context(), control, input)
					failed += len(a.fails)
					results[i] = said(a)
				}
				if results[0] != results[1] {
					t.Errorf("%s: reads more than is known:\n%s\n%s", d.ID, results[0], results[1])
				}
			})
			if failed == 0 {
				t.Error("the control never failed: the test shows nothing")
			}
		})
	}
}
