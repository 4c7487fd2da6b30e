package policies.lib.requests_test

import data.policies.lib.requests
import data.policies.lib.testing

# All that the library says of a request.
said["broken"] := requests.broken

said["approval"] := requests.approval

said["evidence"] := requests.evidence

said["standing"] := requests.standing

said["yardstick"] := requests.yardstick.id

said["approved_datasets"] := requests.approved_datasets

said["approved_columns"] := requests.approved_columns

said["excess_columns"] := requests.excess_columns

said["asked_scope"] := requests.asked_scope

said["approved_scope"] := requests.approved_scope

said["asked_words"] := requests.asked_words

said["allowed_words"] := requests.allowed_words

said["concerns"] := concerned

said["unclear"] := doubted

concerned contains rule if {
	some rule in rules
	requests.concerns(rule)
}

doubted[rule] := why if {
	some rule in rules
	why := requests.unclear(rule)
	why != set()
}

rules := {"app", "state", "app_tenant", "dataset", "columns", "destination_tenant", "destination", "scope"}

bases contains {"name": "sound", "input": testing.pipeline}

bases contains {"name": "no approvals", "input": testing.against_all([])}

bases contains {"name": "no approvals, seen in part", "input": testing.known_since(testing.against_all([]), 80)}

bases contains {"name": "three of others", "input": testing.against_all([near, twin, vague])}

bases contains {"name": "own and others", "input": testing.against_all([near, own, far])}

bases contains {"name": "own, seen in part", "input": testing.known_since(testing.against_all([own, near]), 80)}

bases contains {"name": "others, seen in part", "input": testing.known_since(testing.against_all([near, farther]), 80)}

bases contains {"name": "two open", "input": testing.against_all([vague_own, object.union(vague_own, {"id": "e-own"})])}

bases contains {"name": "application untold", "input": testing.untold(testing.against_all([own, near]), "app_id")}

bases contains {"name": "dataset untold", "input": testing.untold(testing.pipeline, "dataset")}

bases contains {"name": "columns untold", "input": testing.untold(testing.pipeline, "columns")}

bases contains {"name": "destination in part", "input": object.union(
	testing.against({"sink_locations": ["https://contosoinsights.blob.core.windows.net/mail"]}),
	{"destination": {"location": "https://contosoinsights.blob.core.windows.net", "partial": true}},
)}

bases contains {
	"name": "other sink",
	"input": testing.against({"sink_locations": ["https://other.blob.core.windows.net"]}),
}

bases contains {"name": "sinks unclear", "input": testing.against({
	"sinks_unclear": true,
	"sink_locations": [],
	"sinks_unread": ["b", "a"],
})}

bases contains {"name": "doubts", "input": testing.against({"doubts": ["two different rows have this id"]})}

bases contains {"name": "self-declared", "input": testing.against({"self_declared": true, "state_seen": false})}

bases contains {"name": "state not seen", "input": testing.against({"state_seen": false})}

bases contains {"name": "expired", "input": testing.against({"days_left": 0})}

bases contains {
	"name": "update available",
	"input": testing.against({"state": "update_available", "self_declared": true}),
}

bases contains {"name": "register only", "input": testing.against_all([object.remove(
	testing.approval,
	["approved_at", "datasets", "state", "days_left"],
)])}

bases contains {"name": "more columns", "input": testing.against({"datasets": [object.union(
	testing.approved_messages,
	{"columns": ["Subject"]},
)]})}

bases contains {"name": "all columns approved", "input": testing.against({"datasets": [object.union(
	testing.approved_messages,
	{"columns": ["*"]},
)]})}

bases contains {"name": "other dataset", "input": testing.against({"datasets": [testing.approved_users]})}

bases contains {"name": "more groups", "input": object.union(testing.pipeline, {"groups": ["g1", "g2"]})}

bases contains {
	"name": "all users",
	"input": object.union(object.remove(testing.pipeline, ["groups"]), {"scope": "all"}),
}

bases contains {"name": "a filter", "input": object.union(object.remove(testing.pipeline, ["groups"]), {
	"scope": "filter",
	"filter": "department eq 'HR'",
})}

bases contains {"name": "a list under a filter", "input": testing.against({"datasets": [object.union(
	object.remove(testing.approved_messages, ["groups"]),
	{"scope": "filter", "filter": "f"},
)]})}

bases contains {"name": "a filter under a filter", "input": object.union(
	testing.against({"datasets": [object.union(
		object.remove(testing.approved_messages, ["groups"]),
		{"scope": "filter", "filter": "f"},
	)]}),
	{"scope": "filter", "filter": "g"},
)}

bases contains {"name": "destination in part, and sinks that could not be read", "input": object.union(
	testing.against({
		"sink_locations": ["https://contosoinsights.blob.core.windows.net/mail"],
		"sinks_unread": ["a"],
	}),
	{"destination": {"location": "https://contosoinsights.blob.core.windows.net", "partial": true}},
)}

bases contains {"name": "more groups than a list that has a filter too", "input": object.union(
	testing.against({"datasets": [object.union(testing.approved_messages, {"filter": "f"})]}),
	{"groups": ["g1"]},
)}

bases contains {"name": "others, since nobody knows when", "input": object.union(
	testing.known_since(testing.against_all([near]), 80),
	{"coverage": {"from": null, "whole": false}},
)}

bases contains {"name": "two parts, denied", "input": testing.against({"state": "denied", "datasets": [
	testing.approved_messages,
	object.union(testing.approved_messages, {"scope": "all", "columns": ["Body"]}),
]})}

bases contains {"name": "two parts", "input": testing.against({"datasets": [
	testing.approved_messages,
	object.union(testing.approved_messages, {"scope": "all", "columns": ["Body"]}),
]})}

vague_own := object.remove(object.union(testing.approval, {"id": "f-own", "name": "Own"}), ["sink_locations"])

# What is said of a base word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	request := testing.varied(bases, variant)
	result := said with input as request
	every member, value in object.get(variant, "says", {}) {
		result[member] == value
	}
	every rule, reasons in object.get(variant, "unclear", {}) {
		{reason | some reason in result.unclear[rule]} == reasons
	}
	object.get(variant, "undefined", set()) & object.keys(result) == set()
}

test_a_column_without_a_name_may_be_any if {
	request := object.union(testing.pipeline, {"columns": ["Subject", null]})
	told := {"all columns of BasicDataSet_v0.Message_v1 (approval of Mail insights)"}
	requests.unclear("columns") == told with input as request
}
