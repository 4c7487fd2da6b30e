package least

import "slices"

// reduce takes away what an optimal set does not depend on: permissions that every way of some operation holds are
// chosen; ways, operations and permissions that others make needless are dropped. It gives the permissions chosen and
// what is left to demand, and false when some operation has no way left.
//
// Where better says that a permission is to be preferred to another, the optimum by that order is kept.
func (s *search) reduce(demands []demand, better func(q, p int) bool) (chosen []int, rest []demand, feasible bool) {
	for {
		forced, cleaned, feasible := tidyDemands(demands)
		if !feasible {
			return nil, nil, false
		}
		if len(forced) > 0 {
			chosen = append(chosen, forced...)
			demands = grant(cleaned, forced)
			continue
		}
		cleaned = s.withoutImplied(cleaned)
		needless := s.dominated(cleaned, better)
		if len(needless) == 0 {
			return chosen, cleaned, true
		}
		demands = withhold(cleaned, needless)
	}
}

// tidyDemands drops ways that hold another way, and operations that need nothing more. It gives the permissions that are
// in every way of some operation.
func tidyDemands(demands []demand) (forced []int, rest []demand, feasible bool) {
	rest = make([]demand, 0, len(demands))
	for _, d := range demands {
		if len(d) == 0 {
			return nil, nil, false
		}
		d = d.minimal()
		if len(d[0]) == 0 {
			continue
		}
		for _, p := range d[0] {
			if !slices.ContainsFunc(d, func(w way) bool { return !w.has(p) }) && !slices.Contains(forced, p) {
				forced = append(forced, p)
			}
		}
		rest = append(rest, d)
	}
	return forced, rest, true
}

// minimal gives the ways that hold no other way, shortest first.
func (d demand) minimal() demand {
	sorted := slices.Clone(d)
	slices.SortFunc(sorted, func(a, b way) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return slices.Compare(a, b)
	})
	kept := sorted[:0]
	for _, w := range sorted {
		longer := len(w) > 1
		if longer && slices.ContainsFunc(kept, func(k way) bool { return k.partOf(w) }) {
			continue
		}
		if !longer && len(kept) > 0 && (len(kept[0]) == 0 || slices.Equal(kept[len(kept)-1], w)) {
			continue
		}
		kept = append(kept, w)
	}
	return kept
}

// grant gives what is left to demand once permissions are chosen.
func grant(demands []demand, chosen []int) []demand {
	has := func(p int) bool { return slices.Contains(chosen, p) }
	rest := make([]demand, len(demands))
	for i, d := range demands {
		rest[i] = d
		if !slices.ContainsFunc(d, func(w way) bool { return slices.ContainsFunc(w, has) }) {
			continue
		}
		rest[i] = make(demand, len(d))
		for j, w := range d {
			rest[i][j] = slices.DeleteFunc(slices.Clone(w), has)
		}
	}
	return rest
}

// withhold gives the ways that are left when permissions may not be chosen.
func withhold(demands []demand, out []int) []demand {
	hasOut := func(w way) bool { return slices.ContainsFunc(w, func(p int) bool { return slices.Contains(out, p) }) }
	rest := make([]demand, len(demands))
	for i, d := range demands {
		rest[i] = d
		if slices.ContainsFunc(d, hasOut) {
			rest[i] = slices.DeleteFunc(slices.Clone(d), hasOut)
		}
	}
	return rest
}

// withoutImplied drops operations that are allowed whenever another one is: every way of the other holds one of theirs.
func (s *search) withoutImplied(demands []demand) []demand {
	sets := s.singles(demands)
	dropped := make([]bool, len(demands))
	for i := range demands {
		for j := range demands {
			if i == j || dropped[j] || !implied(demands[i], sets[i], demands[j], sets[j]) {
				continue
			}
			dropped[i] = true
			break
		}
	}
	rest := make([]demand, 0, len(demands))
	for i, d := range demands {
		if !dropped[i] {
			rest = append(rest, d)
		}
	}
	return rest
}

// implied reports whether d is met by whatever meets by. The sets are of their single permissions.
func implied(d demand, single bits, by demand, bySingle bits) bool {
	if !bySingle.inside(single) {
		return false
	}
	for _, w := range by {
		if len(w) == 1 || slices.ContainsFunc(w, single.has) {
			continue
		}
		if !slices.ContainsFunc(d, func(own way) bool { return own.partOf(w) }) {
			return false
		}
	}
	return true
}

// dominated gives permissions for each of which another does everywhere, at no higher price.
func (s *search) dominated(demands []demand, better func(q, p int) bool) []int {
	d := s.uses(demands)
	var out []int
	for p := range slices.Backward(d.of) {
		if len(d.of[p]) > 0 && d.replaceable(p, better) {
			out = append(out, p)
			d.drop(p)
		}
	}
	return out
}

// uses says where each permission is used, while permissions are dropped one by one.
type uses struct {
	demands []demand
	singles []bits
	of      [][]use // by permission
	gone    []bool  // by permission
}

// use is one way of one demand.
type use struct {
	demand int
	way    way
}

func (s *search) uses(demands []demand) *uses {
	u := &uses{demands: demands, singles: s.singles(demands), of: make([][]use, len(s.costs)), gone: make([]bool, len(s.costs))}
	for i, d := range demands {
		for _, w := range d {
			for _, p := range w {
				u.of[p] = append(u.of[p], use{i, w})
			}
		}
	}
	return u
}

func (u *uses) drop(p int) {
	u.gone[p] = true
	for _, use := range u.of[p] {
		if len(use.way) == 1 {
			u.singles[use.demand].clear(p)
		}
	}
}

// replaceable reports whether one other permission can stand in for p wherever p is used. That permission stands in
// some demand of p's, so those of the smallest one are tried.
func (u *uses) replaceable(p int, better func(q, p int) bool) bool {
	smallest := u.of[p][0].demand
	for _, use := range u.of[p] {
		if len(u.demands[use.demand]) < len(u.demands[smallest]) {
			smallest = use.demand
		}
	}
	for _, w := range u.demands[smallest] {
		for _, q := range w {
			if q != p && !u.gone[q] && better(q, p) && u.standsIn(q, p) {
				return true
			}
		}
	}
	return false
}

// standsIn reports whether every way with p has a counterpart that q, and what else is in the way, makes whole.
func (u *uses) standsIn(q, p int) bool {
	for _, use := range u.of[p] {
		if u.singles[use.demand].has(q) || u.lost(use.way) {
			continue
		}
		counterpart := func(w way) bool {
			return !u.lost(w) && !slices.ContainsFunc(w, func(r int) bool { return r == p || r != q && !use.way.has(r) })
		}
		if len(use.way) == 1 || !slices.ContainsFunc(u.demands[use.demand], counterpart) {
			return false
		}
	}
	return true
}

// lost reports whether a way went with a permission that was dropped.
func (u *uses) lost(w way) bool { return slices.ContainsFunc(w, func(p int) bool { return u.gone[p] }) }
