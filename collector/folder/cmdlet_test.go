package folder_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const (
	owner = "cccccccc-0000-4000-8000-000000000003"
	guest = "cccccccc-0000-4000-8000-000000000004"
	other = "cccccccc-0000-4000-8000-000000000005"
	kind  = "ffffffff-0000-4000-8000-000000000001" // the owner's container type
)

// registrations are the container types of the folder: the owner's.
const registrations = `[{"id":"` + kind + `","owningAppId":"` + owner + `"}]`

// grantRow is a row of container_type_grants; lists are written as JSON, or left
// out when empty.
func grantRow(app, appOnly, delegated string) string {
	members := []string{`"appId":"` + app + `"`}
	if appOnly != "" {
		members = append(members, `"applicationPermissions":`+appOnly)
	}
	members = append(members, `"containerTypeId":"`+kind+`"`)
	if delegated != "" {
		members = append(members, `"delegatedPermissions":`+delegated)
	}
	return "{" + strings.Join(append(members, `"owningAppId":"`+owner+`"`), ",") + "}"
}

// told is the output for one guest, as JSON.
func told(app, appOnly, delegated string) string {
	return `{"OwningApplicationId":"` + owner + `","OwningApplicationName":"Archive","ApplicationId":"` + app + `","ApplicationName":"Guest","Applications":[],` +
		`"AppOnlyPermissions":` + appOnly + `,"DelegatedPermissions":` + delegated + `,"SharingCapability":2,"OverrideTenantSharingCapability":false}`
}

func TestFolderReadsGetSPOApplication(t *testing.T) {
	sound := []string{grantRow(owner, `["full"]`, `["full"]`), grantRow(guest, `["readContent","writeContent"]`, `["none"]`)}
	for name, c := range map[string]struct {
		file, text string
		rows       []string
	}{
		"JSON": {"Get-SPOApplication.json", "[" + told(owner, `["Full"]`, `["Full"]`) + "," + told(guest, `["ReadContent","WriteContent"]`, `["None"]`) + "]", sound},
		"JSON, UTF-16, one a line": {
			"get-spoapplication (all).json",
			"\xff\xfe" + utf16Text(told(owner, `["Full"]`, `["Full"]`)+"\r\n"+told(guest, `["ReadContent","WriteContent"]`, `["None"]`), false), sound,
		},
		"JSON under the dataset's name": {"container_type_grants.json", `{"value":[` + told(owner, `"Full"`, `"Full"`) + "," + told(guest, `"ReadContent, WriteContent"`, `["None"]`) + `],"Count":2}`, sound},
		"lists as Windows PowerShell wraps them": {
			"Get-SPOApplication_1.json",
			"[" + told(owner, `{"value":["Full"],"Count":1}`, `{"results":["Full"]}`) + "," + told(guest, `["ReadContent WriteContent"]`, `"{None}"`) + "]", sound,
		},
		"CSV": {
			"Get-SPOApplication.csv",
			"#TYPE Microsoft.Online.SharePoint.PowerShell.SPOApplication\r\n\"OwningApplicationId\",\"ApplicationId\",\"ApplicationName\",\"AppOnlyPermissions\",\"DelegatedPermissions\"\r\n" +
				"\"{" + strings.ToUpper(owner) + "}\",\"" + owner + "\",\"x\",\"Full\",\"Full\"\r\n\"" + owner + "\",\"" + guest + "\",\"y, \"\"z\"\"\",\"ReadContent, WriteContent\",\"None\"\r\n", sound,
		},
		"CSV with semicolons, other names": {
			"container_type_grants.csv",
			"Owning Application Id;Guest Application ID;Permission App-Only;Permission_Delegated\n" + owner + ";" + owner + ";full;FULL\n" + owner + ";" + guest + ";readcontent|writecontents;none\n", sound,
		},
		"CSV of container types": {
			"container_type_grants.csv",
			"containerTypeId,owningAppId,appId,applicationPermissions,delegatedPermissions\n" + kind + "," + owner + "," + owner + ",full,full\n" + kind + "," + owner + "," + guest + ",readContent;writeContent,none\n", sound,
		},
		"spellings": {
			"Get-SPOApplication.json", "[" + told(owner, `["DeleteOwnPermissions","managepermission","EnumeratePermissions","Teleport"]`, `["manage_content"]`) + "]",
			[]string{grantRow(owner, `["deleteOwnPermission","managePermissions","enumeratePermissions","Teleport"]`, `["manageContent"]`)},
		},
		"no permissions": {"Get-SPOApplication.json", told(guest, `[]`, `[]`), []string{grantRow(guest, `[]`, `[]`)}},
		"delegated permissions are not told": {
			"Get-SPOApplication.json", `{"OwningApplicationId":"` + owner + `","ApplicationId":"` + guest + `","AppOnlyPermissions":["Read"]}`,
			[]string{grantRow(guest, `["read"]`, "")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := collect(t, map[string]string{c.file: c.text, "container_type_registrations.json": registrations})
			expect(t, s, snapshot.ContainerTypeGrants, c.rows)
		})
	}
}

// The cmdlet knows the owner. Which container type that is, the folder tells.
func TestFolderFindsTheContainerTypeOfAnOwner(t *testing.T) {
	const twice = `[{"id":"` + kind + `","owningAppId":"` + owner + `"},{"id":"x","owningAppId":"` + owner + `"}]`
	with := []string{grantRow(guest, `["read"]`, `["none"]`)}
	without := []string{strings.Replace(with[0], `"containerTypeId":"`+kind+`",`, "", 1)}
	const hint = "the container type that application " + owner + " owns is not known; hint: save container_type_registrations.json too"
	for name, c := range map[string]struct {
		files   map[string]string
		rows    []string
		reasons []string
	}{
		"registrations":            {map[string]string{"container_type_registrations.json": registrations}, with, nil},
		"container types":          {map[string]string{"container_types.json": registrations}, with, nil},
		"neither":                  {nil, without, []string{hint, `member "containerTypeId" is missing`}},
		"another owner's":          {map[string]string{"container_types.json": strings.ReplaceAll(registrations, owner, other)}, without, []string{hint}},
		"two of the same owner":    {map[string]string{"container_type_registrations.json": twice}, without, []string{hint}},
		"registrations, not types": {map[string]string{"container_type_registrations.json": registrations, "container_types.json": twice}, with, nil},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"Get-SPOApplication.json": told(guest, `["Read"]`, `["None"]`)}
			maps.Copy(files, c.files)
			s := collect(t, files)
			expect(t, s, snapshot.ContainerTypeGrants, c.rows, c.reasons...)
			if s.Dataset(snapshot.ContainerTypeGrants).Confined {
				t.Error("a row without a container type is taken for a gap of its own")
			}
		})
	}
}

func TestFolderDoubtsWhatGetSPOApplicationDoesNotTell(t *testing.T) {
	row := kind + "/" + guest + " /applicationPermissions: "
	for name, c := range map[string]struct {
		appOnly, delegated string
		row                string
		gaps               []string
	}{
		"null": {
			"null", `["None"]`, grantRow(guest, "", `["none"]`),
			[]string{row + "the output does not tell; hint: run Get-SPOApplication -OwningApplicationId " + owner + " -ApplicationId " + guest},
		},
		"a type's name": {
			`"System.Collections.Generic.List` + "`" + `1[System.String]"`, `["None"]`, grantRow(guest, "", `["none"]`),
			[]string{row + `what was exported is "System.Collections.Generic.List` + "`" + `1[System.String]", not the list; hint: export with ConvertTo-Json -Depth 5`},
		},
		"an array's name": {`"System.String[]"`, `"System.String[]"`, grantRow(guest, "", ""), []string{
			row + `what was exported is "System.String[]", not the list; hint: export with ConvertTo-Json -Depth 5`,
			kind + "/" + guest + ` /delegatedPermissions: what was exported is "System.String[]", not the list; hint: export with ConvertTo-Json -Depth 5`,
		}},
		"cut off":                    {`"{ReadContent, WriteContent, Create, Delete...}"`, `[]`, grantRow(guest, `["readContent","writeContent","create","delete"]`, `[]`), []string{row + "the list is cut off"}},
		"numbers":                    {`[1,2]`, `13`, grantRow(guest, `["readContent","writeContent"]`, `["managePermissions"]`), []string{row + "numbers were exported; that they stand for what they do in Graph is not documented", kind + "/" + guest + " /delegatedPermissions: numbers were exported; that they stand for what they do in Graph is not documented"}},
		"a number that nobody knows": {`[99]`, `[]`, grantRow(guest, `["99"]`, `[]`), nil},
		"an object":                  {`{"x":1}`, `[]`, grantRow(guest, "", `[]`), []string{row + "expected a list, found an object"}},
		"null among them":            {`["Read",null]`, `[]`, grantRow(guest, `["read"]`, `[]`), []string{row + "expected words, found null"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := collect(t, map[string]string{"Get-SPOApplication.json": told(guest, c.appOnly, c.delegated), "container_type_registrations.json": registrations})
			var reasons []string
			if c.gaps != nil {
				reasons = []string{"row(s) damaged"}
			}
			expect(t, s, snapshot.ContainerTypeGrants, []string{c.row}, reasons...)
			if got := gaps(s.Dataset(snapshot.ContainerTypeGrants)); !slices.Equal(got, c.gaps) {
				t.Errorf("got gaps\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.gaps, "\n"))
			}
		})
	}
}

// Numbers in rows of Graph are read too, and doubted.
func TestFolderReadsNumbersAsPermissions(t *testing.T) {
	s := collect(t, map[string]string{"container_type_grants.json": `[{"containerTypeId":"` + kind + `","appId":"` + guest + `","applicationPermissions":[14],"delegatedPermissions":["none"]}]`})
	expect(t, s, snapshot.ContainerTypeGrants, []string{`{"appId":"` + guest + `","applicationPermissions":["full"],"containerTypeId":"` + kind + `","delegatedPermissions":["none"]}`}, "numbers were exported")
}

// What the cmdlet was not asked for is missing, and each kind of output tells what.
func TestFolderKnowsWhatGetSPOApplicationWasNotAskedFor(t *testing.T) {
	described := func(guests string) string {
		return `{"OwningApplicationId":"` + owner + `","OwningApplicationName":"Archive","Applications":` + guests + `,"SharingCapability":2}`
	}
	notTold := func(app string) string {
		return kind + "/" + app + " /applicationPermissions: the output does not tell; hint: run Get-SPOApplication -OwningApplicationId " + owner + " -ApplicationId " + app
	}
	full := told(guest, `["Read"]`, `["None"]`)
	fullRow := grantRow(guest, `["read"]`, `["none"]`)
	for name, c := range map[string]struct {
		text    string
		rows    []string
		reasons []string
		gaps    []string
	}{
		"owners alone":           {`[{"OwningApplicationId":"` + owner + `","OwningApplicationName":"Archive"}]`, nil, []string{"the guests of application " + owner + " were not exported; hint: run Get-SPOApplication -OwningApplicationId " + owner}, nil},
		"an owner with no guest": {described(`[]`), nil, nil, nil},
		"an owner with guests":   {described(`["` + guest + `","` + other + `"]`), []string{grantRow(guest, "", ""), grantRow(other, "", "")}, []string{"2 row(s) damaged"}, []string{notTold(guest), notTold(other)}},
		"one guest of two":       {described(`["`+guest+`","`+other+`"]`) + "\n" + full, []string{fullRow, grantRow(other, "", "")}, []string{"1 row(s) damaged"}, []string{notTold(other)}},
		"both guests":            {"[" + described(`["`+guest+`"]`) + "," + full + "]", []string{fullRow}, nil, nil},
		"guests that were lost":  {described(`"System.Guid[]"`), nil, []string{`Applications of ` + owner + `: what was exported is "System.Guid[]"`, "were not exported"}, nil},
		"another owner alone":    {strings.ReplaceAll(described(`[]`), owner, other), nil, []string{"of application " + owner + ", which owns a container type, nothing was exported; hint: run Get-SPOApplication -OwningApplicationId " + owner}, nil},
		"nothing":                {`[]`, nil, []string{"of application " + owner + ", which owns a container type, nothing was exported"}, nil},
		"no application":         {`[{"OwningApplicationId":null,"Applications":null}]`, nil, []string{"Get-SPOApplication.json:1: the record names no application"}, nil},
		"permissions of nobody":  {strings.ReplaceAll(full, `"`+guest+`"`, "null"), []string{strings.Replace(fullRow, `"appId":"`+guest+`",`, "", 1)}, []string{`member "appId" is missing`}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := collect(t, map[string]string{"Get-SPOApplication.json": c.text, "container_type_registrations.json": registrations})
			expect(t, s, snapshot.ContainerTypeGrants, c.rows, c.reasons...)
			if got := gaps(s.Dataset(snapshot.ContainerTypeGrants)); !slices.Equal(got, c.gaps) {
				t.Errorf("got gaps %q, want %q", got, c.gaps)
			}
		})
	}
}

// Several outputs, and rows of Graph beside them, are one dataset.
func TestFolderJoinsOutputs(t *testing.T) {
	s := collect(t, map[string]string{
		"container_type_registrations.json": `[{"id":"` + kind + `","owningAppId":"` + owner + `"},{"id":"k2","owningAppId":"` + other + `"}]`,
		"container_type_grants.json":        `[{"containerTypeId":"K2","appId":"` + other + `","applicationPermissions":["full"],"delegatedPermissions":[]}]`,
		"Get-SPOApplication-1.json":         told(owner, `["Full"]`, `["Full"]`),
		"Get-SPOApplication-2.csv":          "OwningApplicationId,ApplicationId,AppOnlyPermissions,DelegatedPermissions\n" + owner + "," + guest + ",Read,None\n",
	})
	expect(t, s, snapshot.ContainerTypeGrants, []string{
		`{"containerTypeId":"K2","appId":"` + other + `","applicationPermissions":["full"],"delegatedPermissions":[]}`,
		grantRow(owner, `["full"]`, `["full"]`), grantRow(guest, `["read"]`, `["none"]`),
	})
	partly := collect(t, map[string]string{
		"container_type_registrations.json": `{"value":` + registrations + `,"@odata.nextLink":"x"}`,
		"Get-SPOApplication.json":           told(owner, `["Full"]`, `["Full"]`),
	})
	expect(t, partly, snapshot.ContainerTypeGrants, []string{grantRow(owner, `["full"]`, `["full"]`)}, "owning applications may be missing, because container_type_registrations is partial")
	broken := collect(t, map[string]string{"container_type_grants.csv": "OwningApplicationId,ApplicationId\n\"" + owner})
	if d := broken.Dataset(snapshot.ContainerTypeGrants); d.Status != snapshot.Failed || !strings.Contains(d.Reason, "container_type_grants.csv:2: ") {
		t.Errorf("got %+v", d)
	}
	if rows := fakegraph.Rows(t, broken, snapshot.ContainerTypeGrants); len(rows) != 0 {
		t.Errorf("got %v", rows)
	}
}
