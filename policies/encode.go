package policies

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/policies/subject"
)

// encoder turns subjects into OPA values directly. Going through JSON text would
// cost more than judging them does. It follows the json tags of the subject types;
// a test holds it against encoding/json.
type encoder struct {
	plans sync.Map // reflect.Type → []fieldPlan
	// shared is the last list that subjects share, and its value.
	shared atomic.Pointer[sharedTerm]
}

// sharedTerm is the value of a list that thousands of subjects hold. Values do not change.
type sharedTerm struct {
	list []subject.Approval
	term *ast.Term
}

// fieldPlan is what there is to do for one field of a struct.
type fieldPlan struct {
	index    int
	key      *ast.Term
	omitZero bool
}

func (e *encoder) plan(t reflect.Type) []fieldPlan {
	if known, ok := e.plans.Load(t); ok {
		return known.([]fieldPlan)
	}
	var plan []fieldPlan
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		plan = append(plan, fieldPlan{i, ast.InternedTerm(name), strings.Contains(options, "omitzero")})
	}
	e.plans.Store(t, plan)
	return plan
}

// value encodes a pointer to a subject type, or only those of its fields that are
// wanted, when that is not nil. A type that subjects do not use is a programming
// error and is returned as such.
func (e *encoder) value(v any, wanted map[int]bool) (ast.Value, error) {
	term, err := e.object(reflect.ValueOf(v).Elem(), wanted)
	if err != nil {
		return nil, err
	}
	return term.Value, nil
}

func (e *encoder) term(v reflect.Value) (*ast.Term, error) {
	switch v.Kind() {
	case reflect.String:
		return ast.InternedTerm(v.String()), nil
	case reflect.Bool:
		return ast.InternedTerm(v.Bool()), nil
	case reflect.Int:
		return ast.InternedTerm(int(v.Int())), nil
	case reflect.Pointer:
		return e.term(v.Elem())
	case reflect.Struct:
		return e.object(v, nil)
	case reflect.Slice:
		list, ok := sharedList(v)
		if !ok {
			return e.array(v)
		}
		if known := e.shared.Load(); known != nil && &known.list[0] == &list[0] && len(known.list) == len(list) {
			return known.term, nil
		}
		term, err := e.array(v)
		if err == nil {
			e.shared.Store(&sharedTerm{list, term})
		}
		return term, err
	case reflect.Map:
		pairs := make([][2]*ast.Term, 0, v.Len())
		for iter := v.MapRange(); iter.Next(); {
			member, err := e.term(iter.Value())
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, [2]*ast.Term{ast.StringTerm(iter.Key().String()), member})
		}
		return ast.ObjectTerm(pairs...), nil
	default:
		return nil, fmt.Errorf("encode subject: unexpected type %s", v.Type())
	}
}

func (e *encoder) array(v reflect.Value) (*ast.Term, error) {
	terms := make([]*ast.Term, v.Len())
	for i := range terms {
		term, err := e.term(v.Index(i))
		if err != nil {
			return nil, err
		}
		terms[i] = term
	}
	return ast.ArrayTerm(terms...), nil
}

func (e *encoder) object(v reflect.Value, wanted map[int]bool) (*ast.Term, error) {
	plan := e.plan(v.Type())
	pairs := make([][2]*ast.Term, 0, len(plan))
	for _, field := range plan {
		member := v.Field(field.index)
		if wanted != nil && !wanted[field.index] || field.omitZero && member.IsZero() {
			continue
		}
		term, err := e.term(member)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, [2]*ast.Term{field.key, term})
	}
	return ast.ObjectTerm(pairs...), nil
}
