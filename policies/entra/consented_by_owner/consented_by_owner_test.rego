package policies.entra.consented_by_owner_test

import data.policies.entra.consented_by_owner
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := consented_by_owner with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "granted by somebody else", "outcome": "pass", "input": granted([by(read, other)])}

cases contains {
	"name": "granted by the owner",
	"outcome": "fail",
	"keys": [key],
	"input": granted([by(read, owner), by(scope, other)]),
}

cases contains {
	"name": "several permissions granted by the owner are one finding",
	"outcome": "fail",
	"keys": [both],
	"input": granted([by(read, owner), by(scope, owner)]),
}

cases contains {
	"name": "granted by two of three owners",
	"outcome": "fail",
	"keys": [key, {"owner": other.id, "permissions": [scope.key]}],
	"input": owned(granted([by(read, owner), by(scope, other)]), [owner, other, object.union(owner, {"id": "third"})]),
}

cases contains {
	"name": "same id in other letters, another name",
	"outcome": "fail",
	"keys": [key],
	"input": granted([object.union(read, {"granted_by": {"object_id": upper(owner.id), "upn": "new@contoso.com"}})]),
}

cases contains {
	"name": "same name in other letters, no id",
	"outcome": "fail",
	"keys": [key],
	"input": granted([object.union(read, {"granted_by": {"upn": "adelev@CONTOSO.com"}})]),
}

cases contains {
	"name": "same name, neither has an id",
	"outcome": "fail",
	"keys": [{"owner": owner.upn, "permissions": [read.key]}],
	"input": owned(granted([object.union(read, {"granted_by": {"upn": owner.upn}})]), [object.remove(owner, ["id"])]),
}

cases contains {
	"name": "another name, neither has an id",
	"outcome": "pass",
	"input": owned(granted([object.union(read, {"granted_by": {"upn": other.upn}})]), [object.remove(owner, ["id"])]),
}

cases contains {
	"name": "another name, the owner has no id",
	"outcome": "unknown",
	"input": owned(granted([by(read, other)]), [object.remove(owner, ["id"])]),
}

cases contains {
	"name": "same name, other id: an account made anew",
	"outcome": "pass",
	"input": granted([object.union(read, {"granted_by": {"object_id": other.id, "upn": owner.upn}})]),
}

cases contains {
	"name": "another name, one has no id: renamed since, or somebody else",
	"outcome": "unknown",
	"input": granted([object.union(read, {"granted_by": {"upn": other.upn}})]),
}

cases contains {
	"name": "an owner of whom only the id is known, granted by a name",
	"outcome": "unknown",
	"input": owned(granted([object.union(read, {"granted_by": {"upn": owner.upn}})]), [object.remove(owner, ["upn"])]),
}

cases contains {
	"name": "an owner of whom only the id is known, granted by an id",
	"outcome": "fail",
	"keys": [key],
	"input": owned(granted([by(read, owner)]), [object.remove(owner, ["upn", "name"])]),
}

cases contains {"name": "nobody knows who granted", "outcome": "unknown", "input": granted([read])}

cases contains {
	"name": "nobody knows who granted, an owner granted something else",
	"outcome": "fail",
	"keys": [{"owner": owner.id, "permissions": [scope.key]}],
	"input": granted([read, by(scope, owner)]),
}

cases contains {
	"name": "nobody knows who granted, nobody owns it",
	"outcome": "pass",
	"input": owned(granted([read]), []),
}

cases contains {
	"name": "nobody knows who granted, another application owns it",
	"outcome": "pass",
	"input": owned(granted([read]), [object.union(owner, {"type": "service_principal"})]),
}

cases contains {
	"name": "another application that owns it granted",
	"outcome": "fail",
	"keys": [{"owner": other.id, "permissions": [read.key]}],
	"input": owned(
		granted([object.union(read, {"granted_by": {"object_id": upper(other.id)}})]),
		[owner, object.remove(object.union(other, {"type": "service_principal"}), ["upn"])],
	),
}

cases contains {
	"name": "another application that owns it may have granted",
	"outcome": "unknown",
	"input": owned(
		granted([object.union(read, {"granted_by": {"object_id": other.id}})]),
		[{"type": "service_principal", "readable": true, "of": ["application"]}],
	),
}

cases contains {
	"name": "another application granted than the one that owns it",
	"outcome": "pass",
	"input": owned(
		granted([object.union(read, {"granted_by": {"object_id": other.id}})]),
		[{"type": "service_principal", "id": owner.id, "readable": true, "of": ["application"]}],
	),
}

cases contains {
	"name": "a person granted, and not the application that owns it",
	"outcome": "pass",
	"input": owned(granted([by(read, other)]), [{"type": "service_principal", "readable": true, "of": ["application"]}]),
}

cases contains {
	"name": "the application owns itself, and granted",
	"outcome": "fail",
	"keys": [{"owner": testing.application.service_principal_id, "permissions": [read.key]}],
	"input": owned(
		granted([itself(read)]),
		[owner, object.union(owner, {"type": "service_principal", "id": testing.application.service_principal_id})],
	),
}

cases contains {
	"name": "an owner of a type that is not known",
	"outcome": "fail",
	"keys": [key],
	"input": owned(granted([by(read, owner)]), [object.remove(owner, ["type"])]),
}

cases contains {
	"name": "users consented for themselves, owners among them",
	"outcome": "not_applicable",
	"input": granted([object.union(by(scope, owner), {"consent": "user", "users": 1})]),
}

cases contains {
	"name": "a user's own consent beside an administrator's",
	"outcome": "pass",
	"input": granted([object.union(by(scope, owner), {"consent": "user", "users": 1}), by(read, other)]),
}

cases contains {
	"name": "kind of consent not known",
	"outcome": "unknown",
	"input": object.union(object.remove(testing.application, ["grants"]), {"grants": [by(scope, owner)]}),
}

cases contains {"name": "nothing granted", "outcome": "not_applicable", "input": granted([])}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "grants not read, nobody owns it",
	"outcome": "unknown",
	"input": object.remove(owned(testing.application, []), ["grants", "granted_keys"]),
}

cases contains {
	"name": "owners not read",
	"outcome": "unknown",
	"input": object.remove(granted([by(read, owner)]), ["owners"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(granted([by(read, owner)]), ["origin"]),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "fail",
	"keys": [key],
	"input": object.union(granted([by(read, owner)]), {"origin": origin}),
} if {
	some origin in ["foreign", "managed_identity"]
}

cases contains {
	"name": sprintf("not judged by origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(granted([by(read, owner)]), {"origin": origin}),
} if {
	some origin in ["microsoft", "deleted"]
}

cases contains {
	"name": "granted by the application itself",
	"outcome": "fail",
	"keys": [{"owner": testing.application.service_principal_id, "permissions": [read.key]}],
	"input": granted([itself(read), by(scope, other)]),
}

cases contains {
	"name": "granted by the application itself and by the owner",
	"outcome": "fail",
	"keys": [
		{"owner": owner.id, "permissions": [scope.key]},
		{"owner": testing.application.service_principal_id, "permissions": [read.key]},
	],
	"input": granted([itself(read), by(scope, owner)]),
}

cases contains {
	"name": "granted by another application",
	"outcome": "pass",
	"input": granted([object.union(read, {"granted_by": {"object_id": other.id}})]),
}

cases contains {
	"name": "granted by itself or by another application",
	"outcome": "unknown",
	"input": object.remove(
		granted([object.union(read, {"granted_by": {"object_id": other.id}})]),
		["service_principal_id"],
	),
}

cases contains {
	"name": "granted by a person, its own id not known",
	"outcome": "pass",
	"input": object.remove(granted([by(read, other)]), ["service_principal_id"]),
}

cases contains {
	"name": "granted by the application itself, origin not known",
	"outcome": "unknown",
	"input": object.remove(granted([itself(read)]), ["origin"]),
}

cases contains {
	"name": sprintf("nobody owns it, and with %s it may have granted itself", [name]),
	"outcome": "unknown",
	"input": owned(granted([by(granter(name), other), read]), []),
} if {
	some name in ["AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"]
}

cases contains {
	"name": "nobody owns it, it may grant, and others granted all",
	"outcome": "pass",
	"input": owned(granted([by(granter("AppRoleAssignment.ReadWrite.All"), other), by(read, other)]), []),
}

cases contains {
	"name": "several permissions granted by the owner, in the other order",
	"outcome": "fail",
	"keys": [both],
	"input": granted([by(scope, owner), by(read, owner)]),
}

granter(name) := object.union(read, {
	"permission": name,
	"key": sprintf("00000003-0000-0000-c000-000000000000/application/%s", [name]),
})

itself(grant) := object.union(grant, {"granted_by": {"object_id": upper(testing.application.service_principal_id)}})

granted(grants) := testing.holding(testing.application, grants)

owned(app, owners) := object.union(object.remove(app, ["owners"]), {"owners": owners})

by(grant, person) := object.union(grant, {"granted_by": {"object_id": person.id, "upn": person.upn}})

read := testing.sites_selected

scope := testing.user_read

owner := testing.application.owners[0]

other := object.union(owner, {"id": "a1b2c3d4-0000-4000-8000-00000000f002", "upn": "AlexW@contoso.com"})

key := {"owner": owner.id, "permissions": [read.key]}

tiers := {"critical": {"high"}, "high": {"high"}, "medium": set(), "low": set()}

test_severity_follows_the_tier[tier] if {
	some tier, expected in tiers
	app := granted([by(scope, owner), by(object.union(read, {"tier": tier}), owner)])
	findings := consented_by_owner.deny with input as app
	{finding.severity | some finding in findings} == expected
}

test_severity_is_of_what_the_owner_granted if {
	app := granted([by(scope, owner), by(object.union(read, {"tier": "critical"}), other)])
	findings := consented_by_owner.deny with input as app
	{finding | some finding in findings} == {{
		"key": {"owner": owner.id, "permissions": [scope.key]},
		"evidence": {"permissions": ["User.Read"], "name": "Adele Vance", "upn": "AdeleV@contoso.com"},
	}}
}

test_evidence_of_the_application_itself if {
	app := owned(granted([itself(object.union(read, {"tier": "high"}))]), [])
	findings := consented_by_owner.deny with input as app
	findings == {{
		"key": {"owner": testing.application.service_principal_id, "permissions": [read.key]},
		"evidence": {"permissions": ["Sites.Selected"], "name": "the application itself"},
		"severity": "high",
	}}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := consented_by_owner with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "same name in other letters, no id",
	"of": "same name in other letters, no id",
	"outcome": "fail",
	"keys": {key},
}

variants contains {
	"name": "without owners.0.id: origin managed_identity",
	"of": "origin managed_identity",
	"at": "/owners/0/id",
	"outcome": "fail",
	"keys": {{"owner": "AdeleV@contoso.com", "permissions": [read.key]}},
}

variants contains {
	"name": "owners.0.upn is null: same name, neither has an id",
	"of": "same name, neither has an id",
	"at": "/owners/0/upn",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"id or upn of an owner or of who granted"},
}

variants contains {
	"name": "without grants.0.granted_by.upn: same name, neither has an id",
	"of": "same name, neither has an id",
	"at": "/grants/0/granted_by/upn",
	"outcome": "unknown",
	"reasons": {"id or upn of an owner or of who granted"},
}

variants contains {
	"name": "grants.0.granted_by is null: an owner of whom only the id is known, granted by an id",
	"of": "an owner of whom only the id is known, granted by an id",
	"at": "/grants/0/granted_by",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {
		"granted_by or consent of a grant (consent_events)",
		"id or upn of an owner or of who granted",
	},
}

both := {"owner": owner.id, "permissions": [read.key, scope.key]}
