package policies.entra.unused_application_test

import data.policies.entra.unused_application
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := unused_application with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "signed in yesterday", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "signed in exactly as long ago as is allowed",
	"outcome": "pass",
	"input": signed_in(testing.application, 90),
}

cases contains {
	"name": "signed in a day longer ago",
	"outcome": "fail",
	"keys": [{"permissions": []}],
	"input": signed_in(testing.application, 91),
}

cases contains {
	"name": sprintf("signed in long ago, origin %s", [origin]),
	"outcome": "fail",
	"keys": [{"permissions": []}],
	"input": object.union(signed_in(testing.foreign_application, 400), {"origin": origin}),
} if {
	some origin in ["foreign", "managed_identity"]
}

cases contains {"name": "never seen, 202 days old", "outcome": "fail", "keys": [{"permissions": []}], "input": unseen}

cases contains {
	"name": "never seen, a day older than is allowed",
	"outcome": "fail",
	"keys": [{"permissions": []}],
	"input": object.union(unseen, {"age_days": 91}),
}

cases contains {
	"name": "never seen, exactly as old as is allowed",
	"outcome": "pass",
	"input": object.union(unseen, {"age_days": 90}),
}

cases contains {
	"name": "never seen, age not known",
	"outcome": "unknown",
	"input": object.remove(unseen, ["age_days", "created_at"]),
}

cases contains {
	"name": "a managed identity that is never seen",
	"outcome": "unknown",
	"input": object.union(unseen, {"origin": "managed_identity"}),
}

cases contains {
	"name": "seen, without a date",
	"outcome": "unknown",
	"input": object.union(object.remove(testing.application, ["sign_in"]), {"sign_in": {"seen": true}}),
}

cases contains {
	"name": "report not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["sign_in"]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(signed_in(testing.application, 400), ["grants", "granted_keys"]),
}

cases contains {
	"name": "grants not read of one in use",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(signed_in(testing.application, 400), ["origin"]),
}

cases contains {
	"name": "unused, without grants",
	"outcome": "not_applicable",
	"input": testing.holding(signed_in(testing.application, 400), []),
}

cases contains {
	"name": "an hour that began after the audit",
	"outcome": "pass",
	"input": signed_in(testing.application, -1),
}

cases contains {
	"name": "a sign-in that is still to come",
	"outcome": "unknown",
	"input": signed_in(testing.application, -2),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(signed_in(testing.foreign_application, 400), {"origin": origin}),
} if {
	some origin in ["microsoft", "deleted"]
}

cases contains {
	"name": sprintf("signed in long ago, with several far-reaching permissions, %s", [order]),
	"outcome": "fail",
	"keys": [{"permissions": [directory.key, mail.key]}],
	"input": testing.holding(signed_in(testing.application, 400), grants),
} if {
	some order, grants in {"in one order": [mail, directory, testing.user_read], "in the other": [directory, mail, mail]}
}

signed_in(app, days) := object.union(object.remove(app, ["sign_in"]), {"sign_in": {
	"seen": true,
	"last_at": "2026-01-01T00:00:00Z",
	"days": days,
}})

unseen := object.union(object.remove(testing.application, ["sign_in"]), {"sign_in": {"seen": false}})

tiers := {"critical": {"high"}, "high": {"high"}, "medium": set(), "low": set(), "unrated": set()}

test_severity_follows_the_tier[tier] if {
	some tier, expected in tiers
	app := testing.holding(signed_in(testing.application, 400), [
		testing.user_read,
		object.union(testing.sites_selected, {"tier": tier}),
	])
	findings := unused_application.deny with input as app with data.config as testing.config
	{finding.severity | some finding in findings} == expected
}

test_evidence_of_an_old_sign_in if {
	findings := unused_application.deny with input as signed_in(testing.application, 400)
		with data.config as testing.config
	{finding.evidence | some finding in findings} == {{
		"last": "signed in last 400 days ago",
		"grants": 2,
		"sign_in": {"seen": true, "last_at": "2026-01-01T00:00:00Z", "days": 400},
		"age_days": 202,
	}}
}

test_evidence_of_none if {
	findings := unused_application.deny with input as unseen with data.config as testing.config
	{finding.evidence | some finding in findings} == {{
		"last": "never signed in as far as is reported",
		"grants": 2,
		"sign_in": {"seen": false},
		"age_days": 202,
	}}
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := unused_application with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": "days that are null",
	"outcome": "unknown",
	"input": signed_in(testing.application, null),
}

damaged contains {
	"name": "never seen, age null",
	"outcome": "unknown",
	"input": object.union(object.remove(unseen, ["age_days"]), {"age_days": null}),
}

damaged contains {
	"name": "grants null",
	"outcome": "unknown",
	"input": object.union(object.remove(signed_in(testing.application, 400), ["grants"]), {"grants": null}),
}

directory := object.union(
	testing.permission("application", "Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
	{"tier": "critical"},
)

mail := object.union(
	testing.permission("application", "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01"),
	{"tier": "high"},
)
