package policies.entra.unverified_publisher_test

import data.policies.entra.unverified_publisher
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := unverified_publisher with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {
	"name": sprintf("for %s", [audience]),
	"outcome": "not_applicable",
	"input": accepting(testing.application, audience),
} if {
	some audience in ["AzureADMyOrg", "azureadmyorg", "PersonalMicrosoftAccount"]
}

cases contains {
	"name": sprintf("for %s, publisher not verified", [audience]),
	"outcome": "fail",
	"keys": [{"audience": lower(audience)}],
	"input": accepting(testing.application, audience),
} if {
	some audience in ["AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "azureadmultipleorgs"]
}

cases contains {
	"name": "several tenants, publisher verified",
	"outcome": "pass",
	"input": object.union(several, {"verified_publisher": true}),
}

cases contains {
	"name": "several tenants, publisher not read",
	"outcome": "unknown",
	"input": object.remove(several, ["verified_publisher"]),
}

cases contains {
	"name": "several tenants, grants not read",
	"outcome": "fail",
	"keys": [{"audience": "azureadmultipleorgs"}],
	"input": object.remove(several, ["grants", "granted_keys"]),
}

cases contains {
	"name": "audience not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["sign_in_audience"]),
}

cases contains {
	"name": sprintf("audience that is none of those known, publisher verified: %v", [verified]),
	"outcome": "unknown",
	"input": object.union(accepting(testing.application, "Everybody"), {"verified_publisher": verified}),
} if {
	some verified in [true, false]
}

cases contains {
	"name": "several tenants, publisher not verified, a high permission: one finding",
	"outcome": "fail",
	"keys": [{"audience": "azureadmultipleorgs"}],
	"input": testing.holding(several, [mail]),
}

cases contains {
	"name": "another tenant's with low permissions",
	"outcome": "pass",
	"input": accepting(testing.foreign_application, "AzureADMultipleOrgs"),
}

cases contains {
	"name": "another tenant's with low permissions, publisher not read",
	"outcome": "pass",
	"input": object.remove(testing.foreign_application, ["verified_publisher"]),
}

cases contains {
	"name": sprintf("another tenant's with a permission of tier %s", [tier]),
	"outcome": "fail",
	"keys": [{"permissions": [mail.key]}],
	"input": testing.holding(testing.foreign_application, [object.union(mail, {"tier": tier}), testing.user_read]),
} if {
	some tier in ["critical", "high"]
}

cases contains {
	"name": sprintf("another tenant's with a permission of tier %s, which is not far-reaching", [tier]),
	"outcome": "pass",
	"input": testing.holding(testing.foreign_application, [object.union(mail, {"tier": tier})]),
} if {
	some tier in ["medium", "low", "unrated"]
}

cases contains {
	"name": "another tenant's with a high permission by consent of one user",
	"outcome": "fail",
	"keys": [{"permissions": [sprintf("%s by users", [mail.key])]}],
	"input": testing.holding(testing.foreign_application, [object.union(mail, {"consent": "user", "users": 1})]),
}

cases contains {
	"name": "another tenant's, verified, with a high permission",
	"outcome": "pass",
	"input": object.union(risky, {"verified_publisher": true}),
}

cases contains {
	"name": "another tenant's with a high permission, publisher not read",
	"outcome": "unknown",
	"input": object.remove(risky, ["verified_publisher"]),
}

cases contains {
	"name": "another tenant's, grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.foreign_application, ["grants", "granted_keys"]),
}

cases contains {
	"name": "another tenant's, publisher and grants not read",
	"outcome": "unknown",
	"input": object.remove(testing.foreign_application, ["grants", "granted_keys", "verified_publisher"]),
}

cases contains {
	"name": "another tenant's, verified, grants not read",
	"outcome": "pass",
	"input": object.union(
		object.remove(testing.foreign_application, ["grants", "granted_keys"]),
		{"verified_publisher": true},
	),
}

cases contains {
	"name": "another tenant's with a permission that is not resolved",
	"outcome": "unknown",
	"input": testing.holding(testing.foreign_application, [testing.unresolved("application", "x")]),
}

cases contains {
	"name": "another tenant's with a permission of unknown tier",
	"outcome": "unknown",
	"input": testing.holding(testing.foreign_application, [object.remove(mail, ["tier"])]),
}

cases contains {
	"name": "another tenant's, verified, with a permission that is not resolved",
	"outcome": "pass",
	"input": object.union(
		testing.holding(testing.foreign_application, [testing.unresolved("application", "x")]),
		{"verified_publisher": true},
	),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(several, ["origin"]),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "not_applicable",
	"input": object.union(risky, {"origin": origin}),
} if {
	some origin in ["microsoft", "managed_identity", "deleted"]
}

cases contains {
	"name": sprintf("another tenant's with several far-reaching permissions, %s", [order]),
	"outcome": "fail",
	"keys": [{"permissions": [directory.key, mail.key]}],
	"input": testing.holding(testing.foreign_application, grants),
} if {
	some order, grants in {"in one order": [mail, directory, testing.user_read], "in the other": [directory, mail, mail]}
}

accepting(app, audience) := object.union(app, {"sign_in_audience": audience})

several := accepting(testing.application, "AzureADMultipleOrgs")

mail := object.union(
	testing.permission("application", "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01"),
	{"tier": "high"},
)

risky := testing.holding(testing.foreign_application, [mail, testing.user_read])

test_grants_of_own_are_not_asked_for if {
	unread := object.remove(several, ["verified_publisher", "grants", "granted_keys"])
	reasons := unverified_publisher.unknown with input as unread
	reasons == {"verified_publisher"}
	untold := testing.holding(object.remove(several, ["verified_publisher"]), [testing.unresolved("application", "x")])
	others := unverified_publisher.unknown with input as untold
	others == {"verified_publisher"}
}

test_findings_of_own if {
	findings := unverified_publisher.deny with input as several
	findings == {{
		"key": {"audience": "azureadmultipleorgs"},
		"evidence": {"what": "accepts accounts of other tenants", "sign_in_audience": "AzureADMultipleOrgs"},
	}}
}

test_findings_of_another_tenants if {
	findings := unverified_publisher.deny with input as risky
	findings == {{
		"key": {"permissions": [mail.key]},
		"evidence": {"what": "another tenant registered", "permissions": ["Mail.Read"]},
		"severity": "high",
	}}
}

directory := object.union(
	testing.permission("application", "Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
	{"tier": "critical"},
)
