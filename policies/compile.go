package policies

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/policies/subject"
)

// capabilities are OPA's without builtins that reach outside the evaluation or
// answer differently each time. The clock is fixed to the as-of instant, so it may
// stay.
func capabilities() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(slices.Clone(c.Builtins), func(b *ast.Builtin) bool {
		return b.IsNondeterministic() && b.Name != ast.NowNanos.Name
	})
	c.AllowNet = []string{}
	return c
}

// loadSchemas reads the embedded JSON Schemas of the subjects.
func loadSchemas() (*ast.SchemaSet, error) {
	set := ast.NewSchemaSet()
	for _, kind := range subject.Kinds() {
		data, err := builtin.ReadFile("schemas/" + string(kind) + ".json")
		if err != nil {
			return nil, fmt.Errorf("load schema: %w", err)
		}
		var schema any
		if err := json.Unmarshal(data, &schema); err != nil {
			return nil, fmt.Errorf("load schema %s: %w", kind, err)
		}
		set.Put(ast.MustParseRef("schema."+string(kind)), schema)
	}
	return set, nil
}

// declareSchema makes sure that a control's package is checked against its
// subject's schema, also when the author left the annotation out.
func declareSchema(module *ast.Module, kind subject.Kind) {
	for _, annotations := range module.Annotations {
		if annotations.Scope == "package" && len(annotations.Schemas) == 0 {
			annotations.Schemas = []*ast.SchemaAnnotation{{
				Path: ast.InputRootRef.Copy(), Schema: ast.MustParseRef("schema." + string(kind)),
			}}
		}
	}
}

// entryPackage is the package of the module that holds one rule per compiled control.
const entryPackage = "leastwise.controls"

// compile checks the needed controls and all that they use together, strictly and with types. It is done once: the
// engine evaluates what was compiled here.
func (l *Library) compile(needed []*Control) error {
	if len(needed) == 0 {
		return nil
	}
	modules := l.closure(needed)
	for _, control := range needed {
		// Under the name of the control's file, so that a fault names it.
		entry, err := ast.ParseModule(control.File, control.entryModule())
		if err != nil {
			return fmt.Errorf("compose controls: %w", err)
		}
		modules[entryPackage+"/"+control.ID] = entry
	}
	unchecked := slices.DeleteFunc(slices.Clone(needed), l.checked.adopt)
	compiler := ast.NewCompiler().
		WithCapabilities(capabilities()).
		WithStrict(true).
		WithSchemas(l.schemas).
		WithUseTypeCheckAnnotations(true)
	if len(unchecked) == 0 {
		compiler = compiler.WithSkipStages(settled()...)
	}
	compiler.Compile(modules)
	if compiler.Failed() {
		return regoError("policies", compiler.Errors, "the fields that a control may read are listed in policies/schemas")
	}
	l.compiler = compiler
	return l.checkFields(compiler, unchecked)
}

// entryRule is the path of the rule that gives all that a control says: false where it does not apply, else
// [deny, unknown].
func (c *Control) entryRule() string { return "data." + entryPackage + "." + c.entryName() }

// entryName is the name of that rule: ids may hold what names of rules may not.
func (c *Control) entryName() string { return fmt.Sprintf("control_%x", c.ID) }

// entryModule writes that rule.
func (c *Control) entryModule() string {
	unknown := "set()"
	if c.hasUnknown {
		unknown = c.pkg + ".unknown"
	}
	name := c.entryName()
	if c.hasApplies {
		return fmt.Sprintf("package %s\n\ndefault %s := false\n\n%s := [%s.deny, %s] if %s.applies == true\n",
			entryPackage, name, name, c.pkg, unknown, c.pkg)
	}
	return fmt.Sprintf("package %s\n\n%s := [%s.deny, %s]\n", entryPackage, name, c.pkg, unknown)
}

// closure copies the modules of controls and all modules that these refer to, directly or not. Compiling takes
// most of the time of a short run, and most runs need a part only.
func (l *Library) closure(controls []*Control) map[string]*ast.Module {
	used := map[string]bool{}
	for _, control := range controls {
		reach(l.modules, control.File, used)
	}
	modules := make(map[string]*ast.Module, len(used))
	for file := range used {
		modules[file] = l.modules[file].Copy()
	}
	return modules
}

// reach notes a file and every file whose package it refers to, directly or not.
func reach(modules map[string]*ast.Module, file string, used map[string]bool) {
	if used[file] {
		return
	}
	used[file] = true
	for _, ref := range dataRefs(modules[file]) {
		for other, module := range modules {
			if related(ref, module.Package.Path) {
				reach(modules, other, used)
			}
		}
	}
}

// dataRefs are the paths below data that a module mentions, as far as they are fixed.
func dataRefs(module *ast.Module) []ast.Ref {
	var refs []ast.Ref
	ast.WalkRefs(module, func(ref ast.Ref) bool {
		if ref[0].Equal(ast.DefaultRootDocument) {
			refs = append(refs, ref.ConstantPrefix())
		}
		return false
	})
	return refs
}

// related reports whether a path leads into a package, or to something that holds the package.
func related(ref, pkg ast.Ref) bool { return ref.HasPrefix(pkg) || pkg.HasPrefix(ref) }

// regoError turns the first of OPA's errors into one line.
func regoError(file string, err error, tip string) error {
	list, ok := errors.AsType[ast.Errors](err)
	if !ok || len(list) == 0 {
		return &LoadError{file, 0, strings.ReplaceAll(err.Error(), "\n", " "), tip}
	}
	list.Sort()
	first := list[0]
	text := first.Code + ": " + first.Message
	if first.Details != nil {
		text += " (" + strings.Join(trimmed(first.Details.Lines()), "; ") + ")"
	}
	if len(list) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(list)-1)
	}
	text = strings.Join(strings.Fields(text), " ")
	if first.Location == nil {
		return &LoadError{file, 0, text, tip}
	}
	return &LoadError{first.Location.File, first.Location.Row, text, tip}
}

func trimmed(lines []string) []string {
	var kept []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" && strings.Trim(line, "^") != "" {
			kept = append(kept, line)
		}
	}
	return kept
}
