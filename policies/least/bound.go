package least

import (
	"cmp"
	"slices"
)

// bound gives a cost below which no set meets the demands. It solves the dual of the relaxed problem roughly: each
// demand in turn, those with the least choice first, offers as much as its cheapest way has left to pay, and takes that
// from the permissions of its ways. What the demands offer together no permission pays twice, so no set can cost less.
// slack is what each permission has left then: no set that has the permission can cost less than the bound and its slack.
func (s *search) bound(demands []demand) (total cost, slack []cost) {
	left := slices.Clone(s.costs)
	paid := make([]cost, len(s.costs)) // by the demand in turn
	order := slices.Clone(demands)
	slices.SortStableFunc(order, func(a, b demand) int { return cmp.Compare(len(a), len(b)) })
	for _, d := range order {
		offer := endless
		for _, w := range d {
			offer = min(offer, w.sum(left))
		}
		if offer == 0 {
			continue
		}
		total += offer
		for _, w := range d { // shortest first
			w.pay(offer-w.sum(paid), left, paid)
		}
		for _, w := range d {
			for _, p := range w {
				paid[p] = 0
			}
		}
	}
	return total, left
}

func (w way) sum(costs []cost) cost {
	var sum cost
	for _, p := range w {
		sum += costs[p]
	}
	return sum
}

// pay takes a need from what the permissions of the way have left.
func (w way) pay(need cost, left, paid []cost) {
	for _, p := range w {
		if part := min(need, left[p]); part > 0 {
			left[p] -= part
			paid[p] += part
			need -= part
		}
	}
}
