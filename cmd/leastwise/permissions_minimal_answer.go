package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/collector/usage"
	"leastwise/policies/catalog"
	"leastwise/policies/least"
)

// minimalAnswer is what permissions minimal prints.
type minimalAnswer struct {
	AppID    string          `json:"app_id"`
	Name     string          `json:"name,omitzero"`
	Evidence minimalEvidence `json:"evidence"`
	Answers  []kindAnswer    `json:"answers"` // by kind, where there is something to say
	// Complete is false when something could not be told; Untold says what.
	Complete bool     `json:"complete"`
	Untold   []string `json:"untold"`
	// Notes are what to bear in mind.
	Notes []string `json:"notes"`

	lacking []string // what the look-back lacks to tell that a permission is not needed
}

// minimalEvidence is what the exports hold.
type minimalEvidence struct {
	From       string `json:"from,omitzero"`
	To         string `json:"to,omitzero"`
	Days       int    `json:"days"`     // whole days from From to To
	Declared   bool   `json:"declared"` // From is of the flags; else the two are of the first and the last call seen
	Whole      bool   `json:"whole"`    // the exports are known to hold every call from From to To
	Rows       int    `json:"rows"`
	Duplicates int    `json:"duplicates"`
	Failed     int    `json:"failed"`
	Foreign    int    `json:"foreign"`
}

// kindAnswer is the answer for app-only or for delegated calls.
type kindAnswer struct {
	Kind  catalog.Kind `json:"kind"`
	Calls int          `json:"calls"`
	// Least is the smallest set; absent without calls.
	Least *leastAnswer `json:"least,omitzero"`
	// Granted are the permissions held on Microsoft Graph; absent when not known.
	Granted []string `json:"granted,omitzero"`
}

// leastAnswer is the smallest set, what proves it, and what follows.
type leastAnswer struct {
	Permissions   []ratedPermission `json:"permissions"`
	Weight        int               `json:"weight"`
	GrantedWeight *int              `json:"granted_weight,omitzero"`
	Proven        bool              `json:"proven"`
	Gap           int               `json:"gap"`
	Operations    []coveredCall     `json:"operations"`
	Uncovered     []string          `json:"uncovered"`
	// Unexplained are operations that succeeded although nothing granted is known to allow them; absent when it is not
	// known what is granted.
	Unexplained []string `json:"unexplained,omitzero"`
	// Add, Removable and Kept are as in least.Solution; absent when it is not known what is granted.
	Add       []string `json:"add,omitzero"`
	Removable []string `json:"removable,omitzero"`
	Kept      []string `json:"kept,omitzero"`
	Doubtful  bool     `json:"doubtful"`
}

type ratedPermission struct {
	Value  string       `json:"value"`
	Tier   catalog.Tier `json:"tier"`
	Weight int          `json:"weight"`
}

// coveredCall is one operation with the permissions that allow it.
type coveredCall struct {
	Operation string   `json:"operation"`
	Calls     int      `json:"calls"`
	LastAt    string   `json:"last_at,omitzero"`
	By        []string `json:"by,omitzero"`    // empty when none is needed; absent when uncovered
	Why       string   `json:"why,omitzero"`   // why uncovered
	Roles     []string `json:"roles,omitzero"` // directory roles of which the user who calls needs one
}

func newMinimalAnswer(h *holding, read *usage.Result, back lookBack) (*minimalAnswer, error) {
	covered, err := read.Cover(back.from, back.to)
	if err != nil {
		return nil, fmt.Errorf("--activity-from, --activity-to: %w", err)
	}
	a := &minimalAnswer{AppID: h.appID, Name: h.name, Answers: []kindAnswer{}, Untold: slices.Concat([]string{}, h.reasons), Notes: []string{}}
	from, to := read.From, read.To
	if back.from != nil {
		from = *back.from
	}
	if back.to != nil {
		to = *back.to
	}
	a.Evidence = minimalEvidence{
		Days: int(to.Sub(from) / (24 * time.Hour)), Declared: back.from != nil,
		Rows: read.Read, Duplicates: read.Duplicates, Failed: read.Failed, Foreign: read.Foreign,
	}
	if !from.IsZero() {
		a.Evidence.From, a.Evidence.To = minute(from), minute(to)
	}
	for _, reason := range read.Cut {
		a.untold("rows may be missing: %s", reason)
	}
	a.weigh(covered, back, h.appID, read.Operations)
	return a, nil
}

// mostIntervals is how many missing intervals are named.
const mostIntervals = 5

// weigh says what the look-back is worth.
func (a *minimalAnswer) weigh(covered snapshot.Covered, back lookBack, appID string, operations []usage.Operation) {
	for i, hole := range covered.Holes {
		if i == mostIntervals {
			a.untold("and of %s more", counted(len(covered.Holes)-i, "interval"))
			break
		}
		a.untold("nothing is known of %s to %s: %s", minute(hole.From), minute(hole.To), hole.Reason)
	}
	a.Evidence.Whole = len(covered.Windows) > 0 && len(covered.Holes)+len(covered.Provisional) == 0
	if days := a.Evidence.Days; days < back.short {
		a.lacking = append(a.lacking, fmt.Sprintf("The look-back is short: %s, of %d that the controls ask for. What is called once a quarter or once a year is not in it.", counted(days, "day"), back.short))
	}
	switch {
	case !a.Evidence.Declared && !a.Evidence.Whole:
		a.lacking = append(a.lacking, "The look-back is that of the first and the last call in the files, which does not prove that they hold every call in between; --activity-from and --activity-to declare it.")
	case len(covered.Provisional) > 0:
		first, last := covered.Provisional[0], covered.Provisional[len(covered.Provisional)-1]
		a.lacking = append(a.lacking, fmt.Sprintf("The look-back is declared, and the files do not bear it out of %s to %s.", minute(first.From), minute(last.To)))
	}
	if w := covered.Windows; back.from != nil && len(w) > 0 {
		first, last := w[0].From, w[len(w)-1].To
		if first.After(*back.from) || back.to != nil && last.Before(*back.to) {
			a.Evidence.Whole = false
			a.lacking = append(a.lacking, fmt.Sprintf("Of the look-back that is declared, the files bear out %s to %s.", minute(first), minute(last)))
		}
	}
	outside := 0
	for _, o := range operations {
		if o.AppID == appID && (back.from != nil && o.LastAt.Before(*back.from) || back.to != nil && o.FirstAt.After(*back.to)) {
			outside++
		}
	}
	if outside > 0 {
		a.note("%s called only outside the declared look-back; the set allows them all the same.", counted(outside, "operation"))
	}
}

func minute(at time.Time) string { return at.UTC().Format("2006-01-02T15:04Z") }

func (a *minimalAnswer) untold(format string, args ...any) {
	a.Untold = append(a.Untold, fmt.Sprintf(format, args...))
}

func (a *minimalAnswer) note(format string, args ...any) {
	a.Notes = append(a.Notes, fmt.Sprintf(format, args...))
}

// answer adds what can be said of one kind. asked is whether the kind was asked for by name.
func (a *minimalAnswer) answer(c *catalog.Catalogue, kind catalog.Kind, h *holding, read *usage.Result, asked bool) {
	k := kindAnswer{Kind: kind, Granted: h.granted[kind]}
	var calls []least.Call
	seen := map[string]usage.Operation{}
	for _, o := range read.Operations {
		if o.AppID == h.appID && o.Kind == string(kind) {
			call := least.Call{Method: o.Method, Path: o.Path}
			if published, known := c.Operation(kind, o.Method, o.Path); known && strings.EqualFold(published.Path, o.Path) {
				call.Path = published.Path
			}
			calls, seen[call.String()] = append(calls, call), o
			k.Calls += o.Calls
		}
	}
	if len(calls) > 0 {
		k.Least = a.least(c, kind, calls, seen, h, read)
	}
	if asked || len(calls)+len(k.Granted) > 0 {
		a.Answers = append(a.Answers, k)
	}
}

// least solves the problem of the calls and says of each what allows it.
func (a *minimalAnswer) least(c *catalog.Catalogue, kind catalog.Kind, calls []least.Call, seen map[string]usage.Operation, h *holding, read *usage.Result) *leastAnswer {
	problem := least.ForCalls(c, kind, calls, h.granted[kind])
	problem.Kept = append(problem.Kept, inUse(kind, h.appID, read)...)
	s := least.Solve(problem)
	l := &leastAnswer{Weight: s.Weight, Proven: s.Proven, Gap: s.Gap, Uncovered: s.Uncovered, Doubtful: s.Doubtful, Permissions: []ratedPermission{}}
	for _, value := range s.Permissions {
		tier := catalog.Unrated
		if p, ok := c.Lookup(least.MicrosoftGraph, kind, value); ok {
			tier = p.Tier
		}
		l.Permissions = append(l.Permissions, ratedPermission{value, tier, problem.Weight(value)})
	}
	if h.granted != nil {
		l.Unexplained = a.unexplained(kind, problem)
		l.Doubtful = l.Doubtful || len(l.Unexplained) > 0
		l.GrantedWeight, l.Add, l.Removable, l.Kept = &s.GrantedWeight, s.Add, s.Removable, s.Kept
	}
	by := map[string][]string{}
	for _, cover := range s.Cover {
		by[cover.Operation] = cover.By
	}
	for _, call := range calls {
		l.Operations = append(l.Operations, coveredCallOf(c, kind, call, seen[call.String()], by))
	}
	a.noteNarrow(s.Narrow(kind))
	if !s.Proven {
		a.untold("The set of %s permissions is not proven minimal (gap %d): the search was cut short.", kind, s.Gap)
	}
	if !s.Whole() {
		a.untold("%s not covered: %s.", counted(len(s.Uncovered), string(kind)+" operation"), strings.Join(s.Uncovered, "; "))
	}
	return l
}

// noteNarrow names what allows the calls and may yet be too little.
func (a *minimalAnswer) noteNarrow(narrow []string) {
	var basic, parts []string
	for _, value := range narrow {
		if strings.Contains(value, ".ReadBasic") {
			basic = append(basic, value)
		} else {
			parts = append(parts, value)
		}
	}
	if len(basic) > 0 {
		a.note("Enough for the calls, with fewer properties in the answers, no body of a message for one: %s. Logs do not tell which properties the application needs.", strings.Join(basic, ", "))
	}
	if len(parts) > 0 {
		a.note("Enough for the calls on a part of the objects or properties, such as what the application owns or was given: %s. Logs do not tell whether that is all it needs.", strings.Join(parts, ", "))
	}
}

// unexplained gives the operations that succeeded although nothing granted allows them, and says so: what does may be among
// the permissions that no call seems to need.
func (a *minimalAnswer) unexplained(kind catalog.Kind, problem least.Problem) []string {
	held := func(permission string) bool { return slices.Contains(problem.Granted, permission) }
	allowed := func(way []string) bool {
		return !slices.ContainsFunc(way, func(permission string) bool { return !held(permission) })
	}
	names := []string{}
	for _, o := range problem.Operations {
		if len(o.Ways) > 0 && !slices.ContainsFunc(o.Ways, allowed) {
			names = append(names, o.Name)
		}
	}
	if len(names) > 0 {
		a.untold("Succeeded although no %s permission that is granted is known to allow it: %s. A permission on chosen objects, a role, a consent for one resource, or a permission withdrawn since may explain it.", kind, strings.Join(names, "; "))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// inUse are the permissions that App governance says are in use.
func inUse(kind catalog.Kind, appID string, read *usage.Result) []string {
	var values []string
	for _, row := range read.InUse {
		onGraph := row.ResourceAppID == "" || row.ResourceAppID == least.MicrosoftGraph
		ofKind := row.Kind == "" || row.Kind == string(kind)
		if row.AppID == appID && onGraph && ofKind && row.InUse == "true" {
			values = append(values, row.Permission)
		}
	}
	return values
}

func coveredCallOf(c *catalog.Catalogue, kind catalog.Kind, call least.Call, o usage.Operation, by map[string][]string) coveredCall {
	covered := coveredCall{Operation: call.String(), Calls: o.Calls, By: by[call.String()]}
	if !o.LastAt.IsZero() {
		covered.LastAt = minute(o.LastAt)
	}
	operation, known := c.Operation(kind, call.Method, call.Path)
	switch {
	case covered.By != nil:
		if kind == catalog.Delegated {
			covered.Roles = operation.Roles
		}
	case strings.HasSuffix(call.Path, usage.Folded):
		covered.Why = "the application calls so many addresses that this one was cut short"
	case operation.BodyDecides():
		covered.Why = "its body decides which permissions it takes"
	case known:
		covered.Why = fmt.Sprintf("no %s permission is known to allow it; a role, or a consent for one resource, may", kind)
	default:
		covered.Why = "no catalogue knows the operation"
	}
	return covered
}

// conclude says whether the answer is whole.
func (a *minimalAnswer) conclude() {
	const noNeed = "No evidence is not the same as no need: nothing is said of its"
	silent := slices.DeleteFunc(slices.Clone(a.Answers), func(k kindAnswer) bool { return k.Calls > 0 })
	if len(silent) == len(a.Answers) {
		a.untold("No successful call of the application is in the files. %s permissions.", noNeed)
		silent = nil
	}
	for _, k := range silent {
		a.untold("No successful %s call of the application is in the files. %s %s permissions.", k.Kind, noNeed, k.Kind)
	}
	canGo := slices.ContainsFunc(a.Answers, func(k kindAnswer) bool { return k.Least != nil && len(k.Least.Removable) > 0 })
	if canGo {
		a.Untold = append(a.Untold, a.lacking...)
	} else {
		a.Notes = append(a.lacking, a.Notes...)
	}
	a.Complete = len(a.Untold) == 0
}

// hintAtImport says where to find operations that the built-in catalogue does not know.
func (a *minimalAnswer) hintAtImport() {
	for _, k := range a.Answers {
		if k.Least != nil && len(k.Least.Uncovered) > 0 {
			a.note("Microsoft's public permissions.json knows thousands of operations more: leastwise permissions import fetches it, --permissions FILE uses it.")
			return
		}
	}
}
