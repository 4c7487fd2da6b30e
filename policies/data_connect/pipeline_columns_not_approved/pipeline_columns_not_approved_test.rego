package policies.data_connect.pipeline_columns_not_approved_test

import data.policies.data_connect.pipeline_columns_not_approved
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_columns_not_approved with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "approved in every part", "outcome": "pass", "input": testing.pipeline}

cases contains {
	"name": "approved, and whether it still is is not known: another rule says it",
	"outcome": "pass",
	"input": testing.against({"state_seen": false}),
}

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
	"name": "columns not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "columns"),
}

cases contains {"name": "columns absent", "outcome": "unknown", "input": object.remove(testing.pipeline, ["columns"])}

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
	"name": "fewer columns",
	"outcome": "pass",
	"input": object.union(testing.pipeline, {"columns": ["Subject"]}),
}

cases contains {
	"name": "columns in other case",
	"outcome": "pass",
	"input": object.union(testing.pipeline, {"columns": ["SUBJECT", "receivedDateTime"]}),
}

cases contains {
	"name": "all are approved",
	"outcome": "pass",
	"input": testing.against({"datasets": [object.union(testing.approved_messages, {"columns": ["*"]})]}),
}

cases contains {
	"name": "all are asked for and approved, whether or not they are known",
	"outcome": "pass",
	"input": object.remove(
		object.union(
			testing.against({"datasets": [object.union(testing.approved_messages, {"columns": ["*"]})]}),
			{"all_columns": true},
		),
		["columns"],
	),
}

cases contains {
	"name": "all are asked for, and each is approved",
	"outcome": "pass",
	"input": object.union(
		testing.pipeline,
		{"all_columns": true, "columns": ["subject", "ReceivedDateTime", "SentDateTime"]},
	),
}

cases contains {
	"name": "approved in two parts",
	"outcome": "pass",
	"input": testing.against({
		"datasets": [
			object.union(testing.approved_messages, {"columns": ["Subject"]}),
			object.union(testing.approved_messages, {"columns": ["ReceivedDateTime"]}),
		],
	}),
}

cases contains {
	"name": "columns that every row has",
	"outcome": "pass",
	"input": object.union(testing.pipeline, {"columns": ["Subject", "puser", "PTenant", "pObjectId", "ODataType"]}),
}

cases contains {
	"name": "a column that is not approved",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "columns": ["Body", "UniqueBody"]}],
	"input": object.union(testing.pipeline, {"columns": ["UniqueBody", "Subject", "Body"]}),
}

cases contains {
	"name": "a column of another approved dataset",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "columns": ["Body"]}],
	"input": object.union(
		testing.against({
			"datasets": [
				testing.approved_messages,
				{
					"name": "Other",
					"columns": ["Body"],
					"scope": "all",
					"catalogued": false,
				},
			],
		}),
		{"columns": ["Body"]},
	),
}

cases contains {
	"name": "all are asked for, and some are not approved",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "columns": ["Body"]}],
	"input": object.union(testing.pipeline, {"all_columns": true, "columns": ["Subject", "Body"]}),
}

cases contains {
	"name": "no column is approved",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "columns": ["ReceivedDateTime", "Subject"]}],
	"input": testing.against({"datasets": [object.union(testing.approved_messages, {"columns": []})]}),
}

cases contains {
	"name": "all are asked for by name",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "columns": ["*"]}],
	"input": object.union(testing.pipeline, {"columns": ["*"]}),
}

cases contains {
	"name": "all are asked for, and they are not known",
	"outcome": "unknown",
	"input": object.remove(object.union(testing.pipeline, {"all_columns": true}), ["columns"]),
}

cases contains {
	"name": "no column is asked for",
	"outcome": "unknown",
	"input": object.union(testing.pipeline, {"columns": []}),
}

cases contains {
	"name": "not resolved, though all are approved",
	"outcome": "unknown",
	"input": testing.untold(
		testing.against({"datasets": [object.union(testing.approved_messages, {"columns": ["*"]})]}),
		"columns",
	),
}

cases contains {
	"name": "approved columns not read",
	"outcome": "unknown",
	"input": testing.against({"datasets": [object.remove(testing.approved_messages, ["columns"])]}),
}

cases contains {
	"name": "datasets not read",
	"outcome": "unknown",
	"input": testing.against_all([object.remove(testing.approval, ["datasets"])]),
}

cases contains {
	"name": "dataset not approved",
	"outcome": "not_applicable",
	"input": object.union(testing.pipeline, {"dataset": "Other"}),
}

test_evidence if {
	request := object.union(testing.pipeline, {"columns": ["Body"]})
	some finding in pipeline_columns_not_approved.deny with input as request
	finding.evidence.approved == ["ReceivedDateTime", "SentDateTime", "Subject"]
	finding.evidence.all_columns == false
}

test_names_the_expression if {
	reasons := pipeline_columns_not_approved.unknown with input as testing.untold(testing.pipeline, "columns")
	reasons == {concat("", [
		"columns: @pipeline().parameters.columns (factory/pipeline/CopyMail.json:20): ",
		"the parameter has no default value",
	])}
}
