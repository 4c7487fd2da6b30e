package folder

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

// export is what Get-SPOApplication told, by the lower-cased id of the owning
// application.
type export map[string]*exportedOwner

// exportedOwner is what was told of one owning application.
type exportedOwner struct {
	file   string
	line   int
	listed map[string]bool // guests by id
	whole  bool            // the guests were listed
	told   map[string]bool // guests of which permissions were given
}

func (e export) owner(id, file string, line int) *exportedOwner {
	if e[id] == nil {
		e[id] = &exportedOwner{file: file, line: line, listed: map[string]bool{}, told: map[string]bool{}}
	}
	return e[id]
}

// grant is one row of container_type_grants in the making.
type grant struct {
	file                      string
	line                      int
	containerType, owner, app string
	appOnly, delegated        list
}

// exported takes one record of Get-SPOApplication, or of a table.
func (d *reading) exported(r record, file string, line int) error {
	g := grant{
		file: file, line: line, containerType: r.first(typeColumns).id(), owner: r.first(ownerColumns).id(),
		app: r.first(guestColumns).id(), appOnly: r.first(appOnlyColumns).permissions(), delegated: r.first(delegatedColumns).permissions(),
	}
	if g.owner != "" && d.export == nil {
		d.export = export{}
	}
	if g.owner != "" {
		owner := d.export.owner(g.owner, file, line)
		guests := r.first(guestsColumns).list()
		for _, guest := range guests.words {
			if id := (value{text: guest}).id(); id != "" {
				owner.listed[id] = true
			}
		}
		owner.whole = owner.whole || guests.told && guests.doubt == ""
		if guests.doubt != "" {
			d.problem(file, line, "Applications of %s: %s", g.owner, guests.doubt)
		}
		if g.app != "" {
			owner.told[g.app] = true
		}
	}
	says := g.app != "" || len(g.appOnly.words)+len(g.delegated.words) > 0
	switch {
	case says:
		return d.grant(g)
	case g.owner == "":
		d.problem(file, line, "the record names no application")
	}
	return nil
}

// grant stores a grant. The cmdlet knows the owning application and not the
// container type, which then comes from the container types of the same folder; a
// row without it belongs to nothing, and the snapshot says so.
func (d *reading) grant(g grant) error {
	id := cmp.Or(g.containerType, d.typeOf(g.owner))
	if id == "" {
		d.problem(g.file, g.line, "the container type that application %s owns is not known; hint: save container_type_registrations.json too", cmp.Or(g.owner, "(not named)"))
	}
	row := map[string]any{}
	for member, value := range map[string]string{"containerTypeId": id, "owningAppId": g.owner, "appId": g.app} {
		if value != "" {
			row[member] = value
		}
	}
	if g.appOnly.told {
		row["applicationPermissions"] = g.appOnly.words
	}
	if g.delegated.told {
		row["delegatedPermissions"] = g.delegated.words
	}
	if !g.appOnly.told && g.appOnly.doubt == "" {
		g.appOnly.doubt = "the output does not tell; hint: run Get-SPOApplication -OwningApplicationId " + g.owner + " -ApplicationId " + g.app
	}
	if id != "" && g.app != "" { // else the whole dataset is in doubt
		d.doubt(snapshot.RowID(id, g.app), "/applicationPermissions", g.appOnly.doubt)
		d.doubt(snapshot.RowID(id, g.app), "/delegatedPermissions", g.delegated.doubt)
	}
	return d.add(g.file, saved.Row{JSON: encoded(row, nil), Line: g.line})
}

func (d *reading) doubt(row, field, reason string) {
	if reason != "" {
		d.rows.AddGap(snapshot.Gap{Row: row, Field: field, Reason: reason})
	}
}

// exportedRest adds the guests of which the permissions were not exported, and says
// of which owning applications nothing was.
func (d *reading) exportedRest() error {
	for _, id := range slices.Sorted(maps.Keys(d.export)) {
		owner := d.export[id]
		for _, guest := range slices.Sorted(maps.Keys(owner.listed)) {
			if owner.told[guest] {
				continue
			}
			if err := d.grant(grant{file: owner.file, line: owner.line, owner: id, app: guest}); err != nil {
				return err
			}
		}
		if !owner.whole && len(owner.told) == 0 {
			d.problem(owner.file, owner.line, "the guests of application %s were not exported; hint: run Get-SPOApplication -OwningApplicationId %s", id, id)
		}
	}
	from := snapshot.ContainerTypeRegistrations
	if registrations, ok := d.w.Has(from); !ok || !registrations.Status.Readable() {
		from = snapshot.ContainerTypes
	}
	if types, ok := d.w.Has(from); ok && types.Status.Readable() && !types.Whole() {
		d.rows.Fault("owning applications may be missing, because " + from + " is partial: " + types.Reason)
	}
	for _, owner := range slices.Sorted(maps.Keys(d.types[from])) {
		granted := slices.ContainsFunc(d.types[from].of(owner), func(id string) bool { return d.granted[strings.ToLower(id)] })
		if d.export[owner] == nil && !granted {
			d.rows.Fault("of application " + owner + ", which owns a container type, nothing was exported; hint: run Get-SPOApplication -OwningApplicationId " + owner)
		}
	}
	return nil
}
