package subject

import (
	"slices"
	"testing"

	"leastwise/collector/snapshot"
)

func TestOwners(t *testing.T) {
	yes, no := true, false
	anna := `,"@odata.type":"#microsoft.graph.user","displayName":"Anna","userPrincipalName":"Anna@x","userType":"Member","accountEnabled":true}`
	stub := `,"@odata.type":"#microsoft.graph.user","displayName":null}`
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:      {`{"id":"APP","appId":"a"}`, `{"id":"bare","appId":"b"}`},
		snapshot.ServicePrincipals: {`{"id":"SP","appId":"a"}`, `{"id":"sp2","appId":"c"}`},
		snapshot.ApplicationOwners: {
			`{"objectId":"app","ownerId":"ANNA"` + anna, `{"objectId":"App","ownerId":"stub"` + stub,
			`{"objectId":"app","ownerId":"later"` + stub,
			`{"objectId":"app","ownerId":"guest","@odata.type":"#microsoft.graph.user","displayName":"G","userType":"Guest","accountEnabled":false}`,
			`{"objectId":"app","ownerId":"other","@odata.type":"#microsoft.graph.servicePrincipal","displayName":"Robot"}`,
			`{"objectId":"app","ownerId":"odd","@odata.type":"#microsoft.graph.device"}`,
		},
		snapshot.ServicePrincipalOwners: {
			`{"objectId":"sp","ownerId":"anna"` + anna, `{"objectId":"sp","ownerId":"later"` + anna, `{"objectId":"sp2","ownerId":"x"` + stub,
		},
	}, status: rolesDenied()}
	apps := f.applications(t)
	both := []string{"application", "service_principal"}
	same(t, "owners of both sides", []Owner{
		{ID: "anna", Type: "user", Name: "Anna", UPN: "Anna@x", UserType: "member", Enabled: &yes, Readable: true, Of: both},
		{ID: "guest", Type: "user", Name: "G", UserType: "guest", Enabled: &no, Readable: true, Of: []string{"application"}},
		{ID: "later", Type: "user", Name: "Anna", UPN: "Anna@x", UserType: "member", Enabled: &yes, Readable: true, Of: both},
		{ID: "odd", Type: "device", Of: []string{"application"}},
		{ID: "other", Type: "service_principal", Name: "Robot", Readable: true, Of: []string{"application"}},
		{ID: "stub", Type: "user", Of: []string{"application"}},
	}, apps["a"].Owners)
	if owners := apps["b"].Owners; owners == nil || len(owners) > 0 {
		t.Errorf("got %#v, want an empty list of owners", owners)
	}
	same(t, "owners of a service principal", []Owner{{ID: "x", Type: "user", Of: []string{"service_principal"}}}, apps["c"].Owners)
}

// Two different rows of one owner are one owner, and a gap.
func TestOwnerOfTwoRows(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:      {`{"id":"app","appId":"a"}`, `{"id":"app2","appId":"b"}`},
		snapshot.ApplicationOwners: {`{"objectId":"app","ownerId":"x","displayName":"A"}`, `{"objectId":"app","ownerId":"x","displayName":"B"}`},
	}, status: rolesDenied()}
	apps := f.applications(t)
	same(t, "owners", []Owner{{ID: "x", Name: "A", Readable: true, Of: []string{"application"}}}, apps["a"].Owners)
	if !slices.Contains(gapsOf(apps["a"].Incomplete), snapshot.ApplicationOwners) || slices.Contains(gapsOf(apps["b"].Incomplete), snapshot.ApplicationOwners) {
		t.Errorf("got gaps %v and %v, want one of the first application", apps["a"].Incomplete, apps["b"].Incomplete)
	}
}

func TestRowGapsAreTiedToTheirSubject(t *testing.T) {
	rows := map[snapshot.Name][]string{
		snapshot.Applications:               {`{"id":"App-1","appId":"a","passwordCredentials":[],"keyCredentials":[]}`, `{"id":"app-2","appId":"b","passwordCredentials":[],"keyCredentials":[]}`},
		snapshot.ServicePrincipals:          {`{"id":"Sp-1","appId":"a","passwordCredentials":[],"keyCredentials":[]}`, `{"id":"sp-2","appId":"b","passwordCredentials":[],"keyCredentials":[]}`},
		snapshot.ApplicationOwners:          {`{"objectId":"App-1","ownerId":"Anna"}`, `{"objectId":"app-2","ownerId":"Anna"}`},
		snapshot.ServicePrincipalOwners:     {`{"objectId":"Sp-1","ownerId":"Anna"}`, `{"objectId":"sp-2","ownerId":"Anna"}`},
		snapshot.AppRoleAssignments:         {assigned("Assign-1", "sp-1", "ServicePrincipal", "r", "x"), assigned("assign-2", "sp-2", "ServicePrincipal", "r", "x")},
		snapshot.DelegatedGrants:            {`{"id":"Grant-1","clientId":"SP-1","consentType":"AllPrincipals","resourceId":"r","scope":"x"}`, `{"id":"grant-2","clientId":"sp-2","consentType":"AllPrincipals","resourceId":"r","scope":"x"}`},
		snapshot.ContainerTypes:             {`{"id":"a","owningAppId":"a"}`, `{"id":"b","owningAppId":"b"}`},
		snapshot.ContainerTypeRegistrations: {`{"id":"A","owningAppId":"a"}`, `{"id":"b","owningAppId":"b"}`},
		snapshot.ContainerTypeGrants:        {`{"containerTypeId":"a","appId":"X"}`, `{"containerTypeId":"b","appId":"X"}`},
		snapshot.DataConnectEvents:          {`{"id":"Event-1","kind":"consent","appId":"a","appTenantId":"t","at":"2026-01-01T00:00:00Z"}`, `{"id":"event-2","kind":"consent","appId":"b","appTenantId":"t","at":"2026-01-01T00:00:00Z"}`, `{"id":"Run-1","kind":"operation","appId":"a"}`},
		snapshot.DataConnectRegister:        {`{"tenantId":"t","appId":"A"}`, `{"tenantId":"t","appId":"b"}`},
	}
	cases := []struct {
		dataset snapshot.Name
		row     string
		kind    Kind
	}{
		{snapshot.Applications, "App-1", KindApplication},
		{snapshot.ServicePrincipals, "Sp-1", KindApplication},
		{snapshot.ApplicationOwners, "App-1/Anna", KindApplication},
		{snapshot.ApplicationOwners, "App-1", KindApplication}, // the list as a whole
		{snapshot.ApplicationOwners, "app-1", KindApplication},
		{snapshot.ServicePrincipalOwners, "Sp-1/Anna", KindApplication},
		{snapshot.ServicePrincipalOwners, "sp-1", KindApplication},
		{snapshot.AppRoleAssignments, "Assign-1", KindApplication},
		{snapshot.DelegatedGrants, "Grant-1", KindApplication},
		{snapshot.ContainerTypes, "a", KindContainerType},
		{snapshot.ContainerTypeRegistrations, "A", KindContainerType},
		{snapshot.ContainerTypeGrants, "a/X", KindContainerType},
		{snapshot.DataConnectEvents, "Event-1", KindDataConnectApp},
		{snapshot.DataConnectEvents, "Run-1", KindDataConnectApp},
		{snapshot.DataConnectRegister, "t/A", KindDataConnectApp},
	}
	for _, c := range cases {
		t.Run(c.dataset+" "+c.row, func(t *testing.T) {
			for _, field := range []string{"", "/createdDateTime"} {
				f := facts{meta: since2019(), rows: rows, gaps: map[snapshot.Name][]snapshot.Gap{c.dataset: {{Row: c.row, Field: field, Reason: "damaged"}}}}
				list := documents(t, f.open(t), c.kind)
				first, second := list[0].Incomplete, list[1].Incomplete
				if slices.Contains(first, Gap{Dataset: c.dataset, Reason: "damaged"}) != (field == "") || len(second) > 0 {
					t.Errorf("field %q: got gaps %v and %v, want one of the first subject if it is not of a member", field, first, second)
				}
			}
		})
	}
}

// A person is in a group or not where everybody in it was read, and may be in any other.
func TestRolesOfOwnersThroughGroups(t *testing.T) {
	held := func(via, group string) []RoleHold { return []RoleHold{{globalAdmin, "", via, "/", group}} }
	for _, c := range []struct {
		name string
		rows []string
		gaps []snapshot.Gap
		want []RoleHold
	}{
		{"in a group", []string{holds("1", "active", "g", "group", globalAdmin, peopleRead), holds("1/a", "active", "ANNA", "user", globalAdmin, through("G"))}, nil, held("assigned", "g")},
		{"eligible in a group", []string{holds("1", "eligible", "g", "group", globalAdmin, peopleRead), holds("1/a", "eligible", "anna", "user", globalAdmin, through("g"))}, nil, held("eligible", "g")},
		{"not in the group", []string{holds("1", "active", "g", "group", globalAdmin, peopleRead), holds("1/b", "active", "ben", "user", globalAdmin, through("g"))}, nil, []RoleHold{}},
		{"in no group that has people", []string{holds("1", "active", "g", "group", globalAdmin, peopleRead)}, nil, []RoleHold{}},
		{"people not read", []string{holds("1", "active", "g", "group", globalAdmin)}, nil, held("group", "")},
		{
			"people not read, but seen in it",
			[]string{holds("1", "active", "g", "group", globalAdmin), holds("1/a", "active", "anna", "user", globalAdmin, through("g"))},
			nil,
			append(held("assigned", "g"), held("group", "")...),
		},
		{"said not to be read", []string{holds("1", "active", "g", "group", globalAdmin, `,"usersRead":false`)}, nil, held("group", "")},
		{"assignment in doubt", []string{holds("1", "active", "g", "group", globalAdmin, peopleRead)}, []snapshot.Gap{{Row: "1", Reason: "people in group g: denied"}}, held("group", "")},
		{
			"types not asked for",
			[]string{holds("1", "active", "g", "", globalAdmin), holds("2", "active", "anna", "", reader)},
			nil,
			[]RoleHold{{globalAdmin, "", "group", "/", ""}, {reader, "", "assigned", "/", ""}, {reader, "", "group", "/", ""}},
		},
		{
			"a principal that is gone",
			[]string{holds("1", "active", "g", "", globalAdmin), holds("2", "active", "anna", "user", reader)},
			nil,
			[]RoleHold{{reader, "", "assigned", "/", ""}},
		},
		{"type of an expanded principal", []string{holds("1", "active", "g", "", globalAdmin, `,"principal":{"@odata.type":"#microsoft.graph.group"}`)}, nil, held("group", "")},
		{"a person, expanded", []string{holds("1", "active", "ben", "", globalAdmin, `,"principal":{"@odata.type":"#microsoft.graph.user"}`)}, nil, []RoleHold{}},
		{"one group read, another not", []string{holds("1", "active", "g", "group", reader, peopleRead), holds("2", "active", "h", "group", globalAdmin)}, nil, held("group", "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := ownedByAnna(c.rows)
			f.gaps = map[snapshot.Name][]snapshot.Gap{snapshot.DirectoryRoleAssignments: c.gaps}
			same(t, "roles", c.want, f.applications(t)["a"].Owners[0].Roles)
		})
	}
}

// A role that was missed makes an owner look as if there was none.
func TestRolesOfOwnersMayBeMissing(t *testing.T) {
	holding := holds("1", "active", "anna", "user", globalAdmin)
	if roles := ownedByAnna([]string{holding}).applications(t)["a"].Owners[0].Roles; len(roles) != 1 {
		t.Fatalf("got %v, want one role", roles)
	}
	broken := ownedByAnna([]string{holding})
	broken.meta = map[snapshot.Name]snapshot.Dataset{snapshot.DirectoryRoleAssignments: {Status: snapshot.Partial, Reason: "eligible assignments: HTTP 403"}}
	nameless := ownedByAnna([]string{holding, holds("2", "active", "", "user", globalAdmin)})
	for name, f := range map[string]facts{"a list that broke off": broken, "an assignment of nobody": nameless} {
		if roles := f.applications(t)["a"].Owners[0].Roles; roles != nil {
			t.Errorf("%s: got %v, want nothing", name, roles)
		}
	}
}

func ownedByAnna(assignments []string) facts {
	return facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:             {`{"id":"app","appId":"a"}`},
		snapshot.ApplicationOwners:        {`{"objectId":"app","ownerId":"Anna","@odata.type":"#microsoft.graph.user"}`},
		snapshot.DirectoryRoleAssignments: assignments,
	}}
}

func rolesDenied() map[snapshot.Name]snapshot.Status {
	return map[snapshot.Name]snapshot.Status{snapshot.DirectoryRoleAssignments: snapshot.Denied}
}
