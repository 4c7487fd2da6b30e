package policies.sharepoint_embedded.billing_expired_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.billing_expired

test_cases[case.name] if {
	some case in cases
	result := judgement with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

judgement := {"applies": true, "deny": billing_expired.deny, "unknown": billing_expired.unknown}

cases contains {"name": "standard, paid for", "outcome": "pass", "input": testing.container_type}

cases contains {
	"name": "direct to customer, paid for",
	"outcome": "pass",
	"input": object.union(testing.container_type, {"billing": "direct_to_customer"}),
}

cases contains {"name": "trial of one more day", "outcome": "pass", "input": trial(1)}

cases contains {
	"name": "trial that ends now",
	"outcome": "fail",
	"keys": [{"fault": "expired"}],
	"input": trial(0),
}

cases contains {
	"name": "trial that has ended, not registered here",
	"outcome": "fail",
	"keys": [{"fault": "expired"}],
	"input": object.union(trial(-40), {"registered": false, "grants": []}),
}

cases contains {
	"name": "billing invalid",
	"outcome": "fail",
	"keys": [{"fault": "billing"}],
	"input": object.union(testing.container_type, {"billing_status": "invalid"}),
}

cases contains {
	"name": "trial that has ended, and billing invalid",
	"outcome": "fail",
	"keys": [{"fault": "expired"}, {"fault": "billing"}],
	"input": object.union(trial(-1), {"billing_status": "Invalid"}),
}

cases contains {
	"name": "the year 1 is no expiry",
	"outcome": "pass",
	"input": object.union(testing.container_type, {"expires_at": "0001-01-01T00:00:00Z"}),
}

cases contains {
	"name": "a trial without expiry",
	"outcome": "unknown",
	"input": object.remove(object.union(trial(1), {"expires_at": "0001-01-01T00:00:00Z"}), ["days_left"]),
}

cases contains {
	"name": "the year 1, of a kind of billing of a later version",
	"outcome": "unknown",
	"input": object.union(
		testing.container_type,
		{"expires_at": "0001-01-01T00:00:00Z", "billing": "unknownFutureValue"},
	),
}

cases contains {
	"name": "the year 1, direct to customer",
	"outcome": "pass",
	"input": object.union(
		testing.container_type,
		{"expires_at": "0001-01-01T00:00:00Z", "billing": "direct_to_customer"},
	),
}

cases contains {
	"name": "expiry of a trial not read",
	"outcome": "unknown",
	"input": object.remove(trial(1), ["days_left", "expires_at"]),
}

cases contains {
	"name": "expiry that is no instant",
	"outcome": "unknown",
	"input": object.union(testing.container_type, {"expires_at": "in thirty days"}),
}

cases contains {
	"name": "kind of billing not read",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["billing"]),
}

cases contains {
	"name": "a kind of billing of a later version",
	"outcome": "unknown",
	"input": object.union(testing.container_type, {"billing": "unknownFutureValue"}),
}

cases contains {
	"name": "billing status not read",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["billing_status"]),
}

cases contains {
	"name": "a billing status of a later version",
	"outcome": "unknown",
	"input": object.union(testing.container_type, {"billing_status": "unknownFutureValue"}),
}

trial(days) := object.union(testing.container_type, {
	"billing": "trial",
	"expires_at": "2026-11-20T00:00:00Z",
	"days_left": days,
})

test_evidence if {
	some finding in billing_expired.deny with input as trial(-3)
	finding.evidence == {
		"problem": "expired on 2026-11-20T00:00:00Z",
		"billing": "trial",
		"billing_status": "valid",
		"expires_at": "2026-11-20T00:00:00Z",
		"days_left": -3,
		"registered": true,
		"owning_app_id": testing.container_type.owning_app_id,
		"owning_app_name": "Contract archive",
	}
}

test_problem_of_billing if {
	type := object.union(testing.container_type, {"billing_status": "invalid"})
	some finding in billing_expired.deny with input as type
	finding.evidence.problem == "the billing is invalid"
}

# A null is no fact: not less than zero either.
test_null_is_no_expiry if {
	count(billing_expired.deny) == 0 with input as object.union(testing.container_type, {"days_left": null})
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := billing_expired with input as altered with data.config as testing.config
	testing.says(variant, object.union({"applies": true}, result))
}

variants contains {
	"name": "trial that has ended, and billing invalid",
	"of": "trial that has ended, and billing invalid",
	"outcome": "fail",
	"keys": {{"fault": "expired"}, {"fault": "billing"}},
}

variants contains {
	"name": "billing_status is null: trial that has ended, not registered here",
	"of": "trial that has ended, not registered here",
	"at": "/billing_status",
	"becomes": null,
	"outcome": "fail",
	"reasons": {"billing_status"},
	"keys": {{"fault": "expired"}},
}
