package policies.data_connect.approval_expiring_test

import data.policies.data_connect.approval_expiring
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := approval_expiring with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a day more than the warning period", "outcome": "pass", "input": left(31)}

cases contains {"name": "exactly the warning period", "outcome": "fail", "keys": [key], "input": left(30)}

cases contains {"name": "the last day", "outcome": "fail", "keys": [key], "input": left(1)}

cases contains {"name": "expired this instant", "outcome": "pass", "input": left(0)}

cases contains {"name": "expired a month ago", "outcome": "pass", "input": left(-30)}

cases contains {
	"name": "updated since",
	"outcome": "fail",
	"keys": [key],
	"input": object.union(left(12), {"state": "update_available"}),
}

cases contains {
	"name": "date of the approval not known",
	"outcome": "fail",
	"keys": [{"version": "3"}],
	"input": object.remove(left(12), ["approved_at", "valid_days"]),
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
	"input": object.remove(left(12), ["state"]),
}

cases contains {
	"name": "state of a later version",
	"outcome": "unknown",
	"input": object.union(left(12), {"state": "suspended"}),
}

cases contains {
	"name": "pending",
	"outcome": "not_applicable",
	"input": object.union(left(12), {"state": "pending"}),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(left(12), {"state": "denied"}),
}

key := {"approved_at": "2026-09-01T00:00:00Z"}

left(days) := object.union(testing.data_connect_app, {"days_left": days})

test_evidence if {
	some finding in approval_expiring.deny with input as left(12) with data.config as testing.config
	finding.evidence == {
		"state": "approved",
		"approved_at": "2026-09-01T00:00:00Z",
		"valid_days": 180,
		"expires_at": "2027-02-28T00:00:00Z",
		"days_left": 12,
		"expiry_conflict": false,
		"left": "12 days",
	}
}

test_one_day_is_one_day if {
	some finding in approval_expiring.deny with input as left(1) with data.config as testing.config
	finding.evidence.left == "1 day"
}
