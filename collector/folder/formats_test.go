package folder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"leastwise/collector/folder"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// gaps lists the gaps of a dataset as row field: reason.
func gaps(d snapshot.Dataset) []string {
	var list []string
	for _, g := range d.Gaps {
		list = append(list, fmt.Sprintf("%s %s: %s", g.Row, g.Field, g.Reason))
	}
	return list
}

// expect holds one dataset of a snapshot against what it should be. A reason is
// part of the dataset's; without one the dataset is whole.
func expect(t *testing.T, s *snapshot.Snapshot, name snapshot.Name, rows []string, reasons ...string) {
	t.Helper()
	d := s.Dataset(name)
	want := snapshot.Collected
	if len(reasons) > 0 {
		want = snapshot.Partial
	}
	if d.Status != want {
		t.Errorf("%s: got %s (%s), want %s", name, d.Status, d.Reason, want)
	}
	for _, reason := range reasons {
		if !strings.Contains(d.Reason, reason) {
			t.Errorf("%s: reason %q does not say %q", name, d.Reason, reason)
		}
	}
	if got := fakegraph.Rows(t, s, name); !slices.Equal(got, rows) {
		t.Errorf("%s: got rows\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(rows, "\n"))
	}
}

// utf16Text encodes text in either byte order.
func utf16Text(text string, big bool) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if big {
			out = append(out, byte(unit>>8), byte(unit))
		} else {
			out = append(out, byte(unit), byte(unit>>8))
		}
	}
	return string(out)
}

func TestFolderReadsTheSameInEveryForm(t *testing.T) {
	const (
		one   = `{"appId":"a","displayName":"名 🔑","id":"1"}`
		two   = `{"appId":"b","id":"2"}`
		value = `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#applications","value":[` + one + "," + two + `]}`
		first = `{"value":[` + one + `],"@odata.nextLink":"https://graph.microsoft.com/v1.0/applications?$skiptoken=x"}`
		last  = `{"value":[` + two + `]}`
	)
	for name, files := range map[string]map[string]string{
		"array":                  {"applications.json": "[" + one + "," + two + "]"},
		"answer":                 {"applications.json": value},
		"records":                {"applications.ndjson": one + "\n" + two + "\n"},
		"records, Windows":       {"applications.jsonl": one + "\r\n\r\n" + two},
		"records in .json":       {"applications.json": one + "\n" + two},
		"byte order mark":        {"applications.json": "\xef\xbb\xbf" + value},
		"UTF-16LE":               {"applications.json": "\xff\xfe" + utf16Text(value, false)},
		"UTF-16BE":               {"applications.json": "\xfe\xff" + utf16Text(value, true)},
		"UTF-16LE, not marked":   {"applications.json": utf16Text(value, false)},
		"UTF-16BE, not marked":   {"applications.ndjson": utf16Text(one+"\n"+two, true)},
		"pages in one file":      {"applications.json": first + "\n" + last},
		"pages in files":         {"applications.1.json": first, "applications.2.json": last},
		"pages, first unnamed":   {"applications.json": first, "applications (2).json": last},
		"pages of other names":   {"applications-page-9.json": first, "applications_10.json": last},
		"objects in files":       {"applications 1.json": one, "applications 2.json": two},
		"other capitals":         {"applications.json": `[{"Id":"1","AppId":"a","DisplayName":"名 🔑"},{"Id":"2","AppId":"b"}]`},
		"$batch":                 {"applications.json": `{"responses":[{"id":"1","status":200,"body":` + value + `}]}`},
		"$batch of single ones":  {"applications.json": `{"responses":[{"id":"/applications/1","status":200,"body":` + one + `},{"id":"b","url":"/v1.0/applications/2","status":200,"body":` + two + `}]}`},
		"context as it may be":   {"applications.json": strings.Replace(value, "#applications", "#applications(id,appId,displayName,owners())", 1)},
		"context of one of them": {"applications.1.json": `{"@odata.context":"https://x/$metadata#applications/$entity",` + one[1:], "applications.2.json": `{"@odata.context":"https://x/$metadata#applications(appId,id)/$entity",` + two[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, collect(t, files), snapshot.Applications, []string{one, two})
		})
	}
}

// Each dataset may be saved as a list, as one object, or one record a line. What
// makes a row is its key.
func TestFolderReadsEveryDataset(t *testing.T) {
	const (
		id    = `"id":"1","appId":"a","objectId":"o","ownerId":"u","keyId":"k","principalId":"p","roleDefinitionId":"r"`
		other = `"containerTypeId":"c","containerId":"b","tenantId":"t","kind":"consent","state":"pending",
			"clientId":"p","consentType":"AllPrincipals","resourceId":"q","appRoleId":"a","scope":"all",
			"change":"added","assignment":"active","isDefaultPolicy":true,"roleId":"g","status":"enabled","file":"f","line":1,"inactive":false,"allColumns":true,"unresolved":[]`
		row = "{" + id + "," + other + "}"
	)
	for _, name := range snapshot.Names() {
		text := row
		if name == snapshot.Organization {
			text = `{"id":"` + fakegraph.TenantID + `"}`
		}
		for form, content := range map[string]string{
			"array": "[" + text + "]", "answer": `{"value":[` + text + `]}`, "object": text, "records": text + "\n" + text + "\n", "UTF-16": "\xff\xfe" + utf16Text(text, false),
		} {
			if d := collect(t, map[string]string{name + ".json": content}).Dataset(name); d.Status != snapshot.Collected || d.Rows != 1 {
				t.Errorf("%s as %s: %s with %d rows: %s", name, form, d.Status, d.Rows, d.Reason)
			}
		}
	}
}

func TestFolderSaysWhatIsMissing(t *testing.T) {
	const (
		app  = `{"appId":"a","id":"1"}`
		page = `{"value":[` + app + `],"@odata.nextLink":"https://x"}`
	)
	for _, c := range []struct {
		name    string
		files   map[string]string
		rows    []string
		reasons []string
	}{
		{"the last page of files", map[string]string{"applications.1.json": page, "applications.2.json": page}, []string{app}, []string{"applications.2.json:1: the response has an @odata.nextLink"}},
		{"the only page, beside a file that is none", map[string]string{"applications.json": page, "applications.ndjson": app}, []string{app}, []string{"applications.json:1: the response has an @odata.nextLink"}},
		{"one file of two", map[string]string{"applications.1.json": "[" + app + "]", "applications.2.json": "["}, []string{app}, []string{"applications.2.json:1: the JSON breaks off"}},
		{"changes", map[string]string{"applications.json": `{"value":[` + app + `],"@odata.deltaLink":"https://x"}`}, []string{app}, []string{"it may hold changes only"}},
		{"a removed object", map[string]string{"applications.json": `[` + app + `,{"id":"2","@removed":{"reason":"deleted"}}]`}, []string{app}, []string{"applications.json:1: an object was removed"}},
		{"a refused part", map[string]string{"applications.json": `{"responses":[{"id":"1","status":429},{"id":"/applications","status":200,"body":{"value":[` + app + `]}}]}`}, []string{app}, []string{`part "1" of the $batch: status 429`}},
		{"a part of something else", map[string]string{"applications.json": `{"responses":[{"id":"/users","status":200,"body":{"value":[{"id":"u"}]}},{"id":"/applications","status":200,"body":{"value":[` + app + `]}}]}`}, []string{app}, []string{"this part of the $batch is of users, not of applications"}},
		{"a part of nothing", map[string]string{"applications.json": `{"responses":[{"id":"1","status":200,"body":{"value":[{"id":"u"}]}},{"id":"/applications","status":200,"body":{"value":[` + app + `]}}]}`}, []string{app}, []string{"this part of the $batch does not say what it is of"}},
		{"an answer of something else", map[string]string{"applications.json": `{"@odata.context":"$metadata#applications","value":[` + app + `]}` + "\n" + `{"@odata.context":"$metadata#users","value":[{"id":"u"}]}`}, []string{app}, []string{"applications.json:2: the answer is of users, not of applications"}},
		{"an empty answer of something else", map[string]string{"applications.json": `{"@odata.context":"$metadata#applications","value":[` + app + `]}` + "\n" + `{"@odata.context":"$metadata#groups","value":[]}`}, []string{app}, []string{"the answer is of groups, not of applications"}},
		{"a line without id", map[string]string{"applications.ndjson": `{"appId":"b"}` + "\n" + app}, []string{app, `{"appId":"b"}`}, []string{`row has no id: member "id" is missing`}},
		{"UTF-16 with half a character", map[string]string{"applications.json": utf16Text(`[{"appId":"a","id":"1","x":"`, false) + "\x3d\xd8" + utf16Text(`"}]`, false)}, []string{`{"appId":"a","id":"1","x":"` + "\uFFFD" + `"}`}, []string{"text is not valid UTF-8"}},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, collect(t, c.files), snapshot.Applications, c.rows, c.reasons...) })
	}
}

func TestFolderRefusesWhatIsNoDataset(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		status snapshot.Status
		reason string
	}{
		"a list of something else":     {`{"@odata.context":"https://x/$metadata#users","value":[{"id":"1"}]}`, snapshot.Failed, "applications.json:1: the answer is of users, not of applications"},
		"an empty one":                 {`{"@odata.context":"https://x/$metadata#servicePrincipals","value":[]}`, snapshot.Failed, "the answer is of serviceprincipals, not of applications"},
		"one that comes late":          {`{"value":[],"@odata.context":"https://x/$metadata#servicePrincipals"}`, snapshot.Failed, "the answer is of serviceprincipals, not of applications"},
		"part of an application":       {`{"@odata.context":"https://x/$metadata#applications('1')/extensionProperties","value":[{"id":"1"}]}`, snapshot.Failed, "the answer is of applications/extensionproperties"},
		"nothing but what it is of":    {`{"@odata.context":"https://x/$metadata#applications"}`, snapshot.Failed, "there is no value in the response, and it is no row of applications"},
		"an object of another kind":    {`{"tool":"x","results":[]}`, snapshot.Failed, "applications.json:1: there is no value in the response"},
		"a $batch of something else":   {`{"responses":[{"id":"/users","status":200,"body":{"value":[{"id":"u"}]}}]}`, snapshot.Failed, "is of users, not of applications"},
		"a $batch that does not tell":  {`{"responses":[{"id":"1","status":200,"body":{"value":[{"id":"u"}]}}]}`, snapshot.Failed, "does not say what it is of; hint: use the path as its id"},
		"a $batch that was denied":     {`{"responses":[{"id":"1","status":403,"body":{"error":{"code":"Authorization_RequestDenied","message":"no"}}}]}`, snapshot.Denied, "Authorization_RequestDenied: no"},
		"a $batch request":             {`{"requests":[{"id":"1","method":"GET","url":"/applications"}]}`, snapshot.Failed, "it is a $batch request"},
		"removed objects alone":        {`[{"id":"2","@removed":{"reason":"deleted"}}]`, snapshot.Failed, "it lists changes"},
		"UTF-32":                       {"\xff\xfe\x00\x00[\x00\x00\x00]\x00\x00\x00", snapshot.Failed, "applications.json:1: the text is UTF-32"},
		"a table":                      {"id,appId\n1,a\n", snapshot.Failed, "applications.json:1: invalid character 'i'"},
		"records that break off first": {"{\"id\":", snapshot.Failed, "the JSON breaks off"},
	} {
		t.Run(name, func(t *testing.T) {
			d := collect(t, map[string]string{"applications.json": c.text}).Dataset(snapshot.Applications)
			if d.Status != c.status || !strings.Contains(d.Reason, c.reason) || d.Rows != 0 {
				t.Errorf("got %s with %d rows: %s; want %s: %s", d.Status, d.Rows, d.Reason, c.status, c.reason)
			}
		})
	}
}

// What a row hangs on stands in the answer's context, or in the path of a $batch.
func TestFolderFillsInWhatRowsHangOn(t *testing.T) {
	const graph = `{"@odata.context":"https://x/$metadata#`
	const storage = graph + "storage/fileStorage/"
	for _, c := range []struct {
		name snapshot.Name
		text string
		row  string
	}{
		{snapshot.FederatedCredentials, graph + `applications('o')/federatedIdentityCredentials","value":[{"id":"f"}]}`, `{"id":"f","objectId":"o"}`},
		{snapshot.FederatedCredentials, graph + `applications('o')/federatedIdentityCredentials/$entity","id":"f"}`, `{"id":"f","objectId":"o"}`},
		{snapshot.FederatedCredentials, `{"value":{` + strings.TrimPrefix(graph, "{") + `applications('o')/federatedIdentityCredentials/$entity","id":"f"}}`, `{"id":"f","objectId":"o"}`},
		{snapshot.FederatedCredentials, graph + `applications(appId='o')/federatedIdentityCredentials(id)","value":[{"id":"f","objectId":"known"}]}`, `{"id":"f","objectId":"known"}`},
		{snapshot.ApplicationOwners, graph + `applications('o')/owners","value":[{"@odata.type":"#microsoft.graph.user","id":"u"}]}`, `{"@odata.type":"#microsoft.graph.user","id":"u","objectId":"o","ownerId":"u"}`},
		{snapshot.ServicePrincipalOwners, graph + `servicePrincipals('o')/owners/microsoft.graph.user","value":[{"id":"u"}]}`, `{"id":"u","objectId":"o","ownerId":"u"}`},
		{
			snapshot.ApplicationOwners, `{"responses":[{"id":"/v1.0/applications/bbbbbbbb-0000-4000-8000-000000000001/owners?$select=id","status":200,"body":{"value":[{"id":"u"}]}}]}`,
			`{"id":"u","objectId":"bbbbbbbb-0000-4000-8000-000000000001","ownerId":"u"}`,
		},
		{snapshot.ContainerTypeGrants, storage + `containerTypeRegistrations('c')/applicationPermissionGrants","value":[{"appId":"a"}]}`, `{"appId":"a","containerTypeId":"c"}`},
		{snapshot.ContainerTypeOwners, storage + `containerTypes('c')/permissions","value":[{"id":"p"}]}`, `{"containerTypeId":"c","id":"p"}`},
		{snapshot.ContainerPermissions, storage + `containers('b%21x')/permissions","value":[{"id":"p"}]}`, `{"containerId":"b!x","id":"p"}`},
		{snapshot.ContainerPermissions, `{"responses":[{"id":"/storage/fileStorage/containers/b!x/permissions","status":200,"body":{"value":[{"id":"p"}]}}]}`, `{"containerId":"b!x","id":"p"}`},
		{snapshot.DirectoryRoleAssignments, graph + `roleManagement/directory/roleEligibilityScheduleInstances","value":[{"id":"e","principalId":"p","roleDefinitionId":"r"}]}`, `{"assignment":"eligible","id":"e","principalId":"p","principalType":"unknown","roleDefinitionId":"r"}`},
		{snapshot.DirectoryRoleAssignments, `[{"id":"e","principalId":"p","roleDefinitionId":"r","roleEligibilityScheduleId":"s"}]`, `{"assignment":"eligible","id":"e","principalId":"p","principalType":"unknown","roleDefinitionId":"r","roleEligibilityScheduleId":"s"}`},
		{snapshot.DirectoryRoleAssignments, graph + `roleManagement/directory/roleAssignments","value":[{"id":"e","principalId":"p","roleDefinitionId":"r"}]}`, `{"id":"e","principalId":"p","principalType":"unknown","roleDefinitionId":"r"}`},
		{snapshot.DirectoryRoleAssignments, `[{"id":"e","principal":{"@odata.type":"#microsoft.graph.group"},"principalId":"p","roleDefinitionId":"r"}]`, `{"id":"e","principal":{"@odata.type":"#microsoft.graph.group"},"principalId":"p","roleDefinitionId":"r"}`},
		{snapshot.DirectoryRoleAssignments, `[{"assignment":"active","id":"e","principalId":"p","roleDefinitionId":"r"}]`, `{"assignment":"active","id":"e","principalId":"p","roleDefinitionId":"r"}`},
		{snapshot.AppManagementPolicies, graph + `policies/defaultAppManagementPolicy/$entity","id":"d","isEnabled":true}`, `{"id":"d","isDefaultPolicy":true,"isEnabled":true}`},
		{snapshot.AdminConsentPolicy, graph + `policies/adminConsentRequestPolicy/$entity","isEnabled":true,"reviewers":[]}`, `{"isEnabled":true,"reviewers":[]}`},
		{snapshot.AuthorizationPolicy, graph + `policies/authorizationPolicy","value":[{"id":"authorizationPolicy"}]}`, `{"id":"authorizationPolicy"}`},
	} {
		s := collect(t, map[string]string{c.name + ".json": c.text})
		if got := fakegraph.Rows(t, s, c.name); !slices.Equal(got, []string{c.row}) {
			t.Errorf("%s %s: got %v, want %s (%s)", c.name, c.text, got, c.row, s.Dataset(c.name).Reason)
		}
	}
}

// Active and eligible assignments are two collections of Graph, and nothing follows from one about the other.
func TestFolderWantsBothKindsOfAssignments(t *testing.T) {
	answer := func(collection, rows string) string {
		return `{"@odata.context":"https://x/$metadata#roleManagement/directory/` + collection + `","value":[` + rows + `]}`
	}
	const row = `{"id":"e","principalId":"p","roleDefinitionId":"r"`
	for name, c := range map[string]struct{ text, reason string }{
		"active":                   {answer("roleAssignments", row+"}"), "eligible assignments stand in no file"},
		"eligible":                 {answer("roleEligibilityScheduleInstances", row+"}"), "active assignments stand in no file"},
		"active, nothing said":     {"[" + row + "}]", "eligible assignments stand in no file"},
		"both":                     {answer("roleAssignments", row+"}") + answer("roleEligibilityScheduleInstances", ""), ""},
		"both, by path":            {`{"responses":[{"id":"/roleManagement/directory/roleAssignments","status":200,"body":{"value":[` + row + `}]}},{"id":"/roleManagement/directory/roleEligibilityScheduleInstances","status":200,"body":{"value":[]}}]}`, ""},
		"both, of a plain list":    {`[` + row + `},` + strings.Replace(row, `"e"`, `"f"`, 1) + `,"roleEligibilityScheduleId":"s"}]`, ""},
		"of a snapshot":            {`[` + row + `,"assignment":"active"}]`, ""},
		"scheduled, not eligible":  {answer("roleAssignmentScheduleInstances", row+"}"), "eligible assignments stand in no file"},
		"eligible of another kind": {answer("roleAssignments", row+"}") + `{"@odata.context":"https://x/$metadata#users","value":[]}`, "eligible assignments stand in no file"},
	} {
		d := collect(t, map[string]string{"directory_role_assignments.json": c.text}).Dataset(snapshot.DirectoryRoleAssignments)
		if partial := c.reason != ""; !strings.Contains(d.Reason, c.reason) || partial != (d.Status == snapshot.Partial) || d.Confined {
			t.Errorf("%s: got %s: %s; want %q", name, d.Status, d.Reason, c.reason)
		}
	}
}

// The policy of the tenant is apart from those of single applications.
func TestFolderWantsTheTenantsOwnPolicy(t *testing.T) {
	const single = `{"id":"p","isEnabled":true,"restrictions":{}}`
	for text, partial := range map[string]bool{
		"[" + single + "]": true,
		`{"@odata.context":"https://x/$metadata#policies/appManagementPolicies","value":[]}`:                             true,
		`{"@odata.context":"https://x/$metadata#policies/defaultAppManagementPolicy/$entity","id":"d","isEnabled":true}`: false,
		"[" + single + `,{"id":"d","isEnabled":true,"applicationRestrictions":{}}]`:                                      false,
		"[" + single + `,{"id":"d","isEnabled":true,"isDefaultPolicy":true}]`:                                            false,
	} {
		d := collect(t, map[string]string{"app_management_policies.json": text}).Dataset(snapshot.AppManagementPolicies)
		if partial != (d.Status == snapshot.Partial) || partial != strings.Contains(d.Reason, "the tenant's default policy stands in no file") {
			t.Errorf("%s: got %s: %s", text, d.Status, d.Reason)
		}
	}
}

// A credential that does not say of which application it is is kept, and the dataset
// is in doubt.
func TestFolderKeepsWhatHangsOnNothing(t *testing.T) {
	for name, row := range map[snapshot.Name]string{
		snapshot.FederatedCredentials: `{"audiences":["a"],"id":"f","issuer":"https://i","subject":"s"}`,
		snapshot.ContainerTypeGrants:  `{"appId":"a","applicationPermissions":["full"]}`,
		snapshot.ContainerTypeOwners:  `{"id":"p","roles":["owner"]}`,
		snapshot.ApplicationOwners:    `{"id":"u","ownerId":"u"}`,
	} {
		s := collect(t, map[string]string{name + ".json": "[" + row + "]"})
		expect(t, s, name, []string{row}, "row 1: row has no id: member")
		if s.Dataset(name).Confined {
			t.Errorf("%s: a row that may belong to anything is taken for a gap of its own", name)
		}
	}
}

// Answers about single objects are a dataset only if there is one about each.
func TestFolderCountsAnswersAboutSingleObjects(t *testing.T) {
	owners := func(of ...string) string {
		var answers []string
		for _, id := range of {
			answers = append(answers, `{"@odata.context":"https://x/$metadata#applications('`+id+`')/owners","value":[]}`)
		}
		return strings.Join(answers, "\n")
	}
	const apps = `[{"id":"O1","appId":"a"},{"id":"o2","appId":"b"}]`
	for name, c := range map[string]struct {
		files   map[string]string
		reasons []string
	}{
		"one of two":       {map[string]string{"applications.json": apps, "application_owners.json": owners("o1")}, []string{"of 1 of 2 applications there is no answer"}},
		"both":             {map[string]string{"applications.json": apps, "application_owners.json": owners("o1", "o2")}, nil},
		"both, in files":   {map[string]string{"applications.json": apps, "application_owners.1.json": owners("o1"), "application_owners.2.json": owners("o2")}, nil},
		"which there are?": {map[string]string{"application_owners.json": owners("o1", "o2")}, []string{"the answers are about single applications, and nothing tells which others there are"}},
		"one object of a list": {map[string]string{"applications.json": apps, "application_owners.json": owners("o2") + "\n" +
			strings.Replace(owners("o1"), `/owners","value":[]`, `/owners/$entity","objectId":"o1","ownerId":"u","accountEnabled":true`, 1)}, []string{"of 1 of 2 applications there is no answer"}},
		"by path": {map[string]string{"applications.json": apps, "application_owners.json": `{"responses":[
			{"id":"/applications/bbbbbbbb-0000-4000-8000-000000000001/owners","status":200,"body":{"value":[]}}]}`}, []string{"of 2 of 2 applications there is no answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			var rows []string
			if strings.Contains(c.files["application_owners.json"], "$entity") {
				rows = []string{`{"accountEnabled":true,"objectId":"o1","ownerId":"u"}`}
			}
			expect(t, collect(t, c.files), snapshot.ApplicationOwners, rows, c.reasons...)
		})
	}
	s := collect(t, map[string]string{"delegated_grants.json": `{"@odata.context":"https://x/$metadata#users('u')/oauth2PermissionGrants","value":[{"id":"g"}]}`})
	expect(t, s, snapshot.DelegatedGrants, []string{`{"id":"g"}`}, "the answers are about single users")
}

func TestFolderTurnsBackWhatPowerShellMakes(t *testing.T) {
	for _, c := range []struct{ name, row, want string }{
		{
			"Windows PowerShell", `{"Id":"1","AppId":"a","CreatedDateTime":"\/Date(1646179305000)\/","PasswordCredentials":[{"KeyId":"k","EndDateTime":"\/Date(1735689600123)\/","Hint":"abc"}],"RequiredResourceAccess":[{"ResourceAppId":"g","ResourceAccess":[{"Id":"r","Type":"Role"}]}],"Oauth2RequirePostResponse":false}`,
			`{"appId":"a","createdDateTime":"2022-03-02T00:01:45Z","id":"1","oauth2RequirePostResponse":false,"passwordCredentials":[{"endDateTime":"2025-01-01T00:00:00.123Z","keyId":"k"}],"requiredResourceAccess":[{"resourceAccess":[{"id":"r","type":"Role"}],"resourceAppId":"g"}]}`,
		},
		{"dates alone", `{"id":"1","appId":"a","createdDateTime":"/Date(1646179305000+0100)/","n":1.50}`, `{"appId":"a","createdDateTime":"2022-03-02T00:01:45Z","id":"1","n":1.50}`},
		{"no date by its name", `{"id":"1","appId":"a","displayName":"/Date(1646179305000)/"}`, `{"appId":"a","displayName":"/Date(1646179305000)/","id":"1"}`},
		{"further members", `{"Id":"1","AppId":"a","AdditionalProperties":{"@odata.type":"#microsoft.graph.agentIdentityBlueprint","Id":"2","id":"3"}}`, `{"@odata.type":"#microsoft.graph.agentIdentityBlueprint","appId":"a","id":"1"}`},
		{"as Graph has it", `{"id":"1","appId":"a","Odd":{"Up":1},"@odata.type":"x"}`, `{"id":"1","appId":"a","Odd":{"Up":1},"@odata.type":"x"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, map[string]string{"applications.json": "[" + c.row + "]"})
			if got := fakegraph.Rows(t, s, snapshot.Applications); !slices.Equal(got, []string{c.want}) {
				t.Errorf("got %v\nwant %s", got, c.want)
			}
		})
	}
	s := collect(t, map[string]string{"applications.json": `[{"id":"1","appId":"a","createdDateTime":"/Date(999999999999999)/"}]`})
	if got, want := gaps(s.Dataset(snapshot.Applications)), []string{`1 /createdDateTime: "/Date(999999999999999)/" is not an instant`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFolderRefusesNamesOfFiles(t *testing.T) {
	for name, want := range map[string]string{
		"applications.csv":                 "a table is read of container_type_grants only; hint: save applications.json",
		"aplications.2.json":               "is it applications.json?",
		"applications.json.bak":            "is not named after a dataset",
		"Get-SPOApplicationPermission.csv": "is not named after a dataset",
		"Get-SPOApplication.xlsx":          "is not named after a dataset",
	} {
		_, err := folder.New(folder.Options{Path: write(t, map[string]string{name: "[]", "organization.json": "[]"})})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
