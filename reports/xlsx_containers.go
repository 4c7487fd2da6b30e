package reports

import (
	"strings"

	"leastwise/policies/finding"
)

func containerSheet(d *finding.Document) sheet[finding.Container] {
	return sheet[finding.Container]{
		name: "Containers", pinned: 1, printed: 8, none: "No container was found.", rows: d.Containers(),
		datasets: []string{"containers", "container_permissions"},
		columns: []column[finding.Container]{
			{"Name", 34, wrapped, func(c finding.Container) any { return c.Name }},
			{"Container type", 28, wrapped, func(c finding.Container) any { return c.TypeName }},
			{"Owning application", 28, wrapped, func(c finding.Container) any { return c.OwningAppName }},
			{"Owners", 36, wrapped, func(c finding.Container) any { return list(c.Owners) }},
			{"Members", 9, number, func(c finding.Container) any { return pointed(c.Members) }},
			{"Guests", 9, number, func(c finding.Container) any { return pointed(c.Guests) }},
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
