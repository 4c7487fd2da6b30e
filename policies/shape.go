package policies

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// shape is what is known of a value: the Go types that it can have, when it stems
// from the input, and the strings that it can be, when those are constant.
type shape struct {
	types []reflect.Type
	words []string
}

func (s shape) empty() bool { return len(s.types) == 0 && len(s.words) == 0 }

func merge(a, b shape) shape {
	out := shape{types: slices.Clone(a.types), words: slices.Clone(a.words)}
	for _, t := range b.types {
		if !slices.Contains(out.types, t) {
			out.types = append(out.types, t)
		}
	}
	for _, word := range b.words {
		if !slices.Contains(out.words, word) {
			out.words = append(out.words, word)
		}
	}
	return out
}

func listOf(element shape) shape {
	list := shape{words: element.words}
	for _, t := range element.types {
		list.types = append(list.types, reflect.SliceOf(t))
	}
	return list
}

// mapOf is the shape of a map from some text to values.
func mapOf(value shape) shape {
	m := shape{words: value.words}
	for _, t := range value.types {
		m.types = append(m.types, reflect.MapOf(reflect.TypeFor[string](), t))
	}
	return m
}

func elementOf(list shape) shape {
	element := shape{words: list.words}
	for _, t := range list.types {
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			element.types = append(element.types, t.Elem())
		}
	}
	return element
}

// fieldSet names fields by the struct type that they belong to.
type fieldSet map[reflect.Type]map[int]bool

func (s fieldSet) add(container reflect.Type, index int) {
	if s[container] == nil {
		s[container] = map[int]bool{}
	}
	s[container][index] = true
}

// addAll adds every field of a struct, and of the structs it holds.
func (s fieldSet) addAll(container reflect.Type) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, container.Kind()) {
		container = container.Elem()
	}
	if container.Kind() != reflect.Struct {
		return
	}
	for i := range container.NumField() {
		s.add(container, i)
		s.addAll(container.Field(i).Type)
	}
}

// sorted lists the fields in order, by type.
func (s fieldSet) sorted() map[reflect.Type][]int {
	out := make(map[reflect.Type][]int, len(s))
	for container, indexes := range s {
		out[container] = slices.Sorted(maps.Keys(indexes))
	}
	return out
}

// fieldName is what a field is called in JSON, and hence in Rego.
func fieldName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// looksAtShape tells builtin calls that read whether a value is there, its type or
// its length, but nothing inside it.
func looksAtShape(operator string, args []*ast.Term) bool {
	switch operator {
	case ast.IsArray.Name, ast.IsObject.Name, ast.IsString.Name, ast.IsNumber.Name, ast.IsBoolean.Name, ast.IsSet.Name,
		ast.IsNull.Name, ast.TypeNameBuiltin.Name, ast.Count.Name:
		return true
	case ast.Equal.Name, ast.NotEqual.Name:
		return slices.ContainsFunc(args, func(arg *ast.Term) bool { return arg.Equal(ast.NullTerm()) })
	}
	return false
}
