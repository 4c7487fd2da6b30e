package dataconnect_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leastwise/collector"
	"leastwise/collector/dataconnect"
	"leastwise/collector/snapshot"
)

// FuzzEvents reads arbitrary bytes as saved audit records, as a table of them, and as
// one record of a feed. Each row says what it is; what was left unread is said.
func FuzzEvents(f *testing.F) {
	const consent = `{"Id":"e1","RecordType":217,"Workload":"MicrosoftGraphDataConnect","CreationTime":"2026-03-01T09:30:00","ApplicationId":"a","ApplicationVersion":2,"State":"Approved","Reason":"r","ApprovalUpdatedDateInUTC":"2026-03-01T09:30:00Z","ApprovalExpiryDateInUTC":"01/20/2025","ApprovalValidDays":"180","DestinationSinks":"[\"x\"]","Datasets":"[{\"DatasetName\":\"n\",\"DatasetColumns\":[\"id\"],\"Scope\":{},\"ScopeFiltersUris\":[\"x\"],\"DenyGroups\":\"a;b\"}]"}`
	const role = `{"Id":"r1","RecordType":8,"Workload":"AzureActiveDirectory","CreationTime":"2026-03-01T09:30:00","Operation":"Add member to role.","ObjectId":"a@b","UserId":"c@d","Target":[{"ID":"User_aaaaaaaa-0000-4000-8000-000000000001","Type":2},{"ID":5}],"ModifiedProperties":[{"Name":"Role.TemplateId","NewValue":"\"x\"","OldValue":["y"]}]}`
	for _, seed := range []string{
		"[" + consent + "]", consent + "\n" + strings.Replace(consent, "217", "219", 1), `{"value":[{"id":"1","auditData":` + consent + `}]}`,
		`[{"AuditData":` + quote(consent) + `}]`, `[{"Id":"o1","RecordType":183,"Workload":"MicrosoftGraphDataConnect","ApplicationId":"a","DatasetColumns":"id,mail","ScopeList":"g","PipelineRunId":"{A}","RunStartTime":5,"RowCount":1e3}]`,
		`[{"Workload":{}}]`, `[{"Workload":"Exchange"}]`, `[null,5,{}]`, `[`, "\xff\xfe[\x00]\x00", `[{"AuditData":"{"}]`, strings.ReplaceAll(consent, `"a"`, "\"\xff\""),
		role, "[" + role + "," + strings.Replace(role, "Add member to", "Remove member from", 1) + "]", `[{"AuditData":` + quote(role) + `}]`, strings.Replace(role, `[{"ID"`, `["x",{"ID"`, 1),
		"RecordType,AuditData\r\nx,\"" + strings.ReplaceAll(consent, `"`, `""`) + "\"\r\n", "AuditData;Identity\n{};1\n", strings.Replace(consent, `"Workload":"MicrosoftGraphDataConnect",`, "", 1),
		`{"Work\u006coad":"MicrosoftGraphDataConnect","State":"x","Approver":[]}`,
	} {
		f.Add([]byte(seed))
	}
	now := func() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		for _, name := range []string{"events.json", "events.csv"} {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			from := now().AddDate(-1, 0, 0)
			check(t, data, dataconnect.Options{Events: path, EventsFrom: &from, Clock: now})
		}
		if json.Valid(data) {
			one := oneRecord(data)
			check(t, data, dataconnect.Options{Feeds: []dataconnect.Feed{one}, RoleFeeds: []dataconnect.Feed{one}, Clock: now})
		}
	})
}

// oneRecord is a feed of one record.
type oneRecord []byte

// Read is part of dataconnect.Feed.
func (r oneRecord) Read(_ context.Context, _ snapshot.State, each func(json.RawMessage, string) error) (dataconnect.Coverage, error) {
	return dataconnect.Coverage{}, each(json.RawMessage(r), "blob")
}

// check collects and looks at what every snapshot of events must hold.
func check(t *testing.T, data []byte, opts dataconnect.Options) {
	t.Helper()
	dest := filepath.Join(t.TempDir(), "snap")
	w, err := snapshot.Create(dest, snapshot.Tenant{ID: "t"}, snapshot.Tool{}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := collector.Collect(t.Context(), w, dataconnect.New(opts)); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(dest)
	if err != nil {
		t.Fatal(err)
	}
	for name, kinds := range map[snapshot.Name][]string{snapshot.DataConnectEvents: {"consent", "operation"}, snapshot.RoleEvents: {"added", "removed"}} {
		d := s.Dataset(name)
		if d.Status != snapshot.Collected && d.Reason == "" {
			t.Fatalf("%q: got %+v", data, d)
		}
		for i := 1; i < len(d.Windows); i++ {
			if !d.Windows[i-1].To.Before(d.Windows[i].From) {
				t.Fatalf("%q: windows out of order: %v", data, d.Windows)
			}
		}
		for line, err := range s.Rows(name) {
			var row struct{ ID, Kind, Change string }
			if err != nil || json.Unmarshal(line, &row) != nil || row.ID == "" || row.Kind+row.Change != kinds[0] && row.Kind+row.Change != kinds[1] {
				t.Fatalf("%q: got row %s, %v", data, line, err)
			}
		}
	}
}

// FuzzRegister reads arbitrary bytes as a register. What is accepted can be written, is
// sound for the snapshot, and what is not is refused with file, line and hint.
func FuzzRegister(f *testing.F) {
	for _, seed := range []string{
		wholeRegister, "", "apps: [{}]", "apps: &a\n- *a\n", "a: *b", "apps:\n- app_id: aaaaaaaa-0000-4000-8000-000000000001\n  <<: {state: denied}\n", "\xff", "apps: !!binary x", "apps: {? [a] : b}",
		"apps:\n- app_id: aaaaaaaa-0000-4000-8000-000000000001\n  definition: {updated_at: 0001-01-01, version: 1e3, sinks: [5]}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "register.yaml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		register, err := dataconnect.ReadRegister(path, "10000000-0000-4000-8000-000000000001")
		if err != nil {
			if !strings.HasPrefix(err.Error(), path+":") || !strings.Contains(err.Error(), "; hint: ") {
				t.Fatalf("%q: got error %v", data, err)
			}
			return
		}
		s := collect(t, dataconnect.Options{Register: register})
		if d := s.Dataset(snapshot.DataConnectRegister); d.Status != snapshot.Collected {
			t.Fatalf("%q: got %+v", data, d)
		}
	})
}

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}
