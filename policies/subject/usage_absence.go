package subject

import (
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
	"leastwise/policies/least"
)

// lookBack says of which time calls were exported: of the last interval that is surely whole and has no hole,
// where there is one, else of what was observed.
func (j *Join) lookBack(met map[string]bool) *Activity {
	dataset := j.snap.Dataset(snapshot.GraphActivity)
	if !dataset.Status.Readable() || len(dataset.Windows) == 0 {
		return nil
	}
	met[fromActivity] = true
	from, to := dataset.Windows[0].From, dataset.Windows[len(dataset.Windows)-1].To
	sure := unbroken(dataset)
	if sure != nil {
		from, to = sure.From, sure.To
	}
	if to.After(j.asOf) {
		to = j.asOf
	}
	// What is partial only for its holes is whole between them.
	sound := dataset.Whole() || len(dataset.Holes) > 0
	return &Activity{
		From: formatInstant(from), To: formatInstant(to), Days: *ageDays(to, from), Ago: *ageDays(j.asOf, to),
		Whole: sure != nil && sound && j.Loose(snapshot.GraphActivity) == "", Sources: sortedKeys(met),
	}
}

// unbroken is the last interval of which all calls are surely there; nil for none.
func unbroken(dataset snapshot.Dataset) *snapshot.Window {
	if dataset.From == nil {
		return nil
	}
	sure := snapshot.Except(snapshot.Without(dataset.Windows, dataset.Provisional), dataset.Holes)
	for _, w := range slices.Backward(sure) {
		if w.From.Before(*dataset.From) {
			w.From = *dataset.From
		}
		if w.From.Before(w.To) {
			return &w
		}
	}
	return nil
}

// markUnused marks grants on Microsoft Graph that no call was seen to need, or none since the last use, where
// every call of the look-back was exported, and no call of which it is not known what allowed it can be what a
// grant is for.
func (j *Join) markUnused(app *Application) {
	if !app.Activity.Whole || gapIn(app, "uses") {
		return
	}
	for i := range app.Grants {
		g := &app.Grants[i]
		if g.ResourceAppID != microsoftGraph || g.ResolvedBy == "" || signsIn(g) {
			continue
		}
		if slices.ContainsFunc(app.Uses, func(u Use) bool { return j.mayBeFor(g, u) }) {
			continue
		}
		if g.Used == "" {
			g.Used = "not_used"
		} else {
			g.Idle = true
		}
	}
}

// mayBeFor reports whether a grant may be what allowed a call of which it is not known what did. Where a call
// succeeded that nothing held is known to allow, something that is held allows more than is known. A call that
// nobody knows is for another permission where an imported table, which is meant to hold every operation, knows
// what the permission is for, and all of that begins elsewhere than the call, which begins as others' operations do.
func (j *Join) mayBeFor(g *Grant, u Use) bool {
	if u.Kind == g.Kind && (least.MayServe(least.Call{Method: u.Method, Path: u.Path}, g.Permission) || j.mayBeOwn(g, u)) {
		return true
	}
	if u.Kind != g.Kind || len(u.Allowed) > 0 {
		return false
	}
	if u.Known {
		return !j.isFree(u)
	}
	reach, start := j.usage.reach(), start(u.Path)
	own := reach.of[permissionOfGraph{g.Kind, strings.ToLower(g.Permission)}]
	return own == nil || own[start] || !reach.starts[start] || isGeneric(start)
}

// mayBeOwn reports whether a call may have been for what is the user's own, which the grant allows.
func (j *Join) mayBeOwn(g *Grant, u Use) bool {
	return least.OfSelf(catalog.Kind(u.Kind), u.Path, g.Permission) && !slices.Contains(u.Allowed, g.Key) &&
		slices.ContainsFunc(j.waysOf(graphCall{u.Kind, u.Method, u.Path}), func(way catalog.Alternative) bool {
			return slices.ContainsFunc(way.Permissions, func(value string) bool { return strings.EqualFold(value, g.Permission) })
		})
}

// isFree reports whether a call takes no permission.
func (j *Join) isFree(u Use) bool {
	return slices.ContainsFunc(j.waysOf(graphCall{u.Kind, u.Method, u.Path}), func(way catalog.Alternative) bool {
		return len(way.Permissions) == 0
	})
}

// isGeneric tells first words of paths at which operations on objects of every kind begin, so that the word tells
// nothing of the permission: change notifications, search, objects of the directory, connectors
// (https://learn.microsoft.com/graph/api/subscription-post-subscriptions, https://learn.microsoft.com/graph/api/search-query).
func isGeneric(start string) bool {
	return slices.Contains([]string{
		"$batch", "communications", "connections", "copilot", "directoryobjects", "external", "search", "subscriptions",
	}, start)
}

// start is the first word of a path. What somebody may do as a user is done at /me as at /users.
func start(path string) string {
	word, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(path), "/"), "/")
	if word == "me" {
		return "users"
	}
	return word
}

// reaching is where operations begin: those of each permission, and those of any.
type reaching struct {
	of     map[permissionOfGraph]map[string]bool
	starts map[string]bool
}

// reachOfPermissions collects where the operations begin that permissions allow; nothing without an imported
// table.
func (j *Join) reachOfPermissions() reaching {
	reach, imported := reaching{map[permissionOfGraph]map[string]bool{}, map[string]bool{}}, false
	for o := range j.resolver.catalogue.Operations() {
		imported = imported || o.Imported
		for _, way := range o.Ways {
			for _, value := range way.Permissions {
				p := permissionOfGraph{string(o.Kind), strings.ToLower(value)}
				if reach.of[p] == nil {
					reach.of[p] = map[string]bool{}
				}
				reach.of[p][start(o.Path)], reach.starts[start(o.Path)] = true, true
			}
		}
	}
	if !imported {
		return reaching{}
	}
	return reach
}

func gapIn(app *Application, field string) bool {
	return slices.ContainsFunc(app.Incomplete, func(g Gap) bool { return g.Field == field })
}

// signsIn tells the scopes of OpenID Connect, which no call of Microsoft Graph shows
// (https://learn.microsoft.com/entra/identity-platform/scopes-oidc).
func signsIn(g *Grant) bool {
	return g.Kind == kindDelegated && slices.Contains([]string{"openid", "profile", "email", "offline_access"}, strings.ToLower(g.Permission))
}
