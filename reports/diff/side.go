package diff

import (
	"cmp"
	"strings"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// side is one of the two reports.
type side struct {
	doc      *finding.Document
	coverage map[string]finding.Coverage
	whole    mask // datasets that were read in full
	sound    mask // those and datasets of which every row is there, though single rows are damaged
	read     mask // those that were read, if only in part
	// shown are the datasets whose row of an application is there, whatever else of them is missing.
	shown map[key]mask
	// late are event datasets that were read in full and of which this side knows less far back than the other.
	late mask
	// gaps are the datasets of which something is missing for one application.
	gaps map[key]mask
	// gapReasons are the first reasons of those, by dataset, and gapCounts of how many applications.
	gapReasons map[string]string
	gapCounts  map[string]int
	// subjects are those of the inventory, with the row of their table, which is how controls count them. Findings may be of
	// others, see judged.
	subjects map[key]int
	controls map[string]*finding.Control
	// blank are the controls that could not be judged at all for want of a list of subjects.
	blank map[string]bool
	ran   map[string]string // controls, by id: "" when run, else why not
	// lapsed are the approvals that expired between the two instants.
	lapsed []string
}

// Statuses of datasets, as coverage has them.
const (
	statusCollected = string(snapshot.Collected)
	statusPartial   = string(snapshot.Partial)
	statusSkipped   = string(snapshot.Skipped)
)

func newSide(d *finding.Document) *side {
	s := &side{
		doc: d, coverage: map[string]finding.Coverage{}, gaps: map[key]mask{}, gapReasons: map[string]string{}, gapCounts: map[string]int{},
		shown: map[key]mask{}, subjects: map[key]int{}, controls: map[string]*finding.Control{}, blank: map[string]bool{}, ran: map[string]string{},
	}
	for _, row := range d.Coverage {
		s.coverage[row.Dataset] = row
		switch row.Status {
		case statusCollected:
			s.whole |= of(row.Dataset)
			s.sound |= of(row.Dataset)
			s.read |= of(row.Dataset)
		case statusPartial:
			s.read |= of(row.Dataset)
			if row.Confined {
				s.sound |= of(row.Dataset)
			}
		}
	}
	for i, control := range d.Controls {
		s.controls[control.ID] = &d.Controls[i]
		switch {
		case control.Disabled != "":
			s.ran[control.ID] = "disabled: " + control.Disabled
		case control.OutOfScope != "":
			s.ran[control.ID] = "out of scope: " + control.OutOfScope
		default:
			s.ran[control.ID] = ""
		}
	}
	return s
}

// ranWaivers takes the controls of waivers as run where there is no waiver file: without one, nothing is wrong with
// waivers.
func (s *side) ranWaivers(other *side) {
	for id, control := range other.controls {
		if _, there := s.ran[id]; !there && control.Subject == kindWaiver {
			s.ran[id] = ""
		}
	}
}

// lateEvents marks the event datasets of which a side does not know what the other does: its events begin later,
// so that what is not there any more may only be too long ago.
func lateEvents(s, other *side) {
	for _, name := range []string{snapshot.DataConnectEvents} {
		mine, theirs := s.coverage[name], other.coverage[name]
		if s.whole&of(name) != 0 && other.read&of(name) != 0 && theirs.From != mine.From && (mine.From == "" || theirs.From != "" && theirs.From < mine.From) {
			s.late |= of(name)
			s.whole &^= of(name)
			s.sound &^= of(name)
		}
	}
}

// lookAround reads of both sides what there is, and what is missing of single applications.
func (c *comparison) lookAround() error {
	_, _, err := both(
		func() (bool, error) { return true, c.lookAt(c.old) },
		func() (bool, error) { return true, c.lookAt(c.new) },
	)
	if err != nil {
		return err
	}
	c.consents, err = readConsents(c.old.doc, c.new.doc)
	return err
}

func (c *comparison) lookAt(s *side) error {
	n := 0
	for row, err := range s.doc.Applications() {
		if err != nil {
			return err
		}
		subject := c.key(kindApplication, row.AppID)
		s.subjects[subject] = n
		n++
		if row.ObjectID != "" {
			s.shown[subject] |= of(snapshot.Applications)
		}
		if row.ServicePrincipalID != "" {
			s.shown[subject] |= of(snapshot.ServicePrincipals)
		}
		owners := of(snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners)
		if row.Owners == nil && s.readable(owners) { // else the datasets say so
			for _, dataset := range owners.names() {
				c.addGap(s, subject, dataset, "its owners were not read")
			}
		}
		for _, gap := range row.Incomplete {
			dataset, reason, _ := strings.Cut(gap, ": ")
			c.addGap(s, subject, dataset, reason)
		}
	}
	if err := c.lookAtTypes(s); err != nil {
		return err
	}
	return c.lookAtOthers(s)
}

func (c *comparison) lookAtTypes(s *side) error {
	n := 0
	for row, err := range s.doc.ContainerTypes() {
		if err != nil {
			return err
		}
		subject := c.key(kindType, row.ID)
		s.subjects[subject] = n
		n++
		if row.Grants == nil && s.readable(of(snapshot.ContainerTypeGrants)) {
			c.addGap(s, subject, snapshot.ContainerTypeGrants, "its grants were not read")
		}
		for _, grant := range row.Grants {
			if grant.ApplicationPermissions == nil || grant.DelegatedPermissions == nil {
				c.addGap(s, subject, snapshot.ContainerTypeGrants, "the permissions of a grant were not read")
			}
		}
	}
	return nil
}

func (c *comparison) lookAtOthers(s *side) error {
	n := 0
	for row, err := range s.doc.Approvals() {
		if err != nil {
			return err
		}
		s.subjects[c.key(kindApproval, approvalID(&row))] = n
		n++
		if ends, err := time.Parse(time.RFC3339Nano, row.ExpiresAt); err == nil && ends.After(c.old.doc.AsOf) && !ends.After(s.doc.AsOf) {
			s.lapsed = append(s.lapsed, cmp.Or(row.Name, approvalID(&row)))
		}
	}
	n = 0
	for row, err := range s.doc.Containers() {
		if err != nil {
			return err
		}
		s.subjects[c.key("container", row.ID)] = n
		n++
	}
	n = 0
	for row, err := range s.doc.Pipelines() {
		if err != nil {
			return err
		}
		s.subjects[c.key("pipeline", row.ID)] = n
		n++
	}
	return nil
}

func (c *comparison) addGap(s *side, subject key, dataset, reason string) {
	bit := of(dataset)
	if bit == 0 || s.gaps[subject]&bit != 0 {
		return
	}
	s.gaps[subject] |= bit
	s.gapCounts[dataset]++
	if known := s.gapReasons[dataset]; known == "" || reason < known {
		s.gapReasons[dataset] = reason
	}
}
