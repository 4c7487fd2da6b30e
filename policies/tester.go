package policies

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// TestResult is the result of one Rego test.
type TestResult struct {
	Package, Name string
	File          string
	Line          int
	Failed        bool
	Error         string // when the test could not run
}

// Test runs the Rego tests of the library: those of every loaded module, or of
// packages that contain only, when that is not empty.
func (l *Library) Test(ctx context.Context, only string) ([]TestResult, error) {
	modules := make(map[string]*ast.Module, len(l.testable))
	for file, module := range l.testable {
		modules[file] = module.Copy()
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities()).WithEnablePrintStatements(true)
	runner := tester.NewRunner().
		SetCompiler(compiler).
		SetModules(modules).
		SetStore(inmem.NewFromObject(map[string]any{"config": Config(DefaultThresholds(), Declared{})})).
		RaiseBuiltinErrors(true)
	results, err := runner.RunTests(ctx, nil)
	if err != nil {
		return nil, regoError("policies", err, "opa check shows the same fault with more context")
	}
	var out []TestResult
	for r := range results {
		pkg := strings.TrimPrefix(r.Package, "data.")
		if !strings.Contains(pkg, only) || r.Skip {
			continue
		}
		result := TestResult{Package: pkg, Name: r.Name, Failed: !r.Pass()}
		if r.Location != nil {
			result.File, result.Line = r.Location.File, r.Location.Row
		}
		if r.Error != nil {
			result.Error = oneLine(r.Error)
		}
		out = append(out, result)
	}
	slices.SortFunc(out, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Name, b.Name))
	})
	if len(out) == 0 {
		return nil, &LoadError{cmp.Or(only, "policies"), 0, "no test found", "tests are rules named test_… in files named *_test.rego"}
	}
	return out, nil
}

// String is how a result is shown: where, what, and how it went.
func (r TestResult) String() string {
	verdict := "PASS"
	if r.Failed {
		verdict = "FAIL"
	}
	text := fmt.Sprintf("%s  %s.%s", verdict, r.Package, r.Name)
	if r.Failed {
		text += fmt.Sprintf("  %s:%d", r.File, r.Line)
	}
	if r.Error != "" {
		text += "  " + r.Error
	}
	return text
}
