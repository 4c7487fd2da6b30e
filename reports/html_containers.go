package reports

import (
	"cmp"
	"strings"

	"leastwise/policies/finding"
)

// containerTypePermissions are the permissions that an application can have on a container type, in the order and
// the spelling of the enum fileStorageContainerTypeAppPermission, without none
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant).
func containerTypePermissions() []string {
	return []string{
		"readContent", "writeContent", "manageContent", "create", "delete", "read", "write", "enumeratePermissions",
		"addPermissions", "updatePermissions", "deletePermissions", "deleteOwnPermission", "managePermissions", "full",
	}
}

func typeTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	return rowTable(htmlTable{
		ID: "container-types", Title: "Container types", None: "No SharePoint Embedded container types in this tenant.",
		Gaps: incompleteness(&d.Report, "container_types container_type_registrations"),
	}, d.ContainerTypes(), links, []htmlColumn[finding.ContainerType]{
		{"Container type", textColumn, func(t finding.ContainerType) any { return cmp.Or(t.Name, t.ID) }, false},
		{"Owning application", appColumn, func(t finding.ContainerType) any { return appRef{t.OwningAppID, t.OwningAppName} }, false},
		{"Billing", wordColumn, func(t finding.ContainerType) any { return words(t.Billing) }, false},
		{"Registered here", wordColumn, func(t finding.ContainerType) any { return t.Registered }, false},
		{"Applications with access", wordColumn, func(t finding.ContainerType) any { return grantees(t) }, false},
		{"Created", instantColumn, func(t finding.ContainerType) any { return t.CreatedAt }, false},
		{"Expires", instantColumn, func(t finding.ContainerType) any { return t.ExpiresAt }, false},
		{"Container type ID", textColumn, func(t finding.ContainerType) any { return t.ID }, true},
	})
}

func grantees(t finding.ContainerType) string {
	if t.Grants == nil {
		return "not read"
	}
	var names []string
	for _, g := range t.Grants {
		names = append(names, cmp.Or(g.AppName, g.AppID))
	}
	return cmp.Or(strings.Join(names, ", "), "none")
}

func matrixTable(d *finding.Document, links *portalLinks) (htmlTable, error) {
	columns := []htmlColumn[matrixRow]{
		{"Container type", wordColumn, func(m matrixRow) any { return cmp.Or(m.Name, m.ID) }, false},
		{"Application", appColumn, func(m matrixRow) any {
			if m.none != "" {
				return appRef{name: m.none}
			}
			return appRef{m.grant.AppID, m.grant.AppName}
		}, false},
		{"Call", wordColumn, func(m matrixRow) any { return m.call }, false},
		{"User’s role", wordColumn, func(m matrixRow) any { return m.role }, false},
	}
	for _, permission := range containerTypePermissions() {
		columns = append(columns, htmlColumn[matrixRow]{permission, matrixColumn, func(m matrixRow) any { return m.mark(permission) }, false})
	}
	columns = append(columns,
		htmlColumn[matrixRow]{"In force", wordColumn, func(m matrixRow) any { return m.reach() }, true},
		htmlColumn[matrixRow]{"As granted", wordColumn, func(m matrixRow) any { return cmp.Or(m.none, listed(m.held)) }, true},
		htmlColumn[matrixRow]{"Other permissions", wordColumn, func(m matrixRow) any { return m.others() }, true},
		htmlColumn[matrixRow]{"Container type ID", wordColumn, func(m matrixRow) any { return m.ID }, true},
	)
	return rowTable(htmlTable{
		ID: "matrix", Title: "Permissions on container types", None: "No SharePoint Embedded container types in this tenant.",
		Intro: strings.ReplaceAll(strings.Join(matrixNotes(), "\n"), "(sheet ", "(table "),
		Gaps:  incompleteness(&d.Report, "container_types container_type_registrations container_type_grants"),
	}, flatten(d.ContainerTypes(), matrixRows), links, columns)
}
