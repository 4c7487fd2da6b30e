package policies.data_connect.columns_beyond_approval_test

import data.policies.data_connect.columns_beyond_approval
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := columns_beyond_approval with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "extracted within the approval", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "extracted a column that is not approved",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["Body"]}],
	"input": extracting([object.union(run, {"columns": ["Subject", "Body"]})]),
}

cases contains {
	"name": "columns are sorted",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["Body", "UniqueBody"]}],
	"input": extracting([object.union(run, {"columns": ["UniqueBody", "Body"]})]),
}

cases contains {
	"name": "a column of another approved dataset",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["department"]}],
	"input": extracting([object.union(run, {"columns": ["department"]})]),
}

cases contains {
	"name": "the same columns in several runs are one finding",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["Body"]}],
	"input": extracting([
		object.union(run, {"columns": ["Subject", "Body"], "started_at": "2026-10-03T02:00:00Z"}),
		object.union(run, {"columns": ["Body"], "pipeline": "CopyAll"}),
	]),
}

cases contains {
	"name": "other columns in other runs are several",
	"outcome": "fail",
	"keys": [
		{"dataset": mail, "via": "extracted", "columns": ["Body"]},
		{"dataset": mail, "via": "extracted", "columns": ["UniqueBody"]},
	],
	"input": extracting([object.union(run, {"columns": ["Body"]}), object.union(run, {"columns": ["UniqueBody"]})]),
}

cases contains {
	"name": "judged by the approval in force then, which was narrower",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["ReceivedDateTime"]}],
	"input": extracting([object.union(run, {"approved": [dataset({"name": mail, "columns": ["Subject"]})]})]),
}

cases contains {
	"name": "a run beyond the approval stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["Body"]}],
	"input": extracting([object.union(run, {"columns": ["Body"]}), object.remove(run, ["approved"])]),
}

cases contains {
	"name": "the register asks for a column that is not approved",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "columns": ["Body"]}],
	"input": expecting([{"name": mail, "columns": ["subject", "Body"]}]),
}

cases contains {
	"name": "the register asks for all columns",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "columns": ["*"]}],
	"input": expecting([{"name": mail}]),
}

cases contains {
	"name": "extracted and requested beyond the approval",
	"outcome": "fail",
	"keys": [
		{"dataset": mail, "via": "extracted", "columns": ["Body"]},
		{"dataset": mail, "via": "requested", "columns": ["Body"]},
	],
	"input": object.union(
		expecting([{"name": mail, "columns": ["Body"]}]),
		{"extractions": [object.union(run, {"columns": ["Body"]})]},
	),
}

cases contains {
	"name": "dataset and columns in other case",
	"outcome": "pass",
	"input": object.union(
		expecting([{"name": upper(mail), "columns": ["SUBJECT"]}]),
		{"extractions": [object.union(run, {"dataset": lower(mail), "columns": ["subject", "RECEIVEDDATETIME"]})]},
	),
}

cases contains {
	"name": "columns approved in two parts",
	"outcome": "pass",
	"input": extracting([parted(["Subject"], approved.groups, ["ReceivedDateTime"], approved.groups)]),
}

cases contains {
	"name": "columns approved in two parts, of which one is for other groups",
	"outcome": "unknown",
	"input": extracting([parted(["Subject"], approved.groups, ["ReceivedDateTime"], ["other"])]),
}

cases contains {
	"name": "columns approved in each of two parts, of which one is for other groups",
	"outcome": "pass",
	"input": extracting([parted(["Subject", "ReceivedDateTime"], ["other"], ["*"], approved.groups)]),
}

cases contains {
	"name": "columns approved in neither of two parts, of which one is for other groups",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["ReceivedDateTime", "Subject"]}],
	"input": extracting([parted(["Body"], approved.groups, ["SentDateTime"], ["other"])]),
}

cases contains {
	"name": "columns asked for in two parts, of which one is for other groups",
	"outcome": "unknown",
	"input": object.union(
		defining([dataset({"name": mail, "columns": ["Subject"], "scope": "list", "groups": ["other"]})]),
		{"expected": [], "datasets": parted(["Subject"], approved.groups, ["Body"], ["other"]).approved},
	),
}

cases contains {
	"name": "columns asked for in two parts of the same groups",
	"outcome": "pass",
	"input": object.union(
		defining([dataset({"name": mail, "columns": ["Subject"], "scope": "list", "groups": ["other"]})]),
		{"expected": [], "datasets": parted(["Subject"], ["other"], ["Body"], ["other"]).approved},
	),
}

cases contains {
	"name": "columns that every row has",
	"outcome": "pass",
	"input": object.union(
		expecting([{"name": mail, "columns": ["Subject", "puser"]}]),
		{"extractions": [object.union(run, {"columns": ["subject", "PTenant", "pObjectId", "ODataType"]})]},
	),
}

cases contains {
	"name": "all columns approved",
	"outcome": "pass",
	"input": object.union(expecting([{"name": mail}]), {
		"datasets": [dataset({"name": mail, "columns": ["*"]})],
		"extractions": [object.union(run, {"columns": ["Body"], "approved": [dataset({"name": mail, "columns": ["*"]})]})],
	}),
}

cases contains {"name": "never run", "outcome": "pass", "input": extracting([])}

cases contains {
	"name": "the register asks for less than is approved",
	"outcome": "pass",
	"input": expecting([{"name": mail, "columns": ["Subject"]}, {"name": "BasicDataSet_v0.User_v1", "columns": []}]),
}

cases contains {
	"name": "columns of another dataset of the approval not read",
	"outcome": "pass",
	"input": extracting([object.union(run, {"approved": [approved, dataset({"name": "BasicDataSet_v0.User_v1"})]})]),
}

cases contains {
	"name": "approval in force at the run not known",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["approved"])]),
}

cases contains {
	"name": "approved columns not read",
	"outcome": "unknown",
	"input": extracting([object.union(run, {"columns": ["Body"], "approved": [dataset({"name": mail})]})]),
}

cases contains {
	"name": "name of an approved dataset not read",
	"outcome": "unknown",
	"input": extracting([object.union(run, {"columns": ["Body"], "approved": [dataset({"columns": ["Subject"]})]})]),
}

cases contains {
	"name": "extracted columns not read",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["columns"])]),
}

cases contains {
	"name": "extracted dataset not read",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["dataset"])]),
}

cases contains {
	"name": "runs not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["extractions"]),
}

cases contains {
	"name": "runs of a pending application not read",
	"outcome": "unknown",
	"input": object.union(object.remove(testing.data_connect_app, ["extractions"]), {"state": "pending"}),
}

cases contains {
	"name": "approved datasets not read, columns requested",
	"outcome": "unknown",
	"input": object.remove(expecting([{"name": mail}]), ["datasets"]),
}

cases contains {
	"name": "approved columns not read, columns requested",
	"outcome": "unknown",
	"input": object.union(expecting([{"name": mail, "columns": ["Body"]}]), {"datasets": [dataset({"name": mail})]}),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(expecting([{"name": mail}]), ["state"]),
}

cases contains {
	"name": "the definition names a column that is not approved",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "columns": ["Body"]}],
	"input": defining([dataset({"name": mail, "columns": ["subject", "Body"]})]),
}

cases contains {
	"name": "the definition and the register ask for the same",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "columns": ["Body"]}],
	"input": object.union(
		expecting([{"name": mail, "columns": ["Body"]}]),
		{"definition": {"datasets": [dataset({"name": mail, "columns": ["Subject", "Body"]})]}},
	),
}

cases contains {
	"name": "under an approval that had expired",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["Body"]}],
	"input": extracting([object.union(run, {"columns": ["Body"], "decision": "expired"})]),
}

cases contains {
	"name": "extracted while it was approved, and denied since",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "columns": ["Body"]}],
	"input": object.union(extracting([object.union(run, {"columns": ["Body"]})]), {"state": "denied"}),
}

cases contains {
	"name": "dataset without its prefix",
	"outcome": "pass",
	"input": extracting([object.union(run, {"dataset": "message_v1"})]),
}

cases contains {
	"name": "a dataset that is not approved at all is another control's",
	"outcome": "pass",
	"input": object.union(
		expecting([{"name": event}]),
		{
			"definition": {"datasets": [dataset({"name": event, "columns": ["Start"]})]},
			"extractions": [object.union(run, {"dataset": event, "columns": ["Start"]})],
		},
	),
}

cases contains {
	"name": "runs without an approval are another control's",
	"outcome": "pass",
	"input": extracting([
		object.union(run, {"columns": ["Body"], "decision": "denied", "approved": []}),
		object.union(object.remove(run, ["approved"]), {"columns": ["Body"], "decision": "pending"}),
		object.union(object.remove(run, ["approved"]), {"columns": ["Body"], "decision": "none"}),
	]),
}

cases contains {
	"name": "neither expected nor defined",
	"outcome": "pass",
	"input": object.remove(testing.data_connect_app, ["expected", "definition"]),
}

cases contains {
	"name": "defined without a name",
	"outcome": "unknown",
	"input": defining([dataset({"columns": ["Subject"]})]),
}

cases contains {
	"name": "decision in force at the run not known",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["decision", "approved"])]),
}

cases contains {
	"name": "denied and never run, whatever the register asks for",
	"outcome": "not_applicable",
	"input": object.union(expecting([{"name": mail}]), {"state": "denied", "extractions": []}),
}

cases contains {
	"name": "denied, and run since",
	"outcome": "not_applicable",
	"input": object.union(
		extracting([object.union(run, {"columns": ["Body"], "decision": "denied", "approved": []})]),
		{"state": "denied"},
	),
}

cases contains {
	"name": "pending and never run",
	"outcome": "not_applicable",
	"input": object.union(
		object.remove(expecting([{"name": mail}]), ["datasets"]),
		{"state": "pending", "extractions": []},
	),
}

cases contains {
	"name": "the definition names no columns: it asks for all",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "columns": ["*"]}],
	"input": defining([dataset({"name": mail})]),
}

cases contains {
	"name": "the definition names no columns, and all are approved",
	"outcome": "pass",
	"input": object.union(defining([dataset({"name": mail})]), {"datasets": [dataset({"name": mail, "columns": ["*"]})]}),
}

knockout := {
	"/expected": "what an application asks for is known only where the register declares it",
	"/definition": "as above",
	"/definition/datasets": "as above",
}

run := testing.data_connect_app.extractions[0]

approved := testing.data_connect_app.datasets[0]

mail := "BasicDataSet_v0.Message_v1"

event := "BasicDataSet_v0.Event_v1"

# A run under an approval of mail in two parts.
parted(these, groups, those, others) := object.union(run, {"approved": [part(these, groups), part(those, others)]})

part(columns, groups) := dataset({"name": mail, "columns": columns, "scope": "list", "groups": groups})

dataset(record) := object.union({"catalogued": true}, record)

extracting(runs) := object.union(testing.data_connect_app, {"extractions": runs})

defining(datasets) := object.union(testing.data_connect_app, {"definition": {"datasets": datasets}})

expecting(datasets) := object.union(testing.data_connect_app, {"expected": datasets})

test_evidence_of_runs_counts_all_and_names_the_latest if {
	app := extracting([
		object.union(run, {"columns": ["Body"], "runs": 2, "started_at": "2026-10-03T02:00:00Z", "pipeline": "A"}),
		object.union(run, {"columns": ["Body"], "runs": 5, "started_at": "2026-10-01T02:00:00Z", "pipeline": "B"}),
	])
	some finding in columns_beyond_approval.deny with input as app
	finding.evidence == {
		"runs": 7,
		"started_at": "2026-10-03T02:00:00Z",
		"pipeline": "A",
		"approved": ["ReceivedDateTime", "SentDateTime", "Subject"],
	}
}

test_evidence_of_requests if {
	some finding in columns_beyond_approval.deny with input as expecting([{"name": lower(mail)}])
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"approved": ["ReceivedDateTime", "SentDateTime", "Subject"],
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := columns_beyond_approval with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "the register asks for all columns",
	"of": "the register asks for all columns",
	"outcome": "fail",
	"keys": {{"columns": ["*"], "dataset": "BasicDataSet_v0.Message_v1", "via": "requested"}},
}

variants contains {
	"name": "datasets.0.columns.0 is null: extracted while it was approved, and denied since",
	"of": "extracted while it was approved, and denied since",
	"at": "/datasets/0/columns/0",
	"becomes": null,
	"outcome": "fail",
	"keys": {{"columns": ["Body"], "dataset": "BasicDataSet_v0.Message_v1", "via": "extracted"}},
}

variants contains {
	"name": "without datasets: extracted while it was approved, and denied since",
	"of": "extracted while it was approved, and denied since",
	"at": "/datasets",
	"outcome": "fail",
	"keys": {{"columns": ["Body"], "dataset": "BasicDataSet_v0.Message_v1", "via": "extracted"}},
}
