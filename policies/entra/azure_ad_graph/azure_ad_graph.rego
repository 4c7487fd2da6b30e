# METADATA
# title: Nothing is asked of the retired Azure AD Graph
# description: >-
#   Azure AD Graph (graph.windows.net) is retired: no application needs a permission of it, and one that still asks for
#   it or holds it either does not work or stands in the way of closing the API for good. Every permission of it
#   counts, whatever its tier. Microsoft's own applications, which nobody here can move, are left out.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/graph/migrate-azure-ad-graph-overview
#   - ref: https://learn.microsoft.com/graph/migrate-azure-ad-graph-configure-permissions
#   - ref: https://learn.microsoft.com/graph/applications-authenticationbehaviors
# custom:
#   id: ENTRA-019
#   severity: medium
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: "{subject} has {evidence.permission} ({evidence.kind}) of the retired Azure AD Graph"
#   remediation: >-
#     Move the calls to Microsoft Graph. Entra admin center > App registrations > the application > API permissions:
#     remove the permissions under Azure Active Directory Graph; Enterprise applications > the application >
#     Permissions: revoke them. With Graph: PATCH /applications/{id} with requiredResourceAccess without the resource
#     00000002-0000-0000-c000-000000000000 and with authenticationBehaviors.blockAzureADGraphAccess true; DELETE
#     /servicePrincipals/{id}/appRoleAssignments/{id} and DELETE /oauth2PermissionGrants/{id}.
package policies.entra.azure_ad_graph

import data.policies.lib.keys
import data.policies.lib.origin
import data.policies.lib.permissions

applies if {
	not input.origin == "deleted"
	not input.origin == "microsoft"
	_any
}

deny contains {"key": key, "evidence": object.union(min(rows), held)} if {
	some permission, rows in _found
	held := {
		"requested": _listed("requested_keys", permission),
		"granted": _listed("granted_keys", permission),
	}
	key := keys.permission(input, permission, held.granted)
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "requests" if _requests_missing

# A grant on a resource that is gone says nothing of which one that was.
unknown contains "resource of a permission" if {
	some list in ["requests", "grants"]
	some row in input[list]
	object.get(row, "resource_app_id", null) == null
	not row.resource_deleted == true
}

unknown contains "key of a permission" if {
	some row in _rows
	object.get(row, "key", null) == null
}

_any if object.get(input, "grants", null) == null

_any if _requests_missing

_any if count(input.grants) > 0

_any if count(input.requests) > 0

_requests_missing if {
	object.get(input, "requests", null) == null
	not object.get(input, "origin", null) in origin.elsewhere
}

_found[row.key] contains permissions.evidence(row) if some row in _rows

_rows := [row |
	some list in ["requests", "grants"]
	some row in input[list]
	row.resource_app_id == _azure_ad_graph
]

default _listed(_, _) := false

_listed(keys, key) if input[keys][key]

# The same in every cloud.
_azure_ad_graph := "00000002-0000-0000-c000-000000000000"
