# METADATA
# title: The tenant limits the lifetime of credentials
# description: >-
#   The tenant's app management policy keeps new credentials short, whoever adds them: without it a secret may last
#   for decades. It has to be on, and to limit the lifetime of secrets (passwordLifetime, at most credential_max_days)
#   and of certificates (asymmetricKeyLifetime, of whatever length: the threshold is about secrets), on applications
#   and on service principals. Forbidding new secrets (passwordAddition) is more than a limit and serves. A limit that
#   binds only applications created after a date is taken when the date has come: the older ones are judged by their
#   credentials. Policies for single applications may loosen or tighten this; they are counted, not judged.
# scope: package
# schemas:
#   - input: schema.tenant
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/tenantappmanagementpolicy
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-app-management-policies
# custom:
#   id: TEN-004
#   severity: medium
#   subject: tenant
#   requires: [app_management_policies]
#   absence: false
#   message: "{subject}: {evidence.problem}"
#   remediation: >-
#     Entra admin center > Enterprise applications > Application policies: turn on the restrictions on the lifetime of
#     passwords and of certificates, for all applications. With Graph: PATCH /policies/defaultAppManagementPolicy with
#     isEnabled true, and passwordLifetime and asymmetricKeyLifetime with maxLifetime (such as P180D) under both
#     applicationRestrictions and servicePrincipalRestrictions.
package policies.tenant.app_management

import data.policies.lib.facts

deny contains {"key": {"fault": "off"}, "evidence": object.union({"problem": problem}, _others)} if {
	some problem in _off
}

deny contains {"key": key, "evidence": evidence} if {
	_policy.enabled == true
	some of in _sides
	some credential in object.keys(_limiting)
	rules := _rules(of, credential)
	every rule in rules {
		not _verdict(rule) in {"limits", "unclear"}
	}
	not _unreadable_rule
	key := object.union({"of": of, "credential": credential}, _shortest(rules))
	problem := sprintf("nothing limits the lifetime of a %s on a new %s", [credential, replace(of, "_", " ")])
	shown := [facts.pick(rule, ["type", "state", "max_days", "after"]) | some rule in rules]
	evidence := object.union({"problem": problem, "restrictions": shown}, _others)
}

unknown contains "app_management" if not is_array(object.get(input, "app_management", null))

unknown contains "which of the policies is the tenant's" if {
	some policy in input.app_management
	not is_boolean(object.get(policy, "default", null))
}

unknown contains "enabled" if not is_boolean(object.get(_policy, "enabled", null))

unknown contains "restrictions" if {
	not is_array(object.get(_policy, "restrictions", null))
}

unknown contains "of or type of a restriction" if _unreadable_rule

unknown contains sprintf("whether a %s of a new %s is limited", [credential, replace(of, "_", " ")]) if {
	some of in _sides
	some credential in object.keys(_limiting)
	verdicts := {_verdict(rule) | some rule in _rules(of, credential)}
	not "limits" in verdicts
}

# The shortest limit in force. Without one a new credential may last for ever.
_shortest(rules) := {"max_days": days | days := min({rule.max_days | some rule in rules; _verdict(rule) == "too long"})}

_sides := {"application", "service_principal"}

# Undefined without a list of restrictions: none read is not none there.
_rules(of, credential) := [rule |
	some rule in _policy.restrictions
	rule.of == of
	facts.folded(rule, "type") in _limiting[credential]
] if {
	is_array(_policy.restrictions)
}

_policy := policy if {
	some policy in input.app_management
	policy.default == true
}

_off contains "there is no app management policy of the tenant" if {
	every policy in input.app_management {
		policy.default == false
	}
}

_off contains "the tenant's app management policy is off" if _policy.enabled == false

_unreadable_rule if {
	some rule in _policy.restrictions
	"" in {facts.folded(rule, "of"), facts.folded(rule, "type")}
}

_limiting := {
	"secret": {"passwordlifetime", "passwordaddition"},
	"certificate": {"asymmetrickeylifetime"},
}

_verdict(rule) := "off" if {
	rule.state == "disabled"
} else := "unclear" if {
	not rule.state == "enabled"
} else := "not in force yet" if {
	rule.after_days < 0
} else := "unclear" if {
	rule.exempts == true
} else := "unclear" if {
	is_string(object.get(rule, "after", null))
	not is_number(object.get(rule, "after_days", null))
} else := "limits" if {
	facts.folded(rule, "type") == "passwordaddition"
} else := "unclear" if {
	not is_number(object.get(rule, "max_days", null))
} else := "too long" if {
	facts.folded(rule, "type") == "passwordlifetime"
	rule.max_days > data.config.credential_max_days
} else := "limits"

_others := {"policies_of_single_applications": count([policy |
	some policy in object.get(input, "app_management", [])
	policy.default == false
])}
