package reports

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"leastwise/policies/finding"
)

// The published schema comes from the Go types and their comments.
//
//go:generate go test -count=1 -run ^TestSchemaUpToDate$ -update .

const schemaPath = "../docs/report.schema.json"

// published is the shape of the JSON report: header and rows.
type published struct {
	finding.Report
	Inventory inventory         `json:"inventory"`
	Findings  []finding.Finding `json:"findings"`
}

type inventory struct {
	Applications   []finding.Application   `json:"applications"`
	Permissions    []finding.Permission    `json:"permissions"`
	ContainerTypes []finding.ContainerType `json:"container_types"`
	Containers     []finding.Container     `json:"containers"`
	Approvals      []finding.Approval      `json:"approvals"`
	Pipelines      []finding.Pipeline      `json:"pipelines"`
	Credentials    []finding.Credential    `json:"credentials"`
	Consents       []finding.ConsentEvent  `json:"consents"`
	Differences    []finding.Difference    `json:"differences"`
}

func TestSchemaUpToDate(t *testing.T) {
	checkGolden(t, schemaPath, generateSchema(t, false))
}

func TestSchemaHoldsForReports(t *testing.T) {
	// The published schema lets newer programs add members; the strict one shows that
	// it names all that there are.
	for name, schema := range map[string][]byte{"published": generateSchema(t, false), "strict": generateSchema(t, true)} {
		compiled := compileSchema(t, schema)
		for sampleName, s := range map[string]sample{"empty": emptySample(), "contoso": contosoSample(), "hostile": shortHostileSample()} {
			document, err := os.ReadFile(s.open(t).Path())
			if err != nil {
				t.Fatal(err)
			}
			if err := compiled.Validate(unmarshalJSON(t, document)); err != nil {
				t.Errorf("%s schema refuses the %s report: %v", name, sampleName, err)
			}
		}
	}
}

func TestSchemaRefusesDamagedReports(t *testing.T) {
	compiled := compileSchema(t, generateSchema(t, false))
	document, err := os.ReadFile(contosoSample().open(t).Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, replacement string }{
		{"unknown severity", `"severity": "critical"`, `"severity": "dire"`},
		{"unknown outcome", `"outcome":"fail"`, `"outcome":"failed"`},
		{"instant without a zone", `"as_of": "2026-11-20T00:00:00Z"`, `"as_of": "2026-11-20 00:00"`},
		{"member left out", `"fail_on": "low",`, ``},
		{"text for a number", `"waived": 4`, `"waived": "4"`},
		{"evidence that is no object", `"evidence":{}`, `"evidence":[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			damaged := bytes.Replace(document, []byte(tt.old), []byte(tt.replacement), 1)
			if bytes.Equal(damaged, document) {
				t.Fatalf("the sample does not hold %s", tt.old)
			}
			if err := compiled.Validate(unmarshalJSON(t, damaged)); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func unmarshalJSON(t *testing.T, document []byte) any {
	t.Helper()
	value, err := validator.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func compileSchema(t *testing.T, schema []byte) *validator.Schema {
	t.Helper()
	compiler := validator.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("report.schema.json", unmarshalJSON(t, schema)); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// generateSchema makes the JSON Schema of the report. A strict one allows no members
// but those of the Go types.
func generateSchema(t *testing.T, strict bool) []byte {
	t.Helper()
	text := func(values ...any) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Enum: values} }
	options := &jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[finding.Outcome](): text(finding.Pass, finding.Fail, finding.NotApplicable, finding.Manual, finding.Unknown),
		reflect.TypeFor[finding.Severity](): text(
			finding.Critical, finding.High, finding.Medium, finding.Low, finding.Info),
		reflect.TypeFor[time.Time]():       {Type: "string", Format: "date-time"},
		reflect.TypeFor[json.RawMessage](): {Type: "object"},
		reflect.TypeFor[[]byte]():          {Type: "string", ContentEncoding: "base64"},
	}}
	schema, err := jsonschema.For[published](options)
	if err != nil {
		t.Fatal(err)
	}
	describe(schema, reflect.TypeFor[published](), typeComments(t), strict)
	schema.Schema = "https://json-schema.org/draft/2020-12/schema"
	schema.Title = "leastwise report, version " + finding.SchemaVersion
	schema.Description = "The complete result of an audit. Every other format is made from it. " +
		"Additions raise the minor number of schema_version: readers ignore members that they do not know."
	encoded, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(encoded, '\n')
}

// describe copies the comments of a type's fields into its schema, and opens objects
// for members of later versions unless strict.
func describe(schema *jsonschema.Schema, typ reflect.Type, comments map[string]string, strict bool) {
	switch typ.Kind() {
	case reflect.Pointer:
		describe(schema, typ.Elem(), comments, strict)
	case reflect.Slice:
		if schema.Items != nil {
			describe(schema.Items, typ.Elem(), comments, strict)
		}
	case reflect.Struct:
		if schema.Description == "" {
			schema.Description = comments[typ.Name()]
		}
		if schema.Properties == nil {
			return
		}
		if !strict {
			schema.AdditionalProperties = nil
		}
		for _, field := range reflect.VisibleFields(typ) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			property := schema.Properties[name]
			if property == nil {
				continue
			}
			owner := typ
			if len(field.Index) > 1 { // of an embedded struct
				owner = typ.FieldByIndex(field.Index[:1]).Type
			}
			property.Description = comments[owner.Name()+"."+field.Name]
			describe(property, field.Type, comments, strict)
		}
	}
}

// typeComments reads the comments in policies/finding of types, as Type, and of the
// fields of structs, as Type.Field.
func typeComments(t *testing.T) map[string]string {
	t.Helper()
	comments := map[string]string{}
	files, err := filepath.Glob("../policies/finding/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if decl, ok := node.(*ast.GenDecl); ok && decl.Tok == token.TYPE {
				name := decl.Specs[0].(*ast.TypeSpec).Name.Name
				comments[name] = strings.Join(strings.Fields(decl.Doc.Text()), " ")
			}
			spec, ok := node.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if body, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range body.Fields.List {
					for _, name := range field.Names {
						text := strings.Fields(field.Doc.Text() + " " + field.Comment.Text())
						comments[spec.Name.Name+"."+name.Name] = strings.Join(text, " ")
					}
				}
			}
			return true
		})
	}
	return comments
}
