package policies.entra.requested_not_granted_test

import data.policies.entra.requested_not_granted
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := requested_not_granted with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "everything requested is granted", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "one of two is not granted",
	"outcome": "fail",
	"keys": [{"permission": testing.sites_selected.key}],
	"input": testing.holding(testing.application, [testing.user_read]),
}

cases contains {
	"name": "nothing is granted",
	"outcome": "fail",
	"keys": [{"permission": testing.sites_selected.key}, {"permission": testing.user_read.key}],
	"input": testing.holding(testing.application, []),
}

cases contains {
	"name": "only the other kind of the same name is granted",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key}],
	"input": testing.holding(testing.requesting(testing.application, [mail_read]), [mail_read_delegated]),
}

cases contains {
	"name": "requested twice, once with the wrong type",
	"outcome": "fail",
	"keys": [{"permission": mail_read_delegated.key}],
	"input": testing.holding(testing.requesting(testing.application, [mistyped, mail_read_delegated]), []),
}

cases contains {
	"name": "unresolved grants that are something else",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key}],
	"input": testing.holding(testing.requesting(testing.application, [mail_read]), [unknown_role, unknown_scope]),
}

cases contains {
	"name": "granted by a single user",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		testing.sites_selected,
		object.union(testing.user_read, {"consent": "user", "users": 1}),
	]),
}

cases contains {
	"name": "requested with the wrong type and granted",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, [mistyped]), [mail_read_delegated]),
}

cases contains {
	"name": "sign-in scopes",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, testing.sign_in), []),
}

cases contains {
	"name": "nothing requested",
	"outcome": "pass",
	"input": testing.requesting(testing.application, []),
}

cases contains {
	"name": "unresolved request, granted under the same key",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, [unknown_role]), [unknown_role]),
}

cases contains {
	"name": "unresolved request, the same id granted as the other kind",
	"outcome": "unknown",
	"input": testing.holding(
		testing.requesting(testing.application, [testing.unresolved("delegated", unknown_role.permission_id)]),
		[unknown_role],
	),
}

cases contains {
	"name": "unresolved request",
	"outcome": "unknown",
	"input": testing.requesting(testing.application, [unknown_role]),
}

cases contains {
	"name": "unresolved delegated request: a delegated grant tells its scopes by name, whatever id it has",
	"outcome": "unknown",
	"input": testing.holding(
		testing.requesting(testing.application, [testing.unresolved("delegated", unknown_role.permission_id)]),
		[object.union(mail_read, {"kind": "delegated", "permission_id": unknown_role.permission_id})],
	),
}

cases contains {
	"name": "unresolved request, same id on another resource",
	"outcome": "unknown",
	"input": testing.holding(testing.requesting(testing.application, [unknown_role]), [other_resource]),
}

cases contains {
	"name": "a grant of which nothing is known may be it",
	"outcome": "unknown",
	"input": json.patch(
		testing.holding(testing.requesting(testing.application, [mail_read]), []),
		[{"op": "add", "path": "/grants/0", "value": {"consent": "admin"}}],
	),
}

cases contains {
	"name": "request without key",
	"outcome": "unknown",
	"input": json.patch(testing.application, [{"op": "remove", "path": "/requests/0/key"}]),
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

mail_read := testing.permission("application", "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01")

mail_read_delegated := testing.permission("delegated", "Mail.Read", "570282fd-fa5c-430d-a7fd-fc8dc98a9dca")

mistyped := object.union(mail_read_delegated, {"type_mismatch": true})

unknown_role := testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")

unknown_scope := {
	"key": "00000003-0000-0000-c000-000000000000/delegated/Brand.New",
	"resource_app_id": "00000003-0000-0000-c000-000000000000",
	"permission": "Brand.New",
	"kind": "delegated",
	"consent": "user",
	"users": 1,
}

other_resource := object.union(unknown_role, {
	"key": "c5393580-f805-4401-95e8-94b7a6ef2fc2/application/b0000000-0000-4000-8000-000000000001",
	"resource_app_id": "c5393580-f805-4401-95e8-94b7a6ef2fc2",
})

test_evidence if {
	app := testing.holding(testing.requesting(testing.application, [mail_read]), [])
	some finding in requested_not_granted.deny with input as app
	finding.evidence == {
		"permission": "Mail.Read",
		"permission_id": mail_read.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "low",
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := requested_not_granted with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "unresolved grants that are something else",
	"of": "unresolved grants that are something else",
	"outcome": "fail",
	"keys": {{"permission": "00000003-0000-0000-c000-000000000000/application/Mail.Read"}},
}

variants contains {
	"name": "without grants: requested twice, once with the wrong type",
	"of": "requested twice, once with the wrong type",
	"at": "/grants",
	"outcome": "unknown",
	"reasons": {"grants"},
}

variants contains {
	"name": "without granted_keys: requested twice, once with the wrong type",
	"of": "requested twice, once with the wrong type",
	"at": "/granted_keys",
	"outcome": "unknown",
	"reasons": {"granted_keys"},
}

variants contains {
	"name": "without granted_keys.00000003-0000-0000-c000-000000000000.application.b0000000-0000-4000-8000-00000…",
	"of": "unresolved request, granted under the same key",
	"at": "/granted_keys/00000003-0000-0000-c000-000000000000~1application~1b0000000-0000-4000-8000-000000000001",
	"outcome": "pass",
}

variants contains {
	"name": "without granted_keys.00000003-0000-0000-c000-000000000000.delegated.Mail.Read: requested with the w…",
	"of": "requested with the wrong type and granted",
	"at": "/granted_keys/00000003-0000-0000-c000-000000000000~1delegated~1Mail.Read",
	"outcome": "fail",
	"keys": {{"permission": "00000003-0000-0000-c000-000000000000/delegated/Mail.Read"}},
}

variants contains {
	"name": "unresolved request, the same id granted as the other kind",
	"of": "unresolved request, the same id granted as the other kind",
	"outcome": "unknown",
	"reasons": {"name of a request"},
}

variants contains {
	"name": "without origin: unresolved grants that are something else",
	"of": "unresolved grants that are something else",
	"at": "/origin",
	"outcome": "unknown",
	"reasons": {"origin"},
}

variants contains {
	"name": "requests.0.key is null: unresolved request, the same id granted as the other kind",
	"of": "unresolved request, the same id granted as the other kind",
	"at": "/requests/0/key",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"key of a request"},
}
