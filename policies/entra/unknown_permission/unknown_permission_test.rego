package policies.entra.unknown_permission_test

import data.policies.entra.unknown_permission
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := unknown_permission with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "everything resolved", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "known from the catalogue, the API is not in the tenant",
	"outcome": "pass",
	"input": testing.requesting(testing.application, [object.union(testing.feed_read, {"resolved_by": "catalogue"})]),
}

cases contains {
	"name": "requested, not published",
	"outcome": "fail",
	"keys": [{"permission": unpublished.key, "fault": "not_published", "held": "requested"}],
	"input": testing.requesting(testing.application, [testing.user_read, unpublished]),
}

cases contains {
	"name": "requested and granted is one finding",
	"outcome": "fail",
	"keys": [{"permission": unpublished.key, "fault": "not_published", "held": "granted"}],
	"input": testing.holding(testing.requesting(testing.application, [unpublished]), [unpublished]),
}

cases contains {
	"name": "granted to an application of another tenant, not published",
	"outcome": "fail",
	"keys": [{"permission": scope.key, "fault": "not_published", "held": "granted"}],
	"input": testing.holding(testing.foreign_application, [scope, object.union(scope, {"consent": "user", "users": 1})]),
}

cases contains {
	"name": "known from the catalogue, but the API does not publish it",
	"outcome": "fail",
	"keys": [{"permission": testing.feed_read.key, "fault": "not_published", "held": "requested"}],
	"input": testing.requesting(testing.application, [object.union(
		testing.feed_read,
		{"resolved_by": "catalogue", "published": false},
	)]),
}

cases contains {
	"name": "requested with the wrong type",
	"outcome": "fail",
	"keys": [{"permission": manage.key, "fault": "wrong_type", "held": "requested"}],
	"input": testing.requesting(testing.application, [object.union(manage, {"type_mismatch": true})]),
}

cases contains {
	"name": "requested with both types",
	"outcome": "fail",
	"keys": [{"permission": manage.key, "fault": "wrong_type", "held": "requested"}],
	"input": testing.requesting(testing.application, [manage, object.union(manage, {"type_mismatch": true})]),
}

cases contains {
	"name": "Microsoft's own, with a consent that is published no more",
	"outcome": "fail",
	"keys": [{"permission": scope.key, "fault": "not_published", "held": "granted"}],
	"input": testing.holding(microsofts, [unpublished, scope]),
}

cases contains {
	"name": "Microsoft's own, with what Microsoft gave it",
	"outcome": "not_applicable",
	"input": testing.holding(microsofts, [unpublished]),
}

cases contains {
	"name": "deleted",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(microsofts, {"origin": "deleted"}), [unpublished]),
}

cases contains {
	"name": "neither requests nor grants",
	"outcome": "not_applicable",
	"input": testing.holding(testing.requesting(testing.application, []), []),
}

cases contains {
	"name": "sign-in scopes on another API",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		testing.user_read,
		object.union(scope, {"permission": "openid", "key": "c5393580-f805-4401-95e8-94b7a6ef2fc2/delegated/openid"}),
	]),
}

cases contains {
	"name": "an app role that is called like a sign-in scope",
	"outcome": "fail",
	"keys": [{"permission": unpublished.key, "fault": "not_published", "held": "granted"}],
	"input": testing.holding(testing.application, [object.union(unpublished, {"permission": "profile"})]),
}

cases contains {
	"name": "on an API that is gone",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		testing.user_read,
		object.union(object.remove(scope, ["published"]), {"resource_deleted": true}),
	]),
}

cases contains {
	"name": "unresolved request, the lists of the API not read",
	"outcome": "unknown",
	"input": testing.requesting(testing.application, [object.remove(unpublished, ["published"])]),
}

cases contains {
	"name": "unresolved grant, the lists of the API not read",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(scope, ["published"])]),
}

cases contains {
	"name": "of the wrong type, without a key",
	"outcome": "unknown",
	"input": testing.requesting(
		testing.application,
		[object.remove(object.union(manage, {"type_mismatch": true}), ["key"])],
	),
}

cases contains {
	"name": "without a key",
	"outcome": "unknown",
	"input": testing.requesting(testing.application, [object.remove(unpublished, ["key"])]),
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
	"name": "in order, without a key",
	"outcome": "pass",
	"input": testing.holding(testing.foreign_application, [object.remove(testing.user_read, ["key"])]),
}

cases contains {
	"name": "published without a name",
	"outcome": "pass",
	"input": testing.requesting(testing.application, [object.union(unpublished, {"published": true})]),
}

cases contains {
	"name": "manifest not read, no grants",
	"outcome": "unknown",
	"input": object.remove(testing.holding(testing.application, []), ["requests", "requested_keys"]),
}

cases contains {
	"name": sprintf("%s on another API", [name]),
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.union(scope, {"permission": name})]),
} if {
	some name in ["email", "offline_access", "openid", "profile"]
}

knockout := {"/requests/0/published": "what the catalogue knows is published, unless the API itself says otherwise"}

unpublished := object.union(
	testing.unresolved("application", "b0000000-0000-4000-8000-000000000001"),
	{"published": false},
)

# A delegated grant names its scope; the id comes only with its resource.
scope := {
	"key": "00000003-0000-0000-c000-000000000000/delegated/Brand.New",
	"resource_app_id": "00000003-0000-0000-c000-000000000000",
	"resource_name": "Microsoft Graph",
	"permission": "Brand.New",
	"kind": "delegated",
	"published": false,
}

manage := testing.permission("delegated", "FileStorageContainerType.Manage.All", "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b")

microsofts := object.union(testing.foreign_application, {"origin": "microsoft"})

test_type_not_read if {
	app := json.patch(testing.application, [{"op": "remove", "path": "/requests/0/type_mismatch"}])
	testing.outcome(unknown_permission) == "unknown" with input as app with data.config as testing.config
}

test_evidence if {
	app := testing.holding(testing.requesting(testing.application, [unpublished]), [unpublished])
	some finding in unknown_permission.deny with input as app with data.config as testing.config
	finding.evidence == {
		"permission": "b0000000-0000-4000-8000-000000000001",
		"permission_id": "b0000000-0000-4000-8000-000000000001",
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"fault": "the API does not publish it",
		"requested": true,
		"granted": true,
	}
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := unknown_permission with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

test_evidence_of_what_is_granted_only if {
	some finding in unknown_permission.deny with input as testing.holding(testing.foreign_application, [scope])
	finding.evidence.requested == false
	finding.evidence.granted == true
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := unknown_permission with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without grants.0: requested and granted is one finding",
	"of": "requested and granted is one finding",
	"at": "/grants/0",
	"outcome": "fail",
	"keys": {
		{
			"fault": "not_published",
			"held": "granted",
			"permission": "00000003-0000-0000-c000-000000000000/application/b0000000-0000-4000-8000-000000000001",
		},
	},
}

test_lists_other_than_those_of_requests_and_grants_do_not_count if {
	app := object.union(testing.application, {"former": [unpublished]})
	unknown_permission.deny == set() with input as app with data.config as testing.config
}
