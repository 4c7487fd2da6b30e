package manifest

import (
	"path"
	"strings"
)

// link is a deployment of a template that stands in another file.
type link struct {
	at *node // the deployment
	// target is where that template is, as far as the files tell, in lower case.
	target string
	// abs is the file that it is, if it is named by a path that is known.
	abs    string
	params given
	led    bool
}

func isDeployment(n *node) bool { return n.isType("Microsoft.Resources/deployments") }

// collectLinks finds the deployments of templates in other files.
func (w *world) collectLinks(resources *node, a *arm, depth int) {
	if depth > maxDepth {
		return
	}
	for _, r := range resourceLists(resources) {
		if isDeployment(r) {
			props := r.get("properties")
			if at := props.get("templateLink"); present(at) {
				w.links = append(w.links, w.newLink(r, at, a))
			}
			if nested := props.object("template"); nested != nil {
				inner, _ := w.innerArm(r, nested, &env{arm: a})
				w.collectLinks(nested.get("resources"), inner, depth+1)
			}
		}
		w.collectLinks(r.get("resources"), a, depth+1)
	}
}

// newLink reads where a deployment says that its template is
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates):
// at an address, or at a path that starts where its own template is.
func (w *world) newLink(r, at *node, a *arm) *link {
	w.fresh()
	l := &link{at: r, params: deploymentValues(r, &env{arm: a})}
	relative := w.evaluate(at.get("relativePath"), &env{arm: a})
	uri := w.evaluate(at.get("uri"), &env{arm: a})
	if name, _, ok := relative.known(); ok && name != "" {
		l.abs = path.Join(r.file.dir(), strings.ReplaceAll(name, `\`, "/"))
	} else if relative.sort != nullSort {
		l.target = strings.ToLower(relative.canonical())
	} else if uri.sort != nullSort {
		l.target = strings.ToLower(uri.canonical())
	}
	return l
}

// deploymentValues are the parameters that a deployment gives. Ones that it takes from
// another place stand for themselves.
func deploymentValues(r *node, in *env) given {
	props := r.get("properties")
	g := given{value: props.get("parameters"), env: in, from: r.file.name}
	if at := props.get("parametersLink"); present(at) {
		g.value = &node{shape: aText, file: at.file, line: at.line}
	}
	return g
}

// leadsTo reports whether a link is to a template. Of an address only the name of the
// file counts: where the files are put before they are deployed, none of them tells.
func (l *link) leadsTo(f *file) bool {
	if l.abs != "" {
		return strings.EqualFold(l.abs, f.abs)
	}
	base := strings.ToLower(f.base())
	if base == "" {
		return false
	}
	for rest := l.target; ; {
		before, after, found := strings.Cut(rest, base)
		if !found {
			return false
		}
		if !endsInWord(before) && !endsInWord(reverseFirst(after)) {
			return true
		}
		rest = after
	}
}

// reverseFirst is the first byte of a text.
func reverseFirst(text string) string { return text[:min(1, len(text))] }

// endsInWord reports whether a text ends in what may be a part of a file's name.
func endsInWord(text string) bool {
	if text == "" {
		return false
	}
	c := text[len(text)-1]
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte("-_.%", c) >= 0
}

// deployment goes on into a nested template
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates).
func (w *world) deployment(r *node, a *arm, depth int) {
	props := r.get("properties")
	nested := props.get("template")
	switch {
	case props == nil || props.shape != anObject:
		w.fault(r, "the properties of a deployment are no object: what it deploys cannot be told; hint: write them out, or name the template that it deploys")
		return
	case !present(nested) && present(props.get("templateLink")):
		return // another file, or a fault
	case nested == nil || nested.shape != anObject:
		w.fault(r, "the nested template of a deployment is no object and cannot be read; hint: write it out, or name the template that it deploys")
		return
	}
	rounds, known := w.repeated(r, &env{arm: a})
	if own, _ := w.innerArm(r, nested, &env{arm: a}); own == a && len(rounds) > 1 {
		rounds, known = []*round{nil}, false // its expressions mean those around it, which know of no round
	}
	before := len(w.graph)
	for _, round := range rounds {
		w.nested(r, nested, (&env{arm: a}).within(round), depth)
	}
	if !known && len(w.graph) > before {
		w.appFault(r, "how often a copy loop deploys a template is not known before it is deployed, and it is read once; hint: name a file of the parameters, or write the deployments out")
	}
}

// nested goes on into the template of a deployment, in one round of the loop that it may stand in.
func (w *world) nested(r, template *node, in *env, depth int) {
	inner, told := w.innerArm(r, template, in)
	if !told {
		w.fault(r, "whose parameters the expressions of a nested template mean cannot be told; hint: write the scope of expressionEvaluationOptions out")
	}
	w.resources(template.get("resources"), inner, "", value{}, depth+1)
}

// innerArm is the template whose parameters and variables the expressions of a nested
// template mean. It returns false when that is not known.
func (w *world) innerArm(r, nested *node, in *env) (*arm, bool) {
	outer := in.arm
	at := r.path("properties", "expressionEvaluationOptions")
	if present(at) && at.shape != anObject {
		return outer, false
	}
	scope, _, told := w.evaluate(at.get("scope"), &env{arm: outer}).known()
	if !strings.EqualFold(scope, "inner") {
		return outer, told || !present(at.get("scope"))
	}
	inner := w.template(nested)
	inner.accept(deploymentValues(r, in), false)
	return inner, true
}

// unlinked faults the deployments of templates that are not among the files.
func (w *world) unlinked() {
	for _, l := range w.links {
		if !l.led {
			w.fault(l.at, "the template that a deployment links to is not among the files: what it deploys is not judged; hint: name that file, too")
		}
	}
}

// copyLoops faults the lists that a template puts together in copy loops
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties):
// they are not read.
func (w *world) copyLoops(n *node, d *definition) {
	if n == nil {
		return
	}
	for _, element := range n.list {
		w.copyLoops(element, d)
	}
	for _, m := range n.members {
		if strings.EqualFold(m.name, "copy") && isCopyLoop(m.value) {
			w.fault(m.value, "the template makes a list of the %s %s in a copy loop, which is not read; hint: write the list out, or name the definition as it is deployed", d.kind, d.title())
		}
		w.copyLoops(m.value, d)
	}
}

func isCopyLoop(n *node) bool {
	if n.shape != aList {
		return false
	}
	for _, element := range n.list {
		if element.get("count") != nil || element.get("input") != nil {
			return true
		}
	}
	return false
}
