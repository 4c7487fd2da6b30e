package manifest

import (
	"fmt"
	"strings"
)

// The functions that yield something to take members of.
const (
	handlePipeline           = "pipeline"
	handlePipelineParameters = "pipeline().parameters"
	handleGlobalParameters   = "pipeline().globalparameters"
	handleDataset            = "dataset"
	handleLinkedService      = "linkedservice"
	handleSubscription       = "subscription"
	handleTenant             = "tenant"
)

// source evaluates the functions that lead out of the expression. It returns false
// for any other.
func (e *evaluation) source(name string, args []value) (value, bool) {
	if e.template {
		return e.templateSource(name, args)
	}
	switch {
	case name == "variables" && len(args) == 1:
		return e.named(args[0], "variables", e.variable), true
	case len(args) > 0:
		return value{}, false
	case name == "item" && e.env.item != nil:
		return *e.env.item, true
	case name == handlePipeline && e.env.pipeline != nil,
		name == handleDataset && e.env.dataset != nil,
		name == handleLinkedService && e.env.linked != nil:
		return value{sort: handleSort, scalar: name}, true
	}
	return value{}, false
}

func (e *evaluation) templateSource(name string, args []value) (value, bool) {
	switch {
	case name == "parameters" && len(args) == 1:
		return e.named(args[0], "parameters", e.templateParameter), true
	case name == "variables" && len(args) == 1:
		return e.named(args[0], "variables", e.templateVariable), true
	case name == "copyindex":
		return e.copyIndex(args)
	case (name == handleSubscription || name == handleTenant) && len(args) == 0:
		return value{sort: handleSort, scalar: name}, true
	}
	return value{}, false
}

// named looks something up whose name is an argument.
func (e *evaluation) named(arg value, function string, look func(string) value) value {
	name, _, ok := arg.known()
	if !ok {
		return e.undetermined(function, []value{arg})
	}
	return look(name)
}

// reference takes a member of a handle.
func (e *evaluation) reference(base value, name string) value {
	lower := strings.ToLower(name)
	switch base.scalar {
	case handlePipeline:
		switch lower {
		case "parameters":
			return value{sort: handleSort, scalar: handlePipelineParameters}
		case "globalparameters":
			return value{sort: handleSort, scalar: handleGlobalParameters}
		case "pipeline", "pipelinename":
			return e.env.pipeline.name
		}
	case handlePipelineParameters:
		return e.pipelineParameter(name)
	case handleGlobalParameters:
		return e.globalParameter(name)
	case handleDataset:
		return e.argument(e.env.dataset, "dataset", name)
	case handleLinkedService:
		return e.argument(e.env.linked, "linked service", name)
	case handleSubscription, handleTenant:
		if lower == "tenantid" && e.world.tenant != "" {
			v := textValue(e.world.tenant)
			v.assumed = true
			return v
		}
	}
	return e.unknown(base.scalar+"()."+name+" "+e.later(), base.scalar+"()."+lower)
}

// secret tells parameters that are secrets.
func secret(declared *node) bool {
	return strings.HasPrefix(strings.ToLower(declared.str("type")), "secure")
}

// pipelineParameter is @pipeline().parameters.NAME: its default value, unless someone
// who starts the pipeline gives it another.
func (e *evaluation) pipelineParameter(name string) value {
	d := e.env.pipeline
	canon := handlePipelineParameters + "." + strings.ToLower(name)
	declared := d.props.path("parameters", name)
	fallback := declared.get("defaultValue")
	switch {
	case declared == nil:
		return e.unknown("the pipeline declares no parameter "+name, canon)
	case secret(declared):
		return e.unknown("the parameter "+name+" is a secret", canon)
	case !present(fallback):
		return e.unknown("the parameter "+name+" has no default value", canon)
	}
	v := e.world.evaluateAt(fallback, &env{arm: d.arm}, e.depth+1)
	key := fmt.Sprintf("%p %s", d, canon)
	if e.world.following[key] {
		return v // who hands on what it was given, gives nothing new
	}
	e.world.following[key] = true
	defer delete(e.world.following, key)
	for _, c := range d.calls {
		got, at, ok := e.world.passed(c.args, c.env, name, e.depth+1)
		if ok && (got.doubt() != nil || got.canonical() != v.canonical()) {
			return e.unknown(fmt.Sprintf("%s:%d gives the parameter %s another value than its default", at.file.name, at.line, name), canon)
		}
	}
	return v
}

// variable is @variables('NAME'): its default value, if nothing sets it.
func (e *evaluation) variable(name string) value {
	canon := "variables(" + strings.ToLower(name) + ")"
	d := e.env.pipeline
	if d == nil {
		return e.unknown("variables() stands outside a pipeline", canon)
	}
	fallback := d.props.path("variables", name, "defaultValue")
	switch {
	case d.props.path("variables", name) == nil:
		return e.unknown("the pipeline declares no variable "+name, canon)
	case d.setsAny || d.sets[strings.ToLower(name)]:
		return e.unknown("the variable "+name+" is set while the pipeline runs", canon)
	case !present(fallback):
		return e.unknown("the variable "+name+" has no default value", canon)
	}
	return e.world.evaluateAt(fallback, &env{arm: d.arm}, e.depth+1)
}

// globalParameter is @pipeline().globalParameters.NAME
// (https://learn.microsoft.com/azure/data-factory/author-global-parameters).
func (e *evaluation) globalParameter(name string) value {
	canon := handleGlobalParameters + "." + strings.ToLower(name)
	var found *node
	var of *definition
	for _, d := range e.world.definitions {
		if d.levels[0] != e.env.pipeline.levels[0] {
			continue
		}
		var declared *node
		switch d.kind {
		case factoryKind:
			declared = d.props.path("globalParameters", name)
		case globalsKind:
			declared = d.props.get(name)
		}
		if declared == nil {
			continue
		}
		if found != nil {
			return e.unknown("the global parameter "+name+" is declared twice", canon)
		}
		found, of = declared, d
	}
	switch {
	case found == nil:
		return e.unknown("no global parameter "+name+" is declared in the files of the factory", canon)
	case secret(found) || found.get("value") == nil:
		return e.unknown("the global parameter "+name+" has no value that is shown", canon)
	}
	return e.world.evaluateAt(found.get("value"), &env{arm: of.arm}, e.depth+1)
}

// argument is a parameter of a dataset or a linked service: what it is given where it
// is referred to, else its default value.
func (e *evaluation) argument(b *binding, what, name string) value {
	canon := what + "()." + strings.ToLower(name)
	declared := b.def.props.path("parameters", name)
	if secret(declared) {
		return e.unknown("the parameter "+name+" is a secret", canon)
	}
	if v, _, ok := e.world.passed(b.args, b.env, name, e.depth+1); ok {
		return v
	}
	if fallback := declared.get("defaultValue"); present(fallback) {
		return e.world.evaluateAt(fallback, &env{arm: b.def.arm}, e.depth+1)
	}
	return e.unknown(fmt.Sprintf("the parameter %s of the %s %s is given no value and has no default", name, what, b.def.title()), canon)
}

// templateParameter is [parameters('NAME')]: what parameter files and deployments
// give, else the default value.
func (e *evaluation) templateParameter(name string) value {
	canon := "parameters(" + strings.ToLower(name) + ")"
	p := e.env.arm.parameters[strings.ToLower(name)]
	switch {
	case p == nil:
		return e.unknown("the template declares no parameter "+name, canon)
	case secret(p.declared):
		return e.unknown("the parameter "+name+" is a secret", canon)
	case e.env.arm.elsewhere != nil:
		at := e.env.arm.elsewhere
		return e.unknown(fmt.Sprintf("%s:%d takes the parameters of the template from elsewhere", at.file.name, at.line), canon)
	}
	var values []value
	from, sure := "", 0
	for _, g := range p.given {
		if !g.partly {
			sure++
		}
		in := *e.env
		in.arm, in.round = g.env.arm, g.env.round
		if g.value.get("value") == nil {
			return e.unknown(g.from+" takes the parameter "+name+" from elsewhere", canon)
		}
		values = append(values, e.world.evaluateAt(g.value.get("value"), &in, e.depth+1))
		from = g.from
	}
	some := sure < e.env.arm.deployments || p.doubtful
	if fallback := p.declared.get("defaultValue"); len(values) == 0 || some {
		switch {
		case fallback != nil:
			values = append(values, e.world.evaluateAt(fallback, e.env, e.depth+1))
			e.world.defaulted = true
		case len(values) == 0:
			return e.unknown("the parameter "+name+" has no default value, and no parameter file gives one", canon)
		case !p.doubtful:
			return e.unknown("not every parameter file or deployment gives the parameter "+name+", which has no default value", canon)
		}
	}
	for _, v := range values[1:] {
		if v.canonical() != values[0].canonical() || v.doubt() != nil {
			return e.unknown(fmt.Sprintf("the parameter %s has several values, one of them in %s", name, from), canon)
		}
	}
	return values[0]
}

// templateVariable is [variables('NAME')].
func (e *evaluation) templateVariable(name string) value {
	found := e.env.arm.variables.get(name)
	if found == nil {
		if v, ok := e.loopVariable(name); ok {
			return v
		}
		return e.unknown("the template declares no variable "+name, "variables("+strings.ToLower(name)+")")
	}
	return e.world.evaluateAt(found, e.env, e.depth+1)
}
