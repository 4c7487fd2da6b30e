package policies.tenant.app_management_test

import data.policies.lib.testing
import data.policies.tenant.app_management

test_cases[case.name] if {
	some case in cases
	result := judgement with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

judgement := {"applies": true, "deny": app_management.deny, "unknown": app_management.unknown}

cases contains {"name": "limits of 180 days on both", "outcome": "pass", "input": testing.tenant}

cases contains {
	"name": "limits since a date that has come, and a year for certificates",
	"outcome": "pass",
	"input": restricting([rule |
		some limit in limits
		rule := object.union(limit, {"after": "2026-01-01T00:00:00Z", "after_days": 323, "max_days": days[limit.type]})
	]),
}

cases contains {
	"name": "limits since today",
	"outcome": "pass",
	"input": restricting([object.union(limit, {"after": "2026-11-20T00:00:00Z", "after_days": 0}) | some limit in limits]),
}

cases contains {
	"name": "no new secrets at all",
	"outcome": "pass",
	"input": restricting([rule |
		some limit in limits
		rule := object.remove(object.union(limit, {"type": forbidding[limit.type]}), [dropped[limit.type]])
	]),
}

cases contains {
	"name": "no new secrets at all, beside a limit that cannot be read",
	"outcome": "pass",
	"input": restricting(array.concat(
		[object.remove(limit, {"passwordLifetime": ["max_days"], "asymmetricKeyLifetime": []}[limit.type]) |
			some limit in limits
		],
		[{"of": of, "type": "passwordAddition", "state": "enabled"} | some of in sides],
	)),
}

cases contains {
	"name": "no policy of the tenant",
	"outcome": "fail",
	"keys": [{"fault": "off"}],
	"input": having([]),
}

cases contains {
	"name": "a policy for single applications only",
	"outcome": "fail",
	"keys": [{"fault": "off"}],
	"input": having([object.union(default_policy, {"id": "b0e5c8d1", "default": false})]),
}

cases contains {
	"name": "off, with all restrictions, beside one for single applications",
	"outcome": "fail",
	"keys": [{"fault": "off"}],
	"input": having([
		object.union(default_policy, {"enabled": false}),
		object.union(default_policy, {"id": "b0e5c8d1", "default": false}),
	]),
}

cases contains {
	"name": "off, without restrictions",
	"outcome": "fail",
	"keys": [{"fault": "off"}],
	"input": having([object.union(default_policy, {"enabled": false, "restrictions": []})]),
}

cases contains {
	"name": "on, without restrictions",
	"outcome": "fail",
	"keys": [{"of": of, "credential": credential} | some of in sides; some credential in ["secret", "certificate"]],
	"input": restricting([]),
}

cases contains {
	"name": "applications only",
	"outcome": "fail",
	"keys": [
		{"of": "service_principal", "credential": "secret"},
		{"of": "service_principal", "credential": "certificate"},
	],
	"input": restricting([limit | some limit in limits; limit.of == "application"]),
}

cases contains {
	"name": "a limit is switched off",
	"outcome": "fail",
	"keys": [{"of": "application", "credential": "certificate"}],
	"input": restricting(changed("application", "asymmetricKeyLifetime", {"state": "disabled"})),
}

cases contains {
	"name": "secrets of a day more than 180",
	"outcome": "fail",
	"keys": [{"of": "service_principal", "credential": "secret", "max_days": 181}],
	"input": restricting(changed("service_principal", "passwordLifetime", {"max_days": 181})),
}

cases contains {
	"name": "a limit that begins tomorrow",
	"outcome": "fail",
	"keys": [{"of": "application", "credential": "secret"}],
	"input": restricting(changed("application", "passwordLifetime", {"after": "2026-11-21T00:00:00Z", "after_days": -1})),
}

cases contains {
	"name": "other restrictions do not help",
	"outcome": "fail",
	"keys": [{"of": "application", "credential": "certificate"}],
	"input": restricting(changed("application", "asymmetricKeyLifetime", {"type": "symmetricKeyLifetime"})),
}

cases contains {"name": "not read", "outcome": "unknown", "input": object.remove(testing.tenant, ["app_management"])}

cases contains {
	"name": "whether it is on was not read",
	"outcome": "unknown",
	"input": having([object.remove(default_policy, ["enabled"])]),
}

cases contains {
	"name": "restrictions not read",
	"outcome": "unknown",
	"input": having([object.remove(default_policy, ["restrictions"])]),
}

cases contains {
	"name": "length of a limit not read",
	"outcome": "unknown",
	"input": restricting([object.remove(limit, ["max_days"]) | some limit in limits]),
}

cases contains {
	"name": "begin of a limit not read",
	"outcome": "unknown",
	"input": restricting(changed("application", "passwordLifetime", {"after": "some day"})),
}

cases contains {
	"name": "a restriction without a type",
	"outcome": "unknown",
	"input": restricting(changed("application", "passwordLifetime", {"type": ""})),
}

cases contains {
	"name": sprintf("a state %s", [state]),
	"outcome": "unknown",
	"input": restricting(changed("application", "passwordLifetime", {"state": state})),
} if {
	some state in ["audit", ""]
}

cases contains {
	"name": "a limit that exempts some",
	"outcome": "unknown",
	"input": restricting(changed("application", "passwordLifetime", {"exempts": true})),
}

cases contains {
	"name": "a limit that exempts some, beside one that exempts nobody",
	"outcome": "pass",
	"input": restricting(array.concat(
		changed("application", "passwordLifetime", {"exempts": true}),
		[rule | some rule in limits; rule.of == "application"],
	)),
}

cases contains {
	"name": "a limit that is off, whomever it would exempt",
	"outcome": "fail",
	"keys": [{"of": "application", "credential": "secret"}],
	"input": restricting(changed("application", "passwordLifetime", {"state": "disabled", "exempts": true})),
}

cases contains {
	"name": "secrets of two limits that are too long, beside a shorter one that is off",
	"outcome": "fail",
	"keys": [{"of": "application", "credential": "secret", "max_days": 365}],
	"input": restricting(array.concat(changed("application", "passwordLifetime", {"max_days": 730}), [
		{"of": "application", "type": "passwordLifetime", "state": "enabled", "max_days": 365},
		{"of": "application", "type": "passwordLifetime", "state": "disabled", "max_days": 200},
	])),
}

default_policy := testing.tenant.app_management[0]

sides := ["application", "service_principal"]

limits := [rule | some rule in default_policy.restrictions; rule.type != "passwordAddition"]

days := {"passwordLifetime": 180, "asymmetricKeyLifetime": 366}

forbidding := {"passwordLifetime": "PasswordAddition", "asymmetricKeyLifetime": "asymmetricKeyLifetime"}

dropped := {"passwordLifetime": "max_days", "asymmetricKeyLifetime": "after"}

changed(of, type, members) := [rule |
	some limit in limits
	rule := object.union(limit, {true: members, false: {}}[[of, type] == [limit.of, limit.type]])
]

restricting(rules) := having([object.union(default_policy, {"restrictions": rules})])

having(policies) := object.union(testing.tenant, {"app_management": policies})

test_evidence if {
	tenant := having([
		object.union(default_policy, {"restrictions": changed("application", "passwordLifetime", {"max_days": 365})}),
		object.union(default_policy, {"id": "b0e5c8d1", "default": false}),
		object.union(default_policy, {"id": "b0e5c8d2", "default": false}),
	])
	some finding in app_management.deny with input as tenant with data.config as testing.config
	finding.evidence == {
		"problem": "nothing limits the lifetime of a secret on a new application",
		"restrictions": [{"type": "passwordLifetime", "state": "enabled", "max_days": 365}],
		"policies_of_single_applications": 2,
	}
}

test_evidence_of_none if {
	some finding in app_management.deny with input as having([])
	finding.evidence == {
		"problem": "there is no app management policy of the tenant",
		"policies_of_single_applications": 0,
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := judgement with input as altered with data.config as testing.config
	testing.says(variant, result)
}

variants contains {
	"name": "without app_management.0.restrictions.0.of: off, with all restrictions, beside one for single appli…",
	"of": "off, with all restrictions, beside one for single applications",
	"at": "/app_management/0/restrictions/0/of",
	"outcome": "fail",
	"reasons": {"of or type of a restriction"},
	"keys": {{"fault": "off"}},
}

variants contains {
	"name": "restrictions not read",
	"of": "restrictions not read",
	"outcome": "unknown",
	"reasons": {
		"restrictions",
		"whether a certificate of a new application is limited",
		"whether a certificate of a new service principal is limited",
		"whether a secret of a new application is limited",
		"whether a secret of a new service principal is limited",
	},
}

variants contains {
	"name": "not read",
	"of": "not read",
	"outcome": "unknown",
	"reasons": {
		"app_management",
		"whether a certificate of a new application is limited",
		"whether a certificate of a new service principal is limited",
		"whether a secret of a new application is limited",
		"whether a secret of a new service principal is limited",
	},
}

variants contains {
	"name": "without app_management.1.default: off, with all restrictions, beside one for single applications",
	"of": "off, with all restrictions, beside one for single applications",
	"at": "/app_management/1/default",
	"outcome": "fail",
	"reasons": {"which of the policies is the tenant's"},
	"keys": {{"fault": "off"}},
}
