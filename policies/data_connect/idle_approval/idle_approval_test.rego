package policies.data_connect.idle_approval_test

import data.policies.data_connect.idle_approval
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := idle_approval with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "run lately", "outcome": "pass", "input": testing.data_connect_app}

cases contains {"name": "never run", "outcome": "fail", "keys": [key], "input": never_run}

cases contains {"name": "last run long ago", "outcome": "fail", "keys": [key], "input": aged({"run_days": 91})}

cases contains {
	"name": "last run long ago, updated since",
	"outcome": "fail",
	"keys": [key],
	"input": aged({"run_days": 120, "state": "update_available"}),
}

cases contains {"name": "last run exactly so long ago", "outcome": "pass", "input": aged({"run_days": 90})}

cases contains {
	"name": "approved exactly so long ago, never run",
	"outcome": "pass",
	"input": object.union(never_run, {"approved_days": 90}),
}

cases contains {
	"name": "approved lately, never run, and events are known since yesterday only",
	"outcome": "pass",
	"input": object.union(never_run, {"approved_days": 3, "coverage": {"days": 1}}),
}

cases contains {
	"name": "run lately, and not known for long",
	"outcome": "pass",
	"input": aged({"run_days": 2, "undated_runs": 1, "coverage": {"days": 7, "whole": false}}),
}

cases contains {
	"name": "never run, known for exactly so long",
	"outcome": "unknown",
	"input": object.union(never_run, {"coverage": {"days": 90}}),
}

cases contains {
	"name": "never run, known for just long enough",
	"outcome": "fail",
	"keys": [key],
	"input": object.union(never_run, {"coverage": {"days": 91}}),
}

cases contains {
	"name": "never run, with a hole",
	"outcome": "unknown",
	"input": object.union(never_run, {"coverage": {"whole": false}}),
}

cases contains {
	"name": "coverage not known",
	"outcome": "unknown",
	"input": object.remove(never_run, ["coverage"]),
}

cases contains {
	"name": "last run long ago, and one that names no time",
	"outcome": "unknown",
	"input": aged({"run_days": 100, "undated_runs": 1}),
}

cases contains {
	"name": "runs that name no time",
	"outcome": "unknown",
	"input": object.remove(aged({"undated_runs": 3}), ["run_days", "last_run_at"]),
}

cases contains {"name": "failed runs only", "outcome": "fail", "keys": [key], "input": only_failed}

cases contains {
	"name": "failed runs, and one of which no time is known",
	"outcome": "unknown",
	"input": object.union(only_failed, {"extractions": [failed, testing.data_connect_app.extractions[0]]}),
}

cases contains {
	"name": "runs not read",
	"outcome": "unknown",
	"input": object.remove(never_run, ["extractions"]),
}

cases contains {
	"name": "age of the approval not known",
	"outcome": "unknown",
	"input": object.remove(never_run, ["approved_days", "approved_at"]),
}

cases contains {
	"name": "expiry not known",
	"outcome": "unknown",
	"input": object.remove(never_run, ["days_left"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(never_run, ["state"]),
}

cases contains {
	"name": "expired",
	"outcome": "not_applicable",
	"input": object.union(never_run, {"days_left": 0}),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(never_run, {"state": "denied"}),
}

key := {"approved_at": "2026-09-01T00:00:00Z"}

aged(members) := object.union_n([testing.data_connect_app, {"approved_days": 150}, members])

failed := object.union(testing.data_connect_app.extractions[0], {"status": "Failed", "failed": true})

only_failed := object.union(never_run, {"extractions": [failed]})

never_run := object.remove(aged({"extractions": []}), ["run_days", "last_run_at"])

test_evidence if {
	some finding in idle_approval.deny with input as aged({"run_days": 91}) with data.config as testing.config
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"approved_days": 150,
		"last_run_at": "2026-11-18T02:00:00Z",
		"run_days": 91,
		"failed_runs": 0,
		"runs": "the last run was on 2026-11-18T02:00:00Z",
	}
}

test_evidence_of_failures if {
	some finding in idle_approval.deny with input as only_failed with data.config as testing.config
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"approved_days": 150,
		"failed_runs": 3,
		"runs": "no run was seen, not counting 3 said to have failed",
	}
}

test_words_without_a_run if {
	some finding in idle_approval.deny with input as never_run with data.config as testing.config
	finding.evidence.runs == "no run was seen"
}

test_unknown_without_a_threshold if {
	result := idle_approval with input as never_run with data.config as {}
	testing.outcome(result) == "unknown"
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := idle_approval with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "run_days is null: run lately, and not known for long",
	"of": "run lately, and not known for long",
	"at": "/run_days",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {
		"coverage: runs may be missing, or are not known for long enough",
		"run_days",
		"runs that name no time",
	},
}

variants contains {
	"name": "coverage.days is 'x': never run, known for exactly so long",
	"of": "never run, known for exactly so long",
	"at": "/coverage/days",
	"becomes": "x",
	"outcome": "unknown",
	"reasons": {"coverage: runs may be missing, or are not known for long enough"},
}

variants contains {
	"name": "approved_days is 'x': never run, with a hole",
	"of": "never run, with a hole",
	"at": "/approved_days",
	"becomes": "x",
	"outcome": "unknown",
	"reasons": {"approved_days"},
}

test_failed_runs_are_counted[name] if {
	some name, example in {
		"one": {"runs": 1, "says": "no run was seen, not counting 1 said to have failed"},
		"a number that is null": {"runs": null, "says": "no run was seen"},
	}
	app := object.union(never_run, {"extractions": [object.union(failed, {"runs": example.runs})]})
	some finding in idle_approval.deny with input as app with data.config as testing.config
	finding.evidence.runs == example.says
}

test_last_run_without_a_date if {
	app := object.union(aged({"run_days": 91}), {"last_run_at": null})
	some finding in idle_approval.deny with input as app with data.config as testing.config
	finding.evidence.runs == "no run was seen"
}
