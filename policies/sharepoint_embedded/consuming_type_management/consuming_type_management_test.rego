package policies.sharepoint_embedded.consuming_type_management_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.consuming_type_management

test_cases[case.name] if {
	some case in cases
	result := consuming_type_management with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "application of another tenant without it",
	"outcome": "pass",
	"input": testing.foreign_application,
}

cases contains {
	"name": "application of another tenant, by an administrator",
	"outcome": "fail",
	"keys": [key("admin")],
	"input": testing.holding(testing.foreign_application, [testing.user_read, manage]),
}

cases contains {
	"name": "application of another tenant, by users and by an administrator",
	"outcome": "fail",
	"keys": [key("admin"), key("user")],
	"input": testing.holding(testing.foreign_application, [manage, by_users]),
}

cases contains {
	"name": "application of another tenant with a type registered here",
	"outcome": "fail",
	"keys": [key("admin")],
	"input": registered(held_by(testing.foreign_application), [type(false)]),
}

cases contains {
	"name": "application of another tenant, nothing read of container types",
	"outcome": "fail",
	"keys": [key("admin")],
	"input": object.remove(held_by(testing.foreign_application), ["registered_types"]),
}

cases contains {
	"name": "granted under another id, as in another cloud",
	"outcome": "fail",
	"keys": [key("admin")],
	"input": testing.holding(
		testing.foreign_application,
		[object.union(manage, {"permission_id": "b0000000-0000-4000-8000-000000000009"})],
	),
}

cases contains {
	"name": "own application, its type registered here and owned elsewhere",
	"outcome": "fail",
	"keys": [key("admin")],
	"input": registered(held_by(testing.application), [type(false)]),
}

cases contains {
	"name": "own application, one of its types owned elsewhere",
	"outcome": "fail",
	"keys": [key("admin")],
	"input": registered(held_by(testing.application), [type(true), type(false)]),
}

cases contains {
	"name": "own application, its type owned elsewhere, permission not held",
	"outcome": "pass",
	"input": registered(testing.application, [type(false)]),
}

cases contains {
	"name": "own application, its type owned elsewhere, permission requested only",
	"outcome": "pass",
	"input": registered(testing.requesting(testing.application, [manage]), [type(false)]),
}

cases contains {
	"name": "own application, its type owned here",
	"outcome": "not_applicable",
	"input": registered(held_by(testing.application), [type(true)]),
}

cases contains {
	"name": "own application without a container type",
	"outcome": "not_applicable",
	"input": held_by(testing.application),
}

cases contains {
	"name": "application of another tenant, its type owned here all the same",
	"outcome": "not_applicable",
	"input": registered(held_by(testing.foreign_application), [type(true)]),
}

cases contains {
	"name": "a tool of Microsoft, Graph PowerShell",
	"outcome": "not_applicable",
	"input": object.union(held_by(testing.foreign_application), {"origin": "microsoft"}),
}

cases contains {
	"name": "a managed identity",
	"outcome": "not_applicable",
	"input": object.union(held_by(testing.foreign_application), {"origin": "managed_identity"}),
}

cases contains {
	"name": "only grants are left",
	"outcome": "not_applicable",
	"input": object.union(held_by(testing.foreign_application), {"origin": "deleted"}),
}

cases contains {
	"name": "the identity that collects, of another tenant",
	"outcome": "pass",
	"input": object.union(held_by(testing.foreign_application), {"auditor": true}),
}

cases contains {
	"name": "the other permissions of SharePoint Embedded",
	"outcome": "pass",
	"input": testing.holding(testing.foreign_application, [
		testing.permission("delegated", "FileStorageContainer.Selected", "085ca537-6565-41c2-aca7-db852babc212"),
		testing.permission("delegated", "FileStorageContainerTypeReg.Selected", "d1e4f63a-1569-475c-b9b2-bdc140405e38"),
	]),
}

cases contains {
	"name": "a permission of that name of another resource",
	"outcome": "pass",
	"input": testing.holding(testing.foreign_application, [object.union(manage, {
		"resource_app_id": "c5393580-f805-4401-95e8-94b7a6ef2fc2",
		"permission_id": "b0000000-0000-4000-8000-000000000009",
	})]),
}

cases contains {
	"name": "an application permission without a name, which cannot be it",
	"outcome": "pass",
	"input": testing.holding(testing.foreign_application, [unresolved("application")]),
}

cases contains {
	"name": "a delegated permission without a name",
	"outcome": "unknown",
	"input": testing.holding(testing.foreign_application, [unresolved("delegated")]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.foreign_application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "own application, registrations not read, permission held",
	"outcome": "unknown",
	"input": object.remove(held_by(testing.application), ["registered_types"]),
}

cases contains {
	"name": "own application, registrations not read, permission not held",
	"outcome": "pass",
	"input": object.remove(testing.application, ["registered_types"]),
}

cases contains {
	"name": "own application, owner of its type not read",
	"outcome": "unknown",
	"input": registered(held_by(testing.application), [object.remove(type(true), ["owned_here"])]),
}

cases contains {
	"name": "application of another tenant, one of its types owned here, the owner of the other not read",
	"outcome": "unknown",
	"input": registered(held_by(testing.foreign_application), [type(true), object.remove(type(false), ["owned_here"])]),
}

cases contains {
	"name": "the identity that collects, registrations not read",
	"outcome": "pass",
	"input": object.union(object.remove(held_by(testing.application), ["registered_types"]), {"auditor": true}),
}

cases contains {
	"name": "origin not known, its type owned elsewhere",
	"outcome": "fail",
	"keys": [key("admin")],
	"input": registered(object.remove(held_by(testing.application), ["origin"]), [type(false)]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(held_by(testing.application), ["origin"]),
}

key(consent) := {"permission": "FileStorageContainerType.Manage.All", "consent": consent}

manage := testing.permission("delegated", "FileStorageContainerType.Manage.All", "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b")

by_users := object.union(manage, {"consent": "user", "users": 3})

held_by(app) := testing.holding(app, [manage])

registered(app, types) := object.union(app, {"registered_types": types})

type(owned) := {
	"id": sprintf("a1b2c3d4-0000-4000-8000-0000000000%v", [owned]),
	"name": "Contracts",
	"owned_here": owned,
	"registered_days": 100,
}

unresolved(kind) := testing.unresolved(kind, "b0000000-0000-4000-8000-000000000001")

test_evidence if {
	app := registered(testing.holding(testing.foreign_application, [by_users]), [type(false)])
	some finding in consuming_type_management.deny with input as app
	finding.evidence == {"origin": "foreign", "users": 3, "container_types": ["Contracts"]}
}
