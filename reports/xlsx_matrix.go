package reports

import (
	"cmp"
	"slices"
	"strings"

	"leastwise/policies/finding"
)

// The signs of the matrix of permissions on container types.
const (
	markGranted = "●" // granted, and in force
	markWider   = "○" // not granted by itself: it comes with a wider permission that is
	markPart    = "◐" // granted, and the user's role allows a part of it only
	markFree    = "◇" // granted, and no role in a container limits it
	markUnknown = "?" // not read, or not documented
)

// matrixRow is what one application may do on the containers of one type in one kind of call.
type matrixRow struct {
	finding.ContainerType
	grant finding.ContainerTypeGrant
	call  string
	role  string   // of the user in the container, for what a call for a user effectively may do
	held  []string // nil when not read
	none  string   // why there is no grant
}

// matrixRows are, for each grant: what it allows the application as itself, what it allows for users, and
// what is left of that for a user of each role.
func matrixRows(t finding.ContainerType) []matrixRow {
	switch {
	case t.Grants == nil:
		return []matrixRow{{ContainerType: t, call: "any", none: "not read"}}
	case len(t.Grants) == 0:
		return []matrixRow{{ContainerType: t, call: "any", none: "no application", held: []string{}}}
	}
	var rows []matrixRow
	for _, g := range t.Grants {
		rows = append(rows,
			matrixRow{ContainerType: t, grant: g, call: "app-only", held: g.ApplicationPermissions},
			matrixRow{ContainerType: t, grant: g, call: "delegated, as granted", held: g.DelegatedPermissions})
		if g.DelegatedPermissions != nil && !holdsNothing(g.DelegatedPermissions) {
			for _, role := range containerRoles() {
				rows = append(rows, matrixRow{ContainerType: t, grant: g, call: "delegated, effective", role: role, held: g.DelegatedPermissions})
			}
		}
	}
	return rows
}

func holdsNothing(held []string) bool {
	return !slices.ContainsFunc(held, func(p string) bool { return !strings.EqualFold(p, "none") })
}

// containerRoles are the roles that users have in containers, each of which may all that the one before may
// (https://learn.microsoft.com/sharepoint/dev/embedded/build/share-files-manage-permissions). The principal
// owner is an owner.
func containerRoles() []string { return []string{"reader", "writer", "manager", "owner"} }

// leastRole is the least role that may do what a permission on a container type allows, as documented: readers
// see properties and contents, writers change both, managers manage the membership, owners delete containers.
// Creating a container takes no role in one; whether readers and writers may list the members or leave is not
// documented. The names are in lower case.
func leastRole() map[string]string {
	return map[string]string{
		"readcontent": "reader", "read": "reader", "writecontent": "writer", "managecontent": "writer", "write": "writer",
		"enumeratepermissions": "manager", "addpermissions": "manager", "updatepermissions": "manager", "deletepermissions": "manager",
		"deleteownpermission": "manager", "managepermissions": "manager", "delete": "owner", "full": "owner",
	}
}

// widerThan are the permissions that contain one, beside full
// (https://learn.microsoft.com/sharepoint/dev/embedded/development/auth).
func widerThan() map[string]string {
	return map[string]string{
		"writecontent": "managecontent", "addpermissions": "managepermissions", "updatepermissions": "managepermissions",
		"deletepermissions": "managepermissions", "deleteownpermission": "managepermissions",
	}
}

// mark is the sign of a permission: as the grant has it, or what is left of it for the role.
func (m matrixRow) mark(permission string) any {
	if m.held == nil {
		return markUnknown
	}
	granted := m.granted(permission)
	if granted == "" || m.role == "" {
		return granted
	}
	return m.effective(permission, granted)
}

func (m matrixRow) granted(permission string) string {
	has := func(name string) bool {
		return slices.ContainsFunc(m.held, func(p string) bool { return strings.EqualFold(p, name) })
	}
	switch wider := widerThan()[strings.ToLower(permission)]; {
	case has(permission):
		return markGranted
	case has("full"), wider != "" && has(wider):
		return markWider
	}
	return ""
}

func (m matrixRow) effective(permission, granted string) string {
	name := strings.ToLower(permission)
	if name == "create" {
		return markFree
	}
	least := leastRole()[name]
	switch order := containerRoles(); {
	case slices.Index(order, m.role) >= slices.Index(order, least):
		return granted
	case name == "full":
		return markPart
	case name == "enumeratepermissions" || name == "deleteownpermission" || name == "managepermissions":
		return markUnknown
	}
	return ""
}

// others are permissions of the grant that the matrix has no column for.
func (m matrixRow) others() string {
	return strings.Join(slices.DeleteFunc(slices.Clone(m.held), func(p string) bool {
		return slices.ContainsFunc(append(containerTypePermissions(), "none"), func(known string) bool { return strings.EqualFold(p, known) })
	}), ", ")
}

// reach says where the row is in force.
func (m matrixRow) reach() string {
	switch {
	case m.none != "":
		return m.none
	case m.held == nil:
		return "not read"
	case holdsNothing(m.held):
		return "nowhere: nothing is granted"
	case m.call == "app-only":
		return "on all containers of the type"
	case m.role == "":
		return "never more than the user's role in a container allows"
	}
	return "in containers in which the user is " + article(m.role)
}

func article(role string) string {
	if role == "owner" {
		return "an owner"
	}
	return "a " + role
}

func matrixSheet(b *book, d *finding.Document) sheet[matrixRow] {
	columns := []column[matrixRow]{
		{"Container type", 26, wrapped, func(m matrixRow) any { return cmp.Or(m.Name, m.ID) }},
		{"Application", 28, word, func(m matrixRow) any { return cmp.Or(m.none, m.grant.AppName, m.grant.AppID) }},
		{"Call", 20, plain, func(m matrixRow) any { return m.call }},
		{"User's role", 11, plain, func(m matrixRow) any { return m.role }},
	}
	for _, permission := range containerTypePermissions() {
		columns = append(columns, column[matrixRow]{permission, 4.5, mark, func(m matrixRow) any { return m.mark(permission) }})
	}
	columns = append(columns,
		column[matrixRow]{"In force", 48, wrapped, func(m matrixRow) any { return m.reach() }},
		column[matrixRow]{"Other permissions", 20, wrapped, func(m matrixRow) any { return m.others() }},
		column[matrixRow]{"Portal", 8, linked, func(m matrixRow) any { return portal(b.links.application(m.grant.AppID)) }},
		column[matrixRow]{"As granted", 34, word, func(m matrixRow) any { return cmp.Or(m.none, list(m.held).(string)) }},
		column[matrixRow]{"Container type ID", 37, plain, func(m matrixRow) any { return m.ID }},
		column[matrixRow]{"App ID", 37, plain, func(m matrixRow) any { return m.grant.AppID }},
	)
	return sheet[matrixRow]{
		name: "Container permissions", about: "What each application may do on containers: as itself, and for users of each role.",
		pinned: 4, printed: 20, none: "No SharePoint Embedded container types in this tenant.", columns: columns, rows: flatten(d.ContainerTypes(), matrixRows),
		datasets: []string{"container_types", "container_type_registrations", "container_type_grants"}, notes: matrixNotes(),
	}
}

func matrixNotes() []string {
	return []string{
		markGranted + " granted    " + markWider + " comes with a wider permission that is granted    " + markPart + " a part of it, as the role allows    " +
			markFree + " granted, and no role limits it    " + markUnknown + " not read, or not documented for the role    (blank) not granted, or not for the role",
		"app-only: the application calls as itself, and the grant is in force on all containers of the type. delegated: it calls for a user, and may do what both the grant and the user's role in the container allow.",
		"A grant on a container type opens nothing by itself: to call at all, the application also needs FileStorageContainer.Selected of Microsoft Graph (sheet Permissions).",
	}
}
