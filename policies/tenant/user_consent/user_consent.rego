# METADATA
# title: Users consent to little, and for known publishers
# description: >-
#   Users may consent to applications for themselves as far as the permission grant policies go that are assigned to
#   them. Each must be one of those configured (choices > user_consent; by default Microsoft's policy for permissions
#   of low classification, and the one that Microsoft keeps up to date). Another policy passes when it is no wider:
#   where the one for low permissions is configured, every condition must ask for the classification low and for a
#   verified publisher or named clients, tenants or publishers; or it must name applications, API and permissions one
#   by one; or it is Microsoft's own and names the applications. What a policy excludes is not weighed: it would have
#   to list everything. No policy at all means that users may not consent. What owners of teams and chats consent to
#   for these (resource-specific consent) is not judged, nor what the tenant itself classifies as low
#   (delegatedPermissionClassifications), which is not read.
# scope: package
# schemas:
#   - input: schema.tenant
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent
#   - ref: https://learn.microsoft.com/graph/api/resources/permissiongrantpolicy
# custom:
#   id: TEN-001
#   severity: high
#   subject: tenant
#   requires: [authorization_policy, permission_grant_policies]
#   absence: false
#   message: >-
#     Users consent for themselves under the policy {key.policy}, which is wider than configured: {evidence.allowed}
#   remediation: >-
#     Entra admin center > Enterprise applications > Consent and permissions > User consent settings: allow consent
#     for apps from verified publishers for selected permissions, or none. With Graph: PATCH
#     /policies/authorizationPolicy with defaultUserRolePermissions.permissionGrantPoliciesAssigned
#     ["managePermissionGrantsForSelf.microsoft-user-default-low"], keeping entries that begin with
#     managePermissionGrantsForOwnedResource. A policy that is meant stands in choices.
package policies.tenant.user_consent

import data.policies.lib.consent_policies
import data.policies.lib.facts
import data.policies.lib.keys

deny contains {"key": key, "evidence": evidence} if {
	some policy in _others
	consent_policies.verdict(policy, _low_allowed) == "wider"
	key := object.union_n([
		{"policy": facts.folded(policy, "id")},
		{"conditions": keys.digest(conditions) | conditions := consent_policies.wide(policy); conditions != []},
		{"excluded": keys.digest(policy.excludes) | count(policy.excludes) > 0},
	])
	evidence := object.union_n([
		{"allowed": data.config.user_consent},
		facts.pick(policy, ["name", "built_in", "found"]),
		{"conditions": conditions | conditions := consent_policies.wide(policy); conditions != []},
		{"excluded": n | n := count(policy.excludes); n > 0},
	])
}

unknown contains "user_consent" if not is_array(object.get(input, "user_consent", null))

unknown contains sprintf("what policy %s allows", [object.get(policy, "id", "without an id")]) if {
	some policy in _others
	consent_policies.verdict(policy, _low_allowed) == "unclear"
}

_others := [policy |
	some policy in input.user_consent
	not facts.folded(policy, "id") in {lower(id) | some id in data.config.user_consent}
]

default _low_allowed := false

_low_allowed if {
	some id in data.config.user_consent
	lower(id) in _low
}

# The legacy policy includes the others.
_low := {"microsoft-user-default-low", "microsoft-user-default-recommended", "microsoft-user-default-legacy"}
