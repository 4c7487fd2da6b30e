package policies

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"leastwise/policies/subject"
)

// OPA's type checker knows the input's schema in rule bodies, but not inside
// functions and "every". fieldFlow follows the types of the input through those as
// well. It finds fields that do not exist, and the datasets that a control's
// judgement rests on.
type fieldFlow struct {
	compiler *ast.Compiler
	root     reflect.Type
	reads    map[string]bool // datasets of the fields read
	fields   map[string]bool // the fields themselves, of the subject's own
	opaque   bool            // the subject is used as a whole: what is read is not known
	faults   []*LoadError
	quiet    bool // first pass over a body: bind variables, report nothing
	seen     map[string]shape
}

// shape is what is known of a value: its Go type, when it stems from the input, and
// the strings that it can be, when those are constant.
type shape struct {
	goType reflect.Type
	words  []string
}

func (s shape) key() string { return fmt.Sprint(s.goType, s.words) }

type fieldEnv map[ast.Var]shape

func rootType(kind subject.Kind) reflect.Type {
	switch kind {
	case subject.KindApplication:
		return reflect.TypeFor[subject.Application]()
	case subject.KindContainerType:
		return reflect.TypeFor[subject.ContainerType]()
	default:
		return reflect.TypeFor[subject.DataConnectApp]()
	}
}

// checkFields checks every control and adds the datasets it reads to those it
// requires: a control that reads owners and forgets to require them would else
// pass where owners could not be read.
func (l *Library) checkFields(compiler *ast.Compiler) error {
	for _, control := range l.Controls {
		reads, fields := map[string]bool{}, map[string]bool{}
		for _, rule := range []string{"applies", "deny", "unknown"} {
			flow := &fieldFlow{
				compiler: compiler, root: rootType(control.Subject),
				reads: map[string]bool{}, fields: fields, seen: map[string]shape{},
			}
			flow.path(ast.MustParseRef(control.pkg + "." + rule))
			if len(flow.faults) > 0 {
				return flow.faults[0]
			}
			if rule == "applies" {
				control.appliesOn = slices.Sorted(maps.Keys(flow.reads))
			}
			maps.Copy(reads, flow.reads)
			control.opaque = control.opaque || flow.opaque
		}
		control.fields = fieldIndexes(rootType(control.Subject), fields)
		for _, name := range control.Optional {
			delete(reads, name)
		}
		for _, name := range control.Requires {
			reads[name] = true
		}
		control.Requires = slices.Sorted(maps.Keys(reads))
	}
	return nil
}

// fieldIndexes finds the fields of a struct by their names in JSON.
func fieldIndexes(root reflect.Type, names map[string]bool) []int {
	var indexes []int
	for i := range root.NumField() {
		tag, _, _ := strings.Cut(root.Field(i).Tag.Get("json"), ",")
		if names[tag] {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// whole notes that a value is used in a way that may read any part of it.
func (f *fieldFlow) whole(values ...shape) {
	for _, value := range values {
		f.opaque = f.opaque || value.goType == f.root
	}
}

// path follows the rules at a data path and returns the shape of their value.
func (f *fieldFlow) path(ref ast.Ref) shape {
	var out shape
	for _, rule := range f.compiler.GetRulesExact(ref) {
		out = merge(out, f.rule(rule, nil))
	}
	return out
}

func merge(a, b shape) shape {
	if a.goType == nil {
		a.goType = b.goType
	}
	a.words = append(a.words, b.words...)
	return a
}

// rule follows one rule, with the shapes of its arguments when it is a function.
func (f *fieldFlow) rule(rule *ast.Rule, args []shape) shape {
	key := fmt.Sprintf("%p %v %v", rule, args, f.quiet)
	if out, ok := f.seen[key]; ok {
		return out
	}
	f.seen[key] = shape{}
	var out shape
	for r := rule; r != nil; r = r.Else {
		env := fieldEnv{}
		for i, arg := range r.Head.Args {
			if v, ok := arg.Value.(ast.Var); ok && i < len(args) {
				env[v] = args[i]
			}
		}
		f.body(r.Body, env)
		switch {
		case r.Head.RuleKind() == ast.MultiValue:
			out = merge(out, listOf(f.term(r.Head.Key, env)))
		case r.Head.Value != nil:
			out = merge(out, f.term(r.Head.Value, env))
		}
	}
	f.seen[key] = out
	return out
}

func listOf(element shape) shape {
	if element.goType != nil {
		element.goType = reflect.SliceOf(element.goType)
	}
	return element
}

// body follows a body twice, because a variable may be used before the expression
// that binds it.
func (f *fieldFlow) body(body ast.Body, env fieldEnv) {
	quiet := f.quiet
	f.quiet = true
	for _, expr := range body {
		f.expr(expr, env)
	}
	f.quiet = quiet
	for _, expr := range body {
		f.expr(expr, env)
	}
}

func (f *fieldFlow) expr(expr *ast.Expr, env fieldEnv) {
	switch terms := expr.Terms.(type) {
	case *ast.Term:
		f.term(terms, env)
	case []*ast.Term:
		if expr.IsEquality() || expr.IsAssignment() {
			left, right := f.term(expr.Operand(0), env), f.term(expr.Operand(1), env)
			if !f.bind(expr.Operand(0), right, env) && !f.bind(expr.Operand(1), left, env) {
				f.whole(left, right)
			}
			return
		}
		f.call(terms, env)
	case *ast.Every:
		domain := f.term(terms.Domain, env)
		inner := maps.Clone(env)
		if v, ok := terms.Value.Value.(ast.Var); ok {
			inner[v] = elementOf(domain)
		}
		f.body(terms.Body, inner)
	}
}

// bind gives a variable its shape; false when to is no variable or the shape says
// nothing.
func (f *fieldFlow) bind(to *ast.Term, value shape, env fieldEnv) bool {
	v, ok := to.Value.(ast.Var)
	if !ok || value.goType == nil && value.words == nil {
		return false
	}
	env[v] = value
	return true
}

// call follows a call; a last term beyond the arguments takes the result.
func (f *fieldFlow) call(terms []*ast.Term, env fieldEnv) shape {
	operator, ok := terms[0].Value.(ast.Ref)
	if !ok {
		return shape{}
	}
	args := make([]shape, len(terms)-1)
	for i, term := range terms[1:] {
		args[i] = f.term(term, env)
	}
	var out shape
	arity := len(args)
	if rules := f.compiler.GetRulesExact(operator); len(rules) > 0 {
		arity = len(rules[0].Head.Args)
		for _, rule := range rules {
			out = merge(out, f.rule(rule, args[:min(arity, len(args))]))
		}
	} else if operator.String() == ast.ObjectGet.Name {
		arity = 3
		out = f.step(args[0], args[1], terms[2].Location)
	} else {
		f.whole(args...)
	}
	if len(args) > arity {
		f.bind(terms[len(terms)-1], out, env)
	}
	return out
}

// term returns the shape of a term and follows everything inside it.
func (f *fieldFlow) term(term *ast.Term, env fieldEnv) shape {
	if term == nil {
		return shape{}
	}
	switch value := term.Value.(type) {
	case ast.Var:
		if value.Equal(ast.InputRootDocument.Value) {
			return shape{goType: f.root}
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
		f.term(value.Key, inner)
		f.term(value.Value, inner)
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
		for n := len(ref); n > 1; n-- {
			if len(f.compiler.GetRulesExact(ref[:n])) > 0 {
				current, rest = f.path(ref[:n]), ref[n:]
				break
			}
		}
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

// step looks an operand up in a value. A word that names no field of a struct is
// the fault that this file exists for.
func (f *fieldFlow) step(value, operand shape, location *ast.Location) shape {
	if value.goType == nil {
		return shape{words: value.words}
	}
	container := value.goType
	for container.Kind() == reflect.Pointer {
		container = container.Elem()
	}
	if container.Kind() != reflect.Struct {
		return elementOf(shape{goType: container})
	}
	if len(operand.words) == 0 {
		f.whole(shape{goType: container})
	}
	var out shape
	for _, word := range operand.words {
		field, ok := fieldNamed(container, word)
		if !ok {
			f.fault(container, word, location)
			continue
		}
		f.read(container, field)
		out = merge(out, shape{goType: field.Type})
	}
	return out
}

func elementOf(list shape) shape {
	if list.goType == nil {
		return list
	}
	switch list.goType.Kind() {
	case reflect.Slice, reflect.Map:
		return shape{goType: list.goType.Elem(), words: list.words}
	default:
		return shape{}
	}
}

func fieldNamed(container reflect.Type, name string) (reflect.StructField, bool) {
	for field := range container.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

func (f *fieldFlow) read(container reflect.Type, field reflect.StructField) {
	if container != f.root || f.quiet {
		return
	}
	tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	f.fields[tag] = true
	for name := range strings.SplitSeq(field.Tag.Get("dataset"), ",") {
		if name != "" {
			f.reads[name] = true
		}
	}
}

func (f *fieldFlow) fault(container reflect.Type, word string, location *ast.Location) {
	if f.quiet {
		return
	}
	var names []string
	for field := range container.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, tag)
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
