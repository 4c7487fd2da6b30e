package policies.entra.azure_ad_graph_test

import data.policies.entra.azure_ad_graph
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := azure_ad_graph with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "Microsoft Graph only", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "requested",
	"outcome": "fail",
	"keys": [requested(read)],
	"input": testing.requesting(testing.application, [testing.user_read, read]),
}

cases contains {
	"name": "requested and granted, by an administrator and by users, is one finding",
	"outcome": "fail",
	"keys": [granted(read)],
	"input": testing.holding(
		testing.requesting(testing.application, [read]),
		[read, object.union(read, {"consent": "user", "users": 2})],
	),
}

cases contains {
	"name": "two permissions",
	"outcome": "fail",
	"keys": [requested(read), requested(unresolved)],
	"input": testing.requesting(testing.application, [read, unresolved]),
}

cases contains {
	"name": "granted to an application of another tenant",
	"outcome": "fail",
	"keys": [granted(read)],
	"input": testing.holding(testing.foreign_application, [read]),
}

cases contains {
	"name": "origin not known",
	"outcome": "fail",
	"keys": [requested(read)],
	"input": object.remove(testing.requesting(testing.application, [read]), ["origin"]),
}

cases contains {
	"name": "Microsoft's own",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.foreign_application, {"origin": "microsoft"}), [read]),
}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.foreign_application, {"origin": "deleted"}), [read]),
}

cases contains {
	"name": "an API whose id begins alike",
	"outcome": "pass",
	"input": testing.requesting(testing.application, [object.union(
		read,
		{"resource_app_id": "00000002-0000-0ff1-ce00-000000000000"},
	)]),
}

cases contains {
	"name": "on an API that is gone",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.union(
		object.remove(read, ["key", "resource_app_id"]),
		{"resource_deleted": true},
	)]),
}

cases contains {
	"name": "an API that is not known",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(read, ["key", "resource_app_id"])]),
}

cases contains {
	"name": "without a key",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(read, ["key"])]),
}

cases contains {
	"name": "manifest not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["requests", "requested_keys"]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.foreign_application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "neither requests nor grants",
	"outcome": "not_applicable",
	"input": testing.holding(testing.requesting(testing.application, []), []),
}

cases contains {
	"name": "of another API, without a key",
	"outcome": "pass",
	"input": testing.holding(testing.foreign_application, [object.remove(testing.user_read, ["key"])]),
}

cases contains {
	"name": "manifest not read, no grants",
	"outcome": "unknown",
	"input": object.remove(testing.holding(testing.application, []), ["requests", "requested_keys"]),
}

cases contains {
	"name": "requested, no grants",
	"outcome": "fail",
	"keys": [requested(read)],
	"input": testing.holding(testing.requesting(testing.application, [read]), []),
}

cases contains {
	"name": "granted by users alone",
	"outcome": "fail",
	"keys": [by_users(read)],
	"input": testing.holding(testing.application, [object.union(read, {"consent": "user", "users": 2})]),
}

read := object.union(
	testing.permission("delegated", "User.Read", "311a71cc-e848-46a1-bdf8-97ff7156d8e6"),
	{
		"key": "00000002-0000-0000-c000-000000000000/delegated/User.Read",
		"resource_app_id": "00000002-0000-0000-c000-000000000000",
		"resource_name": "Windows Azure Active Directory",
		"tier": "unrated",
	},
)

unresolved := object.union(testing.unresolved("application", "b0000000-0000-4000-8000-000000000001"), {
	"key": "00000002-0000-0000-c000-000000000000/application/b0000000-0000-4000-8000-000000000001",
	"resource_app_id": "00000002-0000-0000-c000-000000000000",
})

test_evidence if {
	some finding in azure_ad_graph.deny with input as testing.requesting(testing.application, [read])
	finding.evidence == {
		"permission": "User.Read",
		"permission_id": "311a71cc-e848-46a1-bdf8-97ff7156d8e6",
		"resource_name": "Windows Azure Active Directory",
		"kind": "delegated",
		"tier": "unrated",
		"requested": true,
		"granted": false,
	}
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := azure_ad_graph with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := azure_ad_graph with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without requests.0.resource_app_id: requested, no grants",
	"of": "requested, no grants",
	"at": "/requests/0/resource_app_id",
	"outcome": "unknown",
	"reasons": {"resource of a permission"},
}

test_lists_other_than_those_of_requests_and_grants_do_not_count if {
	app := object.union(testing.application, {"former": [read]})
	azure_ad_graph.deny == set() with input as app with data.config as testing.config
}

granted(permission) := {"permission": permission.key, "held": "granted", "consent": "admin"}

requested(permission) := {"permission": permission.key, "held": "requested"}

by_users(permission) := {"permission": permission.key, "held": "granted", "consent": "user"}
