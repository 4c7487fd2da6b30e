package policies.sharepoint_embedded.container_type_owners_test

import data.policies.lib.testing
import data.policies.sharepoint_embedded.container_type_owners

test_cases[case.name] if {
	some case in cases
	result := container_type_owners with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a member owns it", "outcome": "pass", "input": testing.container_type}

cases contains {
	"name": "three members own it",
	"outcome": "pass",
	"input": owned([owner, other, object.union(other, {"id": "a1b2c3d4-0000-4000-8000-00000000f003"})]),
}

cases contains {
	"name": "whether the second owner can sign in is not known, nor the type of the account",
	"outcome": "pass",
	"input": owned([owner, object.remove(other, ["enabled", "user_type"])]),
}

cases contains {"name": "nobody", "outcome": "fail", "keys": [{"fault": "no_owner"}], "input": owned([])}

cases contains {
	"name": "a guest beside a member",
	"outcome": "fail",
	"keys": [{"fault": "guest", "owner": guest.id}],
	"input": owned([owner, guest]),
}

cases contains {
	"name": "a guest, known by name only",
	"outcome": "fail",
	"keys": [{"fault": "guest", "owner": guest.id}],
	"input": owned([object.remove(guest, ["user_type", "enabled"])]),
}

cases contains {
	"name": "a disabled account beside a member",
	"outcome": "fail",
	"keys": [{"fault": "disabled", "owner": other.id}],
	"input": owned([owner, object.union(other, {"enabled": false})]),
}

cases contains {
	"name": "a disabled guest",
	"outcome": "fail",
	"keys": [{"fault": "guest", "owner": guest.id}, {"fault": "disabled", "owner": guest.id}],
	"input": owned([object.union(guest, {"enabled": false})]),
}

cases contains {
	"name": "an application",
	"outcome": "fail",
	"keys": [{"fault": "not_a_person", "owner": other.id}],
	"input": owned([owner, object.remove(object.union(other, {"type": "service_principal"}), ["user_type"])]),
}

cases contains {
	"name": "owned in another tenant",
	"outcome": "not_applicable",
	"input": object.remove(object.union(testing.container_type, {"owned_here": false}), ["owners"]),
}

cases contains {
	"name": "where it is owned was not read",
	"outcome": "unknown",
	"input": object.remove(owned([]), ["owned_here"]),
}

cases contains {
	"name": "owners not read",
	"outcome": "unknown",
	"input": object.remove(testing.container_type, ["owners"]),
}

cases contains {
	"name": "a stub beside a member",
	"outcome": "unknown",
	"input": owned([owner, {"id": other.id, "type": "user", "readable": false, "of": ["container_type"]}]),
}

cases contains {
	"name": "nobody is known to be able to sign in",
	"outcome": "unknown",
	"input": owned([object.remove(owner, ["enabled"]), object.remove(other, ["enabled"])]),
}

cases contains {
	"name": "name and type of account not known",
	"outcome": "unknown",
	"input": owned([owner, object.remove(other, ["user_type", "upn"])]),
}

cases contains {
	"name": "a type of account of a later version",
	"outcome": "unknown",
	"input": owned([owner, object.union(other, {"user_type": "visitor"})]),
}

cases contains {
	"name": "type of an owner not known",
	"outcome": "unknown",
	"input": owned([owner, object.remove(other, ["type"])]),
}

owner := testing.container_type.owners[0]

other := object.union(owner, {
	"id": "a1b2c3d4-0000-4000-8000-00000000f002",
	"upn": "GradyA@contoso.com",
	"name": "Grady Archie",
})

guest := object.union(other, {
	"id": "a1b2c3d4-0000-4000-8000-00000000f009",
	"user_type": "guest",
	"upn": "marco_litware.example#EXT#@contoso.onmicrosoft.com",
})

owned(owners) := object.union(testing.container_type, {"owners": owners})

knockout := {"/owners/*/enabled": "the list of owners does not tell it; that one owner is known to be enabled suffices"}

test_evidence if {
	some finding in container_type_owners.deny with input as owned([owner, guest])
	finding.evidence == {
		"problem": "is owned by a guest",
		"owners": 2,
		"name": "Grady Archie",
		"upn": guest.upn,
		"type": "user",
		"user_type": "guest",
		"enabled": true,
	}
}

test_evidence_of_none if {
	some finding in container_type_owners.deny with input as owned([])
	finding.evidence == {"problem": "has no owner", "owners": 0}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := container_type_owners with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without owned_here: whether the second owner can sign in is not known, nor the type of the account",
	"of": "whether the second owner can sign in is not known, nor the type of the account",
	"at": "/owned_here",
	"outcome": "unknown",
	"reasons": {"owned_here"},
}

variants contains {
	"name": "without owners.0.readable: three members own it",
	"of": "three members own it",
	"at": "/owners/0/readable",
	"outcome": "unknown",
	"reasons": {"an owner could not be read"},
}

variants contains {
	"name": "without owners.1.upn: a guest beside a member",
	"of": "a guest beside a member",
	"at": "/owners/1/upn",
	"outcome": "fail",
	"reasons": {"user_type or upn of an owner"},
	"keys": {{"fault": "guest", "owner": "a1b2c3d4-0000-4000-8000-00000000f009"}},
}

variants contains {
	"name": "owners not read",
	"of": "owners not read",
	"outcome": "unknown",
	"reasons": {"enabled: whether any of the owners can sign in", "owners"},
}

variants contains {
	"name": "without owners.0: an application",
	"of": "an application",
	"at": "/owners/0",
	"outcome": "fail",
	"reasons": {"enabled: whether any of the owners can sign in"},
	"keys": {{"fault": "not_a_person", "owner": "a1b2c3d4-0000-4000-8000-00000000f002"}},
}
