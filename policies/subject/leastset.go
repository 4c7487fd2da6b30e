package subject

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"leastwise/policies/catalog"
	"leastwise/policies/least"
)

// DeclaredOperations are calls of Microsoft Graph that an application is built to make.
type DeclaredOperations struct {
	AppID      string
	Kind       string   // application or delegated
	Operations []string // "GET /users/{id}", without version
}

func declaredByApp(list []DeclaredOperations) map[string][]DeclaredOperations {
	byApp := map[string][]DeclaredOperations{}
	for _, d := range list {
		appID := strings.ToLower(d.AppID)
		byApp[appID] = append(byApp[appID], d)
	}
	return byApp
}

// What a least set is of.
const (
	observed = "observed"
	declared = "declared"
)

// leastSets remembers solutions: thousands of applications make the same calls with the same grants.
type leastSets struct {
	mu     sync.Mutex
	solved map[string]*LeastSet
}

// mostSolved bounds the memory: what recurs, recurs early.
const mostSolved = 1 << 12

// addLeast adds the smallest sets for what was observed and for what is declared, of kinds that have any.
func (j *Join) addLeast(app *Application) {
	of := j.declared[app.ID]
	if len(app.Uses) == 0 && len(of) == 0 {
		return
	}
	for _, kind := range []string{kindApplication, kindDelegated} {
		var calls []least.Call
		for _, use := range app.Uses {
			if use.Kind == kind {
				calls = append(calls, least.Call{Method: use.Method, Path: use.Path})
			}
		}
		if len(calls) > 0 {
			set := j.leastSet(app, observed, kind, calls)
			set.Uncovered = j.withUnexplained(app, set)
			app.Least = append(app.Least, set)
		}
	}
	for _, d := range of {
		var calls []least.Call
		for _, written := range d.Operations {
			method, path, _ := strings.Cut(written, " ")
			calls = append(calls, least.Call{Method: strings.ToUpper(method), Path: strings.TrimSpace(path)})
		}
		set := j.leastSet(app, declared, d.Kind, calls)
		set.Operations = []string{}
		for _, call := range calls {
			set.Operations = append(set.Operations, call.String())
		}
		app.Least = append(app.Least, set)
	}
	slices.SortStableFunc(app.Least, func(a, b LeastSet) int {
		return cmp.Or(-cmp.Compare(a.Basis, b.Basis), cmp.Compare(a.Kind, b.Kind))
	})
}

// withUnexplained adds to what no catalogue knows the calls that succeeded although nothing granted is known to
// allow them: what does may be a permission on chosen objects (Sites.Selected), which the set would put a wider one
// in place of.
func (j *Join) withUnexplained(app *Application, set LeastSet) []string {
	all := slices.Clone(set.Uncovered)
	for _, use := range app.Uses {
		if use.Kind == set.Kind && use.Known && len(use.Allowed) == 0 && !j.isFree(use) {
			all = append(all, use.Method+" "+use.Path)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// leastSet solves one problem, or finds that it was solved before.
func (j *Join) leastSet(app *Application, basis, kind string, calls []least.Call) LeastSet {
	var granted []string
	for _, g := range app.Grants {
		if g.ResourceAppID == microsoftGraph && g.Kind == kind && g.Permission != "" {
			granted = append(granted, g.Permission)
		}
	}
	slices.Sort(granted)
	granted = slices.Compact(granted)
	var question strings.Builder
	question.WriteString(basis + " " + kind)
	for _, call := range calls {
		question.WriteString("\n" + call.String())
	}
	question.WriteString("\n\n" + strings.Join(granted, "\n"))

	s := &j.leastSets
	s.mu.Lock()
	set := s.solved[question.String()]
	s.mu.Unlock()
	if set == nil {
		set = solve(j.resolver.catalogue, basis, kind, calls, granted)
		s.mu.Lock()
		if s.solved == nil || len(s.solved) >= mostSolved {
			s.solved = map[string]*LeastSet{}
		}
		s.solved[question.String()] = set
		s.mu.Unlock()
	}
	return *set
}

func solve(catalogue *catalog.Catalogue, basis, kind string, calls []least.Call, granted []string) *LeastSet {
	problem := least.ForCalls
	if basis == declared {
		problem = least.ForDeclared
	}
	p := problem(catalogue, catalog.Kind(kind), calls, granted)
	s := least.Solve(p)
	keys := func(values []string) []string {
		list := make([]string, len(values))
		for i, value := range values {
			list[i] = microsoftGraph + "/" + kind + "/" + value
		}
		return list
	}
	return &LeastSet{
		Basis: basis, Kind: kind, Permissions: keys(s.Permissions), Weight: s.Weight, GrantedWeight: s.GrantedWeight, Proven: s.Proven, Gap: s.Gap,
		Uncovered: s.Uncovered, Removable: keys(worthwhile(catalogue, catalog.Kind(kind), p, &s)), Add: keys(s.Add), Narrow: keys(s.Narrow(catalog.Kind(kind))),
	}
}

// worthwhile gives, of the granted permissions outside the set, those whose going leaves less: all, where the set
// weighs less than those of the granted that any of the calls can take, or adds nothing to them; else those that no
// call can take, and those to which it has a narrower alternative. One for another of the same weight is no less, and
// a permission on chosen objects may be what takes the place of one that is missing.
func worthwhile(c *catalog.Catalogue, kind catalog.Kind, p least.Problem, s *least.Solution) []string {
	takes := map[string]bool{}
	for _, o := range p.Operations {
		for _, way := range o.Ways {
			for _, value := range way {
				takes[value] = true
			}
		}
	}
	weight := 0
	for _, value := range slices.Compact(slices.Sorted(slices.Values(p.Granted))) {
		if takes[value] {
			weight += p.Weight(value)
		}
	}
	if len(s.Add) == 0 || s.Weight < weight {
		return s.Removable
	}
	return slices.DeleteFunc(slices.Clone(s.Removable), func(value string) bool {
		mayTake := takes[value] || least.Partial(kind, "/", value)
		return mayTake && !slices.ContainsFunc(s.Add, func(added string) bool {
			return c.Narrower(least.MicrosoftGraph, kind, added, value)
		})
	})
}
