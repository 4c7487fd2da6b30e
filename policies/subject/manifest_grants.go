package subject

import (
	"cmp"
	"slices"

	"leastwise/collector/snapshot"
)

// grants puts what the file grants to what is granted, and takes away what it revokes. Where the tenant was asked what is
// granted, and could not tell, what the file grants stands and the rest is a gap.
func (b *manifestBuilder) grants() {
	row, app := b.row, b.app
	if why := b.hidden(); why != "" {
		for _, name := range []snapshot.Name{snapshot.AppRoleAssignments, snapshot.DelegatedGrants} {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: name, Reason: why, Field: "grants"})
		}
		if len(row.Grants) == 0 {
			app.Grants = nil
			return
		}
	}
	grants := append([]Grant{}, app.Grants...)
	for _, gone := range row.Revoked {
		grants = withoutGrant(grants, b.grant(gone))
	}
	for _, given := range row.Grants {
		grant := b.grant(given)
		b.line(grant.Key, given.Line)
		grants = withGrant(grants, grant)
	}
	slices.SortStableFunc(grants, func(x, y Grant) int { return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(x.Consent, y.Consent)) })
	app.Grants, app.GrantedKeys = grants, KeySet{}
	for _, grant := range grants {
		if grant.Key != "" {
			app.GrantedKeys[grant.Key] = true
		}
	}
}

// hidden says why it is not known what the application was granted before; "" where it is, or nothing was asked.
func (b *manifestBuilder) hidden() string {
	if b.app.Grants != nil || b.row.made() {
		return ""
	}
	names := []snapshot.Name{snapshot.Applications}
	if b.live != nil || b.row.Part || b.row.PrincipalID != "" || b.row.AppID != "" {
		names = append(names, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.DelegatedGrants)
	}
	for _, name := range names {
		if dataset, asked := b.join.snap.Manifest.Datasets[name]; asked && !dataset.Status.Readable() {
			return "what it was granted is not known: dataset " + name + " is " + string(dataset.Status)
		}
	}
	return ""
}

// made reports whether the file makes an application that is not there, whatever others are called.
func (m *wireManifest) made() bool {
	return m.anew() && m.AppID == "" && m.ObjectID == "" && m.PrincipalID == "" && !m.Part
}

// withoutGrant takes a grant away: one user's consent from that of all who gave it.
func withoutGrant(grants []Grant, gone Grant) []Grant {
	i := slices.IndexFunc(grants, func(g Grant) bool { return g.Key == gone.Key && g.Key != "" && g.Consent == gone.Consent })
	switch {
	case i < 0:
		return grants
	case gone.Consent != "user":
		return slices.Delete(grants, i, i+1)
	}
	left := slices.DeleteFunc(slices.Clone(grants[i].UserIDs), func(id string) bool { return slices.Contains(gone.UserIDs, id) })
	taken := len(grants[i].UserIDs) - len(left)
	if grants[i].UserIDs, grants[i].Users = left, grants[i].Users-taken; taken > 0 && grants[i].Users <= 0 {
		return slices.Delete(grants, i, i+1)
	}
	return grants
}

// withGrant adds a grant, or one more user to those who have consented.
func withGrant(grants []Grant, given Grant) []Grant {
	i := slices.IndexFunc(grants, func(g Grant) bool { return g.Key == given.Key && g.Key != "" && g.Consent == given.Consent })
	if i < 0 {
		return append(grants, given)
	}
	for _, id := range given.UserIDs {
		if !slices.Contains(grants[i].UserIDs, id) {
			grants[i].UserIDs = append(slices.Clone(grants[i].UserIDs), id)
			slices.Sort(grants[i].UserIDs)
			grants[i].Users++
		}
	}
	return grants
}
