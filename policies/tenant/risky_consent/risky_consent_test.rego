package policies.tenant.risky_consent_test

import data.policies.lib.testing
import data.policies.tenant.risky_consent

test_cases[case.name] if {
	some case in cases
	result := judgement with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

judgement := {"applies": true, "deny": risky_consent.deny, "unknown": risky_consent.unknown}

cases contains {"name": "off", "outcome": "pass", "input": testing.tenant}

cases contains {
	"name": "not set, which is off",
	"outcome": "pass",
	"input": object.remove(testing.tenant, ["risky_consent"]),
}

cases contains {
	"name": "on",
	"outcome": "fail",
	"keys": [{}],
	"input": object.union(testing.tenant, {"risky_consent": true}),
}

cases contains {
	"name": "not read",
	"outcome": "unknown",
	"input": object.union(object.remove(testing.tenant, ["risky_consent"]), {"risky_consent_read": false}),
}

knockout := {"/risky_consent": "null is the default, off; risky_consent_read tells it from what was not read"}

test_evidence if {
	some finding in risky_consent.deny with input as object.union(testing.tenant, {"risky_consent": true})
	finding.evidence == {"risky_consent": true}
}
