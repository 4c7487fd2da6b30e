package manifest

import "strconv"

// references are the symbolic names in the calls of reference() and resourceInfo() in an expression, as far as they are
// known. bare is true where the expression is nothing but one such call, and a member of what it yields.
func (b *bicep) references(g *graphResource, at *node) (names []string, bare bool) {
	if at == nil || at.shape != aText || len(at.text) < 2 || at.text[0] != '[' || at.text[1] == '[' || at.text[len(at.text)-1] != ']' {
		return nil, false
	}
	whole, err := parseExpression(at.text[1 : len(at.text)-1])
	if err != nil {
		return nil, false
	}
	b.world.fresh()
	e := &evaluation{world: b.world, env: g.in, at: at, text: at.text, template: true}
	e.referenced(whole, &names)
	inner := whole
	for inner.op == accessMember {
		inner = inner.args[0]
	}
	return names, len(names) == 1 && inner.op == call && isReference(inner)
}

func isReference(x *expression) bool {
	return (x.text == "reference" || x.text == "resourceinfo") && len(x.args) > 0
}

func (e *evaluation) referenced(x *expression, names *[]string) {
	if x.op == call && isReference(x) {
		name, _, _ := e.of(x.args[0]).known()
		*names = append(*names, name)
		return
	}
	for _, arg := range x.args {
		e.referenced(arg, names)
	}
}

// target is the resource that an argument of another refers to: the first, if there are several.
func (b *bicep) target(g *graphResource, name string) *graphResource {
	names, _ := b.references(g, g.at.path("properties", name))
	if len(names) == 0 {
		return nil
	}
	target, _ := b.find(g, names[0])
	return target
}

// find is the resource of a symbolic name in the template of another; nil when it is none of the extension, or it is not
// known which one of those that a loop makes.
func (b *bicep) find(from *graphResource, name string) (*graphResource, *node) {
	symbol, index := name, -1
	if found := elementOf.FindStringSubmatch(name); found != nil {
		symbol = found[1]
		index, _ = strconv.Atoi(found[2])
	}
	at := b.world.symbols[from.in.arm][symbol]
	if at == nil {
		return nil, nil
	}
	var found []*graphResource
	for _, g := range b.world.graph {
		if g.at == at && g.in.arm == from.in.arm && (index < 0 || g.index < 0 || g.index == index) {
			found = append(found, g)
		}
	}
	if len(found) != 1 {
		return nil, at
	}
	return found[0], at
}
