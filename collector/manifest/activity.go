package manifest

import (
	"fmt"
	"slices"
	"strings"
)

// maxTurns bounds how many turns of loops, one in another, are told apart.
const maxTurns = 100

// scope is where an activity stands.
type scope struct {
	def      *definition
	env      *env
	path     []string
	inactive bool
	run      map[*definition]bool // data flows that are run by an activity
}

// nested lists the activities inside an activity: those of ForEach and Until, both
// branches of IfCondition, the cases and the default of Switch, and those of whatever
// else holds some.
func nested(props *node) []*node {
	var lists []*node
	if props == nil || props.shape != anObject {
		return nil
	}
	for _, m := range props.members {
		switch {
		case strings.HasSuffix(strings.ToLower(m.name), "activities"):
			lists = append(lists, m.value)
		case strings.EqualFold(m.name, "cases"):
			lists = append(lists, caseLists(m.value)...)
		}
	}
	return lists
}

// caseLists are the activities of the cases of a Switch. What is no case stands for
// itself: it is no list of activities either.
func caseLists(cases *node) []*node {
	if !present(cases) {
		return nil
	}
	if cases.shape != aList {
		return []*node{cases}
	}
	var lists []*node
	for _, c := range cases.list {
		if c.shape != anObject {
			lists = append(lists, c)
		} else if list := c.get("activities"); list != nil {
			lists = append(lists, list)
		}
	}
	return lists
}

// typeProperties of an activity or another definition; some tools leave them out and
// put what they hold one level up.
func typeProperties(n *node) *node {
	if props := n.get("typeProperties"); props != nil {
		return props
	}
	return n
}

// eachActivity visits activities with those nested in them.
func eachActivity(list *node, visit func(*node)) {
	if list == nil {
		return
	}
	for _, a := range list.list {
		visit(a)
		for _, inner := range nested(typeProperties(a)) {
			eachActivity(inner, visit)
		}
	}
}

// pipeline reads one pipeline.
func (w *world) pipeline(d *definition, run map[*definition]bool) []*row {
	list := d.props.get("activities")
	if list == nil {
		return nil
	}
	s := &scope{def: d, env: &env{arm: d.arm, pipeline: d, repeats: 1}, run: run}
	return w.activities(list, s)
}

func (w *world) activities(list *node, s *scope) []*row {
	if list.shape != aList {
		if present(list) {
			w.fault(list, "the activities of the pipeline %s are no list and cannot be read; hint: write them out, or name the definition as it is deployed", s.def.title())
		}
		return nil
	}
	var rows []*row
	for _, a := range list.list {
		if a.shape != anObject {
			w.fault(a, "an activity of the pipeline %s is no object and cannot be read; hint: write it out, or name the definition as it is deployed", s.def.title())
			continue
		}
		rows = append(rows, w.activity(a, s)...)
	}
	return rows
}

func (w *world) activity(a *node, outer *scope) []*row {
	w.fresh()
	s := *outer
	s.path = slices.Concat(outer.path, []string{w.activityName(a, &s)})
	if strings.EqualFold(a.str("state"), "Inactive") { // an expression may come to something else
		s.inactive = true
	}
	props := typeProperties(a)
	if props.shape != anObject {
		return []*row{w.unread(a, &s, because(props, "its properties are no object and cannot be read"))}
	}
	rows := w.own(a, props, &s)
	lists := nested(props)
	if len(lists) == 0 {
		return rows
	}
	if a.isType("ForEach") {
		return append(rows, w.loop(props, lists, &s)...)
	}
	for _, list := range lists {
		rows = append(rows, w.activities(list, &s)...)
	}
	return rows
}

func (w *world) activityName(a *node, s *scope) string {
	name := w.evaluate(a.get("name"), s.env)
	if plain, _, ok := name.known(); ok && plain != "" {
		return plain
	}
	if raw := a.str("name"); raw != "" {
		return raw
	}
	return "(unnamed)"
}

// own reads an activity itself, without what is nested in it.
func (w *world) own(a, props *node, s *scope) []*row {
	name, c, ok := w.evaluate(a.get("type"), s.env).known()
	switch lower := strings.ToLower(name); {
	case !ok:
		if c == nil {
			c = because(a, "it has no type")
		}
		return []*row{w.unread(a, s, c)}
	case lower == "copy" || isSource(props.get("source")):
		return w.copies(a, props, s)
	case lower == "executedataflow" || lower == "executewranglingdataflow" || props.get("dataflow") != nil:
		return w.dataFlowActivity(a, props, s)
	}
	for _, ref := range append(resourceListOf(props.get("dataset")), resourceListOf(a.get("inputs"))...) {
		b, c := w.refer(ref, datasetKind, s.def, s.env)
		if c == nil && w.isTable(b) {
			return []*row{w.unread(a, s, because(ref, "how an activity of type %s reads %s is not known", name, b.def.title()))}
		}
	}
	return nil
}

// resourceListOf yields a reference, or a list of them.
func resourceListOf(n *node) []*node {
	if n == nil || n.shape == aList {
		return resourceLists(n)
	}
	return []*node{n}
}

// unread is the row of an activity that may read Data Connect and cannot be judged.
func (w *world) unread(a *node, s *scope, c *cause) *row {
	w.cover(a)
	r := w.newRow(a, s)
	r.open(fieldActivity, c)
	return r
}

func (w *world) newRow(a *node, s *scope) *row {
	name := s.path[len(s.path)-1]
	r := &row{
		File: a.file.name, Line: a.line, Pipeline: s.def.title(), Activity: name, Name: s.def.title() + "/" + name,
		Product: s.def.product, Type: a.str("type"), Inactive: s.inactive, Unresolved: []unresolved{}, path: s.path,
	}
	if r.Product == "" {
		r.Product = s.def.inferred
	}
	return r
}

// loop reads a ForEach: once for every item, if the items are known and what is read
// depends on them.
func (w *world) loop(props *node, lists []*node, s *scope) []*row {
	at := props.get("items")
	items := w.evaluate(at, s.env)
	turns := func(item value, repeats int) []*row {
		inner := *s
		in := *s.env
		in.item, in.repeats = &item, repeats
		inner.env = &in
		var rows []*row
		for _, list := range lists {
			rows = append(rows, w.activities(list, &inner)...)
		}
		return rows
	}
	var why *cause
	switch n := len(items.list); {
	case items.doubt() != nil && items.sort != listSort:
		why = items.doubt()
	case items.sort != listSort:
		why = because(at, "the items of the loop are no list")
	case n == 0:
		why = because(at, "the list of items is empty as the files have it")
	case n*s.env.repeats > maxTurns:
		why = because(at, "the loops go through more than %d items", maxTurns)
	default:
		var all [][]*row
		for _, item := range items.list {
			all = append(all, turns(item, n*s.env.repeats))
		}
		return fold(all)
	}
	if why.at == nil {
		why.at = props
	}
	return turns(unknownValue(why, "item()"), s.env.repeats)
}

// fold merges what the turns of a loop read: what is the same in all of them is read
// once.
func fold(all [][]*row) []*row {
	var rows []*row
	same := !slices.ContainsFunc(all, func(turn []*row) bool { return len(turn) != len(all[0]) })
	for k := range all[0] {
		if same && !slices.ContainsFunc(all, func(turn []*row) bool { return !turn[k].equal(all[0][k]) }) {
			rows = append(rows, all[0][k])
			continue
		}
		for i, turn := range all {
			if k < len(turn) {
				turn[k].suffix = fmt.Sprintf("/%d%s", i, turn[k].suffix)
				rows = append(rows, turn[k])
			}
		}
	}
	for i, turn := range all {
		for _, r := range turn[min(len(all[0]), len(turn)):] {
			r.suffix = fmt.Sprintf("/%d%s", i, r.suffix)
			rows = append(rows, r)
		}
	}
	return rows
}
