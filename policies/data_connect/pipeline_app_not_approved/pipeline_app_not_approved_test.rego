package policies.data_connect.pipeline_app_not_approved_test

import data.policies.data_connect.pipeline_app_not_approved
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_app_not_approved with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

# As an application stands in the register, on which nobody has decided.
_entry := object.union(
	object.filter(testing.approval, ["id", "app_id", "app_tenant_id", "name"]),
	{"self_declared": false, "sinks_unclear": false, "state_seen": false},
)

cases contains {"name": "approved in every part", "outcome": "pass", "input": testing.pipeline}

cases contains {
	"name": "app_id not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "app_id"),
}

cases contains {"name": "app_id absent", "outcome": "unknown", "input": object.remove(testing.pipeline, ["app_id"])}

cases contains {
	"name": "data_tenant_id not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "data_tenant_id"),
}

cases contains {
	"name": "data_tenant_id absent",
	"outcome": "unknown",
	"input": object.remove(testing.pipeline, ["data_tenant_id"]),
}

cases contains {
	"name": "the activity cannot be read",
	"outcome": "unknown",
	"input": object.union(
		testing.pipeline,
		{
			"unresolved": [{
				"field": "activity",
				"file": "a.json",
				"line": 3,
				"reason": "mapping data flow",
			}],
		},
	),
}

cases contains {
	"name": "approvals not read",
	"outcome": "unknown",
	"input": object.remove(testing.pipeline, ["approvals"]),
}

cases contains {
	"name": "inactive",
	"outcome": "not_applicable",
	"input": object.union(testing.pipeline, {"inactive": true}),
}

cases contains {
	"name": "application in other case",
	"outcome": "pass",
	"input": object.union(testing.pipeline, {"app_id": upper(testing.approval.app_id)}),
}

cases contains {
	"name": "another approval agrees in full",
	"outcome": "pass",
	"input": testing.against_all([testing.other_approval, testing.approval]),
}

cases contains {
	"name": "agrees in full, whatever else may have been approved earlier",
	"outcome": "pass",
	"input": testing.known_since(testing.pipeline, 80),
}

cases contains {
	"name": "another application is approved for all this",
	"outcome": "fail",
	"keys": [{"app_id": "a1b2c3d4-0000-4000-8000-0000000000d9", "dataset": testing.pipeline.dataset}],
	"input": object.union(testing.pipeline, {"app_id": "a1b2c3d4-0000-4000-8000-0000000000d9"}),
}

cases contains {
	"name": "no approval at all",
	"outcome": "fail",
	"keys": [{"app_id": "a1b2c3d4-0000-4000-8000-0000000000d1", "dataset": testing.pipeline.dataset}],
	"input": testing.against_all([]),
}

cases contains {
	"name": "no approval at all, to the day",
	"outcome": "fail",
	"keys": [{"app_id": "a1b2c3d4-0000-4000-8000-0000000000d1", "dataset": testing.pipeline.dataset}],
	"input": object.union(testing.against_all([]), {"coverage": {"days": 180}}),
}

cases contains {
	"name": "no approval, and an earlier one may exist",
	"outcome": "unknown",
	"input": testing.known_since(testing.against_all([]), 179),
}

cases contains {
	"name": "no approval among events with holes",
	"outcome": "unknown",
	"input": object.union(testing.against_all([]), {"coverage": {"whole": false}}),
}

cases contains {
	"name": "no approval, and not known since when",
	"outcome": "unknown",
	"input": object.remove(testing.against_all([]), ["coverage"]),
}

cases contains {
	"name": "no approval, application not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.against_all([]), "app_id"),
}

cases contains {
	"name": "another application is approved, and an earlier approval may exist",
	"outcome": "unknown",
	"input": testing.known_since(
		object.union(testing.pipeline, {"app_id": "a1b2c3d4-0000-4000-8000-0000000000d9"}),
		80,
	),
}

cases contains {
	"name": "the same application of another tenant is approved, and an earlier approval may exist",
	"outcome": "unknown",
	"input": testing.known_since(
		object.union(
			testing.pipeline,
			{"app_tenant_id": "99999999-2222-3333-4444-555555555555"},
		),
		80,
	),
}

cases contains {
	"name": "the same application of another tenant is approved",
	"outcome": "pass",
	"input": object.union(
		testing.pipeline,
		{"app_tenant_id": "99999999-2222-3333-4444-555555555555"},
	),
}

cases contains {
	"name": "the approval of the application breaks another rule",
	"outcome": "pass",
	"input": testing.against({"state": "denied"}),
}

cases contains {
	"name": "it merely stands in the register",
	"outcome": "fail",
	"keys": [{"app_id": "a1b2c3d4-0000-4000-8000-0000000000d1", "dataset": testing.pipeline.dataset}],
	"input": testing.against_all([_entry]),
}

cases contains {
	"name": "it merely stands in the register, and another application is approved",
	"outcome": "fail",
	"keys": [{"app_id": "a1b2c3d4-0000-4000-8000-0000000000d1", "dataset": testing.pipeline.dataset}],
	"input": testing.against_all([_entry, testing.other_approval]),
}

cases contains {
	"name": "it merely stands in the register, and an approval may exist from before",
	"outcome": "unknown",
	"input": testing.known_since(testing.against_all([_entry]), 179),
}

cases contains {
	"name": "it merely stands in the register, beside its approval",
	"outcome": "pass",
	"input": testing.against_all([object.union(_entry, {"id": "x"}), testing.approval]),
}

cases contains {
	"name": "something is missing of what is known of it",
	"outcome": "unknown",
	"input": testing.against_all([object.union(_entry, {"doubts": ["a row is damaged"]})]),
}

cases contains {
	"name": "the register calls it pending",
	"outcome": "pass",
	"input": testing.against_all([object.union(_entry, {"state": "pending", "self_declared": true})]),
}

# What is pending breaks few rules only because nothing is known of it.
test_nearest_is_one_of_which_something_is_known if {
	request := object.union(
		testing.against_all([
			object.union(_entry, {
				"app_id": "a1b2c3d4-0000-4000-8000-0000000000d7", "name": "Elsewhere", "state": "pending",
				"self_declared": true,
			}),
			testing.approval,
		]),
		{"app_id": "a1b2c3d4-0000-4000-8000-0000000000d9"},
	)
	some finding in pipeline_app_not_approved.deny with input as request
	finding.evidence.approval == "Mail insights"
}

test_nearest_is_named if {
	request := object.union(testing.pipeline, {"app_id": "a1b2c3d4-0000-4000-8000-0000000000d9"})
	some finding in pipeline_app_not_approved.deny with input as request
	finding.evidence == {
		"approval": "Mail insights",
		"id": testing.approval.id,
		"state": "approved",
		"self_declared": false,
		"approved_at": "2026-09-01T00:00:00Z",
		"expires_at": "2027-02-28T00:00:00Z",
		"known_from": "2026-01-01T00:00:00Z",
	}
}

test_without_approvals_there_is_no_nearest if {
	some finding in pipeline_app_not_approved.deny with input as testing.against_all([])
	finding.evidence == {"approval": "none", "known_from": "2026-01-01T00:00:00Z"}
}

test_says_from_when_events_are_known if {
	reasons := pipeline_app_not_approved.unknown with input as testing.known_since(testing.against_all([]), 80)
	reasons == {"approvals from before 2026-09-01T00:00:00Z, when the events that are known begin"}
}
