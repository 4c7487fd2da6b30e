package least_test

import (
	"fmt"
	"maps"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/least"
)

// shape bounds the random problems.
type shape struct {
	permissions, operations, ways, together int
	weights                                 []int
}

// random makes a problem with everything that may occur: equal weights, weight 0, operations twice, ways twice, ways
// that hold each other, ways that need nothing, and operations that nothing allows.
func random(rng *rand.Rand, s shape) (least.Problem, map[string]int) {
	weights := map[string]int{}
	names := make([]string, 1+rng.IntN(s.permissions))
	for i := range names {
		names[i] = string(rune('A' + i))
		weights[names[i]] = s.weights[rng.IntN(len(s.weights))]
	}
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	p := least.Problem{Weight: func(permission string) int { return weights[permission] }}
	if rng.IntN(2) == 0 {
		breadth := map[string]int{}
		for _, name := range slices.Sorted(maps.Keys(weights)) {
			breadth[name] = rng.IntN(4) * 5
		}
		p.Breadth = func(permission string) int { return breadth[permission] }
	}
	for i := range rng.IntN(s.operations + 1) {
		o := least.Operation{Name: fmt.Sprintf("GET /%d", i-rng.IntN(2))}
		for range rng.IntN(s.ways + 1) {
			o.Ways = append(o.Ways, pick(rng, names, size(rng, s.together)))
		}
		p.Operations = append(p.Operations, o)
	}
	p.Granted = pick(rng, names, rng.IntN(len(names)+1))
	p.Kept = pick(rng, names, rng.IntN(2))
	return p, weights
}

// size is 1 mostly, and seldom 0.
func size(rng *rand.Rand, together int) int {
	switch rng.IntN(40) {
	case 0:
		return 0
	case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
		return 1 + rng.IntN(together)
	default:
		return 1
	}
}

func pick(rng *rand.Rand, names []string, n int) []string {
	var picked []string
	for range n {
		picked = append(picked, names[rng.IntN(len(names))])
	}
	return picked
}

// brute finds the best set by trying all, in the order that Solution documents.
type brute struct {
	names   []string
	weights []int
	breadth []int
	granted uint
	ways    [][]uint // by operation
}

func newBrute(p least.Problem, weights map[string]int) *brute {
	b := &brute{}
	for name := range weights {
		b.names = append(b.names, name)
	}
	slices.Sort(b.names)
	for _, name := range b.names {
		b.weights = append(b.weights, weights[name])
		b.breadth = append(b.breadth, breadthOf(p, name))
	}
	b.granted = b.mask(p.Granted)
	for _, o := range p.Operations {
		var ways []uint
		for _, way := range o.Ways {
			ways = append(ways, b.mask(way))
		}
		if len(ways) > 0 {
			b.ways = append(b.ways, ways)
		}
	}
	return b
}

func (b *brute) mask(names []string) uint {
	var mask uint
	for _, name := range names {
		mask |= 1 << slices.Index(b.names, name)
	}
	return mask
}

func (b *brute) allows(set uint) bool {
	for _, ways := range b.ways {
		if !slices.ContainsFunc(ways, func(way uint) bool { return way&^set == 0 }) {
			return false
		}
	}
	return true
}

func breadthOf(p least.Problem, name string) int {
	if p.Breadth == nil {
		return 0
	}
	return p.Breadth(name)
}

func (b *brute) weight(set uint) int { return b.sum(b.weights, set) }

func (b *brute) sum(of []int, set uint) int {
	sum := 0
	for i, w := range of {
		if set>>i&1 == 1 {
			sum += w
		}
	}
	return sum
}

func (b *brute) list(set uint) []string {
	names := []string{}
	for i, name := range b.names {
		if set>>i&1 == 1 {
			names = append(names, name)
		}
	}
	return names
}

func (b *brute) best() []string {
	found, best := false, uint(0)
	for set := range uint(1) << len(b.names) {
		if b.allows(set) && (!found || b.before(set, best)) {
			found, best = true, set
		}
	}
	return b.list(best)
}

func (b *brute) before(x, y uint) bool {
	for _, order := range [][2]int{
		{b.weight(x), b.weight(y)},
		{b.sum(b.breadth, x), b.sum(b.breadth, y)},
		{bits.OnesCount(x &^ b.granted), bits.OnesCount(y &^ b.granted)},
		{bits.OnesCount(x), bits.OnesCount(y)},
	} {
		if order[0] != order[1] {
			return order[0] < order[1]
		}
	}
	return slices.Compare(b.list(x), b.list(y)) < 0
}

func TestAgainstBruteForce(t *testing.T) {
	for _, s := range []struct {
		problems int
		shape
	}{
		{15000, shape{permissions: 8, operations: 7, ways: 4, together: 3, weights: []int{1, 3, 9, 20, 27}}},
		{6000, shape{permissions: 9, operations: 9, ways: 5, together: 3, weights: []int{1}}},
		{6000, shape{permissions: 8, operations: 10, ways: 6, together: 4, weights: []int{0, 1, 2, 3}}},
		{200, shape{permissions: 14, operations: 16, ways: 4, together: 2, weights: []int{2, 3, 4, 5}}},
	} {
		t.Run(fmt.Sprintf("%d permissions, weights %v", s.permissions, s.weights), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(5, uint64(s.problems)))
			for i := range s.problems {
				p, weights := random(rng, s.shape)
				b := newBrute(p, weights)
				got := least.Solve(p)
				if diff := cmp.Diff(b.best(), got.Permissions); diff != "" || !got.Proven {
					t.Fatalf("problem %d: %+v weights %v: proven %v, want, got:\n%s", i, p, weights, got.Proven, diff)
				}
				consistent(t, b, p, got)
			}
		})
	}
}

// consistent holds all else that a solution says against the problem.
func consistent(t *testing.T, b *brute, p least.Problem, s least.Solution) {
	t.Helper()
	set := b.mask(s.Permissions)
	if s.Weight != b.weight(set) || s.GrantedWeight != b.weight(b.granted) {
		t.Fatalf("weights %d, %d, want %d, %d", s.Weight, s.GrantedWeight, b.weight(set), b.weight(b.granted))
	}
	covered, uncovered := map[string]int{}, map[string]bool{}
	for _, c := range s.Cover {
		covered[c.Operation]++
		if b.mask(c.By)&^set != 0 || !isWay(p, c) {
			t.Fatalf("cover %+v is no proof for %v", c, s.Permissions)
		}
	}
	for _, o := range p.Operations {
		if uncovered[o.Name] = uncovered[o.Name] || len(o.Ways) == 0; len(o.Ways) > 0 && covered[o.Name] == 0 {
			t.Fatalf("%s has no proof", o.Name)
		}
	}
	for name, is := range uncovered {
		if slices.Contains(s.Uncovered, name) != is {
			t.Fatalf("uncovered %v, want %v", s.Uncovered, uncovered)
		}
	}
	if s.Doubtful == s.Whole() || s.Doubtful != (len(s.Uncovered) > 0) {
		t.Fatalf("doubtful %v with uncovered %v", s.Doubtful, s.Uncovered)
	}
	kept := b.mask(p.Kept) & b.granted &^ set
	for _, want := range []struct {
		what string
		set  uint
		got  []string
	}{
		{"add", set &^ b.granted, s.Add},
		{"kept", kept, s.Kept},
		{"removable", b.granted &^ set &^ kept, s.Removable},
	} {
		if diff := cmp.Diff(b.list(want.set), want.got); diff != "" {
			t.Fatalf("%s: %s", want.what, diff)
		}
	}
}

func isWay(p least.Problem, c least.Cover) bool {
	return slices.ContainsFunc(p.Operations, func(o least.Operation) bool {
		return o.Name == c.Operation && slices.ContainsFunc(o.Ways, func(way []string) bool {
			sorted := slices.Compact(slices.Sorted(slices.Values(way)))
			return slices.Equal(sorted, c.By)
		})
	})
}

// Cut short after any number of steps, the answer still covers everything, and the gap it admits to holds.
func TestCutShort(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	s := shape{permissions: 13, operations: 22, ways: 5, together: 2, weights: []int{2, 3, 4, 5}}
	unproven := 0
	for range 3000 {
		p, weights := random(rng, s)
		p.Limit = 1 + rng.IntN(50)
		got := least.Solve(p)
		if got.Proven {
			continue
		}
		unproven++
		b := newBrute(p, weights)
		consistent(t, b, p, got)
		lightest := b.weight(b.mask(b.best()))
		if got.Weight < lightest || got.Weight-got.Gap > lightest || got.Gap <= 0 {
			t.Fatalf("weight %d with gap %d; the lightest weighs %d", got.Weight, got.Gap, lightest)
		}
	}
	if unproven < 100 {
		t.Errorf("only %d were cut short: the test shows nothing", unproven)
	}
}

// With more permissions than brute force can try, the lightest weight is found over sets of operations instead.
func TestAgainstOperationSubsets(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for i := range 100 {
		p := least.Problem{Operations: make([]least.Operation, 10+rng.IntN(3))}
		weights, serves := map[string]int{}, map[string]uint{}
		for o := range p.Operations {
			p.Operations[o].Name = fmt.Sprintf("GET /%d", o)
			for range 1 + rng.IntN(12) {
				name := fmt.Sprintf("P%02d", rng.IntN(60))
				weights[name] = []int{1, 10, 100, 300, 1000}[rng.IntN(5)]
				serves[name] |= 1 << o
				p.Operations[o].Ways = append(p.Operations[o].Ways, []string{name})
			}
		}
		p.Weight = func(permission string) int { return weights[permission] }
		lightest := make([]int, 1<<len(p.Operations)) // by the operations allowed
		for done := range lightest {
			lightest[done] = 1 << 40
		}
		lightest[0] = 0
		for done := range lightest {
			for name, served := range serves {
				after := uint(done) | served
				lightest[after] = min(lightest[after], lightest[done]+weights[name])
			}
		}
		if got, want := least.Solve(p), lightest[len(lightest)-1]; got.Weight != want || !got.Proven {
			t.Fatalf("problem %d: weight %d, proven %v, want %d: %+v", i, got.Weight, got.Proven, want, p.Operations)
		}
	}
}

// The order in which a problem is written changes neither its solution nor its key, and everything else changes the key.
func TestOrderAndKey(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	s := shape{permissions: 12, operations: 12, ways: 5, together: 3, weights: []int{1, 2, 3}}
	for range 500 {
		p, _ := random(rng, s)
		q := p
		q.Operations = slices.Clone(p.Operations)
		q.Granted = slices.Clone(p.Granted)
		for i, o := range q.Operations {
			q.Operations[i].Ways = slices.Clone(o.Ways)
			ways := q.Operations[i].Ways
			rng.Shuffle(len(ways), func(a, b int) { ways[a], ways[b] = ways[b], ways[a] })
		}
		rng.Shuffle(len(q.Operations), func(a, b int) { q.Operations[a], q.Operations[b] = q.Operations[b], q.Operations[a] })
		slices.Reverse(q.Granted)
		if p.Key() != q.Key() {
			t.Fatal("the order changes the key")
		}
		if diff := cmp.Diff(least.Solve(p), least.Solve(q)); diff != "" {
			t.Fatalf("the order changes the solution:\n%s", diff)
		}
	}
	base := least.Problem{Operations: []least.Operation{{Name: "a", Ways: [][]string{{"x", "y"}}}}, Granted: []string{"x"}}
	for name, other := range map[string]least.Problem{
		"operation": {Operations: []least.Operation{{Name: "b", Ways: [][]string{{"x", "y"}}}}, Granted: []string{"x"}},
		"ways":      {Operations: []least.Operation{{Name: "a", Ways: [][]string{{"x"}, {"y"}}}}, Granted: []string{"x"}},
		"granted":   {Operations: []least.Operation{{Name: "a", Ways: [][]string{{"x", "y"}}}}, Granted: []string{"y"}},
		"kept":      {Operations: []least.Operation{{Name: "a", Ways: [][]string{{"x", "y"}}}}, Granted: []string{"x"}, Kept: []string{"x"}},
		"limit":     {Operations: []least.Operation{{Name: "a", Ways: [][]string{{"x", "y"}}}}, Granted: []string{"x"}, Limit: 1},
	} {
		if other.Key() == base.Key() {
			t.Errorf("another %s has the same key", name)
		}
	}
}
