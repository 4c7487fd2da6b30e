package least

// bits is a set of permissions.
type bits []uint64

func (b bits) has(p int) bool { return b[p/64]&(1<<(p%64)) != 0 }
func (b bits) add(p int)      { b[p/64] |= 1 << (p % 64) }
func (b bits) clear(p int)    { b[p/64] &^= 1 << (p % 64) }

// inside reports whether other holds all of b.
func (b bits) inside(other bits) bool {
	for i, word := range b {
		if word&^other[i] != 0 {
			return false
		}
	}
	return true
}

// singles gives, for each demand, the permissions that meet it alone.
func (s *search) singles(demands []demand) []bits {
	words := len(s.costs)/64 + 1
	all := make(bits, words*len(demands))
	sets := make([]bits, len(demands))
	for i, d := range demands {
		sets[i] = all[i*words : (i+1)*words]
		for _, w := range d {
			if len(w) == 1 {
				sets[i].add(w[0])
			}
		}
	}
	return sets
}
