package policies.entra.unrated_permission_test

import data.policies.entra.unrated_permission
import data.policies.lib.testing

# The cases are judged with this choice, here and in Go.
choices := {"unrated": "fail"}

config := object.union(testing.config, choices)

test_cases[case.name] if {
	some case in cases
	result := unrated_permission with input as case.input with data.config as config
	testing.agrees(case, result)
}

cases contains {"name": "everything rated", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "an unrated permission",
	"outcome": "fail",
	"keys": [by_admin(unrated)],
	"input": testing.holding(testing.application, [testing.user_read, unrated]),
}

cases contains {
	"name": "by an administrator and by users is one finding",
	"outcome": "fail",
	"keys": [by_admin(scope)],
	"input": testing.holding(testing.application, [scope, object.union(scope, {"consent": "user", "users": 1})]),
}

cases contains {
	"name": "consent to one of Microsoft's applications",
	"outcome": "fail",
	"keys": [by_admin(scope)],
	"input": testing.holding(microsofts, [unrated, scope]),
}

cases contains {
	"name": "what Microsoft gave its own application",
	"outcome": "not_applicable",
	"input": testing.holding(microsofts, [unrated]),
}

cases contains {
	"name": "origin not known",
	"outcome": "fail",
	"keys": [by_admin(unrated)],
	"input": object.remove(testing.holding(testing.application, [unrated]), ["origin"]),
}

cases contains {
	"name": "requested only",
	"outcome": "pass",
	"input": testing.requesting(testing.application, [unrated]),
}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.foreign_application, {"origin": "deleted"}), [unrated]),
}

cases contains {"name": "no grants", "outcome": "not_applicable", "input": testing.holding(testing.application, [])}

cases contains {
	"name": "on an API that is gone",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		testing.user_read,
		{"permission": "Old.Read", "kind": "delegated", "resource_deleted": true},
	]),
}

cases contains {
	"name": "unresolved",
	"outcome": "unknown",
	"input": testing.holding(
		testing.application,
		[testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")],
	),
}

cases contains {
	"name": "without a key",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(unrated, ["key"])]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "by users alone",
	"outcome": "fail",
	"keys": [{"permission": scope.key, "consent": "user"}],
	"input": testing.holding(testing.application, [object.union(scope, {"consent": "user", "users": 1})]),
}

unrated := object.union(
	testing.permission("application", "Brand.New.All", "b0000000-0000-4000-8000-000000000001"),
	{"tier": "unrated"},
)

scope := object.union(
	testing.permission("delegated", "Brand.New", "b0000000-0000-4000-8000-000000000002"),
	{"tier": "unrated"},
)

microsofts := object.union(testing.foreign_application, {"origin": "microsoft"})

test_reported_only_by_default if {
	app := testing.holding(testing.application, [unrated])
	not unrated_permission.applies with input as app with data.config as testing.config
}

test_evidence if {
	app := testing.holding(testing.application, [unrated])
	some finding in unrated_permission.deny with input as app with data.config as config
	finding.evidence == {
		"permission": "Brand.New.All",
		"permission_id": "b0000000-0000-4000-8000-000000000001",
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "unrated",
	}
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := unrated_permission with input as case.input with data.config as config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

by_admin(permission) := {"permission": permission.key, "consent": "admin"}
