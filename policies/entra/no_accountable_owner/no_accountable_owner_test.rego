package policies.entra.no_accountable_owner_test

import data.policies.entra.no_accountable_owner
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := no_accountable_owner with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "an enabled member", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "an enabled member among others",
	"outcome": "pass",
	"input": owned_by([guest, disabled, stub, member]),
}

cases contains {
	"name": "an enabled member who owns the service principal only",
	"outcome": "pass",
	"input": owned_by([object.union(member, {"of": ["service_principal"]})]),
}

cases contains {"name": "nobody", "outcome": "fail", "keys": [{"rejected": []}], "input": owned_by([])}

cases contains {"name": "a guest", "outcome": "fail", "keys": [{"rejected": [guest.id]}], "input": owned_by([guest])}

cases contains {
	"name": "a disabled member",
	"outcome": "fail",
	"keys": [{"rejected": [disabled.id]}],
	"input": owned_by([disabled]),
}

cases contains {
	"name": "a service principal",
	"outcome": "fail",
	"keys": [{"rejected": [service_principal.id]}],
	"input": owned_by([service_principal]),
}

cases contains {
	"name": "a service principal, a guest and a disabled guest",
	"outcome": "fail",
	"keys": [{"rejected": [service_principal.id, guest.id]}],
	"input": owned_by([service_principal, guest, object.union(guest, {"enabled": false})]),
}

cases contains {"name": "a stub", "outcome": "unknown", "input": owned_by([stub])}

cases contains {"name": "a stub beside a guest", "outcome": "unknown", "input": owned_by([guest, stub])}

cases contains {
	"name": "a user of whom one fact was not read",
	"outcome": "unknown",
	"input": owned_by([object.remove(member, ["enabled"]), object.remove(member, ["user_type"])]),
}

cases contains {
	"name": "an owner of unknown type",
	"outcome": "unknown",
	"input": owned_by([object.remove(member, ["type"])]),
}

cases contains {
	"name": "a user who is neither member nor guest",
	"outcome": "unknown",
	"input": owned_by([object.union(member, {"user_type": "visitor"})]),
}

cases contains {
	"name": "owners not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["owners"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(owned_by([]), ["origin"]),
}

cases contains {
	"name": "application of another tenant",
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"owners": []}),
}

cases contains {
	"name": "managed identity",
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": "managed_identity", "owners": []}),
}

cases contains {
	"name": "Microsoft's own",
	"outcome": "not_applicable",
	"input": object.union(testing.foreign_application, {"origin": "microsoft", "owners": []}),
}

cases contains {
	"name": "the same in another order",
	"outcome": "fail",
	"keys": [{"rejected": [service_principal.id, guest.id]}],
	"input": owned_by([guest, service_principal]),
}

cases contains {
	"name": "guests without an id",
	"outcome": "fail",
	"keys": [{"rejected": ["Gus", guest.upn, "without a name"]}],
	"input": owned_by([
		object.remove(guest, ["id"]),
		object.union(object.remove(guest, ["id", "upn"]), {"name": "Gus"}),
		object.remove(guest, ["id", "upn", "name"]),
	]),
}

owned_by(owners) := object.union(testing.application, {"owners": owners})

member := testing.application.owners[0]

guest := object.union(member, {
	"id": "a1b2c3d4-0000-4000-8000-00000000f003",
	"name": "Gus Guest",
	"upn": "gus_fabrikam.com#EXT#@contoso.com",
	"user_type": "guest",
})

disabled := object.union(member, {
	"id": "a1b2c3d4-0000-4000-8000-00000000f004",
	"name": "Dora Departed",
	"enabled": false,
})

service_principal := {
	"id": "a1b2c3d4-0000-4000-8000-00000000b009",
	"type": "service_principal",
	"name": "Provisioning",
	"readable": true,
	"of": ["application", "service_principal"],
}

stub := {"id": "a1b2c3d4-0000-4000-8000-00000000f005", "readable": false, "of": ["application"]}

test_evidence_shows_why_each_owner_does_not_count if {
	some finding in no_accountable_owner.deny with input as owned_by([disabled, service_principal])
	finding.evidence == {"owners": 2, "rejected": [
		{"type": "user", "user_type": "member", "enabled": false},
		{"type": "service_principal"},
	]}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := no_accountable_owner with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "a service principal, a guest and a disabled guest",
	"of": "a service principal, a guest and a disabled guest",
	"outcome": "fail",
	"keys": {{"rejected": [service_principal.id, guest.id]}},
}

variants contains {
	"name": "without owners.0.readable: an enabled member who owns the service principal only",
	"of": "an enabled member who owns the service principal only",
	"at": "/owners/0/readable",
	"outcome": "unknown",
	"reasons": {"type, user_type or enabled of an owner"},
}

variants contains {
	"name": "owners.0.type is null: an enabled member who owns the service principal only",
	"of": "an enabled member who owns the service principal only",
	"at": "/owners/0/type",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"type, user_type or enabled of an owner"},
}
