package least

import (
	"cmp"
	"slices"
)

// search is a run of branch and bound on one part of a problem.
type search struct {
	costs []cost
	limit int
	steps int // taken so far
}

// answer is a set for all demands, and the weight that none goes below.
type answer struct {
	set   []int
	bound int
	steps int
}

// outcome is what a search found below a price: the cheapest set, when there is one, and a cost that no set goes below.
type outcome struct {
	set   []int
	cost  cost
	found bool
	bound cost
}

// solve finds the best set for demands that can be met. The limit is for each part.
func solve(costs []cost, demands []demand, limit int) answer {
	whole := search{costs: costs}
	chosen, rest, _ := whole.reduce(demands, whole.comesBefore)
	a := answer{set: slices.Clone(chosen), bound: way(chosen).sum(costs).weight()}
	for _, part := range parts(rest, len(costs)) {
		numbers, renumbered := renumber(part)
		s := search{limit: limit, costs: make([]cost, len(numbers))}
		for i, p := range numbers {
			s.costs[i] = costs[p]
		}
		best := s.part(renumbered)
		for _, i := range best.set {
			a.set = append(a.set, numbers[i])
		}
		a.bound += best.bound.weight()
		a.steps += s.steps
	}
	return a
}

// comesBefore is the full order of permissions: by cost, then by alphabet.
func (s *search) comesBefore(q, p int) bool {
	return s.costs[q] < s.costs[p] || s.costs[q] == s.costs[p] && q < p
}

func (s *search) costsNoMore(q, p int) bool { return s.costs[q] <= s.costs[p] }

// part finds the best set for one part of the problem, and of those that cost the same the first by alphabet. That
// has as many steps again.
func (s *search) part(demands []demand) outcome {
	best := s.greedy(demands)
	found := s.solve(demands, best.cost)
	if found.found {
		best.set, best.cost = found.set, found.cost
	}
	best.bound = min(found.bound, best.cost)
	if best.bound == best.cost {
		s.limit += s.steps
		best.set = s.firstByAlphabet(demands, best)
	}
	return best
}

// solve finds the cheapest set below a price. Once the steps are used up it takes the greedy set instead of searching.
func (s *search) solve(demands []demand, below cost) outcome {
	s.steps += stepsOf(demands)
	chosen, rest, feasible := s.reduce(demands, s.costsNoMore)
	if !feasible {
		return outcome{bound: endless}
	}
	base := way(chosen).sum(s.costs)
	if len(rest) == 0 {
		return outcome{set: chosen, cost: base, found: base < below, bound: base}
	}
	var o outcome
	if pieces := parts(rest, len(s.costs)); len(pieces) > 1 {
		o = s.separate(pieces, below-base)
	} else {
		o = s.branch(rest, below-base)
	}
	o.set = append(o.set, chosen...)
	o.cost += base
	o.bound += base
	return o
}

// stepsOf is what looking at the demands once counts: a step for each way, and some for going there.
func stepsOf(demands []demand) int {
	steps := 20
	for _, d := range demands {
		steps += len(d)
	}
	return steps
}

// separate solves pieces that share no permission, each below what the others leave of the price: those before it their
// costs, those after it their bounds.
func (s *search) separate(pieces [][]demand, below cost) outcome {
	bounds := make([]cost, len(pieces))
	var spent cost
	for i, piece := range pieces {
		bounds[i], _ = s.bound(piece)
		spent += bounds[i]
	}
	whole := outcome{found: true, bound: spent}
	for i, piece := range pieces {
		if spent >= below {
			return outcome{bound: whole.bound}
		}
		o := s.solve(piece, below-spent+bounds[i])
		whole.bound += max(o.bound-bounds[i], 0)
		if !o.found {
			return outcome{bound: whole.bound}
		}
		spent += o.cost - bounds[i]
		whole.set = append(whole.set, o.set...)
		whole.cost += o.cost
	}
	whole.found = whole.cost < below
	return whole
}

// branch tries a permission of the demand with the least choice: with it, then without it. Before, it drops the
// permissions that would lift the bound to the price.
func (s *search) branch(demands []demand, below cost) outcome {
	bound, slack := s.bound(demands)
	if bound >= below {
		return outcome{bound: bound}
	}
	if s.steps >= s.limit {
		o := s.greedy(demands)
		o.found, o.bound = o.cost < below, bound
		return o
	}
	if dear := tooDear(demands, slack, below-bound); len(dear) > 0 {
		o := s.solve(withhold(demands, dear), below)
		o.bound = max(bound, min(o.bound, below))
		return o
	}
	p := s.pick(demands)
	with := s.solve(grant(demands, []int{p}), below-s.costs[p])
	with.set = append(with.set, p)
	with.cost += s.costs[p]
	with.bound += s.costs[p]
	if with.found {
		below = with.cost
	}
	without := s.solve(withhold(demands, []int{p}), below)
	best := with
	if without.found {
		best = without
	}
	best.bound = max(bound, min(with.bound, without.bound))
	return best
}

// tooDear gives the permissions of the demands whose slack leaves no room below the price.
func tooDear(demands []demand, slack []cost, room cost) []int {
	var dear []int
	for _, d := range demands {
		for _, w := range d {
			for _, p := range w {
				if slack[p] >= room && !slices.Contains(dear, p) {
					dear = append(dear, p)
				}
			}
		}
	}
	return dear
}

// pick gives the permission to branch on: of the demand with the fewest ways, the one that serves most for its cost.
func (s *search) pick(demands []demand) int {
	fewest := slices.MinFunc(demands, func(a, b demand) int { return cmp.Compare(len(a), len(b)) })
	served := make([]int, len(s.costs))
	for _, d := range demands {
		for _, w := range d {
			for _, p := range w {
				served[p]++
			}
		}
	}
	best := fewest[0][0]
	for _, w := range fewest {
		for _, p := range w {
			if s.costs[p]/cost(served[p]) < s.costs[best]/cost(served[best]) {
				best = p
			}
		}
	}
	return best
}

// firstByAlphabet gives, of the sets with the best cost, the one that comes first: it takes each permission in turn and
// asks whether some best set has it besides those that were settled. It stops where the steps are used up.
func (s *search) firstByAlphabet(demands []demand, best outcome) []int {
	set, left := best.set, best.cost
	var settled []int
	for p := range s.costs {
		if left == 0 || s.steps >= s.limit {
			break
		}
		if !slices.Contains(set, p) {
			if left < s.costs[p] || !mentions(demands, p) {
				continue
			}
			other := s.solve(grant(demands, []int{p}), left-s.costs[p]+1)
			if !other.found {
				demands = withhold(demands, []int{p})
				continue
			}
			set = slices.Concat(settled, []int{p}, other.set)
		}
		settled = append(settled, p)
		left -= s.costs[p]
		demands = grant(demands, []int{p})
	}
	return set
}

func mentions(demands []demand, p int) bool {
	return slices.ContainsFunc(demands, func(d demand) bool {
		return slices.ContainsFunc(d, func(w way) bool { return w.has(p) })
	})
}
