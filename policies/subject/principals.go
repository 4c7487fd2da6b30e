package subject

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// principal is a service principal, reduced to what subjects need.
type principal struct {
	number                             uint32 // of its row in the table of all
	id, appID, name, ownerTenant, kind string
	audience, created                  string
	enabled                            *bool
	credentials                        []Credential
	resource                           *resource // nil when it publishes no permission
	orphan                             bool      // not listed: known from its grants only
	listed                             bool      // both of its lists of permissions were there
	isAgent                            bool      // an agent's identity, which has no registration of its own
	disabledByMicrosoft                string
	publisher                          string // of whoever is verified, or says so
	verified                           *bool
	gaps                               []Gap
}

func (j *Join) loadPrincipals() error {
	err := eachRow(j, snapshot.ServicePrincipals, func(sp *wireServicePrincipal, fault string) {
		p := &principal{
			id: strings.ToLower(sp.ID), appID: strings.ToLower(sp.AppID), name: sp.DisplayName,
			ownerTenant: strings.ToLower(sp.AppOwnerOrganizationID), kind: sp.ServicePrincipalType,
			audience: sp.SignInAudience, created: sp.CreatedDateTime, enabled: sp.AccountEnabled,
			isAgent: sp.Blueprint != "",
		}
		if sp.IsDisabled != nil && *sp.IsDisabled {
			p.enabled = j.truth(false)
		}
		if reason := j.gap(snapshot.ServicePrincipals, sp.ID, fault); reason != "" {
			p.gaps = append(p.gaps, Gap{Dataset: snapshot.ServicePrincipals, Reason: reason})
		}
		p.credentials = j.credentials("service_principal", sp.ID, sp.PasswordCredentials, sp.KeyCredentials)
		if sp.PasswordCredentials == nil || sp.KeyCredentials == nil {
			p.gaps = append(p.gaps, Gap{Dataset: snapshot.ServicePrincipals, Reason: "credentials of the service principal were not read", Field: "credentials"})
		}
		if len(sp.AppRoles)+len(sp.Scopes) > 0 {
			p.resource = newResource(sp)
		}
		p.listed = sp.AppRoles != nil && sp.Scopes != nil
		p.disabledByMicrosoft = sp.DisabledByMicrosoft
		if sp.VerifiedPublisher != nil {
			p.verified, p.publisher = j.truth(sp.VerifiedPublisher.verified()), sp.VerifiedPublisher.DisplayName
		}
		j.addPrincipal(p)
	})
	t := &j.principals
	t.texts.seal()
	t.words.number, t.signIns = nil, make([]signIn, len(t.rows))
	return err
}

func (j *Join) addPrincipal(p *principal) {
	switch {
	case p.id == "":
		j.setLoose(snapshot.ServicePrincipals, "a service principal has no id")
		j.unnamed = true
		return
	case p.appID == "":
		p.gaps = append(p.gaps, Gap{Dataset: snapshot.ServicePrincipals, Reason: "appId was not read"})
		j.unnamed = true
		p.appID = "service-principal/" + p.id
	}
	if twin := j.byApp(p.appID); twin != nil {
		reason := fmt.Sprintf("service principals %s and %s have one appId", twin.id, p.id)
		twin.gaps = append(twin.gaps, Gap{Dataset: snapshot.ServicePrincipals, Reason: reason})
		j.principals.keep(twin)
	} else {
		j.principals.byApp[newRowKey(p.appID)] = j.principals.next()
	}
	j.principals.byID[newRowKey(p.id)] = j.principals.next()
	j.principals.add(p)
}

// assignment is an app role held by a service principal.
type assignment struct {
	resourceID, roleID, created string
	holder                      string // display name of the principal
	gap                         string
}

// defaultAccess is the app role of an assignment that grants no permission
// (https://learn.microsoft.com/graph/api/resources/approleassignment).
const defaultAccess = "00000000-0000-0000-0000-000000000000"

func (j *Join) loadAssignments() error {
	names := interner{}
	return eachRow(j, snapshot.AppRoleAssignments, func(row *wireAssignment, fault string) {
		reason := j.gap(snapshot.AppRoleAssignments, row.ID, fault)
		if row.PrincipalID == "" {
			j.setLoose(snapshot.AppRoleAssignments, fmt.Sprintf("assignment %s names no principal", row.ID))
			return
		}
		principalID := strings.ToLower(row.PrincipalID)
		if row.AppRoleID == defaultAccess || reason == "" && isPeople(row.PrincipalType) && j.principal(principalID) == nil {
			return // no permission at all, or held by a person or group
		}
		j.assignments.add(j.sharedID(principalID), assignment{
			resourceID: names.of(strings.ToLower(row.ResourceID)), roleID: names.of(strings.ToLower(row.AppRoleID)),
			created: row.CreatedDateTime, holder: names.of(row.PrincipalDisplayName), gap: reason,
		})
	})
}

// isPeople tells a user or a group by the type of a principal. Any other word may be one for a service principal.
func isPeople(principalType string) bool {
	switch strings.TrimPrefix(strings.ToLower(principalType), "#microsoft.graph.") {
	case "user", "group":
		return true
	default:
		return false
	}
}

// delegation is one delegated grant: some scopes on one resource, by an
// administrator for all or by one user.
type delegation struct {
	resourceID, consent, userID, scope string
	noScope                            bool
	gap                                string
}

func (j *Join) loadDelegated() error {
	names := interner{}
	return eachRow(j, snapshot.DelegatedGrants, func(row *wireDelegatedGrant, fault string) {
		clientID := strings.ToLower(row.ClientID)
		if clientID == "" {
			j.setLoose(snapshot.DelegatedGrants, fmt.Sprintf("grant %s names no client", row.ID))
			return
		}
		d := delegation{
			resourceID: names.of(strings.ToLower(row.ResourceID)), userID: names.of(strings.ToLower(row.PrincipalID)),
			noScope: row.Scope == nil, gap: j.gap(snapshot.DelegatedGrants, row.ID, fault),
		}
		if row.Scope != nil {
			d.scope = names.of(*row.Scope)
		}
		switch {
		case strings.EqualFold(row.ConsentType, "AllPrincipals"):
			d.consent, d.userID = "admin", ""
		case strings.EqualFold(row.ConsentType, "Principal"):
			d.consent = "user"
		}
		j.delegated.add(j.sharedID(clientID), d)
	})
}

// sharedID is the object id of a service principal, in the memory that it takes already.
func (j *Join) sharedID(id string) string {
	if p := j.principal(id); p != nil {
		return p.id
	}
	return id
}

// findOrphans makes subjects of service principals that hold grants and are not
// listed, so that nothing granted goes unseen. Those that were deleted are told
// from those that the listing may have missed: only a listing that a second count
// confirms proves a deletion.
func (j *Join) findOrphans() {
	confirmed := j.confirmed(snapshot.ServicePrincipals)
	add := func(id, name string) {
		if j.principal(id) != nil || j.orphans[id] != nil {
			return
		}
		p := &principal{orphan: true, id: id, appID: "service-principal/" + id, name: name}
		if confirmed {
			p.kind = kindDeleted
		} else {
			p.gaps = []Gap{{Dataset: snapshot.ServicePrincipals, Reason: "the service principal holds grants and is not listed"}}
		}
		j.orphans[id] = p
	}
	for id, held := range j.assignments.ends {
		add(id, j.assignments.rows[held[0]].value.holder)
	}
	for id := range j.delegated.ends {
		add(id, "")
	}
}

// confirmed reports whether a second count says that all of a listing was read.
func (j *Join) confirmed(name snapshot.Name) bool {
	listed := j.snap.Dataset(name)
	return listed.Status == snapshot.Collected && listed.Reconciled != nil && listed.Reconciled.Want == listed.Reconciled.Got
}

// kindDeleted marks a service principal that is gone and of which grants are left.
const kindDeleted = "deleted"

func (j *Join) loadOwners() error {
	names, known := interner{}, map[ownerRow]*Owner{}
	for _, name := range []snapshot.Name{snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners} {
		of := "application"
		if name == snapshot.ServicePrincipalOwners {
			of = "service_principal"
		}
		err := eachRow(j, name, func(row *wireOwner, fault string) {
			if row.ObjectID == "" {
				j.setLoose(name, "an owner row does not say what it owns")
				return
			}
			objectID := strings.ToLower(row.ObjectID)
			j.owners.add(newRowKey(objectID), oneOwner(row, of, names, known))
			if fault != "" {
				j.ownerGaps[objectID] = append(j.ownerGaps[objectID], Gap{Dataset: name, Reason: fault})
			}
		})
		if err != nil {
			return err
		}
		// A gap names an owner row, <object>/<owner>, or the object whose owners could
		// not be listed.
		for row, reason := range j.gaps[name] {
			objectID, _, _ := strings.Cut(strings.ToLower(row), "/")
			j.ownerGaps[objectID] = append(j.ownerGaps[objectID], Gap{Dataset: name, Reason: reason})
		}
	}
	return nil
}

// ownerRow is all that a row tells of an owner: who owns a thousand applications is kept once.
type ownerRow struct {
	id, kind, name, upn, userType, of string
	enabled                           int8
}

func oneOwner(row *wireOwner, of string, names interner, known map[ownerRow]*Owner) *Owner {
	key := ownerRow{row.OwnerID, row.Type, row.DisplayName, row.UserPrincipalName, row.UserType, of, tristate(row.AccountEnabled)}
	if known[key] == nil {
		o := newOwner(row, of, names)
		known[key] = &o
	}
	return known[key]
}

func newOwner(row *wireOwner, of string, names interner) Owner {
	o := Owner{
		ID: strings.ToLower(row.OwnerID), Name: names.of(row.DisplayName), UPN: names.of(row.UserPrincipalName),
		UserType: names.of(strings.ToLower(row.UserType)), Enabled: row.AccountEnabled, Of: []string{of},
	}
	switch strings.ToLower(strings.TrimPrefix(row.Type, "#microsoft.graph.")) {
	case "user":
		o.Type = "user"
	case "serviceprincipal":
		o.Type = "service_principal"
	default:
		o.Type = names.of(strings.TrimPrefix(row.Type, "#microsoft.graph."))
	}
	// A stub has its id and perhaps its type: Graph nulls what the caller may not
	// read (https://learn.microsoft.com/graph/permissions-overview).
	o.Readable = o.Name != "" || o.UPN != ""
	return o
}

// mergeOwners merges lists of owners: each person once, by id.
func mergeOwners(lists ...iter.Seq[*Owner]) []Owner {
	merged := []Owner{}
	for _, list := range lists {
		for owner := range list {
			i := slices.IndexFunc(merged, func(o Owner) bool { return o.ID == owner.ID && o.ID != "" })
			if i < 0 {
				merged = append(merged, *owner)
				continue
			}
			of := slices.Concat(merged[i].Of, owner.Of)
			if owner.Readable && !merged[i].Readable { // the other was a stub
				merged[i] = *owner
			}
			merged[i].Of = slices.Compact(of)
		}
	}
	slices.SortFunc(merged, func(a, b Owner) int { return cmp.Compare(a.ID, b.ID) })
	return merged
}

// interner keeps one copy of strings that recur across rows.
type interner map[string]string

func (n interner) of(s string) string {
	if kept, ok := n[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	n[s] = s
	return s
}
