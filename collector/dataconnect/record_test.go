package dataconnect_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/snapshot"
)

func TestEventsOfOthersAreLeftOut(t *testing.T) {
	d, rows := events(t, encode(t, []any{
		consent(map[string]any{"Workload": "Exchange", "AppRegistrationTenantId": nil}), // 217 is something else there
		consent(map[string]any{"Workload": "Exchange", "RecordType": 219, "State": nil}),
		consent(map[string]any{"Workload": "GraphConnectors", "RecordType": "FilteringRuntimeInfo", "State": nil}),
		role(map[string]any{"Operation": "Update user."}),
		operation(map[string]any{"Workload": "OneDrive"}),
		map[string]any{"Id": "y", "RecordType": 217, "CreationTime": "2026-03-01T09:30:00"}, // Graph's list calls it FilteringRuntimeInfo
		map[string]any{"id": "z", "auditLogRecordType": "FilteringRuntimeInfo", "service": "PublicEndpoint", "auditData": map[string]any{"RecordType": 217}},
		map[string]any{"id": "w", "auditLogRecordType": "x", "auditData": nil},
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
		{"no Workload, by name", encode(t, consent(map[string]any{"Workload": nil, "RecordType": "MicrosoftGraphDataConnectConsent"})), "a record of 2026-03-01T09:30:00Z was not read: events.json:1: a record that is of Data Connect by its type or members, without Workload", snapshot.Partial, 0},
		{"no Workload, by shape", encode(t, operation(map[string]any{"Workload": "", "RecordType": 5})), "events.json:1: a record that is of Data Connect by its type or members, without Workload", snapshot.Partial, 0},
		{"no Workload, in an envelope", encode(t, map[string]any{"RecordType": "microsoftgraphdataconnectoperation", "AuditData": "{}", "CreationDate": "2026-03-01T09:30:00Z"}), "was not read: events.json:1: a record that is of Data Connect", snapshot.Partial, 0},
		{"AuditData that is empty", encode(t, map[string]any{"RecordType": "MicrosoftGraphDataConnectConsent", "AuditData": ""}) + encode(t, consent(nil)), "events.json:1: not an audit record", snapshot.Partial, 1},
		{"AuditData that is null", encode(t, map[string]any{"RecordType": "MicrosoftGraphDataConnectConsent", "AuditData": nil}), "events.json:1: a record that is of Data Connect", snapshot.Partial, 0},
		{"members that break off", `[{"AuditData":"{\"Workload\":\"MicrosoftGraphDataConnect\",\"State\":}"}]` + encode(t, consent(nil)), "events.json:1: not an audit record", snapshot.Partial, 1},
		{"another Workload, by name", encode(t, consent(map[string]any{"Workload": "Exchange", "RecordType": "MicrosoftGraphDataConnectConsent", "State": nil})), `a record of 2026-03-01T09:30:00Z was not read: events.json:1: a record that is of Data Connect by its type or members, of the workload "Exchange"`, snapshot.Partial, 0},
		{"another Workload, by the name of the envelope", encode(t, map[string]any{"auditLogRecordType": "microsoftGraphDataConnectOperation", "auditData": map[string]any{"Workload": "Exchange"}, "createdDateTime": "2026-03-01T09:30:00Z"}), `a record of 2026-03-01T09:30:00Z was not read: events.json:1: a record that is of Data Connect by its type or members, of the workload "Exchange"`, snapshot.Partial, 0},
		{"another Workload, by shape", encode(t, consent(map[string]any{"Workload": "Exchange", "RecordType": 2})), `of the workload "Exchange"`, snapshot.Partial, 0},
		{"almost the Workload", encode(t, operation(map[string]any{"Workload": "Graph Data Connect"})), `of the workload "Graph Data Connect"`, snapshot.Partial, 0},
		{"the directory's Workload", encode(t, consent(map[string]any{"Workload": "AzureActiveDirectory"})), `of the workload "AzureActiveDirectory"`, snapshot.Partial, 0},
		{"the Workload in words", encode(t, consent(map[string]any{"Workload": "Microsoft Graph Data Connect"})) + encode(t, operation(map[string]any{"Workload": "microsoft-graph_DataConnect"})), "", snapshot.Collected, 2},
		{"two workloads", `{"Workload":"MicrosoftGraphDataConnect","workload":"Exchange","CreationTime":"2026-03-01T09:30:00"}`, "a record of 2026-03-01T09:30:00Z was not read: events.json:1: a record whose Workload cannot be read", snapshot.Partial, 0},
		{"the same Workload twice", strings.Replace(encode(t, consent(nil)), "{", `{"workload":"MicrosoftGraphDataConnect",`, 1), "", snapshot.Collected, 1},
		{"two records in an envelope", `{"AuditData":` + quote(encode(t, consent(nil))) + `,"auditData":{}}`, "events.json:1: a record whose Workload cannot be read", snapshot.Failed, 0},
		{"two types", strings.Replace(encode(t, consent(nil)), "{", `{"recordtype":183,`, 1), "of the unknown type (none, or two)", snapshot.Partial, 0},
		{"two applications", strings.Replace(encode(t, consent(nil)), "{", `{"applicationid":"b",`, 1), "without ApplicationId", snapshot.Partial, 1},
		{"two ids", strings.Replace(encode(t, consent(nil)), "{", `{"ID":"b",`, 1), "without Id, kept as", snapshot.Partial, 1},
		{"the list of an event hub", `{"records":[` + encode(t, consent(nil)) + `]}`, "events.json:1: not an audit record", snapshot.Failed, 0},
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

// What a record says twice, in two ways, it does not say.
func TestMembersThatStandTwiceAreDoubted(t *testing.T) {
	twice := func(record map[string]any, members string) string {
		return "[" + strings.Replace(encode(t, record), "{", "{"+members+",", 1) + "]"
	}
	dataset := func(members string) string {
		return strings.Replace(encode(t, columns("id")), `{"DatasetColumns"`, "{"+members+`,"DatasetColumns"`, 1)
	}
	const known = `"state":"approved","stateRaw":"Approved"`
	for _, c := range []struct{ name, text, row, gaps string }{
		{"denied, then approved", twice(consent(nil), `"state":"Denied"`), `"state":""`, ` State stands in the record twice, with different values|/state "" is not a known state`},
		{"of the same spelling", twice(consent(nil), `"State":"Denied"`), `"state":""`, ` State stands in the record twice, with different values|/state "" is not a known state`},
		{"three times", twice(consent(nil), `"State":"Denied","STATE":"Pending"`), `"state":""`, ` State stands in the record twice, with different values|/state "" is not a known state`},
		{"an expiry", twice(consent(nil), `"approvalExpiryDateInUtc":"2030-01-01"`), known, ` ApprovalExpiryDateInUTC stands in the record twice, with different values`},
		{"the same value", twice(consent(nil), `"state":"Approved"`), known, ""},
		{"what is not read", twice(consent(nil), `"operation":"x","OPERATION":"y"`), known, ""},
		{"columns", dataset(`"datasetcolumns":"id,mail"`), `"datasets":[{"name":"d","scope":"all"}]`, ` DatasetColumns stands in the record twice, with different values`},
		{"columns, the same", dataset(`"datasetcolumns":"id"`), `"datasets":[{"name":"d","columns":["id"],"scope":"all"}]`, ""},
		{"in AuditData", `[{"AuditData":` + quote(strings.Trim(twice(consent(nil), `"state":"Denied"`), "[]")) + `}]`, `"state":""`, ` State stands in the record twice, with different values|/state "" is not a known state`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, rows := events(t, c.text)
			var gaps []string
			for _, gap := range d.Gaps {
				gaps = append(gaps, gap.Field+" "+gap.Reason)
			}
			if got := strings.Join(gaps, "|"); len(rows) != 1 || !strings.Contains(rows[0], c.row) || got != c.gaps || (d.Status == snapshot.Partial) != (c.gaps != "") {
				t.Errorf("%s %s, gaps %q, want %q; %v", d.Status, d.Reason, got, c.gaps, rows)
			}
		})
	}
}
