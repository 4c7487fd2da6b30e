package subject

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
	"leastwise/policies/least"
)

// wireEvidence is a row of the usage evidence. What members it has depends on Evidence.
type wireEvidence struct {
	ID            string `json:"id"`
	Evidence      string `json:"evidence"` // calls, in_use, sign_in, left_out
	AppID         string `json:"appId"`
	Kind          string `json:"kind"`
	Method        string `json:"method"`
	Path          string `json:"path"`
	Calls         int    `json:"calls"`
	LastAt        string `json:"lastAt"`
	ResourceAppID string `json:"resourceAppId"`
	Permission    string `json:"permission"`
	InUse         string `json:"inUse"`
}

// usageFacts is the usage evidence, by appId; only applications that have any are in it.
type usageFacts struct {
	of       map[string]*appUsage
	activity *Activity // the look-back; nil when no calls were exported
	ways     sync.Map  // graphCall → []catalog.Alternative, of calls of Microsoft Graph
	// reach tells where the operations of a permission begin; nothing when the catalogue knows too few.
	reach func() reaching
}

type permissionOfGraph struct{ kind, value string } // value in lower case

// appUsage is what one application was seen to do.
type appUsage struct {
	calls   []call
	inUse   []permissionInUse
	leftOut bool // its calls were left out: nothing is known of them
	gap     string
}

type graphCall struct{ kind, method, path string }

// call is an operation of Microsoft Graph that was seen to succeed. last is in seconds since 1970.
type call struct {
	graphCall
	calls int
	last  int64
}

// permissionInUse is a permission that App governance says was used in the 90 days before last, which is in
// seconds since 1970; 0 where it is not known of when that is
// (https://learn.microsoft.com/defender-cloud-apps/app-governance-visibility-insights-view-apps).
type permissionInUse struct {
	resourceAppID, permission, kind string
	last                            int64
}

// The sources of usage evidence, as Activity and Grant name them.
const (
	fromActivity   = "activity"
	fromGovernance = "app_governance"
	fromSignIns    = "sign_ins"
)

// loadUsage reads the usage evidence. It needs the report of sign-ins.
func (j *Join) loadUsage() error {
	u := &j.usage
	u.of = map[string]*appUsage{}
	u.reach = sync.OnceValue(j.reachOfPermissions)
	names, met := interner{}, map[string]bool{}
	err := eachRow(j, snapshot.GraphActivity, func(row *wireEvidence, fault string) {
		appID := strings.ToLower(row.AppID)
		if appID == "" {
			j.setLoose(snapshot.GraphActivity, "a row does not say of which application it is")
			return
		}
		of := u.of[appID]
		if of == nil && row.Evidence != "sign_in" {
			of = &appUsage{}
			u.of[appID] = of
		}
		last, dated := parseInstant(row.LastAt)
		switch row.Evidence {
		case "calls":
			met[fromActivity] = true
			c := call{graphCall: graphCall{names.of(row.Kind), names.of(row.Method), names.of(row.Path)}, calls: row.Calls}
			if dated {
				c.last = last.Unix()
			}
			of.calls = append(of.calls, c)
		case "in_use":
			met[fromGovernance] = true
			if strings.EqualFold(row.InUse, "true") {
				resource := names.of(strings.ToLower(cmp.Or(row.ResourceAppID, microsoftGraph)))
				p := permissionInUse{resource, names.of(strings.ToLower(row.Permission)), names.of(row.Kind), 0}
				if dated {
					p.last = last.Unix()
				}
				of.inUse = append(of.inUse, p)
			}
		case "sign_in":
			met[fromSignIns] = true
			j.seeSignIn(appID, row.Kind, last)
		case "left_out":
			of.leftOut = true
		}
		if reason := j.gap(snapshot.GraphActivity, row.ID, fault); reason != "" && of != nil {
			of.gap = cmp.Or(of.gap, reason)
		}
	})
	u.activity = j.lookBack(met)
	return err
}

// seeSignIn notes a sign-in of an export.
func (j *Join) seeSignIn(appID, kind string, at time.Time) {
	s := j.signInOf(appID)
	if kind == kindApplication {
		s.see(&s.application, at)
	} else {
		s.see(&s.delegated, at)
	}
}

// addUsage adds what the application was seen to do, and marks the grants that allow it.
func (j *Join) addUsage(app *Application) {
	of := j.usage.of[app.ID]
	if of != nil && of.gap != "" {
		app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.GraphActivity, Reason: of.gap, Field: "uses"})
	}
	if of != nil {
		j.markInUse(app, of.inUse)
	}
	app.UsageLeftOut = of != nil && of.leftOut
	if j.usage.activity == nil || app.UsageLeftOut {
		return
	}
	app.Activity, app.Uses = j.usage.activity, []Use{}
	if of != nil {
		j.addUses(app, of.calls)
	}
	j.markUnused(app)
}

func (j *Join) addUses(app *Application, calls []call) {
	held := heldKeys(app)
	app.Uses = make([]Use, 0, len(calls))
	for _, c := range calls {
		ways := j.waysOf(c.graphCall)
		use := Use{
			Kind: c.kind, Method: c.method, Path: c.path, Calls: c.calls, Days: j.daysSince(c.last),
			Known: len(ways) > 0, Allowed: allowedBy(c.graphCall, ways, held[c.kind]),
		}
		if c.last != 0 {
			use.LastAt = formatInstant(time.Unix(c.last, 0))
		}
		app.Uses = append(app.Uses, use)
		for i := range app.Grants {
			if slices.Contains(use.Allowed, app.Grants[i].Key) {
				app.Grants[i].use(fromActivity, use.LastAt, use.Days)
			}
		}
	}
	slices.SortFunc(app.Uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
}

// use marks a grant as used, days before the audit; nil where that is not known.
func (g *Grant) use(source, at string, days *int) {
	g.Used = "used"
	if !slices.Contains(g.UsedBy, source) {
		g.UsedBy = append(g.UsedBy, source)
		slices.Sort(g.UsedBy)
	}
	g.LastUsedAt = max(g.LastUsedAt, at)
	if days != nil && (g.UsedDays == nil || *days < *g.UsedDays) {
		g.UsedDays = days
	}
}

// heldKeys are the keys of grants on Microsoft Graph, by kind and lower-cased value.
func heldKeys(app *Application) map[string]map[string]string {
	held := map[string]map[string]string{kindApplication: {}, kindDelegated: {}}
	for _, grant := range app.Grants {
		if grant.ResourceAppID == microsoftGraph && grant.Permission != "" && held[grant.Kind] != nil {
			held[grant.Kind][strings.ToLower(grant.Permission)] = grant.Key
		}
	}
	return held
}

// waysOf are the ways to be allowed an operation of Microsoft Graph; none when that is not known. That an
// operation was seen to succeed which the catalogue says is closed to its kind is not knowing it, either.
func (j *Join) waysOf(o graphCall) []catalog.Alternative {
	if known, ok := j.usage.ways.Load(o); ok {
		return known.([]catalog.Alternative)
	}
	all, _ := j.resolver.catalogue.Allows(catalog.Kind(o.kind), o.method, o.path)
	var ways []catalog.Alternative
	for _, way := range all {
		if way.Resource == "" || way.Resource == microsoftGraph {
			ways = append(ways, way)
		}
	}
	j.usage.ways.Store(o, ways)
	return ways
}

// allowedBy are the keys, of those held, that allow an operation: those of every way that is held in full. One for what is
// the user's own only counts where nothing held allows more: whether it was their own, no log tells.
func allowedBy(o graphCall, ways []catalog.Alternative, held map[string]string) []string {
	var keys, ofSelf []string
	for _, way := range ways {
		var all []string
		own := false
		for _, value := range way.Permissions {
			if key := held[strings.ToLower(value)]; key != "" {
				all = append(all, key)
			}
			own = own || least.OfSelf(catalog.Kind(o.kind), o.path, value)
		}
		switch {
		case len(all) < len(way.Permissions):
		case own:
			ofSelf = append(ofSelf, all...)
		default:
			keys = append(keys, all...)
		}
	}
	if len(keys) == 0 {
		keys = ofSelf
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// markInUse marks the grants that App governance says were used. That it says they were not, or cannot
// tell, proves nothing by itself.
func (j *Join) markInUse(app *Application, inUse []permissionInUse) {
	for _, p := range inUse {
		at := ""
		if p.last != 0 {
			at = formatInstant(time.Unix(p.last, 0))
		}
		for i := range app.Grants {
			g := &app.Grants[i]
			if g.ResourceAppID == p.resourceAppID && strings.EqualFold(g.Permission, p.permission) && (p.kind == "" || p.kind == g.Kind) {
				g.use(fromGovernance, at, j.daysSince(p.last))
			}
		}
	}
}
