package policies.lib.consent_policies_test

import data.policies.lib.consent_policies

anything := {
	"classification": "all",
	"permission_type": "delegatedUserConsentable",
	"resource": "any",
	"permissions": ["all"],
	"client_apps": ["all"],
	"client_tenants": ["all"],
	"client_publishers": ["all"],
	"verified_publisher_only": false,
}

low := object.union(anything, {"classification": "Low", "verified_publisher_only": true})

named := object.union(anything, {
	"resource": "00000003-0000-0000-c000-000000000000",
	"permissions": ["e1fe6dd8-ba31-4d61-89e7-88639da4683d"],
	"client_apps": ["a1b2c3d4-0000-4000-8000-000000000001"],
})

verdict(condition, built_in) := consent_policies.verdict(
	{"id": "x", "built_in": built_in, "includes": [condition]},
	true,
)

unverified(members) := object.union_n([low, {"verified_publisher_only": false}, members])

within := {
	"low, verified": low,
	"low, named applications": unverified({"client_apps": ["a"]}),
	"low, named tenants": unverified({"client_tenants": ["a"]}),
	"low, named publishers": unverified({"client_publishers": ["a"]}),
	"low, verified, permissions not read": object.remove(low, ["permissions"]),
	"low, verified, the clients not read": object.remove(low, ["client_apps", "client_tenants"]),
	"named one by one": named,
	"named one by one, classification not read": object.remove(named, ["classification"]),
}

wider := {
	"anything": anything,
	"anything, verified": object.union(anything, {"verified_publisher_only": true}),
	"anything of named applications": object.union(anything, {"client_apps": ["a"]}),
	"any permission of named applications on one API": object.union(named, {"permissions": ["ALL"]}),
	"named permissions of anybody": object.union(named, {"client_apps": ["all"]}),
	"named permissions of anybody, written with a space": object.union(named, {"client_apps": ["All "]}),
	"named permissions of any API": object.union(named, {"resource": "any"}),
	"high, verified": object.union(low, {"classification": "high"}),
	"low, anybody": unverified({}),
	"all is among the named": unverified({"client_apps": ["a", "All"]}),
	"anything, verification not read": object.remove(anything, ["verified_publisher_only"]),
	"anything, clients not read": object.remove(anything, ["client_tenants", "client_publishers"]),
}

unclear := {
	"classification not read": object.remove(low, ["classification"]),
	"verification not read": object.remove(low, ["verified_publisher_only"]),
	"clients not read": object.remove(unverified({}), ["client_tenants"]),
	"no applications": unverified({"client_apps": []}),
	"resource not read": object.remove(named, ["resource"]),
	"permissions not read": object.remove(named, ["permissions"]),
	"nothing read": {},
}

test_within[name] if {
	some name, condition in within
	verdict(condition, false) == "within"
}

test_wider[name] if {
	some name, condition in wider
	verdict(condition, false) == "wider"
}

test_unclear[name] if {
	some name, condition in unclear
	verdict(condition, false) == "unclear"
}

test_microsoft_names_applications if {
	condition := object.union(anything, {"client_apps": ["a"]})
	verdict(condition, true) == "within"
	verdict(condition, null) == "unclear"
	verdict(anything, true) == "wider"
}

test_one_wide_condition_suffices if {
	policy := {"id": "x", "built_in": false, "includes": [low, {}, anything]}
	consent_policies.verdict(policy, true) == "wider"
	consent_policies.wide(policy) == [anything]
	consent_policies.verdict(object.union(policy, {"includes": [low, {}]}), true) == "unclear"
	consent_policies.wide({"id": "x"}) == []
}

test_legacy_is_known_by_its_id if {
	consent_policies.verdict({"id": "Microsoft-User-Default-Legacy"}, true) == "wider"
	consent_policies.verdict({"id": "microsoft-user-default-low"}, true) == "unclear"
}

test_where_low_is_not_allowed if {
	consent_policies.verdict({"id": "x", "built_in": false, "includes": [low]}, false) == "wider"
	consent_policies.verdict({"id": "x", "built_in": false, "includes": []}, false) == "within"
	consent_policies.verdict({"id": "x", "built_in": false, "includes": null}, false) == "unclear"
}
