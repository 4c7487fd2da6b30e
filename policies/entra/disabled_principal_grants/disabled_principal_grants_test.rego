package policies.entra.disabled_principal_grants_test

import data.policies.entra.disabled_principal_grants
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := disabled_principal_grants with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "enabled", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "disabled",
	"outcome": "fail",
	"keys": [{"reason": "disabled", "permissions": []}],
	"input": object.union(testing.application, {"enabled": false}),
}

cases contains {
	"name": "disabled by Microsoft",
	"outcome": "fail",
	"keys": [{"reason": "disabled_by_microsoft", "permissions": []}],
	"input": object.union(
		testing.application,
		{"disabled_by_microsoft": "DisabledDueToViolationOfServicesAgreement"},
	),
}

cases contains {
	"name": "not disabled by Microsoft, in its own word",
	"outcome": "pass",
	"input": object.union(testing.application, {"disabled_by_microsoft": "NotDisabled"}),
}

cases contains {
	"name": "its registration is gone",
	"outcome": "fail",
	"keys": [{"reason": "orphaned", "permissions": []}],
	"input": object.union(testing.application, {"registered": false}),
}

cases contains {
	"name": "its registration is gone, and it is disabled",
	"outcome": "fail",
	"keys": [{"reason": "orphaned", "permissions": []}, {"reason": "disabled", "permissions": []}],
	"input": object.union(testing.application, {"registered": false, "enabled": false}),
}

cases contains {
	"name": "its registration is gone, and nothing is granted to it",
	"outcome": "not_applicable",
	"input": testing.holding(object.union(testing.application, {"registered": false}), []),
}

cases contains {
	"name": "registrations not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["registered"]),
}

cases contains {
	"name": "registrations not read, and what kind of service principal it is",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["registered", "service_principal_type"]),
}

cases contains {
	"name": "a kind of service principal that never had a registration",
	"outcome": "pass",
	"input": object.remove(
		object.union(testing.application, {"service_principal_type": "Legacy"}),
		["registered"],
	),
}

cases contains {
	"name": "a registration in another tenant",
	"outcome": "pass",
	"input": testing.foreign_application,
}

cases contains {
	"name": "a registration in another tenant, and none here",
	"outcome": "pass",
	"input": object.union(testing.foreign_application, {"registered": false}),
}

cases contains {
	"name": "deleted, with grants left",
	"outcome": "fail",
	"keys": [{"reason": "deleted", "permissions": []}],
	"input": object.remove(object.union(testing.foreign_application, {"origin": "deleted"}), ["enabled"]),
}

cases contains {
	"name": "one grant on an API that is gone",
	"outcome": "fail",
	"keys": [{"reason": "api_gone", "permissions": []}],
	"input": testing.holding(testing.application, [testing.user_read, orphan]),
}

cases contains {
	"name": "disabled, and on an API that is gone",
	"outcome": "fail",
	"keys": [{"reason": "disabled", "permissions": []}, {"reason": "api_gone", "permissions": []}],
	"input": object.union(testing.holding(testing.application, [testing.user_read, orphan]), {"enabled": false}),
}

cases contains {
	"name": "an application of another tenant, disabled",
	"outcome": "fail",
	"keys": [{"reason": "disabled", "permissions": []}],
	"input": object.union(testing.foreign_application, {"enabled": false}),
}

cases contains {
	"name": "Microsoft's own, disabled, with consents",
	"outcome": "fail",
	"keys": [{"reason": "disabled", "permissions": []}],
	"input": object.union(testing.foreign_application, {"origin": "microsoft", "enabled": false}),
}

cases contains {
	"name": "Microsoft's own, disabled, with what Microsoft gave it",
	"outcome": "not_applicable",
	"input": testing.holding(
		object.union(testing.foreign_application, {"origin": "microsoft", "enabled": false}),
		[testing.sites_selected],
	),
}

cases contains {
	"name": "disabled, without grants",
	"outcome": "not_applicable",
	"input": object.union(testing.holding(testing.application, []), {"enabled": false}),
}

cases contains {
	"name": "not known whether it is enabled",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["enabled"]),
}

cases contains {
	"name": "the API of a grant is not known",
	"outcome": "unknown",
	"input": testing.holding(testing.application, [object.remove(orphan, ["resource_deleted"])]),
}

cases contains {
	"name": "grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["grants", "granted_keys"]),
}

cases contains {
	"name": sprintf("disabled, with several far-reaching permissions, %s", [order]),
	"outcome": "fail",
	"keys": [{"reason": "disabled", "permissions": [directory.key, mail.key]}],
	"input": object.union(testing.holding(testing.application, grants), {"enabled": false}),
} if {
	some order, grants in {"in one order": [mail, directory, testing.user_read], "in the other": [directory, mail, mail]}
}

knockout := {
	"/disabled_by_microsoft": "it is absent also where Microsoft has not disabled the application",
	"/origin": "an application that is not known to be deleted has to say whether it is enabled",
}

orphan := {
	"permission_id": "b0000000-0000-4000-8000-000000000001",
	"kind": "application",
	"resource_deleted": true,
}

test_evidence if {
	app := object.union(testing.holding(testing.application, [testing.user_read, orphan]), {"enabled": false})
	some finding in disabled_principal_grants.deny with input as app
	finding.key.reason == "disabled"
	finding.evidence == {
		"why": "its sign-in is disabled",
		"grants": 2,
		"permissions": ["User.Read", "b0000000-0000-4000-8000-000000000001"],
	}
	not "severity" in object.keys(finding)
}

test_evidence_of_an_api_that_is_gone if {
	app := testing.holding(testing.application, [testing.user_read, orphan])
	some finding in disabled_principal_grants.deny with input as app
	finding.evidence.permissions == ["b0000000-0000-4000-8000-000000000001"]
}

test_a_grant_without_any_name if {
	app := testing.holding(testing.application, [object.remove(orphan, ["permission_id"])])
	some finding in disabled_principal_grants.deny with input as app
	finding.evidence.permissions == ["a permission without a name"]
}

test_severity_follows_the_tier[tier] if {
	some tier in ["critical", "high"]
	app := object.union(
		testing.holding(testing.application, [object.union(testing.sites_selected, {"tier": tier})]),
		{"enabled": false},
	)
	some finding in disabled_principal_grants.deny with input as app
	finding.severity == "high"
}

test_nothing_is_unknown_beside_a_finding if {
	every case in cases {
		found := disabled_principal_grants with input as case.input with data.config as testing.config
		_sure(case, found)
	}
}

_sure(case, _) if case.outcome != "fail"

_sure(_, found) if found.unknown == set()

directory := object.union(
	testing.permission("application", "Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
	{"tier": "critical"},
)

mail := object.union(
	testing.permission("application", "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01"),
	{"tier": "high"},
)
