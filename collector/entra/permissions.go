package entra

import (
	"slices"

	"leastwise/collector/snapshot"
)

// Permissions lists the application permissions of Microsoft Graph that reading the
// datasets takes, but for those in skip: for each the least that is documented. What
// Directory.Read.All opens by the way, the tenant's name and the members of groups, is
// not asked for beside it
// (https://learn.microsoft.com/graph/api/organization-get,
// https://learn.microsoft.com/graph/api/group-list-members).
func Permissions(skip []snapshot.Name) []string {
	const directory = "Directory.Read.All"
	var least []string
	for _, name := range Datasets() {
		if slices.Contains(skip, name) {
			continue
		}
		for _, need := range append(furtherNeeds(name), need(name)) {
			least = append(least, need.Least[0])
		}
	}
	slices.Sort(least)
	least = slices.Compact(least)
	if slices.Contains(least, directory) {
		least = slices.DeleteFunc(least, func(p string) bool { return p == "Organization.Read.All" || p == "GroupMember.ReadBasic.All" })
	}
	return least
}
