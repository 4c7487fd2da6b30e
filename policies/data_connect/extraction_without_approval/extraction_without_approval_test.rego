package policies.data_connect.extraction_without_approval_test

import data.policies.data_connect.extraction_without_approval
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := extraction_without_approval with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "run while approved", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "run after the approval had expired",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([expired]),
}

cases contains {
	"name": "run after the approval had expired, approved since",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([expired, run]),
}

cases contains {
	"name": "run when there was no approval at all",
	"outcome": "fail",
	"keys": [{"dataset": mail, "decision": "none"}],
	"input": extracting([none]),
}

cases contains {
	"name": "run before the first approval",
	"outcome": "fail",
	"keys": [{"dataset": mail, "decision": "none"}],
	"input": extracting([run, none]),
}

cases contains {
	"name": "other columns under one approval are one finding",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([expired, object.union(expired, {"columns": ["Body"], "pipeline": "CopyAll"})]),
}

cases contains {
	"name": "other datasets and other approvals are several",
	"outcome": "fail",
	"keys": [
		key,
		object.union(key, {"dataset": "BasicDataSet_v0.User_v1"}),
		object.union(key, {"decided_at": "2026-05-01T00:00:00Z"}),
	],
	"input": extracting([
		expired,
		object.union(expired, {"dataset": "BasicDataSet_v0.User_v1"}),
		object.union(expired, {"decided_at": "2026-05-01T00:00:00Z"}),
	]),
}

cases contains {
	"name": "dataset not told",
	"outcome": "fail",
	"keys": [object.remove(key, ["dataset"])],
	"input": extracting([object.remove(expired, ["dataset"])]),
}

cases contains {
	"name": "a run after the approval had expired stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [key],
	"input": extracting([expired, object.remove(run, ["decision"])]),
}

cases contains {
	"name": "run under an approval, expired since",
	"outcome": "pass",
	"input": object.union(testing.data_connect_app, {"days_left": -3}),
}

cases contains {
	"name": "run while denied or pending is another control's",
	"outcome": "pass",
	"input": extracting([object.union(run, {"decision": "denied"}), object.union(run, {"decision": "pending"})]),
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
	"name": "expired and never run",
	"outcome": "not_applicable",
	"input": object.union(extracting([]), {"days_left": -3}),
}

run := testing.data_connect_app.extractions[0]

expired := object.union(run, {"decision": "expired", "decided_at": "2026-02-01T00:00:00Z"})

none := object.union(object.remove(run, ["approved", "decided_at"]), {"decision": "none"})

mail := "BasicDataSet_v0.Message_v1"

key := {"dataset": mail, "decision": "expired", "decided_at": "2026-02-01T00:00:00Z"}

extracting(runs) := object.union(testing.data_connect_app, {"extractions": runs})

test_evidence if {
	some finding in extraction_without_approval.deny with input as extracting([expired])
	finding.evidence == object.union(proof, {"outcome": "not said to have failed"})
}

test_evidence_of_failures if {
	some finding in extraction_without_approval.deny with input as extracting([failed])
	finding.evidence == object.union(proof, {"outcome": "every time said to have failed", "statuses": ["Failed"]})
}

test_evidence_of_failures_and_others if {
	some finding in extraction_without_approval.deny with input as extracting([failed, completed])
	finding.evidence == object.union(proof, {
		"outcome": "at times said to have failed",
		"statuses": ["Completed", "Failed"],
		"runs": 6,
	})
}

failed := object.union(expired, {"status": "Failed", "failed": true})

completed := object.union(expired, {"status": "Completed"})

proof := {"runs": 3, "started_at": "2026-10-01T02:00:00Z", "pipeline": "CopyMail"}

test_unknown_names_from_when_events_are_known if {
	app := extracting([object.remove(run, ["decision"])])
	extraction_without_approval.unknown == {doubt("events are known from 2026-01-01T00:00:00Z on")} with input as app
	uncovered := object.remove(app, ["coverage"])
	known := extraction_without_approval.unknown with input as uncovered
	known == {doubt("from when on events are known is not known either")}
}

doubt(coverage) := sprintf("decision in force when a run started: %s", [coverage])

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := extraction_without_approval with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "coverage.from is null: a run after the approval had expired stands, whatever is not known of another",
	"of": "a run after the approval had expired stands, whatever is not known of another",
	"at": "/coverage/from",
	"becomes": null,
	"outcome": "fail",
	"reasons": {
		"decision in force when a run started: from when on events are known is not known either",
	},
	"keys": {
		{
			"dataset": "BasicDataSet_v0.Message_v1",
			"decided_at": "2026-02-01T00:00:00Z",
			"decision": "expired",
		},
	},
}
