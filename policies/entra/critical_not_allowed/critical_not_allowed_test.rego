package policies.entra.critical_not_allowed_test

import data.policies.entra.critical_not_allowed
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := critical_not_allowed with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "low tiers only", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "neither requests nor grants",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, []), []),
}

cases contains {
	"name": "granted",
	"outcome": "fail",
	"keys": [granted(role_assigner)],
	"input": testing.holding(testing.application, [testing.user_read, role_assigner]),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [requested(role_assigner)],
	"input": testing.requesting(testing.application, [role_assigner]),
}

cases contains {
	"name": "requested, and granted by an administrator and by users, is one finding",
	"outcome": "fail",
	"keys": [granted(directory)],
	"input": testing.holding(
		testing.requesting(testing.application, [directory]),
		[directory, object.union(directory, {"consent": "user", "users": 2})],
	),
}

cases contains {
	"name": "two permissions",
	"outcome": "fail",
	"keys": [granted(role_assigner), granted(directory)],
	"input": testing.holding(testing.application, [role_assigner, directory]),
}

cases contains {
	"name": "application of another tenant",
	"outcome": "fail",
	"keys": [granted(role_assigner)],
	"input": testing.holding(testing.foreign_application, [role_assigner]),
}

cases contains {
	"name": "managed identity",
	"outcome": "fail",
	"keys": [granted(role_assigner)],
	"input": of_origin("managed_identity", [role_assigner]),
}

cases contains {
	"name": "the identity that collects",
	"outcome": "fail",
	"keys": [granted(role_assigner)],
	"input": object.union(testing.holding(testing.application, [role_assigner]), {"auditor": true}),
}

cases contains {
	"name": "Microsoft's own, with what somebody here consented to",
	"outcome": "fail",
	"keys": [granted(directory)],
	"input": of_origin("microsoft", [role_assigner, directory]),
}

cases contains {
	"name": "Microsoft's own, with what somebody here consented to and what somebody here gave it",
	"outcome": "fail",
	"keys": [granted(directory), granted(role_assigner)],
	"input": of_origin("microsoft", [object.union(role_assigner, {"given_here": true}), directory]),
}

cases contains {
	"name": "Microsoft's own, with harmless consents beside what Microsoft gave it",
	"outcome": "pass",
	"input": of_origin("microsoft", [role_assigner, testing.user_read]),
}

cases contains {
	"name": "Microsoft's own, with something unresolved that Microsoft gave it",
	"outcome": "pass",
	"input": of_origin("microsoft", [unresolved, testing.user_read]),
}

cases contains {
	"name": "Microsoft's own, with what Microsoft gave it",
	"outcome": "not_applicable",
	"input": of_origin("microsoft", [role_assigner]),
}

cases contains {
	"name": "Microsoft's own, without grants",
	"outcome": "not_applicable",
	"input": of_origin("microsoft", []),
}

cases contains {
	"name": "Microsoft's own, grants not read",
	"outcome": "unknown",
	"input": object.remove(of_origin("microsoft", []), ["grants", "granted_keys"]),
}

cases contains {
	"name": "deleted, with grants left",
	"outcome": "not_applicable",
	"input": of_origin("deleted", [role_assigner]),
}

cases contains {
	"name": "high, medium and unrated permissions",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		object.union(role_assigner, {"tier": "high"}),
		object.union(directory, {"tier": "medium"}),
		object.union(testing.feed_read, {"tier": "unrated"}),
	]),
}

cases contains {
	"name": "unresolved request",
	"outcome": "unknown",
	"input": testing.requesting(testing.application, [unresolved]),
}

cases contains {
	"name": "unresolved grant",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [unresolved]),
}

cases contains {
	"name": "critical without a key",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(role_assigner, ["key"])]),
}

cases contains {
	"name": "manifest not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["requests", "requested_keys"]),
}

cases contains {
	"name": "no manifest of an application of another tenant",
	"outcome": "pass",
	"input": testing.foreign_application,
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(testing.holding(testing.application, [role_assigner]), ["origin"]),
}

cases contains {
	"name": "harmless without a key",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.remove(testing.user_read, ["key"])]),
}

cases contains {
	"name": "granted by users, and by an administrator, in whichever order",
	"outcome": "fail",
	"keys": [granted(directory)],
	"input": testing.holding(testing.application, [object.union(directory, {"consent": "user", "users": 2}), directory]),
}

cases contains {
	"name": "granted by users alone",
	"outcome": "fail",
	"keys": [by_users(directory)],
	"input": testing.holding(testing.application, [object.union(directory, {"consent": "user", "users": 2})]),
}

role_assigner := object.union(
	testing.permission("application", "RoleManagement.ReadWrite.Directory", "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"),
	{"tier": "critical"},
)

directory := object.union(
	testing.permission("delegated", "Application.ReadWrite.All", "bdfbf15f-ee85-4955-8675-146e8e5296b5"),
	{"tier": "critical"},
)

unresolved := testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")

of_origin(origin, grants) := testing.holding(object.union(testing.foreign_application, {"origin": origin}), grants)

lists := {
	"allowed": {"declared": {"critical": ["rolemanagement.readwrite.directory"]}, "outcome": "pass"},
	"needed, which is another thing": {
		"declared": {"needs": ["rolemanagement.readwrite.directory"]},
		"outcome": "fail",
	},
	"another permission allowed": {"declared": {"critical": ["directory.readwrite.all"]}, "outcome": "fail"},
	"nothing allowed": {"declared": {"critical": []}, "outcome": "fail"},
}

test_allow_lists[name] if {
	some name, allowed in lists
	app := object.union(testing.holding(testing.application, [role_assigner]), {"declared": allowed.declared})
	testing.outcome(critical_not_allowed) == allowed.outcome with input as app with data.config as testing.config
}

test_what_is_allowed_does_not_cover_the_unresolved if {
	declared := {"declared": {"critical": ["directory.readwrite.all"]}}
	app := object.union(testing.holding(testing.application, [unresolved]), declared)
	testing.outcome(critical_not_allowed) == "unknown" with input as app with data.config as testing.config
}

test_evidence_tells_requested_from_granted if {
	app := testing.holding(testing.application, [role_assigner])
	some finding in critical_not_allowed.deny with input as app with data.config as testing.config
	finding.evidence == {
		"permission": "RoleManagement.ReadWrite.Directory",
		"permission_id": role_assigner.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "critical",
		"requested": false,
		"granted": true,
	}
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := critical_not_allowed with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

test_lists_other_than_those_of_requests_and_grants_do_not_count if {
	app := object.union(testing.application, {"former": [role_assigner]})
	critical_not_allowed.deny == set() with input as app with data.config as testing.config
}

granted(permission) := {"permission": permission.key, "held": "granted", "consent": "admin"}

requested(permission) := {"permission": permission.key, "held": "requested"}

by_users(permission) := {"permission": permission.key, "held": "granted", "consent": "user"}

test_key_does_not_call_requested_what_may_be_granted if {
	app := object.remove(testing.requesting(testing.application, [role_assigner]), testing.of_grants)
	some finding in critical_not_allowed.deny with input as app with data.config as testing.config
	finding.key == {"permission": role_assigner.key}
}
