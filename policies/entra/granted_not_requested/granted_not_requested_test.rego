package policies.entra.granted_not_requested_test

import data.policies.entra.granted_not_requested
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := granted_not_requested with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "everything granted is requested", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "application permission that is not requested",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": testing.holding(testing.application, [testing.user_read, granted_at]),
}

cases contains {
	"name": "administrator's and users' consent are two findings",
	"outcome": "fail",
	"keys": [
		{"permission": files_read.key, "consent": "admin"},
		{"permission": files_read.key, "consent": "user"},
	],
	"input": testing.holding(testing.application, [files_read, user_consented]),
}

cases contains {
	"name": "several permissions, one of them by consent of a single user",
	"outcome": "fail",
	"keys": [
		{"permission": mail_read.key, "consent": "admin"},
		{"permission": files_read.key, "consent": "user"},
	],
	"input": testing.holding(testing.application, [testing.sites_selected, mail_read, user_consented]),
}

cases contains {
	"name": "the delegated permission is requested, the application permission of that name is held",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": testing.holding(testing.requesting(testing.application, [mail_read_delegated]), [mail_read]),
}

cases contains {
	"name": "one id is scope and role, the manifest asks for the other",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": testing.holding(testing.requesting(testing.application, [mail_read_as_scope]), [mail_read]),
}

cases contains {
	"name": "empty manifest",
	"outcome": "fail",
	"keys": [{"permission": testing.user_read.key, "consent": "admin"}],
	"input": testing.holding(testing.requesting(testing.application, []), [testing.user_read]),
}

cases contains {
	"name": "unresolved grant, all requests resolved",
	"outcome": "fail",
	"keys": [{"permission": unknown_role.key, "consent": "admin"}],
	"input": testing.holding(testing.application, [unknown_role]),
}

cases contains {
	"name": "unresolved grant, unresolved request of another id",
	"outcome": "fail",
	"keys": [{"permission": unknown_role.key, "consent": "admin"}],
	"input": testing.holding(testing.requesting(testing.application, [other_role]), [unknown_role]),
}

cases contains {
	"name": "unresolved scope, unresolved request on another resource",
	"outcome": "fail",
	"keys": [{"permission": unknown_scope.key, "consent": "user"}],
	"input": testing.holding(testing.requesting(testing.application, [other_resource]), [unknown_scope]),
}

cases contains {
	"name": "requested as Role although it is a scope",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, [mistyped]), [files_read]),
}

cases contains {
	"name": "requested twice",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, [mistyped, files_read]), [files_read]),
}

cases contains {
	"name": "user consent to what the manifest asks for",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, [files_read]), [user_consented]),
}

cases contains {
	"name": "sign-in scopes, by administrator and by users",
	"outcome": "pass",
	"input": testing.holding(testing.application, array.concat(
		testing.sign_in,
		[object.union(scope, {"consent": "user", "users": 2}) | some scope in testing.sign_in],
	)),
}

cases contains {
	"name": "a scope named openid of another resource",
	"outcome": "fail",
	"keys": [{"permission": openid_elsewhere.key, "consent": "admin"}],
	"input": testing.holding(testing.application, [openid_elsewhere]),
}

cases contains {
	"name": "no grants",
	"outcome": "pass",
	"input": testing.holding(testing.application, []),
}

cases contains {
	"name": "unresolved on both sides, same id and kind",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, [unknown_role]), [unknown_role]),
}

cases contains {
	"name": "unresolved on both sides, same id, requested as the other kind",
	"outcome": "unknown",
	"input": testing.holding(
		testing.requesting(testing.application, [testing.unresolved("delegated", unknown_role.permission_id)]),
		[unknown_role],
	),
}

cases contains {
	"name": "scope known by name only may be the unresolved request",
	"outcome": "unknown",
	"input": testing.holding(testing.requesting(testing.application, [other_role]), [unknown_scope]),
}

cases contains {
	"name": "grant without key",
	"outcome": "unknown",
	"input": json.patch(testing.application, [{"op": "remove", "path": "/grants/0/key"}]),
}

cases contains {
	"name": "grant on a resource that is gone",
	"outcome": "unknown",
	"input": json.patch(
		testing.application,
		[{"op": "add", "path": "/grants/-", "value": {"permission": "Old.Read", "kind": "delegated", "consent": "admin"}}],
	),
}

cases contains {
	"name": "manifest not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_requests),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_grants),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["origin"]),
}

cases contains {
	"name": "application of another tenant",
	"outcome": "not_applicable",
	"input": testing.foreign_application,
}

cases contains {
	"name": "managed identity",
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": "managed_identity"}),
}

cases contains {
	"name": "Microsoft's own",
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": "microsoft"}),
}

mail_read := testing.permission("application", "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01")

granted_at := object.union(mail_read, {"granted_at": "2026-05-02T08:00:00Z", "tier": "high"})

mail_read_delegated := testing.permission("delegated", "Mail.Read", "570282fd-fa5c-430d-a7fd-fc8dc98a9dca")

mail_read_as_scope := object.union(mail_read_delegated, {"permission_id": mail_read.permission_id})

files_read := testing.permission("delegated", "Files.Read", "10465720-29dd-4523-a11a-6a75c743c9d9")

user_consented := object.union(files_read, {
	"consent": "user",
	"users": 1,
	"user_ids": ["a1b2c3d4-0000-4000-8000-00000000f002"],
})

mistyped := object.union(files_read, {"type_mismatch": true})

unknown_role := testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")

other_role := testing.unresolved("application", "b0000000-0000-4000-8000-000000000002")

# A delegated grant names its scope; the id comes only with its resource.
unknown_scope := {
	"key": "00000003-0000-0000-c000-000000000000/delegated/Brand.New",
	"resource_app_id": "00000003-0000-0000-c000-000000000000",
	"permission": "Brand.New",
	"kind": "delegated",
	"consent": "user",
	"users": 1,
}

other_resource := object.union(other_role, {
	"key": "c5393580-f805-4401-95e8-94b7a6ef2fc2/application/b0000000-0000-4000-8000-000000000002",
	"resource_app_id": "c5393580-f805-4401-95e8-94b7a6ef2fc2",
})

openid_elsewhere := object.union(testing.permission("delegated", "openid", "b0000000-0000-4000-8000-000000000003"), {
	"key": "c5393580-f805-4401-95e8-94b7a6ef2fc2/delegated/openid",
	"resource_app_id": "c5393580-f805-4401-95e8-94b7a6ef2fc2",
})

test_evidence if {
	app := testing.holding(testing.application, [granted_at])
	some finding in granted_not_requested.deny with input as app
	finding.evidence == {
		"permission": "Mail.Read",
		"permission_id": mail_read.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "high",
	}
}

test_evidence_counts_users if {
	some finding in granted_not_requested.deny with input as testing.holding(testing.application, [user_consented])
	finding.evidence.users == 1
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := granted_not_requested with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without requests: the delegated permission is requested, the application permission of that name is…",
	"of": "the delegated permission is requested, the application permission of that name is held",
	"at": "/requests",
	"outcome": "unknown",
	"reasons": {"requests"},
}

variants contains {
	"name": "without requested_keys: the delegated permission is requested, the application permission of that n…",
	"of": "the delegated permission is requested, the application permission of that name is held",
	"at": "/requested_keys",
	"outcome": "unknown",
	"reasons": {"requested_keys"},
}

variants contains {
	"name": "unresolved scope, unresolved request on another resource",
	"of": "unresolved scope, unresolved request on another resource",
	"outcome": "fail",
	"keys": {
		{
			"consent": "user",
			"permission": "00000003-0000-0000-c000-000000000000/delegated/Brand.New",
		},
	},
}

variants contains {
	"name": "without grants.0.kind: one id is scope and role, the manifest asks for the other",
	"of": "one id is scope and role, the manifest asks for the other",
	"at": "/grants/0/kind",
	"outcome": "fail",
	"keys": {
		{
			"consent": "admin",
			"permission": "00000003-0000-0000-c000-000000000000/application/Mail.Read",
		},
	},
}

variants contains {
	"name": "without origin: the delegated permission is requested, the application permission of that name is h…",
	"of": "the delegated permission is requested, the application permission of that name is held",
	"at": "/origin",
	"outcome": "unknown",
	"reasons": {"origin"},
}

variants contains {
	"name": "grants.0.key is null: the delegated permission is requested, the application permission of that nam…",
	"of": "the delegated permission is requested, the application permission of that name is held",
	"at": "/grants/0/key",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"key of a grant"},
}
