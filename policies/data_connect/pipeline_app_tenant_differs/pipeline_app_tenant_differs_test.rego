package policies.data_connect.pipeline_app_tenant_differs_test

import data.policies.data_connect.pipeline_app_tenant_differs
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_app_tenant_differs with input as case.input with data.config as testing.config
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
	"name": "app_tenant_id not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "app_tenant_id"),
}

cases contains {
	"name": "app_tenant_id absent",
	"outcome": "unknown",
	"input": object.remove(testing.pipeline, ["app_tenant_id"]),
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
	"name": "tenant in other case",
	"outcome": "pass",
	"input": object.union(testing.pipeline, {"app_tenant_id": upper(testing.approval.app_tenant_id)}),
}

cases contains {
	"name": "the registration of another tenant",
	"outcome": "fail",
	"keys": [{"app_tenant_id": "99999999-2222-3333-4444-555555555555"}],
	"input": object.union(
		testing.pipeline,
		{"app_tenant_id": "99999999-2222-3333-4444-555555555555"},
	),
}

cases contains {
	"name": "the registration of another tenant, as far as is known",
	"outcome": "fail",
	"keys": [{"app_tenant_id": "99999999-2222-3333-4444-555555555555"}],
	"input": testing.known_since(
		object.union(
			testing.pipeline,
			{"app_tenant_id": "99999999-2222-3333-4444-555555555555"},
		),
		80,
	),
}

cases contains {
	"name": "two approved applications with one id",
	"outcome": "pass",
	"input": testing.against_all([
		object.union(
			testing.approval,
			{"id": "9", "app_tenant_id": "99999999-2222-3333-4444-555555555555"},
		),
		testing.approval,
	]),
}

cases contains {
	"name": "application not resolved, as far as is known",
	"outcome": "unknown",
	"input": testing.known_since(
		testing.untold(
			object.union(
				testing.pipeline,
				{"app_tenant_id": "99999999-2222-3333-4444-555555555555"},
			),
			"app_id",
		),
		80,
	),
}

test_evidence if {
	request := object.union(testing.pipeline, {"app_tenant_id": "99999999-2222-3333-4444-555555555555"})
	some finding in pipeline_app_tenant_differs.deny with input as request
	finding.evidence.approved == testing.approval.app_tenant_id
}
