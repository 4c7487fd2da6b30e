package policies.sharepoint_embedded.leftover_type_management_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.leftover_type_management

test_cases[case.name] if {
	some case in cases
	result := leftover_type_management with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "container type, permission dropped", "outcome": "pass", "input": aged(8)}

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
	"name": "requested by name, and the API is not told",
	"outcome": "fail",
	"keys": [requested],
	"input": testing.requesting(aged(100), [object.remove(manage, ["permission_id", "resource_app_id"])]),
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
	"input": object.remove(aged(100), testing.of_requests),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(aged(100), testing.of_grants),
}

cases contains {
	"name": "application of another tenant, which has neither manifest nor container type",
	"outcome": "not_applicable",
	"input": testing.foreign_application,
}

cases contains {
	"name": "registered longer ago than the grace period, though the age of the type was not read",
	"outcome": "fail",
	"keys": [requested, {"held": "granted", "consent": "admin"}],
	"input": registered(undated, [registration(8)]),
}

cases contains {
	"name": "registered for exactly the grace period",
	"outcome": "unknown",
	"input": registered(undated, [registration(7)]),
}

cases contains {
	"name": "a type of another tenant, registered here",
	"outcome": "not_applicable",
	"input": registered(undated, [object.union(registration(80), {"owned_here": false})]),
}

cases contains {
	"name": "a type that another tenant perhaps owns",
	"outcome": "unknown",
	"input": registered(undated, [object.remove(registration(3), ["owned_here"])]),
}

cases contains {
	"name": "a type of another tenant beside one of unknown age",
	"outcome": "unknown",
	"input": registered(
		object.union(undated, {"container_types": array.concat(
			undated.container_types,
			[{"id": "a1b2c3d4-0000-4000-8000-0000000000cf", "name": "Drawings"}],
		)}),
		[object.union(registration(80), {"owned_here": false})],
	),
}

cases contains {
	"name": "a type of yesterday, and one of another tenant whose age is not known here",
	"outcome": "pass",
	"input": registered(
		held_by(owning([
			object.union(type(1), {"id": "a1b2c3d4-0000-4000-8000-0000000000cf"}),
			object.remove(type(1), ["age_days", "created_at"]),
		])),
		[object.union(registration(80), {"owned_here": false})],
	),
}

cases contains {
	"name": "a type of today, and one of another tenant, registered here",
	"outcome": "pass",
	"input": registered(held_by(aged(0)), [object.union(registration(80), {"owned_here": false})]),
}

cases contains {
	"name": "container type of yesterday, and no call that takes the permission",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(testing.requesting(aged(1), [manage]), [unused(110)]),
}

cases contains {
	"name": "no call, and the age of the container type not read",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(undated, [unused(110)]),
}

cases contains {
	"name": "no call, but granted a short while ago",
	"outcome": "pass",
	"input": testing.holding(aged(1), [unused(20)]),
}

cases contains {
	"name": "no call in a look-back that is too short",
	"outcome": "pass",
	"input": object.union(
		testing.holding(aged(1), [unused(110)]),
		{"activity": object.union(testing.application.activity, {"days": 89})},
	),
}

cases contains {
	"name": "still used, long after the container type was created",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(aged(100), [object.union(unused(110), {"used": "used"})]),
}

cases contains {
	"name": "container type of yesterday, the permission last used exactly unused_days ago",
	"outcome": "pass",
	"input": testing.holding(aged(1), [last_used(90)]),
}

cases contains {
	"name": "container type of yesterday, the permission last used too long ago",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(aged(1), [last_used(91)]),
}

cases contains {
	"name": "grants not read, container type of yesterday, usage known",
	"outcome": "unknown",
	"input": object.remove(aged(1), testing.of_grants),
}

cases contains {
	"name": "long after the container type was created, and no call",
	"outcome": "fail",
	"keys": [{"held": "granted", "consent": "admin"}],
	"input": testing.holding(aged(100), [unused(110)]),
}

cases contains {
	"name": "container type of yesterday, the permission used and another one not",
	"outcome": "pass",
	"input": testing.holding(aged(1), [
		object.union(unused(110), {"used": "used"}),
		object.union(testing.sites_selected, {"used": "not_used", "stood_least": 110, "stood_most": 110}),
	]),
}

cases contains {
	"name": "container type of yesterday, manifest not read",
	"outcome": "pass",
	"input": object.remove(aged(1), testing.of_requests),
}

cases contains {
	"name": "container type of yesterday, grants and usage not read",
	"outcome": "pass",
	"input": object.remove(aged(1), ["grants", "granted_keys", "activity", "uses"]),
}

cases contains {
	"name": "grants and usage not read",
	"outcome": "unknown",
	"input": object.remove(aged(100), ["grants", "granted_keys", "activity", "uses"]),
}

cases contains {
	"name": "container type of yesterday, unresolved permission",
	"outcome": "pass",
	"input": testing.holding(aged(1), [unresolved]),
}

cases contains {
	"name": "age of the container type not read, unresolved permission",
	"outcome": "unknown",
	"input": testing.holding(owning([object.remove(type(1), ["age_days", "created_at"])]), [unresolved]),
}

cases contains {
	"name": "unresolved permission of another resource",
	"outcome": "pass",
	"input": testing.holding(aged(100), [object.union(
		unresolved,
		{"resource_app_id": "c5393580-f805-4401-95e8-94b7a6ef2fc2"},
	)]),
}

cases contains {
	"name": "an application of another tenant with an old container type, permission not held",
	"outcome": "pass",
	"input": object.union(testing.foreign_application, {"container_types": [type(100)]}),
}

# Within the grace period the permission is in order, unless it is known that nobody uses it.
knockout := {
	"/activity": "the container type is within the grace period",
	"/activity/*": "as above",
	"/grants/0/used": "as above",
	"/grants/0/used_days": "as above",
	"/grants/0/idle": "as above",
	"/grants/0/stood_least": "as above",
}

requested := {"held": "requested"}

manage := testing.permission("delegated", "FileStorageContainerType.Manage.All", "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b")

mistyped := object.union(manage, {"type_mismatch": true})

by_users := object.union(manage, {"consent": "user", "users": 2})

unresolved := testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")

undated := held_by(owning([object.remove(type(1), ["age_days", "created_at"])]))

registration(days) := {
	"id": type(1).id,
	"name": "Contracts",
	"owned_here": true,
	"registered_at": "2026-06-01T09:00:00Z",
	"registered_days": days,
}

registered(app, types) := object.union(app, {"registered_types": types})

unused(days) := object.union(manage, {"used": "not_used", "stood_least": days, "stood_most": days})

last_used(days) := object.union(unused(110), {
	"used": "used",
	"used_days": days,
	"idle": true,
	"last_used_at": "2026-08-20T00:00:00Z",
})

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
		"since": "since its container type was created",
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

test_evidence_names_the_registration if {
	app := registered(undated, [registration(30)])
	some finding in leftover_type_management.deny with input as app with data.config as testing.config
	finding.key == requested
	finding.evidence == {
		"permission": "FileStorageContainerType.Manage.All",
		"days": 30,
		"since": "since its container type was registered",
		"container_type": {"id": type(1).id, "name": "Contracts", "registered_at": "2026-06-01T09:00:00Z"},
		"type_mismatch": false,
	}
}

test_created_before_registered if {
	app := registered(testing.requesting(aged(30), [manage]), [registration(30)])
	some finding in leftover_type_management.deny with input as app with data.config as testing.config
	finding.evidence.since == "since its container type was created"
}

test_evidence_names_the_look_back if {
	some finding in leftover_type_management.deny with input as testing.holding(aged(1), [unused(110)])
		with data.config as testing.config
	finding.evidence == {
		"permission": "FileStorageContainerType.Manage.All",
		"days": 110,
		"since": "without a call that takes it",
		"look_back": {"from": "2026-08-01T00:00:00Z", "to": "2026-11-19T00:00:00Z", "days": 110},
	}
}

test_evidence_of_a_use_long_ago if {
	some finding in leftover_type_management.deny with input as testing.holding(aged(1), [last_used(92)])
		with data.config as testing.config
	finding.evidence == {
		"permission": "FileStorageContainerType.Manage.All",
		"days": 91,
		"since": "without a call that takes it",
		"last_used_at": "2026-08-20T00:00:00Z",
		"look_back": {"from": "2026-08-20T00:00:00Z", "to": "2026-11-19T00:00:00Z", "days": 91},
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := leftover_type_management with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "no container type, and no call: nothing is unknown beside it",
	"of": "no container type, and no call",
	"outcome": "fail",
	"reasons": set(),
	"keys": {{"held": "granted", "consent": "admin"}},
}

variants contains {
	"name": "requested by an id that could not be resolved",
	"of": "requested by an id that could not be resolved",
	"outcome": "fail",
	"reasons": {"name of a permission"},
	"keys": {{"held": "requested"}},
}

variants contains {
	"name": "without container_types: no call, but granted a short while ago",
	"of": "no call, but granted a short while ago",
	"at": "/container_types",
	"outcome": "unknown",
	"reasons": {"age_days of a container type"},
}
