package usage

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// intake adds up what files hold.
type intake struct {
	opts   Options
	record record
	names  map[string]string // texts that repeat, kept once
	own    map[string]bool   // whether it was met

	ids // of rows

	apps    map[string]*caller
	inUse   map[useKey]governance
	signIns map[signInKey]time.Time
	hours   hours
	cut     []string
	// cutCalls is whether calls are missing for it.
	cutCalls bool
	caller   string // of a call; whoever was met last
	several  bool   // there were others
	named    bool   // a row named its tenant

	from, to                                                                     time.Time
	read, calls, duplicates, failedRows, ownRows, foreignRows, nameless, batches int
}

type useKey struct{ app, resource, permission, kind string }

// governance is what App governance said, and when; zero where the export does not say.
type governance struct {
	told string
	at   time.Time
}

type signInKey struct{ app, kind string }

// caller is one application.
type caller struct {
	operations map[operationKey]*tally
	folded     bool
}

type operationKey struct{ kind, method, path string }

type tally struct {
	calls       int
	first, last time.Time
}

func newIntake(opts Options) *intake {
	in := &intake{
		opts: opts, names: map[string]string{}, own: map[string]bool{}, ids: newIDs(),
		apps: map[string]*caller{}, inUse: map[useKey]governance{}, signIns: map[signInKey]time.Time{},
	}
	if in.opts.Normal == nil {
		in.opts.Normal = conservative
	}
	for _, id := range opts.Own {
		in.own[strings.ToLower(id)] = false
	}
	return in
}

// intern keeps texts that repeat once.
func (in *intake) intern(text []byte) string {
	if known, ok := in.names[string(text)]; ok {
		return known
	}
	kept := string(text)
	in.names[kept] = kept
	return kept
}

func (in *intake) isOwn(app string) bool {
	_, ok := in.own[app]
	if ok {
		in.own[app] = true
	}
	return ok
}

// Folded ends the path of an operation of an application with too many different ones.
const Folded = "/{…}"

// mostPaths is how many different operations of an application are kept as they are. More
// come of paths that are no templates, or of somebody who tries them all.
const mostPaths = 1000

// count adds a call.
func (in *intake) count(app, kind, verb, path string, instant time.Time) {
	c := in.apps[app]
	if c == nil {
		c = &caller{operations: map[operationKey]*tally{}}
		in.apps[app] = c
	}
	key := operationKey{kind, verb, scrubbed(in.opts.Normal(path))}
	t := c.operations[key]
	for kept, most := 1, mostPaths; t == nil && kept >= 0 && len(c.operations) >= most; kept, most = kept-1, most+mostPaths {
		c.folded = true
		key.path = fold(key.path, kept)
		t = c.operations[key]
	}
	if t == nil {
		key.path = strings.Clone(key.path) // it may be part of a longer text, with ids in it
		t = &tally{first: instant, last: instant}
		c.operations[key] = t
	}
	t.calls++
	if instant.Before(t.first) {
		t.first = instant
	}
	if instant.After(t.last) {
		t.last = instant
	}
}

// result is what was read, in order.
func (in *intake) result() *Result {
	r := &Result{
		From: in.from, To: in.to, Read: in.read, Duplicates: in.duplicates, Failed: in.failedRows, OwnLeftOut: in.ownRows,
		Foreign: in.foreignRows, Nameless: in.nameless, Batches: in.batches, Cut: in.cut, hours: in.hours, calls: in.calls, cutCalls: in.cutCalls,
		single: in.calls > 0 && !in.several, Unnamed: in.opts.Tenant != "" && in.read > 0 && !in.named,
	}
	for _, app := range slices.Sorted(maps.Keys(in.apps)) {
		for key, t := range in.apps[app].operations {
			r.Operations = append(r.Operations, Operation{app, key.kind, key.method, key.path, t.calls, t.first, t.last})
		}
		if in.apps[app].folded {
			r.Folded = append(r.Folded, app)
		}
	}
	slices.SortFunc(r.Operations, compareOperations)
	for key, told := range in.inUse {
		undated := told.at.IsZero()
		if undated {
			told.at = in.opts.Now.UTC().Truncate(24 * time.Hour)
		}
		r.InUse = append(r.InUse, InUse{key.app, key.resource, key.permission, key.kind, told.told, told.at, undated})
	}
	slices.SortFunc(r.InUse, func(a, b InUse) int {
		return cmp.Or(cmp.Compare(a.AppID, b.AppID), cmp.Compare(a.ResourceAppID, b.ResourceAppID), cmp.Compare(a.Permission, b.Permission), cmp.Compare(a.Kind, b.Kind))
	})
	for key, last := range in.signIns {
		r.SignIns = append(r.SignIns, SignIn{key.app, key.kind, last})
	}
	slices.SortFunc(r.SignIns, func(a, b SignIn) int { return cmp.Or(cmp.Compare(a.AppID, b.AppID), cmp.Compare(a.Kind, b.Kind)) })
	for _, app := range slices.Sorted(maps.Keys(in.own)) {
		if in.own[app] {
			r.LeftOut = append(r.LeftOut, app)
		}
	}
	return r
}

func compareOperations(a, b Operation) int {
	return cmp.Or(cmp.Compare(a.AppID, b.AppID), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Path, b.Path))
}

func isNil(id []byte) bool { return bytes.Equal(id, []byte("00000000-0000-0000-0000-000000000000")) }

// isGUID reports whether an id is one.
func isGUID(id []byte) bool {
	if len(id) != 36 {
		return false
	}
	for i, c := range id {
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash && c != '-' || !dash && !hex {
			return false
		}
	}
	return true
}
