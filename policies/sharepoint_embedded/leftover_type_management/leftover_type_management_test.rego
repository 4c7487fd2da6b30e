package policies.sharepoint_embedded.leftover_type_management_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.leftover_type_management

test_cases[case.name] if {
	some case in cases
	result := leftover_type_management with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "container type, permission dropped", "outcome": "pass", "input": aged(8)}

cases contains {"name": "no container type yet", "outcome": "not_applicable", "input": held_by(testing.application)}

cases contains {
	"name": "neither container type nor permission",
	"outcome": "not_applicable",
	"input": testing.application,
}

cases contains {"name": "container type of exactly the grace period", "outcome": "pass", "input": held_by(aged(7))}

cases contains {"name": "container type of today", "outcome": "pass", "input": held_by(aged(0))}

cases contains {
	"name": "requested and granted, one day after the grace period",
	"outcome": "fail",
	"keys": [requested, {"held": "granted", "consent": "admin"}],
	"input": held_by(aged(8)),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [requested],
	"input": testing.requesting(aged(100), [testing.user_read, manage]),
}

cases contains {
	"name": "requested with type Role, which does not exist",
	"outcome": "fail",
	"keys": [requested],
	"input": testing.requesting(aged(100), [mistyped]),
}

cases contains {
	"name": "requested with both types is one finding",
	"outcome": "fail",
	"keys": [requested],
	"input": testing.requesting(aged(100), [manage, mistyped]),
}

cases contains {
	"name": "requested by an id that could not be resolved",
	"outcome": "fail",
	"keys": [requested],
	"input": testing.requesting(aged(100), [testing.unresolved("application", upper(manage.permission_id))]),
}

cases contains {
	"name": "granted by an administrator and by single users",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}, {"held": "granted", "consent": "user"}],
	"input": testing.holding(aged(100), [manage, by_users]),
}

cases contains {
	"name": "granted by one user only",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "user"}],
	"input": testing.holding(aged(100), [testing.user_read, by_users]),
}

cases contains {
	"name": "granted under another id, as in another cloud",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(aged(100), [object.union(manage, {"permission_id": "b0000000-0000-4000-8000-000000000009"})]),
}

cases contains {
	"name": "granted by a name in other case, without id",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(aged(100), [object.union(
		object.remove(manage, ["permission_id", "resolved_by", "tier", "narrower"]),
		{"permission": "filestoragecontainertype.manage.ALL"},
	)]),
}

cases contains {
	"name": "an old container type beside a new one",
	"outcome": "fail",
	"keys": [requested],
	"input": testing.requesting(owning([type(2), type(30)]), [manage]),
}

cases contains {
	"name": "an old container type beside one of unknown age",
	"outcome": "fail",
	"keys": [requested],
	"input": testing.requesting(owning([object.remove(type(2), ["age_days", "created_at"]), type(30)]), [manage]),
}

cases contains {
	"name": "the other permissions of SharePoint Embedded",
	"outcome": "pass",
	"input": testing.holding(aged(100), [
		testing.permission("delegated", "FileStorageContainer.Selected", "085ca537-6565-41c2-aca7-db852babc212"),
		testing.permission("delegated", "FileStorageContainerTypeReg.Manage.All", "c319a7df-930e-44c0-a43b-7e5e9c7f4f24"),
	]),
}

cases contains {
	"name": "a permission of that name of another resource",
	"outcome": "pass",
	"input": testing.holding(aged(100), [object.union(manage, {
		"key": "c5393580-f805-4401-95e8-94b7a6ef2fc2/delegated/FileStorageContainerType.Manage.All",
		"resource_app_id": "c5393580-f805-4401-95e8-94b7a6ef2fc2",
		"permission_id": "b0000000-0000-4000-8000-000000000009",
	})]),
}

cases contains {
	"name": "unresolved permission, no container type",
	"outcome": "not_applicable",
	"input": testing.holding(testing.application, [unresolved]),
}

cases contains {
	"name": "unresolved permission",
	"outcome": "unknown",
	"input": testing.holding(aged(100), [unresolved]),
}

cases contains {
	"name": "container types not read, permission held",
	"outcome": "unknown",
	"input": object.remove(held_by(testing.application), ["container_types"]),
}

cases contains {
	"name": "container types not read, permission not held",
	"outcome": "pass",
	"input": object.remove(testing.application, ["container_types"]),
}

cases contains {
	"name": "age of the container type not read",
	"outcome": "unknown",
	"input": held_by(owning([object.remove(type(1), ["age_days", "created_at"])])),
}

cases contains {
	"name": "manifest not read",
	"outcome": "unknown",
	"input": object.remove(aged(100), ["requests", "requested_keys"]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(aged(100), ["grants", "granted_keys"]),
}

cases contains {
	"name": "application of another tenant, which has neither manifest nor container type",
	"outcome": "not_applicable",
	"input": testing.foreign_application,
}

requested := {"held": "requested"}

manage := testing.permission("delegated", "FileStorageContainerType.Manage.All", "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b")

mistyped := object.union(manage, {"type_mismatch": true})

by_users := object.union(manage, {"consent": "user", "users": 2})

unresolved := testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")

type(age) := {
	"id": sprintf("a1b2c3d4-0000-4000-8000-%012d", [age]),
	"name": "Contracts",
	"created_at": "2026-06-01T08:00:00Z",
	"age_days": age,
}

owning(types) := object.union(testing.application, {"container_types": types})

aged(days) := owning([type(days)])

held_by(app) := testing.holding(testing.requesting(app, [manage]), [manage])

test_evidence_names_the_oldest_container_type if {
	app := testing.requesting(owning([type(2), type(30), type(9)]), [manage])
	some finding in leftover_type_management.deny with input as app with data.config as testing.config
	finding.evidence == {
		"permission": "FileStorageContainerType.Manage.All",
		"days": 30,
		"container_type": {"id": type(30).id, "name": "Contracts", "created_at": "2026-06-01T08:00:00Z"},
		"type_mismatch": false,
	}
}

test_evidence_tells_a_wrong_type if {
	app := testing.requesting(aged(30), [manage, mistyped])
	some finding in leftover_type_management.deny with input as app with data.config as testing.config
	finding.evidence.type_mismatch
}

test_evidence_counts_users if {
	app := testing.holding(aged(30), [by_users])
	some finding in leftover_type_management.deny with input as app with data.config as testing.config
	finding.evidence.users == 2
}
