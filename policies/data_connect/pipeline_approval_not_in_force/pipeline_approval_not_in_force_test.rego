package policies.data_connect.pipeline_approval_not_in_force_test

import data.policies.data_connect.pipeline_approval_not_in_force
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_approval_not_in_force with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "approved in every part", "outcome": "pass", "input": testing.pipeline}

cases contains {
	"name": "no approval, events reach back: the first rule says it",
	"outcome": "not_applicable",
	"input": testing.against_all([]),
}

cases contains {
	"name": "approvals of other applications only, which events do not settle",
	"outcome": "not_applicable",
	"input": testing.known_since(testing.against_all([testing.other_approval]), 80),
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
	"name": "something is missing of the approval",
	"outcome": "unknown",
	"input": testing.against({"doubts": ["two different rows have this id"]}),
}

cases contains {
	"name": "approved before events are known, so that a denial may be missing",
	"outcome": "unknown",
	"input": testing.against({"state_seen": false}),
}

cases contains {
	"name": "updated since, before events are known",
	"outcome": "unknown",
	"input": testing.against({"state": "update_available", "state_seen": false}),
}

cases contains {
	"name": "denied before events are known",
	"outcome": "fail",
	"input": testing.against({"state": "denied", "state_seen": false}),
	"keys": [{"approval": testing.approval.id, "standing": "denied"}],
}

cases contains {
	"name": "expired before events are known",
	"outcome": "fail",
	"input": testing.against({"days_left": 0, "state_seen": false}),
	"keys": [{"approval": testing.approval.id, "standing": "expired"}],
}

cases contains {"name": "last day", "outcome": "pass", "input": testing.against({"days_left": 1})}

cases contains {
	"name": "updated since, under the old approval",
	"outcome": "pass",
	"input": testing.against({"state": "update_available"}),
}

cases contains {
	"name": "the register says that it was updated since",
	"outcome": "pass",
	"input": testing.against({"state": "update_available", "self_declared": true}),
}

cases contains {
	"name": "expired today",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "expired"}],
	"input": testing.against({"days_left": 0}),
}

cases contains {
	"name": "expired long ago",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "expired"}],
	"input": testing.against({"days_left": -30}),
}

cases contains {
	"name": "updated and expired",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "expired"}],
	"input": testing.against({"state": "update_available", "days_left": -1}),
}

cases contains {
	"name": "denied",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "denied"}],
	"input": testing.against({"state": "denied"}),
}

cases contains {
	"name": "denied, which is how it is revoked, while days are left",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "denied"}],
	"input": testing.against({"state": "denied", "days_left": 90}),
}

cases contains {
	"name": "expired as a state",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "expired"}],
	"input": testing.against({"state": "expired"}),
}

cases contains {
	"name": "pending",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "pending"}],
	"input": testing.against({"state": "pending"}),
}

cases contains {
	"name": "pending, says the register",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "pending"}],
	"input": testing.against({"state": "pending", "self_declared": true}),
}

cases contains {
	"name": "denied, says the register",
	"outcome": "fail",
	"keys": [{"approval": testing.approval.id, "standing": "denied"}],
	"input": testing.against({"state": "denied", "self_declared": true}),
}

cases contains {
	"name": "two applications with one id: the other one is denied",
	"outcome": "pass",
	"input": testing.against_all([
		testing.approval,
		object.union(
			testing.approval,
			{
				"id": "9",
				"app_tenant_id": "99999999-2222-3333-4444-555555555555",
				"state": "denied",
			},
		),
	]),
}

cases contains {
	"name": "approved, says the register and no event",
	"outcome": "unknown",
	"input": testing.against({"self_declared": true}),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": testing.against_all([object.remove(testing.approval, ["state"])]),
}

cases contains {
	"name": "expiry not known",
	"outcome": "unknown",
	"input": testing.against_all([object.remove(testing.approval, ["days_left"])]),
}

cases contains {
	"name": "another word for a state",
	"outcome": "unknown",
	"input": testing.against({"state": "consented"}),
}

standings := {"denied": "denied", "pending": "pending", "approved": "expired", "update_available": "expired"}

test_evidence[state] if {
	some state, standing in standings
	some finding in pipeline_approval_not_in_force.deny with input as testing.against({"state": state, "days_left": 0})
	finding.evidence.standing == standing
	finding.evidence.state == state
}

test_not_told_whether_it_is_seen if {
	told_not := testing.against_all([object.remove(testing.approval, ["state_seen"])])
	pipeline_approval_not_in_force.unknown != set() with input as told_not
}

test_names_what_is_not_seen if {
	result := pipeline_approval_not_in_force.unknown with input as testing.against({"state_seen": false})
	count(result) == 1
	some reason in result
	startswith(reason, "whether it is still approved: not all events since 2026-09-01T00:00:00Z are known (")
}
