# METADATA
# title: Users can ask administrators for consent
# description: >-
#   Where users may not consent for themselves they need a way to ask: without the admin consent workflow they are
#   turned away, and look for another application or for an administrator who clicks without reading. The workflow
#   answers only when somebody is named as a reviewer. It matters the more, the less users may consent to; it is
#   judged wherever the tenant stands, because permissions that need an administrator exist everywhere.
# scope: package
# schemas:
#   - input: schema.tenant
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-admin-consent-workflow
#   - ref: https://learn.microsoft.com/graph/api/adminconsentrequestpolicy-update
# custom:
#   id: TEN-002
#   severity: medium
#   subject: tenant
#   requires: [admin_consent_policy]
#   optional: [authorization_policy, permission_grant_policies]
#   absence: false
#   message: "{subject}: {evidence.problem}"
#   remediation: >-
#     Entra admin center > Enterprise applications > Consent and permissions > Admin consent settings: let users
#     request admin consent, and name reviewers who hold a role that may consent. With Graph: PUT
#     /policies/adminConsentRequestPolicy with isEnabled true, reviewers, notifyReviewers and requestDurationInDays.
package policies.tenant.consent_workflow

import data.policies.lib.facts

deny contains {"key": {"fault": "off"}, "evidence": object.union({"problem": problem}, _context)} if {
	input.consent_workflow.enabled == false
	problem := "users cannot ask for consent"
}

deny contains {"key": {"fault": "no_reviewers"}, "evidence": object.union({"problem": problem}, _context)} if {
	input.consent_workflow.enabled == true
	input.consent_workflow.reviewers == 0
	problem := "users can ask for consent, and nobody is named to answer"
}

unknown contains "consent_workflow" if object.get(input, "consent_workflow", null) == null

unknown contains "enabled" if {
	not is_boolean(object.get(input, ["consent_workflow", "enabled"], null))
}

unknown contains "reviewers" if {
	not is_number(object.get(input, ["consent_workflow", "reviewers"], null))
}

_context := object.union(
	facts.pick(object.get(input, "consent_workflow", {}), ["enabled", "reviewers", "request_days", "notifies_reviewers"]),
	{"users_consent_under": [policy.id | some policy in object.get(input, "user_consent", [])]},
)
