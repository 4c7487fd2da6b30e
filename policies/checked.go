package policies

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/policies/subject"
)

//go:generate go test . -run ^TestCheckedUpToDate$ -update

// Checking the types of all controls and following what each reads takes longer than compiling them. A test does
// it and writes down what it found; a run takes that over, as long as it is about the very files and types that the
// program was built with.
//
//go:embed checked.json
var checkedFile []byte

// checkedFacts are what checkedFile holds.
type checkedFacts struct {
	// Of is the digest of what was checked.
	Of       string                    `json:"of"`
	Controls map[string]checkedControl `json:"controls"`

	types map[string]reflect.Type // of the subjects and what they hold, by name
}

// checkedControl is what following one control came to, see checkControl.
type checkedControl struct {
	Requires      []string            `json:"requires"`
	AppliesOn     []string            `json:"applies_on"`
	Fields        map[string][]string `json:"fields"` // by type
	AppliesFields map[string][]string `json:"applies_fields"`
}

// readChecked returns what was found out before; nil when it is about something else.
func readChecked(files []sourceFile) *checkedFacts {
	types := subjectTypes()
	facts := checkedFacts{types: types}
	if json.Unmarshal(checkedFile, &facts) != nil || facts.Of != digestOf(files, types) {
		return nil
	}
	return &facts
}

// digestOf tells apart what can make a difference to what is found out: the Rego files without tests, and the types
// that they are written for, which the schemas are made of.
func digestOf(files []sourceFile, types map[string]reflect.Type) string {
	sum := sha256.New()
	for _, file := range files {
		fmt.Fprintf(sum, "%d %s %d %s", len(file.name), file.name, len(file.text), file.text)
	}
	for _, name := range sortedKeys(types) {
		describe(sum, name, types[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func describe(out io.Writer, name string, t reflect.Type) {
	fmt.Fprintln(out, name)
	for field := range t.Fields() {
		fmt.Fprintln(out, field.Name, field.Type, field.Tag)
	}
}

// subjectTypes are the struct types of subjects and of what they hold, by name.
func subjectTypes() map[string]reflect.Type {
	all := fieldSet{}
	for _, kind := range subject.Kinds() {
		all.addAll(rootType(kind))
	}
	types := make(map[string]reflect.Type, len(all))
	for t := range all {
		types[t.Name()] = t
	}
	return types
}

// adopt takes over what is known of a built-in control; false when nothing is.
func (f *checkedFacts) adopt(c *Control) bool {
	if f == nil || !c.BuiltIn() {
		return false
	}
	known, ok := f.Controls[c.ID]
	if !ok {
		return false
	}
	c.Requires, c.appliesOn = known.Requires, known.AppliesOn
	c.fields, c.appliesFields = f.indexes(known.Fields), f.indexes(known.AppliesFields)
	c.compiled = true
	return true
}

func (f *checkedFacts) indexes(names map[string][]string) map[reflect.Type][]int {
	out := make(map[reflect.Type][]int, len(names))
	for name, fields := range names {
		t, list := f.types[name], make([]int, 0, len(fields))
		for i := range t.NumField() {
			if slices.Contains(fields, t.Field(i).Name) {
				list = append(list, i)
			}
		}
		out[t] = list
	}
	return out
}

// written is the opposite of adopt, for the test that writes the file.
func written(c *Control) checkedControl {
	names := func(fields map[reflect.Type][]int) map[string][]string {
		out := map[string][]string{}
		for t, indexes := range fields {
			for _, i := range indexes {
				out[t.Name()] = append(out[t.Name()], t.Field(i).Name)
			}
		}
		return out
	}
	return checkedControl{Requires: c.Requires, AppliesOn: c.appliesOn, Fields: names(c.fields), AppliesFields: names(c.appliesFields)}
}

// settled are the stages of compiling that only find faults, of which there are none in what was checked.
func settled() []ast.StageID {
	return []ast.StageID{
		ast.StageCheckUnusedImports, ast.StageCheckKeywordOverrides, ast.StageCheckDuplicateImports, ast.StageCheckVoidCalls,
		ast.StageCheckRuleConflicts, ast.StageCheckUndefinedFuncs, ast.StageCheckSafetyRuleHeads, ast.StageCheckTypes,
		ast.StageCheckUnsafeBuiltins, ast.StageCheckDeprecatedBuiltins, ast.StageBuildRequiredCapabilities,
	}
}
