package dataconnect_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// audit is a change of a role as the directory's own log has it.
func audit(change map[string]any) map[string]any {
	return with(map[string]any{
		"id": "r1", "category": "RoleManagement", "result": "success", "activityDisplayName": "Add member to role", "activityDateTime": "2026-03-01T09:00:00+00:00",
		"loggedByService": "Core Directory", "initiatedBy": map[string]any{"app": nil, "user": map[string]any{"id": "99999999-0000-4000-8000-000000000009", "userPrincipalName": "root@testco", "ipAddress": "203.0.113.9"}},
		"targetResources": []any{person(nil), map[string]any{"id": "0ee19da2-0000-4000-8000-000000000001", "type": "Role", "displayName": nil, "modifiedProperties": []any{}}},
	}, change)
}

// person is who gets the role.
func person(change map[string]any) map[string]any {
	return with(map[string]any{
		"id": "AAAAAAAA-0000-4000-8000-00000000000A", "type": "User", "userPrincipalName": "ada@testco", "displayName": "private words",
		"modifiedProperties": auditProperties("newValue"),
	}, change)
}

func auditProperties(member string) []any {
	other := map[string]string{"newValue": "oldValue", "oldValue": "newValue"}[member]
	property := func(name, value string) any {
		return map[string]any{"displayName": name, member: `"` + value + `"`, other: nil}
	}
	return []any{property("Role.DisplayName", "Global Administrator"), property("Role.TemplateId", "62E90394-69f5-4237-9190-012177145e10"), property("Role.WellKnownObjectName", "private words")}
}

// diagnostic puts a record in what a diagnostic setting writes.
func diagnostic(record, change map[string]any) map[string]any {
	return with(map[string]any{
		"time": "2026-03-01T09:00:01Z", "resourceId": "/tenants/x/providers/Microsoft.aadiam", "operationName": "Add member to role", "category": "AuditLogs",
		"tenantId": fakegraph.TenantID, "properties": record,
	}, change)
}

func TestRoleChangesOfTheDirectorysOwnLog(t *testing.T) {
	const a, b = "aaaaaaaa-0000-4000-8000-00000000000a", "bbbbbbbb-0000-4000-8000-00000000000b"
	withoutWho := strings.Replace(wantRole, `"principalId":"`+a+`","principalUpn":"ada@testco",`, "", 1)
	by := func(value any) map[string]any { return audit(map[string]any{"initiatedBy": value}) }
	for _, c := range []struct {
		name   string
		record map[string]any
		want   string
		reason string
	}{
		{"Graph", audit(nil), wantRole, ""},
		{"a diagnostic setting", diagnostic(audit(nil), nil), wantRole, ""},
		{"a diagnostic setting, as text", diagnostic(nil, map[string]any{"properties": encode(t, audit(nil))}), wantRole, ""},
		{"Log Analytics", map[string]any{
			"Id": "r1", "TimeGenerated": "2026-03-01T09:00:00Z", "OperationName": "Add member to role", "Result": "success", "TenantId": b, "AADTenantId": fakegraph.TenantID,
			"InitiatedBy": encode(t, audit(nil)["initiatedBy"]), "TargetResources": encode(t, audit(nil)["targetResources"]),
		}, wantRole, ""},
		{"removal", audit(map[string]any{"activityDisplayName": "Remove member from role", "targetResources": []any{person(map[string]any{"modifiedProperties": auditProperties("oldValue")})}}), removed(), ""},
		{"by an application", by(map[string]any{"app": map[string]any{"displayName": "Sync", "appId": b}}), strings.Replace(wantRole, "root@testco", "Sync", 1), ""},
		{"by nobody", by(nil), strings.Replace(wantRole, `,"by":"root@testco"`, "", 1), ""},
		{"name of the role", audit(map[string]any{"targetResources": []any{
			person(map[string]any{"modifiedProperties": auditProperties("newValue")[1:]}), map[string]any{"type": "Role", "displayName": "Global Administrator"},
		}}), wantRole, ""},
		{"a service principal", audit(map[string]any{"targetResources": []any{person(map[string]any{"type": "ServicePrincipal", "userPrincipalName": nil})}}), strings.Replace(wantRole, `"principalUpn":"ada@testco",`, "", 1), ""},
		{"several principals", audit(map[string]any{"targetResources": []any{person(nil), person(map[string]any{"id": b})}}), withoutWho, "Target has several ids, and it does not say which one is the principal's"},
		{"no targets", audit(map[string]any{"targetResources": nil}), `{"id":"r1","at":"2026-03-01T09:00:00Z","change":"added","by":"root@testco"}`, "that does not say whose role it is"},
		{"targets that are none", audit(map[string]any{"targetResources": "ada"}), `{"id":"r1","at":"2026-03-01T09:00:00Z","change":"added","by":"root@testco"}`, "Target cannot be read"},
		{"properties that are none", audit(map[string]any{"targetResources": []any{person(map[string]any{"modifiedProperties": "x"})}}), `{"id":"r1","at":"2026-03-01T09:00:00Z","change":"added","principalId":"` + a + `","principalUpn":"ada@testco","by":"root@testco"}`, "ModifiedProperties cannot be read"},
		{"two targets", audit(map[string]any{"TargetResources": nil, "TARGETRESOURCES": []any{}}), `{"id":"r1","at":"2026-03-01T09:00:00Z","change":"added","by":"root@testco"}`, "TargetResources stands in the record twice, with different values"},
		{"broken properties", diagnostic(nil, map[string]any{"properties": "{"}), "", "a record of 2026-03-01T09:00:01Z was not read: events.json:1: a change of a role that cannot be read"},
		{"a new spelling", audit(map[string]any{"activityDisplayName": "Add member to role by magic"}), "", `a change of a role that is not understood, "Add member to role by magic"`},
		{"unclear result", audit(map[string]any{"result": "timeout"}), wantRole, `"timeout" does not say whether it has happened`},
		{"another tenant", diagnostic(audit(nil), map[string]any{"tenantId": b}), "", "of tenant " + b},
		{"failure", audit(map[string]any{"result": "failure"}), "", ""},
		{"eligible", audit(map[string]any{"activityDisplayName": "Add eligible member to role"}), "-", ""},
		{"another operation", diagnostic(audit(nil), map[string]any{"operationName": "Update user"}), "-", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.json")
			if err := os.WriteFile(path, []byte(encode(t, []any{c.record})), 0o600); err != nil {
				t.Fatal(err)
			}
			s := collect(t, dataconnect.Options{Events: path, Clock: fakegraph.Now})
			d := s.Dataset(snapshot.RoleEvents)
			if c.want == "-" {
				if d.Status != snapshot.Skipped {
					t.Errorf("%s %s", d.Status, d.Reason)
				}
				return
			}
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			if rows := fakegraph.Rows(t, s, snapshot.RoleEvents); !slices.Equal(rows, want) {
				t.Errorf("got  %v\nwant %v", rows, want)
			}
			reasons := d.Reason
			for _, gap := range d.Gaps {
				reasons += "; " + gap.Reason
			}
			if (d.Status == snapshot.Partial) != (c.reason != "") || !strings.Contains(reasons, c.reason) {
				t.Errorf("%s: %s, want %q", d.Status, reasons, c.reason)
			}
			if connect := s.Dataset(snapshot.DataConnectEvents); connect.Rows != 0 || c.reason == "" && connect.Status != snapshot.Collected {
				t.Errorf("events of Data Connect: %+v", connect)
			}
		})
	}
}

// The directory's own log proves nothing of Data Connect, whose events it does not have.
func TestTheDirectorysOwnLogReachesForRolesOnly(t *testing.T) {
	from := day(180)
	records := []any{
		operation(map[string]any{"CreationTime": "2026-11-01T00:00:00Z"}), audit(nil),
		audit(map[string]any{"activityDisplayName": "Update user", "activityDateTime": "2026-11-18T00:00:00Z"}),
		audit(map[string]any{"activityDisplayName": "Update user", "activityDateTime": "2099-11-18T00:00:00Z"}),
	}
	s := collect(t, dataconnect.Options{Clock: fakegraph.Now, EventsFrom: &from, Events: folder(t, map[string]string{"a.json": encode(t, records)})})
	if got, want := told(s.Dataset(snapshot.DataConnectEvents)), "collected from 180 [180,19)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := told(s.Dataset(snapshot.RoleEvents)), "collected from 180 [180,2)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
