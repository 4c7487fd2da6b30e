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
	}}
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
	}}
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
