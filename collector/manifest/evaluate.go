package manifest

import (
	"strings"
)

// maxSteps bounds the work on one value, maxText the length of a text, maxParts how
// many parts of it are not known, and maxCanon how an unknown is written down:
// expressions can lead to each other without end.
const (
	maxSteps = 20_000
	maxText  = 1 << 16
	maxParts = 100
	maxCanon = 1 << 12
)

// env is what an expression can refer to.
type env struct {
	arm      *arm        // the template it stands in
	pipeline *definition // pipeline() and variables()
	dataset  *binding    // dataset()
	linked   *binding    // linkedService()
	item     *value      // item()
	round    *round      // copyIndex()
	// repeats is how many times the loops around are gone through.
	repeats int
}

// binding is a dataset or linked service as it is referred to: with arguments, which
// are written in the terms of who refers to it.
type binding struct {
	def  *definition
	args *node
	env  *env
	// inline is true when it is written where it is used, in the same terms.
	inline bool
}

// evaluation is one expression being evaluated.
type evaluation struct {
	world *world
	env   *env
	at    *node  // where the expression stands
	text  string // as it stands there
	depth int
	// template is true inside an expression of a template, not of the product.
	template bool
}

// evaluate computes a value as far as the files tell it. A nil node is null.
func (w *world) evaluate(n *node, in *env) value { return w.evaluateAt(n, in, 0) }

// fresh starts the evaluation of another value.
func (w *world) fresh() { w.steps = 0 }

func (w *world) evaluateAt(n *node, in *env, depth int) value {
	w.steps++
	if n == nil || n.shape == aNull {
		return value{sort: nullSort}
	}
	if depth > maxDepth || w.steps > maxSteps {
		return unknownValue(&cause{at: n, reason: "the expressions lead to each other too often"}, "(deep)")
	}
	switch n.shape {
	case aScalar:
		return value{sort: scalarSort, scalar: n.text}
	case aText:
		e := &evaluation{world: w, env: in, at: n, text: n.text, depth: depth}
		return e.value(n.text)
	case aList:
		v := value{sort: listSort}
		for _, element := range n.list {
			v.list = append(v.list, w.evaluateAt(element, in, depth+1))
		}
		return v
	}
	switch {
	case n.isType("SecureString", "AzureKeyVaultSecret"):
		return unknownValue(&cause{at: n, reason: "it is kept as a secret"}, "(secret)")
	case isExpression(n):
		return w.expressionObject(n, in, depth)
	}
	v := value{sort: objectSort}
	for _, m := range n.members {
		v.members = append(v.members, field{m.name, w.evaluateAt(m.value, in, depth+1)})
	}
	return v
}

// expressionObject is {"value": "@…", "type": "Expression"}. The value may be written
// as an expression of a template, too.
func (w *world) expressionObject(n *node, in *env, depth int) value {
	inner := n.get("value")
	if inner.shape != aText {
		return w.evaluateAt(inner, in, depth+1)
	}
	e := &evaluation{world: w, env: in, at: inner, text: inner.text, depth: depth + 1}
	return e.value(inner.text)
}

// value evaluates a text: first as an expression of a template, if it stands in one,
// then as one of the product.
func (e *evaluation) value(s string) value {
	if e.env.arm != nil && strings.HasPrefix(s, "[") {
		switch {
		case strings.HasPrefix(s, "[["):
			s = s[1:]
		case strings.HasSuffix(s, "]"):
			return e.deployed(s[1 : len(s)-1])
		}
	}
	return e.product(s)
}

// deployed evaluates an expression of a template. What it comes to may be an
// expression of the product.
func (e *evaluation) deployed(s string) value {
	template := *e
	template.template = true
	v := template.parsed(s)
	plain, why, ok := v.known()
	switch {
	case v.sort != textSort:
		return v
	case !ok:
		for i, p := range v.parts {
			if p.cause == nil && (i == 0 && strings.HasPrefix(p.text, "@") || strings.Contains(p.text, "@{")) {
				return unknownValue(why, v.canonical())
			}
		}
		return v
	case !strings.Contains(plain, "@"):
		return v
	}
	return e.product(plain)
}

// product evaluates @…, @@… and @{…}.
func (e *evaluation) product(s string) value {
	switch {
	case strings.HasPrefix(s, "@@"):
		return textValue(s[1:])
	case strings.HasPrefix(s, "@") && !strings.HasPrefix(s, "@{"):
		return e.parsed(s[1:])
	case !strings.Contains(s, "@{"):
		return textValue(s)
	}
	pieces, ok := interpolation(s)
	if !ok {
		return e.unknown("it cannot be read", s)
	}
	v := value{sort: textSort}
	for _, p := range pieces {
		if !p.expression {
			v = e.join(v, textValue(p.text))
			continue
		}
		v = e.join(v, e.parsed(p.text))
	}
	return v
}

func (e *evaluation) parsed(s string) value {
	if len(s) > maxText {
		return e.unknown("it is too long", "(long)")
	}
	parsed, err := parseExpression(s)
	if err != nil {
		return e.unknown("it cannot be read", s)
	}
	return e.of(parsed)
}

// unknown is a value that keeps e from being known.
func (e *evaluation) unknown(reason, canon string) value {
	return unknownValue(&cause{at: e.at, expression: e.text, reason: reason}, canon)
}

// of evaluates a parsed expression.
func (e *evaluation) of(x *expression) value {
	e.world.steps++
	if e.world.steps > maxSteps {
		return e.unknown("the expressions lead to each other too often", "(deep)")
	}
	switch x.op {
	case literalText:
		return textValue(x.text)
	case literalOther:
		if x.text == "null" {
			return value{sort: nullSort}
		}
		return value{sort: scalarSort, scalar: x.text}
	case accessMember:
		return e.member(e.of(x.args[0]), x.text)
	case accessElement:
		return e.element(e.of(x.args[0]), e.of(x.args[1]))
	}
	if v, ok := e.conditional(x); ok {
		return v
	}
	args := make([]value, len(x.args))
	for i, arg := range x.args {
		args[i] = e.of(arg)
	}
	return e.call(x.text, args)
}

// conditional evaluates if(), of which only one branch counts.
func (e *evaluation) conditional(x *expression) (value, bool) {
	if x.text != "if" || len(x.args) != 3 {
		return value{}, false
	}
	before := e.world.defaulted
	e.world.defaulted = false
	test := e.of(x.args[0])
	chosen := e.world.defaulted
	e.world.defaulted = before || chosen
	if chosen && e.world.careful {
		return e.unknown("which of two values it is rests on the default value of a parameter", "if("+test.canonical()+")"), true
	}
	if answer, _, ok := test.known(); ok && test.sort == scalarSort {
		if strings.EqualFold(answer, "true") {
			return e.of(x.args[1]), true
		}
		return e.of(x.args[2]), true
	}
	return value{}, false
}

// member is base.name.
func (e *evaluation) member(base value, name string) value {
	switch base.sort {
	case handleSort:
		return e.reference(base, name)
	case objectSort:
		if v, ok := base.member(name); ok {
			return v
		}
		return e.unknown("it has no member "+name, base.canonical()+"."+name)
	case unknownSort:
		return unknownValue(base.cause, base.canon+"."+strings.ToLower(name))
	}
	return e.unknown("it takes a member of what is no object", base.canonical()+"."+name)
}

// element is base[key].
func (e *evaluation) element(base, key value) value {
	canon := base.canonical() + "[" + key.canonical() + "]"
	if len(canon) > maxCanon {
		return e.unknown("it is too long", "(long)")
	}
	name, why, ok := key.known()
	switch {
	case !ok && why != nil:
		return unknownValue(why, canon)
	case !ok:
		return e.unknown("its index is no text and no number", canon)
	case base.sort == unknownSort:
		return unknownValue(base.cause, canon)
	case base.sort == listSort && key.sort == scalarSort:
		for i := range base.list {
			if itoa(i) == name {
				return base.list[i]
			}
		}
		return e.unknown("it has no element "+name, canon)
	case base.sort == objectSort || base.sort == handleSort:
		return e.member(base, name)
	}
	return e.unknown("it takes an element of what is no list", canon)
}

// join appends a value to a text.
func (e *evaluation) join(v, more value) value {
	if v.sort != textSort {
		return v
	}
	parts, ok := more.asParts()
	if !ok {
		return e.unknown("it puts a list or an object into a text", v.canonical()+more.canonical())
	}
	v.assumed = v.assumed || more.assumed
	e.world.steps += len(v.parts)/16 + len(parts)
	for _, p := range parts {
		last := len(v.parts) - 1
		if p.cause == nil && last >= 0 && v.parts[last].cause == nil {
			v.parts = append(v.parts[:last:last], part{text: v.parts[last].text + p.text})
		} else if p.cause != nil || p.text != "" {
			v.parts = append(v.parts[:last+1:last+1], p)
		}
		if n := len(v.parts); n > maxParts || n > 0 && len(v.parts[n-1].text) > maxText {
			return e.unknown("it is too long", "(long)")
		}
	}
	return v
}
