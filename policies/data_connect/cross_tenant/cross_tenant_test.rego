package policies.data_connect.cross_tenant_test

import data.policies.data_connect.cross_tenant
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := cross_tenant with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "of this tenant to this tenant", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "of this tenant to another one",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": other, "approved_at": "2026-09-01T00:00:00Z"}],
	"input": exporting,
}

cases contains {
	"name": "of another tenant to itself",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": other, "approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.union(foreign, {"destination_tenant_id": other}),
}

cases contains {
	"name": "of another tenant to this one",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": testing.data_connect_app.app_tenant_id, "approved_at": "2026-09-01T00:00:00Z"}],
	"input": foreign,
}

cases contains {
	"name": "of another tenant, destination not read",
	"outcome": "fail",
	"keys": [{"approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.remove(foreign, ["destination_tenant_id"]),
}

cases contains {
	"name": "of another tenant, nothing declared",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": testing.data_connect_app.app_tenant_id, "approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.remove(foreign, ["cross_tenant_movement"]),
}

cases contains {
	"name": "of another tenant, updated since",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": testing.data_connect_app.app_tenant_id, "approved_at": "2026-09-01T00:00:00Z"}],
	"input": object.union(foreign, {"state": "update_available"}),
}

cases contains {
	"name": "of another tenant, declared",
	"outcome": "pass",
	"input": object.union(foreign, {"cross_tenant_movement": true}),
}

cases contains {
	"name": "to another tenant, declared",
	"outcome": "pass",
	"input": object.union(exporting, {"cross_tenant_movement": true}),
}

cases contains {
	"name": "of this tenant, which is written in other case",
	"outcome": "pass",
	"input": object.union(
		testing.data_connect_app,
		{"app_tenant_id": "ABCDEF11-2222-3333-4444-555555555555", "destination_tenant_id": tenant},
	),
}

cases contains {
	"name": "destination not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["destination_tenant_id"]),
}

cases contains {
	"name": "expiry not known",
	"outcome": "unknown",
	"input": object.remove(foreign, ["days_left"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(foreign, ["state"]),
}

cases contains {
	"name": "expired",
	"outcome": "not_applicable",
	"input": object.union(foreign, {"days_left": 0}),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(foreign, {"state": "denied"}),
}

cases contains {
	"name": "of this tenant to another one, approved anew",
	"outcome": "fail",
	"keys": [{"destination_tenant_id": other, "approved_at": "2026-10-01T00:00:00Z"}],
	"input": object.union(exporting, {"approved_at": "2026-10-01T00:00:00Z"}),
}

other := "99999999-2222-3333-4444-555555555555"

tenant := "abcdef11-2222-3333-4444-555555555555"

exporting := object.union(testing.data_connect_app, {"destination_tenant_id": other})

foreign := object.union(testing.data_connect_app, {
	"id": "99999999-2222-3333-4444-555555555555/a1b2c3d4-0000-4000-8000-0000000000d1",
	"app_tenant_id": other,
	"own": false,
})

declarations := {"off": exporting, "undeclared": object.remove(exporting, ["cross_tenant_movement"])}

test_evidence_tells_what_is_declared[declared] if {
	some declared, app in declarations
	some finding in cross_tenant.deny with input as app
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"app_tenant_id": "11111111-2222-3333-4444-555555555555",
		"destination_tenant_id": other,
		"cross_tenant_movement": declared,
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := cross_tenant with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "of another tenant, destination not read",
	"of": "of another tenant, destination not read",
	"outcome": "fail",
	"keys": {{"approved_at": "2026-09-01T00:00:00Z"}},
}

variants contains {
	"name": "without own: to another tenant, declared",
	"of": "to another tenant, declared",
	"at": "/own",
	"outcome": "unknown",
	"reasons": {"own"},
}

variants contains {
	"name": "without app_tenant_id: to another tenant, declared",
	"of": "to another tenant, declared",
	"at": "/app_tenant_id",
	"outcome": "pass",
}
