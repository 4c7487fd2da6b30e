package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

func containersOf(t *testing.T, f facts) map[string]*Container {
	t.Helper()
	got := map[string]*Container{}
	for _, document := range documents(t, f.open(t), KindContainer) {
		got[document.ID] = document.Value.(*Container)
	}
	return got
}

func TestContainers(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ServicePrincipals: {`{"id":"s","appId":"owner","displayName":"Archive"}`},
		snapshot.ContainerTypes:    {`{"id":"T1","name":"Files","owningAppId":"OWNER"}`},
		snapshot.Containers: {
			`{"id":"b!Ab","displayName":"One","containerTypeId":"t1","createdDateTime":"2026-11-10T12:00:00Z","status":"Active","lockState":"unlocked"}`,
			`{"id":"b!aB","containerTypeId":"gone","status":"frozen"}`,
		},
		snapshot.ApplicationOwners: {
			`{"objectId":"o","ownerId":"U1","@odata.type":"#microsoft.graph.user","displayName":"Inner guest","userType":"Guest"}`,
			`{"objectId":"o","ownerId":"u2","@odata.type":"#microsoft.graph.user","displayName":"Member","userType":"Member"}`,
		},
		snapshot.ContainerPermissions: {
			`{"containerId":"b!Ab","id":"1","roles":["Owner"],"grantedToV2":{"user":{"id":"u1","userPrincipalName":"in@x","displayName":"In"}}}`,
			`{"containerId":"b!Ab","id":"2","roles":["owner"],"grantedToV2":{"user":{"id":"u2","userPrincipalName":"m_y.z#EXT#@x"}}}`,
			`{"containerId":"b!Ab","id":"3","roles":["reader"],"grantedToV2":{"user":{"id":"u3","userPrincipalName":"a_b.c#ext#@x"}}}`,
			`{"containerId":"b!Ab","id":"4","roles":["reader"],"grantedToV2":{"user":{"id":"u4","userPrincipalName":"plain@x"},"siteUser":{"id":7}}}`,
			`{"containerId":"b!Ab","id":"5","roles":["principalowner","writer"],"grantedToV2":{"user":{"id":"u5"}}}`,
			`{"containerId":"b!Ab","id":"6","roles":["managing"],"grantedToV2":{"siteGroup":{"id":12,"displayName":"Visitors"}}}`,
		},
	}}
	yes, no, ten := true, false, 10
	same(t, "containers", map[string]*Container{
		"b!Ab": {
			Kind: KindContainer, ID: "b!Ab", DisplayName: "One", TypeID: "t1", TypeName: "Files", OwningAppID: "owner", OwningAppName: "Archive",
			CreatedAt: "2026-11-10T12:00:00Z", AgeDays: &ten, Status: "active", LockState: "unlocked", Members: []Member{
				{Type: "site_group", ID: "12", Name: "Visitors", Role: "managing"},
				{Type: "user", ID: "u1", UPN: "in@x", Name: "In", Role: "owner", Guest: &yes},
				{Type: "user", ID: "u2", UPN: "m_y.z#EXT#@x", Role: "owner", Guest: &no},
				{Type: "user", ID: "u5", Role: "principalOwner"},
				{Type: "user", ID: "u3", UPN: "a_b.c#ext#@x", Role: "reader", Guest: &yes},
				{Type: "user", ID: "u4", UPN: "plain@x", Role: "reader", Guest: &no},
				{Type: "user", ID: "u5", Role: "writer"},
			},
		},
		"b!aB": {Kind: KindContainer, ID: "b!aB", TypeID: "gone", Status: "frozen", Members: []Member{}},
	}, containersOf(t, f))
}

func TestMembersNotRead(t *testing.T) {
	rows := map[snapshot.Name][]string{snapshot.Containers: {`{"id":"b!1"}`, `{"id":"b!2"}`}, snapshot.ContainerPermissions: {
		`{"containerId":"b!1","id":"1","roles":["owner"],"grantedToV2":{"user":{"id":"u"}}}`, `{"containerId":"b!2","id":"2","roles":[],"grantedToV2":null}`,
	}}
	denied := containersOf(t, facts{rows: map[snapshot.Name][]string{snapshot.Containers: rows[snapshot.Containers]}, status: map[snapshot.Name]snapshot.Status{snapshot.ContainerPermissions: snapshot.Denied}})
	if denied["b!1"].Members != nil || denied["b!1"].Incomplete != nil {
		t.Errorf("got %+v, want no members and no gap", denied["b!1"])
	}
	odd := containersOf(t, facts{rows: rows})
	same(t, "a permission that says nothing", []Member{{}}, odd["b!2"].Members)
	if len(odd["b!2"].Incomplete) != 1 || odd["b!2"].Incomplete[0].Field != "members" || odd["b!1"].Incomplete != nil {
		t.Errorf("got gaps %v and %v, want one of the second", odd["b!1"].Incomplete, odd["b!2"].Incomplete)
	}
	rows[snapshot.ContainerPermissions] = rows[snapshot.ContainerPermissions][:1]
	failed := facts{rows: rows, gaps: map[snapshot.Name][]snapshot.Gap{snapshot.ContainerPermissions: {{Row: "b!2", Reason: "HTTP 500"}}}}
	if got := containersOf(t, failed)["b!2"]; got.Members != nil || len(got.Incomplete) != 1 {
		t.Errorf("got %+v, want no members and a gap", got)
	}
	limited := facts{rows: rows, meta: map[snapshot.Name]snapshot.Dataset{snapshot.ContainerPermissions: {Status: snapshot.Partial, Reason: "the limit"}}}
	if got := containersOf(t, limited); got["b!2"].Members != nil || len(got["b!1"].Members) != 1 {
		t.Errorf("got %+v, want what was met and nothing else", got)
	}
}

func TestContainerTypeFacts(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.ContainerTypes: {
			`{"id":"t1","owningAppId":"a","billingStatus":"Valid","settings":{"sharingCapability":"externalUserSharingOnly","isSharingRestricted":false}}`,
			`{"id":"t2","owningAppId":"a","billingStatus":"frozen","settings":{"sharingCapability":"DISABLED","isSharingRestricted":true}}`,
		},
		snapshot.ContainerTypeRegistrations: {
			`{"id":"t1","owningAppId":"a","settings":{"sharingCapability":"brandNew","isSharingRestricted":true,"isSearchEnabled":true}}`,
			`{"id":"t3","owningAppId":"b","billingStatus":"invalid","registeredDateTime":"2026-11-15T12:00:00Z","settings":{"isSearchEnabled":false}}`,
			`{"id":"t4","owningAppId":"b"}`,
		},
		snapshot.ContainerTypeGrants: {
			`{"containerTypeId":"t1","appId":"A","applicationPermissions":["full"],"delegatedPermissions":[]}`,
			`{"containerTypeId":"t3","appId":"a","applicationPermissions":[],"delegatedPermissions":["readcontent"]}`,
		},
		snapshot.ContainerTypeOwners: {
			`{"containerTypeId":"T1","id":"1","grantedToV2":{"user":{"id":"U1","userPrincipalName":"known@x","displayName":"Known"}}}`,
			`{"containerTypeId":"t1","id":"2","grantedToV2":{"user":{"id":"u2","userPrincipalName":"a_b#EXT#@x"}}}`,
			`{"containerTypeId":"t1","id":"3","roles":["Owner"],"grantedToV2":{"user":{"id":"u3"}}}`,
			`{"containerTypeId":"t1","id":"4","roles":["reader"],"grantedToV2":{"user":{"id":"u4"}}}`,
		},
		snapshot.ApplicationOwners: {`{"objectId":"o","ownerId":"u1","@odata.type":"#microsoft.graph.user","displayName":"Known","userType":"Guest","accountEnabled":false}`},
		snapshot.Applications:      {`{"id":"o","appId":"a"}`, `{"id":"p","appId":"c"}`},
	}}
	types := containerTypes(t, f)
	of, yes, no := []string{"container_type"}, true, false
	same(t, "owners", []Owner{
		{ID: "u1", Type: "user", Name: "Known", UPN: "known@x", UserType: "guest", Enabled: &no, Readable: true, Of: of},
		{ID: "u2", Type: "user", UPN: "a_b#EXT#@x", UserType: "guest", Readable: true, Of: of},
		{ID: "u3", Type: "user", Of: of},
	}, types["t1"].Owners)
	if list := types["t2"].Owners; list == nil || len(list) > 0 || types["t3"].Owners != nil {
		t.Errorf("got %v and %v, want no owners, and owners that were not read", list, types["t3"].Owners)
	}
	for id, want := range map[string][4]string{
		"t1": {"valid", "brandNew", "true", "true"}, "t2": {"frozen", "disabled", "true", "true"}, "t3": {"invalid", "", "absent", "false"},
	} {
		got := types[id]
		same(t, id, want, [4]string{got.BillingStatus, got.Sharing, tri(got.SharingRestricted), tri(got.OwnedHere)})
	}
	apps := f.applications(t)
	same(t, "registered types", []RegisteredType{{ID: "t1", OwnedHere: &yes}}, apps["a"].RegisteredTypes)
	same(t, "type grants", []TypeGrant{
		{ContainerTypeID: "t1", OwningAppID: "a", Guest: &no, ApplicationPermissions: []string{"full"}, DelegatedPermissions: []string{}},
		{ContainerTypeID: "t3", OwningAppID: "b", Guest: &yes, ApplicationPermissions: []string{}, DelegatedPermissions: []string{"readContent"}},
	}, apps["a"].TypeGrants)
	same(t, "types and grants of another", []any{[]RegisteredType{}, []TypeGrant{}}, []any{apps["c"].RegisteredTypes, apps["c"].TypeGrants})
	same(t, "search", &SearchableTypes{Registered: 3, Searchable: 1, Unclear: 1}, apps["c"].SearchableTypes)

	f.meta = map[snapshot.Name]snapshot.Dataset{snapshot.ContainerTypes: {Status: snapshot.Partial, Reason: "a page failed"}, snapshot.ContainerTypeOwners: {Status: snapshot.Partial, Reason: "HTTP 500"}}
	types = containerTypes(t, f)
	if types["t3"].OwnedHere != nil || types["t2"].Owners != nil || len(types["t1"].Owners) != 3 {
		t.Errorf("got %+v, want nothing of what may have been missed", types["t3"])
	}
	f.rows[snapshot.ContainerTypeRegistrations], f.rows[snapshot.ContainerTypeGrants] = nil, nil
	f.status = map[snapshot.Name]snapshot.Status{snapshot.ContainerTypeRegistrations: snapshot.Denied, snapshot.ContainerTypeGrants: snapshot.Denied}
	if app := f.applications(t)["a"]; app.RegisteredTypes != nil || app.TypeGrants != nil || app.SearchableTypes != nil {
		t.Errorf("got %+v, want nothing of registrations that were denied", app)
	}
}

func TestDamagedTypeGrants(t *testing.T) {
	f := facts{rows: map[snapshot.Name][]string{
		snapshot.Applications:               {`{"id":"o","appId":"a"}`, `{"id":"p","appId":"b"}`},
		snapshot.ContainerTypeRegistrations: {`{"id":"t1","owningAppId":"a"}`, `{"id":"t2"}`},
		snapshot.ContainerTypeGrants:        {`{"containerTypeId":"t1","appId":"b","applicationPermissions":"full"}`, `{"containerTypeId":"t1"}`},
	}}
	j := f.open(t)
	for _, document := range documents(t, j, KindApplication) {
		if gaps := gapsIn(document.Incomplete, snapshot.ContainerTypeGrants); len(gaps) != map[string]int{"a": 0, "b": 1}[document.ID] {
			t.Errorf("%s: got %v", document.ID, gaps)
		}
	}
	for _, name := range []snapshot.Name{snapshot.ContainerTypeGrants, snapshot.ContainerTypeRegistrations} {
		if j.Loose(name) == "" {
			t.Errorf("%s is not in doubt", name)
		}
	}
}
