package dataconnect_test

import (
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

// FuzzEvents reads arbitrary bytes as saved audit records. Each row says what it is
// and belongs to the tenant; what was left unread is said.
func FuzzEvents(f *testing.F) {
	const consent = `{"Id":"e1","RecordType":217,"Workload":"MicrosoftGraphDataConnect","CreationTime":"2026-03-01T09:30:00","ApplicationId":"a","State":"Approved","ApprovalUpdatedDateInUTC":"2026-03-01T09:30:00Z","ApprovalExpiryDateInUTC":"01/20/2025","ApprovalValidDays":"180","DestinationSinks":"[\"x\"]","Datasets":"[{\"Name\":\"n\",\"Columns\":[\"id\"],\"Scope\":{}}]"}`
	for _, seed := range []string{
		"[" + consent + "]", consent + "\n" + strings.Replace(consent, "217", "219", 1), `{"value":[{"id":"1","auditData":` + consent + `}]}`,
		`[{"AuditData":` + quote(consent) + `}]`, `[{"Id":"o1","RecordType":183,"Workload":"MicrosoftGraphDataConnect","ApplicationId":"a","DatasetColumns":"id,mail","RunStartTime":5,"RowCount":1e3}]`,
		`[{"Workload":{}}]`, `[{"Workload":"Exchange"}]`, `[null,5,{}]`, `[`, "\xff\xfe[\x00]\x00", `[{"AuditData":"{"}]`, strings.ReplaceAll(consent, `"a"`, "\"\xff\""),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "events.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		dest := filepath.Join(t.TempDir(), "snap")
		w, err := snapshot.Create(dest, snapshot.Tenant{ID: "t"}, snapshot.Tool{}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := collector.Collect(t.Context(), w, dataconnect.New(dataconnect.Options{Events: path})); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		s, err := snapshot.Open(dest)
		if err != nil {
			t.Fatal(err)
		}
		d := s.Dataset(snapshot.DataConnectEvents)
		if d.Status != snapshot.Collected && d.Reason == "" {
			t.Fatalf("%q: got %+v", data, d)
		}
		for line, err := range s.Rows(snapshot.DataConnectEvents) {
			var row struct{ ID, Kind string }
			if err != nil || json.Unmarshal(line, &row) != nil || row.ID == "" || row.Kind != "consent" && row.Kind != "operation" {
				t.Fatalf("%q: got row %s, %v", data, line, err)
			}
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
