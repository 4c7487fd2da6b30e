package policies

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// TestOptions say which Rego tests to run.
type TestOptions struct {
	Name string // only packages whose name contains it; "" for all
	Own  bool   // only tests of LoadOptions.Folders
	// Cover asks how much of each control the tests reach. It takes about twice the time.
	Cover bool
}

// about reports whether the tests of a package are to be run.
func (o TestOptions) about(pkg string) bool {
	return strings.Contains(pkg, o.Name) && (!o.Own || strings.HasPrefix(pkg, customRoot+"."))
}

// TestRun is what became of Rego tests.
type TestRun struct {
	Tests []TestResult // sorted by package and name
	// Coverage of the controls and libraries that the tests are about, by file; nil unless asked for.
	Coverage []FileCoverage
}

// TestResult is the result of one Rego test.
type TestResult struct {
	Package, Name string
	File          string
	Line          int
	Failed        bool
	Error         string // when the test could not run
}

// Test runs Rego tests. That there is none to run is an error.
func (l *Library) Test(ctx context.Context, options TestOptions) (*TestRun, error) {
	modules, err := l.withTests(options.about)
	if err != nil {
		return nil, err
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities()).WithEnablePrintStatements(true)
	runner := tester.NewRunner().
		SetCompiler(compiler).
		SetModules(modules).
		SetTimeout(DefaultTimeout).
		SetStore(inmem.NewFromObject(map[string]any{"config": Config(DefaultThresholds(), DefaultChoices(), Declared{})})).
		RaiseBuiltinErrors(true)
	var tracer *cover.Cover
	if options.Cover {
		tracer = cover.New()
		runner = runner.SetCoverageQueryTracer(tracer)
	}
	results, err := runner.RunTests(ctx, nil)
	if err != nil {
		return nil, regoError("policies", err, "opa check shows the same fault with more context")
	}
	run := &TestRun{}
	for r := range results {
		pkg := strings.TrimPrefix(r.Package, "data.")
		if !options.about(pkg) || r.Skip {
			continue
		}
		run.Tests = append(run.Tests, newTestResults(pkg, r, modules)...)
	}
	slices.SortFunc(run.Tests, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Name, b.Name))
	})
	if len(run.Tests) == 0 {
		return nil, &LoadError{cmp.Or(options.Name, "policies"), 0, "no test found", "tests are rules named test_… in files named *_test.rego"}
	}
	if tracer != nil {
		run.Coverage = l.coverage(tracer, modules, options)
	}
	return run, nil
}

// newTestResults is the result of one test, or of each case of a test with cases (test_x[name] if …).
func newTestResults(pkg string, r *tester.Result, modules map[string]*ast.Module) []TestResult {
	result := TestResult{Package: pkg, Name: r.Name, Failed: !r.Pass()}
	if r.Location != nil {
		result.File, result.Line = r.Location.File, r.Location.Row
	}
	if r.Error != nil {
		result.Error = oneLine(r.Error)
		return []TestResult{result}
	}
	var cases []TestResult
	for path, sub := range r.SubResults.Iter {
		if len(sub.SubResults) > 0 {
			continue
		}
		one := result
		one.Name, one.Failed = r.Name+"/"+strings.Join(path, "/"), sub.Fail
		if line := lineOfText(modules[result.File], path[len(path)-1]); line > 0 {
			one.Line = line
		}
		cases = append(cases, one)
	}
	if len(cases) == 0 || result.Failed && !slices.ContainsFunc(cases, func(c TestResult) bool { return c.Failed }) {
		return append(cases, result)
	}
	return cases
}

// lineOfText finds where a module first holds a text, such as the name of a case; 0 when it holds it nowhere.
func lineOfText(module *ast.Module, text string) int {
	line := 0
	if module == nil {
		return 0
	}
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if value, ok := term.Value.(ast.String); ok && line == 0 && string(value) == text && term.Location != nil {
			line = term.Location.Row
		}
		return line > 0
	})
	return line
}

// withTests copies the modules of packages, tests among them, and all that they use.
func (l *Library) withTests(about func(pkg string) bool) (map[string]*ast.Module, error) {
	modules := maps.Clone(l.modules)
	maps.Copy(modules, l.ownTests)
	for _, file := range l.tests {
		module, err := parseFile(file)
		if err != nil {
			return nil, err
		}
		modules[file.name] = module
	}
	used := map[string]bool{}
	for file, module := range modules {
		if about(packageName(module)) {
			reach(modules, file, used)
		}
	}
	copies := make(map[string]*ast.Module, len(used))
	for file := range used {
		copies[file] = modules[file].Copy()
	}
	return copies, nil
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
