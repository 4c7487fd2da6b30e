package dataconnect_test

import (
	"strings"
	"testing"

	"leastwise/collector/snapshot"
)

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
		{"run without columns", operation(map[string]any{"DatasetColumns": nil}), `"dataset":"BasicDataSet_v0.User_v1","groups":["g1"],"startedAt"`, ""},
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
			"members of a dataset", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": []any{}, "Scope": map[string]any{}, "ScopeList": 5, "ScopeFiltersUris": []any{"x", "y"}}}}),
			`"datasets":[{}]`, `/datasets/0/filter expected one filter, found ["x","y"]|/datasets/0/groups expected a list, found 5|/datasets/0/name expected text, found []|/datasets/0/scope expected text, found {}`,
		},
		{"approved columns in an object", columns(map[string]any{"a": nil}), `{"name":"d","columnsRaw":{"a":null},"scope":"all"}`, `/datasets/0/columns expected a list, found {"a":null}`},
		{"approved columns that are a number", columns(5), `{"name":"d","columnsRaw":5,"scope":"all"}`, `/datasets/0/columns expected a list, found 5`},
		{"approved columns in part", columns([]any{"id", nil}), `{"name":"d","columnsRaw":["id",null],"scope":"all"}`, `/datasets/0/columns expected a name at 1, found null`},
		{"approved columns that break off", columns(`["id",`), `{"name":"d","columnsRaw":"[\"id\",","scope":"all"}`, `/datasets/0/columns expected a list, found ["id",`},
		{"no approved columns", columns([]any{}), `{"name":"d","columns":[],"scope":"all"}`, ""},
		{"columns in an object", operation(map[string]any{"DatasetColumns": map[string]any{"a": nil}}), `"dataset":"BasicDataSet_v0.User_v1","groups":["g1"],"startedAt"`, `/columns expected a list, found {"a":null}`},
		{"columns that are a number", operation(map[string]any{"DatasetColumns": 5}), `"dataset":"BasicDataSet_v0.User_v1","groups":["g1"],"startedAt"`, `/columns expected a list, found 5`},
		{"columns of nothing", operation(map[string]any{"DatasetColumns": []any{nil, " "}}), `"dataset":"BasicDataSet_v0.User_v1","groups":["g1"],"startedAt"`, `/columns expected a name at 0, found null`},
		{"columns that are a comma", operation(map[string]any{"DatasetColumns": ","}), `"dataset":"BasicDataSet_v0.User_v1","groups":["g1"],"startedAt"`, `/columns expected a list, found ","`},
		{"columns in part", operation(map[string]any{"DatasetColumns": `["id",{"x":1}]`}), `"columns":["id"]`, ` columns: expected a name at 1, found {"x":1}`},
		{"rows that are none", operation(map[string]any{"RowCount": "many"}), `"status":"Succeeded"}`, `/rows "many" is not a number`},
		{"expired", consent(map[string]any{"State": "Expired"}), `"state":"expired","stateRaw":"Expired"`, ""},
		{"version that is a number", consent(map[string]any{"ApplicationVersion": 4}), `"version":"4"`, ""},
		{"version in a list", consent(map[string]any{"ApplicationVersion": []any{1}}), `001","state"`, `/version expected text, found [1]`},
		{"reason in an object", operation(map[string]any{"Reason": map[string]any{}}), `"rows":42}`, `/reason expected text, found {}`},
		{"reason of a run", operation(map[string]any{"Reason": "throttled"}), `"rows":42,"reason":"throttled"`, ""},
		{"run without groups", operation(map[string]any{"ScopeList": ""}), `"columns":["id","mail"],"startedAt"`, ""},
		{"run of no groups", operation(map[string]any{"ScopeList": "[]"}), `"groups":[],"startedAt"`, ""},
		{"groups of a run", operation(map[string]any{"ScopeList": "DDDDDDDD-0000-4000-8000-000000000001;Sales"}), `"groups":["dddddddd-0000-4000-8000-000000000001","Sales"]`, ""},
		{"groups of a run in an object", operation(map[string]any{"ScopeList": map[string]any{}}), `"columns":["id","mail"],"startedAt"`, `/groups expected a list, found {}`},
		{"datasets as texts", consent(map[string]any{"Datasets": []any{`{"DatasetName":"d","Scope":"All"}`}}), `"datasets":[{"name":"d","scope":"all"}]`, ""},
		{"datasets as the text of an object", consent(map[string]any{"Datasets": ` {"DatasetName":"d","Scope":"All","Scope@odata.type":"#x"} `}), `"datasets":[{"name":"d","scope":"all"}]`, ""},
		{"datasets in the text of texts", consent(map[string]any{"Datasets": `["{\"DatasetName\":\"d\",\"Scope\":\"All\"}",""]`}), `"datasets":[{"name":"d","scope":"all"}]`, ` datasets: expected an object at 1, found `},
		{"datasets of nothing", consent(map[string]any{"Datasets": " "}), `"state":"approved"`, `/datasets Datasets is missing`},
		{"filter in a list", filter([]any{" https://x?$filter=a "}), `"filter":" https://x?$filter=a "`, ""},
		{"filter in the text of a list", filter(`["https://x?$filter=a,b"]`), `"filter":"https://x?$filter=a,b"`, ""},
		{"filter to the letter", filter("https://x?$filter=a eq 'b, c;d' "), `"filter":"https://x?$filter=a eq 'b, c;d' "`, ""},
		{"filter of spaces", filter(" "), `{"name":"d","scope":"filter"}`, ""},
		{"filter of none", filter([]any{}), `{"name":"d","scope":"filter"}`, ""},
		{"filter null", filter(nil), `{"name":"d","scope":"filter"}`, ""},
		{"several filters", filter([]any{"a", "b"}), `{"name":"d","scope":"filter"}`, `/datasets/0/filter expected one filter, found ["a","b"]`},
		{"policy as written", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "All", "PrivacyPolicyType": "None", "DenyGroups": ""}}}), `{"name":"d","scope":"all","privacyPolicy":"None"}`, ""},
		{"denied in a list", consent(map[string]any{"Datasets": []any{map[string]any{"DatasetName": "d", "Scope": "All", "DenyGroups": []any{"a", 5}}}}), `"denyGroups":["a"]`, ` datasets/0/denyGroups: expected a name at 1, found 5`},
		{"replacement", operation(map[string]any{"PipelineName": "caf\uFFFD"}), "caf\uFFFD", " text is not valid UTF-8; unreadable bytes are shown as \uFFFD"},
		{"braces", operation(map[string]any{"ApplicationId": "{AAAAAAAA-0000-4000-8000-000000000001}"}), `"appId":"aaaaaaaa-0000-4000-8000-000000000001"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, rows := events(t, encode(t, []any{c.record}))
			if len(rows) != 1 || !strings.Contains(rows[0], c.want) {
				t.Errorf("got %v, want %s", rows, c.want)
			}
			for _, private := range []string{"203.0.113.9", "who@testco", "something"} {
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

func TestStates(t *testing.T) {
	for want, literals := range map[string][]string{
		"approved":         {"Approved", "approved", "Approve", "APPROVED ", " approved\t", "Approval granted", "ApprovalGranted", "approval_granted"},
		"denied":           {"Denied", "DENIED by admin", "Deny", "Denial", "Declined", "Rejected", "Revoked", "ApprovalRevoked", "Approval revoked", "ApprovalDenied", "approval-rejected", "AccessRevoked", "Denied by approver", "Revocation"},
		"expired":          {"Expired", "ApprovalExpired", "Approval expired", "Expiry"},
		"pending":          {"Pending", "PendingAuthorization", "Pending approval", "Approval pending", "ApprovalPending", "Pre-consent", "PreConsent"},
		"update_available": {"UpdateAvailable", "Update available", "update_available"},
		"": {
			"", "Approved (revoked)", "Approved, pending", "Approved until expired", "Approved; update available", "Approval", "Approver", "Approving", "Approved2", "ApprovedWithConditions",
			"Disapproved", "Unapproved", "NotApproved", "Not denied", "Never expires", "Approval not revoked", "Expiring", "Revocation pending", "Denied or expired", "Granted", "Consent granted",
			"Updated", "ApprovalUpdated", "Suspended", "Frozen", "1", "true",
		},
	} {
		for _, literal := range literals {
			d, rows := events(t, encode(t, []any{consent(map[string]any{"State": literal})}))
			if len(rows) != 1 || !strings.Contains(rows[0], `"state":"`+want+`"`) || (d.Status == snapshot.Partial) != (want == "") {
				t.Errorf("%q: %s %s, %v, want %q", literal, d.Status, d.Reason, rows, want)
			}
		}
	}
}
