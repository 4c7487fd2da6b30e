package manifest

import (
	"slices"
	"strings"
)

// arm is one template, or one nested in it, whose parameters and variables its
// expressions mean.
type arm struct {
	parameters map[string]*armParameter // by name in lower case
	variables  *node
	made       map[string]value // of variables, what copy loops made
	// deployments is how many files and deployments give values: one that gives none
	// for a parameter leaves it at its default.
	deployments int
	// elsewhere is where a deployment says that it takes its parameters from another
	// place, nil when none does.
	elsewhere *node
}

// armParameter is a parameter of a template, with the values that parameter files and
// deployments give it.
type armParameter struct {
	declared *node
	given    []given
	// doubtful is true when it is not known whether what is given applies, so that the
	// default value may.
	doubtful bool
}

// given is a value for a parameter, in whose terms it is written, and who gives it.
type given struct {
	value *node
	env   *env
	from  string
	// partly is true when who gives it cannot give all parameters, so that others do.
	partly bool
}

// parameterFile is a file of parameter values for a template.
type parameterFile struct {
	file    *file
	matched bool // a template goes by its name
}

// isTemplate tells a template
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax).
func isTemplate(n *node) bool {
	if strings.Contains(strings.ToLower(n.str("$schema")), "deploymenttemplate.json") {
		return true
	}
	return n.get("contentVersion") != nil && n.get("resources") != nil
}

// isParameters tells a file of parameter values
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/parameter-files).
func isParameters(f *file) bool {
	n := f.root
	if strings.Contains(strings.ToLower(n.str("$schema")), "deploymentparameters.json") {
		return true
	}
	named := n.get("contentVersion") != nil || strings.Contains(strings.ToLower(f.base()), "parameters")
	other := n.get("properties") != nil || n.get("activities") != nil || n.get("type") != nil || isTemplate(n)
	return named && n.object("parameters") != nil && !other
}

// templates defines what the templates deploy.
func (w *world) templates() {
	var templates []*file
	for _, f := range w.files {
		switch {
		case isTemplate(f.root):
			templates = append(templates, f)
		case isParameters(f):
			w.parameters = append(w.parameters, &parameterFile{file: f})
		}
	}
	own := map[*file][]*parameterFile{}
	for _, p := range w.parameters {
		for _, f := range templates {
			if p.belongs(f) {
				own[f] = append(own[f], p)
				p.matched = true
			}
		}
	}
	made := make([]*arm, len(templates))
	for i, f := range templates {
		made[i] = w.template(f.root)
		w.give(made[i], own[f])
		w.giveUnread(made[i], f, own[f])
	}
	for i, f := range templates {
		w.collectLinks(f.root.get("resources"), made[i], 0)
	}
	for i, f := range templates {
		for _, l := range w.links {
			if l.leadsTo(f) {
				made[i].accept(l.params, false)
				l.led = true
			}
		}
		w.resources(f.root.get("resources"), made[i], "", value{}, 0)
	}
	w.unlinked()
}

func (w *world) template(root *node) *arm {
	a := &arm{parameters: map[string]*armParameter{}, made: map[string]value{}, variables: root.object("variables")}
	if declared := root.object("parameters"); declared != nil {
		for _, m := range declared.members {
			a.parameters[strings.ToLower(m.name)] = &armParameter{declared: m.value}
		}
	}
	return a
}

// accept takes values for parameters, as {name: {"value": …}}.
func (a *arm) accept(values given, doubtful bool) {
	if !values.partly {
		a.deployments++
	}
	if !present(values.value) {
		return
	}
	if values.value.shape != anObject {
		a.elsewhere = values.value
		return
	}
	for _, m := range values.value.members {
		if p := a.parameters[strings.ToLower(m.name)]; p != nil {
			p.given = append(p.given, given{m.value, values.env, values.from, values.partly})
			p.doubtful = p.doubtful || doubtful
		}
	}
}

// give applies parameter files: those that go by the template's name, and those of no
// template whose every parameter this one declares. Beside the former, one of the latter
// that does not give all that is required does not stand alone.
func (w *world) give(a *arm, own []*parameterFile) {
	for _, p := range own {
		a.accept(p.values(), false)
	}
	for _, p := range w.parameters {
		values := p.values()
		if p.matched || !present(values.value) || len(values.value.members) == 0 && len(own) > 0 ||
			slices.ContainsFunc(values.value.members, func(m member) bool { return a.parameters[strings.ToLower(m.name)] == nil }) {
			continue
		}
		values.partly = len(own) > 0 && !a.complete(values.value)
		a.accept(values, len(own) == 0)
	}
}

func (p *parameterFile) values() given {
	return given{value: p.file.root.object("parameters"), env: &env{}, from: p.file.name}
}

// complete reports whether values are given for all parameters without a default value.
func (a *arm) complete(values *node) bool {
	for name, p := range a.parameters {
		if !present(p.declared.get("defaultValue")) && values.get(name) == nil {
			return false
		}
	}
	return true
}

// belongs reports whether a parameter file goes by a template's name: x.parameters.json
// and x.parameters.test.json by x.json, ARMTemplateParametersForFactory.json by
// ARMTemplateForFactory.json, parameters.json by any in its folder.
func (p *parameterFile) belongs(f *file) bool {
	if p.file.dir() != f.dir() {
		return false
	}
	stem := func(f *file) string { return strings.TrimSuffix(strings.ToLower(f.base()), ".json") }
	template, own := stem(f), stem(p.file)
	if own == template || !strings.Contains(own, "parameter") {
		return strings.HasPrefix(own, template+".")
	}
	rest := strings.Trim(strings.NewReplacer("parameters", "", "parameter", "").Replace(own), ".-_")
	return rest == "" || rest == template || strings.HasPrefix(own, template+".") || strings.HasPrefix(own, template+"-")
}

// resourceLists yields the resources of a list, or of an object of named ones, as
// templates of language version 2.0 have them.
func resourceLists(n *node) []*node {
	if n == nil {
		return nil
	}
	if n.shape == anObject {
		var list []*node
		for _, m := range n.members {
			list = append(list, m.value)
		}
		return list
	}
	return n.list
}

// resources defines what a list of resources deploys. Of a child, parent is the type
// and owner the name of what it belongs to.
func (w *world) resources(list *node, a *arm, parent string, owner value, depth int) {
	if depth > maxDepth {
		return
	}
	if present(list) && list.shape != aList && list.shape != anObject {
		w.fault(list, "the resources of a template are no list and cannot be read; hint: write them out, or name the template as it is deployed")
	}
	w.noteSymbols(list, a)
	for _, r := range resourceLists(list) {
		if r.shape != anObject {
			w.fault(r, "a resource of a template is no object and cannot be read; hint: write it out, or name the template as it is deployed")
			continue
		}
		name := r.str("type")
		if parent != "" && !strings.Contains(name, "/") {
			name = parent + "/" + name
		}
		if isDeployment(r) {
			w.deployment(r, a, depth)
			continue
		}
		w.graphResource(r, a)
		full := w.evaluate(r.get("name"), &env{arm: a})
		w.resource(r, a, name, full, owner)
		if parent != "" && !strings.Contains(r.str("type"), "/") {
			full = owner
		}
		w.resources(r.get("resources"), a, name, full, depth+1)
	}
}

// resource defines one resource, if it is one of the products'.
func (w *world) resource(r *node, a *arm, name string, full, owner value) {
	found, product := typeKind(name)
	if found == "" {
		if w.mentions(r.get("type")) {
			w.fault(r, "the type of a resource is an expression: what it deploys cannot be told; hint: write the type out")
		}
		return
	}
	factory, leaf := split(full)
	if len(factory) == 0 {
		factory = owner.parts
	}
	if found == factoryKind {
		factory = full.parts
	}
	d := &definition{kind: found, name: value{sort: textSort, parts: leaf}, product: product, root: r, props: r.object("properties"), arm: a}
	key := value{sort: textSort, parts: factory}
	d.levels = []string{"template:" + r.file.abs + "\x00" + strings.ToLower(key.canonical())}
	if key.doubt() == nil && len(factory) > 0 {
		d.levels = append(d.levels, "templates:"+r.file.dir()+"\x00"+strings.ToLower(key.canonical()))
	}
	if d.props == nil {
		if found == pipelineKind || found == dataFlowKind || found == triggerKind {
			w.fault(r, "the properties of the %s %s are no object and cannot be read; hint: write them out, or name the definition as it is deployed", found, d.title())
		}
		d.props = &node{shape: anObject, file: r.file, line: r.line}
	}
	w.copyLoops(d.props, d)
	w.put(d)
}

// mentions reports whether a type is an expression.
func (w *world) mentions(n *node) bool {
	return n != nil && n.shape == aText && strings.HasPrefix(n.text, "[") && !strings.HasPrefix(n.text, "[[")
}

// split cuts the name of a resource, <factory>/<name>, at its last slash.
func split(name value) (factory, leaf []part) {
	parts, ok := name.asParts()
	if !ok {
		return nil, nil
	}
	for i, p := range slices.Backward(parts) {
		if p.cause != nil {
			continue
		}
		before, after, found := cutLast(p.text)
		if !found {
			continue
		}
		factory = slices.Clone(parts[:i])
		if before != "" {
			factory = append(factory, part{text: before})
		}
		if after != "" {
			leaf = append(leaf, part{text: after})
		}
		return factory, append(leaf, parts[i+1:]...)
	}
	return nil, parts
}
