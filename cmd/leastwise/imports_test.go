package main_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module     = "leastwise"
	moduleRoot = "../.."
)

// A place is a package's place in the line source → snapshot → subjects → findings → report: what it may import, and why
// nothing else. Paths match exactly, or with everything below them when they end in "/...".
type place struct {
	path  string   // packages in this place
	may   []string // what they may import besides the standard library; "..." means anything
	std   []string // when set, all they may import of the standard library
	never []string // what they may not depend on, not even through others
	not   []string // what they may not import themselves, although it is in the standard library
	why   string
}

// places in order of precedence: the first that matches a package counts. depguard says the same in .golangci.yaml.
var places = []place{
	{
		path: "leastwise/collector/snapshot/...",
		why:  "a leaf: every stage builds on the snapshot, so it builds on the standard library alone",
	},
	{
		path: "leastwise/collector/saved",
		why:  "a leaf: it reads what was saved, whatever it is of; which dataset that is, sources decide",
	},
	{
		path: "leastwise/policies/finding/...",
		why:  "a leaf: every stage after evaluation builds on findings, so they build on the standard library alone",
	},
	{
		path:  "leastwise/collector",
		may:   []string{"leastwise/collector/snapshot", "golang.org/x/sync/..."},
		never: []string{opa, cobra},
		why:   "collect runs whatever sources it is given; it knows no policy, no report, and no particular source",
	},
	{
		path: "leastwise/collector/...",
		may: []string{
			"leastwise/collector", "leastwise/collector/snapshot", "leastwise/collector/saved", "leastwise/collector/identity",
			"leastwise/collector/graphapi",
			"github.com/Azure/azure-sdk-for-go/sdk/azcore/...", "github.com/Azure/azure-sdk-for-go/sdk/azidentity/...",
			"github.com/golang-jwt/jwt/v5/...", "golang.org/x/sync/...", "golang.org/x/time/rate", "gopkg.in/yaml.v3",
			"software.sslmate.com/src/go-pkcs12",
		},
		never: []string{opa, cobra},
		why:   "a source turns answers into a snapshot; it knows no other source, no policy, and no report",
	},
	{
		path: "leastwise/policies/subject/...",
		may: []string{
			"leastwise/collector/snapshot", "leastwise/policies/subject/...", "leastwise/policies/finding", "leastwise/policies/catalog",
			"leastwise/policies/least", "golang.org/x/sync/...",
		},
		never: []string{opa, cobra, "net/http"},
		why:   "the join turns rows into documents; it works without Rego, without a network, and without a report",
	},
	{
		path:  "leastwise/policies/least",
		may:   []string{"leastwise/policies/catalog"},
		never: []string{opa, cobra, "net/http"},
		why:   "the smallest set is a pure function of operations and what the catalogue knows of them",
	},
	{
		path:  "leastwise/policies/catalog/...",
		may:   []string{"leastwise/policies/finding", "gopkg.in/yaml.v3"},
		never: []string{opa, cobra, "net/http"},
		why:   "what is known of permissions is data; looking it up needs neither Rego nor a tenant",
	},
	{
		path:  "leastwise/policies/waiver",
		may:   []string{"leastwise/policies/finding", "golang.org/x/net/idna", "golang.org/x/text/unicode/norm", "gopkg.in/yaml.v3"},
		never: []string{opa, cobra, "net/http"},
		why:   "which findings count is told by the findings, by earlier ones, and by a file of waivers",
	},
	{
		path: "leastwise/policies/...",
		may: []string{
			"leastwise/collector/snapshot", "leastwise/policies/...",
			"github.com/open-policy-agent/opa/...", "github.com/google/jsonschema-go/...", "golang.org/x/sync/...", "gopkg.in/yaml.v3",
		},
		never: []string{cobra},
		not:   []string{"net/http"}, // OPA depends on it; its capabilities keep policies from using it
		why:   "policies judge a snapshot; they never ask a source for more, and never draw",
	},
	{
		path:  "leastwise/reports/diff/...",
		may:   []string{"leastwise/collector/snapshot", "leastwise/policies/finding"},
		never: []string{opa, cobra, "net/http"},
		why:   "a diff compares two snapshots or two reports; it judges nothing",
	},
	{
		path:  "leastwise/reports/evidence/...",
		may:   []string{"leastwise/collector/snapshot", "leastwise/policies/finding", "github.com/golang-jwt/jwt/v5/..."},
		never: []string{opa, cobra, "net/http"},
		why:   "evidence must be verifiable without the machinery that produced it",
	},
	{
		path:  "leastwise/reports/...",
		may:   []string{"leastwise/policies/finding", "github.com/xuri/excelize/v2/...", "github.com/clipperhouse/displaywidth/..."},
		never: []string{opa, cobra, "leastwise/collector/snapshot"},
		not:   []string{"net/http"},
		why:   "writers draw findings and nothing else: a report can be rewritten from its JSON, without policies or a snapshot",
	},
	{
		path: "leastwise/fixtures",
		std:  []string{"embed", "io/fs"},
		why:  "fixtures are frozen data; code that reads them lives elsewhere",
	},
	{
		path:  "leastwise/fixtures/simulator/...",
		may:   []string{"leastwise/fixtures", "leastwise/fixtures/simulator/...", "github.com/golang-jwt/jwt/v5/..."},
		never: []string{opa, cobra},
		why:   "the simulator must not share the mistakes of what it tests",
	},
	{path: "leastwise/fixtures/bench/...", may: []string{"..."}, why: "the benchmark runs everything"},
	{
		path: "leastwise/fixtures/mutate",
		may:  []string{"leastwise/policies/...", "github.com/open-policy-agent/opa/...", "golang.org/x/sync/...", "gopkg.in/yaml.v3"},
		why:  "mutants of the controls are judged by the controls' own tests, and by nothing else",
	},
	{
		path: "leastwise/fixtures/conformance",
		may: []string{
			"leastwise/collector", "leastwise/collector/dataconnect", "leastwise/collector/folder", "leastwise/collector/manifest",
			"leastwise/collector/saved", "leastwise/collector/snapshot",
		},
		never: []string{opa, cobra},
		why:   "conformance reads samples with the collector's own readers, and judges nothing",
	},
	{
		path:  "leastwise/fixtures/truth",
		may:   []string{"leastwise/collector/snapshot"},
		never: []string{opa, cobra},
		why:   "what was collected is held against what the simulator knows, by somebody who is neither",
	},
	{path: "leastwise/cmd/...", may: []string{"..."}, why: "the command line puts everything together"},
}

const (
	opa   = "github.com/open-policy-agent/opa/..."
	cobra = "github.com/spf13/cobra/..."
)

// programs are imported by nobody, and may exit, look at the clock, and print.
var programs = []string{
	"leastwise/cmd/...", "leastwise/fixtures/bench/...", "leastwise/fixtures/conformance", "leastwise/fixtures/mutate",
	"leastwise/fixtures/simulator/serve/...",
}

// modules that go.mod may require directly, and what for. A new one needs a reason here.
var modules = map[string]string{
	"github.com/Azure/azure-sdk-for-go/sdk/azcore":     "HTTP pipeline, retries, paging",
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity": "credentials",
	"github.com/chromedp/cdproto":                      "tests: what Chromium is told",
	"github.com/chromedp/chromedp":                     "tests: the HTML report in Chromium",
	"github.com/clipperhouse/displaywidth":             "how wide a name is in a terminal: Japanese and emoji",
	"github.com/golang-jwt/jwt/v5":                     "tokens, assertions, signatures",
	"github.com/google/go-cmp":                         "tests: differences",
	"github.com/google/jsonschema-go":                  "JSON Schemas of subjects, from their Go types",
	"github.com/joshdk/go-junit":                       "tests: a second opinion on JUnit XML",
	"github.com/open-policy-agent/opa":                 "policies",
	"github.com/owenrumney/go-sarif/v3":                "tests: a second opinion on SARIF",
	"github.com/rogpeppe/go-internal":                  "tests: command-line scripts",
	"github.com/santhosh-tekuri/jsonschema/v6":         "tests: reports against published schemas",
	"github.com/spf13/cobra":                           "command line",
	"github.com/spf13/pflag":                           "command line: cobra's flags",
	"github.com/xuri/excelize/v2":                      "Excel",
	"github.com/yuin/goldmark":                         "tests: a second opinion on Markdown",
	"golang.org/x/net":                                 "domains in Punycode; tests: a parser of HTML",
	"golang.org/x/sync":                                "bounded groups of goroutines",
	"golang.org/x/text":                                "names that look alike: Unicode normal forms",
	"golang.org/x/time":                                "client-side budgets as token buckets",
	"golang.org/x/term":                                "is this a terminal",
	"gopkg.in/yaml.v3":                                 "YAML, with line numbers for errors",
	"software.sslmate.com/src/go-pkcs12":               "certificates in PFX files",
}

func TestArchitectureImports(t *testing.T) {
	for _, p := range listPackages(t) {
		i := slices.IndexFunc(places, func(pl place) bool { return within(p.ImportPath, pl.path) })
		if i < 0 {
			t.Errorf("%s has no place in the line; hint: add it to places in this file and to depguard in .golangci.yaml", p.ImportPath)
			continue
		}
		for _, problem := range places[i].problems(p) {
			t.Errorf("%s %s: %s", p.ImportPath, problem, places[i].why)
		}
	}
}

func TestArchitecturePackageComments(t *testing.T) {
	sources := parseSources(t)
	for _, dir := range slices.Sorted(maps.Keys(sources)) {
		documented := 0
		for _, f := range sources[dir] {
			if f.syntax.Doc != nil {
				documented++
			}
		}
		if documented != 1 {
			t.Errorf("%s has %d package comments, want exactly one: it is where a reader starts", dir, documented)
		}
	}
}

func TestArchitectureNoHiddenInputs(t *testing.T) {
	reasons := map[string]string{
		"os.Exit":  "only main decides how the process ends, and deferred calls do not run; return an error",
		"time.Now": "an audit must be repeatable years later; take the instant as an argument",
	}
	sources := parseSources(t)
	for _, dir := range slices.Sorted(maps.Keys(sources)) {
		program := withinAny(dir, programs)
		for _, f := range sources[dir] {
			for _, at := range f.initFunctions() {
				t.Errorf("%s: init(): registration is a slice literal, searchable and ordered", at)
			}
			for _, use := range f.uses(reasons) {
				if !program {
					t.Errorf("%s: %s: %s", use.at, use.name, reasons[use.name])
				}
			}
		}
	}
}

func TestArchitectureModules(t *testing.T) {
	var goMod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(run(t, "mod", "edit", "-json")))
	if err := decoder.Decode(&goMod); err != nil {
		t.Fatalf("decode go.mod: %v", err)
	}
	for _, m := range goMod.Require {
		if _, known := modules[m.Path]; !known && !m.Indirect {
			t.Errorf("go.mod requires %s: every module is trusted with tenant data; hint: say what it is for in modules in this file", m.Path)
		}
	}
}

// A listed package is what `go list` tells of one package, tests left out.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// problems says what p imports or depends on that this place forbids.
func (pl place) problems(p listed) []string {
	var found []string
	for _, imp := range p.Imports {
		switch {
		case withinAny(imp, programs):
			found = append(found, "imports the program "+imp)
		case !pl.allows(imp):
			found = append(found, "may not import "+imp)
		}
	}
	for _, never := range pl.never { // one example of each is enough
		i := slices.IndexFunc(p.Deps, func(dep string) bool { return within(dep, never) })
		if i >= 0 && !slices.Contains(p.Imports, p.Deps[i]) {
			found = append(found, "may not depend on "+p.Deps[i]+", which something it imports brings in")
		}
	}
	return found
}

func (pl place) allows(imp string) bool {
	if first, _, _ := strings.Cut(imp, "/"); first != module && !strings.Contains(first, ".") {
		return !slices.Contains(pl.not, imp) && (pl.std == nil || slices.Contains(pl.std, imp))
	}
	return withinAny(imp, pl.may)
}

// within tells whether path matches pattern: "a/b" itself, "a/b/..." also everything below, "..." everything.
func within(path, pattern string) bool {
	base, below := strings.CutSuffix(pattern, "...")
	return path == strings.TrimSuffix(base, "/") || below && strings.HasPrefix(path, base)
}

func withinAny(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return within(path, pattern) })
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	var packages []listed
	decoder := json.NewDecoder(bytes.NewReader(run(t, "list", "-json=ImportPath,Imports,Deps", "./...")))
	for {
		var p listed
		err := decoder.Decode(&p)
		if err == io.EOF {
			return packages
		}
		if err != nil {
			t.Fatalf("decode go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// run runs the go command at the root of the module and returns what it prints.
func run(t *testing.T, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = moduleRoot
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return out
}

// A source is one parsed Go file.
type source struct {
	fset   *token.FileSet
	syntax *ast.File
}

// parseSources parses the Go files of this module that are built here, without tests, by import path. Reading the folders
// also tells `go test` to run these tests again when a package is added.
func parseSources(t *testing.T) map[string][]source {
	t.Helper()
	sources := map[string][]source{}
	err := filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != moduleRoot && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		dir := filepath.Dir(path)
		if built, err := build.Default.MatchFile(dir, name); err != nil || !built {
			return err
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(moduleRoot, dir)
		sources[module+"/"+filepath.ToSlash(rel)] = append(sources[module+"/"+filepath.ToSlash(rel)], source{fset, syntax})
		return err
	})
	if err != nil {
		t.Fatalf("read sources: %v", err)
	}
	return sources
}

func (s source) initFunctions() []token.Position {
	var found []token.Position
	for _, declaration := range s.syntax.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			found = append(found, s.fset.Position(f.Pos()))
		}
	}
	return found
}

// A use is one mention of a package-level name, such as time.Now.
type use struct {
	name string
	at   token.Position
}

// uses finds the mentions of names, called or passed on, whatever their packages are called in this file.
func (s source) uses(names map[string]string) []use {
	imported := map[string]string{} // name in this file → path
	for _, spec := range s.syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imported[name] = path
	}
	var found []use
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok {
			name := imported[x.Name] + "." + selector.Sel.Name
			if _, wanted := names[name]; wanted {
				found = append(found, use{name, s.fset.Position(selector.Pos())})
			}
		}
		return true
	})
	return found
}
