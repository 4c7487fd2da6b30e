package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// microsoftGraph is the appId of the API that the published table is about.
const microsoftGraph = "00000003-0000-0000-c000-000000000000"

// settle turns the rows into operations.
func (p *parser) settle() {
	counts := &p.into.Counts
	counts.Paths = len(p.paths)
	for _, index := range slices.Sorted(maps.Keys(p.paths)) {
		path := p.paths[index]
		if _, hidden := normalPath(path.spelling); hidden > 0 {
			counts.NewWords++
		}
		cells := map[operationCell][]string{} // permissions
		for k := range path.rows {
			at := operationCell{k.method, k.kind}
			cells[at] = append(cells[at], k.permission)
		}
		for _, at := range slices.SortedFunc(maps.Keys(cells), operationCell.compare) {
			names := cells[at]
			slices.Sort(names)
			ways := p.ways(path, at, names)
			counts.Cells++
			p.into.operations = append(p.into.operations, Operation{
				Resource: microsoftGraph, Method: at.method, Path: path.spelling, Kind: at.kind, Ways: ways, Imported: true,
			})
		}
	}
}

type operationCell struct {
	method string
	kind   Kind
}

func (a operationCell) compare(b operationCell) int {
	return cmp.Or(cmp.Compare(a.method, b.method), cmp.Compare(a.kind, b.kind))
}

// ways lists the alternatives of a cell, the least first.
func (p *parser) ways(path *publishedPath, at operationCell, names []string) []Alternative {
	get := func(name string) *row { return path.rows[rowKey{at.kind, at.method, name}] }
	least := p.least(path, at, names)
	companions := map[string]bool{}
	for _, name := range names {
		for _, also := range get(name).also {
			for _, other := range also {
				companions[other] = true
			}
		}
	}
	var ways []Alternative
	for _, name := range names {
		r := get(name)
		switch {
		case len(r.also) == 0 && companions[name] && !r.least && at.method != "GET" && onlyReads(name):
			p.drop("permissions that only complete another, listed by themselves")
			continue
		case len(r.also) == 0:
			ways = append(ways, Alternative{Permissions: []string{name}, Least: least[name], Resource: microsoftGraph})
			continue
		case r.alone:
			p.drop("permissions listed both with and without one they also require, taken with it")
		}
		for _, other := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.also...)))) {
			ways = append(ways, Alternative{Permissions: []string{name, other}, Least: least[name], Resource: microsoftGraph})
		}
	}
	slices.SortStableFunc(ways, func(a, b Alternative) int { return cmp.Compare(rankLeast(a), rankLeast(b)) })
	ways = withoutTwins(ways)
	for _, way := range ways {
		if len(way.Permissions) > 1 {
			p.into.Counts.AlsoRequires++
		}
	}
	return ways
}

func rankLeast(a Alternative) int {
	if a.Least {
		return 0
	}
	return 1
}

// withoutTwins leaves out pairs that stand there the other way round as well.
func withoutTwins(ways []Alternative) []Alternative {
	seen := map[string]bool{}
	return slices.DeleteFunc(ways, func(way Alternative) bool {
		set := strings.Join(slices.Sorted(slices.Values(way.Permissions)), " ")
		twin := seen[set]
		seen[set] = true
		return twin
	})
}

// least decides between several least marks as kibali does: marks belong to sets of methods, so the one that was meant
// for this method is that of a permission which serves no other method of the path, else of those with the fewest.
func (p *parser) least(path *publishedPath, at operationCell, names []string) map[string]bool {
	methods := map[string]int{}
	for k := range path.rows {
		if k.kind == at.kind {
			methods[k.permission]++
		}
	}
	var marked []string
	for _, name := range names {
		if path.rows[rowKey{at.kind, at.method, name}].least {
			marked = append(marked, name)
		}
	}
	counts := &p.into.Counts
	switch len(marked) {
	case 0:
		counts.NoLeast++
	case 1:
	default:
		fewest := methods[slices.MinFunc(marked, func(a, b string) int { return cmp.Compare(methods[a], methods[b]) })]
		marked = slices.DeleteFunc(marked, func(name string) bool { return methods[name] > fewest })
		switch {
		case len(marked) > 1:
			counts.Ambiguous++
		case fewest == 1:
			counts.SoleMethod++
		default:
			counts.FewestMethods++
		}
	}
	least := make(map[string]bool, len(marked))
	for _, name := range marked {
		least[name] = true
	}
	if at.method == "GET" && slices.ContainsFunc(marked, Writes) {
		counts.WriteToRead++
	}
	return least
}

// With gives a catalogue that also knows the operations of a published table. What is built in has the last word on what
// both know, but for two things. Permissions that are newer than it are further ways, none of them the least. And it does
// not call unsupported what the table has permissions for, unless that is somebody's own and asked for by an application.
func (c *Catalogue) With(p *Published) *Catalogue {
	joined := *c
	operations := slices.Clone(c.operations)
	path, index := "", ""
	for _, imported := range p.operations { // by path
		if imported.Path != path {
			path, index = imported.Path, indexPath(imported.Path)
		}
		at := c.byOperation[operationKey{imported.Method, index}]
		i := at[slot(imported.Kind)] - 1
		switch {
		case i < 0:
		case len(operations[i].Ways) > 0:
			operations[i].Ways = slices.Concat(operations[i].Ways, c.newer(imported))
		case imported.Kind != Application || !strings.HasPrefix(strings.ToLower(imported.Path)+"/", "/me/"):
			operations[i].Ways = imported.Ways
		}
	}
	joined.setOperations(slices.Concat(operations, p.operations))
	return &joined
}

// newer gives the ways of an imported operation that take permissions which this catalogue does not hold.
func (c *Catalogue) newer(imported Operation) []Alternative {
	var ways []Alternative
	for _, way := range imported.Ways {
		if slices.ContainsFunc(way.Permissions, func(value string) bool {
			_, known := c.byKey[key{microsoftGraph, imported.Kind, strings.ToLower(value)}]
			return !known
		}) {
			way.Least = false
			ways = append(ways, way)
		}
	}
	return ways
}
