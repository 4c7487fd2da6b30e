package policies.sharepoint_embedded.foreign_full_control_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.foreign_full_control

test_cases[case.name] if {
	some case in cases
	result := foreign_full_control with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "the owner has full control, another application reads",
	"outcome": "pass",
	"input": testing.container_type,
}

cases contains {
	"name": "another application has full control",
	"outcome": "fail",
	"keys": [{"app": guest.app_id, "permission": "full"}],
	"input": granted([owner, permitted(["full"])]),
}

cases contains {
	"name": "another application manages permissions",
	"outcome": "fail",
	"keys": [{"app": guest.app_id, "permission": "managePermissions"}],
	"input": granted([permitted(["readContent", "managePermissions"])]),
}

cases contains {
	"name": "both, by two applications",
	"outcome": "fail",
	"keys": [
		{"app": guest.app_id, "permission": "full"},
		{"app": guest.app_id, "permission": "managePermissions"},
		{"app": "a1b2c3d4-0000-4000-8000-0000000000aa", "permission": "full"},
	],
	"input": granted([
		owner,
		permitted(["full", "managePermissions"]),
		object.union(permitted(["full"]), {"app_id": "A1B2C3D4-0000-4000-8000-0000000000AA"}),
	]),
}

cases contains {
	"name": "full control and a permission that is not known",
	"outcome": "fail",
	"keys": [{"app": guest.app_id, "permission": "full"}],
	"input": granted([permitted(["full", "unknownFutureValue"])]),
}

cases contains {
	"name": "the owner, written in upper case",
	"outcome": "pass",
	"input": granted([object.union(owner, {
		"app_id": upper(owner.app_id),
		"application_permissions": ["full", "managePermissions"],
	})]),
}

cases contains {
	"name": "full control on behalf of users only",
	"outcome": "pass",
	"input": granted([object.union(permitted([]), {"delegated_permissions": ["full", "managePermissions"]})]),
}

cases contains {
	"name": "every other permission",
	"outcome": "pass",
	"input": granted([permitted([
		"none", "readContent", "writeContent", "manageContent", "create", "delete", "read", "write",
		"enumeratePermissions", "addPermissions", "updatePermissions", "deletePermissions", "deleteOwnPermission",
	])]),
}

cases contains {"name": "no grants", "outcome": "pass", "input": granted([])}

cases contains {
	"name": "a permission of the owner that is not known",
	"outcome": "pass",
	"input": granted([object.union(owner, {"application_permissions": ["unknownFutureValue"]})]),
}

cases contains {
	"name": "a permission that is not known",
	"outcome": "unknown",
	"input": granted([permitted(["readContent", "unknownFutureValue"])]),
}

cases contains {
	"name": "a permission of a later version",
	"outcome": "unknown",
	"input": granted([permitted(["shareEverything"])]),
}

cases contains {
	"name": "permissions of the grant not read",
	"outcome": "unknown",
	"input": granted([owner, object.remove(guest, ["application_permissions"])]),
}

cases contains {
	"name": "permissions of the owner's grant not read",
	"outcome": "pass",
	"input": granted([object.remove(owner, ["application_permissions"])]),
}

cases contains {
	"name": "holder of full control not known",
	"outcome": "unknown",
	"input": granted([object.remove(permitted(["full"]), ["app_id"])]),
}

cases contains {
	"name": "owner not known, full control held",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["owning_app_id"]),
}

cases contains {
	"name": "owner not known, full control not held",
	"outcome": "pass",
	"input": object.remove(granted([guest]), ["owning_app_id"]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["grants"]),
}

cases contains {
	"name": "not registered here",
	"outcome": "not_applicable",
	"input": object.remove(
		object.union(testing.container_type, {"registered": false, "grants": []}),
		["registered_at", "registered_days"],
	),
}

owner := testing.container_type.grants[0]

guest := testing.container_type.grants[1]

permitted(permissions) := object.union(guest, {"application_permissions": permissions})

granted(grants) := object.union(testing.container_type, {"grants": grants})

test_evidence if {
	some finding in foreign_full_control.deny with input as granted([permitted(["full", "read"])])
	finding.evidence == {
		"app_name": "Contract search",
		"application_permissions": ["full", "read"],
		"delegated_permissions": ["readContent"],
		"owning_app_id": owner.app_id,
		"owning_app_name": "Contract archive",
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := foreign_full_control with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "both, by two applications",
	"of": "both, by two applications",
	"outcome": "fail",
	"keys": {
		{"app": "a1b2c3d4-0000-4000-8000-0000000000aa", "permission": "full"},
		{"app": "a1b2c3d4-0000-4000-8000-000000000002", "permission": "full"},
		{"app": "a1b2c3d4-0000-4000-8000-000000000002", "permission": "managePermissions"},
	},
}

variants contains {
	"name": "without registered: the owner, written in upper case",
	"of": "the owner, written in upper case",
	"at": "/registered",
	"outcome": "unknown",
	"reasons": {"registered"},
}

variants contains {
	"name": "without grants.0.app_id: owner not known, full control held",
	"of": "owner not known, full control held",
	"at": "/grants/0/app_id",
	"outcome": "unknown",
	"reasons": {"owning_app_id, or app_id of a grant"},
}
