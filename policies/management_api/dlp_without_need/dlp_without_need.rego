# METADATA
# title: Data loss prevention events are read only where that is needed
# description: >-
#   The application asks for or holds ActivityFeed.ReadDlp of the Office 365 Management APIs, and the configuration
#   declares no need for it. Events of data loss prevention contain the sensitive text that was detected, in the clear;
#   ActivityFeed.Read serves for all other audit records. A need is declared by the application's id and the name of the
#   permission (declared_needs). Judged are applications that use the API.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis
#   - ref: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference
# custom:
#   id: MA-001
#   severity: high
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: "{subject} has {evidence.permission} ({evidence.kind}), for which no need is declared"
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions > Office 365 Management APIs: remove
#     ActivityFeed.ReadDlp, keep ActivityFeed.Read, and revoke it under Enterprise applications > the application >
#     Permissions. With Graph: PATCH /applications/{id} (requiredResourceAccess), then DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id} or PATCH /oauth2PermissionGrants/{id}. If it is needed, declare
#     that in the configuration.
package policies.management_api.dlp_without_need

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
	not _needed
}

unknown contains list if some list in management_api.unread(input)

unknown contains "name of a permission" if {
	some row in management_api.rows(input)
	management_api.compare(row, _permission) == "unclear"
}

_permission := "ActivityFeed.ReadDlp"

_needed if {
	some name in input.declared.needs
	lower(name) == lower(_permission)
}
