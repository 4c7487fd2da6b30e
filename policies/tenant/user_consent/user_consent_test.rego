package policies.tenant.user_consent_test

import data.policies.lib.keys
import data.policies.lib.testing
import data.policies.tenant.user_consent

test_cases[case.name] if {
	some case in cases
	result := judgement with input as case.input with data.config as testing.config
	testing.agrees(case, result)
}

judgement := {"applies": true, "deny": user_consent.deny, "unknown": user_consent.unknown}

cases contains {"name": "low permissions of verified publishers", "outcome": "pass", "input": testing.tenant}

cases contains {"name": "users may not consent", "outcome": "pass", "input": under([])}

cases contains {
	"name": "the policy that Microsoft keeps up to date, in other case",
	"outcome": "pass",
	"input": under([policy("Microsoft-User-Default-Recommended", [anything])]),
}

cases contains {
	"name": "the legacy policy, of which the conditions are not listed",
	"outcome": "fail",
	"keys": [{"policy": "microsoft-user-default-legacy"}],
	"input": under([object.union(unlisted("microsoft-user-default-legacy"), {"found": false})]),
}

cases contains {
	"name": "a policy of the tenant that allows anything",
	"outcome": "fail",
	"keys": [key("contoso-staff-apps", [anything])],
	"input": under([policy("contoso-staff-apps", [anything])]),
}

cases contains {
	"name": "anything but what it excludes",
	"outcome": "fail",
	"keys": [object.union(key("contoso-staff-apps", [anything]), {"excluded": keys.digest([anything])})],
	"input": under([object.union(policy("contoso-staff-apps", [anything]), {"excludes": [anything]})]),
}

cases contains {
	"name": "anything of verified publishers",
	"outcome": "fail",
	"keys": [key("contoso-verified", [object.union(anything, {"verified_publisher_only": true})])],
	"input": under([policy("contoso-verified", [object.union(anything, {"verified_publisher_only": true})])]),
}

cases contains {
	"name": "medium permissions of verified publishers",
	"outcome": "fail",
	"keys": [key("contoso-medium", [medium])],
	"input": under([policy("contoso-medium", [object.union(low, {"classification": "medium"})])]),
}

cases contains {
	"name": "low permissions of anybody",
	"outcome": "fail",
	"keys": [key("contoso-low", [object.union(low, {"verified_publisher_only": false})])],
	"input": under([policy("contoso-low", [object.union(low, {"verified_publisher_only": false})])]),
}

cases contains {
	"name": "a wide policy beside a configured one",
	"outcome": "fail",
	"keys": [key("contoso-staff-apps", [anything])],
	"input": under([testing.tenant.user_consent[0], policy("contoso-staff-apps", [low, anything])]),
}

cases contains {
	"name": "a policy of the tenant for low permissions of verified publishers",
	"outcome": "pass",
	"input": under([policy("contoso-low", [low])]),
}

cases contains {
	"name": "low permissions of applications of named tenants",
	"outcome": "pass",
	"input": under([policy("contoso-low", [object.union(low, {
		"verified_publisher_only": false,
		"client_tenants": ["11111111-2222-3333-4444-555555555555"],
	})])]),
}

cases contains {"name": "a policy that allows nothing", "outcome": "pass", "input": under([policy("contoso-none", [])])}

cases contains {
	"name": "a policy that the tenant does not list",
	"outcome": "unknown",
	"input": under([object.union(unlisted("contoso-gone"), {"found": false})]),
}

cases contains {
	"name": "classification not read",
	"outcome": "unknown",
	"input": under([policy("contoso-low", [object.remove(low, ["classification"])])]),
}

cases contains {
	"name": "not read",
	"outcome": "unknown",
	"input": object.remove(testing.tenant, ["user_consent"]),
}

cases contains {
	"name": sprintf("several wide conditions of named permissions, %s", [order]),
	"outcome": "fail",
	"keys": [key("contoso-staff-apps", [anything, object.union(anything, {"permissions": ["a", "b"]})])],
	"input": under([policy("contoso-staff-apps", conditions)]),
} if {
	some order, conditions in {
		"in one order": [anything, object.union(anything, {"permissions": ["b", "a"]})],
		"in the other": [object.union(anything, {"permissions": ["a", "b"]}), low, anything],
	}
}

low := testing.tenant.user_consent[0].includes[0]

medium := object.union(low, {"classification": "medium"})

key(id, conditions) := {"policy": id, "conditions": keys.digest(conditions)}

anything := object.union(low, {"classification": "all", "verified_publisher_only": false})

policy(id, includes) := {
	"id": id,
	"name": "Policy",
	"built_in": startswith(lower(id), "microsoft-"),
	"found": true,
	"includes": includes,
	"excludes": [],
}

unlisted(id) := object.remove(policy(id, []), ["includes", "excludes"])

under(policies) := object.union(testing.tenant, {"user_consent": policies})

configured(ids) := object.union(testing.config, {"user_consent": ids})

found contains finding.key.policy if some finding in user_consent.deny

test_a_configured_policy_is_not_looked_into if {
	config := configured(["Contoso-Staff-Apps"])
	found == set() with input as under([policy("contoso-staff-apps", [anything])]) with data.config as config
}

test_the_recommended_policy_may_be_left_out if {
	tenant := under([policy("microsoft-user-default-recommended", [anything])])
	config := configured(["microsoft-user-default-low"])
	found == {"microsoft-user-default-recommended"} with input as tenant with data.config as config
}

test_low_is_allowed_under_either_name_and_case if {
	config := configured(["Microsoft-User-Default-Recommended"])
	found == set() with input as under([policy("contoso-low", [low])]) with data.config as config
}

test_where_nothing_is_configured_every_policy_is_wider if {
	found == {"microsoft-user-default-low"} with input as testing.tenant with data.config as configured([])
	found == {"contoso-low"} with input as under([policy("contoso-low", [low])])
		with data.config as configured(["contoso-other"])
	found == set() with input as under([policy("contoso-none", [])]) with data.config as configured([])
	found == set() with input as under([]) with data.config as configured([])
}

test_what_the_legacy_policy_includes if {
	tenant := under([policy("microsoft-user-default-low", [low])])
	testing.outcome(object.union(user_consent, {"applies": true})) == "pass" with input as tenant
		with data.config as configured(["microsoft-user-default-legacy"])
}

test_evidence if {
	tenant := under([object.union(policy("contoso-staff-apps", [low, anything]), {"excludes": [low]})])
	some finding in user_consent.deny with input as tenant with data.config as testing.config
	finding.evidence == {
		"allowed": ["microsoft-user-default-low", "microsoft-user-default-recommended"],
		"name": "Policy",
		"built_in": false,
		"found": true,
		"conditions": [anything],
		"excluded": 1,
	}
}

# What a case says word for word, or with one more thing lost or damaged.
test_variants[variant.name] if {
	some variant in variants
	altered := testing.varied(cases, variant)
	result := user_consent with input as altered with data.config as testing.config
	testing.says(variant, object.union({"applies": true}, result))
}

variants contains {
	"name": "medium permissions of verified publishers",
	"of": "medium permissions of verified publishers",
	"outcome": "fail",
	"keys": {key("contoso-medium", [medium])},
	"findings": {{"key": key("contoso-medium", [medium]), "evidence": {
		"allowed": ["microsoft-user-default-low", "microsoft-user-default-recommended"],
		"built_in": false,
		"conditions": [{
			"classification": "medium",
			"client_apps": ["all"],
			"client_publishers": ["all"],
			"client_tenants": ["all"],
			"permission_type": "delegatedUserConsentable",
			"permissions": ["all"],
			"resource": "any",
			"verified_publisher_only": true,
		}],
		"found": true,
		"name": "Policy",
	}}},
}

variants contains {
	"name": "the legacy policy, of which the conditions are not listed",
	"of": "the legacy policy, of which the conditions are not listed",
	"outcome": "fail",
	"keys": {{"policy": "microsoft-user-default-legacy"}},
	"findings": {
		{
			"evidence": {
				"allowed": [
					"microsoft-user-default-low",
					"microsoft-user-default-recommended",
				],
				"built_in": true,
				"found": false,
				"name": "Policy",
			},
			"key": {"policy": "microsoft-user-default-legacy"},
		},
	},
}

test_each_of_the_low_policies_allows_the_like[id] if {
	some id in ["microsoft-user-default-low", "microsoft-user-default-recommended"]
	found == set() with input as under([policy("contoso-low", [low])]) with data.config as configured([id])
}
