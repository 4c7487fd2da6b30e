package least

import (
	"cmp"
	"slices"
)

// greedy gives a set that is often good and never proven: it takes the way that costs least for each demand that it
// meets, until all are met, and then drops what turned out needless, dearest first. It proves no bound.
func (s *search) greedy(demands []demand) outcome {
	held := make([]bool, len(s.costs))
	var set []int
	for open := demands; len(open) > 0; {
		taken := s.cheapest(open, held)
		for _, p := range taken {
			if !held[p] {
				held[p] = true
				set = append(set, p)
			}
		}
		open = slices.DeleteFunc(slices.Clone(open), func(d demand) bool { return d.met(held) })
	}
	slices.SortStableFunc(set, func(a, b int) int { return cmp.Compare(s.costs[b]/missing, s.costs[a]/missing) })
	kept := set[:0]
	for _, p := range set {
		held[p] = false
		if slices.ContainsFunc(demands, func(d demand) bool { return !d.met(held) }) {
			held[p] = true
			kept = append(kept, p)
		}
	}
	return outcome{set: kept, cost: way(kept).sum(s.costs), found: true}
}

func (d demand) met(held []bool) bool {
	return slices.ContainsFunc(d, func(w way) bool { return w.within(held) })
}

// cheapest gives the way with the lowest cost for each demand that it would meet.
func (s *search) cheapest(open []demand, held []bool) way {
	var best way
	lowest := endless
	tried := map[int]bool{}
	for _, d := range open {
		for _, w := range d {
			if len(w) == 1 && tried[w[0]] {
				continue
			}
			if len(w) == 1 {
				tried[w[0]] = true
			}
			if price := s.price(w, open, held); price < lowest {
				best, lowest = w, price
			}
		}
	}
	return best
}

// price is what a way costs for each demand that it would meet.
func (s *search) price(w way, open []demand, held []bool) cost {
	var sum cost
	var added []int
	for _, p := range w {
		if !held[p] {
			held[p] = true
			added = append(added, p)
			sum += s.costs[p]
		}
	}
	met := 0
	for _, d := range open {
		if d.met(held) {
			met++
		}
	}
	for _, p := range added {
		held[p] = false
	}
	return sum / cost(max(1, met))
}
