package policies.auditor.excess_permission_test

import data.policies.auditor.excess_permission
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := excess_permission with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "the least set", "outcome": "pass", "input": testing.auditor}

cases contains {
	"name": "a permission that no dataset needs",
	"outcome": "fail",
	"keys": [{"permission": "Mail.Read"}],
	"input": holding([mail]),
}

cases contains {
	"name": "a permission that opens a dataset and allows more",
	"outcome": "fail",
	"keys": [{"permission": "Application.ReadWrite.All"}],
	"input": holding([writing]),
}

cases contains {
	"name": "two at once, each a finding",
	"outcome": "fail",
	"keys": [{"permission": "Application.ReadWrite.All"}, {"permission": "Mail.Read"}],
	"input": holding([mail, writing]),
}

cases contains {
	"name": "wide for one dataset, the least for another",
	"outcome": "pass",
	"input": testing.with_held(testing.auditor, [testing.held("Directory.Read.All", "medium")]),
}

cases contains {
	"name": "both of two that are equally least",
	"outcome": "pass",
	"input": holding([testing.held("DelegatedPermissionGrant.Read.All", "medium")]),
}

cases contains {
	"name": "least for the second need of a dataset",
	"outcome": "pass",
	"input": object.union(holding([testing.held("RoleEligibilitySchedule.Read.Directory", "medium")]), {
		"needs": array.concat(testing.auditor.needs, [
			{"dataset": "directory_role_assignments", "least": ["Directory.Read.All"], "accepted": []},
			{
				"dataset": "directory_role_assignments",
				"least": ["RoleEligibilitySchedule.Read.Directory"],
				"accepted": [],
			},
		]),
	}),
}

cases contains {
	"name": "other case of letters",
	"outcome": "pass",
	"input": testing.with_held(testing.auditor, [testing.held("application.read.ALL", "medium")]),
}

cases contains {
	"name": "scopes that sign a person in",
	"outcome": "pass",
	"input": delegated(["openid", "profile", "email", "offline_access", "User.Read", "Application.Read.All"]),
}

cases contains {
	"name": "a delegated permission that no dataset needs",
	"outcome": "fail",
	"keys": [{"permission": "User.ReadBasic.All"}],
	"input": delegated(["openid", "User.ReadBasic.All"]),
}

cases contains {
	"name": "something for a dataset that any token opens",
	"outcome": "fail",
	"keys": [{"permission": "Organization.Read.All"}],
	"input": object.union(holding([testing.held("Organization.Read.All", "medium")]), {
		"needs": array.concat(testing.auditor.needs, [{"dataset": "organization", "least": [], "accepted": []}]),
	}),
}

cases contains {"name": "nothing held", "outcome": "pass", "input": testing.with_held(testing.auditor, [])}

cases contains {"name": "a denied dataset was asked for all the same", "outcome": "pass", "input": unread}

cases contains {
	"name": "an opaque token",
	"outcome": "unknown",
	"input": object.union(object.remove(testing.auditor, ["held"]), {"opaque": true}),
}

cases contains {"name": "held not read", "outcome": "unknown", "input": object.remove(holding([mail]), ["held"])}

cases contains {
	"name": "a snapshot that does not say what was needed",
	"outcome": "unknown",
	"input": object.remove(holding([mail]), ["needs"]),
}

cases contains {
	"name": "a dataset that was read and of which no need is told",
	"outcome": "unknown",
	"input": object.union(holding([mail]), {"read": ["applications", "sign_in_activity"]}),
}

cases contains {
	"name": "a folder",
	"outcome": "not_applicable",
	"input": {
		"kind": "auditor",
		"id": "folder",
		"credential": "folder",
		"signed_in": false,
		"app_only": false,
		"opaque": false,
		"read": ["applications"],
	},
}

mail := testing.held("Mail.Read", "high")

writing := testing.held("Application.ReadWrite.All", "critical")

holding(more) := testing.with_held(testing.auditor, array.concat(testing.auditor.held, more))

delegated(names) := object.union(
	testing.with_held(testing.auditor, [{"permission": name, "kind": "delegated", "tier": "low"} | some name in names]),
	{"app_only": false, "user": "adm-adele.vance@contoso.com"},
)

unread := object.union(testing.auditor, {"read": []})

severities := {"critical": {"high"}, "high": {"high"}, "medium": set(), "low": set(), "unrated": set()}

test_severity_follows_the_tier[tier] if {
	some tier, expected in severities
	findings := excess_permission.deny with input as holding([testing.held("Mail.Read", tier)])
	{finding.severity | some finding in findings} == expected
}

test_evidence_of_what_opens_nothing if {
	some finding in excess_permission.deny with input as holding([mail])
	finding.evidence == {
		"permission": "Mail.Read",
		"kind": "application",
		"tier": "high",
		"opens": [],
		"least": [],
	}
}

test_evidence_names_what_would_do_instead if {
	too_wide := testing.held("Directory.ReadWrite.All", "critical")
	some finding in excess_permission.deny with input as holding([too_wide])
	finding.evidence.opens == ["delegated_grants"]
	finding.evidence.least == ["DelegatedPermissionGrant.Read.All or Directory.Read.All"]
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := excess_permission with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without needs.0.least: the least set",
	"of": "the least set",
	"at": "/needs/0/least",
	"outcome": "unknown",
	"reasons": {"what a dataset takes"},
}
