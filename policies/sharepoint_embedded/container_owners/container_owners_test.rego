package policies.sharepoint_embedded.container_owners_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.container_owners

test_cases[case.name] if {
	some case in cases
	result := container_owners with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "two owners and a reader", "outcome": "pass", "input": testing.container}

cases contains {"name": "one owner", "outcome": "pass", "input": with_members([owner(1)])}

cases contains {
	"name": "five owners",
	"outcome": "pass",
	"input": with_members([owner(n) | some n in numbers.range(1, 5)]),
}

cases contains {
	"name": "six owners",
	"outcome": "fail",
	"keys": [many(6)],
	"input": with_members([owner(n) | some n in numbers.range(1, 6)]),
}

cases contains {
	"name": "five owners, one of them by two permissions",
	"outcome": "pass",
	"input": with_members(array.concat(
		[owner(n) | some n in numbers.range(1, 5)],
		[object.union(owner(5), {"role": "principalOwner", "id": upper(owner(5).id)})],
	)),
}

cases contains {
	"name": "six owners with groups and a principal owner",
	"outcome": "fail",
	"keys": [many(6)],
	"input": with_members([
		owner(1), owner(2), owner(3), group(4), group(5),
		object.union(owner(6), {"role": "principalOwner"}),
	]),
}

cases contains {"name": "nobody", "outcome": "fail", "keys": [{"fault": "no_owner"}], "input": with_members([])}

cases contains {
	"name": "readers, writers and managers only",
	"outcome": "fail",
	"keys": [{"fault": "no_owner"}],
	"input": with_members([role(1, "reader"), role(2, "writer"), role(3, "manager")]),
}

cases contains {
	"name": "an application is the only owner",
	"outcome": "fail",
	"keys": [{"fault": "no_owner"}],
	"input": with_members([object.remove(object.union(owner(1), {"type": "application"}), ["upn", "guest"])]),
}

cases contains {
	"name": "a guest owns it beside a member",
	"outcome": "fail",
	"keys": [{"fault": "guest_owner", "member": guest.id}],
	"input": with_members([owner(1), guest]),
}

cases contains {
	"name": "a guest is the only owner",
	"outcome": "fail",
	"keys": [{"fault": "guest_owner", "member": guest.id}],
	"input": with_members([object.union(guest, {"role": "principalOwner"})]),
}

cases contains {
	"name": "six owners, a guest among them",
	"outcome": "fail",
	"keys": [
		{"fault": "too_many_owners", "owners": array.concat(many(5).owners, ["guest@contoso.com"])},
		{"fault": "guest_owner", "member": "guest@contoso.com"},
	],
	"input": with_members(array.concat(
		[owner(n) | some n in numbers.range(1, 5)],
		[object.union(object.remove(guest, ["id"]), {"upn": "Guest@contoso.com"})],
	)),
}

cases contains {
	"name": "guests who read and write",
	"outcome": "pass",
	"input": with_members([owner(1), object.union(guest, {"role": "writer"}), object.union(guest, {"role": "reader"})]),
}

cases contains {"name": "a group owns it", "outcome": "pass", "input": with_members([group(1)])}

cases contains {"name": sprintf("a %s owns it", [type]), "outcome": "pass", "input": with_members([member])} if {
	some type in ["site_group", "sharepoint_group"]
	member := object.union(group(1), {"type": type})
}

cases contains {
	"name": "never activated",
	"outcome": "not_applicable",
	"input": object.union(with_members([]), {"status": "inactive"}),
}

cases contains {
	"name": "members not read",
	"outcome": "unknown",
	"input": object.remove(testing.container, ["members"]),
}

cases contains {
	"name": "role of a member not read",
	"outcome": "unknown",
	"input": with_members([role(1, "reader"), object.remove(owner(2), ["role"])]),
}

cases contains {
	"name": "a role of a later version",
	"outcome": "unknown",
	"input": with_members([role(1, "coOwner")]),
}

cases contains {
	"name": "type of the owner not read",
	"outcome": "unknown",
	"input": with_members([object.remove(owner(1), ["type"])]),
}

cases contains {
	"name": "whether the owner is a guest is not known",
	"outcome": "unknown",
	"input": with_members([object.remove(owner(1), ["guest", "upn"])]),
}

cases contains {
	"name": "whether a reader is a guest is not known",
	"outcome": "pass",
	"input": with_members([owner(1), object.remove(role(2, "reader"), ["guest", "upn"])]),
}

cases contains {
	"name": "six owners, in the other order",
	"outcome": "fail",
	"keys": [many(6)],
	"input": with_members([owner(n) | some n in numbers.range(6, 1)]),
}

cases contains {
	"name": "as many owners as are named",
	"outcome": "fail",
	"keys": [many(20)],
	"input": with_members([owner(n) | some n in numbers.range(1, 20)]),
}

cases contains {
	"name": sprintf("so many owners that they are not named: %d", [number]),
	"outcome": "fail",
	"keys": [{"fault": "too_many_owners", "owners": step}],
	"input": with_members([owner(n) | some n in numbers.range(1, number)]),
} if {
	some number, step in {21: "11 to 100", 100: "11 to 100", 101: "more"}
}

with_members(members) := object.union(testing.container, {"members": members})

role(n, word) := testing.member(word, sprintf("a1b2c3d4-0000-4000-8000-00000000f%03d", [n]))

owner(n) := role(n, "owner")

group(n) := object.remove(object.union(owner(n), {"type": "group"}), ["upn", "guest"])

guest := object.union(owner(99), {"guest": true, "upn": "marco_litware.example#EXT#@contoso.onmicrosoft.com"})

test_guests_may_be_allowed if {
	config := object.union(testing.config, {"container_owner_guests": true})
	members := [guest, object.remove(owner(1), ["guest"])]
	result := container_owners with input as with_members(members) with data.config as config
	testing.outcome(result) == "pass"
}

test_guests_count_as_owners if {
	config := object.union(testing.config, {"container_owner_guests": true, "max_container_owners": 1})
	some finding in container_owners.deny with input as with_members([guest, owner(1)]) with data.config as config
	finding.evidence == {
		"problem": "more than 1 owners",
		"owners": 2,
		"container_type_id": testing.container.container_type_id,
		"container_type_name": "Contracts",
		"owning_app_name": "Contract archive",
	}
}

test_evidence_of_none if {
	some finding in container_owners.deny with input as with_members([role(1, "reader")])
		with data.config as testing.config
	finding.evidence == {
		"problem": "nobody owns the container",
		"owners": 0,
		"roles": {"reader"},
		"container_type_id": testing.container.container_type_id,
		"container_type_name": "Contracts",
		"owning_app_name": "Contract archive",
	}
}

test_evidence_of_a_guest if {
	some finding in container_owners.deny with input as with_members([guest, owner(1)]) with data.config as testing.config
	finding.evidence.upn == guest.upn
	finding.evidence.name == "Adele Vance"
	finding.evidence.owners == 2
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := container_owners with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "an application is the only owner",
	"of": "an application is the only owner",
	"outcome": "fail",
	"keys": {{"fault": "no_owner"}},
	"findings": {
		{
			"evidence": {
				"container_type_id": "a1b2c3d4-0000-4000-8000-0000000000c1",
				"container_type_name": "Contracts",
				"owners": 0,
				"owning_app_name": "Contract archive",
				"problem": "nobody owns the container",
				"roles": [],
			},
			"key": {"fault": "no_owner"},
		},
	},
}

variants contains {
	"name": "without members.0.type: six owners",
	"of": "six owners",
	"at": "/members/0/type",
	"outcome": "unknown",
	"reasons": {"type of an owner"},
}

many(number) := {"fault": "too_many_owners", "owners": [owner(n).id | some n in numbers.range(1, number)]}
