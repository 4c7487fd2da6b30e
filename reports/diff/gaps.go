package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

// areaDatasets are the datasets that tell whether something is there, by area.
func areaDatasets() map[string]mask {
	directory := of(snapshot.Applications, snapshot.ServicePrincipals)
	return map[string]mask{
		areaApplications:   directory,
		areaPermissions:    directory | of(snapshot.AppRoleAssignments, snapshot.DelegatedGrants),
		areaCredentials:    directory | of(snapshot.FederatedCredentials),
		areaOwners:         directory | of(snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners),
		areaTypes:          of(snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations),
		areaTypePermission: of(snapshot.ContainerTypeRegistrations, snapshot.ContainerTypeGrants),
		areaApprovals:      of(snapshot.DataConnectEvents, snapshot.DataConnectRegister),
	}
}

// areasOf are the areas that a dataset tells of, findings where a control that both sides ran takes it.
func (c *comparison) areasOf(name string) []string {
	var areas []string
	for _, area := range finding.Areas() {
		if areaDatasets()[area]&of(name) != 0 {
			areas = append(areas, area)
		}
	}
	judges := func(control finding.Control) bool {
		return c.ranInBoth(control.ID) && slices.Contains(control.Requires, name)
	}
	if slices.ContainsFunc(c.old.doc.Controls, judges) || slices.ContainsFunc(c.new.doc.Controls, judges) {
		areas = append(areas, areaFindings)
	}
	return areas
}

// notCompared names what hides differences: datasets that were not read in full, in general or of single
// applications; tables that an older report lacks; controls that were not run.
func (c *comparison) notCompared() []finding.NotCompared {
	var rows []finding.NotCompared
	for _, name := range snapshot.Names() {
		areas := c.areasOf(name)
		old, new := c.old.status(name), c.new.status(name)
		unasked := func(status string) bool { return status == "" || status == statusSkipped }
		files := of(snapshot.DataConnectRegister, snapshot.Manifests)
		if old == "" && new == "" || files&of(name) != 0 && unasked(old) && unasked(new) {
			continue // neither report knows of it, or they are files that operators may keep, and these do not
		}
		row := finding.NotCompared{Dataset: name, Areas: areas, Old: old, New: new}
		switch missing := of(name); {
		case old != statusCollected || new != statusCollected:
			if len(areas) == 0 { // what belongs to no other area is there to judge by
				row.Areas = []string{areaFindings}
			}
			row.Reason = reasons(c.old.whyNot(name), c.new.whyNot(name))
			if (c.old.sound&c.new.sound)&of(name) != 0 {
				row.Reason += "; of the other rows nothing is missing"
			}
		case c.withheldOf(missing) != nil:
			row.Areas = c.withheldOf(missing)
			row.Reason = fmt.Sprintf("events are known from %s in the old report, from %s in the new one",
				cmp.Or(c.old.coverage[name].From, "an unknown instant"), cmp.Or(c.new.coverage[name].From, "an unknown instant"))
		case len(areas) > 0 && c.old.gapCounts[name]+c.new.gapCounts[name] > 0:
			row.Reason = reasons(c.old.gapText(name), c.new.gapText(name))
		default:
			continue
		}
		rows = append(rows, row)
	}
	if c.stubs > 0 {
		rows = append(rows, finding.NotCompared{
			Dataset: snapshot.ApplicationOwners, Areas: []string{areaOwners}, Old: c.old.status(snapshot.ApplicationOwners),
			New: c.new.status(snapshot.ApplicationOwners), Reason: fmt.Sprintf("of %s owners go by name on one side and by id on the other", counted(c.stubs, "application")),
		})
	}
	return slices.Concat(rows, c.notListed(), c.tablesMissing(), c.notRun())
}

// status of a dataset; "" when the report does not know it.
func (s *side) status(name string) string { return s.coverage[name].Status }

// whyNot is the reason why a dataset was not read in full.
func (s *side) whyNot(name string) string {
	if row := s.coverage[name]; row.Status != statusCollected {
		return row.Reason
	}
	return ""
}

// gapText says of how many subjects a dataset that was read in full lacks something.
func (s *side) gapText(name string) string {
	if s.gapCounts[name] == 0 {
		return ""
	}
	return fmt.Sprintf("%s not read in full: %s", counted(s.gapCounts[name], "subject"), s.gapReasons[name])
}

// reasons joins what is to say of the two sides.
func reasons(old, new string) string {
	switch {
	case old == new:
		return old
	case old == "":
		return "new: " + new
	case new == "":
		return "old: " + old
	}
	return "old: " + old + "; new: " + new
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// withheldOf are the areas in which a row was not told for lack of a dataset.
func (c *comparison) withheldOf(dataset mask) []string {
	var areas []string
	for _, area := range finding.Areas() {
		if c.withheld[area]&dataset != 0 {
			areas = append(areas, area)
		}
	}
	return areas
}

// tablesMissing names the tables that an older report lacks.
func (c *comparison) tablesMissing() []finding.NotCompared {
	old, new := c.old.doc.Has(finding.Credentials), c.new.doc.Has(finding.Credentials)
	if old && new {
		return nil
	}
	state := func(there bool, s *side) string {
		if there {
			return "there"
		}
		return "not in a report of schema version " + s.doc.SchemaVersion
	}
	return []finding.NotCompared{{
		Dataset: "table of credentials", Areas: []string{areaCredentials}, Old: state(old, c.old), New: state(new, c.new),
		Reason: "judge the older snapshot again to compare it",
	}}
}

// causes says why findings differ between two reports of the same facts; "" when the facts are not the same.
func causes(old, new *finding.Report) string {
	if old.Snapshot.SHA256 == "" || old.Snapshot.SHA256 != new.Snapshot.SHA256 {
		return ""
	}
	var because []string
	if !old.AsOf.Equal(new.AsOf) {
		because = append(because, "time")
	}
	if settings(old) != settings(new) {
		because = append(because, "configuration")
	}
	if old.Tool.Version != new.Tool.Version {
		because = append(because, "tool version")
	}
	return strings.Join(because, ", ")
}

// settings is what the configuration says that findings depend on.
func settings(r *finding.Report) string {
	var out strings.Builder
	for _, values := range []map[string]any{r.Thresholds, r.Choices} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			fmt.Fprintln(&out, name, values[name])
		}
	}
	for _, d := range r.Declared.List() {
		fmt.Fprintln(&out, d)
	}
	for _, control := range r.Controls {
		fmt.Fprintln(&out, control.ID, control.Severity, control.Disabled)
	}
	return out.String()
}

// notedNames is how many names a note holds.
const notedNames = 10

// notes say how to read the differences.
func (c *comparison) notes() []string {
	var notes []string
	old, new := &c.old.doc.Report, &c.new.doc.Report
	if old.AsOf.After(new.AsOf) {
		notes = append(notes, fmt.Sprintf("the old side is as of %s, which is later than the new one: they may have been swapped", old.AsOf.UTC().Format(time.RFC3339)))
	}
	findings := slices.ContainsFunc(c.result.Totals, func(t Total) bool { return t.Area == areaFindings })
	switch {
	case findings && c.because != "":
		notes = append(notes, "both sides are of the same facts: findings differ because of "+c.because)
	case findings && settings(old) != settings(new):
		notes = append(notes, "thresholds, choices, declarations or controls differ between the sides: findings may differ because of that")
	}
	if lapsed := c.new.lapsed; len(lapsed) > 0 {
		slices.Sort(lapsed)
		names := strings.Join(lapsed[:min(len(lapsed), notedNames)], ", ")
		if more := len(lapsed) - notedNames; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		notes = append(notes, counted(len(lapsed), "approval")+" expired between the two instants, which is no change of facts: "+names)
	}
	return append(notes, c.consentNotes()...)
}

// consentNotes say how far it is known who granted what, where anything about permissions differs.
func (c *comparison) consentNotes() []string {
	if !slices.ContainsFunc(c.result.Totals, func(t Total) bool { return t.Area == areaPermissions }) {
		return nil
	}
	row := c.new.coverage[snapshot.ConsentEvents]
	since := c.old.doc.AsOf.UTC().Format(time.RFC3339)
	switch {
	case !c.new.doc.Has(finding.Consents):
		return []string{"who granted what, and when, is not known: the new report has no table of consents"}
	case c.new.read&of(snapshot.ConsentEvents) == 0:
		return []string{"who granted what, and when, is not known: " + strings.Join(nonEmpty(snapshot.ConsentEvents+" is "+cmp.Or(row.Status, "not in the report"), row.Reason), ": ")}
	case row.From != "" && row.From > since:
		return []string{"who granted what is known only from " + row.From + " on: consent events do not go back further"}
	case row.Status != statusCollected:
		return []string{"who granted what may not be known: " + snapshot.ConsentEvents + " is " + row.Status + ": " + row.Reason}
	}
	return nil
}

func nonEmpty(words ...string) []string {
	return slices.DeleteFunc(words, func(word string) bool { return word == "" })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
