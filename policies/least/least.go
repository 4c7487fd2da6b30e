// Package least finds the smallest set of permissions that allows a set of operations: smallest by total weight, and
// exactly so, not greedily.
//
// An operation is allowed by any of its ways; a way is one permission, or several that are needed together because one
// of them requires the others. Finding the lightest set that holds a whole way of every operation is weighted set cover
// with conjunctions, which is hard in general and small in practice: an application calls some dozen operations, and
// most of them leave little choice. Solve first takes away what no lightest set needs, cuts the rest into parts that do
// not touch, and searches each by branch and bound. It counts the steps of the search, never the time, so that an answer
// does not depend on the machine. When the steps run out it says by how much a lighter set could beat the one it gives.
package least

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// DefaultLimit is the number of search steps that Solve takes for each part of a problem where the problem sets no limit
// of its own. Real problems take some hundreds; this many take about a tenth of a second.
const DefaultLimit = 200_000

// MostBreadth is the highest breadth of a permission.
const MostBreadth = 15

// Operation is one operation that has to stay allowed.
type Operation struct {
	Name string // for proofs and lists: GET /users/{id}
	// Ways are the sets of permissions each of which allows the operation. None: no permission is known to. A way
	// without permissions says that the operation needs none.
	Ways [][]string
}

// Problem is what a set of permissions is sought for. Permissions are compared letter by letter.
type Problem struct {
	Operations []Operation
	// Granted are the permissions that are held, of the kind and the resource that the ways speak of.
	Granted []string
	// Kept are permissions that no operation can show to be needed or not. They are never called removable.
	Kept []string
	// Weight tells how much a permission weighs; it must give the same answer each time. Negative counts as 0.
	Weight func(permission string) int
	// Breadth tells how far a permission reaches beyond what is asked of it, from 0 to MostBreadth. It decides between
	// sets of the same weight, before what is granted does; nil is 0 of all. Like Weight it must not waver.
	Breadth func(permission string) int
	// Limit is the number of search steps allowed for each part of the problem; 0 is DefaultLimit.
	Limit int
}

// Solution is the smallest set for a problem. All its lists are sorted, and empty rather than nil.
type Solution struct {
	// Permissions is the set. Of sets with the same weight it is the one with the least breadth, of those the one that
	// needs the fewest permissions that are not granted, of those the one with the fewest permissions, of those the first
	// by alphabet. (When the search for the first by alphabet runs out of steps, it is another of them; always the same
	// for the same problem.)
	Permissions []string
	// Weight is the total weight of the set, and GrantedWeight that of all that is granted.
	Weight, GrantedWeight int
	// Proven is false when the search was cut short. No set weighs less than Weight - Gap.
	Proven bool
	Gap    int
	// Cover is the proof: for every operation that the set allows, a way that is wholly in the set.
	Cover []Cover
	// Uncovered are the operations that no permission is known to allow. The set is for the others only.
	Uncovered []string
	// Add are permissions of the set that are not granted. Removable are granted permissions outside the set: once Add
	// are granted, all of Removable can go together. Kept are granted permissions outside the set that are never called
	// removable.
	Add, Removable, Kept []string
	// Doubtful is true when there are uncovered operations: one of Removable may be what allows them.
	Doubtful bool
	// Steps is the number of search steps taken.
	Steps int
}

// Cover is the proof that a set allows one operation.
type Cover struct {
	Operation string
	By        []string // a way wholly in the set; empty when the operation needs no permission
}

// Whole reports whether the set speaks for every operation: whether none is uncovered.
func (s *Solution) Whole() bool { return len(s.Uncovered) == 0 }

// Solve finds the smallest set. It depends on what the problem says and not on the order in which it says it, and may be
// called from many goroutines.
func Solve(p Problem) Solution {
	operations, uncovered := p.split()
	in := index(operations, p)
	found := solve(in.costs, in.demands, cmp.Or(p.Limit, DefaultLimit))
	held := make([]bool, len(in.names))
	for _, i := range found.set {
		held[i] = true
	}
	s := Solution{Uncovered: uncovered, Doubtful: len(uncovered) > 0, Steps: found.steps}
	s.Permissions = in.namesOf(found.set)
	for _, i := range found.set {
		s.Weight += in.costs[i].weight()
	}
	s.Gap = s.Weight - found.bound
	s.Proven = s.Gap == 0
	s.Cover = in.cover(operations, held)
	s.compare(p)
	return s
}

// compare fills in what the set means for what is granted.
func (s *Solution) compare(p Problem) {
	s.Add, s.Removable, s.Kept = []string{}, []string{}, []string{}
	granted := distinct(p.Granted)
	for _, permission := range granted {
		s.GrantedWeight += weigh(p.Weight, permission)
		switch {
		case contains(s.Permissions, permission):
		case slices.Contains(p.Kept, permission):
			s.Kept = append(s.Kept, permission)
		default:
			s.Removable = append(s.Removable, permission)
		}
	}
	for _, permission := range s.Permissions {
		if !contains(granted, permission) {
			s.Add = append(s.Add, permission)
		}
	}
}

// split gives the operations that some way allows, each once and in order, and the names of the others.
func (p Problem) split() (allowed []Operation, uncovered []string) {
	uncovered = []string{}
	for _, o := range p.tidy() {
		if len(o.Ways) == 0 {
			uncovered = append(uncovered, o.Name)
			continue
		}
		allowed = append(allowed, o)
	}
	return allowed, distinct(uncovered)
}

// tidy gives the operations in an order of their own, each once, with ways sorted likewise.
func (p Problem) tidy() []Operation {
	operations := make([]Operation, 0, len(p.Operations))
	for _, o := range p.Operations {
		ways := make([][]string, 0, len(o.Ways))
		for _, way := range o.Ways {
			ways = append(ways, distinct(way))
		}
		slices.SortFunc(ways, compareWays)
		operations = append(operations, Operation{o.Name, slices.CompactFunc(ways, slices.Equal)})
	}
	slices.SortFunc(operations, compareOperations)
	return slices.CompactFunc(operations, func(a, b Operation) bool { return compareOperations(a, b) == 0 })
}

// Key tells problems apart: two with the same key have the same solution, given the same weights and breadths. It is for
// remembering solutions, and of no use across versions of this program.
func (p Problem) Key() string {
	hash := sha256.New()
	write := func(lists ...[]string) {
		for _, list := range lists {
			hash.Write([]byte(strconv.Itoa(len(list))))
			for _, text := range list {
				hash.Write([]byte(" " + strconv.Quote(text)))
			}
		}
	}
	for _, o := range p.tidy() {
		write([]string{o.Name, strconv.Itoa(len(o.Ways))})
		write(o.Ways...)
	}
	write([]string{strconv.Itoa(cmp.Or(p.Limit, DefaultLimit))}, distinct(p.Granted), distinct(p.Kept))
	return hex.EncodeToString(hash.Sum(nil))
}

// compareWays puts ways with fewer permissions first, so that the first one in a set is its plainest proof.
func compareWays(a, b []string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b))
}

func compareOperations(a, b Operation) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), slices.CompareFunc(a.Ways, b.Ways, compareWays))
}

// distinct gives the texts sorted, each once.
func distinct(texts []string) []string {
	sorted := append([]string{}, texts...)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func contains(sorted []string, text string) bool {
	_, found := slices.BinarySearch(sorted, text)
	return found
}

func weigh(weight func(string) int, permission string) int { return max(0, weight(permission)) }
