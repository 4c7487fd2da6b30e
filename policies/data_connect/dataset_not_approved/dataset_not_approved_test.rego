package policies.data_connect.dataset_not_approved_test

import data.policies.data_connect.dataset_not_approved
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := dataset_not_approved with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "approved datasets only", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "extracted another dataset",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "extracted"}],
	"input": extracting([run, object.union(run, {"dataset": event})]),
}

cases contains {
	"name": "extracted an earlier version of the dataset",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v0", "via": "extracted"}],
	"input": extracting([object.union(run, {"dataset": "BasicDataSet_v0.Message_v0"})]),
}

cases contains {
	"name": "extracted another dataset, of columns that were not told",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "extracted"}],
	"input": extracting([object.remove(object.union(run, {"dataset": event}), ["columns"])]),
}

cases contains {
	"name": "several runs are one finding",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "extracted"}],
	"input": extracting([
		object.union(run, {"dataset": event}),
		object.union(run, {"dataset": event, "columns": ["Start"], "pipeline": "CopyEvents"}),
	]),
}

cases contains {
	"name": "judged by the approval in force then, which was narrower",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted"}],
	"input": extracting([object.union(run, {"approved": [users]})]),
}

cases contains {
	"name": "under an approval that had expired",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "extracted"}],
	"input": extracting([object.union(run, {"dataset": event, "decision": "expired"})]),
}

cases contains {
	"name": "extracted while something else was approved, and denied since",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "extracted"}],
	"input": object.union(extracting([object.union(run, {"dataset": event})]), {"state": "denied"}),
}

cases contains {
	"name": "the register asks for another dataset",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "requested"}],
	"input": expecting([{"name": event, "columns": ["Start"]}]),
}

cases contains {
	"name": "the register asks for another dataset, with all columns, updated since",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "requested"}],
	"input": object.union(expecting([{"name": event}]), {"state": "update_available"}),
}

cases contains {
	"name": "the definition names another dataset",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "requested"}],
	"input": defining([{"name": event, "catalogued": true}]),
}

cases contains {
	"name": "expected and defined is one finding, extracted another",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "requested"}, {"dataset": event, "via": "extracted"}],
	"input": object.union(
		expecting([{"name": event}]),
		{
			"definition": {"datasets": [{"name": event, "catalogued": true}]},
			"extractions": [object.union(run, {"dataset": event})],
		},
	),
}

cases contains {
	"name": "nothing is approved",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested"}],
	"input": object.union(
		expecting([{"name": mail}]),
		{"datasets": [], "extractions": [], "definition": {"datasets": []}},
	),
}

cases contains {
	"name": "a run beyond the approval stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [{"dataset": event, "via": "extracted"}],
	"input": extracting([object.union(run, {"dataset": event}), object.remove(run, ["approved"])]),
}

cases contains {
	"name": "dataset in other case and without its prefix",
	"outcome": "pass",
	"input": object.union(
		expecting([{"name": "MESSAGE_V1"}]),
		{"extractions": [object.union(run, {"dataset": "basicdataset_v0.message_v1"})]},
	),
}

cases contains {
	"name": "columns beyond the approval are another control's",
	"outcome": "pass",
	"input": object.union(
		expecting([{"name": mail}]),
		{"extractions": [object.union(run, {"columns": ["Body"]})]},
	),
}

cases contains {
	"name": "runs without an approval are another control's",
	"outcome": "pass",
	"input": extracting([
		object.union(run, {"dataset": event, "decision": "denied", "approved": []}),
		object.union(object.remove(run, ["approved"]), {"decision": "pending"}),
		object.union(object.remove(run, ["approved"]), {"decision": "none"}),
	]),
}

cases contains {
	"name": "columns of the approval not read",
	"outcome": "pass",
	"input": extracting([object.union(run, {"approved": [object.remove(messages, ["columns"])]})]),
}

cases contains {
	"name": "never run, nothing declared",
	"outcome": "pass",
	"input": object.remove(extracting([]), ["expected", "definition"]),
}

cases contains {
	"name": "approval in force at the run not known",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["approved", "decision"])]),
}

cases contains {
	"name": "dataset of a run not told",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["dataset"])]),
}

cases contains {
	"name": "name of an approved dataset not read",
	"outcome": "unknown",
	"input": extracting([object.union(run, {"approved": [object.remove(messages, ["name"])], "dataset": event})]),
}

cases contains {
	"name": "name of a defined dataset not read",
	"outcome": "unknown",
	"input": defining([{"columns": ["Start"], "catalogued": false}]),
}

cases contains {
	"name": "approved datasets not read",
	"outcome": "unknown",
	"input": object.remove(expecting([{"name": event}]), ["datasets"]),
}

cases contains {
	"name": "runs not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["extractions"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(expecting([{"name": event}]), ["state"]),
}

cases contains {
	"name": "pending and never run",
	"outcome": "not_applicable",
	"input": object.union(
		object.remove(expecting([{"name": event}]), ["datasets"]),
		{"state": "pending", "extractions": []},
	),
}

cases contains {
	"name": "denied, and run since",
	"outcome": "not_applicable",
	"input": object.union(
		extracting([object.union(run, {"dataset": event, "decision": "denied", "approved": []})]),
		{"state": "denied"},
	),
}

knockout := {
	"/expected": "what an application asks for is known only where the register declares it",
	"/definition": "as above",
	"/definition/datasets": "as above",
}

run := testing.data_connect_app.extractions[0]

messages := testing.data_connect_app.datasets[0]

users := testing.data_connect_app.datasets[1]

mail := "BasicDataSet_v0.Message_v1"

event := "BasicDataSet_v0.Event_v1"

extracting(runs) := object.union(testing.data_connect_app, {"extractions": runs})

expecting(datasets) := object.union(testing.data_connect_app, {"expected": datasets})

defining(datasets) := object.union(testing.data_connect_app, {"definition": {"datasets": datasets}})

test_evidence_of_runs if {
	app := extracting([object.union(run, {"dataset": event})])
	some finding in dataset_not_approved.deny with input as app
	finding.evidence == {
		"runs": 3,
		"started_at": "2026-10-01T02:00:00Z",
		"pipeline": "CopyMail",
		"approved": ["BasicDataSet_v0.Message_v1", "BasicDataSet_v0.User_v1"],
	}
}

test_evidence_of_requests if {
	some finding in dataset_not_approved.deny with input as expecting([{"name": event}])
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"approved": ["BasicDataSet_v0.Message_v1", "BasicDataSet_v0.User_v1"],
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := dataset_not_approved with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without extractions: denied, and run since",
	"of": "denied, and run since",
	"at": "/extractions",
	"outcome": "unknown",
	"reasons": {"extractions"},
}

variants contains {
	"name": "without datasets: extracted while something else was approved, and denied since",
	"of": "extracted while something else was approved, and denied since",
	"at": "/datasets",
	"outcome": "fail",
	"keys": {{"dataset": "BasicDataSet_v0.Event_v1", "via": "extracted"}},
}
