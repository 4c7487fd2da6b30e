package policies.data_connect.tenant_mismatch_test

import data.policies.data_connect.tenant_mismatch
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := tenant_mismatch with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "registered here, writes here", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "declared to write elsewhere",
	"outcome": "fail",
	"keys": [{"tenant": "destination", "declared": other}],
	"input": moved(testing.data_connect_app),
}

cases contains {
	"name": "approved to write elsewhere",
	"outcome": "fail",
	"keys": [{"tenant": "destination", "declared": testing.data_connect_app.app_tenant_id}],
	"input": object.union(testing.data_connect_app, {"destination_tenant_id": other}),
}

cases contains {
	"name": "not registered here, though it has a service principal",
	"outcome": "fail",
	"keys": [{"tenant": "registration", "app_tenant_id": testing.data_connect_app.app_tenant_id}],
	"input": object.union(testing.data_connect_app, {"registered": false}),
}

cases contains {
	"name": "both",
	"outcome": "fail",
	"keys": [
		{"tenant": "registration", "app_tenant_id": testing.data_connect_app.app_tenant_id},
		{"tenant": "destination", "declared": other},
	],
	"input": moved(object.union(testing.data_connect_app, {"registered": false, "state": "update_available"})),
}

cases contains {
	"name": "destination tenant in other case",
	"outcome": "pass",
	"input": object.union(
		moved(testing.data_connect_app),
		{"destination_tenant_id": upper(other)},
	),
}

cases contains {
	"name": "destination tenant not declared",
	"outcome": "pass",
	"input": object.remove(testing.data_connect_app, ["definition"]),
}

cases contains {
	"name": "destination tenant neither declared nor read",
	"outcome": "pass",
	"input": object.remove(testing.data_connect_app, ["definition", "destination_tenant_id"]),
}

cases contains {
	"name": "application of another tenant, writes where it was approved to",
	"outcome": "pass",
	"input": foreign,
}

cases contains {
	"name": "neither registration nor service principal is left",
	"outcome": "pass",
	"input": object.union(testing.data_connect_app, {"registered": false, "has_principal": false}),
}

cases contains {
	"name": "approved destination not read",
	"outcome": "unknown",
	"input": object.remove(moved(testing.data_connect_app), ["destination_tenant_id"]),
}

cases contains {
	"name": "registration not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["registered"]),
}

cases contains {
	"name": "service principal not read",
	"outcome": "unknown",
	"input": object.remove(object.union(testing.data_connect_app, {"registered": false}), ["has_principal"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["state"]),
}

cases contains {
	"name": "application of another tenant, not declared",
	"outcome": "not_applicable",
	"input": object.remove(foreign, ["definition"]),
}

cases contains {
	"name": "denied",
	"outcome": "not_applicable",
	"input": object.union(moved(testing.data_connect_app), {"state": "denied"}),
}

cases contains {
	"name": "declared to write to a third tenant, in other case",
	"outcome": "fail",
	"keys": [{"tenant": "destination", "declared": "abcdef11-2222-3333-4444-555555555555"}],
	"input": object.union(
		testing.data_connect_app,
		{"definition": {"destination_tenant_id": "ABCDEF11-2222-3333-4444-555555555555"}},
	),
}

knockout := {
	"/definition": "where the registration writes to now is known only where the register declares it",
	"/definition/destination_tenant_id": "as above",
}

other := "99999999-2222-3333-4444-555555555555"

moved(app) := object.union(app, {"definition": {"destination_tenant_id": other}})

foreign := object.remove(
	object.union(testing.data_connect_app, {
		"id": "99999999-2222-3333-4444-555555555555/a1b2c3d4-0000-4000-8000-0000000000d1",
		"app_tenant_id": other,
		"own": false,
		"multi_tenant": true,
	}),
	["owners", "registered"],
)

# What no schema allows, and a damaged snapshot may hold.
test_key_without_the_tenant_of_the_registration if {
	app := object.remove(object.union(testing.data_connect_app, {"registered": false}), ["app_tenant_id"])
	some finding in tenant_mismatch.deny with input as app
	finding.key == {"tenant": "registration"}
}

test_evidence_of_the_destination if {
	some finding in tenant_mismatch.deny with input as moved(testing.data_connect_app)
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"destination_tenant_id": "11111111-2222-3333-4444-555555555555",
		"declared": other,
	}
}

test_evidence_of_the_registration if {
	some finding in tenant_mismatch.deny with input as object.union(testing.data_connect_app, {"registered": false})
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"app_tenant_id": "11111111-2222-3333-4444-555555555555",
		"registered": false,
		"has_principal": true,
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := tenant_mismatch with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without own: service principal not read",
	"of": "service principal not read",
	"at": "/own",
	"outcome": "unknown",
	"reasons": {"own"},
}

variants contains {
	"name": "without state: not registered here, though it has a service principal",
	"of": "not registered here, though it has a service principal",
	"at": "/state",
	"outcome": "unknown",
	"reasons": {"state"},
}

variants contains {
	"name": "without own: not registered here, though it has a service principal",
	"of": "not registered here, though it has a service principal",
	"at": "/own",
	"outcome": "unknown",
	"reasons": {"own"},
}

variants contains {
	"name": "without state: approved to write elsewhere",
	"of": "approved to write elsewhere",
	"at": "/state",
	"outcome": "unknown",
	"reasons": {"state"},
}

variants contains {
	"name": "without has_principal: registered here, writes here",
	"of": "registered here, writes here",
	"at": "/has_principal",
	"outcome": "pass",
}
