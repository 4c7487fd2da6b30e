package diff

import (
	"slices"
	"strconv"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

func (c *comparison) compareApplications() error {
	return compareTable(c, table[finding.Application]{
		section: finding.Applications,
		group:   func(row *finding.Application) string { return kindApplication + "\x00" + row.AppID },
		content: func(row *finding.Application) string { return content(applicationValues(row)) },
		tell:    c.tellApplication,
	})
}

func applicationValues(row *finding.Application) []value {
	registration, principal := of(snapshot.Applications), of(snapshot.ServicePrincipals)
	origin := text("origin", row.Origin, registration|principal)
	origin.strict = true // it is told by what else is there of the application
	return []value{
		text("name", row.Name, registration|principal),
		flag("enabled", row.Enabled, principal),
		text("audience", row.SignInAudience, registration|principal),
		origin,
		folded("registration", row.ObjectID, registration),
		folded("service principal", row.ServicePrincipalID, principal),
		note("created", row.CreatedAt),
		number("permissions requested", row.Requested), number("permissions granted", row.Granted), number("credentials", row.Credentials),
		note("owners", ownerCount(row)), note("highest tier", row.HighestTier),
	}
}

func ownerCount(row *finding.Application) string {
	if row.Owners == nil {
		return ""
	}
	return strconv.Itoa(len(row.Owners))
}

// applicationNeeds are the datasets without which it is not known that an application is not there.
func applicationNeeds(row *finding.Application) mask {
	var needs mask
	if row.ObjectID != "" {
		needs |= of(snapshot.Applications)
	}
	if row.ServicePrincipalID != "" && row.Origin != originDeleted {
		needs |= of(snapshot.ServicePrincipals)
	}
	if needs == 0 {
		needs = leftovers()
	}
	return needs
}

// originDeleted is the origin of an application of which only grants are left.
const originDeleted = "deleted"

// leftovers are the datasets without which it is not known that nothing is left of an application.
func leftovers() mask {
	return of(snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.DelegatedGrants)
}

func (c *comparison) tellApplication(subject key, old, new []finding.Application) error {
	tell := func(action string, row *finding.Application, fields []finding.DifferentField) error {
		return c.emit(finding.Difference{
			Area: areaApplications, Action: action, Subject: applicationSubject(row.AppID, row.Name), Fields: fields,
		}, tierRank(row.HighestTier))
	}
	slices.SortFunc(old, compareRows(applicationValues))
	slices.SortFunc(new, compareRows(applicationValues))
	for i := range max(len(old), len(new)) {
		var err error
		switch {
		case i >= len(new):
			if !c.known(c.new, areaApplications, subject, applicationNeeds(&old[i])) {
				continue
			}
			c.gone[subject] = len(new) == 0
			err = tell(removed, &old[i], told(applicationValues(&old[i]), false))
		case i >= len(old):
			if !c.known(c.old, areaApplications, subject, applicationNeeds(&new[i])) {
				continue
			}
			err = tell(added, &new[i], told(applicationValues(&new[i]), true))
		default:
			fields := c.differing(areaApplications, subject, applicationValues(&old[i]), applicationValues(&new[i]))
			if len(fields) > 0 {
				err = tell(changed, &new[i], fields)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// compareRows orders rows by what is compared of them, so that two of one subject pair off the same way in
// whatever order they stand.
func compareRows[T any](values func(*T) []value) func(a, b T) int {
	return func(a, b T) int { return strings.Compare(content(values(&a)), content(values(&b))) }
}

func applicationSubject(id, name string) finding.Subject {
	return finding.Subject{Kind: kindApplication, ID: id, Name: name}
}

func (c *comparison) compareOwners() error {
	return compareTable(c, table[finding.Application]{
		section: finding.Applications,
		group:   func(row *finding.Application) string { return kindApplication + "\x00" + row.AppID },
		content: func(row *finding.Application) string {
			if row.Owners == nil {
				return "not read"
			}
			return content([]value{list("owners", row.Owners, 0)})
		},
		tell: c.tellOwners,
	})
}

func ownerNeeds(rows ...[]finding.Application) mask {
	var needs mask
	for _, side := range rows {
		for _, row := range side {
			if row.ObjectID != "" {
				needs |= of(snapshot.ApplicationOwners)
			}
			if row.ServicePrincipalID != "" {
				needs |= of(snapshot.ServicePrincipalOwners)
			}
		}
	}
	return needs
}

func (c *comparison) tellOwners(subject key, old, new []finding.Application) error {
	if c.gone[subject] {
		return nil
	}
	before, after := owners(old), owners(new)
	var lost, won []string
	for folded := range before {
		if _, there := after[folded]; !there {
			lost = append(lost, folded)
		}
	}
	for folded := range after {
		if _, there := before[folded]; !there {
			won = append(won, folded)
		}
	}
	if c.sameOwners(lost, won) || c.sameOwners(won, lost) {
		c.stubs++
		return nil
	}
	tell := func(action, item string, rows []finding.Application) error {
		return c.emit(finding.Difference{Area: areaOwners, Action: action, Subject: applicationSubject(rows[0].AppID, rows[0].Name), Item: item},
			tierRank(rows[0].HighestTier))
	}
	for _, folded := range lost {
		if needs := ownerNeeds(old) | presence(new, old); c.known(c.new, areaOwners, subject, needs) {
			if err := tell(removed, before[folded], old); err != nil {
				return err
			}
		}
	}
	for _, folded := range won {
		if needs := ownerNeeds(new) | presence(old, new); c.known(c.old, areaOwners, subject, needs) {
			if err := tell(added, after[folded], new); err != nil {
				return err
			}
		}
	}
	return nil
}

// presence are the datasets that tell that objects of an application are not there which the other side has.
func presence(there, other []finding.Application) mask {
	var needs mask
	for _, row := range other {
		if row.ObjectID != "" && !slices.ContainsFunc(there, func(r finding.Application) bool { return r.ObjectID != "" }) {
			needs |= of(snapshot.Applications)
		}
		if row.ServicePrincipalID != "" && !slices.ContainsFunc(there, func(r finding.Application) bool { return r.ServicePrincipalID != "" }) {
			needs |= of(snapshot.ServicePrincipals)
		}
	}
	return needs
}

// owners are the names of owners, by what they are in lower case.
func owners(rows []finding.Application) map[string]string {
	found := map[string]string{}
	for _, row := range rows {
		for _, owner := range row.Owners {
			found[strings.ToLower(owner)] = owner
		}
	}
	return found
}

// sameOwners reports whether owners that go by their id on one side may be those that go by their name on the
// other, where the identity that collected it was allowed to read names.
func (c *comparison) sameOwners(some, others []string) bool {
	return slices.ContainsFunc(some, isGUID) && slices.ContainsFunc(others, func(name string) bool { return !isGUID(name) })
}

// isGUID reports whether text is an id such as 00000003-0000-0000-c000-000000000000.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, r := range text {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if r != '-' {
				return false
			}
		case !strings.ContainsRune("0123456789abcdefABCDEF", r):
			return false
		}
	}
	return true
}
