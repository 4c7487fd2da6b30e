package policies.data_connect.pipeline_destination_tenant_differs_test

import data.policies.data_connect.pipeline_destination_tenant_differs
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_destination_tenant_differs with input as case.input with data.config as testing.config
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
	"name": "destination_tenant_id not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "destination_tenant_id"),
}

cases contains {
	"name": "destination_tenant_id absent",
	"outcome": "unknown",
	"input": object.remove(testing.pipeline, ["destination_tenant_id"]),
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
	"name": "tenant in other case",
	"outcome": "pass",
	"input": object.union(
		testing.pipeline,
		{"destination_tenant_id": upper(testing.pipeline.destination_tenant_id)},
	),
}

cases contains {
	"name": "assumed, and right",
	"outcome": "pass",
	"input": object.union(testing.pipeline, {"destination_assumed": true}),
}

cases contains {
	"name": "another tenant",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": "99999999-2222-3333-4444-555555555555"}],
	"input": object.union(
		testing.pipeline,
		{"destination_tenant_id": "99999999-2222-3333-4444-555555555555"},
	),
}

cases contains {
	"name": "assumed, and another",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": "99999999-2222-3333-4444-555555555555"}],
	"input": object.union(
		testing.pipeline,
		{
			"destination_tenant_id": "99999999-2222-3333-4444-555555555555",
			"destination_assumed": true,
		},
	),
}

cases contains {
	"name": "approved tenant not known",
	"outcome": "unknown",
	"input": testing.against_all([object.remove(testing.approval, ["destination_tenant_id"])]),
}

test_evidence[assumed] if {
	some assumed in [true, false]
	changes := {"destination_tenant_id": "99999999-2222-3333-4444-555555555555", "destination_assumed": assumed}
	request := object.union(testing.pipeline, changes)
	some finding in pipeline_destination_tenant_differs.deny with input as request
	finding.evidence.assumed == assumed
	finding.evidence.approved == testing.approval.destination_tenant_id
	finding.evidence.told == {
		true: "where it is assumed to be deployed, because the files name no tenant",
		false: "which the files name",
	}[assumed]
}
