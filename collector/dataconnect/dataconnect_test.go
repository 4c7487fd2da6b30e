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
		"ApplicationId": "AAAAAAAA-0000-4000-8000-000000000001", "ApplicationVersion": "3", "AppRegistrationTenantId": strings.ToUpper(fakegraph.TenantID),
		"Approver": "ada@testco", "ApprovalUpdatedDateInUTC": "2026-03-01T09:30:00.1234567", "ApprovalExpiryDateInUTC": "2026-08-28",
		"ApprovalValidDays": 180, "DestinationSinks": "https://one.dfs.core.windows.net/; https://two.blob.core.windows.net/",
		"DestinationTenantId": fakegraph.TenantID, "Reason": "for reports", "State": "Approved",
		"Datasets": []any{map[string]any{"DatasetName": "BasicDataSet_v0.User_v1", "DatasetColumns": "id, mail", "Scope": "All", "DenyGroups": "BBBBBBBB-0000-4000-8000-00000000000D;Leavers", "PrivacyPolicyType": "DenyList"}},
	}, change)
}

func operation(change map[string]any) map[string]any {
	return with(map[string]any{
		"Id": "o1", "RecordType": "183", "Workload": "microsoftgraphdataconnect", "CreationTime": "2026-03-02T00:00:00Z",
		"ApplicationId": "aaaaaaaa-0000-4000-8000-000000000001", "ApplicationName": "Reports", "PipelineName": "Copy", "PipelineRunId": "CCCCCCCC-0000-4000-8000-000000000001", "UserId": "who@testco",
		"RunStartTime": "2026-03-02T00:00:00", "RunEndTime": "2026-03-02T00:10:00+09:00", "DatasetName": "BasicDataSet_v0.User_v1",
		"DatasetColumns": `["id","mail"]`, "ScopeList": "g1", "RowCount": "42", "Status": "Succeeded", "Reason": "",
	}, change)
}

// columns is a decision on a dataset with these columns.
func columns(value any) map[string]any {
	return consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "All", "DatasetColumns": value}}})
}

// filter is a decision on a dataset with this filter.
func filter(value any) map[string]any {
	return consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "FilterUri", "ScopeFiltersUris": value}}})
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
	`"appTenantId":"10000000-0000-4000-8000-000000000001","version":"3","state":"approved","stateRaw":"Approved","approver":"ada@testco",` +
	`"approvedAt":"2026-03-01T09:30:00.1234567Z","expiresAt":"2026-08-28T00:00:00Z","validDays":180,` +
	`"destinationTenantId":"10000000-0000-4000-8000-000000000001","sinks":["https://one.dfs.core.windows.net/","https://two.blob.core.windows.net/"],` +
	`"datasets":[{"name":"BasicDataSet_v0.User_v1","columns":["id","mail"],"scope":"all",` +
	`"denyGroups":["bbbbbbbb-0000-4000-8000-00000000000d","Leavers"],"privacyPolicy":"DenyList"}],"reason":"for reports"}`

const wantOperation = `{"id":"o1","kind":"operation","at":"2026-03-02T00:00:00Z","appId":"aaaaaaaa-0000-4000-8000-000000000001","appName":"Reports",` +
	`"dataset":"BasicDataSet_v0.User_v1","columns":["id","mail"],"groups":["g1"],"startedAt":"2026-03-02T00:00:00Z","endedAt":"2026-03-01T15:10:00Z",` +
	`"pipeline":"Copy","runId":"cccccccc-0000-4000-8000-000000000001","status":"Succeeded","rows":42}`

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

func TestEventsIgnoreSecretsInOtherRecords(t *testing.T) {
	_, rows := events(t, encode(t, []any{consent(map[string]any{"ModifiedProperties": "s3cret", "ExtraField": "s3cret"})}))
	if bytes.Contains([]byte(strings.Join(rows, "")), []byte("s3cret")) {
		t.Errorf("got %v", rows)
	}
}
