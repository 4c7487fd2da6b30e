# METADATA
# title: Every requested permission is granted
# description: >-
#   A permission in the manifest of an application of this tenant that nobody has granted is not needed, or its
#   consent was forgotten; the next consent hands it out unseen. A grant by an administrator or by a single user
#   counts. The OpenID Connect scopes openid, profile, email and offline_access of Microsoft Graph are not reported.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview
#   - ref: https://learn.microsoft.com/graph/api/resources/requiredresourceaccess
#   - ref: https://learn.microsoft.com/graph/api/application-update
# custom:
#   id: ENTRA-002
#   severity: low
#   subject: application
#   requires: [applications, service_principals, app_role_assignments, delegated_grants]
#   absence: true
#   message: "{subject} asks for {evidence.permission} in its manifest, and nobody has granted it"
#   remediation: >-
#     Entra admin center > App registrations > the application > API permissions: remove the permission, or grant
#     consent when it is needed. With Graph: PATCH /applications/{id} with requiredResourceAccess without it.
package policies.entra.requested_not_granted

import data.policies.lib.origin
import data.policies.lib.permissions

applies if not object.get(input, "origin", null) in origin.elsewhere

deny contains {"key": {"permission": request.key}, "evidence": permissions.evidence(request)} if {
	input.origin == "own"
	is_array(input.grants)
	some request in _unlisted
	not permissions.unresolved(request)
	permissions.among(request, _unresolved) == "different"
}

unknown contains "origin" if not input.origin == "own"

unknown contains "requests" if object.get(input, "requests", null) == null

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "granted_keys" if object.get(input, "granted_keys", null) == null

unknown contains "key of a request" if {
	some request in input.requests
	object.get(request, "key", null) == null
}

# Its id is all that is known, and delegated grants name their scopes.
unknown contains "name of a request" if {
	some request in _unlisted
	permissions.unresolved(request)
	permissions.among(request, [grant | some grant in input.grants; grant.kind == "application"]) != "same"
}

unknown contains "name of a grant" if {
	some request in _unlisted
	not permissions.unresolved(request)
	permissions.among(request, _unresolved) == "unclear"
}

_unlisted contains request if {
	is_object(input.granted_keys)
	some request in input.requests
	not input.granted_keys[request.key]
	is_string(request.key)
	not request.key in permissions.protocol_scopes
}

_unresolved contains grant if {
	some grant in input.grants
	permissions.unresolved(grant)
}
