package manifest

import (
	"regexp"
	"strings"
)

// graphResource is a resource of Bicep's Microsoft Graph extension in a template
// (https://learn.microsoft.com/graph/templates/bicep/reference/overview).
type graphResource struct {
	at       *node
	in       *env
	kind     string // in lower case, without prefix and version
	index    int    // of the round of a copy loop that makes it; -1 without a loop, or where its rounds are not known
	symbol   string
	settled  *node // the properties, as far as the files tell them
	existing bool
}

// graphKind is the kind of a resource of the extension; "" for another.
func graphKind(name string) string {
	rest, found := strings.CutPrefix(strings.ToLower(name), "microsoft.graph/")
	if !found {
		return ""
	}
	kind, _, _ := strings.Cut(rest, "@")
	return kind
}

// noteSymbols remembers what the resources of a template are called in it.
func (w *world) noteSymbols(list *node, a *arm) {
	if list == nil || list.shape != anObject {
		return
	}
	if w.symbols[a] == nil {
		w.symbols[a] = map[string]*node{}
	}
	for _, m := range list.members {
		w.symbols[a][m.name] = m.value
		w.symbolOf[m.value] = m.name
	}
}

// graphResource takes a resource of a template, if it is of the extension.
func (w *world) graphResource(r *node, a *arm) {
	kind := graphKind(r.str("type"))
	if kind == "" {
		return
	}
	existing := r.get("existing")
	rounds, known := w.repeated(r, &env{arm: a})
	for _, round := range rounds {
		g := &graphResource{
			at: r, in: (&env{arm: a}).within(round), kind: kind, symbol: w.symbolOf[r], index: -1,
			existing: existing != nil && existing.text == "true",
		}
		if round != nil {
			g.index = round.index
		}
		w.fresh()
		w.defaulted = false
		if text, _, ok := w.evaluate(r.get("condition"), g.in).known(); ok && strings.EqualFold(text, "false") && !w.defaulted {
			continue // it is not deployed, whoever deploys the template
		}
		w.graph = append(w.graph, g)
	}
	if !known {
		w.appFault(r, "how often a copy loop makes %s is not known before it is deployed, and it is read once; hint: name a file of the parameters, or write the resources out", w.symbolOf[r]+" ("+kind+")")
	}
}

// settle replaces the expressions in a tree by what they come to.
func (w *world) settle(n *node, in *env, depth int) *node {
	switch {
	case n == nil || depth > maxDepth:
		return nil
	case n.shape == aText && strings.HasPrefix(n.text, "[["):
		return &node{shape: aText, line: n.line, file: n.file, text: n.text[1:]}
	case n.shape == aText && strings.HasPrefix(n.text, "[") && strings.HasSuffix(n.text, "]"):
		w.fresh()
		return nodeOf(w.evaluate(n, in), n)
	case n.shape == aList:
		out := &node{shape: aList, line: n.line, file: n.file}
		for _, element := range n.list {
			out.list = append(out.list, w.settle(element, in, depth+1))
		}
		return out
	case n.shape != anObject:
		return n
	}
	out := &node{shape: anObject, line: n.line, file: n.file}
	for _, m := range n.members {
		if strings.EqualFold(m.name, "copy") && isCopyLoop(m.value) {
			for _, loop := range m.value.list {
				out.members = append(out.members, member{loop.str("name"), w.settleLoop(loop, in, depth)})
			}
			continue
		}
		out.members = append(out.members, member{m.name, w.settle(m.value, in, depth+1)})
	}
	return out
}

// nodeOf is a value as it would stand where its expression does.
func nodeOf(v value, at *node) *node {
	n := &node{line: at.line, file: at.file}
	switch v.sort {
	case nullSort:
		n.shape = aNull
	case scalarSort:
		n.shape, n.text = aScalar, v.scalar
	case listSort:
		n.shape = aList
		for _, element := range v.list {
			n.list = append(n.list, nodeOf(element, at))
		}
	case objectSort:
		n.shape = anObject
		for _, m := range v.members {
			n.members = append(n.members, member{m.name, nodeOf(m.value, at)})
		}
	default:
		text, c, ok := v.known()
		if n.shape, n.text = aText, text; !ok {
			n.shape, n.text, n.why = anUnknown, at.text, "it is not known before it is deployed"
			if c != nil {
				n.why = c.reason
			}
		}
	}
	return n
}

// bicep is the resources of the extension being read.
type bicep struct {
	world *world
	apps  map[*graphResource]*appReader // by the resource that defines them
	named map[string]*appReader
}

// bicep reads the applications of all templates.
func (w *world) bicep() {
	b := &bicep{world: w, apps: map[*graphResource]*appReader{}, named: map[string]*appReader{}}
	w.careful = true
	defer func() { w.careful = false }()
	for _, g := range w.graph {
		g.settled = w.settle(g.at.get("properties"), g.in, 0)
		if g.settled == nil || g.settled.shape != anObject {
			wrong(&w.broken, g.at, "the resource of Microsoft Graph has no properties that can be read; hint: build the Bicep file again")
			g.settled = &node{shape: anObject, line: g.at.line, file: g.at.file}
		}
		if g.kind == "applications" && !g.existing {
			b.define(g)
		}
	}
	for _, g := range w.graph {
		if g.existing {
			continue
		}
		switch g.kind {
		case "applications/federatedidentitycredentials":
			b.owner(g).federatedOf(g)
		case "approleassignedto":
			b.assignment(g)
		case "oauth2permissiongrants":
			b.delegation(g)
		case "serviceprincipals":
			b.principalPart(g)
		case "applications", "groups", "users":
		default:
			b.world.appFault(g.at, "a resource of the type %s is not read; hint: define it with resources that are, or audit the tenant after the merge", g.at.str("type"))
		}
	}
}

// define reads an application, whose form is that of Graph
// (https://learn.microsoft.com/graph/templates/bicep/reference/applications).
func (b *bicep) define(g *graphResource) {
	a := b.world.newApp(g.at, formatBicep, g.address())
	b.apps[g] = a
	a.registration(g.settled)
	if a.row.Requests == nil {
		a.row.Requests = []appRequest{}
	}
	if a.row.Name == "" {
		a.row.Name = g.address()
	}
	if a.row.UniqueName != "" {
		b.named[strings.ToLower(a.row.UniqueName)] = a
	}
}

func (g *graphResource) address() string {
	name := g.symbol
	if name == "" {
		name = g.at.str("name")
	}
	if name == "" || strings.HasPrefix(name, "[") {
		name = g.kind
	}
	if g.index >= 0 {
		name += "[" + itoa(g.index) + "]"
	}
	return name
}

// owner is the application of a federated credential: what its name refers to or begins with, or what it waits for.
func (b *bicep) owner(g *graphResource) *appReader {
	for _, name := range []string{"name", "parentId"} {
		if target := b.target(g, name); target != nil {
			return b.of(target)
		}
	}
	if name := g.settled.str("name"); name != "" {
		before, _, _ := strings.Cut(name, "/")
		if a := b.named[strings.ToLower(before)]; a != nil {
			return a
		}
	}
	if list := g.at.get("dependsOn"); list != nil {
		for _, symbol := range list.list {
			b.world.fresh()
			name, _, _ := b.world.evaluate(symbol, g.in).known()
			if target, _ := b.find(g, name); target != nil && target.kind == "applications" {
				return b.of(target)
			}
		}
	}
	a := b.world.newApp(g.at, formatBicep, g.address())
	a.row.Name, a.row.Part = g.address(), true
	return a
}

// of is the reader of an application of the templates. One that exists already is read as far as it is referred to.
func (b *bicep) of(g *graphResource) *appReader {
	if a := b.apps[g]; a != nil {
		return a
	}
	a := b.world.newApp(g.at, formatBicep, g.address())
	b.apps[g] = a
	a.row.Name, a.row.UniqueName, a.row.Part = g.address(), g.settled.str("uniqueName"), true
	a.appID(g.settled.get("appId"))
	return a
}

// federatedOf reads a federated credential, whose name begins with that of its application.
func (a *appReader) federatedOf(g *graphResource) {
	name := g.settled.get("name")
	text := g.address()
	switch {
	case name != nil && !unfilled(name):
		text = name.text
	default:
		if found := lastPart.FindStringSubmatch(g.at.path("properties").str("name")); found != nil {
			text = found[1] + found[2]
		}
	}
	_, last, _ := cutLast("/" + text)
	settled := &node{shape: anObject, line: g.settled.line, file: g.settled.file}
	for _, m := range g.settled.members {
		if m.name == "name" {
			m.value = &node{shape: aText, line: m.value.line, file: m.value.file, text: last}
		}
		settled.members = append(settled.members, m)
	}
	a.federated(settled)
}

// lastPart finds the name of a federated credential in [format('{0}/name', …)] or [format('{0}/{1}', …, 'name')].
var lastPart = regexp.MustCompile(`[/']([A-Za-z0-9._-]+)'\)\]$|\{0\}/([A-Za-z0-9._-]+)'`)

// principalPart reads what a service principal says of its application.
func (b *bicep) principalPart(g *graphResource) {
	target := b.target(g, "appId")
	if target == nil {
		b.lonePrincipal(g)
		return
	}
	a := b.of(target)
	a.row.Enabled = new(true) // unless it says otherwise
	if at := g.settled.get("accountEnabled"); present(at) {
		a.row.Enabled = a.truth(fieldGrants, at)
	}
	a.credentialsOf(g.settled)
}

// lonePrincipal reads the credentials of the service principal of an application that is not in the template.
func (b *bicep) lonePrincipal(g *graphResource) {
	if !present(g.settled.get("passwordCredentials")) && !present(g.settled.get("keyCredentials")) {
		return
	}
	a := b.of(g)
	if a.row.AppID == "" {
		a.appID(g.settled.get("appId"))
	}
	a.credentialsOf(g.settled)
}

// credentialsOf reads the credentials of a service principal.
func (a *appReader) credentialsOf(n *node) {
	before := len(a.row.Credentials)
	a.credentials(n.get("passwordCredentials"), "secret")
	a.credentials(n.get("keyCredentials"), "certificate")
	for i := before; i < len(a.row.Credentials); i++ {
		a.row.Credentials[i].Of = "service_principal"
	}
}
