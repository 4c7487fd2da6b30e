package least_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/least"
)

// A greedy choice takes "wide", which allows most for its weight, and then has to take both others as well.
func TestSolveIsNotGreedy(t *testing.T) {
	weights := map[string]int{"left": 10, "right": 10, "wide": 12}
	s := least.Solve(least.Problem{
		Operations: []least.Operation{
			{Name: "1", Ways: [][]string{{"left"}, {"wide"}}},
			{Name: "2", Ways: [][]string{{"left"}, {"wide"}}},
			{Name: "3", Ways: [][]string{{"right"}, {"wide"}}},
			{Name: "4", Ways: [][]string{{"right"}, {"wide"}}},
			{Name: "5", Ways: [][]string{{"left"}}},
			{Name: "6", Ways: [][]string{{"right"}}},
		},
		Granted: []string{"wide", "left"},
		Weight:  func(permission string) int { return weights[permission] },
	})
	want := least.Solution{
		Permissions: []string{"left", "right"}, Weight: 20, GrantedWeight: 22, Proven: true,
		Cover: []least.Cover{
			{"1", []string{"left"}},
			{"2", []string{"left"}},
			{"3", []string{"right"}},
			{"4", []string{"right"}},
			{"5", []string{"left"}},
			{"6", []string{"right"}},
		},
		Uncovered: []string{}, Add: []string{"right"}, Removable: []string{"wide"}, Kept: []string{},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

// A permission that requires another is only as light as both.
func TestSolveHonoursAlsoRequires(t *testing.T) {
	weights := map[string]int{"policy.write": 100, "policy.read": 10, "all": 105}
	operation := least.Operation{Name: "PATCH /policies", Ways: [][]string{{"policy.write", "policy.read"}, {"all"}}}
	read := least.Operation{Name: "GET /policies", Ways: [][]string{{"policy.read"}}}
	for _, c := range []struct {
		operations []least.Operation
		want       []string
	}{
		{[]least.Operation{operation}, []string{"all"}},
		{[]least.Operation{operation, read}, []string{"policy.read", "policy.write"}},
	} {
		s := least.Solve(least.Problem{Operations: c.operations, Weight: func(p string) int { return weights[p] }})
		if diff := cmp.Diff(c.want, s.Permissions); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSolvePrefersWhatIsGranted(t *testing.T) {
	one := func(string) int { return 1 }
	s := least.Solve(least.Problem{
		Operations: []least.Operation{{Name: "1", Ways: [][]string{{"a"}, {"b"}}}, {Name: "2", Ways: [][]string{{"a"}, {"c"}}}},
		Granted:    []string{"b", "c"}, Weight: one,
	})
	if diff := cmp.Diff([]string{"a"}, s.Permissions); diff != "" {
		t.Errorf("weight comes before what is granted: %s", diff)
	}
	s = least.Solve(least.Problem{
		Operations: []least.Operation{{Name: "1", Ways: [][]string{{"a"}, {"b"}}}},
		Granted:    []string{"b"}, Weight: one,
	})
	if diff := cmp.Diff([]string{"b"}, s.Permissions); diff != "" {
		t.Errorf("of equal weights, what is granted: %s", diff)
	}
}

// Without operations everything is removable; with one that nobody knows, it is doubtful.
func TestSolveOfNothing(t *testing.T) {
	p := least.Problem{Granted: []string{"b", "a", "a"}, Kept: []string{"b"}, Weight: func(string) int { return 3 }}
	want := least.Solution{
		Permissions: []string{}, GrantedWeight: 6, Proven: true, Cover: []least.Cover{},
		Uncovered: []string{}, Add: []string{}, Removable: []string{"a"}, Kept: []string{"b"},
	}
	if diff := cmp.Diff(want, least.Solve(p)); diff != "" {
		t.Error(diff)
	}
	p.Operations = []least.Operation{{Name: "GET /new"}, {Name: "GET /$metadata", Ways: [][]string{{}}}}
	want.Uncovered, want.Doubtful = []string{"GET /new"}, true
	want.Cover = []least.Cover{{Operation: "GET /$metadata", By: []string{}}}
	if diff := cmp.Diff(want, least.Solve(p)); diff != "" {
		t.Error(diff)
	}
}

// hard is a problem of sixty operations with a dozen equal choices each, which has no structure to exploit.
func hard() least.Problem {
	p := least.Problem{Weight: func(string) int { return 1 }}
	state := uint32(1)
	next := func(n uint32) uint32 {
		state = state*1664525 + 1013904223
		return (state >> 8) % n
	}
	for o := range 60 {
		operation := least.Operation{Name: fmt.Sprintf("GET /%02d", o)}
		for range 12 {
			operation.Ways = append(operation.Ways, []string{fmt.Sprintf("P%03d", next(150))})
		}
		p.Operations = append(p.Operations, operation)
	}
	return p
}

// A problem without structure is cut short at the default limit or solved; either way the answer is whole.
func TestSolveHard(t *testing.T) {
	p := hard()
	whole := least.Solve(p)
	if len(whole.Cover) != 60 || whole.Proven != (whole.Gap == 0) {
		t.Errorf("cover of %d, proven %v, gap %d", len(whole.Cover), whole.Proven, whole.Gap)
	}
	p.Limit = 500
	short := least.Solve(p)
	if short.Proven || short.Gap <= 0 || short.Weight-short.Gap > whole.Weight || short.Weight < whole.Weight-whole.Gap {
		t.Errorf("weight %d, gap %d, proven %v after %d steps, where %d weighs less", short.Weight, short.Gap, short.Proven, short.Steps, whole.Weight)
	}
	if short.Steps > 5000 {
		t.Errorf("%d steps with a limit of %d", short.Steps, p.Limit)
	}
}

func BenchmarkSolveHard(b *testing.B) {
	p := hard()
	for b.Loop() {
		least.Solve(p)
	}
}
