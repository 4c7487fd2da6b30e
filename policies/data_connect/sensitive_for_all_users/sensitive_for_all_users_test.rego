package policies.data_connect.sensitive_for_all_users_test

import data.policies.data_connect.sensitive_for_all_users
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := sensitive_for_all_users with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "sensitive columns of a list, harmless ones of all",
	"outcome": "pass",
	"input": testing.data_connect_app,
}

cases contains {
	"name": "sensitive columns of all users",
	"outcome": "fail",
	"keys": [exposed],
	"input": approving([of_all]),
}

cases contains {
	"name": "a deny list does not excuse it",
	"outcome": "fail",
	"keys": [object.union(exposed, {"deny_groups": ["a1b2c3d4-0000-4000-8000-0000000000e5"]})],
	"input": approving([object.union(of_all, {"deny_groups": ["a1b2c3d4-0000-4000-8000-0000000000e5"]})]),
}

cases contains {
	"name": "of a list, with columns that the catalogue does not list",
	"outcome": "pass",
	"input": approving([object.union(of_all, {"scope": "list", "unrated": ["*"], "groups": ["g"]})]),
}

cases contains {
	"name": "two datasets",
	"outcome": "fail",
	"keys": [exposed, {"dataset": users.name, "sensitive": ["department"]}],
	"input": approving([of_all, object.union(users, {"sensitive": ["department"]})]),
}

cases contains {
	"name": "two parts of one dataset",
	"outcome": "fail",
	"keys": [{"dataset": messages.name, "sensitive": ["Body", "Subject"]}],
	"input": approving([of_all, object.union(of_all, {"sensitive": ["Body"]}), messages]),
}

cases contains {
	"name": "all columns of a dataset of which every one is",
	"outcome": "fail",
	"keys": [{"dataset": messages.name, "sensitive": ["*"]}],
	"input": object.union(
		approving([object.union(of_all, {"columns": ["*"], "sensitive": ["*"]})]),
		{"state": "update_available"},
	),
}

cases contains {
	"name": "dataset without a name",
	"outcome": "fail",
	"keys": [{"dataset": "a dataset without a name", "sensitive": ["Subject"]}],
	"input": approving([object.remove(of_all, ["name"])]),
}

cases contains {
	"name": "one stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [exposed],
	"input": approving([of_all, {"name": "Custom_v1", "scope": "all", "catalogued": false}]),
}

cases contains {
	"name": "of a filter",
	"outcome": "pass",
	"input": approving([object.union(of_all, {"scope": "filter", "filter": "f"})]),
}

cases contains {
	"name": "a dataset that the catalogue does not know, of a list",
	"outcome": "pass",
	"input": approving([{"name": "Custom_v1", "scope": "list", "groups": ["g"], "catalogued": false}]),
}

cases contains {
	"name": "a column that the catalogue does not list",
	"outcome": "unknown",
	"input": approving([object.union(users, {"columns": ["Novel"], "unrated": ["Novel"]})]),
}

cases contains {
	"name": "a column that the catalogue does not list, beside a sensitive one",
	"outcome": "fail",
	"keys": [exposed],
	"input": approving([object.union(of_all, {"unrated": ["Novel"]})]),
}

cases contains {
	"name": "a column that the catalogue does not list, of a list",
	"outcome": "pass",
	"input": approving([object.union(messages, {"unrated": ["Novel"]})]),
}

cases contains {
	"name": "all columns of a dataset of which not all are known",
	"outcome": "unknown",
	"input": approving([object.union(users, {"columns": ["*"], "unrated": ["*"]})]),
}

cases contains {
	"name": "what the catalogue lists not told",
	"outcome": "unknown",
	"input": approving([object.remove(users, ["unrated"])]),
}

cases contains {
	"name": "a list without groups",
	"outcome": "unknown",
	"input": approving([object.union(messages, {"groups": []})]),
}

cases contains {
	"name": "a list of an empty group",
	"outcome": "unknown",
	"input": approving([object.union(messages, {"groups": [" "]})]),
}

cases contains {
	"name": "a list without groups, no column sensitive",
	"outcome": "pass",
	"input": approving([object.union(users, {"scope": "list"})]),
}

cases contains {
	"name": "groups of a list not read",
	"outcome": "unknown",
	"input": approving([object.remove(messages, ["groups"])]),
}

cases contains {
	"name": "an empty filter",
	"outcome": "unknown",
	"input": approving([object.union(of_all, {"scope": "filter", "filter": " "})]),
}

cases contains {
	"name": "filter not read",
	"outcome": "unknown",
	"input": approving([object.union(of_all, {"scope": "filter"})]),
}

cases contains {
	"name": "an empty filter, and a column that the catalogue does not list",
	"outcome": "unknown",
	"input": approving([object.union(users, {"scope": "filter", "filter": "", "unrated": ["Novel"]})]),
}

cases contains {
	"name": "a dataset that the catalogue does not know",
	"outcome": "unknown",
	"input": approving([{"name": "Custom_v1", "scope": "all", "columns": ["a"], "catalogued": false}]),
}

cases contains {
	"name": "columns not read",
	"outcome": "unknown",
	"input": approving([object.remove(of_all, ["columns", "sensitive"])]),
}

cases contains {
	"name": "scope not read",
	"outcome": "unknown",
	"input": approving([object.remove(of_all, ["scope"])]),
}

cases contains {
	"name": "scope of a later version",
	"outcome": "unknown",
	"input": approving([object.union(of_all, {"scope": "site"})]),
}

cases contains {
	"name": "scope not read, no column sensitive",
	"outcome": "pass",
	"input": approving([object.remove(users, ["scope"])]),
}

cases contains {
	"name": "datasets not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["datasets"]),
}

cases contains {
	"name": "expiry not known",
	"outcome": "unknown",
	"input": object.remove(approving([of_all]), ["days_left"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(approving([of_all]), ["state"]),
}

cases contains {
	"name": "expired",
	"outcome": "not_applicable",
	"input": object.union(approving([of_all]), {"days_left": 0}),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(approving([of_all]), {"state": "denied"}),
}

cases contains {
	"name": "two parts of one dataset, in the other order, with the groups of either",
	"outcome": "fail",
	"keys": [{"dataset": messages.name, "sensitive": ["Body", "Subject"], "deny_groups": ["a", "b"]}],
	"input": approving([
		object.union(of_all, {"sensitive": ["Body"], "deny_groups": ["b"]}),
		object.union(of_all, {"deny_groups": ["a"]}),
	]),
}

messages := testing.data_connect_app.datasets[0]

users := testing.data_connect_app.datasets[1]

exposed := {"dataset": messages.name, "sensitive": ["Subject"]}

of_all := object.remove(object.union(messages, {"scope": "all"}), ["groups"])

approving(datasets) := object.union(testing.data_connect_app, {"datasets": datasets})

test_evidence if {
	app := approving([of_all, object.union(of_all, {"sensitive": ["Body"], "deny_groups": ["b", "a"]})])
	some finding in sensitive_for_all_users.deny with input as app
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"sensitive": ["Body", "Subject"],
		"deny_groups": ["a", "b"],
	}
}

test_reasons[name] if {
	some name, [change, reasons] in {
		"of a column": [{"unrated": ["Novel"]}, {"sensitivity of column Novel of BasicDataSet_v0.User_v1"}],
		"of all columns": [
			{"unrated": ["*"]},
			{"sensitivity of columns of BasicDataSet_v0.User_v1 that the catalogue does not list"},
		],
		"of groups": [
			{"scope": "list", "groups": [], "sensitive": ["department"]},
			{"groups of BasicDataSet_v0.User_v1"},
		],
		"of a filter": [{"scope": "filter", "sensitive": ["department"]}, {"filter of BasicDataSet_v0.User_v1"}],
		"of a scope": [{"scope": "site", "sensitive": ["department"]}, {"scope of BasicDataSet_v0.User_v1"}],
	}
	sensitive_for_all_users.unknown == reasons with input as approving([object.union(users, change)])
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := sensitive_for_all_users with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "two parts of one dataset",
	"of": "two parts of one dataset",
	"outcome": "fail",
	"keys": {{"dataset": "BasicDataSet_v0.Message_v1", "sensitive": ["Body", "Subject"]}},
}

variants contains {
	"name": "without datasets.0.scope: of a filter",
	"of": "of a filter",
	"at": "/datasets/0/scope",
	"outcome": "unknown",
	"reasons": {"scope of BasicDataSet_v0.Message_v1"},
}

variants contains {
	"name": "datasets.0.sensitive is null: all columns of a dataset of which every one is",
	"of": "all columns of a dataset of which every one is",
	"at": "/datasets/0/sensitive",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"sensitive columns of BasicDataSet_v0.Message_v1"},
}

variants contains {
	"name": "without datasets.0.scope: a dataset that the catalogue does not know, of a list",
	"of": "a dataset that the catalogue does not know, of a list",
	"at": "/datasets/0/scope",
	"outcome": "unknown",
	"reasons": {"scope of Custom_v1", "sensitive columns of Custom_v1"},
}

variants contains {
	"name": "datasets.0.name is null: all columns of a dataset of which every one is",
	"of": "all columns of a dataset of which every one is",
	"at": "/datasets/0/name",
	"becomes": null,
	"outcome": "fail",
	"keys": {{"dataset": "a dataset without a name", "sensitive": ["*"]}},
}

variants contains {
	"name": "without datasets.0.catalogued: all columns of a dataset of which every one is",
	"of": "all columns of a dataset of which every one is",
	"at": "/datasets/0/catalogued",
	"outcome": "fail",
	"reasons": {"sensitive columns of BasicDataSet_v0.Message_v1"},
	"keys": {{"dataset": "BasicDataSet_v0.Message_v1", "sensitive": ["*"]}},
}
