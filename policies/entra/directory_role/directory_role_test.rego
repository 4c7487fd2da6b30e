package policies.entra.directory_role_test

import data.policies.entra.directory_role
import data.policies.lib.testing

test_cases[case.name] if {
	some case in cases
	result := directory_role with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

cases contains {"name": "no role", "outcome": "pass", "input": testing.application}

cases contains {
	"name": "a role over the whole directory",
	"outcome": "fail",
	"keys": [key(exchange)],
	"input": holding(testing.application, [exchange]),
}

cases contains {
	"name": "assigned and eligible, over the directory and over a unit",
	"outcome": "fail",
	"keys": [key(exchange), key(eligible), key(in_unit)],
	"input": holding(testing.application, [exchange, eligible, in_unit]),
}

cases contains {
	"name": "by itself and as a member of a group",
	"outcome": "fail",
	"keys": [key(exchange), object.union(key(exchange), {"group_id": "a group"})],
	"input": holding(testing.application, [exchange, object.union(exchange, {"group_id": "a group"})]),
}

cases contains {
	"name": "assigned twice is one finding",
	"outcome": "fail",
	"keys": [key(exchange)],
	"input": holding(testing.application, [exchange, object.union(exchange, {"role": "Exchange-Administrator"})]),
}

cases contains {
	"name": "scope not read",
	"outcome": "fail",
	"keys": [{"role": exchange.role_id, "via": "assigned"}],
	"input": holding(testing.application, [object.remove(exchange, ["scope"])]),
}

cases contains {
	"name": sprintf("origin %s", [origin]),
	"outcome": "fail",
	"keys": [key(exchange)],
	"input": holding(object.union(testing.foreign_application, {"origin": origin}), [exchange]),
} if {
	some origin in ["foreign", "managed_identity"]
}

cases contains {
	"name": "a group holds a role",
	"outcome": "unknown",
	"input": holding(testing.application, [grouped]),
}

cases contains {
	"name": "a group holds a role, and so does the application",
	"outcome": "fail",
	"keys": [key(exchange)],
	"input": holding(testing.application, [grouped, exchange]),
}

cases contains {
	"name": "Microsoft's own with a role of its work",
	"outcome": "pass",
	"input": holding(microsoft, [exchange, grouped]),
}

cases contains {
	"name": "Microsoft's own with a privileged role",
	"outcome": "fail",
	"keys": [key(administrator)],
	"input": holding(microsoft, [exchange, administrator]),
}

cases contains {
	"name": "Microsoft's own, a group holds a privileged role",
	"outcome": "unknown",
	"input": holding(microsoft, [object.union(administrator, {"via": "group"})]),
}

cases contains {
	"name": "roles not read",
	"outcome": "unknown",
	"input": object.remove(testing.application, ["directory_roles"]),
}

cases contains {
	"name": "origin not known",
	"outcome": "unknown",
	"input": object.remove(holding(testing.application, [exchange]), ["origin"]),
}

cases contains {
	"name": "origin not known, a privileged role",
	"outcome": "fail",
	"keys": [key(administrator)],
	"input": object.remove(holding(testing.application, [administrator]), ["origin"]),
}

cases contains {
	"name": "origin not known, no role",
	"outcome": "pass",
	"input": object.remove(testing.application, ["origin"]),
}

cases contains {
	"name": "service principal deleted",
	"outcome": "not_applicable",
	"input": holding(object.union(testing.foreign_application, {"origin": "deleted"}), [exchange]),
}

holding(app, roles) := object.union(object.remove(app, ["directory_roles"]), {"directory_roles": roles})

microsoft := object.union(testing.foreign_application, {"origin": "microsoft"})

exchange := {
	"role_id": "29232cdf-9323-42fd-ade2-1d097af3e4de",
	"role": "Exchange Administrator",
	"via": "assigned",
	"scope": "/",
}

administrator := {
	"role_id": "62E90394-69f5-4237-9190-012177145e10",
	"role": "Global Administrator",
	"via": "assigned",
	"scope": "/",
}

eligible := object.union(exchange, {"via": "eligible"})

grouped := object.union(exchange, {"via": "group"})

in_unit := object.union(exchange, {"scope": "/administrativeUnits/a"})

key(hold) := {"role": lower(hold.role_id), "via": hold.via, "scope": hold.scope}

severities := {
	"another role": {"hold": exchange, "severities": {"none"}},
	"a privileged role": {"hold": administrator, "severities": {"critical"}},
	"a privileged role that may be activated": {
		"hold": object.union(administrator, {"via": "eligible"}),
		"severities": {"critical"},
	},
	"a privileged role, scope not told": {
		"hold": object.remove(administrator, ["scope"]),
		"severities": {"critical"},
	},
	"a privileged role over a unit": {
		"hold": object.union(administrator, {"scope": "/administrativeUnits/a"}),
		"severities": {"none"},
	},
	"Directory Readers": {
		"hold": object.union(exchange, {"role_id": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"}),
		"severities": {"low"},
	},
}

test_severity[name] if {
	some name, example in severities
	findings := directory_role.deny with input as holding(testing.application, [example.hold])
		with data.config as testing.config
	{object.get(finding, "severity", "none") | some finding in findings} == example.severities
}

test_evidence_is_the_name if {
	nameless := object.remove(eligible, ["role"])
	member := object.union(exchange, {"group_id": "a group"})
	findings := directory_role.deny with input as holding(testing.application, [exchange, nameless, member])
		with data.config as testing.config
	{finding.evidence | some finding in findings} == {
		{"role": "Exchange Administrator", "how": "assigned"},
		{"role": exchange.role_id, "how": "eligible"},
		{"role": "Exchange Administrator", "how": "assigned, through the group a group"},
	}
}

test_nothing_is_unknown_of_a_role_that_is_known if {
	reasons := directory_role.unknown with input as holding(testing.application, [exchange, eligible])
		with data.config as testing.config
	reasons == set()
}

test_reason_names_the_role if {
	reasons := directory_role.unknown with input as holding(testing.application, [grouped])
		with data.config as testing.config
	reasons == {"whether it is in a group that holds the role Exchange Administrator"}
	nameless := object.remove(grouped, ["role_id", "role"])
	unnamed := directory_role.unknown with input as holding(testing.application, [nameless])
		with data.config as testing.config
	"whether it is in a group that holds the role without a name" in unnamed
}

# What no schema allows, and a damaged snapshot may hold.
test_damaged_cases[case.name] if {
	some case in damaged
	result := directory_role with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

damaged contains {
	"name": "a role that is not known",
	"outcome": "unknown",
	"input": holding(testing.application, [object.remove(exchange, ["role_id"])]),
}

damaged contains {
	"name": "kind of an assignment not known",
	"outcome": "unknown",
	"input": holding(testing.application, [object.remove(exchange, ["via"])]),
}
