# METADATA
# title: Service health is read through Microsoft Graph
# description: >-
#   The application asks for or holds ServiceHealth.Read of the Office 365 Management APIs. Microsoft Graph has replaced
#   that part of the API, and its permission ServiceHealth.Read.All serves. Judged are applications that use the API.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/office/office-365-management-api/office-365-service-communications-api-reference
#   - ref: https://learn.microsoft.com/graph/api/resources/service-communications-api-overview
# custom:
#   id: MA-002
#   severity: medium
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: "{subject} has {evidence.permission} ({evidence.kind}) of the Office 365 Management APIs; Graph's serves"
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: add Microsoft Graph >
#     ServiceHealth.Read.All (ServiceMessage.Read.All for announcements), grant consent, read
#     GET /admin/serviceAnnouncement/healthOverviews instead, then remove ServiceHealth.Read of the Office 365
#     Management APIs and revoke it under Enterprise applications > the application > Permissions. With Graph: PATCH
#     /applications/{id} (requiredResourceAccess), DELETE /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH
#     /oauth2PermissionGrants/{id}.
package policies.management_api.superseded_health

import data.policies.lib.keys
import data.policies.lib.management_api

applies if {
	not input.origin == "microsoft"
	not input.origin == "deleted"
	not management_api.unused(input)
}

deny contains {"key": key, "evidence": evidence} if {
	some kind, evidence in management_api.held(input, _permission)
	key := object.union(
		{"permission": management_api.key(kind, _permission)},
		keys.held(input, evidence.granted),
	)
}

unknown contains list if some list in management_api.unread(input)

unknown contains "name of a permission" if {
	some row in management_api.rows(input)
	management_api.compare(row, _permission) == "unclear"
}

_permission := "ServiceHealth.Read"
