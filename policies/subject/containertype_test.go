package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

func containerTypes(t *testing.T, f facts) map[string]*ContainerType {
	t.Helper()
	j := f.open(t)
	documents(t, j, KindApplication)
	types := map[string]*ContainerType{}
	for _, document := range documents(t, j, KindContainerType) {
		types[document.ID] = document.Value.(*ContainerType)
	}
	return types
}

func TestContainerTypesAreMerged(t *testing.T) {
	ten, five, left := 10, 5, 30
	got := containerTypes(t, facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:      {`{"id":"1","appId":"owner","displayName":"Owner"}`},
		snapshot.ServicePrincipals: {`{"id":"2","appId":"guest","displayName":"Guest"}`},
		snapshot.ContainerTypes: {
			`{"id":"T1","name":"Files","owningAppId":"OWNER","billingClassification":"Standard","createdDateTime":"2026-11-10T12:00:00Z","expirationDateTime":null}`,
			`{"id":"t4","name":"Trial","owningAppId":"owner","billingClassification":"trial","expirationDateTime":"2026-12-20T12:00:00Z"}`,
			`{"id":"t5","owningAppId":"owner","billingClassification":"directToCustomer","expirationDateTime":"0001-01-01T00:00:00Z"}`,
			`{"id":"t6","owningAppId":"owner","billingClassification":"SomethingNew","createdDateTime":"01/20/2025","expirationDateTime":"01/20/2025"}`,
		},
		snapshot.ContainerTypeRegistrations: {
			`{"id":"t1","name":"Files (registered)","owningAppId":"owner","registeredDateTime":"2026-11-15T12:00:00Z"}`,
			`{"id":"t2","name":"Foreign","owningAppId":"guest","registredDateTime":"2026-11-15T12:00:00.1234567Z"}`,
		},
		snapshot.ContainerTypeGrants: {
			`{"containerTypeId":"T1","appId":"GUEST","applicationPermissions":["FULL","none","readcontent","full","brandNew","deleteownpermission"],"delegatedPermissions":[]}`,
			`{"containerTypeId":"t1","appId":"owner","applicationPermissions":["none"]}`,
			`{"containerTypeId":"t1","appId":"stranger","applicationPermissions":null,"delegatedPermissions":["ManagePermissions"]}`,
			`{"containerTypeId":"t3","appId":"guest","applicationPermissions":["read"],"delegatedPermissions":[]}`,
		},
	}})
	four := 4
	want := map[string]*ContainerType{
		"t1": {
			Kind: KindContainerType, ID: "t1", DisplayName: "Files", OwningAppID: "owner", OwningAppName: "Owner", Billing: "standard",
			CreatedAt: "2026-11-10T12:00:00Z", AgeDays: &ten, Registered: true, RegisteredAt: "2026-11-15T12:00:00Z", RegisteredDays: &five,
			Grants: []ContainerTypeGrant{
				{AppID: "guest", AppName: "Guest", ApplicationPermissions: []string{"brandNew", "deleteOwnPermission", "full", "readContent"}, DelegatedPermissions: []string{}},
				{AppID: "owner", AppName: "Owner", ApplicationPermissions: []string{}},
				{AppID: "stranger", DelegatedPermissions: []string{"managePermissions"}},
			},
		},
		"t2": {
			Kind: KindContainerType, ID: "t2", DisplayName: "Foreign", OwningAppID: "guest", OwningAppName: "Guest",
			Registered: true, RegisteredAt: "2026-11-15T12:00:00.1234567Z", RegisteredDays: &four, Grants: []ContainerTypeGrant{},
		},
		"t3": {Kind: KindContainerType, ID: "t3", Grants: []ContainerTypeGrant{{AppID: "guest", AppName: "Guest", ApplicationPermissions: []string{"read"}, DelegatedPermissions: []string{}}}},
		"t4": {Kind: KindContainerType, ID: "t4", DisplayName: "Trial", OwningAppID: "owner", OwningAppName: "Owner", Billing: "trial", ExpiresAt: "2026-12-20T12:00:00Z", DaysLeft: &left, Grants: []ContainerTypeGrant{}},
		"t5": {Kind: KindContainerType, ID: "t5", OwningAppID: "owner", OwningAppName: "Owner", Billing: "direct_to_customer", ExpiresAt: "0001-01-01T00:00:00Z", Grants: []ContainerTypeGrant{}},
		"t6": {Kind: KindContainerType, ID: "t6", OwningAppID: "owner", OwningAppName: "Owner", Billing: "SomethingNew", CreatedAt: "01/20/2025", ExpiresAt: "01/20/2025", Grants: []ContainerTypeGrant{}},
	}
	yes, no := true, false
	for id, owned := range map[string]*bool{"t1": &yes, "t2": &no, "t3": &no, "t4": &yes, "t5": &yes, "t6": &yes} {
		want[id].OwnedHere = owned
		if *owned {
			want[id].Owners = []Owner{}
		}
	}
	same(t, "container types", want, got)
}

func TestEveryKnownPermissionIsFolded(t *testing.T) {
	for _, spelling := range permissionSpellings()[1:] {
		for _, written := range []string{spelling, swapCase(spelling)} {
			same(t, written, []string{spelling}, canonicalPermissions([]string{written}))
		}
	}
	same(t, "none", []string{}, canonicalPermissions([]string{"None", "none"}))
	same(t, "nothing", []string{}, canonicalPermissions([]string{}))
	if canonicalPermissions(nil) != nil {
		t.Error("permissions that were not read are an empty list")
	}
}

func swapCase(s string) string {
	swapped := []byte(s)
	for i := range swapped {
		swapped[i] ^= 'a' - 'A'
	}
	return string(swapped)
}

func TestOwnedContainerTypes(t *testing.T) {
	rows := map[snapshot.Name][]string{
		snapshot.Applications:               {`{"id":"1","appId":"owner"}`, `{"id":"2","appId":"bare"}`},
		snapshot.ServicePrincipals:          {`{"id":"3","appId":"foreign","appOwnerOrganizationId":"` + other + `"}`, `{"id":"4","appId":"passer-by","appOwnerOrganizationId":"` + other + `"}`},
		snapshot.ContainerTypes:             {`{"id":"t1","name":"One","owningAppId":"Owner","createdDateTime":"2026-11-19T12:00:00Z"}`},
		snapshot.ContainerTypeRegistrations: {`{"id":"t2","name":"Two","owningAppId":"FOREIGN","registeredDateTime":"2026-11-18T12:00:00Z"}`, `{"id":"t1","owningAppId":"owner","registeredDateTime":"2026-11-20T12:00:00Z"}`},
	}
	one, two := 1, 2
	own := []OwnedContainerType{{ID: "t1", Name: "One", CreatedAt: "2026-11-19T12:00:00Z", AgeDays: &one}}
	foreign := []OwnedContainerType{{ID: "t2", Name: "Two", AgeDays: &two}}
	none := []OwnedContainerType{}
	cases := []struct {
		name   string
		denied []snapshot.Name
		want   map[string][]OwnedContainerType
	}{
		{"all read", nil, map[string][]OwnedContainerType{"owner": own, "bare": none, "foreign": foreign, "passer-by": none}},
		{"registrations denied", []snapshot.Name{snapshot.ContainerTypeRegistrations}, map[string][]OwnedContainerType{"owner": own, "bare": none, "foreign": nil, "passer-by": nil}},
		{"both denied", []snapshot.Name{snapshot.ContainerTypes, snapshot.ContainerTypeRegistrations}, map[string][]OwnedContainerType{"owner": nil, "bare": nil, "foreign": nil, "passer-by": nil}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := facts{rows: rows, status: map[snapshot.Name]snapshot.Status{}}
			for _, name := range c.denied {
				f.status[name] = snapshot.Denied
			}
			got := map[string][]OwnedContainerType{}
			for id, app := range f.applications(t) {
				got[id] = app.ContainerTypes
			}
			same(t, "container types", c.want, got)
		})
	}
	f := facts{rows: rows, status: map[snapshot.Name]snapshot.Status{snapshot.ContainerTypes: snapshot.Denied}}
	apps := f.applications(t)
	if len(apps["owner"].ContainerTypes) != 1 || apps["bare"].ContainerTypes != nil {
		t.Errorf("got %v and %v, want what the registrations show and nothing", apps["owner"].ContainerTypes, apps["bare"].ContainerTypes)
	}
}

// Rows without an id are not one container type.
func TestContainerTypesWithoutID(t *testing.T) {
	got := containerTypes(t, facts{rows: map[snapshot.Name][]string{
		snapshot.ContainerTypes: {`{"name":"A","owningAppId":"x"}`, `{"name":"B","owningAppId":"y"}`},
	}})
	if len(got) != 2 {
		t.Errorf("got %v, want two container types", got)
	}
}

func TestDeniedDatasetsLeaveFactsAbsent(t *testing.T) {
	rows := map[snapshot.Name][]string{
		snapshot.Applications:               {`{"id":"1","appId":"a","requiredResourceAccess":[],"passwordCredentials":[],"keyCredentials":[]}`},
		snapshot.ServicePrincipals:          {`{"id":"s","appId":"a","accountEnabled":true,"passwordCredentials":[],"keyCredentials":[]}`},
		snapshot.ContainerTypes:             {`{"id":"t","owningAppId":"a","createdDateTime":"2026-01-01T00:00:00Z"}`},
		snapshot.ContainerTypeRegistrations: {`{"id":"t","owningAppId":"a","registeredDateTime":"2026-01-01T00:00:00Z"}`},
		snapshot.DataConnectEvents:          {`{"id":"e","kind":"consent","appId":"a","appTenantId":"` + home + `","state":"approved"}`},
		snapshot.DataConnectRegister:        {`{"tenantId":"` + home + `","appId":"a","developer":"d","datasets":[]}`},
	}
	type absent func(app *Application, ct *ContainerType, dc *DataConnectApp) bool // of what the dataset tells
	noGrants := func(app *Application, _ *ContainerType, _ *DataConnectApp) bool {
		return app.Grants == nil && app.GrantedKeys == nil
	}
	noOwners := func(app *Application, _ *ContainerType, _ *DataConnectApp) bool { return app.Owners == nil }
	cases := map[snapshot.Name]absent{
		snapshot.Applications: func(app *Application, _ *ContainerType, dc *DataConnectApp) bool {
			return app.Requests == nil && app.RequestedKeys == nil && app.Credentials == nil && dc.Owners == nil
		},
		snapshot.ServicePrincipals: func(app *Application, _ *ContainerType, _ *DataConnectApp) bool {
			return app.Enabled == nil && app.Grants == nil && app.Credentials == nil
		},
		snapshot.AppRoleAssignments: noGrants,
		snapshot.DelegatedGrants:    noGrants,
		snapshot.ApplicationOwners: func(app *Application, ct *ContainerType, dc *DataConnectApp) bool {
			return noOwners(app, ct, dc) && dc.Owners == nil
		},
		snapshot.ServicePrincipalOwners: noOwners,
		snapshot.ContainerTypes: func(_ *Application, ct *ContainerType, _ *DataConnectApp) bool {
			return ct.CreatedAt == "" && ct.AgeDays == nil
		},
		snapshot.ContainerTypeRegistrations: func(_ *Application, ct *ContainerType, _ *DataConnectApp) bool {
			return ct.RegisteredAt == "" && ct.RegisteredDays == nil
		},
		snapshot.ContainerTypeGrants: func(_ *Application, ct *ContainerType, _ *DataConnectApp) bool { return ct.Grants == nil },
		snapshot.DataConnectEvents: func(_ *Application, _ *ContainerType, dc *DataConnectApp) bool {
			return dc.State == "" && dc.Extractions == nil
		},
		snapshot.DataConnectRegister: func(_ *Application, _ *ContainerType, dc *DataConnectApp) bool {
			return dc.Developer == nil && dc.Expected == nil
		},
	}
	subjects := func(t *testing.T, f facts) (*Application, *ContainerType, *DataConnectApp) {
		j := f.open(t)
		return documents(t, j, KindApplication)[0].Value.(*Application), documents(t, j, KindContainerType)[0].Value.(*ContainerType),
			documents(t, j, KindDataConnectApp)[0].Value.(*DataConnectApp)
	}
	for name, isAbsent := range cases {
		t.Run(name, func(t *testing.T) {
			if isAbsent(subjects(t, facts{rows: rows})) {
				t.Error("the facts are absent though everything was read")
			}
			if !isAbsent(subjects(t, facts{rows: rows, status: map[snapshot.Name]snapshot.Status{name: snapshot.Denied}})) {
				t.Errorf("dataset %s was denied and facts are there", name)
			}
		})
	}
}
