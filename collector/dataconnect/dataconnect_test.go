package dataconnect_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector"
	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// consent is a decision as the schema documents it; change replaces members, nil
// removes them.
func consent(change map[string]any) map[string]any {
	return with(map[string]any{
		"Id": "e1", "RecordType": 217, "Workload": "MicrosoftGraphDataConnect", "CreationTime": "2026-03-01T09:30:00",
		"Operation": "something", "OrganizationId": fakegraph.TenantID, "UserId": "who@testco", "ClientIP": "203.0.113.9",
		"ApplicationId": "AAAAAAAA-0000-4000-8000-000000000001", "AppRegistrationTenantId": strings.ToUpper(fakegraph.TenantID),
		"Approver": "ada@testco", "ApprovalUpdatedDateInUTC": "2026-03-01T09:30:00.1234567", "ApprovalExpiryDateInUTC": "2026-08-28",
		"ApprovalValidDays": 180, "DestinationSinks": "https://one.dfs.core.windows.net/; https://two.blob.core.windows.net/",
		"DestinationTenantId": fakegraph.TenantID, "Reason": "private words", "State": "Approved",
		"Datasets": []any{map[string]any{"DatasetName": "BasicDataSet_v0.User_v1", "DatasetColumns": "id, mail", "Scope": "All", "DenyGroups": "g"}},
	}, change)
}

func operation(change map[string]any) map[string]any {
	return with(map[string]any{
		"Id": "o1", "RecordType": "183", "Workload": "microsoftgraphdataconnect", "CreationTime": "2026-03-02T00:00:00Z",
		"ApplicationId": "aaaaaaaa-0000-4000-8000-000000000001", "ApplicationName": "Reports", "PipelineName": "Copy", "UserId": "who@testco",
		"RunStartTime": "2026-03-02T00:00:00", "RunEndTime": "2026-03-02T00:10:00+09:00", "DatasetName": "BasicDataSet_v0.User_v1",
		"DatasetColumns": `["id","mail"]`, "ScopeList": "g1", "RowCount": "42", "Status": "Succeeded",
	}, change)
}

// columns is a decision on a dataset with these columns.
func columns(value any) map[string]any {
	return consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "All", "DatasetColumns": value}}})
}

func with(record, change map[string]any) map[string]any {
	maps.Copy(record, change)
	maps.DeleteFunc(record, func(_ string, value any) bool { return value == nil })
	return record
}

func encode(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func collect(t *testing.T, opts dataconnect.Options) *snapshot.Snapshot {
	t.Helper()
	return fakegraph.Snapshot(t, func(w *snapshot.Writer) error {
		return collector.Collect(t.Context(), w, dataconnect.New(opts))
	})
}

// events reads one file of records.
func events(t *testing.T, text string) (snapshot.Dataset, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := collect(t, dataconnect.Options{Events: path})
	return s.Manifest.Datasets[snapshot.DataConnectEvents], fakegraph.Rows(t, s, snapshot.DataConnectEvents)
}

const wantConsent = `{"id":"e1","kind":"consent","at":"2026-03-01T09:30:00Z","appId":"aaaaaaaa-0000-4000-8000-000000000001",` +
	`"appTenantId":"10000000-0000-4000-8000-000000000001","state":"approved","stateRaw":"Approved","approver":"ada@testco",` +
	`"approvedAt":"2026-03-01T09:30:00.1234567Z","expiresAt":"2026-08-28T00:00:00Z","validDays":180,` +
	`"destinationTenantId":"10000000-0000-4000-8000-000000000001","sinks":["https://one.dfs.core.windows.net/","https://two.blob.core.windows.net/"],` +
	`"datasets":[{"name":"BasicDataSet_v0.User_v1","columns":["id","mail"],"scope":"all"}]}`

const wantOperation = `{"id":"o1","kind":"operation","at":"2026-03-02T00:00:00Z","appId":"aaaaaaaa-0000-4000-8000-000000000001","appName":"Reports",` +
	`"dataset":"BasicDataSet_v0.User_v1","columns":["id","mail"],"startedAt":"2026-03-02T00:00:00Z","endedAt":"2026-03-01T15:10:00Z",` +
	`"pipeline":"Copy","status":"Succeeded","rows":42}`

func TestEventsKeepOnlyWhatPoliciesRead(t *testing.T) {
	d, rows := events(t, encode(t, []any{operation(nil), consent(nil)}))
	if d.Status != snapshot.Collected || !slices.Equal(rows, []string{wantConsent, wantOperation}) {
		t.Errorf("%s %s\ngot  %s\nwant %s", d.Status, d.Reason, strings.Join(rows, "\n     "), wantConsent+"\n     "+wantOperation)
	}
}

func TestEventsComeInManyEnvelopes(t *testing.T) {
	c := consent(nil)
	noise := maps.Clone(c)
	noise["@odata.type"], noise["Datasets@odata.type"] = "#microsoft.graph.security.defaultAuditData", "#Collection(x)"
	graph := map[string]any{
		"id": "e1", "auditLogRecordType": "MicrosoftGraphDataConnectConsent", "service": "MicrosoftGraphDataConnect",
		"createdDateTime": "2026-03-01T09:30:00Z", "organizationId": fakegraph.TenantID, "auditData": noise,
	}
	for name, text := range map[string]string{
		"array":                encode(t, []any{c}),
		"response":             `{"value":` + encode(t, []any{c}) + `}`,
		"one record":           encode(t, c),
		"a line each":          encode(t, c) + "\n" + encode(t, c) + "\n",
		"audit query":          encode(t, map[string]any{"value": []any{graph}}),
		"audit query, outside": encode(t, []any{with(maps.Clone(graph), map[string]any{"auditData": with(maps.Clone(noise), map[string]any{"Id": nil, "RecordType": nil, "Workload": nil, "CreationTime": nil})})}),
		"PowerShell":           encode(t, []any{map[string]any{"Identity": "x", "RecordType": "MicrosoftGraphDataConnectConsent", "AuditData": encode(t, c)}}),
		"type 219":             encode(t, []any{with(maps.Clone(c), map[string]any{"RecordType": 219})}),
		"type by name":         encode(t, []any{with(maps.Clone(c), map[string]any{"RecordType": "microsoftGraphDataConnectConsent"})}),
		"type by shape":        encode(t, []any{with(maps.Clone(c), map[string]any{"RecordType": 9999})}),
		"datasets as text":     encode(t, []any{with(maps.Clone(c), map[string]any{"Datasets": encode(t, c["Datasets"])})}),
		"datasets as object":   encode(t, []any{with(maps.Clone(c), map[string]any{"Datasets": c["Datasets"].([]any)[0]})}),
		"byte order mark":      "\xef\xbb\xbf" + encode(t, []any{c}),
	} {
		t.Run(name, func(t *testing.T) {
			d, rows := events(t, text)
			if d.Status != snapshot.Collected || !slices.Equal(rows, []string{wantConsent}) {
				t.Errorf("%s %s\ngot  %v\nwant %s", d.Status, d.Reason, rows, wantConsent)
			}
		})
	}
}

func TestEventsValues(t *testing.T) {
	for _, c := range []struct {
		name   string
		record map[string]any
		want   string // in the row
		gap    string // field and reason
	}{
		{"denied", consent(map[string]any{"State": "DENIED by admin"}), `"state":"denied","stateRaw":"DENIED by admin"`, ""},
		{"declined", consent(map[string]any{"State": "Declined"}), `"state":"denied"`, ""},
		{"rejected", consent(map[string]any{"State": "rejected"}), `"state":"denied"`, ""},
		{"revoked", consent(map[string]any{"State": "Revoked"}), `"state":"denied"`, ""},
		{"pending", consent(map[string]any{"State": "PendingAuthorization"}), `"state":"pending"`, ""},
		{"update", consent(map[string]any{"State": "UpdateAvailable"}), `"state":"update_available"`, ""},
		{"unknown state", consent(map[string]any{"State": "Frozen"}), `"state":"","stateRaw":"Frozen"`, `/state "Frozen" is not a known state`},
		{"no state", consent(map[string]any{"State": nil}), `"state":""`, `/state "" is not a known state`},
		{"no publisher", consent(map[string]any{"AppRegistrationTenantId": nil}), `"state":"approved"`, `/appTenantId AppRegistrationTenantId is missing`},
		{"impossible second", consent(map[string]any{"CreationTime": "2023-10-10T17:08:65"}), `"atRaw":"2023-10-10T17:08:65"`, `/at "2023-10-10T17:08:65" is not an instant`},
		{"American expiry", consent(map[string]any{"ApprovalExpiryDateInUTC": "08/28/2026"}), `"expiresAtRaw":"08/28/2026"`, ` expiresAt: "08/28/2026" is not an instant`},
		{"space instead of T", consent(map[string]any{"ApprovalUpdatedDateInUTC": "2026-03-01 09:30:00"}), `"approvedAt":"2026-03-01T09:30:00Z"`, ""},
		{"lower-case zone", consent(map[string]any{"ApprovalUpdatedDateInUTC": "2026-03-01t09:30:00z"}), `"approvedAt":"2026-03-01T09:30:00Z"`, ""},
		{"days as text", consent(map[string]any{"ApprovalValidDays": "90"}), `"validDays":90`, ""},
		{"days that are none", consent(map[string]any{"ApprovalValidDays": "half a year"}), `"state":"approved"`, ` validDays: "half a year" is not a number`},
		{"sinks as an array", consent(map[string]any{"DestinationSinks": []any{"a,b", " c "}}), `"sinks":["a,b","c"]`, ""},
		{"sinks by line", consent(map[string]any{"DestinationSinks": "a\r\nb,c"}), `"sinks":["a","b","c"]`, ""},
		{"no datasets", consent(map[string]any{"Datasets": nil}), `"state":"approved"`, `/datasets Datasets is missing`},
		{"datasets unreadable", consent(map[string]any{"Datasets": "BasicDataSet_v0.User_v1"}), `"state":"approved"`, `/datasets Datasets cannot be read`},
		{
			"filter with commas", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "FilterUri", "ScopeFiltersUris": "https://x?$filter=a eq 'b,c;d'"}}}),
			`"datasets":[{"name":"d","scope":"filter","filter":"https://x?$filter=a eq 'b,c;d'"}]`, "",
		},
		{
			"groups", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "list", "ScopeList": `["g1","g2"]`, "DatasetColumns": []string{"id"}}}}),
			`"datasets":[{"name":"d","columns":["id"],"scope":"list","groups":["g1","g2"]}]`, "",
		},
		{"unknown scope", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "Some"}}}), `"scope":"Some"`, ` datasets/0/scope: "Some" is not a known scope`},
		{"columns not told", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "All", "DatasetColumns": ""}}}), `"datasets":[{"name":"d","scope":"all"}]`, ""},
		{"run without columns", operation(map[string]any{"DatasetColumns": nil}), `"dataset":"BasicDataSet_v0.User_v1","startedAt"`, ""},
		{"run at no time", operation(map[string]any{"RunStartTime": "yesterday"}), `"startedAtRaw":"yesterday"`, `/startedAt "yesterday" is not an instant`},
		{"approval at no time", consent(map[string]any{"ApprovalUpdatedDateInUTC": []any{}}), `"approvedAtRaw":"[]"`, ` approvedAt: "[]" is not an instant`},
		{"state that is an object", consent(map[string]any{"State": map[string]any{}}), `"state":"","stateRaw":"{}"`, `/state "{}" is not a known state`},
		{"approver that is a list", consent(map[string]any{"Approver": []any{"ada@testco"}}), `"state":"approved","stateRaw":"Approved","approvedAt"`, `/approver expected text, found ["ada@testco"]`},
		{"days in an object", consent(map[string]any{"ApprovalValidDays": map[string]any{}}), `"state":"approved"`, ` validDays: "{}" is not a number`},
		{"sinks that are an object", consent(map[string]any{"DestinationSinks": map[string]any{"a": nil}}), `,"datasets"`, `/sinks expected a list, found {"a":null}`},
		{"sinks in part", consent(map[string]any{"DestinationSinks": []any{"a", nil, 5}}), `"sinks":["a"]`, ` sinks: expected a name at 1, found null`},
		{"no sinks", consent(map[string]any{"DestinationSinks": []any{}}), `"sinks":[]`, ""},
		{"datasets in part", consent(map[string]any{"Datasets": []any{nil, map[string]any{"DatasetName": "d", "Scope": "All"}}}), `"datasets":[{"name":"d","scope":"all"}]`, ` datasets: expected an object at 0, found null`},
		{"datasets null", consent(map[string]any{"Datasets": []any{nil}}), `"state":"approved"`, `/datasets Datasets cannot be read`},
		{"datasets that are a number", consent(map[string]any{"Datasets": 7}), `"state":"approved"`, `/datasets Datasets cannot be read`},
		{"no scope", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d"}}}), `"datasets":[{"name":"d"}]`, `/datasets/0/scope Scope is missing`},
		{
			"members of a dataset", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": []any{}, "Scope": map[string]any{}, "ScopeList": 5, "ScopeFiltersUris": []any{"x"}}}}),
			`"datasets":[{}]`, `/datasets/0/filter expected text, found ["x"]|/datasets/0/groups expected a list, found 5|/datasets/0/name expected text, found []|/datasets/0/scope expected text, found {}`,
		},
		{"approved columns in an object", columns(map[string]any{"a": nil}), `{"name":"d","columnsRaw":{"a":null},"scope":"all"}`, `/datasets/0/columns expected a list, found {"a":null}`},
		{"approved columns that are a number", columns(5), `{"name":"d","columnsRaw":5,"scope":"all"}`, `/datasets/0/columns expected a list, found 5`},
		{"approved columns in part", columns([]any{"id", nil}), `{"name":"d","columnsRaw":["id",null],"scope":"all"}`, `/datasets/0/columns expected a name at 1, found null`},
		{"approved columns that break off", columns(`["id",`), `{"name":"d","columnsRaw":"[\"id\",","scope":"all"}`, `/datasets/0/columns expected a list, found ["id",`},
		{"no approved columns", columns([]any{}), `{"name":"d","columns":[],"scope":"all"}`, ""},
		{"columns in an object", operation(map[string]any{"DatasetColumns": map[string]any{"a": nil}}), `"dataset":"BasicDataSet_v0.User_v1","startedAt"`, `/columns expected a list, found {"a":null}`},
		{"columns that are a number", operation(map[string]any{"DatasetColumns": 5}), `"dataset":"BasicDataSet_v0.User_v1","startedAt"`, `/columns expected a list, found 5`},
		{"columns of nothing", operation(map[string]any{"DatasetColumns": []any{nil, " "}}), `"dataset":"BasicDataSet_v0.User_v1","startedAt"`, `/columns expected a name at 0, found null`},
		{"columns that are a comma", operation(map[string]any{"DatasetColumns": ","}), `"dataset":"BasicDataSet_v0.User_v1","startedAt"`, `/columns expected a list, found ","`},
		{"columns in part", operation(map[string]any{"DatasetColumns": `["id",{"x":1}]`}), `"columns":["id"]`, ` columns: expected a name at 1, found {"x":1}`},
		{"rows that are none", operation(map[string]any{"RowCount": "many"}), `"status":"Succeeded"}`, `/rows "many" is not a number`},
		{"replacement", operation(map[string]any{"PipelineName": "caf\uFFFD"}), "caf\uFFFD", " text is not valid UTF-8; unreadable bytes are shown as \uFFFD"},
		{"braces", operation(map[string]any{"ApplicationId": "{AAAAAAAA-0000-4000-8000-000000000001}"}), `"appId":"aaaaaaaa-0000-4000-8000-000000000001"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, rows := events(t, encode(t, []any{c.record}))
			if len(rows) != 1 || !strings.Contains(rows[0], c.want) {
				t.Errorf("got %v, want %s", rows, c.want)
			}
			for _, private := range []string{"private words", "203.0.113.9", "who@testco", `"DenyGroups"`} {
				if strings.Contains(strings.Join(rows, ""), private) {
					t.Errorf("the row keeps %s: %v", private, rows)
				}
			}
			var gaps []string
			for _, gap := range d.Gaps {
				gaps = append(gaps, gap.Field+" "+gap.Reason)
			}
			if got := strings.Join(gaps, "|"); got != c.gap || (d.Status == snapshot.Partial) != (c.gap != "") || d.Confined != (c.gap != "") {
				t.Errorf("%s, confined %v, gaps %q, want %q", d.Status, d.Confined, got, c.gap)
			}
		})
	}
}

func TestEventsOfOthersAreLeftOut(t *testing.T) {
	d, rows := events(t, encode(t, []any{
		consent(map[string]any{"Workload": "Exchange"}), // 217 is something else there
		consent(map[string]any{"Workload": nil}),
		map[string]any{"Id": "x", "RecordType": 8, "Workload": "AzureActiveDirectory", "CreationTime": "17:08:65"},
	}))
	if d.Status != snapshot.Collected || len(rows) != 0 {
		t.Errorf("got %s %s, %v", d.Status, d.Reason, rows)
	}
}

func TestEventsThatCannotBeUsedMakeTheDatasetPartial(t *testing.T) {
	for _, c := range []struct {
		name, text, reason string
		status             snapshot.Status
		rows               int
	}{
		{"no Id", encode(t, consent(nil)) + "\n" + encode(t, consent(map[string]any{"Id": nil})), "events.json:2: a MicrosoftGraphDataConnect record without Id, kept as without-id-", snapshot.Partial, 2},
		{"no ApplicationId", "[\n" + encode(t, consent(map[string]any{"ApplicationId": ""})) + ",\n" + encode(t, operation(nil)) + "]", "events.json:2: a MicrosoftGraphDataConnect record without ApplicationId", snapshot.Partial, 2},
		{"unknown type", encode(t, consent(map[string]any{"RecordType": 500, "State": nil})), "of the unknown type 500", snapshot.Partial, 0},
		{"another tenant", encode(t, consent(map[string]any{"OrganizationId": "99999999-0000-4000-8000-000000000009"})), "of tenant 99999999", snapshot.Partial, 0},
		{"null", "[null," + encode(t, consent(nil)) + "]", "events.json:1: not an audit record", snapshot.Partial, 1},
		{"cut", encode(t, consent(nil)) + "\n{\"Id\":", "events.json:2: the JSON breaks off", snapshot.Partial, 1},
		{"unreadable", "<xml/>", "events.json:1: invalid character '<'", snapshot.Failed, 0},
		{"empty", "", "the file is empty", snapshot.Failed, 0},
		{"broken AuditData", `[{"RecordType":"MicrosoftGraphDataConnectConsent","AuditData":"{\"Id\""}]`, "not an audit record", snapshot.Failed, 0},
		{"nothing happened", "[]", "", snapshot.Collected, 0},
		{"told twice differently", encode(t, consent(nil)) + encode(t, consent(map[string]any{"State": "Denied"})), "two different rows have this id", snapshot.Partial, 2},
		{"told twice", encode(t, consent(nil)) + encode(t, consent(map[string]any{"RecordType": 219, "ClientIP": ""})), "", snapshot.Collected, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, rows := events(t, c.text)
			if d.Status != c.status || len(rows) != c.rows || !strings.Contains(d.Reason, c.reason) {
				t.Errorf("got %s %q with %d rows, want %s %q with %d", d.Status, d.Reason, len(rows), c.status, c.reason, c.rows)
			}
		})
	}
}

func TestEventsWithoutIdAreKept(t *testing.T) {
	denied := encode(t, consent(map[string]any{"Id": nil, "State": "Denied"}))
	d, rows := events(t, denied+"\n"+denied)
	id, _, _ := strings.Cut(strings.TrimPrefix(rows[0], `{"id":"`), `"`)
	if len(rows) != 1 || !strings.HasPrefix(id, "without-id-") || !strings.Contains(rows[0], `"state":"denied"`) || d.Duplicates != 1 {
		t.Errorf("got %v, %+v", rows, d)
	}
	for _, reason := range []string{"events.json:1: ", "events.json:2: ", "kept as " + id} {
		if d.Status != snapshot.Partial || d.Confined || !strings.Contains(d.Reason, reason) {
			t.Errorf("%s, confined %v: %s; want %q", d.Status, d.Confined, d.Reason, reason)
		}
	}
	_, again := events(t, "["+encode(t, operation(nil))+",\n"+denied+"]")
	if !slices.Contains(again, rows[0]) {
		t.Errorf("the id is not stable: %v, %v", again, rows)
	}
	d, rows = events(t, encode(t, consent(map[string]any{"ApplicationId": map[string]any{}, "Id": nil})))
	if len(rows) != 1 || strings.Contains(rows[0], `"appId"`) || !strings.Contains(d.Reason, "without Id") || !strings.Contains(d.Reason, "without ApplicationId") {
		t.Errorf("got %v, %+v", rows, d)
	}
}

func TestEventsThatAreNotUTF8AreDoubted(t *testing.T) {
	line := encode(t, consent(map[string]any{"Approver": "ren\u00e9@testco", "Reason": "plain"}))
	text, err := json.Marshal(strings.Replace(line, "ren\u00e9", "ren?", 1))
	if err != nil {
		t.Fatal(err)
	}
	wrapped := `[{"AuditData":` + strings.Replace(string(text), "ren?", "ren\xe9", 1) + `}]`
	for name, c := range map[string]struct{ text, approver string }{
		"a member":         {"[" + strings.Replace(line, "ren\u00e9", "ren\xe9", 1) + "]", "ren\uFFFD@testco"},
		"a line":           {strings.Replace(line, "ren\u00e9", "ren\xe9", 1), "ren\uFFFD@testco"},
		"not in the row":   {strings.Replace(line, "plain", "pl\xffin", 1), "ren\u00e9@testco"},
		"inside AuditData": {wrapped, "ren\uFFFD@testco"},
		"half an emoji":    {strings.Replace(line, "ren\u00e9", `ren\ud83d`, 1), "ren\uFFFD@testco"},
	} {
		t.Run(name, func(t *testing.T) {
			d, rows := events(t, c.text)
			want := snapshot.Gap{Row: "e1", Reason: "text is not valid UTF-8; unreadable bytes are shown as \uFFFD"}
			if d.Status != snapshot.Partial || !d.Confined || len(d.Gaps) != 1 || d.Gaps[0] != want {
				t.Errorf("got %+v", d)
			}
			if len(rows) != 1 || !strings.Contains(rows[0], `"approver":"`+c.approver+`"`) {
				t.Errorf("got %v", rows)
			}
		})
	}
	for name, workload := range map[string]string{"damaged": "\"MicrosoftGraphDataConnec\xff\"", "no text": `["MicrosoftGraphDataConnect"]`} {
		d, _ := events(t, strings.Replace(line, `"MicrosoftGraphDataConnect"`, workload, 1))
		if d.Status != snapshot.Partial || !strings.Contains(d.Reason, "events.json:1: a record whose Workload cannot be read") {
			t.Errorf("%s workload: %+v", name, d)
		}
	}
}

func TestEventsOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.json": encode(t, []any{consent(nil)}), "a.JSON": encode(t, operation(nil)), "notes.txt": "not read", ".x.json": "not read",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := collect(t, dataconnect.Options{Events: dir, EventsFrom: &from})
	d := s.Manifest.Datasets[snapshot.DataConnectEvents]
	if d.Status != snapshot.Collected || d.Rows != 2 || d.From == nil || !d.From.Equal(from) {
		t.Errorf("got %+v", d)
	}
	for name, path := range map[string]string{"an empty folder": t.TempDir(), "no such folder": filepath.Join(dir, "absent")} {
		d := collect(t, dataconnect.Options{Events: path}).Manifest.Datasets[snapshot.DataConnectEvents]
		if d.Status != snapshot.Failed || d.Reason == "" {
			t.Errorf("%s: got %+v", name, d)
		}
	}
}

func TestRegisterIsWrittenAsDeclared(t *testing.T) {
	s := collect(t, dataconnect.Options{Register: []dataconnect.Entry{{
		TenantID: strings.ToUpper(fakegraph.TenantID), AppID: "AAAAAAAA-0000-4000-8000-000000000001", Name: "Reports", Developer: "dev@testco", State: "pending",
		Datasets: []dataconnect.EntryDataset{{Name: "d1", Columns: []string{"Id"}}, {Name: "d2"}},
	}}})
	want := `{"tenantId":"10000000-0000-4000-8000-000000000001","appId":"aaaaaaaa-0000-4000-8000-000000000001","name":"Reports",` +
		`"developer":"dev@testco","state":"pending","datasets":[{"name":"d1","columns":["Id"]},{"name":"d2"}]}`
	if got := fakegraph.Rows(t, s, snapshot.DataConnectRegister); !slices.Equal(got, []string{want}) {
		t.Errorf("got %v, want %s", got, want)
	}
	if d := s.Manifest.Datasets[snapshot.DataConnectEvents]; d.Status != snapshot.Skipped || d.Reason != "no saved audit events given" {
		t.Errorf("events: %+v", d)
	}
	s = collect(t, dataconnect.Options{})
	if d := s.Manifest.Datasets[snapshot.DataConnectRegister]; d.Status != snapshot.Collected || d.Rows != 0 {
		t.Errorf("empty register: %+v", d)
	}
}

func TestEventsIgnoreSecretsInOtherRecords(t *testing.T) {
	_, rows := events(t, encode(t, []any{consent(map[string]any{"ModifiedProperties": "s3cret", "ExtraField": "s3cret"})}))
	if bytes.Contains([]byte(strings.Join(rows, "")), []byte("s3cret")) {
		t.Errorf("got %v", rows)
	}
}
