package policies

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// Of an application with grants on Microsoft Graph, by the date of the grant, and calls.
const (
	usageApp     = "a1b2c3d4-0000-4000-8000-0000000000a7"
	usageSP      = "a1b2c3d4-0000-4000-8000-0000000000b7"
	usageGraph   = "a1b2c3d4-0000-4000-8000-0000000000c7"
	mailRead     = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
	mailBasic    = "693c5e45-0940-467d-9b8a-1022fb9d42ef"
	userReadAll  = "df021288-bdef-4463-88db-98f22de89214"
	syncWriteAll = "9b50c33d-700f-43b1-b2eb-87e89b703581"
)

// usageSnapshot is of one application that holds app roles since so many days, and of what it
// was seen to call in the days before the as-of instant.
func usageSnapshot(t *testing.T, roles map[string]int, days int, calls ...string) *snapshot.Snapshot {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "snap")
	w, err := snapshot.Create(dir, snapshot.Tenant{ID: testTenant, Cloud: "global"}, snapshot.Tool{}, testAsOf())
	if err != nil {
		t.Fatal(err)
	}
	add := func(name snapshot.Name, meta snapshot.Dataset, rows ...string) {
		d, err := w.Dataset(name)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(rows)
		for _, row := range rows {
			if err := d.Add([]byte(row)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(meta); err != nil {
			t.Fatal(err)
		}
	}
	add(snapshot.Applications, snapshot.Dataset{}, fmt.Sprintf(`{"id":"a0","appId":%q,"displayName":"mover","createdDateTime":"2025-01-01T00:00:00Z","signInAudience":"AzureADMyOrg","requiredResourceAccess":[],"passwordCredentials":[],"keyCredentials":[]}`, usageApp))
	principal := func(id, appID, tenant, more string) string {
		return fmt.Sprintf(`{"id":%q,"appId":%q,"displayName":"x","accountEnabled":true,"servicePrincipalType":"Application","appOwnerOrganizationId":%q,"passwordCredentials":[],"keyCredentials":[]%s}`, id, appID, tenant, more)
	}
	published := fmt.Sprintf(`,"oauth2PermissionScopes":[],"appRoles":[{"id":%q,"value":"Mail.Read"},{"id":%q,"value":"Mail.ReadBasic.All"},{"id":%q,"value":"User.Read.All"},{"id":%q,"value":"Synchronization.ReadWrite.All"}]`, mailRead, mailBasic, userReadAll, syncWriteAll)
	add(snapshot.ServicePrincipals, snapshot.Dataset{},
		principal(usageSP, usageApp, testTenant, `,"appRoles":[],"oauth2PermissionScopes":[]`),
		principal(usageGraph, "00000003-0000-0000-c000-000000000000", "f8cdef31-a31e-4b4a-93e4-5f571e91255a", published))
	var assignments []string
	for role, age := range roles {
		assignments = append(assignments, fmt.Sprintf(`{"id":"%s","appRoleId":%q,"principalId":%q,"principalType":"ServicePrincipal","resourceId":%q,"createdDateTime":%q}`,
			role, role, usageSP, usageGraph, testAsOf().AddDate(0, 0, -age).Format("2006-01-02T15:04:05Z")))
	}
	add(snapshot.AppRoleAssignments, snapshot.Dataset{}, assignments...)
	add(snapshot.DelegatedGrants, snapshot.Dataset{})
	start := testAsOf().AddDate(0, 0, -days)
	var rows []string
	for i, call := range calls {
		var method, path string
		if _, err := fmt.Sscan(call, &method, &path); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf(`{"id":"%02d","evidence":"calls","appId":%q,"kind":"application","method":%q,"path":%q,"calls":3,"firstAt":"2026-11-01T00:00:00Z","lastAt":"2026-11-18T00:00:00Z"}`, i, usageApp, method, path))
	}
	add(snapshot.GraphActivity, snapshot.Dataset{From: &start, Windows: []snapshot.Window{{From: start, To: testAsOf()}}}, rows...)
	if err := w.Commit(testAsOf()); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// From rows of the activity log to what the controls on usage say of them.
func TestUsageIsJudged(t *testing.T) {
	const (
		managers = "GET /users/{id}/manager"
		messages = "GET /users/{id}/messages"
		acquire  = "POST /servicePrincipals/{id}/synchronization/acquireAccessToken"
		graph    = "00000003-0000-0000-c000-000000000000/application/"
	)
	for name, test := range map[string]struct {
		roles map[string]int
		days  int
		calls []string
		want  []string
	}{
		"everything needed": {map[string]int{mailBasic: 300, userReadAll: 300}, 100, []string{managers, messages}, []string{}},
		"an unused role": {map[string]int{mailBasic: 300, userReadAll: 300}, 100, []string{managers}, []string{
			"ENTRA-006 fail " + graph + "Mail.ReadBasic.All", "ENTRA-007 fail " + graph + "Mail.ReadBasic.All",
		}},
		"a narrower one would do":    {map[string]int{mailRead: 300}, 100, []string{messages}, []string{"ENTRA-007 fail " + graph + "Mail.Read"}},
		"unused, granted of late":    {map[string]int{mailRead: 20, userReadAll: 300}, 100, []string{managers}, []string{}},
		"no call at all":             {map[string]int{mailRead: 300}, 100, nil, []string{"ENTRA-006 fail " + graph + "Mail.Read"}},
		"a look-back that is short":  {map[string]int{mailRead: 300, userReadAll: 300}, 80, []string{managers}, []string{"ENTRA-006 unknown ", "ENTRA-007 unknown "}},
		"a call that nobody knows":   {map[string]int{mailRead: 300}, 100, []string{"GET /brandNewThing/ofNoCatalogue"}, []string{"ENTRA-006 unknown ", "ENTRA-007 unknown "}},
		"provisioning with too much": {map[string]int{syncWriteAll: 300}, 100, []string{acquire}, []string{"ENTRA-005 fail " + graph + "Synchronization.ReadWrite.All", "ENTRA-007 fail " + graph + "Synchronization.ReadWrite.All"}},
	} {
		t.Run(name, func(t *testing.T) {
			document := judgedReport(t, usageSnapshot(t, test.roles, test.days, test.calls...), Options{
				Kinds: []subject.Kind{subject.KindApplication}, Only: []string{"ENTRA-005", "ENTRA-006", "ENTRA-007"},
			})
			got := usageFindings(t, document)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// usageFindings are the findings on the application, as "control outcome permission".
func usageFindings(t *testing.T, document *finding.Document) []string {
	t.Helper()
	got := []string{}
	for f, err := range document.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if f.Subject.ID != usageApp {
			continue
		}
		var key struct{ Permission string }
		if err := json.Unmarshal(f.Key, &key); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s", f.Control, f.Outcome, key.Permission))
		if f.Outcome == finding.Unknown {
			t.Log(f.Message)
		}
	}
	slices.Sort(got)
	return got
}
