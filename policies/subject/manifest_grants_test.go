package subject

import (
	"slices"
	"strings"
	"testing"

	"leastwise/collector/snapshot"
)

const mailGrant = `[{"resourceId":"sg","permissionId":"` + mailRole + `","kind":"application","consent":"admin","line":9}]`

// What the file grants stands, and what the tenant could not tell of the rest is a gap.
func TestDefinedWhereTheTenantCannotTell(t *testing.T) {
	for _, c := range []struct {
		name   string
		denied []snapshot.Name
		row    string
		grants int // -1: not known
		gap    bool
	}{
		{"of one that is there, granted more", []snapshot.Name{snapshot.AppRoleAssignments}, `"appId":"app1","grants":` + mailGrant, 1, true},
		{"of one that is there", []snapshot.Name{snapshot.AppRoleAssignments}, `"appId":"app1"`, -1, true},
		{"of one that may be there", []snapshot.Name{snapshot.Applications}, `"name":"New"`, -1, true},
		{"of one that is not", []snapshot.Name{snapshot.AppRoleAssignments}, `"name":"New"`, 0, false},
		{"of one that is made", []snapshot.Name{snapshot.Applications}, `"action":"create","name":"New"`, 0, false},
		{"of a principal that may be there", []snapshot.Name{snapshot.ServicePrincipals}, `"part":true,"principalId":"x","name":"P","grants":` + mailGrant, 1, true},
		{"where nothing was asked", nil, `"name":"New"`, 0, false},
	} {
		live := tenantWithOne()
		live.status = map[snapshot.Name]snapshot.Status{}
		for _, name := range c.denied {
			live.status[name] = snapshot.Denied
			delete(live.rows, name)
		}
		list, _ := applicationsOf(t, live, `{`+defining+`,`+c.row+`}`)
		app := list[0].Value.(*Application)
		gap := slices.ContainsFunc(list[0].Incomplete, func(g Gap) bool { return g.Field == "grants" })
		if got := len(app.Grants); got != max(0, c.grants) || (app.Grants == nil) != (c.grants < 0) || gap != c.gap {
			t.Errorf("%s: got %+v, gap %v", c.name, app.Grants, list[0].Incomplete)
		}
	}
}

// One user's consent goes, and that of the others stays.
func TestOneUsersConsent(t *testing.T) {
	of := func(users ...string) Grant {
		return Grant{Key: "k", Consent: "user", Users: len(users), UserIDs: users}
	}
	for _, c := range []struct {
		name  string
		have  []Grant
		gone  Grant
		users []string // nil: the grant is gone
	}{
		{"of two", []Grant{of("a", "b")}, of("a"), []string{"b"}},
		{"the last", []Grant{of("a")}, of("a"), nil},
		{"of somebody else", []Grant{of("b")}, of("a"), []string{"b"}},
		{"of nobody known", []Grant{of("b")}, of(), []string{"b"}},
		{"of an administrator", []Grant{{Key: "k", Consent: "admin", Users: 3}, of("b")}, of("b"), nil},
	} {
		left := withoutGrant(c.have, c.gone)
		i := slices.IndexFunc(left, func(g Grant) bool { return g.Consent == "user" })
		if (i < 0) != (c.users == nil) || i >= 0 && (!slices.Equal(left[i].UserIDs, c.users) || left[i].Users != len(c.users)) {
			t.Errorf("%s: got %+v", c.name, left)
		}
	}
	all := withGrant([]Grant{of("b")}, of("a"))
	if all = withGrant(all, of("b")); len(all) != 1 || all[0].Users != 2 || !slices.Equal(all[0].UserIDs, []string{"a", "b"}) {
		t.Errorf("got %+v", all)
	}
	if gone := withoutGrant([]Grant{{Key: "k", Consent: "admin"}}, Grant{Key: "k", Consent: "admin"}); len(gone) != 0 {
		t.Errorf("got %+v", gone)
	}
}

// Terraform makes another application whatever the name; other files mean the one that has it.
func TestDefinedAnew(t *testing.T) {
	entra := strings.Replace(defining, `"format":"terraform"`, `"format":"entra"`, 1)
	_, changes := applicationsOf(t, tenantWithOne(), `{`+entra+`,"name":"One","action":"create"}`)
	if len(changes) > 0 && changes[0].Action == "new" {
		t.Errorf("got %+v, want the one of that name", changes)
	}
	list, changes := applicationsOf(t, tenantWithOne(), `{`+defining+`,"name":"One","action":"create",`+requested(mailRole, "application")+`}`)
	if len(changes) != 1 || changes[0].Action != "new" || len(changes[0].Requested) != 1 || len(list[0].Value.(*Application).Grants) != 0 {
		t.Errorf("got %+v, %+v", changes, list[0].Value)
	}
}

// What is no longer requested may be granted all the same, and what is requested still may be revoked.
func TestWhatIsDropped(t *testing.T) {
	held := assigned("g1", "s1", "ServicePrincipal", "sg", mailRole)
	const revoked = `,"revoked":[{"resourceId":"sg","permissionId":"` + mailRole + `","kind":"application","consent":"admin"}]`
	for _, c := range []struct {
		name, row string
		granted   bool // before
		denied    bool // it could not be read
		ends      string
		still     bool
	}{
		{"no longer requested, and never granted", `"appId":"app1","requests":[]`, false, false, "requested", false},
		{"no longer requested, and granted", `"appId":"app1","requests":[]`, true, false, "requested", true},
		{"no longer requested, and revoked", `"appId":"app1","requests":[]` + revoked, true, false, "both", false},
		{"requested, and revoked", `"appId":"app1"` + revoked, true, false, "granted", false},
		{"no longer requested, and who knows", `"appId":"app1","requests":[]`, false, true, "requested", false},
		{"the application goes", `"appId":"app1","action":"delete"`, true, false, "both", false},
	} {
		live := tenantWithOne()
		live.rows[snapshot.AppRoleAssignments] = nil
		if c.granted {
			live.rows[snapshot.AppRoleAssignments] = []string{held}
		}
		if c.denied {
			live.status = map[snapshot.Name]snapshot.Status{snapshot.AppRoleAssignments: snapshot.Denied}
			delete(live.rows, snapshot.AppRoleAssignments)
		}
		_, changes := applicationsOf(t, live, `{`+defining+`,`+c.row+`}`)
		if len(changes) != 1 || len(changes[0].Dropped) != 1 || changes[0].Dropped[0].Ends != c.ends || changes[0].Dropped[0].StillGranted != c.still {
			t.Errorf("%s: got %+v", c.name, changes)
		}
	}
}

// What a file defines has a registration; of a part of one that is not met, nobody knows.
func TestDefinedIsRegistered(t *testing.T) {
	for row, want := range map[string]string{
		`"name":"New"`:                                  "true",
		`"appId":"app1","part":true`:                    "true",
		`"appId":"x","part":true`:                       "absent",
		`"appId":"x","part":true,"origin":"foreign"`:    "absent",
		`"principalId":"x","name":"P","part":true`:      "absent",
		`"name":"Other's","origin":"foreign"`:           "absent",
		`"name":"Made","action":"create","appId":"new"`: "true",
	} {
		list, _ := applicationsOf(t, tenantWithOne(), `{`+defining+`,`+row+`}`)
		app := list[0].Value.(*Application)
		if got := tri(app.Registered); got != want || slices.Contains(list[0].Blank, "registered") != (want == "absent") {
			t.Errorf("%s: got %s, blank %v", row, got, list[0].Blank)
		}
	}
}
