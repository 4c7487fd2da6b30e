package policies

import (
	"context"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"leastwise/collector/snapshot"
	"leastwise/policies/subject"
)

// BenchmarkControls is the cost of each control on the applications of Contoso, to
// find the one that is worth mending.
func BenchmarkControls(b *testing.B) {
	lib := loadBuiltIn(b)
	e := newEngine(b, lib, Options{})
	snap, err := snapshot.Open("../fixtures/snapshots/contoso")
	if err != nil {
		b.Fatal(err)
	}
	join, err := subject.Open(snap, subject.Options{AsOf: testAsOf(), Catalogue: lib.Catalogue})
	if err != nil {
		b.Fatal(err)
	}
	var inputs []ast.Value
	var documents []any
	for build, err := range join.Documents(subject.KindApplication) {
		if err != nil {
			b.Fatal(err)
		}
		document, err := build()
		if err != nil {
			b.Fatal(err)
		}
		input, err := e.encoder.value(document.Value, nil)
		if err != nil {
			b.Fatal(err)
		}
		inputs = append(inputs, input)
		documents = append(documents, document.Value)
	}
	v, err := e.evaluator(b.Context(), newMemo())
	if err != nil {
		b.Fatal(err)
	}
	defer v.close(context.Background())
	query := e.kinds[subject.KindApplication]
	for _, control := range query.controls {
		b.Run(control.ID, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if result := v.judgeAlone(b.Context(), control, inputs[i%len(inputs)]); result.err != nil {
					b.Fatal(result.err)
				}
			}
		})
	}
	empty, err := rego.New(rego.Query("data.config"), rego.Store(e.store), rego.GenerateJSON(keepTerm)).PrepareForEval(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("nothing", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := v.run(b.Context(), empty, inputs[i%len(inputs)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := e.encoder.value(documents[i%len(inputs)], nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	all := make([]int, len(query.controls))
	for i := range all {
		all[i] = i
	}
	b.Run("all", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if !v.askTogether(b.Context(), query, inputs[i%len(inputs)], all, make([]answer, len(all))) {
				b.Fatal("the common query failed")
			}
		}
	})
}
