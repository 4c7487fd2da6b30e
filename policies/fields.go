package policies

import (
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/sync/errgroup"

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
	fields   fieldSet        // the fields themselves, of the subject and of what it holds
	faults   []*LoadError
	quiet    bool // first pass over a body: bind variables, report nothing
	seen     map[ruleCall]shape
	members  map[reflect.Type]map[string]reflect.StructField // of the types met, by name
	bound    map[ast.Var]*ast.Expr                           // the equation that binds a variable
}

// ruleCall is a rule as it was followed: with which arguments, and whether it was a first pass.
type ruleCall struct {
	rule  *ast.Rule
	args  string
	quiet bool
}

func newRuleCall(rule *ast.Rule, args []shape, quiet bool) ruleCall {
	if len(args) == 0 {
		return ruleCall{rule, "", quiet}
	}
	return ruleCall{rule, fmt.Sprint(args), quiet}
}

// fieldNamed finds a field of a struct by the name that Rego knows it under.
func (f *fieldFlow) fieldNamed(container reflect.Type, name string) (reflect.StructField, bool) {
	members, ok := f.members[container]
	if !ok {
		members = map[string]reflect.StructField{}
		for field := range container.Fields() {
			members[fieldName(field)] = field
		}
		f.members[container] = members
	}
	field, ok := members[name]
	return field, ok
}

// elsewhere stands for what binds a variable and is no equation: an argument, the
// output of a call, every.
func (f *fieldFlow) elsewhere() *ast.Expr { return &ast.Expr{} }

type fieldEnv map[ast.Var]shape

func rootType(kind subject.Kind) reflect.Type {
	switch kind {
	case subject.KindApplication:
		return reflect.TypeFor[subject.Application]()
	case subject.KindTenant:
		return reflect.TypeFor[subject.Tenant]()
	case subject.KindContainerType:
		return reflect.TypeFor[subject.ContainerType]()
	case subject.KindContainer:
		return reflect.TypeFor[subject.Container]()
	case subject.KindPipeline:
		return reflect.TypeFor[subject.Pipeline]()
	case subject.KindAuditor:
		return reflect.TypeFor[subject.Auditor]()
	default:
		return reflect.TypeFor[subject.DataConnectApp]()
	}
}

// checkFields checks controls and adds the datasets that each reads to those it
// requires: a control that reads owners and forgets to require them would else
// pass where owners could not be read.
func (l *Library) checkFields(compiler *ast.Compiler, controls []*Control) error {
	faults := make([]error, len(controls))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, control := range controls {
		group.Go(func() error {
			faults[i] = l.checkControl(compiler, control)
			return nil
		})
	}
	_ = group.Wait() // the fault of the first control counts
	for _, fault := range faults {
		if fault != nil {
			return fault
		}
	}
	return nil
}

func (l *Library) checkControl(compiler *ast.Compiler, control *Control) error {
	reads, fields, members := map[string]bool{}, fieldSet{}, map[reflect.Type]map[string]reflect.StructField{}
	for _, rule := range []string{"applies", "deny", "unknown"} {
		flow := &fieldFlow{
			compiler: compiler, root: rootType(control.Subject),
			reads: map[string]bool{}, fields: fields, members: members,
			seen: map[ruleCall]shape{}, bound: map[ast.Var]*ast.Expr{},
		}
		flow.whole(flow.path(ast.MustParseRef(control.pkg + "." + rule)))
		if len(flow.faults) > 0 {
			return flow.faults[0]
		}
		if rule == "applies" {
			control.appliesOn = slices.Sorted(maps.Keys(flow.reads))
			control.appliesFields = fields.sorted()
		}
		maps.Copy(reads, flow.reads)
	}
	for _, name := range control.Optional {
		delete(reads, name)
	}
	if !control.BuiltIn() {
		l.widen(control, fields, reads)
	}
	control.fields = fields.sorted()
	for _, name := range control.Requires {
		reads[name] = true
	}
	control.Requires = slices.Sorted(maps.Keys(reads))
	control.compiled = true
	return nil
}

// whole notes that values are used in a way that may read any part of them.
func (f *fieldFlow) whole(values ...shape) {
	for _, value := range values {
		for _, t := range value.types {
			f.fields.addAll(t)
		}
	}
}

// widen makes sure that nothing a control of somebody else's reads is missed, in
// whatever way it is written. The built-in controls are held to what they read by
// tests; of others, every field counts as read, and every field whose name occurs
// anywhere in their modules needs its dataset, as does all of them where the input
// is used as a whole.
func (l *Library) widen(control *Control, fields fieldSet, reads map[string]bool) {
	root := rootType(control.Subject)
	named := map[string]bool{}
	for _, module := range l.modules {
		if !strings.HasPrefix(packageName(module), customRoot+".") {
			continue
		}
		ast.WalkTerms(module, func(term *ast.Term) bool {
			if text, ok := term.Value.(ast.String); ok {
				named[string(text)] = true
			}
			return false
		})
	}
	all := len(fields[root]) == root.NumField()
	for field := range root.Fields() {
		if !all && !named[fieldName(field)] {
			continue
		}
		for name := range strings.SplitSeq(field.Tag.Get("dataset"), ",") {
			if name != "" && !slices.Contains(control.Optional, name) {
				reads[name] = true
			}
		}
	}
	fields.addAll(root)
	control.appliesFields = fields.sorted()
}

// path follows the rules at a data path and returns the shape of their value.
func (f *fieldFlow) path(ref ast.Ref) shape {
	var out shape
	for _, rule := range f.compiler.GetRulesExact(ref) {
		out = merge(out, f.rule(rule, nil))
	}
	return out
}

// rule follows one rule, with the shapes of its arguments when it is a function.
func (f *fieldFlow) rule(rule *ast.Rule, args []shape) shape {
	key := newRuleCall(rule, args, f.quiet)
	if out, ok := f.seen[key]; ok {
		return out
	}
	f.seen[key] = shape{}
	var out shape
	for r := rule; r != nil; r = r.Else {
		env := fieldEnv{}
		for i, arg := range r.Head.Args {
			if i < len(args) && !f.bind(arg, args[i], env) {
				f.whole(args[i]) // taken apart by a pattern
			}
		}
		f.body(r.Body, env)
		out = merge(out, f.head(r.Head, env))
	}
	f.seen[key] = out
	return out
}

// head returns the shape of what a rule's head defines: a value, a list of what a
// set holds, and a map of these for each further part of its name, as in p[x] := y.
func (f *fieldFlow) head(head *ast.Head, env fieldEnv) shape {
	var out shape
	if head.RuleKind() == ast.MultiValue {
		out = listOf(f.term(head.Key, env))
	} else {
		out = f.term(head.Value, env)
	}
	ref := head.Ref()
	for _, part := range ref[len(ref.GroundPrefix()):] {
		f.whole(f.term(part, env))
		out = mapOf(out)
	}
	return out
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
	for _, with := range expr.With {
		// What is evaluated under another input or other data is not followed.
		f.whole(f.term(with.Value, env), shape{types: []reflect.Type{f.root}})
	}
	switch terms := expr.Terms.(type) {
	case *ast.Term:
		f.term(terms, env)
	case []*ast.Term:
		if expr.IsEquality() || expr.IsAssignment() {
			left, right := f.term(expr.Operand(0), env), f.term(expr.Operand(1), env)
			f.equate(expr, left, right, env)
			return
		}
		f.call(terms, env)
	case *ast.Every:
		domain := f.term(terms.Domain, env)
		inner := maps.Clone(env)
		f.bind(terms.Value, elementOf(domain), inner)
		f.body(terms.Body, inner)
	}
}

// equate follows x = y: it binds a variable, or compares two values in full.
func (f *fieldFlow) equate(expr *ast.Expr, left, right shape, env fieldEnv) {
	for i, value := range []shape{right, left} {
		v, ok := expr.Operand(i).Value.(ast.Var)
		if !ok || f.bound[v] != nil && f.bound[v] != expr || value.empty() {
			continue
		}
		f.bound[v] = expr // bodies are followed twice: it is the same binding
		f.bind(expr.Operand(i), value, env)
		return
	}
	if !looksAtShape(ast.Equal.Name, expr.Operands()) {
		f.whole(left, right)
	}
}

// bind gives a variable its shape; false when to is no variable or the shape says
// nothing.
func (f *fieldFlow) bind(to *ast.Term, value shape, env fieldEnv) bool {
	v, ok := to.Value.(ast.Var)
	if !ok || value.empty() {
		return false
	}
	env[v] = value
	if f.bound[v] == nil {
		f.bound[v] = f.elsewhere()
	}
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
		out = f.get(args[0], terms[2], env)
	} else if operator.String() == ast.ObjectFilter.Name {
		arity = 2
		f.filter(args[0], args[1], terms[2].Location)
	} else if !looksAtShape(operator.String(), terms[1:]) {
		f.whole(args...)
	}
	if len(args) > arity {
		f.bind(terms[len(terms)-1], out, env)
	}
	return out
}

// get follows object.get(value, key, default), where key may be a path.
func (f *fieldFlow) get(value shape, key *ast.Term, env fieldEnv) shape {
	path, ok := key.Value.(*ast.Array)
	if !ok {
		return f.step(value, f.term(key, env), key.Location)
	}
	path.Foreach(func(part *ast.Term) { value = f.step(value, f.term(part, env), key.Location) })
	return value
}

// filter follows object.filter(value, words): a copy of the named members, in full.
func (f *fieldFlow) filter(value, words shape, location *ast.Location) {
	f.whole(f.step(value, elementOf(words), location))
}
