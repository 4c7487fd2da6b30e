package least

import "slices"

// parts cuts demands into parts that share no permission, in the order of their first demands.
func parts(demands []demand, permissions int) [][]demand {
	root := make([]int, permissions)
	for p := range root {
		root[p] = p
	}
	find := func(p int) int {
		for root[p] != p {
			root[p] = root[root[p]]
			p = root[p]
		}
		return p
	}
	for _, d := range demands {
		first := find(d[0][0])
		for _, w := range d {
			for _, p := range w {
				root[find(p)] = first
			}
		}
	}
	var found [][]demand
	at := map[int]int{}
	for _, d := range demands {
		r := find(d[0][0])
		i, known := at[r]
		if !known {
			i = len(found)
			at[r] = i
			found = append(found, nil)
		}
		found[i] = append(found[i], d)
	}
	return found
}

// renumber gives the permissions of a part in order, and the part with their places in that order for them.
func renumber(part []demand) (numbers []int, renumbered []demand) {
	for _, d := range part {
		for _, w := range d {
			numbers = append(numbers, w...)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	renumbered = make([]demand, len(part))
	for i, d := range part {
		for _, w := range d {
			local := make(way, len(w))
			for j, p := range w {
				local[j], _ = slices.BinarySearch(numbers, p)
			}
			renumbered[i] = append(renumbered[i], local)
		}
	}
	return numbers, renumbered
}
