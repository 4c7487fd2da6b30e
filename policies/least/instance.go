package least

import "slices"

// cost orders sets: by weight, then by breadth, then by how many permissions are not granted, then by how many there
// are. It adds up, and its parts do not run into each other in sets of less than two thousand permissions.
type cost int64

const (
	one     cost = 1
	missing cost = 1 << 11
	broad   cost = 1 << 22
	heavy   cost = 1 << 37
	endless cost = 1 << 62 // more than any set costs
)

func (c cost) weight() int { return int(c / heavy) }

// instance is a problem in numbers: permissions are their places in names, which are sorted.
type instance struct {
	names   []string
	costs   []cost
	demands []demand
}

// demand is one operation: at least one of its ways must be wholly in the set.
type demand []way

// way holds permissions in rising order.
type way []int

func index(operations []Operation, p Problem) *instance {
	in := &instance{}
	for _, o := range operations {
		in.names = append(in.names, slices.Concat(o.Ways...)...)
	}
	in.names = distinct(in.names)
	held := distinct(p.Granted)
	for _, name := range in.names {
		c := one + heavy*cost(weigh(p.Weight, name))
		if p.Breadth != nil {
			c += broad * cost(min(weigh(p.Breadth, name), MostBreadth))
		}
		if !contains(held, name) {
			c += missing
		}
		in.costs = append(in.costs, c)
	}
	for _, o := range operations {
		var d demand
		for _, permissions := range o.Ways {
			d = append(d, in.numbers(permissions))
		}
		in.demands = append(in.demands, d)
	}
	return in
}

func (in *instance) numbers(names []string) way {
	w := make(way, 0, len(names))
	for _, name := range names {
		i, _ := slices.BinarySearch(in.names, name)
		w = append(w, i)
	}
	return w
}

func (in *instance) namesOf(set []int) []string {
	names := make([]string, 0, len(set))
	for _, i := range set {
		names = append(names, in.names[i])
	}
	slices.Sort(names)
	return names
}

// cover proves that the set allows each operation.
func (in *instance) cover(operations []Operation, held []bool) []Cover {
	covers := make([]Cover, 0, len(operations))
	for i, o := range operations {
		at := slices.IndexFunc(in.demands[i], func(w way) bool { return w.within(held) })
		if at >= 0 {
			covers = append(covers, Cover{Operation: o.Name, By: o.Ways[at]})
		}
	}
	return covers
}

// within reports whether the set holds the whole way.
func (w way) within(held []bool) bool {
	return !slices.ContainsFunc(w, func(p int) bool { return !held[p] })
}

func (w way) has(p int) bool { return slices.Contains(w, p) }

// partOf reports whether other holds all of the way.
func (w way) partOf(other way) bool {
	if len(w) > len(other) {
		return false
	}
	return !slices.ContainsFunc(w, func(p int) bool { return !other.has(p) })
}
