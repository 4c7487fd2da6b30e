package policies.data_connect.destination_not_approved_test

import data.policies.data_connect.destination_not_approved
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := destination_not_approved with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "the approved sink", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "another storage account",
	"outcome": "fail",
	"keys": [{"sink": elsewhere}],
	"input": writing([approved, elsewhere]),
}

cases contains {
	"name": "another storage account, and the approval has expired",
	"outcome": "fail",
	"keys": [{"sink": elsewhere}],
	"input": object.union(writing([elsewhere]), {"days_left": -1, "state": "update_available"}),
}

cases contains {
	"name": "several",
	"outcome": "fail",
	"keys": [{"sink": elsewhere}, {"sink": "https://contosoinsights.dfs.core.windows.net"}],
	"input": writing([elsewhere, "https://contosoinsights.dfs.core.windows.net"]),
}

cases contains {
	"name": "a sink beyond the approval stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [{"sink": elsewhere}],
	"input": writing([elsewhere, "a lakehouse"]),
}

cases contains {
	"name": "above the approved sink",
	"outcome": "fail",
	"keys": [{"sink": approved}],
	"input": object.union(testing.data_connect_app, {
		"sinks": ["https://contosoinsights.blob.core.windows.net/mail"],
		"sink_locations": ["https://contosoinsights.blob.core.windows.net/mail"],
	}),
}

cases contains {
	"name": "an account whose name begins alike",
	"outcome": "fail",
	"keys": [{"sink": "https://contosoinsights.blob.core.windows.net.example.com/mail"}],
	"input": writing(["https://contosoinsights.blob.core.windows.net.example.com/mail"]),
}

cases contains {
	"name": "below the approved sink",
	"outcome": "pass",
	"input": writing(["https://ContosoInsights.blob.core.windows.net/mail/raw/"]),
}

cases contains {
	"name": "the approved sink, in a form that cannot be compared",
	"outcome": "pass",
	"input": object.union(writing(["workspace/lakehouse/"]), {
		"sinks": ["workspace/lakehouse"],
		"sink_locations": [],
		"sinks_unclear": true,
	}),
}

cases contains {
	"name": "a form that cannot be compared",
	"outcome": "unknown",
	"input": writing(["a lakehouse"]),
}

cases contains {
	"name": "an approved sink in a form that cannot be compared",
	"outcome": "unknown",
	"input": object.union(writing([elsewhere]), {"sinks": [approved, "a lakehouse"], "sinks_unclear": true}),
}

cases contains {
	"name": "approved sinks not read",
	"outcome": "unknown",
	"input": object.remove(writing([elsewhere]), ["sinks", "sink_locations"]),
}

cases contains {
	"name": "no sinks declared, approved ones not read",
	"outcome": "unknown",
	"input": object.remove(writing([]), ["sinks", "sink_locations"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["state"]),
}

cases contains {
	"name": "not declared",
	"outcome": "not_applicable",
	"input": object.remove(testing.data_connect_app, ["definition"]),
}

cases contains {
	"name": "sinks not declared",
	"outcome": "not_applicable",
	"input": object.union(
		object.remove(testing.data_connect_app, ["definition"]),
		{"definition": {"version": "3", "sinks_unclear": false}},
	),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(writing([elsewhere]), {"state": "denied"}),
}

cases contains {
	"name": "another account in Hadoop's form",
	"outcome": "fail",
	"keys": [{"sink": "https://elsewhere.blob.core.windows.net/mail"}],
	"input": normalised(["wasbs://mail@elsewhere.blob.core.windows.net"], [elsewhere]),
}

cases contains {
	"name": "the approved account in Hadoop's form",
	"outcome": "pass",
	"input": normalised(["wasbs://mail@contosoinsights.blob.core.windows.net"], [sprintf("%s/mail", [approved])]),
}

cases contains {
	"name": "locations not told",
	"outcome": "unknown",
	"input": object.union(
		object.remove(testing.data_connect_app, ["definition"]),
		{"definition": {"sinks": [approved], "sinks_unclear": false}},
	),
}

knockout := {
	"/definition": "what the registration is now is known only where the register declares it",
	"/definition/sinks": "as above",
}

approved := "https://contosoinsights.blob.core.windows.net"

elsewhere := "https://elsewhere.blob.core.windows.net/mail"

writing(sinks) := normalised(sinks, locations) if {
	locations := [sink | some sink in sinks; startswith(sink, "https://")]
}

normalised(sinks, locations) := object.union(testing.data_connect_app, {"definition": {
	"sinks": sinks,
	"sink_locations": locations,
	"sinks_unclear": count(locations) < count(sinks),
}})

test_evidence if {
	some finding in destination_not_approved.deny with input as writing([elsewhere])
	finding.evidence == {"approved_at": "2026-09-01T00:00:00Z", "approved": [approved]}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := destination_not_approved with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without state: another storage account, and the approval has expired",
	"of": "another storage account, and the approval has expired",
	"at": "/state",
	"outcome": "unknown",
	"reasons": {"state"},
}
