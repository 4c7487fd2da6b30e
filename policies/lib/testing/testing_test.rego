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

variant_cases := {{"name": "a", "input": {"x": {"y": 1}, "z": 2}}, {"name": "b", "input": {}}}

variants := {
	"as it is": {"variant": {"of": "a"}, "input": {"x": {"y": 1}, "z": 2}},
	"removed": {"variant": {"of": "a", "at": "/x/y"}, "input": {"x": {}, "z": 2}},
	"null": {"variant": {"of": "a", "at": "/z", "becomes": null}, "input": {"x": {"y": 1}, "z": null}},
	"false": {"variant": {"of": "a", "at": "/x", "becomes": false}, "input": {"x": false, "z": 2}},
}

test_varied[name] if {
	some name, example in variants
	testing.varied(variant_cases, example.variant) == example.input
}

test_says if {
	control := {"applies": true, "deny": {finding}, "unknown": {"x"}}
	testing.says({"outcome": "fail", "keys": {{"a": 1}}, "reasons": {"x"}}, control)
	testing.says({"outcome": "fail", "keys": {{"a": 1}}, "reasons": {"x"}, "findings": {finding}}, control)
	testing.says({"outcome": "pass"}, {"applies": true, "deny": set()})
	testing.says({"outcome": "not_applicable"}, {"deny": {finding}})
}

test_says_compares if {
	control := {"applies": true, "deny": {finding}, "unknown": {"x"}}
	not testing.says({"outcome": "fail", "keys": {{"a": 1}}}, control)
	not testing.says({"outcome": "fail", "reasons": {"x"}}, control)
	not testing.says({"outcome": "unknown", "keys": {{"a": 1}}, "reasons": {"x"}}, control)
	not testing.says({"outcome": "fail", "keys": {{"a": 1}}, "reasons": {"x"}, "findings": set()}, control)
	not testing.says({"outcome": "not_applicable"}, control)
	not testing.says({"outcome": "pass"}, {"deny": set()})
}
