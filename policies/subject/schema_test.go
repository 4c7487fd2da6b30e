package subject

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

var update = flag.Bool("update", false, "rewrite generated files")

// The schemas that Rego is checked against are generated from the Go types.
func TestSchemasUpToDate(t *testing.T) {
	for kind, goType := range map[Kind]reflect.Type{
		KindTenant:         reflect.TypeFor[Tenant](),
		KindApplication:    reflect.TypeFor[Application](),
		KindContainerType:  reflect.TypeFor[ContainerType](),
		KindContainer:      reflect.TypeFor[Container](),
		KindDataConnectApp: reflect.TypeFor[DataConnectApp](),
		KindPipeline:       reflect.TypeFor[Pipeline](),
		KindAuditor:        reflect.TypeFor[Auditor](),
	} {
		t.Run(string(kind), func(t *testing.T) {
			schema, err := jsonschema.ForType(goType, &jsonschema.ForOptions{})
			if err != nil {
				t.Fatal(err)
			}
			schema.Schema = "https://json-schema.org/draft/2020-12/schema"
			schema.Title = string(kind)
			want, err := json.MarshalIndent(withoutNull(t, schema), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, '\n')
			path := filepath.Join("..", "schemas", string(kind)+".json")
			if *update {
				if err := os.WriteFile(path, want, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is not what the Go types say (%v); run make docs", path, err)
			}
		})
	}
}

// withoutNull drops "null" from the types of pointers and slices: a document omits
// what is not known, it never holds a null.
func withoutNull(t *testing.T, schema *jsonschema.Schema) any {
	t.Helper()
	data, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	dropNull(value)
	return value
}

func dropNull(value any) {
	object, ok := value.(map[string]any)
	if !ok {
		return
	}
	if types, ok := object["type"].([]any); ok && len(types) == 2 && types[0] == "null" {
		object["type"] = types[1]
	}
	if object["additionalProperties"] != nil && object["properties"] != nil {
		object["additionalProperties"] = false
	}
	for _, name := range []string{"items", "additionalProperties"} {
		dropNull(object[name])
	}
	if properties, ok := object["properties"].(map[string]any); ok {
		for _, property := range properties {
			dropNull(property)
		}
	}
}
