package dataconnect_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leastwise/collector/activity"
	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// role is a change of a role as the directory reports it; change replaces members, nil
// removes them.
func role(change map[string]any) map[string]any {
	return with(map[string]any{
		"Id": "r1", "RecordType": 8, "Workload": "AzureActiveDirectory", "CreationTime": "2026-03-01T09:00:00", "Operation": "Add member to role.",
		"OrganizationId": fakegraph.TenantID, "ResultStatus": "Success", "UserId": "root@testco", "ObjectId": "ada@testco", "ClientIP": "203.0.113.9",
		"ExtendedProperties": []any{map[string]any{"Name": "additionalDetails", "Value": "private words"}},
		"ModifiedProperties": properties("NewValue", ""),
		"Actor":              []any{map[string]any{"ID": "User_99999999-0000-4000-8000-000000000009", "Type": 2}},
		"Target": []any{
			map[string]any{"ID": "User_AAAAAAAA-0000-4000-8000-00000000000A", "Type": 2},
			map[string]any{"ID": "aaaaaaaa-0000-4000-8000-00000000000a", "Type": 2},
			map[string]any{"ID": "User", "Type": 2},
			map[string]any{"ID": "ada@testco", "Type": 5},
			map[string]any{"ID": "1003", "Type": 3},
		},
	}, change)
}

// properties are ModifiedProperties of the role, with the values in one member and in
// quotes.
func properties(member, quote string) []any {
	other := map[string]string{"NewValue": "OldValue", "OldValue": "NewValue"}[member]
	property := func(name, value string) any {
		return map[string]any{"Name": name, member: quote + value + quote, other: ""}
	}
	return []any{
		property("Role.ObjectID", "0ee19da2-0000-4000-8000-000000000001"), property("Role.DisplayName", "Global Administrator"),
		property("Role.TemplateId", "62E90394-69f5-4237-9190-012177145e10"), property("Role.WellKnownObjectName", "private words"),
	}
}

const wantRole = `{"id":"r1","at":"2026-03-01T09:00:00Z","change":"added","principalId":"aaaaaaaa-0000-4000-8000-00000000000a","principalUpn":"ada@testco",` +
	`"roleId":"62e90394-69f5-4237-9190-012177145e10","roleName":"Global Administrator","by":"root@testco"}`

// removed is wantRole of a removal.
func removed() string { return strings.Replace(wantRole, "added", "removed", 1) }

func roles(t *testing.T, records ...any) (snapshot.Dataset, []string) {
	t.Helper()
	s := collect(t, dataconnect.Options{Clock: fakegraph.Now, RoleFeeds: []dataconnect.Feed{&feed{records: records, covered: covers(window(5, 0))}}})
	return s.Dataset(snapshot.RoleEvents), fakegraph.Rows(t, s, snapshot.RoleEvents)
}

func TestRoleChanges(t *testing.T) {
	for _, c := range []struct {
		operation string
		want      string // "" for none
	}{
		{"Add member to role.", "added"},
		{"Add member to role", "added"},
		{" add MEMBER to role. ", "added"},
		{"Add member to role completed (PIM activation).", "added"},
		{"Add member to role in PIM completed (permanent)", "added"},
		{"Add member to role in PIM completed (timebound)", "added"},
		{"Add member to role outside of PIM (permanent)", "added"},
		{"Remove member from role.", "removed"},
		{"Remove member from role", "removed"},
		{"Remove member from role (PIM activation expired)", "removed"},
		{"Remove member from role completed (PIM deactivate)", "removed"},
		{"Remove member from role in PIM completed (permanent)", "removed"},
		{"Remove permanent direct role assignment", "removed"},
		{"Remove permanent direct role assignment.", "removed"},
		{"Remove permanent eligible role assignment", ""},
		{"Add member to role requested (PIM activation)", ""},
		{"Add member to role canceled (PIM activation)", ""},
		{"Add member to role request denied (PIM activation)", ""},
		{"Add member to role approval requested (PIM activation)", ""},
		{"Add eligible member to role.", ""},
		{"Add eligible member to role in PIM completed (timebound)", ""},
		{"Remove eligible member from role in PIM completed (permanent)", ""},
		{"Add member to role in PIM requested (timebound)", ""},
		{"Add scoped member to role.", ""},
		{"Add member to group.", ""},
		{"Update user.", ""},
		{"", ""},
	} {
		d, rows := roles(t, role(map[string]any{"Operation": c.operation}))
		var want []string
		if c.want != "" {
			want = []string{strings.Replace(wantRole, "added", c.want, 1)}
		}
		if !slices.Equal(rows, want) || d.Status != snapshot.Collected {
			t.Errorf("%q: %s %s, got %v, want %v", c.operation, d.Status, d.Reason, rows, want)
		}
	}
}

// What is asked for is understood.
func TestRoleChangesThatAreAskedFor(t *testing.T) {
	operations := activity.RoleChanges().Operations
	if len(operations) == 0 {
		t.Fatal("nothing is asked for")
	}
	for _, operation := range operations {
		want := "added"
		if strings.HasPrefix(operation, "Remove") {
			want = "removed"
		}
		d, rows := roles(t, role(map[string]any{"Operation": operation}))
		if d.Status != snapshot.Collected || !slices.Equal(rows, []string{strings.Replace(wantRole, "added", want, 1)}) {
			t.Errorf("%q: %s %s, %v", operation, d.Status, d.Reason, rows)
		}
	}
}

func TestRoleValues(t *testing.T) {
	target := func(identities ...any) map[string]any { return role(map[string]any{"Target": identities}) }
	id := func(id string, kind any) map[string]any { return map[string]any{"ID": id, "Type": kind} }
	const a, b = "aaaaaaaa-0000-4000-8000-00000000000a", "bbbbbbbb-0000-4000-8000-00000000000b"
	withoutIDs := strings.Replace(wantRole, `"principalId":"`+a+`",`, "", 1)
	for _, c := range []struct {
		name   string
		record map[string]any
		want   string
		reason string // of what is doubtful
	}{
		{"removal", role(map[string]any{"Operation": "Remove member from role.", "ModifiedProperties": properties("OldValue", "")}), removed(), ""},
		{"removal with new values", role(map[string]any{"Operation": "Remove member from role."}), removed(), ""},
		{"quoted", role(map[string]any{"ModifiedProperties": properties("NewValue", `"`)}), wantRole, ""},
		{"as text", role(map[string]any{"ModifiedProperties": encode(t, properties("NewValue", "")), "Target": encode(t, role(nil)["Target"])}), wantRole, ""},
		{"lists of one", role(map[string]any{"ModifiedProperties": []any{
			map[string]any{"Name": "Role.TemplateId", "NewValue": "[\r\n  \"62e90394-69f5-4237-9190-012177145e10\"\r\n]"}, map[string]any{"Name": "Role.DisplayName", "NewValue": `["Global Administrator"]`},
		}}), wantRole, ""},
		{"as PIM names it", role(map[string]any{"ModifiedProperties": []any{
			map[string]any{"Name": "TemplateId", "NewValue": `"62e90394-69f5-4237-9190-012177145e10"`}, map[string]any{"Name": "role.displayname", "NewValue": "Global Administrator"},
		}}), wantRole, ""},
		{"in an envelope", map[string]any{"id": "x", "service": "AzureActiveDirectory", "auditLogRecordType": "AzureActiveDirectory", "operation": "Add member to role.", "auditData": role(map[string]any{"Workload": nil})}, wantRole, ""},
		{"PowerShell", map[string]any{"Identity": "r1", "RecordType": "AzureActiveDirectory", "AuditData": encode(t, role(map[string]any{"Id": nil}))}, wantRole, ""},
		{"id without prefix", target(id(a, 2), id("ada@testco", 5)), wantRole, ""},
		{"types as text", target(id("User_"+a, "2"), id("ada@testco", "5")), wantRole, ""},
		{"service principal", target(id("ServicePrincipal_"+a, 2), id(b, 2), id("ada@testco", 5)), wantRole, ""},
		{"role among the targets", target(id("Role_"+b, 2), id(a, 2), id("ada@testco", 5)), wantRole, ""},
		{"several ids", target(id(a, 2), id(b, 2), id("ada@testco", 5)), withoutIDs, "Target has several ids, and it does not say which one is the principal's"},
		{"name from ObjectId", target(), withoutIDs, ""},
		{"no target", role(map[string]any{"Target": nil}), withoutIDs, ""},
		{"targets that are none", role(map[string]any{"Target": "ada"}), withoutIDs, "Target cannot be read"},
		{"no time", role(map[string]any{"CreationTime": "2026-03-01T09:00:65"}), strings.Replace(wantRole, `"at":"2026-03-01T09:00:00Z"`, `"atRaw":"2026-03-01T09:00:65"`, 1), "is not an instant"},
		{"no role", role(map[string]any{"ModifiedProperties": nil}), `{"id":"r1","at":"2026-03-01T09:00:00Z","change":"added","principalId":"` + a + `","principalUpn":"ada@testco","by":"root@testco"}`, "roleId: expected an id, found nothing"},
		{"several roles", role(map[string]any{"ModifiedProperties": []any{map[string]any{"Name": "Role.TemplateId", "NewValue": `["a","b"]`}}}), `{"id":"r1","at":"2026-03-01T09:00:00Z","change":"added","principalId":"` + a + `","principalUpn":"ada@testco","by":"root@testco"}`, "roleId: expected an id, found nothing"},
		{"nobody", role(map[string]any{"Target": nil, "ObjectId": a}), strings.Replace(withoutIDs, `"principalUpn":"ada@testco",`, "", 1), "blob:0: a record \"Add member to role.\" that does not say whose role it is"},
		{"unclear result", role(map[string]any{"ResultStatus": "Perhaps"}), wantRole, `"Perhaps" does not say whether it has happened`},
		{"true", role(map[string]any{"ResultStatus": "True"}), wantRole, ""},
		{"no result", role(map[string]any{"ResultStatus": nil}), wantRole, ""},
		{"failure", role(map[string]any{"ResultStatus": "Failure"}), "", ""},
		{"false", role(map[string]any{"ResultStatus": "False"}), "", ""},
		{"a new spelling", role(map[string]any{"Operation": "Add member to role by magic"}), "", `blob:0: a change of a role that is not understood, "Add member to role by magic"`},
		{"another tenant", role(map[string]any{"OrganizationId": b}), "", "of tenant " + b},
		{"no workload", role(map[string]any{"Workload": nil}), "", "a record of 2026-03-01T09:00:00Z was not read: blob:0: a change of a role, without Workload"},
		{"no workload, another operation", role(map[string]any{"Workload": nil, "Operation": "Update user."}), "", ""},
		{"the workload in words", role(map[string]any{"Workload": "Azure Active Directory"}), wantRole, ""},
		{"two targets", role(map[string]any{"target": []any{}}), withoutIDs, "Target stands in the record twice"},
		{"two operations", role(map[string]any{"operation": "Update user."}), "", "a record of 2026-03-01T09:00:00Z was not read: blob:0: a record of two operations"},
		{"another workload", role(map[string]any{"Workload": "Exchange"}), "", ""},
		{"not UTF-8", role(map[string]any{"UserId": "root@testco\uFFFD"}), strings.Replace(wantRole, "root@testco", "root@testco\uFFFD", 1), "text is not valid UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, rows := roles(t, c.record)
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			if !slices.Equal(rows, want) {
				t.Errorf("got  %v\nwant %v", rows, want)
			}
			if (d.Status == snapshot.Partial) != (c.reason != "") || !strings.Contains(d.Reason, c.reason) {
				t.Errorf("%s: %s, want %q", d.Status, d.Reason, c.reason)
			}
		})
	}
}

func TestRolesReachAsFarAsTheirFeedsDo(t *testing.T) {
	connect := &feed{records: []any{role(nil), consent(nil)}, covered: covers(window(180, 0))}
	directory := &feed{records: []any{role(nil), consent(nil)}, covered: covers(window(7, 0))}
	previous := former(t, snapshot.RoleEvents, snapshot.Dataset{Windows: []snapshot.Window{window(30, 9)}}, strings.Replace(removed(), "r1", "r0", 1))
	s := collect(t, dataconnect.Options{Clock: fakegraph.Now, Feeds: []dataconnect.Feed{connect}, RoleFeeds: []dataconnect.Feed{directory}, Previous: previous})
	if got, want := told(s.Dataset(snapshot.RoleEvents)), "partial from 30 [30,9) [7,0) hole [9,7) "+nobody; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := told(s.Dataset(snapshot.DataConnectEvents)), "collected from 180 [180,0)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if rows, want := fakegraph.Rows(t, s, snapshot.RoleEvents), []string{strings.Replace(removed(), "r1", "r0", 1), wantRole}; !slices.Equal(rows, want) {
		t.Errorf("got %v, want %v", rows, want)
	}
	if rows := fakegraph.Rows(t, s, snapshot.DataConnectEvents); !slices.Equal(rows, []string{wantConsent}) {
		t.Errorf("got %v", rows)
	}
}

// Saved events say how far they reach about roles only when they hold changes of roles.
func TestRolesOfSavedEvents(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	user := role(map[string]any{"Operation": "Update user.", "CreationTime": "2026-03-03T00:00:00"})
	for _, c := range []struct {
		name    string
		records []any
		status  snapshot.Status
		to      string // of the window; "" for none
		reason  string
	}{
		{"with changes", []any{operation(map[string]any{"CreationTime": "2026-04-01T00:00:00"}), role(nil), user}, snapshot.Collected, "2026-03-03T00:00:00Z", "saved events end at 2026-03-03T00:00Z"},
		{"without changes", []any{operation(nil), user}, snapshot.Skipped, "", "the saved audit events hold no changes of directory roles"},
		{"of Data Connect only", []any{operation(nil)}, snapshot.Skipped, "", "the saved audit events hold no changes of directory roles"},
		{"a failed change", []any{role(map[string]any{"ResultStatus": "Failure"})}, snapshot.Collected, "2026-03-01T09:00:00Z", "saved events end at 2026-03-01T09:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.json")
			if err := os.WriteFile(path, []byte(encode(t, c.records)), 0o600); err != nil {
				t.Fatal(err)
			}
			d := collect(t, dataconnect.Options{Events: path, EventsFrom: &from, Clock: fakegraph.Now}).Dataset(snapshot.RoleEvents)
			to := ""
			if len(d.Windows) == 1 && d.Windows[0].From.Equal(from) {
				to = d.Windows[0].To.Format(time.RFC3339)
			}
			if d.Status != c.status || to != c.to || d.Reason != c.reason || (d.From == nil) != (c.to == "") {
				t.Errorf("got %s to %q: %s, %+v", d.Status, to, d.Reason, d.Windows)
			}
		})
	}
}
