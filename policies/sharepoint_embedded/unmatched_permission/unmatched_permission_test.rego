package policies.sharepoint_embedded.unmatched_permission_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.unmatched_permission

test_cases[case.name] if {
	some case in cases
	result := unmatched_permission with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "neither", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "both, on both sides",
	"outcome": "pass",
	"input": app([selected("application"), selected("delegated")], [grant(["read"], ["readContent"])]),
}

cases contains {
	"name": "each side by another grant",
	"outcome": "pass",
	"input": app([selected("application"), selected("delegated")], [grant(["read"], []), on_other([], ["full"])]),
}

cases contains {
	"name": "permission on Graph alone",
	"outcome": "fail",
	"keys": [no_grant("application"), no_grant("delegated")],
	"input": app([selected("application"), selected("delegated")], []),
}

cases contains {
	"name": "permission on Graph, and grants for the other side only",
	"outcome": "fail",
	"keys": [no_grant("application"), no_permission("delegated")],
	"input": app([selected("application")], [grant([], ["readContent"])]),
}

cases contains {
	"name": "grants alone, on two types",
	"outcome": "fail",
	"keys": [
		no_permission("application"),
		object.union(no_permission("application"), {"container_type": other}),
		object.union(no_permission("delegated"), {"container_type": other}),
	],
	"input": app([testing.user_read], [grant(["full"], []), on_other(["read"], ["read"])]),
}

cases contains {
	"name": "a grant to an application that is not here",
	"outcome": "fail",
	"keys": [no_permission("delegated")],
	"input": gone(app([], [grant([], ["readContent"])])),
}

cases contains {
	"name": "a grant to the Foundry guest, which is not here",
	"outcome": "not_applicable",
	"input": object.union(
		gone(app([], [grant([], ["readContent"])])),
		{"id": "880da380-985e-4198-81b9-e05b1cc53158"},
	),
}

cases contains {
	"name": "granted by users only, and no grant",
	"outcome": "fail",
	"keys": [no_grant("delegated")],
	"input": app([object.union(selected("delegated"), {"consent": "user", "users": 1})], []),
}

cases contains {
	"name": "by users and by an administrator is one finding",
	"outcome": "fail",
	"keys": [no_grant("delegated")],
	"input": app([selected("delegated"), object.union(selected("delegated"), {"consent": "user", "users": 1})], []),
}

cases contains {
	"name": "an application of another tenant",
	"outcome": "fail",
	"keys": [no_grant("application")],
	"input": testing.holding(testing.foreign_application, [selected("application")]),
}

cases contains {
	"name": "the owner of a registered type reaches it without a grant",
	"outcome": "pass",
	"input": object.union(app([selected("application")], []), {"registered_types": [{"id": type, "registered_days": 30}]}),
}

cases contains {
	"name": "the owner of a registered type, granted what nothing calls with",
	"outcome": "fail",
	"keys": [no_permission("application")],
	"input": object.union(
		app([selected("delegated")], [grant(["full"], ["full"])]),
		{"registered_types": [{"id": type, "registered_days": 30}]},
	),
}

cases contains {
	"name": "a grant that allows nothing",
	"outcome": "pass",
	"input": app([], [grant([], [])]),
}

cases contains {
	"name": "FileStorageContainer.Manage.All is another permission",
	"outcome": "pass",
	"input": app(
		[testing.permission("delegated", "FileStorageContainer.Manage.All", "527b6d64-cdf5-4b8b-b336-4aa0b8ca2ce5")],
		[],
	),
}

cases contains {
	"name": "an application of Microsoft, such as the Foundry guest",
	"outcome": "not_applicable",
	"input": object.union(app([], [grant([], ["readContent"])]), {"origin": "microsoft"}),
}

cases contains {
	"name": "only grants are left",
	"outcome": "not_applicable",
	"input": object.union(app([selected("application")], []), {"origin": "deleted"}),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(app([], [grant(["full"], [])]), ["grants", "granted_keys"]),
}

cases contains {
	"name": "grants on container types not read",
	"outcome": "unknown",
	"input": object.remove(app([selected("application")], []), ["type_grants"]),
}

cases contains {
	"name": "registrations not read",
	"outcome": "unknown",
	"input": object.remove(app([selected("application")], []), ["registered_types"]),
}

cases contains {
	"name": "one side of a grant not read",
	"outcome": "unknown",
	"input": app([selected("application")], [object.remove(grant([], []), ["application_permissions"])]),
}

cases contains {
	"name": "a grant beside a permission on Graph without a name",
	"outcome": "unknown",
	"input": app([unresolved("application")], [grant(["full"], [])]),
}

cases contains {
	"name": "a grant beside a permission on Graph without a name, of the other kind",
	"outcome": "fail",
	"keys": [no_permission("application")],
	"input": app([unresolved("delegated")], [grant(["full"], [])]),
}

cases contains {
	"name": "a grant beside another permission of which the kind is not known",
	"outcome": "fail",
	"keys": [no_permission("application")],
	"input": app([object.remove(testing.user_read, ["kind"])], [grant(["full"], [])]),
}

cases contains {
	"name": "both, the permission on Graph without its name",
	"outcome": "pass",
	"input": app([object.remove(selected("application"), ["permission", "resolved_by"])], [grant(["full"], [])]),
}

cases contains {
	"name": "kind of the permission not known",
	"outcome": "unknown",
	"input": app([object.remove(selected("application"), ["kind"])], [grant(["full"], [])]),
}

type := "a1b2c3d4-0000-4000-8000-0000000000c1"

other := "a1b2c3d4-0000-4000-8000-0000000000c2"

gone(it) := object.union(it, {"origin": "deleted"})

no_grant(kind) := {"missing": "grant on a container type", "kind": kind}

no_permission(kind) := {"missing": "permission of Microsoft Graph", "kind": kind, "container_type": type}

selected(kind) := testing.permission(kind, "FileStorageContainer.Selected", {
	"application": "40dc41bc-0f7e-42ff-89bd-d9516947e474",
	"delegated": "085ca537-6565-41c2-aca7-db852babc212",
}[kind])

grant(app_only, delegated) := {
	"container_type_id": type,
	"name": "Contracts",
	"owning_app_id": "a1b2c3d4-0000-4000-8000-0000000000aa",
	"guest": true,
	"application_permissions": app_only,
	"delegated_permissions": delegated,
}

on_other(app_only, delegated) := object.union(grant(app_only, delegated), {"container_type_id": other})

app(permissions, grants) := object.union(testing.holding(testing.application, permissions), {"type_grants": grants})

unresolved(kind) := testing.unresolved(kind, "b0000000-0000-4000-8000-000000000001")

test_evidence if {
	subject := app([selected("application")], [])
	some finding in unmatched_permission.deny with input as subject
	finding.evidence == {
		"has": "FileStorageContainer.Selected",
		"permission_id": "40dc41bc-0f7e-42ff-89bd-d9516947e474",
		"consent": "admin",
	}
}

test_evidence_of_a_grant if {
	some finding in unmatched_permission.deny with input as app([], [grant([], ["readContent"])])
	finding.evidence == {
		"has": "a grant on container type Contracts",
		"owning_app_id": "a1b2c3d4-0000-4000-8000-0000000000aa",
		"application_permissions": [],
		"delegated_permissions": ["readContent"],
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := unmatched_permission with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without type_grants.0.container_type_id: each side by another grant",
	"of": "each side by another grant",
	"at": "/type_grants/0/container_type_id",
	"outcome": "unknown",
	"reasons": {"container_type_id of a grant"},
}
