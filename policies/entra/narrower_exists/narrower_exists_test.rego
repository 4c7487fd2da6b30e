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
	"keys": [{"permission": full_control.key}],
	"input": testing.holding(testing.requesting(testing.application, [full_control]), [full_control]),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [{"permission": full_control.key}],
	"input": testing.requesting(testing.application, [full_control, testing.user_read]),
}

cases contains {
	"name": "granted only, tier critical",
	"outcome": "fail",
	"keys": [{"permission": directory.key}],
	"input": testing.holding(testing.application, [directory]),
}

cases contains {
	"name": "two permissions, one by users' consent beside the administrator's",
	"outcome": "fail",
	"keys": [{"permission": full_control.key}, {"permission": mail.key}],
	"input": testing.holding(testing.application, [
		full_control,
		mail,
		object.union(mail, {"consent": "user", "users": 3}),
	]),
}

cases contains {
	"name": "application of another tenant",
	"outcome": "fail",
	"keys": [{"permission": full_control.key}],
	"input": testing.holding(testing.foreign_application, [full_control]),
}

cases contains {
	"name": "the collecting identity, with what it needs",
	"outcome": "pass",
	"input": object.union(testing.holding(testing.application, [containers]), {"auditor": true}),
}

cases contains {
	"name": "the collecting identity, with more than it needs",
	"outcome": "fail",
	"keys": [{"permission": full_control.key}],
	"input": object.union(testing.holding(testing.application, [containers, full_control]), {"auditor": true}),
}

cases contains {
	"name": "another application with what only the collecting identity needs",
	"outcome": "fail",
	"keys": [{"permission": containers.key}],
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
	"keys": [{"permission": full_control.key}],
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
	"input": object.remove(testing.application, ["requests", "requested_keys"]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.foreign_application, ["grants", "granted_keys"]),
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

needs := {
	"declared": {"needs": {upper(testing.application.id): ["activityfeed.readdlp"]}, "outcome": "pass"},
	"declared for another application": {"needs": {"x": ["ActivityFeed.ReadDlp"]}, "outcome": "fail"},
	"declared for another permission": {"needs": {testing.application.id: ["ActivityFeed.Read"]}, "outcome": "fail"},
	"none declared": {"needs": {}, "outcome": "fail"},
}

test_declared_needs[name] if {
	app := testing.holding(testing.application, [dlp])
	some name, need in needs
	config := object.union(object.remove(testing.config, ["declared_needs"]), {"declared_needs": need.needs})
	testing.outcome(narrower_exists) == need.outcome with input as app with data.config as config
}

test_declared_needs_are_of_the_management_apis if {
	app := testing.holding(testing.application, [full_control])
	config := object.union(testing.config, {"declared_needs": {testing.application.id: ["Sites.FullControl.All"]}})
	testing.outcome(narrower_exists) == "fail" with input as app with data.config as config
}
