package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// ContainerPermissions are the permissions on container types as Graph spells them, "none" first.
func ContainerPermissions() []string { return permissionSpellings() }

// ContainerPermission spells a permission on container types as Graph does, whatever its case; false when
// there is no such permission.
func ContainerPermission(written string) (string, bool) {
	for _, known := range permissionSpellings() {
		if strings.EqualFold(known, written) {
			return known, true
		}
	}
	return "", false
}

// permissionSpellings are the members of the enum
// fileStorageContainerTypeAppPermission as Graph spells them
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant).
func permissionSpellings() []string {
	return []string{
		"none", "readContent", "writeContent", "manageContent", "create", "delete", "read", "write",
		"enumeratePermissions", "addPermissions", "updatePermissions", "deletePermissions",
		"deleteOwnPermission", "managePermissions", "full",
	}
}

// loadContainerTypes reads the owning side, the registrations and their grants.
func (j *Join) loadContainerTypes() error {
	types := map[string]*ContainerType{}
	j.searchable = &SearchableTypes{}
	get := func(id string) *ContainerType {
		id = strings.ToLower(id)
		if types[id] == nil {
			types[id] = &ContainerType{Kind: KindContainerType, ID: id}
		}
		return types[id]
	}
	err := eachRow(j, snapshot.ContainerTypes, func(row *wireContainerType, fault string) {
		t := get(typeID(row))
		t.OwnedHere = j.truth(true)
		j.describeType(t, row, snapshot.ContainerTypes, fault)
		t.CreatedAt = row.CreatedDateTime
		if created, ok := parseInstant(row.CreatedDateTime); ok {
			t.AgeDays = ageDays(j.asOf, created)
		}
	})
	if err != nil {
		return err
	}
	err = eachRow(j, snapshot.ContainerTypeRegistrations, func(row *wireContainerType, fault string) {
		t := get(typeID(row))
		j.searchable.count(row.Settings)
		j.describeType(t, row, snapshot.ContainerTypeRegistrations, fault)
		t.Registered = true
		t.RegisteredAt = cmp.Or(row.RegisteredDateTime, row.RegistredDateTime)
		if registered, ok := parseInstant(t.RegisteredAt); ok {
			t.RegisteredDays = ageDays(j.asOf, registered)
		}
	})
	if err != nil {
		return err
	}
	j.findOwnerless(types)
	if err := j.loadContainerTypeGrants(get); err != nil {
		return err
	}
	for _, t := range types {
		if t.OwnedHere == nil && j.whole(snapshot.ContainerTypes) {
			t.OwnedHere = j.truth(false)
		}
	}
	if err := j.loadContainerTypeOwners(types); err != nil {
		return err
	}
	j.typeByID = types
	for _, id := range sortedKeys(types) {
		j.types = append(j.types, types[id])
		j.typesOf[types[id].OwningAppID] = append(j.typesOf[types[id].OwningAppID], types[id])
		j.want(types[id].OwningAppID)
		for _, grant := range types[id].Grants {
			j.want(grant.AppID)
		}
	}
	return nil
}

// count counts a registration by whether its content shows in search.
func (s *SearchableTypes) count(settings *wireContainerSettings) {
	s.Registered++
	switch {
	case settings == nil || settings.Search.value == nil:
		s.Unclear++
	case *settings.Search.value:
		s.Searchable++
	}
}

// typeID tells container types apart. One without an id goes by its owner, which
// owns one type at most.
func typeID(row *wireContainerType) string {
	return cmp.Or(row.ID, "unidentified/"+cmp.Or(row.OwningAppID, row.Name))
}

// findOwnerless records container types of which the owner was not read: any
// application may be it.
func (j *Join) findOwnerless(types map[string]*ContainerType) {
	for _, id := range sortedKeys(types) {
		if types[id].OwningAppID == "" {
			reason := fmt.Sprintf("container type %s does not say which application owns it", id)
			j.setLoose(snapshot.ContainerTypes, reason)
			if types[id].Registered {
				j.setLoose(snapshot.ContainerTypeRegistrations, reason)
			}
		}
	}
}

// describeType fills in what both sides tell of a container type.
func (j *Join) describeType(t *ContainerType, row *wireContainerType, from snapshot.Name, fault string) {
	t.DisplayName = cmp.Or(t.DisplayName, row.Name)
	t.OwningAppID = cmp.Or(t.OwningAppID, strings.ToLower(row.OwningAppID))
	t.Billing = worse(t.Billing, billing(row.BillingClassification), "trial", "standard", "direct_to_customer")
	t.BillingStatus = worse(t.BillingStatus, spelt(row.BillingStatus, "valid", "invalid"), "invalid", "valid")
	if row.Settings != nil {
		describeSharing(t, row.Settings, from)
	}
	t.ExpiresAt = j.soonerEnd(t.ExpiresAt, row.ExpirationDateTime)
	t.DaysLeft = nil
	if end, ok := parseInstant(t.ExpiresAt); ok && !noExpiry(end) {
		t.DaysLeft = daysLeft(j.asOf, end)
	}
	if reason := j.gap(from, row.ID, fault); reason != "" {
		t.Incomplete = append(t.Incomplete, Gap{Dataset: from, Reason: reason})
	}
	if from == snapshot.ContainerTypeRegistrations {
		t.notToldHere(row)
	}
}

// notToldHere says what the registration does not tell though the owning side does: that is in force there, and nobody
// knows whether it is here.
func (t *ContainerType) notToldHere(row *wireContainerType) {
	lacks := func(field string) {
		t.Incomplete = append(t.Incomplete, Gap{
			Dataset: snapshot.ContainerTypeRegistrations, Reason: "the registration does not tell, only the owning side does", Field: field,
		})
	}
	if row.BillingStatus == "" && t.BillingStatus != "" {
		lacks("billing_status")
	}
	if (row.Settings == nil || row.Settings.Sharing == "") && t.Sharing != "" {
		lacks("sharing")
	}
}

// describeSharing fills in how widely the type's files may be shared. The registration's setting, which
// is in force here, wins over the owner's.
func describeSharing(t *ContainerType, settings *wireContainerSettings, from snapshot.Name) {
	if settings.Sharing != "" && (t.Sharing == "" || from == snapshot.ContainerTypeRegistrations) {
		t.Sharing = spelt(settings.Sharing, "disabled", "externalUserSharingOnly", "externalUserAndGuestSharing", "existingExternalUserSharingOnly")
	}
	if restricted := settings.Restricted.value; restricted != nil && (t.SharingRestricted == nil || from == snapshot.ContainerTypeRegistrations) {
		t.SharingRestricted = restricted
	}
}

// worse is the worse of what the two sides tell of a container type, either of which may tell nothing: the first of the
// bad, then what is none of the members, of which nobody knows how bad it is, then the rest.
func worse(a, b, bad string, rest ...string) string {
	rank := func(told string) int {
		switch told {
		case "":
			return len(rest) + 1
		case bad:
			return -1
		default:
			return slices.Index(rest, told) + 1 // 0 for none of the members
		}
	}
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// soonerEnd is the sooner of the ends that the two sides tell. What is no instant may be any day, but one that has passed
// is sooner; the year 1, which says that there is no end, is later than all.
func (j *Join) soonerEnd(a, b string) string {
	rank := func(told string) (int, time.Time) {
		end, ok := parseInstant(told)
		switch {
		case told == "":
			return 4, end
		case !ok:
			return 1, end
		case noExpiry(end):
			return 3, end
		case end.After(j.asOf):
			return 2, end
		default:
			return 0, end
		}
	}
	of, first := rank(a)
	other, second := rank(b)
	if other < of || other == of && second.Before(first) {
		return b
	}
	return a
}

// spelt folds the case of known members; others stay as written.
func spelt(written string, known ...string) string {
	for _, member := range known {
		if strings.EqualFold(written, member) {
			return member
		}
	}
	return written
}

func billing(written string) string {
	switch strings.ToLower(written) {
	case "standard", "trial":
		return strings.ToLower(written)
	case "directtocustomer":
		return "direct_to_customer"
	default:
		return written
	}
}

func (j *Join) loadContainerTypeGrants(get func(id string) *ContainerType) error {
	err := eachRow(j, snapshot.ContainerTypeGrants, func(row *wireContainerTypeGrant, fault string) {
		if row.ContainerTypeID == "" {
			j.setLoose(snapshot.ContainerTypeGrants, "a grant does not say on which container type")
			return
		}
		t := get(row.ContainerTypeID)
		grant := ContainerTypeGrant{
			AppID:                  strings.ToLower(row.AppID),
			ApplicationPermissions: canonicalPermissions(row.ApplicationPermissions),
			DelegatedPermissions:   canonicalPermissions(row.DelegatedPermissions),
		}
		t.Grants = append(t.Grants, grant)
		reason := j.gap(snapshot.ContainerTypeGrants, row.ContainerTypeID+"/"+row.AppID, fault)
		if reason != "" {
			t.Incomplete = append(t.Incomplete, Gap{Dataset: snapshot.ContainerTypeGrants, Reason: reason})
		}
		if grant.AppID == "" {
			j.setLoose(snapshot.ContainerTypeGrants, "a grant does not say to which application")
			return
		}
		j.grantedTypes[grant.AppID] = append(j.grantedTypes[grant.AppID], grantedType{t, grant, reason})
	})
	return err
}

// canonicalPermissions folds the case of known members, drops "none" and keeps
// members that it does not know as they are. nil stays nil.
func canonicalPermissions(written []string) []string {
	if written == nil {
		return nil
	}
	spellings := permissionSpellings()
	permissions := make([]string, 0, len(written))
	for _, permission := range written {
		i := slices.IndexFunc(spellings, func(s string) bool { return strings.EqualFold(s, permission) })
		if i > 0 {
			permission = spellings[i]
		}
		if i != 0 {
			permissions = append(permissions, permission)
		}
	}
	slices.Sort(permissions)
	return slices.Compact(permissions)
}

// containerType completes a container type with the names of applications, which
// are known once the applications were streamed past.
func (j *Join) containerType(t *ContainerType) Document {
	done := *t
	done.OwningAppName = j.appName(done.OwningAppID)
	if done.Grants == nil && j.readable(snapshot.ContainerTypeGrants) {
		done.Grants = []ContainerTypeGrant{}
	}
	done.Grants = slices.Clone(done.Grants)
	for i := range done.Grants {
		done.Grants[i].AppName = j.appName(done.Grants[i].AppID)
	}
	return Document{Kind: KindContainerType, ID: done.ID, Name: done.DisplayName, Value: &done, Incomplete: done.Incomplete}
}

// ownedContainerTypes lists the types that an application owns. Those of this
// tenant's applications are container types here, those of others only show in
// their registrations: without both, none met is not none owned.
func (j *Join) ownedContainerTypes(app *Application) []OwnedContainerType {
	var owned []OwnedContainerType
	if j.readable(snapshot.ContainerTypes) && (app.Origin == "own" || j.readable(snapshot.ContainerTypeRegistrations)) {
		owned = []OwnedContainerType{}
	}
	for _, t := range j.typesOf[app.ID] {
		// A type known from its registration only is at least as old as that.
		owned = append(owned, OwnedContainerType{
			ID: t.ID, Name: t.DisplayName, CreatedAt: t.CreatedAt, AgeDays: cmp.Or(t.AgeDays, t.RegisteredDays),
		})
	}
	return owned
}
