package policies.entra.user_consent_high_tier_test

import data.policies.entra.user_consent_high_tier
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := user_consent_high_tier with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "consent to a scope of low tier",
	"outcome": "pass",
	"input": testing.holding(testing.application, [by_users(testing.user_read)]),
}

cases contains {
	"name": "of medium tier, and unrated",
	"outcome": "pass",
	"input": testing.holding(testing.application, [tiered(mail, "medium"), tiered(files, "unrated")]),
}

cases contains {
	"name": "of high tier",
	"outcome": "fail",
	"keys": [by_some(mail)],
	"input": testing.holding(testing.application, [testing.user_read, tiered(mail, "high")]),
}

cases contains {
	"name": "of critical tier, and of high tier",
	"outcome": "fail",
	"keys": [by_some(files), by_some(mail)],
	"input": testing.holding(testing.application, [tiered(mail, "high"), tiered(files, "critical")]),
}

cases contains {
	"name": "beside the consent of an administrator",
	"outcome": "fail",
	"keys": [by_some(mail)],
	"input": testing.holding(testing.application, [object.union(mail, {"tier": "high"}), tiered(mail, "high")]),
}

cases contains {
	"name": "for an application of another tenant",
	"outcome": "fail",
	"keys": [by_some(mail)],
	"input": testing.holding(testing.foreign_application, [tiered(mail, "high")]),
}

cases contains {
	"name": "for one of Microsoft's applications",
	"outcome": "fail",
	"keys": [by_some(mail)],
	"input": of_origin("microsoft"),
}

cases contains {
	"name": "origin not known",
	"outcome": "fail",
	"keys": [by_some(mail)],
	"input": object.remove(of_origin("foreign"), ["origin"]),
}

cases contains {"name": "for a deleted application", "outcome": "not_applicable", "input": of_origin("deleted")}

cases contains {
	"name": "consent of an administrator only",
	"outcome": "not_applicable",
	"input": testing.holding(testing.application, [object.union(mail, {"tier": "high"})]),
}

cases contains {"name": "no grants", "outcome": "not_applicable", "input": testing.holding(testing.application, [])}

cases contains {
	"name": "an application permission that does not say who consented",
	"outcome": "not_applicable",
	"input": undecided(object.union(testing.sites_selected, {"tier": "high"})),
}

cases contains {
	"name": "a scope that does not say who consented",
	"outcome": "unknown",
	"input": undecided(object.union(mail, {"tier": "high"})),
}

cases contains {
	"name": "a harmless scope that does not say who consented",
	"outcome": "pass",
	"input": undecided(testing.user_read),
}

cases contains {
	"name": "a scope of critical tier that does not say who consented",
	"outcome": "unknown",
	"input": undecided(object.union(mail, {"tier": "critical"})),
}

cases contains {
	"name": "unresolved scope",
	"outcome": "unknown",
	"input": testing.holding(
		testing.application,
		[by_users(testing.unresolved("delegated", "b0000000-0000-4000-8000-000000000001"))],
	),
}

cases contains {
	"name": "without a key",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(tiered(mail, "high"), ["key"])]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": sprintf("of high tier, by so many users: %d", [users]),
	"outcome": "fail",
	"keys": [{"permission": mail.key, "users": step}],
	"input": testing.holding(testing.application, [object.union(tiered(mail, "high"), {"users": users})]),
} if {
	some users, step in {1: "1", 10: "2 to 10", 11: "11 to 100", 101: "more"}
}

cases contains {
	"name": "of high tier, of how many users is not told",
	"outcome": "fail",
	"keys": [{"permission": mail.key}],
	"input": testing.holding(testing.application, [object.remove(tiered(mail, "high"), ["users", "user_ids"])]),
}

mail := testing.permission("delegated", "Mail.ReadWrite", "024d486e-b451-40bb-833d-3e66d98c5c73")

files := testing.permission("delegated", "Files.ReadWrite.All", "863451e7-0667-486c-a5d6-d135439485f0")

by_users(permission) := object.union(permission, {
	"consent": "user",
	"users": 2,
	"user_ids": ["a1b2c3d4-0000-4000-8000-00000000f002", "a1b2c3d4-0000-4000-8000-00000000f003"],
})

tiered(permission, tier) := object.union(by_users(permission), {"tier": tier})

undecided(permission) := object.union(
	object.remove(testing.application, ["grants", "granted_keys"]),
	{"grants": [permission], "granted_keys": {permission.key: true}},
)

of_origin(origin) := testing.holding(
	object.union(testing.foreign_application, {"origin": origin}),
	[tiered(mail, "high")],
)

test_evidence if {
	app := testing.holding(testing.application, [tiered(mail, "high")])
	some finding in user_consent_high_tier.deny with input as app with data.config as testing.config
	finding.evidence == {
		"permission": "Mail.ReadWrite",
		"permission_id": mail.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "delegated",
		"tier": "high",
		"users": 2,
		"user_ids": ["a1b2c3d4-0000-4000-8000-00000000f002", "a1b2c3d4-0000-4000-8000-00000000f003"],
	}
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := user_consent_high_tier with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

by_some(permission) := {"permission": permission.key, "users": "2 to 10"}
