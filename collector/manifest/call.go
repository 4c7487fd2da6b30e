package manifest

import (
	"slices"
	"strings"
)

// passing is a start of a pipeline by another, or by a trigger, with parameters.
type passing struct {
	args *node
	env  *env
}

// passed is what args give a parameter, and where that stands. Arguments are an object,
// or an expression that comes to one: of what else stands there, each parameter may be
// given anything. It returns false for a parameter that is given nothing.
func (w *world) passed(args *node, in *env, name string, depth int) (value, *node, bool) {
	if !present(args) {
		return value{}, nil, false
	}
	if args.shape == anObject && !isExpression(args) {
		at := args.get(name)
		if at == nil {
			return value{}, nil, false
		}
		return w.evaluateAt(at, in, depth), at, true
	}
	all := w.evaluateAt(args, in, depth)
	switch all.sort {
	case objectSort:
		if !slices.ContainsFunc(all.members, func(f field) bool { return strings.EqualFold(f.name, name) }) {
			return value{}, nil, false
		}
		if v, ok := all.member(name); ok {
			return v, args, true
		}
		return unknownValue(because(args, "the parameter %s is given twice", name), "(twice)"), args, true
	case unknownSort:
		return unknownValue(all.cause, all.canon+"."+strings.ToLower(name)), args, true
	}
	if c := all.doubt(); c != nil {
		return unknownValue(c, "(parameters)"), args, true
	}
	return unknownValue(because(args, "the parameters are no object"), "(parameters)"), args, true
}

// isExpression tells {"value": …, "type": "Expression"}.
func isExpression(n *node) bool { return n.isType("Expression") && n.get("value") != nil }

// connectCalls finds who starts which pipeline with what, and which variables each
// pipeline sets.
func (w *world) connectCalls() {
	for _, d := range w.definitions {
		switch d.kind {
		case pipelineKind:
			in := &env{arm: d.arm, pipeline: d}
			d.sets = map[string]bool{}
			eachActivity(d.props.get("activities"), func(a *node) { w.connectActivity(d, a, in) })
		case triggerKind:
			for _, list := range []*node{d.props.get("pipelines"), d.props.path("typeProperties", "pipelines"), d.props.get("pipeline")} {
				w.connectTrigger(d, list)
			}
		}
	}
}

// connectTrigger notes what a trigger starts: a list of pipelines with parameters, or
// one of them.
func (w *world) connectTrigger(d *definition, starts *node) {
	if !present(starts) {
		return
	}
	list := []*node{starts}
	if starts.shape == aList {
		list = starts.list
	}
	for _, p := range list {
		if p.shape != anObject || isExpression(p) {
			w.fault(p, "what the trigger %s starts is no object and cannot be read; hint: write it out, or name the definition as it is deployed", d.title())
			continue
		}
		w.connect(d, p.get("pipelineReference"), p.get("parameters"), &env{arm: d.arm})
	}
}

func (w *world) connectActivity(d *definition, a *node, in *env) {
	w.fresh()
	props := typeProperties(a)
	name, _, _ := w.evaluate(a.get("type"), in).known()
	switch strings.ToLower(name) {
	case "executepipeline":
		if props.shape != anObject {
			w.connect(d, nil, props, in)
			return
		}
		w.connect(d, props.get("pipeline"), props.get("parameters"), in)
	case "invokepipeline":
		w.connectInvoke(props, in)
	case "setvariable", "appendvariable":
		name, _, ok := w.evaluate(props.get("variableName"), in).known()
		d.sets[strings.ToLower(name)] = true
		d.setsAny = d.setsAny || !ok
	}
}

// connect notes one start. One whose pipeline cannot be told may be of any that it
// can be.
func (w *world) connect(from *definition, reference, args *node, in *env) {
	if !present(args) {
		return
	}
	w.fresh()
	b, c := w.refer(reference, pipelineKind, from, in)
	if c == nil {
		b.def.calls = append(b.def.calls, passing{args, in})
		return
	}
	at := reference
	if reference != nil && reference.shape == anObject && !isExpression(reference) {
		at = reference.get("referenceName")
	}
	name := w.evaluate(at, in)
	_, _, told := name.known()
	for _, d := range w.definitions {
		same := !told || strings.EqualFold(d.name.canonical(), name.canonical())
		near := slices.ContainsFunc(d.levels, func(level string) bool { return slices.Contains(from.levels, level) })
		if d.kind == pipelineKind && same && near {
			d.calls = append(d.calls, passing{args, in})
		}
	}
}

// connectInvoke notes a start by the activity of Fabric
// (https://learn.microsoft.com/fabric/data-factory/invoke-pipeline-activity), which names
// a pipeline by an id: the one that Fabric keeps in Git beside it, or that of the item,
// which no file tells and so may be of any. Pipelines of factories have their name.
func (w *world) connectInvoke(props *node, in *env) {
	args := props.get("parameters")
	if props.shape != anObject {
		args = props
	}
	if !present(args) {
		return
	}
	operation, _, told := w.evaluate(props.get("operationType"), in).known()
	inFabric := told && strings.EqualFold(operation, "InvokeFabricPipeline")
	found := false
	for _, member := range []string{"pipelineId", "pipelineName", "pipeline"} {
		at := props.get(member)
		if at.object("referenceName") != nil || at.str("referenceName") != "" {
			at = at.get("referenceName")
		}
		id, _, ok := w.evaluate(at, in).known()
		if !ok || id == "" {
			continue
		}
		for _, d := range w.definitions {
			if d.kind == pipelineKind && (strings.EqualFold(d.title(), id) || strings.EqualFold(w.logical[d.root.file.dir()], id)) {
				d.calls = append(d.calls, passing{args, in})
				found = true
			}
		}
	}
	for _, d := range w.definitions {
		if !found && d.kind == pipelineKind && (d.product == fabric || !inFabric) {
			d.calls = append(d.calls, passing{args, in})
		}
	}
}
