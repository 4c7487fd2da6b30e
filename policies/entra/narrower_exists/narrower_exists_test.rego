package policies.entra.narrower_exists_test

import data.policies.entra.narrower_exists
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := narrower_exists with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "low tiers only", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "requested and granted is one finding",
	"outcome": "fail",
	"keys": [granted(full_control)],
	"input": testing.holding(testing.requesting(testing.application, [full_control]), [full_control]),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [requested(full_control)],
	"input": testing.requesting(testing.application, [full_control, testing.user_read]),
}

cases contains {
	"name": "granted only, tier critical",
	"outcome": "fail",
	"keys": [granted(directory)],
	"input": testing.holding(testing.application, [directory]),
}

cases contains {
	"name": "two permissions, one by users' consent beside the administrator's",
	"outcome": "fail",
	"keys": [granted(full_control), granted(mail)],
	"input": testing.holding(testing.application, [
		full_control,
		mail,
		object.union(mail, {"consent": "user", "users": 3}),
	]),
}

cases contains {
	"name": "application of another tenant",
	"outcome": "fail",
	"keys": [granted(full_control)],
	"input": testing.holding(testing.foreign_application, [full_control]),
}

cases contains {
	"name": "the collecting identity, with what it needs",
	"outcome": "pass",
	"input": object.union(testing.holding(testing.application, [containers]), {"auditor": true}),
}

cases contains {
	"name": "the collecting identity, with the other one that it needs",
	"outcome": "pass",
	"input": object.union(
		testing.holding(testing.application, [object.union(containers, {
			"permission": "FileStorageContainerTypeReg.Manage.All",
			"key": "00000003-0000-0000-c000-000000000000/delegated/FileStorageContainerTypeReg.Manage.All",
		})]),
		{"auditor": true},
	),
}

cases contains {
	"name": "the collecting identity, with more than it needs",
	"outcome": "fail",
	"keys": [granted(full_control)],
	"input": object.union(testing.holding(testing.application, [containers, full_control]), {"auditor": true}),
}

cases contains {
	"name": "another application with what only the collecting identity needs",
	"outcome": "fail",
	"keys": [granted(containers)],
	"input": testing.holding(testing.application, [containers]),
}

cases contains {
	"name": "deleted, with grants left",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [full_control]), {"origin": "deleted"}),
}

cases contains {
	"name": "managed identity",
	"outcome": "fail",
	"keys": [granted(full_control)],
	"input": testing.holding(managed_identity, [full_control]),
}

cases contains {
	"name": "far-reaching without anything narrower",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.union(directory, {"narrower": []})]),
}

cases contains {
	"name": "medium tier with something narrower",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.union(full_control, {"tier": "medium"})]),
}

cases contains {
	"name": "unrated permission",
	"outcome": "pass",
	"input": testing.holding(testing.application, [unrated]),
}

cases contains {
	"name": "application of another tenant without manifest",
	"outcome": "pass",
	"input": testing.foreign_application,
}

cases contains {
	"name": "neither requests nor grants",
	"outcome": "pass",
	"input": testing.holding(testing.requesting(testing.application, []), []),
}

cases contains {
	"name": "unresolved request",
	"outcome": "unknown",
	"input": testing.requesting(testing.application, [unresolved]),
}

cases contains {
	"name": "unresolved grant",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [unresolved]),
}

cases contains {
	"name": "tier not known",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(full_control, ["tier"])]),
}

cases contains {
	"name": "not known whether there is anything narrower",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(full_control, ["narrower"])]),
}

cases contains {
	"name": "manifest not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_requests),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.foreign_application, testing.of_grants),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["origin"]),
}

cases contains {
	"name": "Microsoft's own",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.foreign_application, {"origin": "microsoft"}), [full_control]),
}

cases contains {
	"name": "granted by users alone",
	"outcome": "fail",
	"keys": [by_users(mail)],
	"input": testing.holding(testing.application, [object.union(mail, {"consent": "user", "users": 3})]),
}

full_control := object.union(
	testing.permission("application", "Sites.FullControl.All", "a82116e5-55eb-4c41-a434-62fe8a61c773"),
	{"tier": "high", "narrower": ["Sites.Selected"]},
)

containers := object.union(
	testing.permission("delegated", "FileStorageContainer.Manage.All", "527b6d64-cdf5-4b8b-b336-4aa0b8ca2ce5"),
	{"tier": "high", "narrower": ["FileStorageContainer.Selected"]},
)

directory := object.union(
	testing.permission("application", "Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
	{"tier": "critical", "narrower": ["Group.ReadWrite.All", "User.ReadWrite.All"]},
)

mail := object.union(
	testing.permission("delegated", "Mail.ReadWrite", "024d486e-b451-40bb-833d-3e66d98c5c73"),
	{"tier": "high", "narrower": ["Mail.Read"]},
)

unrated := object.remove(object.union(full_control, {"tier": "unrated"}), ["narrower"])

unresolved := testing.unresolved("application", "b0000000-0000-4000-8000-000000000001")

managed_identity := object.union(testing.foreign_application, {
	"origin": "managed_identity",
	"service_principal_type": "ManagedIdentity",
})

test_evidence_tells_requested_from_granted if {
	some finding in narrower_exists.deny with input as testing.requesting(testing.application, [full_control])
	finding.evidence == {
		"permission": "Sites.FullControl.All",
		"permission_id": full_control.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "high",
		"narrower": ["Sites.Selected"],
		"requested": true,
		"granted": false,
	}
}

dlp := object.union(
	testing.management_permission("application", "ActivityFeed.ReadDlp", "4807a72c-ad38-4250-94c9-4eabfe26cd55"),
	{"tier": "high", "narrower": ["ActivityFeed.Read"]},
)

test_declared_needs[name] if {
	some name, need in {
		"declared": {"declared": {"needs": ["activityfeed.readdlp"]}, "outcome": "pass"},
		"another permission declared": {"declared": {"needs": ["activityfeed.read"]}, "outcome": "fail"},
		"none declared": {"declared": {"needs": []}, "outcome": "fail"},
	}
	app := object.union(testing.holding(testing.application, [dlp]), {"declared": need.declared})
	testing.outcome(narrower_exists) == need.outcome with input as app with data.config as testing.config
}

test_declared_needs_are_of_the_management_apis if {
	app := object.union(
		testing.holding(testing.application, [full_control]),
		{"declared": {"needs": ["sites.fullcontrol.all"]}},
	)
	testing.outcome(narrower_exists) == "fail" with input as app with data.config as testing.config
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := narrower_exists with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "grants.0.narrower is null: far-reaching without anything narrower",
	"of": "far-reaching without anything narrower",
	"at": "/grants/0/narrower",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"name, tier or narrower of a permission"},
}

variants contains {
	"name": "without grants.0.key: the collecting identity, with what it needs",
	"of": "the collecting identity, with what it needs",
	"at": "/grants/0/key",
	"outcome": "unknown",
	"reasons": {"name, tier or narrower of a permission"},
}

variants contains {
	"name": "without origin: the collecting identity, with more than it needs",
	"of": "the collecting identity, with more than it needs",
	"at": "/origin",
	"outcome": "unknown",
	"reasons": {"origin"},
}

variants contains {
	"name": "without requests.0.key: the collecting identity, with what it needs",
	"of": "the collecting identity, with what it needs",
	"at": "/requests/0/key",
	"outcome": "pass",
}

variants contains {
	"name": "without grants.0.key: medium tier with something narrower",
	"of": "medium tier with something narrower",
	"at": "/grants/0/key",
	"outcome": "pass",
}

granted(permission) := {"permission": permission.key, "held": "granted", "consent": "admin"}

requested(permission) := {"permission": permission.key, "held": "requested"}

by_users(permission) := {"permission": permission.key, "held": "granted", "consent": "user"}
