package sharepoint_test

import (
	"testing"

	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

func TestGrantsAreComparedRegistrationByRegistration(t *testing.T) {
	grant := func(app string) string { return `{"appId":"` + app + `","applicationPermissions":["full"]}` }
	row := func(container, app string) string {
		return `{"appId":"` + app + `","applicationPermissions":["full"],"containerTypeId":"` + container + `"}`
	}
	inline := func(rows string) string { return `,"applicationPermissionGrants":[` + rows + `]` }
	against := func(want, got int) *snapshot.Reconciled {
		return &snapshot.Reconciled{Against: "the grants in the listing of registrations", Want: want, Got: got}
	}
	for _, c := range []struct {
		name       string
		ofA, ofB   string // members of the registrations; asked, A has a1, B none
		rows       []string
		reason     string
		reconciled *snapshot.Reconciled
	}{
		{"the same", inline(grant("a1")), inline(""), []string{row(typeA, "a1")}, "", against(1, 1)},
		{"nothing listed", "", `,"applicationPermissionGrants":null`, []string{row(typeA, "a1")}, "", nil},
		{
			"an empty list is a list", inline(""), "",
			[]string{row(typeA, "a1")},
			"registration " + typeA + " was listed with 0 grants, and asked for them it has 1, or others", nil,
		},
		{
			"more were listed", inline(grant("a1") + "," + grant("a2") + "," + grant("a2")), "",
			[]string{row(typeA, "a1"), row(typeA, "a2")},
			"registration " + typeA + " was listed with 2 grants, and asked for them it has 1, or others", nil,
		},
		{
			"others were listed", inline(grant("A1")), inline(grant("b1")),
			[]string{row(typeA, "a1"), row(typeB, "b1")},
			"registration " + typeB + " was listed with 1 grants, and asked for them it has 0, or others", against(2, 2),
		},
		{"there are more", inline("") + `,"applicationPermissionGrants@odata.nextLink":"x"`, inline(""), []string{row(typeA, "a1")}, "", nil},
		{
			"there are more, and others", inline(grant("a2")) + `,"applicationPermissionGrants@odata.nextLink":"x"`, inline(""),
			[]string{row(typeA, "a1"), row(typeA, "a2")},
			"registration " + typeA + " was listed with 1 grants, and asked for them it has 1, or others", nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t).On(registrations, fakegraph.Value(`{"id":"`+typeA+`"`+c.ofA+`}`, `{"id":"`+typeB+`"`+c.ofB+`}`))
			g.On(grants(typeA), fakegraph.Value(grant("a1"))).On(grants(typeB), fakegraph.Value())
			s := collect(t, g, user(everyScope, member, embedded), 0)
			status := snapshot.Collected
			if c.reason != "" {
				status = snapshot.Partial
			}
			d := expect(t, s, snapshot.ContainerTypeGrants, status, len(c.rows))
			sameRows(t, s, snapshot.ContainerTypeGrants, c.rows...)
			if d.Reason != c.reason || d.Confined || len(d.Gaps) != 0 {
				t.Errorf("got %+v, want reason %q", d, c.reason)
			}
			if got, want := d.Reconciled, c.reconciled; (got == nil) != (want == nil) || got != nil && *got != *want {
				t.Errorf("reconciled %+v, want %+v", got, want)
			}
		})
	}
}
