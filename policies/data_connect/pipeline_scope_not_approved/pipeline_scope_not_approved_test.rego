package policies.data_connect.pipeline_scope_not_approved_test

import data.policies.data_connect.pipeline_scope_not_approved
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_scope_not_approved with input as case.input with data.config as testing.config
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
	"name": "scope not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "scope"),
}

cases contains {"name": "scope absent", "outcome": "unknown", "input": object.remove(testing.pipeline, ["scope"])}

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
	"name": "all approved, all asked for",
	"outcome": "pass",
	"input": asking({"scope": "all"}, {"scope": "all"}),
}

cases contains {
	"name": "all approved, groups asked for",
	"outcome": "pass",
	"input": asking({"scope": "all"}, {"scope": "list", "groups": [other]}),
}

cases contains {
	"name": "all approved, a filter asked for",
	"outcome": "pass",
	"input": asking({"scope": "all"}, {"scope": "filter", "filter": finance}),
}

cases contains {
	"name": "some of the approved groups",
	"outcome": "pass",
	"input": asking({"scope": "list", "groups": [other, one]}, {"scope": "list", "groups": [other]}),
}

cases contains {
	"name": "groups in other case",
	"outcome": "pass",
	"input": asking({"scope": "list", "groups": [one]}, {"scope": "list", "groups": [upper(one)]}),
}

cases contains {
	"name": "the approved filter",
	"outcome": "pass",
	"input": asking({"scope": "filter", "filter": finance}, {"scope": "filter", "filter": finance}),
}

cases contains {
	"name": "groups approved, one more asked for",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "list", "asks": [other]}],
	"input": asking({"scope": "list", "groups": [one]}, {"scope": "list", "groups": [one, other]}),
}

cases contains {
	"name": "groups approved, all asked for",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "all", "asks": "all users"}],
	"input": asking({"scope": "list", "groups": [one]}, {"scope": "all"}),
}

cases contains {
	"name": "groups approved, a filter asked for",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "filter", "asks": finance}],
	"input": asking({"scope": "list", "groups": [one]}, {"scope": "filter", "filter": finance}),
}

cases contains {
	"name": "a filter approved, all asked for",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "all", "asks": "all users"}],
	"input": asking({"scope": "filter", "filter": finance}, {"scope": "all"}),
}

cases contains {
	"name": "a filter approved, groups asked for",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "list", "asks": [one]}],
	"input": asking({"scope": "filter", "filter": finance}, {"scope": "list", "groups": [one]}),
}

cases contains {
	"name": "a filter approved, the same in other case",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "filter", "asks": lower(finance)}],
	"input": asking(
		{"scope": "filter", "filter": finance},
		{"scope": "filter", "filter": lower(finance)},
	),
}

cases contains {
	"name": "a filter approved, the same with a space more",
	"outcome": "fail",
	"keys": [{
		"dataset": "BasicDataSet_v0.Message_v1",
		"scope": "filter",
		"asks": concat("", [finance, " "]),
	}],
	"input": asking(
		{"scope": "filter", "filter": finance},
		{"scope": "filter", "filter": concat("", [finance, " "])},
	),
}

cases contains {
	"name": "no group approved",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "list", "asks": [one]}],
	"input": asking({"scope": "list", "groups": []}, {"scope": "list", "groups": [one]}),
}

cases contains {
	"name": "two parts, neither of which will do",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1", "scope": "list", "asks": [other]}],
	"input": object.union(
		testing.against({
			"datasets": [
				testing.approved_messages,
				testing.approved_messages,
				testing.approved_users,
			],
		}),
		{"groups": [other]},
	),
}

cases contains {
	"name": "two parts, one of which will do",
	"outcome": "unknown",
	"input": testing.against({
		"datasets": [
			testing.approved_messages,
			object.union(testing.approved_messages, {"groups": [other]}),
		],
	}),
}

cases contains {
	"name": "a part without name",
	"outcome": "unknown",
	"input": testing.against({
		"datasets": [
			testing.approved_messages,
			{"columns": ["Subject"], "scope": "list", "catalogued": false},
		],
	}),
}

cases contains {
	"name": "approved scope not known",
	"outcome": "unknown",
	"input": asking({}, {"scope": "list", "groups": [one]}),
}

cases contains {
	"name": "approved scope in another word",
	"outcome": "unknown",
	"input": asking({"scope": "some"}, {"scope": "list", "groups": [one]}),
}

cases contains {
	"name": "approved groups not read",
	"outcome": "unknown",
	"input": asking({"scope": "list"}, {"scope": "list", "groups": [one]}),
}

cases contains {
	"name": "approved filter not read",
	"outcome": "unknown",
	"input": asking({"scope": "filter"}, {"scope": "filter", "filter": finance}),
}

cases contains {
	"name": "groups not told",
	"outcome": "unknown",
	"input": asking({"scope": "list", "groups": [one]}, {"scope": "list"}),
}

cases contains {
	"name": "groups without any",
	"outcome": "unknown",
	"input": asking({"scope": "list", "groups": [one]}, {"scope": "list", "groups": []}),
}

cases contains {
	"name": "filter not told",
	"outcome": "unknown",
	"input": asking({"scope": "filter", "filter": finance}, {"scope": "filter"}),
}

cases contains {
	"name": "another word for a scope",
	"outcome": "unknown",
	"input": object.union(testing.pipeline, {"scope": "some"}),
}

cases contains {
	"name": "dataset not approved",
	"outcome": "not_applicable",
	"input": object.union(testing.pipeline, {"dataset": "Other"}),
}

one := "a1b2c3d4-0000-4000-8000-0000000000e1"

other := "a1b2c3d4-0000-4000-8000-0000000000e9"

finance := "https://graph.microsoft.com/v1.0/users?$filter=Department eq 'Finance'"

asking(approved, asked) := object.union(
	object.remove(testing.against({"datasets": [object.union(_unscoped, approved)]}), ["scope", "groups"]),
	asked,
)

_unscoped := object.remove(testing.approved_messages, ["scope", "groups"])

test_evidence_of_groups if {
	request := object.union(testing.pipeline, {"groups": ["a1b2c3d4-0000-4000-8000-0000000000e9"]})
	some finding in pipeline_scope_not_approved.deny with input as request
	finding.evidence.approved == testing.approved_messages.groups
	finding.evidence.asked == "groups a1b2c3d4-0000-4000-8000-0000000000e9"
	finding.evidence.allowed == [sprintf("groups %s", [concat(", ", testing.approved_messages.groups)])]
}

test_evidence_of_filters if {
	request := asking({"scope": "filter", "filter": "https://a"}, {"scope": "all"})
	some finding in pipeline_scope_not_approved.deny with input as request
	finding.evidence.approved == ["https://a"]
	finding.evidence.asked == "all users"
	finding.evidence.allowed == ["users by the filter https://a"]
}

test_words_of_another_filter if {
	request := asking({"scope": "filter", "filter": "https://a"}, {"scope": "filter", "filter": "https://b"})
	some finding in pipeline_scope_not_approved.deny with input as request
	finding.evidence.asked == "users by the filter https://b"
}
