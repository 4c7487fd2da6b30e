package policies.data_connect.extraction_while_refused_test

import data.policies.data_connect.extraction_while_refused
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := extraction_while_refused with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "run while approved", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "run while denied",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([denied]),
}

cases contains {
	"name": "run while denied, approved since",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([denied, run]),
}

cases contains {
	"name": "run while pending",
	"outcome": "fail",
	"keys": [{"dataset": mail, "decision": "pending"}],
	"input": object.union(
		extracting([object.union(object.remove(run, ["approved", "decided_at"]), {"decision": "pending"})]),
		{"state": "pending"},
	),
}

cases contains {
	"name": "other columns under one refusal are one finding",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([denied, object.union(denied, {"columns": ["Body"], "pipeline": "CopyAll"})]),
}

cases contains {
	"name": "other datasets and other refusals are several",
	"outcome": "fail",
	"keys": [
		key,
		object.union(key, {"dataset": "BasicDataSet_v0.User_v1"}),
		object.union(key, {"decided_at": "2026-05-01T00:00:00Z"}),
	],
	"input": extracting([
		denied,
		object.union(denied, {"dataset": "BasicDataSet_v0.User_v1"}),
		object.union(denied, {"decided_at": "2026-05-01T00:00:00Z"}),
	]),
}

cases contains {
	"name": "dataset not told",
	"outcome": "fail",
	"keys": [object.remove(key, ["dataset"])],
	"input": extracting([object.remove(denied, ["dataset"])]),
}

cases contains {
	"name": "a run while denied stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([denied, object.remove(run, ["decision"])]),
}

cases contains {
	"name": "run under an approval, denied since",
	"outcome": "pass",
	"input": object.union(testing.data_connect_app, {"state": "denied"}),
}

cases contains {
	"name": "run after the approval had expired, or without any, is another control's",
	"outcome": "pass",
	"input": extracting([object.union(run, {"decision": "expired"}), object.union(run, {"decision": "none"})]),
}

cases contains {
	"name": "decision not known",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["decision"])]),
}

cases contains {
	"name": "decision of a later version",
	"outcome": "unknown",
	"input": extracting([object.union(run, {"decision": "suspended"})]),
}

cases contains {
	"name": "runs not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["extractions"]),
}

cases contains {
	"name": "denied and never run",
	"outcome": "not_applicable",
	"input": object.union(extracting([]), {"state": "denied"}),
}

run := testing.data_connect_app.extractions[0]

denied := object.union(run, {"decision": "denied", "decided_at": "2026-08-01T00:00:00Z", "approved": []})

mail := "BasicDataSet_v0.Message_v1"

key := {"dataset": mail, "decision": "denied", "decided_at": "2026-08-01T00:00:00Z"}

extracting(runs) := object.union(testing.data_connect_app, {"extractions": runs})

test_evidence if {
	some finding in extraction_while_refused.deny with input as extracting([denied])
	finding.evidence == object.union(proof, {"outcome": "not said to have failed"})
}

test_evidence_of_failures if {
	some finding in extraction_while_refused.deny with input as extracting([failed])
	finding.evidence == object.union(proof, {"outcome": "every time said to have failed", "statuses": ["Failed"]})
}

test_evidence_of_failures_and_others if {
	some finding in extraction_while_refused.deny with input as extracting([failed, completed])
	finding.evidence == object.union(proof, {
		"outcome": "at times said to have failed",
		"statuses": ["Completed", "Failed"],
		"runs": 6,
	})
}

failed := object.union(denied, {"status": "Failed", "failed": true})

completed := object.union(denied, {"status": "Completed"})

proof := {"runs": 3, "started_at": "2026-10-01T02:00:00Z", "pipeline": "CopyMail"}
