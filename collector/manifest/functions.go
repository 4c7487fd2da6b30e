package manifest

import (
	"strconv"
	"strings"
)

func itoa(i int) string { return strconv.Itoa(i) }

// call evaluates a function. One that is not computed here, or whose arguments are
// not known, yields a value that is not known either, but can be compared with
// another of the same function and arguments.
func (e *evaluation) call(name string, args []value) value {
	if v, ok := e.source(name, args); ok {
		return v
	}
	switch name {
	case "concat":
		return e.concat(args)
	case "format":
		return e.format(args)
	case "string":
		if len(args) == 1 && (args[0].sort == textSort || args[0].sort == scalarSort || args[0].sort == unknownSort) {
			return e.join(value{sort: textSort}, args[0])
		}
	case "createarray":
		return value{sort: listSort, list: args}
	case "array":
		if len(args) == 1 && args[0].sort != unknownSort {
			if args[0].sort == listSort {
				return args[0]
			}
			return value{sort: listSort, list: args}
		}
	case "json":
		if v, ok := e.json(args); ok {
			return v
		}
	case "first", "last":
		if len(args) == 1 && args[0].sort == listSort && len(args[0].list) > 0 {
			if name == "first" {
				return args[0].list[0]
			}
			return args[0].list[len(args[0].list)-1]
		}
	case "coalesce":
		for _, arg := range args {
			if arg.sort != nullSort {
				return arg
			}
		}
	}
	if v, ok := e.pure(name, args); ok {
		return v
	}
	if v, ok := e.lists(name, args); ok {
		return v
	}
	return e.undetermined(name, args)
}

// undetermined is a call that is not computed.
func (e *evaluation) undetermined(name string, args []value) value {
	canon := name + "("
	for i, arg := range args {
		if i > 0 {
			canon += ","
		}
		if canon += arg.canonical(); len(canon) > maxCanon {
			return e.unknown("it is too long", "(long)")
		}
	}
	canon += ")"
	for _, arg := range args {
		if c := arg.doubt(); c != nil {
			return unknownValue(c, canon)
		}
	}
	return e.unknown(name+"() "+e.later(), canon)
}

// later says when a value will be known.
func (e *evaluation) later() string {
	if e.template {
		return "is not known before the deployment"
	}
	return "is not known before the run"
}

// pure computes functions of arguments that must all be known.
func (e *evaluation) pure(name string, args []value) (value, bool) {
	var texts []string
	for _, arg := range args {
		plain, _, ok := arg.known()
		if !ok {
			return value{}, false
		}
		texts = append(texts, plain)
	}
	truth := func(yes bool) (value, bool) { return value{sort: scalarSort, scalar: strconv.FormatBool(yes)}, true }
	switch {
	case name == "tolower" && len(texts) == 1:
		return textValue(strings.ToLower(texts[0])), true
	case name == "toupper" && len(texts) == 1:
		return textValue(strings.ToUpper(texts[0])), true
	case name == "trim" && len(texts) == 1:
		return textValue(strings.TrimSpace(texts[0])), true
	case name == "replace" && len(texts) == 3 && texts[1] != "":
		if strings.Count(texts[0], texts[1])*len(texts[2])+len(texts[0]) > maxText {
			return value{}, false
		}
		return textValue(strings.ReplaceAll(texts[0], texts[1], texts[2])), true
	case name == "split" && len(texts) == 2 && texts[1] != "":
		v := value{sort: listSort}
		for piece := range strings.SplitSeq(texts[0], texts[1]) {
			v.list = append(v.list, textValue(piece))
		}
		return v, true
	case name == "equals" && len(texts) == 2 && args[0].sort == args[1].sort && sure(args):
		return truth(texts[0] == texts[1])
	case name == "not" && len(texts) == 1 && args[0].sort == scalarSort:
		return truth(!strings.EqualFold(texts[0], "true"))
	case name == "bool" && len(texts) == 1 && (strings.EqualFold(texts[0], "true") || strings.EqualFold(texts[0], "false")):
		return truth(strings.EqualFold(texts[0], "true"))
	}
	return value{}, false
}

// sure reports whether two texts can be told apart: whether case counts is not the
// same in both languages.
func sure(args []value) bool {
	a, _, _ := args[0].known()
	b, _, _ := args[1].known()
	return a == b || !strings.EqualFold(a, b)
}

// concat joins texts, and in templates lists.
func (e *evaluation) concat(args []value) value {
	if len(args) > 0 && args[0].sort == listSort {
		v := value{sort: listSort}
		for _, arg := range args {
			if arg.sort != listSort {
				return e.undetermined("concat", args)
			}
			v.list = append(v.list, arg.list...)
		}
		return v
	}
	v := value{sort: textSort}
	for _, arg := range args {
		if v = e.join(v, arg); v.sort != textSort {
			return v
		}
	}
	return v
}

// format is format('{0}-{1}', …) of templates. Widths and formats are not computed.
func (e *evaluation) format(args []value) value {
	if len(args) == 0 {
		return e.undetermined("format", args)
	}
	pattern, _, ok := args[0].known()
	v := value{sort: textSort}
	for ok && pattern != "" {
		at := strings.IndexAny(pattern, "{}")
		if at < 0 {
			return e.join(v, textValue(pattern))
		}
		v = e.join(v, textValue(pattern[:at]))
		if double := pattern[at:]; strings.HasPrefix(double, "{{") || strings.HasPrefix(double, "}}") {
			v = e.join(v, textValue(pattern[at:at+1]))
			pattern = pattern[at+2:]
			continue
		}
		index, rest, closed := strings.Cut(pattern[at+1:], "}")
		i, err := strconv.Atoi(index)
		if pattern[at] == '}' || !closed || err != nil || i < 0 || i+1 >= len(args) {
			return e.undetermined("format", args)
		}
		if v = e.join(v, args[i+1]); v.sort != textSort {
			return v
		}
		pattern = rest
	}
	if !ok {
		return e.undetermined("format", args)
	}
	return v
}

// json reads a text as JSON.
func (e *evaluation) json(args []value) (value, bool) {
	if len(args) != 1 {
		return value{}, false
	}
	plain, _, ok := args[0].known()
	if !ok {
		return value{}, false
	}
	root, twice, _, broken := parse([]byte(plain), e.at.file)
	if broken != nil || twice != nil {
		return value{}, false
	}
	return e.world.literal(root, e.at, 0), true
}

// literal turns JSON into a value without looking for expressions in it.
func (w *world) literal(n, at *node, depth int) value {
	w.steps++
	if depth > maxDepth || w.steps > maxSteps {
		return unknownValue(&cause{at: at, expression: at.text, reason: "it is too long"}, "(deep)")
	}
	switch n.shape {
	case aNull:
		return value{sort: nullSort}
	case aScalar:
		return value{sort: scalarSort, scalar: n.text}
	case aText:
		return textValue(n.text)
	case aList:
		v := value{sort: listSort}
		for _, element := range n.list {
			v.list = append(v.list, w.literal(element, at, depth+1))
		}
		return v
	}
	v := value{sort: objectSort}
	for _, m := range n.members {
		v.members = append(v.members, field{m.name, w.literal(m.value, at, depth+1)})
	}
	return v
}
