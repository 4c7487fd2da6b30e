# METADATA
# title: No single user hands out far-reaching access
# description: >-
#   A scope of tier high or critical that single users consented to for themselves was looked at by nobody else; it is
#   how consent phishing gains access. An administrator reviews it, and consents for all or revokes it. Microsoft's own
#   applications count as well, such as Graph Explorer, since users can be talked into those too and each consent can
#   be revoked. Scopes without a tier are for ENTRA-026; grants left by a deleted application for ENTRA-020.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/manage-consent-requests
#   - ref: https://learn.microsoft.com/defender-office-365/detect-and-remediate-illicit-consent-grants
#   - ref: https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete
# custom:
#   id: ENTRA-008
#   severity: high
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: >-
#     {subject} has {evidence.permission} ({evidence.tier}) by the consent of single users; how many: {evidence.users}
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions > User consent: review who consented,
#     and revoke what is not wanted; Enterprise applications > Consent and permissions > User consent settings: limit
#     what users may consent to. With Graph: GET /oauth2PermissionGrants?$filter=clientId eq '{id}' and consentType eq
#     'Principal', then DELETE /oauth2PermissionGrants/{id}, or PATCH it with a shorter scope.
package policies.entra.user_consent_high_tier

import data.policies.lib.facts
import data.policies.lib.keys
import data.policies.lib.permissions

applies if {
	not input.origin == "deleted"
	_any
}

deny contains {"key": key, "evidence": evidence} if {
	some grant in _by_users
	grant.consent == "user"
	grant.tier in {"critical", "high"}
	key := object.union({"permission": grant.key}, {"users": step | step := keys.step(grant.users)})
	evidence := object.union(permissions.evidence(grant), facts.pick(grant, ["users", "user_ids", "granted_at"]))
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "consent, tier or key of a grant" if {
	some grant in _by_users
	object.get(grant, "tier", null) in {"critical", "high", null}
	some name in ["consent", "tier", "key"]
	object.get(grant, name, null) == null
}

_any if object.get(input, "grants", null) == null

_any if count(_by_users) > 0

# Whatever is not known to be by an administrator; application permissions always are.
_by_users := [grant |
	some grant in input.grants
	object.get(grant, "consent", null) in {"user", null}
	not grant.kind == "application"
]
