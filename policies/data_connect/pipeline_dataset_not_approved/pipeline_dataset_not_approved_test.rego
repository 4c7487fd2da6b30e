package policies.data_connect.pipeline_dataset_not_approved_test

import data.policies.data_connect.pipeline_dataset_not_approved
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_dataset_not_approved with input as case.input with data.config as testing.config
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
	"name": "dataset not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "dataset"),
}

cases contains {"name": "dataset absent", "outcome": "unknown", "input": object.remove(testing.pipeline, ["dataset"])}

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
	"name": "dataset in other case",
	"outcome": "pass",
	"input": object.union(testing.pipeline, {"dataset": upper(testing.pipeline.dataset)}),
}

cases contains {
	"name": "another dataset",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Event_v1"}],
	"input": object.union(testing.pipeline, {"dataset": "BasicDataSet_v0.Event_v1"}),
}

cases contains {
	"name": "no dataset is approved",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1"}],
	"input": testing.against({"datasets": []}),
}

cases contains {
	"name": "a dataset without name among others that do not match",
	"outcome": "unknown",
	"input": testing.against({
		"datasets": [
			testing.approved_users,
			{"columns": ["Subject"], "scope": "all", "catalogued": false},
		],
	}),
}

cases contains {
	"name": "a dataset without name beside the one that matches",
	"outcome": "pass",
	"input": testing.against({
		"datasets": [
			testing.approved_messages,
			{"columns": ["Subject"], "scope": "all", "catalogued": false},
		],
	}),
}

cases contains {
	"name": "datasets not read",
	"outcome": "unknown",
	"input": testing.against_all([object.remove(testing.approval, ["datasets"])]),
}

test_evidence if {
	request := object.union(testing.pipeline, {"dataset": "BasicDataSet_v0.Event_v1"})
	some finding in pipeline_dataset_not_approved.deny with input as request
	finding.evidence.approved == ["BasicDataSet_v0.Message_v1", "BasicDataSet_v0.User_v1"]
	finding.evidence.named == "other datasets only: BasicDataSet_v0.Message_v1, BasicDataSet_v0.User_v1"
}

test_words_of_an_approval_of_nothing if {
	some finding in pipeline_dataset_not_approved.deny with input as testing.against({"datasets": []})
	finding.evidence.approved == []
	finding.evidence.named == "no dataset at all"
}
