package policies.data_connect.approval_expired_test

import data.policies.data_connect.approval_expired
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := approval_expired with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "valid for long", "outcome": "pass", "input": left(100)}

cases contains {"name": "one day left", "outcome": "pass", "input": left(1)}

cases contains {"name": "expired this instant", "outcome": "fail", "keys": [key], "input": left(0)}

cases contains {"name": "expired a month ago", "outcome": "fail", "keys": [key], "input": left(-30)}

cases contains {
	"name": "updated since",
	"outcome": "fail",
	"keys": [key],
	"input": object.union(left(0), {"state": "update_available"}),
}

cases contains {
	"name": "expired, nobody knows when",
	"outcome": "fail",
	"keys": [key],
	"input": object.remove(left(0), ["expires_at", "valid_days"]),
}

cases contains {
	"name": "date of the approval not known",
	"outcome": "fail",
	"keys": [{"version": "3"}],
	"input": object.remove(left(0), ["approved_at", "valid_days"]),
}

cases contains {
	"name": "expiry not known",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["days_left", "expires_at", "valid_days"]),
}

cases contains {
	"name": "approved says the register alone",
	"outcome": "unknown",
	"input": object.union(
		object.remove(
			testing.data_connect_app,
			["days_left", "expires_at", "valid_days", "approved_at", "approver", "datasets"],
		),
		{"self_declared": true},
	),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(left(0), ["state"]),
}

cases contains {
	"name": "state of a later version",
	"outcome": "unknown",
	"input": object.union(left(0), {"state": "suspended"}),
}

cases contains {
	"name": "pending",
	"outcome": "not_applicable",
	"input": object.union(left(0), {"state": "pending"}),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(left(0), {"state": "denied"}),
}

key := {"approved_at": "2026-09-01T00:00:00Z"}

left(days) := object.union(testing.data_connect_app, {"days_left": days})

test_evidence if {
	some finding in approval_expired.deny with input as left(0) with data.config as testing.config
	finding.evidence == {
		"state": "approved",
		"approved_at": "2026-09-01T00:00:00Z",
		"valid_days": 180,
		"expires_at": "2027-02-28T00:00:00Z",
		"days_left": 0,
		"expiry_conflict": false,
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := approval_expired with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "days_left is null: updated since",
	"of": "updated since",
	"at": "/days_left",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"days_left"},
}
