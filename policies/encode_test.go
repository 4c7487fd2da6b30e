package policies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// eachDocument builds every subject of the frozen Contoso snapshot, and the pipelines of
// a repository.
func eachDocument(t *testing.T, each func(subject.Document)) {
	t.Helper()
	lib := loadBuiltIn(t)
	contoso, err := snapshot.Open("../fixtures/snapshots/contoso")
	if err != nil {
		t.Fatal(err)
	}
	joins := map[bool]*subject.Join{}
	for ofRepository, snap := range map[bool]*snapshot.Snapshot{false: contoso, true: repositorySnapshot(t, pipelineRows()...)} {
		joins[ofRepository], err = subject.Open(snap, subject.Options{AsOf: testAsOf(), Catalogue: lib.Catalogue})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range subject.Kinds() {
		n := 0
		for build, err := range joins[kind == subject.KindPipeline].Documents(kind) {
			if err != nil {
				t.Fatal(err)
			}
			document, err := build()
			if err != nil {
				t.Fatal(err)
			}
			each(document)
			n++
		}
		if n == 0 {
			t.Errorf("no %s in the snapshot", kind)
		}
	}
}

// What the encoder hands to OPA is the JSON form of the subject's type.
func TestEncoderAgreesWithJSON(t *testing.T) {
	var e encoder
	eachDocument(t, func(d subject.Document) {
		got, err := e.value(d.Value, nil)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(d.Value)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ast.ValueFromReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if got.Compare(want) != 0 {
			t.Errorf("%s %s: got %v, want %v", d.Kind, d.ID, got, want)
		}
	})
}

func compileSchemas(t *testing.T) map[subject.Kind]*jsonschema.Schema {
	t.Helper()
	schemas := map[subject.Kind]*jsonschema.Schema{}
	for _, kind := range subject.Kinds() {
		data, err := builtin.ReadFile(fmt.Sprintf("schemas/%s.json", kind))
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		url := "leastwise:" + string(kind)
		if err := compiler.AddResource(url, document); err != nil {
			t.Fatal(err)
		}
		if schemas[kind], err = compiler.Compile(url); err != nil {
			t.Fatal(err)
		}
	}
	return schemas
}

func validate(t *testing.T, schema *jsonschema.Schema, what string, data []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// Every document that the join builds is valid under its schema.
func TestDocumentsMatchSchema(t *testing.T) {
	schemas := compileSchemas(t)
	eachDocument(t, func(d subject.Document) {
		data, err := json.Marshal(d.Value)
		if err != nil {
			t.Fatal(err)
		}
		validate(t, schemas[d.Kind], string(d.Kind)+" "+d.ID, data)
	})
}

// The inputs inside Rego tests are possible documents too: a test cannot describe a
// tenant that does not exist.
func TestCasesMatchSchema(t *testing.T) {
	schemas := compileSchemas(t)
	lib := loadBuiltIn(t)
	factsOf := testFacts(t, lib)
	for _, control := range lib.Controls {
		cases, _ := factsOf(control)
		for _, c := range cases {
			validate(t, schemas[control.Subject], control.ID+"/"+c.Name, c.Input)
		}
	}
}
