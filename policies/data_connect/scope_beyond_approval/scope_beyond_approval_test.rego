package policies.data_connect.scope_beyond_approval_test

import data.policies.data_connect.scope_beyond_approval
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := scope_beyond_approval with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "approved groups only", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "extracted another group",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "groups": [stranger]}],
	"input": extracting([object.union(run, {"groups": [member, upper(stranger)]})]),
}

cases contains {
	"name": "several runs are one finding",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "groups": [stranger]}],
	"input": extracting([
		object.union(run, {"groups": [member, stranger]}),
		object.union(run, {"groups": [stranger], "pipeline": "CopyAll"}),
		run,
	]),
}

cases contains {
	"name": "judged by the approval in force then, which was narrower",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "groups": [member]}],
	"input": extracting([object.union(run, {"approved": [object.union(messages, {"groups": [stranger]})]})]),
}

cases contains {
	"name": "under an approval that had expired",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "groups": [stranger]}],
	"input": extracting([object.union(run, {"groups": [stranger], "decision": "expired"})]),
}

cases contains {
	"name": "a run beyond the approval stands, whatever is not known of another",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "extracted", "groups": [stranger]}],
	"input": extracting([object.union(run, {"groups": [stranger]}), object.remove(run, ["groups"])]),
}

cases contains {
	"name": "the definition is of all users",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "scope": "all"}],
	"input": defining([object.remove(object.union(messages, {"scope": "all"}), ["groups"])]),
}

cases contains {
	"name": "the definition is of another group",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "scope": "list", "groups": [stranger]}],
	"input": defining([object.union(messages, {"groups": [member, stranger]})]),
}

cases contains {
	"name": "the definition is of a filter, groups are approved",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "scope": "filter", "filter": filter}],
	"input": defining([filtered(messages, filter)]),
}

cases contains {
	"name": "the definition is of another filter",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "scope": "filter", "filter": lower(filter)}],
	"input": object.union(defining([filtered(messages, lower(filter))]), {
		"datasets": [filtered(messages, filter)],
		"extractions": [],
	}),
}

cases contains {
	"name": "the definition is wider, and the approval has expired",
	"outcome": "fail",
	"keys": [{"dataset": mail, "via": "requested", "scope": "all"}],
	"input": object.union(
		defining([object.remove(object.union(messages, {"scope": "all"}), ["groups"])]),
		{"days_left": -1},
	),
}

cases contains {
	"name": "all users are approved",
	"outcome": "pass",
	"input": object.union(
		defining([object.union(messages, {"groups": [stranger]}), object.remove(messages, ["scope", "groups"])]),
		{
			"datasets": [object.remove(object.union(messages, {"scope": "all"}), ["groups"])],
			"extractions": [object.remove(
				object.union(run, {"approved": [object.union(messages, {"scope": "all"})]}),
				["groups"],
			)],
		},
	),
}

cases contains {
	"name": "the approved filter",
	"outcome": "pass",
	"input": object.union(defining([filtered(messages, filter)]), {
		"datasets": [filtered(messages, filter)],
		"extractions": [],
	}),
}

cases contains {
	"name": "groups in other case",
	"outcome": "pass",
	"input": extracting([object.union(run, {"groups": [upper(member)]})]),
}

cases contains {
	"name": "a dataset that is not approved is another control's",
	"outcome": "pass",
	"input": object.union(
		defining([object.union(messages, {"name": "BasicDataSet_v0.Event_v1", "scope": "all"})]),
		{"extractions": [object.union(run, {"dataset": "BasicDataSet_v0.Event_v1", "groups": [stranger]})]},
	),
}

cases contains {
	"name": "runs without an approval are another control's",
	"outcome": "pass",
	"input": extracting([
		object.union(run, {"groups": [stranger], "decision": "denied", "approved": []}),
		object.union(object.remove(run, ["approved"]), {"decision": "none"}),
	]),
}

cases contains {
	"name": "groups of a run not told",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["groups"])]),
}

cases contains {
	"name": "no groups of a run",
	"outcome": "unknown",
	"input": extracting([object.union(run, {"groups": []})]),
}

cases contains {
	"name": "a run under an approval for a filter",
	"outcome": "unknown",
	"input": extracting([object.union(run, {"approved": [filtered(messages, filter)]})]),
}

cases contains {
	"name": "approved groups not read",
	"outcome": "unknown",
	"input": extracting([object.union(run, {"approved": [object.remove(messages, ["groups"])]})]),
}

cases contains {
	"name": "approved scope not read",
	"outcome": "unknown",
	"input": object.union(testing.data_connect_app, {"datasets": [object.remove(messages, ["scope"]), users]}),
}

cases contains {
	"name": "scope of the definition not declared",
	"outcome": "unknown",
	"input": defining([object.remove(messages, ["scope", "groups"])]),
}

cases contains {
	"name": "approval in force at the run not known",
	"outcome": "unknown",
	"input": extracting([object.remove(run, ["approved", "decision"])]),
}

cases contains {
	"name": "runs not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["extractions"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["state"]),
}

cases contains {
	"name": "never run, not declared",
	"outcome": "not_applicable",
	"input": object.remove(extracting([]), ["definition"]),
}

cases contains {
	"name": "denied, whatever is declared, and run since",
	"outcome": "not_applicable",
	"input": object.union(
		extracting([object.union(run, {"groups": [stranger], "decision": "denied", "approved": []})]),
		{"state": "denied", "definition": {"datasets": [object.union(messages, {"scope": "all"})]}},
	),
}

knockout := {
	"/definition": "what the registration is now is known only where the register declares it",
	"/definition/datasets": "as above",
}

run := testing.data_connect_app.extractions[0]

messages := testing.data_connect_app.datasets[0]

users := testing.data_connect_app.datasets[1]

mail := "BasicDataSet_v0.Message_v1"

member := messages.groups[0]

stranger := "a1b2c3d4-0000-4000-8000-0000000000e9"

filter := "https://graph.microsoft.com/v1.0/users?$filter=Department eq 'Finance'"

filtered(dataset, text) := object.union(object.remove(dataset, ["groups"]), {"scope": "filter", "filter": text})

extracting(runs) := object.union(testing.data_connect_app, {"extractions": runs})

defining(datasets) := object.union(testing.data_connect_app, {"definition": {"datasets": datasets}})

test_evidence_of_runs if {
	app := extracting([object.union(run, {"groups": [member, stranger]})])
	some finding in scope_beyond_approval.deny with input as app
	finding.evidence == {
		"runs": 3,
		"started_at": "2026-10-01T02:00:00Z",
		"pipeline": "CopyMail",
		"asked": {"groups": [stranger]},
		"approved": [{"scope": "list", "groups": messages.groups}],
	}
}

test_evidence_of_requests if {
	app := defining([filtered(messages, filter)])
	some finding in scope_beyond_approval.deny with input as app
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"asked": {"scope": "filter", "filter": filter},
		"approved": [{"scope": "list", "groups": messages.groups}],
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := scope_beyond_approval with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without extractions: denied, whatever is declared, and run since",
	"of": "denied, whatever is declared, and run since",
	"at": "/extractions",
	"outcome": "unknown",
	"reasons": {"extractions"},
}

variants contains {
	"name": "without definition: no groups of a run",
	"of": "no groups of a run",
	"at": "/definition",
	"outcome": "unknown",
	"reasons": {"dataset or groups of an extraction, or their approval"},
}

variants contains {
	"name": "definition.datasets.0 is null: denied, whatever is declared, and run since",
	"of": "denied, whatever is declared, and run since",
	"at": "/definition/datasets/0",
	"becomes": null,
	"outcome": "not_applicable",
}
