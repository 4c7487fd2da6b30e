package policies.lib.testing_test

import data.policies.lib.testing

finding := {"key": {"a": 1}, "evidence": {}}

outcomes := {
	"denied": {"control": {"applies": true, "deny": {finding}, "unknown": {"x"}}, "outcome": "fail"},
	"not known": {"control": {"applies": true, "deny": set(), "unknown": {"x"}}, "outcome": "unknown"},
	"sound": {"control": {"applies": true, "deny": set(), "unknown": set()}, "outcome": "pass"},
	"does not apply": {"control": {"deny": {finding}}, "outcome": "not_applicable"},
	"without unknown": {"control": {"applies": true, "deny": set()}, "outcome": "pass"},
}

test_outcome[name] if {
	some name, example in outcomes
	testing.outcome(example.control) == example.outcome
}

test_agrees_compares_keys if {
	control := {"applies": true, "deny": {finding}}
	testing.agrees({"outcome": "fail", "keys": [{"a": 1}]}, control)
	not testing.agrees({"outcome": "fail", "keys": [{"a": 2}]}, control)
	not testing.agrees({"outcome": "pass"}, control)
}

test_agrees_refuses_two_findings_with_one_key if {
	twice := {finding, {"key": {"a": 1}, "evidence": {"b": 1}}}
	not testing.agrees({"outcome": "fail", "keys": [{"a": 1}]}, {"applies": true, "deny": twice})
}
