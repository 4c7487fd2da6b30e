# METADATA
# title: Every granted permission is rated
# description: >-
#   What the catalogue does not rate is unrated, not harmless: how much its holder can do was looked at by nobody. Where
#   the configuration says choices.unrated = fail, each unrated permission that was granted is a finding; by default it
#   is shown in the inventory and this control does not apply. A permission that could not even be resolved has no
#   tier and is unknown. The application permissions that Microsoft gave its own applications are left out.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/graph/permissions-reference
#   - ref: https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview
# custom:
#   id: ENTRA-026
#   severity: low
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants]
#   optional: [consent_events]
#   absence: false
#   message: "{subject} was granted {evidence.permission} of {evidence.resource_name}, which is not rated"
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions: review what the permission allows,
#     and revoke it when it is not needed; else set choices.unrated to report, or waive the finding with the reason.
#     With Graph: GET /servicePrincipals(appId='{api}')?$select=appRoles,oauth2PermissionScopes shows what it allows;
#     DELETE /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH /oauth2PermissionGrants/{id} revokes it.
package policies.entra.unrated_permission

import data.policies.lib.granted
import data.policies.lib.keys
import data.policies.lib.permissions

applies if {
	data.config.unrated == "fail"
	not input.origin == "deleted"
	granted.any_revocable(input)
}

deny contains {"key": key, "evidence": min(rows)} if {
	some permission, rows in _unrated
	key := object.union({"permission": permission}, keys.consent(input, permission))
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "tier of a grant" if {
	some grant in granted.revocable(input)
	not grant.resource_deleted == true
	object.get(grant, "tier", null) == null
}

unknown contains "key of a grant" if {
	some grant in granted.revocable(input)
	grant.tier == "unrated"
	object.get(grant, "key", null) == null
}

_unrated[grant.key] contains permissions.evidence(grant) if {
	some grant in granted.revocable(input)
	grant.tier == "unrated"
}
