package policies.sharepoint_embedded.guest_beyond_need_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.guest_beyond_need

test_cases[case.name] if {
	some case in cases
	result := guest_beyond_need with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "no guest", "outcome": "pass", "input": granted([owner])}

cases contains {"name": "no grants", "outcome": "pass", "input": granted([])}

cases contains {
	"name": "a guest without any permission",
	"outcome": "pass",
	"input": granted([owner, permitted([], [])]),
}

cases contains {
	"name": "a guest of which nothing is declared",
	"outcome": "fail",
	"keys": [key(guest.app_id, [], ["readContent"])],
	"input": granted([owner, permitted([], ["readContent"])]),
}

cases contains {
	"name": "two guests of which nothing is declared, one with its id in upper case",
	"outcome": "fail",
	"keys": [
		key(guest.app_id, ["read"], []),
		key("a1b2c3d4-0000-4000-8000-0000000000aa", ["full"], []),
	],
	"input": granted([
		permitted(["read"], []),
		object.union(permitted(["full"], []), {"app_id": "A1B2C3D4-0000-4000-8000-0000000000AA"}),
	]),
}

cases contains {
	"name": "a permission of a later version",
	"outcome": "fail",
	"keys": [key(guest.app_id, ["shareEverything"], [])],
	"input": granted([permitted(["shareEverything"], [])]),
}

cases contains {
	"name": "Foundry as Microsoft publishes it",
	"outcome": "pass",
	"input": granted([owner, of_foundry([], ["readContent"])]),
}

cases contains {
	"name": "Foundry, in upper case, nothing granted",
	"outcome": "pass",
	"input": granted([object.union(of_foundry(["none"], []), {"app_id": "880DA380-985E-4198-81B9-E05B1CC53158"})]),
}

cases contains {
	"name": "Foundry reads app-only",
	"outcome": "fail",
	"keys": [key("880da380-985e-4198-81b9-e05b1cc53158", ["readContent"], [])],
	"input": granted([of_foundry(["readContent"], ["readContent"])]),
}

cases contains {
	"name": "Foundry writes",
	"outcome": "fail",
	"keys": [key("880da380-985e-4198-81b9-e05b1cc53158", [], ["writeContent"])],
	"input": granted([of_foundry([], ["readContent", "writeContent"])]),
}

cases contains {
	"name": "owner not known, guests held",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["owning_app_id"]),
}

cases contains {
	"name": "owner and guest not known, nothing held",
	"outcome": "pass",
	"input": object.remove(granted([object.remove(permitted([], []), ["app_id"])]), ["owning_app_id"]),
}

cases contains {
	"name": "guest not known",
	"outcome": "unknown",
	"input": granted([object.remove(permitted(["full"], []), ["app_id"])]),
}

cases contains {
	"name": "one side of a guest not read",
	"outcome": "unknown",
	"input": granted([object.remove(permitted([], []), ["application_permissions"])]),
}

cases contains {
	"name": "permissions of the owner not read",
	"outcome": "pass",
	"input": granted([object.remove(owner, ["application_permissions", "delegated_permissions"])]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["grants"]),
}

cases contains {
	"name": "not registered here",
	"outcome": "not_applicable",
	"input": object.union(testing.container_type, {"registered": false, "grants": []}),
}

cases contains {
	"name": sprintf("a guest with several permissions, %s", [order]),
	"outcome": "fail",
	"keys": [key(guest.app_id, ["full", "read"], ["readContent", "writeContent"])],
	"input": granted([permitted(app_only, delegated)]),
} if {
	some order, [app_only, delegated] in {
		"in one order": [["read", "full"], ["readContent", "writeContent"]],
		"in the other": [["full", "none", "read"], ["writeContent", "readContent"]],
	}
}

cases contains {
	"name": "a guest of which one side was not read",
	"outcome": "fail",
	"keys": [{"app": guest.app_id, "excess": {"application": ["full"]}}],
	"input": granted([object.remove(permitted(["full"], []), ["delegated_permissions"])]),
}

owner := testing.container_type.grants[0]

guest := testing.container_type.grants[1]

permitted(app_only, delegated) := object.union(
	guest,
	{"application_permissions": app_only, "delegated_permissions": delegated},
)

of_foundry(app_only, delegated) := object.union(
	permitted(app_only, delegated),
	{"app_id": "880da380-985e-4198-81b9-e05b1cc53158", "app_name": "Microsoft Foundry"},
)

granted(grants) := object.union(testing.container_type, {"grants": grants})

declaring(id, app_only, delegated) := object.union(
	testing.config,
	{"container_needs": {id: {"application": app_only, "delegated": delegated}}},
)

excess contains finding.evidence.excess if some finding in guest_beyond_need.deny

within := {
	"the same, in other case": {"needs": [["READCONTENT"], ["readContent"]], "holds": [["readContent"], ["readContent"]]},
	"less": {"needs": [["readContent", "writeContent"], ["full"]], "holds": [["readContent"], []]},
	"full covers everything": {"needs": [["full"], []], "holds": [["managePermissions", "readContent"], []]},
	"manageContent includes writeContent": {"needs": [["manageContent"], []], "holds": [["writeContent"], []]},
}

test_within_the_need[name] if {
	some name, story in within
	config := declaring(guest.app_id, story.needs[0], story.needs[1])
	type := granted([permitted(story.holds[0], story.holds[1])])
	excess == set() with input as type with data.config as config
}

beyond := {
	"another permission": {"needs": [["readContent"], []], "excess": {"writeContent"}},
	"the other side": {"needs": [[], ["full"]], "excess": {"readContent", "writeContent"}},
	"nothing is needed": {"needs": [[], []], "excess": {"readContent", "writeContent"}},
	"writeContent does not include readContent": {
		"needs": [["manageContent"], []],
		"excess": {"readContent"},
	},
}

test_beyond_the_need[name] if {
	type := granted([permitted(["readContent", "writeContent"], [])])
	some name, story in beyond
	config := declaring(guest.app_id, story.needs[0], story.needs[1])
	excess == {{"application": story.excess, "delegated": set()}} with input as type with data.config as config
}

test_a_declared_need_of_foundry_wins if {
	foundry := "880da380-985e-4198-81b9-e05b1cc53158"
	type := granted([of_foundry([], ["readContent"])])
	nothing := declaring(foundry, [], [])
	excess == {{"application": set(), "delegated": {"readContent"}}} with input as type with data.config as nothing
	reads := declaring(foundry, ["read"], [])
	excess == set() with input as granted([of_foundry(["read"], [])]) with data.config as reads
}

test_evidence if {
	type := granted([permitted(["read"], [])])
	some finding in guest_beyond_need.deny with input as type with data.config as testing.config
	finding.evidence == {
		"app_name": "Contract search",
		"application_permissions": ["read"],
		"delegated_permissions": [],
		"need": "undeclared",
		"excess": {"application": {"read"}, "delegated": set()},
		"owning_app_id": owner.app_id,
		"owning_app_name": "Contract archive",
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := guest_beyond_need with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without registered: permissions of the owner not read",
	"of": "permissions of the owner not read",
	"at": "/registered",
	"outcome": "unknown",
	"reasons": {"registered"},
}

variants contains {
	"name": "without grants.0.application_permissions: owner and guest not known, nothing held",
	"of": "owner and guest not known, nothing held",
	"at": "/grants/0/application_permissions",
	"outcome": "unknown",
	"reasons": {"application permissions of a grant"},
}

key(app, app_only, delegated) := {"app": app, "excess": {"application": app_only, "delegated": delegated}}
