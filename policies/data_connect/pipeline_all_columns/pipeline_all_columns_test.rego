package policies.data_connect.pipeline_all_columns_test

import data.policies.data_connect.pipeline_all_columns
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_all_columns with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "columns are named", "outcome": "pass", "input": testing.pipeline}

cases contains {
	"name": "no columns are named",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1"}],
	"input": object.union(testing.pipeline, {"all_columns": true}),
}

cases contains {
	"name": "no columns are named, and the catalogue does not know the dataset",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1"}],
	"input": object.remove(
		object.union(testing.pipeline, {"all_columns": true, "catalogued": false}),
		["columns"],
	),
}

cases contains {
	"name": "no columns are named, whatever is approved",
	"outcome": "fail",
	"keys": [{"dataset": "BasicDataSet_v0.Message_v1"}],
	"input": object.union(testing.against_all([]), {"all_columns": true}),
}

cases contains {
	"name": "no columns are named, dataset not resolved",
	"outcome": "fail",
	"keys": [{}],
	"input": testing.untold(object.union(testing.pipeline, {"all_columns": true}), "dataset"),
}

cases contains {
	"name": "columns not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "columns"),
}

cases contains {
	"name": "the activity cannot be read",
	"outcome": "unknown",
	"input": object.union(
		testing.pipeline,
		{
			"all_columns": true,
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
	"outcome": "pass",
	"input": object.remove(testing.pipeline, ["approvals", "coverage"]),
}

cases contains {
	"name": "inactive",
	"outcome": "not_applicable",
	"input": object.union(testing.pipeline, {"inactive": true, "all_columns": true}),
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := pipeline_all_columns with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "all_columns is true: columns not resolved",
	"of": "columns not resolved",
	"at": "/all_columns",
	"becomes": true,
	"outcome": "unknown",
	"reasons": {
		"columns: @pipeline().parameters.columns (factory/pipeline/CopyMail.json:20): the parameter has no default value",
	},
}

variants contains {
	"name": "without all_columns: no columns are named, whatever is approved",
	"of": "no columns are named, whatever is approved",
	"at": "/all_columns",
	"outcome": "unknown",
	"reasons": {"all_columns"},
}
