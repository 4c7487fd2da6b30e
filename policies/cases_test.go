package policies

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

func testAsOf() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }

func loadBuiltIn(t testing.TB) *Library {
	t.Helper()
	lib, err := Load(LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func newEngine(t testing.TB, lib *Library, options Options) *Engine {
	t.Helper()
	options.AsOf = testAsOf()
	e, err := lib.Engine(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// regoCase is one element of a control's "cases": a whole subject and what the
// control must say of it.
type regoCase struct {
	Name    string           `json:"name"`
	Outcome finding.Outcome  `json:"outcome"`
	Input   json.RawMessage  `json:"input"`
	Keys    []map[string]any `json:"keys"`
}

// testFacts compiles the library with its tests, once, and returns what reads "cases" and
// "knockout" from a control's test package.
func testFacts(t *testing.T, lib *Library) func(*Control) (cases []regoCase, knockout map[string]string) {
	t.Helper()
	modules, err := lib.withTests(TestOptions{}.about)
	if err != nil {
		t.Fatal(err)
	}
	compiler := ast.NewCompiler()
	compiler.Compile(modules)
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	query := func(ref string, into any) bool {
		results, err := rego.New(rego.Compiler(compiler), rego.Query("x := "+ref)).Eval(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(results) == 0 {
			return false
		}
		data, err := json.Marshal(results[0].Bindings["x"])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatal(err)
		}
		return true
	}
	return func(control *Control) (cases []regoCase, knockout map[string]string) {
		if !query(control.pkg+"_test.cases", &cases) {
			t.Fatalf("%s has no cases", control.ID)
		}
		query(control.pkg+"_test.knockout", &knockout)
		return cases, knockout
	}
}

// judgeInput runs one control on one document through the engine's own order of
// decisions, with every dataset collected: together with all controls of its kind, or
// alone, which is the same and takes a fraction of the time.
func judgeInput(t *testing.T, e *Engine, id string, input ast.Value, alone bool) verdict {
	t.Helper()
	v, err := e.evaluator(t.Context(), newMemo())
	if err != nil {
		t.Fatal(err)
	}
	defer v.close(context.Background())
	for _, query := range e.kinds {
		i := slices.IndexFunc(query.controls, func(c *boundControl) bool { return c.ID == id })
		if i < 0 {
			continue
		}
		results := make([]answer, len(query.controls))
		if alone {
			results[i] = v.judgeAlone(t.Context(), query.controls[i], input)
		} else {
			all := make([]int, len(results))
			for n := range all {
				all[n] = n
			}
			fresh := func() (ast.Value, error) { return input.(ast.Object).Copy(), nil }
			if err := v.ask(t.Context(), query, fresh, all, results); err != nil {
				t.Fatal(err)
			}
		}
		return decide(query.controls[i], readiness{}, incompleteOf(t, input), results[i])
	}
	t.Fatalf("no control %s", id)
	return verdict{}
}

func incompleteOf(t *testing.T, input ast.Value) []subject.Gap {
	t.Helper()
	value, err := ast.JSON(input)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := value.(map[string]any)["incomplete"].([]any)
	var gaps []subject.Gap
	for _, element := range list {
		members, _ := element.(map[string]any)
		gap := subject.Gap{}
		gap.Dataset, _ = members["dataset"].(string)
		gap.Field, _ = members["field"].(string)
		gaps = append(gaps, gap)
	}
	return gaps
}

func parseInput(t *testing.T, data []byte) ast.Value {
	t.Helper()
	value, err := ast.ValueFromReader(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Every case of every control comes to the outcome and the keys it states, through
// the same engine that audits tenants.
func TestCases(t *testing.T) {
	lib := loadBuiltIn(t)
	engineOf := caseEngines(t, lib)
	factsOf := testFacts(t, lib)
	for _, control := range lib.Controls {
		cases, _ := factsOf(control)
		met := map[finding.Outcome]bool{}
		for _, c := range cases {
			met[c.Outcome] = true
			t.Run(control.ID+"/"+c.Name, func(t *testing.T) {
				got := judgeInput(t, engineOf(control.ID), control.ID, parseInput(t, c.Input), false)
				if got.outcome != c.Outcome {
					t.Fatalf("got %s %v, want %s", got.outcome, got.reasons, c.Outcome)
				}
				if want, have := canonicalKeys(t, c.Keys), failKeys(got); !slices.Equal(want, have) {
					t.Errorf("got keys %v, want %v", have, want)
				}
			})
		}
		for _, outcome := range []finding.Outcome{finding.Pass, finding.Fail, finding.Unknown} {
			if !met[outcome] {
				t.Errorf("%s has no case for %s", control.ID, outcome)
			}
		}
		if control.hasApplies && !met[finding.NotApplicable] {
			t.Errorf("%s has no case for %s", control.ID, finding.NotApplicable)
		}
	}
}

func canonicalKeys(t *testing.T, keys []map[string]any) []string {
	t.Helper()
	var out []string
	for _, key := range keys {
		data, err := encodeJSON(key)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(data))
	}
	slices.Sort(out)
	return out
}

func failKeys(v verdict) []string {
	var out []string
	for _, f := range v.fails {
		out = append(out, string(f.key))
	}
	slices.Sort(out)
	return out
}

// Whatever fact of a failing case is lost, the outcome never becomes a pass or "not
// applicable", unless the control's test names the path and says why.
func TestKnockOut(t *testing.T) {
	if raceDetector {
		t.Skip("thousands of evaluations, one after the other: minutes under the race detector, with nothing to race")
	}
	lib := loadBuiltIn(t)
	engineOf := caseEngines(t, lib)
	factsOf := testFacts(t, lib)
	for _, control := range lib.Controls {
		cases, allowed := factsOf(control)
		for _, c := range cases {
			if c.Outcome != finding.Fail {
				continue
			}
			t.Run(control.ID+"/"+c.Name, func(t *testing.T) {
				for path, variant := range knockOuts(t, c.Input) {
					got := judgeInput(t, engineOf(control.ID), control.ID, variant, true)
					if got.outcome == finding.Fail || got.outcome == finding.Unknown || exempt(allowed, path) {
						continue
					}
					t.Errorf("without %s: %s, want fail or unknown", path, got.outcome)
				}
			})
		}
	}
}

func exempt(allowed map[string]string, path string) bool {
	path = path[:strings.LastIndex(path, " ")]
	for pattern, why := range allowed {
		if matches(strings.Split(pattern, "/"), strings.Split(path, "/")) && why != "" {
			return true
		}
	}
	return false
}

func matches(pattern, path []string) bool {
	return slices.EqualFunc(pattern, path, func(p, s string) bool { return p == "*" || p == s })
}

// knockOuts makes one variant of a document per object member, removed and nulled,
// at every depth.
func knockOuts(t *testing.T, data []byte) map[string]ast.Value {
	t.Helper()
	variants := map[string]ast.Value{}
	var root any
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	keep := func(path string) {
		value, err := ast.InterfaceToValue(root)
		if err != nil {
			t.Fatal(err)
		}
		variants[path] = value
	}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for _, name := range sortedKeys(v) {
				member := v[name]
				delete(v, name)
				keep(path + "/" + name + " removed")
				v[name] = nil
				keep(path + "/" + name + " nulled")
				v[name] = member
				walk(path+"/"+name, member)
			}
		case []any:
			for i, element := range v {
				walk(fmt.Sprintf("%s/%d", path, i), element)
			}
		}
	}
	walk("", root)
	return variants
}
