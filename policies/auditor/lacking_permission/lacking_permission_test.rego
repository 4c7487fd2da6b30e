package policies.auditor.lacking_permission_test

import data.policies.auditor.lacking_permission
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := lacking_permission with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "the least set", "outcome": "pass", "input": testing.auditor}

cases contains {
	"name": "nothing for one of two datasets",
	"outcome": "fail",
	"keys": [{"dataset": "delegated_grants"}],
	"input": holding(["Application.Read.All"]),
}

cases contains {
	"name": "nothing at all",
	"outcome": "fail",
	"keys": [{"dataset": "applications"}, {"dataset": "delegated_grants"}],
	"input": holding([]),
}

cases contains {
	"name": "what opens other datasets only",
	"outcome": "fail",
	"keys": [{"dataset": "applications"}, {"dataset": "delegated_grants"}],
	"input": holding(["Mail.Read", "User.Read"]),
}

cases contains {
	"name": "one of several needs of a dataset is not met",
	"outcome": "fail",
	"keys": [{"dataset": "directory_role_assignments"}],
	"input": assigned(["RoleManagement.Read.Directory"]),
}

cases contains {
	"name": "several needs of a dataset, none met: one finding",
	"outcome": "fail",
	"keys": [{"dataset": "directory_role_assignments"}],
	"input": assigned([]),
}

cases contains {
	"name": "several needs of a dataset, all met",
	"outcome": "pass",
	"input": assigned(["RoleManagement.Read.Directory", "RoleEligibilitySchedule.Read.Directory"]),
}

cases contains {"name": "one wide permission for both", "outcome": "pass", "input": holding(["Directory.Read.All"])}

cases contains {
	"name": "accepted ones only",
	"outcome": "pass",
	"input": holding(["Application.ReadWrite.All", "Directory.ReadWrite.All"]),
}

cases contains {
	"name": "other case of letters",
	"outcome": "pass",
	"input": holding(["APPLICATION.read.all", "delegatedpermissiongrant.read.all"]),
}

cases contains {
	"name": "a dataset that any token opens",
	"outcome": "pass",
	"input": object.union(holding([]), {"needs": [{"dataset": "organization", "least": [], "accepted": []}]}),
}

cases contains {
	"name": "an opaque token",
	"outcome": "unknown",
	"input": object.union(object.remove(testing.auditor, ["held"]), {"opaque": true}),
}

cases contains {"name": "held not read", "outcome": "unknown", "input": object.remove(holding([]), ["held"])}

cases contains {
	"name": "a snapshot that does not say what was needed",
	"outcome": "unknown",
	"input": object.remove(holding([]), ["needs"]),
}

cases contains {
	"name": "saved events",
	"outcome": "not_applicable",
	"input": {
		"kind": "auditor",
		"id": "saved-events",
		"credential": "saved-events",
		"signed_in": false,
		"app_only": false,
		"opaque": false,
		"read": ["data_connect_events"],
	},
}

holding(names) := testing.with_held(testing.auditor, [testing.held(name, "medium") | some name in names])

assigned(names) := object.union(holding(names), {"needs": [
	{
		"dataset": "directory_role_assignments",
		"least": ["RoleManagement.Read.Directory"],
		"accepted": ["RoleManagement.Read.All"],
	},
	{
		"dataset": "directory_role_assignments",
		"least": ["RoleEligibilitySchedule.Read.Directory"],
		"accepted": ["RoleEligibilitySchedule.ReadWrite.Directory"],
	},
]})

test_evidence_names_each_need_that_is_not_met if {
	some finding in lacking_permission.deny with input as assigned([])
	finding.evidence == {
		"dataset": "directory_role_assignments",
		"least": ["RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.Directory"],
	}
}

test_evidence_names_alternatives if {
	some finding in lacking_permission.deny with input as holding(["Application.Read.All"])
	finding.evidence.least == ["DelegatedPermissionGrant.Read.All or Directory.Read.All"]
}
