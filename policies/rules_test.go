package policies

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"leastwise/policies/finding"
)

// ruleControls are the controls of the eight rules by which Data Connect judges a run.
func ruleControls() map[string]string {
	return map[string]string{
		"app": "DC-101", "state": "DC-102", "app_tenant": "DC-103", "dataset": "DC-104", "columns": "DC-105",
		"destination_tenant": "DC-106", "destination": "DC-107", "scope": "DC-108",
	}
}

// A rule that is broken and of which its control finds nothing would be a pass; what is
// found and not broken would be made up. That holds for every case of the eight controls,
// and for one failing case of each with any fact lost.
func TestBrokenRulesAreFound(t *testing.T) {
	lib := loadBuiltIn(t)
	factsOf := testFacts(t, lib)
	agree := ruleQuery(t, lib)
	for rule, id := range ruleControls() {
		control := lib.Controls[slices.IndexFunc(lib.Controls, func(c *Control) bool { return c.ID == id })]
		cases, _ := factsOf(control)
		knocked := false
		for _, c := range cases {
			broken := agree(id+"/"+c.Name, parseInput(t, c.Input))
			if c.Outcome == finding.Fail && !broken[rule] {
				t.Errorf("%s/%s: rule %s is not broken, but %v", id, c.Name, rule, broken)
			}
			if c.Outcome != finding.Fail || knocked {
				continue
			}
			knocked = true
			for path, variant := range knockOuts(t, c.Input) {
				agree(fmt.Sprintf("%s/%s without %s", id, c.Name, path), variant)
			}
		}
		if !knocked {
			t.Errorf("%s has no failing case", id)
		}
	}
}

// ruleQuery returns what holds the broken rules of an input against the findings of the
// eight controls.
func ruleQuery(t *testing.T, lib *Library) func(name string, input ast.Value) map[string]bool {
	t.Helper()
	var counts []string
	for rule, id := range ruleControls() {
		i := slices.IndexFunc(lib.Controls, func(c *Control) bool { return c.ID == id })
		counts = append(counts, fmt.Sprintf("%q: count(%s.deny)", rule, lib.Controls[i].pkg))
	}
	compiler := ast.NewCompiler()
	compiler.Compile(lib.Modules())
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	text := "broken := data.policies.lib.requests.broken; found := {" + strings.Join(counts, ", ") + "}"
	query, err := rego.New(rego.Compiler(compiler), rego.Query(text)).PrepareForEval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func(name string, input ast.Value) map[string]bool {
		results, err := query.Eval(t.Context(), rego.EvalParsedInput(input))
		if err != nil || len(results) != 1 {
			t.Fatalf("%s: %d results, %v", name, len(results), err)
		}
		var judged struct {
			Broken []string
			Found  map[string]int
		}
		data, err := json.Marshal(results[0].Bindings)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &judged); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(judged.Found, func(_ string, n int) bool { return n == 0 })
		broken := map[string]bool{}
		for _, rule := range judged.Broken {
			broken[rule] = true
		}
		if found := sortedKeys(judged.Found); !slices.Equal(found, sortedKeys(broken)) {
			t.Errorf("%s: %v are broken, and findings are of %v", name, sortedKeys(broken), found)
		}
		return broken
	}
}
