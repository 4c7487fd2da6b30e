package policies.management_api.dlp_without_need_test

import data.policies.lib.testing
import data.policies.management_api.dlp_without_need

test_cases[case.name] if {
	some case in cases
	result := dlp_without_need with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": "holds the feed alone",
	"outcome": "pass",
	"input": testing.holding(testing.application, [testing.feed_read]),
}

cases contains {
	"name": "requested and granted is one finding",
	"outcome": "fail",
	"keys": [key("application")],
	"input": testing.holding(testing.requesting(testing.application, [dlp]), [dlp, testing.feed_read]),
}

cases contains {
	"name": "requested only",
	"outcome": "fail",
	"keys": [requested("application")],
	"input": testing.requesting(testing.application, [dlp]),
}

cases contains {
	"name": "application and delegated",
	"outcome": "fail",
	"keys": [key("application"), key("delegated")],
	"input": testing.holding(testing.application, [dlp, delegated, object.union(delegated, {"consent": "user"})]),
}

cases contains {
	"name": "delegated grant, which knows its name alone",
	"outcome": "fail",
	"keys": [key("delegated")],
	"input": testing.holding(testing.application, [object.remove(delegated, ["permission_id", "resolved_by"])]),
}

cases contains {
	"name": "request that knows its id alone",
	"outcome": "fail",
	"keys": [requested("application")],
	"input": testing.requesting(testing.application, [object.remove(dlp, ["permission", "resolved_by"])]),
}

cases contains {
	"name": "application of another tenant",
	"outcome": "fail",
	"keys": [key("application")],
	"input": testing.holding(testing.foreign_application, [dlp]),
}

cases contains {
	"name": "the permission's name at another resource",
	"outcome": "not_applicable",
	"input": testing.holding(testing.application, [testing.permission("application", "ActivityFeed.ReadDlp", "x")]),
}

cases contains {
	"name": "a permission of the API of which neither id nor name is known",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(dlp, ["permission_id", "permission"])]),
}

cases contains {
	"name": "resource of a permission not known",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [{"permission": "ActivityFeed.ReadDlp"}]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, testing.of_grants),
}

cases contains {
	"name": "requests not read",
	"outcome": "unknown",
	"input": object.remove(
		testing.holding(testing.application, [testing.feed_read]),
		testing.of_requests,
	),
}

cases contains {"name": "does not use the API", "outcome": "not_applicable", "input": testing.application}

cases contains {
	"name": "an application of Microsoft",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [dlp]), {"origin": "microsoft"}),
}

cases contains {
	"name": "deleted, with grants left",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.foreign_application, [dlp]), {"origin": "deleted"}),
}

cases contains {
	"name": "requested, grants not read",
	"outcome": "fail",
	"keys": [object.remove(key("application"), ["held"])],
	"input": object.remove(testing.requesting(testing.application, [dlp]), testing.of_grants),
}

dlp := testing.management_permission("application", "ActivityFeed.ReadDlp", "4807a72c-ad38-4250-94c9-4eabfe26cd55")

delegated := testing.management_permission("delegated", "ActivityFeed.ReadDlp", "4807a72c-ad38-4250-94c9-4eabfe26cd55")

key(kind) := {
	"permission": sprintf("c5393580-f805-4401-95e8-94b7a6ef2fc2/%s/ActivityFeed.ReadDlp", [kind]),
	"held": "granted",
}

requested(kind) := object.union(key(kind), {"held": "requested"})

needs := {
	"declared": {"declared": {"needs": ["activityfeed.readdlp"]}, "outcome": "pass"},
	"another permission declared": {"declared": {"needs": ["activityfeed.read"]}, "outcome": "fail"},
	"nothing declared": {"declared": {"needs": []}, "outcome": "fail"},
	"something else declared": {"declared": {"critical": ["activityfeed.readdlp"]}, "outcome": "fail"},
}

test_declared_needs[name] if {
	some name, need in needs
	app := object.union(testing.holding(testing.application, [dlp]), {"declared": need.declared})
	testing.outcome(dlp_without_need) == need.outcome with input as app with data.config as testing.config
}

test_evidence if {
	some finding in dlp_without_need.deny with input as testing.holding(testing.application, [dlp])
	finding.evidence == {
		"permission": "ActivityFeed.ReadDlp",
		"kind": "application",
		"requested": false,
		"granted": true,
	}
}
