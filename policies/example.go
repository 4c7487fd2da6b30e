package policies

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"

	"leastwise/policies/finding"
)

// Example is a finding of a control, made from a failing case of its tests.
type Example struct {
	Case          string // its name
	Message       string
	Key, Evidence json.RawMessage
	Severity      finding.Severity
}

// exampleAsOf is the instant at which examples are judged; it only has to be always the same.
func exampleAsOf() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }

// Examples makes an example of each control whose test package has a rule "cases" with a failing case: the first one
// by name. A control without is left out. own leaves out the built-in controls.
func (l *Library) Examples(ctx context.Context, own bool) (map[string]Example, error) {
	modules, err := l.withTests(TestOptions{Own: own}.about)
	if err != nil {
		return nil, err
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities())
	if compiler.Compile(modules); compiler.Failed() {
		return nil, regoError("policies", compiler.Errors, "`leastwise policies test` runs the tests")
	}
	examples := map[string]Example{}
	config := inmem.NewFromObject(map[string]any{"config": Config(DefaultThresholds(), DefaultChoices(), Declared{})})
	for _, control := range l.Controls {
		if own && control.BuiltIn() || compiler.GetRulesExact(ast.MustParseRef(control.pkg+"_test.cases")) == nil {
			continue
		}
		run := func(query string, input ast.Value) (ast.Value, error) {
			return evalOnce(ctx, compiler, config, query, input)
		}
		example, err := exampleOf(control, run)
		if err != nil {
			return nil, fmt.Errorf("example of %s: %w", control.ID, err)
		}
		if example != nil {
			examples[control.ID] = *example
		}
	}
	return examples, nil
}

// evalOnce evaluates a query by itself; nil when it is undefined.
func evalOnce(ctx context.Context, compiler *ast.Compiler, store storage.Store, query string, input ast.Value) (ast.Value, error) {
	prepared, err := rego.New(
		rego.Compiler(compiler), rego.Store(store), rego.Query(query), rego.StrictBuiltinErrors(true), rego.GenerateJSON(keepTerm),
	).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	cancel := topdown.NewCancel()
	defer time.AfterFunc(DefaultTimeout, cancel.Cancel).Stop()
	results, err := prepared.Eval(ctx, rego.EvalParsedInput(input), rego.EvalTime(exampleAsOf()), rego.EvalExternalCancel(cancel))
	if err != nil || len(results) == 0 {
		return nil, err
	}
	value, _ := results[0].Expressions[0].Value.(ast.Value)
	return value, nil
}

// exampleOf judges the failing cases of a control in order, up to the first that fails.
func exampleOf(control *Control, run func(query string, input ast.Value) (ast.Value, error)) (*Example, error) {
	cases, err := run(control.pkg+"_test.cases", nil)
	if err != nil {
		return nil, err
	}
	for _, failing := range failingCases(cases) {
		input := get(failing, "input")
		value, err := run(control.pkg+".deny", input)
		if err != nil {
			return nil, err
		}
		deny, ok := value.(ast.Set)
		if !ok || deny.Len() == 0 {
			continue // it takes a configuration of its own
		}
		bound := &boundControl{Control: control, severity: control.Severity}
		fails, err := failures(bound, deny)
		if err != nil {
			return nil, err
		}
		f := fails[0]
		who := finding.Subject{Kind: string(control.Subject), ID: textOf(input, "id"), Name: textOf(input, "display_name")}
		if who.Name == "" {
			who.Name = textOf(input, "name")
		}
		return &Example{textOf(failing, "name"), f.message(who), f.key, f.evidence, f.severity}, nil
	}
	return nil, nil
}

func failingCases(cases ast.Value) []ast.Object {
	set, ok := cases.(ast.Set)
	if !ok {
		return nil
	}
	var failing []ast.Object
	for _, term := range set.Slice() {
		if c, ok := term.Value.(ast.Object); ok && textOf(c, "outcome") == string(finding.Fail) {
			failing = append(failing, c)
		}
	}
	slices.SortFunc(failing, func(a, b ast.Object) int { return strings.Compare(textOf(a, "name"), textOf(b, "name")) })
	return failing
}

func textOf(value ast.Value, name string) string {
	object, ok := value.(ast.Object)
	if !ok {
		return ""
	}
	text, _ := get(object, name).(ast.String)
	return string(text)
}

// Doubts lists for what reasons of its own, besides datasets that were not read, a control says unknown: the texts
// that its rule "unknown" holds. What it computes is left out.
func (l *Library) Doubts(control *Control) []string {
	var doubts []string
	for _, rule := range l.modules[control.File].Rules {
		if rule.Head.Ref()[0].Value.String() != "unknown" || rule.Head.Key == nil {
			continue
		}
		if text, ok := rule.Head.Key.Value.(ast.String); ok && !slices.Contains(doubts, string(text)) {
			doubts = append(doubts, string(text))
		}
	}
	return doubts
}
