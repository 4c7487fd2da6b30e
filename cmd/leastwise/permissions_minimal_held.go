package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
	"leastwise/policies/least"
	"leastwise/policies/subject"
)

// holding is what an application is granted on Microsoft Graph.
type holding struct {
	appID, name string
	tenant      string                    // "" without a snapshot
	granted     map[catalog.Kind][]string // values, sorted; nil when not known
	reasons     []string                  // why it is not known, or not for sure
}

// grantsOf reads from a snapshot what an application is granted.
func grantsOf(dir, appID string, c *catalog.Catalogue) (*holding, error) {
	snap, err := snapshot.Open(dir)
	if err != nil {
		return nil, withHint(err, "name the folder that leastwise collect wrote")
	}
	h := &holding{appID: appID, tenant: snap.Manifest.Tenant.ID}
	join, err := subject.Open(snap, subject.Options{AsOf: snap.Manifest.Ended, Catalogue: c, Kinds: []subject.Kind{subject.KindApplication}})
	if err != nil {
		return nil, err
	}
	app, err := applicationOf(join, appID)
	if err != nil {
		return nil, err
	}
	h.take(snap, app)
	return h, snap.VerifyRest() // looking for one application did not read all to the end
}

// applicationOf finds an application; nil when there is none.
func applicationOf(join *subject.Join, appID string) (*subject.Application, error) {
	for build, err := range join.Documents(subject.KindApplication) {
		if err != nil {
			return nil, err
		}
		document, err := build()
		if err != nil {
			return nil, err
		}
		if app, ok := document.Value.(*subject.Application); ok && strings.EqualFold(app.ID, appID) {
			return app, nil
		}
	}
	return nil, nil //nolint:nilnil // documented
}

// take keeps the grants on Microsoft Graph, and why they may not be all.
func (h *holding) take(snap *snapshot.Snapshot, app *subject.Application) {
	held := []snapshot.Name{snapshot.AppRoleAssignments, snapshot.DelegatedGrants, snapshot.ServicePrincipals}
	for _, name := range held {
		if dataset := snap.Dataset(name); !dataset.Whole() {
			reason := fmt.Sprintf("grants are not known for sure: the snapshot's %s is %s", name, dataset.Status)
			if dataset.Reason != "" {
				reason += ": " + dataset.Reason
			}
			h.reasons = append(h.reasons, reason)
		}
	}
	switch {
	case app == nil:
		h.reasons = append(h.reasons, "the snapshot has no such application")
		return
	case app.Grants == nil && len(h.reasons) == 0:
		h.reasons = append(h.reasons, "grants are not known: the snapshot has no service principal for the application")
	}
	h.name = app.DisplayName
	for _, gap := range app.Incomplete {
		if slices.Contains(held, gap.Dataset) {
			h.reasons = append(h.reasons, "grants are not known for sure: "+gap.Reason)
		}
	}
	if app.Grants == nil {
		return
	}
	h.granted = map[catalog.Kind][]string{catalog.Application: {}, catalog.Delegated: {}}
	for _, grant := range app.Grants {
		kind, value := catalog.Kind(grant.Kind), cmp.Or(grant.Permission, grant.PermissionID)
		switch {
		case grant.ResourceAppID == "" && !grant.ResourceDeleted:
			h.reasons = append(h.reasons, fmt.Sprintf("grants are not known for sure: it is not known what %s is granted on", value))
		case strings.EqualFold(grant.ResourceAppID, least.MicrosoftGraph) && !slices.Contains(h.granted[kind], value):
			h.granted[kind] = append(h.granted[kind], value)
		}
	}
	for _, values := range h.granted {
		slices.Sort(values)
	}
}
