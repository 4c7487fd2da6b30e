package reports

import (
	"cmp"
	"strings"

	"leastwise/policies/finding"
)

// containerGrant is one application's permissions on one container type; a type
// without any has one too, and says why.
type containerGrant struct {
	finding.ContainerType
	grant finding.ContainerTypeGrant
	none  string
}

func containerTypeSheet(b *book, d *finding.Document) sheet[containerGrant] {
	permissions := func(g containerGrant, names []string) any {
		if g.none != "" {
			return g.none
		}
		return list(names)
	}
	return sheet[containerGrant]{
		name: "Container types", about: "SharePoint Embedded container types, a row per application with access.", pinned: 1, printed: 11, none: "No SharePoint Embedded container types in this tenant.",
		datasets: []string{"container_types", "container_type_registrations", "container_type_grants"},
		rows: flatten(d.ContainerTypes(), func(t finding.ContainerType) []containerGrant {
			switch {
			case t.Grants == nil:
				return []containerGrant{{ContainerType: t, none: "not read"}}
			case len(t.Grants) == 0:
				return []containerGrant{{ContainerType: t, none: "no application"}}
			}
			rows := make([]containerGrant, 0, len(t.Grants))
			for _, g := range t.Grants {
				rows = append(rows, containerGrant{ContainerType: t, grant: g})
			}
			return rows
		}),
		columns: []column[containerGrant]{
			{"Container type", 28, wrapped, func(g containerGrant) any { return g.Name }},
			{"Application with access", 30, word, func(g containerGrant) any { return cmp.Or(g.none, g.grant.AppName, g.grant.AppID) }},
			{"Owns the type", 9, plain, func(g containerGrant) any { return ownsType(g) }},
			{"Application permissions", 32, word, func(g containerGrant) any { return permissions(g, g.grant.ApplicationPermissions) }},
			{"Delegated permissions", 32, word, func(g containerGrant) any { return permissions(g, g.grant.DelegatedPermissions) }},
			{"Owning application", 28, wrapped, func(g containerGrant) any { return g.OwningAppName }},
			{"Billing", 18, plain, func(g containerGrant) any { return g.Billing }},
			{"Registered here", 11, plain, func(g containerGrant) any { return g.Registered }},
			{"Portal", 8, linked, func(g containerGrant) any { return portal(b.links.application(cmp.Or(g.grant.AppID, g.OwningAppID))) }},
			{"Created (UTC)", 17, instant, func(g containerGrant) any { return g.CreatedAt }},
			{"Expires (UTC)", 17, expiry, func(g containerGrant) any { return g.ExpiresAt }},
			{"Container type ID", 37, plain, func(g containerGrant) any { return g.ID }},
			{"App ID", 37, plain, func(g containerGrant) any { return g.grant.AppID }},
			{"Owning app ID", 37, plain, func(g containerGrant) any { return g.OwningAppID }},
		},
	}
}

func ownsType(g containerGrant) any {
	if g.none != "" || g.OwningAppID == "" {
		return nil
	}
	return strings.EqualFold(g.grant.AppID, g.OwningAppID)
}

func containerSheet(d *finding.Document) sheet[finding.Container] {
	return sheet[finding.Container]{
		name: "Containers", about: "SharePoint Embedded containers: owners, members, guests.", pinned: 1, printed: 8, none: "No container was found.", rows: d.Containers(),
		datasets: []string{"containers", "container_permissions"},
		columns: []column[finding.Container]{
			{"Name", 34, wrapped, func(c finding.Container) any { return c.Name }},
			{"Container type", 28, wrapped, func(c finding.Container) any { return c.TypeName }},
			{"Owning application", 28, wrapped, func(c finding.Container) any { return c.OwningAppName }},
			{"Owners", 36, wrapped, func(c finding.Container) any { return list(c.Owners) }},
			{"Members", 9, amount, func(c finding.Container) any { return countOrUnread(c.Members) }},
			{"Guests", 9, amount, func(c finding.Container) any { return countOrUnread(c.Guests) }},
			{"Status", 10, plain, func(c finding.Container) any { return c.Status }},
			{"Created (UTC)", 17, instant, func(c finding.Container) any { return c.CreatedAt }},
			{"Lock state", 17, plain, func(c finding.Container) any { return c.LockState }},
			{"Known to be missing", 34, wrapped, func(c finding.Container) any { return strings.Join(c.Incomplete, ", ") }},
			{"Container type ID", 37, plain, func(c finding.Container) any { return c.TypeID }},
			{"Owning app ID", 37, plain, func(c finding.Container) any { return c.OwningAppID }},
			{"Container ID", 40, wrapped, func(c finding.Container) any { return c.ID }},
		},
	}
}

func countOrUnread(n *int) any {
	if n == nil {
		return "not read"
	}
	return *n
}
