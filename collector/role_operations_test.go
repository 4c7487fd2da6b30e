package collector_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"leastwise/collector/activity"
	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// roleChanges is a feed with one record for each operation.
type roleChanges []string

// Read is part of dataconnect.Feed.
func (o roleChanges) Read(_ context.Context, _ snapshot.State, each func(json.RawMessage, string) error) (dataconnect.Coverage, error) {
	const template = "62e90394-69f5-4237-9190-012177145e10"
	var problems []error
	for i, operation := range o {
		record, err := json.Marshal(map[string]any{
			"Id": fmt.Sprintf("r%03d", i), "CreationTime": "2026-11-18T10:00:00", "Workload": "AzureActiveDirectory", "RecordType": 8,
			"Operation": operation, "ResultStatus": "Success",
			"ModifiedProperties": []map[string]any{
				{"Name": "Role.TemplateId", "NewValue": template, "OldValue": template}, {"Name": "Role.DisplayName", "NewValue": "Global Administrator", "OldValue": "Global Administrator"},
			},
			"Target": []map[string]any{{"ID": "User_aaaaaaaa-0000-4000-8000-000000000001", "Type": 2}},
		})
		problems = append(problems, err, each(record, operation))
	}
	now := fakegraph.Now()
	return dataconnect.Coverage{Windows: []snapshot.Window{{From: now.AddDate(0, 0, -5), To: now}}}, errors.Join(problems...)
}

// Every operation that the audit log is searched for is one that the reading of records
// understands: what is not would be thrown away or doubted.
func TestRoleChangesThatAreSearchedForAreUnderstood(t *testing.T) {
	operations := activity.RoleChanges().Operations
	source := dataconnect.New(dataconnect.Options{
		Clock: fakegraph.Now, RoleFeeds: []dataconnect.Feed{roleChanges(operations)},
	})
	s := fakegraph.Snapshot(t, func(w *snapshot.Writer) error { return source.Collect(t.Context(), w) })
	rows := fakegraph.Rows(t, s, snapshot.RoleEvents)
	if len(rows) != len(operations) {
		t.Errorf("%d operations make %d rows", len(operations), len(rows))
	}
	for _, line := range rows {
		var row struct{ ID, Change string }
		var i int
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscanf(row.ID, "r%d", &i); err != nil {
			t.Fatal(err)
		}
		want := "added"
		if strings.HasPrefix(operations[i], "Remove") {
			want = "removed"
		}
		if row.Change != want {
			t.Errorf("%q is %s", operations[i], row.Change)
		}
	}
	if d := s.Dataset(snapshot.RoleEvents); d.Status != snapshot.Collected {
		t.Errorf("%s: %s", d.Status, d.Reason)
	}
}
