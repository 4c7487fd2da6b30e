package policies.entra.granted_not_used_test

import data.policies.entra.granted_not_used
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := granted_not_used with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "everything used",
	"outcome": "pass",
	"input": testing.holding(testing.application, [used(mail_read), used(testing.user_read)]),
}

cases contains {
	"name": "used, however short the look-back",
	"outcome": "pass",
	"input": observed({"days": 3}, [used(mail_read)]),
}

cases contains {
	"name": "used, exactly unused_days ago",
	"outcome": "pass",
	"input": testing.holding(testing.application, [last_used(mail_read, 90)]),
}

cases contains {
	"name": "used too long ago",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": testing.holding(testing.application, [last_used(mail_read, 91)]),
}

cases contains {
	"name": "used too long ago, and something since may have been it",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(last_used(mail_read, 91), ["idle"])]),
}

cases contains {
	"name": "used too long ago, of a grant that was given again since",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.union(
		last_used(mail_read, 91),
		{"stood_least": 20, "stood_most": 20},
	)]),
}

cases contains {
	"name": "used too long ago, in a look-back with a hole",
	"outcome": "unknown",
	"input": observed({"whole": false}, [last_used(mail_read, 91)]),
}

cases contains {
	"name": sprintf("perhaps used, %d days ago", [days]),
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.union(last_used(mail_read, days), {"used": "unclear"})]),
} if {
	some days in [2, 91]
}

cases contains {
	"name": "used, nobody knows when",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(used(mail_read), ["used_days"])]),
}

cases contains {
	"name": "an application permission without a call",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": testing.holding(testing.application, [unused(mail_read), used(testing.user_read)]),
}

cases contains {
	"name": "by an administrator and by users is two findings",
	"outcome": "fail",
	"keys": [{"permission": files_read.key, "consent": "admin"}, {"permission": files_read.key, "consent": "user"}],
	"input": testing.holding(testing.application, [unused(files_read), unused(by_users)]),
}

cases contains {
	"name": "application of another tenant, whose manifest is not here",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": testing.holding(testing.foreign_application, [unused(mail_read)]),
}

cases contains {
	"name": "managed identity",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": testing.holding(
		object.union(testing.foreign_application, {"origin": "managed_identity"}),
		[unused(mail_read)],
	),
}

cases contains {
	"name": "consent to one of Microsoft's applications",
	"outcome": "fail",
	"keys": [{"permission": files_read.key, "consent": "user"}],
	"input": testing.holding(microsofts, [unused(mail_read), unused(by_users)]),
}

cases contains {
	"name": "look-back of exactly the days it takes, and grants that stood through it",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": observed({"days": 90, "ago": 7}, [aged(mail_read, 90)]),
}

cases contains {
	"name": "granted a day after",
	"outcome": "pass",
	"input": observed({"days": 90, "ago": 7}, [aged(mail_read, 89)]),
}

cases contains {
	"name": "no date, and the consent events tell of no grant for long enough",
	"outcome": "fail",
	"keys": [{"permission": files_read.key, "consent": "user"}],
	"input": observed({"days": 90, "ago": 7}, [without_date({"stood_least": 90, "stood_most": 110})]),
}

cases contains {
	"name": "no date, and the consent events are not complete for long enough",
	"outcome": "unknown",
	"input": observed({"days": 90, "ago": 7}, [without_date({"stood_least": 89, "stood_most": 110})]),
}

cases contains {"name": "no date", "outcome": "unknown", "input": observed({}, [without_date({})])}

cases contains {
	"name": "no date, but of an application that is too young",
	"outcome": "pass",
	"input": observed({}, [without_date({"stood_most": 20})]),
}

cases contains {
	"name": "look-back a day too short",
	"outcome": "unknown",
	"input": observed({"days": 89}, [aged(mail_read, 89)]),
}

cases contains {
	"name": "look-back too short, granted within it",
	"outcome": "pass",
	"input": observed({"days": 89}, [aged(mail_read, 88)]),
}

cases contains {
	"name": "look-back with a hole",
	"outcome": "unknown",
	"input": observed({"whole": false}, [unused(mail_read)]),
}

cases contains {
	"name": "look-back that ended too long ago",
	"outcome": "unknown",
	"input": observed({"ago": 8}, [unused(mail_read)]),
}

cases contains {
	"name": "rows of the activity are damaged",
	"outcome": "unknown",
	"input": object.union(
		testing.holding(testing.application, [unused(mail_read)]),
		{"incomplete": [{"dataset": "graph_activity", "reason": "a row was not read"}]},
	),
}

cases contains {
	"name": "no evidence on one of two grants",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [used(testing.user_read), object.remove(unused(mail_read), ["used"])]),
}

cases contains {
	"name": "no usage read",
	"outcome": "unknown",
	"input": object.remove(
		testing.holding(testing.application, [object.remove(unused(mail_read), ["used"])]),
		["activity", "uses"],
	),
}

cases contains {
	"name": "a word for usage that is not known",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.union(unused(mail_read), {"used": "perhaps"})]),
}

cases contains {
	"name": "unused without a key",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(unused(mail_read), ["key"])]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "sign-in scopes and other resources only",
	"outcome": "not_applicable",
	"input": testing.holding(
		testing.application,
		[unused(row) | some row in array.concat([testing.feed_read], testing.sign_in)],
	),
}

cases contains {
	"name": "on a resource that is gone",
	"outcome": "not_applicable",
	"input": testing.holding(testing.application, [object.union(unused(mail_read), {"resource_deleted": true})]),
}

cases contains {
	"name": "an identity of this program, whose calls are left out",
	"outcome": "not_applicable",
	"input": object.union(object.remove(auditing, ["activity", "least"]), {"usage_left_out": true}),
}

cases contains {
	"name": "an identity of this program that others use, too, such as Azure CLI",
	"outcome": "fail",
	"keys": [{"permission": mail_read.key, "consent": "admin"}],
	"input": object.remove(auditing, ["least"]),
}

cases contains {
	"name": "no usage of any other",
	"outcome": "unknown",
	"input": object.remove(object.union(auditing, {"auditor": false}), ["activity", "least"]),
}

cases contains {"name": "no grants", "outcome": "not_applicable", "input": testing.holding(testing.application, [])}

cases contains {
	"name": "what Microsoft gave its own application",
	"outcome": "not_applicable",
	"input": testing.holding(microsofts, [unused(mail_read)]),
}

cases contains {
	"name": "deleted, with grants left",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.foreign_application, {"origin": "deleted"}), [unused(mail_read)]),
}

cases contains {
	"name": "no evidence, and granted a short while ago",
	"outcome": "pass",
	"input": testing.holding(testing.application, [object.remove(aged(mail_read, 20), ["used"])]),
}

mail_read := object.union(
	testing.permission("application", "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01"),
	{"tier": "high"},
)

files_read := testing.permission("delegated", "Files.Read", "10465720-29dd-4523-a11a-6a75c743c9d9")

by_users := object.union(files_read, {"consent": "user", "users": 2})

microsofts := object.union(testing.foreign_application, {"origin": "microsoft"})

used(permission) := last_used(permission, 2)

last_used(permission, days) := object.union(permission, {
	"used": "used",
	"used_by": ["activity"],
	"last_used_at": "2026-08-20T00:00:00Z",
	"used_days": days,
	"idle": true,
	"stood_least": 110,
	"stood_most": 110,
})

unused(permission) := aged(permission, 110)

aged(permission, days) := object.union(permission, {
	"used": "not_used",
	"used_by": ["activity"],
	"stood_least": days,
	"stood_most": days,
})

without_date(members) := object.union(object.remove(unused(by_users), ["stood_least", "stood_most"]), members)

observed(members, grants) := testing.holding(
	object.union(testing.application, {"activity": object.union(testing.application.activity, members)}),
	grants,
)

test_evidence if {
	app := testing.holding(testing.requesting(testing.application, [mail_read]), [unused(mail_read)])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.severity == "high"
	finding.evidence == {
		"permission": "Mail.Read",
		"permission_id": mail_read.permission_id,
		"resource_name": "Microsoft Graph",
		"kind": "application",
		"tier": "high",
		"requested": true,
		"look_back": {"from": "2026-08-01T00:00:00Z", "to": "2026-11-19T00:00:00Z", "days": 110},
	}
}

test_evidence_of_a_use_long_ago if {
	app := observed({"from": "2026-01-01T00:00:00Z", "days": 322, "ago": 1}, [last_used(mail_read, 92)])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.evidence.last_used_at == "2026-08-20T00:00:00Z"
	finding.evidence.look_back == {"from": "2026-08-20T00:00:00Z", "to": "2026-11-19T00:00:00Z", "days": 91}
}

test_evidence_of_a_use_before_the_look_back if {
	app := observed({"days": 100, "ago": 1}, [last_used(mail_read, 400)])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.evidence.look_back.days == 100
	finding.evidence.look_back.from == testing.application.activity.from
}

test_severity_follows_the_tier if {
	app := testing.holding(testing.application, [object.union(unused(mail_read), {"tier": "critical"})])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.severity == "high"
}

test_evidence_without_a_manifest if {
	app := testing.holding(testing.foreign_application, [unused(by_users)])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.evidence.users == 2
	not "requested" in object.keys(finding.evidence)
	not "severity" in object.keys(finding)
}

test_evidence_of_what_is_not_requested if {
	app := testing.holding(testing.application, [unused(by_users)])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.evidence.requested == false
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := granted_not_used with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

auditing := testing.holding(object.union(testing.application, {"auditor": true}), [unused(mail_read)])

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := granted_not_used with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "an identity of this program, whose calls are left out",
	"of": "an identity of this program, whose calls are left out",
	"outcome": "not_applicable",
}

variants contains {
	"name": "grants.0.used_days is null: used, exactly unused_days ago",
	"of": "used, exactly unused_days ago",
	"at": "/grants/0/used_days",
	"becomes": null,
	"outcome": "unknown",
	"reasons": {"used of a grant"},
}

test_a_date_of_what_was_not_used_says_nothing if {
	grant := object.union(last_used(mail_read, 91), {"used": "not_used"})
	app := testing.holding(testing.application, [grant])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.evidence.look_back == object.filter(app.activity, ["from", "to", "days"])
}

test_evidence_of_the_last_use_on_the_first_day_of_the_look_back if {
	grant := last_used(mail_read, 101)
	app := observed({"days": 100, "ago": 1}, [grant])
	some finding in granted_not_used.deny with input as app with data.config as testing.config
	finding.evidence.look_back.from == grant.last_used_at
}
