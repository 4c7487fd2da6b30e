package diff

import (
	"hash/maphash"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// The actions of differences.
const (
	added   = "added"
	removed = "removed"
	changed = "changed"
)

// The areas of differences, as finding.Areas has them.
const (
	areaApplications   = "applications"
	areaPermissions    = "permissions"
	areaCredentials    = "credentials"
	areaOwners         = "owners"
	areaTypes          = "container_types"
	areaTypePermission = "container_type_permissions"
	areaApprovals      = "approvals"
	areaFindings       = "findings"
)

// The kinds of subjects that differences are of.
const (
	kindApplication = "application"
	kindType        = "container_type"
	kindApproval    = "data_connect_app"
	kindWaiver      = "waiver"
)

// mask is a set of datasets, by their place in snapshot.Names.
type mask uint64

func of(names ...snapshot.Name) mask {
	var m mask
	for _, name := range names {
		if i := slices.Index(snapshot.Names(), name); i >= 0 {
			m |= 1 << i
		}
	}
	return m
}

// names are the datasets of a set, in the order of snapshot.Names.
func (m mask) names() []string {
	var names []string
	for i, name := range snapshot.Names() {
		if m&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// key stands for a text of any length.
type key [2]uint64

// comparison is the state of one comparison. It is not safe for concurrent use, but for key and digest.
type comparison struct {
	old, new *side
	result   *Result
	seeds    [2]maphash.Seed
	consents consents
	// gone are the subjects that were told to be removed: what belonged to them is not told again.
	gone map[key]bool
	// withheld are the datasets for lack of which a row was not told, by area.
	withheld map[string]mask
	// rowsAtOnce is how many rows of subjects that differ are in memory at a time, or those of one subject.
	rowsAtOnce int
	stubs      int // applications whose owners go by id on one side and by name on the other
	because    string
}

func newComparison(old, new *finding.Document, rows *spool) *comparison {
	c := &comparison{
		old: newSide(old), new: newSide(new), result: &Result{rows: rows}, rowsAtOnce: rowsAtOnce,
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		gone:  map[key]bool{}, withheld: map[string]mask{},
	}
	c.old.ranWaivers(c.new)
	c.new.ranWaivers(c.old)
	lateEvents(c.old, c.new)
	lateEvents(c.new, c.old)
	c.because = causes(&old.Report, &new.Report)
	return c
}

func (c *comparison) key(parts ...string) key {
	whole := strings.ToLower(strings.Join(parts, "\x00"))
	return key{maphash.String(c.seeds[0], whole), maphash.String(c.seeds[1], whole)}
}

func (c *comparison) run() (*Result, error) {
	if err := c.lookAround(); err != nil {
		return nil, err
	}
	for _, one := range []struct {
		area    string
		compare func() error
	}{
		{areaApplications, c.compareApplications},
		{areaPermissions, c.comparePermissions},
		{areaCredentials, c.compareCredentials},
		{areaOwners, c.compareOwners},
		{areaTypes, c.compareTypes},
		{areaTypePermission, c.compareTypePermissions},
		{areaApprovals, c.compareApprovals},
		{areaFindings, c.compareFindings},
	} {
		if kind := areaKind(one.area); kind != "" && !c.comparable(kind) {
			continue // notListed says so
		}
		if err := one.compare(); err != nil {
			return nil, err
		}
	}
	if err := c.result.rows.sort(); err != nil {
		return nil, err
	}
	c.result.NotCompared = c.notCompared()
	c.result.Notes = c.notes()
	slices.SortFunc(c.result.Totals, func(a, b Total) int {
		return slices.Index(finding.Areas(), a.Area) - slices.Index(finding.Areas(), b.Area)
	})
	return c.result, nil
}

// emit tells a difference. rank is 0 for the worst.
func (c *comparison) emit(d finding.Difference, rank int) error {
	c.result.count(&d)
	return c.result.rows.add(&d, rank)
}

// known reports whether what a side does not show is not there: every row of the datasets was read, and nothing is
// missing of those of this subject. Where not, that is kept in mind.
func (c *comparison) known(s *side, area string, subject key, needs mask) bool {
	return c.within(s.sound|s.shown[subject], s, area, subject, needs)
}

// certain is known where it cannot be told whose rows are damaged: none may be.
func (c *comparison) certain(s *side, area string, subject key, needs mask) bool {
	return c.within(s.whole, s, area, subject, needs)
}

func (c *comparison) within(enough mask, s *side, area string, subject key, needs mask) bool {
	if missing := needs &^ enough; missing != 0 {
		c.withheld[area] |= missing
		return false
	}
	return s.gaps[subject]&needs == 0
}

// readable reports whether datasets were read, if only in part.
func (s *side) readable(needs mask) bool { return needs&^s.read == 0 }

// tiers are the tiers of permissions, worst first.
func tiers() []string { return []string{"critical", "high", "medium", "low", "unrated"} }

// tierRank sorts by tier; what has none comes last.
func tierRank(tier string) int {
	if i := slices.Index(tiers(), tier); i >= 0 {
		return i
	}
	return len(tiers())
}
