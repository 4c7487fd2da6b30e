package policies.data_connect.pipeline_destination_not_approved_test

import data.policies.data_connect.pipeline_destination_not_approved
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := pipeline_destination_not_approved with input as case.input with data.config as testing.config
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
	"name": "destination not resolved",
	"outcome": "unknown",
	"input": testing.untold(testing.pipeline, "destination"),
}

cases contains {
	"name": "destination absent",
	"outcome": "unknown",
	"input": object.remove(testing.pipeline, ["destination"]),
}

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
	"name": "the sink itself",
	"outcome": "pass",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "inside the sink",
	"outcome": "pass",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail/nightly/raw",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "the whole account is approved",
	"outcome": "pass",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail/raw",
		false,
		["https://contosoinsights.blob.core.windows.net"],
	),
}

cases contains {
	"name": "inside one of several sinks",
	"outcome": "pass",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail/raw",
		false,
		[
			"https://a.dfs.core.windows.net/x",
			"https://contosoinsights.blob.core.windows.net/mail",
		],
	),
}

cases contains {
	"name": "only the container is known, and it is approved",
	"outcome": "pass",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail",
		true,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "only the account is known, and all of it is approved",
	"outcome": "pass",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net",
		true,
		["https://contosoinsights.blob.core.windows.net"],
	),
}

cases contains {
	"name": "inside a sink, though another is unclear",
	"outcome": "pass",
	"input": testing.against({"sinks_unclear": true}),
}

cases contains {
	"name": "another container",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.blob.core.windows.net/other"}],
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/other",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "a container whose name begins alike",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.blob.core.windows.net/mailbox/raw"}],
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mailbox/raw",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "above the sink",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.blob.core.windows.net/mail"}],
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail",
		false,
		["https://contosoinsights.blob.core.windows.net/mail/raw"],
	),
}

cases contains {
	"name": "the other endpoint of the same account",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.dfs.core.windows.net/mail/raw"}],
	"input": writing(
		"https://contosoinsights.dfs.core.windows.net/mail/raw",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "another account",
	"outcome": "fail",
	"keys": [{"location": "https://fabrikam.blob.core.windows.net/mail"}],
	"input": writing(
		"https://fabrikam.blob.core.windows.net/mail",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "a host that begins alike",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.blob.core.windows.net.example.com/mail"}],
	"input": writing(
		"https://contosoinsights.blob.core.windows.net.example.com/mail",
		false,
		["https://contosoinsights.blob.core.windows.net"],
	),
}

cases contains {
	"name": "another container, the rest not known",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.blob.core.windows.net/other"}],
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/other",
		true,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "container in other case",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.blob.core.windows.net/Mail/raw"}],
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/Mail/raw",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "no sink is approved",
	"outcome": "fail",
	"keys": [{"location": "https://contosoinsights.blob.core.windows.net/mail"}],
	"input": writing("https://contosoinsights.blob.core.windows.net/mail", false, []),
}

cases contains {
	"name": "only the account is known, and a container is approved",
	"outcome": "unknown",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net",
		true,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "only the container is known, and a folder is approved",
	"outcome": "unknown",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail",
		true,
		["https://contosoinsights.blob.core.windows.net/mail/raw"],
	),
}

cases contains {
	"name": "location not told",
	"outcome": "unknown",
	"input": object.union(
		object.remove(testing.pipeline, ["destination"]),
		{"destination": {"type": "AzureBlobFS", "partial": true}},
	),
}

cases contains {
	"name": "steps back out of the sink",
	"outcome": "unknown",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail/../other",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "ends with a step back",
	"outcome": "unknown",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail/..",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "escapes",
	"outcome": "unknown",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail/%2e%2e/other",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "empty steps",
	"outcome": "unknown",
	"input": writing(
		"https://contosoinsights.blob.core.windows.net/mail//other",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "no location of the known form",
	"outcome": "unknown",
	"input": writing(
		"wasbs://mail@contosoinsights.blob.core.windows.net/raw",
		false,
		["https://contosoinsights.blob.core.windows.net/mail"],
	),
}

cases contains {
	"name": "in none of the clear sinks, and one is unclear",
	"outcome": "unknown",
	"input": object.union(
		testing.against({"sinks_unclear": true}),
		{"destination": {"location": "https://fabrikam.blob.core.windows.net"}},
	),
}

cases contains {
	"name": "a sink without host covers nothing",
	"outcome": "unknown",
	"input": writing("https://contosoinsights.blob.core.windows.net/mail", false, ["https:/", ""]),
}

cases contains {
	"name": "sinks not read",
	"outcome": "unknown",
	"input": testing.against_all([object.remove(testing.approval, ["sink_locations", "sinks"])]),
}

writing(location, partial, sinks) := object.union(
	testing.against({"sink_locations": sinks}),
	{"destination": {"location": location, "partial": partial}},
)

test_evidence if {
	request := writing("https://a.blob.core.windows.net/b", false, ["https://a.blob.core.windows.net/c"])
	some finding in pipeline_destination_not_approved.deny with input as request
	finding.evidence.approved == ["https://a.blob.core.windows.net/c"]
}
