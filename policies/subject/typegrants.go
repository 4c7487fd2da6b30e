package subject

import (
	"cmp"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// grantedType is a grant on a container type, for the application that it is to.
type grantedType struct {
	of    *ContainerType
	grant ContainerTypeGrant
	gap   string
}

// addTypeGrants adds the container types of the application that are registered here, and what it was
// granted on those of anybody.
func (j *Join) addTypeGrants(app *Application) {
	if j.readable(snapshot.ContainerTypeRegistrations) {
		app.SearchableTypes = j.searchable
		app.RegisteredTypes = []RegisteredType{}
		for _, t := range j.typesOf[app.ID] {
			if t.Registered {
				app.RegisteredTypes = append(app.RegisteredTypes, RegisteredType{
					ID: t.ID, Name: t.DisplayName, OwnedHere: t.OwnedHere, RegisteredAt: t.RegisteredAt, RegisteredDays: t.RegisteredDays,
				})
			}
		}
	}
	if !j.readable(snapshot.ContainerTypeGrants, snapshot.ContainerTypeRegistrations) {
		return
	}
	app.TypeGrants = []TypeGrant{}
	for _, g := range j.grantedTypes[app.ID] {
		grant := TypeGrant{
			ContainerTypeID: g.of.ID, Name: g.of.DisplayName, OwningAppID: g.of.OwningAppID,
			ApplicationPermissions: g.grant.ApplicationPermissions, DelegatedPermissions: g.grant.DelegatedPermissions,
		}
		if g.of.OwningAppID != "" {
			grant.Guest = j.truth(g.of.OwningAppID != app.ID)
		}
		app.TypeGrants = append(app.TypeGrants, grant)
		if g.gap != "" {
			app.Incomplete = append(app.Incomplete, Gap{Dataset: snapshot.ContainerTypeGrants, Reason: g.gap, Field: "type_grants"})
		}
	}
}

// loadContainerTypeOwners reads who owns container types. It needs the owners of applications, who may be
// the same people.
func (j *Join) loadContainerTypeOwners(types map[string]*ContainerType) error {
	const name = snapshot.ContainerTypeOwners
	if !j.readable(name) {
		return nil
	}
	met := j.people()
	for _, t := range types {
		if t.OwnedHere != nil && *t.OwnedHere {
			t.Owners = []Owner{}
		}
	}
	err := eachRow(j, name, func(row *wireOwnerOfType, fault string) {
		t := types[strings.ToLower(row.ContainerTypeID)]
		if t == nil {
			if row.ContainerTypeID == "" {
				j.setLoose(name, "an owner row does not say of which container type")
			}
			return
		}
		if row.Roles == nil || slices.ContainsFunc(row.Roles, func(role string) bool { return strings.EqualFold(role, "owner") }) {
			t.Owners = append(t.Owners, typeOwner(row, met))
		}
		if fault != "" {
			t.Incomplete = append(t.Incomplete, Gap{Dataset: name, Reason: fault, Field: "owners"})
		}
	})
	for _, t := range types {
		j.endOwners(t)
	}
	return err
}

// endOwners puts the owners of a type into order, and says what is missing of them: a gap names a row,
// <type>/<permission>, or the type whose owners could not be listed.
func (j *Join) endOwners(t *ContainerType) {
	slices.SortFunc(t.Owners, func(a, b Owner) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.UPN, b.UPN)) })
	for _, row := range sortedKeys(j.gaps[snapshot.ContainerTypeOwners]) {
		if head(row) != t.ID {
			continue
		}
		t.Incomplete = append(t.Incomplete, Gap{Dataset: snapshot.ContainerTypeOwners, Reason: j.gaps[snapshot.ContainerTypeOwners][row], Field: "owners"})
		if len(t.Owners) == 0 {
			t.Owners = nil
		}
	}
	if len(t.Owners) == 0 && !j.whole(snapshot.ContainerTypeOwners) {
		t.Owners = nil
	}
}

// people are those that own applications, of whom the directory told most, by object id.
func (j *Join) people() map[string]Owner {
	met := map[string]Owner{}
	for _, row := range j.owners.rows {
		if owner := row.value; owner.ID != "" && owner.Readable {
			met[owner.ID] = *owner
		}
	}
	return met
}

// typeOwner is an owner of a container type, of whom SharePoint tells the names only.
func typeOwner(row *wireOwnerOfType, met map[string]Owner) Owner {
	user := row.GrantedTo.User
	o := Owner{ID: strings.ToLower(user.ID), Type: "user", Name: user.DisplayName, UPN: user.UPN, Of: []string{"container_type"}}
	if known, ok := met[o.ID]; ok {
		o.UserType, o.Enabled = known.UserType, known.Enabled
	} else if is := guest(o.UPN); is != nil {
		o.UserType = "member"
		if *is {
			o.UserType = "guest"
		}
	}
	o.Readable = o.Name != "" || o.UPN != ""
	return o
}
