package policies.data_connect.leftover_approval_test

import data.policies.data_connect.leftover_approval
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := leftover_approval with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "both are there", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "registration gone",
	"outcome": "fail",
	"keys": [{"missing": "registration", "approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.union(testing.data_connect_app, {"registered": false}),
}

cases contains {
	"name": "service principal gone",
	"outcome": "fail",
	"keys": [{"missing": "service principal", "approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.union(testing.data_connect_app, {"has_principal": false}),
}

cases contains {
	"name": "both gone",
	"outcome": "fail",
	"keys": [
		{"missing": "registration", "approved_at": "2026-09-01T00:00:00Z"},
		{"missing": "service principal", "approved_at": "2026-09-01T00:00:00Z"},
	],
	"input": object.union(
		testing.data_connect_app,
		{"registered": false, "has_principal": false, "state": "update_available"},
	),
}

cases contains {
	"name": "service principal of an application of another tenant gone",
	"outcome": "fail",
	"keys": [{"missing": "service principal", "approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.union(foreign, {"has_principal": false}),
}

cases contains {
	"name": "application of another tenant, which has no registration here",
	"outcome": "pass",
	"input": foreign,
}

cases contains {
	"name": "one is gone, the other not read",
	"outcome": "fail",
	"keys": [{"missing": "service principal", "approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.remove(
		object.union(testing.data_connect_app, {"has_principal": false}),
		["registered"],
	),
}

cases contains {
	"name": "registration not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["registered"]),
}

cases contains {
	"name": "service principal not read",
	"outcome": "unknown",
	"input": object.remove(foreign, ["has_principal"]),
}

cases contains {
	"name": "expiry not known",
	"outcome": "unknown",
	"input": object.remove(object.union(foreign, {"has_principal": false}), ["days_left"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(object.union(foreign, {"has_principal": false}), ["state"]),
}

cases contains {
	"name": "expired",
	"outcome": "not_applicable",
	"input": object.union(testing.data_connect_app, {"has_principal": false, "days_left": 0}),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(testing.data_connect_app, {"has_principal": false, "state": "denied"}),
}

cases contains {
	"name": "registration gone, approved anew",
	"outcome": "fail",
	"keys": [{"missing": "registration", "approved_at": "2026-10-01T00:00:00Z"}],
	"input": object.union(testing.data_connect_app, {"registered": false, "approved_at": "2026-10-01T00:00:00Z"}),
}

cases contains {
	"name": "registration gone, nobody knows when it was approved",
	"outcome": "fail",
	"keys": [{"missing": "registration"}],
	"input": object.remove(object.union(testing.data_connect_app, {"registered": false}), ["approved_at"]),
}

foreign := object.remove(
	object.union(testing.data_connect_app, {
		"id": "99999999-2222-3333-4444-555555555555/a1b2c3d4-0000-4000-8000-0000000000d1",
		"app_tenant_id": "99999999-2222-3333-4444-555555555555",
		"own": false,
	}),
	["owners", "registered"],
)

test_evidence if {
	app := object.union(testing.data_connect_app, {"registered": false})
	some finding in leftover_approval.deny with input as app
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"expires_at": "2027-02-28T00:00:00Z",
		"app_tenant_id": "11111111-2222-3333-4444-555555555555",
		"registered": false,
		"has_principal": true,
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := leftover_approval with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without own: registration gone",
	"of": "registration gone",
	"at": "/own",
	"outcome": "unknown",
	"reasons": {"own"},
}

variants contains {
	"name": "without days_left: registration gone",
	"of": "registration gone",
	"at": "/days_left",
	"outcome": "unknown",
	"reasons": {"days_left"},
}
