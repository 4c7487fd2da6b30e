package manifest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Copy loops of templates, to which Bicep's for expressions are built
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-resources).

// maxCopies bounds one loop, as deployments do; maxRounds what all of them make together.
const (
	maxCopies = 800
	maxRounds = 20_000
)

// round is one round of a copy loop, inside those around it.
type round struct {
	name  string
	index int
	// whole is true where the loop makes resources or deployments, not a list in one.
	whole bool
	outer *round
}

// within is the environment inside a round; nil is no loop.
func (in *env) within(r *round) *env {
	if r == nil {
		return in
	}
	out := *in
	inside := *r
	inside.outer, out.round = in.round, &inside
	return &out
}

// rounds are those that a copy loop goes through. known is false when the files do not tell how many they are.
func (w *world) rounds(loop *node, in *env, whole bool) (rounds []*round, known bool) {
	w.fresh()
	text, _, told := w.evaluate(loop.get("count"), in).known()
	count, err := strconv.Atoi(text)
	if loop.shape != anObject || !told || err != nil || count < 0 || count > maxCopies || w.gone+count > maxRounds {
		return nil, false
	}
	w.gone += count
	for i := range count {
		rounds = append(rounds, &round{name: loop.str("name"), index: i, whole: whole})
	}
	return rounds, true
}

// repeated are the rounds in which a resource or deployment is made: one without a loop, nil, where it stands in none
// or it is not known how often.
func (w *world) repeated(r *node, in *env) (rounds []*round, known bool) {
	loop := r.get("copy")
	if !present(loop) {
		return []*round{nil}, true
	}
	rounds, known = w.rounds(loop, in, true)
	literal := loop.get("count") != nil && loop.get("count").shape == aScalar
	if !known || len(rounds) == 0 && !literal { // none by default: who deploys it gives the list
		return []*round{nil}, false
	}
	return rounds, true
}

// settleLoop is the list that a copy loop makes of a property.
func (w *world) settleLoop(loop *node, in *env, depth int) *node {
	rounds, known := w.rounds(loop, in, false)
	if !known {
		return &node{
			shape: anUnknown, line: loop.line, file: loop.file,
			why: "the template makes the list in a copy loop, and how often is not known before it is deployed",
		}
	}
	out := &node{shape: aList, line: loop.line, file: loop.file}
	for _, r := range rounds {
		if element := w.settle(loop.get("input"), in.within(r), depth+1); element != nil {
			out.list = append(out.list, element)
		}
	}
	return out
}

// loopVariable is a variable that the template makes in a copy loop.
func (e *evaluation) loopVariable(name string) (value, bool) {
	loops := e.env.arm.variables.get("copy")
	if loops == nil || !isCopyLoop(loops) {
		return value{}, false
	}
	made := e.env.arm.made
	if v, met := made[name]; met {
		return v, true
	}
	i := slices.IndexFunc(loops.list, func(loop *node) bool { return loop.str("name") == name })
	if i < 0 {
		return value{}, false
	}
	// Until it is made, it is not known to itself.
	made[name] = e.unknown("how often a copy loop is gone through "+e.later(), "variables("+strings.ToLower(name)+")")
	in, steps := &env{arm: e.env.arm}, e.world.steps
	rounds, known := e.world.rounds(loops.list[i], in, false)
	if known {
		v := value{sort: listSort}
		for _, r := range rounds {
			v.list = append(v.list, e.world.evaluateAt(loops.list[i].get("input"), in.within(r), e.depth+1))
		}
		made[name] = v
	}
	e.world.steps += steps
	return made[name], true
}

// copyIndex is copyIndex(), copyIndex(offset), copyIndex('loop') and copyIndex('loop', offset). Without a name it means
// the loop that makes the resource
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric#copyindex).
func (e *evaluation) copyIndex(args []value) (value, bool) {
	name, offset, named := "", 0, false
	for _, arg := range args {
		text, _, known := arg.known()
		switch number, err := strconv.Atoi(text); {
		case !known:
			return value{}, false
		case arg.sort == textSort:
			name, named = text, true
		case err != nil:
			return value{}, false
		default:
			offset = number
		}
	}
	for r := e.env.round; r != nil; r = r.outer {
		if named && r.name == name || !named && r.whole {
			return value{sort: scalarSort, scalar: itoa(r.index + offset)}, true
		}
	}
	return value{}, false
}

// elementOf splits the name of one of the resources that a loop makes, symbol[index].
var elementOf = regexp.MustCompile(`^(.*)\[([0-9]+)\]$`)
