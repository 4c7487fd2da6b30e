package policies.data_connect.definition_changed_test

import data.policies.data_connect.definition_changed
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := definition_changed with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "declared and approved since", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "changed after the approval",
	"outcome": "fail",
	"keys": [{"version": "4"}],
	"input": defining({"version": "4", "after_decision": true}),
}

cases contains {
	"name": "changed after the approval, which has expired",
	"outcome": "fail",
	"keys": [{"version": "4"}],
	"input": object.union(defining({"version": "4", "after_decision": true}), {"days_left": -1}),
}

cases contains {
	"name": "update available, of which nothing more is declared",
	"outcome": "fail",
	"keys": [{}],
	"input": object.remove(updated, ["definition"]),
}

cases contains {
	"name": "update available, declared before it was changed",
	"outcome": "fail",
	"keys": [{"version": "3"}],
	"input": updated,
}

cases contains {
	"name": "update available, version not declared",
	"outcome": "fail",
	"keys": [{"updated_at": "2026-10-01T00:00:00Z"}],
	"input": object.union(
		object.remove(testing.data_connect_app, ["definition"]),
		{"state": "update_available", "definition": {"updated_at": "2026-10-01T00:00:00Z", "sinks_unclear": false}},
	),
}

cases contains {
	"name": "another version, though declared before the approval",
	"outcome": "pass",
	"input": defining({"version": "2"}),
}

cases contains {
	"name": "order of change and approval not known",
	"outcome": "unknown",
	"input": object.union(
		object.remove(testing.data_connect_app, ["definition"]),
		{"definition": {"version": "4", "sinks_unclear": false}},
	),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(defining({"after_decision": true}), ["state"]),
}

cases contains {
	"name": "state of a later version",
	"outcome": "unknown",
	"input": object.union(testing.data_connect_app, {"state": "suspended"}),
}

cases contains {
	"name": "not declared",
	"outcome": "not_applicable",
	"input": object.remove(testing.data_connect_app, ["definition"]),
}

cases contains {
	"name": "changed and still to be decided upon",
	"outcome": "not_applicable",
	"input": object.union(defining({"after_decision": true}), {"state": "pending"}),
}

cases contains {
	"name": "changed after it was denied",
	"outcome": "not_applicable",
	"input": object.union(defining({"after_decision": true}), {"state": "denied"}),
}

cases contains {
	"name": "update available, of which neither version nor day is declared, and nothing beyond the approval",
	"outcome": "fail",
	"keys": [{}],
	"input": undated({"destination_tenant_id": testing.data_connect_app.destination_tenant_id}),
}

cases contains {
	"name": "update available, of which neither version nor day is declared, and one thing beyond the approval",
	"outcome": "fail",
	"keys": [{"beyond": crypto.sha256(`[{"sink":"https://elsewhere.dfs.core.windows.net/x"}]`)}],
	"input": undated({"sink_locations": ["https://elsewhere.dfs.core.windows.net/x"]}),
}

knockout := {"/definition": "what the registration is now is known only where the register declares it"}

updated := object.union(testing.data_connect_app, {"state": "update_available"})

defining(members) := object.union(testing.data_connect_app, {"definition": members})

test_evidence if {
	app := defining({
		"version": "4",
		"after_decision": true,
		"sink_locations": ["https://elsewhere.dfs.core.windows.net/x"],
	})
	some finding in definition_changed.deny with input as app
	finding.evidence == {
		"state": "approved",
		"approved_at": "2026-09-01T00:00:00Z",
		"version": "3",
		"definition": {"version": "4", "updated_at": "2026-08-30T09:00:00Z"},
		"beyond": [{"sink": "https://elsewhere.dfs.core.windows.net/x"}],
	}
}

test_evidence_without_definition if {
	some finding in definition_changed.deny with input as object.remove(updated, ["definition"])
	finding.evidence == {"state": "update_available", "approved_at": "2026-09-01T00:00:00Z", "version": "3"}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := definition_changed with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "update available, version not declared",
	"of": "update available, version not declared",
	"outcome": "fail",
	"keys": {{"updated_at": "2026-10-01T00:00:00Z"}},
}

variants contains {
	"name": "definition is null: state of a later version",
	"of": "state of a later version",
	"at": "/definition",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"state"},
}

variants contains {
	"name": "definition.version is null: changed after the approval",
	"of": "changed after the approval",
	"at": "/definition/version",
	"becomes": null,
	"outcome": "fail",
	"keys": {{"updated_at": "2026-08-30T09:00:00Z"}},
}

variants contains {
	"name": "definition.updated_at is null: update available, version not declared",
	"of": "update available, version not declared",
	"at": "/definition/updated_at",
	"becomes": null,
	"outcome": "fail",
	"keys": {{}},
}

undated(definition) := object.union(
	object.remove(updated, ["definition"]),
	{"definition": object.union({"sinks_unclear": false}, definition)},
)

two := ["https://a.blob.core.windows.net", "https://b.blob.core.windows.net"]

test_key_is_of_what_is_beyond_in_any_order if {
	some one in definition_changed.deny with input as undated({"sink_locations": two})
	some other in definition_changed.deny with input as undated({"sink_locations": array.reverse(two)})
	one.key.beyond == other.key.beyond
}

test_key_tells_what_is_beyond if {
	some one in definition_changed.deny with input as undated({"sink_locations": two})
	some other in definition_changed.deny with input as undated({"sink_locations": [two[0]]})
	one.key.beyond != other.key.beyond
}
