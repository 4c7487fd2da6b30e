package diff

import (
	"maps"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

func (c *comparison) compareTypes() error {
	return compareTable(c, table[finding.ContainerType]{
		section: finding.ContainerTypes,
		group:   func(row *finding.ContainerType) string { return kindType + "\x00" + row.ID },
		content: func(row *finding.ContainerType) string { return content(typeValues(row)) },
		tell:    c.tellType,
	})
}

func typeValues(row *finding.ContainerType) []value {
	either := of(snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations)
	registered := text("registered", yesNo(row.Registered), of(snapshot.ContainerTypeRegistrations))
	registered.strict = true
	grants := note("grants", "")
	if row.Grants != nil {
		grants = number("grants", len(row.Grants))
	}
	return []value{
		text("name", row.Name, either), folded("owning application", row.OwningAppID, either), text("billing", row.Billing, either),
		registered, instant("expires", row.ExpiresAt, either), note("created", row.CreatedAt), grants,
	}
}

// typeNeeds is the dataset without which it is not known that a container type is not there.
func typeNeeds(row *finding.ContainerType) mask {
	if row.Registered {
		return of(snapshot.ContainerTypeRegistrations)
	}
	return of(snapshot.ContainerTypes)
}

func typeSubject(row *finding.ContainerType) finding.Subject {
	return finding.Subject{Kind: kindType, ID: row.ID, Name: row.Name}
}

func (c *comparison) tellType(subject key, old, new []finding.ContainerType) error {
	slices.SortFunc(old, compareRows(typeValues))
	slices.SortFunc(new, compareRows(typeValues))
	tell := func(action string, row *finding.ContainerType, fields []finding.DifferentField) error {
		return c.emit(finding.Difference{Area: areaTypes, Action: action, Subject: typeSubject(row), Fields: fields}, 0)
	}
	switch {
	case len(new) == 0:
		if !c.known(c.new, areaTypes, subject, typeNeeds(&old[0])) {
			return nil
		}
		c.gone[subject] = true
		return tell(removed, &old[0], told(typeValues(&old[0]), false))
	case len(old) == 0:
		if !c.known(c.old, areaTypes, subject, typeNeeds(&new[0])) {
			return nil
		}
		return tell(added, &new[0], told(typeValues(&new[0]), true))
	}
	if fields := c.differing(areaTypes, subject, typeValues(&old[0]), typeValues(&new[0])); len(fields) > 0 {
		return tell(changed, &new[0], fields)
	}
	return nil
}

func (c *comparison) compareTypePermissions() error {
	return compareTable(c, table[finding.ContainerType]{
		section: finding.ContainerTypes,
		group:   func(row *finding.ContainerType) string { return kindType + "\x00" + row.ID },
		content: func(row *finding.ContainerType) string {
			parts := make([]string, 0, len(row.Grants))
			for _, grant := range row.Grants {
				parts = append(parts, strings.ToLower(grant.AppID)+"\x02"+content(typeGrantValues(&grant)))
			}
			slices.Sort(parts)
			return yesNo(row.Grants == nil) + strings.Join(parts, "\x03")
		},
		tell: c.tellTypePermissions,
	})
}

func typeGrantValues(grant *finding.ContainerTypeGrant) []value {
	return []value{
		permissionList("application permissions", grant.ApplicationPermissions), permissionList("delegated permissions", grant.DelegatedPermissions),
		note("application", grant.AppName),
	}
}

// permissionList is a list of permissions; nil says that it was not read.
func permissionList(name string, permissions []string) value {
	v := list(name, permissions, 0)
	v.unread = permissions == nil
	return v
}

func (c *comparison) tellTypePermissions(subject key, old, new []finding.ContainerType) error {
	if c.gone[subject] {
		return nil
	}
	before, after := typeGrants(old), typeGrants(new)
	all := maps.Clone(before)
	maps.Copy(all, after)
	row := slices.Concat(new, old)[0]
	for _, id := range sortedKeys(all) {
		d := finding.Difference{Area: areaTypePermission, Action: changed, Subject: typeSubject(&row), Item: all[id].AppID}
		switch was, is := before[id], after[id]; {
		case is == nil:
			if !c.certain(c.new, areaTypePermission, subject, typeGrantNeeds(new)) {
				continue
			}
			d.Action, d.Fields = removed, told(typeGrantValues(was), false)
		case was == nil:
			if !c.certain(c.old, areaTypePermission, subject, typeGrantNeeds(old)) {
				continue
			}
			d.Action, d.Fields = added, told(typeGrantValues(is), true)
		default:
			if d.Fields = c.differing(areaTypePermission, subject, typeGrantValues(was), typeGrantValues(is)); len(d.Fields) == 0 {
				continue
			}
		}
		if err := c.emit(d, 0); err != nil {
			return err
		}
	}
	return nil
}

// typeGrantNeeds are the datasets without which it is not known that something is not granted on a container type:
// grants are read by registration.
func typeGrantNeeds(rows []finding.ContainerType) mask {
	if slices.ContainsFunc(rows, func(row finding.ContainerType) bool { return row.Registered }) {
		return of(snapshot.ContainerTypeGrants)
	}
	return of(snapshot.ContainerTypeRegistrations, snapshot.ContainerTypeGrants)
}

func typeGrants(rows []finding.ContainerType) map[string]*finding.ContainerTypeGrant {
	found := map[string]*finding.ContainerTypeGrant{}
	for i := range rows {
		for n := range rows[i].Grants {
			grant := &rows[i].Grants[n]
			found[strings.ToLower(grant.AppID)] = grant
		}
	}
	return found
}
