# METADATA
# title: Every granted permission is asked for by the manifest
# description: >-
#   A permission that is granted to an application of this tenant, by an administrator or by single users, without
#   standing in its manifest is left over from an earlier version, or was added around the review of the manifest. The
#   OpenID Connect scopes openid, profile, email and offline_access of Microsoft Graph are not reported, because
#   sign-in asks for them at run time. Applications registered elsewhere have no manifest here.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity/enterprise-apps/manage-application-permissions
#   - ref: https://learn.microsoft.com/graph/api/serviceprincipal-delete-approleassignments
#   - ref: https://learn.microsoft.com/graph/api/oauth2permissiongrant-update
# custom:
#   id: ENTRA-001
#   severity: medium
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   absence: false
#   message: >-
#     {subject} was granted {evidence.permission} ({key.consent} consent), which its manifest does not ask for
#   remediation: >-
#     Entra admin center > Enterprise applications > the application > Permissions: revoke the permission; or add it
#     to the manifest when it is needed. With Graph: DELETE /servicePrincipals/{id}/appRoleAssignments/{id} for an
#     application permission, PATCH /oauth2PermissionGrants/{id} with a shorter scope for a delegated one.
package policies.entra.granted_not_requested

import data.policies.lib.facts
import data.policies.lib.origin
import data.policies.lib.permissions

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains {"key": key, "evidence": evidence} if {
	input.origin == "own"
	is_array(input.requests)
	some grant in _unlisted
	permissions.among(grant, _unresolved) == "different"
	key := object.union({"permission": grant.key}, facts.pick(grant, ["consent"]))
	evidence := object.union(permissions.evidence(grant), facts.pick(grant, ["users"]))
}

unknown contains "origin" if not input.origin == "own"

unknown contains "requests" if object.get(input, "requests", null) == null

unknown contains "requested_keys" if object.get(input, "requested_keys", null) == null

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "key of a grant" if {
	some grant in input.grants
	object.get(grant, "key", null) == null
}

unknown contains "name of a request" if {
	some grant in _unlisted
	permissions.among(grant, _unresolved) == "unclear"
}

_unlisted contains grant if {
	is_object(input.requested_keys)
	some grant in input.grants
	not input.requested_keys[grant.key]
	is_string(grant.key)
	not grant.key in permissions.protocol_scopes
}

# Their keys hold an id, which a delegated grant does not know: it names its scope.
_unresolved contains request if {
	some request in input.requests
	permissions.unresolved(request)
}
