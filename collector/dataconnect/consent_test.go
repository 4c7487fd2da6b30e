package dataconnect_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const (
	clientSP   = "cccccccc-0000-4000-8000-000000000001"
	clientApp  = "cccccccc-0000-4000-8000-0000000000aa"
	graphSP    = "99999999-0000-4000-8000-000000000001"
	graphApp   = "00000003-0000-0000-c000-000000000000"
	adaID      = "aaaaaaaa-0000-4000-8000-00000000000a"
	otherSP    = "88888888-0000-4000-8000-000000000001"
	graphNames = graphApp + "/ags.windows.net;" + graphApp + ";https://graph.microsoft.com"
)

// granting is a record of the directory as the Management Activity API has it: an operation, its targets, and what it
// changed, as triples of name, old and new value.
func granting(operation string, targets []string, changed ...[3]string) map[string]any {
	var properties, target []any
	for _, one := range changed {
		properties = append(properties, map[string]any{"Name": one[0], "OldValue": one[1], "NewValue": one[2]})
	}
	for _, id := range targets {
		target = append(target, map[string]any{"ID": "ServicePrincipal_" + strings.ToUpper(id), "Type": 2}, map[string]any{"ID": id, "Type": 2},
			map[string]any{"ID": "ServicePrincipal", "Type": 2}, map[string]any{"ID": "Name of " + id[:2], "Type": 1})
	}
	return map[string]any{
		"Id": "c1", "RecordType": 8, "Workload": "AzureActiveDirectory", "CreationTime": "2026-11-01T09:00:00", "Operation": operation,
		"OrganizationId": fakegraph.TenantID, "ResultStatus": "Success", "UserId": "ada@testco", "ObjectId": "x", "ModifiedProperties": properties, "Target": target,
		"ExtendedProperties": []any{map[string]any{"Name": "additionalDetails", "Value": "private words"}},
		"Actor": []any{
			map[string]any{"ID": "ada@testco", "Type": 5},
			map[string]any{"ID": "1003", "Type": 3},
			map[string]any{"ID": "18ed3507-0000-4000-8000-000000000000", "Type": 2},
			map[string]any{"ID": "User_" + adaID, "Type": 2},
			map[string]any{"ID": adaID, "Type": 2},
			map[string]any{"ID": "User", "Type": 2},
		},
	}
}

// entry is a grant in ConsentAction.Permissions.
func entry(resource, consentType, principal, scope string) string {
	return "[Id: x_Y-1, ClientId: " + clientSP + ", PrincipalId: " + principal + ", ResourceId: " + resource + ", ConsentType: " + consentType + ", Scope: " + scope +
		", CreatedDateTime: , LastModifiedDateTime ]"
}

// agreed is an act of consenting as an administrator.
func agreed(permissions string) map[string]any {
	r := granting("Consent to application.", []string{clientSP},
		[3]string{"ConsentContext.IsAdminConsent", "", "True"}, [3]string{"ConsentContext.IsAppOnly", "", "False"}, [3]string{"ConsentContext.OnBehalfOfAll", "", "True"},
		[3]string{"ConsentContext.Tags", "", "private words"}, [3]string{"ConsentAction.Permissions", "", permissions}, [3]string{"TargetId.ServicePrincipalNames", "", clientApp})
	return with(r, map[string]any{"ObjectId": clientApp})
}

func party(old bool, more ...[3]string) [][3]string {
	value := func(name, is string) [3]string {
		if old {
			return [3]string{name, is, ""}
		}
		return [3]string{name, "", is}
	}
	return append([][3]string{
		value("ServicePrincipal.ObjectID", clientSP), value("ServicePrincipal.DisplayName", "Reports"), value("ServicePrincipal.AppId", strings.ToUpper(clientApp)),
		value("ServicePrincipal.Name", clientApp), value("TargetId.ServicePrincipalNames", graphNames),
	}, more...)
}

// ownLog is the record as the directory's own log has it: no period, values in quotes, targets as objects, ids of its own.
func ownLog(r map[string]any) map[string]any {
	var targets, properties []any
	for _, one := range r["ModifiedProperties"].([]any) {
		p := one.(map[string]any)
		changed := map[string]any{"displayName": p["Name"], "oldValue": nil, "newValue": nil}
		for name, value := range map[string]string{"oldValue": p["OldValue"].(string), "newValue": p["NewValue"].(string)} {
			if value != "" {
				inner, _ := json.Marshal(value)
				changed[name] = string(inner)
			}
		}
		properties = append(properties, changed)
	}
	for _, one := range r["Target"].([]any) {
		if _, id, ok := strings.Cut(one.(map[string]any)["ID"].(string), "_"); ok {
			targets = append(targets, map[string]any{"id": strings.ToLower(id), "displayName": "Name of " + strings.ToLower(id[:2]), "type": "ServicePrincipal", "modifiedProperties": []any{}})
		}
	}
	targets[0].(map[string]any)["modifiedProperties"] = properties
	return map[string]any{
		"id": "Directory_" + r["Id"].(string), "category": "ApplicationManagement", "result": "success", "activityDateTime": r["CreationTime"].(string) + ".4321Z",
		"activityDisplayName": strings.TrimSuffix(r["Operation"].(string), "."), "targetResources": targets,
		"initiatedBy": map[string]any{"app": nil, "user": map[string]any{"id": adaID, "userPrincipalName": "ada@testco", "ipAddress": "203.0.113.9"}},
	}
}

const (
	byAda      = `"by":{"id":"` + adaID + `","upn":"ada@testco"}`
	wantAgreed = `{"id":"c1","at":"2026-11-01T09:00:00Z","operation":"Consent to application","change":"added","appId":"` + clientApp + `","servicePrincipalId":"` + clientSP +
		`","appName":"Name of cc",` + byAda + `,"admin":true,"onBehalfOfAll":true`
	wantParties = `"appId":"` + clientApp + `","servicePrincipalId":"` + clientSP + `","appName":"Reports",` + byAda + `,"resourceId":"` + graphSP + `","resourceAppId":"` + graphApp + `"`
)

// toAll is a delegated permission of an API for all.
func toAll(scope, resource, resourceApp string) string {
	return `{"kind":"delegated","permission":"` + scope + `","resourceId":"` + resource + `"` + resourceApp + `,"consentType":"AllPrincipals"}`
}

func consents(t *testing.T, records ...any) (snapshot.Dataset, []string) {
	t.Helper()
	s := collect(t, dataconnect.Options{Clock: fakegraph.Now, ConsentFeeds: []dataconnect.Feed{&feed{records: records, covered: covers(window(30, 0))}}})
	return s.Dataset(snapshot.ConsentEvents), fakegraph.Rows(t, s, snapshot.ConsentEvents)
}

func reasons(d snapshot.Dataset) string {
	all := d.Reason
	for _, gap := range d.Gaps {
		all += "; " + gap.Row + ": " + gap.Reason
	}
	return all
}

func expectRows(t *testing.T, d snapshot.Dataset, rows, want []string) {
	t.Helper()
	if !slices.Equal(rows, want) || d.Status != snapshot.Collected {
		t.Errorf("%s %s\ngot  %s\nwant %s", d.Status, reasons(d), strings.Join(rows, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestConsents(t *testing.T) {
	ofGraph := `,"resourceAppId":"` + graphApp + `"`
	for _, c := range []struct {
		name   string
		record map[string]any
		want   []string
	}{
		{"for all", agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "User.Read Mail.Read") + "]; "), []string{wantAgreed + `,"grants":[` + toAll("User.Read", graphSP, "") + "," + toAll("Mail.Read", graphSP, "") + "]}"}},
		{"several APIs", agreed("[] => [" + entry(graphSP, "AllPrincipals", "", " User.Read ") + ", " + entry(otherSP, "AllPrincipals", "", "Do") + "]"), []string{wantAgreed + `,"grants":[` + toAll("User.Read", graphSP, "") + "," + toAll("Do", otherSP, "") + "]}"}},
		{"for one", agreed("[] => [" + entry(graphSP, "Principal", adaID, "User.Read") + "]; "), []string{wantAgreed + `,"grants":[{"kind":"delegated","permission":"User.Read","resourceId":"` + graphSP + `","consentType":"Principal","principalId":"` + adaID + `"}]}`}},
		{"more than before", agreed("[" + entry(graphSP, "AllPrincipals", "", "User.Read") + "] => [" + entry(graphSP, "AllPrincipals", "", "user.read Mail.Read") + "]; "), []string{wantAgreed + `,"grants":[` + toAll("Mail.Read", graphSP, "") + "]}"}},
		{"nothing new", agreed("[" + entry(graphSP, "AllPrincipals", "", "User.Read") + "] => [" + entry(graphSP, "AllPrincipals", "", "User.Read") + "]; "), []string{wantAgreed + `,"unchanged":true}`}},
		{"others than before", agreed("[" + entry(graphSP, "AllPrincipals", "", "User.Read") + "] => [" + entry(graphSP, "AllPrincipals", "", "Mail.Read") + "]; "), []string{
			wantAgreed + `,"grants":[` + toAll("Mail.Read", graphSP, "") + "]}",
			strings.Replace(strings.Replace(wantAgreed, `"c1"`, `"c1/removed"`, 1), "added", "removed", 1) + `,"grants":[` + toAll("User.Read", graphSP, "") + "]}",
		}},
		{"app role", granting("Add app role assignment to service principal.", []string{graphSP}, party(false, [3]string{"AppRole.Id", "", "DF021288-bdef-4463-88db-98f22de89214"}, [3]string{"AppRole.Value", "", "User.Read.All"})...), []string{
			`{"id":"c1","at":"2026-11-01T09:00:00Z","operation":"Add app role assignment to service principal","change":"added",` + wantParties +
				`,"grants":[{"kind":"application","permission":"User.Read.All","permissionId":"df021288-bdef-4463-88db-98f22de89214","resourceId":"` + graphSP + `"` + ofGraph + `}]}`,
		}},
		{"app role taken away", granting("Remove app role assignment from service principal.", []string{graphSP, clientSP}, party(true, [3]string{"AppRole.Value", "User.Read.All", ""})...), []string{
			`{"id":"c1","at":"2026-11-01T09:00:00Z","operation":"Remove app role assignment from service principal","change":"removed",` + wantParties +
				`,"grants":[{"kind":"application","permission":"User.Read.All","resourceId":"` + graphSP + `"` + ofGraph + `}]}`,
		}},
		{"scopes", granting("Add delegated permission grant.", []string{graphSP, clientSP}, party(false, [3]string{"DelegatedPermissionGrant.Scope", "User.Read", "User.Read Mail.ReadWrite"}, [3]string{"DelegatedPermissionGrant.ConsentType", "AllPrincipals", "AllPrincipals"})...), []string{
			`{"id":"c1","at":"2026-11-01T09:00:00Z","operation":"Add delegated permission grant","change":"added",` + wantParties + `,"grants":[` + toAll("Mail.ReadWrite", graphSP, ofGraph) + `]}`,
		}},
		{"scopes taken away", granting("Remove delegated permission grant", []string{graphSP}, party(true, [3]string{"DelegatedPermissionGrant.Scope", "User.Read", ""}, [3]string{"DelegatedPermissionGrant.ConsentType", "AllPrincipals", ""})...), []string{
			`{"id":"c1","at":"2026-11-01T09:00:00Z","operation":"Remove delegated permission grant","change":"removed",` + wantParties + `,"grants":[` + toAll("User.Read", graphSP, ofGraph) + `]}`,
		}},
		{"user let in", granting("Add app role assignment grant to user.", []string{clientSP}, [3]string{"AppRole.Value", "", "Reader"}, [3]string{"User.ObjectID", "", adaID}, [3]string{"User.UPN", "", "private words"}, [3]string{"TargetId.ServicePrincipalNames", "", clientApp}), []string{
			`{"id":"c1","at":"2026-11-01T09:00:00Z","operation":"Add app role assignment grant to user","change":"added","appId":"` + clientApp + `","servicePrincipalId":"` + clientSP + `","appName":"Name of cc",` + byAda + `,"grants":[{"kind":"user_assignment","permission":"Reader"}]}`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, rows := consents(t, c.record)
			expectRows(t, d, rows, c.want)
			if strings.Contains(strings.Join(rows, ""), "private") {
				t.Errorf("got %v", rows)
			}
			// The directory's own log says the same under another id, and a fraction of a second later.
			d, own := consents(t, ownLog(c.record))
			for i, row := range own {
				own[i] = strings.NewReplacer("Directory_c1", "c1", "00.4321Z", "00Z").Replace(row)
			}
			expectRows(t, d, own, c.want)
			// Read from both, it is one event.
			d, both := consents(t, c.record, ownLog(c.record), c.record)
			expectRows(t, d, both, c.want)
		})
	}
}

func TestConsentsAreSpelledInManyWays(t *testing.T) {
	record := func(operation string, old bool) map[string]any {
		from, to := "", "User.Read"
		if old {
			from, to = to, from
		}
		return granting(operation, []string{graphSP}, party(old, [3]string{"DelegatedPermissionGrant.Scope", from, to}, [3]string{"DelegatedPermissionGrant.ConsentType", from[:0] + "AllPrincipals", "AllPrincipals"})...)
	}
	for operation, want := range map[string]string{
		"Add delegated permission grant.": "added", " add DELEGATED permission grant . ": "added", "Add OAuth2PermissionGrant.": "added", "Add delegation entry": "added",
		"Remove OAuth2PermissionGrant": "removed", "Remove delegation entry.": "removed", "Remove delegated\u00a0permission grant. ": "removed",
		"Add delegated permission grant – something": "", "Add app role assignment of a new kind.": "",
	} {
		d, rows := consents(t, record(operation, want == "removed"))
		switch {
		case want == "" && (len(rows) > 0 || len(d.Holes) != 1 || !strings.Contains(reasons(d), "not understood")):
			t.Errorf("%q: got %v, %s %s", operation, rows, d.Status, reasons(d))
		case want != "" && (len(rows) != 1 || !strings.Contains(rows[0], `"change":"`+want+`"`) || d.Status != snapshot.Collected):
			t.Errorf("%q: got %v, %s %s", operation, rows, d.Status, reasons(d))
		}
	}
	for _, operation := range []string{"Update application – Certificates and secrets management ", "Add service principal.", "Add owner to application.", "Update user."} {
		if d, rows := consents(t, record(operation, false)); len(rows) > 0 || d.Status != snapshot.Collected {
			t.Errorf("%q: got %v, %s %s", operation, rows, d.Status, reasons(d))
		}
	}
}

// What cannot be read is a gap of its event, and never dropped: the event stays, and says of no permission that it was
// the one.
func TestDamagedConsentsAreGaps(t *testing.T) {
	scope := func(values ...[3]string) map[string]any {
		return granting("Add delegated permission grant.", []string{graphSP}, party(false, values...)...)
	}
	for name, c := range map[string]struct {
		record map[string]any
		reason string
	}{
		"no permissions":      {agreed(""), "is not told"},
		"no arrow":            {agreed("[" + entry(graphSP, "AllPrincipals", "", "User.Read") + "]"), "expected =>"},
		"broken off":          {agreed("[] => [[Id: x, ClientId: " + clientSP + ", ResourceId: " + graphSP), "cannot be read"},
		"no resource":         {agreed("[] => [" + entry("", "AllPrincipals", "", "User.Read") + "]"), "without ResourceId"},
		"no scope":            {agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "") + "]"), "without Scope"},
		"for whom":            {agreed("[] => [" + entry(graphSP, "Somebody", "", "User.Read") + "]"), "for whom"},
		"which user":          {agreed("[] => [" + entry(graphSP, "Principal", "", "User.Read") + "]"), "without PrincipalId"},
		"words behind":        {agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "User.Read") + "] and more"), "expected the end"},
		"of another":          {agreed("[] => [" + strings.Replace(entry(graphSP, "AllPrincipals", "", "User.Read"), clientSP, otherSP, 1) + "]"), "of another application"},
		"scope missing":       {scope([3]string{"DelegatedPermissionGrant.ConsentType", "", "AllPrincipals"}), "which permissions"},
		"type missing":        {scope([3]string{"DelegatedPermissionGrant.Scope", "", "User.Read"}), "for whom"},
		"user missing":        {scope([3]string{"DelegatedPermissionGrant.Scope", "", "User.Read"}, [3]string{"DelegatedPermissionGrant.ConsentType", "", "Principal"}), "for which user"},
		"role missing":        {granting("Add app role assignment to service principal.", []string{graphSP}, party(false)...), "AppRole"},
		"API missing":         {granting("Add app role assignment to service principal.", []string{clientSP}, [3]string{"ServicePrincipal.ObjectID", "", clientSP}, [3]string{"AppRole.Value", "", "X"}), "of which API"},
		"result":              {with(agreed("[] => []"), map[string]any{"ResultStatus": "Perhaps"}), "whether it has happened"},
		"properties":          {with(agreed("[] => []"), map[string]any{"ModifiedProperties": "words"}), "ModifiedProperties cannot be read"},
		"two values":          {scope([3]string{"DelegatedPermissionGrant.Scope", "", "A"}, [3]string{"DelegatedPermissionGrant.Scope", "", "B"}, [3]string{"DelegatedPermissionGrant.ConsentType", "", "AllPrincipals"}), "twice"},
		"time":                {with(agreed("[] => []"), map[string]any{"CreationTime": "2026-13-01T00:00:65"}), "not an instant"},
		"member stands twice": {with(agreed("[] => []"), map[string]any{"userid": "eve@testco"}), "UserId stands in the record twice"},
	} {
		t.Run(name, func(t *testing.T) {
			d, rows := consents(t, c.record)
			if len(rows) != 1 || len(d.Gaps) == 0 || !strings.Contains(reasons(d), c.reason) || d.Gaps[0].Row != "c1" {
				t.Errorf("got %v, %s %s, want a gap %q", rows, d.Status, reasons(d), c.reason)
			}
			if strings.Contains(strings.Join(rows, ""), `"unchanged"`) && strings.Contains(c.reason, "permission") {
				t.Errorf("got %v", rows)
			}
		})
	}
}

func TestConsentsThatDidNotHappen(t *testing.T) {
	good := agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "User.Read") + "]; ")
	failed := with(maps.Clone(good), map[string]any{"ResultStatus": "Failure"})
	own := with(ownLog(good), map[string]any{"result": "failure"})
	if d, rows := consents(t, failed, own); len(rows) > 0 || d.Status != snapshot.Collected {
		t.Errorf("got %v, %s %s", rows, d.Status, reasons(d))
	}
	elsewhere := with(maps.Clone(good), map[string]any{"OrganizationId": "20000000-0000-4000-8000-000000000001"})
	if d, rows := consents(t, elsewhere); len(rows) > 0 || d.Status != snapshot.Partial {
		t.Errorf("got %v, %s %s", rows, d.Status, reasons(d))
	}
	nobody := granting("Consent to application.", nil, [3]string{"ConsentAction.Permissions", "", "[] => []"})
	if d, rows := consents(t, nobody); len(rows) != 1 || d.Status != snapshot.Partial || !strings.Contains(reasons(d), "which application") {
		t.Errorf("got %v, %s %s", rows, d.Status, reasons(d))
	}
	twice := `{"Id":"c3","OrganizationId":"` + fakegraph.TenantID + `","Workload":"AzureActiveDirectory","Operation":"Consent to application.","operation":"Update user.","CreationTime":"2026-11-01T09:00:00"}`
	if d, rows := consents(t, twice); len(rows) > 0 || d.Status != snapshot.Partial || !strings.Contains(reasons(d), "two operations") {
		t.Errorf("got %v, %s %s", rows, d.Status, reasons(d))
	}
	unreadable := `{"Id":"c2","Workload":"AzureActiveDirectory","Operation":"Consent to application.","CreationTime":"2026-11-01T09:00:00","ModifiedProperties":[}`
	if d, rows := consents(t, good, unreadable); len(rows) != 1 || d.Status != snapshot.Partial {
		t.Errorf("got %v, %s %s", rows, d.Status, reasons(d))
	}
}

func TestConsentsByApplications(t *testing.T) {
	r := granting("Add app role assignment to service principal.", []string{graphSP}, party(false, [3]string{"AppRole.Value", "", "X"})...)
	r["UserId"] = "ServicePrincipal_" + otherSP
	r["Actor"] = []any{map[string]any{"ID": "Robot", "Type": 1}, map[string]any{"ID": "ServicePrincipal_" + otherSP, "Type": 2}, map[string]any{"ID": graphApp, "Type": 4}}
	own := ownLog(r)
	own["initiatedBy"] = map[string]any{"user": nil, "app": map[string]any{"appId": strings.ToUpper(graphApp), "servicePrincipalId": otherSP}}
	for _, record := range []map[string]any{r, own} {
		_, rows := consents(t, record)
		if len(rows) != 1 || !strings.Contains(rows[0], `"by":{"id":"`+otherSP+`","appId":"`+graphApp+`"}`) {
			t.Errorf("got %v", rows)
		}
	}
}

// A feed of both is read once where both have come equally far, and else for each.
func TestOneFeedOfRolesAndConsents(t *testing.T) {
	good := agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "User.Read") + "]; ")
	counted := func(previous *snapshot.Snapshot) (*snapshot.Snapshot, int) {
		reads := 0
		f := &feed{records: []any{good, role(nil)}, covered: covers(window(5, 0)), before: func() { reads++ }}
		s := collect(t, dataconnect.Options{
			Clock: fakegraph.Now, RoleFeeds: []dataconnect.Feed{f}, ConsentFeeds: []dataconnect.Feed{f}, Previous: previous,
		})
		return s, reads
	}
	first, reads := counted(nil)
	if reads != 1 || len(fakegraph.Rows(t, first, snapshot.ConsentEvents)) != 1 || !slices.Equal(fakegraph.Rows(t, first, snapshot.RoleEvents), []string{wantRole}) {
		t.Errorf("%d reads, %v", reads, fakegraph.Rows(t, first, snapshot.ConsentEvents))
	}
	if again, reads := counted(first); reads != 1 || len(fakegraph.Rows(t, again, snapshot.ConsentEvents)) != 1 {
		t.Errorf("%d reads, %v", reads, fakegraph.Rows(t, again, snapshot.ConsentEvents))
	}
	old := former(t, snapshot.RoleEvents, snapshot.Dataset{Windows: []snapshot.Window{window(9, 4)}})
	upgraded, reads := counted(old)
	if got, want := told(upgraded.Dataset(snapshot.ConsentEvents)), "collected from 5 [5,0)"; reads != 2 || got != want {
		t.Errorf("%d reads, %s, want %s", reads, got, want)
	}
	if got, want := told(upgraded.Dataset(snapshot.RoleEvents)), "collected from 9 [9,0)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// An event that a former run read from one log, and that now comes from another, is known.
func TestConsentsOfFormerRuns(t *testing.T) {
	good := agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "User.Read") + "]; ")
	run := func(previous *snapshot.Snapshot, record any) *snapshot.Snapshot {
		return collect(t, dataconnect.Options{
			Clock: fakegraph.Now, Previous: previous, OnlyConsents: true, ConsentFeeds: []dataconnect.Feed{&feed{records: []any{record}, covered: covers(window(30, 0))}},
		})
	}
	again := run(run(nil, good), ownLog(good))
	if rows := fakegraph.Rows(t, again, snapshot.ConsentEvents); len(rows) != 1 || !strings.Contains(rows[0], `"id":"c1"`) {
		t.Errorf("got %v", rows)
	}
	later := with(ownLog(good), map[string]any{"activityDateTime": "2026-11-01T09:00:09Z"})
	if rows := fakegraph.Rows(t, run(run(nil, good), later), snapshot.ConsentEvents); len(rows) != 2 {
		t.Errorf("got %v", rows)
	}
	if _, ok := again.Manifest.Datasets[snapshot.RoleEvents]; ok {
		t.Error("a source of consents has roles")
	}
}

func TestSavedConsents(t *testing.T) {
	good := agreed("[] => [" + entry(graphSP, "AllPrincipals", "", "User.Read") + "]; ")
	own := ownLog(good)
	inText := func(value any) string {
		text, _ := json.Marshal(value)
		return string(text)
	}
	analytics := map[string]any{
		"TimeGenerated": "2026-11-01T09:00:00.4Z", "OperationName": "Consent to application", "ActivityDisplayName": "Consent to application", "AADTenantId": fakegraph.TenantID,
		"Id": "Directory_c1", "Result": "success", "InitiatedBy": inText(own["initiatedBy"]), "TargetResources": inText(own["targetResources"]), "ActivityDateTime": "2026-11-01T09:00:00.4Z",
	}
	want := strings.TrimPrefix(wantAgreed, `{"id":"c1","at":"2026-11-01T09:00:00Z"`) + `,"grants":[` + toAll("User.Read", graphSP, "") + "]}"
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for name, text := range map[string]string{
		"a.json":   encode(t, []any{good}),
		"b.json":   encode(t, map[string]any{"value": []any{own}}),
		"c.ndjson": encode(t, analytics),
		"d.json":   encode(t, []any{map[string]any{"time": "2026-11-01T09:00:00Z", "operationName": "Consent to application", "tenantId": fakegraph.TenantID, "properties": own}}),
		"e.json":   encode(t, []any{map[string]any{"id": "c1", "auditLogRecordType": "AzureActiveDirectory", "service": "AzureActiveDirectory", "auditData": good}}),
		"f.csv":    "RecordType,CreationDate,Identity,AuditData\nAzureActiveDirectory,2026-11-01T09:00:00Z,c1,\"" + strings.ReplaceAll(encode(t, good), `"`, `""`) + "\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := collect(t, dataconnect.Options{Clock: fakegraph.Now, Events: folder(t, map[string]string{name: text}), EventsFrom: &from})
			d, rows := s.Dataset(snapshot.ConsentEvents), fakegraph.Rows(t, s, snapshot.ConsentEvents)
			if len(rows) != 1 || !strings.HasSuffix(rows[0], want) || d.Status != snapshot.Collected || d.From == nil {
				t.Errorf("%s %s\ngot  %v\nwant %s", d.Status, reasons(d), rows, want)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "none.json")
	if err := os.WriteFile(path, []byte(encode(t, []any{operation(nil)})), 0o600); err != nil {
		t.Fatal(err)
	}
	none := collect(t, dataconnect.Options{Events: path}).Dataset(snapshot.ConsentEvents)
	if none.Status != snapshot.Skipped || !strings.Contains(none.Reason, "no consent") {
		t.Errorf("%s %s", none.Status, none.Reason)
	}
}
