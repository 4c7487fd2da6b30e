package subject

import (
	"fmt"
	"strings"

	"leastwise/collector/snapshot"
)

// principal is a service principal, reduced to what subjects need.
type principal struct {
	id, appID, name, ownerTenant, kind string
	audience, created                  string
	enabled                            *bool
	credentials                        []Credential
	resource                           *resource // nil when it publishes no permission
	listed                             bool      // both of its lists of permissions were there
	disabledByMicrosoft                string
	publisher                          string // of whoever is verified, or says so
	verified                           *bool
	signIn                             *signIn
	gaps                               []Gap
}

func (j *Join) loadPrincipals() error {
	names := interner{}
	return eachRow(j, snapshot.ServicePrincipals, func(sp *wireServicePrincipal, fault string) {
		p := &principal{
			id: strings.ToLower(sp.ID), appID: strings.ToLower(sp.AppID), name: sp.DisplayName,
			ownerTenant: names.of(strings.ToLower(sp.AppOwnerOrganizationID)), kind: names.of(sp.ServicePrincipalType),
			audience: names.of(sp.SignInAudience), created: sp.CreatedDateTime, enabled: sp.AccountEnabled,
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
		p.disabledByMicrosoft = names.of(sp.DisabledByMicrosoft)
		if sp.VerifiedPublisher != nil {
			p.verified, p.publisher = j.truth(sp.VerifiedPublisher.verified()), names.of(sp.VerifiedPublisher.DisplayName)
		}
		j.addPrincipal(p)
	})
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
	if twin := j.byApp[p.appID]; twin != nil {
		reason := fmt.Sprintf("service principals %s and %s have one appId", twin.id, p.id)
		twin.gaps = append(twin.gaps, Gap{Dataset: snapshot.ServicePrincipals, Reason: reason})
	} else {
		j.byApp[p.appID] = p
	}
	j.principals[p.id] = p
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
		isService := strings.EqualFold(row.PrincipalType, "ServicePrincipal")
		principalID := strings.ToLower(row.PrincipalID)
		if !isService && row.PrincipalType != "" && reason == "" || row.AppRoleID == defaultAccess {
			return // held by a person or group, or no permission at all
		}
		j.assignments[principalID] = append(j.assignments[principalID], assignment{
			resourceID: names.of(strings.ToLower(row.ResourceID)), roleID: names.of(strings.ToLower(row.AppRoleID)),
			created: row.CreatedDateTime, holder: names.of(row.PrincipalDisplayName), gap: reason,
		})
	})
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
			resourceID: names.of(strings.ToLower(row.ResourceID)), userID: strings.ToLower(row.PrincipalID),
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
		j.delegated[clientID] = append(j.delegated[clientID], d)
	})
}

// findOrphans makes subjects of service principals that hold grants and are not
// listed, so that nothing granted goes unseen. Those that were deleted are told
// from those that the listing may have missed: only a listing that a second count
// confirms proves a deletion.
func (j *Join) findOrphans() {
	listed := j.snap.Dataset(snapshot.ServicePrincipals)
	confirmed := listed.Status == snapshot.Collected && listed.Reconciled != nil && listed.Reconciled.Want == listed.Reconciled.Got
	add := func(id, name string) {
		if j.principals[id] != nil || j.orphans[id] != nil {
			return
		}
		p := &principal{id: id, appID: "service-principal/" + id, name: name}
		if confirmed {
			p.kind = kindDeleted
		} else {
			p.gaps = []Gap{{Dataset: snapshot.ServicePrincipals, Reason: "the service principal holds grants and is not listed"}}
		}
		j.orphans[id] = p
	}
	for id, held := range j.assignments {
		add(id, held[0].holder)
	}
	for id := range j.delegated {
		add(id, "")
	}
}

// kindDeleted marks a service principal that is gone and of which grants are left.
const kindDeleted = "deleted"

func (j *Join) loadOwners() error {
	names := interner{}
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
			j.owners[objectID] = append(j.owners[objectID], newOwner(row, of, names))
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
