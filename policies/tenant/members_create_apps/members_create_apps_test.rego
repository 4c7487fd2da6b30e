package policies.tenant.members_create_apps_test

import data.policies.lib.testing
import data.policies.tenant.members_create_apps

test_cases[case.name] if {
	some case in cases
	result := judgement with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

judgement := {"applies": true, "deny": members_create_apps.deny, "unknown": members_create_apps.unknown}

cases contains {"name": "administrators only", "outcome": "pass", "input": testing.tenant}

cases contains {
	"name": "every member",
	"outcome": "fail",
	"keys": [{}],
	"input": object.union(testing.tenant, {"create_apps": true}),
}

cases contains {"name": "not read", "outcome": "unknown", "input": object.remove(testing.tenant, ["create_apps"])}

test_a_tenant_may_want_it if {
	config := object.union(testing.config, {"members_create_apps": true})
	every tenant in [object.union(testing.tenant, {"create_apps": true}), object.remove(testing.tenant, ["create_apps"])] {
		testing.outcome(judgement) == "pass" with input as tenant with data.config as config
	}
}

test_evidence if {
	some finding in members_create_apps.deny with input as object.union(testing.tenant, {"create_apps": true})
		with data.config as testing.config
	finding.evidence == {"create_apps": true}
}
