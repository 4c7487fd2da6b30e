package policies.data_connect.approver_without_role_test

import data.policies.data_connect.approver_without_role
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := approver_without_role with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "a Global Administrator, then as now", "outcome": "pass", "input": testing.data_connect_app}

cases contains {
	"name": "a Data Connect administrator",
	"outcome": "pass",
	"input": holding([object.union(held, {"role_id": connect})], []),
}

cases contains {
	"name": "the role was taken after the approval",
	"outcome": "pass",
	"input": holding([], [change("removed", "2026-09-05T08:00:00Z", true)]),
}

cases contains {
	"name": "the role was activated around the approval",
	"outcome": "pass",
	"input": holding([eligible], [
		change("added", "2026-08-31T23:00:00Z", false),
		change("removed", "2026-09-02T01:00:00Z", true),
	]),
}

cases contains {"name": "no role, then as now", "outcome": "fail", "keys": [key], "input": holding([], [])}

cases contains {
	"name": "a Global Reader",
	"outcome": "fail",
	"keys": [key],
	"input": holding([object.union(held, {"role_id": "f2ef992c-3afb-46b9-b7cf-a126ee74c451"})], []),
}

cases contains {
	"name": "the role was given after the approval",
	"outcome": "fail",
	"keys": [key],
	"input": holding([held], [change("added", "2026-09-05T08:00:00Z", true)]),
}

cases contains {
	"name": "the role was taken before the approval",
	"outcome": "fail",
	"keys": [key],
	"input": holding([], [change("removed", "2026-08-05T08:00:00Z", false)]),
}

cases contains {
	"name": "a role for an administrative unit",
	"outcome": "fail",
	"keys": [key],
	"input": holding([object.union(held, {"scope": "/administrativeUnits/x"})], []),
}

cases contains {
	"name": "no role, and the approval has expired",
	"outcome": "fail",
	"keys": [key],
	"input": object.union(holding([], []), {"days_left": -1}),
}

cases contains {
	"name": "no role, approver known by id",
	"outcome": "fail",
	"keys": [{"approver": "a1b2c3d4-0000-4000-8000-00000000f009", "approved_at": "2026-09-01T00:00:00Z"}],
	"input": json.patch(holding([], []), [{"op": "remove", "path": "/approver/upn"}]),
}

cases contains {"name": "eligible, never activated", "outcome": "unknown", "input": holding([eligible], [])}

cases contains {
	"name": "a group holds the role",
	"outcome": "unknown",
	"input": holding([object.union(held, {"via": "group"})], []),
}

cases contains {
	"name": "a change on the day of the approval, which is dated by the day",
	"outcome": "unknown",
	"input": holding([held], [change("added", "2026-09-01T08:00:00Z", true)]),
}

cases contains {
	"name": "role events begin after the approval",
	"outcome": "unknown",
	"input": object.union(holding([], []), {"role_coverage": {"from": "2026-09-02T00:00:00Z"}}),
}

cases contains {
	"name": "role events have a hole",
	"outcome": "unknown",
	"input": object.union(holding([], []), {"role_coverage": {"whole": false}}),
}

cases contains {
	"name": "roles not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["approver_roles"]),
}

cases contains {
	"name": "role events not read",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["approver_role_events", "role_coverage"]),
}

cases contains {
	"name": "approver not known",
	"outcome": "unknown",
	"input": object.remove(testing.data_connect_app, ["approver", "approver_roles", "approver_role_events"]),
}

cases contains {
	"name": "state not known",
	"outcome": "unknown",
	"input": object.remove(holding([], []), ["state"]),
}

cases contains {
	"name": "denied by somebody without a role",
	"outcome": "not_applicable",
	"input": object.union(holding([], []), {"state": "denied"}),
}

cases contains {
	"name": "no role, approved anew",
	"outcome": "fail",
	"keys": [object.union(key, {"approved_at": "2026-10-01T00:00:00Z"})],
	"input": object.union(holding([], []), {"approved_at": "2026-10-01T00:00:00Z"}),
}

held := testing.data_connect_app.approver_roles[0]

eligible := object.union(held, {"via": "eligible"})

connect := "ee67aa9c-e510-4759-b906-227085a7fd4d"

key := {"approver": "grady.approver@contoso.com", "approved_at": "2026-09-01T00:00:00Z"}

change(word, at, after) := {"role_id": held.role_id, "change": word, "at": at, "after_approval": after}

holding(holds, events) := object.union(
	testing.data_connect_app,
	{"approver_roles": holds, "approver_role_events": events},
)

test_evidence if {
	app := holding([held], [change("added", "2026-09-05T08:00:00Z", true)])
	some finding in approver_without_role.deny with input as app
	finding.evidence == {
		"approved_at": "2026-09-01T00:00:00Z",
		"approver": testing.data_connect_app.approver,
		"roles": [
			{
				"role": "Global Administrator",
				"now": "held",
				"changes": [{"at": "2026-09-05T08:00:00Z", "change": "added"}],
			},
			{"role": "Microsoft Graph Data Connect Administrator", "now": "not held", "changes": []},
		],
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := approver_without_role with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "approver not known",
	"of": "approver not known",
	"outcome": "unknown",
	"reasons": {
		"approver",
		"approver_role_events",
		"approver_roles",
		"roles that the approver held at that instant",
	},
}

variants contains {
	"name": "approver.object_id is null: no role, approver known by id",
	"of": "no role, approver known by id",
	"at": "/approver/object_id",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"approver"},
}

variants contains {
	"name": "without approved_at: role events have a hole",
	"of": "role events have a hole",
	"at": "/approved_at",
	"outcome": "unknown",
	"reasons": {
		"approved_at",
		"role events are not known to be complete from the approval on, but from 2026-01-01T00:00:00Z",
		"roles that the approver held at that instant",
	},
}

variants contains {
	"name": "role events not read",
	"of": "role events not read",
	"outcome": "unknown",
	"reasons": {
		"approver_role_events",
		"role_coverage",
		"roles that the approver held at that instant",
	},
}

variants contains {
	"name": "approver.upn is null: no role, then as now",
	"of": "no role, then as now",
	"at": "/approver/upn",
	"becomes": null,
	"outcome": "fail",
	"keys": {{"approver": "a1b2c3d4-0000-4000-8000-00000000f009", "approved_at": "2026-09-01T00:00:00Z"}},
}
