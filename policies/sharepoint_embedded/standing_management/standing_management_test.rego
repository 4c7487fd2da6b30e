package policies.sharepoint_embedded.standing_management_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.standing_management

test_cases[case.name] if {
	some case in cases
	result := standing_management with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "neither", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "all containers, by an administrator",
	"outcome": "fail",
	"keys": [{"permission": "FileStorageContainer.Manage.All", "consent": "admin"}],
	"input": testing.holding(testing.application, [testing.user_read, containers]),
}

cases contains {
	"name": "all registrations, by users",
	"outcome": "fail",
	"keys": [{"permission": "FileStorageContainerTypeReg.Manage.All", "consent": "user"}],
	"input": testing.holding(testing.application, [by_users(registrations)]),
}

cases contains {
	"name": "both, by both",
	"outcome": "fail",
	"keys": [
		{"permission": "FileStorageContainer.Manage.All", "consent": "admin"},
		{"permission": "FileStorageContainer.Manage.All", "consent": "user"},
		{"permission": "FileStorageContainerTypeReg.Manage.All", "consent": "admin"},
	],
	"input": testing.holding(testing.foreign_application, [containers, by_users(containers), registrations]),
}

cases contains {
	"name": "a tool of Microsoft, Graph PowerShell",
	"outcome": "fail",
	"keys": [{"permission": "FileStorageContainer.Manage.All", "consent": "user"}],
	"input": object.union(testing.holding(testing.foreign_application, [by_users(containers)]), {"origin": "microsoft"}),
}

cases contains {
	"name": "in other case, under another id",
	"outcome": "fail",
	"keys": [{"permission": "FileStorageContainerTypeReg.Manage.All", "consent": "admin"}],
	"input": testing.holding(testing.application, [object.union(registrations, {
		"permission": "filestoragecontainertypereg.manage.all",
		"permission_id": "b0000000-0000-4000-8000-000000000009",
	})]),
}

cases contains {
	"name": "the identity that collects",
	"outcome": "pass",
	"input": object.union(testing.holding(testing.application, [containers, registrations]), {"auditor": true}),
}

cases contains {
	"name": "requested, not granted",
	"outcome": "pass",
	"input": testing.requesting(testing.application, [containers, registrations]),
}

cases contains {
	"name": "the narrower permissions, and the one for container types",
	"outcome": "pass",
	"input": testing.holding(testing.application, [
		testing.permission("delegated", "FileStorageContainer.Selected", "085ca537-6565-41c2-aca7-db852babc212"),
		testing.permission("delegated", "FileStorageContainerTypeReg.Selected", "d1e4f63a-1569-475c-b9b2-bdc140405e38"),
		testing.permission("delegated", "FileStorageContainerType.Manage.All", "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b"),
	]),
}

cases contains {
	"name": "a permission of that name of another resource",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.union(containers, {
		"resource_app_id": "a1b2c3d4-0000-4000-8000-0000000000aa",
		"permission_id": "b0000000-0000-4000-8000-000000000009",
	})]),
}

cases contains {
	"name": "only grants are left",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [containers]), {"origin": "deleted"}),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "a delegated permission without a name",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [unresolved("delegated")]),
}

cases contains {
	"name": "an application permission without a name, which cannot be it",
	"outcome": "pass",
	"input": testing.holding(testing.application, [unresolved("application")]),
}

containers := testing.permission("delegated", "FileStorageContainer.Manage.All", "527b6d64-cdf5-4b8b-b336-4aa0b8ca2ce5")

registrations := testing.permission(
	"delegated", "FileStorageContainerTypeReg.Manage.All",
	"c319a7df-930e-44c0-a43b-7e5e9c7f4f24",
)

by_users(permission) := object.union(permission, {"consent": "user", "users": 4})

unresolved(kind) := testing.unresolved(kind, "b0000000-0000-4000-8000-000000000001")

test_evidence if {
	app := testing.holding(testing.application, [by_users(containers)])
	some finding in standing_management.deny with input as app
	finding.evidence == {"users": 4}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := standing_management with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without grants.0.permission: all registrations, by users",
	"of": "all registrations, by users",
	"at": "/grants/0/permission",
	"outcome": "fail",
	"reasons": {"name of a permission"},
	"keys": {{"consent": "user", "permission": "FileStorageContainerTypeReg.Manage.All"}},
}

variants contains {
	"name": "without grants.1.permission: all containers, by an administrator",
	"of": "all containers, by an administrator",
	"at": "/grants/1/permission",
	"outcome": "fail",
	"reasons": {"name of a permission"},
	"keys": {{"consent": "admin", "permission": "FileStorageContainer.Manage.All"}},
}
