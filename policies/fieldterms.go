package policies

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// term returns the shape of a term and follows everything inside it.
func (f *fieldFlow) term(term *ast.Term, env fieldEnv) shape {
	if term == nil {
		return shape{}
	}
	switch value := term.Value.(type) {
	case ast.Var:
		if value.Equal(ast.InputRootDocument.Value) {
			return shape{types: []reflect.Type{f.root}}
		}
		return env[value]
	case ast.String:
		return shape{words: []string{string(value)}}
	case ast.Ref:
		return f.ref(term, value, env)
	case ast.Call:
		return f.call(value, env)
	case *ast.ArrayComprehension:
		inner := maps.Clone(env)
		f.body(value.Body, inner)
		return listOf(f.term(value.Term, inner))
	case *ast.SetComprehension:
		inner := maps.Clone(env)
		f.body(value.Body, inner)
		return listOf(f.term(value.Term, inner))
	case *ast.ObjectComprehension:
		inner := maps.Clone(env)
		f.body(value.Body, inner)
		f.whole(f.term(value.Key, inner), f.term(value.Value, inner))
		return shape{}
	case *ast.Array:
		var out shape
		value.Foreach(func(t *ast.Term) { out = merge(out, f.term(t, env)) })
		f.whole(out)
		return listOf(out)
	case ast.Set:
		var out shape
		value.Foreach(func(t *ast.Term) { out = merge(out, f.term(t, env)) })
		f.whole(out)
		return listOf(out)
	case ast.Object:
		value.Foreach(func(k, v *ast.Term) { f.whole(f.term(k, env), f.term(v, env)) })
	}
	return shape{}
}

// ref walks along a reference.
func (f *fieldFlow) ref(term *ast.Term, ref ast.Ref, env fieldEnv) shape {
	current := f.term(ref[0], env)
	rest := ref[1:]
	if ref[0].Equal(ast.DefaultRootDocument) {
		current, rest = f.data(ref)
	}
	for _, operand := range rest {
		location := operand.Location
		if location == nil {
			location = term.Location
		}
		current = f.step(current, f.term(operand, env), location)
	}
	return current
}

// data follows the rules that a reference into data is about. What it reads beyond
// the longest path that names rules is left to the caller.
func (f *fieldFlow) data(ref ast.Ref) (value shape, rest ast.Ref) {
	for n := len(ref); n > 1; n-- {
		if len(f.compiler.GetRulesExact(ref[:n])) > 0 {
			return f.path(ref[:n]), ref[n:]
		}
	}
	// A package, or part of a name: all rules below it.
	for _, rule := range f.compiler.GetRulesDynamicWithOpts(ref, ast.RulesOptions{IncludeHiddenModules: true}) {
		if len(rule.Head.Args) == 0 {
			f.whole(f.rule(rule, nil))
		}
	}
	return shape{}, ref[1:]
}

// step looks an operand up in a value. A word that names no field of any struct
// that the value can be is the fault that this file exists for.
func (f *fieldFlow) step(value, operand shape, location *ast.Location) shape {
	out := shape{}
	if len(value.types) == 0 {
		out.words = value.words
	}
	var missing []reflect.Type
	for _, t := range value.types {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			out = merge(out, elementOf(shape{types: []reflect.Type{t}}))
			continue
		}
		found, ok := f.member(t, operand.words)
		out = merge(out, found)
		if !ok {
			missing = append(missing, t)
		}
	}
	if len(missing) > 0 && len(missing) == len(value.types) {
		f.fault(missing[0], operand.words, location)
	}
	return out
}

// member looks words up in a struct; false when one is no field of it. A look-up
// with a name that is not known may read any field.
func (f *fieldFlow) member(container reflect.Type, words []string) (out shape, ok bool) {
	if len(words) == 0 {
		f.fields.addAll(container)
	}
	ok = true
	for _, word := range words {
		field, exists := f.fieldNamed(container, word)
		if !exists {
			ok = false
			continue
		}
		f.read(container, field)
		out = merge(out, shape{types: []reflect.Type{field.Type}})
	}
	return out, ok
}

func (f *fieldFlow) read(container reflect.Type, field reflect.StructField) {
	f.fields.add(container, field.Index[0])
	if container != f.root || f.quiet {
		return
	}
	for name := range strings.SplitSeq(field.Tag.Get("dataset"), ",") {
		if name != "" {
			f.reads[name] = true
		}
	}
}

func (f *fieldFlow) fault(container reflect.Type, words []string, location *ast.Location) {
	if f.quiet {
		return
	}
	word := words[slices.IndexFunc(words, func(word string) bool {
		_, ok := f.fieldNamed(container, word)
		return !ok
	})]
	var names []string
	for field := range container.Fields() {
		names = append(names, fieldName(field))
	}
	slices.Sort(names)
	fault := &LoadError{
		Text: fmt.Sprintf("undefined field %q: %s has %s", word, container.Name(), strings.Join(names, ", ")),
		Tip:  "the fields that a control may read are listed in policies/schemas",
	}
	if location != nil {
		fault.File, fault.Line = location.File, location.Row
	}
	f.faults = append(f.faults, fault)
}
