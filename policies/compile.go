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

// compile checks all modules together: strictly, with types.
func (l *Library) compile() error {
	compiler := ast.NewCompiler().
		WithCapabilities(capabilities()).
		WithStrict(true).
		WithSchemas(l.schemas).
		WithUseTypeCheckAnnotations(true)
	modules := make(map[string]*ast.Module, len(l.modules))
	for file, module := range l.modules {
		modules[file] = module.Copy()
	}
	compiler.Compile(modules)
	if compiler.Failed() {
		return regoError("policies", compiler.Errors, "the fields that a control may read are listed in policies/schemas")
	}
	return l.checkFields(compiler)
}

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
