package policies.tenant.consent_workflow_test

import data.policies.lib.testing
import data.policies.tenant.consent_workflow

test_cases[case.name] if {
	some case in cases
	result := judgement with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

judgement := {"applies": true, "deny": consent_workflow.deny, "unknown": consent_workflow.unknown}

cases contains {"name": "two reviewers", "outcome": "pass", "input": testing.tenant}

cases contains {"name": "one reviewer", "outcome": "pass", "input": workflow({"reviewers": 1})}

cases contains {
	"name": "nobody is told of requests",
	"outcome": "pass",
	"input": workflow({"notifies_reviewers": false, "request_days": 1}),
}

cases contains {"name": "off", "outcome": "fail", "keys": [{"fault": "off"}], "input": workflow({"enabled": false})}

cases contains {
	"name": "off, without reviewers, and users may not consent either",
	"outcome": "fail",
	"keys": [{"fault": "off"}],
	"input": object.union(workflow({"enabled": false, "reviewers": 0}), {"user_consent": []}),
}

cases contains {
	"name": "on, without reviewers",
	"outcome": "fail",
	"keys": [{"fault": "no_reviewers"}],
	"input": workflow({"reviewers": 0}),
}

cases contains {
	"name": "not read",
	"outcome": "unknown",
	"input": object.remove(testing.tenant, ["consent_workflow"]),
}

cases contains {
	"name": "whether it is on was not read",
	"outcome": "unknown",
	"input": object.union(
		object.remove(testing.tenant, ["consent_workflow"]),
		{"consent_workflow": object.remove(testing.tenant.consent_workflow, ["enabled"])},
	),
}

cases contains {
	"name": "reviewers not read",
	"outcome": "unknown",
	"input": object.union(
		object.remove(testing.tenant, ["consent_workflow"]),
		{"consent_workflow": object.remove(testing.tenant.consent_workflow, ["reviewers"])},
	),
}

workflow(members) := object.union(testing.tenant, {"consent_workflow": members})

test_evidence if {
	some finding in consent_workflow.deny with input as workflow({"enabled": false, "reviewers": 0})
	finding.evidence == {
		"problem": "users cannot ask for consent",
		"enabled": false,
		"reviewers": 0,
		"request_days": 30,
		"notifies_reviewers": true,
		"users_consent_under": ["microsoft-user-default-low"],
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := consent_workflow with input as altered with data.config as testing.config
	testing.says(variant, object.union({"applies": true}, result))
}

variants contains {
	"name": "not read",
	"of": "not read",
	"outcome": "unknown",
	"reasons": {"consent_workflow", "enabled", "reviewers"},
}
